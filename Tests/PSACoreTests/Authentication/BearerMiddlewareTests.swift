import PSATesting
import Testing

@testable import PSACore

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

    @Test(arguments: [HTTPMethod.get, .post]) func aRefusedTokenIsReplacedAndARepeatableRequestRepeated(method: HTTPMethod) async throws {
        let fetches = Signal()
        let log = RecordingLog()
        try await ScriptedTransport.running(.status(401), .status(201)) { transport in
            var request = try HTTPRequest.sample(method)
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

    @Test(arguments: [HTTPMethod.post, .put, .patch, .delete]) func aWriteIsNotRepeatedAfterARefusedTokenAndTheNextRequestBringsANewOne(
        method: HTTPMethod
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
            func send(_ request: HTTPRequest) async throws -> HTTPResponse {
                guard request.headers["Authorization"] == "Bearer t-1" else { return HTTPResponse(status: 200) }
                arrived.fire()
                await arrived.wait(for: 20)
                return HTTPResponse(status: 401)
            }
        }
        let time = ManualClock()
        let cache = TokenCache(time: time.source) {
            fetches.fire()
            return AccessToken(Secret("t-\(fetches.count)"), lifetimeSeconds: 3_600, grantedScope: nil, receivedAt: time.instant)
        }
        let pipeline = HTTPPipeline([BearerMiddleware(tokens: cache, log: SilentLog())], to: OldTokenRefused(arrived: arrived))
        let request = try HTTPRequest.sample()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await pipeline.send(request).status } }
            for try await status in group { #expect(status == 200) }
        }
        #expect(fetches.count == 2)
    }
}
