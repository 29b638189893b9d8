import PSACore

/// Finds out what an answer of HaloPSA means beyond its status: which refusal of the OAuth server it is, what the sentence about a refused write
/// is about, and what the form of the settings says.
struct HaloErrorParser: VendorErrorParser {
    let settings: HaloSettings

    func interpretation(of failure: FailedResponse<HaloMessage>) -> ErrorInterpretation? {
        switch failure.stage {
        case .discovery: nil
        case .token: tokenInterpretation(failure)
        case .read, .write: requestInterpretation(failure)
        }
    }

    /// A resource without a scope of its own needs none.
    func isMissing(_ scope: String?, in granted: GrantedScope?) -> Bool? {
        guard let scope else { return false }
        return granted.map { $0.lacks(scope) }
    }

    private func requestInterpretation(_ failure: FailedResponse<HaloMessage>) -> ErrorInterpretation {
        let isForeign = BodyShape(of: failure.response.body) == .html || failure.frontDoor?.code(at: failure.stage) != nil
        var verdict =
            isForeign
            ? nil
            : HaloVerdict(
                failure.reply.message.flatMap { VendorRejection($0) }, fields: failure.explanation.fields, status: failure.response.status,
                stage: failure.stage, operation: HaloOperation(failure.object), sent: failure.sentMembers,
                namesConversion: failure.reply.message?.lowercased().contains("convert") ?? false)
        // “Access denied” alone repeats the status.
        if verdict?.cause == "role", !failure.explanation.namesReason { verdict = nil }
        var code = verdict?.code ?? failure.code
        // A write is not repeated with a new token, so that its 401 may be about the token alone.
        let isAboutToken = failure.stage == .write && failure.response.status == 401 && failure.response.refusesNewToken == false
        if isAboutToken, verdict == nil, code == .permissionRoleDenied { code = .authTokenRejected }
        // A scope that is known to be missing explains more than a sentence about rights.
        if failure.code == .permissionScopeMissing, failure.isScopeMissing == true, verdict?.cause == "role" { code = failure.code }
        let namesSettings = code == .ticketDefaultInvalid || code == .configInvalidField
        let named = verdict?.concerned.filter { namesSettings || $0 == .scope }.map(\.haloName) ?? []
        let fields = verdict?.fields.map { MessageValue.phrase(HaloMessage.vendorField($0)) } ?? []
        var causes = verdict.map { [CauseEvidence($0.cause, by: $0.probe)] } ?? []
        if failure.explanation.code == "insufficient_scope" { causes.append(CauseEvidence("scope_not_granted", .certain, by: .vendorCode)) }
        // No role hides one ticket among those that the agent may list.
        if verdict == nil, code == .permissionRoleDenied, !failure.explanation.namesReason, failure.object?.isOneRecord == true {
            causes.append(CauseEvidence("restricted", by: .operation))
        }
        if let scope = failure.requiredScope, let isMissing = failure.isScopeMissing {
            let isAskedFor = !GrantedScope(settings.credentials.scope).lacks(scope)
            causes += HaloDiagnosis.scopeFindings(code, scope: scope, isMissing: isMissing, isAskedFor: isAskedFor)
        }
        // What is written to an existing ticket, or read of it, goes to a route without its id.
        let isPage = BodyShape(of: failure.response.body) == .html
        let names = failure.explanation.namesReason && failure.reply.message.flatMap { VendorRejection($0) }?.kind == .notFound
        if code == .requestNotFound, verdict == nil, !isPage, names || HaloOperation(failure.object).namesTicket {
            let probe = names ? Probe.vendorWords : .operation
            causes += [CauseEvidence("gone", by: probe), CauseEvidence("invisible", .possible, by: .operation)]
        }
        return ErrorInterpretation(
            code: code, field: !named.isEmpty ? .list(named) : fields.isEmpty ? nil : .list(fields),
            concernedFields: verdict?.concerned ?? [], causes: causes)
    }

