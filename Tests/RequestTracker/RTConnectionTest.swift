public import PSACore

extension RequestTrackerConnector {
    /// Checks the way to the server, the token, one read of each resource and the queue of new tickets, within the context's limit.
    ///
    /// The token is sent only after the server has answered as RT does.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let connector = RequestTrackerConnector(
            settings: settings, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
        return try await client.connectionTest(about: .connectionTest, progress: progress) { progress in
            try await RTConnectionTest(connector: connector).run(progress)
        }
    }
}

/// One test of a connection: first the server, then the token, then all reads at the same time.
struct RTConnectionTest: Sendable {
    let connector: RequestTrackerConnector

    private var client: RTClient { connector.client }
    private var settings: RTSettings { connector.settings }

    /// Runs the test and returns its checks in order.
    func run(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        func record(_ check: ConnectionCheck) {
            progress(check)
            checks.append(check)
        }
        func isPassed(_ check: ConnectionCheck) -> Bool {
            record(check)
            return check.outcome != .failed
        }
        record(client.addressCheck)
        let server = try await client.measured { try await client.probe() }
        for check in client.serverChecks(server.value, answered: .answers, took: server.duration, isRequired: true) { record(check) }
        guard server.value.isVendor, isPassed(try await credentials()) else { return checks }
        return checks + (try await reads(progress))
    }

    private func credentials() async throws -> ConnectionCheck {
        try await client.check(.credentials) {
            let version = try await client.read("/rt", about: .restInterface)["Version"]?.string
            return (version.map(RTLocalizedMessage.tokenAccepted) ?? .tokenAcceptedByUnknown, nil)
        }
    }

    private enum Step: CaseIterable {
        case companies, contacts, agents, tickets, queues, referenceField
    }

    /// Reads a little of everything; without companies, contacts or staff there is still something to work with.
    private func reads(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        try await client.concurrentChecks(of: Step.allCases, progress: progress) { step in
            switch step {
            case .companies:
                try await client.readCheck(.readCompanies, isEssential: false, about: .rows(.companies)) {
                    try await connector.companies(at: nil)
                }
            case .contacts:
                try await client.readCheck(.readContacts, isEssential: false, about: .rows(.contacts)) {
                    try await connector.contacts(at: nil)
                }
            case .agents:
                try await client.readCheck(.readAgents, isEssential: false, about: .rows(.agents)) { try await connector.agents(at: nil) }
            case .tickets: try await client.readCheck(.readTickets, about: .rows(.tickets)) { try await oneTicket() }
            case .queues: try await client.check(.read(.readPicklists)) { try await queues() }
            case .referenceField: try await client.check(.ticketDefaults, isEssential: false) { try await referenceField() }
            }
        }
    }

    private func oneTicket() async throws -> Page<Ticket> {
        let list = try await connector.ticketRows(.all, [.rows(1)])
        let tickets = try await connector.mapped(list)
        return client.page(of: list) { row in row.text("id").flatMap { tickets[$0] } }
    }

    private func queues() async throws -> (RTLocalizedMessage, PSAError?) {
        let queues = try await connector.ticketTypes()
        guard !queues.isEmpty else {
            return (.noQueues, client.error(.permissionNothingVisible, about: .queues, evidence: .noQueues))
        }
        if let queue = settings.queue, !queues.contains(where: { $0.id == queue && $0.canCreate != false }) {
            let seen = RTLocalizedMessage.queueNotUsable(queue.rawValue)
            return (
                seen,
                client.error(.ticketDefaultInvalid, about: .newTicket, field: .verbatim("Queue ID"), message: seen, evidence: seen)
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
}
