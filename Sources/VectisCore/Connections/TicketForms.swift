package import PSACore
package import PSAEngine
package import VectisRules

extension ConnectionService {
    /// The fields of new tickets of a type; what a person has read of late is not read again.
    ///
    /// - Throws: As ``readTicketForm(of:for:)``.
    package func ticketForm(of connection: StoredConnection, for type: TicketType.ID?) async throws -> TicketForm {
        try await reads.value("form/\(type?.rawValue ?? "")", of: connection) { try await readTicketForm(of: connection, for: type) }
    }

    /// Reads the fields of new tickets of a type.
    ///
    /// A connector may answer for its stored default type where none is asked for; those fields do not count for tickets without a type.
    ///
    /// - Throws: ``PSAError`` if the PSA does not let them be read; `CancellationError`.
    func readTicketForm(of connection: StoredConnection, for type: TicketType.ID?) async throws -> TicketForm {
        let session = try await session(of: connection)
        let form = try await Timeout.read(timeout, time: context.time) { try await session.ticketFields(for: type) }
        return form.type == type ? form : TicketForm(type: type, fields: form.type == nil ? form.fields : [])
    }

    /// Searches the choices of a field.
    ///
    /// - Throws: ``PSAError`` or `CancellationError`.
    package func fieldChoices(
        of connection: StoredConnection, field: TicketField.ID, for type: TicketType.ID?, matching query: ChoiceQuery
    ) async throws -> [TicketField.Choice] {
        // Scalars that no id has stand between the parts.
        let name = ["choices", field.rawValue, type?.rawValue ?? "", query.text, String(query.limit)].joined(separator: "\u{0}")
        return try await reads.value(name, of: connection) {
            let session = try await session(of: connection)
            return try await Timeout.read(timeout, time: context.time) { try await session.choices(of: field, for: type, matching: query) }
        }
    }

    /// Whether a connection's connector creates tickets, and so has fields for them.
    package func createsTickets(_ connection: StoredConnection) -> Bool {
        (try? registry.descriptor(named: connection.connector.rawValue))?.capabilities.contains(.createTickets) ?? false
    }

    /// Whether a connection's connector attaches files to new tickets.
    package func attachesFiles(_ connection: StoredConnection) -> Bool {
        (try? registry.descriptor(named: connection.connector.rawValue))?.capabilities.contains(.addAttachments) ?? false
    }

    /// The type that a rule's tickets have: its own, or that of the ticket defaults.
    package func ticketType(of action: TicketAction, through connection: StoredConnection) -> TicketType.ID? {
        TicketType.ID(action.overrides[.type]) ?? defaultType(of: connection)
    }

    /// The type of the ticket defaults; nil if none is chosen.
    package func defaultType(of connection: StoredConnection) -> TicketType.ID? { TicketType.ID(standardDefaults(of: connection)[.type]) }

    /// The ids with which a rule's tickets start: its own, else those of the ticket defaults.
    package func ticketDefaults(of overrides: TicketDefaultValues, through connection: StoredConnection) -> TicketDefaultValues {
        var values = standardDefaults(of: connection, for: TicketType.ID(overrides[.type]) ?? defaultType(of: connection))
        for choice in TicketDefault.allCases where !overrides[choice].isEmpty { values.values[choice] = overrides[choice] }
        return values
    }

    /// The ids with which tickets of a type start; status and priority of the ticket defaults are those of their type alone.
    private func standardDefaults(of connection: StoredConnection, for type: TicketType.ID?) -> TicketDefaultValues {
        guard type != defaultType(of: connection) else { return standardDefaults(of: connection) }
        return TicketDefaultValues(values: type.map { [.type: $0.rawValue] } ?? [:])
    }

    /// The ids among the ticket defaults.
    private func standardDefaults(of connection: StoredConnection) -> TicketDefaultValues {
        guard let descriptor = try? registry.descriptor(named: connection.connector.rawValue) else { return TicketDefaultValues() }
        return connection.ticketDefaults(descriptor)
    }

    /// What is known of the tickets of a rule before there is an event.
    package func outline(of action: TicketAction, through connection: StoredConnection) -> TicketOutline {
        let type = ticketType(of: action, through: connection)
        var outline = outline(ofDefaultsOf: connection, for: type)
        for choice in [TicketDefault.status, .priority] where !action.overrides[choice].isEmpty {
            outline.standard.values[choice] = action.overrides[choice]
        }
        outline.hasDetails = !action.details.pattern.trimmingSpaces.isEmpty
        outline.fields.merge(action.fields.mapValues(\.sample)) { $1 }
        return outline
    }

