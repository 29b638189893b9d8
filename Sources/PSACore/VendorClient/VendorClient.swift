/// Talks to one tenant of a vendor.
///
/// Everything between a connector's call and the transport is assembled here, in the one order that is right: the share of a person is
/// outermost, then credentials, so that a refused token is replaced once; then retries; then the tenant's rate limit, so that each retry waits for its place; then the log. A
/// write is never repeated unless it is proven that it was not sent. Every failure becomes a ``PSAError`` with what was observed; what a vendor
/// says is cut, and the credentials and tokens are taken out of it.
public struct VendorClient<Message: LocalizedMessage>: Sendable {
    /// What the connector declares.
    public let declaration: VendorDeclaration<Message>
    /// The host's time.
    public let time: TimeSource
    /// How long its requests may take and wait.
    public let timeouts: RequestTimeouts

    private let context: ConnectorContext
    private let open: HTTPPipeline
    private let authorized: HTTPPipeline
    private let tokens: TokenCache?
    let errors: VendorErrorBuilder<Message>

    /// Makes a client without contacting the vendor.
    ///
    /// - Parameters:
    ///   - declaration: The vendor.
    ///   - context: What the host provides.
    ///   - timeouts: How long requests may take and wait.
    public init(_ declaration: VendorDeclaration<Message>, context: ConnectorContext, timeouts: RequestTimeouts = .normal) {
        self.declaration = declaration
        self.context = context
        self.timeouts = timeouts
        time = context.time
        errors = VendorErrorBuilder(declaration: declaration, time: context.time)
        let limiter = context.tenants.budget(for: declaration.tenantKey, pace: declaration.rateLimit, time: context.time)
        let share = RequestShareMiddleware(limiter)
        let unowned = HTTPPipeline.standard(limiter: limiter, context: context)
        open = unowned.behind(share)
        if let fetcher = VendorTokenFetcher(declaration, through: unowned, timeouts, errors: errors, context: context) {
            let tokens = TokenCache(time: context.time) { try await fetcher.fetch() }
            self.tokens = tokens
            authorized = unowned.behind(BearerMiddleware(tokens: tokens, log: context.log)).behind(share)
        } else {
            tokens = nil
            authorized = unowned.behind(CredentialsMiddleware(declaration.authentication)).behind(share)
        }
    }
}

// MARK: Requests

extension VendorClient {
    /// Reads JSON.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``, such as `/tickets/{id}`.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: Query parameters.
    ///   - body: A query that the vendor takes as JSON; the request is a POST then, and repeated like any read.
    ///   - object: What is read, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    ///   - limit: How long retries and the rate limit may delay it; nil for the client's own limit. For what a caller can do without.
    /// - Returns: The answer's JSON.
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func read(
        _ route: String, pathValues: [String] = [], query: [QueryItem] = [], body: JSONValue? = nil, about object: Message? = nil,
        requiredScope scope: String? = nil, retryTimeLimit limit: Duration? = nil
    ) async throws -> JSONView {
        var request = request(body == nil ? .get : .post, route, pathValues, query, body)
        request.isRepeatable = true
        if let limit { request.retryTimeLimit = min(limit, request.retryTimeLimit) }
        return try await json(request, at: .read, about: object, scope) { $0 }
    }

    /// Reads one record.
    ///
    /// Some vendors answer with success and an error in the body. Then the error has the status and the vendor's words.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: Query parameters.
    ///   - object: What is read, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    ///   - limit: How long retries and the rate limit may delay it; nil for the client's own limit.
    ///   - absent: What is observed of an answer that is not the record; nil for a sentence that says so.
    ///   - make: Turns the answer into the record; nil if it is none.
    /// - Returns: The record.
    /// - Throws: ``PSAError`` or `CancellationError`; `vendor.unexpected_response` for an answer that is not the record.
    public func read<Value>(
        _ route: String, pathValues: [String] = [], query: [QueryItem] = [], about object: Message? = nil,
        requiredScope scope: String? = nil, retryTimeLimit limit: Duration? = nil, absent: Message? = nil, make: (VendorRow) -> Value?
    ) async throws -> Value {
        var request = request(.get, route, pathValues, query)
        request.isRepeatable = true
        if let limit { request.retryTimeLimit = min(limit, request.retryTimeLimit) }
        return try await json(request, at: .read, about: object, scope, absent ?? VendorClientMessage.noRecord) { make(row($0)) }
    }

