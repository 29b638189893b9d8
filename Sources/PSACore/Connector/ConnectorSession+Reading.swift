public import FoundationEssentials

extension ConnectorSession {
    /// All companies, page after page.
    public func companies(startingAt cursor: PageCursor? = nil) -> PagedSequence<Company> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readCompanies, (any CompanyReading).self) { try await $0.companies(at: cursor) }
        }
    }

    /// All contacts, page after page.
    public func contacts(startingAt cursor: PageCursor? = nil) -> PagedSequence<Contact> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readContacts, (any ContactReading).self) { try await $0.contacts(at: cursor) }
        }
    }

    /// All staff.
    public func agents(startingAt cursor: PageCursor? = nil) -> PagedSequence<Agent> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readAgents, (any AgentReading).self) { try await $0.agents(at: cursor) }
        }
    }

    /// Tickets, page after page; with a moment only those changed since then.
    public func tickets(changedSince moment: Date? = nil, startingAt cursor: PageCursor? = nil) -> PagedSequence<Ticket> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readTickets, (any TicketReading).self) { try await $0.tickets(changedSince: moment, at: cursor) }
        }
    }

    /// One ticket with all its fields.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try await perform(.readTickets, (any TicketReading).self) { try await $0.ticket(id) }
    }

    /// The notes of a ticket.
    public func notes(of ticket: Ticket.ID, startingAt cursor: PageCursor? = nil) -> PagedSequence<TicketNote> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readNotes, (any TicketNoteReading).self) { try await $0.notes(of: ticket, at: cursor) }
        }
    }

    /// All contracts, page after page.
    public func agreements(startingAt cursor: PageCursor? = nil) -> PagedSequence<Agreement> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readAgreements, (any AgreementReading).self) { try await $0.agreements(at: cursor) }
        }
    }

    /// All recurring invoices, page after page; their lines may be missing.
    public func recurringInvoices(startingAt cursor: PageCursor? = nil) -> PagedSequence<RecurringInvoice> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(.readRecurringInvoices, (any RecurringInvoiceReading).self) { try await $0.recurringInvoices(at: cursor) }
        }
    }

    /// One recurring invoice with its lines.
    public func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice {
        try await perform(.readRecurringInvoices, (any RecurringInvoiceReading).self) { try await $0.recurringInvoice(id) }
    }

    /// All ticket types.
    public func ticketTypes() async throws -> [TicketType] {
        try await perform(.readPicklists, (any PicklistReading).self) { try await $0.ticketTypes() }
    }

    /// The statuses of a ticket type, or all.
    public func ticketStatuses(for type: TicketType.ID? = nil) async throws -> [TicketStatus] {
        try await perform(.readPicklists, (any PicklistReading).self) { try await $0.ticketStatuses(for: type) }
    }

    /// The priorities of a ticket type, or all.
    public func ticketPriorities(for type: TicketType.ID? = nil) async throws -> [TicketPriority] {
        try await perform(.readPicklists, (any PicklistReading).self) { try await $0.ticketPriorities(for: type) }
    }
}
