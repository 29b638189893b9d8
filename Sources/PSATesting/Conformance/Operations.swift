#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore
import Synchronization

/// One operation of a session that reads, so that one rule goes for all of them.
struct ReadOperation: Sendable {
    /// What is done, to follow “when”: `reading companies`.
    let name: String
    let capability: Capability
    /// Whether a connector may know the answer without asking the vendor.
    let mayBeKnown: Bool
    /// Whether any answer with a success status is an answer, as with the content of a file.
    let takesAnyBody: Bool
    let run: @Sendable (ConnectorSession) async throws -> Void

    init(
        name: String, capability: Capability, mayBeKnown: Bool = false, takesAnyBody: Bool = false,
        run: @escaping @Sendable (ConnectorSession) async throws -> Void
    ) {
        self.name = name
        self.capability = capability
        self.mayBeKnown = mayBeKnown
        self.takesAnyBody = takesAnyBody
        self.run = run
    }

    /// The reading operations that a connector declares and the tenant allows.
    ///
    /// The ticket that they ask about need not exist: they are for faults, which come before the vendor.
    static func all(of subject: ConformanceSubject) -> [ReadOperation] {
        let lists = subject.lists.map { list in
            ReadOperation(name: "reading \(list.name)", capability: list.capability) { _ = try await list.rows($0, 10) }
        }
        return (lists + others + forms(of: subject)).filter { subject.can($0.capability) }
    }

    /// What is read to fill in a ticket; of the fields with choices the company is the one that every vendor has.
    private static func forms(of subject: ConformanceSubject) -> [ReadOperation] {
        let type = subject.typeWithFields ?? subject.draft.type
        return [
            ReadOperation(name: "reading the fields of tickets", capability: .createTickets, mayBeKnown: true) {
                _ = try await $0.ticketFields(for: type)
            },
            ReadOperation(name: "searching the choices of a field", capability: .createTickets, mayBeKnown: true) {
                _ = try await $0.choices(of: .company, for: type, matching: ChoiceQuery("conformance", limit: 1))
            },
        ]
    }

    private static let others: [ReadOperation] = [
        ReadOperation(name: "reading changed tickets", capability: .readTickets) { session in
            for try await _ in session.tickets(changedSince: Date(timeIntervalSince1970: 1_700_000_000)) { break }
        },
        ReadOperation(name: "reading a ticket", capability: .readTickets) { _ = try await $0.ticket(RecordID(1)) },
        ReadOperation(name: "reading the notes of a ticket", capability: .readNotes) { session in
            for try await _ in session.notes(of: RecordID(1)) { break }
        },
        ReadOperation(name: "reading ticket types", capability: .readPicklists, mayBeKnown: true) { _ = try await $0.ticketTypes() },
        ReadOperation(name: "reading ticket statuses", capability: .readPicklists, mayBeKnown: true) { _ = try await $0.ticketStatuses() },
        ReadOperation(name: "reading ticket priorities", capability: .readPicklists, mayBeKnown: true) {
            _ = try await $0.ticketPriorities()
        },
        ReadOperation(name: "reading the attachments of a ticket", capability: .readAttachments) {
            _ = try await $0.attachments(of: RecordID(1))
        },
        ReadOperation(name: "reading the content of a file", capability: .readAttachments, takesAnyBody: true) {
            _ = try await $0.content(of: RecordID(1), of: RecordID(1))
        },
        ReadOperation(name: "searching contacts by e-mail address", capability: .readContacts) {
            _ = try await $0.contacts(withEmail: "conformance@example.com")
        },
        ReadOperation(name: "searching tickets by external reference", capability: .createTickets) {
            _ = try await $0.tickets(externalReference: "conformance-1")
        },
    ]
}

/// One operation of a session that changes data, so that one rule goes for all of them.
struct WriteOperation: Sendable {
    /// What is done, to follow “when”: `adding a note`.
    let name: String
    let capability: Capability
    /// Whether it is of a file: an upload that was lost would pile up at the vendor, so that no answer to it is lost.
    var isOfFile = false
    /// Whether it is about a ticket that is there.
    var needsTicket = true
    /// Does it, and gives the fields of which its result says that they were stored otherwise.
    let run: @Sendable (ConnectorSession, WriteTarget) async throws -> Set<TicketField.ID>

