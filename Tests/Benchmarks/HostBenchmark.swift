import Foundation
import PSACore
import PSACurl

/// The admin page under load: requests a second and their time at 64 at once, the time to start, memory at rest.
enum HostBenchmark {
    private static let atOnce = 64
    private static let requests = 20_000

    static func run(_ figures: Figures) async throws {
        figures.section(
            "Host", "The admin page in its own process; \(requests) requests of each kind, \(atOnce) at once, 25 saved connections.")
        let start = ContinuousClock.now
        let host = try HostProcess([])
        defer { host.stop() }
        let startUp = ContinuousClock.now - start
        let client = try await BrowserlessClient(host)
        try await client.saveConnections(25)
        for (title, path) in [
            ("a style sheet, the least work", "/assets/vectis.css"), ("integrations page", "/integrations"),
            ("API: connections", "/api/v1/connections"), ("audit log page", "/audit"),
        ] {
            let result = try await measure(client, path)
            figures.add(title, result.rate, "requests/s")
            figures.add(title + ": median", result.median * 1_000, "ms")
            figures.add(title + ": p99", result.p99 * 1_000, "ms")
        }
        try await Task.sleep(for: .seconds(2))
        figures.add("first start until it listens, with keys and an account to make", seconds(startUp) * 1_000, "ms")
        figures.add("memory at rest", Double(host.residentMegabytes), "MB")
    }

    private static func measure(_ client: BrowserlessClient, _ path: String) async throws -> (rate: Double, median: Double, p99: Double) {
        let start = ContinuousClock.now
        let times = try await withThrowingTaskGroup(of: [Double].self) { group in
            for _ in 0..<atOnce {
                group.addTask {
                    var times: [Double] = []
                    for _ in 0..<requests / atOnce {
                        let before = ContinuousClock.now
                        try await client.get(path)
                        times.append(seconds(ContinuousClock.now - before))
                    }
                    return times
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }.sorted()
        }
        let took = seconds(ContinuousClock.now - start)
        return (Double(times.count) / took, times[times.count / 2], times[times.count * 99 / 100])
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
