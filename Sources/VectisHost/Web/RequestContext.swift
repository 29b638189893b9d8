import FoundationEssentials
import PSACore
import WebServer

/// One request with what the server knows about it.
struct RequestContext: Sendable {
    let request: WebRequest
    /// What the path's parameters stand for.
    let parameters: [String: String]
    /// Who asks; nil where nobody is signed in.
    let user: SignedInUser?
    /// The token of the program that asks; nil where none was needed.
    var sender: APIToken?
    /// What every page says at its head, because it concerns everything.
    var notices: [Notice] = []
    /// By which page, log and audit know this request.
    let correlationID: CorrelationID
    /// When it arrived.
    let now: Date
    /// Where it came from: the peer, or what the proxy in front says.
    let clientAddress: String

    /// The value of a parameter of the route's pattern.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }

    /// The form that was sent.
    ///
    /// - Throws: ``WebError`` if the body is no form.
    func form() throws -> SubmittedForm {
        guard let fields = request.formFields else {
            throw WebError(
                .badRequest, "The form could not be read: it is malformed, or its text is no UTF-8. Go back and send it again.")
        }
        return SubmittedForm(fields)
    }

    /// The entry of the audit log for what is done here.
    func audit(
        _ action: AuditAction, _ target: String, _ outcome: AuditEntry.Outcome = .done, _ detail: String = "", error: PSAError? = nil,
        actor: AuditEntry.Actor? = nil
    ) -> AuditEntry {
        AuditEntry(
            at: now, actor: actor ?? user.map { .account($0.account.name) } ?? .unknown, action: action, target: target,
            outcome: outcome,
            detail: detail, code: error?.code, correlationID: (error?.correlationID ?? correlationID).rawValue,
            address: clientAddress)
    }
}

/// Who is signed in, and in which browser.
struct SignedInUser: Sendable {
    let account: Account
    let session: SignInSession
    /// What every form of this browser has to send along.
    let formToken: String

    var isAdmin: Bool { account.role == .admin }
}

/// The fields of a form as they were sent.
struct SubmittedForm: Sendable {
    private let fields: [(name: String, value: String)]

    init(_ fields: [(name: String, value: String)]) { self.fields = fields }

    /// The value of a field, or nil if the form had none of that name.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// The value of a field, or nothing.
    func text(_ name: String) -> String { self[name] ?? "" }

    /// Whether a field is there.
    func has(_ name: String) -> Bool { self[name] != nil }
}
