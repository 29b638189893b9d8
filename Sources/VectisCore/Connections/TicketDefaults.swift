package import PSACore
package import PSAEngine
package import VectisRules

/// What new tickets can start with, as the PSA lists it.
package struct TicketChoices: Sendable {
    package var types: [TicketType]
    /// None while ``dependencies`` of them are not chosen.
    package var statuses: [TicketStatus]
    /// None while ``dependencies`` of them are not chosen.
    package var priorities: [TicketPriority]
    /// What each list depends on, as the connector declares it; a list without an entry depends on nothing.
    package var dependencies: [TicketDefault: [TicketDefault]] = [:]
    /// The lists that the PSA does not allow to be read, and why: never all three.
    ///
    /// The ids of their defaults have to be typed.
    package var unreadable: [TicketDefault: PSAError] = [:]

    /// What a list offers.
    func choices(_ choice: TicketDefault) -> [TicketField.Choice] {
        switch choice {
        case .type: types.compactMap { type in TicketField.Choice.ID(type.id.rawValue).map { .init($0, label: type.name) } }
        case .status: statuses.compactMap { status in TicketField.Choice.ID(status.id.rawValue).map { .init($0, label: status.name) } }
        case .priority:
            priorities.compactMap { priority in TicketField.Choice.ID(priority.id.rawValue).map { .init($0, label: priority.name) } }
        }
    }

    /// What has to be chosen before the list of a default can be shown; nil if nothing has.
    package func missing(for choice: TicketDefault, in values: TicketDefaultValues) -> TicketDefault? {
        dependencies[choice]?.first { values[$0].isEmpty }
    }
}

extension TicketForm {
    /// What the lists of ticket defaults depend on, by the fields' ``/PSACore/TicketField/dependsOn``.
    ///
    /// Fields that are no ticket defaults are left out: no list can be asked for by them. Of two fields that depend on each other neither
    /// waits for the other, because then neither could be chosen.
    package var defaultDependencies: [TicketDefault: [TicketDefault]] {
        var declared: [TicketDefault: Set<TicketDefault>] = [:]
        for choice in TicketDefault.allCases {
            let field = TicketField.ID(choice.rawValue).flatMap { self[$0] }
            declared[choice] = Set((field?.dependsOn ?? []).compactMap { TicketDefault(rawValue: $0.rawValue) })
        }
        func reaches(_ goal: TicketDefault, from start: TicketDefault) -> Bool {
            var (seen, open): (Set<TicketDefault>, Set<TicketDefault>) = ([], [start])
            while let next = open.popFirst() {
                if next == goal { return true }
                seen.insert(next)
                open.formUnion((declared[next] ?? []).subtracting(seen))
            }
            return false
        }
        return declared.compactMapValues { $0.isEmpty ? nil : $0 }.reduce(into: [:]) { dependencies, entry in
            let kept = TicketDefault.allCases.filter { entry.value.contains($0) && !reaches(entry.key, from: $0) }
            if !kept.isEmpty { dependencies[entry.key] = kept }
        }
    }
}

/// What is wrong with ticket defaults.
package enum TicketDefaultsError: Error, Sendable {
    /// A value is not valid, or the PSA has no such choice; by the default or the field it concerns.
    case invalid([TicketDefault: String], fields: [TicketFieldIssue])
    /// The PSA's lists could not be read, so the values could not be verified.
    case unverified(PSAError)
    /// The connection was changed in the meantime.
    case stale
}

extension ConnectionService {
    /// The lists that new tickets choose from; what a person has read of late is not read again.
    ///
    /// - Parameters:
    ///   - connection: Whose lists they are.
    ///   - values: What is chosen so far; a list is read once all that it depends on is.
    /// - Returns: The lists.
    /// - Throws: As ``readChoices(of:with:form:)``.
    package func choices(of connection: StoredConnection, with values: TicketDefaultValues) async throws -> TicketChoices {
        let chosen = TicketDefault.allCases.filter { !values[$0].isEmpty }.map(\.rawValue).joined(separator: ",")
        // A scalar that no id has stands between the parts.
        let name = ["lists", chosen, values[.type]].joined(separator: "\u{0}")
        return try await reads.value(name, of: connection, keptIf: { $0.unreadable.isEmpty }) {
            try await readChoices(of: connection, with: values) { try await ticketForm(of: connection, for: $0) }.lists
        }
    }

