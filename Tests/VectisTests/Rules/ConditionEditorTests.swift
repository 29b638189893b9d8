import Testing
@testable import VectisRules

@Suite("Editors of conditions") struct ConditionEditorTests {
    /// What each field can be compared with, and how a person gives the value.
    private static let table: [Condition.Field: [Condition.Comparison: Condition.Editor]] = [
        .source: [.equals: .text, .contains: .text, .oneOf: .text], .type: [.equals: .text, .contains: .text, .oneOf: .text],
        .severity: [.equals: .severity, .oneOf: .severities, .atLeast: .severity],
        .company: [.equals: .company, .contains: .company, .oneOf: .company],
        .companyID: [.equals: .text, .contains: .text, .oneOf: .text], .device: [.equals: .text, .contains: .text, .oneOf: .text],
        .text: [.equals: .text, .contains: .text, .oneOf: .text], .hour: [.betweenHours: .times],
        .psaCompanyName: [.equals: .company, .contains: .company, .oneOf: .company], .psaCompanyActive: [.equals: .yesOrNo],
    ]

    @Test(arguments: Condition.Field.allCases, Condition.Comparison.allCases)
    func onlyComparisonsThatMakeSenseHaveAnEditorAndAreAccepted(field: Condition.Field, comparison: Condition.Comparison) throws {
        let expected = try #require(Self.table[field])[comparison]
        #expect(Condition.Editor(field, comparison) == expected)
        #expect(field.comparisons.contains(comparison) == (expected != nil))
        let value =
            switch expected {
            case .severity, .severities: "error"
            case .yesOrNo: "yes"
            case .times: "18:00-07:00"
            case .text, .company, nil: "x"
            }
        let issue = Condition(field: field, comparison: comparison, value: value).issue
        #expect((issue == nil) == (expected != nil))
        if expected == nil { #expect(issue?.english.contains("can't be compared") == true) }
    }

    @Test func eachKindThatIsAddedBeginsWithAnEditorOfItsOwn() {
        #expect(Condition.Kind.all.map(\.name).count == Set(Condition.Kind.all.map(\.name)).count)
        #expect(Set(Condition.Kind.all.map(\.field)) == Set(Condition.Field.allCases))
        for kind in Condition.Kind.all {
            let condition = kind.condition()
            #expect(Condition.Kind(name: kind.name) == kind)
            #expect(condition.alternatives.contains(kind.comparison))
            // A text is for a person to type; everything else is complete, or a choice of several.
            let isTyped = [.text, .company, .severities].contains(Condition.Editor(kind.field, kind.comparison))
            #expect((condition.issue == nil) == !isTyped)
        }
        #expect(Condition.Kind(name: "severity.contains") == nil)
    }

    @Test func aComparisonIsReplacedByThoseOfTheSameEditorOnly() {
        #expect(Condition(field: .severity, comparison: .equals, value: "").alternatives == [.equals, .atLeast])
        #expect(Condition(field: .severity, comparison: .oneOf, value: "").alternatives == [.oneOf])
        #expect(Condition(field: .device, comparison: .contains, value: "").alternatives == [.equals, .contains, .oneOf])
    }
}
