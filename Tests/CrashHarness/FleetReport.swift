import Foundation
import PSACore

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
    /// The most requests that the hosts made to a PSA in a window of the limit's length.
    public private(set) var largestWindow = 0
    /// The most requests that a PSA recorded in such a window.
    public private(set) var largestRecordedWindow = 0
    /// The longest time between the making of a request and its record by the PSA.
    public private(set) var longestTransit = Duration.zero
    /// How many requests did not say when they were made.
    public private(set) var unstamped = 0

    init(plan: FleetTorture.Plan, processes: Int) { (self.plan, self.processes) = (plan, processes) }

    /// How many events were accepted.
    public var events: Int { result.events }
    /// How many tickets the PSAs have.
    public var tickets: Int { result.writes }
    /// How many writes of unknown outcome were searched for.
    public var searchedFor: Int { result.searchedFor }
    /// Whether the hosts made no more requests than the limit in any window, and no PSA recorded more while each request was on its way for
    /// no longer than the hosts allow for.
    ///
    /// Simulators and hosts share the machine with other tests, and what the limit promises about arrivals ends where a request is on its
    /// way for longer than ``SharedRateWindow/transit(of:)``.
    public var isWithinLimit: Bool {
        let transit = SharedRateWindow.transit(of: RateLimit(plan.requests, per: .seconds(plan.window)))
        return unstamped == 0 && largestWindow <= plan.requests && (largestRecordedWindow <= plan.requests || longestTransit > transit)
    }

    /// Whether each event has exactly one ticket, no host ended by itself, and the rate limit held.
    ///
    /// A host on a file counts requests in its memory and forgets them when it is killed, so its largest window is printed and not checked.
    public var isGood: Bool {
        result.isGood && result.inReview == 0 && tickets == plan.events && events == plan.events && crashes == 0
            && (isWithinLimit || plan.store == .sqlite)
    }

    /// Counts the requests of one PSA.
    ///
    /// - Parameter log: When each was made and when it was recorded, both since the start of the machine.
    mutating func add(_ log: [(made: Duration?, recorded: Duration)]) {
        requests += log.count
        unstamped += log.count { $0.made == nil }
        largestWindow = max(largestWindow, mostInWindow(log.compactMap(\.made)))
        largestRecordedWindow = max(largestRecordedWindow, mostInWindow(log.map(\.recorded)))
        longestTransit = log.reduce(longestTransit) { max($0, $1.recorded - ($1.made ?? $1.recorded)) }
    }

    private func mostInWindow(_ times: [Duration]) -> Int {
        let (times, window) = (times.sorted(), Duration.seconds(plan.window))
        var (first, most) = (0, 0)
        for (last, time) in times.enumerated() {
            while time - times[first] >= window { first += 1 }
            most = max(most, last - first + 1)
        }
        return most
    }

    /// The counts, and what went wrong.
    public var text: String {
        var lines = [
            "\(plan.store.rawValue), \(processes) process\(processes == 1 ? "" : "es"), \(plan.tenants) tenants, seed \(plan.seed): "
                + "\(events) events, \(resent) sent again, \(kills) kills, \(restarts) restarts of the database, \(failedStarts) failed starts, "
                + "\(tickets) tickets, \(result.lost) lost, \(result.duplicated) doubled, \(result.inReview) in review, "
                + "\(searchedFor) searched for, \(requests) requests, largest window \(largestWindow) of \(plan.requests) in "
                + "\(plan.window) seconds (recorded by the PSA: \(largestRecordedWindow), longest way there "
                + "\(longestTransit.formatted(.units(allowed: [.milliseconds])))), \(result.took.components.seconds) seconds"
        ]
        if unstamped != 0 { lines.append("  \(unstamped) requests did not say when they were made") }
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
        for store in [TortureStore.postgreSQL, .sqlite] {
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
