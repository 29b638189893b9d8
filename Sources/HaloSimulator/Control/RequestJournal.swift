public import WebServer

/// A request as the stand-in received it.
public struct LoggedRequest: Sendable {
    /// The method, in upper case.
    public var method: String
    /// The path as it was on the wire.
    public var path: String
    /// Names and values of the query, in order.
    public var query: [(name: String, value: String)]
    /// The headers, without the one that carries the token.
    public var headers: WebHeaders
    /// The body; in a token request the secrets are replaced.
    public var body: [UInt8]
}

/// The last requests, oldest first.
struct RequestJournal: Sendable {
    static let limit = 10_000

    private var kept: [LoggedRequest] = []
    private(set) var total = 0

    var entries: [LoggedRequest] { Array(kept.suffix(Self.limit)) }

    mutating func record(_ request: WebRequest) {
        var headers = request.headers
        headers["Authorization"] = nil
        let isToken = Route(request) == .token
        total += 1
        kept.append(
            LoggedRequest(
                method: request.method, path: request.path, query: request.query, headers: headers,
                body: isToken ? FormBody.redacted(request.body) : request.body))
        // Cut in large steps, so that a long run does not move ten thousand entries for each request.
        if kept.count >= 2 * Self.limit { kept.removeFirst(kept.count - Self.limit) }
    }

    mutating func clear() { kept = [] }
}
