import Foundation
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl

/// The duration of a connection test: against a healthy distant tenant, and in the worst cases.
enum ConnectionTestBenchmark {
    private struct Case {
        var title: String
        var faults: [String]
        var runs: Int
    }

    private static let cases = [
        Case(title: "healthy, 200 ms on each request", faults: ["latency:200"], runs: 30),
        Case(title: "healthy, 1 s on each request", faults: ["latency:1000"], runs: 5),
        Case(title: "the secret is refused, 200 ms", faults: ["latency:200", "token-invalid-client"], runs: 10),
        Case(title: "every read gives 401, 2 s", faults: ["latency:2000", "token-revoked-always"], runs: 1),
        Case(title: "nothing ever answers", faults: ["silent"], runs: 1),
        Case(title: "bodies drip", faults: ["slow-body:2000"], runs: 1),
    ]

    static func run(_ figures: Figures) async throws {
        let server = try OwnProcess.serve(tickets: 1_000, padding: 0).start()
        defer { server.input.closeFile() }
        let address = String(decoding: OwnProcess.line(of: server.output), as: UTF8.self)
        figures.section("Connection tests", "Their limit is 10 s.")
        let transport = CurlTransport()
        for entry in cases {
            try await setFaults(entry.faults, address, transport)
            var times: [Double] = []
            var answer = ""
            for _ in 0..<entry.runs {
                let start = ContinuousClock.now
                let report = try await session(address, transport).testConnection()
                let took = ContinuousClock.now - start
                times.append(Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
                answer = report.failure?.code.rawValue ?? "connected"
            }
            times.sort()
            figures.add("\(entry.title): \(answer), median of \(entry.runs)", times[times.count / 2], "s")
            figures.add("\(entry.title): longest", times[times.count - 1], "s")
        }
        try await setFaults([], address, transport)
    }

    private static func session(_ address: String, _ transport: CurlTransport) throws -> ConnectorSession {
        try ConnectorRegistry([HaloConnector.self]).connect(
            "halopsa",
            settings: [
                "tenantURL": address, "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1", "ticketPriorityID": "3",
            ],
            context: ConnectorContext(transport: transport, addressPolicy: .allowingLoopback, tenants: TenantRateLimits(pace: nil)))
    }

    private static func setFaults(_ names: [String], _ address: String, _ transport: CurlTransport) async throws {
        let request = TransportRequest(
            .put, try ServiceURL(typed: address, policy: .allowingLoopback), route: "/_simulator/faults",
            headers: ["Content-Type": "application/json"], body: JSONValue.array(names.map(JSONValue.string)).encoded,
            addressPolicy: .allowingLoopback)
        _ = try await transport.send(request)
    }
}
