#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore
import Synchronization

/// Knows which jobs were stored before this process started, and were perhaps sent before a backup was restored.
///
/// Each is searched for once before its first send, also if a person releases it. Ids are compared instead of times, because a clock can be
/// set back.
final class StartupVerification: Sendable {
    /// What is known about jobs from before the start.
    private struct Known {
        /// The jobs that were searched for, each with the tickets whose notes were searched.
        var searched: [TicketJob.ID: Set<String>] = [:]
        /// The jobs that a person has looked for.
        var decided: Set<TicketJob.ID> = []
    }

    /// The newest job when the process started; nil if there was none.
    private let latest: TicketJob.ID?
    private let startedAt: Date
    /// The same moment on the monotonic clock; nil if only the date counts.
    private let instant: MonotonicInstant?
    private let known = Mutex(Known())

    init(latest: TicketJob.ID?, startedAt: Date, instant: MonotonicInstant? = nil) {
        (self.latest, self.startedAt, self.instant) = (latest, startedAt, instant)
    }

    /// How long a job is wanted already, in seconds.
    ///
    /// A date that was set forward since, for a moment or because it was wrong at the start, makes no job older than the time since the start
    /// allows; one that was set forward before is not noticed.
    func age(of job: TicketJob, _ time: TimeSource) -> TimeInterval {
        let shown = time.now().timeIntervalSince(job.wantedSince)
        guard let instant else { return shown }
        let passed = startedAt.timeIntervalSince(job.wantedSince) + (time.instant() - instant).seconds
        return passed >= 0 ? min(shown, passed) : shown
    }

    /// Whether a job has to be searched for before it is sent.
    ///
    /// Not if a search could not tell whether it was sent before, and a person has released it after that search and since the start.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - ticket: The ticket that it changes, or to which it may have been added as a note; nil for none.
    ///   - attempts: Reads the history of the job, the latest attempt first.
    /// - Returns: Whether it has to be searched for.
    /// - Throws: What `attempts` throws.
    func isNeeded(
        for job: TicketJob, on ticket: PostedTicket?, _ attempts: () async throws -> [JobAttempt]
    ) async throws -> Bool {
        guard let latest, job.id <= latest else { return false }
        let isKnown = known.withLock { known in
            known.decided.contains(job.id) || known.searched[job.id]?.contains(ticket?.id ?? "") ?? false
        }
        if isKnown { return false }
        // A decision from before the start may be older than a backup, and the job may have been sent after it. A clock that was set back since
        // costs another search.
        guard job.wantedSince > startedAt, try await attempts().releasesUnverifiedJob else { return true }
        // The history is limited: later attempts may push the decision out of it.
        known.withLock { _ = $0.decided.insert(job.id) }
        return false
    }

    /// Whether a job is from before the start, and nothing was searched for it since.
    func isUnsearched(_ job: TicketJob.ID) -> Bool {
        guard let latest, job <= latest else { return false }
        return known.withLock { $0.searched[job] == nil && !$0.decided.contains(job) }
    }

    /// Records that a job was searched for, by its reference and in the notes of a ticket, and is not in the PSA.
    func finish(_ job: TicketJob, on ticket: PostedTicket?) {
        known.withLock { _ = $0.searched[job.id, default: []].insert(ticket?.id ?? "") }
    }
}

extension [JobAttempt] {
    /// Whether the latest decision about a job, of its attempts with the latest first, was to send what no search could find or prove absent.
    fileprivate var releasesUnverifiedJob: Bool {
        let decided = drop { $0.kind != .decision }
        guard decided.first?.state == .waiting, let review = decided.dropFirst().first, review.state == .needsReview else { return false }
        return [.notVerified, .outcomeUnknown].contains(ReviewReason(rawValue: review.reason))
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

    /// What was read through a connection.
    private struct Known {
        var tenant: TenantIdentity?
        var tickets: [String: Ticket] = [:]
    }

    private static let limit = 50_000

    private let known = Mutex<[ConnectionID: Known]>([:])

    subscript(connection: ConnectionID, id: String) -> Ticket? { known.withLock { $0[connection]?.tickets[id] } }

    /// Forgets what was read through a connection if it leads to another tenant now, where the same id means another ticket.
    func use(_ tenant: TenantIdentity, of connection: ConnectionID) {
        known.withLock { known in
            if known[connection]?.tenant != tenant { known[connection] = Known(tenant: tenant) }
        }
    }

    func record(_ ticket: PSACore.Ticket, of connection: ConnectionID) -> Ticket {
        let reference = ticket.externalReference ?? ""
        let opened = Ticket(
            isReferenced: !reference.isEmpty, isEmpty: (ticket.details ?? "").trimmingSpaces.isEmpty,
            references: WriteReference.all(in: reference).union(WriteReference.all(in: ticket.details ?? "")))
        known.withLock { known in
            if known.values.reduce(0, { $0 + $1.tickets.count }) >= Self.limit {
                for connection in known.keys { known[connection]?.tickets = [:] }
            }
            known[connection, default: Known()].tickets[ticket.id.rawValue] = opened
        }
        return opened
    }
}