    private func tokenInterpretation(_ failure: FailedResponse<HaloMessage>) -> ErrorInterpretation {
        let oauth = OpenIddictError(uri: failure.explanation.uri, message: failure.explanation.message)
        let approval = Self.approvalCause(failure.reply.message)
        var code = failure.code
        if code.area == .auth {
            if let oauth {
                code = oauth.code
            } else if code == .authTokenRefused || code == .authInvalidClient, approval != nil {
                code = .authApplicationNotApproved
            } else if code == .authTokenRefused, Self.saysNoApplication(failure.reply.message) {
                code = .authInvalidClient
            } else if code == .authTokenRefused {
                code = refusalCode(failure) ?? code
            }
        }
        var causes = oauth?.findings(code) ?? []
        if oauth == nil {
            switch code {
            case .vendorLicense where failure.code == .authTokenRefused: causes.append(CauseEvidence("licence", by: .vendorWords))
            case .authTenantUnknown where failure.code == .authTokenRefused:
                causes.append(CauseEvidence("wrong_tenant", by: .vendorWords))
            case .authInvalidClient where Self.saysSecretExpired(failure.reply.message):
                causes.append(CauseEvidence("secret_expired", by: .vendorWords))
            case .authInvalidClient where Self.saysNoApplication(failure.reply.message):
                causes.append(CauseEvidence("wrong_client_id", by: .vendorWords))
            case .authApplicationNotApproved: causes += approval.map { [CauseEvidence($0, by: .vendorWords)] } ?? []
            case .authTokenRefused:
                causes += Self.refusalCauses(failure)
                // What can't be right is wrong whatever the answer says.
                causes += HaloShape.credentials(settings).map { odd in
                    let isProven = odd.cause == "cut_off" || odd.cause == "swapped"
                    return CauseEvidence("credentials", isProven ? .certain : .possible, by: .settingShape, evidence: odd.evidence)
                }
            default: break
            }
        }
        switch code {
        case .authInvalidClient:
            let shape = HaloShape.credentials(settings)
            // The server proves which of the two is wrong; the form tells what is wrong with it, and that comes first.
            if shape.contains(where: { $0.cause == "cut_off" || $0.cause == "swapped" }) { causes.doubt("wrong_secret") }
            let isSecret = HaloShape.isSecret(settings.credentials.clientSecret.reveal())
            if !isSecret, shape.contains(where: { $0.cause == "swapped" }) { causes.doubt("wrong_client_id") }
            causes += shape
        case .authScopeRejected:
            let shape = HaloShape.scope(settings.credentials.scope)
            // Commas make one unknown scope of several; the server can't see that.
            if shape.contains(where: { $0.cause == "separators" }) { causes.doubt("no_such_scope") }
            causes += shape
        default: break
        }
        let scope = code == .authScopeRejected ? HaloShape.meantScope(settings.credentials.scope) : nil
        return ErrorInterpretation(
            code: code, causes: causes, suggestion: scope.map { Suggestion(field: .scope, value: $0) })
    }

    /// What the words of a refusal without a code of its own make it: a matter of the licence, or of the tenant.
    private func refusalCode(_ failure: FailedResponse<HaloMessage>) -> ErrorCode? {
        let refusal = failure.reply.message.flatMap { VendorRejection($0) }
        switch refusal?.kind {
        case .license: return .vendorLicense
        case .notFound where settings.tenant != nil && refusal?.subject?.lowercased().hasPrefix("tenant") == true: return .authTenantUnknown
        default: return nil
        }
    }

    private static func saysSecretExpired(_ message: String?) -> Bool {
        guard var words = message?.lowercased().split(separator: " ")[...] else { return false }
        words = words.drop { ["the", "this", "your", "client", "application", "api"].contains($0) }
        guard words.first == "secret" || words.first == "'client_secret'" else { return false }
        words = words.dropFirst().drop { ["has", "is", "was", "had", "already"].contains($0) }
        return words.first.map { $0 == "expired" || $0 == "expired." } ?? false
    }

    /// Whether a sentence says that there is no such application, as in “The application could not be found”.
    private static func saysNoApplication(_ message: String?) -> Bool {
        guard let predicate = predicate(ofApplicationIn: message) else { return false }
        let absent = [
            "could not be found", "cannot be found", "can't be found", "was not found", "is not found", "not found", "does not exist",
            "no longer exists", "is unknown", "is not known", "is not registered", "has been deleted", "was deleted", "has been removed",
        ]
        return absent.contains(where: predicate.hasPrefix)
    }

    /// What a refusal of the token endpoint says that has no code of its own; without words it is about the credentials, as far as is known.
    private static func refusalCauses(_ failure: FailedResponse<HaloMessage>) -> [CauseEvidence] {
        guard failure.explanation.namesReason else {
            return [
                CauseEvidence(
                    "credentials", by: .answer,
                    evidence: CoreMessage.answered(
                        status: failure.response.status, shape: BodyShape(of: failure.response.body), code: failure.reply.code))
            ]
        }
        let refusal = failure.reply.message.flatMap { VendorRejection($0) }
        switch refusal?.kind {
        case .inactive where HaloVerdict.isAgent(refusal?.subject): return [CauseEvidence("agent_disabled", by: .vendorWords)]
        case .addressNotAllowed: return [CauseEvidence("address_not_listed", by: .vendorWords)]
        default: return []
        }
    }

    /// What a sentence says of the application, in lower case; nil for a sentence about something else.
    private static func predicate(ofApplicationIn message: String?) -> Substring? {
        guard let words = message?.lowercased() else { return nil }
        let subjects = [
            "the application ", "this application ", "the client application ", "this client application ", "the client ", "application ",
        ]
        return subjects.first(where: words.hasPrefix).map { words.dropFirst($0.count) }
    }

