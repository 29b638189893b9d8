public import FoundationEssentials

/// Reads companies; capability ``Capability/readCompanies``.
public protocol CompanyReading: PSAConnection {
    /// One page of companies, the inactive ones included.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func companies(at cursor: PageCursor?) async throws -> Page<Company>
}

/// Reads contacts; capability ``Capability/readContacts``.
public protocol ContactReading: PSAConnection {
    /// One page of contacts, the inactive ones included.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func contacts(at cursor: PageCursor?) async throws -> Page<Contact>
}

/// Reads staff; capability ``Capability/readAgents``.
public protocol AgentReading: PSAConnection {
    /// One page of staff.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func agents(at cursor: PageCursor?) async throws -> Page<Agent>
}

/// Reads tickets; capability ``Capability/readTickets``.
public protocol TicketReading: PSAConnection {
    /// One page of tickets, in an order that is stable while nothing changes.
    ///
    /// A ticket that changes between two pages may come twice. Where the vendor has page numbers only, one can be missed if another
    /// leaves the list meanwhile; a later reading of the same span brings it. Rows may be thinner than ``ticket(_:)``.
    ///
    /// - Parameters:
    ///   - moment: Only tickets changed since then, by the vendor's clock; nil for all.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket>

    /// One ticket with everything the vendor states about it, custom fields included.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen.
    func ticket(_ id: Ticket.ID) async throws -> Ticket
}

/// Reads the history of a ticket; capability ``Capability/readNotes``.
public protocol TicketNoteReading: PSAConnection {
    /// One page of a ticket's notes.
    ///
    /// - Parameters:
    ///   - ticket: Whose notes.
    ///   - cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote>
}

/// Reads contracts; capability ``Capability/readAgreements``.
public protocol AgreementReading: PSAConnection {
    /// One page of contracts, the ended ones included.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func agreements(at cursor: PageCursor?) async throws -> Page<Agreement>
}

/// Reads recurring invoices; capability ``Capability/readRecurringInvoices``.
public protocol RecurringInvoiceReading: PSAConnection {
    /// One page of recurring invoices; their lines may be missing.
    ///
    /// - Parameter cursor: Where to go on, or nil for the first page.
    /// - Returns: The page and where the next one is.
    /// - Throws: ``PSAError`` or `CancellationError`; `sync.cursor_rejected` for a cursor of another list.
    func recurringInvoices(at cursor: PageCursor?) async throws -> Page<RecurringInvoice>

    /// One recurring invoice with its lines.
    ///
    /// - Throws: ``PSAError`` with `request.not_found` if there is none or it can't be seen.
    func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice
}

/// Reads the choices a ticket form offers; capability ``Capability/readPicklists``.
public protocol PicklistReading: PSAConnection {
    /// All ticket types, also those that can't be created.
    func ticketTypes() async throws -> [TicketType]

    /// The statuses valid in a ticket type, or all.
    ///
    /// - Parameter type: The ticket type, or nil for all.
    /// - Returns: The statuses in the vendor's order.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus]

    /// The priorities valid for a ticket type, or all of every scope.
    ///
    /// - Parameter type: The ticket type, or nil for all.
    /// - Returns: The priorities; the same id may stand under several scopes.
    /// - Throws: ``PSAError`` or `CancellationError`.
    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority]
}
