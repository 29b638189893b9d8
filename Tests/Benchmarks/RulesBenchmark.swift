import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl

/// Events a second, the time from an event to its ticket, and memory with many rows in the outbox.
enum RulesBenchmark {
    private static let atOnce = 64
    private static let events = 100_000
    private static let tickets = 100

    static func run() async throws {
        print("\nRules in a separate host, with a simulator in its own process.\n")
        let host = try HostProcess(["--demo"])
        defer { host.stop() }
        let client = try await BrowserlessClient(host)
        let token = try await token(client)
        let connection =
            try await client.post(
                "/api/v1/connections", ["connector": "halopsa", "acceptUntested": true, "settings": settings(host.tenant)])["id"]?.string
            ?? ""
        let rule = try await rule(client, connection)

        _ = try await client.submit(rule + "/mode", [("mode", "active"), ("revision", "1")])
        let own = try await vendorTime(host.tenant)
        let whole = try await timeToTicket(client, token, rule)
        print(
            String(
                format: "event to ticket, median of %d: %.1f ms, of which the PSA's own %.1f ms", tickets, whole * 1_000, own * 1_000))

        _ = try await client.submit(rule + "/mode", [("mode", "dry_run"), ("revision", "2")])
        let before = host.residentMegabytes
        let start = ContinuousClock.now
        try await accept(client, token)
        let rate = Double(events) / seconds(ContinuousClock.now - start)
        print(String(format: "events accepted and decided in dry run, %d at once: %.0f/s", atOnce, rate))
        print("memory before, and with \(events) rows in the outbox: \(before) MB, \(host.residentMegabytes) MB")
    }

    private static func settings(_ tenant: String) -> JSONValue {
        [
            "tenantURL": .string(tenant), "clientID": .string(HaloSimulator.Configuration.demoClientID),
            "clientSecret": .string(HaloSimulator.Configuration.demoClientSecret), "ticketTypeID": "1",
            "requestsPerFiveMinutes": "100000",
        ]
    }

    private static func token(_ client: BrowserlessClient) async throws -> String {
        let page = try await client.submit("/tokens", [("name", "bench")])
        return page.firstMatch(of: /vectis_[A-Za-z0-9_-]+/).map { String($0.0) } ?? ""
    }

    /// A rule in dry run; the path of its page.
    private static func rule(_ client: BrowserlessClient, _ connection: String) async throws -> String {
        let place = try await client.submit(
            "/rules/new",
            [
                ("name", "bench"), ("connection", connection), ("summary", "{device}: {text}"), ("details", "{text}"),
                ("appendMinutes", "0"),
                ("limitCount", "10000"), ("limitMinutes", "10"), ("group0.test0.field", "severity"),
                ("group0.test0.comparison", "at_least"),
                ("group0.test0.value", "error"), ("action", "save"),
            ])
        return String(place.prefix { $0 != "?" })
    }

    private static func event(_ id: String) -> JSONValue {
        [
            "source": "bench", "id": .string(id), "type": "backup.failed", "severity": "error", "device": "SRV-1",
            "text": "The disk is full.",
        ]
    }

    private static func accept(_ client: BrowserlessClient, _ token: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<atOnce {
                group.addTask {
                    for number in stride(from: lane, to: events, by: atOnce) {
                        _ = try await client.post("/api/v1/events", event("dry-\(number)"), token: token)
                    }
                }
            }
            try await group.waitForAll()
        }
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
