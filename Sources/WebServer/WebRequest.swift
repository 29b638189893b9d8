/// A complete request, including its body.
///
/// A ``WebServer`` passes only well-formed requests: at most one framing header, no malformed escape, no `%00`, and text in UTF-8.
public struct WebRequest: Sendable {
    /// The method in upper case, such as `GET`.
    public var method: String
    /// The percent-encoded path, without the query.
    public var path: String
    /// The percent-decoded segments of the path; empty segments are dropped, `.` and `..` are not interpreted.
    public var segments: [String]
    /// The fields of the query in order, percent-decoded and with `+` decoded as a space; a field without `=` has an empty value.
    public var query: [(name: String, value: String)]
    /// The header fields; bytes that are not valid UTF-8 become U+FFFD.
    public var headers: WebHeaders
    /// The whole body, empty if there is none.
    public var body: [UInt8]
    /// The numeric address of the client, or of the nearest proxy, without a port.
    public var remoteAddress: String

    /// Creates a request without a socket, to test a handler.
    ///
    /// `segments` are derived from `path`; a segment with a malformed escape is kept as it is.
    public init(
        method: String,
        path: String,
        query: [(name: String, value: String)] = [],
        headers: WebHeaders = [:],
        body: [UInt8] = [],
        remoteAddress: String = "127.0.0.1"
    ) {
        self.method = method.uppercased()
        self.path = path
        segments = path.utf8.split(separator: UInt8(ascii: "/")).map {
            RequestTarget.decoded($0, plusIsSpace: false) ?? String(decoding: $0, as: UTF8.self)
        }
        self.query = query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
    }

    init(method: String, target: RequestTarget, headers: WebHeaders, remoteAddress: String) {
        self.method = method.uppercased()
        path = target.path
        segments = target.segments
        query = target.query
        self.headers = headers
        body = []
        self.remoteAddress = remoteAddress
    }

    /// Returns the first value of a name, compared case-sensitively, or nil if the query lacks it.
    public func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}

extension WebRequest {
    /// Whether the content type is that of an HTML form, `application/x-www-form-urlencoded`.
    public var isForm: Bool {
        let type = headers["Content-Type"].map { $0.prefix { $0 != ";" }.lowercased() } ?? ""
        return type.split(separator: " ") == ["application/x-www-form-urlencoded"]
    }

    /// The fields of an HTML form in order, or nil if the body has another type or is malformed.
    ///
    /// Only `application/x-www-form-urlencoded` is supported. A malformed escape, `%00` or invalid UTF-8 makes the whole body malformed.
    public var formFields: [(name: String, value: String)]? {
        guard isForm else { return nil }
        var fields: [(name: String, value: String)] = []
        for field in body.split(separator: UInt8(ascii: "&")) {
            let sides = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = RequestTarget.decoded(sides[0], plusIsSpace: true),
                let value = sides.count == 2 ? RequestTarget.decoded(sides[1], plusIsSpace: true) : ""
            else { return nil }
            fields.append((name: name, value: value))
        }
        return fields
    }
}
