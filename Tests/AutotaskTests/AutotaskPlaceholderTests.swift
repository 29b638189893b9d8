import Autotask
import PSACore
import TestSupport
import Testing

@Suite("Autotask PSA is an honest placeholder")
struct AutotaskPlaceholderTests {
    @Test("it keeps to what a placeholder promises", arguments: PlaceholderRule.allCases)
    func promise(rule: PlaceholderRule) async throws {
        #expect(try await PlaceholderExamination(AutotaskConnector.self).violations(rule) == [])
    }

    @Test func itIsKnownByItsNames() {
        let descriptor = AutotaskConnector.descriptor
        #expect(descriptor.id == ConnectorID("autotask"))
        #expect(descriptor.aliases == ["autotask-psa", "datto-autotask"])
        #expect(descriptor.displayName == "Autotask PSA")
    }
}
