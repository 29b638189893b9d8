/// Puts the bearer token on each request; after a 401 a request that may be repeated is made once more with a new token.
///
/// A write is not repeated: a 401 from a gateway, or from a session that ended while the vendor was at work, does not prove that the write was
/// not executed. The refused token is discarded all the same, so that the next request brings a new one. A second 401 is the caller's to
/// judge, because with some vendors it means “not permitted”.
package struct BearerMiddleware: HTTPMiddleware {
    private let tokens: TokenCache
    private let log: any ConnectorLog

    /// Takes tokens from a cache.
    package init(tokens: TokenCache, log: any ConnectorLog) {
        self.tokens = tokens
        self.log = log
    }

    /// Sends the request with a token, and a repeatable one once more with a new token after a 401.
    package func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let token = try await tokens.token()
        let response = try await next(request.authorized(with: token))
        guard response.status == 401 else { return response }
        log.record(.tokenRefused(host: request.origin.host))
        await tokens.discard(token)
        guard request.isRepeatable else { return response }
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

/// Puts credentials that need no token on each request; nothing is repeated after a 401, because some vendors lock the account after a few.
struct CredentialsMiddleware: HTTPMiddleware {
    private let authentication: VendorAuthentication

    init(_ authentication: VendorAuthentication) { self.authentication = authentication }

    func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        var request = request
        switch authentication.kind {
        case .none, .clientCredentials: break
        case .headers(let fields):
            for field in fields { request.headers[field.name] = field.value.reveal() }
        case .custom(let authorize): request = try await authorize(request)
        }
        return try await next(request)
    }
}
