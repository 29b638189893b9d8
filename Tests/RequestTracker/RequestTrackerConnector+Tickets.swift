public import FoundationEssentials
public import PSACore

extension RequestTrackerConnector: TicketReading {
    /// A page of tickets in the order of their numbers.
    public func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        let position = try RTPagePosition(cursor, of: .tickets, client: client)
        // RT reads every date in the user's time zone, also one with a “Z”; twelve hours earlier is early enough in all of them.
        let query = moment.map {
            TicketQuery.updated(since: String($0.addingTimeInterval(-43_200).formatted(.iso8601).dropLast()))
        }
        let list = try await ticketRows(query ?? .all, position.query)
        let tickets = try await mapped(list)
        // Times have whole seconds, and a change in the second of the moment counts.
        let earliest = moment.map { Date(timeIntervalSince1970: $0.timeIntervalSince1970.rounded(.down)) }
        return Page(list, following: position.following(list, of: .tickets)) { ticket in
            guard let earliest, let updated = ticket.updatedAt else { return true }
            return updated >= earliest
        } make: { row in
            row["id"]?.text.flatMap { tickets[$0] }
        }
    }

    /// The ticket with its first message; a ticket that was merged into another is that other one.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        let object = RTLocalizedMessage.ticket(id.rawValue)
        let root = try await client.read("/ticket/{id}", [try number(id, object)], query: Self.expansions, about: object)
        let row = RTRow(view: root, fetchedAt: client.time.now())
        guard var ticket = Ticket(rt: row, settings: settings) else {
            throw client.error(.vendorUnexpectedResponse, about: object, evidence: .noRecord)
        }
        ticket.phase = try await phase(of: row)
        ticket.details = try await messages(of: ticket.id, types: ["Create"]).items.first?.text ?? ""
        return ticket
    }

    /// The rows of a search with all that a ticket is made of.
    func ticketRows(_ query: TicketQuery, _ paging: [QueryItem]) async throws -> RTList {
        let items = [QueryItem("query", query.text)] + paging + [Self.fields] + Self.expansions
        return try await client.list("/tickets", [], items, about: .rows(.tickets))
    }

    /// The tickets of a page by their ids.
    func mapped(_ list: RTList) async throws -> [String: Ticket] {
        let now = client.time.now()
        var tickets: [String: Ticket] = [:]
        for view in list.rows {
            let row = RTRow(view: view, fetchedAt: now)
            guard var ticket = Ticket(rt: row, settings: settings) else { continue }
            ticket.phase = try await phase(of: row)
            tickets[ticket.id.rawValue] = ticket
        }
        return tickets
    }

    /// An id as RT takes it in a path: a positive whole number.
    func number<Entity>(_ id: RecordID<Entity>, _ object: RTLocalizedMessage) throws -> String {
        guard let number = id.integer, number > 0, Int32(exactly: number) != nil else {
            throw client.error(
                .requestInvalid, about: object, message: .notANumber(String(id.rawValue.prefix(40))))
        }
        return String(number)
    }

    private func phase(of row: RTRow) async throws -> Ticket.Phase {
        guard let status = row.text("Status"), let lifecycle = row.view["Queue"]?["Lifecycle"]?.string else { return .unknown }
        return try await phases.phase(of: status, in: lifecycle)
    }

    private static let fields = QueryItem(
        "fields", "Subject,Status,Queue,Owner,Requestor,Priority,Created,LastUpdated,Resolved,Due,CustomFields")
    private static let expansions = [
        QueryItem("fields[Queue]", "Name,Lifecycle"), QueryItem("fields[Owner]", "Name,RealName"),
        QueryItem("fields[Requestor]", "Name,RealName"),
    ]
}
