import FoundationEssentials
import PSACore
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Conditions") struct ConditionTests {
    @Test(arguments: [
        (Condition.Field.type, Condition.Comparison.equals, "Backup.FAILED", true),
        (.type, .equals, "backup", false),
        (.type, .contains, "FAILED", true),
        (.text, .contains, "disk is", true),
        (.text, .contains, "tape", false),
        (.device, .oneOf, "SRV-2, srv-1", true),
        (.device, .oneOf, "SRV-2,SRV-3", false),
        (.company, .equals, "  acme ", true),
        (.source, .equals, "monitor", true),
        (.companyID, .equals, "7", false),
        (.severity, .atLeast, "warning", true),
        (.severity, .atLeast, "error", true),
        (.severity, .atLeast, "critical", false),
        (.severity, .oneOf, "info, error", true),
        (.hour, .betweenHours, "9-10", true),
        (.hour, .betweenHours, "10-12", false),
        (.hour, .betweenHours, "18-7", false),
        (.hour, .betweenHours, "8-9", false),
        (.hour, .betweenHours, "0-24", true),
    ])
    func anEventPassesOrNot(field: Condition.Field, comparison: Condition.Comparison, value: String, passes: Bool) {
        let condition = Condition(field: field, comparison: comparison, value: value)
        #expect(condition.issue == nil)
        #expect(condition.holds(for: .sample()) == passes)
    }

    @Test(arguments: [(0, true), (6, true), (7, false), (12, false), (17, false), (18, true), (23, true)])
    func hoursReachPastMidnight(hour: Int, passes: Bool) {
        let midnight = Date(timeIntervalSince1970: 1_795_478_400)
        let event = HostEvent.sample(at: midnight.addingTimeInterval(Double(hour) * 3_600 + 60))
        #expect(Condition(field: .hour, comparison: .betweenHours, value: "18-7").holds(for: event) == passes)
    }

    @Test func hoursBeforeTheEpochAreCountedFromMidnightToo() {
        let event = HostEvent.sample(at: Date(timeIntervalSince1970: -3_600))
        #expect(Condition(field: .hour, comparison: .betweenHours, value: "23-24").holds(for: event))
    }

    @Test(arguments: [
        (Condition.Field.severity, Condition.Comparison.atLeast, "dreadful", "There is no severity “dreadful”"),
        (.severity, .contains, "error", "can't be compared"),
        (.hour, .betweenHours, "25-3", "A time of day is compared"),
        (.hour, .betweenHours, "7", "A time of day is compared"),
        (.hour, .betweenHours, "7-7", "A time of day is compared"),
        (.hour, .equals, "7", "can't be compared"),
        (.text, .contains, "   ", "needs a value"),
        (.text, .betweenHours, "1-2", "can't be compared"),
        (.text, .contains, String(repeating: "x", count: 501), "more than 500"),
    ])
    func whatMakesNoSenseIsRefusedWithASentence(
        field: Condition.Field, comparison: Condition.Comparison, value: String, sentence: String
    ) {
        let problem = Condition(field: field, comparison: comparison, value: value).issue
        #expect(problem?.english.contains(sentence) == true)
    }

    @Test func everyFieldHasAComparisonAndEveryComparisonAField() {
        for field in Condition.Field.allCases { #expect(!field.comparisons.isEmpty) }
        for comparison in Condition.Comparison.allCases {
            #expect(Condition.Field.allCases.contains { $0.comparisons.contains(comparison) })
        }
    }
}

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

    @Test(
        "companies are compared as the directory compares them, whatever kind of space or width a sender uses",
        arguments: ["Quillhaven Legal", "Quillhaven  Legal", "Quillhaven\u{A0}Legal", "Ｑuillhaven Legal", "QUILLHAVEN&nbsp;LEGAL"])
    func spellingsOfCompanies(name: String) {
        for (comparison, value) in [
            (Condition.Comparison.equals, "Quillhaven Legal"), (.equals, "quillhaven\u{A0}legal"), (.contains, "haven leg"),
            (.oneOf, "Acme, Quillhaven  Legal"),
        ] {
            let company = Condition(field: .company, comparison: comparison, value: value)
            #expect(company.issue == nil && company.holds(for: .sample(company: name)), "\(value)")
            #expect(!company.holds(for: .sample(company: "Quill Legal")))
            let definition = RuleDefinition.sample(groups: [Self.group(company)])
            let index = RuleIndex([.sample(definition)])
            #expect(index.verdicts(on: .sample(company: name)).count == 1, "\(value)")
            let named = Condition(field: .psaCompanyName, comparison: comparison, value: value)
            #expect(named.holds(for: CompanyFacts(id: Company.ID(1), name: name)) == true, "\(value)")
        }
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
        #expect(problem?.english.contains(sentence) == true)
    }

    @Test(arguments: [true, false]) func checksRoundTrip(isDryRun: Bool) throws {
        let check = CompanyCheck(groups: [Self.group(Self.active, Self.named), Self.group(Self.named)], isDryRun: isDryRun)
        #expect(CompanyCheck(json: try JSONDocument(check.json.encoded).root) == check)
        #expect(CompanyCheck(json: try JSONDocument(Array(#"{"groups":[]}"#.utf8)).root) == nil)
    }
}
