import PSACore

/// What an administrator sets of the outbox's patience; everything else is ``OutboxPolicy``.
struct OutboxLimits: Sendable, Equatable {
    /// How many hours old a firing may get that is sent by itself.
    var oldestHours: Int
    /// How many minutes may pass until something that could not be sent is tried again, unless the PSA asks for more.
    var longestWaitMinutes: Int

    /// What holds until somebody changes it.
    static let usual = OutboxLimits(oldestHours: 48, longestWaitMinutes: 15)

    /// An hour, so that a short outage hands nothing to people; 30 days, because older news is none.
    static let oldestHoursRange = 1...720
    /// At most an hour, so that nothing gets too old between two tries.
    static let longestWaitMinutesRange = 1...60

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    var problems: [(field: String, range: ClosedRange<Int>)] {
        [
            ("oldestHours", oldestHours, Self.oldestHoursRange),
            ("longestWaitMinutes", longestWaitMinutes, Self.longestWaitMinutesRange),
        ].filter { !$0.2.contains($0.1) }.map { ($0.0, $0.2) }
    }

    /// The limits for the audit log.
    var sentence: String { "Oldest: \(oldestHours) hours. Longest wait: \(longestWaitMinutes) minutes." }
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
        policy.oldest = .seconds(stored.limits.oldestHours * 3_600)
        policy.longestWait = .seconds(stored.limits.longestWaitMinutes * 60)
        return policy
    }
}
