import Foundation

/// What came of a ``FleetTorture``.
public struct FleetReport: Sendable {
    let plan: FleetTorture.Plan
    let processes: Int
    var result = TortureResult.nothing
    /// How often a host was killed.
    public internal(set) var kills = 0
    /// How often the database was restarted.
    public internal(set) var restarts = 0
    /// How often an event was sent again.
    public internal(set) var resent = 0
    /// How often a host ended before it listened, as without a database.
    public internal(set) var failedStarts = 0
    /// How often a host that listened ended by itself.
    public internal(set) var crashes = 0
    /// How many requests the PSAs received.
    public private(set) var requests = 0
    /// The most requests of a PSA in a window of the limit's length, by the PSA's record.
    public private(set) var largestWindow = 0

    init(plan: FleetTorture.Plan, processes: Int) { (self.plan, self.processes) = (plan, processes) }

    /// How many events were accepted.
    public var events: Int { result.events }
    /// How many tickets the PSAs have.
    public var tickets: Int { result.writes }
    /// How many writes of unknown outcome were searched for.
    public var searchedFor: Int { result.searchedFor }
    /// Whether no PSA received more requests than its limit in any window.
    public var isWithinLimit: Bool { largestWindow <= plan.requests }

    /// Whether each event has exactly one ticket, no host ended by itself, and the rate limit held.
    ///
    /// A host on a file counts requests in its memory and forgets them when it is killed, so its largest window is printed and not checked.
    public var isGood: Bool {
        result.isGood && result.inReview == 0 && tickets == plan.events && events == plan.events && crashes == 0
            && (isWithinLimit || plan.store == .sqlite)
    }

    /// Counts the requests of one PSA.
    mutating func add(requestsAt times: [ContinuousClock.Instant]) {
        requests += times.count
        let (times, window) = (times.sorted(), Duration.seconds(plan.window))
        var first = 0
        for (last, time) in times.enumerated() {
            while time - times[first] >= window { first += 1 }
            largestWindow = max(largestWindow, last - first + 1)
        }
    }

    /// The counts, and what went wrong.
    public var text: String {
        var lines = [
            "\(plan.store.rawValue), \(processes) process\(processes == 1 ? "" : "es"), \(plan.tenants) tenants, seed \(plan.seed): "
                + "\(events) events, \(resent) sent again, \(kills) kills, \(restarts) restarts of the database, \(failedStarts) failed starts, "
                + "\(tickets) tickets, \(result.lost) lost, \(result.duplicated) doubled, \(result.inReview) in review, "
                + "\(searchedFor) searched for, \(requests) requests, largest window \(largestWindow) of \(plan.requests) in "
                + "\(plan.window) seconds, \(result.took.components.seconds) seconds"
        ]
        if !result.isComplete { lines.append("  jobs are still open") }
        if crashes != 0 { lines.append("  \(crashes) hosts ended by themselves") }
        lines += (result.damages + result.complaints + result.reviews).prefix(20).map { "  " + $0 }
        return lines.joined(separator: "\n")
    }
}

/// The part of `make torture` in which several hosts share a database.
public enum FleetCommand {
    /// Runs it for both stores, and prints the counts.
    ///
    /// - Parameters:
    ///   - arguments: The arguments of `torture`; the second is the seed, the third the program `vectis`.
    ///   - environment: `TORTURE_FLEET` is the number of events, by default 1,000.
    /// - Returns: The exit status: 1 if anything was lost, doubled or too fast.
    /// - Throws: Errors of the run itself.
    public static func run(arguments: [String], environment: [String: String]) async throws -> Int32 {
        let events = environment["TORTURE_FLEET"].flatMap { Int($0) } ?? 1_000
        let seed = arguments.dropFirst().first.flatMap { UInt64($0) } ?? 1
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let binary = arguments.dropFirst(2).first.flatMap { $0.isEmpty ? nil : $0 } ?? own.appendingPathComponent("vectis").path
        var status: Int32 = 0
        for store in [FleetTorture.Store.postgreSQL, .sqlite] {
            let folder = FileManager.default.temporaryDirectory.path + "/vectis-fleet-\(UUID())"
            let plan = FleetTorture.Plan(
                store: store, events: events, tenants: max(1, events / 20), kills: max(4, events / 25), restarts: 3, requests: 100,
                window: 60, seed: seed)
            let report = try await FleetTorture(binary: binary, folder: folder, plan: plan).run { write($0) }
            write(report.text + "\n")
            if report.isGood {
                try FileManager.default.removeItem(atPath: folder)
            } else {
                print("The data folders and logs are in \(folder).")
                status = 1
            }
        }
        return status
    }

    /// Prints at once, also into a file.
    private static func write(_ text: String) {
        print(text)
        fflush(nil)
    }
}
