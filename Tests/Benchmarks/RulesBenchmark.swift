import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl

/// The time from an event to its ticket, and events a second by the number of rules and connections.
enum RulesBenchmark {
    private static let atOnce = EventSenders.usualCount
    private static let tickets = 100
    private static let rounds = 3
    /// The most events and time of one case in one round.
    private static let (events, time) = (20_000, Duration.seconds(4))

    /// A host with so many rules and connections.
    private struct Case {
        let title: String
        let rules: Int
        let connections: Int
        /// Whether the rules ask for an event type; otherwise each is tested for each event, and one fires.
        var isByType = true
    }

    /// All cases, or the one whose number is in `BENCH_CASE`, for a profile.
    private static var cases: [Case] {
        let chosen = ProcessInfo.processInfo.environment["BENCH_CASE"].flatMap { Int($0) }
        return allCases.enumerated().filter { chosen == nil || chosen == $0.offset + 1 }.map(\.element)
    }

    private static let allCases = [
        Case(title: "1 rule, 1 connection", rules: 1, connections: 1),
        Case(title: "100 rules", rules: 100, connections: 1),
        Case(title: "1,000 rules", rules: 1_000, connections: 1),
        Case(title: "1,000 rules for any type", rules: 1_000, connections: 1, isByType: false),
        Case(title: "500 connections", rules: 1, connections: 500),
        Case(title: "1,000 rules, 500 connections", rules: 1_000, connections: 500),
    ]

    static func run(_ figures: Figures) async throws {
        figures.section("Rules", "Rules in a separate host, with a simulator in its own process.")
        try await timeToTicket(figures)
        print("\nEvents accepted and decided in dry run, one rule fires; \(atOnce) senders, median of \(rounds) rounds of all cases.\n")
        var hosts: [PreparedHost] = []
        defer { for host in hosts { host.process.stop() } }
        for prepared in cases { hosts.append(try await prepare(prepared)) }
        var samples: [[Sample]] = cases.map { _ in [] }
        for round in 0...rounds {
            for place in cases.indices {
                let sample = try measure(hosts[place], cases[place], round)
                // The first round fills caches.
                if round > 0 { samples[place].append(sample) }
            }
        }
        print(row("", ["events/s", "ratio", "host CPU µs", "ratio", "client CPU µs", "memory MB"]))
        let medians = samples.map { Sample.median($0) }
        for (place, median) in medians.enumerated() {
            figures.note("events accepted, \(cases[place].title)", median.rate, "events/s")
            figures.note("CPU of the host, \(cases[place].title)", median.hostMicroseconds, "µs/event")
            print(
                row(
                    cases[place].title,
                    [
                        String(format: "%.0f", median.rate), String(format: "%.2f", median.rate / medians[0].rate),
                        String(format: "%.0f", median.hostMicroseconds),
                        String(format: "%.2f", median.hostMicroseconds / medians[0].hostMicroseconds),
                        String(format: "%.0f", median.clientMicroseconds), "\(hosts[place].process.residentMegabytes)",
                    ]))
        }
    }

    /// What one round of a case took.
    private struct Sample {
        var rate: Double
        var hostMicroseconds: Double
        var clientMicroseconds: Double

        static func median(_ samples: [Sample]) -> Sample {
            func median(_ value: (Sample) -> Double) -> Double { samples.map(value).sorted()[samples.count / 2] }
            return Sample(
                rate: median(\.rate), hostMicroseconds: median(\.hostMicroseconds), clientMicroseconds: median(\.clientMicroseconds))
        }
    }

    private struct PreparedHost {
        let process: HostProcess
        let token: String
        let port: UInt16
    }

    private static func prepare(_ prepared: Case) async throws -> PreparedHost {
        let host = try HostProcess(["--demo"])
        let client = try await BrowserlessClient(host)
        let connection = try await connection(client, host.tenant)
        if prepared.connections > 1 { try await client.saveConnections(prepared.connections - 1) }
        for number in 0..<prepared.rules {
            let test =
                prepared.isByType ? ("severity", "at_least", "error") : ("text", "contains", number == 0 ? "disk" : "nothing \(number)")
            _ = try await rule(client, connection, eventTypes: prepared.isByType ? type(number) : "", test)
        }
        let port = UInt16(host.address.split(separator: ":").last.map(String.init) ?? "") ?? 0
        return PreparedHost(process: host, token: try await token(client), port: port)
    }

    private static func type(_ number: Int) -> String { "bench.type-\(number)" }

