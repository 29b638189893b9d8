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
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        var waited = Duration.zero
        var attempt = 1
        while true {
            let outcome: RetryPolicy.Outcome
            do {
                outcome = .answered(try await next(request))
            } catch let error as TransportError {
                outcome = .failed(error)
            }
            switch policy.decide(
                outcome, request: request, attempt: attempt, waited: waited, jitter: time.random(), now: time.now())
            {
            case .stop: return try outcome.get()
            case .again(let wait):
                log.record(.repeating(request: request.description, attempt: attempt + 1, wait: wait))
                try await time.sleep(wait)
                waited += wait
                attempt += 1
            }
        }
    }
}

extension RetryPolicy.Outcome {
    fileprivate func get() throws(TransportError) -> HTTPResponse {
        switch self {
        case .answered(let response): return response
        case .failed(let error): throw error
        }
    }
}
