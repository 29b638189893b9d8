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

    /// Runs the benchmark for thin and for fat rows, each measurement in a process of its own.
    static func run(tickets: Int) async throws {
        // A row of the simulator has about 1.4 kB without padding.
        for padding in [0, 4_600] {
            let server = try ListingBenchmark.start(["serve", "\(tickets)", "\(padding)"])
            defer { server.input.closeFile() }
            let address = String(decoding: ListingBenchmark.line(of: server.output), as: UTF8.self)
            print("\nFirst sync of \(tickets) tickets, rows of \(padding == 0 ? "1.4" : "6") kB.\n")
            print(ListingBenchmark.row(["", "tickets/s", "MB/s", "seconds", "CPU s", "peak MB", "requests"]))
            let list = try ListingBenchmark.measure("list", address)
            print(ListingBenchmark.row(["list of tickets"] + ListingBenchmark.cells(list)))
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sync-bench-\(UUID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            let process = try ListingBenchmark.start(["sync", address, folder.path])
            let result = try JSONDecoder().decode(Result.self, from: Data(ListingBenchmark.line(of: process.output)))
            print(ListingBenchmark.row(["first sync"] + ListingBenchmark.cells(result.first)))
            print(ListingBenchmark.row(["100 changes"] + ListingBenchmark.cells(result.changes)))
            func format(_ value: Double, _ digits: Int = 0) -> String { ListingBenchmark.format(value, digits) }
            print(
                "Time of the first sync over that of the list: \(format(result.first.seconds / list.seconds, 2)). "
                    + "\(format(result.bytesPerRow)) bytes in the store per row; "
                    + "the change feed gives \(format(result.feedRowsPerSecond)) rows/s.")
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
            var request = HTTPRequest(
                .post, origin, route: "/_simulator/tickets/{id}", pathValues: ["\(1_000 + id * 7)"], query: [],
                headers: ["Content-Type": "application/json"], addressPolicy: .allowingLoopback)
            request.body = Array("{\"summary\":\"Changed \(id)\"}".utf8)
            _ = try await transport.send(request)
        }
    }
}
