import FoundationEssentials
import PSACore

/// Talks to one tenant of the sample PSA: token, pace and repeats in front of each request, and every failure turned into a ``PSAError``.
struct SampleClient: Sendable {
    let server: ServiceURL
    let time: TimeSource
    private let policy: AddressPolicy
    private let maxWait: Duration?
    private let secrets: [Secret]
    let tokens: TokenCache
    private let pipeline: HTTPPipeline

    /// Makes a client; with a longest wait nothing takes longer and nothing is repeated, because a person is waiting.
    init(settings: ConnectorSettings, context: ConnectorContext, maxWait: Duration? = nil) throws {
        guard let server = settings.serviceURL("serverURL"), let id = settings.text("clientID"),
            let secret = settings.secret("clientSecret")
        else { throw PSAError(.configMissingField) }
        self.server = server
        self.maxWait = maxWait
        time = context.time
        policy = settings.policy
        secrets = [secret]

        let budget = context.tenants.budget(
            for: "sample:" + server.authority, pace: RateLimit(300, per: .seconds(60)), time: context.time)
        let patient: [any HTTPMiddleware] = [
            RetryMiddleware(policy: context.retryPolicy, time: context.time, log: context.log),
            RateLimitMiddleware(budget, log: context.log),
            LoggingMiddleware(log: context.log, time: context.time),
        ]
        let open = HTTPPipeline(patient, to: context.transport)
        let grant = ClientCredentialsGrant(clientID: id, clientSecret: secret, scope: "tickets")
        let tokens = TokenCache(time: context.time) { [policy, time] in
            try await Self.fetchToken(grant, at: server, policy: policy, maxWait: maxWait, time: time, through: open)
        }
        self.tokens = tokens
        pipeline = HTTPPipeline([BearerMiddleware(tokens: tokens, log: context.log)] + patient, to: context.transport)
    }

    /// The answer to a read.
    func read(_ route: String, id: String? = nil, _ query: [QueryItem] = []) async throws -> JSONView {
        try await exchange(
            HTTPRequest(.get, server, route: route, pathValues: [id].compactMap { $0 }, query: query, addressPolicy: policy), stage: .read)
    }

    /// The answer to a write; it is sent once.
    func write(_ method: HTTPMethod, _ route: String, id: String? = nil, _ body: JSONValue) async throws -> JSONView {
        try await exchange(
            HTTPRequest(
                method, server, route: route, pathValues: [id].compactMap { $0 }, headers: ["Content-Type": "application/json"],
                body: body.encoded, addressPolicy: policy), stage: .write)
    }

    /// An error of this connection.
    func error(_ code: ErrorCode, request: String? = nil) -> PSAError {
        PSAError(
            code, catalogue: SampleDescriptor.descriptor.guidance, values: [.host: .verbatim(server.authority)], request: request)
    }

    private func exchange(_ request: HTTPRequest, stage: RequestStage) async throws -> JSONView {
        let request = request.waiting(atMost: maxWait)
        let response: HTTPResponse
        do {
            response = try await pipeline.send(request)
        } catch let failure as TransportError {
            throw error(FailureClassifier.code(for: failure, stage: stage), request: request.description)
        }
        if (200...299).contains(response.status), let document = try? JSONDocument(response.body),
            document.root.isObject || document.root.isArray
        {
            return document.root
        }
        throw Self.refusal(response, to: request, stage: stage, hiding: secrets + [await tokens.current()?.value].compactMap { $0 })
    }

    private static func fetchToken(
        _ grant: ClientCredentialsGrant, at server: ServiceURL, policy: AddressPolicy, maxWait: Duration?, time: TimeSource,
        through pipeline: HTTPPipeline
    ) async throws -> AccessToken {
        let request = grant.request(at: server, route: "/oauth/token", policy: policy).waiting(atMost: maxWait)
        let response: HTTPResponse
        do {
            response = try await pipeline.send(request)
        } catch let failure as TransportError {
            throw PSAError(
                FailureClassifier.code(for: failure, stage: .token), catalogue: SampleDescriptor.descriptor.guidance,
                values: [.host: .verbatim(server.authority)], request: request.description)
        }
        if let token = ClientCredentialsGrant.token(in: response, receivedAt: time.instant()) { return token }
        throw refusal(response, to: request, stage: .token, hiding: [grant.clientSecret])
    }

    /// What an answer that is not a success means; the vendor's words are shown without anything secret.
    private static func refusal(
        _ response: HTTPResponse, to request: HTTPRequest, stage: RequestStage, hiding secrets: [Secret]
    ) -> PSAError {
        let root = (try? JSONDocument(response.body))?.root
        let redactor = Redactor(secrets)
        let message = (root?["message"] ?? root?["error_description"])?.string.map { redactor.clean($0) }
        let vendorCode = root?["error"]?.string.map { redactor.clean($0, maximumLength: 60) }
        let signal = FailureEvidence(
            stage: stage, status: response.status, shape: BodyShape(of: response.body), vendorCode: vendorCode, vendorMessage: message)
        return PSAError(
            SampleErrorRules.classifier.code(for: signal), catalogue: SampleDescriptor.descriptor.guidance,
            values: [.host: .verbatim(request.origin.authority), .message: .verbatim(message ?? "HTTP \(response.status)")],
            evidence: CoreMessage.answered(status: response.status, shape: signal.shape, code: vendorCode), request: request.description,
            vendor: VendorReply(status: response.status, code: vendorCode, message: message))
    }
}

extension HTTPRequest {
    fileprivate func waiting(atMost limit: Duration?) -> HTTPRequest {
        guard let limit else { return self }
        var request = self
        request.timeout = min(request.timeout, limit)
        request.patience = .zero
        return request
    }
}
