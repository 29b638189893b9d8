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
        _ request: HTTPRequest, next: @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) async throws -> HTTPResponse {
        let start = time.instant()
        do {
            let response = try await next(request)
            let took = (time.instant() - start).seconds
            log.record(.answered(request: request.description, status: response.status, bytes: response.body.count, seconds: took))
            return response
        } catch let error as TransportError {
            log.record(.unanswered(request: request.description, kind: error.kind, seconds: (time.instant() - start).seconds))
            throw error
        }
    }
}
