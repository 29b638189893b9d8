import Foundation
import PSACore
import Synchronization

/// A PSA in memory that fails as a test says; passed to its connector in place of a transport.
final class FakePSA: HTTPTransport {
    /// How it answers; each closure may throw.
    struct Behavior: Sendable {
        /// Before an upload is stored, with the name of its file.
        var beforeUpload: @Sendable (String) async throws -> Void = { _ in }
        /// Before an upload is deleted.
        var beforeDiscard: @Sendable () async throws -> Void = {}
        /// Before a write is stored.
        var beforeStoring: @Sendable () async throws -> Void = {}
        /// After it is stored, before the answer.
        var afterStoring: @Sendable () async throws -> Void = {}
        /// Whether a status change is stored.
        var keepsStatus = true
        /// Whether the answer to a status change states the status.
        var statesStatus = true
    }

    struct State: Sendable {
        var behavior = Behavior()
        var tickets: [Ticket] = []
        var notes: [TicketNote] = []
        /// The writes that were stored, by operation.
        var stored: [String] = []
        var searches = 0
        /// The files that were uploaded and not deleted, by id.
        var uploads: [UploadedAttachment] = []
        /// The ids of the uploads that a ticket or note refers to.
        var attached: [UploadedAttachment.ID] = []
        /// The drafts of the tickets that were stored.
        var drafts: [TicketDraft] = []
        /// The changes of status that were stored.
        var statusChanges: [StatusChange] = []
        /// The secrets with which sessions were opened.
        var tokens: [String] = []
    }

    /// What a session holds, to see whether it is still in memory.
    final class Held: Sendable {}

    private struct Weak: Sendable { weak var held: Held? }

    private let state = Mutex((State(), [Weak]()))
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) {
        self.now = now
        for number in 1...4 {
            var ticket = Ticket(id: Ticket.ID(number), number: "T\(number)", summary: "Old", phase: .open, native: .empty)
            ticket.status = Reference(TicketStatus.ID(1))
            ticket.createdAt = Date(timeIntervalSince1970: 0)
            change { $0.tickets.append(ticket) }
        }
    }

    var current: State { state.withLock { $0.0 } }
    /// How many sessions are in memory.
    var sessionCount: Int { state.withLock { $0.1.count { $0.held != nil } } }

    func change<Value>(_ change: (inout State) -> Value) -> Value { state.withLock { change(&$0.0) } }
    func behave(_ change: (inout Behavior) -> Void) { state.withLock { change(&$0.0.behavior) } }
    func change(_ id: Ticket.ID, _ change: (inout Ticket) -> Void) {
        self.change { state in
            guard let index = state.tickets.firstIndex(where: { $0.id == id }) else { return }
            change(&state.tickets[index])
        }
    }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.connectionRefused, delivery: .notSent)
    }

    fileprivate func open(_ token: String) -> Held {
        let held = Held()
        state.withLock {
            $0.0.tokens.append(token)
            $0.1.append(Weak(held: held))
        }
        return held
    }

    fileprivate func write<Value>(_ name: String, _ store: (inout State, Date) -> Value) async throws -> Value {
        try await current.behavior.beforeStoring()
        let value = state.withLock { state in
            state.0.stored.append(name)
            return store(&state.0, now())
        }
        try await current.behavior.afterStoring()
        return value
    }
}

