import FoundationEssentials
import PSACore
import SampleConnector

/// A connection that does what a good one does, except for what it overrides.
protocol DelegatingConnection: PSAConnection {
    var good: SampleConnector { get }
}

extension DelegatingConnection {
    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        try await good.testConnection(progress: progress)
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> { try await good.companies(at: cursor) }
    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        try await good.tickets(changedSince: moment, at: cursor)
    }
    func ticket(_ id: Ticket.ID) async throws -> Ticket { try await good.ticket(id) }
    func notes(of ticket: Ticket.ID, at cursor: PageCursor?) async throws -> Page<TicketNote> {
        try await good.notes(of: ticket, at: cursor)
    }
    func ticketTypes() async throws -> [TicketType] { try await good.ticketTypes() }
    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] { try await good.ticketStatuses(for: type) }
    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] { try await good.ticketPriorities(for: type) }
    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement] { try await good.ticketRequirements(for: type) }
    func createTicket(_ draft: TicketDraft) async throws -> Ticket { try await good.createTicket(draft) }
    func tickets(externalReference: String) async throws -> [Ticket] { try await good.tickets(externalReference: externalReference) }
    func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote { try await good.addPrivateNote(text, to: ticket) }
    func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket {
        try await good.changeStatus(of: ticket, to: status)
    }
}

/// A connection that can't reply, whatever its descriptor says.
struct MuteConnection: DelegatingConnection, CompanyReading, TicketReading, TicketNoteReading, PicklistReading, TicketCreating,
    TicketNoteAdding, TicketStatusChanging
{
    let good: SampleConnector
}
