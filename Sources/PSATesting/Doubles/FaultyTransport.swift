public import PSACore
import Synchronization

/// Something that goes wrong between a connector and its vendor.
public struct TransportFault: Sendable {
    /// What happens to a request.
    @nonexhaustive
    public enum Effect: Sendable {
        /// It is answered with this, and never reaches the vendor.
        case answer(HTTPResponse)
        /// It is answered with this status and everything it carried, as careless servers do.
        case echo(status: Int)
        /// It gets no answer.
        case fail(TransportError)
        /// It reaches the vendor, and the answer is lost.
        case loseAnswer(TransportError.Kind)
        /// It is answered with what the first request to the same route was answered with.
        case repeatFirstAnswer
        /// It hangs until the task is cancelled.
        case hang
    }

    /// Which requests it hits.
    public var hits: @Sendable (HTTPRequest) -> Bool
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
    public init(_ effect: Effect, times: Int? = nil, hits: @escaping @Sendable (HTTPRequest) -> Bool = { _ in true }) {
        self.effect = effect
        self.times = times
        self.hits = hits
    }
}

/// A transport in which chosen faults happen, in front of one that works.
public final class FaultyTransport: HTTPTransport {
    private struct State {
        var left: [Int?]
        var firstAnswers: [String: HTTPResponse] = [:]
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
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch effect(on: request) {
        case nil: return try await pass(request)
        case .answer(let response): return response
        case .echo(let status): return request.echo(status: status)
        case .fail(let error): throw error
        case .loseAnswer(let kind):
            _ = try await inner.send(request)
            throw TransportError(kind, delivery: .maybeSent)
        case .repeatFirstAnswer:
            if let first = state.withLock({ $0.firstAnswers[request.route] }) { return first }
            return try await pass(request)
        case .hang:
            while true { try await Task.sleep(for: .seconds(3_600)) }
        }
    }

    private func pass(_ request: HTTPRequest) async throws -> HTTPResponse {
        let response = try await inner.send(request)
        state.withLock { state in
            if state.firstAnswers[request.route] == nil { state.firstAnswers[request.route] = response }
        }
        return response
    }

    private func effect(on request: HTTPRequest) -> TransportFault.Effect? {
        state.withLock { state in
            for (index, fault) in faults.enumerated() where state.left[index] != 0 && fault.hits(request) {
                if let left = state.left[index] { state.left[index] = left - 1 }
                return fault.effect
            }
            return nil
        }
    }
}

extension HTTPRequest {
    fileprivate func echo(status: Int) -> HTTPResponse {
        let headers = self.headers.fields.map { "\($0.name): \($0.value)" }.joined(separator: "; ")
        let text = "\(method.rawValue) \(urlText) \(headers) \(String(decoding: body ?? [], as: UTF8.self))"
        let answer: JSONValue = [
            "error": .string(text), "error_description": .string(text), "message": .string(text), "errors": [.string(text)],
        ]
        return HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: answer.encoded)
    }
}
