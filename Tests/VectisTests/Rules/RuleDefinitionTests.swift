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

@Suite("Rule definitions") struct RuleDefinitionTests {
    @Test func ruleDefinitionsRoundTrip() throws {
        var definition = RuleTemplate.all[4].definition(for: ConnectionID())
        definition.action.overrides.values = [.type: "3", .status: "", .priority: "7"]
        definition.limit = RuleRateLimit(count: 5, minutes: 60)
        definition.action.details = TextTemplate("“quotes” \\ and\nlines {text} 😀")
        let root = try JSONDocument(definition.json.encoded).root
        #expect(RuleDefinition(json: root) == definition)
    }

    @Test(arguments: [
        "{}", #"{"connection":"no such id!","summary":"x"}"#, #"{"connection":"abc"}"#,
        #"{"connection":"abc","summary":"x","groups":[[{"field":"colour","comparison":"equals","value":"red"}]]}"#,
        #"{"connection":"abc","summary":"x","groups":[[{"field":"text","comparison":"resembles","value":"red"}]]}"#,
        #"{"connection":"abc","summary":"x","groups":[[{"field":"text","comparison":"equals"}]]}"#,
    ])
    func invalidDefinitionsAreNotRead(json: String) throws {
        #expect(RuleDefinition(json: try JSONDocument(Array(json.utf8)).root) == nil)
    }

    @Test(arguments: RuleTemplate.all.map(\.id))
    func everyTemplateIsReadyToSave(id: String) throws {
        let template = try #require(RuleTemplate.all.first { $0.id == id })
        #expect(template.definition(for: ConnectionID()).issues.map(\.message) == [])
    }

    @Test func thereAreSixTemplatesWithUniqueNames() {
        #expect(Set(RuleTemplate.all.map(\.id)).count == 6)
        #expect(Set(RuleTemplate.all.map(\.name)).count == 6)
    }

    @Test func allProblemsAreReportedAtOnce() {
        var definition = RuleDefinition.sample(
            eventTypes: [String(repeating: "x", count: 101)], groups: [ConditionGroup(tests: [])], appendMinutes: -1,
            limit: RuleRateLimit(count: 0, minutes: 10))
        definition.action.summary = TextTemplate(" ")
        definition.action.details = TextTemplate("{nonsense}")
        #expect(Set(definition.issues.map(\.field)) == ["eventTypes", "groups", "summary", "details", "appendMinutes", "limit"])
    }
}
