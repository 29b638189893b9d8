import PSACore

/// Turns what a test observed into what is known about the causes of its failure: a table from code and observation to findings.
enum HaloDiagnosis {
    /// What the granted permissions say about a refused request; a scope that was not even asked for can't have been withheld.
    static func scopeFindings(_ code: ErrorCode, scope: String, isMissing: Bool, isAskedFor: Bool) -> [Finding] {
        switch code {
        case .permissionScopeMissing where isMissing && !isAskedFor:
            [Finding("scope_setting", .certain, evidence: HaloPhrase.scopeLacks(scope)), Finding("scope_not_granted", .possible)]
        case .permissionScopeMissing where isMissing: [Finding("scope_not_granted", .certain, evidence: HaloPhrase.scopeLacks(scope))]
        case .permissionRoleDenied where !isMissing: [Finding("role", .likely, evidence: HaloPhrase.scopeHas(scope))]
        default: []
        }
    }

    /// What the answer at the typed address says about refused credentials: HaloPSA itself refused them, or who knows who did.
    static func serverFindings(_ code: ErrorCode, isHalo: Bool) -> [Finding] {
        guard code == .authInvalidClient else { return [] }
        return isHalo
            ? [Finding("wrong_secret", .likely, evidence: HaloPhrase.credentialsReachHalo), Finding("other_installation", .possible)]
            : [Finding("other_installation", .likely, evidence: HaloPhrase.answersOtherwise), Finding("wrong_secret", .possible)]
    }

    /// What is known once HaloPSA was found at another address than the typed one.
    static func answersElsewhere(_ url: ServiceURL) -> Finding {
        Finding("wrong_address", .certain, evidence: HaloPhrase.answersElsewhere(url.text))
    }

    /// What the other reads say about one that was refused.
    static func readFindings(_ error: PSAError, othersWork: Bool) -> [Finding] {
        guard [.permissionRoleDenied, .permissionScopeMissing].contains(error.code) else { return [] }
        if !othersWork { return [Finding("login_type", .likely, evidence: HaloPhrase.allReadsRefused), Finding("role", .possible)] }
        let isExplained = error.findings.contains { $0.cause != nil }
        return isExplained ? [] : [Finding("role", .likely, evidence: HaloPhrase.otherReadsWork)]
    }

    /// What it says about a web page or redirect that the same address has issued a token before.
    static func pageFindings(_ code: ErrorCode) -> [Finding] {
        guard code == .proxyHTMLInsteadOfJSON || code == .proxyLoginRedirect else { return [] }
        return [Finding("access_proxy", .likely, evidence: HaloPhrase.tokenIssued), Finding("wrong_address", .possible)]
    }

    /// What HaloPSA's words about a ticket default say about its cause.
    static func defaultFindings(_ code: ErrorCode, message: String?) -> [Finding] {
        guard code == .ticketDefaultInvalid, message?.lowercased().contains("permission") == true else { return [] }
        return [Finding("not_creatable", .certain), Finding("no_such_id", .possible)]
    }

    /// The settings that refused credentials concern, by the words of OpenIddict, the OAuth server of HaloPSA: its ID2052 names the client ID,
    /// and its ID2055 knows the client ID and refuses the secret.
    static func credentialFields(message: String?) -> [SettingKey]? {
        guard let message = message?.lowercased() else { return nil }
        if message.contains("client_id") { return [.clientID, .tenantURL] }
        return message.contains("client credentials are invalid") ? [.clientSecret, .clientID] : nil
    }
}
