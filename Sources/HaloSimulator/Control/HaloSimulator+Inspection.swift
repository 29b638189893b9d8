public import FoundationEssentials
public import WebServer

extension HaloSimulator {
    /// A stored ticket, for assertions that bypass the API.
    public struct StoredTicket: Sendable, Equatable {
        /// The ticket number.
        public var id: Int
        /// The subject.
        public var summary: String
        /// The customer's id.
        public var clientID: Int
        /// The site's id.
        public var siteID: Int
        /// The user's id, or -1 for no user.
        public var userID: Int
        /// The type's id.
        public var typeID: Int
        /// The status's id.
        public var statusID: Int
        /// The priority's number within its SLA.
        public var priorityID: Int
        /// The SLA's id.
        public var slaID: Int
        /// The agent's id, or 1 for unassigned.
        public var agentID: Int
        /// The team's id.
        public var teamID: Int
        /// The value of `third_party_id_string`.
        public var thirdPartyIDString: String
        /// Whether the ticket is closed.
        public var isClosed: Bool
        /// Whether the ticket is deleted.
        public var isDeleted: Bool
        /// The impact.
        public var impact: Int
        /// The urgency.
        public var urgency: Int
        /// The text paths of the categories by level; levels without a category are missing.
        public var categories: [Int: String] = [:]
        /// The ids of the linked assets.
        public var assetIDs: [Int] = []
        /// The stored values of custom fields by their id, as JSON text.
        public var customFields: [Int: String] = [:]
        /// The value of `dont_do_rules` in the request that created the ticket, or nil if it had none.
        public var skipsRules: Bool?
        /// Whether the request that created the ticket had `_novalidate`.
        public var skipsValidation = false
        /// When the ticket was created.
        public var created: Date
        /// When the ticket was last changed.
        public var updated: Date
    }

    /// A stored action.
    public struct StoredAction: Sendable, Equatable {
        /// The id, which is unique only within the ticket.
        public var id: Int
        /// The ticket's id.
        public var ticketID: Int
        /// The outcome's id.
        public var outcomeID: Int
        /// The note as plain text.
        public var note: String
        /// The note as HTML.
        public var noteHTML: String
        /// Whether the action is hidden from the end user.
        public var isHidden: Bool
        /// Whether Halo created the action itself, like the first action of every ticket.
        public var isSystem: Bool
        /// The recipient if the action sent an email.
        public var emailTo: String?
        /// The time spent in hours.
        public var timeTaken: Double
        /// The application that created the action, or an empty string.
        public var applicationID: String
    }

    /// Returns the number of tickets that are not deleted.
    public func ticketCount() -> Int { store.tickets.records.count - store.tickets.deletedCount }

    /// Returns the name of a customer, or nil if there is no customer with this id.
    public func clientName(_ id: Int) -> String? { store[.client].row(id)?.fields["name"]?.text }

    /// Returns a ticket by id, also if it is deleted.
    public func ticket(_ id: Int) -> StoredTicket? { store.tickets[id].map(stored) }

    /// Returns the tickets with exactly this `third_party_id_string`, including deleted ones, oldest first.
    public func tickets(thirdPartyIDString: String) -> [StoredTicket] {
        store.tickets.records.filter { $0.thirdParty == thirdPartyIDString }.map(stored)
    }

    /// Returns the actions of a ticket, oldest first; empty if there is no such ticket.
    public func actions(ofTicket id: Int) -> [StoredAction] {
        store.tickets[id].map { store.actions.actions(of: $0).map(StoredAction.init) } ?? []
    }

    private func stored(_ record: TicketRecord) -> StoredTicket {
        var ticket = StoredTicket(record)
        if record.categoryID != 0 { ticket.categories[1] = store[.category].name(of: record.categoryID, field: "value") }
        guard let extras = store.tickets.extras[record.id] else { return ticket }
        for level in 2...4 { ticket.categories[level] = extras.fields["category_\(level)"]?.text }
        ticket.assetIDs = extras.assets
        ticket.customFields = extras.customFields.mapValues { String(decoding: JSONWriter.bytes(of: $0), as: UTF8.self) }
        ticket.skipsRules = extras.skipsRules
        ticket.skipsValidation = extras.skipsValidation
        return ticket
    }

    /// Returns the number of issued tokens.
    public func issuedTokenCount() -> Int { tokens.issued }
}

extension HaloSimulator.StoredTicket {
    init(_ record: TicketRecord) {
        self.init(
            id: record.id, summary: record.summary, clientID: record.clientID, siteID: record.siteID, userID: record.userID,
            typeID: record.typeID, statusID: record.statusID, priorityID: record.priorityID, slaID: record.slaID, agentID: record.agentID,
            teamID: record.teamID, thirdPartyIDString: record.thirdParty, isClosed: record.isClosed, isDeleted: record.isDeleted,
            impact: record.impact, urgency: record.urgency, created: record.created.date,
            updated: record.updated.date)
    }
}

