package import FoundationEssentials
package import WebServer

extension HaloSimulator {
    /// A stored ticket, for assertions that bypass the API.
    package struct StoredTicket: Sendable, Equatable {
        /// The ticket number.
        package var id: Int
        /// The subject.
        package var summary: String
        /// The customer's id.
        package var clientID: Int
        /// The site's id.
        package var siteID: Int
        /// The user's id, or -1 for no user.
        package var userID: Int
        /// The type's id.
        package var typeID: Int
        /// The status's id.
        package var statusID: Int
        /// The priority's number within its SLA.
        package var priorityID: Int
        /// The SLA's id.
        package var slaID: Int
        /// The agent's id, or 1 for unassigned.
        package var agentID: Int
        /// The team's id.
        package var teamID: Int
        /// The value of `third_party_id_string`.
        package var thirdPartyIDString: String
        /// Whether the ticket is closed.
        package var isClosed: Bool
        /// Whether the ticket is deleted.
        package var isDeleted: Bool
        /// The id of the ticket into which it was merged, or nil.
        package var mergedInto: Int?
        /// Whether the API agent cannot see it.
        package var isHidden: Bool
        /// The impact.
        package var impact: Int
        /// The urgency.
        package var urgency: Int
        /// The text paths of the categories by level; levels without a category are missing.
        package var categories: [Int: String] = [:]
        /// The ids of the linked assets.
        package var assetIDs: [Int] = []
        /// The stored values of custom fields by their id, as JSON text.
        package var customFields: [Int: String] = [:]
        /// The value of `dont_do_rules` in the request that created the ticket, or nil if it had none.
        package var skipsRules: Bool?
        /// Whether the request that created the ticket had `_novalidate`.
        package var skipsValidation = false
        /// When the ticket was created.
        package var created: Date
        /// When the ticket was last changed.
        package var updated: Date
        /// When an action was last added.
        package var lastAction: Date
    }

    /// A stored action.
    package struct StoredAction: Sendable, Equatable {
        /// The id, which is unique only within the ticket.
        package var id: Int
        /// The ticket's id.
        package var ticketID: Int
        /// The outcome's id.
        package var outcomeID: Int
        /// The note as plain text.
        package var note: String
        /// The note as HTML.
        package var noteHTML: String
        /// Whether the action is hidden from the end user.
        package var isHidden: Bool
        /// Whether Halo created the action itself, like the first action of every ticket.
        package var isSystem: Bool
        /// The recipient if the action sent an email.
        package var emailTo: String?
        /// The time spent in hours.
        package var timeTaken: Double
        /// The application that created the action, or an empty string.
        package var applicationID: String
        /// When the action was created.
        package var created: Date
    }

    /// A stored customer.
    package struct StoredClient: Sendable, Equatable {
        /// The id.
        package var id: Int
        /// The name.
        package var name: String
        /// Whether the customer is active.
        package var isActive: Bool
        /// When it was last changed.
        package var updated: Date
    }

    /// A stored user.
    package struct StoredUser: Sendable, Equatable {
        /// The id.
        package var id: Int
        /// The name.
        package var name: String
        /// The mail address, or an empty string.
        package var email: String
        /// The customer's id.
        package var clientID: Int
        /// The customer's name as rows of the user show it.
        package var clientName: String
        /// Whether the user is active.
        package var isActive: Bool
        /// When it was last changed.
        package var updated: Date
    }

    /// A stored contract.
    package struct StoredAgreement: Sendable, Equatable {
        /// The id.
        package var id: Int
        /// The reference.
        package var reference: String
        /// The customer's id.
        package var clientID: Int
        /// Whether it runs.
        package var isActive: Bool
        /// When it ends.
        package var end: Date?
        /// When it was last changed.
        package var updated: Date
    }

    /// A stored recurring invoice.
    package struct StoredRecurringInvoice: Sendable, Equatable {
        /// The id, which may be negative.
        package var id: Int
        /// The customer's id.
        package var clientID: Int
        /// The total.
        package var total: Double
        /// Whether it is disabled.
        package var isDisabled: Bool
        /// When it was last changed.
        package var updated: Date
    }

