import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Synchronization
import TestSupport
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Runs command lines in this process and records their output.
struct CommandLineFixture: Sendable {
    struct Result: Sendable {
        var status: Int32
        var output: String
        var messages: String

        /// The lines of the output.
        var lines: [String] { output.split(separator: "\n").map(String.init) }
        /// The first line as JSON.
        var json: JSONView? { lines.first.flatMap { try? JSONDocument(Array($0.utf8)).root } }
    }

    var environment: [String: String]
    var askSecret: (@Sendable (String) -> String?)?
    var isTerminal = false

    /// A fixture without a PSA.
    init(environment: [String: String] = [:]) { self.environment = environment }

    /// Runs a test with the settings of a simulator in the environment.
    static func withHalo(faults: [String] = [], tickets: Int = 250, _ body: (CommandLineFixture, HaloSimulator) async throws -> Void)
        async throws
    {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = tickets
        let server = try HaloSimulatorServer.start(configuration: configuration)
        let fixture = CommandLineFixture(environment: [
            "HALOPSA_TENANT_URL": "http://127.0.0.1:\(server.port)", "HALOPSA_CLIENT_ID": HaloSimulator.Configuration.demoClientID,
            "HALOPSA_CLIENT_SECRET": HaloSimulator.Configuration.demoClientSecret, "HALOPSA_TICKET_TYPE_ID": "1",
        ])
        do {
            await server.simulator.setFaults(try faults.map(HaloFault.init(parsing:)))
            try await body(fixture, server.simulator)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    /// Runs a test with the settings of a server that counts five tickets and gives two.
    static func withShortList(_ body: (CommandLineFixture) async throws -> Void) async throws {
        let server = try WebServer.start(.test) { request in
            let isFirst = request.query.contains { $0.name == "page_no" && $0.value == "1" }
            let rows = isFirst ? #"[{"id":1,"summary":"a"},{"id":2,"summary":"b"}]"# : "[]"
            let text =
                request.path == "/auth/token"
                ? #"{"access_token":"t","expires_in":3600,"scope":"all"}"# : #"{"record_count":5,"tickets":\#(rows)}"#
            return WebResponse(status: 200, headers: ["Content-Type": "application/json"], body: .bytes(Array(text.utf8)))
        }
        let fixture = CommandLineFixture(environment: [
            "HALOPSA_TENANT_URL": "http://127.0.0.1:\(server.port)", "HALOPSA_CLIENT_ID": "id",
            "HALOPSA_CLIENT_SECRET": "a-secret-of-some-length", "HALOPSA_TICKET_TYPE_ID": "1",
        ])
        do {
            try await body(fixture)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    static let transport = CurlTransport()

    /// Runs one command line as typed; an argument with spaces is in single quotes.
    func run(_ line: String) async throws -> Result {
        let (output, messages) = (RecordingSink(), RecordingSink())
        let console = Console(
            output: output, messages: messages, outputIsTerminal: isTerminal, messagesAreTerminal: isTerminal, askSecret: askSecret)
        let program = CommandLineProgram(
            registry: try BuiltInConnectors.registry(), console: console, environment: environment, transport: Self.transport,
            time: SkippingClock(maxSkippedLength: .milliseconds(9_999)).source,
            connectionTestLimit: .seconds(300))
        let status = await program.run(Self.words(line))
        return Result(status: status, output: output.text, messages: messages.text)
    }

    private static func words(_ line: String) -> [String] {
        line.split(separator: "'", omittingEmptySubsequences: false).enumerated()
            .flatMap { index, piece in index.isMultiple(of: 2) ? piece.split(separator: " ").map(String.init) : [String(piece)] }
    }
}
