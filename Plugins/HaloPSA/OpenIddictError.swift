import PSACore

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
    /// ID2055: the client is known, its secret is not the one.
    case secretWrong
    /// ID2063: the application may not use the token endpoint.
    case endpointNotAllowed
    /// ID2064: the application may not sign in with credentials alone.
    case grantNotAllowed
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
        case .scopeNotAllowed, .scopeUnknown: .authScopeRejected
        case .endpointNotAllowed, .grantNotAllowed: .authWrongGrant
        case .parameterMissing, .notEncrypted: .authTokenRefused
        }
    }

    /// What it says about the causes; the vendor's own machine-readable code proves them.
    func findings(_ code: ErrorCode) -> [CauseEvidence] {
        guard code == self.code else { return [] }
        return [CauseEvidence(cause, by: .vendorCode, evidence: HaloMessage.oauthRefusal("ID" + number))]
    }

    private var cause: CauseID {
        switch self {
        case .parameterMissing: "changed_on_the_way"
        case .scopeNotAllowed: "scope_not_granted"
        case .clientUnknown: "wrong_client_id"
        case .scopeUnknown: "no_such_scope"
        case .secretWrong: "wrong_secret"
        case .endpointNotAllowed, .grantNotAllowed: "other_method"
        case .notEncrypted: "plain_on_the_way"
        }
    }

    private var number: String {
        switch self {
        case .parameterMissing: "2029"
        case .scopeNotAllowed: "2051"
        case .clientUnknown, .scopeUnknown: "2052"
        case .secretWrong: "2055"
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
        case .secretWrong: "the specified client credentials are invalid"
        case .endpointNotAllowed: "this client application is not allowed to use the token endpoint"
        case .grantNotAllowed: "this client application is not allowed to use the specified grant type"
        case .notEncrypted: "this server only accepts https requests"
        }
    }
}
