#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a connector states about its vendor; a ``VendorClient`` does the rest.
///
/// `Message` is the connector's own catalogue of messages: what a request is about is one of its cases.
public struct VendorDeclaration<Message: LocalizedMessage>: Sendable {
    /// The connector: its id names the tenant's rate limit, its catalogue words the errors.
    public var descriptor: ConnectorDescriptor
    /// The vendor's server; requests with credentials go nowhere else.
    public var origin: ServiceURL
    /// Which addresses may be connected to.
    public var addressPolicy: AddressPolicy
    /// The path in front of every route, such as `/REST/2.0`, percent-encoded; empty for none.
    public var basePath: String
    /// How requests prove who they come from.
    public var authentication: VendorAuthentication
    /// How many requests the tenant takes; nil for a vendor that sets no limit.
    public var rateLimit: RateLimit?
    /// What the vendor's answers mean where they differ from what their status says.
    public var rules: [ClassificationRule]
    /// Reads the vendor's error bodies.
    public var errorParser: any VendorErrorParser<Message>
    /// What a token request is about, for its errors.
    public var tokenObject: Message?
    /// Which part of the path of an address is kept, where a redirect or the vendor names one.
    public var installation: InstallationPath?
    /// Header fields that every request has besides those of the client, such as a version of the API; nothing secret, which is a part of
    /// ``authentication``.
    public var headers: TransportHeaders
    /// How the vendor gives lists.
    public var lists: ListFormat

    /// Declares a vendor.
    ///
    /// - Parameters:
    ///   - descriptor: The connector.
    ///   - origin: The vendor's server.
    ///   - addressPolicy: Which addresses may be connected to.
    ///   - basePath: The path in front of every route.
    ///   - authentication: How requests prove who they come from.
    ///   - rateLimit: How many requests the tenant takes; all connections of a host to it share them.
    ///   - rules: What the vendor's answers mean where they differ from what their status says.
    ///   - errorParser: Reads the vendor's error bodies.
    ///   - tokenObject: What a token request is about.
    ///   - installation: Which part of the path of an address is kept.
    ///   - headers: Header fields that every request has, nothing secret.
    ///   - lists: How the vendor gives lists.
    public init(
        _ descriptor: ConnectorDescriptor, origin: ServiceURL, addressPolicy: AddressPolicy, basePath: String = "",
        authentication: VendorAuthentication, rateLimit: RateLimit?, rules: [ClassificationRule] = [],
        errorParser: any VendorErrorParser<Message> = StandardErrorParser<Message>(), tokenObject: Message? = nil,
        installation: InstallationPath? = nil, headers: TransportHeaders = [:], lists: ListFormat = .array
    ) {
        self.descriptor = descriptor
        self.origin = origin
        self.addressPolicy = addressPolicy
        self.basePath = basePath
        self.authentication = authentication
        self.rateLimit = rateLimit
        self.rules = rules
        self.errorParser = errorParser
        self.tokenObject = tokenObject
        self.installation = installation
        self.headers = headers
        self.lists = lists
    }

    /// What all connections to the tenant have in common: connector, host, port and path.
    public var tenantKey: String { descriptor.id.rawValue + ":" + origin.location }
}

/// How requests prove who they come from.
///
/// Everything secret in it is redacted from what a vendor says.
public struct VendorAuthentication: Sendable {
    enum Kind: Sendable {
        case none
        case headers([(name: String, value: Secret)])
        case clientCredentials(ClientCredentialsGrant, route: String, query: [QueryItem])
        case custom(@Sendable (TransportRequest) async throws -> TransportRequest)
    }

    let kind: Kind
    let secrets: [Secret]

    var usesTokens: Bool {
        if case .clientCredentials = kind { true } else { false }
    }

    /// No credentials.
    public static let none = VendorAuthentication(kind: .none, secrets: [])

