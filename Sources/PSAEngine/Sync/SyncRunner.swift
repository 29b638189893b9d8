#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// A step of a sync, for tests, which may suspend or end the process there.
public enum SyncStep: String, Sendable, CaseIterable {
    /// A run was begun and stored.
    case begun
    /// A page was read.
    case pageRead
    /// A page was stored with the progress after it.
    case pageStored
    /// The records that a full run missed are about to be decided on.
    case missingCounted
    /// A run has ended and is stored.
    case ended
    /// A ticket was read on its own.
    case ticketRead
}

/// Works on one connection for one turn, while its process holds the lease.
struct SyncRunner: Sendable {
    /// Another process holds the lease by now.
    struct LeaseLostError: Error {}

    let store: any SyncStore
    let connection: StoredConnection
    let session: ConnectorSession
    let policy: SyncPolicy
    let time: TimeSource
    /// The turn, which has the lease.
    let holder: ProcessID
    let issues: any SyncIssues
    let log: any SyncLog
    let reached: @Sendable (SyncStep) async -> Void
    /// When the turn began.
    let beganAt: MonotonicInstant

    /// When the turn ends.
    private var deadline: MonotonicInstant { beganAt + policy.turn }
    /// When no further page of a list is read: what is left of the turn belongs to tickets that are read one by one.
    private var listsEnd: MonotonicInstant { beganAt + policy.turn / 4 * 3 }
    private var id: ConnectionID { connection.id }
    private var reader: SyncReader { SyncReader(session: session) }

    /// The resources that the connector can read.
    static func resources(of session: ConnectorSession, _ policy: SyncPolicy) -> [SyncResource] {
        SyncResource.allCases.filter { session.can($0.capability) && ($0 != .notes || policy.readsNotes) }
    }

    /// Works on what is due.
    ///
    /// - Parameter wanted: The resources to work on; nil for all.
    /// - Returns: Whether everything that was due is done.
    /// - Throws: ``LeaseLostError``, `CancellationError`, or errors of the store.
    func turn(_ wanted: Set<SyncResource>? = nil) async throws -> Bool {
        let resources = Self.resources(of: session, policy)
        for status in try await statuses() where !resources.contains(status.resource) && status.isDue(at: time.now(), policy) {
            // An earlier version of the connector could read it.
            let next = time.now().addingTimeInterval(policy.sweepInterval.seconds)
            _ = try await store.save(status.progress, of: status.resource, of: id, nextRunAt: next, begins: true, by: holder)
        }
        guard try await rereads(.beforeLists) else { return true }
        var isDone = true
        var hasRun = false
        for resource in resources where resource.isList && wanted?.contains(resource) != false {
            guard let status = try await status(of: resource),
                status.isDue(at: time.now(), policy)
            else { continue }
            isDone = !hasRun || time.instant() < listsEnd
            guard isDone else { break }
            hasRun = true
            do {
                isDone = try await run(status)
            } catch let error as PSAError {
                guard try await note(error, of: resource) == .resource else { return true }
            }
            guard isDone else { break }
        }
        // One at least is read, so that lists that always take the whole turn delay no ticket for ever.
        guard try await rereads(.afterLists) else { return true }
        guard isDone, session.can(.readTickets), wanted?.contains(.tickets) != false else { return isDone }
        return try await !store.hasDueReread(of: id, now: time.now(), policy)
    }

    // MARK: Runs

    /// Reads a resource, or goes on reading it.
    ///
    /// - Returns: Whether the run ended; false if the turn did.
    private func run(_ status: SyncStatus) async throws -> Bool {
        var progress = try await begun(status)
        guard let begun = progress.run else {
            // The list has no filter for changes and its turn has not come.
            return true
        }
        let resource = status.resource
        var isRestarted = begun.cursor == nil
        while true {
            do {
                if progress.run?.phase == .list { guard try await readList(resource, &progress) else { return false } }
                if progress.run?.phase == .deleted { guard try await readDeleted(&progress) else { return false } }
                try await end(resource, &progress)
                return true
            } catch let error as PSAError where error.code == .syncCursorRejected && !isRestarted {
                // The place was stored by another version: the list is read from its beginning.
                isRestarted = true
                progress.run = SyncRun(continuing: begun)
            }
        }
    }