    /// What the ticket defaults alone give tickets of a type.
    package func outline(ofDefaultsOf connection: StoredConnection, for type: TicketType.ID?) -> TicketOutline {
        let standard = standardDefaults(of: connection, for: type)
        let fields = connection.ticketFieldDefaults.type == type ? connection.ticketFieldDefaults.values : [:]
        return TicketOutline(standard: standard, fields: fields, attachesFiles: attachesFiles(connection))
    }
}

/// What is known of new tickets before an event brings the rest.
package struct TicketOutline: Sendable, Equatable {
    /// Type, status and priority.
    package var standard: TicketDefaultValues
    /// The values of further fields.
    package var fields: [TicketField.ID: TicketFieldValue]
    /// Whether the ticket has a first message.
    package var hasDetails: Bool
    /// Whether files of an event are attached.
    package var attachesFiles: Bool

    /// Creates a ``TicketOutline``.
    package init(
        standard: TicketDefaultValues, fields: [TicketField.ID: TicketFieldValue], hasDetails: Bool = true, attachesFiles: Bool = false
    ) {
        self.standard = standard
        self.fields = fields
        self.hasDetails = hasDetails
        self.attachesFiles = attachesFiles
    }
}

extension TicketForm {
    /// What keeps tickets of an outline from being created, whatever the event brings.
    ///
    /// The company, and files where the connector attaches them, come with the event; the tenant's own defaults fill what has no value.
    package func obstacles(_ outline: TicketOutline) -> [TicketFieldIssue] {
        var draft = TicketDraft(
            summary: "-", details: outline.hasDetails ? "-" : nil, type: TicketType.ID(outline.standard[.type]),
            status: TicketStatus.ID(outline.standard[.status]), priority: TicketPriority.ID(outline.standard[.priority]))
        draft.fields = outline.fields
        draft.externalReference = "-"
        return issues(with: completing(draft)).filter { issue in
            switch issue.field {
            case .summary, .company, .externalReference: false
            default: !(issue.kind == .attachment && outline.attachesFiles)
            }
        }
    }

    /// The fields that a person can give a value in advance: not those that come with the event, or are filled in by the PSA.
    package var fillableFields: [TicketField] {
        fields.filter { field in
            !TicketField.ID.standard.contains(field.id) && field.requirement != .readOnly && field.kind != .attachment
                && field.kind != .unsupported
        }
    }

    /// The demanded fields that can only be filled in inside the PSA: no ticket of the type can be created from here.
    package var unsupportedFields: [TicketField] { fields.filter { $0.kind == .unsupported && $0.isRequired } }

    /// The demanded files, if the type demands any.
    package var demandedFiles: TicketField? { fields.first { $0.kind == .attachment && ($0.isRequired || ($0.minAttachments ?? 0) > 0) } }
}

/// Why a rule could not create a ticket now.
package struct RuleObstacles: Error, Sendable {
    /// What is wrong, in the order of the fields.
    package let issues: [TicketFieldIssue]
    /// The ticket type as the PSA calls it, or its id.
    package let type: String

    /// Creates a ``RuleObstacles``.
    package init(issues: [TicketFieldIssue], type: String) {
        self.issues = issues
        self.type = type
    }

    /// The pause of a rule with these obstacles.
    package var pause: TicketFieldsPause { TicketFieldsPause(type: type, fields: issues.map(\.label)) }
}

/// What the PSA says about a rule that is about to be saved.
package struct RuleCheck: Sendable {
    /// The fields of the rule's type; nil if the connector has none.
    package let form: TicketForm?
    /// What keeps its tickets from being created; nil if nothing is known to.
    package let obstacles: RuleObstacles?

    /// Creates a ``RuleCheck``.
    package init(form: TicketForm?, obstacles: RuleObstacles?) {
        self.form = form
        self.obstacles = obstacles
    }
}

extension ConnectionService {
    /// Asks the PSA whether a rule could create a ticket.
    ///
    /// - Throws: ``PSAError`` if the PSA can't be asked, or an error of the storage.
    package func check(_ definition: RuleDefinition) async throws -> RuleCheck {
        try await check(definition, with: try await ticketForm(of: definition))
    }

