import FoundationEssentials
import PSACore

/// Carries out one firing that this host holds: creates the ticket or adds the note, or looks for what may have been done already.
struct TicketWriter: Sendable {
    let storage: any OutboxStoring
    let companies: CompanyDirectory
    let policy: OutboxPolicy
    let time: TimeSource
    /// Told each step; a test may end the process there.
    let reached: @Sendable (WriteStep) async -> Void

    /// Sends a firing.
    ///
    /// - Returns: How it goes on. Nothing that went wrong is thrown: each failure is a way to go on.
    func send(_ firing: Firing, through session: ConnectorSession) async -> Settlement {
        let now = time.now()
        if now.timeIntervalSince(firing.createdAt) > policy.oldest.seconds { return settlement(firing, .held(.tooOld)) }
        do {
            switch try await target(of: firing, session) {
            case .later: return settlement(firing, .waiting, in: .seconds(5), attempts: firing.attempts - 1)
            case .note(let ticket): return try await append(firing, to: ticket, session)
            case .ticket: return try await create(firing, session)
            }
        } catch {
            return settlement(of: error, firing)
        }
    }

    private enum Target {
        case ticket
        case note(PostedTicket)
        /// What it may have to be added to is not settled yet.
        case later
    }

    /// Where a firing goes: to an open ticket of the same rule, company and device if it is young enough.
    private func target(of firing: Firing, _ session: ConnectorSession) async throws -> Target {
        guard let since = firing.order.appendsSince, let earlier = try await storage.predecessor(of: firing, since: since) else {
            return .ticket
        }
        guard let posted = earlier.state.ticket else { return earlier.state == .undecided ? .ticket : .later }
        guard let id = Ticket.ID(posted.id) else { return .ticket }
        do {
            let ticket = try await session.ticket(id)
            return ticket.phase == .closed ? .ticket : .note(posted)
        } catch let error as PSAError where error.code == .requestNotFound {
            return .ticket
        }
    }

    private func create(_ firing: Firing, _ session: ConnectorSession) async throws -> Settlement {
        let returnsReference = try await storage.returnsReference(firing.connection)
        let draft = try await draft(for: firing, session, marksText: !returnsReference)
        await reached(.beforeRequest)
        let ticket = try await session.createTicket(draft)
        await reached(.afterAnswer)
        if !returnsReference, ticket.externalReference == firing.marker.rawValue {
            // Not worth failing for: until it is remembered, tickets carry the reference in their text as well.
            try? await storage.setReturnsReference(firing.connection)
        }
        return settlement(firing, .created(PostedTicket(ticket)))
    }

    private func append(_ firing: Firing, to ticket: PostedTicket, _ session: ConnectorSession) async throws -> Settlement {
        guard let id = Ticket.ID(ticket.id) else { return try await create(firing, session) }
        let text = firing.order.summary + "\n\n" + firing.order.details + Self.reference(firing.marker)
        await reached(.beforeRequest)
        _ = try await session.addPrivateNote(text, to: id)
        await reached(.afterAnswer)
        return settlement(firing, .appended(ticket))
    }

    private func draft(for firing: Firing, _ session: ConnectorSession, marksText: Bool) async throws -> TicketDraft {
        let order = firing.order
        var company = Company.ID(order.companyID)
        var details = order.details
        if company == nil, !order.company.isEmpty {
            company = try await companies.id(named: order.company, of: firing.connection, session)
            if company == nil { details += "\n\nCompany: \(order.company)" }
        }
        if marksText { details += Self.reference(firing.marker) }
        return TicketDraft(
            summary: order.summary, details: details, company: company, type: TicketType.ID(order.type),
            status: TicketStatus.ID(order.status), priority: TicketPriority.ID(order.priority), externalReference: firing.marker.rawValue)
    }

    /// The line by which a write is found again where the PSA does not return the reference.
    static func reference(_ marker: FiringMarker) -> String { "\n\nReference: \(marker)" }
}

extension PostedTicket {
    /// What is kept of a ticket.
    init(_ ticket: Ticket) {
        self.init(id: ticket.id.rawValue, number: ticket.number, webAddress: ticket.webAddress)
    }
}
