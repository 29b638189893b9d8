import Foundation
import FoundationEssentials
import PSACore
import PSAEngine
import Synchronization
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// `vectis tour`: the commands of this program, run one after the other against a simulator in a process of its own.
struct TourCommand: Command {
    let form = CommandDefinition(tokens: ["tour"], summary: "show the main commands once, against a HaloPSA simulator")

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        let stage = try await DemoTour.open(program)
        defer { stage.close() }
        let failures = try await Self.reading(stage) + Self.writing(stage) + Self.signals(stage, program)
        program.console.line()
        guard failures.isEmpty else {
            program.console.line("The tour did not go as it should:")
            failures.forEach { program.console.line("  \($0)") }
            return .defect
        }
        program.console.line("The tour is over: every step ended as it should. “vectis help” lists the commands.")
        return .done
    }

    private static func reading(_ stage: DemoTour) async throws -> [String] {
        stage.section("What there is, and a connection by name")
        var failures: [String] = []
        failures += await stage.run("connectors", expecting: .done)
        failures += await stage.run("test", "halopsa", expecting: .done)
        failures += await stage.run("list", "companies", "--connector", "halopsa", "--limit", "5", expecting: .done)
        failures += await stage.run("list", "tickets", "--connector", "halopsa", "--limit", "8", expecting: .done)
        failures += await stage.run("list", "ticket-types", "--connector", "halopsa", expecting: .done)
        failures += await stage.run("list", "ticket-priorities", "--connector", "halopsa", "--type", DemoTour.ticketType, expecting: .done)
        return failures
    }

    private static func writing(_ stage: DemoTour) async throws -> [String] {
        stage.section("A ticket from the ticket defaults, a private note, a reply, another status")
        var failures = await stage.run(
            "ticket", "create", "--connector", "halopsa", "--summary", "Backup of SRV-02 failed", "--details", "Third night in a row.",
            "--contact", DemoTour.contact, "--external-reference", "tour-1", "--json", expecting: .done)
        guard let ticket = stage.lastRecordID else { return failures + ["ticket create printed no id"] }
        for tokens in [
            ["note", "--text", "The disk of the backup server is full."], ["reply", "--text", "We are making room and will run it again."],
            ["status", "--status", DemoTour.status], ["show"],
        ] {
            failures += await stage.run(
                ["ticket", tokens[0], "--connector", "halopsa", "--ticket", ticket] + tokens.dropFirst(), expecting: .done)
        }
        failures += await stage.run("list", "notes", "--connector", "halopsa", "--ticket", ticket, expecting: .done)
        return failures
    }

    private static func signals(_ stage: DemoTour, _ program: CommandLineProgram) async throws -> [String] {
        stage.section("400 or 401 when a token is requested: the secret is wrong")
        var failures = await stage.run(
            "test", "halopsa", changing: ["HALOPSA_CLIENT_SECRET": "not-the-secret-of-this-application"], expecting: .refused)
        stage.section("403 on data: the application was not granted contracts")
        let narrow = try await DemoTour.open(program, options: ["--application-scopes", "read:tickets edit:tickets read:customers"])
        failures += await narrow.run("test", "halopsa", expecting: .refused)
        narrow.close()
        stage.section("404 on /auth/token: the tenant URL is wrong")
        try await stage.setFaults(["token-not-found"])
        failures += await stage.run("test", "halopsa", expecting: .refused)
        stage.section("400 on a new ticket: its type does not exist")
        try await stage.setFaults([])
        failures += await stage.run(
            "ticket", "create", "--connector", "halopsa", "--summary", "Printer is jammed", "--type", "999", expecting: .refused)
        return failures
    }
}

/// The environment of the tour: a simulator process, the settings that point to it, and the program whose commands are run.
final class DemoTour: Sendable {
    /// Ids of the simulator's demo data.
    static let (ticketType, status, contact) = ("1", "2", "60")

    private let program: CommandLineProgram
    private let simulator: SimulatorProcess
    private let recording = RecordingSink()

