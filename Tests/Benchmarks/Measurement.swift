import Foundation
import Glibc
import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import Synchronization

/// What one run in a process of its own took.
struct Measurement: Codable {
    var rows: Int
    var bytes: Int
    var requests: Int
    var seconds: Double
    var cpuSeconds: Double
    var peakMegabytes: Double

    /// Reads the list as a host does: through registry, session and connector, into tickets.
    static func listing(address: String) async throws -> Measurement {
        let transport = CountingTransport(CurlTransport())
        let session = try ConnectorRegistry([HaloConnector.self]).connect(
            "halopsa",
            settings: [
                "tenantURL": address, "clientID": HaloSimulator.Configuration.demoClientID,
                "clientSecret": HaloSimulator.Configuration.demoClientSecret,
            ],
            context: ConnectorContext(
                transport: transport, addressPolicy: .allowingLoopback, tenants: TenantRateLimits(pace: nil)))
        return try await measure(transport) {
            var rows = 0
            for try await _ in session.tickets() { rows += 1 }
            return rows
        }
    }

    /// Downloads the same pages with the same transport, four at a time, without parsing.
    static func bareDownload(address: String) async throws -> Measurement {
        let transport = CountingTransport(CurlTransport())
        let origin = try ServiceURL(typed: address, policy: .allowingLoopback)
        let token = try await token(origin, transport)
        let pages = try await pageCount(origin, token, transport)
        return try await measure(transport) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 1...4 {
                    group.addTask {
                        for page in stride(from: lane, through: pages, by: 4) {
                            _ = try await transport.send(request(page, origin, token))
                        }
                    }
                }
                try await group.waitForAll()
            }
            return pages * 100
        }
    }

    static func print(_ measurement: Measurement) throws {
        Swift.print(String(decoding: try JSONEncoder().encode(measurement), as: UTF8.self))
    }

    static func measure(_ transport: CountingTransport, _ work: () async throws -> Int) async throws -> Measurement {
        let (bytes, requests, cpu, start) = (transport.bytes, transport.requests, cpuSeconds(), ContinuousClock.now)
        let rows = try await work()
        let took = ContinuousClock.now - start
        return Measurement(
            rows: rows, bytes: transport.bytes - bytes, requests: transport.requests - requests,
            seconds: Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18, cpuSeconds: cpuSeconds() - cpu,
            peakMegabytes: peakMegabytes())
    }

    /// An access token of the demo tenant.
    static func token(_ origin: ServiceURL, _ transport: any HTTPTransport) async throws -> AccessToken {
        let grant = ClientCredentialsGrant(
            clientID: HaloSimulator.Configuration.demoClientID, clientSecret: Secret(HaloSimulator.Configuration.demoClientSecret),
            scope: "all")
        let answer = try await transport.send(grant.request(at: origin, route: "/auth/token", policy: .allowingLoopback))
        guard let token = ClientCredentialsGrant.token(in: answer, receivedAt: TimeSource.system.instant()) else {
            throw ChildProcess.Failure(description: "The server gave no token.")
        }
        return token
    }

    private static func pageCount(_ origin: ServiceURL, _ token: AccessToken, _ transport: CountingTransport) async throws -> Int {
        let first = try await transport.send(request(1, origin, token))
        return ((try JSONDocument(first.body).root["record_count"]?.integer ?? 0) + 99) / 100
    }

    /// The request that the connector sends for a page of all tickets.
    static func request(_ page: Int, _ origin: ServiceURL, _ token: AccessToken) -> TransportRequest {
        TransportRequest(
            .get, origin, route: "/api/Tickets",
            query: [
                QueryItem("pageinate", "true"), QueryItem("page_no", "\(page)"), QueryItem("page_size", "100"), QueryItem("order", "id"),
                QueryItem("orderdesc", "false"), QueryItem("includeclosed", "true"),
            ],
            headers: ["Authorization": "Bearer " + token.value.reveal()], addressPolicy: .allowingLoopback)
    }

    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.cpuSeconds
    }

    static func peakMegabytes() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

/// Counts what passes.
final class CountingTransport: HTTPTransport {
    private let inner: any HTTPTransport
    private let counts = Mutex((requests: 0, bytes: 0))

    init(_ inner: any HTTPTransport) { self.inner = inner }

    var requests: Int { counts.withLock { $0.requests } }
    var bytes: Int { counts.withLock { $0.bytes } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let response = try await inner.send(request)
        counts.withLock { $0 = ($0.requests + 1, $0.bytes + response.body.count) }
        return response
    }
}
