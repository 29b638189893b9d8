import FoundationEssentials
import PSACore

/// Carries out one firing that this host holds: creates the ticket or adds the note, or looks for what may have been done already.
struct TicketWriter: Sendable {
    let storage: any OutboxStoring
    let companies: CompanyDirectory
    var policy: OutboxPolicy
    let time: TimeSource
    /// Told each step; a test may end the process there.
    let reached: @Sendable (WriteStep) async -> Void

    /// Sends a firing through the session of a connection.
    ///
    /// - Returns: How it goes on. Nothing that went wrong is thrown: each failure is a way to go on.
    func send(_ firing: Firing, of connection: StoredConnection, through session: ConnectorSession) async -> Settlement {
        let now = time.now()
        if now.timeIntervalSince(firing.wantedSince) > policy.oldest.seconds { return settlement(firing, .held(.tooOld)) }
        let plan: Plan
        do {
            plan = try await self.plan(firing, connection, session)
            await reached(.beforeRequest)
            try await aim(firing, plan)
        } catch {
            return settlement(ofUnsent: error, firing)
        }
        do {
            return try await carryOut(plan, firing, session)
        } catch {
            return settlement(of: error, firing)
        }
    }

    /// What is to be done; making it only reads.
    private enum Plan {
        case create(TicketDraft)
        case append(Ticket.ID, PostedTicket)
        /// Nothing before a moment: what it may have to be added to is not settled yet.
        case later(Date)
    }

    private func plan(_ firing: Firing, _ connection: StoredConnection, _ session: ConnectorSession) async throws -> Plan {
        guard session.can(.addNotes), session.can(.readTickets), session.can(.readNotes), let since = firing.order.appendsSince,
            let earlier = try await storage.predecessor(of: firing, since: since), earlier.state != .undecided
        else { return .create(try await draft(for: firing, connection, session)) }
        guard let posted = earlier.state.ticket else { return .later(earlier.dueAt) }
        guard let id = Ticket.ID(posted.id), try await isOpen(id, session) else {
            return .create(try await draft(for: firing, connection, session))
        }
        return .append(id, posted)
    }

    private func isOpen(_ ticket: Ticket.ID, _ session: ConnectorSession) async throws -> Bool {
        do {
            return try await session.ticket(ticket).phase != .closed
        } catch let error as PSAError where error.code == .requestNotFound {
            return false
        }
    }

    /// Makes sure, as the last thing before the request, that this host still holds the firing, and notes for what the request is.
    private func aim(_ firing: Firing, _ plan: Plan) async throws {
        guard case .sending(let holder, _) = firing.state else { throw HoldLost() }
        let ticket: PostedTicket?
        switch plan {
        case .later: return
        case .create: ticket = nil
        case .append(_, let posted): ticket = posted
        }
        guard try await storage.aim(firing.id, at: ticket, by: holder, now: time.now()) else { throw HoldLost() }
    }

    private func carryOut(_ plan: Plan, _ firing: Firing, _ session: ConnectorSession) async throws -> Settlement {
        switch plan {
        case .later(let moment):
            let wait = min(max(moment.timeIntervalSince(time.now()), 5), 60)
            return settlement(firing, .waiting, in: .seconds(wait), attempts: firing.attempts - 1)
        case .create(let draft):
            let ticket = try await session.createTicket(draft)
            await reached(.afterAnswer)
            await learn(from: ticket, firing, session)
            return settlement(firing, .created(PostedTicket(ticket)))
        case .append(let id, let ticket):
            let text = firing.order.summary + "\n\n" + firing.order.details + Self.reference(firing.marker)
            _ = try await session.addPrivateNote(text, to: id)
            await reached(.afterAnswer)
            return settlement(firing, .appended(ticket))
        }
    }

    /// Tries once for each connection whether a search for the reference finds the ticket that carries it.
    ///
    /// That the answer to the create returns the reference proves nothing: some PSAs keep it and ignore the filter.
    private func learn(from ticket: Ticket, _ firing: Firing, _ session: ConnectorSession) async {
        guard ticket.externalReference == firing.marker.rawValue else { return }
        do {
            guard try await storage.findsReferences(firing.connection) == nil else { return }
            let found = try await session.tickets(externalReference: firing.marker.rawValue)
            try await storage.setFindsReferences(found.contains { $0.id == ticket.id }, firing.connection)
        } catch {
            // Not worth failing for: the next ticket is tried, and until then tickets carry the reference in their text as well.
        }
    }

    private func draft(for firing: Firing, _ connection: StoredConnection, _ session: ConnectorSession) async throws -> TicketDraft {
        let order = firing.order
        var company = Company.ID(order.companyID)
        var details = order.details
        if company == nil, !order.company.isEmpty {
            company = try await companies.id(named: order.company, of: connection, session)
            if company == nil { details += "\n\nCompany: \(order.company)" }
        }
        if try await storage.findsReferences(connection.id) != true { details += Self.reference(firing.marker) }
        return TicketDraft(
            summary: order.summary, details: details, company: company, type: TicketType.ID(order.type),
            status: TicketStatus.ID(order.status), priority: TicketPriority.ID(order.priority), externalReference: firing.marker.rawValue)
    }

    /// The line by which a write is found again where the PSA does not find the reference.
    static func reference(_ marker: FiringMarker) -> String { "\n\nReference: \(marker)" }
}

/// Another host has taken a firing over.
struct HoldLost: Error {}

extension PostedTicket {
    /// What is kept of a ticket.
    init(_ ticket: Ticket) {
        self.init(id: ticket.id.rawValue, number: ticket.number, webAddress: ticket.webAddress)
    }
}
