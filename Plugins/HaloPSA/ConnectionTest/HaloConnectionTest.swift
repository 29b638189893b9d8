public import PSACore

extension HaloConnector {
    /// Checks the way to the server, credentials, permissions, one read of each resource and the ticket defaults, within the context's limit.
    ///
    /// The credentials are tried with a new token, not with one that is still held. If no token is issued, further checks tell its causes
    /// apart; they send the credentials to no other address than the typed one.
    ///
    /// - Throws: `CancellationError`; whatever does not work is in the report.
    public func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let connector = HaloConnector(
            settings: settings, context: context, timeouts: .connectionTest(within: context.connectionTestLimit))
        let test = HaloConnectionTest(settings: settings, client: connector.client, connector: connector)
        return try await client.connectionTest(about: .connectionTest, progress: progress) { try await test.run($0) }
    }
}

extension HaloConnector: TicketCreationTesting {
    /// Creates a ticket marked as a test with the ticket defaults, reads it back, and deletes it; if that is not allowed, closes it.
    ///
    /// - Throws: `CancellationError`; whatever does not work is in the check.
    public func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck {
        var (check, duration) = try await client.measured {
            do {
                return try await createdAndRemoved(draft)
            } catch let error as PSAError {
                var check = ConnectionCheck(.write, .failed, error: error)
                if error.code == .configMissingField { check.evidence = HaloMessage.defaultsNotSet }
                return check
            }
        }
        check.duration = duration
        return check
    }

    private func createdAndRemoved(_ draft: TicketDraft) async throws -> ConnectionCheck {
        let ticket = try await createTestTicket(draft)
        func check(_ outcome: ConnectionCheck.Outcome, _ end: HaloMessage) -> ConnectionCheck {
            ConnectionCheck(.write, outcome, evidence: ticket.differences.isEmpty ? end : .storedOtherwise(ticket.differences, end))
        }
        if try await deleteTestTicket(ticket) {
            return check(ticket.differences.isEmpty ? .passed : .warning, .createdAndDeleted(ticket.number))
        }
        if try await closeTestTicket(ticket) { return check(.warning, .createdAndClosed(ticket.number)) }
        return check(.warning, .createdAndLeft(ticket.number))
    }

    private func createTestTicket(_ announced: TicketDraft) async throws -> Ticket {
        var draft = announced
        draft.attachments = try await testAttachments()
        do {
            let created: Ticket
            do {
                created = try await createTicket(draft)
            } catch let error as PSAError where !error.mayHaveBeenExecuted {
                // A ticket that does not exist leaves no files behind.
                for case .uploaded(let upload) in draft.attachments { try? await discard(upload) }
                throw error
            }
            var stored = try await ticket(created.id)
            // What the answer to the create leaves out, the ticket itself may state.
            let asked = settings.withDefaults(draft)
            stored.differences = asked.differences(in: stored)
            let stated = Set(stored.differences.map(\.field))
            stored.differences += created.differences.filter { !stated.contains($0.field) }
            return stored
        } catch let error as PSAError where error.code == .writeOutcomeUnknown {
            // The reference tells whether it was created after all; if not, the unknown outcome stands.
            guard let reference = draft.externalReference, let found = try await tickets(externalReference: reference).first else {
                throw error
            }
            return found
        }
    }

    /// As many small files as the default type demands; if its detail can't be read, none.
    private func testAttachments() async throws -> [DraftAttachment] {
        guard let type = settings.ticketType, let (read, _) = try? await form(of: type, .only([])),
            let fewest = read.form[.attachments]?.minAttachments
        else { return [] }
        var uploads: [DraftAttachment] = []
        for number in 1...max(fewest, 1) {
            guard let file = try? AttachmentFile(name: "connection-test-\(number).txt", bytes: Array("Connection test".utf8)) else {
                continue
            }
            uploads.append(.uploaded(try await upload(file)))
        }
        return uploads
    }

