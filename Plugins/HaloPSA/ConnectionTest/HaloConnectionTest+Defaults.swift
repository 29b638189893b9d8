import PSACore

extension HaloConnectionTest {
    /// Whether the ticket defaults exist, may be used, and fit together; and whether the outcomes for notes and replies exist.
    func defaultsCheck() async throws -> ConnectionCheck {
        let answer = try await timed { () async throws -> (outcome: ConnectionCheck.Outcome, evidence: any Phrase, error: PSAError?) in
            do {
                guard let type = settings.ticketType else { return (.skipped, HaloPhrase.defaultsNotSet, nil) }
                try await checkType(type)
                try await checkStatus(type)
                try await checkPriority(type)
            } catch let error as PSAError {
                return (error.code == .ticketDefaultInvalid ? .failed : .warning, error.observation, error)
            }
            do {
                _ = try await connector.outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)
                _ = try await connector.outcomes.id(named: settings.replyOutcome, setting: .replyOutcome)
                return (.passed, HaloPhrase.defaultsFit, nil)
            } catch let error as PSAError {
                return (.warning, error.settingProblems.first?.phrase ?? error.observation, error)
            }
        }
        return ConnectionCheck(
            .ticketDefaults, answer.value.outcome, evidence: answer.value.evidence, duration: answer.duration, error: answer.value.error)
    }

    private func checkType(_ id: TicketType.ID) async throws {
        guard let type = try await connector.ticketTypes().first(where: { $0.id == id }) else {
            throw invalid(.ticketTypeID, "no_such_id", .noSuchID(id.rawValue))
        }
        // A flag that is left out says nothing, so the server is asked for the types that can be created as well.
        let creatable = try await connector.creatableTicketTypes()
        guard type.canCreate != false, creatable.contains(where: { $0.id == id }) else {
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
            throw invalid(.ticketPriorityID, "wrong_combination", .priorityOfAnotherSLA(priority.rawValue))
        }
    }

    private func invalid(_ setting: SettingKey, _ cause: CauseID, _ reason: HaloPhrase) -> PSAError {
        let label = HaloConnector.descriptor.settings[setting]?.label ?? setting.rawValue
        var error = client.error(.ticketDefaultInvalid, about: .ticketDefaults, field: .verbatim(label), message: reason)
        error.findings = [Finding(cause, .certain, evidence: reason)]
        error.fields = [setting]
        return error
    }
}
