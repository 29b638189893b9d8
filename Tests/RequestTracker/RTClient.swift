import FoundationEssentials
import PSACore

/// Talks to one RT: requests with the token, and every failure turned into a ``PSAError``.
struct RTClient: Sendable {
    /// How long a request may take and be repeated.
    struct Patience: Sendable {
        var timeout: Duration
        var repeats: Duration

        /// For work in the background.
        static let normal = Patience(timeout: .seconds(60), repeats: .seconds(120))
        /// For a person who waits: the server and then all reads each get a little less than half of the limit, and nothing is repeated.
        static func test(within limit: Duration) -> Patience { Patience(timeout: limit * 0.45, repeats: .zero) }
    }

    let settings: RTSettings
    let time: TimeSource
    private let patience: Patience
    private let pipeline: HTTPPipeline

    init(settings: RTSettings, context: ConnectorContext, patience: Patience) {
        self.settings = settings
        self.patience = patience
        time = context.time
        // RT sets no limit of its own.
        let budget = context.tenants.budget(for: "request-tracker:" + settings.serverURL.authority, pace: nil, time: context.time)
        pipeline = HTTPPipeline(
            [
                RetryMiddleware(policy: context.retryPolicy, time: context.time, log: context.log),
                RateLimitMiddleware(budget, log: context.log), LoggingMiddleware(log: context.log, time: context.time),
            ], to: context.transport)
    }

    /// The answer of RT to a caller without credentials.
    func openAnswer() async throws -> HTTPResponse { try await send(request(.get, "/rt"), isAuthorized: false) }

    /// Reads a collection or one record.
    func read(_ route: String, _ pathValues: [String] = [], _ query: [QueryItem] = [], about object: RTLocalizedMessage) async throws
        -> JSONView
    {
        let answer = try await exchange(request(.get, route, pathValues, query), stage: .read, object: object)
        return try root(of: answer.response, to: answer.request, stage: .read, object: object)
    }

    /// Creates or changes a record and returns what RT says to it.
    func write(
        _ method: HTTPMethod, _ route: String, _ pathValues: [String] = [], body: JSONValue, about object: RTLocalizedMessage
    ) async throws -> RTSaved {
        var request = request(method, route, pathValues)
        request.headers["Content-Type"] = "application/json"
        request.body = body.encoded
        let answer = try await exchange(request, stage: .write, object: object)
        return RTSaved(
            body: try root(of: answer.response, to: answer.request, stage: .write, object: object),
            location: answer.response.headers["Location"])
    }

    /// The error of a request that got no answer.
    func unanswered(_ failure: TransportError, stage: RequestStage, object: RTLocalizedMessage, request: String?) -> PSAError {
        let seen = CoreMessage.unanswered(failure.kind)
        return error(
            FailureClassifier.code(for: failure, stage: stage), about: object, message: .phrase(seen), evidence: seen, request: request)
    }

    /// The error of an answer.
    func refusal(_ response: HTTPResponse, to request: HTTPRequest, stage: RequestStage, object: RTLocalizedMessage) -> PSAError {
        let redactor = Redactor([settings.token])
        let said = (try? JSONDocument(response.body))?.root["message"]?.string.map { redactor.clean($0) }
        let shape = BodyShape(of: response.body)
        // Where a redirect leads decides, and is not shown: it may hold anything.
        let signal = FailureEvidence(
            stage: stage, status: response.status, shape: shape, vendorMessage: said ?? response.headers["Location"])
        var failure = error(
            RTErrorRules.classifier.code(for: signal), about: object, message: said.map(MessageValue.verbatim),
            evidence: CoreMessage.answered(status: response.status, shape: shape, code: nil), request: request.description)
        failure.vendor = VendorReply(status: response.status, message: said)
        if let wait = RetryAfter.wait(response.headers["Retry-After"], now: time.now()), case .afterDelay = failure.retry {
            failure.retry = .afterDelay(wait)
        }
        return failure
    }

    /// An error of this connection.
    func error(
        _ code: ErrorCode, about object: RTLocalizedMessage, field: MessageValue? = nil, message: MessageValue? = nil,
        evidence: (any LocalizedMessage)? = nil, request: String? = nil
    ) -> PSAError {
        var values: [GuidanceTemplate.Slot: MessageValue] = [.host: .verbatim(settings.serverURL.authority), .object: .phrase(object)]
        values[.field] = field
        values[.message] = message
        return PSAError(code, catalogue: RTGuidance.catalogue, values: values, evidence: evidence, request: request)
    }

    /// A request below REST 2.0, without credentials yet.
    func request(_ method: HTTPMethod, _ route: String, _ pathValues: [String] = [], _ query: [QueryItem] = []) -> HTTPRequest {
        var request = HTTPRequest(
            method, settings.serverURL, route: settings.webPath + "/REST/2.0" + route, pathValues: pathValues, query: query,
            headers: ["Accept": "application/json"], addressPolicy: settings.policy)
        request.timeout = min(request.timeout, patience.timeout)
        request.patience = patience.repeats
        return request
    }

    private func send(_ request: HTTPRequest, isAuthorized: Bool) async throws -> HTTPResponse {
        var request = request
        if isAuthorized { request.headers["Authorization"] = "token " + settings.token.reveal() }
        return try await pipeline.send(request)
    }

    private func exchange(
        _ request: HTTPRequest, stage: RequestStage, object: RTLocalizedMessage
    ) async throws -> (request: HTTPRequest, response: HTTPResponse) {
        do {
            return (request, try await send(request, isAuthorized: true))
        } catch let failure as TransportError {
            throw unanswered(failure, stage: stage, object: object, request: request.description)
        }
    }

    private func root(of response: HTTPResponse, to request: HTTPRequest, stage: RequestStage, object: RTLocalizedMessage) throws
        -> JSONView
    {
        if (200...299).contains(response.status), let document = try? JSONDocument(response.body) { return document.root }
        throw refusal(response, to: request, stage: stage, object: object)
    }
}

/// What RT says to a write: a record's id, or a list of sentences.
struct RTSaved {
    let body: JSONView
    /// Where the new record is: `/REST/2.0/transaction/1364`.
    let location: String?

    /// The sentences, such as “Status changed from 'new' to 'open'”; a refusal is one of them too.
    var sentences: [String] { body.elements.compactMap(\.string) }

    /// The id of the new record.
    var id: String? { body["id"]?.text ?? location.flatMap { $0.split(separator: "/").last.map(String.init) } }
}