    /// The progress with a run: the one under way, or a new one; without one if there is nothing to do.
    private func begun(_ status: SyncStatus) async throws -> SyncProgress {
        var progress = status.progress
        let now = time.now()
        let resource = status.resource
        if let run = progress.run, now.timeIntervalSince(run.startedAt) < policy.clockTolerance.seconds, run.startedAt <= now,
            run.kind == .full || status.request != .full && status.request != .acceptMissing
        {
            return progress
        }
        let isFullDue = isFullDue(status, now)
        var kind = SyncRun.Kind.full
        if !isFullDue, reader.offersChanges(of: resource) {
            progress.filter = try await filter(of: resource, progress.filter, now)
            if progress.filter?.works == true { kind = .changes }
        }
        if kind == .full, !isFullDue, status.request == nil, let last = progress.lastFullAt,
            now.timeIntervalSince(last) < resource.listInterval(policy).seconds * 0.9
        {
            // The filter turned out to be ignored: the list waits for its own interval.
            progress.run = nil
            let next = last.addingTimeInterval(resource.listInterval(policy).seconds)
            guard try await store.save(progress, of: resource, of: id, nextRunAt: next, begins: true, by: holder) else {
                throw LeaseLostError()
            }
            return progress
        }
        var run = SyncRun(kind, startedAt: now)
        // What is stored by now is the latest that the vendor's clock is known to have reached.
        let earliest = now.addingTimeInterval(-policy.clockTolerance.seconds)
        let latest = try await store.latestUpdate(of: resource, in: id, before: now)
        run.nextWatermark = max(latest ?? earliest, earliest)
        if kind == .changes {
            run.since = (progress.watermark ?? earliest).addingTimeInterval(-policy.overlap.seconds)
        } else {
            progress.generation += 1
            run.acceptsMissing = status.request == .acceptMissing
            progress.unreadable = []
        }
        progress.run = run
        guard try await store.save(progress, of: resource, of: id, nextRunAt: nil, begins: true, by: holder) else {
            throw LeaseLostError()
        }
        await reached(.begun)
        return progress
    }

    private func isFullDue(_ status: SyncStatus, _ now: Date) -> Bool {
        guard let last = status.progress.lastFullAt, last <= now, status.request != .full, status.request != .acceptMissing else {
            return true
        }
        // What changed does not say whether the missing records are back.
        if status.progress.missing != nil, status.request != nil { return true }
        let interval = Self.repeatsFullRun(status.progress) ? Self.repetitionInterval : policy.sweepInterval
        return now.timeIntervalSince(last) >= interval.seconds
    }

    /// Whether a full run that has decided nothing about missing records is repeated earlier; not for ever, because what is missing may be so
    /// each time.
    private static func repeatsFullRun(_ progress: SyncProgress) -> Bool {
        (1...maxGapRuns).contains(progress.omissions?.undecidedRuns ?? 0)
    }

    private static let repetitionInterval = Duration.seconds(3_600)

    /// Whether the vendor applies its filter, tried once a day and for each change of the settings.
    private func filter(of resource: SyncResource, _ known: ChangeFilterState?, _ now: Date) async throws -> ChangeFilterState {
        if let known, known.revision == connection.revision, known.checkedAt <= now,
            now.timeIntervalSince(known.checkedAt) < policy.sweepInterval.seconds
        {
            return known
        }
        let works = try await urgent(.background) { try await reader.appliesFilter(of: resource, now: now) }
        return ChangeFilterState(works: works, checkedAt: now, revision: connection.revision)
    }

    /// Reads and stores the pages of a list.
    ///
    /// - Returns: Whether it was read to its end.
    private func readList(_ resource: SyncResource, _ progress: inout SyncProgress) async throws -> Bool {
        guard let run = progress.run else { return true }
        var current = progress
        let ended = try await urgent(run.kind == .full ? .bulk : .background) {
            try await reader.read(resource, since: run.since, at: run.cursor) { batch in
                try await store(batch, of: resource, &current, onlyKnown: false, after: run.counted)
            }
        }
        progress = current
        if ended { progress.run?.end(.list, listsDeleted: listsDeleted(resource)) }
        return ended
    }

