import PSACore
import TestSupport
import Testing

@testable import ConnectWise

@Suite("ConnectWise PSA as a placeholder")
struct ConnectWiseConnectorTests {
    @Test func aRegistryListsItAsAPlaceholderWithoutCapabilities() throws {
        let listed = try ConnectorRegistry([ConnectWiseConnector.self]).descriptors
        #expect(listed.map(\.id.rawValue) == ["connectwise"])
        #expect(listed.map(\.displayName) == ["ConnectWise PSA"])
        #expect(listed.map(\.tier) == [.placeholder])
        #expect(listed.allSatisfy { $0.capabilities.isEmpty })
    }

    @Test(arguments: ["connectwise", "ConnectWise", " CONNECTWISE ", "connectwise-psa", "manage"])
    func itAnswersToItsNameAndAliases(name: String) throws {
        let registry = try ConnectorRegistry([ConnectWiseConnector.self])
        #expect(try registry.descriptor(named: name).id == ConnectorID("connectwise"))
        #expect(try ConnectWiseFixture.session(name).descriptor.id == ConnectorID("connectwise"))
    }

    @Test func testingItReportsThePlaceholderAndContactsNobody() async throws {
        let report = try await ConnectWiseFixture.session().testConnection()
        let failure = try #require(report.failure)
        #expect(!report.isConnected)
        #expect(failure.code == .connectorPlaceholder)
        #expect(failure.connector == ConnectorID("connectwise"))
        #expect(failure.guidance.detail.contains("ConnectWise PSA"))
        #expect(report.headline == failure.guidance.title)
    }

    @Test func everyOperationAnswersPlaceholderAndContactsNobody() async throws {
        let answers = await SessionSweep().answers(of: try ConnectWiseFixture.session())
        #expect(!answers.isEmpty)
        for answer in answers {
            let error = answer.error as? PSAError
            #expect(error?.code == .connectorPlaceholder, "\(answer.operation)")
            #expect(error?.connector == ConnectorID("connectwise"), "\(answer.operation)")
            #expect(error?.guidance.retry == .never, "\(answer.operation)")
        }
    }

    @Test func noCapabilityIsOffered() throws {
        let session = try ConnectWiseFixture.session()
        #expect(Capability.allCases.filter(session.can).isEmpty)
    }
}
