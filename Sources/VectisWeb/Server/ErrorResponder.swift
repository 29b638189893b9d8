import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
package import WebServer

/// Turns any thrown error into a response: a page for people, problem JSON under `/api`.
struct ErrorResponder: Sendable {
    private let services: HostServices

    init(_ services: HostServices) { self.services = services }

    func answer(_ error: any Error, _ context: RequestContext) -> WebResponse {
        if context.request.segments.first == "api" {
            let answers = APIErrorResponder(context)
            return answers.answer(error) ?? answers.answer(recorded(error, context)) ?? WebResponse(status: 500)
        }
        switch error {
        case let failure as WebError: return answer(failure, context)
        case let failure as StorageFailure: return answer(failure, context)
        case let failure as SearchError:
            var response = answer(WebError(.unavailable, Words(failure)), context)
            response.headers["Retry-After"] = String(SearchError.retryAfter)
            return response
        case KeyRingError.noFittingKey:
            let failure = PSAError(.configSecretUnreadable)
            return .page(Self.status(of: failure), ErrorPage(services, context, failure))
        case let failure as PSAError:
            return .page(Self.status(of: failure), ErrorPage(services, context, failure)).retrying(after: failure)
        case SignInError.blocked(let minutes):
            return answer(WebError(.tooManyTries, "Too many wrong passwords. Wait \(minutes) minutes."), context)
        case SignInError.busy(let seconds):
            var response = answer(
                WebError(.unavailable, "Many passwords wait to be checked. Try again in \(seconds) seconds."), context)
            response.headers["Retry-After"] = String(seconds)
            return response
        case SignInError.secretUnreadable:
            return answer(WebError(.unavailable, Words(term: SignInError.secretUnreadableSentence)), context)
        case let error as KeyRingError where error == .replaced:
            return answer(WebError(.unavailable, Words(term: error.description)), context)
        case let error as SecondFactorError: return answer(Self.failure(for: error), context)
        case let error as StoreError: return answer(Self.failure(for: error), context)
        case let refusal as JobDecisionError: return answer(WebError(.conflict, Words(term: refusal.sentence)), context)
        case let error as AccountError: return answer(Self.failure(for: error), context)
        case let refusal as AccountChangeError: return answer(Self.failure(for: refusal), context)
        default: return answer(recorded(error, context), context)
        }
    }

    /// The response to an unexpected error.
    private func recorded(_ error: any Error, _ context: RequestContext) -> WebError {
        // Its description may contain secrets; its type is enough for a maintainer to start with.
        services.log.record(
            .error, "defect", [("type", .string("\(type(of: error))")), ("correlationID", .string(context.correlationID.rawValue))])
        return Self.failure(forDefect: error)
    }

    private func answer(_ failure: WebError, _ context: RequestContext) -> WebResponse {
        if failure.kind == .signInNeeded, ["GET", "HEAD"].contains(context.request.method) {
            return .redirect(to: SignInPage.path(leadingTo: WebPath.address(of: context.request)))
        }
        return .page(failure.kind.rawValue, ErrorPage(services, context, failure))
    }

    private func answer(_ failure: StorageFailure, _ context: RequestContext) -> WebResponse {
        var response = answer(
            WebError(failure.code == .storageFull ? .storageFull : .unavailable, Words(failure)), context)
        response.headers["Retry-After"] = String(StorageFailure.retryAfter)
        return response
    }

    /// The error page for a change that the storage rejected.
    static func failure(for error: StoreError) -> WebError {
        switch error {
        case .notFound: WebError(.notFound, "It does not exist any more. It may have been removed.")
        case .stale:
            WebError(.conflict, "It was changed after you opened it. Open it again and repeat your change.")
        case .duplicateTenant: WebError(.conflict, "A connection to this tenant exists already.")
        }
    }

    /// The error page for a change of a second factor that was rejected.
    static func failure(for error: SecondFactorError) -> WebError {
        WebError(error == .off || error == .alreadyOn ? .conflict : .invalid, Words(term: error.sentence))
    }

    /// The error page for a change of accounts that was rejected.
    static func failure(for error: AccountError) -> WebError {
        switch error {
        case .duplicateAccount: WebError(.conflict, "An account of this name exists already.")
        case .lastAdministrator:
            WebError(.conflict, "This is the last administrator. Make another account an administrator first.")
        }
    }

    private static func failure(for refusal: AccountChangeError) -> WebError {
        switch refusal {
        case .invalid(let problems): WebError(.invalid, Words(term: problems.values.sorted().joined(separator: " ")))
        case .taken(let sentence): WebError(.conflict, Words(term: sentence))
        case .notFound: WebError(.notFound, Words(term: AccountChangeError.notFoundSentence))
        case .own: WebError(.conflict, Words(term: AccountChangeError.ownSentence))
        }
    }

    private static func failure(forDefect error: any Error) -> WebError {
        if let error = error as? KeyRingError { return WebError(.unavailable, Words(term: error.description)) }
        if error is CancellationError { return WebError(.unavailable, "The request took too long and was ended. Try again.") }
        return WebError(.defect, "What you wanted was not done. Try again; if it stays so, report the correlation id below.")
    }

