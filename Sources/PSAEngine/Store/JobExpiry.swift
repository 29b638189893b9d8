#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which finished jobs are removed: those that have not changed for long enough.
///
/// Only jobs in a final state that needs no review are removed. A job with an upload that no ticket refers to stays as long as the upload is
/// listed. Once a job is removed, its key is free: a write that is enqueued under the same key is made again.
public struct JobExpiry: Sendable, Equatable {
    /// Jobs that changed last before this time are removed.
    public var finishedBefore: Date
    /// Jobs of some origins stay longer; nil for none.
    public var longer: Longer?

    /// Creates a ``JobExpiry``.
    public init(finishedBefore: Date, longer: Longer? = nil) {
        self.finishedBefore = finishedBefore
        self.longer = longer
    }

    /// Jobs that stay longer than others.
    public struct Longer: Sendable, Equatable {
        /// What their origin begins with.
        public var originPrefix: String
        /// Those that changed last before this time are removed.
        public var finishedBefore: Date

        /// Creates a ``Longer``.
        public init(originPrefix: String, finishedBefore: Date) {
            self.originPrefix = originPrefix
            self.finishedBefore = finishedBefore
        }
    }

    /// Whether a finished job is removed.
    func covers(_ job: TicketJob) -> Bool {
        guard let longer, job.payload.origin.hasPrefix(longer.originPrefix) else { return job.changedAt < finishedBefore }
        return job.changedAt < min(finishedBefore, longer.finishedBefore)
    }
}

/// One step of the removal of finished jobs.
public struct JobRemoval: Sendable, Equatable {
    /// The number of jobs that were removed.
    public var removed: Int
    /// Where the next step goes on; nil if this was the last one.
    public var next: Place?

    /// Creates a ``JobRemoval``.
    public init(removed: Int, next: Place?) {
        self.removed = removed
        self.next = next
    }

    /// A place among the finished jobs, in the order of their latest change.
    public struct Place: Sendable, Equatable {
        /// When the job at this place changed last.
        public var changedAt: Date
        /// Its id.
        public var job: TicketJob.ID

        /// Creates a ``Place``.
        public init(changedAt: Date, job: TicketJob.ID) {
            self.changedAt = changedAt
            self.job = job
        }
    }
}

extension TicketJob.State.Name {
    /// Whether a job in this state has ended and needs no review.
    public var isFinished: Bool {
        switch self {
        case .wouldCreate, .created, .appended, .replied, .statusChanged, .skipped, .failed, .dropped: true
        case .checking, .waiting, .sending, .unknown, .needsReview: false
        }
    }
}
