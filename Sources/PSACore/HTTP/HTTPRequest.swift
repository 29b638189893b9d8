/// One query parameter, not yet percent-encoded.
public struct QueryItem: Sendable, Equatable {
    /// The parameter's name as the vendor spells it.
    public var name: String
    /// Its value in clear.
    public var value: String

    /// Pairs a name with a value.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request as a connector states it: where, what, and within which bounds.
///
/// It carries its own limits (time, bytes, allowed addresses), so that no transport can forget them. The description holds the method,
/// the host and the route template and nothing else: path values, query, headers and body may be secret or personal.
public struct HTTPRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// What is done to the resource.
    public var method: HTTPMethod
    /// Scheme, host and port the request goes to, and the path of the installation, which stands in front of the request's own.
    public var origin: ServiceURL
    /// The path as a template such as `/api/Tickets/{id}`: safe to log and to show.
    public var route: String
    /// The path as sent, percent-encoded, starting with a slash.
    public var path: String
    /// Query parameters in clear, in order.
    public var query: [QueryItem]
    /// Header fields.
    public var headers: HTTPHeaders
    /// The body, or nil for none.
    public var body: [UInt8]?
    /// Time allowed for the whole exchange, from name resolution to the last byte.
    public var timeout: Duration
    /// Time allowed until a connection stands, TLS included.
    public var connectTimeout: Duration
    /// The largest answer body accepted, after decompression.
    public var maximumResponseBytes: Int
    /// Which addresses may be connected to, checked against the address that name resolution gave.
    public var addressPolicy: AddressPolicy
    /// How long the caller lets repeats wait altogether; zero for none.
    public var retryTimeLimit: Duration
    /// Whether the request may be made twice without doing something twice; true for a POST that only fetches a token.
    public var isRepeatable: Bool

    /// Makes a request whose repeatability follows from its method.
    ///
    /// - Parameters:
    ///   - method: What is done to the resource.
    ///   - origin: Where it goes.
    ///   - route: The path template; values in braces are replaced from `pathValues`, percent-encoded.
    ///   - pathValues: One value for each pair of braces, in order.
    ///   - query: Query parameters in clear.
    ///   - headers: Header fields.
    ///   - body: The body.
    ///   - addressPolicy: Which addresses may be connected to.
    public init(
        _ method: HTTPMethod, _ origin: ServiceURL, route: String, pathValues: [String] = [], query: [QueryItem] = [],
        headers: HTTPHeaders = [:], body: [UInt8]? = nil, addressPolicy: AddressPolicy = .publicOnly
    ) {
        self.method = method
        self.origin = origin
        self.route = route
        self.path = PercentEncoding.path(template: route, values: pathValues)
        self.query = query
        self.headers = headers
        self.body = body
        self.addressPolicy = addressPolicy
        timeout = .seconds(60)
        connectTimeout = .seconds(10)
        maximumResponseBytes = 32 << 20
        retryTimeLimit = .seconds(120)
        isRepeatable = method.isSafe
    }

    /// The full address as a transport needs it, query percent-encoded.
    public var urlText: String {
        guard !query.isEmpty else { return origin.text + path }
        return origin.text + path + "?" + PercentEncoding.form(query)
    }

    /// Method, host and route template.
    public var description: String { "\(method.rawValue) \(origin.host)\(origin.path)\(route)" }

    /// Nothing beyond the description: a token request has the client secret in its body.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
