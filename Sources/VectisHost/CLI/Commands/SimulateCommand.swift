import HaloSimulator
import PSACore

/// The command `vectis simulate halopsa`.
struct SimulateCommand: Command {
    let form = CommandDefinition(
        words: ["simulate"], summary: "run a HaloPSA stand-in on 127.0.0.1", positions: ["halopsa"],
        options: [.port, .tickets, .fault, .applicationScopes, .untilInputEnds, .json])

    func run(_ command: ParsedCommand, in program: CommandLineProgram) async throws -> CommandLineProgram.ExitStatus {
        guard command.positions.first == "halopsa" else { throw UsageError.unknown(command.positions.first ?? "", known: ["halopsa"]) }
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
            throw UsageError.invalid(CommandOption.port.rawValue, .cannotListen)
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
                A HaloPSA stand-in with \(configuration.ticketCount) tickets listens on \(address). Stop it with Ctrl-C.

                  export HALOPSA_TENANT_URL=\(address)
                  export HALOPSA_CLIENT_ID=\(configuration.clientID)
                  export HALOPSA_CLIENT_SECRET=\(configuration.clientSecret)
                  vectis test halopsa --allow-loopback

                Faults can be switched while it runs: curl -X PUT \(address)/_simulator/faults -d '["deny:ClientContract"]'
                """)
        }
    }
}
