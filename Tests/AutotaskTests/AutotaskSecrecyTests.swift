import PSACore
import TestSupport
import Testing

@testable import Autotask

@Suite("Autotask PSA keeps secrets")
struct AutotaskSecrecyTests {
    @Test func noSecretIsInWhatACheckedConnectionShows() async throws {
        let session = try AutotaskFixture.session()
        let validation = session.descriptor.settings.validate(AutotaskFixture.examples)
        #expect(validation.settings != nil)
        var outputs = shown(session) + shown(validation) + shown(AutotaskFixture.examples)
        let report = try await session.testConnection { check in
            #expect(shown(check).filter { $0.contains(AutotaskFixture.marker) } == [])
        }
        outputs += shown(report) + [report.json(in: TextRenderer()).encodedText]
        for case let error as PSAError in await SessionSweep().answers(of: session).map(\.error) {
            outputs += shown(error) + [error.problem.encodedText]
        }
        #expect(outputs.filter { $0.contains(AutotaskFixture.marker) } == [])
    }

    @Test(arguments: AutotaskFixture.secretKeys, ["\n", String(repeating: "x", count: 300)])
    func noSecretIsInTheProblemItCauses(key: SettingKey, spoiler: String) throws {
        let input = AutotaskFixture.examples.with(key, AutotaskFixture.marker + spoiler + AutotaskFixture.marker)
        let registry = try ConnectorRegistry([AutotaskConnector.self])
        let error = try #require(throws: PSAError.self) {
            try registry.connect("autotask", settings: input, context: AutotaskFixture.context)
        }
        #expect(error.settingProblems.map(\.field) == [key])
        #expect((shown(error) + [error.problem.encodedText]).filter { $0.contains(AutotaskFixture.marker) } == [])
    }

    @Test func theMarkerIsFoundWhereItIsRevealed() {
        let revealed = AutotaskFixture.secretKeys.compactMap { AutotaskFixture.examples[$0]?.reveal() }
        #expect(revealed.count == AutotaskFixture.secretKeys.count)
        #expect(revealed.allSatisfy { $0.contains(AutotaskFixture.marker) })
    }

    /// A value as it prints, as a debugger prints it, and with everything a mirror reaches.
    private func shown(_ value: some Sendable) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return [String(describing: value), String(reflecting: value), dumped]
    }
}