    private func listsDeleted(_ resource: SyncResource) -> Bool { resource == .tickets && session.listsDeletedTickets }

    private func readDeleted(_ progress: inout SyncProgress) async throws -> Bool {
        var current = progress
        let ended = try await urgent(.bulk) {
            try await reader.readDeletedTickets(at: current.run?.cursor) { batch in
                try await store(batch, of: .tickets, &current, onlyKnown: true)
            }
        }
        progress = current
        if ended { progress.run?.end(.deleted, listsDeleted: true) }
        return ended
    }

    /// Stores a page, and returns whether the turn goes on.
    private func store(
        _ batch: SyncBatch, of resource: SyncResource, _ progress: inout SyncProgress, onlyKnown: Bool, after countedBefore: Int? = nil
    ) async throws -> Bool {
        await reached(.pageRead)
        guard var run = progress.run else { return false }
        run.cursor = batch.next
        run.pages += 1
        run.unreadable += batch.unreadable.count
        for row in batch.unreadable.map({ SyncUnreadableRow(page: run.pages, position: $0.position, member: $0.member) })
        where progress.unreadable.count < SyncLimits.unreadableRows && !progress.unreadable.contains(row) {
            progress.unreadable.append(row)
        }
        if !onlyKnown {
            run.rows += batch.rows.count
            run.total = batch.completeness.total ?? run.total
            let list = batch.completeness
            run.count(list, after: countedBefore)
        }
        // With the last page is stored that no further one has to be read.
        if batch.next == nil { run.end(onlyKnown ? .deleted : .list, listsDeleted: listsDeleted(resource)) }
        progress.run = run
        var page = SyncPage(resource, rows: batch.rows, progress: progress)
        page.onlyKnown = onlyKnown
        if resource == .tickets, progress.lastFullAt != nil { page.notesDueAt = notesDueAt }
        guard let changes = try await store.apply(page, of: id, by: holder, at: time.now()) else { throw LeaseLostError() }
        progress.run?.added += changes.added
        progress.run?.changed += changes.changed
        if let stored = progress.run { log.record(.pageStored(id, resource, stored)) }
        await reached(.pageStored)
        // The last page is stored: what is left is the end of the run.
        guard batch.next != nil else { return true }
        return try await rereads(.betweenPages) && time.instant() < listsEnd
    }

    /// Decides on missing records and stores the end of a run.
    private func end(_ resource: SyncResource, _ progress: inout SyncProgress) async throws {
        guard var run = progress.run else { return }
        let now = time.now()
        var missing = 0
        run.hasGap = run.hasGap || run.outstanding > 0
        if run.kind == .full {
            let isCertain = !run.hasGap && (run.unreadable == 0 || resource == .tickets)
            if isCertain {
                missing = try await store.missing(resource, of: id, generation: progress.generation)
                await reached(.missingCounted)
                try await decide(missing, of: resource, &progress, run)
            }
            progress.omit(run, undecidedRuns: isCertain ? 0 : (progress.omissions?.undecidedRuns ?? 0) + 1)
            progress.gapRuns = 0
            progress.lastFullAt = run.startedAt
            progress.watermark = run.nextWatermark
            if reader.offersChanges(of: resource) { progress.filter = try await filter(of: resource, progress.filter, now) }
        } else {
            progress.gapRuns = run.hasGap ? progress.gapRuns + 1 : 0
            if !run.hasGap || progress.gapRuns >= Self.maxGapRuns {
                // Rows that moved to an earlier page are in the next span, too.
                progress.watermark = run.nextWatermark
                progress.omit(more: run)
            }
        }
        progress.lastRun = SyncRunSummary(
            kind: run.kind, startedAt: run.startedAt, endedAt: now, pages: run.pages, rows: run.rows, added: run.added,
            changed: run.changed,
            missing: missing, unreadable: run.unreadable, hasGap: run.hasGap)
        progress.idleRuns = run.added + run.changed > 0 ? 0 : progress.idleRuns + 1
        // While records are missing and no one has decided on them, the copy is not what the PSA showed.
        if progress.missing == nil { progress.freshAt = run.startedAt }
        // An issue is resolved before what led to it is forgotten, so that a killed process leaves none open for ever.
        if let failure = progress.failure { try await resolve(failure.code, of: resource) }
        progress.failure = nil
        progress.run = nil
        let next = now.addingTimeInterval(interval(of: resource, progress, run).seconds)
        guard try await store.save(progress, of: resource, of: id, nextRunAt: next, begins: false, by: holder) else {
            throw LeaseLostError()
        }
        await reached(.ended)
        if let summary = progress.lastRun { log.record(.runEnded(id, resource, summary)) }
        if Self.staysIncomplete(progress) {
            try await issues.record(.syncListIncomplete, problem: nil, of: id, at: now)
        } else if try await !statuses().contains(where: { Self.staysIncomplete($0.progress) }) {
            try await issues.resolve(.syncListIncomplete, of: id, at: now)
        }
    }

