package import FoundationEssentials

/// For how long the host keeps what has ended, in days, as an administrator sets it.
///
/// None can be unlimited: whatever grows with every event, job or action would fill any disk.
package struct RetentionSettings: Sendable, Equatable {
    /// How long an event stays after it was received, and with it the memory that its id was sent; longer while a job of it is stored.
    package var eventDays: Int
    /// How long a job stays after it has ended.
    package var jobDays: Int
    /// How long a record of a local copy stays after the PSA has deleted or merged it.
    package var deletedRecordDays: Int
    /// How long the row of a token stays after it was revoked.
    package var tokenDays: Int
    /// How long an audit entry stays in the database before it is archived to a file; files are never removed.
    package var auditDays: Int

    /// Creates a ``RetentionSettings``.
    package init(eventDays: Int, jobDays: Int, deletedRecordDays: Int, tokenDays: Int, auditDays: Int) {
        self.eventDays = eventDays
        self.jobDays = jobDays
        self.deletedRecordDays = deletedRecordDays
        self.tokenDays = tokenDays
        self.auditDays = auditDays
    }

    /// The settings until an administrator changes them.
    package static let `default` = RetentionSettings(eventDays: 90, jobDays: 90, deletedRecordDays: 30, tokenDays: 90, auditDays: 365)

    /// One of the settings.
    package struct Field: Sendable {
        /// Its name in the API and in forms.
        package let name: String
        /// The smallest and the largest value.
        package let range: ClosedRange<Int>
        package let path: any WritableKeyPath<RetentionSettings, Int> & Sendable
    }

    /// All settings, in the order of the page.
    package static let fields = [
        // A week, so that a sender that was away over a weekend does not make tickets twice.
        Field(name: "eventDays", range: 7...3_650, path: \.eventDays),
        // More than the longest time that the outbox keeps trying, and than the week in which a note may be added to a ticket.
        Field(name: "jobDays", range: 31...3_650, path: \.jobDays),
        // Programs that follow the changes learn of a deletion only while its record is there.
        Field(name: "deletedRecordDays", range: 7...3_650, path: \.deletedRecordDays),
        Field(name: "tokenDays", range: 7...3_650, path: \.tokenDays),
        // What the audit page shows by default, several times.
        Field(name: "auditDays", range: 30...3_650, path: \.auditDays),
    ]

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    package var issues: [Field] { Self.fields.filter { !$0.range.contains(self[keyPath: $0.path]) } }

    /// The settings for the audit log.
    package var sentence: String { Self.fields.map { "\($0.name): \(self[keyPath: $0.path])" }.joined(separator: ", ") + "." }

    /// The time before which something has been kept for so many days.
    package static func limit(_ days: Int, at now: Date) -> Date { now.addingTimeInterval(-Double(days) * 86_400) }

    /// The days for which events and jobs of detectors stay at least: by them a detector knows its own tickets and what it has reported already.
    package static let detectorDays = 730
}

/// The stored settings, with a revision that prevents two administrators from overwriting each other's change unnoticed.
package struct StoredRetentionSettings: Sendable, Equatable {
    package var settings: RetentionSettings
    /// 0 before the first change.
    package var revision: Int

    /// Creates a ``StoredRetentionSettings``.
    package init(settings: RetentionSettings, revision: Int) {
        self.settings = settings
        self.revision = revision
    }
}

/// What the wall clock was when retention last looked, so that a clock that jumps ahead removes nothing.
///
/// After a jump of more than ``longestGap``, and before the first removal of all, retention waits for ``waitingTime``: a clock that is wrong
/// by years is set right by then, and whoever has just installed this version can change the settings first.
package struct RetentionClock: Sendable, Equatable {
    /// When retention last looked, by the wall clock.
    package var seenAt: Date
    /// Nothing is removed before this time.
    package var waitsUntil: Date

    /// Creates a ``RetentionClock``.
    package init(seenAt: Date, waitsUntil: Date) {
        self.seenAt = seenAt
        self.waitsUntil = waitsUntil
    }

    /// The longest time between two looks of a host that runs, or that was stopped over a weekend.
    package static let longestGap: TimeInterval = 4 * 86_400
    /// For how long nothing is removed after a jump.
    package static let waitingTime: TimeInterval = 86_400

    /// The clock after a look at a time; nil before the first look of all.
    package static func looking(_ stored: RetentionClock?, at now: Date) -> RetentionClock {
        guard let stored, now.timeIntervalSince(stored.seenAt) <= longestGap else {
            return RetentionClock(seenAt: now, waitsUntil: now.addingTimeInterval(waitingTime))
        }
        // A clock that was set back ends a wait that a jump ahead began.
        return RetentionClock(seenAt: now, waitsUntil: min(stored.waitsUntil, now.addingTimeInterval(waitingTime)))
    }

    /// Whether things may be removed now.
    package var mayRemove: Bool { seenAt >= waitsUntil }
}