    /// Reads something that is not JSON, such as a file.
    ///
    /// - Parameters:
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: Query parameters.
    ///   - object: What is read, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    /// - Returns: The answer, which has a success status and at most 32 MiB.
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func readAnswer(
        _ route: String, pathValues: [String] = [], query: [QueryItem] = [], about object: Message? = nil,
        requiredScope scope: String? = nil
    ) async throws -> TransportResponse {
        var request = request(.get, route, pathValues, query)
        request.isRepeatable = true
        request.headers["Accept"] = "*/*"
        let response = try await send(request, at: .read, about: object, scope)
        guard response.isSuccess else {
            throw await error(for: response, at: .read, about: object, requiredScope: scope, request: request)
        }
        return response
    }

    /// Creates or changes something, and returns the JSON that the vendor answers with.
    ///
    /// It is sent once. Only where it is proven that nothing was sent is it sent again.
    ///
    /// - Parameters:
    ///   - method: What is done.
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: Query parameters.
    ///   - body: What is sent.
    ///   - headers: Header fields of this request alone, such as `If-Match`; nothing secret.
    ///   - object: What is written, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    /// - Returns: The answer's JSON.
    /// - Throws: ``PSAError`` or `CancellationError`; an answer without JSON is `write.outcome_unknown`.
    public func write(
        _ method: TransportMethod, _ route: String, pathValues: [String] = [], query: [QueryItem] = [], body: JSONValue? = nil,
        headers: TransportHeaders = [:], about object: Message? = nil, requiredScope scope: String? = nil
    ) async throws -> JSONView {
        var request = request(method, route, pathValues, query, body, headers)
        request.isRepeatable = false
        return try await json(request, at: .write, about: object, scope) { $0 }
    }

    /// Creates or changes something, and returns the record that the vendor answers with.
    ///
    /// - Parameters:
    ///   - method: What is done.
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - body: What is sent.
    ///   - object: What is written, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    ///   - absent: What is observed of an answer that is not the record; nil for a sentence that says so.
    ///   - make: Turns the answer into the record; nil if it is none.
    /// - Returns: The record.
    /// - Throws: ``PSAError`` or `CancellationError`; `write.outcome_unknown`, with the vendor's words, for an answer that is not the record: it
    ///   was accepted, but does not say what was stored.
    public func write<Value>(
        _ method: TransportMethod, _ route: String, pathValues: [String] = [], body: JSONValue? = nil, about object: Message? = nil,
        requiredScope scope: String? = nil, absent: Message? = nil, make: (VendorRow) -> Value?
    ) async throws -> Value {
        var request = request(method, route, pathValues, [], body)
        request.isRepeatable = false
        return try await json(request, at: .write, about: object, scope, absent ?? VendorClientMessage.noRecord) { make(row($0)) }
    }

    /// Sends what is invisible until a later request names it, such as a text or a file that the ticket created next refers to.
    ///
    /// It counts as no write and may be sent again: where the later request is refused, nothing was written, whatever this one left behind.
    /// Use it for nothing that a person or another program would find by itself.
    ///
    /// - Parameters:
    ///   - method: What is done.
    ///   - route: The path template behind ``VendorDeclaration/basePath``.
    ///   - pathValues: One value for each pair of braces.
    ///   - query: Query parameters.
    ///   - body: What is sent.
    ///   - headers: Header fields of this request alone; nothing secret.
    ///   - object: What is prepared, for errors.
    ///   - scope: The permission it needs, where the vendor has such.
    /// - Returns: The answer's JSON.
    /// - Throws: ``PSAError`` or `CancellationError`.
    public func prepare(
        _ method: TransportMethod, _ route: String, pathValues: [String] = [], query: [QueryItem] = [], body: JSONValue? = nil,
        headers: TransportHeaders = [:], about object: Message? = nil, requiredScope scope: String? = nil
    ) async throws -> JSONView {
        var request = request(method, route, pathValues, query, body, headers)
        request.isRepeatable = true
        return try await json(request, at: .read, about: object, scope) { $0 }
    }

