public import PSACore
import Synchronization

/// Passes requests on and keeps them, in the order in which they were sent.
public final class ObservingTransport: HTTPTransport {
    private let inner: any HTTPTransport
    private let kept = Mutex<[HTTPRequest]>([])

    /// Puts an observer in front of a transport.
    public init(_ inner: any HTTPTransport) { self.inner = inner }

    /// The requests so far.
    public var requests: [HTTPRequest] { kept.withLock { $0 } }

    /// Keeps the request and passes it on.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        kept.withLock { $0.append(request) }
        return try await inner.send(request)
    }
}
