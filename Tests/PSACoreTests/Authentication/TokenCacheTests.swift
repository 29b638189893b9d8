import FoundationEssentials
import PSATesting
import Testing
@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct TokenCacheTests {
    private struct Refused: Error {}

    private func token(_ name: String, lifetime: Int? = 3_600, at time: ManualClock) -> AccessToken {
        AccessToken(Secret(name), lifetimeSeconds: lifetime, grantedScope: nil, receivedAt: time.instant)
    }

    /// A cache whose n-th fetch gives the token `t-n`.
    private func counting(_ time: ManualClock, _ fetches: Signal, lifetime: Int? = 3_600) -> TokenCache {
        TokenCache(time: time.source) {
            fetches.fire()
            return AccessToken(Secret("t-\(fetches.count)"), lifetimeSeconds: lifetime, grantedScope: nil, receivedAt: time.instant)
        }
    }

    @Test func aHundredCallersCauseOneFetch() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let release = Signal()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            await release.wait()
            return AccessToken(Secret("t"), lifetimeSeconds: 3_600, grantedScope: nil, receivedAt: time.instant)
        }
        let values = try await withThrowingTaskGroup(of: String.self) { group in
            let asking = Signal()
            for _ in 0..<100 {
                group.addTask {
                    asking.fire()
                    return try await cache.token().value.reveal()
                }
            }
            await asking.wait(for: 100)
            await fetches.wait()
            release.fire()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == Array(repeating: "t", count: 100))
        #expect(fetches.count == 1)
    }

    @Test func aTokenIsKeptUntilAMinuteBeforeItsEnd() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let cache = counting(time, fetches)
        #expect(try await cache.token().value.reveal() == "t-1")
        time.advance(by: 3_539)
        #expect(try await cache.token().value.reveal() == "t-1")
        time.advance(by: 1)
        #expect(try await cache.token().value.reveal() == "t-2")
        #expect(fetches.count == 2)
    }

    @Test(arguments: [-86_400.0, 86_400])
    func aTokenLastsAsLongAsItsLifetimeWhenTheWallClockIsSet(seconds: Double) async throws {
        let time = ManualClock()
        let fetches = Signal()
        let cache = counting(time, fetches)
        _ = try await cache.token()
        time.adjustWallClock(by: seconds)
        time.advance(by: 3_539)
        #expect(try await cache.token().value.reveal() == "t-1")
        time.advance(by: 1)
        #expect(try await cache.token().value.reveal() == "t-2")
    }

    @Test(arguments: [-86_400.0, 86_400])
    func theCoolDownAfterAFailureLastsAsLongWhenTheWallClockIsSet(seconds: Double) async throws {
        let time = ManualClock()
        let fetches = Signal()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            throw Refused()
        }
        await #expect(throws: Refused.self) { try await cache.token() }
        time.adjustWallClock(by: seconds)
        time.advance(by: 29.9)
        await #expect(throws: Refused.self) { try await cache.token() }
        #expect(fetches.count == 1)
        time.advance(by: 0.2)
        await #expect(throws: Refused.self) { try await cache.token() }
        #expect(fetches.count == 2)
    }

    @Test func aRefusedTokenIsReplacedOnce() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let cache = counting(time, fetches)
        let first = try await cache.token()
        await cache.discard(first)
        let second = try await cache.token()
        #expect(second.value.reveal() == "t-2")
        await cache.discard(first)
        #expect(try await cache.token() == second)
        #expect(fetches.count == 2)
    }

    @Test func discardingWhileANewTokenIsFetchedDoesNotFetchTwice() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let release = Signal()
        let old = token("old", at: time)
        let new = token("new", at: time)
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            if fetches.count == 1 { return old }
            await release.wait()
            return new
        }
        _ = try await cache.token()
        await cache.discard(old)
        let waiter = Task { try await cache.token() }
        await fetches.wait(for: 2)
        await cache.discard(old)
        release.fire()
        #expect(try await waiter.value == new)
        #expect(try await cache.token() == new)
        #expect(fetches.count == 2)
    }

    @Test func aFailureIsSharedCooledDownAndThenForgotten() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let release = Signal()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            if fetches.count == 1 {
                await release.wait()
                throw Refused()
            }
            return AccessToken(Secret("t"), lifetimeSeconds: nil, grantedScope: nil, receivedAt: time.instant)
        }
        let waiters = (0..<20).map { _ in Task { try await cache.token() } }
        await fetches.wait()
        release.fire()
        for waiter in waiters { await #expect(throws: Refused.self) { try await waiter.value } }
        time.advance(by: 29.9)
        await #expect(throws: Refused.self) { try await cache.token() }
        #expect(fetches.count == 1)
        time.advance(by: 0.2)
        #expect(try await cache.token().value.reveal() == "t")
        #expect(fetches.count == 2)
    }

    @Test func aCancelledWaiterStopsAtOnceAndTheOthersGetTheToken() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let release = Signal()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            await release.wait()
            return AccessToken(Secret("t"), lifetimeSeconds: 60, grantedScope: nil, receivedAt: time.instant)
        }
        let impatient = Task { try await cache.token() }
        await fetches.wait()
        let patient = (0..<5).map { _ in Task { try await cache.token() } }
        impatient.cancel()
        // The fetch is held until after this line: only giving up can end it.
        await #expect(throws: CancellationError.self) { try await impatient.value }
        release.fire()
        for waiter in patient { #expect(try await waiter.value.value.reveal() == "t") }
        #expect(fetches.count == 1)
    }

    @Test func aCallerCancelledBeforehandStillLeavesAUsableToken() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let cache = counting(time, fetches)
        let gate = Signal()
        let cancelled = Task {
            await gate.wait()
            return try await cache.token()
        }
        cancelled.cancel()
        gate.fire()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(try await cache.token().value.reveal() == "t-1")
        #expect(fetches.count == 1)
    }

    /// The columns: lifetime said, seconds it is used.
    @Test(
        arguments: [
            (nil, 240), (0, 24), (-5, 24), (Int.min, 24), (1, 24), (30, 24), (100, 80), (300, 240), (301, 241), (3_600, 3_540),
            (86_400, 86_340),
            (86_401, 86_340), (Int.max, 86_340),
        ] as [(Int?, Double)])
    func anyLifetimeGivesAUsableToken(lifetime: Int?, seconds: Double) {
        let time = ManualClock()
        let token = token("t", lifetime: lifetime, at: time)
        #expect(token.isFresh(at: time.instant))
        #expect(token.isFresh(at: time.instant + .seconds(seconds - 0.5)))
        #expect(!token.isFresh(at: time.instant + .seconds(seconds)))
    }

    @Test func grantedPermissionsAreReadAsASet() {
        let scope = GrantedScope(" read:tickets  edit:tickets read:tickets ")
        #expect(scope.names == ["read:tickets", "edit:tickets"])
        #expect(scope.contains("edit:tickets") && !scope.contains("edit"))
        #expect("\(scope)" == "edit:tickets read:tickets")
        #expect(GrantedScope("").names.isEmpty)
    }
}