    /// Resolves the issue of a failure, unless the reading of another resource fails for the same reason.
    private func resolve(_ code: ErrorCode, of resource: SyncResource) async throws {
        let others = try await statuses().filter { $0.resource != resource }
        guard !others.contains(where: { $0.progress.failure?.code == code }) else { return }
        try await issues.resolve(code, of: id, at: time.now())
    }

    /// How many runs in a row may end with gaps before the vendor's count is taken for wrong.
    private static let maxGapRuns = 3

    /// Whether reading a list again does not close its gaps.
    private static func staysIncomplete(_ progress: SyncProgress) -> Bool {
        progress.gapRuns >= maxGapRuns || progress.omissions.map { $0.hasGap && $0.undecidedRuns >= maxGapRuns } ?? false
    }

    private func decide(_ missing: Int, of resource: SyncResource, _ progress: inout SyncProgress, _ run: SyncRun) async throws {
        let rows = try await store.statuses(of: id).first { $0.resource == resource }?.rows ?? 0
        guard !policy.asks(missing: missing, of: rows) || run.acceptsMissing else {
            progress.missing = SyncMissing(missing: missing, rows: rows, at: time.now())
            return try await issues.record(.syncTooManyMissing, problem: nil, of: id, at: time.now())
        }
        if missing > 0 {
            let holds = try await store.resolveMissing(
                resource, of: id, generation: progress.generation, by: holder, at: time.now())
            guard holds else { throw LeaseLostError() }
        }
        progress.missing = nil
        let others = try await statuses().contains { $0.resource != resource && $0.progress.missing != nil }
        if !others { try await issues.resolve(.syncTooManyMissing, of: id, at: time.now()) }
    }

    /// The time until the next run, with up to a tenth more so that connections spread.
    private func interval(of resource: SyncResource, _ progress: SyncProgress, _ run: SyncRun) -> Duration {
        let jitter = 1 + time.random() / 10
        if run.kind == .changes, (1..<Self.maxGapRuns).contains(progress.gapRuns) { return .seconds(60 * jitter) }
        var interval = resource.listInterval(policy).seconds
        if progress.filter?.works == true {
            let doubled = policy.changesInterval.seconds * Double(1 << min(progress.idleRuns, 16))
            interval = min(doubled, policy.maxChangesInterval.seconds)
        }
        if Self.repeatsFullRun(progress), let last = progress.lastFullAt {
            interval = min(interval, max(60, Self.repetitionInterval.seconds - time.now().timeIntervalSince(last)))
        }
        return .seconds(interval * jitter)
    }

    private func save(_ progress: SyncProgress, _ resource: SyncResource) async throws -> Bool {
        try await store.save(progress, of: resource, of: id, nextRunAt: nil, begins: false, by: holder)
    }

    // MARK: Failures

    /// What a failure concerns.
    enum Concern {
        case resource
        case connection

