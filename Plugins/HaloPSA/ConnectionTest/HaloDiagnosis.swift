import PSACore

extension HaloConnectionTest {
    /// The failure of a token request with what further checks say about its causes.
    ///
    /// No credentials go anywhere but to the typed address.
    func diagnosed(_ failure: PSAError, server: HaloProbe) async throws -> PSAError {
        // An unexpected answer, where HaloPSA does not answer either, is some other service's.
        if failure.code == .vendorUnexpectedResponse, failure.vendor?.status != nil, case .otherService(let other, _) = server,
            other.code == .urlNotVendor
        {
            return try await withAddressThatAnswers(other, server)
        }
        if let blocked = refusedAlike(failure, server) { return blocked }
        var diagnosed = failure
        diagnosed.findings += HaloDiagnosis.serverFindings(failure, isHalo: server.isVendor)
        // HaloPSA answers there, so the address is not that of an unknown tenant.
        if failure.code == .vendorUnavailable, server.isVendor { diagnosed.findings.removeAll { $0.cause == "wrong_address" } }
        if let byTenant = try await diagnosedByTenant(diagnosed, server: server) { return byTenant }
        return try await withAddressThatAnswers(diagnosed, server)
    }

    /// The failure as one of something in front of HaloPSA: it refuses what needs no credentials with the same status.
    private func refusedAlike(_ failure: PSAError, _ server: HaloProbe) -> PSAError? {
        guard failure.code == .authTokenRefused, let status = failure.vendor?.status, (400...499).contains(status),
            case .otherService(let other, _) = server, other.vendor?.status == status,
            // A number of HaloPSA's sign-in server is no device's.
            !failure.findings.contains(where: { $0.probe == .vendorCode })
        else { return nil }
        // What wants a key or a sign-in says so with its status.
        let isGateway = status == 401 || status == 403
        var blocked = client.error(
            .proxyBlocked, about: .accessToken, request: failure.request,
            cause: CauseEvidence(
                isGateway ? "gateway" : "not_listed", by: .discovery,
                evidence: HaloMessage.refusedAlike(status: status, words: failure.vendor?.message)))
        // The words are not known to be HaloPSA's.
        blocked.vendor = VendorReply(status: status)
        return blocked
    }

    /// The failure, with the address that would have worked if one is found.
    private func withAddressThatAnswers(_ failure: PSAError, _ server: HaloProbe) async throws -> PSAError {
        // Who names the secret as wrong knows the client ID: it is the right server.
        let knowsClient = failure.findings.contains { $0.cause == "wrong_secret" && $0.probe == .vendorCode }
        // The page of a web filter says nothing about HaloPSA's address, and is not asked.
        let isFiltered = failure.findings.contains { $0.cause == "network_proxy" && $0.probe == .frontDoor }
        guard Self.concernsAddress.contains(failure.code), !knowsClient, !isFiltered, let found = try await addressThatAnswers(server)
        else {
            return failure
        }
        var diagnosed = failure
        diagnosed.findings.append(HaloDiagnosis.answersElsewhere(failure.code, found))
        diagnosed.suggestion = Suggestion(field: .tenantURL, value: found.text)
        return diagnosed
    }

    /// Failures that another address could correct.
    private static let concernsAddress: Set<ErrorCode> = [
        .authEndpointNotFound, .proxyHTMLInsteadOfJSON, .proxyLoginRedirect, .urlNotVendor, .authInvalidClient,
    ]

    /// Failures that another tenant name could correct.
    private static let concernsTenant: Set<ErrorCode> = [
        .authInvalidClient, .authTenantUnknown, .authEndpointNotFound, .vendorUnavailable, .authApplicationNotApproved,
    ]

    /// The same token request without the tenant, or with the one the server names: if that works, the tenant is proven to be the cause.
    private func diagnosedByTenant(_ failure: PSAError, server: HaloProbe) async throws -> PSAError? {
        guard Self.concernsTenant.contains(failure.code) else { return nil }
        var named: String?
        if case .vendor(let data) = server { named = data.tenant }
        // Only a failure of the server leaves open whose it is; a refusal in words does not.
        let isServerFault = failure.code == .authTenantUnknown && (failure.vendor?.status ?? 0) >= 500
        if let named, isServerFault, settings.tenant?.lowercased() == named.lowercased() {
            return serverFault(failure, evidence: failure.observation)
        }
        let other = settings.tenant == nil ? named : nil
        guard settings.tenant != nil || other != nil else { return nil }
        if let otherError = try await client.tokenError(tenant: other) {
            guard isServerFault else { return nil }
            let isTheSame = otherError.vendor?.status == failure.vendor?.status
            return isTheSame ? serverFault(failure, evidence: HaloMessage.failsWithoutTenantToo) : failure
        }
        var diagnosed = client.error(.authTenantUnknown, about: .accessToken, request: failure.request)
        diagnosed.vendor = failure.vendor
        let evidence = other == nil ? HaloMessage.worksWithoutTenant : HaloMessage.worksWithTenant(other ?? "")
        diagnosed.findings = [CauseEvidence(other == nil ? "wrong_tenant" : "tenant_needed", by: .otherTenant, evidence: evidence)]
        diagnosed.suggestion = Suggestion(field: .tenant, value: other ?? "")
        return diagnosed
    }

    /// The failure as one of the server: with another tenant, or none, it would fail just the same.
    private func serverFault(_ failure: PSAError, evidence: (any LocalizedMessage)?) -> PSAError {
        var diagnosed = client.error(.vendorUnavailable, about: .accessToken, request: failure.request)
        diagnosed.vendor = failure.vendor
        diagnosed.findings = [CauseEvidence(by: .answer, evidence: evidence)]
        return diagnosed
    }

