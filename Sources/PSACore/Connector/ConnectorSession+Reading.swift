public import FoundationEssentials

extension ConnectorSession {
    /// All companies, page after page.
    public func companies(startingAt cursor: PageCursor? = nil) -> PagedSequence<Company> {
        list(.readCompanies, (any CompanyReading).self, at: cursor) { try await $0.companies(at: $1) }
    }

    /// All contacts, page after page.
    public func contacts(startingAt cursor: PageCursor? = nil) -> PagedSequence<Contact> {
        list(.readContacts, (any ContactReading).self, at: cursor) { try await $0.contacts(at: $1) }
    }

    /// All staff.
    public func agents(startingAt cursor: PageCursor? = nil) -> PagedSequence<Agent> {
        list(.readAgents, (any AgentReading).self, at: cursor) { try await $0.agents(at: $1) }
    }

    /// Tickets, page after page; with a moment only those changed since then.
    public func tickets(changedSince moment: Date? = nil, startingAt cursor: PageCursor? = nil) -> PagedSequence<Ticket> {
        list(.readTickets, (any TicketReading).self, at: cursor) { try await $0.tickets(changedSince: moment, at: $1) }
    }

    /// One ticket with all its fields.
    public func ticket(_ id: Ticket.ID) async throws -> Ticket {
        try await perform(.readTickets, (any TicketReading).self) { try await $0.ticket(id) }
    }

    /// The notes of a ticket.
    public func notes(of ticket: Ticket.ID, startingAt cursor: PageCursor? = nil) -> PagedSequence<TicketNote> {
        list(.readNotes, (any TicketNoteReading).self, at: cursor) { try await $0.notes(of: ticket, at: $1) }
    }

    /// All contracts, page after page.
    public func agreements(startingAt cursor: PageCursor? = nil) -> PagedSequence<Agreement> {
        list(.readAgreements, (any AgreementReading).self, at: cursor) { try await $0.agreements(at: $1) }
    }

    /// All recurring invoices, page after page; their lines may be missing.
    public func recurringInvoices(startingAt cursor: PageCursor? = nil) -> PagedSequence<RecurringInvoice> {
        list(.readRecurringInvoices, (any RecurringInvoiceReading).self, at: cursor) { try await $0.recurringInvoices(at: $1) }
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

extension ConnectorSession {
    /// A list of one ability, page after page.
    private func list<Ability, Element: Identifiable & Sendable>(
        _ capability: Capability, _ ability: Ability.Type, at cursor: PageCursor?,
        _ page: @escaping @Sendable (Ability, PageCursor?) async throws -> Page<Element>
    ) -> PagedSequence<Element> {
        PagedSequence(startingAt: cursor) { cursor in
            try await perform(capability, ability) { try await page($0, cursor) }
        }.failing { [descriptor] in
            var error = PSAError(incomplete: $0, catalogue: descriptor.guidance, object: .capability(capability))
            error.connector = descriptor.id
            return error
        }
    }
}
