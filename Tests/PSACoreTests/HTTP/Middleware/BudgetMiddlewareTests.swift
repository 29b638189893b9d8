import PSATesting
import Testing

@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct BudgetMiddlewareTests {
    @Test func eachRequestWaitsForItsPlace() async throws {
        let time = ManualTime()
        let budget = RequestBudget(pace: RequestPace(2, per: .seconds(5)), time: time.source)
        try await ScriptedTransport.running(.status(200), .status(500), .status(200)) { transport in
            let pipeline = HTTPPipeline([BudgetMiddleware(budget)], to: transport)
            _ = try await pipeline.send(.sample())
            _ = try await pipeline.send(.sample())
            #expect(time.sleeps.isEmpty)
            _ = try await pipeline.send(.sample(.post))
            #expect(time.sleeps == [.milliseconds(5_001)])
        }
    }

    @Test func aRequestCancelledWhileWaitingIsNotSent() async throws {
        let time = ManualTime(movesBySleeping: false)
        let budget = RequestBudget(pace: RequestPace(1, per: .seconds(5)), time: time.source)
        try await budget.spend()
        try await ScriptedTransport.running { transport in
            let pipeline = HTTPPipeline([BudgetMiddleware(budget)], to: transport)
            let request = try HTTPRequest.sample()
            let task = Task { try await pipeline.send(request) }
            await time.sleeping.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}
