import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSAEngine
import PSAEngineSQLite

/// The first sync of many tickets beside the bare listing, then changes and the feed.
enum SyncBenchmark {
    /// What one process measured.
    private struct Result: Codable {
        var first: Measurement
        var changes: Measurement
        var bytesPerRow: Double
        var feedRowsPerSecond: Double
    }

    private static let tickets = 100_000

    /// Runs the benchmark for thin and for fat rows, each measurement in a process of its own.
    static func run(_ figures: Figures) async throws {
        figures.section("Sync", "The first sync of \(tickets) tickets of a simulator, then 100 changes and the change feed.")
        for size in TicketServer.sizes {
            let server = try OwnProcess.serve(tickets: tickets, padding: size.padding).start()
            defer { server.input.closeFile() }
            let address = String(decoding: OwnProcess.line(of: server.output), as: UTF8.self)
            let list: Measurement = try OwnProcess.list(address: address).measured()
            let folder = try TemporaryFolder("sync")
            defer { folder.remove() }
            let result: Result = try OwnProcess.sync(address: address, folder: folder.path).measured()
            for (name, measured) in [("list of tickets", list), ("first sync", result.first), ("100 changes", result.changes)] {
                let name = "rows of \(size.title), \(name)"
                figures.add("\(name): wall", measured.seconds, "s")
                figures.add("\(name): CPU", measured.cpuSeconds, "s")
                figures.add("\(name): peak", measured.peakMegabytes, "MB")
            }
            figures.add("rows of \(size.title), first sync over list: wall", result.first.seconds / list.seconds, "times")
            figures.add("rows of \(size.title), in the store", result.bytesPerRow, "bytes/row")
            figures.add("rows of \(size.title), change feed", result.feedRowsPerSecond, "rows/s")
        }
    }

    /// Syncs the tickets of a server into a folder, and prints what it took.
    static func measure(address: String, folder: String) async throws {
        let transport = CountingTransport(CurlTransport())
        let path = folder + "/copy.db"
        let store = try await SQLiteSyncStore.open(path)
        let engine = try await Engine(
            store: InMemoryEngineStore(), registry: try ConnectorRegistry([HaloConnector.self]),
            context: ConnectorContext(
                transport: transport, addressPolicy: .allowingLoopback, tenants: TenantRateLimits(pace: nil)))
        guard let connection = ConnectionID("bench") else { return }
        try await engine.addConnection(
            connection, connector: "halopsa",
            settings: [
                "tenantURL": address, "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret,
            ])
        let sync = SyncEngine(store: store, engine: engine)
        let session = try await engine.sessions.session(of: try await stored(connection, engine))
        _ = try await session.ticketTypes()
        func rows() async throws -> SyncStatus? { try await sync.statuses(of: connection).first { $0.resource == .tickets } }
        let first = try await Measurement.measure(transport) {
            try await sync.sync(connection, resources: [.tickets])
            return try await rows()?.rows ?? 0
        }
        try await change(100, at: address)
        let changes = try await Measurement.measure(transport) {
            try await sync.sync(connection, resources: [.tickets])
            return try await rows()?.progress.lastRun?.changed ?? 0
        }
        let start = ContinuousClock.now
        var (count, place) = (0, ChangeSequence.beginning)
        while let page = Optional(try await sync.changes(of: .tickets, in: connection, after: place)), let last = page.last {
            count += page.count
            place = last.sequence
        }
        let took = ContinuousClock.now - start
        await store.close()
        let bytes = (try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
        let result = Result(
            first: first, changes: changes, bytesPerRow: Double(bytes) / Double(max(first.rows, 1)),
            feedRowsPerSecond: Double(count) / (Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18))
        print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }

    private static func stored(_ connection: ConnectionID, _ engine: Engine) async throws -> StoredConnection {
        guard let stored = try await engine.store.connection(connection) else { throw StoreError.notFound }
        return stored
    }

    /// Changes tickets by the simulator's control routes.
    private static func change(_ count: Int, at address: String) async throws {
        let transport = CurlTransport()
        let origin = try ServiceURL(typed: address, policy: .allowingLoopback)
        for id in 1...count {
            var request = TransportRequest(
                .post, origin, route: "/_simulator/tickets/{id}", pathValues: ["\(1_000 + id * 7)"], query: [],
                headers: ["Content-Type": "application/json"], addressPolicy: .allowingLoopback)
            request.body = Array("{\"summary\":\"Changed \(id)\"}".utf8)
            _ = try await transport.send(request)
        }
    }
}
