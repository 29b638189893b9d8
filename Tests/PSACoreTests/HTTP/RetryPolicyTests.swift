import FoundationEssentials
import Testing

@testable import PSACore

@Suite struct RetryPolicyTests {
    private let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func decide(
        _ outcome: RetryPolicy.Outcome, _ method: HTTPMethod = .get, repeatable: Bool? = nil, attempt: Int = 1, waited: Duration = .zero,
        jitter: Double = 1, retryTimeLimit: Duration = .seconds(120), policy: RetryPolicy = .standard
    ) throws -> RetryPolicy.Decision {
        var request = try HTTPRequest.sample(method)
        request.retryTimeLimit = retryTimeLimit
        if let repeatable { request.isRepeatable = repeatable }
        return policy.decide(outcome, request: request, attempt: attempt, waited: waited, jitter: jitter, now: now)
    }

    @Test(arguments: 100...599) func onlyFourStatusesOfAReadAreMadeAgain(status: Int) throws {
        let isTransient = [429, 502, 503, 504].contains(status)
        let decision = try decide(.answered(HTTPResponse(status: status)))
        let wait = status == 429 ? Duration.seconds(15) : .seconds(1)
        #expect(decision == (isTransient ? .again(after: wait) : .stop(.notTransient)))
    }

    @Test(arguments: [(1, Duration.seconds(15)), (2, .seconds(30)), (3, .seconds(60)), (4, .seconds(60)), (100, .seconds(60))])
    func aThrottledReadIsPutOffLongerAndNotCounted(attempt: Int, wait: Duration) throws {
        #expect(try decide(.answered(HTTPResponse(status: 429)), attempt: attempt) == .again(after: wait))
    }

    @Test func patienceAloneEndsTheRepeatsOfAThrottledRead() throws {
        #expect(try decide(.answered(HTTPResponse(status: 429)), waited: .seconds(106)) == .stop(.retryTimeLimitReached))
    }

    @Test(arguments: HTTPMethod.allCases, [429, 502, 503, 504]) func anAnsweredWriteIsNeverMadeAgain(method: HTTPMethod, status: Int) throws
    {
        let isRead = method == .get || method == .head
        let decision = try decide(.answered(HTTPResponse(status: status, headers: ["Retry-After": "2"])), method)
        #expect(decision == (isRead ? .again(after: .seconds(2)) : .stop(.notRepeatable)))
    }

    @Test(arguments: TransportError.Kind.allCases, HTTPMethod.allCases)
    func aRequestWithoutAnswerIsMadeAgainOnlyIfThatIsHarmless(kind: TransportError.Kind, method: HTTPMethod) throws {
        let isTransient = [TransportError.Kind.connectionRefused, .interrupted, .timedOut].contains(kind)
        let isRead = method == .get || method == .head
        let maybe = try decide(.failed(TransportError(kind, delivery: .maybeSent)), method)
        #expect(maybe == (!isTransient ? .stop(.notTransient) : isRead ? .again(after: .seconds(1)) : .stop(.notRepeatable)))
        let unsent = try decide(.failed(TransportError(kind, delivery: .notSent)), method)
        #expect(unsent == (isTransient ? .again(after: .seconds(1)) : .stop(.notTransient)))
    }

    @Test func aPOSTThatOnlyFetchesIsMadeAgain() throws {
        #expect(try decide(.answered(HTTPResponse(status: 503)), .post, repeatable: true) == .again(after: .seconds(1)))
        #expect(try decide(.answered(HTTPResponse(status: 503)), .get, repeatable: false) == .stop(.notRepeatable))
    }

    @Test(arguments: [(1, Duration.seconds(1)), (2, .seconds(2)), (3, .seconds(4)), (4, nil), (5, nil), (1_000, nil)])
    func theWaitDoublesUntilTheTriesAreUsedUp(attempt: Int, wait: Duration?) throws {
        let decision = try decide(.answered(HTTPResponse(status: 503)), attempt: attempt)
        #expect(decision == wait.map { .again(after: $0) } ?? .stop(.attemptsUsedUp))
    }

    @Test(arguments: [(5, Duration.seconds(16)), (6, .seconds(30)), (7, .seconds(30)), (60, .seconds(30)), (100_000, .seconds(30))])
    func theWaitIsHeldBelowItsLimit(attempt: Int, wait: Duration) throws {
        let patient = RetryPolicy(maximumAttempts: .max, firstWait: .seconds(1), maxWait: .seconds(30))
        #expect(try decide(.answered(HTTPResponse(status: 503)), attempt: attempt, policy: patient) == .again(after: wait))
    }

    @Test(arguments: [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0), (-3.0, 0.5), (7.0, 1.0)])
    func theWaitVariesBetweenHalfAndTheWhole(jitter: Double, seconds: Double) throws {
        #expect(try decide(.answered(HTTPResponse(status: 503)), jitter: jitter) == .again(after: .seconds(seconds)))
    }

    @Test func theServersOwnWaitIsTakenWithoutJitterAndBeyondTheLimit() throws {
        let response = HTTPResponse(status: 429, headers: ["retry-after": "45"])
        #expect(try decide(.answered(response), jitter: 0) == .again(after: .seconds(45)))
        let junk = HTTPResponse(status: 429, headers: ["Retry-After": "soon"])
        #expect(try decide(.answered(junk)) == .again(after: .seconds(15)))
        let date = HTTPResponse(status: 503, headers: ["Retry-After": "Tue, 14 Nov 2023 22:13:30 GMT"])
        #expect(try decide(.answered(date)) == .again(after: .seconds(10)))
    }

    @Test(arguments: [
        (Duration.seconds(120), Duration.seconds(75), true), (.seconds(120), .seconds(76), false), (.seconds(45), .zero, true),
        (.seconds(44), .zero, false),
        (.zero, .zero, false),
    ])
    func patienceCountsAllWaitsTogether(retryTimeLimit: Duration, waited: Duration, goesOn: Bool) throws {
        let response = HTTPResponse(status: 429, headers: ["Retry-After": "45"])
        let decision = try decide(.answered(response), waited: waited, retryTimeLimit: retryTimeLimit)
        #expect(decision == (goesOn ? .again(after: .seconds(45)) : .stop(.retryTimeLimitReached)))
    }

    @Test func anAbsurdServerWaitEndsInsteadOfHolding() throws {
        #expect(try decide(.answered(HTTPResponse(status: 429, headers: ["Retry-After": "999999999"]))) == .stop(.retryTimeLimitReached))
    }
}