    private static func measure(_ host: PreparedHost, _ prepared: Case, _ round: Int) throws -> Sample {
        let senders = EventSenders(port: host.port, token: host.token, count: atOnce, label: "round-\(round)")
        let (cpu, own, start) = (host.process.cpuSeconds, Measurement.cpuSeconds(), ContinuousClock.now)
        let count = Double(try senders.send(upTo: events, within: time) { type($0 % prepared.rules) })
        let took = seconds(ContinuousClock.now - start)
        return Sample(
            rate: count / took, hostMicroseconds: (host.process.cpuSeconds - cpu) / count * 1e6,
            clientMicroseconds: (Measurement.cpuSeconds() - own) / count * 1e6)
    }

    private static func row(_ title: String, _ cells: [String]) -> String {
        title.padding(toLength: 30, withPad: " ", startingAt: 0)
            + cells.map { String(repeating: " ", count: max(1, 15 - $0.count)) + $0 }.joined()
    }

    private static func timeToTicket(_ figures: Figures) async throws {
        let host = try HostProcess(["--demo"])
        defer { host.stop() }
        let client = try await BrowserlessClient(host)
        let token = try await token(client)
        let connection = try await connection(client, host.tenant)
        let rule = try await rule(client, connection, eventTypes: "", ("severity", "at_least", "error"))
        _ = try await client.submit(rule + "/mode", [("mode", "active"), ("revision", "1")])
        let own = try await vendorTime(host.tenant)
        let whole = try await timeToTicket(client, token, rule)
        figures.add("event to ticket, median of \(tickets)", whole * 1_000, "ms")
        figures.add("of which the PSA's own", own * 1_000, "ms")
    }

    static func connection(_ client: BrowserlessClient, _ tenant: String) async throws -> String {
        let body: JSONValue = ["connector": "halopsa", "acceptUntested": true, "settings": settings(tenant)]
        return try await client.post("/api/v1/connections", body)["id"]?.string ?? ""
    }

    private static func settings(_ tenant: String) -> JSONValue {
        [
            "tenantURL": .string(tenant), "clientID": .string(HaloSimulator.Configuration.demoClientID),
            "clientSecret": .string(HaloSimulator.Configuration.demoClientSecret), "ticketTypeID": "1",
            "requestsPerFiveMinutes": "100000",
        ]
    }

    static func token(_ client: BrowserlessClient) async throws -> String {
        let page = try await client.submit("/api-keys", [("name", "bench"), ("scope", "events:send")])
        return page.firstMatch(of: /vectis_[A-Za-z0-9_-]+/).map { String($0.0) } ?? ""
    }

    /// A rule in dry run; the path of its page.
    static func rule(
        _ client: BrowserlessClient, _ connection: String, eventTypes: String, _ test: (field: String, comparison: String, value: String)
    ) async throws -> String {
        let place = try await client.submit(
            "/rules/new",
            [
                ("name", "bench"), ("eventTypes", eventTypes), ("connection", connection), ("summary", "{device}: {text}"),
                ("details", "{text}"), ("appendMinutes", "0"), ("limitCount", "10000"), ("limitMinutes", "10"),
                ("group0.test0.field", test.field), ("group0.test0.comparison", test.comparison), ("group0.test0.value", test.value),
                ("action", "save"),
            ])
        return String(place.prefix { $0 != "?" })
    }

    private static func event(_ id: String) -> JSONValue {
        [
            "source": "bench", "id": .string(id), "type": "backup.failed", "severity": "error", "device": "SRV-1",
            "text": "The disk is full.",
        ]
    }

    /// The median time of creating a ticket through the connector alone.
    private static func vendorTime(_ tenant: String) async throws -> Double {
        let session = try ConnectorRegistry([HaloConnector.self]).connect(
            "halopsa",
            settings: [
                "tenantURL": tenant, "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1",
            ],
            context: ConnectorContext(transport: CurlTransport(), addressPolicy: .allowingLoopback, tenants: TenantRateLimits(pace: nil)))
        return try await median {
            _ = try await session.createTicket(TicketDraft(summary: "bench \($0)", externalReference: "bench-\($0)"))
        }
    }

    /// The median time from sending an event to its ticket in the history, asked for again and again.
    private static func timeToTicket(_ client: BrowserlessClient, _ token: String, _ rule: String) async throws -> Double {
        try await median { number in
            _ = try await client.post("/api/v1/events", event("real-\(number)"), token: token)
            while !(try await client.page(rule)).contains("Created (\(number + 1))") {
                try await Task.sleep(for: .milliseconds(1))
            }
        }
    }

    private static func median(_ work: (Int) async throws -> Void) async throws -> Double {
        var times: [Double] = []
        for number in 0..<tickets {
            let start = ContinuousClock.now
            try await work(number)
            times.append(seconds(ContinuousClock.now - start))
        }
        return times.sorted()[tickets / 2]
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
