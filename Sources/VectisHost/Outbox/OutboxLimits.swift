import PSACore
import PSAEngine

/// What an administrator sets of the outbox's patience; everything else is ``OutboxPolicy``.
struct OutboxLimits: Sendable, Equatable {
    /// How many hours old a job may get that is sent by itself.
    var maxAgeHours: Int
    /// How many minutes may pass until something that could not be sent is tried again, unless the PSA asks for more.
    var maxWaitMinutes: Int

    /// What holds until somebody changes it.
    static let usual = OutboxLimits(maxAgeHours: 48, maxWaitMinutes: 15)

    /// An hour, so that a short outage hands nothing to people; 30 days, because older news is none.
    static let maxAgeHoursRange = 1...720
    /// At most an hour, so that nothing gets too old between two tries.
    static let maxWaitMinutesRange = 1...60

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    var problems: [(field: String, range: ClosedRange<Int>)] {
        [
            ("maxAgeHours", maxAgeHours, Self.maxAgeHoursRange),
            ("maxWaitMinutes", maxWaitMinutes, Self.maxWaitMinutesRange),
        ].filter { !$0.2.contains($0.1) }.map { ($0.0, $0.2) }
    }

    /// The limits for the audit log.
    var sentence: String { "Oldest: \(maxAgeHours) hours. Longest wait: \(maxWaitMinutes) minutes." }
}

/// The limits that somebody has set, with the count of changes by which two people can't overwrite one another unawares.
struct StoredOutboxLimits: Sendable, Equatable {
    var limits: OutboxLimits
    /// 0 for what nobody has changed yet.
    var revision: Int
}

extension OutboxPolicy {
    /// The policy with what an administrator has set; as it is where nobody has set anything.
    func within(_ stored: StoredOutboxLimits) -> OutboxPolicy {
        guard stored.revision > 0 else { return self }
        var policy = self
        policy.maxAge = .seconds(stored.limits.maxAgeHours * 3_600)
        policy.maxWait = .seconds(stored.limits.maxWaitMinutes * 60)
        return policy
    }
}
