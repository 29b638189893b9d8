import Foundation
import Glibc
import HaloSimulator
import PSACore
import Synchronization
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The built program as a user starts it.
@Suite("The vectis process")
struct ProcessTests {
    @Test func theTourEndsByItselfWithSuccess() async throws {
        let result = try await VectisRun.run(["tour"])
        #expect(result.status == 0, "\(result.output)")
        for part in [
            "Connected to 127.0.0.1", "auth.invalid_client", "permission.scope_missing", "auth.endpoint_not_found",
            "ticket.default_invalid",
        ] {
            #expect(result.output.contains(part))
        }
    }

    @Test func theExitStatusReachesTheShell() async throws {
        #expect(try await VectisRun.run(["connectors"]).status == 0)
        #expect(try await VectisRun.run(["connectors", "show", "nobody"]).status == 2)
    }
}

@Suite("vectis with terminals and pipes")
struct RobustnessTests {
    @Test func aTestTicketIsCreatedAndRemovedOnlyOnRequest() async throws {
        try await CommandLineFixture.withHalo { fixture, simulator in
            let plain = try await fixture.run("test halopsa --allow-loopback")
            #expect(!plain.output.contains("Test ticket"))
            let asked = try await fixture.run("test halopsa --allow-loopback --create-test-ticket")
            #expect(asked.status == 0 && asked.output.contains("was created, read back and deleted again"))
            #expect(await simulator.ticketCount() == 250)
        }
    }

    @Test func aRejectedTestTicketFailsTheTest() async throws {
        try await CommandLineFixture.withHalo(faults: ["error-shape:string"]) { fixture, _ in
            let result = try await fixture.run("test halopsa --allow-loopback --create-test-ticket --json")
            #expect(result.status == 3 && result.json?["vendor"]?["status"]?.integer == 400)
        }
    }

    @Test(
        "a time is read strictly and to its end",
        arguments: [
            "2026-11-01T25:99:00Z", "2026-02-31", "2026-11-01T08:00Z", "2026-11-01garbage", "01.11.2026", "2026-11-01T08:00:00+2",
        ])
    func nonsenseTime(text: String) async throws {
        let fixture = CommandLineFixture(environment: [
            "HALOPSA_TENANT_URL": "acme.halopsa.com", "HALOPSA_CLIENT_ID": "i", "HALOPSA_CLIENT_SECRET": "s",
        ])
        let result = try await fixture.run("list tickets --connector halopsa --changed-since \(text)")
        #expect(result.status == 2 && result.messages.contains(text.prefix(10)))
    }

    @Test(
        "control sequences in a ticket's summary do not reach the terminal",
        arguments: [
            "\u{1B}]0;pwned\u{07}\u{1B}[2J", "line\r\nbreak", "a\u{2028}b", "a\u{85}b", "right\u{202E}left", "\u{9B}31m",
        ])
    func escapes(text: String) {
        let shown = text.onOneLine
        #expect(!shown.unicodeScalars.contains { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format })
        #expect(!shown.contains { $0.isNewline })
    }

    @Test func aListStopsWhenItsReaderIsGone() async throws {
        try await CommandLineFixture.withHalo(tickets: 2_000) { fixture, simulator in
            let gone = GoneSink(after: 5)
            let console = Console(output: gone, messages: RecordingSink())
            let program = CommandLineProgram(
                registry: try BuiltInConnectors.registry(), console: console, environment: fixture.environment,
                transport: CommandLineFixture.transport)
            let status = await program.run(["list", "tickets", "--connector", "halopsa", "--allow-loopback", "--no-rate-limit"])
            #expect(status == 0)
            #expect(await simulator.requestLog().count < 10)
        }
    }

