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
        if let pace, pace.requests <= 0 { #expect(await budget.usedNow == 0) }
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

    @Test func aFifthOfThePaceIsLeftToPeopleAndATenthToDeliveries() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(20, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.background) { for _ in 0..<16 { try await budget.acquire() } }
        for _ in 0..<2 { try await budget.acquire() }
        try await RequestUrgency.$current.withValue(.delivery) { for _ in 0..<2 { try await budget.acquire() } }
        #expect(time.sleeps.isEmpty)
        // All places are taken now; each waits until its own part of them is free.
        try await RequestUrgency.$current.withValue(.background) { try await budget.acquire() }
        #expect(time.sleeps == [.milliseconds(60_001)])
    }

    @Test func threeTenthsOfTheLimitAreLeftByReadingMuch() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(20, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.bulk) { for _ in 0..<14 { try await budget.acquire() } }
        try await RequestUrgency.$current.withValue(.background) { for _ in 0..<2 { try await budget.acquire() } }
        for _ in 0..<2 { try await budget.acquire() }
        #expect(time.sleeps.isEmpty)
        try await RequestUrgency.$current.withValue(.bulk) { try await budget.acquire() }
        #expect(time.sleeps == [.milliseconds(60_001)])
    }

    @Test func workInTheBackgroundWaitsUntilItsOwnPlacesAreFreeAgain() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(10, per: .seconds(100)), time: time.source)
        for _ in 0..<10 {
            try await RequestUrgency.$current.withValue(.delivery) { try await budget.acquire() }
            time.advance(by: 1)
        }
        // Eight places are for the background: it has to wait until three of the ten have left the window.
        try await RequestUrgency.$current.withValue(.background) { try await budget.acquire() }
        #expect(time.sleeps == [.milliseconds(92_001)])
    }

    @Test(arguments: [1, 3, 20]) func aDeliveryThatWaitsGetsTheNextPlaceBeforeAllReads(requests: Int) async throws {
        let time = ManualClock(movesBySleeping: false)
        let budget = RateLimiter(rateLimit: RateLimit(requests, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.delivery) { for _ in 0..<requests { try await budget.acquire() } }
        let (order, passed) = AsyncStream.makeStream(of: String.self)
        let readers = (0..<3).map { _ in
            Task {
                try await budget.acquire()
                passed.yield("read")
            }
        }
        await time.sleeping.wait(for: 3)
        let delivery = Task {
            try await RequestUrgency.$current.withValue(.delivery) { try await budget.acquire() }
            passed.yield("delivery")
        }
        await time.sleeping.wait(for: 4)
        time.advance(by: 60.1)
        try await delivery.value
        for reader in readers { reader.cancel() }
        passed.finish()
        var seen: [String] = []
        for await name in order { seen.append(name) }
        // Where several places become free at once, the readers may pass beside it.
        if requests == 1 { #expect(seen == ["delivery"]) }
        #expect(seen.contains("delivery"))
    }

    // MARK: Shares

    @Test func onePersonHasAShareOfTheLimitAndOthersHaveTheRest() async throws {
        let time = ManualClock()
        let budget = RateLimiter(rateLimit: RateLimit(100, per: .seconds(60)), time: time.source)
        for _ in 0..<20 { #expect(await budget.takeShare(of: "viewer") == nil) }
        time.advance(by: 20)
        #expect(await budget.takeShare(of: "viewer") == .seconds(40))
        #expect(await budget.takeShare(of: "other") == nil)
        time.advance(by: 40)
        #expect(await budget.takeShare(of: "viewer") == nil)
    }

    @Test func aRequestBeyondTheShareIsNotSentAndSaysWhenThereIsRoom() async throws {
        let time = ManualClock()
        let limit = RateLimit(50, per: .seconds(60))
        let fixture = VendorClientFixture(replies: Array(repeating: .status(200, "[]"), count: 12))
        let client = try fixture.client(.none, rateLimit: limit)
        try await RequestOwner.$current.withValue("viewer") {
            for _ in 0..<10 { _ = try await client.read("/types") }
            let error = await #expect(throws: PSAError.self) { try await client.read("/types") }
            #expect(error?.code == .rateLimited)
            #expect(error?.retry == .afterDelay(.seconds(60)))
            #expect(error?.findings.contains { $0.evidence as? CoreMessage == .shareUsedUp(seconds: 60) } == true)
        }
        // The host's own work, and that of another person, goes on.
        _ = try await client.read("/types")
        _ = try await RequestOwner.$current.withValue("other") { try await client.read("/types") }
        #expect(fixture.transport.requests.count == 12 && time.sleeps.isEmpty && fixture.time.sleeps.isEmpty)
    }

    @Test func aViewerWhoLoopsDelaysNoDelivery() async throws {
        let time = ManualClock()
        let limit = RateLimit(100, per: .seconds(300))
        let budget = RateLimiter(rateLimit: limit, time: time.source)
        let loop = HTTPPipeline([RequestShareMiddleware(budget), RateLimitMiddleware(budget)], to: AlwaysFine())
        var sent = 0
        for round in 0..<300 {
            if let answer = try? await RequestOwner.$current.withValue("viewer", operation: { try await loop.send(.sample()) }),
                answer.status == 200
            {
                sent += 1
            }
            // A delivery every three seconds, which is the whole limit; the viewer takes a fifth of it and no more.
            if round % 10 == 0 {
                try await RequestUrgency.$current.withValue(.delivery) { try await budget.acquire() }
                time.advance(by: 3)
            }
        }
        #expect(sent == 20)
        #expect(time.sleeps.isEmpty)
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
            let request = try TransportRequest.sample()
            let task = Task { try await pipeline.send(request) }
            await time.sleeping.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }
}

private struct AlwaysFine: HTTPTransport {
    func send(_ request: TransportRequest) async throws -> TransportResponse { TransportResponse(status: 200) }
}
