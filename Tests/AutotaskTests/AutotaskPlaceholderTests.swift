import Autotask
import PSACore
import PSATesting
import TestSupport
import Testing

@Suite("Autotask PSA is an honest placeholder")
struct AutotaskPlaceholderTests {
    @Test("it keeps to what a placeholder promises", arguments: PlaceholderRule.allCases)
    func promise(rule: PlaceholderRule) async throws {
        let examination = PlaceholderExamination(AutotaskConnector.self, guide: try RepositoryFile(AutotaskConnector.descriptor.guide).text)
        #expect(try await examination.violations(of: rule) == [])
    }

    @Test func itIsKnownByItsNames() {
        let descriptor = AutotaskConnector.descriptor
        #expect(descriptor.id == ConnectorID("autotask"))
        #expect(descriptor.aliases == ["autotask-psa", "datto-autotask"])
        #expect(descriptor.displayName == "Autotask PSA")
    }
}
