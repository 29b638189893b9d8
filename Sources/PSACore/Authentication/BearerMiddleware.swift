/// Puts the bearer token on each request; a 401 fetches a new token once and repeats the request once.
///
/// Repeating is safe for writes too: a server that answers 401 has not executed the request. A second 401 is the caller's to judge,
/// because with some vendors it means “not permitted”.
public struct BearerMiddleware: HTTPMiddleware {
    private let tokens: TokenCache
    private let log: any ConnectorLog

    /// Takes tokens from a cache.
    public init(tokens: TokenCache, log: any ConnectorLog) {
        self.tokens = tokens
        self.log = log
    }

    /// Sends the request with a token, and once more with a new one after a 401.
    public func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let token = try await tokens.token()
        let response = try await next(request.authorized(with: token))
        guard response.status == 401 else { return response }
        log.record(.tokenRefused(host: request.origin.host))
        await tokens.discard(token)
        return try await next(request.authorized(with: tokens.token()))
    }
}

extension HTTPRequest {
    fileprivate func authorized(with token: AccessToken) -> HTTPRequest {
        var request = self
        request.headers["Authorization"] = "Bearer " + token.value.reveal()
        return request
    }
}
