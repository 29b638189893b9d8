import PSATesting
import Testing
@testable import PSACore

@Suite struct HTTPPipelineTests {
    private struct Tracing: HTTPMiddleware {
        let name: String
        let trace: Shared<[String]>

        func intercept(
            _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
        ) async throws -> TransportResponse {
            trace.update { $0.append("> \(name)") }
            var request = request
            request.headers.append("X-Trace", name)
            let response = try await next(request)
            trace.update { $0.append("< \(name)") }
            return response
        }
    }

    @Test func theFirstMiddlewareIsOutermost() async throws {
        try await ScriptedTransport.running(.status(200)) { transport in
            let trace = Shared<[String]>([])
            let pipeline = HTTPPipeline(["a", "b", "c"].map { Tracing(name: $0, trace: trace) }, to: transport)
            let response = try await pipeline.send(.sample())
            #expect(response.status == 200)
            #expect(trace.value == ["> a", "> b", "> c", "< c", "< b", "< a"])
            #expect(transport.requests.first?.headers.fields.map(\.value) == ["a", "b", "c"])
        }
    }

    @Test func aPipelineWithoutMiddlewaresIsItsTransport() async throws {
        try await ScriptedTransport.running(.fault(.timedOut)) { transport in
            await #expect(throws: TransportError(.timedOut, delivery: .maybeSent)) {
                try await HTTPPipeline([], to: transport).send(.sample())
            }
        }
    }

    @Test func aWaitLimitOfTheTaskShortensTheWaitForRetries() async throws {
        let time = ManualClock()
        let pipeline = { (transport: ScriptedTransport) in
            HTTPPipeline([RetryMiddleware(time: time.source, log: RecordingLog())], to: transport)
        }
        try await ScriptedTransport.running(.status(429), .status(200)) { transport in
            let refused = try await RequestWaitLimit.$current.withValue(.seconds(5)) { try await pipeline(transport).send(.sample()) }
            #expect(refused.status == 429 && time.sleeps.isEmpty)
            #expect(try await pipeline(transport).send(.sample()).status == 200)
        }
        try await ScriptedTransport.running(.status(429), .status(200)) { transport in
            let response = try await pipeline(transport).send(.sample())
            #expect(response.status == 200 && time.sleeps == [.seconds(15)])
        }
    }

    /// In an order of its own; that of connectors is tested with ``VendorClient``.
    @Test func repeatsPassAgainThroughEverythingInside() async throws {
        let time = ManualClock()
        let log = RecordingLog()
        let budget = RateLimiter(rateLimit: RateLimit(1, per: .seconds(10)), time: time.source)
        let tokens = TokenCache(time: time.source) {
            AccessToken(Secret("t-1"), lifetimeSeconds: 3_600, grantedScope: nil, receivedAt: time.instant)
        }
        try await ScriptedTransport.running(.status(503), .status(401), .status(200)) { transport in
            let pipeline = HTTPPipeline(
                [
                    RetryMiddleware(time: time.source, log: log), BearerMiddleware(tokens: tokens, log: log), RateLimitMiddleware(budget),
                    LoggingMiddleware(log: log, time: time.source),
                ], to: transport)
            let response = try await pipeline.send(.sample())
            #expect(response.status == 200)
            #expect(transport.requests.map { $0.headers["Authorization"] } == ["Bearer t-1", "Bearer t-1", "Bearer t-1"])
        }
        #expect(time.sleeps == [.seconds(1), .milliseconds(9_001), .milliseconds(10_001)])
        #expect(
            log.lines == [
                "GET acme.example.com/api/Tickets answered 503 with 0 bytes in 0 ms",
                "GET acme.example.com/api/Tickets is tried again in 1000 ms, try 2",
                "GET acme.example.com/api/Tickets answered 401 with 0 bytes in 0 ms",
                "acme.example.com refused an access token before it expired",
                "GET acme.example.com/api/Tickets answered 200 with 0 bytes in 0 ms",
            ])
        #expect(!log.lines.joined().contains("t-1"))
    }
}

@Suite struct LoggingMiddlewareTests {
    @Test func anExchangeIsRecordedWithoutAnyOfItsContent() async throws {
        let time = ManualClock()
        let log = RecordingLog()
        try await ScriptedTransport.running(
            .status(404, headers: ["X-Secret": "SECRET-1"], "SECRET-2"),
            .failure(TransportError(.timedOut, delivery: .maybeSent, note: "SECRET-3"))
        ) { transport in
            let pipeline = HTTPPipeline([LoggingMiddleware(log: log, time: time.source)], to: transport)
            let request = TransportRequest(
                .post, try ServiceURL(typed: "acme.example.com"), route: "/api/{id}", pathValues: ["SECRET-4"],
                query: [QueryItem("q", "SECRET-5")],
                headers: ["Authorization": "SECRET-6"], body: Array("SECRET-7".utf8))
            _ = try await pipeline.send(request)
            await #expect(throws: TransportError.self) { try await pipeline.send(request) }
        }
        #expect(
            log.lines == [
                "POST acme.example.com/api/{id} answered 404 with 8 bytes in 0 ms",
                "POST acme.example.com/api/{id} got no answer: timedOut after 0 ms",
            ])
    }
}
