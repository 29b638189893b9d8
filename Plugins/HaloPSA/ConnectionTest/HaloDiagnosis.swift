import PSACore

/// Turns what a test observed into what is known about the causes of its failure: a table from code and observation to findings.
enum HaloDiagnosis {
    /// What the granted permissions say about a refused request; a scope that was not even asked for can't have been withheld.
    static func scopeFindings(_ code: ErrorCode, scope: String, isMissing: Bool, isAskedFor: Bool) -> [CauseEvidence] {
        switch code {
        case .permissionScopeMissing where isMissing:
            [CauseEvidence(isAskedFor ? "scope_not_granted" : "scope_setting", by: .grantedScope, evidence: HaloMessage.scopeLacks(scope))]
        case .permissionRoleDenied where !isMissing: [CauseEvidence("role", by: .grantedScope, evidence: HaloMessage.scopeHas(scope))]
        default: []
        }
    }

    /// What the answer at the typed address says about refused credentials: HaloPSA itself refused them, or something else did.
    static func serverFindings(_ code: ErrorCode, isHalo: Bool) -> [CauseEvidence] {
        guard code == .authInvalidClient else { return [] }
        return isHalo
            ? [CauseEvidence("wrong_secret", .likely, by: .discovery, evidence: HaloMessage.credentialsReachHalo)]
            : [CauseEvidence("other_installation", .likely, by: .discovery, evidence: HaloMessage.answersOtherwise)]
    }

    /// What is known once HaloPSA was found at another address than the typed one.
    static func answersElsewhere(_ code: ErrorCode, _ url: ServiceURL) -> CauseEvidence {
        CauseEvidence(
            code == .authInvalidClient ? "other_installation" : "wrong_address", by: .otherAddress,
            evidence: HaloMessage.answersElsewhere(url.text))
    }

    /// What the other reads say about one that was refused.
    static func readFindings(_ error: PSAError, othersWork: Bool) -> [CauseEvidence] {
        guard [.permissionRoleDenied, .permissionScopeMissing].contains(error.code) else { return [] }
        let isProven = error.findings.contains { $0.cause == "scope_not_granted" || $0.cause == "scope_setting" }
        guard othersWork else {
            return isProven
                ? []
                : [
                    CauseEvidence("login_type", by: .otherReads, evidence: HaloMessage.allReadsRefused),
                    CauseEvidence("role", .possible, by: .otherReads),
                ]
        }
        let isExplained = error.findings.contains { $0.cause != nil }
        return isExplained || error.code == .permissionScopeMissing
            ? [] : [CauseEvidence("role", by: .otherReads, evidence: HaloMessage.otherReadsWork)]
    }
}
