import Dispatch
import Foundation
import Glibc
import HaloSimulator
import PSACore
import PostgreSQLServer
import Synchronization

/// Events accepted and jobs done a second by the number of hosts that share a PostgreSQL database, beside one host on a SQLite file.
enum GrowthBenchmark {
    private static let senders = EventSenders.usualCount
    private static let rounds = 3
    /// The most events and time of one case in one round.
    private static let (events, time) = (20_000, Duration.seconds(4))

    /// Hosts on one database.
    private struct Store {
        let hosts: [HostProcess]
        let token: String
        /// The folder of the server's data; nil for a file.
        let dataFolder: String?

        /// The processor time of all hosts and of the server, in seconds.
        var cpuSeconds: (hosts: Double, server: Double) {
            (hosts.reduce(0) { $0 + $1.cpuSeconds }, dataFolder.map(GrowthBenchmark.cpuSeconds) ?? 0)
        }
    }

    /// What one round of a case took.
    private struct Sample {
        var rate: Double
        var hostMicroseconds: Double
        var serverMicroseconds: Double

        static func median(_ samples: [Sample]) -> Sample {
            func median(_ value: (Sample) -> Double) -> Double { samples.map(value).sorted()[samples.count / 2] }
            return Sample(
                rate: median(\.rate), hostMicroseconds: median(\.hostMicroseconds), serverMicroseconds: median(\.serverMicroseconds))
        }
    }

    static func run(_ figures: Figures) async throws {
        figures.section(
            "Growth",
            "Events accepted and decided in dry run by several hosts on one database; \(senders) senders, median of \(rounds) rounds of all cases."
        )
        guard PostgreSQLServer.programs != nil else {
            print(PostgreSQLServer.skipReason)
            return
        }
        let server = try PostgreSQLServer()
        let keys = FileManager.default.temporaryDirectory.appendingPathComponent("vectis-bench-\(UUID().uuidString).key").path
        defer { try? FileManager.default.removeItem(atPath: keys) }
        let url = server.url(try server.createDatabase("ENCODING 'UTF8'"))
        let tenant = try HaloSimulatorServer.start()
        let address = "http://127.0.0.1:\(tenant.port)"
        let file = try await prepare(1, [], address, dataFolder: nil)
        let shared = try await prepare(4, ["--database", url, "--key-file", keys], address, dataFolder: server.dataFolder)
        let cases: [(title: String, store: Store, count: Int)] = [
            ("SQLite, 1 process", file, 1), ("PostgreSQL, 1 process", shared, 1), ("PostgreSQL, 2 processes", shared, 2),
            ("PostgreSQL, 4 processes", shared, 4),
        ]
        var samples: [[Sample]] = cases.map { _ in [] }
        for round in 0...rounds {
            for (place, each) in cases.enumerated() {
                let sample = try measure(each.store, each.count, "\(round)-\(place)")
                // The first round fills caches.
                if round > 0 { samples[place].append(sample) }
            }
        }
        print(Table.row([("", 30), ("events/s", -12), ("ratio", -8), ("host CPU µs", -14), ("server CPU µs", -16)]))
        let medians = samples.map { Sample.median($0) }
        for (each, median) in zip(cases, medians) {
            figures.note("events accepted, \(each.title)", median.rate, "events/s")
            figures.note("CPU of the hosts, \(each.title)", median.hostMicroseconds, "µs/event")
            figures.note("CPU of the server, \(each.title)", median.serverMicroseconds, "µs/event")
            print(
                Table.row([
                    (each.title, 30), (String(format: "%.0f", median.rate), -12),
                    (String(format: "%.2f", median.rate / medians[0].rate), -8), (String(format: "%.0f", median.hostMicroseconds), -14),
                    (String(format: "%.0f", median.serverMicroseconds), -16),
                ]))
            fflush(nil)
        }
        await tenant.stop()
        for host in file.hosts + shared.hosts { host.stop() }
        try await measureJobs(figures, server)
    }

    // MARK: Jobs

    /// How many PSAs there are: each gets one ticket at a time, whichever process writes it.
    private static let tenants = 16
    /// How many jobs a round has, the same number for each PSA.
    private static let jobs = 480

    /// Prints how many tickets are written a second, from the first event of a round to the last ticket, in hosts of their own for each case.
    private static func measureJobs(_ figures: Figures, _ server: PostgreSQLServer) async throws {
        print(
            "\nJobs done, from \(jobs) events to their tickets at \(tenants) PSAs in this process, which share the machine; median of \(rounds) rounds.\n"
        )
        print(Table.row([("", 30), ("jobs/s", -12), ("ratio", -8), ("host CPU µs", -14), ("server CPU µs", -16)]))
        var first: Double?
        for (title, processes, isShared) in [
            ("SQLite, 1 process", 1, false), ("PostgreSQL, 1 process", 1, true), ("PostgreSQL, 2 processes", 2, true),
            ("PostgreSQL, 4 processes", 4, true),
        ] {
            let median = try await jobs(processes, isShared ? server : nil)
            let base = first ?? median.rate
            first = base
            figures.note("jobs done, \(title)", median.rate, "jobs/s")
            print(
                Table.row([
                    (title, 30), (String(format: "%.0f", median.rate), -12), (String(format: "%.2f", median.rate / base), -8),
                    (String(format: "%.0f", median.hostMicroseconds), -14), (String(format: "%.0f", median.serverMicroseconds), -16),
                ]))
            fflush(nil)
        }
    }

