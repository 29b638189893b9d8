package import FoundationEssentials
import PSACore
package import PSAEngine
package import VectisRules

/// What the host stores about jobs beside what the engine does: decisions of people, with their audit entries, and limits.
package protocol JobStore: Sendable {
    /// Adds jobs that were not decided at the arrival of an event: replays.
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

    /// The jobs that rules created from events, by event, in the order of creation.
    func jobs(of events: Set<HostEvent.ID>) async throws -> [HostEvent.ID: [TicketJob]]

    /// What a decision on many jobs would concern; changes nothing.
    func jobCandidates(_ selection: JobSelection) async throws -> [JobCandidate]

    /// Sends many jobs again or discards them, the oldest first; what a person has to decide on one by one is left out.
    ///
    /// A rule that was paused because it exceeded its rate limit resumes when no job of it is on hold for that any more.
    ///
    /// - Parameters:
    ///   - selection: The jobs.
    ///   - action: What to do with them.
    ///   - limit: The most jobs that are changed.
    ///   - time: Now.
    ///   - audit: The entry for the number of jobs that were changed.
    /// - Returns: How many were changed, and how many are left.
    /// - Throws: An error of the storage; then nothing was changed.
    func decideAll(
        _ selection: JobSelection, _ action: JobBulkAction, limit: Int, at time: Date, audit: @escaping @Sendable (Int) -> AuditEntry
    ) async throws -> (done: Int, left: Int)

    /// Removes an upload that no ticket refers to from the list, because a person has looked into the PSA.
    ///
    /// - Throws: ``StoreError/notFound`` if there is none.
    func forgetUpload(_ id: JobUpload.ID, audit: AuditEntry) async throws

    /// Releases or drops the jobs of a rule that need review and of which nothing was sent, resumes the rule, and returns their count.
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

/// The time limits of the outbox that an administrator sets; everything else is ``OutboxPolicy``.
package struct OutboxLimits: Sendable, Equatable {
    /// The maximum age, in hours, of a job that is sent automatically.
    package var maxAgeHours: Int
    /// How many minutes may pass until something that could not be sent is tried again, unless the PSA asks for more.
    package var maxWaitMinutes: Int

    /// Creates an ``OutboxLimits``.
    package init(maxAgeHours: Int, maxWaitMinutes: Int) {
        self.maxAgeHours = maxAgeHours
        self.maxWaitMinutes = maxWaitMinutes
    }

    /// The limits until an administrator changes them.
    package static let `default` = OutboxLimits(maxAgeHours: 48, maxWaitMinutes: 15)

    /// At least an hour, so that a short outage needs no review; at most 30 days, because older events are obsolete.
    package static let maxAgeHoursRange = 1...720
    /// At most an hour, so that nothing gets too old between two tries.
    package static let maxWaitMinutesRange = 1...60

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    package var issues: [(field: String, range: ClosedRange<Int>)] {
        [
            ("maxAgeHours", maxAgeHours, Self.maxAgeHoursRange),
            ("maxWaitMinutes", maxWaitMinutes, Self.maxWaitMinutesRange),
        ].filter { !$0.2.contains($0.1) }.map { ($0.0, $0.2) }
    }

    /// The limits for the audit log.
    package var sentence: String { "Oldest: \(maxAgeHours) hours. Longest wait: \(maxWaitMinutes) minutes." }
}

/// The stored limits, with a revision that prevents two administrators from overwriting each other's change unnoticed.
package struct StoredOutboxLimits: Sendable, Equatable {
    package var limits: OutboxLimits
    /// 0 before the first change.
    package var revision: Int

    /// Creates a ``StoredOutboxLimits``.
    package init(limits: OutboxLimits, revision: Int) {
        self.limits = limits
        self.revision = revision
    }

}

extension OutboxPolicy {
    /// The policy with the limits that an administrator has set; unchanged before the first change.
    package func within(_ stored: StoredOutboxLimits) -> OutboxPolicy {
        guard stored.revision > 0 else { return self }
        var policy = self
        policy.maxAge = .seconds(stored.limits.maxAgeHours * 3_600)
        policy.maxWait = .seconds(stored.limits.maxWaitMinutes * 60)
        return policy
    }
}
