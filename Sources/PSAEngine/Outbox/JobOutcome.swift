#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
public import PSACore

/// The result of an attempt, a search or a decision for a job, as a store keeps it.
public struct JobOutcome: Sendable, Equatable {
    /// The new state.
    public var state: TicketJob.State
    /// The number of requests so far.
    public var attempts: Int
    /// The number of searches without a result so far.
    public var searchAttempts = 0
    /// The earliest time of the next attempt or search.
    public var dueAt: Date
    /// The error that pauses the source of the job; nil if none does.
    public var pauses: ErrorCode?
    /// Whether the error concerns the whole connection, so that none of its jobs is tried before this one.
    public var backsOffConnection = false
    /// The error of the last request, stored with the job; nil for none.
    public var cause: FailureCause?
    /// The error to record as an issue of the connection; nil for none.
    public var issue: ErrorCode?
    /// The guidance of that issue as problem JSON; nil if it is not known.
    public var issueProblem: String?
    /// Whether the job must create its own ticket, because a note was refused.
    public var startsOwnTicket = false
    /// Additional information for people; empty for none.
    public var remark = ""
    /// The result of the write for an audit log; nil if nothing new is known about it.
    public var report: Report?

    /// Creates a ``JobOutcome``.
    public init(
        state: TicketJob.State, attempts: Int, searchAttempts: Int = 0, dueAt: Date, pauses: ErrorCode? = nil,
        backsOffConnection: Bool = false, cause: FailureCause? = nil, issue: ErrorCode? = nil, issueProblem: String? = nil,
        startsOwnTicket: Bool = false, remark: String = "", report: Report? = nil
    ) {
        self.state = state
        self.attempts = attempts
        self.searchAttempts = searchAttempts
        self.dueAt = dueAt
        self.pauses = pauses
        self.backsOffConnection = backsOffConnection
        self.cause = cause
        self.issue = issue
        self.issueProblem = issueProblem
        self.startsOwnTicket = startsOwnTicket
        self.remark = remark
        self.report = report
    }

    /// The result of a write for an audit log.
    public struct Report: Sendable, Equatable {
        /// The error code; nil for none.
        public var code: ErrorCode?
        /// The id of the occurrence in log and audit.
        public var correlationID: CorrelationID

        /// Creates a ``Report``.
        public init(code: ErrorCode? = nil, correlationID: CorrelationID) {
            self.code = code
            self.correlationID = correlationID
        }

    }
}

/// A change of a source caused by the outcome of one of its jobs.
public enum SourceChange: Sendable, Equatable {
    /// The source was paused, because the PSA refuses its jobs.
    case paused(JobSource, ErrorCode)
    /// The source was resumed, because one of its jobs was written.
    case resumed(JobSource)
}

extension TicketWriter {
    /// The outcome after an error before the request: nothing was sent.
    func outcome(ofUnsent error: any Error, _ job: TicketJob) -> JobOutcome {
        let wait = policy.wait(after: job.attempts, random: time.random())
        if let given = error as? RepeatedUploadError {
            let cause = FailureCause(given.last)
            var outcome = outcome(job, .failed(cause.code, problem: cause.problem), cause: cause)
            outcome.cause = cause
            return outcome
        }
        // Cancelled, or the store failed.
        guard let error = error as? PSAError else { return outcome(job, .waiting, in: wait) }
        let cause = FailureCause(error)
        // Of an upload; the write itself was not sent.
        let isUnknown = error.code == .writeOutcomeUnknown
        guard isUnknown || cause.isTokenEnded else { return outcome(ofRefusal: cause, retry: error.retry, job) }
        var outcome = outcome(job, .waiting, in: wait, error: error)
        outcome.cause = cause
        outcome.backsOffConnection = isUnknown
        return outcome
    }

    /// The outcome after the request failed.
    ///
    /// Only what is proven not to have been executed is sent again. Everything else is searched for first, and the error counts once the
    /// write is proven absent.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - job: The job.
    ///   - isNote: Whether the request was to add a note to the ticket of an earlier job.
    /// - Returns: The outcome to store.
    func outcome(of error: any Error, _ job: TicketJob, isNote: Bool) -> JobOutcome {
        let wait = policy.wait(beforeSearchAfter: job.searchAttempts)
        guard let error = error as? PSAError else {
            // Cancelled: the request may have been made.
            return outcome(job, .unknown, in: wait)
        }
        let isSilentDefect = error.execution == nil && error.code == .connectorDefect && error.vendor == nil
        let cause = FailureCause(error)
        guard error.mayHaveBeenExecuted || isSilentDefect else {
            return outcome(ofRefusal: cause, retry: error.retry, job, isNote: isNote)
        }
        var outcome = outcome(job, .unknown, in: wait, error: error)
        outcome.cause = cause
        let scope = FailureScope(cause, of: job.payload.operation.name)
        if [.source, .credentials].contains(scope), !isNote, !cause.isTokenEnded { outcome.pauses = error.code }
        return outcome
    }

