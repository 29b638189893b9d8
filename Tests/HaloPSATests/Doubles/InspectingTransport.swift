import PSACore
import Synchronization

/// Passes requests on, keeps them, and holds each against the vendor's contract.
final class InspectingTransport: HTTPTransport {
    private struct State {
        var requests: [HTTPRequest] = []
        var violations: [String] = []
    }

    private let inner: any HTTPTransport
    private let contract: HaloContract
    private let maxWait: Duration?
    private let state = Mutex(State())

    init(_ inner: any HTTPTransport, contract: HaloContract, maxWait: Duration? = nil) {
        self.inner = inner
        self.contract = contract
        self.maxWait = maxWait
    }

    /// The requests so far, in the order in which they were sent.
    var requests: [HTTPRequest] { state.withLock { $0.requests } }
    /// What was sent that the vendor does not have.
    var violations: [String] { state.withLock { $0.violations } }

    /// How many requests went to a route.
    func count(_ method: HTTPMethod, _ route: String) -> Int { requests.count { $0.method == method && $0.route == route } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let found = contract.violations(of: request)
        state.withLock { state in
            state.requests.append(request)
            state.violations += found
        }
        guard let maxWait else { return try await inner.send(request) }
        var hurried = request
        hurried.timeout = min(request.timeout, maxWait)
        return try await inner.send(hurried)
    }
}
