/// The OAuth 2.0 client credentials grant (RFC 6749, section 4.4) with the id and secret in the form body.
public struct ClientCredentialsGrant: Sendable {
    /// The application's id.
    public let clientID: String
    /// The application's secret.
    public let clientSecret: Secret
    /// The permissions asked for, separated by spaces.
    public let scope: String

    /// States the credentials.
    public init(clientID: String, clientSecret: Secret, scope: String) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scope = scope
    }

    /// The token request.
    ///
    /// It may be repeated: fetching a token changes nothing a second fetch could double.
    ///
    /// - Parameters:
    ///   - origin: The authorisation server.
    ///   - route: Its token endpoint.
    ///   - query: Query parameters the vendor wants there.
    ///   - policy: Which addresses may be connected to.
    /// - Returns: The request, with the secret in its body.
    package func request(at origin: ServiceURL, route: String, query: [QueryItem] = [], policy: AddressPolicy) -> HTTPRequest {
        let form = [
            QueryItem("grant_type", "client_credentials"), QueryItem("client_id", clientID),
            QueryItem("client_secret", clientSecret.reveal()), QueryItem("scope", scope),
        ]
        var request = HTTPRequest(
            .post, origin, route: route, query: query,
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: Array(PercentEncoding.form(form).utf8), addressPolicy: policy)
        request.isRepeatable = true
        request.maximumResponseBytes = 1 << 20
        request.timeout = .seconds(20)
        return request
    }

    /// Reads a token out of a successful answer, or returns nil if there is none in it.
    package static func token(in response: HTTPResponse, receivedAt instant: @autoclosure () -> MonotonicInstant) -> AccessToken? {
        guard (200...299).contains(response.status), let document = try? JSONDocument(response.body) else { return nil }
        let root = document.root
        guard let value = root["access_token"]?.string, !value.isEmpty else { return nil }
        return AccessToken(
            Secret(value), lifetimeSeconds: root["expires_in"]?.integer, grantedScope: (root["scope"]?.string).map(GrantedScope.init),
            receivedAt: instant())
    }
}
