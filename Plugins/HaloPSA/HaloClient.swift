import FoundationEssentials
import PSACore

/// Talks to one HaloPSA: requests with token, budget and repeats in front of them, and every failure turned into a ``PSAError``.
struct HaloClient: Sendable {
    /// How long a request may take and be repeated.
    struct Patience: Sendable {
        var timeout: Duration
        var tokenTimeout: Duration
        var repeats: Duration

        /// For work in the background.
        static let normal = Patience(timeout: .seconds(60), tokenTimeout: .seconds(20), repeats: .seconds(330))
        /// For a person who waits: the server and the token, and then all reads, each get a little less than half of the limit, and nothing
        /// is repeated.
        static func test(within limit: Duration) -> Patience {
            Patience(timeout: limit * 0.45, tokenTimeout: limit * 0.45, repeats: .zero)
        }
    }

    /// Five hundred requests in five minutes: the strictest of the paces the vendor and integrators have published (500 in 3 minutes, 700 in 5,
    /// 500 in 5).
    static let pace = RequestPace(500, per: .seconds(300))

    let settings: HaloSettings
    let time: TimeSource
    private let patience: Patience
    private let open: HTTPPipeline
    private let authorized: HTTPPipeline
    private let tokens: TokenCache
    private let classifier: FailureClassifier

    init(settings: HaloSettings, context: ConnectorContext, patience: Patience = .normal) {
        self.settings = settings
        self.patience = patience
        time = context.time
        classifier = HaloErrorRules.classifier(namesTenant: settings.tenant != nil)
        let budget = context.tenants.budget(for: "halopsa:" + settings.tenantURL.authority, pace: Self.pace, time: context.time)
        let patient: [any HTTPMiddleware] = [
            RetryMiddleware(policy: context.retryPolicy, time: context.time, log: context.log), BudgetMiddleware(budget),
            LoggingMiddleware(log: context.log, time: context.time),
        ]
        let open = HTTPPipeline(patient, to: context.transport)
        let fetcher = HaloTokenFetcher(
            settings: settings, pipeline: open, classifier: classifier, timeout: patience.tokenTimeout, repeats: patience.repeats,
            time: context.time, log: context.log)
        tokens = TokenCache(time: context.time) { try await fetcher.fetch() }
        self.open = open
        authorized = HTTPPipeline([BearerMiddleware(tokens: tokens, log: context.log)] + patient, to: context.transport)
    }

    /// A usable token, fetched if necessary.
    func token() async throws -> AccessToken { try await tokens.token() }

    /// Asks the one endpoint that answers without a token.
    func authenticationInfo() async throws -> JSONView {
        var request = HTTPRequest(.get, settings.tenantURL, route: "/api/authinfo", addressPolicy: settings.policy)
        request.timeout = patience.timeout
        request.maximumResponseBytes = 1 << 20
        return try await exchange(request, stage: .discovery, object: "its sign-in data", resource: nil, over: open)
    }

    /// Reads a list or one record.
    func read(
        _ resource: HaloResource, id: String? = nil, _ query: [QueryItem] = [], about object: String? = nil
    ) async throws -> JSONView {
        let request = HTTPRequest(
            .get, settings.tenantURL, route: id == nil ? resource.route : resource.recordRoute, pathValues: id.map { [$0] } ?? [],
            query: query, headers: ["Accept": "application/json"], addressPolicy: settings.policy)
        return try await exchange(request, stage: .read, object: object ?? resource.label, resource: resource, over: authorized)
    }

    /// Creates or changes one record and returns it as saved.
    ///
    /// The body is an array even for one: HaloPSA refuses a bare object.
    func write(_ resource: HaloResource, _ record: JSONValue, about object: String) async throws -> JSONView {
        let request = HTTPRequest(
            .post, settings.tenantURL, route: resource.route,
            headers: ["Accept": "application/json", "Content-Type": "application/json"], body: JSONValue.array([record]).encoded,
            addressPolicy: settings.policy)
        let answer = try await exchange(request, stage: .write, object: object, resource: resource, over: authorized)
        guard let saved = HaloSavedRecord.find(in: answer) else {
            // It was accepted, but what came back does not say what was saved.
            throw error(.writeOutcomeUnknown, about: object, request: request.description, evidence: "The answer holds no saved record.")
        }
        return saved
    }

    /// An error of this connection.
    func error(
        _ code: ErrorCode, about object: String, field: String? = nil, message: String? = nil, scope: String? = nil,
        request: String? = nil, evidence: String? = nil, vendor: VendorReply? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: String] = [.host: settings.tenantURL.authority, .object: object]
        values[.field] = field
        values[.message] = message
        values[.scope] = scope
        return PSAError(
            code, catalogue: HaloGuidance.catalogue, values: values, evidence: evidence, request: request, vendor: vendor)
    }

    private func exchange(
        _ request: HTTPRequest, stage: RequestStage, object: String, resource: HaloResource?, over pipeline: HTTPPipeline
    ) async throws -> JSONView {
        var request = request
        request.timeout = min(request.timeout, patience.timeout)
        request.patience = patience.repeats
        let response: HTTPResponse
        do {
            response = try await pipeline.send(request)
        } catch let failure as TransportError {
            throw error(
                FailureClassifier.code(for: failure, stage: stage), about: object, message: failure.note, request: request.description,
                evidence: "No answer came: \(failure.kind.explanation).")
        }
        if (200...299).contains(response.status), let document = try? JSONDocument(response.body) { return document.root }
        throw await refusal(response, to: request, stage: stage, object: object, resource: resource)
    }

    private func refusal(
        _ response: HTTPResponse, to request: HTTPRequest, stage: RequestStage, object: String, resource: HaloResource?
    ) async -> PSAError {
        let token = await tokens.current()
        let redactor = Redactor([settings.credentials.clientSecret, token?.value].compactMap { $0 })
        let scope = resource?.scope(for: stage)
        let reading = HaloFailureReading(response, redactor: redactor)
        let signal = FailureSignal(
            stage: stage, status: response.status, shape: BodyShape(of: response.body), vendorCode: reading.vendor.code,
            vendorMessage: reading.vendor.message, scopeIsMissing: scope.flatMap { scope in token?.grantedScope.map { $0.lacks(scope) } })
        var failure = error(
            classifier.code(for: signal), about: object, field: reading.fieldLabels, message: reading.vendor.message,
            scope: scope ?? "a permission of its own", request: request.description, evidence: reading.evidence, vendor: reading.vendor)
        if failure.code == .ticketDefaultInvalid, !reading.settings.isEmpty { failure.guidance.fields = reading.settings }
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = failure.guidance.retry {
            failure.guidance.retry = .afterDelay(wait)
        }
        return failure
    }
}