    /// Header fields that never change, such as an API key; after a 401 nothing is repeated.
    ///
    /// - Parameters:
    ///   - fields: Names and whole values.
    ///   - secrets: Parts of the values that are secret without the rest, such as a key behind the name of its scheme.
    /// - Returns: The authentication.
    public static func headers(_ fields: [(name: String, value: Secret)], secrets: [Secret] = []) -> VendorAuthentication {
        VendorAuthentication(kind: .headers(fields), secrets: fields.map(\.value) + secrets)
    }

    /// HTTP Basic (RFC 7617), with the header fields a vendor wants beside it.
    public static func basic(user: String, password: Secret, and fields: [(name: String, value: Secret)] = []) -> VendorAuthentication {
        let pair = Data("\(user):\(password.reveal())".utf8).base64EncodedString()
        let all = [(name: "Authorization", value: Secret("Basic " + pair))] + fields
        return .headers(all, secrets: [password, Secret(pair)])
    }

    /// A bearer token that client credentials are exchanged for.
    ///
    /// One request fetches it however many callers wait, and a new one replaces it before it expires. After a 401 a read is repeated once with
    /// a new token; a write never is.
    ///
    /// - Parameters:
    ///   - grant: The credentials.
    ///   - route: The token endpoint at the vendor's server; ``VendorDeclaration/basePath`` does not precede it.
    ///   - query: Query parameters the vendor wants there.
    ///   - secrets: What else is not to be repeated, such as a secret that was typed into another setting.
    /// - Returns: The authentication.
    public static func clientCredentials(
        _ grant: ClientCredentialsGrant, route: String, query: [QueryItem] = [], secrets: [Secret] = []
    ) -> VendorAuthentication {
        let secret = grant.clientSecret.reveal()
        // An id that is a part of the secret, or holds it, was mixed up with it.
        let isLong = secret.utf8.count >= 12 && grant.clientID.utf8.count >= 12
        let isMixedUp = isLong && (secret.contains(grant.clientID) || grant.clientID.contains(secret))
        return VendorAuthentication(
            kind: .clientCredentials(grant, route: route, query: query),
            secrets: [grant.clientSecret] + secrets + (isMixedUp ? [Secret(grant.clientID)] : []))
    }

    /// Whatever else a vendor wants, such as a signature; after a 401 nothing is repeated.
    ///
    /// - Parameters:
    ///   - secrets: Everything secret that may be repeated by the vendor.
    ///   - authorize: Returns the request with its credentials; what it throws is thrown to the caller.
    /// - Returns: The authentication.
    public static func custom(
        secrets: [Secret], authorize: @escaping @Sendable (TransportRequest) async throws -> TransportRequest
    ) -> VendorAuthentication {
        VendorAuthentication(kind: .custom(authorize), secrets: secrets)
    }
}

/// How long requests may take and wait.
public struct RequestTimeouts: Sendable, Hashable {
    /// The longest time of one request, from name resolution to the last byte.
    public var request: Duration
    /// The same for a token request.
    public var token: Duration
    /// How long retries and the rate limit may delay one request altogether; zero for no retry.
    public var retryTimeLimit: Duration

    /// States the times.
    public init(request: Duration = .seconds(60), token: Duration = .seconds(20), retryTimeLimit: Duration = .seconds(120)) {
        self.request = request
        self.token = token
        self.retryTimeLimit = retryTimeLimit
    }

    /// For work in the background: a minute for a request, two for its retries.
    public static let normal = RequestTimeouts()

    /// For a person who waits: each request takes at most a share of the test's time limit, and nothing is repeated.
    ///
    /// - Parameters:
    ///   - limit: How long the whole test may take.
    ///   - share: The share of one request, from 0 to 1; the default leaves time for two requests, one after the other.
    /// - Returns: The timeouts.
    public static func connectionTest(within limit: Duration, share: Double = 0.42) -> RequestTimeouts {
        let request = min(limit * share, normal.request)
        return RequestTimeouts(request: request, token: request, retryTimeLimit: .zero)
    }
}