        init(_ error: PSAError) {
            let scope = FailureScope(error.code)
            self = scope == .credentials || scope == .connection && error.code.area != .vendor ? .connection : .resource
        }
    }

    /// Records why a run failed, and decides when it is tried again and whether other resources are read meanwhile.
    private func note(_ error: PSAError, of resource: SyncResource) async throws -> Concern {
        let now = time.now()
        let earlier = try await status(of: resource)?.progress.failure?.code
        if let earlier, earlier != error.code { try await resolve(earlier, of: resource) }
        let concern = Concern(error)
        for status in try await statuses() {
            let isCause = status.resource == resource
            guard status.resource.isList, isCause || concern == .connection && status.nextRunAt <= now else { continue }
            guard try await fail(status, isCause ? error : nil, of: status.resource, concern: concern, by: error) else {
                throw LeaseLostError()
            }
        }
        if concern == .connection, let next = try await status(of: resource)?.nextRunAt {
            // What is read one by one would meet the same.
            try await store.postponeRereads(of: id, until: next)
        }
        try await issues.record(error.code, problem: error.storedProblem, of: id, at: now)
        log.record(.runFailed(id, resource, error))
        return concern
    }

    /// Stores that a resource is tried again later, and why.
    private func fail(
        _ status: SyncStatus, _ cause: PSAError?, of resource: SyncResource, concern: Concern, by error: PSAError? = nil
    ) async throws -> Bool {
        let now = time.now()
        var progress = status.progress
        let count = (progress.failure?.count ?? 0) + 1
        if let cause {
            progress.failure = SyncFailure(code: cause.code, problem: cause.storedProblem, at: now, count: count)
        }
        guard let error = cause ?? error else { return true }
        let delay = Self.delay(after: error, concern, count: count)
        let next = now.addingTimeInterval(delay.seconds * (1 + time.random() / 10))
        return try await store.save(progress, of: resource, of: id, nextRunAt: next, begins: true, by: holder)
    }

    /// The time until the next attempt after a failure, the given one in a row.
    static func delay(after error: PSAError, _ concern: Concern, count: Int) -> Duration {
        // Accounts get locked by repeated attempts with refused credentials.
        if FailureScope(error.code) == .credentials { return .seconds(1_800) }
        if error.code.area == .rate { return .seconds(300) }
        let doublings = Double(1 << min(count - 1, 10))
        return concern == .connection ? .seconds(min(60 * doublings, 1_800)) : .seconds(min(900 * doublings, 21_600))
    }

    // MARK: Single tickets

    /// At which point of a turn tickets are read one by one.
    private enum Occasion {
        /// A few hints, so that lists that are due wait for no more than these.
        case beforeLists
        /// A few hints. What concerns the whole connection is thrown, because it stops the list, too.
        case betweenPages
        /// Whatever is due, in what is left of the turn.
        case afterLists
    }

    /// Reads tickets one by one that are due for it.
    ///
    /// - Returns: Whether the turn goes on; false after a failure that concerns the connection, which is noted.
    /// - Throws: ``LeaseLostError``, `CancellationError`, errors of the store, and ``PSAError`` between two pages.
    private func rereads(_ occasion: Occasion) async throws -> Bool {
        guard session.can(.readTickets) else { return true }
        var readsNotes = false
        if occasion != .betweenPages {
            // Between two pages this is known.
            let statuses = try await statuses()
            guard statuses.first(where: { $0.resource == .tickets })?.isPaused == false else { return true }
            readsNotes = statuses.first { $0.resource == .notes }?.isDue(at: time.now(), policy) == true
        }
        let isLast = occasion == .afterLists
        var failing: Set<Ticket.ID> = []
        let due = try await store.rereads(of: id, now: time.now(), limit: isLast ? policy.maxRereadsPerTurn : Self.maxHintsAtOnce)
        for (index, reread) in due.enumerated() {
            guard isLast || reread.reason == .hint else { break }
            guard readsNotes || reread.reason != .notes else { break }
            guard time.instant() < (isLast ? deadline : listsEnd) || isLast && index == 0 else { break }
            // One that has failed waits for what works.
            guard isLast || reread.attempts == 0 else { continue }
            try Task.checkCancellation()
            do {
                try await urgent(.background) { try await read(reread) }
                failing = []
            } catch let error as PSAError {
                if Concern(error) == .connection, error.code.area != .network {
                    guard occasion != .betweenPages else { throw error }
                    _ = try await note(error, of: .tickets)
                    return false
                }
                try await note(error, of: reread, mayGiveUp: isLast)
                if error.code.area == .permission { readsNotes = false }
                // A single ticket may be what the vendor fails at; several in a row hardly are.
                guard FailureScope(error.code) == .connection else {
                    failing = []
                    continue
                }
                failing.insert(reread.ticket)
                guard failing.count < Self.maxFailingTickets else {
                    try await store.postponeRereads(of: id, until: time.now().addingTimeInterval(60))
                    return true
                }
            }
        }
        return true
    }