    /// Returns all tickets, also those that are deleted, merged or hidden, in the order of their ids.
    package func tickets() -> [StoredTicket] { store.tickets.records.map(stored) }

    /// Returns all customers, also the inactive ones, in the order of their ids.
    package func clients() -> [StoredClient] {
        rows(.client) { id, fields, updated in
            StoredClient(id: id, name: fields["name"]?.text ?? "", isActive: fields["inactive"]?.isTrue != true, updated: updated)
        }
    }

    /// Returns all users, also the inactive ones, in the order of their ids.
    package func users() -> [StoredUser] {
        rows(.users) { id, fields, updated in
            StoredUser(
                id: id, name: fields["name"]?.text ?? "", email: fields["emailaddress"]?.text ?? "",
                clientID: fields["client_id"]?.integer ?? 0, clientName: fields["client_name"]?.text ?? "",
                isActive: fields["inactive"]?.isTrue != true, updated: updated)
        }
    }

    /// Returns all contracts, also the ended ones, in the order of their ids.
    package func agreements() -> [StoredAgreement] {
        rows(.clientContract) { id, fields, updated in
            StoredAgreement(
                id: id, reference: fields["ref"]?.text ?? "", clientID: fields["client_id"]?.integer ?? 0,
                isActive: fields["active"]?.isTrue == true, end: fields["end_date"]?.time?.date, updated: updated)
        }
    }

    /// Returns all recurring invoices, also the disabled ones, in the order of their ids.
    package func recurringInvoices() -> [StoredRecurringInvoice] {
        rows(.recurringInvoice) { id, fields, updated in
            StoredRecurringInvoice(
                id: id, clientID: fields["client_id"]?.integer ?? 0, total: fields["total"]?.number ?? 0,
                isDisabled: fields["disabled"]?.isTrue == true, updated: updated)
        }
    }

    private func rows<Stored>(_ resource: Resource, _ make: (Int, [String: JSONValue], Date) -> Stored) -> [Stored] {
        store[resource].rows.compactMap { row in row.fields["id"]?.integer.map { ($0, row) } }.sorted { $0.0 < $1.0 }
            .map { make($0.0, $0.1.fields, $0.1.updated.date) }
    }

    /// Returns the number of tickets that are not deleted.
    package func ticketCount() -> Int { store.tickets.records.count - store.tickets.deletedCount }

    /// Returns the name of a customer, or nil if there is no customer with this id.
    package func clientName(_ id: Int) -> String? { store[.client].row(id)?.fields["name"]?.text }

    /// Returns a ticket by id, also if it is deleted.
    package func ticket(_ id: Int) -> StoredTicket? { store.tickets[id].map(stored) }

    /// Returns the tickets with exactly this `third_party_id_string`, including deleted ones, oldest first.
    package func tickets(thirdPartyIDString: String) -> [StoredTicket] {
        store.tickets.records.filter { $0.thirdParty == thirdPartyIDString }.map(stored)
    }

