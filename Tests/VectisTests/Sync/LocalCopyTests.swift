import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("The local copy of a host")
struct LocalCopyTests {
    /// A host in this process that reads a simulator, with a session of its administrator.
    private struct SyncingHost {
        let host: VectisCLI.Host
        let folder: TemporaryFolder
        let origin: ServiceURL
        var headers: TransportHeaders = ["Content-Type": "application/json"]
        static let transport = CurlTransport()

        init(folder: TemporaryFolder, sync: SyncPolicy? = SyncPolicy()) async throws {
            self.folder = folder
            let program = CommandLineProgram(
                registry: try BuiltInConnectors.registry(), console: Console(output: RecordingSink(), messages: RecordingSink()),
                environment: [:], transport: Self.transport)
            var configuration = VectisCLI.Host.Configuration(
                folder: DataFolder(path: folder.file("data")), environment: WebEnvironment(hosts: []), connectors: program.connectors)
            configuration.port = 0
            configuration.addressPolicy = .allowingLoopback
            configuration.checkInterval = nil
            configuration.passwords = .cheap
            configuration.sync = sync
            let log = HostLog(sink: try #require(FileSink(appendingTo: folder.file("log"))), time: .system)
            host = try await VectisCLI.Host.start(configuration, transport: Self.transport, time: .system, log: log)
            origin = try ServiceURL(typed: "http://127.0.0.1:\(host.port)", policy: .allowingLoopback)
            guard let first = host.firstAccount else { return }
            let answer = try await send(
                .post, "/api/v1/session", ["name": .string(first.name.rawValue), "password": .string(first.password.reveal())])
            headers["Cookie"] = answer.headers["Set-Cookie"]?.split(separator: ";").first.map(String.init)
            headers["X-Form-Token"] = JSONValue(try JSONDocument(answer.body).root)["formToken"]?.string
        }

        @discardableResult func send(_ method: TransportMethod, _ path: String, _ body: JSONValue? = nil) async throws -> TransportResponse
        {
            var request = TransportRequest(
                method, origin, route: "/", headers: headers, body: body?.encoded, addressPolicy: .allowingLoopback)
            request.path = path
            return try await Self.transport.send(request)
        }

        func json(_ path: String) async throws -> JSONValue { JSONValue(try JSONDocument(try await send(.get, path).body).root) }

        /// Saves a connection to a simulator and returns its id.
        func connect(_ server: HaloSimulatorServer) async throws -> String {
            let settings: JSONValue = [
                "tenantURL": .string("http://127.0.0.1:\(server.port)"), "clientID": .string(HaloSimulator.Configuration.demoClientID),
                "clientSecret": .string(HaloSimulator.Configuration.demoClientSecret),
            ]
            let answer = try await send(
                .post, "/api/v1/connections", ["connector": "halopsa", "settings": settings, "acceptUntested": true])
            return try #require(JSONValue(try JSONDocument(answer.body).root)["id"]?.string, "\(answer.status)")
        }

        /// Waits until a condition holds.
        func wait(_ condition: () async throws -> Bool) async throws {
            for _ in 0..<600 {
                if try await condition() { return }
                try await Task.sleep(for: .milliseconds(100))
            }
            Issue.record("it did not come to that within a minute")
        }

        func waitForAllResources(of id: String) async throws {
            try await wait {
                let resources = try await json("/api/v1/connections/\(id)/sync")["resources"]?.elements ?? []
                return !resources.isEmpty && resources.allSatisfy { $0["resource"] == "notes" || $0["lastRun"] != nil }
            }
        }
    }

    private static func simulator(tickets: Int = 120) throws -> HaloSimulatorServer {
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = tickets
        return try HaloSimulatorServer.start(configuration: configuration)
    }