    /// Whole sentences about the application: “… requires approval by an administrator”, “… is inactive”.
    private static func approvalCause(_ message: String?) -> CauseID? {
        guard let predicate = predicate(ofApplicationIn: message) else { return nil }
        let awaiting = [
            "requires approval", "requires agent approval", "is awaiting approval", "awaits approval", "has not been approved",
            "is not approved", "needs approval",
        ]
        if awaiting.contains(where: predicate.hasPrefix) { return "not_approved" }
        let inactive = ["is inactive", "is not active", "is disabled", "has been disabled", "is not enabled", "has been deactivated"]
        return inactive.contains(where: predicate.hasPrefix) ? "inactive" : nil
    }
}

extension [CauseEvidence] {
    /// Makes what was found for a cause no more than likely.
    fileprivate mutating func doubt(_ cause: CauseID) {
        for index in indices where self[index].cause == cause { self[index].confidence = .likely }
    }
}

extension SettingKey {
    /// The setting as a person knows it.
    var haloName: MessageValue { HaloConnector.settingsSchema[self]?.name(for: HaloConnector.id) ?? .verbatim(rawValue) }
}

/// What HaloPSA's answers mean where they differ from what the status says; what its sentences mean is ``HaloVerdict``'s.
enum HaloErrorRules {
    /// The rules of a connection.
    ///
    /// - Parameter namesTenant: Whether the token request carries a tenant name: a wrong one is answered with a 500 (PyPI `halopsa` 2.0.2
    ///   calls that “bad tenant”), which would otherwise pass for a fault of the server.
    /// - Returns: The rules, the first that matches first.
    static func rules(namesTenant: Bool) -> [ClassificationRule] { (namesTenant ? [wrongTenant] : []) + rules }

    private static let wrongTenant = ClassificationRule([.token], 500...500, is: .authTenantUnknown)

    static let rules: [ClassificationRule] = [
        // “Payment required” is about what was paid for, and no value of a request.
        ClassificationRule([.read, .write], 402...402, is: .vendorLicense),
        // A page instead of JSON comes from the web server, which knows no such path; it has just issued a token.
        ClassificationRule([.read, .write], 404...404, shapes: [.html], is: .requestNotFound),
        // A 401 to a new token means “this module is not allowed” (seen live on ClientContract/{id} and Webhook), unless the server says
        // that the token is at fault. Whether the token of a write was new, HaloErrorParser looks at.
        ClassificationRule([.read, .write], 401...401, vendorCode: "invalid_token", is: .authTokenRejected),
        ClassificationRule([.read, .write], 401...401, scopeIsMissing: true, is: .permissionScopeMissing),
        ClassificationRule([.read, .write], 401...401, is: .permissionRoleDenied),
    ]

    /// Which answers to a write prove that HaloPSA did not execute it.
    ///
    /// A page, an empty answer or bare text may come from a gateway in front of HaloPSA, before or after it acted; 401, redirects and all
    /// others can too.
    static let nonExecution = [
        NonExecutionRule.throttled,
        NonExecutionRule(
            NonExecutionRule.refusalStatuses,
            because: "HaloPSA validates a record before it stores it, and explains a refusal as a JSON string, exception or model state.",
            where: isOwnRefusal),
    ]

    /// Whether the body has one of the forms in which HaloPSA itself refuses, which say that it did not store what was sent.
    ///
    /// Seen: a JSON string; a serialized .NET exception with `Message`; a model-state map `{"[0].priority_id":["…"]}`; the OAuth pair
    /// `error`/`error_description`; the older `errorMessage`, `Message` and `error`; and nothing at all. Problem details of ASP.NET with such
    /// a map as `errors` come from the check of the body, before any code of HaloPSA runs.
    static func isOwnRefusal(_ response: TransportResponse) -> Bool {
        guard let root = try? JSONDocument(response.body).root else { return false }
        let message = root.string ?? ["error", "Message", "errorMessage", "message"].lazy.compactMap { root[$0]?.string }.first
        if let message { return !message.isEmpty }
        let maps = [root, root["errors"], root["ModelState"]].compactMap { $0 }.filter(\.isObject)
        return maps.contains { $0.members.contains { $0.value.isArray && $0.value.elements.contains { $0.string != nil } } }
    }
}

