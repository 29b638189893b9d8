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
        let host = try HostProcess()
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

/// `vectis serve` from the same folder as this program, on a free port and in a folder of its own.
private final class HostProcess {
    let address: String
    let password: String
    private let process = Process()
    private let input = Pipe()
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("vectis-bench-\(UUID().uuidString)")

    init() throws {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = own.deletingLastPathComponent().appendingPathComponent("vectis")
        process.arguments = [
            "serve", "--json", "--port", "0", "--data", folder.path, "--until-input-ends", "--allow-loopback", "--check-every", "0",
            "--log",
            "/dev/null",
        ]
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let root = try JSONDocument(Array(output.fileHandleForReading.availableData)).root
        address = root["url"]?.string ?? ""
        password = root["password"]?.string ?? ""
    }

    var residentMegabytes: Int {
        let status = (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1_024
    }

    func stop() {
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }
}

/// Speaks with the host as a browser would, as far as the measurement needs it.
private struct BrowserlessClient: Sendable {
    private let address: ServiceURL
    private let transport = CurlTransport()
    private let cookie: String
    private let formToken: String

    enum Failure: Error { case status(Int, String) }

    init(_ host: HostProcess) async throws {
        address = try ServiceURL(typed: host.address, policy: .allowingLoopback)
        var request = HTTPRequest(
            .post, address, route: "/api/v1/session", headers: ["Content-Type": "application/json"],
            body: JSONValue(present: [("name", "admin"), ("password", .string(host.password))]).encoded, addressPolicy: .allowingLoopback)
        request.timeout = .seconds(30)
        let answer = try await transport.send(request)
        guard answer.status == 200 else { throw Failure.status(answer.status, "/api/v1/session") }
        cookie = String((answer.headers["Set-Cookie"] ?? "").prefix { $0 != ";" })
        formToken = try JSONDocument(answer.body).root["formToken"]?.string ?? ""
    }

    func get(_ path: String) async throws {
        let answer = try await transport.send(
            HTTPRequest(.get, address, route: path, headers: ["Cookie": cookie], addressPolicy: .allowingLoopback))
        guard answer.status == 200 else { throw Failure.status(answer.status, path) }
    }

    func saveConnections(_ count: Int) async throws {
        for number in 1...count {
            let body: JSONValue = [
                "connector": "halopsa", "acceptUntested": true,
                "settings": [
                    "tenantURL": .string("https://tenant-\(number).example.com"), "clientID": "bench", "clientSecret": "not-a-secret",
                ],
            ]
            let answer = try await transport.send(
                HTTPRequest(
                    .post, address, route: "/api/v1/connections",
                    headers: ["Content-Type": "application/json", "Cookie": cookie, "X-Form-Token": formToken], body: body.encoded,
                    addressPolicy: .allowingLoopback))
            guard answer.status == 201 else { throw Failure.status(answer.status, "/api/v1/connections") }
        }
    }
}
