#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore
import Synchronization

/// A PSA in memory for the tests of a host: no server, no network, no files.
///
/// It is a transport, and ``InMemoryConnector`` is the connector to it. A host under test takes both in place of the real ones and runs its
/// own code unchanged: registry, settings, session and errors are the ones of production.
///
/// ```swift
/// let psa = InMemoryPSA()
/// let acme = psa.addCompany("Acme")
/// let session = try ConnectorRegistry([InMemoryConnector.self])
///     .connect("in-memory", settings: psa.settings, context: ConnectorContext(transport: psa))
/// _ = try await session.createTicket(TicketDraft(summary: "Disk full", company: acme))
/// #expect(psa.tickets.map(\.summary) == ["Disk full"])
/// ```
///
/// To test what a host does about failures, put ``FaultyTransport`` in front of it.
public final class InMemoryPSA: HTTPTransport {
    /// A ticket as it is stored.
    public struct StoredTicket: Sendable, Hashable, Identifiable {
        /// The id.
        public let id: Ticket.ID
        /// The subject line.
        public var summary: String
        /// The description.
        public var details: String?
        /// The company it belongs to.
        public var company: Company.ID?
        /// The ticket type.
        public var type: TicketType.ID
        /// The status.
        public var status: TicketStatus.ID
        /// The priority.
        public var priority: TicketPriority.ID
        /// The reference of the program that created it.
        public var externalReference: String?
        /// The notes and replies, oldest first.
        public var notes: [StoredNote] = []
        /// The time of the last change.
        public var updatedAt: Date
    }

    /// A note or reply as it is stored.
    public struct StoredNote: Sendable, Hashable {
        /// The text.
        public var text: String
        /// Whether the contact of the ticket can read it.
        public var isPublic: Bool

        /// States a note.
        public init(text: String, isPublic: Bool) {
            self.text = text
            self.isPublic = isPublic
        }
    }

    /// The ticket type that a ticket without one gets; there is a second type, 2.
    public static let incident = TicketType.ID(1)
    /// The status of a new ticket.
    public static let new = TicketStatus.ID(1)
    /// The status of a ticket that is being worked on.
    public static let inProgress = TicketStatus.ID(2)
    /// The status of a closed ticket.
    public static let closed = TicketStatus.ID(3)
    /// The priority that a ticket without one gets; the other one is 1, high.
    public static let normalPriority = TicketPriority.ID(2)

    private let pageSize: Int
    private let apiKey: String
    private let state: Mutex<State>

