import FoundationEssentials
import PSACore
import Synchronization

@testable import VectisCore

/// A PSA in memory with configurable faults; passed to its connector in place of a transport.
final class FakePSA: HTTPTransport {
    /// Configures the responses; each closure may throw instead of responding.
    struct Behavior: Sendable {
        /// Called with the number of the write, from 1, before a create or note is stored.
        var beforeStoring: @Sendable (Int) async throws -> Void = { _ in }
        /// The error with which a create is rejected; nil to accept it.
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
        /// The company at which new tickets are stored, whatever their drafts say; nil to store none.
        var filesAt: Company.ID?
        var companies: [Company] = []
        var companiesAreCutOff = false
    }

    struct State: Sendable {
        var behavior = Behavior()
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

    private let mutex = Mutex(State())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    var state: State { mutex.withLock { $0 } }
    var behavior: Behavior { state.behavior }

    func behave(_ change: (inout Behavior) -> Void) { mutex.withLock { change(&$0.behavior) } }
    func change(_ change: (inout State) -> Void) { mutex.withLock { change(&$0) } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.connectionRefused, delivery: .notSent)
    }

    /// Runs a write: counts it, stores in the middle.
    fileprivate func write<Value>(_ store: (inout State, Date) -> Value) async throws -> Value {
        let number = mutex.withLock { state in
            state.writes += 1
            state.writesUnderWay += 1
            state.mostWritesAtOnce = max(state.mostWritesAtOnce, state.writesUnderWay)
            return state.writes
        }
        defer { mutex.withLock { $0.writesUnderWay -= 1 } }
        try await behavior.beforeStoring(number)
        let stored = mutex.withLock { store(&$0, now()) }
        try await behavior.afterStoring(number)
        return stored
    }
}

/// The connector of a ``FakePSA``.
struct FakePSAConnector: PSAConnector, TicketCreating, TicketReading, TicketNoteReading, TicketNoteAdding, CompanyReading {
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("psa"), displayName: "FakePSA", tier: .complete,
        settings: SettingsSchema([
            SettingField(
                "server", label: "Server", help: "It is needed.", example: "x", kind: .serviceURL, purpose: .tenant, isRequired: true,
                guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
        ]), capabilities: [.createTickets, .readTickets, .readNotes, .addNotes, .readCompanies],
        guidance: GuidanceCatalogue(vendorName: "FakePSA", overrides: [:]), guide: "Docs/ConnectHaloPSA.md")

    private let psa: FakePSA

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let psa = context.transport.unwrapped as? FakePSA else { throw PSAError(.connectorDefect) }
        self.psa = psa
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(
            connector: Self.descriptor.id, host: "psa.example.com",
            checks: [ConnectionCheck(.reachable, .passed, evidence: HostMessage.testNotFinished)])
    }

    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { TicketForm(type: type, fields: []) }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        if let error = psa.behavior.refuses(draft) {
            psa.change { $0.writes += 1 }
            throw error
        }
        let ticket = try await psa.write { state, now in
            let number = 1_000 + state.tickets.count
            var ticket = Ticket(id: Ticket.ID(number), number: "T\(number)", summary: draft.summary, phase: .open, native: .none)
            ticket.details = draft.details
            ticket.externalReference = draft.externalReference
            ticket.createdAt = now
            ticket.company = state.behavior.filesAt.map { Reference($0) }
            state.drafts.append(draft)
            state.tickets.append(ticket)
            return ticket
        }
        return shown(ticket, isRow: false)
    }

    func tickets(externalReference: String) async throws -> [Ticket] {
        psa.change { $0.searches += 1 }
        try await psa.behavior.beforeSearching()
        return psa.behavior.findsReferences ? psa.state.tickets.filter { $0.externalReference == externalReference } : []
    }

    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await psa.behavior.beforeReading()
        let tickets = psa.state.tickets.filter { $0.createdAt ?? .distantPast >= moment ?? .distantPast }
        return Page(items: tickets.map { shown($0, isRow: true) })
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket {
        psa.change { $0.reads += 1 }
        try await psa.behavior.beforeReading()
        guard let ticket = psa.state.tickets.first(where: { $0.id == id }) else { throw PSAError(.requestNotFound) }
        return shown(ticket, isRow: false)
    }

    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        guard psa.state.tickets.contains(where: { $0.id == ticket }) else { throw PSAError(.requestNotFound) }
        var page = Page(items: psa.state.notes.filter { $0.ticket == ticket })
        page.isCutOff = psa.behavior.notesAreCutOff
        return page
    }

    func addPrivateNote(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        let text = draft.text
        return try await psa.write { state, _ in
            let note = TicketNote(
                id: TicketNote.ID(state.notes.count + 1), ticket: ticket, author: .unknown(name: nil), text: text, visibility: .staffOnly,
                native: .none)
            state.notes.append(note)
            return note
        }
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        psa.change { $0.companyListings += 1 }
        try await psa.behavior.beforeListingCompanies()
        var page = Page(items: psa.behavior.companies)
        page.isCutOff = psa.behavior.companiesAreCutOff
        return page
    }

    private func shown(_ ticket: Ticket, isRow: Bool) -> Ticket {
        var shown = ticket
        let isThin = isRow && !psa.behavior.rowsAreComplete
        if isThin { shown.details = nil }
        if isThin || !psa.behavior.returnsReferences { shown.externalReference = nil }
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
