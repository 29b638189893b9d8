public import PSACore
import Synchronization

/// Answers requests from a script, one reply after another.
///
/// A request after the end of the script and a reply that was not requested are both mistakes; a test ends with a look at ``problems``.
public final class ScriptedTransport: HTTPTransport {
    /// What happens to a request.
    public enum Reply: Sendable {
        /// It is answered.
        case answer(HTTPResponse)
        /// It fails.
        case failure(any Error)

        /// An answer with a status and a body in UTF-8.
        public static func status(_ status: Int, headers: HTTPHeaders = [:], _ body: String = "") -> Reply {
            .answer(HTTPResponse(status: status, headers: headers, body: Array(body.utf8)))
        }

        /// No answer.
        public static func fault(_ kind: TransportError.Kind, _ delivery: TransportError.Delivery = .maybeSent) -> Reply {
            .failure(TransportError(kind, delivery: delivery))
        }
    }

    private struct State {
        var replies: [Reply]
        var requests: [HTTPRequest] = []
        var unexpected: [String] = []
    }

    private let state: Mutex<State>

    /// Makes a transport that answers with these replies in order.
    public init(_ replies: [Reply]) { state = Mutex(State(replies: replies)) }

    /// The requests so far.
    public var requests: [HTTPRequest] { state.withLock { $0.requests } }

    /// What did not go by the script so far: requests it has no reply for, and replies that were not requested yet.
    public var problems: [String] {
        state.withLock { state in
            state.unexpected.map { "A request was not expected: \($0)" }
                + (state.replies.isEmpty ? [] : ["\(state.replies.count) replies were never asked for."])
        }
    }

    /// Answers with the next reply.
    ///
    /// - Throws: The reply's failure, or `TransportError` after the end of the script.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let reply: Reply? = state.withLock { state in
            state.requests.append(request)
            guard state.replies.isEmpty else { return state.replies.removeFirst() }
            state.unexpected.append("\(request)")
            return nil
        }
        switch reply {
        case .answer(let response): return response
        case .failure(let error): throw error
        case nil: throw TransportError(.unusableRequest, delivery: .notSent)
        }
    }
}
