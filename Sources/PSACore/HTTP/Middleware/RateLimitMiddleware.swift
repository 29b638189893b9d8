/// Lets each request wait for its place in the tenant's request budget, repeats included.
public struct RateLimitMiddleware: HTTPMiddleware {
    private let budget: RateLimiter
    private let log: any ConnectorLog

    /// Spends from a budget.
    public init(_ budget: RateLimiter, log: any ConnectorLog = SilentLog()) {
        self.budget = budget
        self.log = log
    }

    /// Sends the request once the budget lets it through.
    public func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await budget.acquire(within: request.patience) { log.record(.heldBack(request: request.description, wait: $0)) }
        return try await next(request)
    }
}
