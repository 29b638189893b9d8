import FoundationEssentials
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
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
        (.hour, .betweenHours, "25-3", "Hours are given"),
        (.hour, .betweenHours, "7", "Hours are given"),
        (.hour, .betweenHours, "7-7", "Hours are given"),
        (.hour, .equals, "7", "can't be compared"),
        (.text, .contains, "   ", "needs a value"),
        (.text, .betweenHours, "1-2", "can't be compared"),
        (.text, .contains, String(repeating: "x", count: 501), "more than 500"),
    ])
    func whatMakesNoSenseIsRefusedWithASentence(
        field: Condition.Field, comparison: Condition.Comparison, value: String, sentence: String
    ) {
        let problem = Condition(field: field, comparison: comparison, value: value).issue
        #expect(problem?.contains(sentence) == true)
    }

    @Test func everyFieldHasAComparisonAndEveryComparisonAField() {
        for field in Condition.Field.allCases { #expect(!field.comparisons.isEmpty) }
        for comparison in Condition.Comparison.allCases {
            #expect(Condition.Field.allCases.contains { $0.comparisons.contains(comparison) })
        }
    }
}
