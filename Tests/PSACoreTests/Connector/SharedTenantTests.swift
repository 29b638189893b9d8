import FoundationEssentials
import PSATesting
import Testing
@testable import PSACore

/// A store that processes share, which fails or is slow when a test says so.
actor SharedTenants: SharedTenantStore {
    struct Failure: Error {}

    private(set) var windows: [String: SharedRateWindow] = [:]
    private(set) var calls = 0
    private var leases: [String: (holder: String, until: Date)] = [:]
    private var fails = false
    private var slowness: (@Sendable () -> Void)?
    private let changed = Signal()

    func set(fails: Bool) { self.fails = fails }
    func set(slowness: (@Sendable () -> Void)?) { self.slowness = slowness }

    func count(_ tenant: String) -> Int { windows[tenant]?.count ?? 0 }

    /// Lets another process take a lease whatever its end.
    func steal(_ name: String) { leases[name] = ("thief", .distantFuture) }

    func reserveRequests(_ request: RateReservationRequest, now: Date) throws -> RateReservationAnswer {
        calls += 1
        if fails { throw Failure() }
        let answer = windows[request.tenant, default: SharedRateWindow()].reserve(request, at: now.milliseconds)
        slowness?()
        return answer
    }

    func returnRequests(_ count: Int, of reservation: RateReservation, tenant: String, now: Date) {
        calls += 1
        windows[tenant]?.giveBack(count, of: reservation)
        changed.fire()
    }

    /// Returns once requests were given back so often.
    nonisolated func returned(_ count: Int) async { await changed.wait(for: count) }

    func holdBackRequests(of tenant: String, for duration: Duration, now: Date) {
        windows[tenant, default: SharedRateWindow()].holdBack(for: duration, at: now.milliseconds)
    }

    func takeLease(_ name: String, by holder: String, for duration: Duration, now: Date) throws -> Bool {
        if fails { throw Failure() }
        if let lease = leases[name], lease.holder != holder, lease.until > now { return false }
        leases[name] = (holder, now.addingTimeInterval(duration.seconds))
        return true
    }

    func releaseLease(_ name: String, by holder: String) {
        if leases[name]?.holder == holder { leases[name] = nil }
    }
}

extension Date {
    fileprivate var milliseconds: Int64 { Int64(timeIntervalSince1970 * 1_000) }
}

