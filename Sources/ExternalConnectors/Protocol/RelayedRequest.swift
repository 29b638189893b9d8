import FoundationEssentials
import PSACore

/// An HTTP request of a connector, validated and prepared for the host's own transport.
struct RelayedRequest {
    /// Fields that belong to the transport; set by a connector they could corrupt the framing of requests.
    private static let reservedFields: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect", "keep-alive",
        "proxy-authorization", "proxy-connection",
    ]

    /// The request, or why it is not made.
    let request: Result<TransportRequest, TransportError>

    /// Reads the members of a `request` message.
    ///
    /// - Parameters:
    ///   - view: The message.
    ///   - policy: Which addresses may be reached.
    ///   - redactor: Takes the connection's secrets out of what is logged.
    ///   - timeouts: How long the request may take and be delayed.
    ///   - maximumResponseBytes: The largest response body.
    /// - Throws: ``WireMismatch`` for a message that is not as specified; an address that is not allowed is a response, not a mismatch.
    init(
        _ view: JSONView, policy: AddressPolicy, redactor: Redactor, timeouts: RequestTimeouts, maximumResponseBytes: Int
    ) throws(WireMismatch) {
        let message = try WireObject(view)
        let method = try message.word("method", TransportMethod.self)
        let url = try message.text("url")
        let isRepeatable = try message.optionalFlag("repeatable") ?? method.isSafe
        let body = try Self.body(message)
        var headers = TransportHeaders()
        for member in try message.object("headers")?.view.members ?? [] {
            guard let value = member.value.string else { throw message.mismatch("headers", .text) }
            headers.append(member.name, value)
        }
        let route = try message.optionalText("route")
        guard let target = Self.target(url), Self.areUsable(headers) else {
            request = .failure(TransportError(.unusableRequest, delivery: .notSent))
            return
        }
        do {
            let origin = try ServiceURL(typed: target.origin, policy: policy)
            var request = TransportRequest(
                method, origin, route: Self.shown(route, redactor), headers: headers, body: body, addressPolicy: policy)
            request.path = target.path
            request.isRepeatable = isRepeatable
            request.timeout = min(request.timeout, timeouts.request)
            request.retryTimeLimit = timeouts.retryTimeLimit
            request.maximumResponseBytes = maximumResponseBytes
            self.request = .success(request)
        } catch {
            let isForbidden = error.code == .urlForbiddenAddress || error.code == .urlInsecure
            request = .failure(TransportError(isForbidden ? .addressForbidden : .unusableRequest, delivery: .notSent))
        }
    }

    private static func body(_ message: WireObject) throws(WireMismatch) -> [UInt8]? {
        if let encoded = try message.optionalText("bodyBase64") {
            guard let data = Data(base64Encoded: encoded) else { throw message.mismatch("bodyBase64", .form(.base64)) }
            return Array(data)
        }
        return try message.optionalText("body").map { Array($0.utf8) }
    }

    /// Where it goes, and path and query as they are sent.
    private static func target(_ url: String) -> (origin: String, path: String)? {
        guard url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let scheme = url.firstRange(of: "://") else { return nil }
        let whole = url.prefix { $0 != "#" }
        let start = whole[scheme.upperBound...].firstIndex { $0 == "/" || $0 == "?" } ?? whole.endIndex
        let path = whole[start...]
        return (String(whole[..<start]), path.hasPrefix("/") ? String(path) : "/" + path)
    }

    private static func areUsable(_ headers: TransportHeaders) -> Bool {
        headers.fields.allSatisfy { name, value in
            !name.isEmpty && !reservedFields.contains(name.lowercased())
                && name.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x2D || $0 == 0x5F
                }
                && value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
        }
    }

    /// The path as logs and errors show it: the template the connector gave, or nothing of it.
    private static func shown(_ route: String?, _ redactor: Redactor) -> String {
        guard let route, route.hasPrefix("/"), route.utf8.count <= 200,
            route.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || [0x2D, 0x2E, 0x2F, 0x5F].contains($0)
                    || $0 == 0x7B || $0 == 0x7D
            })
        else { return "/…" }
        return redactor.clean(route)
    }
}
