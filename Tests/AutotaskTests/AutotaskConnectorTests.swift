import PSACore
import TestSupport
import Testing

@testable import Autotask

@Suite("Autotask PSA as a placeholder")
struct AutotaskConnectorTests {
    @Test func aRegistryListsItAsAPlaceholderWithoutCapabilities() throws {
        let listed = try ConnectorRegistry([AutotaskConnector.self]).descriptors
        #expect(listed.map(\.id.rawValue) == ["autotask"])
        #expect(listed.map(\.displayName) == ["Autotask PSA"])
        #expect(listed.map(\.tier) == [.placeholder])
        #expect(listed.allSatisfy { $0.capabilities.isEmpty })
    }

    @Test(arguments: ["autotask", "Autotask", " AUTOTASK ", "autotask-psa", "datto-autotask"])
    func itAnswersToItsNameAndAliases(name: String) throws {
        let registry = try ConnectorRegistry([AutotaskConnector.self])
        #expect(try registry.descriptor(named: name).id == ConnectorID("autotask"))
        #expect(try AutotaskFixture.session(name).descriptor.id == ConnectorID("autotask"))
    }

    @Test func testingItReportsThePlaceholderAndContactsNobody() async throws {
        let report = try await AutotaskFixture.session().testConnection()
        let failure = try #require(report.failure)
        #expect(!report.isConnected)
        #expect(failure.code == .connectorPlaceholder)
        #expect(failure.connector == ConnectorID("autotask"))
        #expect(failure.guidance.detail.contains("Autotask PSA"))
        #expect(report.headline == failure.guidance.title)
    }

    @Test func everyOperationAnswersPlaceholderAndContactsNobody() async throws {
        let answers = await SessionSweep().answers(of: try AutotaskFixture.session())
        #expect(!answers.isEmpty)
        for answer in answers {
            let error = answer.error as? PSAError
            #expect(error?.code == .connectorPlaceholder, "\(answer.operation)")
            #expect(error?.connector == ConnectorID("autotask"), "\(answer.operation)")
            #expect(error?.guidance.retry == .never, "\(answer.operation)")
        }
    }

    @Test func noCapabilityIsOffered() throws {
        let session = try AutotaskFixture.session()
        #expect(Capability.allCases.filter(session.can).isEmpty)
    }
}
