import Glibc
import PSACore
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("External connectors on the command line", .timeLimit(.minutes(2)))
struct ExternalConnectorCommandTests {
    /// The example's PSA, with one company and no ticket.
    private static func server() throws -> WebServer {
        try WebServer.start(.init()) { request in
            let row = request.path == "/api/companies" ? #"{"id": 7, "name": "Acme", "active": true}"# : ""
            let body = #"{"name": "Vectis", "companies": [\#(row)], "tickets": [], "more": false}"#
            let isKnown = request.headers["Authorization"] == "Bearer example-key"
            return WebResponse(status: isKnown ? 200 : 401, body: .bytes(Array((isKnown ? body : "{}").utf8)))
        }
    }

    private static func fixture(_ server: WebServer, key: String = "example-key") -> CommandLineFixture {
        CommandLineFixture(environment: [
            "EXAMPLE_PSA_SERVER_URL": "http://127.0.0.1:\(server.port)", "EXAMPLE_PSA_API_KEY": key,
        ])
    }

    @Test func theyAreListedBesideTheBuiltInOnesWithReasonsForBrokenOnes() async throws {
        let folder = try ProgramFolder()
        try folder.addBrokenOne()
        let result = try await CommandLineFixture().run("connectors --connectors '\(folder.path)'")
        #expect(result.status == 0)
        #expect(result.lines.contains { $0.hasPrefix("halopsa ") })
        #expect(result.lines.contains { $0.hasPrefix("example-psa ") && $0.contains("5 capabilities") })
        #expect(result.lines.last == "broken          not usable: The program ended by itself with status 1.")
    }

    @Test func aProgramReadsWhyOneIsNotUsable() async throws {
        let folder = try ProgramFolder()
        try folder.addBrokenOne()
        let result = try await CommandLineFixture().run("connectors --json --connectors '\(folder.path)'")
        let last = try JSONDocument(Array((result.lines.last ?? "").utf8)).root
        #expect(last["file"]?.string == "broken")
        #expect(last["usable"]?.bool == false)
        #expect(last["reason"]?.string == "The program ended by itself with status 1.")
    }

    @Test func aPassedTestReportsConnected() async throws {
        let (folder, server) = (try ProgramFolder(), try Self.server())
        let result = try await Self.fixture(server).run("test example-psa --connectors '\(folder.path)' --allow-loopback")
        #expect(result.status == 0, "\(result.messages)")
        #expect(result.lines.last == "Connected to 127.0.0.1:\(server.port)")
        await server.stop()
    }

    @Test func aRejectionUsesTheConnectorsMessageAndLabels() async throws {
        let (folder, server) = (try ProgramFolder(), try Self.server())
        let result = try await Self.fixture(server, key: "another-key").run(
            "list companies --connector example-psa --connectors '\(folder.path)' --allow-loopback")
        #expect(result.status == 3)
        #expect(result.messages.contains("Example PSA does not accept the API key  [auth.token_rejected]"))
        #expect(result.messages.contains("Setting to change: API key"))
        await server.stop()
    }

    @Test func rowsAreListed() async throws {
        let (folder, server) = (try ProgramFolder(), try Self.server())
        let result = try await Self.fixture(server).run(
            "list companies --connector example-psa --connectors '\(folder.path)' --allow-loopback --json --native")
        #expect(result.json?["name"]?.string == "Acme")
        #expect(result.json?["native"]?["id"]?.integer == 7)
        await server.stop()
    }

    @Test func aFolderWritableByOthersIsReportedByName() async throws {
        let folder = try ProgramFolder()
        chmod(folder.path, 0o777)
        let result = try await CommandLineFixture().run("connectors --connectors '\(folder.path)'")
        #expect(result.status == 2)
        #expect(result.messages.contains("chmod go-w \(folder.path)"))
    }

    @Test func withoutTheFolderTheyAreUnknown() async throws {
        let result = try await CommandLineFixture().run("connectors show example-psa")
        #expect(result.status == 2)
        #expect(result.messages.contains("config.unknown_connector"))
    }
}
