public import PSACore

/// A transport that must not be used: it tells about every request and answers none.
public struct ForbiddenTransport: HTTPTransport {
    private let onRequest: @Sendable (HTTPRequest) -> Void

    /// Makes the transport.
    ///
    /// - Parameter onRequest: Called with each request; a test records an issue there.
    public init(onRequest: @escaping @Sendable (HTTPRequest) -> Void) { self.onRequest = onRequest }

    /// Tells about the request and refuses it.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        onRequest(request)
        throw TransportError(.connectionRefused, delivery: .notSent)
    }
}
