import FoundationEssentials
import PSACore

/// Carries out one firing that this host holds: creates the ticket or adds the note, or looks for what may have been done already.
struct TicketWriter: Sendable {
    let storage: any OutboxStoring & CompanyMappingStoring
    let companies: CompanyDirectory
    var policy: OutboxPolicy
    let time: TimeSource
    /// What waited before this process started.
    let startup: StartupVerification
    /// Told each step; a test may end the process there.
    let reached: @Sendable (WriteStep) async -> Void
    /// What tickets said that were opened in searches.
    var opened = OpenedTickets()

    /// Sends a firing through the session of a connection.
    ///
    /// - Returns: How it goes on. Nothing that went wrong is thrown: each failure is a way to go on.
    func send(_ firing: Firing, of connection: StoredConnection, through session: ConnectorSession) async -> Settlement {
        let now = time.now()
        if now.timeIntervalSince(firing.wantedSince) > policy.oldest.seconds { return settlement(firing, .held(.tooOld)) }
        let plan: Plan
        do {
            plan = try await self.plan(firing, connection, session)
            if let earlier = try await earlierOutcome(of: firing, plan, session) { return earlier }
            await reached(.beforeRequest)
            try await aim(firing, plan)
        } catch {
            return settlement(ofUnsent: error, firing)
        }
        do {
            return try await carryOut(plan, firing, session)
        } catch {
            return settlement(of: error, firing, isNote: plan.isNote)
        }
    }

    /// What is to be done; making it only reads.
    private enum Plan {
        /// The ticket of the item before, which takes no note any more, is named because it may have taken one earlier.
        case create(TicketDraft, CompanyResolution, former: PostedTicket?)
        case append(Ticket.ID, PostedTicket, CompanyResolution)
        /// Nothing before a moment: what it may have to be added to is not settled yet.
        case later(Date)

        var isNote: Bool {
            if case .append = self { true } else { false }
        }
    }

    private func plan(_ firing: Firing, _ connection: StoredConnection, _ session: ConnectorSession) async throws -> Plan {
        let order = firing.order
        let company = try await companies.resolve(
            id: order.companyID, name: order.company, since: firing.createdAt, of: connection
        ) { session }
        if case .unresolved(let reason) = company, firing.attempts <= 1 {
            try await storage.noteUnmatched(
                SentCompany(id: order.companyID, name: order.company), reason, of: connection.id, at: time.now())
        }
        var former: PostedTicket?
        if session.can(.addNotes), session.can(.readTickets), session.can(.readNotes), let since = order.appendsSince,
            let earlier = try await predecessor(of: firing, company, since: since, connection, session), earlier.state != .undecided
        {
            if let posted = earlier.state.ticket {
                if let id = Ticket.ID(posted.id), let current = try await openTicket(id, posted, company, session) {
                    return .append(id, current, company)
                }
                former = posted
            } else if time.now().timeIntervalSince(firing.wantedSince) < Self.longestWaitForPredecessor {
                return .later(earlier.dueAt)
            }
        }
        return .create(try await draft(for: firing, company, connection), company, former: former)
    }

    /// For how long an item waits until it is known whether the one before it became a ticket; one event must not stop another.
    private static let longestWaitForPredecessor: TimeInterval = 600
    private static let mostPredecessors = 50

    /// The latest firing on whose ticket this one belongs: of the same company in the PSA and the same device.
    ///
    /// What is about no company is grouped by device and source, and what is about neither is never grouped. Nor is what names a company that
    /// could not be found: equal names of devices are common among customers.
    private func predecessor(
        of firing: Firing, _ company: CompanyResolution, since: Date, _ connection: StoredConnection, _ session: ConnectorSession
    ) async throws -> Firing? {
        switch company {
        case .unresolved: return nil
        case .notNamed where firing.order.deviceKey.isEmpty: return nil
        case .notNamed, .resolved: break
        }
        let candidates = try await storage.predecessors(
            of: firing, since: since, isSameSource: company == .notNamed, limit: Self.mostPredecessors)
        for candidate in candidates {
            var known = candidate.company
            if known == nil {
                // It waits too: its company is found as it will be when it is sent.
                known = try await companies.resolve(
                    id: candidate.order.companyID, name: candidate.order.company, since: candidate.createdAt, of: connection
                ) { session }
            }
            if known == company { return candidate }
        }
        return nil
    }

    /// The ticket as it is now, if people will see a note on it: it is there, open, and still the same customer’s.
    private func openTicket(
        _ id: Ticket.ID, _ posted: PostedTicket, _ company: CompanyResolution, _ session: ConnectorSession
    ) async throws -> PostedTicket? {
        let ticket: Ticket
        do {
            ticket = try await session.ticket(id)
        } catch let error as PSAError where error.code == .requestNotFound || error.code.area == "permission" {
            return nil
        }
        guard ticket.id == id, ticket.phase != .closed, ticket.mergedInto == nil, !ticket.isDeleted else { return nil }
        let current = PostedTicket(ticket)
        if let before = posted.company, before != current.company { return nil }
        if case .resolved(let wanted) = company, let owner = ticket.company?.id, owner != wanted { return nil }
        return current
    }

