import Foundation
import PSACore
import PSATesting
import Synchronization

/// A PSA in memory that changes while it is read; passed to its connector in place of a transport.
///
/// Its lists have page numbers: a row that leaves a list moves all later rows to earlier places.
final class ChangingPSA: HTTPTransport {
    struct StoredTicket: Sendable {
        var id: Int
        var summary: String
        var isClosed = false
        var isDeleted = false
        var isHidden = false
        var mergedInto: Int?
        var updatedAt: Date
        var activityAt: Date
        var notes: [String] = []
        /// Whether it has a description.
        var hasDetails = true

        var isListed: Bool { !isDeleted && !isHidden && mergedInto == nil }
    }

    struct Entry: Sendable {
        var id: Int
        var name: String
        var isActive = true
        var isHidden = false
        var updatedAt: Date
    }

    struct State: Sendable {
        var tickets: [Int: StoredTicket] = [:]
        var companies: [Int: Entry] = [:]
        var agreements: [Int: Entry] = [:]
        /// The requests by list.
        var requests: [String: Int] = [:]
        /// The tickets that were deleted at some time.
        var everDeleted: Set<Int> = []
        /// The tickets with a change since ``isRecording`` was set.
        var touched: Set<Int> = []
        var isRecording = false
        var generator = SeededGenerator(seed: 0)
        /// How much its clock differs from the host's.
        var skew: TimeInterval = 0
        var pageSize = 10
        var appliesTicketFilter = true
        var appliesCompanyFilter = true
        var namesTotal = true
        /// Whether pages say how many rows lie before them.
        var namesRowsBefore = true
        /// How many rows the count of a list has that no page gives.
        var uncountedRows = 0
        /// Whether no session can be opened.
        var refusesSessions = false
        /// What reading a single ticket, or its notes, fails with.
        var ticketError: @Sendable (Int) -> ErrorCode? = { _ in nil }
        /// The lists that answer 403.
        var forbidden: Set<String> = []
        /// How many requests of a hundred fail.
        var faultPercent = 0
        /// How many requests of a hundred are followed by changes.
        var changePercent = 0
        /// Called after each request.
        var afterRequest: @Sendable (inout State, Date) -> Void = { _, _ in }
        /// How many rows of a first page cannot be read.
        var unreadableRows = 0
    }

    private let state = Mutex(State())
    private let clock: ManualClock

    init(clock: ManualClock, tickets: Int = 0, companies: Int = 0, agreements: Int = 0) {
        self.clock = clock
        change { state in
            for id in 1...max(tickets, 1) where tickets > 0 {
                let time = clock.now.addingTimeInterval(-86_400 * 30 + Double(id) * 600)
                state.tickets[id] = StoredTicket(id: id, summary: "Ticket \(id)", updatedAt: time, activityAt: time)
            }
            for id in 1...max(companies, 1) where companies > 0 {
                state.companies[id] = Entry(id: id, name: "Company \(id)", updatedAt: clock.now.addingTimeInterval(-86_400 * 30))
            }
            for id in 1...max(agreements, 1) where agreements > 0 {
                state.agreements[id] = Entry(id: id, name: "Agreement \(id)", updatedAt: clock.now.addingTimeInterval(-86_400 * 30))
            }
        }
    }

    var current: State { state.withLock { $0 } }

    @discardableResult func change<Value>(_ change: (inout State) -> Value) -> Value { state.withLock { change(&$0) } }

    func requests(_ list: String) -> Int { current.requests[list] ?? 0 }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.connectionRefused, delivery: .notSent)
    }

    /// Answers a request, and changes afterwards.
    fileprivate func answer<Value>(_ list: String, _ read: (inout State) -> Value) throws -> Value {
        clock.advance(by: 0.2)
        return try state.withLock { state in
            state.requests[list, default: 0] += 1
            defer {
                let now = clock.now.addingTimeInterval(state.skew)
                if Int.random(in: 0..<100, using: &state.generator) < state.changePercent { state.changeAtRandom(now) }
                state.afterRequest(&state, now)
            }
            guard !state.forbidden.contains(list) else { throw PSAError(.permissionRoleDenied) }
            if Int.random(in: 0..<100, using: &state.generator) < state.faultPercent {
                throw PSAError([.vendorUnavailable, .networkTimeout, .rateLimited].randomElement(using: &state.generator) ?? .rateLimited)
            }
            return read(&state)
        }
    }
}

