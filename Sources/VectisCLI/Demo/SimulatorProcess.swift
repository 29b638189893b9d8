import Foundation
import Glibc
import HaloSimulator
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import VectisStorage
import VectisWeb

/// The command `vectis simulate halopsa`.
struct SimulateCommand: Command {
    let form = CommandDefinition(
        tokens: ["simulate"], summary: "run a HaloPSA simulator on 127.0.0.1", arguments: ["halopsa"],
        options: [.port, .tickets, .fault, .applicationScopes, .untilInputEnds, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard let name = command.arguments.first else { throw UsageError.missing("“halopsa”") }
        guard name == "halopsa" else { throw UsageError.unknown(name, known: ["halopsa"]) }
        if command.all(.fault).contains("list") {
            HaloFault.catalogue.forEach { program.console.line("\(Columns.pad($0.name, to: 36))\($0.summary)") }
            return .done
        }
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = try command.integer(.tickets, in: 0...1_000_000) ?? configuration.ticketCount
        if let scopes = command[.applicationScopes] { configuration.applicationScopes = scopes.split(separator: " ").map(String.init) }
        let faults = try command.all(.fault).map(Self.fault)
        let port = UInt16(try command.integer(.port, in: 0...65_535) ?? 0)
        let server = try Self.start(configuration, port: port)
        await server.simulator.setFaults(faults)
        Self.announce(server, configuration, command, program.console)
        await ShutdownSignal.wait(inputCounts: command.has(.untilInputEnds))
        await server.stop()
        return .done
    }

    private static func start(_ configuration: HaloSimulator.Configuration, port: UInt16) throws -> HaloSimulatorServer {
        do {
            return try HaloSimulatorServer.start(configuration: configuration, port: port)
        } catch {
            throw PSAError(.portInUse, name: "127.0.0.1 port \(port)")
        }
    }

    private static func fault(_ text: String) throws -> HaloFault {
        do {
            return try HaloFault(parsing: text)
        } catch let error as HaloFaultError {
            throw UsageError.invalid(CommandOption.fault.rawValue, .notAFault(error.message))
        }
    }

    private static func announce(
        _ server: HaloSimulatorServer, _ configuration: HaloSimulator.Configuration, _ command: ParsedCommand, _ console: Console
    ) {
        let address = "http://127.0.0.1:\(server.port)"
        if command.has(.json) {
            let facts: JSONValue = [
                "url": .string(address), "clientID": .string(configuration.clientID), "clientSecret": .string(configuration.clientSecret),
            ]
            console.line(facts.encodedText)
        } else {
            console.line(
                """
                A HaloPSA simulator with \(configuration.ticketCount) tickets listens on \(address). Stop it with Ctrl-C.

                  export HALOPSA_TENANT_URL=\(address)
                  export HALOPSA_CLIENT_ID=\(configuration.clientID)
                  export HALOPSA_CLIENT_SECRET=\(configuration.clientSecret)
                  vectis test halopsa --allow-loopback

                Faults can be switched while it runs: curl -X PUT \(address)/_simulator/faults -d '["deny:ClientContract"]'
                """)
        }
    }
}

/// A HaloPSA simulator in a process of its own, started from this program's executable.
final class SimulatorProcess: Sendable {
    /// Where it listens.
    let address: String
    /// The id of its demo application.
    let clientID: String
    /// The secret of its demo application.
    let clientSecret: Secret
    /// Its process id.
    let processID: Int32
    /// Its standard input: it ends when this is closed, also when this program is killed.
    private let lifeline: Int32

    private init(address: String, clientID: String, clientSecret: Secret, processID: Int32, lifeline: Int32) {
        self.address = address
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.processID = processID
        self.lifeline = lifeline
    }

    /// Starts it with options of `vectis simulate` and waits for its address.
    static func start(_ options: [String] = []) async throws -> SimulatorProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["simulate", "halopsa", "--json", "--until-input-ends"] + options
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        do {
            try process.run()
        } catch {
            throw PSAError(.connectorDefect, evidence: SimulatorMessage.notStarted)
        }
        let facts = await firstLine(of: output.fileHandleForReading)
        guard let root = try? JSONDocument(facts).root, let address = root["url"]?.string, let id = root["clientID"]?.string,
            let secret = root["clientSecret"]?.string
        else {
            throw PSAError(.connectorDefect, evidence: SimulatorMessage.silent)
        }
        // A duplicate outlives the pipe object; closing it ends the simulator.
        return SimulatorProcess(
            address: address, clientID: id, clientSecret: Secret(secret), processID: process.processIdentifier,
            lifeline: dup(input.fileHandleForWriting.fileDescriptor))
    }

    /// Ends it.
    func stop() { close(lifeline) }

    private static func firstLine(of handle: FileHandle) async -> [UInt8] {
        await withCheckedContinuation { continuation in
            // Reading blocks, so it gets a queue with a thread of its own; the global queues share their threads with tasks.
            DispatchQueue(label: "child process").async {
                var line: [UInt8] = []
                while !line.contains(UInt8(ascii: "\n")), case let more = handle.availableData, !more.isEmpty { line += more }
                continuation.resume(returning: line)
            }
        }
    }
}

/// Why a simulator process failed.
private enum SimulatorMessage: LocalizedMessage {
    case notStarted
    case silent

    var values: [String: MessageValue] { [:] }

    func pattern(in language: Language) -> String {
        switch (self, language) {
        case (.notStarted, .english): "The simulator could not be started."
        case (.notStarted, .german): "Der Simulator konnte nicht gestartet werden."
        case (.silent, .english): "The simulator did not report its address."
        case (.silent, .german): "Der Simulator hat seine Adresse nicht gemeldet."
        }
    }
}
