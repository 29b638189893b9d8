import FoundationEssentials
import PSACore

extension TicketWriter {
    /// How a job goes on after an error before its request: nothing was sent.
    func outcome(ofUnsent error: any Error, _ job: TicketJob) -> JobOutcome {
        if let error = error as? PSAError { return outcome(ofRefusal: FailureCause(error), retry: error.retry, job) }
        // Cancelled, or the storage failed.
        return outcome(job, .waiting, in: policy.wait(after: job.attempts, random: time.random()))
    }

    /// How a job goes on after its request failed.
    ///
    /// Only what is proven not to have been executed is sent again; everything else is looked for first, and what the error said counts once
    /// that proves it absent.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - job: What was to be sent.
    ///   - isNote: Whether the request was to add a note.
    /// - Returns: How it goes on.
    func outcome(of error: any Error, _ job: TicketJob, isNote: Bool) -> JobOutcome {
        let wait = policy.wait(beforeSearchAfter: job.searchAttempts)
        guard let error = error as? PSAError else {
            // Cancelled: the request may have been made.
            return outcome(job, .unknown, in: wait)
        }
        let isMute = error.execution == nil && error.code == .connectorDefect && error.vendor == nil
        guard error.mayHaveBeenExecuted || isMute else {
            return outcome(ofRefusal: FailureCause(error), retry: error.retry, job, isNote: isNote)
        }
        var outcome = outcome(job, .unknown, in: wait, error: error)
        outcome.cause = FailureCause(error)
        if [.rule, .credentials].contains(FailureScope(error.code)), !isNote { outcome.pauses = .refused(error.code) }
        return outcome
    }

    /// How a job goes on that was refused, and is proven not to have been executed.
    func outcome(ofRefusal cause: FailureCause, retry: RetryAdvice, _ job: TicketJob, isNote: Bool = false) -> JobOutcome {
        let attempts = job.attempts
        var wait = policy.wait(after: attempts, random: time.random())
        if case .afterDelay(let asked) = retry { wait = policy.wait(askedFor: asked, after: attempts, random: time.random()) }
        let scope = FailureScope(cause.code)
        if isNote, scope == .item || scope == .rule {
            // A note that is refused, for whatever reason, must not keep people from the alert: it becomes a ticket of its own.
            var outcome = outcome(job, .waiting, attempts: attempts - 1)
            outcome.startsOwnTicket = true
            outcome.cause = cause
            return outcome
        }
        var outcome: JobOutcome
        switch scope {
        case .item where retry == .safeNow, .item where retry.delaySeconds != nil: outcome = self.outcome(job, .waiting, in: wait)
        case .item: outcome = self.outcome(job, .failed(cause.code, problem: cause.problem), cause: cause)
        case .connection:
            outcome = self.outcome(job, .waiting, in: wait)
            outcome.backsOffConnection = true
        case .rule:
            // The refused item is tried again from time to time: once it goes through, the rule goes on.
            outcome = self.outcome(job, .waiting, in: policy.probeWait(wait), cause: cause)
            outcome.pauses = .refused(cause.code)
        case .credentials:
            outcome = self.outcome(job, .waiting, in: policy.maxWait, cause: cause)
            outcome.pauses = .refused(cause.code)
        }
        outcome.cause = cause
        outcome.issue = scope == .item ? nil : cause.code
        return outcome
    }

    /// How a job goes on, with what the audit log says of it.
    func outcome(
        _ job: TicketJob, _ state: TicketJob.State, in wait: Duration = .zero, attempts: Int? = nil, error: PSAError? = nil,
        cause: FailureCause? = nil, remark: String = ""
    ) -> JobOutcome {
        let now = time.now()
        let code = error?.code ?? cause?.code
        return JobOutcome(
            state: state, attempts: attempts ?? job.attempts, searchAttempts: job.searchAttempts,
            dueAt: now.addingTimeInterval(wait.seconds),
            cause: job.cause, issue: code, remark: remark,
            audit: audit(job, state, code, error?.correlationID ?? CorrelationID(), remark, now))
    }

    private func audit(
        _ job: TicketJob, _ state: TicketJob.State, _ code: ErrorCode?, _ correlationID: CorrelationID, _ remark: String, _ now: Date
    ) -> AuditEntry? {
        let outcome: AuditEntry.Outcome
        switch state {
        case .created, .appended: outcome = .done
        case .failed: outcome = .failed
        case .unknown, .needsReview(.outcomeUnknown): outcome = .unknown
        default: return nil
        }
        var action = AuditAction.ticketCreated
        if case .appended = state { action = .noteAdded }
        let ticket = state.ticket.map { "Ticket \($0.number). " } ?? ""
        return AuditEntry(
            at: now, actor: .system, action: action, target: job.payload.summary, outcome: outcome,
            detail: ticket + (remark.isEmpty ? "" : remark + " ") + "Reference \(job.idempotencyKey).", code: code,
            correlationID: correlationID.rawValue)
    }
}
