/// Lets each request wait for its place in the tenant's request budget, repeats included.
public struct BudgetMiddleware: HTTPMiddleware {
    private let budget: RequestBudget

    /// Spends from a budget.
    public init(_ budget: RequestBudget) { self.budget = budget }

    /// Sends the request once the budget lets it through.
    public func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        try await budget.spend()
        return try await next(request)
    }
}