/// The connector of a ``FakePSA``.
struct FakeConnector: PSAConnector, TicketCreating, TicketReading, TicketNoteReading, TicketNoteAdding, TicketReplying,
    TicketStatusChanging, AttachmentUploading
{
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("fake"), displayName: "Fake PSA", tier: .complete,
        settings: SettingsSchema([
            field("server", .serviceURL, .tenant, isRequired: true), field("team", .text(maximumLength: 100), .behaviour),
            field("type", .text(maximumLength: 100), .ticketDefault(.type)),
            field("token", .text(maximumLength: 100), .access, isRequired: true, isSecret: true),
        ]), capabilities: [.createTickets, .readTickets, .readNotes, .addNotes, .replyToContacts, .changeStatus, .addAttachments],
        guidance: GuidanceCatalogue(vendorName: "Fake PSA", overrides: [:]), guide: "Docs/ConnectHaloPSA.md")

    private static func field(
        _ key: SettingKey, _ kind: SettingField.Kind, _ purpose: SettingField.Purpose, isRequired: Bool = false, isSecret: Bool = false
    ) -> SettingField {
        SettingField(
            key, label: "\(key)", help: "It is needed.", example: "x", kind: kind, purpose: purpose, isRequired: isRequired,
            isSecret: isSecret, guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
    }

    private let psa: FakePSA
    private let held: FakePSA.Held

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let psa = context.transport.unwrapped as? FakePSA else { throw PSAError(.connectorDefect) }
        self.psa = psa
        held = psa.open(settings.secret("token")?.reveal() ?? "")
    }

    func testConnection(progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: Self.descriptor.id, host: "fake.example.com", checks: [])
    }

    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { TicketForm(type: type, fields: []) }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        try await psa.write("create") { state, now in
            let number = 100 + state.tickets.count
            var ticket = Ticket(id: Ticket.ID(number), number: "T\(number)", summary: draft.summary, phase: .open, native: .empty)
            ticket.details = draft.details
            ticket.externalReference = draft.externalReference
            ticket.createdAt = now
            state.tickets.append(ticket)
            state.drafts.append(draft)
            state.attach(draft.attachments)
            return ticket
        }
    }

    func tickets(externalReference: String) async throws -> [Ticket] {
        psa.change { $0.searches += 1 }
        return psa.current.tickets.filter { $0.externalReference == externalReference }
    }

    func tickets(changedSince time: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        Page(items: psa.current.tickets.filter { $0.createdAt ?? .distantPast >= time ?? .distantPast })
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket {
        guard let ticket = psa.current.tickets.first(where: { $0.id == id }) else { throw PSAError(.requestNotFound) }
        return ticket
    }

    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        psa.change { $0.searches += 1 }
        return Page(items: psa.current.notes.filter { $0.ticket == ticket })
    }

    func addPrivateNote(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        let text = draft.text
        return try await psa.write("note") { state, _ in
            state.attach(draft.attachments)
            return Self.store(text, ticket, .staffOnly, &state)
        }
    }

    func reply(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        let text = draft.text
        let note = try await psa.write("reply") { state, _ in
            state.attach(draft.attachments)
            return Self.store(text, ticket, .contact, &state)
        }
        return PostedReply(note: note, notification: .requested)
    }

    func upload(_ file: AttachmentFile) async throws -> UploadedAttachment {
        try await psa.current.behavior.beforeUpload(file.name)
        return psa.change { state in
            let id = UploadedAttachment.ID(state.uploads.count + 1)
            let upload = UploadedAttachment(id: id, name: file.name, mediaType: file.mediaType, byteCount: file.bytes.count)
            state.uploads.append(upload)
            return upload
        }
    }

    func discard(_ upload: UploadedAttachment) async throws {
        try await psa.current.behavior.beforeDiscard()
        psa.change { $0.uploads.removeAll { $0.id == upload.id } }
    }

    private static func store(
        _ text: String, _ ticket: Ticket.ID, _ visibility: TicketNote.Visibility, _ state: inout FakePSA.State
    ) -> TicketNote {
        let note = TicketNote(
            id: TicketNote.ID(state.notes.count + 1), ticket: ticket, author: .unknown(name: nil), text: text, visibility: visibility,
            native: .empty)
        state.notes.append(note)
        return note
    }

    func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        let status = change.status
        return try await psa.write("status") { state, _ in
            state.statusChanges.append(change)
            guard let index = state.tickets.firstIndex(where: { $0.id == ticket }) else {
                return Ticket(id: ticket, number: "", summary: "", phase: .open, native: .empty)
            }
            if state.behavior.keepsStatus { state.tickets[index].status = Reference(status) }
            var answer = state.tickets[index]
            if !state.behavior.statesStatus { answer.status = nil }
            return answer
        }
    }
}

extension FakePSA.State {
    /// Attaches uploads; the session of a connector that uploads gives nothing else.
    mutating func attach(_ attachments: [DraftAttachment]) {
        for case .uploaded(let upload) in attachments { attached.append(upload.id) }
    }
}

extension NativeRecord {
    static let empty = NativeRecord(bytes: Array("{}".utf8), fetchedAt: Date(timeIntervalSince1970: 0))
}