@Suite("Rate limits that processes share", .timeLimit(.minutes(1))) struct SharedRateLimitTests {
    private let time = ManualClock()
    private let store = SharedTenants()

    private func limiter(_ limit: RateLimit) -> RateLimiter {
        TenantRateLimits(shared: store, time: time.source).budget(for: "acme", pace: limit, time: time.source)
    }

    @Test func processesStayWithinTheLimitTogether() async throws {
        let limit = RateLimit(5, per: .seconds(10))
        let limiters = (0..<3).map { _ in limiter(limit) }
        var passed: [Date] = []
        for round in 0..<60 {
            time.advance(by: Double(round % 7) * 0.3)
            try await limiters[round % 3].acquire()
            passed.append(time.now)
        }
        for (index, moment) in passed.enumerated().dropFirst(5) { #expect(moment.timeIntervalSince(passed[index - 5]) >= 10) }
    }

    @Test func requestsInARowAskTheStoreOnceForABatch() async throws {
        let time = ManualClock(movesBySleeping: false)
        let limiter = TenantRateLimits(shared: store, time: time.source).budget(
            for: "acme", pace: RateLimit(1_000, per: .seconds(60)), time: time.source)
        for _ in 0..<400 { try await limiter.acquire() }
        // 1, 2, 4, 8 and 16, then 20 at a time.
        #expect(await store.calls == 5 + (400 - 31 + 19) / 20)
    }

    @Test func callersThatAskTogetherAllGetTheirRequests() async throws {
        let time = ManualClock(movesBySleeping: false)
        let limiter = TenantRateLimits(shared: store, time: time.source).budget(
            for: "acme", pace: RateLimit(40, per: .seconds(60)), time: time.source)
        try await withThrowingTaskGroup { group in
            for _ in 0..<36 { group.addTask { try await limiter.acquire() } }
            try await group.waitForAll()
        }
        #expect(await store.count("acme") == 36)
    }

    @Test func whatIsNotUsedInItsSliceIsGivenBack() async throws {
        let time = ManualClock(movesBySleeping: false)
        let limiter = TenantRateLimits(shared: store, time: time.source).budget(
            for: "acme", pace: RateLimit(1_000, per: .seconds(60)), time: time.source)
        for _ in 0..<9 { try await limiter.acquire() }
        #expect(await store.count("acme") == 15)
        await time.sleeping(lasting: .seconds(2)).wait()
        time.advance(by: 2)
        await store.returned(1)
        #expect(await store.count("acme") == 9)
    }

    @Test func aProcessThatEndsGivesBackWhatItHasReserved() async throws {
        let time = ManualClock(movesBySleeping: false)
        let tenants = TenantRateLimits(shared: store, time: time.source)
        let limiter = tenants.budget(for: "acme", pace: RateLimit(1_000, per: .seconds(60)), time: time.source)
        for _ in 0..<5 { try await limiter.acquire() }
        await tenants.giveBackReservations()
        #expect(await store.count("acme") == 5)
    }

    @Test func requestsThatWereReservedForADeliveryServeNothingElse() async throws {
        let time = ManualClock(movesBySleeping: false)
        let limiter = TenantRateLimits(shared: store, time: time.source).budget(
            for: "acme", pace: RateLimit(1_000, per: .seconds(60)), time: time.source)
        try await RequestUrgency.$current.withValue(.delivery) { for _ in 0..<4 { try await limiter.acquire() } }
        let calls = await store.calls
        try await RequestUrgency.$current.withValue(.bulk) { try await limiter.acquire() }
        #expect(await store.calls == calls + 1)
        try await RequestUrgency.$current.withValue(.delivery) { try await limiter.acquire() }
        #expect(await store.calls == calls + 1)
    }

    @Test func aStoreThatFailsLetsNoRequestThrough() async throws {
        await store.set(fails: true)
        let limiter = limiter(RateLimit(5, per: .seconds(10)))
        let error = await #expect(throws: TransportError.self) { try await limiter.acquire() }
        #expect(error?.kind == .rateLimitExceeded && error?.delivery == .notSent)
        await #expect(throws: TransportError(.rateLimitExceeded, delivery: .notSent)) { try await limiter.acquire(within: .zero) }
        await store.set(fails: false)
        try await limiter.acquire()
    }

    @Test func aReservationThatComesAfterItsSliceIsGivenBack() async throws {
        let limiter = limiter(RateLimit(5, per: .seconds(10)))
        await store.set { [time] in time.advance(by: 30) }
        await #expect(throws: TransportError.self) { try await limiter.acquire(within: .seconds(5)) }
        await store.set(slowness: nil)
        try await limiter.acquire()
        await store.returned(3)
        #expect(await store.count("acme") == 1)
    }

    @Test func aRefusalThatOneProcessSeesHoldsTheOthersBack() async throws {
        let first = limiter(RateLimit(50, per: .seconds(300)))
        let second = limiter(RateLimit(50, per: .seconds(300)))
        try await second.acquire()
        try await ScriptedTransport.running(.status(429, headers: ["Retry-After": "20"])) { transport in
            _ = try await HTTPPipeline([RateLimitMiddleware(first)], to: transport).send(.sample())
        }
        try await second.acquire()
        #expect(time.sleeps == [.seconds(20)])
    }

    @Test func aTenantWithoutALimitAsksNoStore() async throws {
        let limiter = TenantRateLimits(pace: nil, shared: store, time: time.source).budget(
            for: "acme", pace: RateLimit(1, per: .seconds(10)), time: time.source)
        for _ in 0..<100 { try await limiter.acquire() }
        #expect(await store.calls == 0)
    }
}

@Suite("Gates that processes share", .timeLimit(.minutes(1))) struct SharedGateTests {
    private let store = SharedTenants()

    private actor Room {
        private(set) var inside = 0
        private(set) var most = 0
        private(set) var visits = 0

        func enter() {
            inside += 1
            visits += 1
            most = max(most, inside)
        }

        func leave() { inside -= 1 }
    }

    @Test func oneProcessAtATimePassesAGate() async throws {
        let room = Room()
        let processes = (0..<4).map { _ in TenantRateLimits(shared: store) }
        try await withThrowingTaskGroup { group in
            for number in 0..<24 {
                group.addTask {
                    try await processes[number % 4].gate(for: "acme").pass {
                        await room.enter()
                        for _ in 0..<20 { await Task.yield() }
                        await room.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(await room.most == 1)
        #expect(await room.visits == 24)
    }

    @Test func theLeaseOfAKilledProcessEndsInTime() async throws {
        let time = ManualClock()
        #expect(try await store.takeLease("gate/acme", by: "killed", for: TenantRateLimits.gateLease, now: time.now))
        let value = try await TenantRateLimits(shared: store, time: time.source).gate(for: "acme").pass { 7 }
        #expect(value == 7)
        #expect(time.sleeps.reduce(.zero, +) >= TenantRateLimits.gateLease)
    }

    @Test func aGateThatCannotBeHadBeginsNoWork() async throws {
        let time = ManualClock()
        await store.set(fails: true)
        let gate = TenantRateLimits(shared: store, time: time.source).gate(for: "acme")
        let error = await #expect(throws: PSAError.self) { try await gate.pass { Issue.record("it has begun") } }
        #expect(error?.code == .rateLimited)
        await store.set(fails: false)
        try await gate.pass {}
    }

    @Test func workThatFailsReleasesTheGate() async throws {
        let first = TenantRateLimits(shared: store).gate(for: "acme")
        await #expect(throws: SharedTenants.Failure.self) { try await first.pass { throw SharedTenants.Failure() } }
        try await TenantRateLimits(shared: store).gate(for: "acme").pass {}
    }
}

/// A store whose renewals of a lease take until a test lets them end.
private actor SlowLeases: SharedTenantStore {
    let renewing = Signal()
    let release = Signal()
    private(set) var holder: String?
    private var takes = 0

    func reserveRequests(_ request: RateReservationRequest, now: Date) throws -> RateReservationAnswer { .wait(.seconds(1)) }
    func returnRequests(_ count: Int, of reservation: RateReservation, tenant: String, now: Date) {}
    func holdBackRequests(of tenant: String, for duration: Duration, now: Date) {}

    func takeLease(_ name: String, by holder: String, for duration: Duration, now: Date) async throws -> Bool {
        takes += 1
        if takes > 1 {
            renewing.fire()
            await release.wait(ignoringCancellation: true)
        }
        self.holder = holder
        return true
    }

    func releaseLease(_ name: String, by holder: String) { self.holder = nil }
}

@Suite("Release of a lease", .timeLimit(.minutes(1))) struct LeaseReleaseTests {
    @Test func aLeaseIsFreeAfterItsReleaseAlsoIfARenewalWasUnderWay() async throws {
        let store = SlowLeases()
        let time = ManualClock()
        let lease = SharedLease(store: store, name: "gate", holder: "a", duration: .seconds(60), time: time.source)
        let work = Task {
            try await lease.hold {
                await store.renewing.wait()
                Task {
                    for _ in 0..<100 { await Task.yield() }
                    store.release.fire()
                }
            }
        }
        try await work.value
        for _ in 0..<200 { await Task.yield() }
        #expect(await store.holder == nil)
    }
}

@Suite("Leases on writing", .timeLimit(.minutes(1))) struct WriteLeaseTests {
    private let time = ManualClock(movesBySleeping: false)

    private func lease(renews: Bool) -> WriteLease {
        WriteLease(from: time.instant, lasting: .seconds(60), time: time.source) { renews }
    }

    private func send(_ method: TransportMethod, under lease: WriteLease) async throws -> Int {
        let limiter = RateLimiter(rateLimit: nil, time: time.source)
        let transport = ScriptedTransport([.status(200)])
        _ = try? await WriteLease.$current.withValue([lease]) {
            try await HTTPPipeline([RateLimitMiddleware(limiter)], to: transport).send(.sample(method))
        }
        return transport.requests.count
    }

    @Test func aRenewalThatFailsIsNotBlamedOnAnotherProcess() async throws {
        let failures: [(any Error, TransportError.Kind)] = [
            (CancellationError(), .interrupted), (SharedTenants.Failure(), .rateLimitExceeded),
        ]
        for (failure, kind) in failures {
            let lease = WriteLease(from: time.instant, lasting: .seconds(60), time: time.source) { throw failure }
            time.advance(by: 60)
            let error = await #expect(throws: TransportError.self) { try await lease.require(for: .seconds(1)) }
            #expect(error?.kind == kind && error?.delivery == .notSent)
            #expect(error?.note.contains("another process") == false)
        }
    }

    @Test func aWriteIsSentOnlyWhileTheLeaseLasts() async throws {
        let lost = lease(renews: false)
        #expect(try await send(.post, under: lost) == 1)
        time.advance(by: 31)
        #expect(!lost.hasEnded)
        #expect(try await send(.post, under: lost) == 0)
        #expect(try await send(.get, under: lost) == 1)
        #expect(lost.hasEnded)
    }

    @Test func aLeaseThatIsAboutToEndIsRenewedBeforeTheWrite() async throws {
        let kept = lease(renews: true)
        time.advance(by: 59)
        #expect(try await send(.post, under: kept) == 1)
        time.advance(by: 29)
        #expect(!kept.hasEnded)
    }
}
