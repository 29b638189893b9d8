#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

extension SampleConnector: CompanyReading, ContactReading, TicketQuerying, TicketNoteReading, PicklistReading {
    /// A page of `/api/companies`.
    public func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        try await page("companies", at: cursor) { Company(sample: $0, fetchedAt: $1) }
    }

    /// A page of `/api/contacts`.
    public func contacts(at cursor: PageCursor?) async throws -> Page<Contact> {
        try await page("contacts", at: cursor) { Contact(sample: $0, fetchedAt: $1) }
    }

    /// `/api/contacts` with the vendor's own filter; the company is compared here.
    public func contacts(withEmail address: String, of company: Company.ID?) async throws -> [Contact] {
        try await client.page("/contacts", query: [QueryItem("mail", address)], rows: Self.rows) { Contact(sample: $0, fetchedAt: $1) }
            .items.filter { company == nil || $0.company?.id == company }
    }

    /// A page of `/api/tickets`, oldest change first.
    public func tickets(changedSince date: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await tickets(matching: TicketQuery(changedSince: date), at: cursor)
    }

    /// A page of `/api/tickets` with the vendor's own filters.
    public func tickets(matching query: TicketQuery, at cursor: PageCursor?) async throws -> Page<Ticket> {
        var filters: [QueryItem] = []
        if let moment = query.changedSince { filters.append(QueryItem("since", moment.formatted(.iso8601))) }
        if let company = query.company { filters.append(QueryItem("company", company.rawValue)) }
        if query.order == .newestFirst { filters.append(QueryItem("order", "newest")) }
        return try await page("tickets", at: cursor, filters) { Ticket(sample: $0, fetchedAt: $1) }
    }

    /// `/api/tickets/{id}`.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try made(from: await client.read("/tickets/{id}", pathValues: [id.rawValue]))
    }

    /// A page of `/api/tickets/{id}/notes`, the oldest first.
    public func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        let number = try pageNumber(cursor, of: "notes")
        var page = try await client.page(
            "/tickets/{id}/notes", pathValues: [ticket.rawValue], query: [QueryItem("page", String(number))], rows: Self.rows
        ) {
            TicketNote(sample: $0, of: ticket, fetchedAt: $1)
        }
        if page.firstRowID != nil {
            page.next = PageCursor(connector: Self.descriptor.id, list: "notes", version: 1, payload: String(number + 1))
        }
        return page
    }

    /// `/api/types`.
    public func ticketTypes() async throws -> [TicketType] { try await choices("types") { TicketType(sample: $0, fetchedAt: $1) } }

    /// `/api/statuses`; every type has all of them.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try await choices("statuses") { TicketStatus(sample: $0, fetchedAt: $1) }
    }

    /// `/api/priorities`; every type has all of them.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try await choices("priorities") { TicketPriority(sample: $0, fetchedAt: $1) }
    }

    /// The ticket in an answer.
    func made(from root: JSONView) throws -> Ticket {
        guard let ticket = Ticket(sample: root, fetchedAt: client.time.now()) else { throw client.error(.vendorUnexpectedResponse) }
        return ticket
    }

    private func page<Element: Sendable>(
        _ list: String, at cursor: PageCursor?, _ query: [QueryItem] = [], make: (JSONView, Date) -> Element?
    ) async throws -> Page<Element> {
        let number = try pageNumber(cursor, of: list)
        var page = try await client.page("/" + list, query: query + [QueryItem("page", String(number))], rows: Self.rows, make: make)
        // The list goes on as long as rows come: the vendor's total may be wrong, and a page may be shorter than expected.
        if page.firstRowID != nil {
            page.next = PageCursor(connector: Self.descriptor.id, list: list, version: 1, payload: String(number + 1))
        }
        return page
    }

    private func pageNumber(_ cursor: PageCursor?, of list: String) throws -> Int {
        guard let cursor else { return 1 }
        let payload = cursor.payload(connector: Self.descriptor.id, list: list, version: 1)
        guard let number = payload.flatMap({ Int($0) }), number > 1 else { throw client.error(.syncCursorRejected) }
        return number
    }

    /// The rows of an answer such as `{"total": 1, "rows": […]}`.
    static func rows(in root: JSONView) -> RowList? { RowList(array: root["rows"], total: root["total"]?.integer) }

    private func choices<Element: Sendable>(_ list: String, make: (JSONView, Date) -> Element?) async throws -> [Element] {
        try await client.page("/" + list, rows: { RowList(array: $0) }, make: make).items
    }
}
