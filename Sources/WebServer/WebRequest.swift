/// A request that has arrived completely, its body included.
///
/// From a ``WebServer`` it is well formed: one framing header at most, no malformed escape, no `%00`, text in UTF-8.
public struct WebRequest: Sendable {
    /// The method in upper case, such as `GET`.
    public var method: String
    /// The path as on the wire: still percent-encoded, without the query.
    public var path: String
    /// The parts of the path between slashes, percent-decoded; empty parts are dropped, `.` and `..` are not interpreted.
    public var segments: [String]
    /// The query's fields in order, percent-decoded and with `+` read as a space; a field without `=` has an empty value.
    public var query: [(name: String, value: String)]
    /// The header fields; bytes that are no UTF-8 show as U+FFFD.
    public var headers: WebHeaders
    /// The whole body, empty where there is none.
    public var body: [UInt8]
    /// The client's address in numbers, without a port; that of the nearest proxy where there is one.
    public var remoteAddress: String

    /// Creates a request without a socket, for a handler under test.
    ///
    /// `segments` are derived from `path`; a part with a malformed escape is taken as it is written.
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

    /// Returns the first value of exactly that name, case and all, or nil where the query lacks it.
    public func queryValue(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }
}

extension WebRequest {
    /// Whether the body is said to be an HTML form's, `application/x-www-form-urlencoded`.
    public var isForm: Bool {
        let type = headers["Content-Type"].map { $0.prefix { $0 != ";" }.lowercased() } ?? ""
        return type.split(separator: " ") == ["application/x-www-form-urlencoded"]
    }

    /// The fields of a body sent by an HTML form, in order; nil if it is of another type or malformed.
    ///
    /// Only `application/x-www-form-urlencoded` is read. A malformed escape, `%00` and text that is no UTF-8 make the whole body malformed.
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
