import Foundation
import Glibc
import PSACore
import TestSupport
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("External connectors on the command line", .timeLimit(.minutes(2)))
struct ExternalConnectorCommandTests {
    /// The example's PSA, with one company and no ticket.
    private static func server() throws -> WebServer {
        try WebServer.start(.test) { request in
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
        #expect(result.lines.contains { $0.hasPrefix("example-psa ") && $0.contains("7 capabilities") })
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
        #expect(result.status == 5)
        #expect(result.messages.contains("chmod go-w \(folder.path)"))
    }

    @Test func withoutTheFolderTheyAreUnknown() async throws {
        let result = try await CommandLineFixture().run("connectors show example-psa")
        #expect(result.status == 2)
        #expect(result.messages.contains("config.unknown_connector"))
    }
}

@Suite("External connectors on the admin page", .timeLimit(.minutes(2)))
struct ExternalConnectorPageTests {
    @Test func aWorkingConnectorHasCardFormAndGuideAndABrokenOneExplainsWhy() async throws {
        let folder = try TemporaryFolder()
        let programs = try ProgramFolder(at: folder.file("data") + "/connectors")
        try programs.addBrokenOne()
        let host = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        func page(_ path: String) async throws -> String {
            String(decoding: try await browser.open(path, at: host).body, as: UTF8.self)
        }
        let overview = try await page("/integrations")
        #expect(overview.contains("Example PSA"))
        #expect(overview.contains("HaloPSA"))
        #expect(overview.contains("The program ended by itself with status 1."))
        let form = try await page("/integrations/new/example-psa")
        #expect(form.contains("Example PSA shows it once, when the key is made."))
        #expect(form.contains("/guides/connect-example-psa#2-make-an-api-key"))
        #expect(try await page("/guides/connect-example-psa").contains("Copy the key at once."))
        await host.kill()
        withExtendedLifetime((folder, programs)) {}
    }

    @Test func aConnectionWithoutItsProgramIsShownAndTheOthersWork() async throws {
        let folder = try TemporaryFolder()
        let programs = try ProgramFolder(at: folder.file("data") + "/connectors")
        let before = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(before, name: "admin", password: try #require(before.firstPassword))
        let settings = [
            "serverURL": "https://psa.example.com", "apiKey": "example-key", "connection-name": "Our psa", "action": "save",
            "accept-untested": "1",
        ]
        #expect(try await browser.submit("/integrations/new/example-psa", settings, to: before).status == 303)
        await before.kill()
        try programs.removeExample()
        let host = try await ServedHost.start(in: folder)
        let overview = String(decoding: try await browser.open("/integrations", at: host).body, as: UTF8.self)
        #expect(overview.contains("Without a connector"))
        #expect(overview.contains("Our psa"))
        #expect(overview.contains("HaloPSA"))
        let listed = try await browser.open("/api/v1/connections", at: host)
        #expect(listed.status == 200)
        let id = try #require(try JSONDocument(listed.body).root["connections"]?.elements.first?["id"]?.string)
        #expect(try await browser.submit("/integrations/\(id)/remove", [:], to: host).status == 303)
        await host.kill()
        withExtendedLifetime((folder, programs)) {}
    }
}

/// A connectors folder with the example of the documents in it, and whatever else a test puts there.
final class ProgramFolder: Sendable {
    let path: String
    private let owner: TemporaryFolder?

    /// Creates one in its own folder.
    init() throws {
        let folder = try TemporaryFolder()
        owner = folder
        path = folder.path
        try fill()
    }

    /// Creates one in a given folder.
    init(at path: String) throws {
        owner = nil
        self.path = path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try fill()
    }

    private func fill() throws {
        chmod(path, 0o700)
        try FileManager.default.createSymbolicLink(atPath: path + "/example-psa", withDestinationPath: Self.example)
    }

    /// Adds a program that ends without sending a message.
    func addBrokenOne() throws {
        try FileManager.default.createSymbolicLink(atPath: path + "/broken", withDestinationPath: "/bin/false")
    }

    /// Removes the example.
    func removeExample() throws { try FileManager.default.removeItem(atPath: path + "/example-psa") }

    private static var example: String {
        var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while folder.lastPathComponent != "Tests", folder.path != "/" { folder.deleteLastPathComponent() }
        return folder.deletingLastPathComponent().path + "/Docs/ExternalConnectors/example-psa"
    }
}
