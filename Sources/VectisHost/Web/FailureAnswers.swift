import FoundationEssentials
import PSACore
import WebServer

/// Turns whatever was thrown into an answer: a page for people, problem JSON under `/api`.
struct FailureAnswers: Sendable {
    private let services: HostServices

    init(_ services: HostServices) { self.services = services }

    func answer(_ error: any Error, _ exchange: Exchange) -> WebResponse {
        if exchange.request.segments.first == "api" {
            let answers = APIFailureAnswers(exchange)
            return answers.answer(error) ?? answers.answer(recorded(error, exchange)) ?? WebResponse(status: 500)
        }
        switch error {
        case let failure as WebFailure: return answer(failure, exchange)
        case let trouble as StorageTrouble: return answer(trouble, exchange)
        case KeyRingError.noFittingKey:
            let failure = PSAError(.configSecretUnreadable)
            return .page(Self.status(of: failure), FailurePage(services, exchange, failure))
        case let failure as PSAError: return .page(Self.status(of: failure), FailurePage(services, exchange, failure))
        case SignInService.Refusal.blocked(let minutes):
            return answer(WebFailure(.tooManyTries, "Too many wrong passwords. Wait \(minutes) minutes."), exchange)
        case let error as StorageError: return answer(Self.failure(for: error), exchange)
        case let refusal as AccountService.Refusal: return answer(Self.failure(for: refusal), exchange)
        default: return answer(recorded(error, exchange), exchange)
        }
    }

    /// What is told of an error that nobody expected.
    private func recorded(_ error: any Error, _ exchange: Exchange) -> WebFailure {
        // What it says may hold anything; its type tells a maintainer enough to start with.
        services.log.record(
            .error, "defect", [("type", .string("\(type(of: error))")), ("correlationID", .string(exchange.correlationID.rawValue))])
        return Self.failure(forDefect: error)
    }

    private func answer(_ failure: WebFailure, _ exchange: Exchange) -> WebResponse {
        if failure.kind == .signInNeeded, ["GET", "HEAD"].contains(exchange.request.method) {
            return .redirect(to: SignInPage.path(leadingTo: WebPath.address(of: exchange.request)))
        }
        return .page(failure.kind.rawValue, FailurePage(services, exchange, failure))
    }

    private func answer(_ trouble: StorageTrouble, _ exchange: Exchange) -> WebResponse {
        var response = answer(
            WebFailure(trouble == .full ? .storageFull : .unavailable, TextRenderer().text(trouble)), exchange)
        response.headers["Retry-After"] = String(StorageTrouble.retryAfter)
        return response
    }

    /// The words for a change that the storage refused.
    static func failure(for error: StorageError) -> WebFailure {
        switch error {
        case .notFound: WebFailure(.notFound, "It is not there any more. Perhaps somebody has removed it.")
        case .stale:
            WebFailure(.conflict, "Somebody changed it while you were looking at it. Open it again and repeat what you wanted to do.")
        case .duplicateTenant: WebFailure(.conflict, "A connection to this tenant exists already.")
        case .duplicateAccount: WebFailure(.conflict, "An account of this name exists already.")
        case .lastAdministrator:
            WebFailure(.conflict, "This is the last administrator. Make another account an administrator first.")
        }
    }

    private static func failure(for refusal: AccountService.Refusal) -> WebFailure {
        switch refusal {
        case .invalid(let problems): WebFailure(.invalid, problems.values.sorted().joined(separator: " "))
        case .taken(let sentence): WebFailure(.conflict, sentence)
        case .notFound: WebFailure(.notFound, AccountService.Refusal.notFoundSentence)
        case .own: WebFailure(.conflict, AccountService.Refusal.ownSentence)
        }
    }

    private static func failure(forDefect error: any Error) -> WebFailure {
        if let error = error as? KeyRingError { return WebFailure(.unavailable, error.description) }
        if error is CancellationError { return WebFailure(.unavailable, "The request took too long and was ended. Try again.") }
        return WebFailure(.defect, "What you wanted was not done. Try again; if it stays so, report the correlation id below.")
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
