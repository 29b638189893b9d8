package import FoundationEssentials
package import PSACore
package import PSAEngine

/// What a rule makes of an event.
package struct Decision: Sendable, Equatable {
    package let rule: RuleID
    package let connection: ConnectionID
    package let payload: TicketJob.Payload
    /// The files of the ticket.
    package var attachments: [AttachmentFile] = []
    package let state: TicketJob.State
    /// Whether this decision exceeds the rate limit, and pauses the rule.
    package var exceedsRateLimit = false

    /// Creates a ``Decision``.
    package init(
        rule: RuleID, connection: ConnectionID, payload: TicketJob.Payload, attachments: [AttachmentFile] = [], state: TicketJob.State,
        exceedsRateLimit: Bool = false
    ) {
        self.rule = rule
        self.connection = connection
        self.payload = payload
        self.attachments = attachments
        self.state = state
        self.exceedsRateLimit = exceedsRateLimit
    }

}

/// How often something was sent or is to be sent, for the limits.
package protocol TicketJobCounts {
    /// Jobs of a rule since a time that did not need review.
    func jobs(of rule: RuleID, since timestamp: Date, until end: Date) throws -> Int
    /// The same for all rules of a connection.
    func jobs(through connection: ConnectionID, since timestamp: Date, until end: Date) throws -> Int
}

/// Decides what is to happen: a function of event, rules and counts alone, so that a dry run decides as the real thing does.
package enum RuleEngine {
    /// The decisions of all rules on an event.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - rules: All rules.
    ///   - counts: What was sent before.
    ///   - attaching: The connections whose connector attaches files; tickets of others are created without the event's files.
    /// - Returns: One decision for each rule that fires.
    /// - Throws: The errors of the counts.
    package static func decide(
        _ event: HostEvent, _ rules: [Rule], _ counts: some TicketJobCounts, attaching: Set<ConnectionID> = []
    ) throws -> [Decision] {
        try rules.filter { $0.mode != .off }.compactMap { rule in
            try decision(on: event, rule, rule.definition.verdict(on: event), counts) { attaching.contains($0) }
        }
    }

    /// The decisions of all rules on an event, as ``decide(_:_:_:attaching:)`` takes them, without testing each rule.
    ///
    /// - Parameters:
    ///   - event: The event.
    ///   - index: All rules.
    ///   - counts: What was sent before.
    ///   - attaches: Whether the connector of a connection attaches files; asked only for an event with files.
    /// - Returns: One decision for each rule that fires, in the order of the rules.
    /// - Throws: The errors of the counts and of `attaches`.
    package static func decide(
        _ event: HostEvent, _ index: RuleIndex, _ counts: any TicketJobCounts, attaches: (ConnectionID) throws -> Bool
    ) throws -> [Decision] {
        try index.verdicts(on: event).compactMap { try decision(on: event, $0.rule, $0.verdict, counts, attaches) }
    }

    private static func decision(
        on event: HostEvent, _ rule: Rule, _ verdict: RuleDefinition.Verdict, _ counts: some TicketJobCounts,
        _ attaches: (ConnectionID) throws -> Bool
    ) throws -> Decision? {
        guard verdict != .doesNotFire else { return nil }
        let isDryRun = rule.mode != .active
        let connection = rule.definition.action.connection
        var event = event
        // A dry run sends nothing, so it keeps no file.
        if !event.attachments.isEmpty, try isDryRun || !attaches(connection) { event.attachments = [] }
        switch verdict {
        case .doesNotFire: return nil
        case .depends(let groups):
            return decision(event, rule, .checking(CompanyCheck(groups: groups, isDryRun: isDryRun).precondition))
        case .fires where isDryRun: return decision(event, rule, .wouldCreate)
        case .fires:
            let (state, isExceeded) = try applyRateLimit(rule, connection, at: event.receivedAt, counts)
            return decision(event, rule, state, exceedsRateLimit: isExceeded)
        }
    }

    /// A decision with what would be written to the PSA.
    package static func decision(_ event: HostEvent, _ rule: Rule, _ state: TicketJob.State, exceedsRateLimit: Bool = false) -> Decision {
        Decision(
            rule: rule.id, connection: rule.definition.action.connection, payload: payload(event, rule), attachments: event.attachments,
            state: state, exceedsRateLimit: exceedsRateLimit)
    }

    /// Queues the job, or holds it for review when the rule exceeds its rate limit.
    package static func applyRateLimit(
        _ rule: Rule, _ connection: ConnectionID, at now: Date, _ counts: some TicketJobCounts
    ) throws -> (state: TicketJob.State, exceedsRateLimit: Bool) {
        if rule.isRateLimited { return (.needsReview(.rateLimited), false) }
        // Jobs of the future are of a clock that was wrong; a few minutes are those of events that arrive together.
        let end = WrongClock.latest(at: now)
        let ofRule = try counts.jobs(
            of: rule.id, since: now.addingTimeInterval(-Double(rule.definition.limit.minutes) * 60), until: end)
        let all = RuleRateLimit.perConnection
        let ofConnection = try counts.jobs(
            through: connection, since: now.addingTimeInterval(-Double(all.minutes) * 60), until: end)
        guard ofRule < rule.definition.limit.count, ofConnection < all.count else { return (.needsReview(.rateLimited), true) }
        return (.waiting, false)
    }

    /// What would be written to the PSA.
    package static func payload(_ event: HostEvent, _ rule: Rule) -> TicketJob.Payload { payload(event, rule.definition) }

    /// What a definition would write to the PSA.
    package static func payload(_ event: HostEvent, _ definition: RuleDefinition) -> TicketJob.Payload {
        let action = definition.action
        let values = EventValues(event)
        let summary = action.summary.text(for: values, limit: RuleDefinition.maxSummaryLength, keepsLines: false)
        return TicketJob.Payload(
            // No PSA takes a ticket without a subject line, and one event without a device must not stop the rule.
            summary: summary.isEmpty ? event.type : summary,
            details: action.details.text(for: values, limit: RuleDefinition.maxTicketDetailsLength, keepsLines: true),
            company: event.company, companyID: event.companyID, device: event.device, type: action.overrides[.type],
            status: action.overrides[.status], priority: action.overrides[.priority],
            fields: action.values(for: values),
            appendsSince: action.appendMinutes == 0 ? nil : event.receivedAt.addingTimeInterval(-Double(action.appendMinutes) * 60))
    }
}

