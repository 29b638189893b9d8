import PSACore

/// Ends a request of the JSON API with a problem that the host itself has found.
///
/// What a connector or a PSA says is a `PSAError`; its codes have a dot, the host's have none.
struct APIError: Error, Sendable {
    /// The stable name of what went wrong; programs decide by it.
    enum Code: String, Sendable, CaseIterable {
        case malformed
        case notSignedIn = "not_signed_in"
        case wrongCredentials = "wrong_credentials"
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case otherContent = "other_content"
        case untested
        case otherTenant = "other_tenant"
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
            case .notSignedIn, .wrongCredentials: 401
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .otherContent, .untested, .otherTenant, .duplicate, .stale, .unverified, .nameTaken, .ownAccount, .lastAdministrator: 409
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

        /// The status in the words of HTTP, which is the title that RFC 9457 wants for a problem without a type of its own.
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
