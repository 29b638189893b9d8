import PSACore

extension HaloConnectionTest {
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

    /// Reads a little of everything at the same time and checks the ticket defaults; then compares what worked with what did not.
    func reads(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        let probes = Self.probes
        let checks = try await withThrowingTaskGroup(of: (Int, ConnectionCheck).self) { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, try await read(probe)) }
            }
            group.addTask { (probes.count, try await defaultsCheck()) }
            var results = [ConnectionCheck?](repeating: nil, count: probes.count + 1)
            for try await (index, check) in group {
                progress(check)
                results[index] = check
            }
            return results.compactMap { $0 }
        }
        let reads = checks.prefix(probes.count)
        let othersWork = reads.contains { $0.outcome == .passed }
        return checks.map { check in
            var check = check
            if let error = check.error { check.error?.findings += HaloDiagnosis.readFindings(error, othersWork: othersWork) }
            return check
        }
    }

    private func read(_ probe: Probe) async throws -> ConnectionCheck {
        let query = probe.isPaged ? [QueryItem("pageinate", "true"), QueryItem("page_no", "1"), QueryItem("page_size", "1")] : []
        let answer = try await client.measured {
            do {
                let rows = try await client.wholeList(of: probe.resource, query) { $0["id"]?.text }
                return Result<Int, PSAError>.success(rows.total ?? rows.items.count)
            } catch let error as PSAError {
                return .failure(error)
            }
        }
        let subject = ConnectionCheck.Subject.read(probe.capability)
        switch answer.value {
        case .failure(let error):
            return ConnectionCheck(subject, probe.isEssential ? .failed : .warning, error: error, duration: answer.duration)
        case .success(0) where probe.isEssential:
            return invisible(subject, probe.resource, .empty(probe.resource), answer.duration)
        // A tenant always has its built-in company; a second one is hidden only from an agent who is restricted.
        case .success(1) where probe.resource == .companies:
            return invisible(subject, probe.resource, .oneCompanyOnly, answer.duration)
        case .success(let count):
            return ConnectionCheck(
                subject, .passed, evidence: HaloMessage.readable(probe.resource, count: count), duration: answer.duration)
        }
    }

    private func invisible(
        _ subject: ConnectionCheck.Subject, _ resource: HaloResource, _ evidence: HaloMessage, _ duration: Duration
    ) -> ConnectionCheck {
        let error = client.error(.permissionNothingVisible, about: .rows(resource), evidence: evidence)
        return ConnectionCheck(subject, .warning, evidence: evidence, duration: duration, error: error)
    }
}
