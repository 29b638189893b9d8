import FoundationEssentials
import PSATesting
import Testing
@testable import PSACore

@Suite struct RetryPolicyTests {
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func decide(
        _ outcome: RetryPolicy.Outcome, _ method: TransportMethod = .get, repeatable: Bool? = nil, attempt: Int = 1,
        waited: Duration = .zero,
        jitter: Double = 1, retryTimeLimit: Duration = .seconds(120), policy: RetryPolicy = .standard
    ) throws -> RetryPolicy.Decision {
        var request = try TransportRequest.sample(method)
        request.retryTimeLimit = retryTimeLimit
        if let repeatable { request.isRepeatable = repeatable }
        return policy.decide(outcome, request: request, attempt: attempt, waited: waited, jitter: jitter, now: now)
    }

    @Test(arguments: 100...599) func onlyFourStatusesOfAReadAreMadeAgain(status: Int) throws {
        let isTransient = [429, 502, 503, 504].contains(status)
        let decision = try decide(.answered(TransportResponse(status: status)))
        let wait = status == 429 ? Duration.seconds(15) : .seconds(1)
        #expect(decision == (isTransient ? .again(after: wait) : .stop(.notTransient)))
    }

    @Test(arguments: [(1, Duration.seconds(15)), (2, .seconds(30)), (3, .seconds(60)), (4, .seconds(60)), (100, .seconds(60))])
    func aThrottledReadIsPutOffLongerAndNotCounted(attempt: Int, wait: Duration) throws {
        #expect(try decide(.answered(TransportResponse(status: 429)), attempt: attempt) == .again(after: wait))
    }

    @Test func patienceAloneEndsTheRepeatsOfAThrottledRead() throws {
        #expect(try decide(.answered(TransportResponse(status: 429)), waited: .seconds(106)) == .stop(.retryTimeLimitReached))
    }

    @Test(arguments: TransportMethod.allCases, [429, 502, 503, 504]) func anAnsweredWriteIsNeverMadeAgain(
        method: TransportMethod, status: Int
    ) throws {
        let isRead = method == .get || method == .head
        let decision = try decide(.answered(TransportResponse(status: status, headers: ["Retry-After": "2"])), method)
        #expect(decision == (isRead ? .again(after: .seconds(2)) : .stop(.notRepeatable)))
    }

    @Test(arguments: TransportError.Kind.allCases, TransportMethod.allCases)
    func aRequestWithoutAnswerIsMadeAgainOnlyIfThatIsHarmless(kind: TransportError.Kind, method: TransportMethod) throws {
        let isTransient = [TransportError.Kind.connectionRefused, .interrupted, .timedOut].contains(kind)
        let isRead = method == .get || method == .head
        let maybe = try decide(.failed(TransportError(kind, delivery: .maybeSent)), method)
        #expect(maybe == (!isTransient ? .stop(.notTransient) : isRead ? .again(after: .seconds(1)) : .stop(.notRepeatable)))
        let unsent = try decide(.failed(TransportError(kind, delivery: .notSent)), method)
        #expect(unsent == (isTransient ? .again(after: .seconds(1)) : .stop(.notTransient)))
    }

    @Test func aPOSTThatOnlyFetchesIsMadeAgain() throws {
        #expect(try decide(.answered(TransportResponse(status: 503)), .post, repeatable: true) == .again(after: .seconds(1)))
        #expect(try decide(.answered(TransportResponse(status: 503)), .get, repeatable: false) == .stop(.notRepeatable))
    }

    @Test(arguments: [(1, Duration.seconds(1)), (2, .seconds(2)), (3, .seconds(4)), (4, nil), (5, nil), (1_000, nil)])
    func theWaitDoublesUntilTheTriesAreUsedUp(attempt: Int, wait: Duration?) throws {
        let decision = try decide(.answered(TransportResponse(status: 503)), attempt: attempt)
        #expect(decision == wait.map { .again(after: $0) } ?? .stop(.attemptsUsedUp))
    }

    @Test(arguments: [(5, Duration.seconds(16)), (6, .seconds(30)), (7, .seconds(30)), (60, .seconds(30)), (100_000, .seconds(30))])
    func theWaitIsHeldBelowItsLimit(attempt: Int, wait: Duration) throws {
        let patient = RetryPolicy(maximumAttempts: .max, firstWait: .seconds(1), maxWait: .seconds(30))
        #expect(try decide(.answered(TransportResponse(status: 503)), attempt: attempt, policy: patient) == .again(after: wait))
    }

    @Test(arguments: [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0), (-3.0, 0.5), (7.0, 1.0)])
    func theWaitVariesBetweenHalfAndTheWhole(jitter: Double, seconds: Double) throws {
        #expect(try decide(.answered(TransportResponse(status: 503)), jitter: jitter) == .again(after: .seconds(seconds)))
    }

    @Test func theServersOwnWaitIsTakenWithoutJitterAndBeyondTheLimit() throws {
        let response = TransportResponse(status: 429, headers: ["retry-after": "45"])
        #expect(try decide(.answered(response), jitter: 0) == .again(after: .seconds(45)))
        let junk = TransportResponse(status: 429, headers: ["Retry-After": "soon"])
        #expect(try decide(.answered(junk)) == .again(after: .seconds(15)))
        let date = TransportResponse(status: 503, headers: ["Retry-After": "Tue, 14 Nov 2023 22:13:30 GMT"])
        #expect(try decide(.answered(date)) == .again(after: .seconds(10)))
    }

    @Test(arguments: [
        (Duration.seconds(120), Duration.seconds(75), true), (.seconds(120), .seconds(76), false), (.seconds(45), .zero, true),
        (.seconds(44), .zero, false),
        (.zero, .zero, false),
    ])
    func patienceCountsAllWaitsTogether(retryTimeLimit: Duration, waited: Duration, goesOn: Bool) throws {
        let response = TransportResponse(status: 429, headers: ["Retry-After": "45"])
        let decision = try decide(.answered(response), waited: waited, retryTimeLimit: retryTimeLimit)
        #expect(decision == (goesOn ? .again(after: .seconds(45)) : .stop(.retryTimeLimitReached)))
    }

    @Test func anAbsurdServerWaitEndsInsteadOfHolding() throws {
        #expect(
            try decide(.answered(TransportResponse(status: 429, headers: ["Retry-After": "999999999"]))) == .stop(.retryTimeLimitReached))
    }
}

@Suite(.timeLimit(.minutes(1))) struct RetryMiddlewareTests {
    private func send(_ request: TransportRequest, over transport: ScriptedTransport, time: ManualClock, log: RecordingLog = RecordingLog())
        async throws -> TransportResponse
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

    @Test func throttledTriesTakeNothingFromTheOthers() async throws {
        let time = ManualClock()
        try await ScriptedTransport.running(
            .status(429), .status(503), .status(429), .status(429), .status(502), .status(200)
        ) { transport in
            let response = try await send(.sample(), over: transport, time: time)
            #expect(response.status == 200)
        }
        #expect(time.sleeps == [.seconds(15), .seconds(1), .seconds(30), .seconds(60), .seconds(2)])
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

    @Test(arguments: [TransportMethod.post, .put, .patch, .delete]) func aWriteThatMayHaveBeenExecutedIsSentOnce(method: TransportMethod)
        async throws
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
            var request = try TransportRequest.sample()
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
            let request = try TransportRequest.sample()
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
