import PSATesting
import Testing

@testable import PSACore

@Suite("One owner of a tenant's limits", .timeLimit(.minutes(1)))
struct ProcessTenantTests {
    /// Counts how many requests are under way at a time.
    private final class CountingTransport: HTTPTransport {
        let current = Shared(0)
        let most = Shared(0)
        let count = Shared(0)

        func send(_ request: TransportRequest) async throws -> TransportResponse {
            let underWay = current.update { value in
                value += 1
                return value
            }
            most.update { $0 = max($0, underWay) }
            count.update { $0 += 1 }
            for _ in 0..<20 { await Task.yield() }
            current.update { $0 -= 1 }
            return TransportResponse(status: 200, body: Array("{}".utf8))
        }
    }

    private static func client(
        _ host: String, _ transport: any HTTPTransport, rateLimit: RateLimit?, timeouts: RequestTimeouts = .normal,
        time: TimeSource = .system
    ) throws -> VendorClient<CoreMessage> {
        let vendor = VendorDeclaration<CoreMessage>(
            SampleConnector.descriptor, origin: try ServiceURL(typed: host), addressPolicy: .publicOnly, authentication: .none,
            rateLimit: rateLimit)
        return VendorClient(vendor, context: ConnectorContext(transport: transport, time: time), timeouts: timeouts)
    }

    @Test func twoContextsOfOneTenantHaveOneBudget() async throws {
        let (first, second) = (CountingTransport(), CountingTransport())
        let timeouts = RequestTimeouts(retryTimeLimit: .zero)
        let limit = RateLimit(3, per: .seconds(3_600))
        let clients = try [first, second].map {
            try Self.client("one-budget.example.com", $0, rateLimit: limit, timeouts: timeouts)
        }
        for turn in 0..<3 { _ = try await clients[turn % 2].write(.post, "/tickets") }
        for client in clients {
            let error = try await #require(throws: PSAError.self) { try await client.write(.post, "/tickets") }
            #expect(error.code == .rateLimited)
        }
        #expect(first.count.value + second.count.value == 3)
        // Another tenant has a budget of its own.
        _ = try await Self.client("another-budget.example.com", first, rateLimit: limit, timeouts: timeouts).write(.post, "/tickets")
    }

    @Test func twoContextsOfOneTenantWriteOneAtATime() async throws {
        let transport = CountingTransport()
        let clients = try (0..<2).map { _ in try Self.client("one-gate.example.com", transport, rateLimit: nil) }
        #expect(clients[0].createGate === clients[1].createGate)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                group.addTask { _ = try await clients[number % 2].answer(to: VendorRequest(.post, path: "/tickets")) }
            }
            try await group.waitForAll()
        }
        #expect(transport.count.value == 12 && transport.most.value == 1)
    }

    @Test func aContextWithItsOwnClockOrStoreIsIndependent() {
        let transport = ScriptedTransport([])
        #expect(ConnectorContext(transport: transport).tenants === ConnectorContext(transport: transport).tenants)
        #expect(ConnectorContext(transport: transport).tenants === TenantRateLimits.process)
        let clock = ManualClock()
        let own = ConnectorContext(transport: transport, time: clock.source)
        #expect(own.tenants !== TenantRateLimits.process)
        #expect(own.tenants !== ConnectorContext(transport: transport, time: clock.source).tenants)
        var changed = TimeSource.system
        changed.sleep = { _ in }
        #expect(ConnectorContext(transport: transport, time: changed).tenants !== TenantRateLimits.process)
        let given = TenantRateLimits()
        #expect(ConnectorContext(transport: transport, tenants: given).tenants === given)
    }
}
