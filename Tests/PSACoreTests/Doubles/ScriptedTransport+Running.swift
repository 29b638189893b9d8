import PSACore
import PSATesting
import Testing

extension ScriptedTransport {
    /// Runs a test with a script and checks at its end that everything went by it.
    static func running(
        _ replies: Reply..., sourceLocation: SourceLocation = #_sourceLocation, _ body: (ScriptedTransport) async throws -> Void
    ) async throws {
        let transport = ScriptedTransport(replies)
        try await body(transport)
        #expect(transport.problems == [], sourceLocation: sourceLocation)
    }
}

extension HTTPRequest {
    /// A request to `acme.example.com`.
    static func sample(_ method: HTTPMethod = .get, route: String = "/api/Tickets") throws -> HTTPRequest {
        HTTPRequest(method, try ServiceURL(typed: "acme.example.com"), route: route)
    }
}