    @Test func aConnectionIsReadAndItsRemovalLeavesNoRowInAnyFile() async throws {
        let server = try Self.simulator()
        let folder = try TemporaryFolder()
        let host = try await SyncingHost(folder: folder)
        let id = try await host.connect(server)
        try await host.waitForAllResources(of: id)
        let companies = try await host.json("/api/v1/connections/\(id)/companies?limit=1000")["records"]?.elements ?? []
        let tickets = try await host.json("/api/v1/connections/\(id)/tickets?state=all&limit=1000")["records"]?.elements ?? []
        #expect(tickets.count == 120 && companies.count > 3)
        #expect(try folder.permissions(of: "data/copy.db") == 0o600)
        let name = try #require(companies.compactMap { $0["name"]?.string }.max { $0.count < $1.count })
        func files() -> [(String, String)] {
            ["data/copy.db", "data/copy.db-wal"].map { ($0, String(decoding: folder.bytes($0), as: Unicode.ASCII.self)) }
        }
        #expect(files().contains { $0.1.contains(name) })
        #expect(String(decoding: folder.bytes("log"), as: UTF8.self).contains("sync_run_ended"))
        #expect(!String(decoding: folder.bytes("log"), as: UTF8.self).contains(name))

        #expect(try await host.send(.delete, "/api/v1/connections/\(id)").status == 204)
        for (file, text) in files() { #expect(!text.contains(name), "\(file)") }
        let entries = try await host.json("/api/v1/audit?action=connection.removed")["entries"]?.elements ?? []
        #expect(entries.first?["detail"]?.string?.hasSuffix("The local copy of its data is removed with it.") == true)
        await host.host.stop()
        for (file, text) in files() { #expect(!text.contains(name), "\(file)") }
        await server.stop()
    }

    @Test func aTicketThatAMessageNamesIsReadAgainBeforeItsNextRun() async throws {
        let server = try Self.simulator()
        let host = try await SyncingHost(folder: try TemporaryFolder())
        let id = try await host.connect(server)
        try await host.waitForAllResources(of: id)
        let made = try await host.send(.put, "/api/v1/connections/\(id)/hook", ["authentication": "none"])
        let path = try #require(JSONValue(try JSONDocument(made.body).root)["path"]?.string)
        let tickets = try await host.json("/api/v1/connections/\(id)/tickets?state=present&limit=1")["records"]?.elements ?? []
        let ticket = try #require(tickets.first?["id"]?.string.flatMap { Int($0) })
        await server.simulator.change(ticket: ticket, .closed)
        await server.simulator.clearLog()
        #expect(try await host.send(.post, path, ["object_id": .integer(ticket)]).status == 202)
        try await host.wait {
            try await host.json("/api/v1/connections/\(id)/tickets/\(ticket)")["ticket"]?["state"] == "closed"
        }
        let requests = await server.simulator.requestLog()
        #expect(requests.contains { $0.path.hasSuffix("/Tickets/\(ticket)") })
        #expect(!requests.contains { $0.path.hasSuffix("/Tickets") })
        let hook = try await host.json("/api/v1/connections/\(id)/hook")
        #expect(hook["lastMessageAt"]?.string != nil && hook["path"] == nil)
        await host.host.stop()
        await server.stop()
    }

    @Test func aHostWithoutSyncSendsNoRequestAndSaysSo() async throws {
        let server = try Self.simulator(tickets: 5)
        let host = try await SyncingHost(folder: try TemporaryFolder(), sync: nil)
        let id = try await host.connect(server)
        try await Task.sleep(for: .seconds(1))
        let status = try await host.json("/api/v1/connections/\(id)/sync")
        #expect(status["syncing"] == false && status["resources"]?.elements.isEmpty == true)
        #expect(await server.simulator.requestLog().isEmpty)
        await host.host.stop()
        await server.stop()
    }

    @Test func aConnectionThatWorksAgainIsReadAtOnce() async throws {
        let fixture = try await HostFixture()
        let connection = try await fixture.saved()
        let (sync, now) = (fixture.service.sync, fixture.time.now)
        try await sync.seed([("1", "Acme")], of: .companies, in: connection, at: now)
        func test() async throws -> SyncRequest? {
            _ = try await fixture.service.test(try fixture.service.draft(of: connection), audit: .sample(.connectionTested))
            return try await sync.statuses(of: connection.id).first?.request
        }
        #expect(try await test() == nil)
        let holder = ProcessID()
        _ = try await sync.store.lease(connection.id, by: holder, now: now, until: now + 60)
        var progress = SyncProgress()
        progress.failure = SyncFailure(code: .authInvalidClient, problem: "{}", at: now, count: 1)
        _ = try await sync.store.save(progress, of: .companies, of: connection.id, nextRunAt: now + 1_800, begins: true, by: holder)
        #expect(try await test() == .now)
    }

    @Test func aDamagedCopyIsNamedAndStopsNoOtherFile() async throws {
        let folder = try TemporaryFolder()
        try folder.write(String(repeating: "no database", count: 1_000), to: "copy.db")
        await #expect(throws: StorageFileError.self) { _ = try await LocalCopyFile.open(folder.file("copy.db")) }
    }

    @Test func aNewCopyIsReadableByItsOwnerOnly() async throws {
        let folder = try TemporaryFolder()
        let store = try await LocalCopyFile.open(folder.file("copy.db"))
        try await store.register(ConnectionID(), connector: ConnectorID("halopsa"), tenant: TenantIdentity(rawValue: "acme"))
        for name in ["copy.db", "copy.db-wal", "copy.db-shm"] { #expect(try folder.permissions(of: name) == 0o600) }
        await store.close()
    }
}
