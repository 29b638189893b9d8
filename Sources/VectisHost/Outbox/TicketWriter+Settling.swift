import FoundationEssentials
import PSACore

extension TicketWriter {
    /// How a firing goes on after an error before its request: nothing was sent.
    func settlement(ofUnsent error: any Error, _ firing: Firing) -> Settlement {
        if let error = error as? PSAError, error.code != .writeOutcomeUnknown { return settlement(ofRefusal: error, firing) }
        // Cancelled, or the storage failed.
        return settlement(firing, .waiting, in: policy.wait(after: firing.attempts, random: time.random()))
    }

    /// How a firing goes on after its request failed.
    ///
    /// A connector throws `write.outcome_unknown` whenever its request may have been executed; after any other error it was not. Except for a
    /// defect: where no answer of the PSA is known, nobody can tell at which moment the connector failed.
    func settlement(of error: any Error, _ firing: Firing) -> Settlement {
        let wait = policy.wait(beforeLookAfter: firing.looks)
        guard let error = error as? PSAError else {
            // Cancelled: the request may have been made.
            return settlement(firing, .unknown, in: wait)
        }
        let isMute = error.code == .connectorDefect && error.vendor == nil
        return error.code == .writeOutcomeUnknown || isMute
            ? settlement(firing, .unknown, in: wait, error: error) : settlement(ofRefusal: error, firing)
    }

    private func settlement(ofRefusal error: PSAError, _ firing: Firing) -> Settlement {
        let attempts = firing.attempts
        var wait: Duration?
        if case .afterDelay(let asked) = error.retry {
            wait = policy.wait(askedFor: asked, after: attempts, random: time.random())
        } else if Self.isInTheWay(error.code) || error.retry == .safeNow {
            wait = policy.wait(after: attempts, random: time.random())
        }
        if let wait {
            var settlement = settlement(firing, .waiting, in: wait, error: error)
            settlement.defersConnection = Self.isInTheWay(error.code)
            return settlement
        }
        // Credentials are refused for all tickets alike: this one waits with the others until the connection works.
        let state = error.code.area == "auth" ? FiringState.waiting : .failed(error.code, problem: error.problem.encodedText)
        return settlement(firing, state, error: error, pauses: .refused(error.code))
    }

    /// Whether it concerns everything that goes to this PSA.
    private static func isInTheWay(_ code: ErrorCode) -> Bool {
        code == .configSecretUnreadable || ["network", "tls", "proxy", "vendor", "rate", "url"].contains(code.area)
    }

    /// How a firing goes on, with what the audit log says of it.
    func settlement(
        _ firing: Firing, _ state: FiringState, in wait: Duration = .zero, attempts: Int? = nil, error: PSAError? = nil,
        pauses: RulePause? = nil, remark: String = ""
    ) -> Settlement {
        let now = time.now()
        return Settlement(
            state: state, attempts: attempts ?? firing.attempts, looks: firing.looks, dueAt: now.addingTimeInterval(wait.seconds),
            pauses: pauses, cause: error?.code, audit: audit(firing, state, error, remark, now))
    }

    private func audit(_ firing: Firing, _ state: FiringState, _ error: PSAError?, _ remark: String, _ now: Date) -> AuditEntry? {
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
            detail: ticket + remark + "Reference \(firing.marker).", code: error?.code,
            correlationID: (error?.correlationID ?? CorrelationID()).rawValue)
    }
}
