import Foundation
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import SQL
import SQLite
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// A copy of the folder in `Fixtures/DataFolder-8`, opened by the present program: storage, pages, API and outbox around two simulators.
///
/// The README beside the fixture lists its rows and the passwords and tokens that open it.
struct EarlierDataFolder: Sendable {
    /// The number of migrations the folder was written with.
    static let migrationCount = 8

    let folder: TemporaryFolder
    let storage: DatabaseStorage
    let vault: Vault
    /// Starts a little more than a minute after the last change, when the lease of the killed host has ended.
    let time: ManualClock
    /// The HaloPSA of each connection but one.
    let simulator: HaloSimulatorServer
    /// The HaloPSA of the connection whose client secret is refused.
    let refusingSimulator: HaloSimulatorServer
    let application: WebApplication
    let engine: Engine

    static func open() async throws -> EarlierDataFolder {
        let folder = try TemporaryFolder()
        try await restore(into: folder)
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        time.advance(by: try await lastChange(in: folder).timeIntervalSince(time.now) + 70)
        var configuration = HaloSimulator.Configuration()
        configuration.ticketCount = 10
        configuration.clock = { time.now }
        let simulator = try HaloSimulatorServer.start(configuration: configuration)
        let refusing = try HaloSimulatorServer.start(configuration: configuration)
        await refusing.simulator.setFaults([try HaloFault(parsing: "token-invalid-client")])
        let ports = [18080, 18081, 18083, 18084].map { ($0, Int(simulator.port)) } + [(18082, Int(refusing.port))]
        let transport = PortMappingTransport(ports: Dictionary(uniqueKeysWithValues: ports))
        return try await EarlierDataFolder(folder, time, simulator, refusing, transport)
    }

    /// Puts the database together from its statements, and copies the key file.
    private static func restore(into folder: TemporaryFolder) async throws {
        let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/DataFolder-\(migrationCount)")
        let statements = try String(contentsOf: fixture.appendingPathComponent("vectis.db.sql"), encoding: .utf8)
        try folder.write(String(contentsOf: fixture.appendingPathComponent("vectis.key"), encoding: .utf8), to: "vectis.key")
        let names = HostSchema.migrations.prefix(migrationCount).map(\.name)
        // The first step does everything; the others are only recorded.
        let steps = names.enumerated().map { position, name in
            Migration(name) { database in if position == 0 { try database.execute(statements) } }
        }
        let migrator = try Migrator(applicationID: HostSchema.applicationID, steps)
        await (try DatabaseQueue.open(.file(folder.file("vectis.db")), migrator: migrator)).close()
    }