    /// The first of the likely addresses at which HaloPSA answers: the one a redirect or the sign-in data points to, the typed one without its
    /// path, without its port, without `www.`, and under the paths at which installations usually lie.
    private func addressThatAnswers(_ server: HaloProbe) async throws -> ServiceURL? {
        let typed = settings.tenantURL
        var candidates = server.pointers + typed.parents
        if typed.port != nil { candidates.append(try ServiceURL(typed: typed.host, policy: settings.policy)) }
        if typed.host.hasPrefix("www.") {
            candidates.append(try ServiceURL(typed: String(typed.host.dropFirst(4)), policy: settings.policy))
        }
        // What answers nothing at all has no other path either.
        if typed.path.isEmpty, !server.isVendor, !server.isUnreachable {
            candidates += HaloAddress.usualPaths.compactMap {
                try? ServiceURL(typed: typed.text + $0, policy: settings.policy, installation: HaloAddress.installation)
            }
        }
        for candidate in candidates.prefix(8) where candidate != typed {
            if try await client.probe(candidate).isVendor { return candidate }
        }
        return nil
    }
}

/// The sign-in data that HaloPSA gives without credentials.
struct HaloSignInData: Sendable {
    var authURL: ServiceURL?
    var tenant: String?
}

/// What answers at an address, by its answer at the one endpoint of HaloPSA that needs no credentials.
typealias HaloProbe = ServerProbe<HaloSignInData>

extension HaloProbe {
    /// The addresses this answer points to, and those above them.
    var pointers: [ServiceURL] {
        let target: ServiceURL? =
            switch self {
            case .vendor(let data): data.authURL
            case .otherService(_, let redirect): redirect
            case .unreachable: nil
            }
        return target.map { [$0] + $0.parents } ?? []
    }
}

extension HaloClient {
    /// Asks an address whether HaloPSA is there.
    func probe(_ origin: ServiceURL) async throws -> HaloProbe {
        try await probe("/authinfo", at: origin, about: .signInData) { response in
            guard (200...299).contains(response.status), let info = try? JSONDocument(response.body).root, info.isObject,
                info["auth_url"] != nil || info["tenant_id"] != nil
            else { return nil }
            return HaloSignInData(
                authURL: info["auth_url"]?.string.flatMap { address($0) },
                tenant: info["tenant_id"]?.string.flatMap { $0.isEmpty ? nil : $0 })
        }
    }
}

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
    static func serverFindings(_ failure: PSAError, isHalo: Bool) -> [CauseEvidence] {
        switch failure.code {
        // HaloPSA says itself what is wrong, with the secret or with the client ID.
        case .authInvalidClient where isHalo && failure.findings.contains { names($0) }: []
        case .authInvalidClient:
            isHalo
                ? [CauseEvidence("wrong_secret", .likely, by: .discovery, evidence: HaloMessage.credentialsReachHalo)]
                : [CauseEvidence("other_installation", .likely, by: .discovery, evidence: HaloMessage.answersOtherwise)]
        case .authEndpointNotFound where isHalo:
            [
                CauseEvidence("auth_not_forwarded", by: .discovery, evidence: HaloMessage.answers),
                CauseEvidence("wrong_address", .possible, by: .discovery),
            ]
        case .authTokenRefused where isHalo && failure.findings.contains { $0.cause == "credentials" }:
            [CauseEvidence("credentials", by: .discovery, evidence: HaloMessage.credentialsReachHalo)]
        default: []
        }
    }

    /// Whether HaloPSA itself names the secret as expired, or the client ID as unknown.
    private static func names(_ finding: CauseEvidence) -> Bool {
        finding.cause == "secret_expired" || finding.cause == "wrong_client_id" && [.vendorCode, .vendorWords].contains(finding.probe)
    }

    /// What is known once HaloPSA was found at another address than the typed one.
    static func answersElsewhere(_ code: ErrorCode, _ url: ServiceURL) -> CauseEvidence {
        CauseEvidence(
            code == .authInvalidClient ? "other_installation" : "wrong_address", by: .otherAddress,
            evidence: HaloMessage.answersElsewhere(url.text))
    }

    /// What the other reads say about one that was refused.
    static func readFindings(_ error: PSAError, othersWork: Bool) -> [CauseEvidence] {
        switch error.code {
        case .vendorUnavailable where othersWork:
            return [CauseEvidence("fault", by: .otherReads, evidence: HaloMessage.otherReadsWork)]
        case .requestNotFound where othersWork:
            return [
                CauseEvidence("older_version", by: .otherReads, evidence: HaloMessage.otherReadsWork),
                CauseEvidence("no_route", .possible, by: .otherReads),
            ]
        case .permissionRoleDenied, .permissionScopeMissing: break
        default: return []
        }
        // HaloPSA's own words explain more than how many reads were refused.
        let isNamed = error.findings.contains { $0.probe == .vendorWords }
        let isProven = error.findings.contains { $0.cause == "scope_not_granted" || $0.cause == "scope_setting" }
        guard othersWork else {
            if isProven { return [] }
            if isNamed {
                let isRole = error.findings.contains { $0.cause == "role" && $0.probe == .vendorWords }
                return [CauseEvidence("login_type", .possible, by: .otherReads)]
                    + (isRole ? [] : [CauseEvidence("role", .possible, by: .otherReads)])
            }
            return [
                CauseEvidence("login_type", by: .otherReads, evidence: HaloMessage.allReadsRefused),
                CauseEvidence("role", .possible, by: .otherReads),
            ]
        }
        let isExplained = error.findings.contains { $0.cause != nil }
        return isExplained || error.code == .permissionScopeMissing
            ? [] : [CauseEvidence("role", by: .otherReads, evidence: HaloMessage.otherReadsWork)]
    }
}