    /// Whether the ticket is gone afterwards: HaloPSA answers 404 for it, or marks it as deleted.
    private func deleteTestTicket(_ ticket: Ticket) async throws -> Bool {
        do {
            try await client.delete(
                .tickets, id: try number(ticket.id, .testTicket), [QueryItem("reason", "Connection test")], about: .testTicket)
        } catch let error as PSAError {
            // A 404 may come from whoever does not let the request through, so the ticket itself is asked.
            guard error.code == .requestNotFound else { return false }
        }
        do {
            let afterwards = try await self.ticket(ticket.id)
            return afterwards.native["deleted"] == .bool(true)
        } catch let error as PSAError {
            return error.code == .requestNotFound
        }
    }

    /// Whether the ticket could be closed; only a status that is the one candidate of its type is used, never a guessed number.
    private func closeTestTicket(_ ticket: Ticket) async throws -> Bool {
        do {
            let closing = try await ticketStatuses(for: ticket.type?.id).filter { $0.phase == .closed }
            guard closing.count == 1 else { return false }
            _ = try await changeStatus(of: ticket.id, StatusChange(to: closing[0].id))
            return true
        } catch is PSAError {
            return false
        }
    }
}

/// One test of a connection, within the context's time limit: first the server and the token at the same time, then either all reads at the
/// same time or, if there is no token, the checks that tell its causes apart.
struct HaloConnectionTest: Sendable {
    let settings: HaloSettings
    let client: HaloClient
    let connector: HaloConnector

    /// Runs the test; the connector given has its own token and timeouts, so that the credentials are tried again.
    func run(_ progress: @Sendable (ConnectionCheck) -> Void) async throws -> [ConnectionCheck] {
        var checks: [ConnectionCheck] = []
        func record(_ check: ConnectionCheck) {
            progress(check)
            checks.append(check)
        }
        record(client.addressCheck)

        async let serverAnswer = client.measured { try await client.probe(settings.tenantURL) }
        async let tokenAnswer = client.measured { try await token() }
        let (server, issued) = (try await serverAnswer, try await tokenAnswer)
        // An answer to the token request, even a refusal, proves that the way there is open.
        let isAnswered = issued.value.token != nil || issued.value.error?.vendor?.status != nil
        // The endpoint may be closed on purpose; as long as a token is issued, nothing there is fatal.
        let isRequired = !isAnswered && server.value.isUnreachable
        for check in client.serverChecks(server.value, answered: .answers, took: server.duration, isRequired: isRequired) { record(check) }

        guard let token = issued.value.token else {
            guard let failure = issued.value.error else { return checks }
            if server.value.isUnreachable, !isAnswered {
                record(ConnectionCheck(skipped: .credentials))
            } else {
                let error = try await diagnosed(failure, server: server.value)
                record(ConnectionCheck(.credentials, .failed, error: error, duration: issued.duration))
            }
            return checks
        }
        record(client.tokenCheck(took: issued.duration))
        record(scopeCheck(token.grantedScope))
        return checks + (try await reads(progress))
    }

    private func token() async throws -> (token: AccessToken?, error: PSAError?) {
        do {
            return (try await client.token(), nil)
        } catch let error as PSAError {
            return (nil, error)
        }
    }

    private func scopeCheck(_ granted: GrantedScope?) -> ConnectionCheck {
        guard let granted else { return ConnectionCheck(.scope, .skipped, evidence: HaloMessage.grantUnknown) }
        let missing = Self.neededScopes.filter { granted.lacks($0) }
        guard !missing.isEmpty else { return ConnectionCheck(.scope, .passed, evidence: HaloMessage.allGranted, duration: .zero) }
        let error = client.scopeError(missing)
        return ConnectionCheck(.scope, .warning, evidence: HaloMessage.notGranted(missing), duration: .zero, error: error)
    }