    /// Reads the lists that new tickets choose from; for a type that is not among them, as for none.
    ///
    /// - Parameters:
    ///   - connection: Whose lists they are.
    ///   - values: What is chosen so far.
    ///   - form: Reads the fields of a type, which say what depends on what.
    /// - Returns: The lists, and the fields of the type; without them if they can't be read. A list for which the permission is missing takes
    ///   only itself away.
    /// - Throws: ``PSAError`` if the PSA does not let any list be read, or can't be asked; then ids can be typed by hand.
    func readChoices(
        of connection: StoredConnection, with values: TicketDefaultValues,
        form: @escaping @Sendable (TicketType.ID?) async throws -> TicketForm
    ) async throws -> (lists: TicketChoices, form: TicketForm?) {
        let session = try await session(of: connection)
        let types = try await Timeout.read(timeout, time: context.time) {
            try await Self.unlessForbidden { try await session.ticketTypes().filter { $0.canCreate != false } }
        }
        // Asking for what belongs to a type that is gone would be refused, and then nothing at all could be chosen.
        let known = TicketType.ID(values[.type]).flatMap { type in
            switch types {
            case .success(let types): types.contains { $0.id == type } ? type : nil
            case .failure: type
            }
        }
        let read = try await readable(form, of: connection, for: known)
        var lists = TicketChoices(types: [], statuses: [], priorities: [])
        // Where no field says so, priorities are taken to depend on the type, because many vendors have them by service level.
        lists.dependencies = read?.defaultDependencies ?? [.priority: [.type]]
        var chosen = values
        chosen.values[.type] = known?.rawValue
        let waits = (status: lists.missing(for: .status, in: chosen) != nil, priority: lists.missing(for: .priority, in: chosen) != nil)
        let (statuses, priorities) = try await Timeout.read(timeout, time: context.time) {
            async let statuses = Self.unlessForbidden { waits.status ? [] : try await session.ticketStatuses(for: known) }
            async let priorities = Self.unlessForbidden { waits.priority ? [] : try await session.ticketPriorities(for: known) }
            return (try await statuses, try await priorities)
        }
        lists.types = lists.taking(types, as: .type)
        lists.statuses = lists.taking(statuses, as: .status)
        lists.priorities = lists.taking(priorities, as: .priority).filter { !$0.isHidden }
        if lists.unreadable.count == TicketDefault.allCases.count, let error = lists.unreadable[.type] { throw error }
        return (lists, read)
    }

    /// The rows of a list, or the error of a missing permission, which says nothing about other lists.
    private static func unlessForbidden<Row: Sendable>(
        _ read: () async throws -> [Row]
    ) async throws -> Result<[Row], PSAError> {
        do {
            return .success(try await read())
        } catch let error as PSAError where error.code.area == .permission {
            return .failure(error)
        }
    }

    /// The fields of a type; nil if the PSA does not let them be read, or the connector has none.
    private func readable(
        _ form: (TicketType.ID?) async throws -> TicketForm, of connection: StoredConnection, for type: TicketType.ID?
    ) async throws -> TicketForm? {
        guard createsTickets(connection) else { return nil }
        do {
            return try await form(type)
        } catch is PSAError {
            return nil
        }
    }

