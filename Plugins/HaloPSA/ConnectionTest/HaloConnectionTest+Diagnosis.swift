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
        var diagnosed = failure
        diagnosed.findings += HaloDiagnosis.serverFindings(failure.code, isHalo: server.isVendor)
        if let byTenant = try await diagnosedByTenant(diagnosed, server: server) { return byTenant }
        return try await withAddressThatAnswers(diagnosed, server)
    }

    /// The failure, with the address that would have worked if one is found.
    private func withAddressThatAnswers(_ failure: PSAError, _ server: HaloProbe) async throws -> PSAError {
        guard Self.concernsAddress.contains(failure.code), let found = try await addressThatAnswers(server) else { return failure }
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
        if let named, failure.code == .authTenantUnknown, settings.tenant?.lowercased() == named.lowercased() {
            return serverFault(failure, evidence: failure.observation)
        }
        let other = settings.tenant == nil ? named : nil
        guard settings.tenant != nil || other != nil else { return nil }
        if let otherError = try await client.tokenError(tenant: other) {
            guard failure.code == .authTenantUnknown else { return nil }
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
    /// path, without its port, and without `www.`.
    private func addressThatAnswers(_ server: HaloProbe) async throws -> ServiceURL? {
        let typed = settings.tenantURL
        var candidates = server.pointers + typed.parents
        if typed.port != nil { candidates.append(try ServiceURL(typed: typed.host, policy: settings.policy)) }
        if typed.host.hasPrefix("www.") {
            candidates.append(try ServiceURL(typed: String(typed.host.dropFirst(4)), policy: settings.policy))
        }
        for candidate in candidates.prefix(6) where candidate != typed {
            if try await client.probe(candidate).isVendor { return candidate }
        }
        return nil
    }
}
