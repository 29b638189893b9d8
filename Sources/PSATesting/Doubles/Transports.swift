public import PSACore
import Synchronization

/// Answers requests from a script, one reply after another.
///
/// A request after the end of the script and a reply that was not requested are both mistakes; a test ends with a look at ``problems``.
public final class ScriptedTransport: HTTPTransport {
    /// What happens to a request.
    public enum Reply: Sendable {
        /// It is answered.
        case answer(TransportResponse)
        /// It fails.
        case failure(any Error)

        /// An answer with a status and a body in UTF-8.
        public static func status(_ status: Int, headers: TransportHeaders = [:], _ body: String = "") -> Reply {
            .answer(TransportResponse(status: status, headers: headers, body: Array(body.utf8)))
        }

        /// No answer.
        public static func fault(_ kind: TransportError.Kind, _ delivery: TransportError.Delivery = .maybeSent) -> Reply {
            .failure(TransportError(kind, delivery: delivery))
        }
    }

    private struct State {
        var replies: [Reply]
        var requests: [TransportRequest] = []
        var unexpected: [String] = []
    }

    private let state: Mutex<State>

    /// Makes a transport that answers with these replies in order.
    public init(_ replies: [Reply]) { state = Mutex(State(replies: replies)) }

    /// The requests so far.
    public var requests: [TransportRequest] { state.withLock { $0.requests } }

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
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
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

/// A transport that must not be used: it reports each request and refuses it.
package struct ForbiddenTransport: HTTPTransport {
    private let onRequest: @Sendable (TransportRequest) -> Void

    /// Makes the transport.
    ///
    /// - Parameter onRequest: Called with each request; a test records an issue there.
    package init(onRequest: @escaping @Sendable (TransportRequest) -> Void) { self.onRequest = onRequest }

    /// Reports the request and refuses it.
    ///
    /// - Throws: `TransportError`, always.
    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        onRequest(request)
        throw TransportError(.connectionRefused, delivery: .notSent)
    }
}

/// Something that goes wrong between a connector and its vendor.
public struct TransportFault: Sendable {
    /// What happens to a request.
    @nonexhaustive
    public enum Effect: Sendable {
        /// It is answered with this, and never reaches the vendor.
        case answer(TransportResponse)
        /// It is answered with this status and everything it carried, as careless servers do.
        case echo(status: Int)
        /// It gets no answer.
        case fail(TransportError)
        /// It reaches the vendor, and the answer is lost.
        case loseAnswer(TransportError.Kind)
        /// It reaches the vendor, and the answer is changed on its way.
        case alter(@Sendable (TransportResponse) -> TransportResponse)
        /// It is answered with what the first request to the same route was answered with.
        case repeatFirstAnswer
        /// It hangs until the task is cancelled.
        case hang
    }

    /// Which requests it hits.
    public var hits: @Sendable (TransportRequest) -> Bool
    /// How often; nil for ever.
    public var times: Int?
    /// What happens.
    public var effect: Effect

    /// States a fault.
    ///
    /// - Parameters:
    ///   - effect: What happens.
    ///   - times: How often; nil for ever.
    ///   - hits: Which requests it hits.
    public init(_ effect: Effect, times: Int? = nil, hits: @escaping @Sendable (TransportRequest) -> Bool = { _ in true }) {
        self.effect = effect
        self.times = times
        self.hits = hits
    }
}

/// A transport in which chosen faults happen, in front of one that works.
///
/// ```swift
/// let lost = TransportFault(.loseAnswer(.interrupted), times: 1) { $0.method == .post }
/// let context = ConnectorContext(transport: FaultyTransport(psa, faults: [lost]))
/// let session = try ConnectorRegistry([InMemoryConnector.self]).connect("in-memory", settings: psa.settings, context: context)
/// let error = await #expect(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "Disk full")) }
/// #expect(error?.mayHaveBeenExecuted == true)
/// ```
public final class FaultyTransport: HTTPTransport {
    private struct State {
        var left: [Int?]
        var firstAnswers: [String: TransportResponse] = [:]
    }

    private let inner: any HTTPTransport
    private let faults: [TransportFault]
    private let state: Mutex<State>

    /// Puts faults in front of a transport; the first one that hits a request counts.
    public init(_ inner: any HTTPTransport, faults: [TransportFault]) {
        self.inner = inner
        self.faults = faults
        state = Mutex(State(left: faults.map(\.times)))
    }

    /// Plays a fault, or passes the request on.
    ///
    /// - Throws: The error of the fault, or what the inner transport throws.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        switch effect(on: request) {
        case nil: return try await pass(request)
        case .answer(let response): return response
        case .echo(let status): return request.echo(status: status)
        case .fail(let error): throw error
        case .loseAnswer(let kind):
            _ = try await inner.send(request)
            throw TransportError(kind, delivery: .maybeSent)
        case .alter(let change): return change(try await pass(request))
        case .repeatFirstAnswer:
            if let first = state.withLock({ $0.firstAnswers[request.route] }) { return first }
            return try await pass(request)
        case .hang:
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
    }

    private func pass(_ request: TransportRequest) async throws -> TransportResponse {
        let response = try await inner.send(request)
        state.withLock { state in
            if state.firstAnswers[request.route] == nil { state.firstAnswers[request.route] = response }
        }
        return response
    }

    private func effect(on request: TransportRequest) -> TransportFault.Effect? {
        state.withLock { state in
            for (index, fault) in faults.enumerated() where state.left[index] != 0 && fault.hits(request) {
                if let left = state.left[index] { state.left[index] = left - 1 }
                return fault.effect
            }
            return nil
        }
    }
}

extension TransportRequest {
    fileprivate func echo(status: Int) -> TransportResponse {
        let headers = self.headers.fields.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
        let text = "\(method.rawValue) \(urlText) \(headers) \(String(decoding: body ?? [], as: UTF8.self))"
        let answer: JSONValue = [
            "error": .string(text), "error_description": .string(text), "message": .string(text), "errors": [.string(text)],
        ]
        return TransportResponse(status: status, headers: ["Content-Type": "application/json"], body: answer.encoded)
    }
}

/// Passes requests on and keeps them, in the order in which they were sent.
public final class ObservingTransport: HTTPTransport {
    private let inner: any HTTPTransport
    private let kept = Mutex<[TransportRequest]>([])

    /// Puts an observer in front of a transport.
    public init(_ inner: any HTTPTransport) { self.inner = inner }

    /// The requests so far.
    public var requests: [TransportRequest] { kept.withLock { $0 } }

    /// Keeps the request and passes it on.
    ///
    /// - Throws: What the inner transport throws; the request is kept nevertheless.
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        kept.withLock { $0.append(request) }
        return try await inner.send(request)
    }
}

/// Keeps the events it received, as text.
public final class RecordingLog: ConnectorLog {
    private let recorded = Mutex<[String]>([])

    /// Makes an empty log.
    public init() {}

    /// The events so far.
    public var lines: [String] { recorded.withLock { $0 } }

    /// Keeps the event's text.
    public func record(_ event: ConnectorEvent) { recorded.withLock { $0.append(event.description) } }
}
