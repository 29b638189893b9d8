/// What a sentence of a vendor's is about, as far as its words say whether that can be a field at all.
struct RejectionSubject {
    private let words: [String]

    init(_ text: String) { words = text.lowercased().split(separator: " ").map { String($0).replacing(",", with: "") } }

    /// Whether something of this name can be what a refusal of this kind is about.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - isOnHold: Whether it is said to be on hold, as only a customer is for a reason that hinders all its tickets.
    /// - Returns: Whether it can.
    func canBe(_ kind: VendorRejection.Kind, isOnHold: Bool = false) -> Bool {
        switch kind {
        case .required, .tooLong: !isVague && !isMachinery && !isTicket && !isProcess
        case .malformed: !isVague && !isMachinery && !isTicket && !isCount
        case .exists: !isVague && !isTicket
        case .inactive where isOnHold: words.first.map(Self.parties.contains) ?? false
        case .notPermitted: !(words.last.map(Self.resources.contains) ?? false)
        case .inactive, .notAllowed, .fixed, .notForCustomer: !isVague && !isMachinery && !isTicket
        case .invalid: !isVague && !isMachinery
        case .notFound: !isVague && !isMachinery
        case .notConfigured: !isVague
        default: true
        }
    }

    /// Whether it names nothing: “The following fields are …”, “Unknown error”.
    private var isVague: Bool { words.allSatisfy(Self.vague.contains) }
    private var isTicket: Bool { words == ["ticket"] || words == ["request"] || words == ["tickets"] || words == ["requests"] }
    /// Whether it counts records: “The number of open tickets must be less than 10”.
    private var isCount: Bool { words.count > 1 && words.first.map(Self.counts.contains) ?? false }
    /// Whether it is a part of the vendor's system and no field of a record.
    private var isMachinery: Bool {
        guard let last = words.last else { return true }
        if words.suffix(2) == ["request", "body"] { return true }
        return Self.machinery.contains(last) || words.count == 1 && Self.parts.contains(last)
    }
    /// Whether it is something that has to be done, and nothing to fill in.
    private var isProcess: Bool { words.last.map(Self.processes.contains) ?? true }

    /// What a server is denied by its own system, and no agent by a role.
    private static let resources: Set<String> = ["database", "server", "folder", "path", "storage", "procedure", "script", "disk"]
    private static let counts: Set<String> = ["number", "count", "total", "amount"]
    private static let parties: Set<String> = ["client", "customer", "company", "organisation", "organization", "account"]
    private static let vague: Set<String> = [
        "required", "mandatory", "several", "these", "those", "multiple", "many", "more", "option", "options", "choice",
        "string", "key", "value", "values", "one", "field", "fields", "input", "it", "item", "object", "parameter", "parameters",
        "argument",
        "data", "index", "entity", "row", "rows", "results", "result", "records", "record", "error", "exception", "operation", "method",
        "format",
        "content", "something", "all", "any", "some", "you", "following", "id", "ids", "information", "details:", "reason", "to", "for",
        "in",
        "of", "and", "or", "match", "matches", "body", "type", "types", "action",
    ]
    private static let machinery: Set<String> = [
        "server", "servers", "mailbox", "mailboxes", "template", "templates", "connection", "database", "session", "token", "scope",
        "login",
        "credentials", "json", "xml", "payload", "header", "headers", "storage", "folder", "path", "workflow", "response", "api", "query",
        "webhook",
        "cookie", "key", "procedure", "syntax", "script",
    ]
    /// Such parts where no other word makes a field of them: “Affected service” is one.
    private static let parts: Set<String> = [
        "service", "system", "application", "module", "feature", "process", "configuration", "integration", "rule", "rules", "queue",
        "property",
        "function", "column", "table", "job", "certificate", "signature",
    ]
    private static let processes: Set<String> = [
        "approval", "approvals", "permission", "permissions", "access", "authorisation", "authorization", "authentication", "login",
        "upgrade",
        "restart", "confirmation", "payment", "licence", "license", "subscription", "elevation", "reauthorisation", "credit",
    ]
}
