import Foundation
import HaloSimulator
import PSACore
import PSATesting
import TestSupport
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("vectis connectors and errors")
struct ConnectorCommandTests {
    private let fixture = CommandLineFixture()

    @Test func theConnectorsAreListedWithTheirTier() async throws {
        let result = try await fixture.run("connectors")
        #expect(result.status == 0)
        let descriptors = try BuiltInConnectors.registry().descriptors
        for (line, descriptor) in zip(result.lines, descriptors) {
            #expect(line.hasPrefix(descriptor.id.rawValue + " ") && line.contains(" \(descriptor.tier.rawValue) "), "\(line)")
        }
        #expect(result.lines.count == descriptors.count)
        let json = try await fixture.run("connectors --json")
        let listed = try json.lines.map { try JSONDocument(Array($0.utf8)).root }
        #expect(listed.map { $0["id"]?.string } == descriptors.map(\.id.rawValue))
        #expect(listed.map { $0["tier"]?.string } == descriptors.map(\.tier.rawValue))
    }

    @Test("a connector is shown with settings, environment and guide", arguments: ["HaloPSA"] + BuiltIns.names)
    func shown(name: String) async throws {
        let result = try await fixture.run("connectors show \(name)")
        let descriptor = try BuiltInConnectors.registry().descriptor(named: name)
        #expect(result.status == 0)
        for field in descriptor.settings.fields {
            #expect(result.output.contains(field.key.environmentVariable(for: descriptor.id)))
            #expect(result.output.contains(field.guideAnchor.description))
        }
        let json = try await fixture.run("connectors show \(name) --json")
        #expect(json.json?["settings"]?.elements.count == descriptor.settings.fields.count)
    }

    @Test func aMisspeltConnectorIsNamedWithTheNearest() async throws {
        let result = try await fixture.run("connectors show halpsa --json")
        #expect(result.status == 2)
        #expect(result.json?["code"]?.string == "config.unknown_connector")
        #expect(result.output.contains("halopsa"))
        #expect(result.messages.isEmpty)
    }

    @Test func theCatalogueHasEveryCode() async throws {
        let result = try await fixture.run("errors")
        #expect(result.lines.count == ErrorReference.codes.count)
        let json = try await fixture.run("errors --json")
        #expect(json.lines.count == ErrorReference.codes.count)
        #expect(!json.output.contains("correlationID"))
    }

