import ConnectWise
import PSACore
import PSATesting
import TestSupport
import Testing

@Suite("ConnectWise PSA is an honest placeholder")
struct ConnectWisePlaceholderTests {
    @Test("it keeps to what a placeholder promises", arguments: PlaceholderRule.allCases)
    func promise(rule: PlaceholderRule) async throws {
        let examination = PlaceholderExamination(
            ConnectWiseConnector.self, guide: try RepositoryFile(ConnectWiseConnector.descriptor.guide).text)
        #expect(try await examination.violations(of: rule) == [])
    }

    @Test func itIsKnownByItsNames() {
        let descriptor = ConnectWiseConnector.descriptor
        #expect(descriptor.id == ConnectorID("connectwise"))
        #expect(descriptor.aliases == ["connectwise-psa", "manage"])
        #expect(descriptor.displayName == "ConnectWise PSA")
    }
}