@Suite(.timeLimit(.minutes(1))) struct BearerMiddlewareTests {
    private func pipeline(_ transport: ScriptedTransport, _ fetches: Signal, log: RecordingLog = RecordingLog()) -> HTTPPipeline {
        let time = ManualClock()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            return AccessToken(Secret("t-\(fetches.count)"), lifetimeSeconds: 3_600, grantedScope: nil, receivedAt: time.instant)
        }
        return HTTPPipeline([BearerMiddleware(tokens: cache, log: log)], to: transport)
    }

    private func tokens(_ transport: ScriptedTransport) -> [String?] { transport.requests.map { $0.headers["Authorization"] } }

    @Test func oneTokenServesManyRequests() async throws {
        let fetches = Signal()
        try await ScriptedTransport.running(.status(200), .status(403), .status(200)) { transport in
            let pipeline = pipeline(transport, fetches)
            for _ in 0..<3 { _ = try await pipeline.send(.sample()) }
            #expect(tokens(transport) == ["Bearer t-1", "Bearer t-1", "Bearer t-1"])
        }
        #expect(fetches.count == 1)
    }

    @Test(arguments: [TransportMethod.get, .post]) func aRefusedTokenIsReplacedAndARepeatableRequestRepeated(method: TransportMethod)
        async throws
    {
        let fetches = Signal()
        let log = RecordingLog()
        try await ScriptedTransport.running(.status(401), .status(201)) { transport in
            var request = try TransportRequest.sample(method)
            request.body = Array("body".utf8)
            request.isRepeatable = true
            let response = try await pipeline(transport, fetches, log: log).send(request)
            #expect(response.status == 201)
            #expect(tokens(transport) == ["Bearer t-1", "Bearer t-2"])
            #expect(transport.requests.map(\.body) == [Array("body".utf8), Array("body".utf8)])
        }
        #expect(fetches.count == 2)
        #expect(log.lines == ["acme.example.com refused an access token before it expired"])
    }

    @Test(arguments: [TransportMethod.post, .put, .patch, .delete])
    func aWriteIsNotRepeatedAfterARefusedTokenAndTheNextRequestBringsANewOne(
        method: TransportMethod
    ) async throws {
        let fetches = Signal()
        try await ScriptedTransport.running(.status(401), .status(200)) { transport in
            let pipeline = pipeline(transport, fetches)
            let refused = try await pipeline.send(.sample(method))
            let next = try await pipeline.send(.sample())
            #expect([refused.status, next.status] == [401, 200])
            #expect(tokens(transport) == ["Bearer t-1", "Bearer t-2"])
        }
    }

    @Test func theRefusedTokenOfAWriteIsNewAtFirstAndAfterAnotherWasRefused() async throws {
        let time = ManualClock()
        let fetches = Signal()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            return AccessToken(Secret("t-\(fetches.count)"), lifetimeSeconds: 86_400, grantedScope: nil, receivedAt: time.instant)
        }
        try await ScriptedTransport.running(
            .status(401), .status(200), .status(401), .status(200), .status(401), .status(200), .status(401), .status(401), .status(401)
        ) { transport in
            let pipeline = HTTPPipeline([BearerMiddleware(tokens: cache, log: SilentLog())], to: transport)
            func isNew(_ method: TransportMethod = .post, after seconds: Double) async throws -> Bool? {
                time.advance(by: seconds)
                return try await pipeline.send(.sample(method)).refusesNewToken
            }
            var seen: [Bool?] = []
            // Just issued; the write that is accepted proves the next one, which is refused when it is old.
            for seconds in [0.0, 0, 3_600] { seen.append(try await isNew(after: seconds)) }
            // A read proves nothing of writes.
            seen.append(try await isNew(.get, after: 0))
            for seconds in [3_600.0, 0, 3_600] { seen.append(try await isNew(after: seconds)) }
            // A read that is refused twice.
            seen.append(try await isNew(.get, after: 3_600))
            #expect(seen == [true, nil, false, nil, true, nil, false, true])
        }
        #expect(fetches.count == 6)
    }

    @Test func aServerThatRefusesEveryTokenIsAskedTwiceAndNoMore() async throws {
        let fetches = Signal()
        try await ScriptedTransport.running(.status(401), .status(401, "still no")) { transport in
            let response = try await pipeline(transport, fetches).send(.sample())
            #expect(response.status == 401)
            #expect(response.body == Array("still no".utf8))
        }
        #expect(fetches.count == 2)
    }

    @Test func aTokenThatCannotBeFetchedEndsTheRequestBeforeItIsSent() async throws {
        struct NoToken: Error {}
        try await ScriptedTransport.running { transport in
            let cache = TokenCache(time: ManualClock().source) { throw NoToken() }
            let pipeline = HTTPPipeline([BearerMiddleware(tokens: cache, log: RecordingLog())], to: transport)
            await #expect(throws: NoToken.self) { try await pipeline.send(.sample()) }
        }
    }

    @Test func manyRequestsRefusedTogetherFetchOneNewToken() async throws {
        let fetches = Signal()
        let arrived = Signal()
        struct OldTokenRefused: HTTPTransport {
            let arrived: Signal
            func send(_ request: TransportRequest) async throws -> TransportResponse {
                guard request.headers["Authorization"] == "Bearer t-1" else { return TransportResponse(status: 200) }
                arrived.fire()
                await arrived.wait(for: 20)
                return TransportResponse(status: 401)
            }
        }
        let time = ManualClock()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            return AccessToken(Secret("t-\(fetches.count)"), lifetimeSeconds: 3_600, grantedScope: nil, receivedAt: time.instant)
        }
        let pipeline = HTTPPipeline([BearerMiddleware(tokens: cache, log: SilentLog())], to: OldTokenRefused(arrived: arrived))
        let request = try TransportRequest.sample()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await pipeline.send(request).status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(fetches.count == 2)
    }
}
