/// Lets each request wait for its place in the tenant's request budget, repeats included.
package struct RateLimitMiddleware: HTTPMiddleware {
    private let budget: RateLimiter
    private let log: any ConnectorLog

    /// Spends from a budget.
    package init(_ budget: RateLimiter, log: any ConnectorLog = SilentLog()) {
        self.budget = budget
        self.log = log
    }

    /// Sends the request once the budget lets it through.
    package func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await budget.acquire(within: request.retryTimeLimit) { log.record(.heldBack(request: request.description, wait: $0)) }
        return try await next(request)
    }
}
