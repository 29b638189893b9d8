import PSATesting
import Testing

@testable import PSACore

@Suite(.timeLimit(.minutes(1))) struct RetryMiddlewareTests {
    private func send(_ request: HTTPRequest, over transport: ScriptedTransport, time: ManualClock, log: RecordingLog = RecordingLog())
        async throws -> HTTPResponse
    {
        try await HTTPPipeline([RetryMiddleware(time: time.source, log: log)], to: transport).send(request)
    }

    @Test func aReadIsRepeatedUntilItSucceeds() async throws {
        let time = ManualClock()
        let log = RecordingLog()
        try await ScriptedTransport.running(.status(503), .fault(.interrupted), .status(200)) { transport in
            let response = try await send(.sample(), over: transport, time: time, log: log)
            #expect(response.status == 200)
        }
        #expect(time.sleeps == [.seconds(1), .seconds(2)])
        #expect(log.lines.map { $0.suffix(5) } == ["try 2", "try 3"])
    }

    @Test func theLastAnswerIsHandedOverWhenTheTriesAreUsedUp() async throws {
        let time = ManualClock()
        try await ScriptedTransport.running(.status(503), .status(502), .status(504), .status(503)) { transport in
            let response = try await send(.sample(), over: transport, time: time)
            #expect(response.status == 503)
        }
        #expect(time.sleeps == [.seconds(1), .seconds(2), .seconds(4)])
    }

    @Test func theLastFaultIsThrownWhenTheTriesAreUsedUp() async throws {
        let time = ManualClock()
        try await ScriptedTransport.running(.fault(.timedOut), .status(502), .fault(.timedOut), .fault(.interrupted)) { transport in
            await #expect(throws: TransportError(.interrupted, delivery: .maybeSent)) {
                try await send(.sample(), over: transport, time: time)
            }
        }
    }

    @Test(arguments: [HTTPMethod.post, .put, .patch, .delete]) func aWriteThatMayHaveBeenExecutedIsSentOnce(method: HTTPMethod) async throws
    {
        let time = ManualClock()
        for status in [429, 500, 502, 503, 504] {
            try await ScriptedTransport.running(.status(status)) { transport in
                let response = try await send(.sample(method), over: transport, time: time)
                #expect(response.status == status)
            }
        }
        for kind in [TransportError.Kind.timedOut, .interrupted, .connectionRefused] {
            try await ScriptedTransport.running(.fault(kind)) { transport in
                await #expect(throws: TransportError.self) { try await send(.sample(method), over: transport, time: time) }
            }
        }
        #expect(time.sleeps.isEmpty)
    }

    @Test func aWriteThatWasNeverSentIsSentAgainUntilItMayHaveBeen() async throws {
        let time = ManualClock()
        try await ScriptedTransport.running(.fault(.connectionRefused, .notSent), .fault(.timedOut, .maybeSent)) { transport in
            await #expect(throws: TransportError(.timedOut, delivery: .maybeSent)) {
                try await send(.sample(.post), over: transport, time: time)
            }
        }
    }

    @Test func anImpatientRequestIsMadeOnce() async throws {
        let time = ManualClock()
        try await ScriptedTransport.running(.status(503)) { transport in
            var request = try HTTPRequest.sample()
            request.retryTimeLimit = .zero
            let response = try await send(request, over: transport, time: time)
            #expect(response.status == 503)
        }
    }

    @Test func cancellationEndsTheTries() async throws {
        let time = ManualClock()
        try await ScriptedTransport.running(.status(503), .failure(CancellationError())) { transport in
            await #expect(throws: CancellationError.self) { try await send(.sample(), over: transport, time: time) }
        }
    }

    @Test func cancellationEndsTheWait() async throws {
        let time = ManualClock(movesBySleeping: false)
        try await ScriptedTransport.running(.status(503)) { transport in
            let request = try HTTPRequest.sample()
            let pipeline = HTTPPipeline([RetryMiddleware(time: time.source, log: RecordingLog())], to: transport)
            let task = Task { try await pipeline.send(request) }
            await time.sleeping.wait()
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func anErrorOfAnotherKindIsNotRepeated() async throws {
        struct Odd: Error {}
        try await ScriptedTransport.running(.failure(Odd())) { transport in
            await #expect(throws: Odd.self) { try await send(.sample(), over: transport, time: ManualClock()) }
        }
    }
}