extension ChangingPSA.State {
    mutating func change(
        _ id: Int, _ now: Date, movesDate: Bool = true, _ change: (inout ChangingPSA.StoredTicket) -> Void
    ) {
        guard var ticket = tickets[id] else { return }
        change(&ticket)
        // Many changes have the same time.
        let stamp = Date(timeIntervalSince1970: (now.timeIntervalSince1970 / 10).rounded(.down) * 10)
        if movesDate { ticket.updatedAt = max(stamp, ticket.updatedAt) }
        tickets[id] = ticket
        if isRecording, movesDate || tickets[id]?.activityAt == now { touched.insert(id) }
    }

    mutating func create(_ now: Date) {
        let id = (tickets.keys.max() ?? 0) + 1
        tickets[id] = ChangingPSA.StoredTicket(id: id, summary: "Ticket \(id)", updatedAt: now, activityAt: now)
        change(id, now) { _ in }
    }

    mutating func changeAtRandom(_ now: Date) {
        let id = tickets.keys.sorted().randomElement(using: &generator) ?? 1
        let number = Int.random(in: 0..<1_000, using: &generator)
        switch Int.random(in: 0..<24, using: &generator) {
        case 0...3: create(now)
        case 4...8: change(id, now) { $0.summary = "Changed \(number)" }
        case 9...10: change(id, now) { $0.isClosed.toggle() }
        case 11...12:
            change(id, now, movesDate: false) {
                $0.notes.append("Note \(number)")
                $0.activityAt = now
            }
        case 13:
            change(id, now) {
                $0.notes.append("Note \(number)")
                $0.activityAt = now
            }
        case 14:
            change(id, now) { $0.isDeleted = true }
            everDeleted.insert(id)
        case 15: if tickets[id]?.mergedInto == nil, tickets[id]?.isHidden == false { change(id, now) { $0.isDeleted = false } }
        // The date stays where it is.
        case 16: if tickets[id]?.mergedInto == nil { change(id, now, movesDate: false) { $0.isHidden.toggle() } }
        case 17:
            if let target = tickets.keys.sorted().randomElement(using: &generator), target != id, tickets[id]?.isListed == true {
                change(id, now) { $0.mergedInto = target }
            }
        case 18...19:
            let id = companies.keys.sorted().randomElement(using: &generator) ?? 1
            companies[id]?.name = "Company \(number)"
            companies[id]?.updatedAt = now
        case 20:
            let id = (companies.keys.max() ?? 0) + 1
            companies[id] = ChangingPSA.Entry(id: id, name: "Company \(id)", updatedAt: now)
        case 21: companies[companies.keys.sorted().randomElement(using: &generator) ?? 1]?.isHidden.toggle()
        case 22: agreements[agreements.keys.sorted().randomElement(using: &generator) ?? 1]?.isActive.toggle()
        default: agreements[agreements.keys.sorted().randomElement(using: &generator) ?? 1]?.isHidden.toggle()
        }
    }
}

