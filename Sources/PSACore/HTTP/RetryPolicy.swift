#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Decides whether a failed request is made again, and when.
///
/// It performs nothing.
public struct RetryPolicy: Sendable {
    /// How a try ended.
    public enum Outcome: Sendable {
        /// An answer came.
        case answered(TransportResponse)
        /// None came.
        case failed(TransportError)
    }

    /// What to do.
    public enum Decision: Sendable, Equatable {
        /// Make the request again after this wait.
        case again(after: Duration)
        /// Return the outcome to the caller, for this reason.
        case stop(StopReason)
    }

    /// Why a request is not made again.
    @nonexhaustive
    public enum StopReason: String, Sendable, Equatable {
        /// It succeeded, or failed in a way that a repeat can't change.
        case notTransient
        /// A repeat could do something twice.
        case notRepeatable
        /// It was tried often enough.
        case attemptsUsedUp
        /// The wait exceeds the request's retry time limit.
        case retryTimeLimitReached
    }

    /// How often a request is made at most, the first time included.
    public var maximumAttempts: Int
    /// The wait before the first repeat; it doubles each time.
    public var firstWait: Duration
    /// The longest wait between two tries, unless the server names a longer one.
    public var maxWait: Duration

    /// The wait before the first repeat after a 429 that names no time; it doubles up to a minute.
    ///
    /// Such tries are not counted: a throttled request was refused, not failed, and only the retry time limit bounds how long it is put
    /// off.
    public var throttledWait: Duration

    /// Four tries, waiting about 1, 2 and 4 seconds; after a 429 within the retry time limit.
    public static let standard = RetryPolicy(maximumAttempts: 4, firstWait: .seconds(1), maxWait: .seconds(30))

    /// Sets the numbers.
    public init(maximumAttempts: Int, firstWait: Duration, maxWait: Duration, throttledWait: Duration = .seconds(15)) {
        self.maximumAttempts = maximumAttempts
        self.firstWait = firstWait
        self.maxWait = maxWait
        self.throttledWait = throttledWait
    }

    /// Judges one try.
    ///
    /// - Parameters:
    ///   - outcome: How it ended.
    ///   - request: What was tried.
    ///   - attempt: Which try of its kind it was, from 1: throttled tries are counted apart from all others.
    ///   - waited: How long the tries have waited so far.
    ///   - jitter: A random number from 0 to 1; the wait varies between half and the whole of its length.
    ///   - now: The time, for a `Retry-After` that names a date.
    /// - Returns: Whether to try again, and after which wait.
    public func decide(
        _ outcome: Outcome, request: TransportRequest, attempt: Int, waited: Duration, jitter: Double, now: Date
    ) -> Decision {
        guard isTransient(outcome) else { return .stop(.notTransient) }
        guard request.isRepeatable || isProvenNotExecuted(outcome) else { return .stop(.notRepeatable) }
        guard attempt < maximumAttempts || outcome.isThrottled else { return .stop(.attemptsUsedUp) }
        let wait = wait(after: outcome, attempt: attempt, jitter: jitter, now: now)
        return waited + wait <= request.retryTimeLimit ? .again(after: wait) : .stop(.retryTimeLimitReached)
    }

    private func isTransient(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .answered(let response): [429, 502, 503, 504].contains(response.status)
        case .failed(let error): [.connectionRefused, .interrupted, .timedOut].contains(error.kind)
        }
    }

    private func isProvenNotExecuted(_ outcome: Outcome) -> Bool {
        guard case .failed(let error) = outcome else { return false }
        return error.delivery == .notSent
    }

    private func wait(after outcome: Outcome, attempt: Int, jitter: Double, now: Date) -> Duration {
        if case .answered(let response) = outcome, let named = RetryAfter.wait(response.headers["Retry-After"], now: now) { return named }
        let first = outcome.isThrottled ? throttledWait : firstWait
        let longest = outcome.isThrottled ? max(throttledWait, .seconds(60)) : maxWait
        return min(first * (1 << min(attempt - 1, 16)), longest) * (0.5 + 0.5 * min(max(jitter, 0), 1))
    }
}

extension RetryPolicy.Outcome {
    fileprivate var isThrottled: Bool {
        guard case .answered(let response) = self else { return false }
        return response.status == 429
    }
}

/// Makes transient failures of repeatable requests again, as ``RetryPolicy`` decides.
package struct RetryMiddleware: HTTPMiddleware {
    private let policy: RetryPolicy
    private let time: TimeSource
    private let log: any ConnectorLog

    /// Takes its decisions from a policy and its time from a source.
    package init(policy: RetryPolicy = .standard, time: TimeSource, log: any ConnectorLog) {
        self.policy = policy
        self.time = time
        self.log = log
    }

    /// Sends the request as often as the policy says.
    package func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        var waited = Duration.zero
        var (throttled, failed) = (0, 0)
        while true {
            let outcome: RetryPolicy.Outcome
            do {
                outcome = .answered(try await next(request))
            } catch let error as TransportError {
                outcome = .failed(error)
            }
            if outcome.isThrottled { throttled += 1 } else { failed += 1 }
            let attempt = outcome.isThrottled ? throttled : failed
            switch policy.decide(
                outcome, request: request, attempt: attempt, waited: waited, jitter: time.random(), now: time.now())
            {
            case .stop: return try outcome.get()
            case .again(let wait):
                log.record(ConnectorEvent(.repeating(request.label, attempt: throttled + failed + 1, wait: wait)))
                try await time.sleep(wait)
                waited += wait
            }
        }
    }
}

extension RetryPolicy.Outcome {
    fileprivate func get() throws(TransportError) -> TransportResponse {
        switch self {
        case .answered(let response): return response
        case .failed(let error): throw error
        }
    }
}
