import FoundationEssentials
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import Sodium
import Testing

@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// From an agreement in HaloPSA to a ticket there: sync, detector, rule and outbox over a real socket.
@Suite("Detectors with HaloPSA", .timeLimit(.minutes(2))) struct DetectorEndToEndTests {
    @Test func anAgreementThatEndsMakesExactlyOneTicketForItsCompany() async throws {
        let time = ManualClock(movesBySleeping: false, random: 0.5)
        var configuration = HaloSimulator.Configuration()
        (configuration.ticketCount, configuration.contactCount, configuration.companyCount) = (10, 5, 12)
        configuration.clock = { time.now }
        let server = try HaloSimulatorServer.start(configuration: configuration)
        do {
            try await run(server, time)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private func run(_ server: HaloSimulatorServer, _ time: ManualClock) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        let copies = InMemorySyncStore()
        var storage = try await DatabaseStorage.open(path)
        let vault = Vault(try KeyRing([try SealingKey.random()]), time: time.source)
        let log = HostLog(sink: NoLog(), time: time.source)
        let context = ConnectorContext(
            transport: CurlTransport(), addressPolicy: .allowingLoopback, time: time.source, tenants: TenantRateLimits(pace: nil))
        func engine(_ storage: DatabaseStorage) async throws -> Engine {
            try await Engine(
                store: storage.engine, registry: BuiltInConnectors.registry(), context: context, sealer: vault,
                options: Host.engineOptions(storage: storage, policy: OutboxPolicy(), time: time.source, log: log, reached: { _ in }))
        }
        func detectors(_ storage: DatabaseStorage) -> DetectorService {
            DetectorService(
                storage: storage, copies: copies, policy: SyncPolicy(),
                events: EventService(storage: storage, time: time.source, wake: {}) { _ in }, time: time.source, log: log)
        }
        var running = try await engine(storage)
        let id = ConnectionID()
        let connection = try await running.addConnection(
            id, connector: "halopsa",
            settings: [
                "tenantURL": "http://127.0.0.1:\(server.port)", "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1", "requestsPerFiveMinutes": "100000",
            ], name: "Acme")

        // The agreement that ends first ends in ten days.
        var agreements: [Agreement] = []
        for try await agreement in try await running.sessions.session(of: connection).agreements() where agreement.isActive == true {
            agreements.append(agreement)
        }
        let (first, end) = try #require(
            agreements.compactMap { agreement in agreement.endsAt.map { (agreement, $0) } }.min { $0.1 < $1.1 })
        let company = try #require(first.company)
        time.advance(by: (end.timeIntervalSince(time.now) / 86_400).rounded(.down) * 86_400 - 10 * 86_400)

        let rules = RuleService(storage: storage, time: time.source, wake: {})
        let template = try #require(RuleTemplate.all.first { $0.detector == .agreementEnding })
        let rule = try await rules.create(name: template.name, template.definition(for: id), audit: .outbox(.ruleCreated))
        _ = try await rules.setMode(.active, of: rule, revision: rule.revision, audit: .outbox(.ruleChanged))
        var settings = DetectorSettings()
        settings[.agreementEnding] = .init(isOn: true, days: 10)
        _ = try await storage.setDetectorSettings(settings, of: id, revision: 0, audit: .outbox(.detectorsChanged))

        let before = await server.simulator.ticketCount()
        for round in 1...3 {
            let sync = SyncEngine(store: copies, engine: running)
            try await sync.sync(id, full: round > 1)
            let service = detectors(storage)
            await service.runThoseDue()
            let run = try #require(try await service.latestRuns(of: id)[.agreementEnding])
            #expect(run.obstacle == nil && run.found == 1 && run.raised == (round == 1 ? 1 : 0), "round \(round)")
            await running.work(on: id)
            // The next round is another process, on the next day.
            await storage.close()
            storage = try await DatabaseStorage.open(path)
            running = try await engine(storage)
            time.advance(by: 86_400)
        }
        #expect(await server.simulator.ticketCount() == before + 1)
        let jobs = try await storage.jobs(TicketJob.Filter(), before: nil, limit: 10)
        let posted = try #require(jobs.first?.state.ticket)
        #expect(jobs.count == 1 && jobs.first?.payload.companyID == company.id.rawValue)
        let ticket = try await running.sessions.session(of: connection).ticket(try #require(Ticket.ID(posted.id)))
        #expect(ticket.company?.id == company.id)
        #expect(ticket.summary == "Agreement of \(company.label ?? "") ends soon: \(first.name)")
        await storage.close()
    }
}
