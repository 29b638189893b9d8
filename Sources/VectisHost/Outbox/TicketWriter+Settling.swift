import FoundationEssentials
import PSACore

extension TicketWriter {
    /// How a firing goes on after an error.
    ///
    /// A connector throws `write.outcome_unknown` whenever its request may have been executed; after any other error it was not.
    func settlement(of error: any Error, _ firing: Firing) -> Settlement {
        guard let error = error as? PSAError else {
            // Cancelled, or the storage failed: the request may have been made.
            return settlement(firing, .unknown, in: policy.looks.first ?? .seconds(5))
        }
        if error.code == .writeOutcomeUnknown { return settlement(firing, .unknown, in: policy.looks.first ?? .seconds(5), error: error) }
        if case .afterDelay(let wait) = error.retry { return settlement(firing, .waiting, in: wait, error: error) }
        let isInTheWay = ["network", "tls", "proxy", "vendor", "rate", "url"].contains(error.code.area)
        if isInTheWay || error.retry == .safeNow {
            return settlement(firing, .waiting, in: policy.wait(after: firing.attempts, random: time.random()), error: error)
        }
        // Credentials are refused for all tickets alike: this one waits with the others until the connection works.
        let state = error.code.area == "auth" ? FiringState.waiting : .failed(error.code, problem: error.problem.encodedText)
        return settlement(firing, state, error: error, pauses: .refused(error.code))
    }

    /// How a firing goes on, with what the audit log says of it.
    func settlement(
        _ firing: Firing, _ state: FiringState, in wait: Duration = .zero, attempts: Int? = nil, error: PSAError? = nil,
        pauses: RulePause? = nil
    ) -> Settlement {
        let now = time.now()
        return Settlement(
            state: state, attempts: attempts ?? firing.attempts, dueAt: now.addingTimeInterval(wait.seconds), pauses: pauses,
            cause: error?.code,
            audit: audit(firing, state, error, now))
    }

    private func audit(_ firing: Firing, _ state: FiringState, _ error: PSAError?, _ now: Date) -> AuditEntry? {
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
            detail: ticket + "Reference \(firing.marker).", code: error?.code,
            correlationID: (error?.correlationID ?? CorrelationID()).rawValue)
    }
}
