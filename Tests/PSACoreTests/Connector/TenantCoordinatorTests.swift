import PSATesting
import Testing

@testable import PSACore

@Suite struct TenantCoordinatorTests {
    @Test func connectionsToOneTenantShareItsBudgetAndGate() async throws {
        let time = ManualTime()
        let coordinator = TenantCoordinator()
        let first = coordinator.budget(for: "acme.example.com", pace: RequestPace(99, per: .seconds(10)), time: time.source)
        // The latest to ask sets the pace for both: a changed setting counts at once.
        let second = coordinator.budget(for: "acme.example.com", pace: RequestPace(2, per: .seconds(10)), time: time.source)
        let other = coordinator.budget(for: "other.example.com", pace: RequestPace(1, per: .seconds(10)), time: time.source)
        #expect(first === second && first !== other)
        try await first.spend()
        try await second.spend()
        try await other.spend()
        #expect(time.sleeps.isEmpty)
        try await second.spend()
        #expect(time.sleeps.count == 1)
        #expect(coordinator.gate(for: "acme") === coordinator.gate(for: "acme"))
        #expect(coordinator.gate(for: "acme") !== coordinator.gate(for: "other"))
    }

    @Test func oneAnswerForAllTenantsReplacesTheConnectorsPace() async throws {
        let time = ManualTime()
        let unlimited = TenantCoordinator(pace: nil).budget(for: "a", pace: RequestPace(1, per: .seconds(10)), time: time.source)
        for _ in 0..<10 { try await unlimited.spend() }
        #expect(time.sleeps.isEmpty)
        let slow = TenantCoordinator(pace: RequestPace(1, per: .seconds(5))).budget(
            for: "a", pace: RequestPace(99, per: .seconds(10)), time: time.source)
        for _ in 0..<2 { try await slow.spend() }
        #expect(time.sleeps == [.milliseconds(5_001)])
    }
}