    /// The writing operations that a connector declares and the tenant allows.
    static func all(of subject: ConformanceSubject) -> [WriteOperation] {
        (known + files(of: subject)).filter { subject.can($0.capability) }
    }

    /// The upload of a file where the session uploads before it writes; otherwise a ticket with a file.
    private static func files(of subject: ConformanceSubject) -> [WriteOperation] {
        guard subject.can(.createTickets), let connection = try? ConformanceStage(subject).connection() else { return [] }
        guard connection is any AttachmentUploading else {
            return [
                WriteOperation(
                    name: "creating a ticket with a file", capability: .addAttachments, isOfFile: true, needsTicket: false
                ) { session, target in
                    var draft = Marker().draft(from: target.draft)
                    draft.attachments.append(.file(try conformanceFile()))
                    return Set(try await session.createTicket(draft).differences.map(\.field))
                }
            ]
        }
        return [
            WriteOperation(
                name: "uploading a file", capability: .addAttachments, isOfFile: true, needsTicket: false
            ) { session, _ in
                try await session.discard(try await session.upload(try conformanceFile()))
                return []
            }
        ]
    }

    private static func conformanceFile() throws -> AttachmentFile {
        try AttachmentFile(name: "conformance.txt", bytes: Array("Conformance".utf8))
    }

    private static let known: [WriteOperation] = [
        WriteOperation(name: "creating a ticket", capability: .createTickets, needsTicket: false) { session, target in
            Set(try await session.createTicket(Marker().draft(from: target.draft)).differences.map(\.field))
        },
        WriteOperation(name: "adding a note", capability: .addNotes) { session, target in
            _ = try await session.addPrivateNote("A note, \(Marker().text)", to: target.ticket)
            return []
        },
        WriteOperation(name: "replying", capability: .replyToContacts) { session, target in
            _ = try await session.reply("A reply, \(Marker().text)", to: target.ticket)
            return []
        },
        WriteOperation(name: "changing the status", capability: .changeStatus) { session, target in
            _ = try await session.changeStatus(of: target.ticket, to: target.status)
            return []
        },
    ]
}

/// What writes are tried at.
struct WriteTarget: Sendable {
    /// What a new ticket has.
    var draft: TicketDraft
    var ticket: Ticket.ID
    /// A status that the ticket does not have.
    var status: TicketStatus.ID

    /// A target that need not exist, for faults that let no write through.
    static func none(_ subject: ConformanceSubject) -> WriteTarget {
        WriteTarget(draft: subject.draft, ticket: RecordID(1), status: RecordID(2))
    }

    /// What new tickets are made of, and a new ticket if anything but creating is to be tried.
    static func created(for subject: ConformanceSubject, _ operations: [WriteOperation]) async throws -> WriteTarget {
        var target = none(subject)
        target.draft = try await subject.run.writes(of: subject).draft
        guard operations.contains(where: \.needsTicket) else { return target }
        let session = try ConformanceStage(subject).session()
        let ticket = try await session.createTicket(Marker().draft(subject).addressed(session, subject))
        try await target.aim(at: ticket, session, subject, operations)
        return target
    }

    /// Takes a ticket, and a status that it does not have.
    mutating func aim(
        at ticket: Ticket, _ session: ConnectorSession, _ subject: ConformanceSubject, _ operations: [WriteOperation]
    ) async throws {
        self.ticket = ticket.id
        guard operations.contains(where: { $0.capability == .changeStatus }), subject.can(.readPicklists) else { return }
        let other = try await session.ticketStatuses(for: ticket.type?.id).first { $0.id != ticket.status?.id && $0.phase != .closed }
        status = other?.id ?? status
    }
}

extension ConformanceSubject {
    /// Whether a request may change something at the vendor.
    func isWrite(_ request: TransportRequest) -> Bool { !request.isRepeatable && !isTokenRequest(request) }
}

extension TicketDraft {
    /// The draft with a contact who can be written to, if it names none and the connector knows one.
    func addressed(_ session: ConnectorSession, _ subject: ConformanceSubject) async throws -> TicketDraft {
        guard contact == nil, subject.can(.readContacts), subject.can(.replyToContacts) else { return self }
        var draft = self
        let found = try await session.contacts().first { contact in
            !contact.emails.isEmpty && contact.isActive != false && (company == nil || contact.company?.id == company)
        }
        draft.contact = found?.id
        draft.company = found?.company?.id ?? draft.company
        return draft
    }
}

