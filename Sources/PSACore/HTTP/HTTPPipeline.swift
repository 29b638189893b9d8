/// A step between a connector and the transport; it may inspect, change, delay or repeat a request.
package protocol HTTPMiddleware: Sendable {
    /// Handles one request.
    ///
    /// - Parameters:
    ///   - request: What is to be sent.
    ///   - next: The rest of the chain; may be called more than once.
    /// - Returns: The answer the caller sees.
    /// - Throws: What `next` throws, or what the middleware makes of it.
    func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse
}

/// A transport with middlewares in front of it, the first outermost.
///
/// The order decides what a request does: connectors use a ``VendorClient``, which has the right one.
package struct HTTPPipeline: HTTPTransport {
    private let transport: any HTTPTransport
    private let middlewares: [any HTTPMiddleware]

    /// Puts middlewares in front of a transport.
    package init(_ middlewares: [any HTTPMiddleware], to transport: any HTTPTransport) {
        self.middlewares = middlewares
        self.transport = transport
    }

    /// Sends the request through every middleware to the transport, within the ``RequestWaitLimit`` of the task.
    package func send(_ request: TransportRequest) async throws -> TransportResponse {
        var request = request
        if let limit = RequestWaitLimit.current { request.retryTimeLimit = min(limit, request.retryTimeLimit) }
        return try await send(request, from: 0)
    }

    private func send(_ request: TransportRequest, from index: Int) async throws -> TransportResponse {
        guard index < middlewares.count else { return try await transport.send(request) }
        return try await middlewares[index].intercept(request) { try await send($0, from: index + 1) }
    }
}

extension HTTPPipeline {
    /// Retries, the tenant's rate limit and the log, in this order: each retry waits for its place, and each request is logged.
    package static func standard(limiter: RateLimiter, context: ConnectorContext) -> HTTPPipeline {
        HTTPPipeline(
            [
                RetryMiddleware(policy: context.retryPolicy, time: context.time, log: context.log),
                RateLimitMiddleware(limiter, log: context.log), LoggingMiddleware(log: context.log, time: context.time),
            ], to: context.transport)
    }

    /// The same with a middleware in front of all others.
    package func behind(_ middleware: any HTTPMiddleware) -> HTTPPipeline { HTTPPipeline([middleware] + middlewares, to: transport) }
}

/// Records method, host, route, status and duration of each exchange, and nothing else of it.
package struct LoggingMiddleware: HTTPMiddleware {
    private let log: any ConnectorLog
    private let time: TimeSource

    /// Records into a log.
    package init(log: any ConnectorLog, time: TimeSource) {
        self.log = log
        self.time = time
    }

    /// Sends the request and records how it ended.
    package func intercept(
        _ request: TransportRequest, next: @Sendable (TransportRequest) async throws -> TransportResponse
    ) async throws -> TransportResponse {
        let start = time.instant()
        do {
            let response = try await next(request)
            let took = time.instant() - start
            log.record(ConnectorEvent(.answered(request.label, status: response.status, bytes: response.body.count, duration: took)))
            return response
        } catch let error as TransportError {
            log.record(ConnectorEvent(.unanswered(request.label, kind: error.kind, duration: time.instant() - start)))
            throw error
        }
    }
}
