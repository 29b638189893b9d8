import FoundationEssentials
import PSACore
import Synchronization

/// A ticket desk in memory that misbehaves as told; handed to its connector in place of a transport.
final class Desk: HTTPTransport {
    /// How it behaves; each closure may throw instead of answering.
    struct Habits: Sendable {
        /// Before a create or note is stored; told its number, from 1.
        var beforeStoring: @Sendable (Int) async throws -> Void = { _ in }
        /// The error with which a create is refused; nil if it is not.
        var refuses: @Sendable (TicketDraft) -> PSAError? = { _ in nil }
        /// After it is stored, before the answer.
        var afterStoring: @Sendable (Int) async throws -> Void = { _ in }
        var beforeReading: @Sendable () async throws -> Void = {}
        var beforeSearching: @Sendable () async throws -> Void = {}
        var beforeListingCompanies: @Sendable () async throws -> Void = {}
        /// Whether a search for a reference finds anything.
        var findsReferences = true
        /// Whether tickets say which reference they carry.
        var returnsReferences = true
        /// Whether rows of lists are as complete as single tickets.
        var rowsAreComplete = true
        var notesAreCutOff = false
        var companies: [Company] = []
        var companiesAreCutOff = false
    }

    struct Kept: Sendable {
        var habits = Habits()
        var drafts: [TicketDraft] = []
        var tickets: [Ticket] = []
        var notes: [TicketNote] = []
        var writes = 0
        var writesUnderWay = 0
        var mostWritesAtOnce = 0
        var searches = 0
        var reads = 0
        var companyListings = 0
    }

    private let state = Mutex(Kept())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    var kept: Kept { state.withLock { $0 } }
    var habits: Habits { kept.habits }

    func behave(_ change: (inout Habits) -> Void) { state.withLock { change(&$0.habits) } }
    func change(_ change: (inout Kept) -> Void) { state.withLock { change(&$0) } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse { throw TransportError(.connectionRefused, delivery: .notSent) }

    /// Runs a write: counts it, stores in the middle.
    fileprivate func write<Value>(_ store: (inout Kept, Date) -> Value) async throws -> Value {
        let number = state.withLock { kept in
            kept.writes += 1
            kept.writesUnderWay += 1
            kept.mostWritesAtOnce = max(kept.mostWritesAtOnce, kept.writesUnderWay)
            return kept.writes
        }
        defer { state.withLock { $0.writesUnderWay -= 1 } }
        try await habits.beforeStoring(number)
        let stored = state.withLock { store(&$0, now()) }
        try await habits.afterStoring(number)
        return stored
    }
}

/// The connector of a ``Desk``.
struct DeskConnector: PSAConnector, TicketCreating, TicketReading, TicketNoteReading, TicketNoteAdding, CompanyReading {
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("desk"), displayName: "Desk", tier: .complete,
        settings: SettingsSchema([
            SettingField(
                "server", label: "Server", help: "It is needed.", example: "x", kind: .serviceURL, purpose: .tenant, isRequired: true,
                guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
        ]), capabilities: [.createTickets, .readTickets, .readNotes, .addNotes, .readCompanies],
        guidance: GuidanceCatalogue(vendorName: "Desk", overrides: [:]), guide: "Docs/ConnectHaloPSA.md")

    private let desk: Desk

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let desk = context.transport.unwrapped as? Desk else { throw PSAError(.connectorDefect) }
        self.desk = desk
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: Self.descriptor.id, host: "desk.example.com", checks: [])
    }

    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement] { [] }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        if let error = desk.habits.refuses(draft) {
            desk.change { $0.writes += 1 }
            throw error
        }
        let ticket = try await desk.write { kept, now in
            let number = 1_000 + kept.tickets.count
            var ticket = Ticket(id: Ticket.ID(number), number: "T\(number)", summary: draft.summary, phase: .open, native: .none)
            ticket.details = draft.details
            ticket.externalReference = draft.externalReference
            ticket.createdAt = now
            kept.drafts.append(draft)
            kept.tickets.append(ticket)
            return ticket
        }
        return shown(ticket, isRow: false)
    }

    func tickets(externalReference: String) async throws -> [Ticket] {
        desk.change { $0.searches += 1 }
        try await desk.habits.beforeSearching()
        return desk.habits.findsReferences ? desk.kept.tickets.filter { $0.externalReference == externalReference } : []
    }

    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await desk.habits.beforeReading()
        let tickets = desk.kept.tickets.filter { $0.createdAt ?? .distantPast >= moment ?? .distantPast }
        return Page(items: tickets.map { shown($0, isRow: true) })
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket {
        desk.change { $0.reads += 1 }
        try await desk.habits.beforeReading()
        guard let ticket = desk.kept.tickets.first(where: { $0.id == id }) else { throw PSAError(.requestNotFound) }
        return shown(ticket, isRow: false)
    }

    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        guard desk.kept.tickets.contains(where: { $0.id == ticket }) else { throw PSAError(.requestNotFound) }
        var page = Page(items: desk.kept.notes.filter { $0.ticket == ticket })
        page.isCutOff = desk.habits.notesAreCutOff
        return page
    }

    func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote {
        try await desk.write { kept, _ in
            let note = TicketNote(
                id: TicketNote.ID(kept.notes.count + 1), ticket: ticket, author: .unknown(name: nil), text: text, visibility: .staffOnly,
                native: .none)
            kept.notes.append(note)
            return note
        }
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        desk.change { $0.companyListings += 1 }
        try await desk.habits.beforeListingCompanies()
        var page = Page(items: desk.habits.companies)
        page.isCutOff = desk.habits.companiesAreCutOff
        return page
    }

    private func shown(_ ticket: Ticket, isRow: Bool) -> Ticket {
        var shown = ticket
        let isThin = isRow && !desk.habits.rowsAreComplete
        if isThin { shown.details = nil }
        if isThin || !desk.habits.returnsReferences { shown.externalReference = nil }
        return shown
    }
}

extension NativeRecord {
    static let none = NativeRecord(bytes: Array("{}".utf8), fetchedAt: .sampleNow)
}

extension Company {
    static func sample(_ id: Int, _ name: String, isActive: Bool? = nil) -> Company {
        Company(id: Company.ID(id), name: name, isActive: isActive, native: .none)
    }
}