    /// Creates an empty PSA.
    ///
    /// - Parameters:
    ///   - pageSize: The number of rows in a page; at least 1.
    ///   - apiKey: The key that it accepts.
    ///   - now: The clock that dates changes.
    public init(
        pageSize: Int = 50, apiKey: String = "in-memory-key-0001", now: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 0) }
    ) {
        self.pageSize = max(1, pageSize)
        self.apiKey = apiKey
        state = Mutex(State(now: now))
    }

    /// The settings with which ``InMemoryConnector`` connects to it.
    public var settings: SettingsInput { ["serverURL": "https://psa.example.com", "apiKey": apiKey] }

    /// All companies, in the order in which they were added.
    public var companies: [Company.ID] { state.withLock { $0.companies.map { RecordID($0.id) } } }

    /// All tickets, oldest first.
    public var tickets: [StoredTicket] { state.withLock { $0.tickets } }

    /// Adds a company.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - isActive: Whether it is a customer at present.
    /// - Returns: The id.
    @discardableResult
    public func addCompany(_ name: String, isActive: Bool = true) -> Company.ID {
        state.withLock { RecordID($0.addCompany(name, isActive: isActive)) }
    }

    /// Adds a ticket, as a person would who works in the PSA.
    ///
    /// - Parameters:
    ///   - summary: The subject line.
    ///   - company: The company it belongs to.
    /// - Returns: The id.
    @discardableResult
    public func addTicket(_ summary: String, company: Company.ID? = nil) -> Ticket.ID {
        state.withLock { state in state.add(State.Draft(summary: summary, company: company)).id }
    }

    /// Gives a ticket another status, as a person would who works in the PSA.
    ///
    /// - Parameters:
    ///   - ticket: The ticket.
    ///   - status: The status.
    /// - Returns: Whether there are such a ticket and such a status.
    @discardableResult
    public func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) -> Bool {
        state.withLock { state in
            guard let index = state.index(of: ticket.rawValue), State.statuses.contains(status.rawValue) else { return false }
            state.change(index) { $0.status = status }
            return true
        }
    }

    /// Answers a request of ``InMemoryConnector``.
    ///
    /// - Throws: `CancellationError`.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        guard request.headers["X-Api-Key"] == apiKey else { return .refusal(401, "The API key is not valid.") }
        return state.withLock { answer(request, &$0) }
    }

    private func answer(_ request: TransportRequest, _ state: inout State) -> TransportResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        let body = (try? JSONDocument(request.body ?? [])).map { JSONValue($0.root) } ?? .null
        switch (request.method, parts.count, parts.first ?? "") {
        case (.get, 1, "companies"): return page(state.companies.map(\.row), request)
        case (.get, 1, "tickets"): return page(state.tickets(matching: request.query).map(\.row), request)
        case (.get, 1, "types"): return .json(200, .array(State.types.rows))
        case (.get, 1, "statuses"): return .json(200, .array(State.statuses.rows))
        case (.get, 1, "priorities"): return .json(200, .array(State.priorities.rows))
        case (.post, 1, "tickets"): return state.create(body)
        case (_, 2..., "tickets"):
            guard let index = state.index(of: parts[1]) else { return .refusal(404, "There is no such ticket.") }
            return Self.answer(request.method, about: index, part: parts.dropFirst(2).first, body, &state)
        default: return .refusal(404, "There is no such resource.")
        }
    }

    private static func answer(
        _ method: TransportMethod, about index: Int, part: String?, _ body: JSONValue, _ state: inout State
    ) -> TransportResponse {
        switch (method, part) {
        case (.get, nil): .json(200, state.tickets[index].row)
        case (.patch, nil): state.update(index, body)
        case (.get, "notes"): .json(200, ["rows": .array(state.tickets[index].noteRows)])
        case (.post, "notes"): state.addNote(to: index, body)
        default: .refusal(405, "This is not possible here.")
        }
    }

    private func page(_ rows: [JSONValue], _ request: TransportRequest) -> TransportResponse {
        let number = request.query.first { $0.name == "page" }.flatMap { Int($0.value) } ?? 1
        let shown = rows.dropFirst(max(0, number - 1) * pageSize).prefix(pageSize)
        return .json(200, ["total": .integer(rows.count), "rows": .array(Array(shown))])
    }
}

extension InMemoryPSA {
    /// A list of choices: id and name.
    struct Choices: Sendable {
        let names: [(id: Int, name: String)]

        var rows: [JSONValue] { names.map { ["id": .integer($0.id), "name": .string($0.name)] } }
        func contains(_ id: String) -> Bool { names.contains { String($0.id) == id } }
        /// The id of a member, of the default where it is missing, or nil for one that is no choice.
        func id(_ value: JSONValue?, default standard: Int) -> Int? {
            guard let value else { return standard }
            guard case .integer(let id) = value, contains(String(id)) else { return nil }
            return id
        }
    }

    struct StoredCompany: Sendable {
        let id: Int
        var name: String
        var isActive: Bool

        var row: JSONValue { ["id": .integer(id), "name": .string(name), "active": .bool(isActive)] }
    }

    struct State: Sendable {
        /// What a new ticket starts with.
        struct Draft {
            var summary: String
            var details: String?
            var company: Company.ID?
            var type = InMemoryPSA.incident
            var status = InMemoryPSA.new
            var priority = InMemoryPSA.normalPriority
            var externalReference: String?
        }

        static let types = Choices(names: [(1, "Incident"), (2, "Request")])
        static let statuses = Choices(names: [(1, "New"), (2, "In progress"), (3, "Closed")])
        static let priorities = Choices(names: [(1, "High"), (2, "Normal")])

