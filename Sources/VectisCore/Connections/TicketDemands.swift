package import FoundationEssentials
package import PSACore
package import PSAEngine
package import VectisRules

/// What a ticket type demanded when it was last read, and what of it nothing fills in.
package struct TicketDemands: Sendable, Equatable {
    package var connection: ConnectionID
    /// The type; nil where none is chosen.
    package var type: TicketType.ID?
    /// The type as people know it.
    package var typeName: String
    /// ``TicketForm/fingerprint``.
    package var fingerprint: String
    /// The fields for whose sake tickets of the type can't be created, as the tenant calls them; empty if there are none.
    package var obstacles: [String]
    package var checkedAt: Date

    /// Creates a ``TicketDemands``.
    package init(
        connection: ConnectionID, type: TicketType.ID?, typeName: String, fingerprint: String, obstacles: [String], checkedAt: Date
    ) {
        self.connection = connection
        self.type = type
        self.typeName = typeName
        self.fingerprint = fingerprint
        self.obstacles = obstacles
        self.checkedAt = checkedAt
    }

    /// The obstacles in a sentence, for the connection's issue.
    package var sentence: String {
        let type = typeName.isEmpty ? "Tickets without a type" : "Ticket type “\(typeName)”"
        return "\(type): \(obstacles.quotedList)."
    }
}

/// Keeps what ticket types demand, and the pauses that follow from it.
package protocol TicketDemandStore: Sendable {
    /// What is known of a connection's types, or with nil of all.
    func ticketDemands(of connection: ConnectionID?) async throws -> [TicketDemands]

    /// Keeps what a type demands now.
    func keep(_ demands: TicketDemands) async throws

    /// Removes what is known of the types of a connection that are not among the given ones.
    func forgetDemands(of connection: ConnectionID, except types: Set<TicketType.ID?>) async throws

    /// Pauses a rule because of fields, or with nil ends that pause; its jobs wait meanwhile.
    ///
    /// - Returns: Whether anything changed; without a change the audit entry is not kept.
    @discardableResult func setFieldPause(_ pause: TicketFieldsPause?, of rule: RuleID, audit: AuditEntry) async throws -> Bool
}

extension ConnectionService {
    /// Reads what the types of all rules demand, and the default type if fields have defaults, and checks ticket defaults and rules against it.
    ///
    /// Rules that could not create a ticket are paused, and an issue names type and fields; when the demands are met, both end. What can't be
    /// read stays as it is.
    ///
    /// - Parameters:
    ///   - connection: Whose types are meant.
    ///   - time: The time of the check.
    ///   - entry: The audit entry of what caused it.
    /// - Returns: Whether nothing is known to be unmet.
    /// - Throws: The errors of the storage, or `CancellationError`.
    @discardableResult
    package func checkDemands(of connection: StoredConnection, at time: Date, _ entry: AuditEntry) async throws -> Bool {
        guard createsTickets(connection) else { return true }
        let rules = try await storage.rules().filter { $0.definition.action.connection == connection.id }
        let byType = Dictionary(grouping: rules) { ticketType(of: $0.definition.action, through: connection) }
        let defaultType = defaultType(of: connection)
        // Without values of its own the default type can lack nothing but what rules fill in.
        let hasDefaults = connection.ticketFieldDefaults.type == defaultType && !connection.ticketFieldDefaults.values.isEmpty
        let types = Set(byType.keys).union(hasDefaults ? [defaultType] : [])
        try await storage.forgetDemands(of: connection.id, except: types)
        var unmet: [TicketFieldIssue] = []
        for type in types.sorted(by: { ($0?.rawValue ?? "") < ($1?.rawValue ?? "") }) {
            do {
                let form = try await readTicketForm(of: connection, for: type)
                unmet += try await check(byType[type] ?? [], type, form, connection, isDefault: type == defaultType, at: time, entry)
            } catch let error as PSAError {
                try Task.checkCancellation()
                // The others would fail as well.
                if [.connection, .credentials].contains(FailureScope(error.code)) { break }
            }
        }
        guard !unmet.isEmpty else { return try await storage.ticketDemands(of: connection.id).allSatisfy(\.obstacles.isEmpty) }
        try await storage.recordIssue(
            unmet.allSatisfy(\.isMissing) ? .ticketFieldRequired : .ticketFieldInvalid, of: connection.id, at: time)
        return false
    }

    /// Checks the rules of one type, and the ticket defaults if they are for it.
    ///
    /// - Returns: What is unmet.
    private func check(
        _ rules: [Rule], _ type: TicketType.ID?, _ form: TicketForm, _ connection: StoredConnection, isDefault: Bool, at time: Date,
        _ entry: AuditEntry
    ) async throws -> [TicketFieldIssue] {
        // A rule that a person saved in spite of what is missing runs until the demands change.
        var checked: [(rule: Rule, issues: [TicketFieldIssue])] = []
        for rule in rules where rule.acceptedForm != form.fingerprint {
            let action = rule.definition.action
            // A list that leaves out what the PSA takes after all must not pause a rule that runs; one that is paused for it stays so.
            let issues =
                rule.fieldPause == nil
                ? form.obstacles(outline(of: action, through: connection))
                : try await obstacles(of: action, with: form, through: connection)
            checked.append((rule, issues))
        }
        // What the defaults leave open is for the rules; a wrong value of theirs concerns every ticket.
        var unmet = isDefault ? form.obstacles(outline(ofDefaultsOf: connection, for: type)).filter { !$0.isMissing } : []
        for issue in checked.flatMap(\.issues) where !unmet.contains(where: { $0.field == issue.field }) { unmet.append(issue) }
        let name = unmet.isEmpty ? type?.rawValue ?? "" : await typeName(type, of: connection)
        for (rule, issues) in checked {
            let pause = issues.isEmpty ? nil : TicketFieldsPause(type: name, fields: issues.map(\.label))
            var audit = entry
            (audit.at, audit.actor, audit.address, audit.target, audit.outcome) = (time, .system, nil, rule.name, .done)
            audit.action = pause == nil ? .ruleResumed : .rulePaused
            audit.code = pause == nil ? nil : .ticketFieldRequired
            audit.detail = pause?.sentence ?? "The fields that its ticket type demands are filled in."
            if try await storage.setFieldPause(pause, of: rule.id, audit: audit) { wake() }
        }
        try await storage.keep(
            TicketDemands(
                connection: connection.id, type: type, typeName: name, fingerprint: form.fingerprint, obstacles: unmet.map(\.label),
                checkedAt: time))
        return unmet
    }
}
