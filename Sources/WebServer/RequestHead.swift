import CMicroHTTPD

/// Request line and header section, with additional validation where the library is too lenient.
struct RequestHead {
    let request: WebRequest
    /// The value of `Content-Length`; nil without one.
    let declaredLength: Int?

    /// No registered method is as long.
    static let maximumMethodLength = 32

    enum Reading {
        case head(RequestHead)
        case rejected(WebResponse)
    }

    /// Reads the head of a connection's current request.
    ///
    /// `wireLength` is the length of the received target; it differs from that of `target` if a zero byte ends the C string early.
    /// `receivedHead` is the length of the head by its bytes, or nil if they contain what must not be interpreted.
    static func read(
        _ handle: OpaquePointer, method: String, version: String, target: [UInt8]?, wireLength: Int,
        receivedHead: Int?, limits: WebServer.Configuration, remoteAddress: String
    ) -> Reading {
        let decoded = target.flatMap { RequestTarget($0) }
        func rejected(_ status: Int, _ message: String) -> Reading {
            let raw = target.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self) }
            return .rejected(limits.rejection(status, message, path: decoded?.path ?? raw))
        }
        guard cmhd_header_size(handle) <= limits.maximumHeaderBytes else {
            return rejected(431, "The header section is larger than \(limits.maximumHeaderBytes) bytes.")
        }
        guard let decoded, target?.count == wireLength else { return rejected(400, "The request target is malformed.") }
        guard receivedHead == cmhd_header_size(handle) else {
            return rejected(400, "The header section has a folded field, a line that does not end with CR LF, or a control character.")
        }
        // It is part of log lines.
        guard method.utf8.count <= maximumMethodLength, method.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            return rejected(400, "The request method is malformed.")
        }
        let headers = headers(of: handle)
        let lengths = headers.values(of: "Content-Length")
        let encodings = headers.values(of: "Transfer-Encoding")
        // "Content-Length : 5" is not a length for libmicrohttpd, but may be one for a reverse proxy.
        guard headers.fields.allSatisfy({ !$0.name.isEmpty && $0.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
            return rejected(400, "The name of a header field is malformed.")
        }
        let hosts = headers.values(of: "Host").count
        guard hosts == 1 || hosts == 0 && version == "HTTP/1.0" else {
            return rejected(400, "A request needs exactly one Host field.")
        }
        // Some reverse proxies interpret these differently (request smuggling); libmicrohttpd 0.9.75 takes the first.
        guard lengths.count <= 1, encodings.count <= 1, lengths.isEmpty || encodings.isEmpty else {
            return rejected(400, "Content-Length and Transfer-Encoding contradict one another.")
        }
        guard encodings.allSatisfy({ WebHeaders.isSameName($0, "chunked") }) else {
            return rejected(501, "The only transfer encoding understood is chunked.")
        }
        let declared = lengths.first.flatMap { Int($0) }
        guard declared != nil || lengths.isEmpty else {
            return rejected(400, "Content-Length is not a number.")
        }
        let limit = limits.bodyLimit(at: decoded.path)
        let maximumDiscarded = limit + max(limit, IncomingRequest.minimumExcess)
        let expectsContinue = headers["Expect"].map { WebHeaders.isSameName($0, "100-continue") } ?? false
        if let declared, declared > limit, expectsContinue || declared > maximumDiscarded {
            return .rejected(tooLarge(limits, path: decoded.path))
        }
        let request = WebRequest(method: method, target: decoded, headers: headers, remoteAddress: remoteAddress)
        return .head(RequestHead(request: request, declaredLength: declared))
    }

    static func tooLarge(_ limits: WebServer.Configuration, path: String?) -> WebResponse {
        limits.rejection(413, "The request body is larger than \(limits.bodyLimit(at: path)) bytes.", path: path)
    }

    private static func headers(of handle: OpaquePointer) -> WebHeaders {
        var fields: [(name: String, value: String)] = []
        fields.reserveCapacity(8)
        withUnsafeMutablePointer(to: &fields) { pointer in
            _ = MHD_get_connection_values_n(
                handle, .HEADER_KIND,
                { context, _, name, nameSize, value, valueSize in
                    guard let context, let name else { return .NO }
                    context.assumingMemoryBound(to: [(name: String, value: String)].self).pointee.append(
                        (name: text(name, nameSize), value: value.map { text($0, valueSize) } ?? ""))
                    return .YES
                }, pointer)
        }
        return WebHeaders(fields)
    }
}

