import PSACore

/// Makes the HTTP requests of a connector with the host's transport, behind the same middlewares that built-in connectors have.
struct RequestRelay: Sendable {
    private let pipeline: HTTPPipeline
    private let policy: AddressPolicy
    private let redactor: Redactor
    private let limits: ExternalConnectorLimits
    private let timeouts: RequestTimeouts
    private let testTimeouts: RequestTimeouts

    /// - Parameters:
    ///   - context: What the host provides.
    ///   - policy: Which addresses may be reached.
    ///   - limiter: Keeps the tenant's rate limit.
    ///   - redactor: Takes the connection's secrets out of what is logged.
    ///   - limits: How much a connector may ask for.
    init(context: ConnectorContext, policy: AddressPolicy, limiter: RateLimiter, redactor: Redactor, limits: ExternalConnectorLimits) {
        pipeline = HTTPPipeline.standard(limiter: limiter, context: context).behind(RequestShareMiddleware(limiter))
        self.policy = policy
        self.redactor = redactor
        self.limits = limits
        timeouts = .normal
        testTimeouts = .connectionTest(within: context.connectionTestLimit)
    }

    /// Reads a request; one of a connection test is not repeated, and takes no longer than leaves time for another.
    ///
    /// - Throws: ``WireMismatch``.
    func read(_ message: JSONView, of method: ConnectorMethod) throws(WireMismatch) -> RelayedRequest {
        try RelayedRequest(
            message, policy: policy, redactor: redactor, timeouts: method == .test ? testTimeouts : timeouts,
            maximumResponseBytes: limits.responseBytes)
    }

    /// Makes a request.
    func answer(to request: TransportRequest) async -> RelayedAnswer {
        do {
            return .answered(try await pipeline.send(request))
        } catch let failure as TransportError {
            return .unanswered(failure)
        } catch {
            return .unanswered(TransportError(.interrupted, delivery: .maybeSent))
        }
    }
}
