import PSACore
import Testing
@testable import PSAEngine
@testable import VectisRules

@Suite("Explanations of rules") struct RuleExplanationTests {
    private static let severe = Condition(field: .severity, comparison: .atLeast, value: "error")
    private static let onServer2 = Condition(field: .device, comparison: .equals, value: "SRV-2")
    private static let active = Condition(field: .psaCompanyActive, comparison: .equals, value: "yes")

    private static let groups: [[ConditionGroup]] = [
        [], [ConditionGroup(tests: [severe])], [ConditionGroup(tests: [onServer2])], [ConditionGroup(tests: [severe, onServer2])],
        [ConditionGroup(tests: [severe, active])], [ConditionGroup(tests: [onServer2, active])],
        [ConditionGroup(tests: [onServer2]), ConditionGroup(tests: [active])],
        [ConditionGroup(tests: [active]), ConditionGroup(tests: [severe])],
    ]

    @Test(arguments: groups, ["Northwind", ""]) func anExplanationSaysWhatTheVerdictSays(groups: [ConditionGroup], company: String) {
        var event = HostEvent.sample()
        event.company = company
        event.companyID = ""
        for types in [[], ["other"], [event.type.uppercased()]] {
            let rule = RuleDefinition.sample(eventTypes: types, groups: groups)
            let answer: RuleExplanation.Answer =
                switch rule.verdict(on: event) {
                case .fires: .holds
                case .doesNotFire: .fails
                case .depends: .open
                }
            #expect(RuleExplanation(rule, event).answer == answer)
        }
    }

    @Test func eachConditionHasItsAnswer() {
        let rule = RuleDefinition.sample(groups: [ConditionGroup(tests: [Self.severe, Self.onServer2, Self.active])])
        let explanation = RuleExplanation(rule, .sample())
        #expect(explanation.groups.map { $0.tests.map(\.answer) } == [[.holds, .fails, .open]])
        #expect(explanation.groups.map(\.answer) == [.fails])
    }

    @Test(arguments: [(true, .holds), (false, .fails), (nil, .open)] as [(Bool?, RuleExplanation.Answer)])
    func whatThePSASaysAboutTheCompanyAnswersItsConditions(isActive: Bool?, answer: RuleExplanation.Answer) {
        let rule = RuleDefinition.sample(groups: [ConditionGroup(tests: [Self.active])])
        let company = CompanyFacts(id: Company.ID(1), name: "Northwind", isActive: isActive)
        #expect(RuleExplanation(rule, .sample(), company: company).answer == answer)
    }

    @Test func aFindingOfAnotherConnectionIsNotSeen() {
        var event = HostEvent.sample()
        event.connection = ConnectionID()
        let explanation = RuleExplanation(.sample(), event)
        #expect(!explanation.seesConnection)
        #expect(explanation.answer == .fails)
    }
}
