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

@Suite(.timeLimit(.minutes(1))) struct SerialGateTests {
    private struct Broken: Error {}

    @Test func workPassesOneAtATime() async throws {
        let gate = AsyncSerialQueue()
        let inside = Shared(0)
        let most = Shared(0)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<50 {
                group.addTask {
                    try await gate.pass {
                        let now = inside.update { count in
                            count += 1
                            return count
                        }
                        most.update { $0 = max($0, now) }
                        await Task.yield()
                        inside.update { $0 -= 1 }
                        return index
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 1_225)
        #expect(most.value == 1)
    }

    /// Holds a gate until it is released.
    private func held(_ gate: AsyncSerialQueue, until release: Signal) async -> Task<Void, any Error> {
        let entered = Signal()
        let holder = Task {
            try await gate.pass {
                entered.fire()
                await release.wait()
            }
        }
        await entered.wait()
        return holder
    }

    @Test func waitersPassInTheOrderOfTheirArrival() async throws {
        let gate = AsyncSerialQueue()
        let release = Signal()
        let holder = await held(gate, until: release)
        let order = Shared<[Int]>([])
        var waiters: [Task<Void, any Error>] = []
        for index in 0..<5 {
            waiters.append(Task { try await gate.pass { order.update { $0.append(index) } } })
            while await gate.waitingCount < index + 1, !Task.isCancelled { await Task.yield() }
        }
        release.fire()
        try await holder.value
        for waiter in waiters { try await waiter.value }
        #expect(order.value == [0, 1, 2, 3, 4])
    }

    @Test func aCancelledWaiterLeavesTheQueueAtOnceAndTheOthersPass() async throws {
        let gate = AsyncSerialQueue()
        let release = Signal()
        let holder = await held(gate, until: release)
        let ran = Shared<[String]>([])
        let cancelled = Task { try await gate.pass { ran.update { $0.append("cancelled") } } }
        while await gate.waitingCount < 1, !Task.isCancelled { await Task.yield() }
        let patient = Task { try await gate.pass { ran.update { $0.append("patient") } } }
        while await gate.waitingCount < 2, !Task.isCancelled { await Task.yield() }
        cancelled.cancel()
        // The gate is still held here: only leaving the queue can end this wait.
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        release.fire()
        try await holder.value
        try await patient.value
        #expect(ran.value == ["patient"])
    }

    @Test func aCallerCancelledBeforehandDoesNotRun() async throws {
        let gate = AsyncSerialQueue()
        let start = Signal()
        let task = Task {
            await start.wait()
            try await gate.pass { () -> Void in Issue.record("The work ran.") }
        }
        task.cancel()
        start.fire()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await gate.pass { 1 } == 1)
    }

    @Test func aThrowingPieceOfWorkFreesTheGate() async throws {
        let gate = AsyncSerialQueue()
        await #expect(throws: Broken.self) { try await gate.pass { throw Broken() } }
        #expect(try await gate.pass { 7 } == 7)
    }

    @Test func manyCancellationsLeaveTheGateOpen() async throws {
        let gate = AsyncSerialQueue()
        for _ in 0..<200 {
            let tasks = (0..<4).map { _ in Task { try await gate.pass { await Task.yield() } } }
            for task in tasks.dropFirst() { task.cancel() }
            for task in tasks { _ = await task.result }
        }
        #expect(try await gate.pass { 7 } == 7)
    }
}

extension AsyncSerialQueue {
    /// How many wait, read from outside so that a test knows when a task has queued up.
    fileprivate var waitingCount: Int {
        Mirror(reflecting: self).children.first { $0.label == "waiting" }.map { Mirror(reflecting: $0.value).children.count } ?? 0
    }
}
