import FoundationEssentials
import PSACore

/// One test of a connection: first the server, then the token, then all reads at the same time.
struct RTConnectionTest: Sendable {
    let connector: RequestTrackerConnector

    private var client: RTClient { connector.client }
    private var settings: RTSettings { connector.settings }

    /// Runs the test and returns its checks in order.
    func run(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        func note(_ check: ConnectionCheck) -> Bool {
            progress(check)
            checks.append(check)
            return check.outcome != .failed
        }
        _ = note(ConnectionCheck(.address, .passed, evidence: RTLocalizedMessage.wellFormed(settings.serverURL.text), duration: .zero))
        var isReached = true
        for check in try await server() { isReached = note(check) && isReached }
        guard isReached, note(try await credentials()) else { return checks }
        return checks + (try await reads(progress))
    }

    /// The steps on the way to the server, told from where its answer failed.
    private func server() async throws -> [ConnectionCheck] {
        let start = client.time.instant()
        let error = try await failureWithoutToken()
        let took = duration(since: start)
        let steps: [(ConnectionCheck.Subject, RTLocalizedMessage)] = [
            (.nameResolution, .nameResolved), (.connection, .connectionMade), (.certificate, .certificateInOrder), (.reachable, .answers),
        ]
        let failing: Int? =
            switch error?.code {
            case nil: nil
            case .networkDNSNotFound, .urlForbiddenAddress: 0
            case .networkRefused, .networkTimeout, .networkInterrupted: 1
            case .tlsUntrusted, .tlsExpired, .tlsNameMismatch: 2
            default: 3
            }
        return steps.enumerated().map { index, step in
            if let failing, index > failing { return ConnectionCheck(step.0, .skipped, evidence: RTLocalizedMessage.notReached) }
            if index == failing, let error {
                return ConnectionCheck(step.0, .failed, evidence: error.observation, duration: took, error: error)
            }
            if step.0 == .certificate, settings.serverURL.scheme == "http" {
                return ConnectionCheck(.certificate, .skipped, evidence: RTLocalizedMessage.plainHTTP)
            }
            return ConnectionCheck(step.0, .passed, evidence: step.1, duration: index == 3 ? took : nil)
        }
    }

    /// What is wrong with the answer to a caller without a token; RT's is 401 with `{"message":"Unauthorized"}`.
    private func failureWithoutToken() async throws -> PSAError? {
        let request = client.request(.get, "/rt")
        do {
            let response = try await client.openAnswer()
            if response.status == 401, (try? JSONDocument(response.body))?.root["message"]?.string != nil { return nil }
            return client.refusal(response, to: request, stage: .discovery, object: .restInterface)
        } catch let failure as TransportError {
            return client.unanswered(failure, stage: .discovery, object: .restInterface, request: request.description)
        }
    }

    private func credentials() async throws -> ConnectionCheck {
        try await check(.credentials, isEssential: true) {
            let version = try await client.read("/rt", about: .restInterface)["Version"]?.string
            return (version.map(RTLocalizedMessage.tokenAccepted) ?? .tokenAcceptedByUnknown, nil)
        }
    }

    /// Reads a little of everything; without companies, contacts or staff there is still something to work with.
    private func reads(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        let probes: [@Sendable () async throws -> ConnectionCheck] = [
            { try await check(.read(.readCompanies), isEssential: false) { seen(.companies, try await connector.companies(at: nil)) } },
            { try await check(.read(.readContacts), isEssential: false) { seen(.contacts, try await connector.contacts(at: nil)) } },
            { try await check(.read(.readAgents), isEssential: false) { seen(.agents, try await connector.agents(at: nil)) } },
            { try await check(.read(.readTickets), isEssential: true) { seen(.tickets, try await oneTicket()) } },
            { try await check(.read(.readPicklists), isEssential: true) { try await queues() } },
            { try await check(.ticketDefaults, isEssential: false) { try await referenceField() } },
        ]
        return try await withThrowingTaskGroup(of: (Int, ConnectionCheck).self) { group in
            for (index, probe) in probes.enumerated() {
                group.addTask { (index, try await probe()) }
            }
            var results = [ConnectionCheck?](repeating: nil, count: probes.count)
            for try await (index, check) in group {
                progress(check)
                results[index] = check
            }
            return results.compactMap { $0 }
        }
    }

    private func oneTicket() async throws -> Page<Ticket> {
        let list = try await connector.ticketRows(.all, [QueryItem("per_page", "1")])
        let tickets = try await connector.mapped(list)
        return Page(list, following: []) { row in row["id"]?.text.flatMap { tickets[$0] } }
    }

    private func queues() async throws -> (RTLocalizedMessage, PSAError?) {
        let queues = try await connector.ticketTypes()
        guard !queues.isEmpty else {
            return (.noQueues, client.error(.permissionNothingVisible, about: .queues, evidence: RTLocalizedMessage.noQueues))
        }
        if let queue = settings.queue, !queues.contains(where: { $0.id == queue && $0.canCreate != false }) {
            let seen = RTLocalizedMessage.queueNotUsable(queue.rawValue)
            return (
                seen,
                client.error(.ticketDefaultInvalid, about: .newTicket, field: .verbatim("Queue ID"), message: .phrase(seen), evidence: seen)
            )
        }
        return (.queuesSeen(queues.count), nil)
    }

    private func referenceField() async throws -> (RTLocalizedMessage, PSAError?) {
        guard try await connector.customField(named: settings.referenceField) != nil else {
            return (.noCustomField(settings.referenceField), connector.missing(settings.referenceField))
        }
        return (.customFieldThere(settings.referenceField), nil)
    }

    private func seen<Element>(_ collection: RTCollection, _ page: Page<Element>) -> (RTLocalizedMessage, PSAError?) {
        let count = page.total ?? page.items.count
        guard count > 0 else {
            return (
                .empty(collection),
                client.error(.permissionNothingVisible, about: .rows(collection), evidence: RTLocalizedMessage.empty(collection))
            )
        }
        return (.readable(collection, count), nil)
    }

    /// One check: passed, a warning that the work itself gave, or how it failed.
    private func check(
        _ subject: ConnectionCheck.Subject, isEssential: Bool, _ work: () async throws -> (seen: RTLocalizedMessage, warning: PSAError?)
    ) async throws -> ConnectionCheck {
        let start = client.time.instant()
        do {
            let result = try await work()
            return ConnectionCheck(
                subject, result.warning == nil ? .passed : .warning, evidence: result.seen, duration: duration(since: start),
                error: result.warning)
        } catch let error as PSAError {
            return ConnectionCheck(
                subject, isEssential ? .failed : .warning, evidence: error.observation, duration: duration(since: start), error: error)
        }
    }

    private func duration(since start: MonotonicInstant) -> Duration {
        client.time.instant() - start
    }
}

extension PSAError {
    /// What was observed about its first cause, or that nothing was tried.
    fileprivate var observation: any LocalizedMessage { findings.lazy.compactMap(\.evidence).first ?? RTLocalizedMessage.notReached }
}
