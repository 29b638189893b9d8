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
    let run: @Sendable (ConnectorSession) async throws -> Void

    /// The reading operations that a connector declares and the tenant allows.
    ///
    /// The ticket that they ask about need not exist: they are for faults, which come before the vendor.
    static func all(of subject: ConformanceSubject) -> [ReadOperation] {
        let lists = subject.lists.map { list in
            ReadOperation(name: "reading \(list.name)", capability: list.capability) { _ = try await list.rows($0, 10) }
        }
        return (lists + others).filter { subject.can($0.capability) }
    }

    private static let others: [ReadOperation] = [
        ReadOperation(name: "reading changed tickets", capability: .readTickets) { session in
            for try await _ in session.tickets(changedSince: Date(timeIntervalSince1970: 1_700_000_000)) { break }
        },
        ReadOperation(name: "reading a ticket", capability: .readTickets) { _ = try await $0.ticket(RecordID(1)) },
        ReadOperation(name: "reading the notes of a ticket", capability: .readNotes) { session in
            for try await _ in session.notes(of: RecordID(1)) { break }
        },
        ReadOperation(name: "reading ticket types", capability: .readPicklists) { _ = try await $0.ticketTypes() },
        ReadOperation(name: "reading ticket statuses", capability: .readPicklists) { _ = try await $0.ticketStatuses() },
        ReadOperation(name: "reading ticket priorities", capability: .readPicklists) { _ = try await $0.ticketPriorities() },
        ReadOperation(name: "reading the attachments of a ticket", capability: .readAttachments) {
            _ = try await $0.attachments(of: RecordID(1))
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
    let run: @Sendable (ConnectorSession, WriteTarget) async throws -> Void

    /// The writing operations that a connector declares and the tenant allows.
    static func all(of subject: ConformanceSubject) -> [WriteOperation] { known.filter { subject.can($0.capability) } }

    private static let known: [WriteOperation] = [
        WriteOperation(name: "creating a ticket", capability: .createTickets) { session, target in
            _ = try await session.createTicket(Marker().draft(from: target.draft))
        },
        WriteOperation(name: "adding a note", capability: .addNotes) { session, target in
            _ = try await session.addPrivateNote("A note, \(Marker().text)", to: target.ticket)
        },
        WriteOperation(name: "replying", capability: .replyToContacts) { session, target in
            _ = try await session.reply("A reply, \(Marker().text)", to: target.ticket)
        },
        WriteOperation(name: "changing the status", capability: .changeStatus) { session, target in
            _ = try await session.changeStatus(of: target.ticket, to: target.status)
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

    /// Creates a ticket at the tenant, if anything but creating is to be tried.
    static func created(for subject: ConformanceSubject, _ operations: [WriteOperation]) async throws -> WriteTarget {
        var target = none(subject)
        guard operations.contains(where: { $0.capability != .createTickets }) else { return target }
        let session = try ConformanceStage(subject).session()
        let ticket = try await session.createTicket(Marker().draft(subject).addressed(session, subject))
        target.ticket = ticket.id
        if operations.contains(where: { $0.capability == .changeStatus }), subject.can(.readPicklists) {
            let other = try await session.ticketStatuses(for: ticket.type?.id).first { $0.id != ticket.status?.id && $0.phase != .closed }
            target.status = other?.id ?? target.status
        }
        return target
    }
}

/// Plays faults in the place of the vendor's answers to writes: one fault after another for each operation that writes.
///
/// The vendor gets only those of the writes whose fault is a lost answer.
struct WritePlay: Sendable {
    /// One write with one fault.
    struct Scene {
        let operation: WriteOperation
        let fault: String
        /// How often the write was sent.
        let sent: Int
        /// The waits meanwhile.
        let waits: [Duration]
        /// What it ended with; nil if it was taken as done.
        let error: PSAError?

        var outcome: String { error?.code.rawValue ?? "done" }
    }

    let subject: ConformanceSubject
    let faults: [(name: String, effect: TransportFault.Effect)]

    /// Plays every fault with every operation.
    ///
    /// - Returns: What the judge finds fault with.
    /// - Throws: ``InconclusiveError`` if an operation ends before it sends anything, and what leads there throws.
    func violations(_ judge: (Scene) -> [Violation]) async throws -> [Violation] {
        let operations = WriteOperation.all(of: subject)
        let target = try await WriteTarget.created(for: subject, operations)
        let cue = Cue()
        let stage = ConformanceStage(
            subject,
            faults: faults.enumerated().map { index, fault in
                TransportFault(fault.effect) { cue.index == index && subject.isWrite($0) }
            })
        let session = try stage.session()
        var violations: [Violation] = []
        for operation in operations {
            for (index, fault) in faults.enumerated() {
                cue.index = index
                let (before, waited) = (stage.transport.requests.count, stage.time.waits.count)
                let error = try await failure { try await operation.run(session, target) }
                let sent = stage.transport.requests.dropFirst(before).count(where: subject.isWrite)
                if sent == 0, let error { throw InconclusiveError("Before anything was sent, \(operation.name) ended with \(error.code).") }
                violations += judge(
                    Scene(
                        operation: operation, fault: fault.name, sent: sent, waits: Array(stage.time.waits.dropFirst(waited)), error: error)
                )
            }
        }
        return violations
    }
}

/// Which of several faults is played.
final class Cue: Sendable {
    private let kept = Mutex<Int?>(nil)

    var index: Int? {
        get { kept.withLock { $0 } }
        set { kept.withLock { $0 = newValue } }
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

extension PagedSequence {
    /// The first row that fits; nil if none does.
    func first(where fits: (Element) -> Bool) async throws -> Element? {
        for try await row in self where fits(row) { return row }
        return nil
    }
}

/// What a tenant does not let a connection do.
enum TenantPermissions {
    /// The abilities whose reading is refused for lack of a permission.
    static func denied(_ subject: ConformanceSubject) async -> [Capability: ErrorCode] {
        guard let session = try? ConformanceStage(subject).session() else { return [:] }
        var denied: [Capability: ErrorCode] = [:]
        for operation in ReadOperation.all(of: subject) where operation.capability != .createTickets {
            do {
                try await operation.run(session)
            } catch let error as PSAError where error.code.area == "permission" {
                denied[operation.capability] = error.code
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
