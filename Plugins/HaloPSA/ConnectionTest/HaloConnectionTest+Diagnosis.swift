import PSACore

extension HaloConnectionTest {
    /// The failure of a token request with what further checks say about its causes.
    ///
    /// No credentials go anywhere but to the typed address.
    func diagnosed(_ failure: PSAError, server: HaloProbe) async throws -> PSAError {
        // An answer that makes no sense, where HaloPSA does not answer either, is some other service's.
        if failure.code == .vendorUnexpectedResponse, failure.vendor?.status != nil, case .stranger(let other, _) = server,
            other.code == .urlNotVendor
        {
            return try await withAddressThatAnswers(other, server)
        }
        var told = failure
        told.findings += HaloDiagnosis.serverFindings(failure.code, isHalo: server.isHalo)
        if let byTenant = try await diagnosedByTenant(told, server: server) { return byTenant }
        return try await withAddressThatAnswers(told, server)
    }

    /// The failure, with the address that would have worked if one is found.
    private func withAddressThatAnswers(_ failure: PSAError, _ server: HaloProbe) async throws -> PSAError {
        guard Self.concernsAddress.contains(failure.code), let found = try await addressThatAnswers(server) else { return failure }
        var told = failure
        told.findings.append(HaloDiagnosis.answersElsewhere(failure.code, found))
        told.suggestion = Suggestion(field: .tenantURL, value: found.text)
        return told
    }

    /// Failures that another address could mend.
    private static let concernsAddress: Set<ErrorCode> = [
        .authEndpointNotFound, .proxyHTMLInsteadOfJSON, .proxyLoginRedirect, .urlNotVendor, .authInvalidClient,
    ]

    /// Failures that another tenant name could mend.
    private static let concernsTenant: Set<ErrorCode> = [
        .authInvalidClient, .authTenantUnknown, .authEndpointNotFound, .vendorUnavailable, .authApplicationNotApproved,
    ]

    /// The same token request without the tenant, or with the one the server names: if that works, the tenant is proven to be the cause.
    private func diagnosedByTenant(_ failure: PSAError, server: HaloProbe) async throws -> PSAError? {
        guard Self.concernsTenant.contains(failure.code) else { return nil }
        var named: String?
        if case .halo(_, let tenant) = server { named = tenant }
        if let named, failure.code == .authTenantUnknown, settings.tenant?.lowercased() == named.lowercased() {
            return atFault(failure, evidence: failure.observation)
        }
        let other = settings.tenant == nil ? named : nil
        guard settings.tenant != nil || other != nil else { return nil }
        if let refusal = try await client.refusalOfToken(tenant: other) {
            guard failure.code == .authTenantUnknown else { return nil }
            let isTheSame = refusal.vendor?.status == failure.vendor?.status
            return isTheSame ? atFault(failure, evidence: HaloMessage.failsWithoutTenantToo) : failure
        }
        var told = client.error(.authTenantUnknown, about: .accessToken, request: failure.request)
        told.vendor = failure.vendor
        let evidence = other == nil ? HaloMessage.worksWithoutTenant : HaloMessage.worksWithTenant(other ?? "")
        told.findings = [CauseEvidence(other == nil ? "wrong_tenant" : "tenant_needed", by: .otherTenant, evidence: evidence)]
        told.suggestion = Suggestion(field: .tenant, value: other ?? "")
        return told
    }

    /// The failure as one of the server: with another tenant, or none, it would fail just the same.
    private func atFault(_ failure: PSAError, evidence: (any LocalizedMessage)?) -> PSAError {
        var told = client.error(.vendorUnavailable, about: .accessToken, request: failure.request)
        told.vendor = failure.vendor
        told.findings = [CauseEvidence(by: .answer, evidence: evidence)]
        return told
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
            if try await client.probe(candidate).isHalo { return candidate }
        }
        return nil
    }
}
