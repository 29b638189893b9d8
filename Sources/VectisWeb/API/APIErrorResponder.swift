import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// Turns any error thrown under `/api` into problem JSON.
struct APIErrorResponder: Sendable {
    private let context: RequestContext

    init(_ context: RequestContext) { self.context = context }

    /// The response for an expected failure; nil for a defect.
    func answer(_ error: any Error) -> WebResponse? {
        switch error {
        case let failure as APIError: problem(failure)
        case let failure as WebError: problem(APIError(failure.kind.code, APIMessage.sentence(failure.sentence.english)))
        case let failure as PSAError: problem(failure)
        case let refusal as SaveError: answer(refusal)
        case let refusal as TicketDefaultsError: problem(APIError(refusal))
        case let refusal as AccountChangeError: problem(APIError(refusal))
        case let refusal as SignInError: answer(refusal)
        case let error as SecondFactorError: problem(APIError(error))
        case let error as StoreError: problem(APIError(error))
        case JobDecisionError.doubtful(let doubts):
            problem(
                APIError(.doubtfulTicket, APIMessage.doubtfulTicket(doubts)) { _ in [("doubts", .array(doubts.map { .string($0.name) }))] })
        case let refusal as JobDecisionError: problem(APIError(.stale, APIMessage.sentence(refusal.sentence)))
        case let error as AccountError: problem(APIError(error))
        case let failure as StorageFailure: problem(failure)
        case let failure as SearchError: problem(failure)
        case KeyRingError.noFittingKey: problem(PSAError(.configSecretUnreadable))
        case let error as KeyRingError where error == .replaced:
            problem(APIError(.unavailable, APIMessage.sentence(error.description)))
        default: nil
        }
    }

    private func problem(_ failure: StorageFailure) -> WebResponse {
        var response = problem(APIError(failure.code, failure))
        response.headers["Retry-After"] = String(StorageFailure.retryAfter)
        return response
    }

    private func problem(_ failure: SearchError) -> WebResponse {
        var response = problem(APIError(.unavailable, failure))
        response.headers["Retry-After"] = String(SearchError.retryAfter)
        return response
    }

    private func problem(_ failure: APIError) -> WebResponse {
        .problem(failure.code.status, failure.problem(in: context.renderer, context.correlationID))
    }

    /// A PSA's or a connector's failure.
    private func problem(_ failure: PSAError) -> WebResponse {
        // An unknown connector in the path is “not found”; in the body it is an invalid value.
        let isInBody = failure.code == .configUnknownConnector && context.parameters["connector"] == nil
        let status = isInBody ? 422 : ErrorResponder.status(of: failure)
        return .problem(status, failure.problem(in: context.renderer).adding(("status", .integer(status)))).retrying(after: failure)
    }

    private func answer(_ refusal: SaveError) -> WebResponse {
        switch refusal {
        case .invalid(let error), .placeholder(let error): problem(error)
        case .nameTooLong: problem(APIError([BodyError("name", .invalid(ConnectionDraft.nameRule))]))
        case .untested: problem(APIError(.untested, APIMessage.untested))
        case .otherTenant(let old, let new, let openJobs):
            problem(
                APIError(.otherTenant, APIMessage.otherTenant(old: old.rawValue, new: new.rawValue)) { _ in
                    [
                        ("oldTenant", .string(old.rawValue)), ("newTenant", .string(new.rawValue)),
                        ("openJobs", .integer(openJobs)),
                    ]
                })
        case .duplicate(let other):
            problem(
                APIError(.duplicate, APIMessage.duplicate(other.name)) { _ in [("connection", .string(other.id.rawValue))] })
        case .stale: problem(APIError(.stale, APIMessage.stale))
        }
    }

    private func answer(_ refusal: SignInError) -> WebResponse {
        switch refusal {
        case .wrong, .expired: return problem(APIError(.wrongCredentials, APIMessage.wrongCredentials))
        case .wrongCode: return problem(APIError(.wrongCredentials, APIMessage.wrongCode))
        case .codeNeeded: return problem(APIError(.codeNeeded, APIMessage.codeNeeded))
        case .secretUnreadable: return problem(APIError(.unavailable, APIMessage.secretUnreadable))
        case .blocked(let minutes):
            var response = problem(APIError(.tooManyTries, APIMessage.tooManyTries(minutes: minutes)))
            response.headers["Retry-After"] = String(minutes * 60)
            return response
        case .busy(let seconds):
            var response = problem(APIError(.unavailable, APIMessage.signInBusy(seconds: seconds)))
            response.headers["Retry-After"] = String(seconds)
            return response
        }
    }
}