        private(set) var companies: [StoredCompany] = []
        private(set) var tickets: [StoredTicket] = []
        private let now: @Sendable () -> Date

        init(now: @escaping @Sendable () -> Date) { self.now = now }

        mutating func addCompany(_ name: String, isActive: Bool) -> Int {
            companies.append(StoredCompany(id: companies.count + 1, name: name, isActive: isActive))
            return companies.count
        }

        mutating func add(_ draft: Draft) -> StoredTicket {
            let ticket = StoredTicket(
                id: RecordID(1_001 + tickets.count), summary: draft.summary, details: draft.details, company: draft.company,
                type: draft.type, status: draft.status, priority: draft.priority, externalReference: draft.externalReference,
                updatedAt: now())
            tickets.append(ticket)
            return ticket
        }

        func index(of id: String) -> Int? { tickets.firstIndex { $0.id.rawValue == id } }

        mutating func change(_ index: Int, _ change: (inout StoredTicket) -> Void) {
            change(&tickets[index])
            tickets[index].updatedAt = now()
        }

        func tickets(matching query: [QueryItem]) -> [StoredTicket] {
            query.reduce(tickets) { found, item in
                switch item.name {
                case "reference": found.filter { $0.externalReference == item.value }
                case "since": found.filter { $0.updatedAt.formatted(.iso8601) >= item.value }
                default: found
                }
            }
        }

        mutating func create(_ body: JSONValue) -> TransportResponse {
            guard let summary = body["summary"]?.string, !summary.isEmpty else { return .refusal(422, "The summary is missing.") }
            var draft = Draft(summary: summary, details: body["details"]?.string, externalReference: body["reference"]?.string)
            if let value = body["company"] {
                guard case .integer(let id) = value, companies.contains(where: { $0.id == id }) else {
                    return .refusal(422, "There is no such company.")
                }
                draft.company = RecordID(id)
            }
            guard let type = Self.types.id(body["type"], default: 1) else { return .refusal(422, "There is no such type.") }
            guard let status = Self.statuses.id(body["status"], default: 1) else { return .refusal(422, "There is no such status.") }
            guard let priority = Self.priorities.id(body["priority"], default: 2) else {
                return .refusal(422, "There is no such priority.")
            }
            (draft.type, draft.status, draft.priority) = (RecordID(type), RecordID(status), RecordID(priority))
            return .json(201, add(draft).row)
        }

        mutating func update(_ index: Int, _ body: JSONValue) -> TransportResponse {
            guard case .integer(let id)? = body["status"], Self.statuses.contains(String(id)) else {
                return .refusal(422, "There is no such status.")
            }
            change(index) { ticket in
                ticket.status = RecordID(id)
                if let note = body["note"]?.string { ticket.notes.append(StoredNote(text: note, isPublic: false)) }
            }
            return .json(200, tickets[index].row)
        }

        mutating func addNote(to index: Int, _ body: JSONValue) -> TransportResponse {
            guard let text = body["text"]?.string, !text.isEmpty else { return .refusal(422, "The text is missing.") }
            change(index) { $0.notes.append(StoredNote(text: text, isPublic: body["public"] == .bool(true))) }
            return .json(201, tickets[index].noteRows.last ?? .null)
        }
    }
}

extension InMemoryPSA.StoredTicket {
    var row: JSONValue {
        .init(present: [
            ("id", id.integer.map(JSONValue.integer)), ("summary", .string(summary)), ("details", details.map(JSONValue.string)),
            ("company", company?.integer.map(JSONValue.integer)), ("type", type.integer.map(JSONValue.integer)),
            ("status", status.integer.map(JSONValue.integer)), ("priority", priority.integer.map(JSONValue.integer)),
            ("reference", externalReference.map(JSONValue.string)), ("updated", .string(updatedAt.formatted(.iso8601))),
        ])
    }

    /// The notes with ids that are unique in the PSA, as those of vendors are.
    var noteRows: [JSONValue] {
        let first = (id.integer ?? 0) * 10_000 + 1
        return notes.enumerated().map { ["id": .integer(first + $0), "text": .string($1.text), "public": .bool($1.isPublic)] }
    }
}
