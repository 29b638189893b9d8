import Foundation
import HaloSimulator
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Settings of the command line")
struct SettingsSourceTests {
    private static let marker = "MARKER-7d1e-secret-value"

    @Test func aSecretAmongTheArgumentsIsRejectedAndNotShown() async throws {
        for json in ["", " --json"] {
            let result = try await CommandLineFixture().run("test halopsa --setting clientSecret=\(Self.marker)\(json)")
            #expect(result.status == 2)
            #expect(!(result.output + result.messages).contains(Self.marker))
            #expect((result.output + result.messages).contains("HALOPSA_CLIENT_SECRET"))
        }
    }

    @Test func everyMissingSettingIsNamedAtOnce() async throws {
        let result = try await CommandLineFixture().run("test halopsa --json")
        #expect(result.json?["code"]?.string == "config.missing_field")
        #expect(result.json?["problems"]?.elements.compactMap { $0["field"]?.string } == ["tenantURL", "clientID", "clientSecret"])
    }

    @Test func anArgumentWinsOverAFileAndAFileOverTheEnvironment() async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let file = FileManager.default.temporaryDirectory.appendingPathComponent("vectis-\(UUID().uuidString)")
            try Data("wrong-secret-in-the-file\n".utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let fromFile = try await fixture.run("test halopsa --allow-loopback --json --setting-file clientSecret=\(file.path)")
            #expect(fromFile.json?["code"]?.string == "auth.invalid_client")
            #expect(!fromFile.output.contains("wrong-secret-in-the-file"))
            let fromArgument = try await fixture.run("test halopsa --allow-loopback --json --setting clientID=somebody-else")
            #expect(fromArgument.json?["code"]?.string == "auth.invalid_client")
        }
    }

    @Test func aMissingSecretIsPromptedForOnATerminal() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            var fixture = fixture
            fixture.environment["HALOPSA_CLIENT_SECRET"] = nil
            let unasked = try await fixture.run("test halopsa --allow-loopback")
            #expect(unasked.status == 2)
            fixture.askSecret = { label in label == "Client Secret" ? HaloSimulator.Configuration.demoClientSecret : nil }
            let asked = try await fixture.run("test halopsa --allow-loopback")
            #expect(asked.status == 0)
        }
    }

    @Test func theSecretOfTheEnvironmentIsNowhereInTheOutput() async throws {
        try await CommandLineFixture.withHalo(faults: ["token-html-login-page"]) { fixture, _ in
            var fixture = fixture
            fixture.environment["HALOPSA_CLIENT_SECRET"] = Self.marker
            for line in ["test halopsa", "list tickets --connector halopsa", "test halopsa --json", "connectors show halopsa --json"] {
                let allowed = line.hasPrefix("connectors") ? "" : " --allow-loopback --verbose"
                let result = try await fixture.run(line + allowed)
                #expect(!(result.output + result.messages).contains(Self.marker))
            }
        }
    }

    @Test func colourAppearsOnATerminalOnly() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            var fixture = fixture
            let piped = try await fixture.run("test halopsa --allow-loopback")
            #expect(!piped.output.contains("\u{1B}"))
            fixture.isTerminal = true
            let shown = try await fixture.run("test halopsa --allow-loopback")
            #expect(shown.output.contains("\u{1B}[32mpassed"))
        }
    }
}
