import PSACore

extension HaloConnectionTest {
    /// The failure of a token request with what further checks say about its causes.
    ///
    /// No credentials go anywhere but to the typed address.
    func diagnosed(_ failure: PSAError, server: HaloProbe) async throws -> PSAError {
        var told = failure
        told.findings += HaloDiagnosis.serverFindings(failure.code, isHalo: server.isHalo)
        if let byTenant = try await diagnosedByTenant(told, server: server) { return byTenant }
        guard Self.concernsAddress.contains(failure.code), let found = try await addressThatAnswers(server) else { return told }
        told.findings.append(HaloDiagnosis.answersElsewhere(found))
        told.suggestion = Suggestion(field: .tenantURL, value: found.text)
        told.fields = [.tenantURL]
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
        let other = settings.tenant == nil ? named : nil
        guard settings.tenant != nil || other != nil else { return nil }
        guard try await client.issuesToken(tenant: other) else {
            guard failure.code == .authTenantUnknown else { return nil }
            // The tenant is not to blame: without it the server fails just the same.
            var told = client.error(.vendorUnavailable, about: .accessToken, request: failure.request, evidence: .failsWithoutTenantToo)
            told.vendor = failure.vendor
            return told
        }
        var told = client.error(.authTenantUnknown, about: .accessToken, request: failure.request)
        told.vendor = failure.vendor
        let evidence = other == nil ? HaloPhrase.worksWithoutTenant : HaloPhrase.worksWithTenant(other ?? "")
        told.findings = [Finding("wrong_tenant", .certain, evidence: evidence)]
        told.suggestion = Suggestion(field: .tenant, value: other ?? "")
        return told
    }

    /// The first of the likely addresses at which HaloPSA answers: the one a redirect or the sign-in data points to, the typed one without its
    /// port, and the typed one without `www.`.
    private func addressThatAnswers(_ server: HaloProbe) async throws -> ServiceURL? {
        let typed = settings.tenantURL
        var candidates = server.pointers
        if typed.port != nil { candidates.append(try ServiceURL(typed: typed.host, policy: settings.policy)) }
        if typed.host.hasPrefix("www.") {
            candidates.append(try ServiceURL(typed: String(typed.host.dropFirst(4)), policy: settings.policy))
        }
        for candidate in candidates where candidate != typed {
            if try await client.probe(candidate).isHalo { return candidate }
        }
        return nil
    }
}
