#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// One step in the history of a job: a request, a search, a check or a decision, with what came of it.
///
/// A store keeps the latest ``limit`` of a job; their numbers go on, so that the latest number is the count of all.
public struct JobAttempt: Sendable, Equatable {
    /// What was done.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A request was made, or prepared and not made.
        case send
        /// The PSA was searched for an earlier request.
        case search
        /// The host checked what it makes the job depend on.
        case check
        /// A person decided.
        case decision
    }

    /// The most attempts that are kept of a job.
    public static let limit = 20
    /// The most bytes of guidance that are kept of an attempt.
    public static let maxProblemBytes = 16_384

    /// Its place among all attempts of the job, from 1.
    public var number: Int
    /// When it had ended.
    public var at: Date
    /// What was done.
    public var kind: Kind
    /// The state of the job after it.
    public var state: TicketJob.State.Name
    /// Why the job was skipped or needs review; empty for other states.
    public var reason: String
    /// The error that it ended with; nil for none.
    public var code: ErrorCode?
    /// The guidance about the error as problem JSON; empty for none.
    public var problem: String
    /// Additional information for people; empty for none.
    public var remark: String
    /// The id of the occurrence in log and audit; nil where nothing was reported.
    public var correlationID: String?

    /// Creates a ``JobAttempt``; guidance that is too long is left out.
    public init(
        number: Int, at: Date, kind: Kind, state: TicketJob.State.Name, reason: String = "", code: ErrorCode? = nil, problem: String = "",
        remark: String = "", correlationID: String? = nil
    ) {
        self.number = number
        self.at = at
        self.kind = kind
        self.state = state
        self.reason = reason
        self.code = code
        self.problem = problem.utf8.count <= Self.maxProblemBytes ? problem : ""
        self.remark = remark
        self.correlationID = correlationID
    }

    /// The attempt that an outcome of a leased job stands for.
    ///
    /// - Parameters:
    ///   - number: Its place.
    ///   - job: The job before.
    ///   - outcome: What came of it.
    ///   - time: When it had ended.
    package init(_ number: Int, of job: TicketJob, _ outcome: JobOutcome, at time: Date) {
        // An outcome carries the error of an earlier request on, which the store forgets before the next request; what was written has none.
        let cause = outcome.state.isWritten || outcome.cause == job.cause ? nil : outcome.cause
        self.init(
            number: number, at: time, kind: job.state.name == .unknown ? .search : .send, state: outcome.state.name,
            reason: outcome.state.reasonText, code: cause?.code ?? outcome.report?.code ?? outcome.state.failureCode ?? outcome.issue,
            problem: cause?.problem ?? outcome.state.problem ?? "", remark: outcome.remark,
            correlationID: outcome.report?.correlationID.rawValue)
    }
}

extension TicketJob.State {
    /// Why it is in this state, as it is stored; empty for a state that needs no reason.
    package var reasonText: String {
        switch self {
        case .skipped(let why): why
        case .needsReview(let reason): reason.rawValue
        default: ""
        }
    }

    /// The error of a job that failed.
    var failureCode: ErrorCode? {
        if case .failed(let code, _) = self { code } else { nil }
    }
}

extension TicketJob {
    /// A part of the jobs that match, and where the next part begins.
    public struct Page: Sendable, Equatable {
        /// The jobs, newest first.
        public var jobs: [TicketJob]
        /// The job before which the next part begins; nil if there is none.
        public var next: ID?
        /// Whether ``Filter/searchWindow`` jobs were looked at before the page was full.
        public var isPartial: Bool

        /// Creates a ``Page``.
        public init(jobs: [TicketJob], next: ID?, isPartial: Bool = false) {
            self.jobs = jobs
            self.next = next
            self.isPartial = isPartial
        }
    }
}

extension TicketJob.Filter {
    /// The most jobs that are looked at for one page, where no index finds those that match.
    public static let searchWindow = 10_000
    /// Jobs are in the order of creation up to this time, in seconds: processes that share a store read their clocks before they write.
    package static let clockMargin = 600.0
}

/// What decisions on many jobs need of a job.
package struct JobCandidate: Sendable, Equatable {
    package let id: TicketJob.ID
    package let state: TicketJob.State.Name
    package let isOutcomeUnknown: Bool
    package let source: JobSource?
    package let connection: ConnectionID
    package let operation: TicketJob.Operation.Name

    /// Creates a ``JobCandidate``.
    package init(
        id: TicketJob.ID, state: TicketJob.State.Name, isOutcomeUnknown: Bool, source: JobSource?, connection: ConnectionID,
        operation: TicketJob.Operation.Name
    ) {
        self.id = id
        self.state = state
        self.isOutcomeUnknown = isOutcomeUnknown
        self.source = source
        self.connection = connection
        self.operation = operation
    }

    /// Whether it can be sent again or discarded together with others: nothing of it is under way, and nothing of it may be in the PSA.
    package var isDecidable: Bool { state == .failed || state == .needsReview && !isOutcomeUnknown }
}
