#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// The connector to ``InMemoryPSA``, for the tests of a host.
///
/// It keeps every published rule, as a connector to a real PSA does: what a host's test sees of it, the host's users will see.
public struct InMemoryConnector: PSAConnector {
    /// Its settings and its abilities; its name is `in-memory`.
    public static var descriptor: ConnectorDescriptor { InMemoryDescriptor.descriptor }

    private let client: VendorClient<InMemoryMessage>
    private let settings: ConnectorSettings
    private let context: ConnectorContext

    /// Makes a connection without contacting the PSA.
    ///
    /// - Throws: ``/PSACore/PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        try self.init(settings: settings, context: context, timeouts: .normal)
    }

    private init(settings: ConnectorSettings, context: ConnectorContext, timeouts: RequestTimeouts) throws {
        guard let server = settings.serviceURL("serverURL"), let key = settings.secret("apiKey") else {
            throw PSAError(.configMissingField)
        }
        let vendor = VendorDeclaration<InMemoryMessage>(
            Self.descriptor, origin: server, addressPolicy: settings.policy,
            authentication: .headers([(name: "X-Api-Key", value: key)]), rateLimit: RateLimit(600, per: .seconds(60)),
            rules: [ClassificationRule([.write], 422...422, messageContains: "no such status", is: .ticketDefaultInvalid)],
            lists: ListFormat { RowList(array: $0["rows"] ?? $0, total: $0["total"]?.integer) })
        client = VendorClient(vendor, context: context, timeouts: timeouts)
        self.settings = settings
        self.context = context
    }

    /// Reads one page of each list.
    ///
    /// - Parameter progress: Called with each check as it ends.
    /// - Returns: Every check, and by it whether the connection works.
    /// - Throws: `CancellationError`.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let timeouts = RequestTimeouts.connectionTest(within: context.connectionTestLimit, share: 0.3)
        let connector = try InMemoryConnector(settings: settings, context: context, timeouts: timeouts)
        return try await client.connectionTest(about: nil, progress: progress) { progress in
            try await client.sequentialChecks(of: [Capability.readCompanies, .readTickets, .readPicklists], progress: progress) {
                try await connector.check($0)
            }
        }
    }

    private func check(_ capability: Capability) async throws -> ConnectionCheck {
        do {
            switch capability {
            case .readCompanies: _ = try await companies(at: nil)
            case .readTickets: _ = try await tickets(changedSince: nil, at: nil)
            default: _ = try await ticketTypes()
            }
            return ConnectionCheck(.read(capability), .passed, evidence: InMemoryMessage.read)
        } catch let error as PSAError {
            return ConnectionCheck(.read(capability), .failed, error: error)
        }
    }
}

extension InMemoryConnector: CompanyReading, TicketReading, TicketNoteReading, PicklistReading {
    /// A page of companies.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        try await client.numberedPage("/companies", at: cursor, make: Company.init(inMemory:))
    }

    /// A page of tickets, oldest first.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    public func tickets(changedSince date: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        let query = date.map { [QueryItem("since", $0.formatted(.iso8601))] } ?? []
        return try await client.numberedPage("/tickets", at: cursor, query: query, make: Ticket.init(inMemory:))
    }

    /// One ticket.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is none, or `CancellationError`.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try await client.read("/tickets/{id}", pathValues: [id.rawValue], make: Ticket.init(inMemory:))
    }

    /// All notes of a ticket, in one page.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is no such ticket, `sync.cursor_rejected` for any cursor, or
    ///   `CancellationError`.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        if cursor != nil { throw client.error(.syncCursorRejected) }
        return try await client.page("/tickets/{id}/notes", pathValues: [ticket.rawValue]) { TicketNote(inMemory: $0, of: ticket) }
    }

    /// All ticket types.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketTypes() async throws -> [TicketType] {
        try await choices("types") { TicketType(id: $0, name: $1, native: $2) }
    }

    /// All statuses; every type has all of them.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try await choices("statuses") { TicketStatus(id: $0, name: $1, phase: .inMemory($0), native: $2) }
    }

    /// All priorities; every type has all of them.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try await choices("priorities") { TicketPriority(id: $0, name: $1, scope: .tenant, native: $2) }
    }

    private func choices<Entity, Element: Sendable>(
        _ list: String, make: (RecordID<Entity>, String, NativeRecord) -> Element
    ) async throws -> [Element] {
        try await client.page("/" + list) { row in row.id().map { make($0, row.text("name") ?? "", row.native) } }.items
    }
}

