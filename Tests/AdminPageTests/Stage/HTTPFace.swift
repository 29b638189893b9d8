import PSACore
import PSACurl

/// Sends requests past the browser: to arrange what a test starts from, and to try what a page would not offer.
struct HTTPFace: Sendable {
    private static let transport = CurlTransport()

    /// Scheme, host and port.
    let origin: String
    /// Sent with every request.
    var headers: TransportHeaders = [:]

    /// Sends a request whose body is JSON.
    @discardableResult
    func send(_ method: TransportMethod, _ path: String, _ body: JSONValue? = nil) async throws -> TransportResponse {
        try await send(method, path, bytes: body?.encoded, type: "application/json")
    }

    /// Sends a form as a browser would.
    @discardableResult
    func post(_ path: String, _ fields: [QueryItem]) async throws -> TransportResponse {
        try await send(.post, path, bytes: Array(PercentEncoding.form(fields).utf8), type: "application/x-www-form-urlencoded")
    }

    private func send(_ method: TransportMethod, _ path: String, bytes: [UInt8]?, type: String) async throws -> TransportResponse {
        var request = TransportRequest(
            method, try ServiceURL(typed: origin, policy: .allowingLoopback), route: path, headers: headers, body: bytes,
            addressPolicy: .allowingLoopback)
        if bytes != nil { request.headers["Content-Type"] = type }
        return try await Self.transport.send(request)
    }
}

extension TransportResponse {
    /// The body as JSON.
    func json() throws -> JSONValue { JSONValue(try JSONDocument(body).root) }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension JSONValue {
    /// The elements of a list; none if it is something else.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }
}
