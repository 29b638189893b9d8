/// Stands between a connector and the transport and may look at, change, delay or repeat a request.
public protocol HTTPMiddleware: Sendable {
    /// Handles one request.
    ///
    /// - Parameters:
    ///   - request: What is to be sent.
    ///   - next: The rest of the chain; may be called more than once.
    /// - Returns: The answer the caller sees.
    /// - Throws: What `next` throws, or what the middleware makes of it.
    func intercept(
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse
}

/// A transport with middlewares in front of it, the first outermost.
public struct HTTPPipeline: HTTPTransport {
    private let transport: any HTTPTransport
    private let middlewares: [any HTTPMiddleware]

    /// Puts middlewares in front of a transport.
    public init(_ middlewares: [any HTTPMiddleware], to transport: any HTTPTransport) {
        self.middlewares = middlewares
        self.transport = transport
    }

    /// Sends the request through every middleware to the transport.
    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await send(request, from: 0)
    }

    private func send(_ request: HTTPRequest, from index: Int) async throws -> HTTPResponse {
        guard index < middlewares.count else { return try await transport.send(request) }
        return try await middlewares[index].intercept(request) { try await send($0, from: index + 1) }
    }
}