    /// How many hints are read before the lists, and between two pages.
    private static let maxHintsAtOnce = 5
    /// How many tickets in a row fail before the others wait.
    private static let maxFailingTickets = 3

    /// When the notes of a ticket that has changed are read; nil if they are not.
    private var notesDueAt: Date? {
        policy.readsNotes && session.can(.readNotes) ? time.now().addingTimeInterval(policy.notesDelay.seconds) : nil
    }

    private func statuses() async throws -> [SyncStatus] { try await store.statuses(of: id, countingRecords: false) }

    private func status(of resource: SyncResource) async throws -> SyncStatus? { try await statuses().first { $0.resource == resource } }

    /// Decides what becomes of a ticket that could not be read.
    private func note(_ error: PSAError, of reread: Reread, mayGiveUp: Bool) async throws {
        let now = time.now()
        let isGone = error.code == .requestNotFound || error.code.area == .permission
        if isGone, reread.reason != .notes {
            return try await store.finish(reread, of: id, as: .unreachable, by: holder, at: now)
        }
        // The ticket itself may be unreachable; once it comes back, its notes are read again.
        if isGone { try await store.enqueue([Reread(reread.ticket, .missing)], of: id, at: now) }
        if error.code.area == .permission, let status = try await status(of: .notes) {
            _ = try await fail(status, error, of: .notes, concern: .resource)
            try await issues.record(error.code, problem: error.storedProblem, of: id, at: now)
        }
        // While a list fails for the same reason, it is not known to be about the ticket.
        let failsAlone = try await !statuses().contains { $0.resource.isList && $0.progress.failure?.code == error.code }
        if mayGiveUp, isGone || failsAlone, reread.attempts >= Self.maxRereadAttempts {
            if !isGone { try await record(error, of: reread) }
            // A missing ticket is read again after the next full run; notes after the next change.
            try await store.finish(reread, of: id, as: nil, by: holder, at: now)
        } else {
            let delay = 60 * Double(1 << min(reread.attempts, Self.maxRereadAttempts))
            try await store.postpone(reread, of: id, until: now.addingTimeInterval(delay))
        }
    }

    /// Records why a ticket is not read any more; the next success with tickets, or with notes, resolves it.
    private func record(_ error: PSAError, of reread: Reread) async throws {
        let resource: SyncResource = reread.reason == .notes ? .notes : .tickets
        let now = time.now()
        if var progress = try await status(of: resource)?.progress {
            if let earlier = progress.failure?.code, earlier != error.code { try await resolve(earlier, of: resource) }
            progress.failure = SyncFailure(code: error.code, problem: error.storedProblem, at: now, count: 1)
            guard try await save(progress, resource) else { throw LeaseLostError() }
        }
        try await issues.record(error.code, problem: error.storedProblem, of: id, at: now)
        log.record(.runFailed(id, resource, error))
    }

    private static let maxRereadAttempts = 8

