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

    /// What the answer at the typed address says about refused credentials.
    static func serverFindings(_ code: ErrorCode, isHalo: Bool) -> [Finding] {
        switch (code, isHalo) {
        case (.authInvalidClient, true): [Finding("other_installation", .possible, evidence: HaloPhrase.credentialsReachHalo)]
        case (.authInvalidClient, false):
            [Finding("other_installation", .likely, evidence: HaloPhrase.answersOtherwise), Finding("wrong_secret", .possible)]
        case (.authEndpointNotFound, true): [Finding("not_halo", .possible, evidence: HaloPhrase.answers)]
        case (.authTenantUnknown, true): [Finding("vendor_fault", .possible, evidence: HaloPhrase.answers)]
        default: []
        }
    }

    /// What is known once HaloPSA was found at another address than the typed one.
    static func answersElsewhere(_ url: ServiceURL) -> Finding {
        Finding("wrong_address", .certain, evidence: HaloPhrase.answersElsewhere(url.text))
    }

    /// What the other reads say about those that were refused.
    static func readFindings(_ code: ErrorCode, othersWork: Bool) -> [Finding] {
        guard code == .permissionRoleDenied || code == .permissionScopeMissing else { return [] }
        return othersWork
            ? [Finding("login_type", .possible, evidence: HaloPhrase.otherReadsWork)]
            : [Finding("login_type", .likely, evidence: HaloPhrase.allReadsRefused)]
    }
}
