#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// Request Tracker 5 by Best Practical, over its REST 2.0 interface, connected with an authentication token.
///
/// It is here to prove the contract against a server that was not made for it, and is no part of what the host offers.
public struct RequestTrackerConnector: PSAConnector {
    let settings: RTSettings
    let context: ConnectorContext
    let client: RTClient
    let staff: StaffDirectory
    let phases: StatusPhases
    let fieldDirectory: FieldDirectory

    /// Makes a connection without contacting RT.
    ///
    /// - Throws: ``PSAError`` only for settings that the schema should not have let through.
    public init(settings: ConnectorSettings, context: ConnectorContext) throws {
        self.init(settings: try RTSettings(settings), context: context, timeouts: .normal)
    }

    init(settings: RTSettings, context: ConnectorContext, timeouts: RequestTimeouts) {
        self.settings = settings
        self.context = context
        client = RTClient(settings: settings, context: context, timeouts: timeouts)
        staff = StaffDirectory(client: client, group: settings.staffGroup)
        phases = StatusPhases(client: client)
        fieldDirectory = FieldDirectory(client: client, excluding: [settings.customerField, settings.referenceField])
    }
}

extension RequestTrackerConnector: VendorRequesting {
    /// The answer to a request of the host below `/REST/2.0`.
    public func vendorRequest(_ request: VendorRequest) async throws -> VendorAnswer { try await client.answer(to: request) }
}

extension RequestTrackerConnector: TicketReading {
    /// A page of tickets in the order of their numbers.
    public func tickets(changedSince date: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        let page = try client.page(at: cursor, of: .tickets)
        // RT reads every date in the user's time zone, also one with a “Z”; twelve hours earlier is early enough in all of them.
        let query = date.map {
            TicketSQL.updated(since: String($0.addingTimeInterval(-43_200).formatted(.iso8601).dropLast()))
        }
        let list = try await ticketRows(query ?? .all, at: page)
        let tickets = try await mapped(list)
        // Times have whole seconds, and a change in the second of the date given counts.
        let earliest = date.map { Date(timeIntervalSince1970: $0.timeIntervalSince1970.rounded(.down)) }
        return client.page(of: list, at: page) { ticket in
            guard let earliest, let updated = ticket.updatedAt else { return true }
            return updated >= earliest
        } make: { row in
            row.text("id").flatMap { tickets[$0] }
        }
    }

