package import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisRules

/// What the host stores about jobs beside what the engine does: decisions of people, with their audit entries, and limits.
package protocol JobStore: Sendable {
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

/// What an administrator sets of the outbox's patience; everything else is ``OutboxPolicy``.
package struct OutboxLimits: Sendable, Equatable {
    /// How many hours old a job may get that is sent by itself.
    package var maxAgeHours: Int
    /// How many minutes may pass until something that could not be sent is tried again, unless the PSA asks for more.
    package var maxWaitMinutes: Int

    /// Creates a ``OutboxLimits``.
    package init(maxAgeHours: Int, maxWaitMinutes: Int) {
        self.maxAgeHours = maxAgeHours
        self.maxWaitMinutes = maxWaitMinutes
    }

    /// What holds until somebody changes it.
    package static let `default` = OutboxLimits(maxAgeHours: 48, maxWaitMinutes: 15)

    /// An hour, so that a short outage hands nothing to people; 30 days, because older news is none.
    package static let maxAgeHoursRange = 1...720
    /// At most an hour, so that nothing gets too old between two tries.
    package static let maxWaitMinutesRange = 1...60

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    package var problems: [(field: String, range: ClosedRange<Int>)] {
        [
            ("maxAgeHours", maxAgeHours, Self.maxAgeHoursRange),
            ("maxWaitMinutes", maxWaitMinutes, Self.maxWaitMinutesRange),
        ].filter { !$0.2.contains($0.1) }.map { ($0.0, $0.2) }
    }

    /// The limits for the audit log.
    package var sentence: String { "Oldest: \(maxAgeHours) hours. Longest wait: \(maxWaitMinutes) minutes." }
}

/// The limits that somebody has set, with the count of changes by which two people can't overwrite one another unawares.
package struct StoredOutboxLimits: Sendable, Equatable {
    package var limits: OutboxLimits
    /// 0 for what nobody has changed yet.
    package var revision: Int

    /// Creates a ``StoredOutboxLimits``.
    package init(limits: OutboxLimits, revision: Int) {
        self.limits = limits
        self.revision = revision
    }

}

extension OutboxPolicy {
    /// The policy with what an administrator has set; as it is where nobody has set anything.
    package func within(_ stored: StoredOutboxLimits) -> OutboxPolicy {
        guard stored.revision > 0 else { return self }
        var policy = self
        policy.maxAge = .seconds(stored.limits.maxAgeHours * 3_600)
        policy.maxWait = .seconds(stored.limits.maxWaitMinutes * 60)
        return policy
    }
}