    private static func jobs(_ processes: Int, _ server: PostgreSQLServer?) async throws -> Sample {
        let keys = FileManager.default.temporaryDirectory.appendingPathComponent("vectis-bench-\(UUID().uuidString).key").path
        defer { try? FileManager.default.removeItem(atPath: keys) }
        let options = try server.map { ["--database", $0.url(try $0.createDatabase("ENCODING 'UTF8'")), "--key-file", keys] } ?? []
        var hosts = [try HostProcess(options)]
        defer { for host in hosts { host.stop() } }
        let client = try await BrowserlessClient(hosts[0])
        let simulators = try (0..<tenants).map { _ in try HaloSimulatorServer.start() }
        for (number, simulator) in simulators.enumerated() {
            let connection = try await RulesBenchmark.connection(client, "http://127.0.0.1:\(simulator.port)")
            let rule = try await RulesBenchmark.rule(
                client, connection, eventTypes: "bench.jobs-\(number)", ("severity", "at_least", "error"))
            _ = try await client.submit(rule + "/mode", [("mode", "active"), ("revision", "1")])
        }
        let token = try await RulesBenchmark.token(client)
        for _ in 1..<max(processes, 1) { hosts.append(try HostProcess(options)) }
        let store = Store(hosts: hosts, token: token, dataFolder: server?.dataFolder)
        var samples: [Sample] = []
        for round in 0...rounds {
            let (cpu, start) = (store.cpuSeconds, ContinuousClock.now)
            let senders = EventSenders(port: port(of: hosts[0]), token: token, count: tenants, label: "jobs-\(round)")
            _ = try senders.send(upTo: jobs, within: .seconds(60)) { "bench.jobs-\($0 % tenants)" }
            var written = 0
            while written < jobs * (round + 1) {
                guard ContinuousClock.now - start < .seconds(120) else { throw Failure.tooSlow(written) }
                try await Task.sleep(for: .milliseconds(5))
                written = 0
                for simulator in simulators { written += await simulator.simulator.storedWrites().count }
            }
            let (took, now) = (ContinuousClock.now - start, store.cpuSeconds)
            // The first round fills caches.
            guard round > 0 else { continue }
            samples.append(
                Sample(
                    rate: Double(jobs) / (took / .seconds(1)), hostMicroseconds: (now.hosts - cpu.hosts) / Double(jobs) * 1e6,
                    serverMicroseconds: (now.server - cpu.server) / Double(jobs) * 1e6))
        }
        for simulator in simulators { await simulator.stop() }
        return .median(samples)
    }

    private enum Failure: Error {
        /// So many tickets were written when the time was up.
        case tooSlow(Int)
    }

    private static func port(of host: HostProcess) -> UInt16 {
        UInt16(host.address.split(separator: ":").last.map(String.init) ?? "") ?? 0
    }

    // MARK: Events

    private static func prepare(_ count: Int, _ options: [String], _ tenant: String, dataFolder: String?) async throws -> Store {
        var hosts = [try HostProcess(options)]
        let client = try await BrowserlessClient(hosts[0])
        let connection = try await RulesBenchmark.connection(client, tenant)
        _ = try await RulesBenchmark.rule(client, connection, eventTypes: "bench.growth", ("severity", "at_least", "error"))
        let token = try await RulesBenchmark.token(client)
        for _ in 1..<max(count, 1) { hosts.append(try HostProcess(options)) }
        return Store(hosts: hosts, token: token, dataFolder: dataFolder)
    }

    /// Sends events to the first hosts, with as many senders in all whatever their number.
    private static func measure(_ store: Store, _ count: Int, _ label: String) throws -> Sample {
        let ports = store.hosts.prefix(count).map(port)
        let token = store.token
        let outcome = Mutex((accepted: 0, failure: (any Error)?.none))
        let (cpu, start) = (store.cpuSeconds, ContinuousClock.now)
        DispatchQueue.concurrentPerform(iterations: count) { number in
            let senders = EventSenders(port: ports[number], token: token, count: senders / count, label: "growth-\(label)-\(number)")
            let result = Result { try senders.send(upTo: events / count, within: time) { _ in "bench.growth" } }
            outcome.withLock { outcome in
                switch result {
                case .success(let accepted): outcome.accepted += accepted
                case .failure(let error): outcome.failure = error
                }
            }
        }
        let took = ContinuousClock.now - start
        let (accepted, failure) = outcome.withLock { ($0.accepted, $0.failure) }
        if let failure { throw failure }
        let now = store.cpuSeconds
        return Sample(
            rate: Double(accepted) / (took / .seconds(1)), hostMicroseconds: (now.hosts - cpu.hosts) / Double(accepted) * 1e6,
            serverMicroseconds: (now.server - cpu.server) / Double(accepted) * 1e6)
    }

    /// The processor time of all processes that work in a folder, in seconds.
    private static func cpuSeconds(in folder: String) -> Double {
        let processes = ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).filter { Int($0) != nil }
        return processes.reduce(0) { sum, process in
            guard (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")) == folder else { return sum }
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = (status.split(separator: ")").last ?? "").split(separator: " ")
            guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return sum }
            return sum + (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
        }
    }
}