    /// The outcome of a job that was refused, and is proven not to have been executed.
    ///
    /// - Parameters:
    ///   - cause: The refusal.
    ///   - retry: When the PSA takes the request again.
    ///   - job: The job.
    ///   - isNote: Whether the request was to add a note to the ticket of an earlier job.
    ///   - mayProbe: Whether the job may be sent from time to time to find out whether its source is still refused.
    /// - Returns: The outcome to store.
    func outcome(
        ofRefusal cause: FailureCause, retry: RetryAdvice, _ job: TicketJob, isNote: Bool = false, mayProbe: Bool = true
    ) -> JobOutcome {
        let attempts = job.attempts
        var wait = policy.wait(after: attempts, random: time.random())
        if case .afterDelay(let asked) = retry { wait = policy.wait(askedFor: asked, after: attempts, random: time.random()) }
        let scope = FailureScope(cause, of: job.payload.operation.name)
        if isNote, scope == .job || scope == .source {
            // A refused note must not hide the alert: it becomes a ticket of its own.
            var outcome = outcome(job, .waiting, attempts: attempts - 1)
            outcome.startsOwnTicket = true
            outcome.cause = cause
            return outcome
        }
        var outcome: JobOutcome
        switch scope {
        case .job where retry == .safeNow, .job where retry.delaySeconds != nil: outcome = self.outcome(job, .waiting, in: wait)
        case .job: outcome = self.outcome(job, .failed(cause.code, problem: cause.problem), cause: cause)
        case .connection:
            outcome = self.outcome(job, .waiting, in: wait)
            outcome.backsOffConnection = true
        case .source where job.source == nil || !mayProbe:
            // Without a source nothing else is known to fail for the same reason.
            outcome = self.outcome(job, .failed(cause.code, problem: cause.problem), cause: cause)
        case .source:
            // The refused job is retried periodically; once it is written, the source resumes.
            outcome = self.outcome(job, .waiting, in: policy.probeWait(wait), cause: cause)
            outcome.pauses = cause.code
        case .credentials:
            outcome = self.outcome(job, .waiting, in: policy.maxWait, cause: cause)
            outcome.pauses = cause.code
            outcome.backsOffConnection = job.source == nil
        }
        outcome.cause = cause
        outcome.issue = scope == .job ? nil : cause.code
        outcome.issueProblem = scope == .job ? nil : cause.problem
        return outcome
    }

    /// The outcome of a new ticket that the PSA has, by the answer to its request or by a search.
    ///
    /// A ticket at another company than the one that was found for the job is created, and a matter for a person: the difference is a remark,
    /// and `ticket.other_company` becomes an issue of the connection. A ticket whose company the PSA does not say is taken as it is.
    ///
    /// - Parameters:
    ///   - ticket: The ticket as the PSA has it.
    ///   - job: The job.
    ///   - company: The company that was found for the job.
    ///   - differences: What the answer says to be stored otherwise than asked.
    ///   - remark: How the ticket was found; nil for an answer.
    ///   - connection: The connection.
    ///   - session: Its session.
    /// - Returns: The outcome to store.
    func outcome(
        of ticket: PostedTicket, createdBy job: TicketJob, for company: CompanyResolution?, differences: [TicketDifference] = [],
        remark: JobRemark? = nil, _ connection: StoredConnection, _ session: ConnectorSession
    ) -> JobOutcome {
        var differences = differences
        var error: PSAError?
        if case .resolved(let wanted)? = company, let stored = ticket.company, !stored.isEmpty, stored != wanted.rawValue {
            if !differences.contains(where: { $0.field == .company }) {
                differences.append(TicketDifference(.company, requested: wanted.rawValue, stored: stored))
            }
            error = TicketStateMessage.isAtCompany(stored, wanted: wanted.rawValue)
                .error(.ticketOtherCompany, ticket.number, of: connection, session.descriptor)
        }
        return outcome(job, .created(ticket), error: error, remark: JobRemark(remark, differences))
    }

    /// An outcome with its report.
    func outcome(
        _ job: TicketJob, _ state: TicketJob.State, in wait: Duration = .zero, attempts: Int? = nil, error: PSAError? = nil,
        cause: FailureCause? = nil, remark: JobRemark? = nil
    ) -> JobOutcome {
        let code = error?.code ?? cause?.code
        let isReported = state.isWritten || [.failed, .unknown].contains(state.name) || state.mayHaveBeenSent
        return JobOutcome(
            state: state, attempts: attempts ?? job.attempts, searchAttempts: job.searchAttempts,
            dueAt: time.now().addingTimeInterval(wait.seconds), cause: job.cause, issue: code,
            issueProblem: error?.storedProblem ?? cause?.problem, remark: remark?.stored ?? "",
            report: isReported ? JobOutcome.Report(code: code, correlationID: error?.correlationID ?? CorrelationID()) : nil)
    }
}
