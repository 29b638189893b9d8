import FoundationEssentials
import PSACore
import PSAEngine
import WebServer

/// Turns whatever was thrown into an answer: a page for people, problem JSON under `/api`.
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
        case let trouble as StorageFailure: return answer(trouble, context)
        case KeyRingError.noFittingKey:
            let failure = PSAError(.configSecretUnreadable)
            return .page(Self.status(of: failure), ErrorPage(services, context, failure))
        case let failure as PSAError: return .page(Self.status(of: failure), ErrorPage(services, context, failure))
        case SignInService.Refusal.blocked(let minutes):
            return answer(WebError(.tooManyTries, "Too many wrong passwords. Wait \(minutes) minutes."), context)
        case let error as StoreError: return answer(Self.failure(for: error), context)
        case let error as AccountError: return answer(Self.failure(for: error), context)
        case let refusal as AccountService.Refusal: return answer(Self.failure(for: refusal), context)
        default: return answer(recorded(error, context), context)
        }
    }

    /// What is told of an error that nobody expected.
    private func recorded(_ error: any Error, _ context: RequestContext) -> WebError {
        // What it says may hold anything; its type tells a maintainer enough to start with.
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

    private func answer(_ trouble: StorageFailure, _ context: RequestContext) -> WebResponse {
        var response = answer(
            WebError(trouble == .full ? .storageFull : .unavailable, TextRenderer().text(trouble)), context)
        response.headers["Retry-After"] = String(StorageFailure.retryAfter)
        return response
    }

    /// The words for a change that the storage refused.
    static func failure(for error: StoreError) -> WebError {
        switch error {
        case .notFound: WebError(.notFound, "It is not there any more. Perhaps somebody has removed it.")
        case .stale:
            WebError(.conflict, "Somebody changed it while you were looking at it. Open it again and repeat what you wanted to do.")
        case .duplicateTenant: WebError(.conflict, "A connection to this tenant exists already.")
        }
    }

    /// The text for a change of accounts that was refused.
    static func failure(for error: AccountError) -> WebError {
        switch error {
        case .duplicateAccount: WebError(.conflict, "An account of this name exists already.")
        case .lastAdministrator:
            WebError(.conflict, "This is the last administrator. Make another account an administrator first.")
        }
    }

    private static func failure(for refusal: AccountService.Refusal) -> WebError {
        switch refusal {
        case .invalid(let problems): WebError(.invalid, problems.values.sorted().joined(separator: " "))
        case .taken(let sentence): WebError(.conflict, sentence)
        case .notFound: WebError(.notFound, AccountService.Refusal.notFoundSentence)
        case .own: WebError(.conflict, AccountService.Refusal.ownSentence)
        }
    }

    private static func failure(forDefect error: any Error) -> WebError {
        if let error = error as? KeyRingError { return WebError(.unavailable, error.description) }
        if error is CancellationError { return WebError(.unavailable, "The request took too long and was ended. Try again.") }
        return WebError(.defect, "What you wanted was not done. Try again; if it stays so, report the correlation id below.")
    }

    /// The status of a problem of the JSON API.
    static func status(of error: PSAError) -> Int {
        switch error.code {
        case .configUnknownConnector, .requestNotFound: 404
        case .requestConflict: 409
        case .connectorDefect: 500
        case .connectorPlaceholder, .connectorUnsupported: 501
        case .configSecretUnreadable: 503
        default: ["usage", "config", "url", "request", "ticket"].contains(error.code.area) ? 422 : 502
        }
    }
}
