#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// How a resource of a connection stands.
public struct SyncStatus: Sendable, Equatable {
    /// The resource.
    public var resource: SyncResource
    /// What its runs have stored.
    public var progress: SyncProgress
    /// When it is next read.
    public var nextRunAt: Date
    /// Whether a person has paused it.
    public var isPaused: Bool
    /// What a person has asked for and has not begun yet.
    public var request: SyncRequest?
    /// The number of its records by state.
    public var counts: [SyncRecord.State: Int]

    /// Creates a ``SyncStatus``; stores do.
    public init(
        resource: SyncResource, progress: SyncProgress = SyncProgress(), nextRunAt: Date, isPaused: Bool = false,
        request: SyncRequest? = nil, counts: [SyncRecord.State: Int] = [:]
    ) {
        self.resource = resource
        self.progress = progress
        self.nextRunAt = nextRunAt
        self.isPaused = isPaused
        self.request = request
        self.counts = counts
    }

    /// The number of records that the PSA still shows.
    public var rows: Int { counts.reduce(0) { $0 + ($1.key.isListed ? $1.value : 0) } }

    /// The age of the copy; nil if it was never read.
    public func age(at now: Date) -> Duration? { progress.freshAt.map { .seconds(max(0, now.timeIntervalSince($0))) } }

    /// Whether the copy is too old to be relied on; one that was never read is not stale but missing.
    public func isStale(at now: Date, _ policy: SyncPolicy) -> Bool {
        guard let age = age(at: now) else { return false }
        return isFromTheFuture(at: now) || age > policy.staleAge(of: resource, readsChanges: progress.filter?.works == true)
    }

    /// Whether there is something to do for it by the default policy.
    public func isDue(at now: Date) -> Bool { isDue(at: now, SyncPolicy()) }

    /// Whether there is something to do for it; a run that is planned further ahead than the policy plans is due.
    public func isDue(at now: Date, _ policy: SyncPolicy) -> Bool {
        let isPlannedByWrongClock =
            WrongClock.isTooFarAhead(nextRunAt, of: now, maxWait: policy.maxWait)
            || isFromTheFuture(at: now) && progress.failure == nil
                && WrongClock.isTooFarAhead(nextRunAt, of: now, maxWait: policy.maxWait(of: resource))
        return !isPaused && (request != nil || nextRunAt <= now || isPlannedByWrongClock)
    }

    /// Whether the copy was read by a clock that was ahead, which proves nothing about its age.
    private func isFromTheFuture(at now: Date) -> Bool { progress.freshAt.map { $0 > WrongClock.latest(at: now) } ?? false }
}

/// A run that a person asked for.
public enum SyncRequest: String, Sendable, Codable, CaseIterable, Comparable {
    /// Read now what is due next: changes, or the list; while a decision on missing records is open, the whole list.
    case now
    /// Read the whole list.
    case full
    /// Read the whole list, and take the records that are missing for removed, however many there are.
    case acceptMissing = "accept_missing"

    /// Whether a request asks for less than another, which then stands for both.
    public static func < (lhs: SyncRequest, rhs: SyncRequest) -> Bool { lhs.rank < rhs.rank }

    private var rank: Int {
        switch self {
        case .now: 0
        case .full: 1
        case .acceptMissing: 2
        }
    }
}

/// What the runs of a resource have stored.
public struct SyncProgress: Sendable, Equatable, Codable {
    /// The run that is under way; it is resumed at its place by whichever process comes next.
    public var run: SyncRun?
    /// The number of full runs begun.
    public var generation: Int64 = 0
    /// How the latest run ended.
    public var lastRun: SyncRunSummary?
    /// The time to which the copy is up to date: the beginning of the latest run that ended without a decision left open.
    public var freshAt: Date?
    /// The beginning of the latest full run that ended.
    public var lastFullAt: Date?
    /// Where the next run for changes begins, before the overlap, by the vendor's clock.
    public var watermark: Date?
    /// Whether the vendor applies its filter for changes; nil if it was not tried.
    public var filter: ChangeFilterState?
    /// How many runs in a row brought no change.
    public var idleRuns = 0
    /// How many runs for changes in a row ended with gaps in the list.
    public var gapRuns = 0
    /// What the copy lacks of the list; nil if nothing is known to be missing.
    public var omissions: SyncOmissions?
    /// Why the latest run failed; nil if it did not.
    public var failure: SyncFailure?
    /// The records that a full run missed, if they were too many to be removed without asking.
    public var missing: SyncMissing?
    /// The rows that could not be read since the latest full run began, at most ``SyncLimits/unreadableRows``.
    public var unreadable: [SyncUnreadableRow] = []

    /// Creates the state before the first run.
    public init() {}

