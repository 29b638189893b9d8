#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

extension SampleConnector: CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading, PicklistReading {
    /// A page of `/api/companies`.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        try await client.numberedPage("/companies", at: cursor, of: "companies", rows: Self.rows, make: Company.init(sample:fetchedAt:))
    }

    /// A page of `/api/contacts`.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        try await client.numberedPage("/contacts", at: cursor, of: "contacts", rows: Self.rows, make: Contact.init(sample:fetchedAt:))
    }

    /// A page of `/api/agents`.
    public func agents(at cursor: PageCursor?) async throws -> Page<Agent> {
        try await client.numberedPage("/agents", at: cursor, of: "agents", rows: Self.rows, make: Agent.init(sample:fetchedAt:))
    }

    /// `/api/contacts` with the vendor's own filter; the company is compared here.
    public func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await client.page("/contacts", query: [QueryItem("mail", address)], rows: Self.rows, make: Contact.init(sample:fetchedAt:))
            .items.filter { company == nil || $0.company?.id == company }
    }

    /// A page of `/api/tickets`, oldest change first.
    public func tickets(changedSince date: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await tickets(matching: TicketQuery(changedSince: date), at: cursor)
    }

    /// A page of `/api/tickets` with the vendor's own filters.
    public func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        var filters: [QueryItem] = []
        if let date = query.changedSince { filters.append(QueryItem("since", date.formatted(.iso8601))) }
        if let company = query.company { filters.append(QueryItem("company", company.rawValue)) }
        if query.order == .newestFirst { filters.append(QueryItem("order", "newest")) }
        return try await client.numberedPage(
            "/tickets", at: cursor, of: "tickets", query: filters, rows: Self.rows, make: Ticket.init(sample:fetchedAt:))
    }

    /// `/api/tickets/{id}`.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try made(from: await client.read("/tickets/{id}", pathValues: [id.rawValue]))
    }

    /// A page of `/api/tickets/{id}/notes`, the oldest first.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        try await client.numberedPage(
            "/tickets/{id}/notes", pathValues: [ticket.rawValue], at: cursor, of: "notes", rows: Self.rows
        ) {
            TicketNote(sample: $0, of: ticket, fetchedAt: $1)
        }
    }

    /// `/api/types`.
    public func ticketTypes() async throws -> [TicketType] { try await choices("types", make: TicketType.init(sample:fetchedAt:)) }

    /// `/api/statuses`; every type has all of them.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try await choices("statuses", make: TicketStatus.init(sample:fetchedAt:))
    }

    /// `/api/priorities`; every type has all of them.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try await choices("priorities", make: TicketPriority.init(sample:fetchedAt:))
    }

    /// The ticket in an answer.
    func made(from root: JSONView) throws -> Ticket {
        guard let ticket = Ticket(sample: root, fetchedAt: client.time.now()) else { throw client.error(.vendorUnexpectedResponse) }
        return ticket
    }

    /// The rows of an answer such as `{"total": 1, "rows": […]}`.
    static func rows(in root: JSONView) -> RowList? { RowList(array: root["rows"], total: root["total"]?.integer) }

    private func choices<Element: Sendable>(_ list: String, make: (JSONView, Date) -> Element?) async throws -> [Element] {
        try await client.page("/" + list, rows: { RowList(array: $0) }, make: make).items
    }
}
