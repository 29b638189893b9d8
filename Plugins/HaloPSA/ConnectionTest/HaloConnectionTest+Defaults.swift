import PSACore

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
            do {
                try await typeFits
                try await statusFits
                try await priorityFits
                try await outcomesExist
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
        if let issue = error.settingIssues.first { check.evidence = issue.phrase }
        return check
    }

    private func checkOutcomes() async throws {
        _ = try await connector.outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)
        _ = try await connector.outcomes.id(named: settings.replyOutcome, setting: .replyOutcome)
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
