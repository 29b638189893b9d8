import Foundation
import HaloSimulator
import PSACore
import PostgreSQLServer

/// Where hosts keep what they store.
public enum TortureStore: String, Sendable {
    /// A file, in which one host works.
    case sqlite = "SQLite"
    /// A server, which several hosts can share.
    case postgreSQL = "PostgreSQL"
}

/// Several hosts on one database, which are killed at random while the database is restarted and PSAs lose answers.
///
/// A SQLite file has one host; a PostgreSQL database has as many as the plan says. Decisions are those of a seed: which event goes to which
/// tenant, whose answer is lost, which host is killed, and after how much of the work.
public struct FleetTorture: Sendable {
    /// How much happens.
    public struct Plan: Sendable {
        /// Where the hosts keep what they store.
        public var store: TortureStore
        /// How many hosts share a server.
        public var processes = 4
        /// How many events are sent.
        public var events: Int
        /// How many PSAs there are, with a connection and a rule each.
        public var tenants: Int
        /// How often a host is killed.
        public var kills: Int
        /// How often the database server ends like in a crash and is started again.
        public var restarts: Int
        /// How many requests each PSA takes in ``window``.
        public var requests: Int
        /// The length of the rate limit's window in seconds.
        public var window: Int
        /// The same seed plans the same.
        public var seed: UInt64 = 1
        /// For how many seconds the run waits until nothing is left to be done.
        public var timeout = 900

        /// States a plan.
        public init(store: TortureStore, events: Int, tenants: Int, kills: Int, restarts: Int, requests: Int, window: Int, seed: UInt64 = 1)
        {
            (self.store, self.events, self.tenants, self.kills, self.restarts) = (store, events, tenants, kills, restarts)
            (self.requests, self.window, self.seed) = (requests, window, seed)
        }
    }

    /// What is done to the hosts and the database.
    enum Disturbance: Sendable, Equatable {
        case kill(Int)
        case restartDatabase
    }

    let binary: String
    let folder: String
    let plan: Plan

    /// Plans a run.
    ///
    /// - Parameters:
    ///   - binary: The program `vectis`, a debug build.
    ///   - folder: A folder that need not be there yet; what went wrong is left in it.
    ///   - plan: How much happens.
    public init(binary: String, folder: String, plan: Plan) {
        (self.binary, self.folder, self.plan) = (binary, folder, plan)
    }

    /// How many hosts there are.
    var processes: Int { plan.store == .sqlite ? 1 : plan.processes }

    /// Runs everything.
    ///
    /// - Parameter onProgress: Called with the progress every few seconds.
    /// - Returns: The counts.
    /// - Throws: Errors of the run itself, such as a program that does not start.
    public func run(_ onProgress: @escaping @Sendable (String) -> Void = { _ in }) async throws -> FleetReport {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let server = plan.store == .sqlite ? nil : try PostgreSQLServer()
        let url = try server.map { $0.url(try $0.createDatabase("ENCODING 'UTF8'")) }
        var options = ["--key-file", folder + "/vectis.key"]
        if let url { options += ["--database", url] }
        let sharing = HostProcess.Sharing(
            options: options,
            environment: ["VECTIS_CRASH_TEST_LEASE": "6", "VECTIS_CRASH_TEST_PACE": "\(plan.requests)/\(plan.window)"])
        let simulators = try (0..<plan.tenants).map { _ in try Simulator() }
        let setup = try await FleetSetup.make(binary: binary, folder: hostFolder(0), sharing: sharing, simulators: simulators)
        let run = FleetRun(torture: self, simulators: simulators, setup: setup, server: server, sharing: sharing)
        let report = try await run.run(ledger: url.map { .server($0) } ?? .folder(hostFolder(0)), onProgress)
        for simulator in simulators { await simulator.server.stop() }
        // Its end is that of the server.
        withExtendedLifetime(server) {}
        return report
    }

    func hostFolder(_ number: Int) -> String { folder + "/host-\(number)" }
}

/// What the hosts of a run have in their database before the first event.
struct FleetSetup: Sendable {
    /// With which events are sent.
    let token: String

    /// The event type of the rule of a tenant.
    static func type(_ tenant: Int) -> String { "fleet.\(tenant)" }

    /// Starts the first host, which makes the database and the keys, sets everything up, and stops it.
    static func make(binary: String, folder: String, sharing: HostProcess.Sharing, simulators: [Simulator]) async throws -> FleetSetup {
        guard let host = try await HostProcess.start(binary, folder: folder, crash: "none:0", sharing: sharing),
            let password = host.firstPassword
        else { throw HostClient.Unexpected(description: "\(binary) did not start") }
        let browser = try await HostClient(signingInTo: host.origin, password: password)
        for (number, simulator) in simulators.enumerated() {
            let saved = try await browser.post("/api/v1/connections", simulator.connection, to: host.origin)
            guard let connection = saved.root["id"]?.string else { throw HostClient.Unexpected(description: "no connection") }
            try await PreparedData.addRule(type(number), appendMinutes: "0", limit: 1_000, connection, browser, host.origin)
        }
        let token = try await PreparedData.token("fleet", browser, host.origin)
        try await host.stop()
        for simulator in simulators { await simulator.clear() }
        return FleetSetup(token: token)
    }
}