    /// Writes like ``write(_:_:pathValues:query:body:headers:about:requiredScope:)``, for a vendor that answers in a header field or not at all.
    ///
    /// An empty body is an acknowledgement, and so is one in any form but a web page: that comes from something in front of the vendor.
    ///
    /// - Returns: The answer, which has a success status and any body but a web page.
    /// - Throws: ``PSAError`` or `CancellationError`; a web page is `write.outcome_unknown`.
    public func writeAnswer(
        _ method: TransportMethod, _ route: String, pathValues: [String] = [], query: [QueryItem] = [], body: JSONValue? = nil,
        headers: TransportHeaders = [:], about object: Message? = nil, requiredScope scope: String? = nil
    ) async throws -> TransportResponse {
        var request = request(method, route, pathValues, query, body, headers)
        request.isRepeatable = false
        let response = try await send(request, at: .write, about: object, scope)
        guard response.isSuccess, !BodyShape(of: response.body).isMarkup else {
            throw await error(for: response, at: .write, about: object, requiredScope: scope, request: request)
        }
        return response
    }

    /// The gate that new tickets pass one at a time, and with them the writes of ``answer(to:)``; all connections to the tenant share it.
    public var createGate: AsyncSerialQueue { context.tenants.gate(for: declaration.tenantKey + ":create-ticket") }

    /// A request to the declared server, without its credentials.
    package func request(
        _ method: TransportMethod, _ route: String, _ pathValues: [String] = [], _ query: [QueryItem] = [], _ body: JSONValue? = nil,
        _ headers: TransportHeaders = [:]
    ) -> TransportRequest {
        var request = TransportRequest(
            method, declaration.origin, route: declaration.basePath + route, pathValues: pathValues, query: query,
            headers: ["Accept": "application/json"], body: body?.encoded, addressPolicy: declaration.addressPolicy)
        if body != nil { request.headers["Content-Type"] = "application/json" }
        for (name, value) in declaration.headers.fields + headers.fields { request.headers[name] = value }
        request.timeout = timeouts.request
        request.retryTimeLimit = timeouts.retryTimeLimit
        return request
    }

    func json<Value>(
        _ request: TransportRequest, at stage: RequestStage, about object: Message?, _ scope: String?,
        _ absent: (any LocalizedMessage)? = nil, _ find: (JSONView) -> Value?
    ) async throws -> Value {
        let response = try await send(request, at: stage, about: object, scope)
        var observed: (any LocalizedMessage)?
        if response.isSuccess {
            do throws(JSONSyntaxError) {
                let root = try await JSONDocument.parse(response).root
                if let value = find(root) { return value }
                observed = absent
            } catch  where error.reason == .tooManyValues {
                throw tooLarge(at: stage, about: object, scope, request)
            } catch {
                // What it is instead of JSON is found out below.
            }
        }
        throw await error(for: response, at: stage, about: object, requiredScope: scope, request: request, absent: observed)
    }

    /// The error of an answer with too many values.
    func tooLarge(at stage: RequestStage, about object: Message?, _ scope: String?, _ request: TransportRequest) -> PSAError {
        errors.error(
            for: TransportError(.responseTooLarge, delivery: .maybeSent), at: stage, about: object, scope: scope,
            request: request.description)
    }

    func send(_ request: TransportRequest, at stage: RequestStage, about object: Message?, _ scope: String?) async throws
        -> TransportResponse
    {
        do {
            return try await authorized.send(request)
        } catch let failure as TransportError {
            throw errors.error(for: failure, at: stage, about: object, scope: scope, request: request.description)
        }
    }