    /// Checks ticket defaults against the PSA's lists and the fields of the type, and stores them.
    ///
    /// A demanded field without a value is no error: a rule or an event may fill it in.
    ///
    /// - Parameters:
    ///   - submission: The ids.
    ///   - fields: The values of further fields as typed, without those left empty; nil keeps what is stored for the same type.
    ///   - connection: Whose defaults they are.
    ///   - acceptsUnverified: Store them although the lists could not be read; then the fields stay as they are.
    ///   - audit: The entry to keep.
    /// - Returns: The connection as it is stored now.
    /// - Throws: ``TicketDefaultsError``, or an error of the storage.
    package func saveTicketDefaults(
        _ submission: TicketDefaultValues, fields: [TicketField.ID: String]? = nil, of connection: StoredConnection,
        acceptsUnverified: Bool, audit: AuditEntry
    ) async throws -> StoredConnection {
        let draft = try draft(with: submission, of: connection)
        let typing = submission.malformed.merging(draft.problems(in: draft.descriptor)) { $1 }
        guard typing.isEmpty else { throw TicketDefaultsError.invalid(typing, fields: []) }
        var changed = connection
        changed.settings = draft.plainSettings
        let type = TicketType.ID(submission[.type])
        if connection.ticketFieldDefaults.type != type { changed.ticketFieldDefaults = TicketFieldDefaults(type: type) }
        do {
            let (lists, read) = try await readChoices(of: connection, with: submission) {
                try await readTicketForm(of: connection, for: $0)
            }
            let wrong = lists.problems(with: submission)
            guard wrong.isEmpty else { throw TicketDefaultsError.invalid(wrong, fields: []) }
            if !acceptsUnverified, let error = lists.unverifiable(in: submission) { throw TicketDefaultsError.unverified(error) }
            if createsTickets(connection) {
                let form = if let read, read.type == type { read } else { try await readTicketForm(of: connection, for: type) }
                let kept = changed.ticketFieldDefaults.values
                let (values, malformed) = fields.map { form.values($0) } ?? (kept, [])
                changed.ticketFieldDefaults = TicketFieldDefaults(type: type, values: values, formFingerprint: form.fingerprint)
                let issues = malformed + form.obstacles(outline(ofDefaultsOf: changed, for: type)).filter { !$0.isMissing }
                guard issues.isEmpty else { throw TicketDefaultsError.invalid([:], fields: issues) }
            }
        } catch let error as PSAError {
            guard acceptsUnverified else { throw TicketDefaultsError.unverified(error) }
        }
        changed.revision += 1
        let now = context.time.now()
        do {
            try await storage.replace(changed, audit: audit)
        } catch StoreError.stale {
            throw TicketDefaultsError.stale
        }
        if try await checkDemands(of: changed, at: now, audit) {
            let codes: Set<ErrorCode> = [.ticketFieldRequired, .ticketFieldInvalid]
            let open = try await storage.issues(of: connection.id).filter { $0.resolvedAt == nil }
            if open.contains(where: { codes.contains($0.code) }) {
                try await storage.resolveIssues(of: connection.id, areas: [.ticket], at: now)
            }
        }
        try await goOn(changed, because: "The ticket defaults were changed.", audit)
        return changed
    }

    private func draft(with submission: TicketDefaultValues, of connection: StoredConnection) throws -> ConnectionDraft {
        var values: [SettingKey: Secret] = [:]
        for field in try registry.descriptor(named: connection.connector.rawValue).settings.fields {
            if case .ticketDefault(let choice) = field.purpose { values[field.key] = Secret(submission[choice]) }
        }
        return try draft(connection.connector.rawValue, SettingsSubmission(name: connection.name, values: values), over: connection)
    }

    /// Creates a ticket marked as a test, deletes it again, and records both in the audit log.
    ///
    /// - Throws: `CancellationError` if the caller was cancelled; then the audit log records that the ticket may exist. Or an
    ///   error of the storage.
    package func createTestTicket(with connection: StoredConnection, audit: AuditEntry) async throws -> ConnectionCheck {
        var entry = audit
        do {
            // A write is waited for as long as its own limits let it take; giving up early would leave its outcome unknown.
            let fields = connection.ticketFieldDefaults
            let check = try await session(of: connection).testTicketCreation(
                fields: fields.type == defaultType(of: connection) ? fields.values : [:])
            entry.describe(check)
            entry.at = context.time.now()
            try await storage.append(entry)
            return check
        } catch let error as PSAError {
            let check = ConnectionCheck(.write, .failed, evidence: HostMessage.testNotFinished, error: error)
            entry.describe(check)
            entry.at = context.time.now()
            try await storage.append(entry)
            return check
        } catch let error as CancellationError {
            entry.outcome = .unknown
            entry.detail = "The request was ended before the answer came. Look in the PSA for a ticket marked as a test."
            entry.at = context.time.now()
            try await storage.append(entry)
            throw error
        }
    }
}

extension TicketChoices {
    /// The rows of a list; none of one that can't be read, which is noted.
    fileprivate mutating func taking<Row>(_ rows: Result<[Row], PSAError>, as choice: TicketDefault) -> [Row] {
        switch rows {
        case .success(let rows): return rows
        case .failure(let error):
            unreadable[choice] = error
            return []
        }
    }

    /// Why a value that is given can't be verified; nil if each can.
    fileprivate func unverifiable(in values: TicketDefaultValues) -> PSAError? {
        TicketDefault.allCases.lazy.filter { !values[$0].isEmpty }.compactMap { unreadable[$0] }.first
    }

    /// What is wrong with values, by the default it concerns.
    fileprivate func problems(with values: TicketDefaultValues) -> [TicketDefault: String] {
        var problems: [TicketDefault: String] = [:]
        for choice in TicketDefault.allCases where !values[choice].isEmpty && unreadable[choice] == nil {
            if let missing = missing(for: choice, in: values) {
                problems[choice] = Self.needs(missing, for: choice)
            } else if !choices(choice).contains(where: { $0.id.rawValue == values[choice] }) {
                problems[choice] = Self.unknown(choice, hasType: !values[.type].isEmpty)
            }
        }
        return problems
    }