extension InMemoryConnector: TicketCreating, TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// The fields that every ticket has.
    ///
    /// - Throws: Nothing.
    public func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        TicketForm(
            type: type ?? InMemoryPSA.incident,
            fields: [
                .standard(.summary, isRequired: true), .standard(.details), .standard(.company), .standard(.type), .standard(.status),
                .standard(.priority), .standard(.externalReference),
            ])
    }

    /// Creates a ticket.
    ///
    /// - Throws: ``/PSACore/PSAError`` with every missing and invalid field, before anything is sent; otherwise as the PSA in memory
    ///   answers.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        let form = try await ticketFields(for: draft.type)
        let issues = form.issues(with: draft)
        guard issues.isEmpty else { throw client.error(ticketFields: issues, about: .ticket) }
        return try await client.write(
            .post, "/tickets",
            body: JSONValue(present: [
                ("summary", .string(draft.summary)), ("details", draft.details.map(JSONValue.string)),
                ("company", value(draft.company)), ("type", value(draft.type)), ("status", value(draft.status)),
                ("priority", value(draft.priority)), ("reference", draft.externalReference.map(JSONValue.string)),
            ]), make: Ticket.init(inMemory:))
    }

    /// The tickets with exactly this reference.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        let found = try await client.page("/tickets", query: [QueryItem("reference", externalReference)], make: Ticket.init(inMemory:))
        guard found.unreadable.isEmpty else { throw client.error(.vendorUnexpectedResponse) }
        return found.items
    }

    /// Adds a note that the contact can't read.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is no such ticket; otherwise as the PSA in memory answers.
    public func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try await addNote(note, to: ticket, isPublic: false)
    }

    /// Adds a note that the contact can read; no mail is sent.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is no such ticket; otherwise as the PSA in memory answers.
    public func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        PostedReply(note: try await addNote(reply, to: ticket, isPublic: true), notification: .decidedByTenant)
    }

    /// Gives a ticket another status.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if there is no such ticket; otherwise as the PSA in memory answers.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try client.requireNoFields(change.fields, about: .ticket)
        return try await client.write(
            .patch, "/tickets/{id}", pathValues: [ticket.rawValue],
            body: JSONValue(present: [("status", value(change.status)), ("note", change.note.map(JSONValue.string))]),
            make: Ticket.init(inMemory:))
    }

    private func addNote(_ draft: NoteDraft, to ticket: Ticket.ID, isPublic: Bool) async throws -> TicketNote {
        try client.requireNoFields(draft.fields, about: .ticket)
        return try await client.write(
            .post, "/tickets/{id}/notes", pathValues: [ticket.rawValue], body: ["text": .string(draft.text), "public": .bool(isPublic)]
        ) { TicketNote(inMemory: $0, of: ticket) }
    }

    /// An id as the PSA reads it: one that is no number is sent as it is, and refused there.
    private func value<Entity>(_ id: RecordID<Entity>?) -> JSONValue? {
        id.map { id in id.integer.map(JSONValue.integer) ?? .string(id.rawValue) }
    }
}

extension Company {
    fileprivate init?(inMemory row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(id: id, name: row.text("name") ?? "", isActive: row.flag("active"), native: row.native)
    }
}

extension Ticket {
    fileprivate init?(inMemory row: VendorRow) {
        guard let id: ID = row.id(), let status: TicketStatus.ID = row.id("status") else { return nil }
        self.init(
            id: id, number: id.rawValue, summary: row.text("summary") ?? "", phase: .inMemory(status), native: row.native)
        details = row.text("details")
        company = row.reference("company")
        type = row.reference("type")
        self.status = Reference(status)
        priority = row.reference("priority")
        externalReference = row.text("reference")
        updatedAt = row.date("updated")
    }
}

extension Ticket.Phase {
    fileprivate static func inMemory(_ status: TicketStatus.ID) -> Ticket.Phase { status == InMemoryPSA.closed ? .closed : .open }
}

extension TicketNote {
    fileprivate init?(inMemory row: VendorRow, of ticket: Ticket.ID) {
        guard let id: ID = row.id(), let isPublic = row.flag("public") else { return nil }
        self.init(
            id: id, ticket: ticket, author: .unknown(name: nil), text: row.text("text") ?? "", visibility: isPublic ? .contact : .staffOnly,
            native: row.native)
    }
}

/// What the PSA in memory asks for.
enum InMemoryDescriptor {
    static let guide = "Docs/Embedding.md"

    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("in-memory"), displayName: "In-memory PSA", tier: .complete, grade: .platinum, settings: schema,
        capabilities: [
            .readCompanies, .readTickets, .readNotes, .readPicklists, .createTickets, .addNotes, .replyToContacts, .changeStatus,
        ],
        guidance: GuidanceCatalogue(vendorName: "In-memory PSA", addressField: "serverURL", overrides: [:]), guide: guide)

    private static let anchor = GuideAnchor(guide, "the-in-memory-psa")

    private static let schema = SettingsSchema([
        SettingField(
            "serverURL", label: "Server URL", help: "Any address; nothing is sent there.", example: "https://psa.example.com",
            kind: .serviceURL, purpose: .tenant, isRequired: true, guideAnchor: anchor),
        SettingField(
            "apiKey", label: "API key", help: "The key that the PSA in memory was created with.", example: "in-memory-key-0001",
            isRequired: true, isSecret: true, guideAnchor: anchor),
    ])
}

/// The connector's own messages.
enum InMemoryMessage: LocalizedMessage {
    case read
    case ticket

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.read, .english): "It could be read."
        case (.read, .german): "Lesen ist möglich."
        case (.ticket, .english): "a new ticket"
        case (.ticket, .german): "ein neues Ticket"
        }
    }
}