extension TicketDraft {
    /// The draft with values of the tenant for the fields that the form offers and the draft leaves open: others than a new ticket has by
    /// itself, as far as there are any.
    func withOwnValues(_ session: ConnectorSession, _ subject: ConformanceSubject) async throws -> TicketDraft {
        let form = try await session.ticketFields(for: type)
        func takes(_ field: TicketField.ID) -> Bool { form[field].map { $0.requirement != .readOnly } ?? false }
        var draft = self
        if details == nil, takes(.details) { draft.details = "What happened, in a line." }
        if contact == nil, takes(.contact), subject.can(.readContacts) {
            for try await contact in session.contacts().prefix(50) where contact.isActive != false {
                guard company == nil || contact.company?.id == company else { continue }
                // With one id for both, a connector that takes one for the other would not be seen.
                guard draft.contact == nil || contact.company?.id.rawValue != contact.id.rawValue else { continue }
                draft.contact = contact.id
                draft.company = contact.company?.id ?? draft.company
            }
        }
        if draft.company == nil, takes(.company), subject.can(.readCompanies) {
            for try await company in session.companies().prefix(10) where company.isActive != false { draft.company = company.id }
        }
        guard subject.can(.readPicklists) else { return draft }
        let bare = try await session.createTicket(Marker().draft(subject))
        if type == nil, takes(.type) { draft.type = bare.type?.id }
        if status == nil, takes(.status) {
            let statuses = try await session.ticketStatuses(for: bare.type?.id)
            draft.status = statuses.first { $0.id != bare.status?.id && $0.phase == .open }?.id
        }
        if priority == nil, takes(.priority) {
            let priorities = try await session.ticketPriorities(for: bare.type?.id)
            draft.priority = priorities.first { $0.id != bare.priority?.id && !$0.isHidden }?.id
        }
        return draft
    }
}

extension PagedSequence {
    /// The first row that fits; nil if none does.
    func first(where fits: (Element) -> Bool) async throws -> Element? {
        for try await row in self where fits(row) { return row }
        return nil
    }
}

/// What a tenant answered to one that may not do something.
struct Denial: Sendable, CustomStringConvertible {
    let code: ErrorCode
    /// What was tried: `reading ticket statuses`.
    let operation: String

    var description: String { "\(operation): \(code)" }
}

/// What a tenant does not let a connection do.
enum TenantPermissions {
    /// The abilities whose reading is refused for lack of a permission.
    static func denied(_ subject: ConformanceSubject) async -> [Capability: Denial] {
        guard let session = try? ConformanceStage(subject).session() else { return [:] }
        var denied: [Capability: Denial] = [:]
        // Vendors may forbid a file that is not there.
        for operation in ReadOperation.all(of: subject) where operation.capability != .createTickets && !operation.takesAnyBody {
            do {
                try await operation.run(session)
            } catch let error as PSAError where error.code.area == .permission {
                if denied[operation.capability] == nil {
                    denied[operation.capability] = Denial(code: error.code, operation: operation.name)
                }
            } catch {
                // Another reason is for the rules to find.
            }
        }
        return denied
    }

    /// What was refused, in a sentence.
    static func sentence(about error: PSAError) -> String {
        let object = error.values[.object].map { TextRenderer().text($0) }
        return "The tenant does not let this connection go on: \(object.map { "\($0), " } ?? "")\(error.code)."
    }
}

/// A text by which a ticket of the suite is recognised, in requests and at the tenant.
struct Marker: Sendable {
    let text = "conformance-" + String(UInt64.random(in: 1...UInt64.max), radix: 36)

    /// Whether a request writes the text.
    func isIn(_ request: TransportRequest) -> Bool {
        !request.method.isSafe && String(decoding: request.body ?? [], as: UTF8.self).contains(text)
    }

    /// A ticket that carries it.
    func draft(_ subject: ConformanceSubject) -> TicketDraft { draft(from: subject.draft) }

    /// A ticket that carries it and has what a draft has.
    func draft(from draft: TicketDraft) -> TicketDraft {
        var draft = draft
        draft.summary = "Conformance check \(text)"
        draft.externalReference = text
        return draft
    }
}
