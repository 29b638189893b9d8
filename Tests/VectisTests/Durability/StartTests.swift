import Foundation
import Glibc
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

@Suite("Starting the host")
struct StartTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func serve(_ options: [String] = [], data: String? = nil) async throws -> VectisRun {
        let words = ["serve", "--data", data ?? folder.file("data"), "--check-every", "0", "--json", "--until-input-ends"]
        return try await VectisRun.run(words + options)
    }

    /// The number of accounts in the folder, which is not in use.
    private func accounts() async throws -> Int {
        let storage = try await SQLiteStorage.open(folder.file("data/vectis.db"))
        defer { Task { await storage.close() } }
        return try await storage.accounts().count
    }

    @Test func aStartOnABusyPortCreatesNoAccount() async throws {
        let other = try TemporaryFolder()
        let first = try await ServedHost.start(in: other)
        let taken = try await serve(["--port", "\(try #require(first.origin.port))"])
        #expect(taken.status == 2 && taken.output.contains("--port"), "\(taken.output)")
        #expect(try await accounts() == 0)
        let host = try await ServedHost.start(in: folder)
        _ = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        await host.kill()
        await first.kill()
        #expect(try await accounts() == 1)
        let again = try await ServedHost.start(in: folder)
        #expect(again.firstPassword == nil)
        await again.kill()
        withExtendedLifetime(other) {}
    }

    @Test func ofConcurrentStartsOneSucceedsAndPrintsThePassword() async throws {
        let path = folder.path
        let outcomes = await withTaskGroup(of: ServedHost?.self) { group in
            for _ in 0..<6 { group.addTask { [folder] in try? await ServedHost.start(in: folder) } }
            return await group.reduce(into: [ServedHost]()) { if let host = $1 { $0.append(host) } }
        }
        #expect(outcomes.count == 1, "\(path)")
        let host = try #require(outcomes.first)
        _ = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        await host.kill()
        #expect(try await accounts() == 1)
    }

    @Test func aSecondHostAndAKeyRotationAreRejectedWhileTheFolderIsInUse() async throws {
        let host = try await ServedHost.start(in: folder)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.file("data"))
        for path in ["data", "link", "link/../data"] {
            let second = try await serve(["--port", "0"], data: folder.file(path))
            #expect(second.status == 2 && second.output.contains("Another Vectis works on this data folder"), "\(second.output)")
            let rotation = try await VectisRun.run(["key", "rotate", "--data", folder.file(path)])
            #expect(rotation.status == 2 && rotation.output.contains("Another Vectis"), "\(rotation.output)")
        }
        // A password is reset beside a running host, which accepts it at once.
        let reset = try await VectisRun.run(["account", "reset-password", "admin", "--data", folder.file("data"), "--json"])
        let password = try JSONDocument(Array(reset.output.utf8)).root["password"]?.string
        _ = try await SignedInBrowser(host, name: "admin", password: try #require(password))
        await host.kill()
        // Killed, it holds nothing any more.
        let rotation = try await VectisRun.run(["key", "rotate", "--data", folder.file("link")])
        #expect(rotation.status == 0, "\(rotation.output)")
    }

    @Test func aHostWhoseFolderWasReplacedStoresNothingAndReportsIt() async throws {
        let host = try await ServedHost.start(in: folder)
        let browser = try await SignedInBrowser(host, name: "admin", password: try #require(host.firstPassword))
        let token = try await browser.token(at: host)
        #expect(try await SignedInBrowser.send(event: .event("1"), token: token, to: host).status == 202)
        #expect(try await SignedInBrowser.get("/healthz", from: host).status == 200)

        try FileManager.default.copyItem(atPath: folder.file("data"), toPath: folder.file("restored"))
        try FileManager.default.moveItem(atPath: folder.file("data"), toPath: folder.file("old"))
        try FileManager.default.moveItem(atPath: folder.file("restored"), toPath: folder.file("data"))

        let refused = try await SignedInBrowser.send(event: .event("2"), token: token, to: host)
        #expect(refused.status == 503 && refused.headers["Retry-After"] == "60")
        let health = try await SignedInBrowser.get("/healthz", from: host)
        #expect(health.status == 503 && String(decoding: health.body, as: UTF8.self).contains("moved, replaced or taken over"))
        let page = try await browser.open("/integrations", at: host)
        #expect(page.status == 200 && String(decoding: page.body, as: UTF8.self).contains("moved, replaced or taken over"))
        let log = String(decoding: folder.bytes("log"), as: UTF8.self)
        #expect(log.contains("\"event\":\"storage_failed\"") && log.contains("\"reason\":\"replaced\""))
        await host.kill()
        let again = try await ServedHost.start(in: folder)
        #expect(try await SignedInBrowser.send(event: .event("2"), token: token, to: again).status == 202)
        await again.kill()
    }

    @Test func aWrongKeyFileIsReportedAtStartAndOnEveryPage() async throws {
        let first = try await ServedHost.start(in: folder, options: ["--allow-loopback"])
        let browser = try await SignedInBrowser(first, name: "admin", password: try #require(first.firstPassword))
        let server = try HaloSimulatorServer.start()
        let settings = [
            "tenantURL": "http://127.0.0.1:\(server.port)", "clientID": HaloSimulator.Configuration.demoClientID,
            "clientSecret": HaloSimulator.Configuration.demoClientSecret, "action": "save", "accept-untested": "yes",
        ]
        let saved = try await browser.submit("/integrations/new/halopsa", settings, to: first)
        #expect(saved.status == 303, "\(saved.status) \(String(decoding: saved.body, as: UTF8.self).suffix(3_000))")
        await first.kill()

        try folder.write(String(decoding: folder.bytes("data/vectis.key"), as: UTF8.self), to: "right.key")
        try FileManager.default.removeItem(atPath: folder.file("data/vectis.key"))
        _ = try KeyFile(path: folder.file("data/vectis.key")).open(isNeeded: false)
        let host = try await ServedHost.start(in: folder, options: ["--allow-loopback"])
        let log = String(decoding: folder.bytes("log"), as: UTF8.self)
        #expect(log.contains("\"event\":\"secrets_unreadable\"") && log.contains("config.secret_unreadable"))
        let stranger = try await SignedInBrowser(host, name: "admin", password: try #require(first.firstPassword))
        let overview = String(decoding: try await stranger.open("/integrations", at: host).body, as: UTF8.self)
        #expect(overview.contains("does not open the stored secrets") && overview.contains("Needs attention"))
        #expect(!overview.contains("<span class=\"state\">Connected"))
        #expect(overview.contains("<strong>Issue:</strong> <a href=\"/errors#config-secret-unreadable\">"))
        let id = try #require(overview.firstMatch(of: /action="\/integrations\/([a-z0-9]+)\/check"/)).1
        let page = String(decoding: try await stranger.open("/integrations/\(id)", at: host).body, as: UTF8.self)
        #expect(page.contains("does not open the stored secrets") && page.contains("Open issues"))
        let test = try await stranger.submit("/integrations/\(id)/check", [:], to: host)
        #expect(test.status == 503 && String(decoding: test.body, as: UTF8.self).contains("The stored secrets can&#39;t be opened"))
        await host.kill()

        // With the right file everything is as it was.
        try FileManager.default.removeItem(atPath: folder.file("data/vectis.key"))
        try FileManager.default.moveItem(atPath: folder.file("right.key"), toPath: folder.file("data/vectis.key"))
        let corrected = try await ServedHost.start(in: folder, options: ["--allow-loopback"])
        let well = try await SignedInBrowser(corrected, name: "admin", password: try #require(first.firstPassword))
        let after = String(decoding: try await well.open("/integrations", at: corrected).body, as: UTF8.self)
        #expect(!after.contains("does not open the stored secrets") && after.contains("Saved, not tested"))
        await corrected.kill()
        await server.stop()
    }
}

extension JSONValue {
    /// An event with only what a test is about.
    static func event(_ id: String, text: String = "The disk is full.") -> JSONValue {
        ["source": "monitor", "id": .string(id), "type": "backup.failed", "severity": "error", "text": .string(text)]
    }
}

extension SignedInBrowser {
    /// Makes a token for a program.
    func token(at host: ServedHost) async throws -> String {
        let page = String(decoding: try await submit("/tokens", ["name": "program"], to: host).body, as: UTF8.self)
        return String(try #require(page.firstMatch(of: /<code id="token">([^<]+)</)).1)
    }
}