    /// Reads the fields of the tickets of a rule; nil if its connection creates none.
    ///
    /// - Throws: ``PSAError`` if the PSA can't be asked, or an error of the storage.
    package func ticketForm(of definition: RuleDefinition) async throws -> TicketForm? {
        guard let connection = try await storage.connection(definition.action.connection), createsTickets(connection) else { return nil }
        return try await readTicketForm(of: connection, for: ticketType(of: definition.action, through: connection))
    }

    /// As ``check(_:)``, with the fields that were read for the rule.
    ///
    /// - Throws: `CancellationError`, or an error of the storage.
    package func check(_ definition: RuleDefinition, with form: TicketForm?) async throws -> RuleCheck {
        guard let form, let connection = try await storage.connection(definition.action.connection) else {
            return RuleCheck(form: nil, obstacles: nil)
        }
        let type = ticketType(of: definition.action, through: connection)
        let issues = try await obstacles(of: definition.action, with: form, through: connection)
        guard !issues.isEmpty else { return RuleCheck(form: form, obstacles: nil) }
        return RuleCheck(form: form, obstacles: RuleObstacles(issues: issues, type: await typeName(type, of: connection)))
    }

    /// What keeps tickets of a rule from being created, whatever the event brings: of their fields, and of the ids that the rule states itself.
    ///
    /// - Throws: `CancellationError`.
    func obstacles(
        of action: TicketAction, with form: TicketForm, through connection: StoredConnection
    ) async throws -> [TicketFieldIssue] {
        let issues = form.obstacles(outline(of: action, through: connection))
        let unknown = try await unknownIDs(of: action, with: form, through: connection)
        return issues + unknown.filter { other in !issues.contains { $0.field == other.field } }
    }

    /// The ids of a rule that are not in the PSA's lists; where a list is not known, nothing is known to be wrong.
    private func unknownIDs(
        of action: TicketAction, with form: TicketForm, through connection: StoredConnection
    ) async throws -> [TicketFieldIssue] {
        guard TicketDefault.allCases.contains(where: { !action.overrides[$0].isEmpty }) else { return [] }
        let values = ticketDefaults(of: action.overrides, through: connection)
        do {
            let lists = try await readChoices(of: connection, with: values) { _ in form }.lists
            let unknown = TicketDefault.allCases.filter { choice in
                let known = lists.choices(choice)
                return !action.overrides[choice].isEmpty && lists.missing(for: choice, in: values) == nil && !known.isEmpty
                    && !known.contains { $0.id.rawValue == values[choice] }
            }
            // The other lists are those of the type.
            return (unknown.contains(.type) ? [.type] : unknown).compactMap { choice in
                guard let field = TicketField.ID(choice.rawValue), let id = TicketField.Choice.ID(values[choice]) else { return nil }
                return TicketFieldIssue(
                    form[field] ?? .standard(field), .unknownChoice(id, known: Array(lists.choices(choice).prefix(10))))
            }
        } catch is PSAError {
            try Task.checkCancellation()
            return []
        }
    }

    /// What the connector says of the ids that a rule states and that its PSA can't have, by the names of their inputs.
    ///
    /// Which ids are possible differs from PSA to PSA; it is what the setting of the ticket default takes.
    ///
    /// - Throws: The errors of the storage.
    package func idIssues(of definition: RuleDefinition) async throws -> [(field: String, problem: RuleProblem)] {
        guard let connection = try await storage.connection(definition.action.connection),
            let settings = try? registry.descriptor(named: connection.connector.rawValue).settings
        else { return [] }
        var input = SettingsInput()
        var choices: [SettingKey: TicketDefault] = [:]
        for field in settings.fields {
            guard case .ticketDefault(let choice) = field.purpose, !definition.action.overrides[choice].isEmpty else { continue }
            input[field.key] = Secret(definition.action.overrides[choice])
            choices[field.key] = choice
        }
        return settings.validate(input).issues.compactMap { issue in
            choices[issue.field].map { ($0.rawValue, .refusedID(issue.localizedMessage)) }
        }
    }

    /// What the PSA calls a type; its id where the list can't be read, and empty for none.
    func typeName(_ type: TicketType.ID?, of connection: StoredConnection) async -> String {
        guard let type else { return "" }
        let types = try? await Timeout.read(timeout, time: context.time) {
            try await self.session(of: connection).ticketTypes()
        }
        return types?.first { $0.id == type }?.name ?? type.rawValue
    }
}
