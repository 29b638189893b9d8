import PSACore
import PSAEngine
import WebServer

/// Turns whatever was thrown under `/api` into problem JSON.
struct APIErrorResponder: Sendable {
    private let context: RequestContext

    init(_ context: RequestContext) { self.context = context }

    /// The answer for a failure that is told as it is; nil for one that is a defect.
    func answer(_ error: any Error) -> WebResponse? {
        switch error {
        case let failure as APIError: problem(failure)
        case let failure as WebError: problem(APIError(failure.kind.code, APIMessage.sentence(failure.sentence)))
        case let failure as PSAError: problem(failure)
        case let refusal as SaveError: answer(refusal)
        case let refusal as TicketDefaultsError: problem(APIError(refusal))
        case let refusal as AccountService.Refusal: problem(APIError(refusal))
        case let refusal as SignInService.Refusal: answer(refusal)
        case let error as StoreError: problem(APIError(error))
        case let error as AccountError: problem(APIError(error))
        case let trouble as StorageFailure: problem(trouble)
        case KeyRingError.noFittingKey: problem(PSAError(.configSecretUnreadable))
        default: nil
        }
    }

    private func problem(_ trouble: StorageFailure) -> WebResponse {
        var response = problem(APIError(trouble.code, trouble))
        response.headers["Retry-After"] = String(StorageFailure.retryAfter)
        return response
    }

    private func problem(_ failure: APIError) -> WebResponse {
        .problem(failure.code.status, failure.problem(in: context.renderer, context.correlationID))
    }

    /// A PSA's or a connector's failure.
    private func problem(_ failure: PSAError) -> WebResponse {
        // A connector that the path names is not found; one that the body names is a wrong value.
        let isInBody = failure.code == .configUnknownConnector && context.parameters["connector"] == nil
        let status = isInBody ? 422 : ErrorResponder.status(of: failure)
        return .problem(status, failure.problem(in: context.renderer).adding(("status", .integer(status))))
    }

    private func answer(_ refusal: SaveError) -> WebResponse {
        switch refusal {
        case .invalid(let error), .placeholder(let error): problem(error)
        case .untested: problem(APIError(.untested, APIMessage.untested))
        case .otherTenant(let old, let new):
            problem(
                APIError(.otherTenant, APIMessage.otherTenant(old: old.rawValue, new: new.rawValue)) { _ in
                    [("oldTenant", .string(old.rawValue)), ("newTenant", .string(new.rawValue))]
                })
        case .duplicate(let other):
            problem(
                APIError(.duplicate, APIMessage.duplicate(other.name)) { _ in [("connection", .string(other.id.rawValue))] })
        case .stale: problem(APIError(.stale, APIMessage.stale))
        }
    }

    private func answer(_ refusal: SignInService.Refusal) -> WebResponse {
        switch refusal {
        case .wrong: return problem(APIError(.wrongCredentials, APIMessage.wrongCredentials))
        case .blocked(let minutes):
            var response = problem(APIError(.tooManyTries, APIMessage.tooManyTries(minutes: minutes)))
            response.headers["Retry-After"] = String(minutes * 60)
            return response
        }
    }
}

extension APIError {
    fileprivate init(_ refusal: TicketDefaultsError) {
        switch refusal {
        case .invalid(let problems):
            self.init(TicketDefault.allCases.compactMap { choice in problems[choice].map { BodyError(choice.rawValue, .invalid($0)) } })
        case .unverified(let error):
            self.init(.unverified, APIMessage.unverified) { renderer in [("problem", error.problem(in: renderer))] }
        case .stale: self.init(.stale, APIMessage.stale)
        }
    }

    fileprivate init(_ refusal: AccountService.Refusal) {
        switch refusal {
        case .invalid(let problems):
            self.init(
                AccountService.Field.allCases.compactMap { field in problems[field].map { BodyError(field.rawValue, .invalid($0)) } })
        case .taken(let sentence): self.init(.nameTaken, APIMessage.sentence(sentence))
        case .notFound: self.init(.notFound, APIMessage.sentence(AccountService.Refusal.notFoundSentence))
        case .own: self.init(.ownAccount, APIMessage.sentence(AccountService.Refusal.ownSentence))
        }
    }

    fileprivate init(_ error: StoreError) {
        let sentence = APIMessage.sentence(ErrorResponder.failure(for: error).sentence)
        switch error {
        case .notFound: self.init(.notFound, sentence)
        case .stale: self.init(.stale, APIMessage.stale)
        case .duplicateTenant(let id): self.init(.duplicate, sentence) { _ in [("connection", .string(id.rawValue))] }
        }
    }

    fileprivate init(_ error: AccountError) {
        let sentence = APIMessage.sentence(ErrorResponder.failure(for: error).sentence)
        switch error {
        case .duplicateAccount: self.init(.nameTaken, sentence)
        case .lastAdministrator: self.init(.lastAdministrator, sentence)
        }
    }
}

extension WebError.Kind {
    /// The kind as a program knows it.
    var code: APIError.Code {
        switch self {
        case .badRequest: .malformed
        case .signInNeeded: .notSignedIn
        case .forbidden: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .conflict: .stale
        case .tooLarge: .tooLarge
        case .misdirected: .misdirected
        case .invalid: .invalid
        case .tooManyTries: .tooManyTries
        case .defect: .defect
        case .unavailable: .unavailable
        case .storageFull: .storageFull
        }
    }
}