    @Test func outputThatCannotBeWrittenIsAnErrorOfTheMachine() async throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let messages = RecordingSink()
        let program = CommandLineProgram(
            registry: try BuiltInConnectors.registry(), console: Console(output: FileSink(descriptor: full), messages: messages),
            environment: [:], transport: CommandLineFixture.transport)
        #expect(await program.run(["errors"]) == 5)
        #expect(messages.text.contains("The output could not be written") && messages.text.contains("No space left on device"))
        #expect(messages.text.contains("host.output_unusable"))
        // An error of the command itself says more.
        #expect(await program.run(["errors", "none.such", "--json"]) == 2)
    }

    @Test func aListThatCannotBeWrittenStopsAndIsAnError() async throws {
        try await CommandLineFixture.withHalo(tickets: 2_000) { fixture, simulator in
            let full = open("/dev/full", O_WRONLY)
            defer { close(full) }
            let program = CommandLineProgram(
                registry: try BuiltInConnectors.registry(),
                console: Console(output: FileSink(descriptor: full), messages: RecordingSink()), environment: fixture.environment,
                transport: CommandLineFixture.transport)
            let status = await program.run(["list", "tickets", "--connector", "halopsa", "--allow-loopback", "--no-rate-limit"])
            #expect(status == 5)
            #expect(await simulator.requestLog().count < 10)
        }
    }

    @Test func nothingIsWrittenIntoAFileThatGotTheNumberOfAClosedStream() async throws {
        let result = try await VectisRun.shell("\"$0\" errors >&-; echo \"ended with $?\"")
        #expect(result.output.contains("Bad file descriptor") && result.output.hasSuffix("ended with 5\n"), "\(result.output)")
    }

    @Test func aSecretInAFileThatIsNotUTF8IsRefusedAsItIs() async throws {
        let folder = try TemporaryFolder()
        try Data([0x73, 0xE4, 0x66]).write(to: URL(fileURLWithPath: folder.file("latin1.txt")))
        let fixture = CommandLineFixture(environment: ["HALOPSA_TENANT_URL": "acme.halopsa.com", "HALOPSA_CLIENT_ID": "i"])
        let result = try await fixture.run("test halopsa --setting-file clientSecret=\(folder.file("latin1.txt"))")
        #expect(result.status == 2 && result.messages.contains("is not text in UTF-8"), "\(result.messages)")
    }

    @Test func aSecretIsReadFromAPipe() async throws {
        try await CommandLineFixture.withHalo { fixture, _ in
            let pipe = Pipe()
            try pipe.fileHandleForWriting.write(contentsOf: Data((HaloSimulator.Configuration.demoClientSecret + "\n").utf8))
            try pipe.fileHandleForWriting.close()
            var fixture = fixture
            fixture.environment["HALOPSA_CLIENT_SECRET"] = nil
            let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
            let result = try await fixture.run("test halopsa --allow-loopback --setting-file clientSecret=\(path)")
            #expect(result.status == 0, "\(result.messages)")
        }
    }

    @Test(
        "guidance is in the requested language",
        arguments: [
            ("--language de", [:], true), ("--language en", ["LANG": "de_DE.UTF-8"], false), ("", ["LANG": "de_AT.UTF-8"], true),
            ("", ["LANG": "C"], false),
        ])
    func language(option: String, variables: [String: String], isGerman: Bool) async throws {
        var fixture = CommandLineFixture(environment: variables)
        fixture.environment["HALOPSA_TENANT_URL"] = "acme.halopsa.com"
        let result = try await fixture.run("test halopsa \(option)")
        #expect(result.messages.contains("Was zu tun ist") == isGerman && result.messages.contains("What to do") == !isGerman)
        let json = try await fixture.run("test halopsa --json \(option)")
        #expect(json.json?["code"]?.string == "config.missing_field")
    }

    @Test func anUnsupportedLanguageIsReported() async throws {
        let result = try await CommandLineFixture().run("test halopsa --language fr --json")
        #expect(result.status == 2 && result.json?["code"]?.string == "usage.invalid")
    }
}

/// A reader that leaves after a few lines.
private final class GoneSink: TextSink {
    private let left: Mutex<Int>

    init(after lines: Int) { left = Mutex(lines) }

    var isClosed: Bool { left.withLock { $0 <= 0 } }
    func write(_ text: String) { left.withLock { $0 -= 1 } }
}