extension HaloSimulator.StoredAction {
    init(_ record: ActionRecord) {
        self.init(
            id: record.id, ticketID: record.ticketID, outcomeID: record.outcomeID, note: record.note, noteHTML: record.noteHTML,
            isHidden: record.isHidden, isSystem: record.isSystem,
            emailTo: record.fields["emailto"]?.text ?? record.fields["emailtonew"]?.text,
            timeTaken: record.timeTaken, applicationID: record.applicationID)
    }
}

extension HaloTime {
    /// The timestamp as a Foundation date.
    var date: Date { Date(timeIntervalSince1970: Double(ticks) / Double(Self.ticksPerSecond)) }
}

extension HaloSimulator {
    /// A ticket or note that was created through the API, with the texts that were sent, even if faults changed the stored ones.
    public struct StoredWrite: Sendable, Hashable {
        /// The id of the created ticket, or of the ticket that received the note.
        public var ticketID: Int
        /// The note's id within its ticket, or nil for a new ticket.
        public var actionID: Int?
        /// The ticket's customer at the time of the write.
        public var clientID: Int
        /// Whether the ticket was visible at the time of the write: open, not merged, not deleted and not hidden.
        public var isVisible: Bool
        /// The sent subject, details and note, separated by line breaks.
        public var sent: String
    }

    /// Returns the tickets and notes created through the API since the start or the last ``clearLog()``, oldest first.
    public func storedWrites() -> [StoredWrite] { writes }

    /// Records what a request has created.
    func record(_ sent: [String: JSONValue], _ resource: Resource, saved: [UInt8]) {
        guard resource == .tickets || resource == .actions, (sent["id"]?.integer ?? 0) == 0 else { return }
        let ticket = resource == .actions ? sent["ticket_id"]?.integer : store.tickets.records.last?.id
        guard let ticket, let record = store.tickets[ticket] else { return }
        let action = resource == .actions ? store.actions.actions(of: record).last?.id : nil
        let isVisible = !record.isClosed && record.mergedInto == 0 && !record.isDeleted && !record.isHidden
        writes.append(
            StoredWrite(ticketID: ticket, actionID: action, clientID: record.clientID, isVisible: isVisible, sent: Self.text(of: sent)))
    }

    /// Returns the texts of a write, which faults limited to a text are matched against.
    static func text(of sent: [String: JSONValue]) -> String {
        ["summary", "details", "details_html", "note", "note_html"].compactMap { sent[$0]?.text }.joined(separator: "\n")
    }
}

/// A request received by the simulator.
public struct LoggedRequest: Sendable {
    /// The method, in upper case.
    public var method: String
    /// The path, percent-encoded as received.
    public var path: String
    /// The names and values of the query, in order.
    public var query: [(name: String, value: String)]
    /// The headers, without `Authorization`.
    public var headers: WebHeaders
    /// The body; the secrets of a token request are redacted.
    ///
    /// Only the first 256 KiB are kept.
    public var body: [UInt8]
}

/// The last requests, oldest first.
struct RequestLog: Sendable {
    static let limit = 10_000
    /// The number of bytes that are kept of a body, so that uploads do not fill the memory.
    static let maxBodyBytes = 256 * 1024

    private var requests: [LoggedRequest] = []
    /// The number of requests by method and route, such as `GET /api/TicketType/{id}`.
    private(set) var counts: [String: Int] = [:]
    private(set) var total = 0

    var entries: [LoggedRequest] { Array(requests.suffix(Self.limit)) }

    mutating func record(_ request: WebRequest) {
        var headers = request.headers
        headers["Authorization"] = nil
        let isToken = Route(request) == .token
        total += 1
        requests.append(
            LoggedRequest(
                method: request.method, path: request.path, query: request.query, headers: headers,
                body: isToken ? FormBody.redacted(request.body) : Array(request.body.prefix(Self.maxBodyBytes))))
        counts[Self.route(of: request), default: 0] += 1
        // Removing many entries at a time avoids moving 10,000 entries for each request.
        if requests.count >= 2 * Self.limit { requests.removeFirst(requests.count - Self.limit) }
    }

    mutating func clear() {
        requests = []
        counts = [:]
    }

    /// The method and the path, with `{id}` for the id of a record.
    private static func route(of request: WebRequest) -> String {
        if case .resource(let resource, let id) = Route(request) {
            return "\(request.method) /api/\(resource.rawValue)\(id == nil ? "" : "/{id}")"
        }
        return "\(request.method) \(request.path)"
    }
}
