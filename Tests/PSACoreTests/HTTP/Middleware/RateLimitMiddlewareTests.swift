import PSATesting
import Testing

@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct BudgetMiddlewareTests {
    @Test func eachRequestWaitsForItsPlace() async throws {
        let time = ManualClock()
        let budget = RateLimiter(pace: RateLimit(2, per: .seconds(5)), time: time.source)
        try await ScriptedTransport.running(.status(200), .status(500), .status(200)) { transport in
            let pipeline = HTTPPipeline([RateLimitMiddleware(budget)], to: transport)
            _ = try await pipeline.send(.sample())
            _ = try await pipeline.send(.sample())
            #expect(time.sleeps.isEmpty)
            _ = try await pipeline.send(.sample(.post))
            #expect(time.sleeps == [.milliseconds(5_001)])
        }
    }

    @Test func aRequestCancelledWhileWaitingIsNotSent() async throws {
        let time = ManualClock(movesBySleeping: false)
        let budget = RateLimiter(pace: RateLimit(1, per: .seconds(5)), time: time.source)
        try await budget.acquire()
        try await ScriptedTransport.running { transport in
            let pipeline = HTTPPipeline([RateLimitMiddleware(budget)], to: transport)
            let request = try HTTPRequest.sample()
            let task = Task { try await pipeline.send(request) }
            await time.sleeping.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
