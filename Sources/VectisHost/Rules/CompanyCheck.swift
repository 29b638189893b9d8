import PSACore
import PSAEngine

/// What of a rule's conditions only the PSA can answer, for one event.
struct CompanyCheck: Sendable, Equatable {
    /// Of each group that the event itself passes, the tests on the company; none is empty.
    var groups: [ConditionGroup]
    /// Whether nothing is to be sent, whatever comes out.
    var isDryRun: Bool

    /// Whether all tests of any group hold; nil if that depends on what the PSA does not say.
    func holds(for company: CompanyFacts) -> Bool? {
        let answers = groups.map { group in group.tests.map { $0.holds(for: company) } }
        if answers.contains(where: { $0.allSatisfy { $0 == true } }) { return true }
        return answers.contains { !$0.contains(false) } ? nil : false
    }
}

extension RuleDefinition {
    /// What the event alone tells about whether the rule fires.
    enum Verdict: Sendable, Equatable {
        case fires
        case doesNotFire
        /// It fires if all tests of any of these groups hold for the company.
        case depends([ConditionGroup])
    }

    /// Whether an event makes the rule fire.
    func verdict(on event: HostEvent) -> Verdict {
        let isHeard = eventTypes.isEmpty || eventTypes.contains { $0.lowercased() == event.type.lowercased() }
        guard isHeard else { return .doesNotFire }
        let passed = groups.filter { group in group.tests.allSatisfy { $0.field.isInPSA || $0.holds(for: event) } }
        let open = passed.map { group in ConditionGroup(tests: group.tests.filter(\.field.isInPSA)) }
        if groups.isEmpty || open.contains(where: \.tests.isEmpty) { return .fires }
        // An event about no company has none of which anything could hold.
        return open.isEmpty || event.company.trimmingSpaces.isEmpty && event.companyID.isEmpty ? .doesNotFire : .depends(open)
    }
}
