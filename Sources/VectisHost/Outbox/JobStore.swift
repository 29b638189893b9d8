import FoundationEssentials
import PSACore
import PSAEngine

/// What the host stores about jobs beside what the engine does: decisions of people, with their audit entries, and limits.
protocol JobStore: Sendable {
    /// Adds jobs that were decided outside the arrival of an event: replays.
    func add(_ decisions: [Decision], at time: Date) async throws

    /// Changes a job because a person decided so, if it is still in the state they saw.
    ///
    /// - Throws: ``StoreError/stale`` if it is not, ``StoreError/notFound``.
    func decide(
        _ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date, audit: AuditEntry
    ) async throws

    /// Replaces the payload of a failed job, because a person corrected it, and sends it.
    ///
    /// - Throws: ``StoreError/stale`` if it is not failed any more, ``StoreError/notFound``.
    func resend(_ id: TicketJob.ID, as payload: TicketJob.Payload, at time: Date, audit: AuditEntry) async throws

    /// Releases or drops the jobs of a rule that need review and for which nothing was sent, and lets the rule go on; returns how many.
    func decideReviews(of rule: RuleID, release: Bool, at time: Date, audit: AuditEntry) async throws -> Int

    /// The rules whose jobs need review because they exceeded a rate limit, the earliest first.
    func rateLimitTrips() async throws -> [RateLimitTrip]

    /// What an administrator has set; ``OutboxLimits/default`` with revision 0 where nothing was.
    func outboxLimits() async throws -> StoredOutboxLimits

    /// Replaces the limits whose stored revision is the given one, and returns them with the next.
    ///
    /// - Throws: ``StoreError/stale``.
    func setOutboxLimits(_ limits: OutboxLimits, revision: Int, audit: AuditEntry) async throws -> StoredOutboxLimits
}
