import Foundation
import PSACore
import PSACurl

/// The admin page under load: requests a second and their time at 64 at once, the time to start, memory at rest.
enum HostBenchmark {
    private static let atOnce = 64
    private static let requests = 20_000

    static func run() async throws {
        print("\nThe admin page in its own process; \(requests) requests of each kind, \(atOnce) at once, 25 saved connections.\n")
        let start = ContinuousClock.now
        let host = try HostProcess([])
        defer { host.stop() }
        let startUp = ContinuousClock.now - start
        let client = try await BrowserlessClient(host)
        try await client.saveConnections(25)
        print(row("", ["requests/s", "median ms", "p99 ms"]))
        for (title, path) in [
            ("a style sheet, the least work", "/assets/vectis.css"), ("integrations page", "/integrations"),
            ("API: connections", "/api/v1/connections"), ("audit log page", "/audit"),
        ] {
            print(row(title, try await measure(client, path)))
        }
        try await Task.sleep(for: .seconds(2))
        let ready = String(format: "%.0f", seconds(startUp) * 1_000)
        print(
            "\nFirst start until it listens, with keys and an account to make: \(ready) ms. Memory at rest: \(host.residentMegabytes) MB.")
    }

    private static func measure(_ client: BrowserlessClient, _ path: String) async throws -> [String] {
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
        return [
            String(format: "%.0f", Double(times.count) / took), String(format: "%.2f", times[times.count / 2] * 1_000),
            String(format: "%.2f", times[times.count * 99 / 100] * 1_000),
        ]
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private static func row(_ title: String, _ cells: [String]) -> String {
        title.padding(toLength: 36, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
    }
}
