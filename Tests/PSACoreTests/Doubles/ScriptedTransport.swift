import PSACore
import Synchronization
import Testing

/// Answers requests from a script.
///
/// A request after its end and a reply nobody asked for are both failures of the test.
final class ScriptedTransport: HTTPTransport {
    enum Reply: Sendable {
        case answer(HTTPResponse)
        case failure(any Error)

        static func status(_ status: Int, headers: HTTPHeaders = [:], _ body: String = "") -> Reply {
            .answer(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
        }

        static func fault(_ kind: TransportError.Kind, _ delivery: TransportError.Delivery = .maybeSent) -> Reply {
            .failure(TransportError(kind, delivery: delivery))
        }
    }

    private struct State {
        var replies: [Reply]
        var requests: [HTTPRequest] = []
    }

    private let state: Mutex<State>

    private init(_ replies: [Reply]) { state = Mutex(State(replies: replies)) }

    /// The requests so far.
    var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// Runs a test with a script and checks at its end that the script was used up.
    static func running(
        _ replies: Reply..., sourceLocation: SourceLocation = #_sourceLocation, _ body: (ScriptedTransport) async throws -> Void
    ) async throws {
        let transport = ScriptedTransport(replies)
        try await body(transport)
        let unused = transport.state.withLock { $0.replies.count }
        if unused > 0 { Issue.record("\(unused) replies were never asked for.", sourceLocation: sourceLocation) }
    }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let reply = state.withLock { state in
            state.requests.append(request)
            return state.replies.isEmpty ? nil : state.replies.removeFirst()
        }
        switch reply {
        case .answer(let response): return response
        case .failure(let error): throw error
        case nil:
            Issue.record("A request was not expected: \(request)")
            throw TransportError(.unusableRequest, delivery: .notSent)
        }
    }
}

extension HTTPRequest {
    /// A request to `acme.example.com`.
    static func sample(_ method: HTTPMethod = .get, route: String = "/api/Tickets") throws -> HTTPRequest {
        HTTPRequest(method, try ServiceURL(typed: "acme.example.com"), route: route)
    }
}
