import PSATesting
import Testing

@testable import PSACore

@Suite struct TenantCoordinatorTests {
    @Test func connectionsToOneTenantShareItsBudgetAndGate() async throws {
        let time = ManualClock()
        let coordinator = TenantRateLimits()
        let first = coordinator.budget(for: "acme.example.com", pace: RateLimit(99, per: .seconds(10)), time: time.source)
        // The latest to ask sets the pace for both: a changed setting counts at once.
        let second = coordinator.budget(for: "acme.example.com", pace: RateLimit(2, per: .seconds(10)), time: time.source)
        let other = coordinator.budget(for: "other.example.com", pace: RateLimit(1, per: .seconds(10)), time: time.source)
        #expect(first === second && first !== other)
        try await first.acquire()
        try await second.acquire()
        try await other.acquire()
        #expect(time.sleeps.isEmpty)
        try await second.acquire()
        #expect(time.sleeps.count == 1)
        #expect(coordinator.gate(for: "acme") === coordinator.gate(for: "acme"))
        #expect(coordinator.gate(for: "acme") !== coordinator.gate(for: "other"))
    }

    @Test func oneAnswerForAllTenantsReplacesTheConnectorsPace() async throws {
        let time = ManualClock()
        let unlimited = TenantRateLimits(pace: nil).budget(for: "a", pace: RateLimit(1, per: .seconds(10)), time: time.source)
        for _ in 0..<10 { try await unlimited.acquire() }
        #expect(time.sleeps.isEmpty)
        let slow = TenantRateLimits(pace: RateLimit(1, per: .seconds(5))).budget(
            for: "a", pace: RateLimit(99, per: .seconds(10)), time: time.source)
        for _ in 0..<2 { try await slow.acquire() }
        #expect(time.sleeps == [.milliseconds(5_001)])
    }
}
