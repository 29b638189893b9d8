public import FoundationEssentials
public import WebServer

extension HaloSimulator {
    /// A ticket as it is stored, for assertions that do not go through the API.
    public struct StoredTicket: Sendable, Equatable {
        /// The ticket number.
        public var id: Int
        /// The subject.
        public var summary: String
        /// The customer's id.
        public var clientID: Int
        /// The site's id.
        public var siteID: Int
        /// The person's id, -1 for nobody in particular.
        public var userID: Int
        /// The type's id.
        public var typeID: Int
        /// The status's id.
        public var statusID: Int
        /// The priority's number within its SLA.
        public var priorityID: Int
        /// The SLA's id.
        public var slaID: Int
        /// The agent's id, 1 for unassigned.
        public var agentID: Int
        /// The team's id.
        public var teamID: Int
        /// What was written as `third_party_id_string`.
        public var thirdPartyIDString: String
        /// Whether it is closed.
        public var isClosed: Bool
        /// Whether it is deleted.
        public var isDeleted: Bool
        /// When it was created.
        public var created: Date
        /// When it last changed.
        public var updated: Date
    }

    /// An action as it is stored.
    public struct StoredAction: Sendable, Equatable {
        /// The number within the ticket.
        public var id: Int
        /// The ticket's id.
        public var ticketID: Int
        /// The outcome's id.
        public var outcomeID: Int
        /// The plain note.
        public var note: String
        /// The note with markup.
        public var noteHTML: String
        /// Whether the end user cannot see it.
        public var isHidden: Bool
        /// Whether Halo made it by itself, as the first of every ticket.
        public var isSystem: Bool
        /// Where an email went, if one did.
        public var emailTo: String?
        /// Hours.
        public var timeTaken: Double
        /// The application that wrote it, or an empty text.
        public var applicationID: String
    }

    /// How many tickets there are that are not deleted.
    public func ticketCount() -> Int { store.tickets.records.count - store.tickets.deletedCount }

    /// What a customer is called; nil if there is none of this id.
    public func clientName(_ id: Int) -> String? { store[.client].row(id)?.fields["name"]?.text }

    /// A ticket by number, deleted ones included.
    public func ticket(_ id: Int) -> StoredTicket? { store.tickets[id].map(StoredTicket.init) }

    /// The tickets with exactly this `third_party_id_string`, deleted ones included, oldest first.
    public func tickets(thirdPartyIDString: String) -> [StoredTicket] {
        store.tickets.records.filter { $0.thirdParty == thirdPartyIDString }.map(StoredTicket.init)
    }

    /// The actions of a ticket, oldest first; empty where there is no such ticket.
    public func actions(ofTicket id: Int) -> [StoredAction] {
        store.tickets[id].map { store.actions.actions(of: $0).map(StoredAction.init) } ?? []
    }

    /// How many tokens were issued.
    public func issuedTokenCount() -> Int { tokens.issued }
}

extension HaloSimulator.StoredTicket {
    init(_ record: TicketRecord) {
        self.init(
            id: record.id, summary: record.summary, clientID: record.clientID, siteID: record.siteID, userID: record.userID,
            typeID: record.typeID,
            statusID: record.statusID, priorityID: record.priorityID, slaID: record.slaID, agentID: record.agentID, teamID: record.teamID,
            thirdPartyIDString: record.thirdParty, isClosed: record.isClosed, isDeleted: record.isDeleted, created: record.created.date,
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
    /// The moment in Foundation's terms.
    var date: Date { Date(timeIntervalSince1970: Double(ticks) / Double(Self.ticksPerSecond)) }
}

extension HaloSimulator {
    /// A ticket or note that was created through the API, with what was sent for it whatever was made of that.
    public struct StoredWrite: Sendable, Hashable {
        /// The ticket that was created or got the note.
        public var ticketID: Int
        /// The note's number on its ticket; nil for a new ticket.
        public var actionID: Int?
        /// The customer whose ticket it was at that moment.
        public var clientID: Int
        /// Whether people see the ticket at that moment: it is open, not merged, not deleted, and not hidden.
        public var isSeen: Bool
        /// The subject, details and note as they were sent, one after the other.
        public var sent: String
    }

    /// Everything that was created through the API since the start or the last ``clearLog()``, oldest first.
    public func storedWrites() -> [StoredWrite] { writes }

    /// Notes what a request has created.
    func record(_ sent: [String: JSONValue], _ resource: Resource, saved: [UInt8]) {
        guard resource == .tickets || resource == .actions, (sent["id"]?.integer ?? 0) == 0 else { return }
        let ticket = resource == .actions ? sent["ticket_id"]?.integer : store.tickets.records.last?.id
        guard let ticket, let record = store.tickets[ticket] else { return }
        let action = resource == .actions ? store.actions.actions(of: record).last?.id : nil
        let isSeen = !record.isClosed && record.mergedInto == 0 && !record.isDeleted && !record.isHidden
        writes.append(
            StoredWrite(ticketID: ticket, actionID: action, clientID: record.clientID, isSeen: isSeen, sent: Self.text(of: sent)))
    }

    /// The words of a write, by which a fault can be told for which writes it is meant.
    static func text(of sent: [String: JSONValue]) -> String {
        ["summary", "details", "details_html", "note", "note_html"].compactMap { sent[$0]?.text }.joined(separator: "\n")
    }
}

/// A request as the stand-in received it.
public struct LoggedRequest: Sendable {
    /// The method, in upper case.
    public var method: String
    /// The path as it was on the wire.
    public var path: String
    /// Names and values of the query, in order.
    public var query: [(name: String, value: String)]
    /// The headers, without the one that carries the token.
    public var headers: WebHeaders
    /// The body; in a token request the secrets are replaced.
    public var body: [UInt8]
}

/// The last requests, oldest first.
struct RequestJournal: Sendable {
    static let limit = 10_000

    private var kept: [LoggedRequest] = []
    private(set) var total = 0

    var entries: [LoggedRequest] { Array(kept.suffix(Self.limit)) }

    mutating func record(_ request: WebRequest) {
        var headers = request.headers
        headers["Authorization"] = nil
        let isToken = Route(request) == .token
        total += 1
        kept.append(
            LoggedRequest(
                method: request.method, path: request.path, query: request.query, headers: headers,
                body: isToken ? FormBody.redacted(request.body) : request.body))
        // Cut in large steps, so that a long run does not move ten thousand entries for each request.
        if kept.count >= 2 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
    }

    mutating func clear() { kept = [] }
}