extension APIError {
    fileprivate init(_ refusal: TicketDefaultsError) {
        switch refusal {
        case .invalid(let problems, let issues):
            let choices = TicketDefault.allCases.compactMap { choice in
                problems[choice].map { BodyError(choice.rawValue, .invalid($0)) }
            }
            let fields = issues.map { BodyError("fields.\($0.field)", .invalid(TextRenderer().text($0.sentence))) }
            self.init(.invalid, APIMessage.problems(choices.count + fields.count)) { renderer in
                [
                    ("problems", .array((choices + fields).map { $0.json(in: renderer) })),
                    ("ticketFields", issues.isEmpty ? nil : .array(issues.map { $0.json(in: renderer) })),
                ]
            }
        case .unverified(let error):
            self.init(.unverified, APIMessage.unverified) { renderer in [("problem", error.problem(in: renderer))] }
        case .stale: self.init(.stale, APIMessage.stale)
        }
    }

    fileprivate init(_ refusal: AccountChangeError) {
        switch refusal {
        case .invalid(let problems):
            self.init(
                AccountService.Field.allCases.compactMap { field in problems[field].map { BodyError(field.rawValue, .invalid($0)) } })
        case .taken(let sentence): self.init(.nameTaken, APIMessage.sentence(sentence))
        case .notFound: self.init(.notFound, APIMessage.sentence(AccountChangeError.notFoundSentence))
        case .own: self.init(.ownAccount, APIMessage.sentence(AccountChangeError.ownSentence))
        }
    }

    fileprivate init(_ error: SecondFactorError) {
        switch error {
        case .wrongCode: self.init([BodyError("code", .invalid(error.sentence))])
        case .wrongPassword: self.init([BodyError("password", .invalid(error.sentence))])
        case .alreadyOn, .off: self.init(.stale, APIMessage.sentence(error.sentence))
        }
    }

    fileprivate init(_ error: StoreError) {
        let sentence = APIMessage.sentence(ErrorResponder.failure(for: error).sentence.english)
        switch error {
        case .notFound: self.init(.notFound, sentence)
        case .stale: self.init(.stale, APIMessage.stale)
        case .duplicateTenant(let id): self.init(.duplicate, sentence) { _ in [("connection", .string(id.rawValue))] }
        }
    }

    fileprivate init(_ error: AccountError) {
        let sentence = APIMessage.sentence(ErrorResponder.failure(for: error).sentence.english)
        switch error {
        case .duplicateAccount: self.init(.nameTaken, sentence)
        case .lastAdministrator: self.init(.lastAdministrator, sentence)
        }
    }
}

extension WebError.Kind {
    /// The stable code of the kind.
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

/// Ends a request of the JSON API with a problem that the host itself detected.
///
/// Failures of a connector or a PSA are ``PSAError``; their codes have a dot, the host's have none.
struct APIError: Error, Sendable {
    /// The stable code of the error, for programs.
    enum Code: String, Sendable, CaseIterable {
        case malformed
        case notSignedIn = "not_signed_in"
        case wrongCredentials = "wrong_credentials"
        case codeNeeded = "code_needed"
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case otherContent = "other_content"
        case untested
        case otherTenant = "other_tenant"
        case activeRules = "active_rules"
        case doubtfulTicket = "doubtful_ticket"
        case duplicate
        case stale
        case unverified
        case nameTaken = "name_taken"
        case ownAccount = "own_account"
        case lastAdministrator = "last_administrator"
        case tooLarge = "too_large"
        case wrongMediaType = "wrong_media_type"
        case misdirected
        case invalid
        case tooManyTries = "too_many_tries"
        case headerTooLarge = "header_too_large"
        case defect
        case notUnderstood = "not_understood"
        case unavailable
        case storageFull = "storage_full"

        /// The status it is sent with.
        var status: Int {
            switch self {
            case .malformed: 400
            case .notSignedIn, .wrongCredentials, .codeNeeded: 401
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .otherContent, .untested, .otherTenant, .activeRules, .doubtfulTicket, .duplicate, .stale, .unverified, .nameTaken,
                .ownAccount, .lastAdministrator:
                409
            case .tooLarge: 413
            case .wrongMediaType: 415
            case .misdirected: 421
            case .invalid: 422
            case .tooManyTries: 429
            case .headerTooLarge: 431
            case .defect: 500
            case .notUnderstood: 501
            case .unavailable: 503
            case .storageFull: 507
            }
        }