    private func read(_ reread: Reread) async throws {
        if reread.reason != .notes {
            guard var row = SyncRow(try await session.ticket(reread.ticket)) else {
                return try await store.finish(reread, of: id, as: nil, by: holder, at: time.now())
            }
            await reached(.ticketRead)
            row.isWhole = true
            var page = SyncPage(.tickets, rows: [row])
            if row.id.rawValue == reread.ticket.rawValue {
                page.reread = reread
            } else {
                // Some vendors answer with the ticket into which it was merged.
                try await store.finish(reread, of: id, as: .merged, by: holder, at: time.now())
            }
            page.notesDueAt = notesDueAt
            guard try await store.apply(page, of: id, by: holder, at: time.now()) != nil else { throw LeaseLostError() }
            return
        }
        let notes = try await reader.notes(of: reread.ticket)
        await reached(.ticketRead)
        let status = try await status(of: .notes)
        var page = SyncPage(.notes, rows: notes.rows, progress: status?.progress)
        page.progress?.freshAt = time.now()
        if let failure = status?.progress.failure {
            try await resolve(failure.code, of: .notes)
            page.progress?.failure = nil
        }
        page.reread = reread
        page.allNotesOf = notes.isWhole ? reread.ticket : nil
        guard try await store.apply(page, of: id, by: holder, at: time.now()) != nil else { throw LeaseLostError() }
    }

    private func urgent<Value>(_ urgency: RequestUrgency, _ work: () async throws -> Value) async throws -> Value {
        try await RequestUrgency.$current.withValue(urgency) { try await work() }
    }
}

extension SyncProgress {
    /// Notes what the copy lacks after a full run.
    fileprivate mutating func omit(_ run: SyncRun, undecidedRuns: Int) {
        omissions = nil
        guard run.hasGap || run.unreadable > 0 else { return }
        omissions = SyncOmissions(hasGap: run.hasGap, unreadable: run.unreadable, undecidedRuns: undecidedRuns)
    }

    /// Notes what the copy lacks after a run for changes that is not repeated.
    fileprivate mutating func omit(more run: SyncRun) {
        guard run.hasGap || run.unreadable > 0 else { return }
        var known = omissions ?? SyncOmissions(hasGap: false, unreadable: 0, undecidedRuns: 0)
        known.hasGap = known.hasGap || run.hasGap
        known.unreadable = max(known.unreadable, run.unreadable)
        omissions = known
    }
}

extension SyncPolicy {
    /// Whether so many missing records are not taken for removed without asking.
    fileprivate func asks(missing: Int, of rows: Int) -> Bool {
        if rows >= 2, missing >= rows { return true }
        if rows >= 4, missing * 100 > rows * maxMissingPercentOfFew { return true }
        return missing >= minMissingRows && missing * 100 > rows * maxMissingPercent
    }
}

extension SyncRun {
    /// Notes how much of the list came, up to and including a page.
    ///
    /// - Parameters:
    ///   - list: What this reading counts; it knows nothing of an earlier one that it goes on from.
    ///   - before: What the run had counted where this reading began; nil if that is not known.
    fileprivate mutating func count(_ list: ListCompleteness, after before: Int?) {
        counted = before.map { $0 + list.rows }
        outstanding = list.missing
        hasGap = hasGap || list.shrinkage > 0 || list.isCutOff
        guard let total = list.total else { return }
        let largest = max(total, maxTotal ?? total)
        maxTotal = largest
        hasGap = hasGap || total < largest
        if list.rowsBefore == nil, let counted { outstanding = max(0, total - counted) }
    }

    /// Goes on to what comes after a list that was read to its end.
    fileprivate mutating func end(_ list: Phase, listsDeleted: Bool) {
        guard phase == list else { return }
        cursor = nil
        phase = list == .list && kind == .full && listsDeleted ? .deleted : .decision
    }

    /// The run again from its beginning.
    fileprivate init(continuing run: SyncRun) {
        self.init(run.kind, startedAt: run.startedAt)
        since = run.since
        nextWatermark = run.nextWatermark
        acceptsMissing = run.acceptsMissing
    }
}

/// Takes the issues that a sync meets.
protocol SyncIssues: Sendable {
    /// Counts an occurrence of an issue, with its guidance as problem JSON.
    func record(_ code: ErrorCode, problem: String?, of connection: ConnectionID, at time: Date) async throws
    /// Resolves an issue.
    func resolve(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws
}
