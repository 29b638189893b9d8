import FoundationEssentials
import PSACore

extension TicketWriter {
    /// Looks for a write of unknown outcome by its marker.
    ///
    /// Found, it is adopted. Not found at the last look, it counts as absent and is sent again with the same marker: a vendor that stores
    /// later than that can still double it. What can't be searched to its end goes to a person.
    func look(for firing: Firing, through session: ConnectorSession) async -> Settlement {
        await reached(.beforeLook)
        do {
            let found = try await find(firing, session)
            await reached(.afterLook)
            switch found {
            case .ticket(let ticket): return settlement(firing, .created(ticket))
            case .note(let ticket): return settlement(firing, .appended(ticket))
            case .absent: return absent(firing)
            case .unsearchable: return settlement(firing, .undecided)
            }
        } catch {
            // A look that failed tells nothing, and does not count.
            let isTooOld = time.now().timeIntervalSince(firing.createdAt) > policy.oldest.seconds
            var settlement = Settlement(
                state: isTooOld ? .undecided : .unknown, attempts: firing.attempts, looks: firing.looks,
                dueAt: time.now().addingTimeInterval(policy.wait(after: firing.looks + 2, random: time.random()).seconds))
            if isTooOld { settlement.audit = self.settlement(firing, .undecided).audit }
            return settlement
        }
    }

    private func absent(_ firing: Firing) -> Settlement {
        let looks = firing.looks + 1
        if looks < policy.looks.count {
            return Settlement(
                state: .unknown, attempts: firing.attempts, looks: looks, dueAt: time.now().addingTimeInterval(policy.looks[looks].seconds))
        }
        return firing.attempts < policy.sends ? settlement(firing, .waiting) : settlement(firing, .undecided)
    }

    private enum Finding {
        case ticket(PostedTicket)
        case note(PostedTicket)
        case absent
        case unsearchable
    }

    private func find(_ firing: Firing, _ session: ConnectorSession) async throws -> Finding {
        if let ticket = try await session.tickets(externalReference: firing.marker.rawValue).first { return .ticket(PostedTicket(ticket)) }
        if let note = try await findNote(firing, session) { return .note(note) }
        if try await storage.returnsReference(firing.connection) { return .absent }
        return try await findInTexts(firing, session)
    }

    /// A firing that may have become a note is looked for in the history of the ticket it may have been added to.
    private func findNote(_ firing: Firing, _ session: ConnectorSession) async throws -> PostedTicket? {
        guard let since = firing.order.appendsSince, let earlier = try await storage.predecessor(of: firing, since: since),
            let posted = earlier.state.ticket, let id = Ticket.ID(posted.id)
        else { return nil }
        for try await note in session.notes(of: id) where note.text.contains(firing.marker.rawValue) { return posted }
        return nil
    }

    /// Where the PSA was never seen to return references, the line in the text is looked for among the tickets since the decision.
    private func findInTexts(_ firing: Firing, _ session: ConnectorSession) async throws -> Finding {
        let mostReads = 50
        var reads = 0
        for try await row in session.tickets(changedSince: firing.createdAt.addingTimeInterval(-600))
        where row.summary == firing.order.summary {
            var details = row.details
            if details == nil {
                guard reads < mostReads else { return .unsearchable }
                reads += 1
                details = try await session.ticket(row.id).details
            }
            if details?.contains(firing.marker.rawValue) ?? false { return .ticket(PostedTicket(row)) }
        }
        return .absent
    }
}