private func text(_ start: UnsafePointer<CChar>, _ count: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
}

/// The parsed and strictly decoded request target.
///
/// The library's own decoding is disabled: it accepts malformed escapes, and `%00` ends the text.
struct RequestTarget: Sendable {
    let path: String
    let segments: [String]
    let query: [(name: String, value: String)]

    /// Fails for anything but `*`, a path or an absolute URL, and for malformed escapes, `%00`, control characters and invalid UTF-8.
    init?(_ bytes: [UInt8]) {
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), let origin = Self.withoutAuthority(bytes[...]) else { return nil }
        let parts = origin.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let rawPath = parts.first else { return nil }

        var segments: [String] = []
        for raw in rawPath.split(separator: UInt8(ascii: "/")) {
            guard let segment = Self.decoded(raw, plusIsSpace: false) else { return nil }
            segments.append(segment)
        }
        var query: [(name: String, value: String)] = []
        for field in parts.dropFirst().flatMap({ $0.split(separator: UInt8(ascii: "&")) }) {
            let sides = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(sides[0], plusIsSpace: true),
                let value = sides.count == 2 ? Self.decoded(sides[1], plusIsSpace: true) : ""
            else { return nil }
            query.append((name: name, value: value))
        }
        path = String(decoding: rawPath, as: UTF8.self)
        self.segments = segments
        self.query = query
    }

    /// RFC 9112 section 3.2.2: a server must accept the absolute form, although only proxies send it.
    private static func withoutAuthority(_ target: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if target.first == UInt8(ascii: "/") || target.elementsEqual("*".utf8) { return target }
        for scheme in ["http://", "https://"] where target.starts(with: scheme.utf8) {
            let rest = target.dropFirst(scheme.utf8.count)
            guard let end = rest.firstIndex(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }) else {
                return [UInt8(ascii: "/")]
            }
            return rest[end] == UInt8(ascii: "/") ? rest[end...] : [UInt8(ascii: "/")] + rest[end...]
        }
        return nil
    }

    /// Returns the decoded text, or nil for a malformed escape, a zero byte or invalid UTF-8.
    static func decoded(_ raw: some Collection<UInt8>, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count)
        var rest = raw.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(hexDigit), let low = rest.next().flatMap(hexDigit), high | low != 0 else { return nil }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// A request that is being received.
struct IncomingRequest: Sendable {
    /// The number of bytes beyond the limit that are at least discarded, so that the client gets a 413 instead of a closed connection.
    static let minimumExcess = 1024 * 1024

    /// The raw target, or nil if the request line has none.
    let target: [UInt8]?
    /// The request with the body so far, once its head is read.
    private(set) var request: WebRequest?
    private(set) var isTooLarge = false
    private var excess = 0

    init(target: [UInt8]?) {
        self.target = target
    }

    mutating func setHead(_ head: RequestHead, limit: Int) {
        request = head.request
        isTooLarge = (head.declaredLength ?? 0) > limit
        // The declared length is not trusted beyond this size.
        request?.body.reserveCapacity(isTooLarge ? 0 : min(head.declaredLength ?? 0, 256 * 1024))
    }

    /// Appends a part of the body; false means that the client has sent too much and the connection must be closed.
    mutating func append(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Bool {
        if !isTooLarge, (request?.body.count ?? 0) + bytes.count <= limit {
            request?.body.append(contentsOf: bytes)
            return true
        }
        isTooLarge = true
        request?.body = []
        excess += bytes.count
        return excess <= limit + max(limit, Self.minimumExcess)
    }
}