    /// The error of an answer, with the credentials and the latest tokens taken out of it.
    package func error(
        for response: TransportResponse, at stage: RequestStage, about object: Message?, requiredScope scope: String?,
        request: TransportRequest, absent: (any LocalizedMessage)? = nil
    ) async -> PSAError {
        errors.error(
            for: response, at: stage, about: object, scope: scope, request: request, absent: absent,
            tokens: await tokens?.issued() ?? IssuedTokens())
    }
}

// MARK: Errors

extension VendorClient {
    /// Method, host and route of a request, as errors and logs show it.
    public func description(of method: TransportMethod, _ route: String) -> String { request(method, route).description }

    /// An error of this connection that no answer tells, such as a draft that lacks something.
    ///
    /// - Parameters:
    ///   - code: What happened.
    ///   - object: What it is about.
    ///   - field: The field or setting at fault.
    ///   - message: What is wrong with it.
    ///   - scope: The permission it is about.
    ///   - request: Method, host and route of the request, if there was one.
    ///   - evidence: What was observed.
    ///   - cause: What is known about the causes.
    /// - Returns: The error, in the connector's own words.
    public func error(
        _ code: ErrorCode, about object: Message? = nil, field: MessageValue? = nil, message: Message? = nil, scope: String? = nil,
        request: String? = nil, evidence: Message? = nil, cause: CauseEvidence? = nil
    ) -> PSAError {
        var error = errors.error(
            code, about: object, field: field, message: message.map { .phrase($0) }, scope: scope, request: request, evidence: evidence)
        if let cause { error.findings.append(cause) }
        return error
    }
}

extension VendorClient {
    /// An id as a vendor takes it whose ids are whole numbers; left out, it would be missing from what is written.
    ///
    /// - Parameters:
    ///   - id: The id; nil for none.
    ///   - object: What is read or written with it.
    /// - Returns: The number; nil if there is no id.
    /// - Throws: ``PSAError`` with `request.invalid` for an id that is no whole number.
    public func number<Entity>(_ id: RecordID<Entity>?, about object: Message? = nil) throws -> JSONValue? {
        guard let id else { return nil }
        guard let number = id.integer else {
            let message = VendorClientMessage.notANumber(String(id.rawValue.prefix(40)))
            throw errors.error(.requestInvalid, about: object, message: .phrase(message), request: nil, evidence: nil)
        }
        return .integer(number)
    }
}

extension VendorClient {
    /// The error for a draft whose fields don't satisfy what is demanded, with all of them named.
    ///
    /// - Parameters:
    ///   - issues: What is wrong; must not be empty.
    ///   - object: What was to be written.
    ///   - refusal: The vendor's refusal, if there was one; what was observed of it is kept.
    /// - Returns: The error, in the connector's own words.
    public func error(ticketFields issues: [TicketFieldIssue], about object: Message, after refusal: PSAError? = nil) -> PSAError {
        let shared = PSAError(
            ticketFields: issues, catalogue: declaration.descriptor.guidance, object: object,
            probe: refusal == nil ? .choices : .vendorWords)
        var error = error(shared.code, about: object, request: refusal?.request)
        error.values.merge(shared.values) { $1 }
        error.findings += shared.findings
        error.ticketFieldIssues = issues
        error.vendor = refusal?.vendor
        return error
    }
}

// MARK: Tokens

extension VendorClient {
    /// The token that requests are made with, fetched if there is none.
    ///
    /// - Returns: Nil if the vendor takes no tokens.
    /// - Throws: ``PSAError`` with an `auth.…` code or one for what lies on the way, or `CancellationError`.
    public func token() async throws -> AccessToken? { try await tokens?.token() }

    /// Fetches a token with other query parameters and keeps nothing of it: to find out what refused credentials are due to.
    ///
    /// - Parameter query: Query parameters in place of the declared ones.
    /// - Returns: Why no token is issued; nil if one is, or if the vendor takes no tokens.
    /// - Throws: `CancellationError`.
    public func tokenError(query: [QueryItem]) async throws -> PSAError? {
        let fetcher = VendorTokenFetcher(declaration, through: open, timeouts, errors: errors, context: context)
        do {
            _ = try await fetcher?.fetch(query: query)
            return nil
        } catch let error as PSAError {
            return error
        }
    }

