import PSACore
import WebServer

/// Turns whatever was thrown under `/api` into problem JSON.
struct APIFailureAnswers: Sendable {
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    /// The answer for a failure that is told as it is; nil for one that is a defect.
    func answer(_ error: any Error) -> WebResponse? {
        switch error {
        case let failure as APIFailure: problem(failure)
        case let failure as WebFailure: problem(APIFailure(failure.kind.code, APIPhrase.sentence(failure.sentence)))
        case let failure as PSAError: problem(failure)
        case let refusal as SavingRefusal: answer(refusal)
        case let refusal as TicketDefaultsRefusal: problem(APIFailure(refusal))
        case let refusal as AccountService.Refusal: problem(APIFailure(refusal))
        case let refusal as SignInService.Refusal: answer(refusal)
        case let error as StorageError: problem(APIFailure(error))
        case let trouble as StorageTrouble: problem(trouble)
        case KeyRingError.noFittingKey: problem(PSAError(.configSecretUnreadable))
        default: nil
        }
    }

    private func problem(_ trouble: StorageTrouble) -> WebResponse {
        var response = problem(APIFailure(trouble.code, trouble))
        response.headers["Retry-After"] = String(StorageTrouble.retryAfter)
        return response
    }

    private func problem(_ failure: APIFailure) -> WebResponse {
        .problem(failure.code.status, failure.problem(in: exchange.renderer, exchange.correlationID))
    }

    /// A PSA's or a connector's failure; its type is the page of this host that explains the code.
    private func problem(_ failure: PSAError) -> WebResponse {
        // A connector that the path names is not found; one that the body names is a wrong value.
        let isInBody = failure.code == .configUnknownConnector && exchange.parameters["connector"] == nil
        let status = isInBody ? 422 : FailureAnswers.status(of: failure)
        guard case .object(let members) = failure.problem(in: exchange.renderer) else { return .problem(status, nil) }
        let own: [JSONValue.Member] = members.map { member in
            guard member.name == "type" else { return member }
            var type = member
            type.value = .string(GuidePlaces.errorPath + "#" + failure.code.anchor)
            return type
        }
        return .problem(status, JSONValue.object(own).adding(("status", .integer(status))))
    }

    private func answer(_ refusal: SavingRefusal) -> WebResponse {
        switch refusal {
        case .invalid(let error), .placeholder(let error): problem(error)
        case .untested: problem(APIFailure(.untested, APIPhrase.untested))
        case .otherTenant(let old, let new):
            problem(
                APIFailure(.otherTenant, APIPhrase.otherTenant(old: old.rawValue, new: new.rawValue)) { _ in
                    [("oldTenant", .string(old.rawValue)), ("newTenant", .string(new.rawValue))]
                })
        case .duplicate(let other):
            problem(
                APIFailure(.duplicate, APIPhrase.duplicate(other.name)) { _ in [("connection", .string(other.id.rawValue))] })
        case .stale: problem(APIFailure(.stale, APIPhrase.stale))
        }
    }

    private func answer(_ refusal: SignInService.Refusal) -> WebResponse {
        switch refusal {
        case .wrong: return problem(APIFailure(.wrongCredentials, APIPhrase.wrongCredentials))
        case .blocked(let minutes):
            var response = problem(APIFailure(.tooManyTries, APIPhrase.tooManyTries(minutes: minutes)))
            response.headers["Retry-After"] = String(minutes * 60)
            return response
        }
    }
}

extension APIFailure {
    fileprivate init(_ refusal: TicketDefaultsRefusal) {
        switch refusal {
        case .invalid(let problems):
            self.init(TicketDefault.allCases.compactMap { choice in problems[choice].map { BodyProblem(choice.rawValue, .invalid($0)) } })
        case .unverified(let error):
            self.init(.unverified, APIPhrase.unverified) { renderer in [("problem", error.problem(in: renderer))] }
        case .stale: self.init(.stale, APIPhrase.stale)
        }
    }

    fileprivate init(_ refusal: AccountService.Refusal) {
        switch refusal {
        case .invalid(let problems):
            self.init(
                AccountService.Field.allCases.compactMap { field in problems[field].map { BodyProblem(field.rawValue, .invalid($0)) } })
        case .taken(let sentence): self.init(.nameTaken, APIPhrase.sentence(sentence))
        case .notFound: self.init(.notFound, APIPhrase.sentence(AccountService.Refusal.notFoundSentence))
        case .own: self.init(.ownAccount, APIPhrase.sentence(AccountService.Refusal.ownSentence))
        }
    }

    fileprivate init(_ error: StorageError) {
        let sentence = APIPhrase.sentence(FailureAnswers.failure(for: error).sentence)
        switch error {
        case .notFound: self.init(.notFound, sentence)
        case .stale: self.init(.stale, APIPhrase.stale)
        case .duplicateTenant(let id): self.init(.duplicate, sentence) { _ in [("connection", .string(id.rawValue))] }
        case .duplicateAccount: self.init(.nameTaken, sentence)
        case .lastAdministrator: self.init(.lastAdministrator, sentence)
        }
    }
}

extension WebFailure.Kind {
    /// The kind as a program knows it.
    var code: APIFailure.Code {
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
