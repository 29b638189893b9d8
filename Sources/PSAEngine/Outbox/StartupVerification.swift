import PSACore
import Synchronization

/// Knows which jobs waited before this process started, and were perhaps sent before a backup was restored.
///
/// Each is searched for once before its first send. Ids are compared instead of times, because a clock can be set back.
final class StartupVerification: Sendable {
    /// The newest job when the process started; nil if there was none.
    private let latest: TicketJob.ID?
    /// The jobs that were searched for, each with the tickets whose notes were searched.
    private let verified = Mutex<[TicketJob.ID: Set<String>]>([:])

    init(latest: TicketJob.ID?) { self.latest = latest }

    /// Whether a job has to be searched for before it is sent.
    ///
    /// A job that a person has released is sent without a search.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - ticket: The ticket to which it may have been added as a note; nil for none.
    /// - Returns: Whether it has to be searched for.
    func isNeeded(for job: TicketJob, on ticket: PostedTicket?) -> Bool {
        guard let latest, job.id <= latest, !job.isReleased else { return false }
        return !verified.withLock { $0[job.id]?.contains(ticket?.id ?? "") ?? false }
    }

    /// Records that a job was searched for, by its reference and in the notes of a ticket, and is not in the PSA.
    func finish(_ job: TicketJob, on ticket: PostedTicket?) {
        verified.withLock { _ = $0[job.id, default: []].insert(ticket?.id ?? "") }
    }
}

/// Caches the references in tickets that searches have read, so that no ticket is read again for the next search.
///
/// A reference is written when the ticket is created, so the cached value does not become outdated.
final class OpenedTickets: Sendable {
    /// A ticket when it was read.
    struct Ticket: Sendable {
        /// Whether it has an external reference, of this engine or another program.
        let isReferenced: Bool
        /// Whether its first message is empty, so that it cannot contain a reference.
        let isEmpty: Bool
        /// The references of this engine in it.
        let references: Set<String>
    }

    private static let limit = 50_000

    private let tickets = Mutex<[ConnectionID: [String: Ticket]]>([:])

    subscript(connection: ConnectionID, id: String) -> Ticket? { tickets.withLock { $0[connection]?[id] } }

    func record(_ ticket: PSACore.Ticket, of connection: ConnectionID) -> Ticket {
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