    @Test func oneCodeIsShownWithTheConnectorsOwnText() async throws {
        let result = try await fixture.run("errors auth.invalid_client")
        #expect(result.output.contains("HaloPSA refused the client ID or secret"))
        for template in ["{", "##", "`", "Correlation"] { #expect(!result.output.contains(template), "\(result.output)") }
        #expect(try await fixture.run("errors auth.invalid_client --language de").output.contains("HaloPSA hat"))
        #expect(try await fixture.run("errors auth.invalid_client --markdown").output.hasPrefix("## auth-invalid-client"))
        let unknown = try await fixture.run("errors auth.invalid --json")
        #expect(unknown.status == 2 && unknown.json?["code"]?.string == "usage.invalid")
    }

    @Test func theRulesOfConnectorsAreCurrent() async throws {
        let result = try await fixture.run("conformance --markdown")
        #expect(result.output == (try RepositoryFile("Docs/Conformance.md").text), "Docs/Conformance.md is not current; run “make docs”.")
    }

    @Test("a placeholder is examined without settings and has no grade", arguments: BuiltIns.placeholders)
    func placeholder(name: String) async throws {
        let result = try await fixture.run("conformance \(name)")
        #expect(result.status == 0, "\(result.output) \(result.messages)")
        #expect(result.lines.contains("\(name) is a placeholder: it has no grade."))
        #expect(result.lines.contains { $0.contains("not applicable") && $0.contains("connection.works") })
    }

    @Test func theSimulatorIsExaminedWithoutWritingUnlessAllowed() async throws {
        try await CommandLineFixture.withHalo { fixture, halo in
            let before = await halo.ticketCount()
            let reading = try await fixture.run("conformance halopsa --allow-loopback --no-rate-limit")
            #expect(reading.status == 0, "\(reading.output)")
            #expect(reading.lines.contains("Grade: silver; the connector claims platinum."))
            #expect(await halo.ticketCount() == before)
            let writing = try await fixture.run("conformance halopsa --allow-loopback --no-rate-limit --allow-writes --json")
            #expect(writing.json?["grade"]?.string == "platinum", "\(writing.output)")
            #expect(await halo.ticketCount() > before)
        }
    }

    @Test func someRulesAreCheckedWithoutAGradeAndProgressGoesToStandardError() async throws {
        let name = try #require(BuiltIns.placeholders.first)
        let rules = "--rule declaration.tier --rule declaration.guide"
        let result = try await fixture.run("conformance \(name) \(rules)")
        let reason = "not graded: only 2 of \(ConformanceRule.all.count) rules ran"
        #expect(result.status == 0 && result.output.hasSuffix("2 rules: 2 kept. Without --rule all rules run.\n\(name): \(reason).\n"))
        #expect(result.messages == "1 of 2: declaration.tier kept\n2 of 2: declaration.guide kept\n")
        let json = try await fixture.run("conformance \(name) \(rules) --json")
        #expect(json.json?["rules"]?.elements.count == 2 && json.json?["grade"] == nil)
        #expect(json.json?["notGraded"]?.string == reason)
        let unknown = try await fixture.run("conformance \(name) --rule declaration.luck")
        #expect(unknown.status == 2 && unknown.messages.contains("declaration.luck"))
    }

    @Test func theErrorReferenceIsCurrent() async throws {
        let result = try await fixture.run("errors --markdown")
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Docs/Errors.md")
        let stored = try String(contentsOf: file, encoding: .utf8)
        #expect(result.output == stored, "Docs/Errors.md is not current; run “make docs”.")
    }

    @Test(
        "command line errors exit with status 2 and name the argument",
        arguments: [
            ("conectors", "conectors"), ("list", "KIND"), ("list widgets --connector halopsa", "widgets"), ("list tickets", "--connector"),
            ("list tickets --connector", "--connector"), ("list tickets --connector halopsa --limit many", "--limit"),
            ("list tickets --connector halopsa --limit 0", "--limit"), ("list tickets --conector halopsa", "--conector"),
            ("list companies --connector halopsa --changed-since 2026-01-01", "--changed-since"),
            ("list tickets --connector halopsa --changed-since yesterday", "yesterday"), ("list notes --connector halopsa", "--ticket"),
            ("ticket create --connector halopsa", "--summary"), ("ticket note --connector halopsa --ticket 1", "--text"),
            ("ticket status --connector halopsa --ticket 1", "--status"), ("test", "CONNECTOR"), ("test halopsa extra", "extra"),
            ("test halopsa --setting", "--setting"), ("test halopsa --json=yes", "--json"),
            ("test halopsa --setting tenantURL", "--setting"),
            ("simulate acme", "halopsa"), ("simulate halopsa --fault nonsense", "nonsense"), ("simulate halopsa --port 70000", "--port"),
            ("test halopsa --setting-file clientSecret=/does/not/exist", "/does/not/exist"),
            ("test halopsa --language fr", "--language: “fr”"), ("test halopsa --connectors /does/not/exist", "“/does/not/exist”"),
            ("connectors --connectors /etc/passwd", "“/etc/passwd”"), ("connectors --connectors ''", "--connectors: The value is empty"),
            ("data --data ''", "--data: The value is empty"), ("data --data /does/not/exist", "--data: There is no folder"),
            ("data tickets --native", "--native: It goes with --json only"),
            ("serve --demo --database postgresql://db/vectis", "--demo: It does not go with --database"),
            ("serve --address localhost", "“localhost” is not an IP address"),
            ("serve --address 127.evil.example", "“127.evil.example” is not an IP address"),
            ("serve --address [::1]", "“[::1]” is not an IP address"),
            ("serve --address ''", "--address: The value is empty"), ("serve --address 192.0.2.1", "--allow-remote"),
            ("serve --public-host http://vectis.example.com/", "--public-host: “http://vectis.example.com/”"),
            ("serve --public-host 'a b'", "“a b”"), ("serve --public-host [::g]", "“[::g]”"), ("serve --public-host a..b", "“a..b”"),
            ("serve --public-host a:99999", "“a:99999”"),
            ("serve --public-host *.x.de", "“*.x.de”"),
            ("serve --public-host münchen.de", "“münchen.de”"), ("serve --public-host ''", "--public-host: The value is empty"),
        ])
    func usage(line: String, word: String) async throws {
        let fixture = CommandLineFixture(environment: [
            "HALOPSA_TENANT_URL": "acme.halopsa.com", "HALOPSA_CLIENT_ID": "i", "HALOPSA_CLIENT_SECRET": "s",
        ])
        let result = try await fixture.run(line)
        #expect(result.status == 2)
        #expect(result.output.isEmpty)
        #expect(result.messages.contains(word), "\(result.messages)")
        guard !line.contains("--native") else { return }
        let json = try await fixture.run(line + " --json")
        #expect(json.status == 2)
        #expect(json.json?["code"]?.string == "usage.invalid")
        #expect(json.messages.isEmpty)
    }

    @Test(
        "what an option names and is not there, or can't be used, is no misspelt command",
        arguments: [
            ("ticket create --connector halopsa --summary x --attach /does/not/exist", "unusable_file"),
            ("data --data /does/not/exist", "unusable_file"), ("connectors --connectors /does/not/exist", "unusable_file"),
            ("test halopsa --setting-file clientSecret=/does/not/exist", "unusable_file"),
            ("simulate halopsa --fault bogus", "unusable_value"), ("list tickets --connector halopsa --limit many", "unusable_value"),
            ("test halopsa --allow-network 300.1", "unusable_value"),
        ])
    func unusableValue(line: String, cause: String) async throws {
        let fixture = CommandLineFixture(environment: [
            "HALOPSA_TENANT_URL": "acme.halopsa.com", "HALOPSA_CLIENT_ID": "i", "HALOPSA_CLIENT_SECRET": "s",
        ])
        let result = try await fixture.run(line + " --json")
        #expect(result.status == 2 && result.json?["code"]?.string == "usage.invalid")
        #expect(result.json?["causes"]?.elements.first?["id"]?.string == cause, "\(result.output)")
        let misspelt = try await fixture.run("list tickets --conector halopsa --json")
        #expect(misspelt.json?["causes"]?.elements.map { $0["id"]?.string } == ["misspelt"])
    }

    @Test(
        "a surplus argument is named as one, with the option that was probably meant",
        arguments: [
            ("list tickets halopsa", "did you mean --connector halopsa?"),
            ("ticket show 1001 --connector halopsa", "did you mean --ticket 1001?"),
            ("test halopsa extra", "“extra” is one argument too many. Usage: vectis test CONNECTOR"), ("simulate", "“halopsa” is missing."),
        ])
    func surplusArgument(line: String, words: String) async throws {
        let result = try await fixture.run(line)
        #expect(result.status == 2 && result.messages.contains(words), "\(result.messages)")
        #expect(!result.messages.contains("“”"))
    }

    @Test func conformanceNeedsAConnectorOrTheOptionForItsReference() async throws {
        let page = try await fixture.run("conformance --help")
        #expect(page.lines.prefix(2) == ["vectis conformance CONNECTOR", "vectis conformance --markdown"])
    }

    @Test func everyCommandButTheTourPrintsJSONOnRequest() {
        for command in CommandLineProgram.commands {
            #expect(command.form.options.contains(.json) == (command.form.tokens != ["tour"]), "\(command.form.usage)")
        }
    }

    @Test(
        "an action through a placeholder is refused before any setting is asked for",
        arguments: ["ticket create --summary x --connector", "list tickets --connector", "sync --once"])
    func placeholderActions(line: String) async throws {
        for name in BuiltIns.placeholders {
            let result = try await fixture.run("\(line) \(name) --json")
            #expect(result.status == 2 && result.json?["code"]?.string == "connector.placeholder", "\(result.output)")
            let tested = try await fixture.run("test \(name) --json")
            #expect(tested.json?["code"]?.string == "config.missing_field")
        }
    }

    @Test func aListHasOneNameInEveryCommandAndAShortOneForStatusesAndPriorities() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            for name in ["statuses", "priorities"] {
                let full = try await fixture.run("list ticket-\(name) --connector halopsa --allow-loopback")
                let short = try await fixture.run("list \(name) --connector halopsa --allow-loopback")
                #expect(full.status == 0 && full.output == short.output)
                let folder = try TemporaryFolder()
                let synced = try await fixture.run(
                    "sync halopsa --once --allow-loopback --data \(folder.path)/d --resource \(name) --no-rate-limit")
                #expect(synced.status == 0, "\(synced.messages)")
                let copy = try await fixture.run("data \(name) --data \(folder.path)/d")
                let fullCopy = try await fixture.run("data ticket-\(name) --data \(folder.path)/d")
                #expect(copy.status == 0 && copy.output == fullCopy.output)
            }
            let one = try await fixture.run("list tickets --connector halopsa --allow-loopback --limit 1")
            #expect(one.messages.contains("1 ticket (stopped at --limit)"))
        }
        #expect(try await fixture.run("help list").output.contains("ticket-statuses, ticket-priorities"))
    }

    @Test func anAddressOfThisMachineLeadsToTheOptionForASimulator() async throws {
        for address in ["http://127.0.0.1:8123", "http://localhost:8123", "https://[::1]"] {
            let result = try await fixture.run("test halopsa --setting tenantURL=\(address) --setting clientID=x")
            let first = result.messages.split(separator: "\n").first { $0.contains("  1. ") }
            #expect(first?.contains("--allow-loopback") == true, "\(result.messages)")
        }
        let network = try await fixture.run("test halopsa --setting tenantURL=https://10.0.0.9 --setting clientID=x")
        #expect(!network.messages.contains("--allow-loopback"))
    }

    @Test func noLineOfAnErrorEndsWithASpace() async throws {
        let folder = try TemporaryFolder()
        for line in ["key rotate --data \(folder.path)/none", "database check --data \(folder.path)/none"] {
            let result = try await fixture.run(line)
            #expect(result.status != 0 && !result.messages.split(separator: "\n").contains { $0.hasSuffix(" ") }, "\(result.messages)")
        }
    }

    @Test(
        "an invalid value of a setting links to the part of the guide that explains the setting",
        arguments: ["halopsa"] + BuiltIns.placeholders)
    func guideOfSetting(name: String) throws {
        let descriptor = try BuiltInConnectors.registry().descriptor(named: name)
        let all = Dictionary(uniqueKeysWithValues: descriptor.settings.fields.map { ($0.key, $0.example) })
        for field in descriptor.settings.fields {
            var input = SettingsInput()
            for (key, example) in all { input[key] = Secret(example) }
            let value: String
            switch field.kind {
            case .integer, .flag: value = "perhaps"
            case .serviceURL: value = "https://a b"
            default: value = "a\u{7}b"
            }
            input[field.key] = Secret(value)
            let issues = descriptor.settings.validate(input, policy: .publicOnly).issues.filter { $0.field == field.key }
            #expect(issues.count == 1, "\(field.key)")
            guard !issues.isEmpty else { continue }
            #expect(PSAError(settings: issues, descriptor: descriptor).guidance.guide == field.guideAnchor, "\(field.key)")
        }
    }

    @Test func everyCommandHasHelp() async throws {
        let overview = try await fixture.run("help")
        #expect(overview.status == 0)
        for line in [
            "connectors", "connectors show", "test", "list", "ticket create", "ticket note", "ticket reply", "ticket status",
            "ticket attachment", "errors", "new-connector", "simulate", "tour",
        ] {
            #expect(overview.output.contains("vectis " + line))
            let page = try await fixture.run(line + " --help")
            #expect(page.status == 0 && page.output.contains("--help"))
            #expect(try await fixture.run(line + " -h").output == page.output)
            #expect(try await fixture.run("help " + line).output == page.output)
        }
    }

    @Test("a group of commands has help of its own, and the error of an unknown command in it lists only the commands of the group")
    func groups() async throws {
        for line in ["ticket --help", "ticket -h", "help ticket"] {
            let result = try await fixture.run(line)
            #expect(result.status == 0 && result.output.contains("vectis ticket create") && !result.output.contains("vectis list"))
        }
        for line in ["ticket", "ticket destroy"] {
            let result = try await fixture.run(line)
            #expect(result.status == 2 && result.messages.contains("ticket attachment") && !result.messages.contains("database check"))
        }
        #expect(try await fixture.run("help luck").status == 2)
    }

    @Test("a command that is cancelled before anything was refused ends with 130")
    func cancelled() async throws {
        try await CommandLineFixture.withHalo(faults: ["silent"]) { fixture, _ in
            for line in [
                "list tickets --connector halopsa --allow-loopback", "ticket create --connector halopsa --summary x --allow-loopback",
            ] {
                let command = Task { try await fixture.run(line) }
                command.cancel()
                let result = try await command.value
                #expect(result.status == 130 && result.messages.contains("Cancelled."), "\(line): \(result)")
            }
        }
    }

    @Test(
        "a file that can't be used is named as the cause, with the reason",
        arguments: [
            ("test halopsa --setting-file clientSecret=/does/not/exist", "There is no file “/does/not/exist”"),
            ("test halopsa --setting-file clientSecret=/etc/passwd/x", "There is no file “/etc/passwd/x”"),
            ("test halopsa --setting-file clientSecret=/etc", "“/etc” can't be read: Is a directory"),
            ("test halopsa --setting-file clientSecret=/dev/zero", "“/dev/zero” is larger than 64 KiB"),
            ("ticket create --connector halopsa --summary x --attach /does/not/exist", "There is no file “/does/not/exist”"),
            ("ticket create --connector halopsa --summary x --attach /etc", "“/etc” can't be read, or is not a regular file"),
        ])
    func unusableFile(line: String, words: String) async throws {
        let fixture = CommandLineFixture(environment: ["HALOPSA_TENANT_URL": "acme.halopsa.com", "HALOPSA_CLIENT_ID": "i"])
        let result = try await fixture.run(line)
        #expect(result.status == 2 && result.messages.contains(words), "\(result.messages)")
        #expect(result.messages.contains("Correct the path"), "\(result.messages)")
        let misspelt = result.messages.firstRange(of: "A word is misspelt")?.lowerBound ?? result.messages.endIndex
        #expect(result.messages.firstRange(of: "The file or folder that the command names").map { $0.lowerBound < misspelt } ?? false)
    }

    @Test(
        "colours and redrawing follow NO_COLOR and TERM",
        arguments: [
            ([:], true, true), (["TERM": "xterm"], true, true), (["TERM": "xterm", "NO_COLOR": "1"], false, true),
            (["NO_COLOR": ""], true, true), (["TERM": "dumb"], false, false),
        ] as [([String: String], Bool, Bool)])
    func terminal(environment: [String: String], hasColours: Bool, redraws: Bool) {
        let terminal = TerminalAbilities(environment)
        #expect(terminal.hasColours == hasColours && terminal.redraws == redraws)
    }

    @Test("the version is the newest of the changelog, with -dev until that is published")
    func version() async throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Docs/CHANGELOG.md")
        let headings = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("## ") }
        let newest = try #require(headings.first { $0 != "## Versions" }).dropFirst(3)
        for line in ["--version", "version"] {
            let result = try await fixture.run(line)
            let version = try #require(result.output.split(separator: " ").last).trimmingCharacters(in: .newlines)
            #expect(result.status == 0 && result.output.hasPrefix("vectis "))
            #expect(newest == "Unreleased" ? version.hasSuffix("-dev") : newest.hasPrefix(version))
        }
    }
}

