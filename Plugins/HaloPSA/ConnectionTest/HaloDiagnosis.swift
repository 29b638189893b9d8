import PSACore

/// Turns what a test observed into what is known about the causes of its failure: a table from code and observation to findings.
enum HaloDiagnosis {
    /// What the granted permissions say about a refused request; a scope that was not even asked for can't have been withheld.
    static func scopeFindings(_ code: ErrorCode, scope: String, isMissing: Bool, isAskedFor: Bool) -> [Finding] {
        switch code {
        case .permissionScopeMissing where isMissing:
            [Finding(isAskedFor ? "scope_not_granted" : "scope_setting", by: .grantedScope, evidence: HaloPhrase.scopeLacks(scope))]
        case .permissionRoleDenied where !isMissing: [Finding("role", by: .grantedScope, evidence: HaloPhrase.scopeHas(scope))]
        default: []
        }
    }

    /// What the answer at the typed address says about refused credentials: HaloPSA itself refused them, or who knows who did.
    static func serverFindings(_ code: ErrorCode, isHalo: Bool) -> [Finding] {
        guard code == .authInvalidClient else { return [] }
        return isHalo
            ? [Finding("wrong_secret", .likely, by: .discovery, evidence: HaloPhrase.credentialsReachHalo)]
            : [Finding("other_installation", .likely, by: .discovery, evidence: HaloPhrase.answersOtherwise)]
    }

    /// What is known once HaloPSA was found at another address than the typed one.
    static func answersElsewhere(_ code: ErrorCode, _ url: ServiceURL) -> Finding {
        Finding(
            code == .authInvalidClient ? "other_installation" : "wrong_address", by: .otherAddress,
            evidence: HaloPhrase.answersElsewhere(url.text))
    }

    /// What the other reads say about one that was refused.
    static func readFindings(_ error: PSAError, othersWork: Bool) -> [Finding] {
        guard [.permissionRoleDenied, .permissionScopeMissing].contains(error.code) else { return [] }
        let isProven = error.findings.contains { $0.cause == "scope_not_granted" || $0.cause == "scope_setting" }
        guard othersWork else {
            return isProven
                ? []
                : [
                    Finding("login_type", by: .otherReads, evidence: HaloPhrase.allReadsRefused),
                    Finding("role", .possible, by: .otherReads),
                ]
        }
        let isExplained = error.findings.contains { $0.cause != nil }
        return isExplained || error.code == .permissionScopeMissing
            ? [] : [Finding("role", by: .otherReads, evidence: HaloPhrase.otherReadsWork)]
    }

    /// What it says about a web page or redirect that the same address has issued a token before.
    static func pageFindings(_ code: ErrorCode) -> [Finding] {
        guard code == .proxyHTMLInsteadOfJSON || code == .proxyLoginRedirect else { return [] }
        return [
            Finding("access_proxy", by: .otherReads, evidence: HaloPhrase.tokenIssued),
            Finding("wrong_address", .possible, by: .otherReads),
        ]
    }
}
