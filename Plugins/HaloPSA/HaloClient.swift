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
            Patience(timeout: limit * 0.42, tokenTimeout: limit * 0.42, repeats: .zero)
        }
    }

    let settings: HaloSettings
    let time: TimeSource
    private let patience: Patience
    private let open: HTTPPipeline
    private let authorized: HTTPPipeline
    private let fetcher: HaloTokenFetcher
    private let tokens: TokenCache
    private let classifier: FailureClassifier

    init(settings: HaloSettings, context: ConnectorContext, patience: Patience) {
        self.settings = settings
        self.patience = patience
        time = context.time
        classifier = HaloErrorRules.classifier(namesTenant: settings.tenant != nil)
        let budget = context.tenants.budget(for: "halopsa:" + settings.tenantURL.location, pace: settings.pace, time: context.time)
        let patient: [any HTTPMiddleware] = [
            RetryMiddleware(policy: context.retryPolicy, time: context.time, log: context.log),
            RateLimitMiddleware(budget, log: context.log),
            LoggingMiddleware(log: context.log, time: context.time),
        ]
        let open = HTTPPipeline(patient, to: context.transport)
        let tokenFetcher = HaloTokenFetcher(
            settings: settings, pipeline: open, classifier: classifier, timeout: patience.tokenTimeout, repeats: patience.repeats,
            time: context.time, log: context.log)
        fetcher = tokenFetcher
        tokens = TokenCache(time: context.time) { try await tokenFetcher.fetch(tenant: settings.tenant) }
        self.open = open
        authorized = HTTPPipeline([BearerMiddleware(tokens: tokens, log: context.log)] + patient, to: context.transport)
    }

    /// A usable token, fetched if necessary.
    func token() async throws -> AccessToken { try await tokens.token() }

    /// The answer of an endpoint that needs no token, at any address.
    func openAnswer(at origin: ServiceURL, route: String) async throws -> HTTPResponse {
        var request = HTTPRequest(.get, origin, route: route, addressPolicy: settings.policy)
        request.timeout = patience.timeout
        request.patience = patience.repeats
        request.maximumResponseBytes = 1 << 20
        return try await open.send(request)
    }

    /// What an answer at the discovery stage means that is not HaloPSA's.
    func stranger(_ response: HTTPResponse, at origin: ServiceURL) -> PSAError {
        let shape = BodyShape(of: response.body)
        let door = FrontDoor(response, redactor: Redactor([settings.credentials.clientSecret]))
        let code = classifier.code(for: FailureEvidence(stage: .discovery, status: response.status, shape: shape, frontDoor: door))
        var failure = failure(
            code, about: .signInData, request: "GET \(origin.host)\(origin.path)/api/authinfo",
            evidence: door.map { FrontDoorMessage.seen($0) } ?? CoreMessage.answered(status: response.status, shape: shape, code: nil),
            vendor: VendorReply(status: response.status))
        failure.findings += door?.findings(for: code) ?? []
        failure.findings += HaloRedirect.findings(code, response, from: origin)
        failure.values.merge(door?.values(source: response.localAddress) ?? [:]) { $1 }
        return failure
    }

    /// The error of a request that got no answer.
    func unanswered(_ failure: TransportError, stage: RequestStage, object: HaloMessage, request: String?) -> PSAError {
        var told = self.failure(
            FailureClassifier.code(for: failure, stage: stage), about: object, message: .phrase(CoreMessage.unanswered(failure.kind)),
            request: request, evidence: CoreMessage.unanswered(failure.kind))
        told.findings += failure.findings(for: told.code, now: time.now())
        return told
    }

    /// Why no token is issued when the tenant is another, or left out; nil if one is.
    ///
    /// Nothing is remembered of it.
    func refusalOfToken(tenant: String?) async throws -> PSAError? {
        do {
            _ = try await fetcher.fetch(tenant: tenant)
            return nil
        } catch let error as PSAError {
            return error
        }
    }

    /// Reads a list or one record.
    func read(
        _ resource: HaloResource, id: String? = nil, _ query: [QueryItem] = [], about object: HaloMessage? = nil
    ) async throws -> JSONView {
        let request = HTTPRequest(
            .get, settings.tenantURL, route: id == nil ? resource.route : resource.recordRoute, pathValues: id.map { [$0] } ?? [],
            query: query, headers: ["Accept": "application/json"], addressPolicy: settings.policy)
        return try await exchange(request, stage: .read, object: object ?? .rows(resource), resource: resource)
    }

    /// Creates or changes one record and returns it as saved.
    ///
    /// The body is an array even for one: HaloPSA refuses a bare object.
    func write(_ resource: HaloResource, _ record: JSONValue, about object: HaloMessage) async throws -> JSONView {
        let request = HTTPRequest(
            .post, settings.tenantURL, route: resource.route,
            headers: ["Accept": "application/json", "Content-Type": "application/json"], body: JSONValue.array([record]).encoded,
            addressPolicy: settings.policy)
        let answer = try await exchange(request, stage: .write, object: object, resource: resource)
        guard let saved = HaloSavedRecord.find(in: answer) else {
            // It was accepted, but what came back does not say what was saved.
            throw error(.writeOutcomeUnknown, about: object, request: request.description, evidence: .noSavedRecord)
        }
        return saved
    }

    /// Deletes one record; HaloPSA keeps it where administrators can bring it back.
    func delete(_ resource: HaloResource, id: String, about object: HaloMessage) async throws {
        let request = HTTPRequest(
            .delete, settings.tenantURL, route: resource.recordRoute, pathValues: [id], query: [QueryItem("reason", "Connection test")],
            addressPolicy: settings.policy)
        let response = try await answer(to: request, stage: .write, object: object)
        // The code of a success was not recorded by any source; an empty body is one.
        if !(200...299).contains(response.status) {
            throw await refusal(response, to: request, stage: .write, object: object, resource: resource)
        }
    }

    /// An error of this connection.
    func error(
        _ code: ErrorCode, about object: HaloMessage, field: MessageValue? = nil, message: HaloMessage? = nil, request: String? = nil,
        evidence: HaloMessage? = nil, finding: CauseEvidence? = nil
    ) -> PSAError {
        var error = failure(code, about: object, field: field, message: message.map { .phrase($0) }, request: request, evidence: evidence)
        if let finding { error.findings.append(finding) }
        return error
    }

    /// The error of permissions that were not granted.
    func scopeError(_ missing: [String]) -> PSAError {
        let scopes = missing.joined(separator: ", ")
        var error = failure(
            .permissionScopeMissing, about: .whatNeedsThem, scope: scopes, request: nil, evidence: HaloMessage.notGranted(missing))
        error.findings.append(CauseEvidence("scope_not_granted", by: .grantedScope, evidence: HaloMessage.scopeLacks(scopes)))
        return error
    }

    private func failure(
        _ code: ErrorCode, about object: HaloMessage, field: MessageValue? = nil, message: MessageValue? = nil, scope: String? = nil,
        request: String?, evidence: (any LocalizedMessage)?, vendor: VendorReply? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: MessageValue] = [.host: .verbatim(settings.tenantURL.location), .object: .phrase(object)]
        values[.field] = field
        values[.message] = message
        values[.scope] = scope.map(MessageValue.verbatim)
        return PSAError(
            code, catalogue: HaloGuidance.catalogue, values: values, evidence: evidence, request: request, vendor: vendor)
    }

    private func exchange(
        _ request: HTTPRequest, stage: RequestStage, object: HaloMessage, resource: HaloResource
    ) async throws -> JSONView {
        let response = try await answer(to: request, stage: stage, object: object)
        if (200...299).contains(response.status), let document = try? JSONDocument(response.body) { return document.root }
        throw await refusal(response, to: request, stage: stage, object: object, resource: resource)
    }

    private func answer(to request: HTTPRequest, stage: RequestStage, object: HaloMessage) async throws -> HTTPResponse {
        var request = request
        request.timeout = min(request.timeout, patience.timeout)
        request.patience = patience.repeats
        do {
            return try await authorized.send(request)
        } catch let failure as TransportError {
            throw unanswered(failure, stage: stage, object: object, request: request.description)
        }
    }

    private func refusal(
        _ response: HTTPResponse, to request: HTTPRequest, stage: RequestStage, object: HaloMessage, resource: HaloResource
    ) async -> PSAError {
        let token = await tokens.current()
        let redactor = Redactor([settings.credentials.clientSecret, token?.value].compactMap { $0 })
        let scope = resource.scope(for: stage)
        let reading = HaloErrorParser(response, redactor: redactor)
        let signal = FailureEvidence(
            stage: stage, status: response.status, shape: BodyShape(of: response.body), vendorCode: reading.vendor.code,
            vendorMessage: reading.vendor.message,
            scopeIsMissing: scope.map { scope in token?.grantedScope.map { $0.lacks(scope) } } ?? false, frontDoor: reading.frontDoor)
        let verdict =
            signal.shape == .html || reading.frontDoor?.code(at: stage) != nil
            ? nil
            : HaloVerdict(
                reading.refusal, fields: reading.fields, status: response.status, stage: stage, operation: HaloOperation(object))
        let named = verdict?.concerned.filter { verdict?.code == .ticketDefaultInvalid || $0 == .scope }.map(\.haloName) ?? []
        var failure = failure(
            verdict?.code ?? classifier.code(for: signal), about: object,
            field: named.isEmpty ? verdict?.field.map { .phrase(HaloMessage.vendorField($0)) } : .list(named),
            message: reading.vendor.message.map(MessageValue.verbatim),
            scope: scope, request: request.description, evidence: reading.evidence, vendor: reading.vendor)
        if let verdict {
            failure.concernedFields = verdict.concerned
            failure.findings.append(CauseEvidence(verdict.cause, by: verdict.probe))
        }
        if let scope, let isMissing = signal.scopeIsMissing {
            let isAskedFor = !GrantedScope(settings.credentials.scope).lacks(scope)
            failure.findings += HaloDiagnosis.scopeFindings(failure.code, scope: scope, isMissing: isMissing, isAskedFor: isAskedFor)
        }
        failure.findings += reading.frontDoor?.findings(for: failure.code) ?? []
        failure.findings += HaloRedirect.findings(failure.code, response, from: settings.tenantURL)
        failure.values.merge(reading.frontDoor?.values(source: response.localAddress) ?? [:]) { $1 }
        if failure.code == .authTokenRejected, let skew = ClockSkew.finding(response.headers, now: time.now()) {
            failure.findings.append(skew)
        }
        failure.findings += HaloDiagnosis.pageFindings(failure.code)
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = failure.retry {
            failure.retry = .afterDelay(wait)
        }
        return failure
    }
}
