import FoundationEssentials
import PSACore

/// Which jobs are wanted; nil means any.
extension TicketJob {
    struct Filter: Sendable, Equatable {
        var rule: RuleID?
        var connection: ConnectionID?
        var state: State.Name?
        /// Why it needs review.
        var reason: ReviewReason?
    }
}

extension TicketJob {
    /// How many jobs there are.
    struct Counts: Sendable, Equatable {
        /// By state; a state without jobs is absent.
        var byState: [State.Name: Int] = [:]
        /// Those that need review because their outcome is unknown.
        var outcomeUnknown = 0

        subscript(state: State.Name) -> Int { byState[state] ?? 0 }
        /// Those that need review and can be released: nothing was sent for them.
        var releasable: Int { self[.needsReview] - outcomeUnknown }
    }
}

/// How a job goes on; also what is written down when a request has ended.
struct JobOutcome: Sendable, Equatable {
    var state: TicketJob.State
    var attempts: Int
    var searchAttempts = 0
    var dueAt: Date
    /// The pause that begins for its rule; nil if none does.
    var pauses: RulePause?
    /// Whether what was in the way is in the way of the whole connection: then nothing of it is tried before this one's turn.
    var backsOffConnection = false
    /// What went wrong with the last request that was to write, kept with the job; nil if nothing did.
    var cause: FailureCause?
    /// What was in the way now, for the connection's issues; nil if nothing was.
    var issue: ErrorCode?
    /// Whether it is never to become a note on another ticket, because one was refused.
    var startsOwnTicket = false
    /// What a person should know of it.
    var remark = ""
    /// What to write into the audit log: a write to the PSA with its outcome; nil for what is no write.
    var audit: AuditEntry?
}

/// The part of the storage that keeps jobs and hands them out, each to one host at a time.
protocol OutboxStore: Sendable {
    /// Jobs that match, the newest first.
    func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob]

    /// One job, or nil if there is none.
    func job(_ id: TicketJob.ID) async throws -> TicketJob?

    /// How many jobs match, by state.
    func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts

    /// Adds jobs that were decided outside the arrival of an event: replays.
    func add(_ decisions: [Decision], for event: HostEvent.ID, at moment: Date) async throws

    /// Takes the next thing to do for a connection, if there is one and no host is at work for that connection, and holds it for a time.
    ///
    /// That is a job to send, now in the state ``TicketJob.State/sending(leaseHolder:until:)``, or one of unknown outcome to look for. What a host
    /// held beyond its time becomes unknown first: it may have made a request.
    func leaseNext(for connection: ConnectionID, by host: HostID, now: Date, lease: Duration) async throws -> TicketJob?

    /// The connections for which something is due and at which no host is at work, and the moment at which the next thing will be.
    ///
    /// What claims to be held for much longer than the lease was noted by a clock that has been set back since, and counts as not held.
    func dueConnections(now: Date, lease: Duration) async throws -> (connections: [ConnectionID], next: Date?)

    /// Holds on to a job for longer.
    ///
    /// - Returns: Whether the host still holds it.
    func renewLease(_ id: TicketJob.ID, by host: HostID, until: Date) async throws -> Bool

    /// Notes what a request is about to be made for: a note on a ticket, or with nil a new ticket, and which company it is about.
    ///
    /// It is the last thing before the request: where the answer is no, another host may be looking for this write already.
    ///
    /// - Returns: Whether the host still holds the job.
    func recordIntent(_ id: TicketJob.ID, at ticket: PostedTicket?, for company: CompanyResolution, by host: HostID, now: Date) async throws
        -> Bool

    /// Writes down how a job goes on, if the host still holds it.
    ///
    /// - Returns: Whether it did.
    func complete(_ id: TicketJob.ID, by host: HostID, _ outcome: JobOutcome, at moment: Date) async throws -> Bool

    /// The jobs before this one with the same rule, connection and device since a moment, unless they came to nothing, the latest first.
    ///
    /// - Parameters:
    ///   - job: The one in question.
    ///   - moment: The earliest decision that counts.
    ///   - isSameSource: Whether only those count whose events came from the same source.
    ///   - limit: The most that are returned.
    /// - Returns: The jobs, the latest first.
    /// - Throws: What the storage throws.
    func predecessors(of job: TicketJob, since moment: Date, isSameSource: Bool, limit: Int) async throws -> [TicketJob]

    /// Whether a ticket or note of a rule went through since a moment.
    func hasGoneThrough(_ rule: RuleID, since moment: Date) async throws -> Bool

    /// The latest job of all; nil if there is none.
    func latestJob() async throws -> TicketJob.ID?

    /// Makes everything due that waits for a connection, because what was in the way is gone.
    func wake(_ connection: ConnectionID, at moment: Date) async throws

    /// Replaces what is to be written for a job that failed, because a person corrected it, and sends it.
    ///
    /// - Throws: ``StorageError/stale`` if it is not failed any more, ``StorageError/notFound``.
    func resend(_ id: TicketJob.ID, as payload: TicketJob.Payload, at moment: Date, audit: AuditEntry) async throws

    /// Changes a job because a person decided so, if it is still in the state they saw.
    ///
    /// - Throws: ``StorageError/stale`` if it is not, ``StorageError/notFound``.
    func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at moment: Date) async throws

    /// Releases or drops everything that is held back for a rule, and lets the rule go on; returns how many jobs that were.
    func decideReviews(of rule: RuleID, release: Bool, at moment: Date, audit: AuditEntry) async throws -> Int

    /// The rules of which something is held back because they fired too often, the earliest first.
    func rateLimitTrips() async throws -> [RateLimitTrip]

    /// What an administrator has set; ``OutboxLimits/usual`` with revision 0 where nobody has.
    func outboxLimits() async throws -> StoredOutboxLimits

    /// Replaces the limits whose stored revision is the given one, and returns them with the next.
    ///
    /// - Throws: ``StorageError/stale``.
    func setOutboxLimits(_ limits: OutboxLimits, revision: Int, audit: AuditEntry) async throws -> StoredOutboxLimits

    /// Whether a search for the reference that a write carried was seen to find it; nil if it was not tried yet.
    func findsReferences(_ connection: ConnectionID) async throws -> Bool?

    /// Remembers whether it does.
    func setFindsReferences(_ finds: Bool, _ connection: ConnectionID) async throws
}
