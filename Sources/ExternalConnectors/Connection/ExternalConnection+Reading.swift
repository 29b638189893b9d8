import FoundationEssentials
import PSACore

extension ExternalConnection: CompanyReading, ContactReading, AgentReading, AgreementReading {
    func companies(at cursor: PageCursor?) async throws -> Page<Company> { try await page(.companies, at: cursor) }
    func contacts(at cursor: PageCursor?) async throws -> Page<Contact> { try await page(.contacts, at: cursor) }
    func agents(at cursor: PageCursor?) async throws -> Page<Agent> { try await page(.agents, at: cursor) }
    func agreements(at cursor: PageCursor?) async throws -> Page<Agreement> { try await page(.agreements, at: cursor) }
}

extension ExternalConnection: TicketReading, TicketNoteReading {
    func tickets(changedSince timestamp: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await page(.tickets, at: cursor, [("changedSince", timestamp.map { .string($0.formatted(.iso8601)) })])
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket { try await record(.ticket, [("id", .string(id.rawValue))]) }

    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        try await page(.notes, of: ticket.rawValue, at: cursor, [("ticket", .string(ticket.rawValue))])
    }
}

extension ExternalConnection: RecurringInvoiceReading {
    func recurringInvoices(at cursor: PageCursor?) async throws -> Page<RecurringInvoice> {
        try await page(.recurringInvoices, at: cursor)
    }

    func recurringInvoice(_ id: RecurringInvoice.ID) async throws -> RecurringInvoice {
        try await record(.recurringInvoice, [("id", .string(id.rawValue))])
    }
}

extension ExternalConnection: PicklistReading {
    func ticketTypes() async throws -> [TicketType] { try await records(.ticketTypes, []) }

    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try await records(.ticketStatuses, [("type", type.map { .string($0.rawValue) })])
    }

    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try await records(.ticketPriorities, [("type", type.map { .string($0.rawValue) })])
    }
}
