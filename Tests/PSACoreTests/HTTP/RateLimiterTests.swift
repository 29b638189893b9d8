import FoundationEssentials
import PSATesting
import Testing
@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct RequestBudgetTests {
    @Test func aBudgetLetsItsPaceThroughAtOnceAndTheNextWaitForTheWindow() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(3, per: .seconds(60)), time: time.source)
        for _ in 0..<3 { try await budget.acquire() }
        #expect(time.sleeps.isEmpty)
        time.advance(by: 20)
        try await budget.acquire()
        #expect(time.sleeps == [.milliseconds(40_001)])
    }

    @Test func noWindowOfARunHoldsMoreThanThePace() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(5, per: .seconds(10)), time: time.source)
        var passed: [Date] = []
        for round in 0..<60 {
            time.advance(by: Double(round % 7) * 0.3)
            try await budget.acquire()
            passed.append(time.now)
        }
        for (index, moment) in passed.enumerated().dropFirst(5) { #expect(moment.timeIntervalSince(passed[index - 5]) >= 10) }
    }

    @Test(arguments: [nil, RateLimit(0, per: .seconds(1)), RateLimit(-1, per: .seconds(1)), RateLimit(1, per: .zero)])
    func aBudgetWithoutAPaceNeverWaits(pace: RateLimit?) async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: pace, time: time.source)
        for _ in 0..<1_000 { try await budget.acquire() }
        #expect(time.sleeps.isEmpty)
    }

    @Test func aWaiterThatIsCancelledTakesNoPlace() async throws {
        let time = ManualClock(movesBySleeping: false)
        let budget = RateLimiter(rateLimit: RateLimit(1, per: .seconds(60)), time: time.source)
        try await budget.acquire()
        let waiter = Task { try await budget.acquire() }
        await time.sleeping.wait()
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        time.advance(by: 60)
        try await budget.acquire()
    }

    @Test func waitersPassOneAfterTheOther() async throws {
        let time = ManualClock(movesBySleeping: false)
        let budget = RateLimiter(rateLimit: RateLimit(1, per: .seconds(60)), time: time.source)
        try await budget.acquire()
        let passed = Signal()
        let waiters = (0..<3).map { _ in
            Task {
                try await budget.acquire()
                passed.fire()
            }
        }
        await time.sleeping.wait(for: 3)
        time.advance(by: 60.1)
        await passed.wait()
        await time.sleeping.wait(for: 5)
        #expect(passed.count == 1)
        time.advance(by: 60.1)
        await passed.wait(for: 2)
        await time.sleeping.wait(for: 6)
        time.advance(by: 60.1)
        for waiter in waiters { try await waiter.value }
        #expect(passed.count == 3)
    }

    @Test(arguments: [-86_400.0, 86_400])
    func aRateLimitHoldsWhenTheWallClockIsSet(seconds: Double) async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(1, per: .seconds(60)), time: time.source)
        try await budget.acquire()
        time.advance(by: 20)
        time.adjustWallClock(by: seconds)
        try await budget.acquire()
        #expect(time.sleeps == [.milliseconds(40_001)])
    }

    @Test func aTenthOfThePaceIsLeftToPeople() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(20, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.background) { for _ in 0..<18 { try await budget.acquire() } }
        #expect(time.sleeps.isEmpty)
        // Work in the background waits for the window now, and people do not.
        for _ in 0..<2 { try await budget.acquire() }
        #expect(time.sleeps.isEmpty)
        try await RequestUrgency.$current.withValue(.background) { try await budget.acquire() }
        #expect(time.sleeps == [.milliseconds(60_001)])
    }

    @Test func aQuarterOfTheLimitIsLeftByReadingMuch() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(20, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.bulk) { for _ in 0..<15 { try await budget.acquire() } }
        try await RequestUrgency.$current.withValue(.background) { for _ in 0..<3 { try await budget.acquire() } }
        for _ in 0..<2 { try await budget.acquire() }
        #expect(time.sleeps.isEmpty)
        try await RequestUrgency.$current.withValue(.bulk) { try await budget.acquire() }
        #expect(time.sleeps == [.milliseconds(60_001)])
    }

    @Test func workInTheBackgroundWaitsUntilItsOwnPlacesAreFreeAgain() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(10, per: .seconds(100)), time: time.source)
        for _ in 0..<10 {
            try await budget.acquire()
            time.advance(by: 1)
        }
        // Nine places are for the background: it has to wait until two of the ten have left the window.
        try await RequestUrgency.$current.withValue(.background) { try await budget.acquire() }
        #expect(time.sleeps == [.milliseconds(91_001)])
    }

    @Test(arguments: [1, 5, 9]) func aSmallPaceStillLetsTheBackgroundThrough(requests: Int) async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(requests, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.background) { for _ in 0..<requests { try await budget.acquire() } }
        #expect(time.sleeps.isEmpty)
    }
}

@Suite(.timeLimit(.minutes(1))) struct BudgetMiddlewareTests {
    @Test func eachRequestWaitsForItsPlace() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(2, per: .seconds(5)), time: time.source)
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
        let budget = RateLimiter(rateLimit: RateLimit(1, per: .seconds(5)), time: time.source)
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