    /// The answer to a request without credentials, which may go to any address that the policy allows.
    func openAnswer(at origin: ServiceURL, route: String, about object: Message?) async throws -> (
        request: TransportRequest, answer: Result<TransportResponse, PSAError>
    ) {
        var request = TransportRequest(
            .get, origin, route: declaration.basePath + route, headers: ["Accept": "application/json"],
            addressPolicy: declaration.addressPolicy)
        request.timeout = timeouts.request
        request.retryTimeLimit = timeouts.retryTimeLimit
        request.maximumResponseBytes = 1 << 20
        do {
            return (request, .success(try await open.send(request)))
        } catch let failure as TransportError {
            return (
                request, .failure(errors.error(for: failure, at: .discovery, about: object, scope: nil, request: request.description))
            )
        }
    }

    /// The error of an answer to a request without credentials.
    func discoveryError(_ response: TransportResponse, to request: TransportRequest, about object: Message?) -> PSAError {
        errors.error(
            for: response, at: .discovery, about: object, scope: nil, request: request)
    }

    /// The error of a connection test that took too long.
    func lateError(about object: Message?) -> PSAError {
        errors.error(for: TransportError(.timedOut, delivery: .maybeSent), at: .read, about: object, scope: nil, request: nil)
    }

    /// How long a connection test may take.
    var connectionTestLimit: Duration { context.connectionTestLimit }
}

/// Fetches tokens by client credentials, and turns each refusal into an error.
private struct VendorTokenFetcher<Message: LocalizedMessage>: Sendable {
    private let grant: ClientCredentialsGrant
    private let route: String
    private let query: [QueryItem]
    private let declaration: VendorDeclaration<Message>
    private let pipeline: HTTPPipeline
    private let timeouts: RequestTimeouts
    private let errors: VendorErrorBuilder<Message>
    private let time: TimeSource
    private let log: any ConnectorLog

    /// Makes a fetcher; nil if the vendor takes no tokens.
    init?(
        _ declaration: VendorDeclaration<Message>, through pipeline: HTTPPipeline, _ timeouts: RequestTimeouts,
        errors: VendorErrorBuilder<Message>, context: ConnectorContext
    ) {
        guard case .clientCredentials(let grant, let route, let query) = declaration.authentication.kind else { return nil }
        (self.grant, self.route, self.query) = (grant, route, query)
        (self.declaration, self.pipeline, self.timeouts, self.errors) = (declaration, pipeline, timeouts, errors)
        (time, log) = (context.time, context.log)
    }

    /// A new token.
    ///
    /// - Throws: ``PSAError`` with an `auth.…` code, or one for what lies on the way.
    func fetch(query other: [QueryItem]? = nil) async throws -> AccessToken {
        var request = grant.request(at: declaration.origin, route: route, query: other ?? query, policy: declaration.addressPolicy)
        request.timeout = timeouts.token
        request.retryTimeLimit = timeouts.retryTimeLimit
        let response: TransportResponse
        do {
            // Whoever needs it first fetches it for all, deliveries included; what holds for the caller alone does not hold for the fetch.
            response = try await RequestWaitLimit.$current.withValue(nil) {
                try await RequestUrgency.$current.withValue(.delivery) { [request] in try await pipeline.send(request) }
            }
        } catch let failure as TransportError {
            throw errors.error(
                for: failure, at: .token, about: declaration.tokenObject, scope: grant.scope, request: request.description)
        }
        if let token = ClientCredentialsGrant.token(in: response, receivedAt: time.instant()) {
            log.record(ConnectorEvent(.tokenIssued(host: declaration.origin.authority, lifetime: token.lifetime)))
            return token
        }
        throw errors.error(
            for: response, at: .token, about: declaration.tokenObject, scope: grant.scope, request: request)
    }
}

extension TransportResponse {
    var isSuccess: Bool { (200...299).contains(status) }
}
