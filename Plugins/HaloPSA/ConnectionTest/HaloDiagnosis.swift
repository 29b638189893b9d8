import PSACore

/// Turns what a test observed into what is known about the causes of its failure: a table from code and observation to findings.
enum HaloDiagnosis {
    /// What the granted permissions say about a refused request.
    static func scopeFindings(_ code: ErrorCode, scope: String, isMissing: Bool) -> [Finding] {
        switch code {
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
        if !othersWork { return [Finding("login_type", .likely, evidence: HaloPhrase.allReadsRefused)] }
        let isExplained = error.findings.contains { $0.cause != nil }
        return isExplained ? [] : [Finding("role", .likely, evidence: HaloPhrase.otherReadsWork)]
    }
}