        /// The reason phrase of the status, which RFC 9457 requires as the title of a problem without a type of its own.
        var title: String {
            switch status {
            case 400: "Bad Request"
            case 401: "Unauthorized"
            case 403: "Forbidden"
            case 404: "Not Found"
            case 405: "Method Not Allowed"
            case 409: "Conflict"
            case 413: "Content Too Large"
            case 415: "Unsupported Media Type"
            case 421: "Misdirected Request"
            case 422: "Unprocessable Content"
            case 429: "Too Many Requests"
            case 431: "Request Header Fields Too Large"
            case 501: "Not Implemented"
            case 503: "Service Unavailable"
            case 507: "Insufficient Storage"
            default: "Internal Server Error"
            }
        }
    }

    /// Members of the problem beyond those that all have.
    typealias Members = @Sendable (TextRenderer) -> [(String, JSONValue?)]

    let code: Code
    /// What is wrong and what to do.
    let detail: any LocalizedMessage
    let members: Members

    init(_ code: Code, _ detail: any LocalizedMessage, members: @escaping Members = { _ in [] }) {
        self.code = code
        self.detail = detail
        self.members = members
    }

    /// The failure as problem JSON, RFC 9457.
    func problem(in renderer: TextRenderer, _ correlationID: CorrelationID) -> JSONValue {
        .init(
            present: [
                ("type", "about:blank"), ("status", .integer(code.status)), ("title", .string(code.title)),
                ("code", .string(code.rawValue)),
                ("detail", .string(renderer.text(detail))),
            ] + members(renderer) + [("correlationID", .string(correlationID.rawValue))])
    }
}

/// The messages of the JSON API.
enum APIMessage: LocalizedMessage, Hashable {
    /// In English only.
    case sentence(String)
    case notJSON(JSONSyntaxMessage, line: Int, column: Int)
    case noObject
    case noJSONType
    case problems(Int)
    case wrongCredentials
    case wrongCode
    case codeNeeded
    case secretUnreadable
    case tooManyTries(minutes: Int)
    case signInBusy(seconds: Int)
    case untested
    case otherTenant(old: String, new: String)
    case activeRules(Int)
    case doubtfulTicket([TicketDoubt])
    case duplicate(String)
    case stale
    case unverified
    case otherContent

    var values: [String: MessageValue] {
        switch self {
        case .sentence(let text): ["text": .verbatim(text)]
        case .notJSON(let reason, let line, let column):
            ["reason": .phrase(reason), "line": .verbatim(String(line)), "column": .verbatim(String(column))]
        case .problems(let count), .activeRules(let count): ["count": .verbatim(String(count))]
        case .doubtfulTicket(let doubts):
            Dictionary(uniqueKeysWithValues: doubts.enumerated().map { ("doubt\($0.offset)", .phrase($0.element)) })
        case .duplicate(let name): ["name": .verbatim(name)]
        case .tooManyTries(let minutes): ["minutes": .verbatim(String(minutes))]
        case .signInBusy(let seconds): ["seconds": .verbatim(String(seconds))]
        case .otherTenant(let old, let new): ["old": .verbatim(old), "new": .verbatim(new)]
        case .noObject, .noJSONType, .wrongCredentials, .wrongCode, .codeNeeded, .secretUnreadable, .untested, .stale, .unverified,
            .otherContent:
            [:]
        }
    }

    func pattern(in language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }
}

extension APIMessage {
    /// The sentences of doubts, each as a value.
    private static func places(of doubts: [TicketDoubt]) -> String { doubts.indices.map { "{doubt\($0)} " }.joined() }

