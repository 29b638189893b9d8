import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSAEngine
import PSAEngineSQLite
import PSATesting
import Synchronization
import TestSupport
import Testing

/// A local copy of HaloPSA, read over a real socket from a simulator that changes meanwhile.
@Suite("Sync with HaloPSA", .timeLimit(.minutes(5))) struct HaloSyncTests {
    private struct Fixture {
        let server: HaloSimulatorServer
        let store: any SyncStore
        let connection: ConnectionID
        let engine: Engine
        let sync: SyncEngine
        let clock: SkippingClock

        static func run(
            tickets: Int = 260, clients: Int = 30, store: (any SyncStore)? = nil, _ body: (Fixture) async throws -> Void
        ) async throws {
            var configuration = HaloSimulator.Configuration()
            (configuration.ticketCount, configuration.contactCount, configuration.companyCount) = (tickets, 40, clients)
            let server = try HaloSimulatorServer.start(configuration: configuration)
            do {
                let fallback = try await SQLiteSyncStore.inMemory()
                try await body(try await Fixture(server, store ?? fallback))
            } catch {
                await server.stop()
                throw error
            }
            await server.stop()
        }

        private init(_ server: HaloSimulatorServer, _ store: any SyncStore) async throws {
            self.server = server
            self.store = store
            // Waits between retries are skipped; the lease is renewed by a longer one.
            clock = SkippingClock(maxSkippedLength: .seconds(10))
            connection = try Sample.id("halo")
            engine = try await Engine(
                store: InMemoryEngineStore(), registry: try ConnectorRegistry([HaloConnector.self]),
                context: ConnectorContext(
                    transport: CurlTransport(), addressPolicy: .allowingLoopback, time: clock.source, tenants: TenantRateLimits(pace: nil)))
            try await engine.addConnection(
                connection, connector: "halopsa",
                settings: [
                    "tenantURL": "http://127.0.0.1:\(server.port)", "clientID": HaloSimulator.Configuration.demoClientID,
                    "clientSecret": HaloSimulator.Configuration.demoClientSecret,
                ])
            sync = SyncEngine(store: store, engine: engine)
        }

        func status(_ resource: SyncResource) async throws -> SyncStatus {
            try #require(try await sync.statuses(of: connection).first { $0.resource == resource })
        }

        func records(_ resource: SyncResource) async throws -> [String: SyncRecord] {
            var found: [String: SyncRecord] = [:]
            var place = ChangeSequence.beginning
            while let page = Optional(try await sync.changes(of: resource, in: connection, after: place)), let last = page.last {
                for record in page { found[record.id.rawValue] = record }
                place = last.sequence
            }
            return found
        }

        func sweep() async throws {
            clock.advance(by: .seconds(90_000))
            try await sync.sync(connection)
            clock.advance(by: .seconds(4_000))
            try await sync.sync(connection)
        }
    }

    @Test func everyResourceIsReadAndAnHourLaterCostsOneRequestEach() async throws {
        try await Fixture.run { fixture in
            let statuses = try await fixture.sync.sync(fixture.connection)
            #expect(statuses.allSatisfy { $0.progress.failure == nil }, "\(statuses.compactMap(\.progress.failure))")
            #expect(Set(statuses.filter { $0.rows > 0 }.map(\.resource)) == Set(SyncResource.allCases.filter(\.isList)))
            #expect(try await fixture.status(.tickets).rows == fixture.server.simulator.tickets().count { !$0.isDeleted })
            for resource in [SyncResource.tickets, .companies, .contacts] {
                #expect(try await fixture.status(resource).progress.filter?.works == true, "\(resource)")
            }
            await fixture.server.simulator.clearLog()
            fixture.clock.advance(by: .seconds(600))
            try await fixture.sync.sync(fixture.connection, resources: [.tickets, .companies, .contacts])
            let counts = await fixture.server.simulator.requestCounts()
            #expect(counts.values.allSatisfy { $0 <= 2 }, "\(counts)")
            // Reading again has changed nothing.
            #expect(try await fixture.status(.tickets).progress.lastRun?.changed == 0)
        }
    }

    @Test func whatChangesInHaloPSAReachesTheCopyInItsFourStates() async throws {
        try await Fixture.run { fixture in
            try await fixture.sync.sync(fixture.connection)
            let simulator = fixture.server.simulator
            let open = await simulator.tickets().filter { !$0.isClosed && !$0.isDeleted }.map(\.id)
            try #require(open.count > 8)
            await simulator.change(ticket: open[0], .summary("Printer on fire"))
            await simulator.change(ticket: open[1], .closed)
            await simulator.change(ticket: open[2], .merged(into: open[3]))
            await simulator.change(ticket: open[4], .deleted)
            await simulator.change(ticket: open[5], .hidden(true))
            _ = await simulator.addAction(toTicket: open[6], note: "Only a note.", movesLastUpdate: false)
            let created = try #require(await simulator.createTicket("New one"))
            let client = await simulator.createClient(named: "Brand New Ltd")
            try await fixture.sweep()
            let tickets = try await fixture.records(.tickets)
            #expect(tickets["\(open[0])"]?.facts.name == "Printer on fire")
            #expect(tickets["\(open[1])"]?.state == .closed)
            #expect(tickets["\(open[2])"]?.state == .merged)
            #expect(tickets["\(open[4])"]?.state == .deleted)
            #expect(tickets["\(open[5])"]?.state == .unreachable)
            #expect(tickets["\(created)"]?.facts.name == "New one")
            let notes = try await fixture.records(.notes).values.filter { $0.facts.ticket == Ticket.ID(open[6]) }
            #expect(notes.contains { $0.content["text"]?.string?.contains("Only a note.") == true })
            guard case .one(let company) = try await fixture.sync.company(named: "brand new limited", in: fixture.connection) else {
                Issue.record("the company was not found")
                return
            }
            #expect(company.id == Company.ID(client))
        }
    }

    /// The small form of the model test with the connector and a socket: the simulator changes after requests, at random.
    @Test(arguments: [1, 2, 3]) func afterQuietTheCopyEqualsHaloPSA(_ seed: UInt64) async throws {
        try await Fixture.run { fixture in
            let generator = Mutex(SeededGenerator(seed: seed))
            let simulator = fixture.server.simulator
            await simulator.afterEachRequest { simulator, request in
                guard request.isList, request.status == 200 else { return }
                generator.withLock { generator in simulator.changeAtRandom(&generator) }
            }
            for step in 0..<6 {
                try await fixture.sync.sync(fixture.connection, full: step == 3)
                fixture.clock.advance(by: .seconds(1_200))
            }
            await simulator.afterEachRequest(nil)
            try await fixture.sweep()
            try await fixture.sweep()
            let copied = try await fixture.records(.tickets)
            for ticket in await simulator.tickets() {
                let record = copied["\(ticket.id)"]
                let state = record?.state
                if ticket.isDeleted {
                    #expect(state == nil || state == .deleted, "ticket \(ticket.id): \(state as Any)")
                } else if ticket.isHidden {
                    #expect(state == nil || state == .unreachable, "ticket \(ticket.id): \(state as Any)")
                } else if ticket.mergedInto != nil {
                    #expect(state == .merged, "ticket \(ticket.id): \(state as Any)")
                } else {
                    #expect(state == (ticket.isClosed ? .closed : .present), "ticket \(ticket.id): \(state as Any)")
                    #expect(record?.facts.name == ticket.summary)
                }
            }
            let companies = try await fixture.records(.companies)
            for client in await simulator.clients() { #expect(companies["\(client.id)"]?.facts.name == client.name) }
        }
    }

    // MARK: Bad input

    @Test func damagedRowsAreCountedAndStopNothing() async throws {
        try await Fixture.run { fixture in
            let simulator = fixture.server.simulator
            let tickets = await simulator.tickets().map(\.id)
            _ = await simulator.setDefect(.missingID, of: .tickets, tickets[3])
            _ = await simulator.setDefect(.farDates, of: .tickets, tickets[4])
            await simulator.change(ticket: tickets[5], .details(String(repeating: "x", count: 5 << 20)))
            try await fixture.sync.sync(fixture.connection)
            let status = try await fixture.status(.tickets)
            #expect(status.progress.failure == nil)
            #expect(status.rows >= tickets.count - 3)
            #expect((status.progress.lastRun?.unreadable ?? 0) >= 1)
            #expect(!status.progress.unreadable.isEmpty)
            // A date of the year 99999 does not lead the next run past the changes.
            fixture.clock.advance(by: .seconds(600))
            await simulator.change(ticket: tickets[9], .summary("Changed later"))
            try await fixture.sync.sync(fixture.connection)
            #expect(try await fixture.records(.tickets)["\(tickets[9])"]?.facts.name == "Changed later")
            #expect(try await fixture.status(.tickets).progress.lastRun?.kind == .changes)
        }
    }

    @Test func anIgnoredFilterIsFoundOut() async throws {
        try await Fixture.run(tickets: 120) { fixture in
            await fixture.server.simulator.setFaults([try HaloFault(parsing: "date-filter-ignored")])
            try await fixture.sync.sync(fixture.connection)
            for resource in [SyncResource.tickets, .companies, .contacts] {
                #expect(try await fixture.status(resource).progress.filter?.works == false, "\(resource)")
            }
        }
    }

    @Test func aRefusedListLeavesTheOthersFresh() async throws {
        try await Fixture.run { fixture in
            await fixture.server.simulator.setFaults([try HaloFault(parsing: "deny:ClientContract")])
            try await fixture.sync.sync(fixture.connection)
            let refused = try #require(try await fixture.status(.agreements).progress.failure)
            #expect(refused.code.area == .permission)
            #expect(refused.problem.contains("steps"))
            for status in try await fixture.sync.statuses(of: fixture.connection)
            where status.resource != .agreements && status.resource.isList {
                #expect(status.progress.freshAt != nil, "\(status.resource)")
            }
            let issues = try await fixture.engine.store.issues(of: fixture.connection)
            #expect(issues.contains { $0.code == refused.code && $0.resolvedAt == nil })
        }
    }

    @Test func neitherSecretsNorRowsAreWhereTheyDoNotBelong() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("halo-sync-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("copy.db").path
        let store = try await SQLiteSyncStore.open(path)
        try await Fixture.run(store: store) { fixture in
            try await fixture.sync.sync(fixture.connection)
            #expect(try await fixture.status(.tickets).rows > 0)
            let secret = Data(HaloSimulator.Configuration.demoClientSecret.utf8)
            for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let bytes = try Data(contentsOf: folder.appendingPathComponent(file))
                #expect(bytes.range(of: secret) == nil, "\(file) holds the client secret")
            }
            // A removed copy leaves no row in any file.
            let name = Data(try #require(await fixture.server.simulator.clients().first?.name).utf8)
            try await fixture.sync.removeCopy(of: fixture.connection)
            for file in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
                let bytes = try Data(contentsOf: folder.appendingPathComponent(file))
                #expect(bytes.range(of: name) == nil, "\(file) holds a customer's name")
            }
        }
        await store.close()
    }
}

extension HaloSimulator {
    /// Changes something, three times out of ten.
    fileprivate func changeAtRandom(_ generator: inout SeededGenerator) {
        guard Int.random(in: 0..<10, using: &generator) < 3 else { return }
        let ids = tickets().filter { !$0.isDeleted && !$0.isHidden && $0.mergedInto == nil }.map(\.id)
        guard let id = ids.randomElement(using: &generator), let other = ids.randomElement(using: &generator) else { return }
        let number = Int.random(in: 0..<1_000, using: &generator)
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: _ = createTicket("Created \(number)")
        case 1...3: change(ticket: id, .summary("Changed \(number)"))
        case 4: change(ticket: id, .closed)
        case 5: change(ticket: id, .deleted)
        case 6: if id != other { change(ticket: id, .merged(into: other)) }
        case 7: change(ticket: id, .hidden(true))
        default:
            if let client = clients().randomElement(using: &generator) { change(client: client.id, .renamed("Client \(number)")) }
        }
    }
}