    /// Returns the actions of a ticket, oldest first; empty if there is no such ticket.
    package func actions(ofTicket id: Int) -> [StoredAction] {
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
    package func issuedTokenCount() -> Int { tokens.issued }
}

extension HaloSimulator.StoredTicket {
    init(_ record: TicketRecord) {
        self.init(
            id: record.id, summary: record.summary, clientID: record.clientID, siteID: record.siteID, userID: record.userID,
            typeID: record.typeID, statusID: record.statusID, priorityID: record.priorityID, slaID: record.slaID, agentID: record.agentID,
            teamID: record.teamID, thirdPartyIDString: record.thirdParty, isClosed: record.isClosed, isDeleted: record.isDeleted,
            mergedInto: record.mergedInto == 0 ? nil : record.mergedInto, isHidden: record.isHidden, impact: record.impact,
            urgency: record.urgency, created: record.created.date, updated: record.updated.date, lastAction: record.lastAction.date)
    }
}

extension HaloSimulator.StoredAction {
    init(_ record: ActionRecord) {
        self.init(
            id: record.id, ticketID: record.ticketID, outcomeID: record.outcomeID, note: record.note, noteHTML: record.noteHTML,
            isHidden: record.isHidden, isSystem: record.isSystem,
            emailTo: record.fields["emailto"]?.text ?? record.fields["emailtonew"]?.text,
            timeTaken: record.timeTaken, applicationID: record.applicationID, created: record.created.date)
    }
}

extension HaloTime {
    /// The timestamp as a Foundation date.
    var date: Date { Date(timeIntervalSince1970: Double(ticks) / Double(Self.ticksPerSecond)) }
}

extension HaloSimulator {
    /// A ticket or note that was created through the API, with the texts that were sent, even if faults changed the stored ones.
    package struct StoredWrite: Sendable, Hashable {
        /// The id of the created ticket, or of the ticket that received the note.
        package var ticketID: Int
        /// The note's id within its ticket, or nil for a new ticket.
        package var actionID: Int?
        /// The ticket's customer at the time of the write.
        package var clientID: Int
        /// Whether the ticket was visible at the time of the write: open, not merged, not deleted and not hidden.
        package var isVisible: Bool
        /// The sent subject, details and note, separated by line breaks.
        package var sent: String
    }

    /// Returns the tickets and notes created through the API since the start or the last ``clearLog()``, oldest first.
    package func storedWrites() -> [StoredWrite] { writes }

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

/// The control routes below `/_simulator/records`.
extension HaloSimulator {
    /// Returns the stored records of a kind, as far as other programs compare them: `GET /_simulator/records/tickets`.
    func records(_ name: Substring) -> Reply {
        switch RecordKind(rawValue: String(name)) {
        case .tickets?: Reply(status: 200, json: .array(tickets().map(line)))
        case .clients?:
            Reply(
                status: 200,
                json: .array(clients().map { ["id": .int($0.id), "name": .string($0.name), "inactive": .bool(!$0.isActive)] }))
        case .users?:
            Reply(
                status: 200,
                json: .array(
                    users().map {
                        [
                            "id": .int($0.id), "name": .string($0.name), "client_id": .int($0.clientID), "inactive": .bool(!$0.isActive),
                        ]
                    }))
        case .agreements?:
            Reply(
                status: 200,
                json: .array(
                    agreements().map {
                        [
                            "id": .int($0.id), "name": .string($0.reference), "client_id": .int($0.clientID), "active": .bool($0.isActive),
                        ]
                    }))
        case .recurringInvoices?:
            Reply(
                status: 200,
                json: .array(
                    recurringInvoices().map {
                        [
                            "id": .int($0.id), "client_id": .int($0.clientID), "total": .double($0.total), "disabled": .bool($0.isDisabled),
                        ]
                    }))
        case nil: Reply(status: 404, content: .empty)
        }
    }

    private func line(_ ticket: StoredTicket) -> JSONValue {
        [
            "id": .int(ticket.id), "summary": .string(ticket.summary), "client_id": .int(ticket.clientID),
            "status_id": .int(ticket.statusID), "closed": .bool(ticket.isClosed), "deleted": .bool(ticket.isDeleted),
            "hidden": .bool(ticket.isHidden), "merged_into_id": .int(ticket.mergedInto ?? 0),
            "last_update": .string(HaloTime(ticket.updated).text()), "lastactiondate": .string(HaloTime(ticket.lastAction).text()),
            "actions": .array(actions(ofTicket: ticket.id).map { .int($0.id) }),
        ]
    }
}

/// A request received by the simulator.
package struct LoggedRequest: Sendable {
    /// The method, in upper case.
    package var method: String
    /// The path, percent-encoded as received.
    package var path: String
    /// The names and values of the query, in order.
    package var query: [(name: String, value: String)]
    /// The headers, without `Authorization`.
    package var headers: WebHeaders
    /// The body; the secrets of a token request are redacted.
    ///
    /// Only the first 256 KiB are kept.
    package var body: [UInt8]
    /// When it arrived.
    package var time: ContinuousClock.Instant
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
                body: isToken ? FormBody.redacted(request.body) : Array(request.body.prefix(Self.maxBodyBytes)), time: .now))
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
