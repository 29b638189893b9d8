import FoundationEssentials
import PSACore
import SampleConnector

/// A connection in which single operations can be replaced.
struct FlawedConnection: DelegatingConnection, CompanyReading, TicketReading, TicketNoteReading, PicklistReading, TicketCreating,
    TicketNoteAdding, TicketReplying, TicketStatusChanging
{
    /// Makes another connection with the same settings.
    typealias Remake = @Sendable () throws -> SampleConnector

    let good: SampleConnector
    let remake: Remake
    var test: (@Sendable (SampleConnector, @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport)?
    var listCompanies: (@Sendable (SampleConnector, Remake, PageCursor?) async throws -> Page<Company>)?
    var listTickets: (@Sendable (SampleConnector, Date?, PageCursor?) async throws -> Page<Ticket>)?
    var readTicket: (@Sendable (SampleConnector, Ticket.ID) async throws -> Ticket)?
    var require: (@Sendable ([FieldRequirement]) -> [FieldRequirement])?
    var create: (@Sendable (SampleConnector, TicketDraft) async throws -> Ticket)?
    var find: (@Sendable (SampleConnector, String) async throws -> [Ticket])?
    var note: (@Sendable (SampleConnector, String, Ticket.ID) async throws -> TicketNote)?
    var replies: (@Sendable (SampleConnector, String, Ticket.ID) async throws -> PostedReply)?
    var setStatus: (@Sendable (SampleConnector, Ticket.ID, TicketStatus.ID) async throws -> Ticket)?

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        guard let test else { return try await good.testConnection(progress: progress) }
        return try await test(good, progress)
    }

    func companies(at cursor: PageCursor?) async throws -> Page<Company> {
        guard let listCompanies else { return try await good.companies(at: cursor) }
        return try await listCompanies(good, remake, cursor)
    }

    func tickets(changedSince moment: Date?, at cursor: PageCursor?) async throws -> Page<Ticket> {
        guard let listTickets else { return try await good.tickets(changedSince: moment, at: cursor) }
        return try await listTickets(good, moment, cursor)
    }

    func ticket(_ id: Ticket.ID) async throws -> Ticket {
        guard let readTicket else { return try await good.ticket(id) }
        return try await readTicket(good, id)
    }

    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement] {
        let needed = try await good.ticketRequirements(for: type)
        return require?(needed) ?? needed
    }

    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        guard let create else { return try await good.createTicket(draft) }
        return try await create(good, draft)
    }

    func tickets(externalReference: String) async throws -> [Ticket] {
        guard let find else { return try await good.tickets(externalReference: externalReference) }
        return try await find(good, externalReference)
    }

    func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote {
        guard let note else { return try await good.addPrivateNote(text, to: ticket) }
        return try await note(good, text, ticket)
    }

    func reply(_ text: String, to ticket: Ticket.ID) async throws -> PostedReply {
        guard let replies else { return try await good.reply(text, to: ticket) }
        return try await replies(good, text, ticket)
    }

    func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket {
        guard let setStatus else { return try await good.changeStatus(of: ticket, to: status) }
        return try await setStatus(good, ticket, status)
    }
}

extension FlawedConnection {
    /// Tells one failure of reading companies as another one.
    mutating func tells(_ code: ErrorCode, as other: ErrorCode) {
        listCompanies = { good, _, cursor in
            do {
                return try await good.companies(at: cursor)
            } catch let error as PSAError where error.code == code {
                throw error.retold(as: other)
            }
        }
    }
}

extension PSAError {
    /// The same occurrence under another code.
    func retold(as code: ErrorCode, vendor: VendorReply? = nil) -> PSAError {
        PSAError(code, catalogue: catalogue, values: values, request: request, vendor: vendor ?? self.vendor)
    }
}