/// A refusal of OpenIddict, the OAuth server inside HaloPSA, by the number its `error_uri` names or by its one sentence for that number.
///
/// Numbers and sentences are those of its public resources.
enum OpenIddictError: Sendable, CaseIterable {
    /// ID2029: a parameter that is always sent did not arrive.
    case parameterMissing
    /// ID2051: the application may not use a scope.
    case scopeNotAllowed
    /// ID2052 about the client ID.
    case clientUnknown
    /// ID2052 about the scope.
    case scopeUnknown
    /// ID2053: the application is one without a secret.
    case secretNotExpected
    /// ID2054: the secret did not arrive.
    case secretMissing
    /// ID2055: the client is known, its secret is not the one.
    case secretWrong
    /// ID2063: the application may not use the token endpoint.
    case endpointNotAllowed
    /// ID2064: the application may not sign in with credentials alone.
    case grantNotAllowed
    /// ID2065: the application gets no refresh token.
    case offlineNotAllowed
    /// ID2081: the content type did not arrive.
    case contentTypeMissing
    /// ID2084: the request arrived as another method.
    case methodChanged
    /// ID2083: the request did not look encrypted when it arrived.
    case notEncrypted

    init?(uri: String?, message: String?) {
        let words = message?.lowercased() ?? ""
        let number = uri.flatMap(Self.number)
        let known = Self.allCases.first { refusal in
            if let number { return refusal.number == number && (refusal.parameter.map(words.contains) ?? true) }
            return refusal.sentence.map { words == $0 || words == $0 + "." } ?? false
        }
        guard let known else { return nil }
        self = known
    }

    /// The digits behind `/errors/ID`.
    private static func number(in uri: String) -> String? {
        uri.firstRange(of: "/errors/ID").map { range in String(uri[range.upperBound...].prefix(while: \.isNumber)) }
    }

    /// What it means for the code of the failure.
    var code: ErrorCode {
        switch self {
        case .clientUnknown, .secretWrong: .authInvalidClient
        case .scopeNotAllowed, .scopeUnknown, .offlineNotAllowed: .authScopeRejected
        case .endpointNotAllowed, .grantNotAllowed, .secretNotExpected: .authWrongGrant
        case .parameterMissing, .secretMissing, .contentTypeMissing, .methodChanged, .notEncrypted: .authTokenRefused
        }
    }

    /// What it says about the causes; the vendor's own machine-readable code proves them.
    func findings(_ code: ErrorCode) -> [CauseEvidence] {
        guard code == self.code else { return [] }
        return [CauseEvidence(cause, by: .vendorCode, evidence: HaloMessage.oauthRefusal("ID" + number))]
    }

    private var cause: CauseID {
        switch self {
        case .parameterMissing, .secretMissing, .contentTypeMissing, .methodChanged: "changed_on_the_way"
        case .offlineNotAllowed: "offline_access"
        case .scopeNotAllowed: "scope_not_granted"
        case .clientUnknown: "wrong_client_id"
        case .scopeUnknown: "no_such_scope"
        case .secretWrong: "wrong_secret"
        case .endpointNotAllowed, .grantNotAllowed, .secretNotExpected: "other_method"
        case .notEncrypted: "plain_on_the_way"
        }
    }

    private var number: String {
        switch self {
        case .parameterMissing: "2029"
        case .scopeNotAllowed: "2051"
        case .clientUnknown, .scopeUnknown: "2052"
        case .secretNotExpected: "2053"
        case .secretMissing: "2054"
        case .secretWrong: "2055"
        case .offlineNotAllowed: "2065"
        case .contentTypeMissing: "2081"
        case .methodChanged: "2084"
        case .endpointNotAllowed: "2063"
        case .grantNotAllowed: "2064"
        case .notEncrypted: "2083"
        }
    }

    /// The parameter the sentence must name, where one number stands for several.
    private var parameter: String? {
        switch self {
        case .clientUnknown: "client_id"
        case .scopeUnknown: "scope"
        default: nil
        }
    }

    /// The whole sentence in lower case, without its full stop; nil where it is another one each time.
    private var sentence: String? {
        switch self {
        case .parameterMissing: "the mandatory 'grant_type' parameter is missing"
        case .scopeNotAllowed: "this client application is not allowed to use the specified scope"
        case .clientUnknown: "the specified 'client_id' is invalid"
        case .scopeUnknown: "the specified 'scope' is invalid"
        case .secretNotExpected: "the 'client_secret' parameter is not valid for this client application"
        case .secretMissing: "the 'client_secret' parameter required for this client application is missing"
        case .offlineNotAllowed: "this client application is not allowed to use the 'offline_access' scope"
        case .contentTypeMissing: "the mandatory 'content-type' header is missing"
        case .methodChanged: "the specified http method is not valid"
        case .secretWrong: "the specified client credentials are invalid"
        case .endpointNotAllowed: "this client application is not allowed to use the token endpoint"
        case .grantNotAllowed: "this client application is not allowed to use the specified grant type"
        case .notEncrypted: "this server only accepts https requests"
        }
    }
}