    var english: String {
        switch self {
        case .sentence: "{text}"
        case .notJSON(.text, _, _): "The body contains invalid text; line {line}, column {column}: {reason}."
        case .notJSON: "The body is not JSON; line {line}, column {column}: {reason}."
        case .noObject: "The body has to be a JSON object."
        case .noJSONType: "The body has to be JSON. Send it with “Content-Type: application/json”."
        case .problems(let count): count == 1 ? "One value has to be corrected." : "{count} values have to be corrected."
        case .wrongCredentials: "The name or the password is wrong."
        case .wrongCode: "The code of the second factor is wrong or was used before."
        case .codeNeeded: "The account has a second factor. Send its code as “code”."
        case .secretUnreadable: SignInError.secretUnreadableSentence
        case .signInBusy: "Many passwords wait to be checked. Try again in {seconds} seconds."
        case .tooManyTries: "There were too many failed tries. Wait {minutes} minutes; until then no password is accepted."
        case .untested:
            "These settings were not tested successfully. Test them and send the receipt, or set “acceptUntested” to save them as they are."
        case .otherTenant:
            "The connection points to {old}, these settings point to {new}. Set “acceptOtherTenant” to confirm; the secrets have to be sent again."
        case .activeRules(let count):
            count == 1
                ? "An active rule uses the connection and would be paused. Send “acceptActiveRules=true” to remove it nevertheless."
                : "{count} active rules use the connection and would be paused. Send “acceptActiveRules=true” to remove it nevertheless."
        case .doubtfulTicket(let doubts):
            Self.places(of: doubts) + "Look at the ticket again, or set “acceptDoubtfulTicket” if it is the one of the job."
        case .duplicate: "The connection “{name}” points to this tenant already; a second one would do everything twice. Change that one."
        case .stale: "It was changed after you read it. Read it again and repeat your change."
        case .otherContent:
            "An event with this source and id is stored already with other content. Send a new event under an id of its own."
        case .unverified:
            "These ids could not be verified. Try again later, or set “acceptUnverified” to save them as they are."
        }
    }
}

extension APIMessage {
    var german: String {
        switch self {
        case .sentence: "{text}"
        case .notJSON(.text, _, _): "Der Inhalt enthält etwas, das kein Text ist; Zeile {line}, Spalte {column}: {reason}."
        case .notJSON: "Der Inhalt ist kein JSON; Zeile {line}, Spalte {column}: {reason}."
        case .noObject: "Der Inhalt muss ein JSON-Objekt sein."
        case .noJSONType: "Der Inhalt muss JSON sein. Mit „Content-Type: application/json“ senden."
        case .problems(let count): count == 1 ? "Ein Wert muss korrigiert werden." : "{count} Werte müssen korrigiert werden."
        case .wrongCredentials: "Name oder Passwort ist falsch."
        case .wrongCode: "Der Code des zweiten Faktors ist falsch oder wurde schon benutzt."
        case .codeNeeded: "Das Konto hat einen zweiten Faktor. Dessen Code als „code“ mitsenden."
        case .secretUnreadable:
            "Codes der App lassen sich nicht prüfen: Die Schlüsseldatei dieses Hosts ist nicht die, mit der der zweite Faktor eingerichtet wurde. Einen Wiederherstellungscode verwenden oder den zweiten Faktor von einem Administrator zurücksetzen lassen."
        case .signInBusy: "Viele Passwörter warten auf ihre Prüfung. In {seconds} Sekunden erneut versuchen."
        case .tooManyTries: "Es gab zu viele Fehlversuche. {minutes} Minuten warten; bis dahin wird kein Passwort angenommen."
        case .untested:
            "Mit diesen Einstellungen wurde noch keine Verbindung gesehen. Erst testen und den Beleg mitsenden, oder „acceptUntested“ setzen."
        case .otherTenant:
            "Die Verbindung führt zu {old}, diese Einstellungen führen zu {new}. Wenn das gewollt ist, „acceptOtherTenant“ setzen; die Geheimnisse sind neu zu senden."
        case .activeRules(let count):
            count == 1
                ? "Eine aktive Regel verwendet die Verbindung und würde angehalten. Um sie dennoch zu entfernen, „acceptActiveRules=true“ senden."
                : "{count} aktive Regeln verwenden die Verbindung und würden angehalten. Um sie dennoch zu entfernen, „acceptActiveRules=true“ senden."
        case .doubtfulTicket(let doubts):
            Self.places(of: doubts) + "Das Ticket noch einmal ansehen, oder „acceptDoubtfulTicket“ setzen, wenn es das des Auftrags ist."
        case .duplicate:
            "Die Verbindung „{name}“ führt schon zu diesem Mandanten; eine zweite täte alles doppelt. Jene ändern."
        case .stale: "Jemand anderes hat dies inzwischen geändert. Neu lesen und die Änderung wiederholen."
        case .otherContent:
            "Ein Ereignis mit dieser Quelle und ID ist schon gespeichert, und es sagt etwas anderes. Ein neues Ereignis unter einer eigenen ID senden."
        case .unverified:
            "Niemand konnte prüfen, ob es diese IDs gibt. Später erneut versuchen, oder „acceptUnverified“ setzen."
        }
    }
}

extension StorageFailure {
    /// The code of the JSON API.
    var code: APIError.Code { self == .full || self == .nearlyFull ? .storageFull : .unavailable }
}