    private static let neededScopes = ["read:tickets", "edit:tickets", "read:customers", "read:contracts", "read:invoices"]
}

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
        // The ticket defaults come after the reads.
        let steps: [Probe?] = probes + [nil]
        let checks = try await client.concurrentChecks(of: steps, progress: progress) { probe in
            if let probe { try await read(probe) } else { try await defaultsCheck() }
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
        let error = client.error(.permissionNothingVisible, about: .rows(resource), message: evidence, evidence: evidence)
        return ConnectionCheck(subject, .warning, evidence: evidence, duration: duration, error: error)
    }
}

extension HaloConnectionTest {
    /// Whether the ticket defaults exist, may be used, and fit together; and whether the outcomes for notes and replies exist.
    ///
    /// Everything is asked for at the same time; the first mistake in the order in which a person chooses is reported.
    func defaultsCheck() async throws -> ConnectionCheck {
        guard let type = settings.ticketType else {
            return ConnectionCheck(.ticketDefaults, .skipped, evidence: HaloMessage.defaultsNotSet)
        }
        let answer = try await client.measured { () async throws -> PSAError? in
            async let typeFits: Void = checkType(type)
            async let statusFits: Void = checkStatus(type)
            async let priorityFits: Void = checkPriority(type)
            async let outcomesExist: Void = checkOutcomes()
            async let isReadable = connector.form(of: type, .only([]))
            do {
                try await typeFits
                try await statusFits
                try await priorityFits
                try await outcomesExist
                // What the type demands is read before a ticket is sent; without the right to it HaloPSA alone decides.
                _ = try await isReadable
                return nil
            } catch let error as PSAError {
                return error
            }
        }
        guard let error = answer.value else {
            return ConnectionCheck(.ticketDefaults, .passed, evidence: HaloMessage.defaultsFit, duration: answer.duration)
        }
        var check = ConnectionCheck(
            .ticketDefaults, error.code == .ticketDefaultInvalid ? .failed : .warning, error: error, duration: answer.duration)
        if let issue = error.settingIssues.first { check.evidence = issue.localizedMessage }
        return check
    }

    private func checkOutcomes() async throws {
        _ = try await connector.outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)
        let reply = try await connector.outcomes.id(named: settings.replyOutcome, setting: .replyOutcome)
        if await connector.outcomes.sendsNoMail(reply) {
            throw client.error(
                .configInvalidField, about: .connectionTest, field: SettingKey.replyOutcome.haloName,
                message: .sendsNoMail(settings.replyOutcome))
        }
    }

    private func checkType(_ id: TicketType.ID) async throws {
        async let every = connector.ticketTypes()
        async let creatable = connector.creatableTicketTypes()
        guard let type = try await every.first(where: { $0.id == id }) else {
            throw invalid(.ticketTypeID, "no_such_id", .noSuchID(id.rawValue))
        }
        // A flag that is left out says nothing, so the server is asked for the types that can be created as well.
        let isCreatable = try await creatable.contains { $0.id == id }
        guard type.canCreate != false, isCreatable else {
            throw invalid(.ticketTypeID, "not_creatable", .typeNotCreatable(name: type.name))
        }
    }

    private func checkStatus(_ type: TicketType.ID) async throws {
        guard let status = settings.ticketStatus else { return }
        let statuses = try await connector.ticketStatuses(for: type)
        if !statuses.contains(where: { $0.id == status }) { throw invalid(.ticketStatusID, "no_such_id", .noSuchID(status.rawValue)) }
    }

    private func checkPriority(_ type: TicketType.ID) async throws {
        guard let priority = settings.ticketPriority else { return }
        let priorities = try await connector.ticketPriorities(for: type)
        if !priorities.contains(where: { $0.id == priority }) {
            throw invalid(.ticketPriorityID, "not_for_type", .priorityOfAnotherSLA(priority.rawValue))
        }
    }

    private func invalid(_ setting: SettingKey, _ cause: CauseID, _ reason: HaloMessage) -> PSAError {
        var error = client.error(.ticketDefaultInvalid, about: .ticketDefaults, field: setting.haloName, message: reason)
        error.findings = [CauseEvidence(cause, .certain, by: .choices, evidence: reason)]
        error.concernedFields = [setting]
        return error
    }
}
