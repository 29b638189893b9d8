/// Turns a signal into a code: the vendor's rows first, the shared ones after, the first that fits decides.
public struct FailureClassifier: Sendable {
    /// Rows only this vendor needs, tried first.
    public let vendorRules: [ClassificationRule]

    /// Puts a vendor's rows in front of the shared ones.
    public init(vendorRules: [ClassificationRule] = []) { self.vendorRules = vendorRules }

    /// The code of an answer that is not the one hoped for.
    ///
    /// What a device in front of the vendor did, if that is known, comes before all rows. Every signal has a code: the last shared rows take
    /// whatever is left.
    public func code(for signal: FailureEvidence) -> ErrorCode {
        if let code = signal.frontDoor?.code(at: signal.stage) { return code }
        for rule in vendorRules + Self.sharedRules where rule.matches(signal) { return rule.code }
        return .vendorUnexpectedResponse
    }

    /// The code of a request that got no answer.
    ///
    /// A write that may have left the machine has an unknown outcome, whatever the technical reason was.
    public static func code(for failure: TransportError, stage: RequestStage) -> ErrorCode {
        if stage == .write, failure.delivery == .maybeSent { return .writeOutcomeUnknown }
        return switch failure.kind {
        case .nameNotFound: .networkDNSNotFound
        case .addressForbidden: .urlForbiddenAddress
        case .connectionRefused: .networkRefused
        case .timedOut: .networkTimeout
        case .interrupted: .networkInterrupted
        case .certificateUntrusted: .tlsUntrusted
        case .certificateExpired: .tlsExpired
        case .certificateNameMismatch: .tlsNameMismatch
        case .certificateSelfSigned: .tlsSelfSigned
        case .certificateNotYetValid: .tlsNotYetValid
        case .tlsNotSpoken: .tlsNotSpoken
        case .proxyAuthenticationRequired: .proxyAuthenticationRequired
        case .proxyRefused: .proxyBlocked
        case .responseTooLarge, .invalidResponse: .vendorUnexpectedResponse
        case .unusableRequest: .connectorDefect
        case .rateLimitExceeded: .rateLimited
        }
    }

    /// What statuses mean when no vendor says otherwise.
    ///
    /// A 5xx at a write leaves its outcome unknown: gateways answer 502 and 504 for requests that were executed, and servers fail after
    /// they have stored.
    public static let sharedRules: [ClassificationRule] = {
        let all = Set(RequestStage.allCases)
        let api: Set<RequestStage> = [.read, .write]
        return [
            // Whoever redirects or answers outside of HTTP's statuses may do so after the vendor has acted.
            ClassificationRule([.write], Int.min...199, 300...399, 600...Int.max, is: .writeOutcomeUnknown),
            ClassificationRule(all, 300...399, is: .proxyLoginRedirect),
            ClassificationRule(all, 429...429, is: .rateLimited),
            ClassificationRule([.write], 500...599, 408...408, is: .writeOutcomeUnknown),
            // A write that was answered by something unreadable with a success status may have been executed too.
            ClassificationRule([.write], 200...299, is: .writeOutcomeUnknown),
            ClassificationRule([.discovery], 400...499, is: .urlNotVendor),
            ClassificationRule([.discovery], 200...299, is: .urlNotVendor),
            ClassificationRule(all, 500...599, is: .vendorUnavailable),
            ClassificationRule(all, 200...299, shapes: [.html], is: .proxyHTMLInsteadOfJSON),
            ClassificationRule(all, 200...299, is: .vendorUnexpectedResponse),
            ClassificationRule(all, 407...407, is: .proxyHTMLInsteadOfJSON),
            ClassificationRule(all, 408...408, is: .networkTimeout),
            ClassificationRule([.token], 404...405, is: .authEndpointNotFound),
            // A firewall's page says nothing about the credentials.
            ClassificationRule([.token], 400...499, shapes: [.html], is: .proxyHTMLInsteadOfJSON),
            ClassificationRule([.token], 400...499, vendorCode: "invalid_scope", is: .authScopeRejected),
            ClassificationRule([.token], 400...499, vendorCode: "unauthorized_client", is: .authApplicationNotApproved),
            ClassificationRule([.token], 400...499, vendorCode: "unsupported_grant_type", is: .authWrongGrant),
            ClassificationRule([.token], 400...499, vendorCode: "invalid_client", is: .authInvalidClient),
            // Any other refusal says nothing about the credentials either; the vendor is quoted.
            ClassificationRule([.token], 400...499, is: .authTokenRefused),
            ClassificationRule(api, 400...499, shapes: [.html], is: .proxyHTMLInsteadOfJSON),
            ClassificationRule(api, 401...401, is: .authTokenRejected),
            ClassificationRule(api, 403...403, scopeIsMissing: false, is: .permissionRoleDenied),
            ClassificationRule(api, 403...403, is: .permissionScopeMissing),
            ClassificationRule(api, 404...404, 410...410, is: .requestNotFound),
            ClassificationRule(api, 409...409, 412...412, 423...423, is: .requestConflict),
            ClassificationRule(api, 405...405, 406...406, 411...411, 415...415, is: .connectorDefect),
            ClassificationRule(api, 400...499, is: .requestRejected),
        ]
    }()
}
