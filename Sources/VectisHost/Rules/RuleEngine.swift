import FoundationEssentials
import PSACore

/// What a rule makes of an event.
struct Decision: Sendable, Equatable {
    let rule: RuleID
    let connection: ConnectionID
    let payload: TicketJob.Payload
    let state: TicketJob.State
    /// The pause that this decision begins; nil if it begins none.
    let pauses: RulePause?
}

/// How often something was sent or is to be sent, for the limits.
protocol TicketJobCounts {
    /// Jobs of a rule since a moment that were not held back.
    func jobs(of rule: RuleID, since moment: Date) throws -> Int
    /// The same through a connection, whatever the rule.
    func jobs(through connection: ConnectionID, since moment: Date) throws -> Int
}

/// Decides what is to happen: a function of event, rules and counts alone, so that a dry run decides as the real thing does.
enum RuleEngine {
    /// The decisions of all rules on an event.
    static func decide(_ event: HostEvent, _ rules: [Rule], _ counts: some TicketJobCounts) throws -> [Decision] {
        try rules.filter { $0.mode != .off }.compactMap { rule in
            let isDryRun = rule.mode != .active
            switch rule.definition.verdict(on: event) {
            case .doesNotFire: return nil
            case .depends(let groups): return decision(event, rule, .checking(CompanyCheck(groups: groups, isDryRun: isDryRun)))
            case .fires where isDryRun: return decision(event, rule, .wouldCreate)
            case .fires:
                let connection = rule.definition.action.connection
                let (state, pauses) = try applyRateLimit(rule, connection, at: event.receivedAt, counts)
                return decision(event, rule, state, pauses: pauses)
            }
        }
    }

    /// A decision with what would be written to the PSA.
    static func decision(_ event: HostEvent, _ rule: Rule, _ state: TicketJob.State, pauses: RulePause? = nil) -> Decision {
        Decision(rule: rule.id, connection: rule.definition.action.connection, payload: payload(event, rule), state: state, pauses: pauses)
    }

    /// What becomes of a job of a rule that creates tickets: it goes out, or is held back because there are too many.
    static func applyRateLimit(
        _ rule: Rule, _ connection: ConnectionID, at now: Date, _ counts: some TicketJobCounts
    ) throws -> (state: TicketJob.State, pauses: RulePause?) {
        if rule.pause == .rateLimited { return (.needsReview(.rateLimited), nil) }
        let ofRule = try counts.jobs(of: rule.id, since: now.addingTimeInterval(-Double(rule.definition.limit.minutes) * 60))
        let all = RuleRateLimit.perConnection
        let ofConnection = try counts.jobs(through: connection, since: now.addingTimeInterval(-Double(all.minutes) * 60))
        guard ofRule < rule.definition.limit.count, ofConnection < all.count else { return (.needsReview(.rateLimited), .rateLimited) }
        return (.waiting, nil)
    }

    /// What would be written to the PSA.
    static func payload(_ event: HostEvent, _ rule: Rule) -> TicketJob.Payload {
        let action = rule.definition.action
        let summary = action.summary.text(for: event, limit: RuleDefinition.maxSummaryLength, keepsLines: false)
        return TicketJob.Payload(
            // No PSA takes a ticket without a subject line, and one event without a device must not stop the rule.
            summary: summary.isEmpty ? event.type : summary,
            details: action.details.text(for: event, limit: RuleDefinition.maxTicketDetailsLength, keepsLines: true),
            company: event.company, companyID: event.companyID, device: event.device, type: action.overrides[.type],
            status: action.overrides[.status], priority: action.overrides[.priority],
            appendsSince: action.appendMinutes == 0 ? nil : event.receivedAt.addingTimeInterval(-Double(action.appendMinutes) * 60))
    }
}
