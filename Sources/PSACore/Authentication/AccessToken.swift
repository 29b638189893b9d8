/// A bearer token with what is known about it.
public struct AccessToken: Sendable, Hashable {
    /// The token itself.
    public let value: Secret
    /// When the vendor stops accepting it, on the monotonic clock of the time source it was received by.
    public let expiresAt: MonotonicInstant
    /// How long it lasts from when it was received.
    public let lifetime: Duration
    /// How long before that it is no longer used.
    public let margin: Duration
    /// The permissions granted, which may be fewer than asked for; nil if the vendor did not say.
    public let grantedScope: GrantedScope?

    /// Makes a token from what a vendor said about its lifetime.
    ///
    /// Vendors are known to send nonsense there: the lifetime is held between 30 seconds and 24 hours, and a missing one counts as 5 minutes.
    /// The margin is a minute, or a fifth of a short lifetime.
    public init(_ value: Secret, lifetimeSeconds: Int?, grantedScope: GrantedScope?, receivedAt: MonotonicInstant) {
        let seconds = min(max(lifetimeSeconds ?? 300, 30), 86_400)
        self.value = value
        self.grantedScope = grantedScope
        lifetime = .seconds(seconds)
        expiresAt = receivedAt + lifetime
        margin = .seconds(min(60, seconds / 5))
    }

    /// When it was received.
    var issuedAt: MonotonicInstant { expiresAt - lifetime }

    /// Whether it can still be used.
    public func isFresh(at instant: MonotonicInstant) -> Bool { instant < expiresAt - margin }
}

/// The permissions that came with a token.
public struct GrantedScope: Sendable, Hashable, CustomStringConvertible {
    /// The single permissions.
    public let names: Set<String>

    /// Splits the space-separated list of RFC 6749.
    public init(_ text: String) { names = Set(text.split(separator: " ").map(String.init)) }

    /// Whether a permission is among them.
    public func contains(_ name: String) -> Bool { names.contains(name) }

    /// The list in alphabetical order.
    public var description: String { names.sorted().joined(separator: " ") }
}

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
    package func request(at origin: ServiceURL, route: String, query: [QueryItem] = [], policy: AddressPolicy) -> TransportRequest {
        let form = [
            QueryItem("grant_type", "client_credentials"), QueryItem("client_id", clientID),
            QueryItem("client_secret", clientSecret.reveal()), QueryItem("scope", scope),
        ]
        var request = TransportRequest(
            .post, origin, route: route, query: query,
            headers: ["Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"],
            body: Array(PercentEncoding.form(form).utf8), addressPolicy: policy)
        request.isRepeatable = true
        request.maximumResponseBytes = 1 << 20
        request.timeout = .seconds(20)
        return request
    }

    /// Reads a token out of a successful answer, or returns nil if there is none in it.
    package static func token(in response: TransportResponse, receivedAt instant: @autoclosure () -> MonotonicInstant) -> AccessToken? {
        guard (200...299).contains(response.status), let document = try? JSONDocument(response.body) else { return nil }
        let root = document.root
        guard let value = root["access_token"]?.string, !value.isEmpty else { return nil }
        return AccessToken(
            Secret(value), lifetimeSeconds: root["expires_in"]?.integer, grantedScope: (root["scope"]?.string).map(GrantedScope.init),
            receivedAt: instant())
    }
}
