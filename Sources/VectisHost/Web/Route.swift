import WebServer

/// One thing the web server answers.
struct Route: Sendable {
    enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// Who may ask.
    enum Access: Sendable, Hashable {
        /// Everybody.
        case open
        /// A program that shows a good token, and may do nothing else with it.
        case sender
        /// Whoever is signed in.
        case viewer
        /// Administrators.
        case admin
    }

    typealias Handler = @Sendable (RequestContext) async throws -> WebResponse

    let method: Method
    /// The path as documents and metrics spell it: `/integrations/{id}`.
    let pattern: String
    let access: Access
    let handler: Handler
    private let segments: [Segment]

    private enum Segment: Sendable {
        case fixed(String)
        case parameter(String)
    }

    init(_ method: Method, _ pattern: String, _ access: Access, _ handler: @escaping Handler) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.handler = handler
        segments = pattern.split(separator: "/").map {
            $0.hasPrefix("{") && $0.hasSuffix("}") ? .parameter(String($0.dropFirst().dropLast())) : .fixed(String($0))
        }
    }

    /// How many of its segments are fixed; of two routes that match, the one with more of them is meant.
    var precision: Int {
        segments.count { if case .fixed = $0 { true } else { false } }
    }

    /// The values of the parameters, or nil if the path is another one.
    func match(_ path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, part) in zip(segments, path) {
            switch segment {
            case .fixed(let text): guard text == part else { return nil }
            case .parameter(let name): values[name] = part
            }
        }
        return values
    }
}