@Suite("vectis serve")
struct ServeCommandTests {
    @Test(
        "an address other than loopback needs its option",
        arguments: ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1"])
    func remoteAddress(address: String) async throws {
        let folder = try TemporaryFolder()
        let result = try await CommandLineFixture().run("serve --port 0 --data '\(folder.path)/data' --address \(address)")
        #expect(result.status == 2)
        #expect(result.messages.contains("--allow-remote"))
        // Rejected before anything is created.
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/data"))
    }

    @Test(
        "names and addresses of a network of one's own are public hosts too",
        arguments: [
            "vectis", "vectis.local", "my_host", "Vectis.Example.com", "vectis.example.com:443", "192.168.1.5:8080", "[fd00::1]:8080",
        ])
    func publicHost(_ host: String) async throws {
        let folder = try TemporaryFolder()
        let line = "serve --port 0 --data '\(folder.path)/data' --no-sync --until-input-ends --public-host \(host)"
        let result = try await VectisRun.shell("\"$0\" \(line) </dev/null")
        #expect(result.status == 0 && result.output.contains("Vectis listens on"), "\(result.output)")
    }

    @Test func aTenantOnLoopbackIsRejectedWithoutItsOption() async throws {
        let folder = try TemporaryFolder()
        let host = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        let answer = try await browser.submit(
            "/integrations/new/halopsa",
            ["tenantURL": "https://127.0.0.1:9", "clientID": "x", "clientSecret": "y", "action": "test"], to: host)
        #expect(answer.status == 422)
        #expect(String(decoding: answer.body, as: UTF8.self).contains("an address of a private or local network"))
        await host.kill()
        withExtendedLifetime(folder) {}
    }

    @Test func aDemoRefusesAFolderThatHasConnections() async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        let storage = try await DatabaseStorage.open(data.database, health: StorageHealth())
        try await storage.add(StoredConnection.sample(), audit: .sample(.connectionCreated))
        await storage.close()
        let result = try await CommandLineFixture().run("serve --demo --port 0 --data '\(folder.path)'")
        #expect(result.status == 2 && result.messages.contains("has connections"), "\(result.messages)")
        #expect(FileManager.default.fileExists(atPath: data.database))
    }

    @Test func anUncreatableDataFolderIsReportedByName() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/file"
        try Data().write(to: URL(fileURLWithPath: path))
        let result = try await CommandLineFixture().run("serve --port 0 --data '\(path)/data'")
        #expect(result.status == 5)
        #expect(result.messages.contains(path))
    }
}

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
