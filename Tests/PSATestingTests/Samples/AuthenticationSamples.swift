import FoundationEssentials
import PSACore

/// Credentials that never expire, put on every request: an API key, or a user name and password with the headers a vendor wants beside them.
struct CredentialHeaders: HTTPMiddleware {
    let fields: [(name: String, value: Secret)]

    func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        var request = request
        for field in fields { request.headers[field.name] = field.value.reveal() }
        return try await next(request)
    }

    /// An API key in a header of the vendor's own.
    static func apiKey(_ key: Secret, header: String) -> CredentialHeaders { CredentialHeaders(fields: [(header, key)]) }

    /// HTTP Basic, and a client id beside it.
    static func basic(user: String, password: Secret, clientID: Secret) -> CredentialHeaders {
        let pair = Data("\(user):\(password.reveal())".utf8).base64EncodedString()
        return CredentialHeaders(fields: [("Authorization", Secret("Basic " + pair)), ("clientId", clientID)])
    }
}
