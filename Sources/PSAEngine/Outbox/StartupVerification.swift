import PSACore
import Synchronization

/// Tells what waited before this process started: it may have been sent by a process whose data folder was replaced by a backup.
///
/// Each of it is looked for once before its first send. Ids and not times are compared, because a clock can be set back.
final class StartupVerification: Sendable {
    /// The latest item when the process started; nil if there was none.
    private let latest: TicketJob.ID?
    /// What was looked for, each with the ticket whose notes were searched, if any.
    private let verified = Mutex<[TicketJob.ID: Set<String>]>([:])

    init(latest: TicketJob.ID?) { self.latest = latest }

    /// Whether an item has to be looked for before it is sent.
    ///
    /// What a person has released since it was held for not being verifiable is sent.
    ///
    /// - Parameters:
    ///   - job: The item.
    ///   - ticket: The ticket to which it may have been added as a note; nil for none.
    /// - Returns: Whether it has to be.
    func isNeeded(for job: TicketJob, on ticket: PostedTicket?) -> Bool {
        guard let latest, job.id <= latest, !job.isReleased else { return false }
        return !verified.withLock { $0[job.id]?.contains(ticket?.id ?? "") ?? false }
    }

    /// Notes that an item was looked for, by its reference and in the notes of a ticket, and is not in the PSA.
    func finish(_ job: TicketJob, on ticket: PostedTicket?) {
        verified.withLock { _ = $0[job.id, default: []].insert(ticket?.id ?? "") }
    }
}

/// The references of ours that opened tickets carry, so that no ticket is opened again for the next item that is looked for.
///
/// A reference is written when the ticket is created, so what was read once stays true.
final class OpenedTickets: Sendable {
    /// What a ticket said when it was opened.
    struct Ticket: Sendable {
        /// Whether it carries any external reference, ours or not.
        let isReferenced: Bool
        /// Whether its first message is empty, so that nothing of ours could be in it.
        let isEmpty: Bool
        /// The references of this engine in it.
        let references: Set<String>
    }

    private static let limit = 50_000

    private let tickets = Mutex<[ConnectionID: [String: Ticket]]>([:])

    subscript(connection: ConnectionID, id: String) -> Ticket? { tickets.withLock { $0[connection]?[id] } }

    func note(_ ticket: PSACore.Ticket, of connection: ConnectionID) -> Ticket {
        let reference = ticket.externalReference ?? ""
        let opened = Ticket(
            isReferenced: !reference.isEmpty, isEmpty: (ticket.details ?? "").trimmingSpaces.isEmpty,
            references: WriteReference.all(in: reference).union(WriteReference.all(in: ticket.details ?? "")))
        tickets.withLock { tickets in
            if tickets.values.reduce(0, { $0 + $1.count }) >= Self.limit { tickets = [:] }
            tickets[connection, default: [:]][ticket.id.rawValue] = opened
        }
        return opened
    }
}
