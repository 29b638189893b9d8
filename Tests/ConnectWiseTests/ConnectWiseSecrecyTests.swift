import PSACore
import TestSupport
import Testing

@testable import ConnectWise

@Suite("ConnectWise PSA keeps secrets")
struct ConnectWiseSecrecyTests {
    @Test func noSecretIsInWhatACheckedConnectionShows() async throws {
        let session = try ConnectWiseFixture.session()
        let validation = session.descriptor.settings.validate(ConnectWiseFixture.examples)
        #expect(validation.settings != nil)
        var outputs = shown(session) + shown(validation) + shown(ConnectWiseFixture.examples)
        let report = try await session.testConnection { check in
            #expect(shown(check).filter { $0.contains(ConnectWiseFixture.marker) } == [])
        }
        outputs += shown(report) + [report.json(in: TextRenderer()).encodedText]
        for case let error as PSAError in await SessionSweep().answers(of: session).map(\.error) {
            outputs += shown(error) + [error.problem.encodedText]
        }
        #expect(outputs.filter { $0.contains(ConnectWiseFixture.marker) } == [])
    }

    @Test(arguments: ConnectWiseFixture.secretKeys, ["\n", String(repeating: "x", count: 300)])
    func noSecretIsInTheProblemItCauses(key: SettingKey, spoiler: String) throws {
        let input = ConnectWiseFixture.examples.with(key, ConnectWiseFixture.marker + spoiler + ConnectWiseFixture.marker)
        let registry = try ConnectorRegistry([ConnectWiseConnector.self])
        let error = try #require(throws: PSAError.self) {
            try registry.connect("connectwise", settings: input, context: ConnectWiseFixture.context)
        }
        #expect(error.settingProblems.map(\.field) == [key])
        #expect((shown(error) + [error.problem.encodedText]).filter { $0.contains(ConnectWiseFixture.marker) } == [])
    }

    @Test func theMarkerIsFoundWhereItIsRevealed() {
        let revealed = ConnectWiseFixture.secretKeys.compactMap { ConnectWiseFixture.examples[$0]?.reveal() }
        #expect(revealed.count == ConnectWiseFixture.secretKeys.count)
        #expect(revealed.allSatisfy { $0.contains(ConnectWiseFixture.marker) })
    }

    /// A value as it prints, as a debugger prints it, and with everything a mirror reaches.
    private func shown(_ value: some Sendable) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), dumped]
    }
}
