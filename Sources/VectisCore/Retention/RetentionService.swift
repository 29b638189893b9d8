package import FoundationEssentials
package import PSACore
package import PSAEngine
import Synchronization
import VectisRules

/// Removes what was kept for long enough, and archives the audit log, in small steps beside the other work.
///
/// A step is one transaction of at most ``Pace/maxRows`` rows that takes a few milliseconds; between two of them the writes of others run.
package final class RetentionService: Sendable {
    /// What retention removes.
    package enum Kind: String, Sendable, CaseIterable {
        case jobs, events, tokens, sessions
        case deletedRecords = "deleted_records"
        /// Audit entries that are in a file.
        case auditEntries = "audit_entries"
    }

    /// How the latest round ended.
    package struct Round: Sendable, Equatable {
        /// When it began.
        package var at: Date
        /// What it removed, by kind.
        package var removed: [Kind: Int] = [:]
        /// The files that it wrote.
        package var archives = 0
        /// Until when nothing is removed, because the clock has jumped or this is the first time; nil if it was removed.
        package var waitsUntil: Date?
        /// Whether a part of it failed, as the log says.
        package var hasFailed = false
    }

    /// How large a step is: as large as a few milliseconds allow.
    package struct Pace: Sendable, Equatable {
        /// The most rows of a step.
        package static let maxRows = 500
        private static let minRows = 20

        /// The rows of the next step.
        package private(set) var rows = 100
        /// How long to wait before it.
        package private(set) var pause = Duration.milliseconds(10)

        /// Adapts to how long a step took.
        package mutating func note(_ duration: Duration) {
            if duration > .milliseconds(8) { rows = max(rows / 2, Self.minRows) }
            if duration < .milliseconds(3) { rows = min(rows * 2, Self.maxRows) }
            // At most a third of the time.
            pause = max(.milliseconds(10), duration * 2)
        }
    }

    /// The time between two rounds.
    package static let interval = Duration.seconds(3_600)

    private struct State {
        /// The last event that a round has read, and when all were read from the first one.
        var events: (last: HostEvent.ID?, wholeAt: Date)?
    }

    private let storage: any Storage
    private let copies: any SyncStore
    private let archiver: (any AuditArchiver)?
    private let time: TimeSource
    private let metrics: HostMetrics
    private let log: HostLog
    private let duties: ProcessDuties
    private let state = Mutex(State())

    /// Creates a ``RetentionService``.
    ///
    /// - Parameters:
    ///   - storage: The storage of events, jobs and audit entries.
    ///   - copies: The store of the local copies.
    ///   - archiver: Moves audit entries to files; nil to keep them all in the database.
    ///   - time: The clocks.
    ///   - metrics: Counts what is removed.
    ///   - log: Receives one line for each round and kind.
    ///   - duties: What one process at a time does.
    package init(
        storage: any Storage, copies: any SyncStore, archiver: (any AuditArchiver)?, time: TimeSource, metrics: HostMetrics, log: HostLog,
        duties: ProcessDuties = ProcessDuties()
    ) {
        self.storage = storage
        self.copies = copies
        self.archiver = archiver
        self.time = time
        self.metrics = metrics
        self.log = log
        self.duties = duties
    }

    /// Until when nothing is removed, because the clock has jumped or this is the first time; nil if things are removed.
    ///
    /// - Throws: Errors of the storage.
    package func waitsUntil() async throws -> Date? {
        guard let clock = try await storage.retentionClock(), !clock.mayRemove else { return nil }
        return clock.waitsUntil
    }

    /// The folder of the archives; nil if there is none.
    package var archiveFolder: String? { archiver?.folder }

    /// Runs a round each hour, until its task is cancelled; where processes share the database, one of them does.
    package func run() async {
        while !Task.isCancelled {
            // What fails because of the storage is due again at the next time.
            _ = try? await duties.perform("retention") { [self] in
                if try await isDue() { await runRound() }
            }
            guard (try? await time.sleep(Self.interval)) != nil else { return }
        }
    }

    /// Whether no other process has run a round of late.
    private func isDue() async throws -> Bool {
        guard duties.isShared, let clock = try await storage.retentionClock() else { return true }
        return !(0..<Self.interval.seconds * 0.9).contains(time.now().timeIntervalSince(clock.seenAt))
    }

    /// Removes everything that is old enough now.
    ///
    /// A kind whose removal fails is logged, and due again with the next round; the other kinds go on.
    ///
    /// - Returns: What it removed.
    @discardableResult package func runRound() async -> Round {
        let now = time.now()
        var round = Round(at: now)
        do {
            let previous = try await storage.retentionClock()
            let clock = RetentionClock.looking(previous, at: now)
            try await storage.setRetentionClock(clock)
            if clock.mayRemove {
                try await remove(try await storage.retention().settings, now, &round)
            } else {
                round.waitsUntil = clock.waitsUntil
                // Only a jump of the clock is unusual: a new database waits as well, and a wait that goes on was reported.
                let hasJumped = previous.map { now.timeIntervalSince($0.seenAt) > RetentionClock.longestGap } ?? false
                log.record(
                    hasJumped ? .warning : .info, "retention_waits", [("until", .string(clock.waitsUntil.formatted(.iso8601)))])
            }
        } catch is CancellationError {
            // The host stops; the next one goes on.
        } catch {
            fail(error, nil, &round)
        }
        for kind in Kind.allCases {
            guard let count = round.removed[kind], count > 0 else { continue }
            metrics.removed(kind.rawValue, rows: count)
            log.record(.info, "retention_removed", [("kind", .string(kind.rawValue)), ("rows", .integer(count))])
        }
        return round
    }

    private func fail(_ error: any Error, _ kind: Kind?, _ round: inout Round) {
        round.hasFailed = true
        log.record(
            .error, "retention_failed",
            [
                ("kind", kind.map { .string($0.rawValue) }), ("type", .string("\(type(of: error))")),
                ("detail", (error as? AuditArchiveError).map { .string($0.description) }),
            ])
    }

    private func remove(_ settings: RetentionSettings, _ now: Date, _ round: inout Round) async throws {
        // Jobs first: an event stays as long as a job of it.
        for kind in Kind.allCases {
            do {
                try await remove(kind, settings, now, &round)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                fail(error, kind, &round)
            }
        }
    }

    private func remove(_ kind: Kind, _ settings: RetentionSettings, _ now: Date, _ round: inout Round) async throws {
        func limit(_ days: Int) -> Date { RetentionSettings.limit(days, at: now) }
        switch kind {
        case .jobs:
            let expiry = JobExpiry(
                finishedBefore: limit(settings.jobDays),
                longer: JobExpiry.Longer(
                    originPrefix: EventNamespace.detectorPrefix,
                    finishedBefore: limit(max(settings.jobDays, RetentionSettings.detectorDays))))
            var place: JobRemoval.Place?
            try await inSteps(kind, &round) { [storage] rows in
                let step = try await storage.engine.removeFinishedJobs(expiry, after: place, limit: rows)
                place = step.next
                return (step.removed, step.next != nil)
            }
        case .events: try await removeEvents(before: limit(settings.eventDays), now, &round)
        case .tokens:
            round.removed[kind] = try await storage.removeTokens(revokedBefore: limit(settings.tokenDays))
        case .sessions:
            round.removed[kind] = try await storage.removeSessions(
                lastSeenBefore: now.addingTimeInterval(-SignInService.idleLimit),
                createdBefore: now.addingTimeInterval(-SignInService.absoluteLimit))
        case .deletedRecords:
            try await inSteps(kind, &round) { [copies] rows in
                let count = try await copies.removeDeleted(before: limit(settings.deletedRecordDays), limit: rows)
                return (count, count == rows)
            }
        case .auditEntries: try await archive(before: limit(settings.auditDays), now, &round)
        }
    }

    /// Removes events from where the round before has ended; once a day from the first one, for those that had a job then.
    private func removeEvents(before limit: Date, _ now: Date, _ round: inout Round) async throws {
        let known = state.withLock { $0.events }
        let isWhole = known.map { !(0..<86_400).contains(now.timeIntervalSince($0.wholeAt)) } ?? true
        var last = isWhole ? nil : known?.last
        try await inSteps(.events, &round) { [storage] rows in
            let step = try await storage.removeEvents(before: limit, now: now, after: last, limit: rows)
            last = step.last ?? last
            return (step.removed, step.isMore)
        }
        state.withLock { [last] in $0.events = (last, isWhole ? now : known?.wholeAt ?? now) }
    }

    private func archive(before limit: Date, _ now: Date, _ round: inout Round) async throws {
        guard let archiver else { return }
        // What a process that was killed has archived and not removed.
        try await removeArchived(archiver, &round)
        while let archive = try await archiver.archiveNext(
            before: limit, now: now, pause: { [time] in try await time.sleep(.milliseconds(10)) })
        {
            round.archives += 1
            log.record(
                .info, "audit_archived",
                [("file", .string(archive.file)), ("entries", .integer(archive.count)), ("bytes", .integer(archive.byteCount))])
            try await removeArchived(archiver, &round)
        }
    }

    private func removeArchived(_ archiver: any AuditArchiver, _ round: inout Round) async throws {
        try await inSteps(.auditEntries, &round) { rows in
            let count = try await archiver.removeArchived(limit: rows)
            return (count, count == rows)
        }
    }

    /// Repeats a step until there is no more, and lets others work between two.
    private func inSteps(_ kind: Kind, _ round: inout Round, _ step: (_ rows: Int) async throws -> (removed: Int, isMore: Bool))
        async throws
    {
        var pace = Pace()
        var isMore = true
        while isMore {
            try Task.checkCancellation()
            let start = time.instant()
            let count: Int
            (count, isMore) = try await step(pace.rows)
            round.removed[kind, default: 0] += count
            pace.note(time.instant() - start)
            if isMore { try await time.sleep(pace.pause) }
        }
    }
}
