import FoundationEssentials
import PSACore

extension TicketWriter {
    /// How a firing goes on after an error before its request: nothing was sent.
    func settlement(ofUnsent error: any Error, _ firing: Firing) -> Settlement {
        if let error = error as? PSAError { return settlement(ofRefusal: FailureCause(error), retry: error.retry, firing) }
        // Cancelled, or the storage failed.
        return settlement(firing, .waiting, in: policy.wait(after: firing.attempts, random: time.random()))
    }

    /// How a firing goes on after its request failed.
    ///
    /// Only what is proven not to have been executed is sent again; everything else is looked for first, and what the error said counts once
    /// that proves it absent.
    ///
    /// - Parameters:
    ///   - error: What was thrown.
    ///   - firing: What was to be sent.
    ///   - isNote: Whether the request was to add a note.
    /// - Returns: How it goes on.
    func settlement(of error: any Error, _ firing: Firing, isNote: Bool) -> Settlement {
        let wait = policy.wait(beforeLookAfter: firing.looks)
        guard let error = error as? PSAError else {
            // Cancelled: the request may have been made.
            return settlement(firing, .unknown, in: wait)
        }
        let isMute = error.execution == nil && error.code == .connectorDefect && error.vendor == nil
        guard error.mayHaveBeenExecuted || isMute else {
            return settlement(ofRefusal: FailureCause(error), retry: error.retry, firing, isNote: isNote)
        }
        var settlement = settlement(firing, .unknown, in: wait, error: error)
        settlement.cause = FailureCause(error)
        if [.rule, .credentials].contains(FailureScope(error.code)), !isNote { settlement.pauses = .refused(error.code) }
        return settlement
    }

    /// How a firing goes on that was refused, and is proven not to have been executed.
    func settlement(ofRefusal cause: FailureCause, retry: RetryClass, _ firing: Firing, isNote: Bool = false) -> Settlement {
        let attempts = firing.attempts
        var wait = policy.wait(after: attempts, random: time.random())
        if case .afterDelay(let asked) = retry { wait = policy.wait(askedFor: asked, after: attempts, random: time.random()) }
        let scope = FailureScope(cause.code)
        if isNote, scope == .item || scope == .rule {
            // A note that is refused, for whatever reason, must not keep people from the alert: it becomes a ticket of its own.
            var settlement = settlement(firing, .waiting, attempts: attempts - 1)
            settlement.startsOwnTicket = true
            settlement.cause = cause
            return settlement
        }
        var settlement: Settlement
        switch scope {
        case .item where retry == .safeNow, .item where retry.delaySeconds != nil: settlement = self.settlement(firing, .waiting, in: wait)
        case .item: settlement = self.settlement(firing, .failed(cause.code, problem: cause.problem), cause: cause)
        case .connection:
            settlement = self.settlement(firing, .waiting, in: wait)
            settlement.defersConnection = true
        case .rule:
            // The refused item is tried again from time to time: once it goes through, the rule goes on.
            settlement = self.settlement(firing, .waiting, in: policy.probeWait(wait), cause: cause)
            settlement.pauses = .refused(cause.code)
        case .credentials:
            settlement = self.settlement(firing, .waiting, in: policy.longestWait, cause: cause)
            settlement.pauses = .refused(cause.code)
        }
        settlement.cause = cause
        settlement.issue = scope == .item ? nil : cause.code
        return settlement
    }

    /// How a firing goes on, with what the audit log says of it.
    func settlement(
        _ firing: Firing, _ state: FiringState, in wait: Duration = .zero, attempts: Int? = nil, error: PSAError? = nil,
        cause: FailureCause? = nil, remark: String = ""
    ) -> Settlement {
        let now = time.now()
        let code = error?.code ?? cause?.code
        return Settlement(
            state: state, attempts: attempts ?? firing.attempts, looks: firing.looks, dueAt: now.addingTimeInterval(wait.seconds),
            cause: firing.cause, issue: code, remark: remark,
            audit: audit(firing, state, code, error?.correlationID ?? CorrelationID(), remark, now))
    }

    private func audit(
        _ firing: Firing, _ state: FiringState, _ code: ErrorCode?, _ correlationID: CorrelationID, _ remark: String, _ now: Date
    ) -> AuditEntry? {
        let outcome: AuditEntry.Outcome
        switch state {
        case .created, .appended: outcome = .done
        case .failed: outcome = .failed
        case .unknown, .undecided: outcome = .unknown
        default: return nil
        }
        var action = AuditAction.ticketCreated
        if case .appended = state { action = .noteAdded }
        let ticket = state.ticket.map { "Ticket \($0.number). " } ?? ""
        return AuditEntry(
            at: now, actor: .system, action: action, target: firing.order.summary, outcome: outcome,
            detail: ticket + (remark.isEmpty ? "" : remark + " ") + "Reference \(firing.marker).", code: code,
            correlationID: correlationID.rawValue)
    }
}