    /// The ticket with its first message; a ticket that was merged into another is that other one.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        let object = RTLocalizedMessage.ticket(id.rawValue)
        var (ticket, row) = try await client.read(
            "/ticket/{id}", pathValues: [try number(id, object)], query: Self.expansions, about: object
        ) { row in Ticket(rt: row, settings: settings).map { ($0, row) } }
        ticket.phase = try await phase(of: row)
        ticket.details = try await messages(of: ticket.id, types: ["Create"]).items.first?.text ?? ""
        return ticket
    }

    /// The rows of a search with all that a ticket is made of.
    func ticketRows(_ query: TicketSQL, at page: PageNumber? = nil, _ paging: [QueryItem] = []) async throws -> RowList {
        let items = [QueryItem("query", query.text)] + paging + [Self.fields] + Self.expansions
        return try await client.list("/tickets", at: page, query: items, about: .rows(.tickets))
    }

    /// The tickets of a page by their ids.
    func mapped(_ list: RowList) async throws -> [String: Ticket] {
        var tickets: [String: Ticket] = [:]
        for row in list.rows.map(client.row) {
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

    private func phase(of row: VendorRow) async throws -> Ticket.Phase {
        guard let status = row.text("Status"), let lifecycle = row["Queue"]?["Lifecycle"]?.string else { return .unknown }
        return try await phases.phase(of: status, in: lifecycle)
    }

    private static let fields = QueryItem(
        "fields", "Subject,Status,Queue,Owner,Requestor,Priority,Created,LastUpdated,Resolved,Due,CustomFields")
    private static let expansions = [
        QueryItem("fields[Queue]", "Name,Lifecycle"), QueryItem("fields[Owner]", "Name,RealName"),
        QueryItem("fields[Requestor]", "Name,RealName"),
    ]
}

extension RequestTrackerConnector: TicketNoteReading {
    /// A page of the ticket's correspondence and comments, the oldest first.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        let page = try client.page(at: cursor, of: .notes)
        // A search for the history of a ticket that is not there finds nothing, which is not what was asked.
        if page.number == 1 {
            let object = RTLocalizedMessage.ticket(ticket.rawValue)
            _ = try await client.read("/ticket/{id}", pathValues: [try number(ticket, object)], about: object)
        }
        return try await messages(of: ticket, types: ["Comment", "Correspond"], at: page)
    }

    /// Transactions of some types, or one of them, with their texts, which RT keeps apart from them.
    func messages(
        of ticket: Ticket.ID, types: [String], only transaction: Int? = nil, at page: PageNumber? = nil
    ) async throws -> Page<TicketNote> {
        let object = RTLocalizedMessage.notes(ticket: ticket.rawValue)
        let id = try number(ticket, object)
        let page = try page ?? client.page(at: nil, of: .notes)
        let kinds = types.map { TicketSQL.field("Type", is: $0).text }.joined(separator: " OR ")
        let query =
            TicketSQL.field("ObjectType", is: "RT::Ticket").text + " AND ObjectId = \(id) AND (\(kinds))"
            + (transaction.map { " AND id = \($0)" } ?? "")
        let list = try await client.list(
            "/transactions", at: page,
            query: [
                QueryItem("query", query), QueryItem("fields", "Type,Creator,Created,TimeTaken"),
                QueryItem("fields[Creator]", "Name,RealName"),
            ], about: object)
        let texts = try await texts(of: list, ticket: id, about: object)
        let staff = try await staffIfReadable()
        return client.page(of: list, at: page) { row in
            TicketNote(rt: row, ticket: ticket, message: row.text("id").flatMap { texts[$0] } ?? RTMessage(), staff: staff)
        }
    }

    /// The text parts of the transactions of a page.
    private func texts(of list: RowList, ticket: String, about object: RTLocalizedMessage) async throws -> [String: RTMessage] {
        let ids = list.rows.compactMap { $0["id"]?.integer }
        guard let first = ids.min(), let last = ids.max() else { return [:] }
        // Files are left where they are: they would come along in full.
        let filter: JSONValue = [
            ["field": "ContentType", "operator": "STARTSWITH", "value": "text/"],
            ["field": "TransactionId", "operator": ">=", "value": .integer(first)],
            ["field": "TransactionId", "operator": "<=", "value": .integer(last), "entry_aggregator": "AND"],
        ]
        var texts: [String: RTMessage] = [:]
        // Each transaction has a handful of parts.
        let parts = try await client.allRows(
            "/ticket/{id}/attachments", pathValues: [ticket],
            query: [QueryItem("query", filter.encodedText), QueryItem("fields", "Content,ContentType,TransactionId,Filename")],
            fullPage: RTCollection.pageSize, maxPages: 20, about: object)
        for part in parts {
            if let transaction = part.text("TransactionId") { texts[transaction, default: RTMessage()].add(part) }
        }
        return texts
    }

    /// Staff, to tell authors apart; a user who may not read the group still reads notes.
    private func staffIfReadable() async throws -> Set<String>? {
        do {
            return Set(try await staff.names())
        } catch is PSAError {
            return nil
        }
    }
}

extension RequestTrackerConnector: CompanyReading {
    /// The values of the customer field.
    ///
    /// RT has no companies. What its sites use for them is a custom field of the ticket: unlike a queue it can be combined with any kind of
    /// work, and unlike a group or a user's organisation it is on the ticket itself, where it can be read, set and searched. A value is
    /// known by its text alone, also to RT.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        let page = try client.page(at: cursor, of: .companies)
        guard let field = try await customField(named: settings.customerField) else { throw missing(settings.customerField) }
        let list = try await client.list("/customfield/{id}/values", pathValues: [field], at: page, about: .rows(.companies))
        return client.page(of: list, at: page, make: Company.init(rt:))
    }

    /// The id of a ticket custom field, or nil if there is none the user may see.
    func customField(named name: String) async throws -> String? {
        let query: [QueryItem] = [.condition("Name", is: name), QueryItem("fields", "Name,LookupType")]
        let list = try await client.list("/customfields", query: query, about: .customField(name))
        return list.rows.first { $0["Name"]?.string == name && $0["LookupType"]?.string == "RT::Queue-RT::Ticket" }?["id"]?.text
    }

    func missing(_ field: String) -> PSAError {
        client.error(.permissionNothingVisible, about: .customField(field), evidence: .noCustomField(field))
    }
}