extension ReviewReason {
    /// The rate limit of the rule or the connection was exceeded.
    package static let rateLimited = ReviewReason(rawValue: "rate_limited")
    /// The rule asks about a company that the PSA does not have.
    package static let companyNotFound = ReviewReason(rawValue: "company_not_found")
    /// Several companies of the PSA have the name.
    package static let companyAmbiguous = ReviewReason(rawValue: "company_ambiguous")
    /// The PSA has the id for a company of another name.
    package static let companyContradictory = ReviewReason(rawValue: "company_contradictory")
    /// The connection may not read companies.
    package static let companiesUnreadable = ReviewReason(rawValue: "companies_unreadable")
    /// The list of companies was incomplete, and the company is not in what came.
    package static let companiesIncomplete = ReviewReason(rawValue: "companies_incomplete")
    /// The PSA does not say what the rule asks about the company.
    package static let companyUndetermined = ReviewReason(rawValue: "company_silent")

    /// Every reason that this version gives.
    package static let all = [
        rateLimited, tooOld, companyNotFound, companyAmbiguous, companyContradictory, companiesUnreadable, companiesIncomplete,
        companyUndetermined, notVerified,
        tenantChanged, outcomeUnknown, notExecuted,
    ]

    /// Why, for a person; nil for a reason of a later version.
    package var sentence: String? {
        switch self {
        case .rateLimited: "The rate limit was exceeded."
        case .tooOld: "It is too old to be sent without a person."
        case .companyNotFound: "The rule asks about the company, and the PSA has none of this name or id."
        case .companyAmbiguous: "The rule asks about the company, and several in the PSA have this name."
        case .companyContradictory: "The rule asks about the company, and the company of this id has another name in the PSA."
        case .companiesUnreadable: "The rule asks about the company, and the connection may not read companies."
        case .companiesIncomplete: "The rule asks about the company, and it is not in the incomplete list that the PSA returned."
        case .companyUndetermined: "The rule asks whether the company is active, and the PSA does not say."
        case .notVerified:
            "It waited when Vectis was started, and the PSA’s tickets could not be searched for it. Look there for its reference before you release it."
        case .tenantChanged: "The connection led to another tenant when it was created. Released, it is sent to the present tenant."
        case .outcomeUnknown: "A request was sent, and the search could not determine whether it was executed."
        case .notExecuted: "It was sent several times without a usable answer. The PSA was searched each time and does not have it."
        default: nil
        }
    }
}

extension RuleID {
    /// The rule as the source of jobs.
    package var source: JobSource { JobSource(rawValue: rawValue) }

    /// The rule that is the source of a job; nil if the job has none, or another.
    package init?(_ source: JobSource?) {
        guard let source else { return nil }
        self.init(source.rawValue)
    }
}

extension TicketJob {
    /// The rule that created it; nil if none did.
    package var rule: RuleID? { RuleID(source) }
}