    private init(program: CommandLineProgram, simulator: SimulatorProcess) {
        self.program = program
        self.simulator = simulator
    }

    /// Starts a simulator from this same executable, with options of `vectis simulate`.
    static func open(_ program: CommandLineProgram, options: [String] = []) async throws -> DemoTour {
        let simulator = try await SimulatorProcess.start(options)
        program.console.line("A HaloPSA simulator runs as process \(simulator.processID) at \(simulator.address).")
        return DemoTour(program: program, simulator: simulator)
    }

    /// Ends the simulator.
    func close() { simulator.stop() }

    /// Prints the title of a section.
    func section(_ title: String) { program.console.line("\n━━ \(title) ━━") }

    /// Runs a command as if it had been typed and prints how it ended; returns a message for each failed expectation.
    func run(_ tokens: String..., changing: [String: String] = [:], expecting: CommandLineProgram.ExitStatus) async -> [String] {
        await run(tokens, changing: changing, expecting: expecting)
    }

    /// The same for tokens in an array.
    func run(_ tokens: [String], changing: [String: String] = [:], expecting: CommandLineProgram.ExitStatus) async -> [String] {
        let quoted = tokens.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
        program.console.line("\n$ vectis \(quoted)")
        var console = program.console
        recording.clear()
        console.output = TeeSink(first: program.console.output, second: recording)
        // In a recorded tour both streams end up in one file; the order of lines must survive that.
        console.messages = program.console.messagesAreTerminal ? program.console.messages : program.console.output
        let typed = CommandLineProgram(
            registry: program.registry, console: console, environment: environment.merging(changing) { $1 }, transport: program.transport,
            time: program.time, connectionTestLimit: .seconds(60))
        let connects = ["test", "list", "ticket"].contains(tokens.first)
        let status = await typed.run(tokens + (connects ? ["--allow-loopback"] : []))
        program.console.line("(exit status \(status))")
        return status == expecting.rawValue ? [] : ["vectis \(quoted) ended with \(status) instead of \(expecting.rawValue)"]
    }

    /// The id in the JSON line that the last command printed.
    var lastRecordID: String? {
        (try? JSONDocument(Array(recording.text.utf8)))?.root["id"]?.string
    }

    /// Makes the simulator misbehave.
    func setFaults(_ names: [String]) async throws {
        var request = TransportRequest(
            .put, try ServiceURL(typed: simulator.address, policy: .allowingLoopback), route: "/_simulator/faults",
            headers: ["Content-Type": "application/json"], body: JSONValue.array(names.map(JSONValue.string)).encoded,
            addressPolicy: .allowingLoopback)
        request.timeout = .seconds(10)
        let response = try await program.transport.send(request)
        guard (200...299).contains(response.status) else {
            throw PSAError(
                .connectorDefect, evidence: CoreMessage.answered(status: response.status, shape: BodyShape(of: response.body), code: nil))
        }
    }

    private var environment: [String: String] {
        [
            "HALOPSA_TENANT_URL": simulator.address, "HALOPSA_CLIENT_ID": simulator.clientID,
            "HALOPSA_CLIENT_SECRET": simulator.clientSecret.reveal(),
            "HALOPSA_TICKET_TYPE_ID": Self.ticketType, "HALOPSA_TICKET_STATUS_ID": "1", "HALOPSA_TICKET_PRIORITY_ID": "3",
        ]
    }
}

/// Collects text.
final class RecordingSink: TextSink {
    private let kept = Mutex("")

    /// Everything written since the last clearing.
    var text: String { kept.withLock { $0 } }

    func write(_ text: String) { kept.withLock { $0 += text } }
    func clear() { kept.withLock { $0 = "" } }
}

/// Writes to two sinks.
private struct TeeSink: TextSink {
    let first: any TextSink
    let second: any TextSink

    func write(_ text: String) {
        first.write(text)
        second.write(text)
    }
}