    private static func unknown(_ choice: TicketDefault, hasType: Bool) -> String {
        switch choice {
        case .type: "The PSA offers no such ticket type in which tickets can be created."
        case .status: hasType ? "The PSA has no such status for this ticket type." : "The PSA has no such status."
        case .priority: hasType ? "The ticket type has no such priority." : "The PSA has no such priority."
        }
    }

    private static func needs(_ missing: TicketDefault, for choice: TicketDefault) -> String {
        switch (missing, choice) {
        case (.type, .status): "Choose a ticket type first: which statuses exist depends on it."
        case (.type, _): "Choose a ticket type first: which priorities exist depends on it."
        case (.status, .type): "Choose a status first: which ticket types exist depends on it."
        case (.status, _): "Choose a status first: which priorities exist depends on it."
        case (.priority, .type): "Choose a priority first: which ticket types exist depends on it."
        case (.priority, _): "Choose a priority first: which statuses exist depends on it."
        }
    }
}

extension AuditEntry {
    /// Fills in how the creation of a test ticket ended.
    fileprivate mutating func describe(_ check: ConnectionCheck) {
        outcome =
            switch (check.outcome, check.error?.code) {
            case (_, .writeOutcomeUnknown?): .unknown
            case (.failed, _): .failed
            default: .done
            }
        detail = check.error?.guidance.title ?? TextRenderer().text(check.evidence)
        code = check.error?.code
        if let error = check.error { correlationID = error.correlationID.rawValue }
    }
}

extension TicketForm {
    /// Reads the values that were typed for fields.
    ///
    /// - Returns: The values that have the form of their field, and what is wrong with the others.
    fileprivate func values(_ typed: [TicketField.ID: String]) -> ([TicketField.ID: TicketFieldValue], [TicketFieldIssue]) {
        var values: [TicketField.ID: TicketFieldValue] = [:]
        var issues: [TicketFieldIssue] = []
        for (id, text) in typed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where !text.trimmingSpaces.isEmpty {
            do throws(TicketFieldIssue) {
                // A standard field is decided by its own input, or by each ticket.
                guard let field = self[id], !TicketField.ID.standard.contains(id) else {
                    throw TicketFieldIssue(id: id, label: id.rawValue, .unknownField)
                }
                guard text.utf8.count <= TicketFieldLimits.maxValueBytes else {
                    throw TicketFieldIssue(field, .tooLong(text.count, limit: TicketFieldLimits.maxValueBytes))
                }
                values[id] = try TicketFieldValue(text, for: field)
            } catch {
                issues.append(error)
            }
        }
        if values.count > TicketFieldLimits.maxFields {
            issues.append(
                TicketFieldIssue(
                    id: .type, label: "Ticket type", .refused("At most \(TicketFieldLimits.maxFields) fields can have a default.")))
        }
        let bytes = values.reduce(0) { $0 + $1.key.rawValue.utf8.count + $1.value.text.utf8.count }
        if bytes > TicketFieldLimits.maxBytes {
            let limit = "The fields have at most \(TicketFieldLimits.maxBytes / 1_024) KiB together."
            issues.append(TicketFieldIssue(id: .type, label: "Ticket type", .refused(limit)))
        }
        return (values, issues)
    }
}

extension TicketDefaultValues {
    /// Rejects what can't be an id of any vendor, before lists are searched for it.
    fileprivate var malformed: [TicketDefault: String] {
        values.filter { !$0.value.isEmpty && TicketType.ID($0.value) == nil }.mapValues { _ in
            "An id is 1 to 200 characters, without line breaks and without surrounding spaces."
        }
    }
}

extension ConnectionDraft {
    /// What is wrong with the ticket defaults among the settings.
    fileprivate func problems(in descriptor: ConnectorDescriptor) -> [TicketDefault: String] {
        var problems: [TicketDefault: String] = [:]
        for problem in validation.issues {
            if case .ticketDefault(let choice)? = descriptor.settings[problem.field]?.purpose { problems[choice] = problem.message }
        }
        return problems
    }
}

extension StoredConnection {
    /// The ticket defaults among its settings.
    package func ticketDefaults(_ descriptor: ConnectorDescriptor) -> TicketDefaultValues {
        var submission = TicketDefaultValues()
        for field in descriptor.settings.fields {
            if case .ticketDefault(let choice) = field.purpose { submission.values[choice] = settings[field.key] }
        }
        return submission
    }
}