    /// The status of a problem of the JSON API.
    static func status(of error: PSAError) -> Int {
        switch error.code {
        case .configUnknownConnector, .requestNotFound: 404
        case .requestConflict: 409
        case .rateLimited: 429
        case .connectorDefect: 500
        case .connectorPlaceholder, .connectorUnsupported: 501
        case .configSecretUnreadable: 503
        default: [.usage, .config, .url, .request, .ticket].contains(error.code.area) ? 422 : 502
        }
    }
}

/// The response to a request that the web server rejected before the application saw it: too large, malformed, too slow.
package struct RejectedRequestResponder: Sendable {
    package let services: HostServices

    /// Creates a ``RejectedRequestResponder``.
    package init(services: HostServices) {
        self.services = services
    }

    /// Problem JSON under `/api`, plain text elsewhere; counted and logged like every other answer.
    package func answer(_ refusal: WebServer.RejectedRequest) -> WebResponse {
        let correlationID = CorrelationID()
        services.metrics.answered("(refused)", status: refusal.status, seconds: 0)
        services.log.record(
            refusal.status >= 500 ? .error : .info, "http_request",
            [
                ("route", .string("(refused)")), ("status", .integer(refusal.status)), ("correlationID", .string(correlationID.rawValue)),
            ])
        let response = isAPI(refusal) ? problem(refusal, correlationID) : refusal.plainTextResponse
        return SecurityHeaders(isBehindTLS: services.environment.isBehindTLS).added(to: response)
    }

    private func isAPI(_ refusal: WebServer.RejectedRequest) -> Bool { refusal.path?.hasPrefix("/api/") ?? false }

    private func problem(_ refusal: WebServer.RejectedRequest, _ correlationID: CorrelationID) -> WebResponse {
        let code: APIError.Code =
            switch refusal.status {
            case 413: .tooLarge
            case 431: .headerTooLarge
            case 501: .notUnderstood
            case 503: .unavailable
            case 500: .defect
            default: .malformed
            }
        let failure = APIError(code, APIMessage.sentence(refusal.message))
        return .problem(code.status, failure.problem(in: TextRenderer(), correlationID))
    }
}

/// Ends a request with a status and a message for the user.
struct WebError: Error, Sendable {
    enum Kind: Int, Sendable {
        case badRequest = 400
        case signInNeeded = 401
        case forbidden = 403
        case notFound = 404
        case methodNotAllowed = 405
        case conflict = 409
        case tooLarge = 413
        case misdirected = 421
        case invalid = 422
        case tooManyTries = 429
        case defect = 500
        case unavailable = 503
        case storageFull = 507

        /// The status as a title.
        var title: HTML {
            switch self {
            case .badRequest: "Malformed request"
            case .signInNeeded: "Please sign in"
            case .forbidden: "Not allowed"
            case .notFound: "Page not found"
            case .methodNotAllowed: "Method not allowed"
            case .conflict: "Conflicting change"
            case .tooLarge: "Request too large"
            case .misdirected: "Unknown host name"
            case .invalid: "Invalid input"
            case .tooManyTries: "Too many attempts"
            case .defect: "Internal error"
            case .unavailable, .storageFull: "Temporarily unavailable"
            }
        }
    }

    let kind: Kind
    /// What is wrong and what to do.
    let sentence: Words

    init(_ kind: Kind, _ sentence: Words) {
        self.kind = kind
        self.sentence = sentence
    }
}

/// The page for a request that failed.
struct ErrorPage: WebPage {
    private let layout: Layout
    private let content: HTML

    init(_ services: HostServices, _ context: RequestContext, _ failure: WebError) {
        layout = Layout(context, .none, title: failure.kind.title)
        let way: HTML =
            failure.kind == .signInNeeded
            ? "<p><a class=\"button\" href=\"\(SignInPage.path(leadingTo: WebPath.pageBefore(context.request) ?? "/integrations"))\">Sign in</a></p>"
            : "<p><a class=\"button\" href=\"/integrations\">To the integrations</a></p>"
        content = """
            <h1>\(failure.kind.title)</h1>
            <p>\(failure.sentence.html)</p>
            <p class="help">Correlation id: <code>\(context.correlationID.rawValue)</code></p>
            \(way)
            """
    }

    init(_ services: HostServices, _ context: RequestContext, _ failure: PSAError) {
        layout = Layout(context, .none, title: HTML(text: failure.guidance(in: Viewer.current.renderer).title))
        content = """
            <h1>That did not work</h1>
            \(GuidancePanel(error: failure, services: services, isBesideForm: false).html)
            <p><a class="button" href="/integrations">To the integrations</a></p>
            """
    }

    var document: HTML { layout.document(content) }
}

extension WebResponse {
    /// The response with the time after which a request beyond a rate limit may be sent again.
    func retrying(after failure: PSAError) -> WebResponse {
        guard failure.code == .rateLimited, let seconds = failure.retry.delaySeconds else { return self }
        var response = self
        response.headers["Retry-After"] = String(seconds)
        return response
    }
}
