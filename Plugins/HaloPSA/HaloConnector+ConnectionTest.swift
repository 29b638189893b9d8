import FoundationEssentials
public import PSACore

extension HaloConnector {
    /// Checks address, server, credentials, permissions and one read of each resource, within the context's limit.
    ///
    /// The server and the token are asked for at the same time, then all resources at the same time. The credentials are tried with a new
    /// token, not with one that is still held.
    public func testConnection(progress: @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let tester = HaloClient(settings: settings, context: context, patience: .test(within: context.connectionTestLimit))
        var checks: [ConnectionCheck] = []
        func note(_ check: ConnectionCheck) {
            progress(check)
            checks.append(check)
        }
        note(ConnectionCheck(.address, .passed, evidence: "\(settings.tenantURL.text) is well formed and allowed.", duration: .zero))

        async let reachable = Self.reachability(of: tester)
        async let credentials = Self.credentials(of: tester)
        let (server, token) = (try await reachable, try await credentials)
        note(server)
        note(token.check)
        guard let granted = token.granted else { return report(checks) }

        note(Self.scopeCheck(granted, needed: Self.neededScopes))
        let probes = Self.probes
        let reads = try await withThrowingTaskGroup(of: (Int, ConnectionCheck).self) { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, try await Self.read(probe, with: tester)) }
            }
            var results = [ConnectionCheck?](repeating: nil, count: probes.count)
            for try await (index, check) in group {
                progress(check)
                results[index] = check
            }
            return results.compactMap { $0 }
        }
        return report(checks + reads)
    }

    private func report(_ checks: [ConnectionCheck]) -> ConnectionReport {
        ConnectionReport(connector: Self.descriptor.id, host: settings.tenantURL.authority, checks: checks)
    }

    /// One small read.
    ///
    /// Whether a refusal breaks the connection or only narrows it follows from what the vendor's guide asks to be granted: tickets,
    /// clients, contracts and actions.
    private struct Probe: Sendable {
        var capability: Capability
        var resource: HaloResource
        var isEssential: Bool
        var isPaged: Bool
    }

    private static let probes = [
        Probe(capability: .readCompanies, resource: .companies, isEssential: true, isPaged: true),
        Probe(capability: .readContacts, resource: .contacts, isEssential: true, isPaged: true),
        Probe(capability: .readTickets, resource: .tickets, isEssential: true, isPaged: true),
        Probe(capability: .readPicklists, resource: .ticketTypes, isEssential: true, isPaged: false),
        Probe(capability: .readAgreements, resource: .contracts, isEssential: true, isPaged: true),
        Probe(capability: .readRecurringInvoices, resource: .recurringInvoices, isEssential: false, isPaged: true),
        Probe(capability: .readAgents, resource: .agents, isEssential: false, isPaged: false),
    ]

    private static let neededScopes = ["read:tickets", "edit:tickets", "read:customers", "read:contracts", "read:invoices"]

    private static func reachability(of client: HaloClient) async throws -> ConnectionCheck {
        let start = client.time.now()
        do {
            let info = try await client.authenticationInfo()
            guard info["auth_url"] != nil || info["tenant_id"] != nil else {
                return ConnectionCheck(
                    .reachable, .warning, evidence: "/api/authinfo answers, but not as HaloPSA's does.",
                    duration: client.time.elapsed(since: start),
                    error: client.error(.urlNotVendor, about: "its sign-in data"))
            }
            return ConnectionCheck(
                .reachable, .passed, evidence: "HaloPSA answers at /api/authinfo.", duration: client.time.elapsed(since: start))
        } catch let error as PSAError {
            // Some servers keep this endpoint closed, so it only warns; without any connection there is nothing more to find out.
            let isFatal = ["network", "tls", "url"].contains(error.code.area) && error.code != .urlNotVendor
            return ConnectionCheck(
                .reachable, isFatal ? .failed : .warning, evidence: error.guidance.causes.first?.evidence ?? error.guidance.detail,
                duration: client.time.elapsed(since: start), error: error)
        }
    }

    private static func credentials(of client: HaloClient) async throws -> (check: ConnectionCheck, granted: GrantedScope?) {
        let start = client.time.now()
        do {
            let token = try await client.token()
            let check = ConnectionCheck(
                .credentials, .passed, evidence: "HaloPSA issued an access token.", duration: client.time.elapsed(since: start))
            return (check, token.grantedScope ?? GrantedScope(""))
        } catch let error as PSAError {
            let evidence = error.guidance.causes.first?.evidence ?? error.guidance.detail
            return (
                ConnectionCheck(.credentials, .failed, evidence: evidence, duration: client.time.elapsed(since: start), error: error), nil
            )
        }
    }

    static func scopeCheck(_ granted: GrantedScope, needed: [String]) -> ConnectionCheck {
        guard !granted.names.isEmpty else {
            return ConnectionCheck(.scope, .skipped, evidence: "HaloPSA did not say what it granted.")
        }
        let missing = needed.filter { granted.lacks($0) }
        guard !missing.isEmpty else {
            return ConnectionCheck(.scope, .passed, evidence: "Everything the connector uses is granted.", duration: .zero)
        }
        return ConnectionCheck(.scope, .warning, evidence: "Not granted: \(missing.joined(separator: ", ")).", duration: .zero)
    }

    private static func read(_ probe: Probe, with client: HaloClient) async throws -> ConnectionCheck {
        let start = client.time.now()
        let query =
            probe.isPaged ? [QueryItem("pageinate", "true"), QueryItem("page_no", "1"), QueryItem("page_size", "1")] : []
        do {
            let rows = try await client.wholeList(of: probe.resource, query) { $0["id"]?.text }
            let count = rows.total ?? rows.items.count
            guard count > 0 || !probe.isEssential else {
                let error = client.error(.permissionNothingVisible, about: probe.resource.label)
                return ConnectionCheck(
                    .read(probe.capability), .warning, evidence: "The list of \(probe.resource.label) is empty.",
                    duration: client.time.elapsed(since: start),
                    error: error)
            }
            return ConnectionCheck(
                .read(probe.capability), .passed, evidence: "\(probe.resource.label) can be read; \(count) seen.",
                duration: client.time.elapsed(since: start))
        } catch let error as PSAError {
            let evidence = error.guidance.causes.first?.evidence ?? error.guidance.detail
            return ConnectionCheck(
                .read(probe.capability), probe.isEssential ? .failed : .warning, evidence: evidence,
                duration: client.time.elapsed(since: start), error: error)
        }
    }
}

extension TimeSource {
    fileprivate func elapsed(since start: Date) -> Duration { .milliseconds(Int(now().timeIntervalSince(start) * 1_000)) }
}