    /// Makes sure, as the last thing before the request, that this host still holds the firing, and notes for what the request is.
    private func aim(_ firing: Firing, _ plan: Plan) async throws {
        guard case .sending(let holder, _) = firing.state else { throw HoldLost() }
        let (ticket, company): (PostedTicket?, CompanyResolution)
        switch plan {
        case .later: return
        case .create(_, let resolution, _): (ticket, company) = (nil, resolution)
        case .append(_, let posted, let resolution): (ticket, company) = (posted, resolution)
        }
        guard try await storage.aim(firing.id, at: ticket, for: company, by: holder, now: time.now()) else { throw HoldLost() }
    }

    private func carryOut(_ plan: Plan, _ firing: Firing, _ session: ConnectorSession) async throws -> Settlement {
        switch plan {
        case .later(let moment):
            let wait = min(max(moment.timeIntervalSince(time.now()), policy.wait(beforeLookAfter: 0).seconds), 60)
            return settlement(firing, .waiting, in: .seconds(wait), attempts: firing.attempts - 1)
        case .create(let draft, _, _):
            let ticket = try await session.createTicket(draft)
            await reached(.afterAnswer)
            await learn(from: ticket, firing, session)
            let renderer = TextRenderer()
            return settlement(
                firing, .created(PostedTicket(ticket)), remark: ticket.differences.map { renderer.text($0.sentence) }.joined(separator: " ")
            )
        case .append(let id, let ticket, _):
            let text = firing.order.summary + "\n\n" + firing.order.details + Self.reference(firing.marker)
            _ = try await session.addPrivateNote(text, to: id)
            await reached(.afterAnswer)
            return settlement(firing, .appended(ticket))
        }
    }

    /// Whether an earlier request for a firing was answered with a refusal.
    ///
    /// A refusal proves enough to send again, and a PSA that stores and then refuses is unheard of. One search costs little all the same.
    private func mayHaveEarlierOutcome(_ firing: Firing) -> Bool {
        guard firing.attempts > 1, let cause = firing.cause else { return false }
        return !["network", "tls", "url"].contains(cause.code.area)
    }

    /// How a firing ended that was sent before, without this storage knowing: a backup was put back, a copy is in use, or a refusal was none.
    ///
    /// - Returns: Nil if it is not in the PSA and may be sent.
    private func earlierOutcome(of firing: Firing, _ plan: Plan, _ session: ConnectorSession) async throws -> Settlement? {
        let ticket: PostedTicket?
        switch plan {
        case .later: return nil
        case .create(_, _, let former): ticket = former
        case .append(_, let posted, _): ticket = posted
        }
        let mustBeCertain = startup.isNeeded(for: firing, on: ticket)
        guard mustBeCertain || mayHaveEarlierOutcome(firing) else { return nil }
        if let ticket, let id = Ticket.ID(ticket.id), session.can(.readNotes),
            case .note = try await findNote(firing, on: id, ticket, session)
        {
            return settlement(firing, .appended(ticket), remark: Self.foundBeforeSending)
        }
        switch try await find(firing, session, isThorough: try await storage.findsReferences(firing.connection) != true) {
        case .tickets(let first, _): return settlement(firing, .created(first), remark: Self.foundBeforeSending)
        case .note(let ticket): return settlement(firing, .appended(ticket), remark: Self.foundBeforeSending)
        case .unfinished where !mustBeCertain, .unsearchable where !mustBeCertain: return nil
        case .unfinished: return settlement(firing, .waiting, in: policy.wait(beforeLookAfter: 0), attempts: firing.attempts - 1)
        case .unsearchable: return settlement(firing, .held(.notVerified))
        case .absent:
            startup.finish(firing, on: ticket)
            return nil
        }
    }

    private static let foundBeforeSending = "It was found in the PSA before it was to be sent, and was not sent again."

    /// Tries once for each connection whether a search for the reference finds the ticket that carries it.
    ///
    /// That the answer to the create returns the reference proves nothing: some PSAs keep it and ignore the filter.
    private func learn(from ticket: Ticket, _ firing: Firing, _ session: ConnectorSession) async {
        guard ticket.externalReference == firing.marker.rawValue else { return }
        do {
            guard try await storage.findsReferences(firing.connection) == nil else { return }
            let found = try await session.search(externalReference: firing.marker.rawValue)
            try await storage.setFindsReferences(
                found.isExhaustive && found.tickets.contains { $0.id == ticket.id }, firing.connection)
        } catch {
            // Not worth failing for: the next ticket is tried, and until then tickets carry the reference in their text as well.
        }
    }

    private func draft(for firing: Firing, _ company: CompanyResolution, _ connection: StoredConnection) async throws -> TicketDraft {
        let order = firing.order
        var details = order.details
        var id: Company.ID?
        switch company {
        case .notNamed: break
        case .resolved(let company): id = company
        case .unresolved: details += "\n\nCompany: " + [order.company, order.companyID].filter { !$0.isEmpty }.joined(separator: ", id ")
        }
        if try await storage.findsReferences(connection.id) != true { details += Self.reference(firing.marker) }
        return TicketDraft(
            summary: order.summary, details: details, company: id, type: TicketType.ID(order.type),
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
        self.init(id: ticket.id.rawValue, number: ticket.number, webAddress: ticket.webAddress, company: ticket.company?.id.rawValue ?? "")
    }
}