    /// Whether the copy has every row of the list, as far as runs can show it.
    public var hasEveryRow: Bool {
        lastFullAt != nil && omissions == nil && lastRun.map { !$0.hasGap && $0.unreadable == 0 } ?? false
    }
}

/// What a copy lacks of a list, from the beginning of the latest full run that ended.
///
/// Only a full run without gaps and unreadable rows ends it, because a run for changes reads no row that has not changed.
public struct SyncOmissions: Sendable, Equatable, Codable {
    /// Whether rows were passed over, because the list changed while it was read, or because the vendor counts more than it gives.
    public var hasGap: Bool
    /// How many rows could not be read: in the full run, or in a run for changes since, whichever had more.
    public var unreadable: Int
    /// How many full runs in a row could not decide on missing records because of this.
    public var undecidedRuns: Int

    /// States what a copy lacks.
    public init(hasGap: Bool, unreadable: Int, undecidedRuns: Int) {
        self.hasGap = hasGap
        self.unreadable = unreadable
        self.undecidedRuns = undecidedRuns
    }
}

/// Whether a vendor applies its filter for changes.
public struct ChangeFilterState: Sendable, Equatable, Codable {
    /// Whether a time in the future brought no rows.
    public var works: Bool
    /// When it was tried.
    public var checkedAt: Date
    /// The revision of the connection's settings with which it was tried.
    public var revision: Int
}

/// A run that is under way.
public struct SyncRun: Sendable, Equatable, Codable {
    /// What is read.
    public enum Kind: String, Sendable, Codable {
        /// The whole list.
        case full
        /// What changed since the watermark.
        case changes
    }

    /// Which list of a full run is read.
    public enum Phase: String, Sendable, Codable {
        /// The list itself.
        case list
        /// The list of deleted records.
        case deleted
        /// All lists are read; what is missing is not decided yet.
        case decision
    }

    /// What is read.
    public var kind: Kind
    /// When it began.
    public var startedAt: Date
    /// The beginning of the span whose changes are read; nil for a full run.
    public var since: Date?
    /// The watermark if this run ends without gaps.
    public var nextWatermark: Date?
    /// Which list is read.
    public var phase = Phase.list
    /// Where reading goes on; nil for the beginning.
    public var cursor: PageCursor?
    /// How many pages were stored.
    public var pages = 0
    /// How many rows were stored.
    public var rows = 0
    /// The vendor's count of the whole list; nil if it gave none.
    public var total: Int?
    /// The largest of the vendor's counts in this run; nil if it gave none, or in a run of an earlier version.
    public var maxTotal: Int?
    /// How many rows came as the vendor counts them, those that could not be read included; nil in a run of an earlier version.
    public var counted: Int?
    /// How many records were new.
    public var added = 0
    /// How many records had changed.
    public var changed = 0
    /// How many rows could not be read.
    public var unreadable = 0
    /// How many rows the vendor counts beyond those that came so far.
    public var outstanding = 0
    /// Whether something shows that rows are missing.
    public var hasGap = false
    /// Whether the missing records are to be removed however many there are.
    public var acceptsMissing = false

    init(_ kind: Kind, startedAt: Date) {
        self.kind = kind
        self.startedAt = startedAt
        counted = 0
    }
}

/// How a run ended.
public struct SyncRunSummary: Sendable, Hashable, Codable {
    /// What was read.
    public var kind: SyncRun.Kind
    /// When it began.
    public var startedAt: Date
    /// When it ended.
    public var endedAt: Date
    /// How many pages were stored.
    public var pages: Int
    /// How many rows were read.
    public var rows: Int
    /// How many records were new.
    public var added: Int
    /// How many records had changed.
    public var changed: Int
    /// How many records the list missed.
    public var missing: Int
    /// How many rows could not be read.
    public var unreadable: Int
    /// Whether something shows that rows are missing in the list.
    public var hasGap: Bool
}

/// Why a run failed.
public struct SyncFailure: Sendable, Equatable, Codable {
    /// The error code.
    public var code: ErrorCode
    /// The guidance as problem JSON.
    public var problem: String
    /// When it last happened.
    public var at: Date
    /// How many runs in a row failed.
    public var count: Int
}

/// The records that a full run missed.
public struct SyncMissing: Sendable, Equatable, Codable {
    /// How many were missing.
    public var missing: Int
    /// How many records the copy had.
    public var rows: Int
    /// When it was seen.
    public var at: Date
}

/// A row that could not be read.
public struct SyncUnreadableRow: Sendable, Equatable, Codable {
    /// The page of the run, from 1.
    public var page: Int
    /// The place in the page, from 0.
    public var position: Int
    /// The member that did not fit, by the vendor's name.
    public var member: String

    /// Creates a ``SyncUnreadableRow``.
    public init(page: Int, position: Int, member: String) {
        self.page = page
        self.position = position
        self.member = member
    }
}
