public import PSACore
import Synchronization

/// A small server in memory, to write and examine a connector against: routes, JSON answers, and a state of its own.
///
/// ```swift
/// let server = FakeServer([String]()) { $0.headers["X-Api-Key"] == "key-1" ? nil : .json(401, ["message": "Who is there?"]) }
///     .on(.get, "/v1/tickets") { _, tickets in .json(200, .array(tickets.map(JSONValue.string))) }
///     .on(.post, "/v1/tickets") { request, tickets in
///         tickets.append(request.json["summary"]?.string ?? "")
///         return .json(201, ["id": .integer(tickets.count)])
///     }
/// ```
///
/// It behaves; what goes wrong is put in front of it with ``FaultyTransport``. Requests are answered one at a time.
public final class FakeServer<State: Sendable>: HTTPTransport {
    /// Answers a request to one route.
    public typealias Handler = @Sendable (FakeRequest, inout State) -> TransportResponse
    /// Refuses a request before its route is looked for; nil lets it through.
    public typealias Guard = @Sendable (FakeRequest) -> TransportResponse?

    private struct Route: Sendable {
        let method: TransportMethod
        let segments: [Substring]
        let handler: Handler

        /// The values of the braces, or nil if the path is another one.
        func values(of path: [Substring]) -> [String]? {
            guard path.count == segments.count else { return nil }
            var values: [String] = []
            for (segment, part) in zip(segments, path) {
                if segment.hasPrefix("{") { values.append(PercentEncoding.decoded(part)) } else if segment != part { return nil }
            }
            return values
        }
    }

    private let refuse: Guard
    private let routes: [Route]
    private let stored: Mutex<State>

    /// Creates a server without routes.
    ///
    /// - Parameters:
    ///   - state: What it stores at first.
    ///   - refuse: Refuses requests, such as those without credentials.
    public convenience init(_ state: State, refuse: @escaping Guard = { _ in nil }) { self.init(state, refuse, []) }

    private init(_ state: State, _ refuse: @escaping Guard, _ routes: [Route]) {
        self.refuse = refuse
        self.routes = routes
        stored = Mutex(state)
    }

    /// What it stores now.
    public var state: State { stored.withLock { $0 } }

    /// The same server with one more route, and what it stores so far.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - route: The path behind the address of the connection, so without the path of an installation, and with the connector's base
    ///     path; a segment in braces, such as `{id}`, is any value. Of two routes that fit, the first one answers.
    ///   - handler: Answers, and may change what is stored.
    /// - Returns: The server.
    public func on(_ method: TransportMethod, _ route: String, answer handler: @escaping Handler) -> FakeServer {
        FakeServer(state, refuse, routes + [Route(method: method, segments: route.split(separator: "/"), handler: handler)])
    }

    /// Answers a request; 404 for a path without a route, 405 for a method that the path does not have.
    ///
    /// - Throws: `CancellationError`.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        try Task.checkCancellation()
        if let refusal = refuse(FakeRequest(request, values: [])) { return refusal }
        let path = request.path.split(separator: "/")
        var status = 404
        for route in routes {
            guard let values = route.values(of: path) else { continue }
            guard route.method == request.method else {
                status = 405
                continue
            }
            return stored.withLock { route.handler(FakeRequest(request, values: values), &$0) }
        }
        guard status == 404 else { return .json(status, ["message": "This method is not possible here."]) }
        let known = routes.map { "\($0.method.rawValue) /\($0.segments.joined(separator: "/"))" }.joined(separator: ", ")
        return .json(
            404, ["message": .string("There is no route for \(request.method.rawValue) \(request.path). The routes are: \(known).")])
    }
}

/// A request as a handler of a ``FakeServer`` reads it.
public struct FakeRequest: Sendable {
    /// The values of the braces of the route, in order.
    public let values: [String]
    /// The header fields.
    public let headers: TransportHeaders
    /// The query parameters, in order.
    public let query: [QueryItem]
    /// The body.
    public let body: [UInt8]

    init(_ request: TransportRequest, values: [String]) {
        self.values = values
        headers = request.headers
        query = request.query
        body = request.body ?? []
    }

    /// The body as JSON; null if it is none.
    public var json: JSONValue { (try? JSONDocument(body)).map { JSONValue($0.root) } ?? .null }

    /// The first query parameter of a name.
    public func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The rows of a page, by the query parameter that numbers pages from 1.
    ///
    /// - Parameters:
    ///   - rows: All rows.
    ///   - name: The parameter.
    ///   - size: The rows of a page.
    /// - Returns: The rows of the page; none behind the end.
    public func page<Row>(of rows: [Row], by name: String = "page", size: Int) -> [Row] {
        let number = query(name).flatMap { Int($0) } ?? 1
        let (start, isTooFar) = max(0, number - 1).multipliedReportingOverflow(by: size)
        return isTooFar ? [] : Array(rows.dropFirst(start).prefix(size))
    }
}

extension TransportResponse {
    /// An answer with a JSON body.
    public static func json(_ status: Int, _ value: JSONValue) -> TransportResponse {
        TransportResponse(status: status, headers: ["Content-Type": "application/json"], body: value.encoded)
    }
}

extension PercentEncoding {
    /// A path segment without its percent-encoding.
    fileprivate static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
