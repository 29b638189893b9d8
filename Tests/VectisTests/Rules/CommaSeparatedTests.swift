import PSACore
import Testing
@testable import PSAEngine
@testable import VectisRules

@Suite("Values separated by commas") struct CommaSeparatedTests {
    @Test(arguments: [
        ["Acme, Inc.", "Bolt"], ["\"a"], ["\"Acme\""], ["a \"b\" c", "d"], ["\"a, b\""], ["a,b", "\"", "c"], ["x"], [",", "\","], [],
    ])
    func whatIsWrittenIsReadBack(values: [String]) {
        #expect(CommaSeparated.values(CommaSeparated.text(values)) == values)
    }

    @Test(
        arguments: [
            ("Acme, Inc.", ["Acme", "Inc."]), ("\"Acme\"", ["\"Acme\""]), ("\"Acme, Bolt", ["\"Acme", "Bolt"]), (" a,,b ,", ["a", "b"]),
            (",,", []), ("a \"b, c\"", ["a \"b", "c\""]), ("\"a, b\" c, d", ["\"a", "b\" c", "d"]), ("", []),
            ("12\", 15\"", ["12\"", "15\""]),
        ] as [(String, [String])])
    func otherQuotationMarksAreThoseOfTheValues(text: String, values: [String]) {
        #expect(CommaSeparated.values(text) == values)
    }

    @Test func aConditionWithSeveralValuesTakesANameWithAComma() {
        let condition = Condition(field: .company, comparison: .oneOf, value: "\"Acme, Inc.\", Bolt")
        for (company, holds) in [("Acme, Inc.", true), ("bolt", true), ("Acme", false), ("Inc.", false)] {
            #expect(condition.holds(for: .sample(company: company)) == holds, "\(company)")
            let rule = Rule.sample(.sample(groups: [ConditionGroup(tests: [condition])]))
            #expect(!RuleIndex([rule]).verdicts(on: .sample(company: company)).isEmpty == holds, "\(company)")
        }
        #expect(Condition(field: .company, comparison: .equals, value: "Acme, Inc.").holds(for: .sample(company: "Acme, Inc.")))
    }
}