    /// When the last job changed; the table has the name that it had in that version.
    private static func lastChange(in folder: TemporaryFolder) async throws -> Date {
        let names = HostSchema.migrations.prefix(migrationCount)
        let queue = try await DatabaseQueue.open(
            .file(folder.file("vectis.db")), migrator: try Migrator(applicationID: HostSchema.applicationID, Array(names)))
        let change = try await queue.read { try $0.first("SELECT MAX(changed_at) AS at FROM firing")?.integer("at") }
        await queue.close()
        return Date(storedMilliseconds: try #require(change))
    }

    private init(
        _ folder: TemporaryFolder, _ time: ManualClock, _ simulator: HaloSimulatorServer, _ refusingSimulator: HaloSimulatorServer,
        _ transport: PortMappingTransport
    ) async throws {
        (self.folder, self.time, self.simulator, self.refusingSimulator) = (folder, time, simulator, refusingSimulator)
        storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        vault = Vault(try KeyFile(path: folder.file("vectis.key")).read(), time: time.source)
        let log = HostLog(sink: NoLog(), time: time.source)
        let metrics = HostMetrics()
        let registry = try BuiltInConnectors.registry()
        let context = ConnectorContext(
            transport: transport, addressPolicy: .allowingLoopback, time: time.source, log: VendorCallLog(log: log, metrics: metrics),
            tenants: TenantRateLimits(pace: nil), connectionTestLimit: .seconds(300))
        let engine = try await Engine(
            store: storage.engine, registry: registry, context: context, sealer: vault,
            options: Host.engineOptions(storage: storage, policy: OutboxPolicy(), time: time.source, log: log, reached: { _ in }))
        self.engine = engine
        let sync = SyncEngine(store: InMemorySyncStore(), engine: engine)
        let connections = ConnectionService(
            registry: registry, storage: storage, vault: vault, context: context, metrics: metrics, sessions: engine.sessions,
            sync: sync, wake: { engine.wake() }, timeout: .seconds(300))
        let events = EventService(storage: storage, time: time.source, wake: { engine.wake() }, reached: { _ in })
        let services = HostServices(
            registry: registry, storage: storage, vault: vault, connections: connections, companies: engine.companies, sync: sync,
            events: events, rules: RuleService(storage: storage, time: time.source, wake: { engine.wake() }),
            detectors: DetectorService(
                storage: storage, copies: sync.store, policy: sync.policy, events: events, time: time.source, log: log),
            retention: RetentionService(
                storage: storage, copies: sync.store, archiver: nil, time: time.source, metrics: metrics, log: log),
            notifications: NotificationService(
                storage: storage, registry: registry,
                sender: FakeNotificationSender(now: time.source.now), vault: vault, addressPolicy: .publicOnly, machine: "host1",
                time: time.source, log: log),
            signIn: try SignInService(storage: storage, vault: vault, time: time.source, passwords: PasswordPolicy()),
            guides: try GuideLibrary(registry: registry), metrics: metrics, log: log, time: time.source,
            environment: WebEnvironment(hosts: ["vectis.test"]))
        application = WebApplication(services)
    }

    func close() async {
        await storage.close()
        await simulator.stop()
        await refusingSimulator.stop()
    }

    /// Sends one request of a browser or a program.
    func send(_ method: String, _ path: String, _ headers: [(String, String)] = [], json: JSONValue? = nil) async throws -> WebAnswer {
        var fields = WebHeaders([("Host", "vectis.test")] + headers)
        if json != nil { fields["Content-Type"] = "application/json" }
        return await WebAnswer(
            application.respond(
                to: WebRequest(method: method, path: path, headers: fields, body: json?.encoded ?? [], remoteAddress: "127.0.0.1")))
    }

    /// Processes the due jobs each time the clock reaches the next one, for a duration of the clock.
    func work(for limit: TimeInterval) async throws {
        let end = time.now + limit
        while true {
            let (due, next) = try await storage.engine.dueConnections(now: time.now, lease: OutboxPolicy().lease)
            for connection in due { await engine.work(on: connection) }
            if due.isEmpty {
                guard let next, next < end else { return }
                time.advance(by: max(0, next.timeIntervalSince(time.now)) + 0.001)
            }
        }
    }

    /// All jobs, the oldest first.
    func jobs() async throws -> [TicketJob] { try await storage.jobs(TicketJob.Filter(), before: nil, limit: 1_000).reversed() }

    /// Stores a ticket of a job in the simulator, as the program did that wrote the folder.
    func store(_ job: TicketJob) async throws -> Ticket {
        let connection = try #require(try await storage.connection(job.connection))
        let session = try await engine.sessions.session(of: connection)
        var company: Company.ID?
        if case .resolved(let id) = job.company { company = id }
        return try await session.createTicket(
            TicketDraft(
                summary: job.payload.summary, details: job.payload.details, company: company, type: TicketType.ID(1),
                externalReference: job.reference.rawValue))
    }
}

/// Leads requests to the ports of an earlier run to those of this one.
private struct PortMappingTransport: HTTPTransport {
    let ports: [Int: Int]
    private let transport = CurlTransport()

    init(ports: [Int: Int]) { self.ports = ports }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        var request = request
        let port = request.origin.port.flatMap { ports[$0] }
        guard let port else { throw TransportError(.connectionRefused, delivery: .notSent) }
        request.origin = try ServiceURL(typed: "http://127.0.0.1:\(port)", policy: .allowingLoopback)
        return try await transport.send(request)
    }
}
