import Foundation
import PSACore

/// The time of every page with 115,000 jobs, and events accepted while pages are read.
enum PagesBenchmark {
    private static let jobs = 115_000
    private static let rules = 40
    private static let readings = 31

    static func run(_ figures: Figures) async throws {
        figures.section(
            "Pages", "The admin page of a host with \(jobs) jobs of \(rules) rules and 25 connections; one reader, \(readings) readings.")
        let host = try HostProcess(["--demo"])
        defer { host.stop() }
        let client = try await BrowserlessClient(host)
        let connection = try await RulesBenchmark.connection(client, host.tenant)
        try await client.saveConnections(24)
        var rulePages: [String] = []
        for number in 0..<rules {
            rulePages.append(
                try await RulesBenchmark.rule(client, connection, eventTypes: "pages.\(number)", ("severity", "at_least", "error")))
        }
        let port = UInt16(host.address.split(separator: ":").last.map(String.init) ?? "") ?? 0
        let token = try await RulesBenchmark.token(client)
        let start = ContinuousClock.now
        try await send(jobs, to: port, token, "seed", rules: rules)
        figures.add("events accepted while the jobs are made", Double(jobs) / seconds(ContinuousClock.now - start), "events/s")
        let paths = paths(connection, rulePages.first ?? "/rules")
        for path in paths {
            let times = try await times(client, path.path, readings)
            figures.add("page \(path.title): median", times[times.count / 2] * 1_000, "ms")
        }
        try await acceptance(figures, client, port, token, paths.map(\.path))
    }

    /// Every page that shows or counts what grows.
    static func paths(_ connection: String, _ rule: String) -> [(title: String, path: String)] {
        [
            ("events", "/events"), ("events, searched", "/events?text=full"), ("events, nothing found", "/events?text=nothing"),
            ("one event", "/events/100"), ("one job", "/jobs/100"), ("jobs, nothing found", "/jobs?text=nothing"),
            ("notifications", "/notifications"), ("integrations", "/integrations"), ("connection", "/integrations/\(connection)"),
            ("connection settings", "/integrations/\(connection)/settings"), ("error reference", "/errors"),
            ("ticket defaults", "/integrations/\(connection)/ticket-defaults"), ("rules", "/rules"), ("one rule", rule),
            ("one rule, failed", rule + "?state=failed"), ("rule form", rule + "/edit"), ("jobs", "/jobs"),
            ("jobs, needs review", "/jobs?state=needs_review"), ("jobs, would create", "/jobs?state=would_create"),
            ("companies", "/rules/companies"),
            ("limits", "/rules/limits"), ("audit log", "/audit"), ("API keys", "/api-keys"), ("accounts", "/accounts"),
            ("metrics", "/metrics"), ("API: connections", "/api/v1/connections"),
        ]
    }

    /// Events a second without readers and with four readers of all pages, in turns.
    private static func acceptance(
        _ figures: Figures, _ client: BrowserlessClient, _ port: UInt16, _ token: String, _ paths: [String]
    ) async throws {
        var (alone, beside): ([Double], [Double]) = ([], [])
        for round in 0..<3 {
            alone.append(try await rate(port, token, "alone-\(round)", rules: rules))
            let readers = (0..<4).map { _ in
                Task { while !Task.isCancelled { for path in paths { try await client.get(path) } } }
            }
            beside.append(try await rate(port, token, "beside-\(round)", rules: rules))
            for reader in readers { reader.cancel() }
        }
        figures.add("events accepted without readers", alone.sorted()[1], "events/s")
        figures.add("events accepted beside four readers", beside.sorted()[1], "events/s")
    }

    /// Sends events, each for one of the rules in turn.
    static func send(_ count: Int, to port: UInt16, _ token: String, _ label: String, rules: Int) async throws {
        try await Task.detached {
            let senders = EventSenders(port: port, token: token, count: EventSenders.usualCount, label: label)
            _ = try senders.send(upTo: count, within: .seconds(300)) { "pages.\($0 % rules)" }
        }.value
    }

    /// Events a second, each for one of the rules in turn.
    static func rate(_ port: UInt16, _ token: String, _ label: String, rules: Int) async throws -> Double {
        try await Task.detached {
            let senders = EventSenders(port: port, token: token, count: EventSenders.usualCount, label: label)
            let start = ContinuousClock.now
            let count = try senders.send(upTo: 20_000, within: .seconds(3)) { "pages.\($0 % rules)" }
            return Double(count) / seconds(ContinuousClock.now - start)
        }.value
    }

    static func times(_ client: BrowserlessClient, _ path: String, _ count: Int) async throws -> [Double] {
        var times: [Double] = []
        for _ in 0..<count {
            let start = ContinuousClock.now
            try await client.get(path)
            times.append(seconds(ContinuousClock.now - start))
        }
        return times.sorted()
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
