#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

extension SampleConnector: CompanyReading, ContactReading, AgentReading, TicketQuerying, TicketNoteReading, PicklistReading {
    /// A page of `/api/companies`.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        try await client.numberedPage("/companies", at: cursor, make: Company.init(sample:))
    }

    /// A page of `/api/contacts`.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        try await client.numberedPage("/contacts", at: cursor, make: Contact.init(sample:))
    }

    /// A page of `/api/agents`.
    public func agents(at cursor: PageCursor?) async throws -> Page<Agent> {
        try await client.numberedPage("/agents", at: cursor, make: Agent.init(sample:))
    }

    /// `/api/contacts` with the vendor's own filter; the company is compared here.
    public func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await client.page("/contacts", query: [QueryItem("mail", address)], make: Contact.init(sample:))
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
        return try await client.numberedPage("/tickets", at: cursor, query: filters, make: Ticket.init(sample:))
    }

    /// `/api/tickets/{id}`.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try await client.read("/tickets/{id}", pathValues: [id.rawValue], make: Ticket.init(sample:))
    }

    /// A page of `/api/tickets/{id}/notes`, the oldest first.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        try await client.numberedPage("/tickets/{id}/notes", pathValues: [ticket.rawValue], at: cursor) {
            TicketNote(sample: $0, of: ticket)
        }
    }

    /// `/api/types`.
    public func ticketTypes() async throws -> [TicketType] { try await client.page("/types", make: TicketType.init(sample:)).items }

    /// `/api/statuses`; every type has all of them.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try await client.page("/statuses", make: TicketStatus.init(sample:)).items
    }

    /// `/api/priorities`; every type has all of them.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try await client.page("/priorities", make: TicketPriority.init(sample:)).items
    }
}
