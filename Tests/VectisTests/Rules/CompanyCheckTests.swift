import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Conditions on the company in the PSA") struct CompanyCheckTests {
    private static let active = Condition(field: .psaCompanyActive, comparison: .equals, value: "yes")
    private static let named = Condition(field: .psaCompanyName, comparison: .contains, value: "acme")
    private static let severe = Condition(field: .severity, comparison: .atLeast, value: "error")
    private static let critical = Condition(field: .severity, comparison: .atLeast, value: "critical")

    private static func group(_ tests: Condition...) -> ConditionGroup { ConditionGroup(tests: tests) }

    @Test(arguments: [
        ([group(active)], RuleDefinition.Verdict.depends([group(active)])),
        // What the event answers is answered at once, and only the rest is asked.
        ([group(severe, active, named)], .depends([group(active, named)])),
        ([group(critical, active)], .doesNotFire),
        ([group(critical, active), group(severe, named)], .depends([group(named)])),
        // A group without the company decides by itself.
        ([group(active), group(severe)], .fires),
        ([group(active), group(critical)], .depends([group(active)])),
    ])
    func onlyWhatTheEventLeavesOpenDependsOnTheCompany(groups: [ConditionGroup], verdict: RuleDefinition.Verdict) {
        #expect(RuleDefinition.sample(groups: groups).verdict(on: .sample()) == verdict)
    }

    @Test func anEventAboutNoCompanyPassesNoConditionOnOne() {
        let definition = RuleDefinition.sample(groups: [Self.group(Self.active)])
        #expect(definition.verdict(on: .sample(company: " ")) == .doesNotFire)
        var known = HostEvent.sample(company: "")
        known.companyID = "7"
        #expect(definition.verdict(on: known) == .depends([Self.group(Self.active)]))
    }

    @Test(arguments: [
        (Condition.Comparison.equals, "ACME ltd", true), (.equals, "Acme", false), (.contains, "acme", true),
        (.oneOf, "Beta, acme LTD", true), (.oneOf, "Beta, Acme", false),
    ])
    func theNameIsComparedWhateverTheCase(comparison: Condition.Comparison, value: String, holds: Bool) {
        let condition = Condition(field: .psaCompanyName, comparison: comparison, value: value)
        #expect(condition.issue == nil)
        #expect(condition.holds(for: CompanyFacts(id: Company.ID(1), name: " Acme Ltd", isActive: nil)) == holds)
    }

    @Test(arguments: [
        (true, "Yes", true), (true, "no", false), (false, "no", true), (false, "yes", false), (nil, "yes", nil), (nil, "no", nil),
    ])
    func unreportedActivityIsNeitherTrueNorFalse(isActive: Bool?, value: String, holds: Bool?) {
        let condition = Condition(field: .psaCompanyActive, comparison: .equals, value: value)
        #expect(condition.holds(for: CompanyFacts(id: Company.ID(1), name: "Acme", isActive: isActive)) == holds)
    }

    @Test(arguments: [
        ([group(active, named)], true as Bool?, "Acme", true as Bool?), ([group(active, named)], nil, "Acme", nil),
        // One test that fails decides, whatever the other would say.
        ([group(active, named)], nil, "Beta", false), ([group(active), group(named)], nil, "Acme", true),
        ([group(active), group(named)], nil, "Beta", nil), ([group(active), group(named)], false, "Beta", false),
    ])
    func anOpenTestDecidesNothingUnlessTheOthersDo(groups: [ConditionGroup], isActive: Bool?, name: String, holds: Bool?) {
        let check = CompanyCheck(groups: groups, isDryRun: false)
        #expect(check.holds(for: CompanyFacts(id: Company.ID(1), name: name, isActive: isActive)) == holds)
    }

    @Test(arguments: [
        ("perhaps", Condition.Comparison.equals, "compared with “yes” or “no”"), ("yes", .contains, "can't be compared"),
    ])
    func activeIsYesOrNo(value: String, comparison: Condition.Comparison, sentence: String) {
        let problem = Condition(field: .psaCompanyActive, comparison: comparison, value: value).issue
        #expect(problem?.contains(sentence) == true)
    }

    @Test(arguments: [true, false]) func checksRoundTrip(isDryRun: Bool) throws {
        let check = CompanyCheck(groups: [Self.group(Self.active, Self.named), Self.group(Self.named)], isDryRun: isDryRun)
        #expect(CompanyCheck(json: try JSONDocument(check.json.encoded).root) == check)
        #expect(CompanyCheck(json: try JSONDocument(Array(#"{"groups":[]}"#.utf8)).root) == nil)
    }
}