extension RequestTrackerConnector: ContactReading, AgentReading {
    /// A page of the users who are not staff; RT's own accounts are neither.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        let page = try client.page(at: cursor, of: .contacts)
        let staff = Set(try await staff.names()).union(["RT_System", "Nobody"])
        let list = try await client.list(
            "/users", at: page, query: [QueryItem("find_disabled_rows", "1"), Self.userFields], about: .rows(.contacts))
        return client.page(of: list, at: page, keep: { !staff.contains($0.id.rawValue) }, make: Contact.init(rt:))
    }

    /// A page of the members of the staff group, looked up by their names.
    public func agents(at cursor: PageCursor?) async throws -> Page<Agent> {
        let page = try client.page(at: cursor, of: .agents)
        let names = try await staff.names()
        let wanted = names.dropFirst((page.number - 1) * Self.namesInOneQuery).prefix(Self.namesInOneQuery)
        guard !wanted.isEmpty else { return Page(items: []) }
        let filter = JSONValue.array(
            wanted.map { ["field": "Name", "value": .string($0), "entry_aggregator": "OR"] })
        let query: [QueryItem] = [QueryItem("query", filter.encodedText), .rows(RTCollection.pageSize), .byID, Self.userFields]
        // RT ignores conditions it does not know, and then answers with everybody.
        var agents = try await client.page(
            "/users", query: query, about: .rows(.agents), keep: { wanted.contains($0.id.rawValue) }, make: Agent.init(rt:))
        if page.number * Self.namesInOneQuery < names.count { agents.next = page.cursor(to: page.number + 1) }
        agents.total = names.count
        return agents
    }

    /// Few enough for the length of an address.
    private static let namesInOneQuery = 40
    private static let userFields = QueryItem("fields", "Name,RealName,EmailAddress,Organization,WorkPhone,MobilePhone,HomePhone")
}

extension RequestTrackerConnector: PicklistReading {
    /// The queues, which decide lifecycle, rights and mail as ticket types do elsewhere; RT's own queues are left out.
    public func ticketTypes() async throws -> [TicketType] {
        try await queues().compactMap(TicketType.init(rt:))
    }

    /// The statuses of a queue's lifecycle, or of all, as far as tickets show them.
    ///
    /// No resource of REST 2.0 lists a lifecycle. What there is are the statuses of tickets, and the steps RT offers on each ticket; a status
    /// that no ticket has and no step leads to is missing here, and can be used all the same.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        let lifecycles: [String]
        if let type {
            let object = RTLocalizedMessage.queue(type.rawValue)
            let queue = try await client.read("/queue/{id}", pathValues: [try number(type, object)], about: object)
            lifecycles = [queue["Lifecycle"]?.string].compactMap { $0 }
        } else {
            lifecycles = Set(try await queues().compactMap { $0.text("Lifecycle") }).sorted()
        }
        var statuses: [TicketStatus] = []
        for lifecycle in lifecycles {
            for status in try await statusesSeen(in: lifecycle, scope: type.map(PicklistScope.ticketType) ?? .tenant) {
                if let index = statuses.firstIndex(where: { $0.id == status.id }) {
                    // Another lifecycle has one of the same name; they need not mean the same.
                    if statuses[index].phase != status.phase { statuses[index].phase = .unknown }
                } else {
                    statuses.append(status)
                }
            }
        }
        return statuses
    }

    /// The numbers 0 to 100, for every queue alike; names that a site shows in their place are not available over REST 2.0.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        let now = client.time.now()
        return (0...100).map { number in
            TicketPriority(
                id: TicketPriority.ID(number), name: String(number), scope: .tenant, order: number,
                native: NativeRecord(bytes: JSONValue.integer(number).encoded, fetchedAt: now))
        }
    }

    private func queues() async throws -> [VendorRow] {
        let query = [QueryItem("find_disabled_rows", "1"), QueryItem("fields", "Name,Lifecycle,Disabled,_hyperlinks")]
        let rows = try await client.allRows("/queues/all", query: query, maxPages: 100, about: .queues)
        // 2 marks what RT keeps for itself, such as the queue of approvals.
        return rows.filter { $0["Disabled"]?.integer != 2 }
    }

    private func statusesSeen(in lifecycle: String, scope: PicklistScope) async throws -> [TicketStatus] {
        let tickets = try await client.list(
            "/tickets",
            query: [
                QueryItem("query", TicketSQL.field("Lifecycle", is: lifecycle).text), QueryItem("fields", "Status,_hyperlinks"),
                .rows(RTCollection.pageSize), QueryItem("orderby", "LastUpdated"), QueryItem("order", "DESC"),
            ], about: .statuses)
        var names: [String] = []
        for ticket in tickets.rows {
            let steps = ticket["_hyperlinks"]?.elements.filter { $0["ref"]?.string == "lifecycle" } ?? []
            for name in [ticket["Status"]?.string] + steps.map({ $0["to"]?.string }) {
                if let name, !names.contains(name) { names.append(name) }
            }
        }
        let now = client.time.now()
        var statuses: [TicketStatus] = []
        for name in names.sorted() {
            guard let id = TicketStatus.ID(name) else { continue }
            statuses.append(
                TicketStatus(
                    id: id, name: name, scope: scope, phase: try await phases.phase(of: name, in: lifecycle),
                    native: NativeRecord(bytes: JSONValue.string(name).encoded, fetchedAt: now)))
        }
        return statuses
    }
}
