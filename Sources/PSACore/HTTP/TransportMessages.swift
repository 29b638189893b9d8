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
public struct TransportRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// What is done to the resource.
    public var method: TransportMethod
    /// Scheme, host and port the request goes to, and the path of the installation, which precedes the request's own.
    public var origin: ServiceURL
    /// The path as a template such as `/api/Tickets/{id}`: safe to log and to show.
    public var route: String
    /// The path as sent, percent-encoded, starting with a slash.
    public var path: String
    /// Query parameters in clear, in order.
    public var query: [QueryItem]
    /// Header fields.
    public var headers: TransportHeaders
    /// The body, or nil for none.
    public var body: [UInt8]?
    /// Time allowed for the whole exchange, from name resolution to the last byte.
    public var timeout: Duration
    /// Time allowed until a connection is established, TLS included.
    public var connectTimeout: Duration
    /// The largest answer body accepted, after decompression; everything received for it may be a quarter and 1 MiB more.
    public var maximumResponseBytes: Int
    /// Which addresses may be connected to, checked against the address that name resolution gave.
    public var addressPolicy: AddressPolicy
    /// How long retries and the rate limit may delay the request altogether; zero for no retry.
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
        _ method: TransportMethod, _ origin: ServiceURL, route: String, pathValues: [String] = [], query: [QueryItem] = [],
        headers: TransportHeaders = [:], body: [UInt8]? = nil, addressPolicy: AddressPolicy = .publicOnly
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

    /// Whether the path names a record, and not only a kind of records.
    var namesRecord: Bool { route.contains("{") }

    /// Method, host, port unless it is the usual one, and route template.
    public var description: String { "\(method.rawValue) \(origin.location)\(route)" }

    /// Nothing beyond the description: a token request has the client secret in its body.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An answer as it came, whatever its status: judging it is the classifier's work.
public struct TransportResponse: Sendable, CustomStringConvertible {
    /// The status code.
    public var status: Int
    /// The header fields.
    public var headers: TransportHeaders
    /// The body after decompression, never longer than the request allowed.
    public var body: [UInt8]
    /// The address of this machine on the connection; behind a router that translates addresses, the server sees another one.
    public var localAddress: IPAddress?
    /// The share of the memory for large responses that the body takes.
    package var memoryShare: ResponseMemory.Share?
    /// Of a 401: whether the access token was new, so that another one is no remedy; nil for other answers, and without tokens.
    package var refusesNewToken: Bool?

    /// Makes an answer; tests and transports use it.
    public init(status: Int, headers: TransportHeaders = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Status and size; the body may be personal data.
    public var description: String { "HTTP \(status), \(body.count) bytes" }
}

/// Header fields in the order they were added, looked up without regard to case.
///
/// The description names the fields and never their values, because one of them is the bearer token.
public struct TransportHeaders: Sendable, Equatable, CustomStringConvertible, CustomReflectable,
    ExpressibleByDictionaryLiteral
{
    private struct Field: Sendable, Equatable {
        var name: String
        var value: String
    }

    private var storage: [Field] = []

    /// Makes an empty set of fields.
    public init() {}

    /// Makes fields from a literal, keeping its order and its duplicates.
    public init(dictionaryLiteral elements: (String, String)...) {
        storage = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first value of a field, or nil; setting replaces every value of that name.
    public subscript(name: String) -> String? {
        get { storage.first { $0.name.lowercased() == name.lowercased() }?.value }
        set {
            storage.removeAll { $0.name.lowercased() == name.lowercased() }
            if let newValue { storage.append(Field(name: name, value: newValue)) }
        }
    }

    /// Every value of a field, in order.
    public func values(of name: String) -> [String] { storage.filter { $0.name.lowercased() == name.lowercased() }.map(\.value) }

    /// Adds a value without touching those already there.
    public mutating func append(_ name: String, _ value: String) {
        storage.append(Field(name: name, value: value))
    }

    /// Every field as a name and value pair, in order.
    public var fields: [(name: String, value: String)] { storage.map { ($0.name, $0.value) } }

    /// The field names only: values may be secret.
    public var description: String { storage.map(\.name).joined(separator: ", ") }

    /// The field names only, also for a debugger.
    public var customMirror: Mirror { Mirror(self, unlabeledChildren: storage.map(\.name)) }
}

/// A request method, with the one property retry rules care about.
@nonexhaustive
public enum TransportMethod: String, Sendable, CaseIterable {
    /// Reads; repeated after a passing failure.
    case get = "GET"
    /// Reads the status and the header fields alone; never has a body.
    case head = "HEAD"
    /// Creates or executes something; sent once, never repeated on a guess.
    case post = "POST"
    /// Replaces a record; handled like a write that must not be repeated on a guess.
    case put = "PUT"
    /// Changes a part of a record; handled like a write that must not be repeated on a guess.
    case patch = "PATCH"
    /// Deletes a record; handled like a write that must not be repeated on a guess.
    case delete = "DELETE"

    /// Whether a repeat can change nothing at the other side (RFC 9110, section 9.2.1).
    public var isSafe: Bool { self == .get || self == .head }
}

/// Percent-encoding by RFC 3986's unreserved set, for paths, queries and form bodies.
public enum PercentEncoding {
    /// Encodes everything but letters, digits and `-._~`.
    public static func component(_ text: String) -> String {
        var encoded = ""
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + hexadecimal(byte >> 4) + hexadecimal(byte & 0xF)
            }
        }
        return encoded
    }

    /// Encodes pairs as `application/x-www-form-urlencoded`, which also serves as a query.
    public static func form(_ items: [QueryItem]) -> String {
        items.map { component($0.name) + "=" + component($0.value) }.joined(separator: "&")
    }

    /// Fills the braces of a route template in order, and keeps what stands around them, as in `/issues/{id}.json`; a value can't add a path
    /// segment or take one away, because its slashes are encoded and so are the dots of `.` and `..`.
    static func path(template: String, values: [String]) -> String {
        var remaining = values[...]
        return template.split(separator: "/", omittingEmptySubsequences: false)
            .map { segment in
                var (path, rest) = ("", segment)
                guard segment.contains("{") else { return String(segment) }
                while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}"), let value = remaining.popFirst() {
                    path += rest[..<open] + component(value)
                    rest = rest[rest.index(after: close)...]
                }
                path += rest
                // HTTP clients resolve dot segments before they send, which would lead to another resource.
                return path == "." || path == ".." ? path.replacing(".", with: "%2E") : path
            }
            .joined(separator: "/")
    }

    private static func hexadecimal(_ nibble: UInt8) -> String { String(nibble, radix: 16, uppercase: true) }
}
