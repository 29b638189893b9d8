import CMicroHTTPD

/// Request line and header section, read from the library and checked where it is too lenient.
struct RequestHead {
    let request: WebRequest
    /// The value of `Content-Length`; nil without one.
    let declaredLength: Int?

    enum Reading {
        case head(RequestHead)
        case refused(WebResponse)
    }

    /// Reads the head of the request a connection is at.
    ///
    /// `wireLength` is the target's length on the wire; it differs from the target's own where a raw zero byte cuts the text.
    static func read(
        _ handle: OpaquePointer, method: String, version: String, target: [UInt8]?, wireLength: Int,
        limits: WebServer.Configuration, remoteAddress: String
    ) -> Reading {
        let decoded = target.flatMap { RequestTarget($0) }
        func refused(_ status: Int, _ sentence: String) -> Reading {
            let raw = target.map { String(decoding: $0.prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self) }
            return .refused(limits.refusal(status, sentence, path: decoded?.path ?? raw))
        }
        guard cmhd_header_size(handle) <= limits.maximumHeaderBytes else {
            return refused(431, "The header section is larger than \(limits.maximumHeaderBytes) bytes.")
        }
        guard let decoded, target?.count == wireLength else { return refused(400, "The request target is malformed.") }
        let headers = headers(of: handle)
        let lengths = headers.values(of: "Content-Length")
        let encodings = headers.values(of: "Transfer-Encoding")
        // "Content-Length : 5" is no length for libmicrohttpd, but may be one for a proxy in front.
        guard headers.fields.allSatisfy({ !$0.name.isEmpty && $0.name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }) else {
            return refused(400, "The name of a header field is malformed.")
        }
        let hosts = headers.values(of: "Host").count
        guard hosts == 1 || hosts == 0 && version == "HTTP/1.0" else {
            return refused(400, "A request needs exactly one Host field.")
        }
        // Each of these reads as another request to some proxy in front (request smuggling); libmicrohttpd 0.9.75 takes the first.
        guard lengths.count <= 1, encodings.count <= 1, lengths.isEmpty || encodings.isEmpty else {
            return refused(400, "Content-Length and Transfer-Encoding contradict one another.")
        }
        guard encodings.allSatisfy({ WebHeaders.isSameName($0, "chunked") }) else {
            return refused(501, "The only transfer encoding understood is chunked.")
        }
        let declared = lengths.first.flatMap { Int($0) }
        guard declared != nil || lengths.isEmpty else {
            return refused(400, "Content-Length is not a number.")
        }
        let limit = limits.bodyLimit(at: decoded.path)
        let patience = limit + max(limit, IncomingRequest.leastAllowance)
        let isAsked = headers["Expect"].map { WebHeaders.isSameName($0, "100-continue") } ?? false
        if let declared, declared > limit, isAsked || declared > patience {
            return .refused(tooLarge(limits, path: decoded.path))
        }
        let request = WebRequest(method: method, target: decoded, headers: headers, remoteAddress: remoteAddress)
        return .head(RequestHead(request: request, declaredLength: declared))
    }

    static func tooLarge(_ limits: WebServer.Configuration, path: String?) -> WebResponse {
        limits.refusal(413, "The request body is larger than \(limits.bodyLimit(at: path)) bytes.", path: path)
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