/// The connector of a ``ChangingPSA``.
struct ChangingConnector: PSAConnector, CompanyReading, ChangedCompanyReading, AgreementReading, TicketReading, DeletedTicketReading,
    TicketNoteReading, ChangeHintReading
{
    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("changing"), displayName: "Changing PSA", tier: .complete, settings: FakeConnector.descriptor.settings,
        capabilities: [.readCompanies, .readAgreements, .readTickets, .readNotes],
        guidance: GuidanceCatalogue(vendorName: "Changing PSA", overrides: [:]), guide: "Docs/ConnectHaloPSA.md")

    private let psa: ChangingPSA

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let psa = context.transport.unwrapped as? ChangingPSA else { throw PSAError(.connectorDefect) }
        guard !psa.current.refusesSessions else { throw PSAError(.configSecretUnreadable) }
        self.psa = psa
    }

    func testConnection(progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        ConnectionReport(connector: Self.descriptor.id, host: "changing.example.com", checks: [])
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        try page("companies", cursor) { $0.listedCompanies(since: nil) }
    }

    func companies(changedSince time: Date, at cursor: PageCursor?) async throws -> Page<Company> {
        try page("companies", cursor) { $0.listedCompanies(since: $0.appliesCompanyFilter ? time : nil) }
    }

    func agreements(at cursor: PageCursor?) async throws -> Page<Agreement> {
        try page("agreements", cursor) { state in
            state.agreements.values.filter { !$0.isHidden }.sorted { $0.id < $1.id }.map { entry in
                Agreement(id: Agreement.ID(entry.id), name: entry.name, isActive: entry.isActive, native: .empty)
            }
        }
    }

    func tickets(changedSince time: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try page("tickets", cursor) { state in
            let since = state.appliesTicketFilter ? time : nil
            return state.tickets.values.filter { $0.isListed && $0.updatedAt >= since ?? .distantPast }
                .sorted { $0.id < $1.id }.map(\.row)
        }
    }

    func deletedTickets(at cursor: PageCursor?) async throws -> Page<Ticket> {
        try page("deleted", cursor) { state in
            state.tickets.values.filter(\.isDeleted).sorted { $0.id < $1.id }.map(\.row)
        }
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket {
        let ticket = try read("ticket", id)
        guard let ticket, !ticket.isHidden, !ticket.isDeleted else { throw PSAError(.requestNotFound) }
        return ticket.detail
    }

    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        let stored = try read("notes", ticket)
        guard let stored, !stored.isHidden, !stored.isDeleted else { throw PSAError(.requestNotFound) }
        return Page(
            items: stored.notes.enumerated().compactMap { place, text in
                TicketNote.ID("\(stored.id)-\(place)").map {
                    TicketNote(id: $0, ticket: ticket, author: .unknown(name: nil), text: text, visibility: .staffOnly, native: .empty)
                }
            })
    }

    func hintedTickets(in message: JSONView) -> [Ticket.ID] { message["ticket"]?.text.flatMap { Ticket.ID($0) }.map { [$0] } ?? [] }

    private func read(_ list: String, _ id: Ticket.ID) throws -> ChangingPSA.StoredTicket? {
        let (ticket, error) = try psa.answer(list) { ($0.tickets[id.integer ?? 0], $0.ticketError(id.integer ?? 0)) }
        if let error { throw PSAError(error) }
        return ticket
    }

    private func page<Element>(
        _ list: String, _ cursor: PageCursor?, _ rows: (ChangingPSA.State) -> [Element]
    ) throws -> Page<Element> where Element: Identifiable, Element.ID: CustomStringConvertible {
        let payload = cursor?.payload(connector: Self.descriptor.id, list: list, version: 1)
        guard let number = cursor == nil ? 0 : payload.flatMap({ Int($0) }) else { throw PSAError(.syncCursorRejected) }
        return try psa.answer(list) { state in
            let all = rows(state)
            let start = min(number * state.pageSize, all.count)
            let items = Array(all[start...].prefix(state.pageSize))
            let next = PageCursor(connector: Self.descriptor.id, list: list, version: 1, payload: String(number + 1))
            var page = Page(items: items, firstRowID: items.first.map { "\($0.id)" })
            page.next = start + items.count < all.count ? next : nil
            page.total = state.namesTotal ? all.count + state.uncountedRows : nil
            page.rowsBefore = state.namesRowsBefore ? number * state.pageSize : nil
            if number == 0, state.unreadableRows > 0 {
                page.unreadable = (0..<state.unreadableRows).map { UnreadableRow(position: $0, member: "id") }
            }
            return page
        }
    }
}

extension ChangingPSA.State {
    func listedCompanies(since: Date?) -> [Company] {
        companies.values.filter { !$0.isHidden && $0.updatedAt >= since ?? .distantPast }.sorted { $0.id < $1.id }
            .map { Company(id: Company.ID($0.id), name: $0.name, isActive: $0.isActive, native: .empty) }
    }
}

extension ChangingPSA.StoredTicket {
    /// The ticket as lists have it.
    var row: Ticket {
        var ticket = Ticket(
            id: Ticket.ID(id), number: String(id), summary: summary, phase: isClosed ? .closed : .open,
            native: NativeRecord(bytes: Array("{\"id\":\(id)}".utf8), fetchedAt: .distantPast))
        ticket.updatedAt = updatedAt
        ticket.lastActivityAt = activityAt
        ticket.isDeleted = isDeleted
        ticket.mergedInto = mergedInto.map { Ticket.ID($0) }
        return ticket
    }

    /// The ticket as it is read on its own.
    var detail: Ticket {
        var ticket = row
        ticket.details = hasDetails ? "Details of \(id)" : nil
        ticket.customFields = [CustomField(id: "1", name: "CFSite", value: .string("Site \(id)"))]
        return ticket
    }
}
