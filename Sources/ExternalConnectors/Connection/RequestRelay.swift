import PSACore

/// Makes the HTTP requests of a connector with the host's transport, behind the same middleware that built-in connectors have.
struct RequestRelay: Sendable {
    private let pipeline: HTTPPipeline
    private let policy: AddressPolicy
    private let redactor: Redactor
    private let limits: ExternalConnectorLimits
    private let testLimit: Duration

    /// - Parameters:
    ///   - context: What the host lends.
    ///   - policy: Which addresses may be reached.
    ///   - budget: The pace of the tenant.
    ///   - redactor: Takes the connection's secrets out of what is logged.
    ///   - limits: How much a connector may ask for.
    init(context: ConnectorContext, policy: AddressPolicy, budget: RateLimiter, redactor: Redactor, limits: ExternalConnectorLimits) {
        pipeline = HTTPPipeline(
            [
                RetryMiddleware(policy: context.retryPolicy, time: context.time, log: context.log),
                RateLimitMiddleware(budget, log: context.log), LoggingMiddleware(log: context.log, time: context.time),
            ], to: context.transport)
        self.policy = policy
        self.redactor = redactor
        self.limits = limits
        testLimit = context.connectionTestLimit
    }

    /// Reads a request; one of a connection test is not repeated, and takes no longer than leaves time for another.
    ///
    /// - Throws: ``WireMismatch``.
    func read(_ message: JSONView, of method: ConnectorMethod) throws(WireMismatch) -> RelayedRequest {
        let isTest = method == .test
        return try RelayedRequest(
            message, policy: policy, redactor: redactor,
            limits: RequestLimits(
                timeout: isTest ? testLimit * 0.42 : .seconds(60), patience: isTest ? .zero : .seconds(120),
                responseBytes: limits.responseBytes))
    }

    /// Makes a request.
    func answer(to request: HTTPRequest) async -> RelayedAnswer {
        do {
            return .answered(try await pipeline.send(request))
        } catch let failure as TransportError {
            return .unanswered(failure)
        } catch {
            return .unanswered(TransportError(.interrupted, delivery: .maybeSent))
        }
    }
}
