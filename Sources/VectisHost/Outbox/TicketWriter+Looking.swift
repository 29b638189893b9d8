import FoundationEssentials
import PSACore
import Synchronization

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
            case .tickets(let first, let others):
                let remark = others.isEmpty ? "" : "Found more than once: \(others.map(\.number).joined(separator: ", ")) as well. "
                return settlement(firing, .created(first), remark: remark)
            case .note(let ticket): return settlement(firing, .appended(ticket))
            case .absent: return absent(firing)
            case .unsearchable: return settlement(firing, .undecided)
            }
        } catch {
            return settlement(ofFailedLook: error, firing)
        }
    }

    /// How a firing goes on that could not be looked for: that tells nothing, and does not count.
    func settlement(ofFailedLook error: any Error, _ firing: Firing) -> Settlement {
        if time.now().timeIntervalSince(firing.wantedSince) > policy.oldest.seconds {
            return settlement(firing, .undecided, error: error as? PSAError)
        }
        // Without an entry in the audit log, which has one from when the outcome became unknown.
        return Settlement(
            state: .unknown, attempts: firing.attempts, looks: firing.looks,
            dueAt: time.now().addingTimeInterval(policy.wait(after: max(firing.looks, 0) + 2, random: time.random()).seconds),
            cause: (error as? PSAError)?.code)
    }

    private func absent(_ firing: Firing) -> Settlement {
        var firing = firing
        firing.looks += 1
        guard policy.isProof(looks: firing.looks) else {
            return Settlement(
                state: .unknown, attempts: firing.attempts, looks: firing.looks,
                dueAt: time.now().addingTimeInterval(policy.wait(beforeLookAfter: firing.looks).seconds))
        }
        return settlement(firing, policy.provenAbsent(looks: firing.looks) < policy.sends ? .waiting : .undecided)
    }

    private enum Finding {
        case tickets(PostedTicket, others: [PostedTicket])
        case note(PostedTicket)
        case absent
        case unsearchable
    }

    private func find(_ firing: Firing, _ session: ConnectorSession) async throws -> Finding {
        let found = try await session.tickets(externalReference: firing.marker.rawValue)
            .sorted { $0.createdAt ?? .distantFuture < $1.createdAt ?? .distantFuture }.map(PostedTicket.init)
        if let first = found.first {
            try await storage.setFindsReferences(true, firing.connection)
            return .tickets(first, others: Array(found.dropFirst()))
        }
        if let target = firing.target, let id = Ticket.ID(target.id) {
            let note = try await findNote(firing, on: id, target, session)
            if case .absent = note {} else { return note }
        }
        // A filter that held once may not hold for ever, and what is sent again because of it is there twice: the last look is a thorough one.
        if try await storage.findsReferences(firing.connection) == true, !policy.isProof(looks: firing.looks + 1) { return .absent }
        guard session.can(.readTickets) else { return .unsearchable }
        return try await findInRows(firing, session)
    }

    /// What was sent as a note is looked for in the history of its ticket.
    private func findNote(
        _ firing: Firing, on ticket: Ticket.ID, _ target: PostedTicket, _ session: ConnectorSession
    ) async throws -> Finding {
        let gaps = Gaps()
        do {
            let notes = session.notes(of: ticket).observingPages { gaps.note($0.isCutOff || !$0.unreadable.isEmpty) }
            for try await note in notes where [note.text, note.html ?? ""].contains(where: { $0.contains(firing.marker.rawValue) }) {
                return .note(target)
            }
        } catch let error as PSAError where error.code == .requestNotFound {
            // The ticket is gone, and any note with it.
            return .absent
        }
        return gaps.areThere ? .unsearchable : .absent
    }

    /// The tickets since the decision with the same summary are looked through, for the reference itself or the line in the text.
    private func findInRows(_ firing: Firing, _ session: ConnectorSession) async throws -> Finding {
        let mostReads = 50
        var reads = 0
        let gaps = Gaps()
        let marker = firing.marker.rawValue
        func isIt(_ ticket: Ticket) -> Bool { ticket.externalReference == marker || ticket.details?.contains(marker) ?? false }
        let rows = session.tickets(changedSince: firing.createdAt.addingTimeInterval(-600)).observingPages {
            gaps.note($0.isCutOff || !$0.unreadable.isEmpty)
        }
        for try await row in rows where row.summary == firing.order.summary || isIt(row) {
            if isIt(row) { return .tickets(PostedTicket(row), others: []) }
            // A row that carries the reference of another is none that has to be opened.
            guard row.externalReference?.isEmpty ?? true else { continue }
            guard reads < mostReads else { return .unsearchable }
            reads += 1
            if isIt(try await session.ticket(row.id)) { return .tickets(PostedTicket(row), others: []) }
        }
        return gaps.areThere ? .unsearchable : .absent
    }
}

/// Whether a list that is read page after page has gaps, in which what is looked for may be.
private final class Gaps: Sendable {
    private let found = Atomic(false)

    var areThere: Bool { found.load(ordering: .relaxed) }

    func note(_ isGap: Bool) {
        if isGap { found.store(true, ordering: .relaxed) }
    }
}
