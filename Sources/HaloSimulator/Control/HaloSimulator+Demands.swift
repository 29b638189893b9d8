import FoundationEssentials

extension HaloSimulator {
    /// A change of a field, as an administrator makes it in the vendor's own program.
    package enum FieldChange: Sendable, Hashable {
        /// Renames the field; the label may contain anything, such as markup.
        case label(String)
        /// Adds a choice.
        case addedOption(id: String, name: String)
        /// Removes the choice with this id; values that have it stay.
        case removedOption(id: String)
        /// Adds this many choices with ids from 100,000 on.
        case addedOptions(count: Int)
        /// Limits texts to this number of characters, or 0 for no limit.
        case characterLimit(Int)
    }

    /// A change of what a ticket type demands of a field.
    package enum DemandChange: Sendable, Hashable {
        /// Sets `technew`: 0 hidden, 1 optional, 2 optional with a warning, 3 mandatory, 4 read-only; adds the field if it is missing.
        case requirement(Int)
        /// Makes the field visible only while another field has the choice with this id; further conditions are added.
        case condition(field: Int, value: String)
        /// Removes all conditions.
        case noConditions
        /// Removes the field from the type.
        case removed
    }

    /// Changes a field of every ticket type that has it.
    ///
    /// - Returns: False if there is no such field or choice; nothing is changed then.
    @discardableResult
    package func change(field id: Int, _ change: FieldChange) -> Bool {
        guard var field = store.fields[id] else { return false }
        switch change {
        case .label(let label): field.label = label
        case .addedOption(let id, let name): field.options.append(FieldDefinition.Option(id: id, name: name))
        case .removedOption(let id):
            guard let position = field.options.firstIndex(where: { $0.id == id }) else { return false }
            field.options.remove(at: position)
        case .addedOptions(let count):
            field.options += (0..<max(0, min(count, 100_000))).map { number in
                FieldDefinition.Option(id: String(100_000 + number), name: "Choice \(number + 1)")
            }
        case .characterLimit(let limit): field.characterLimit = max(0, limit)
        }
        store.fields[id] = field
        return true
    }

    /// Changes what a ticket type demands of a field.
    ///
    /// - Returns: False if there is no such type or field; nothing is changed then.
    @discardableResult
    package func change(ticketType type: Int, field id: Int, _ change: DemandChange) -> Bool {
        guard store[.ticketType].row(type) != nil, store.fields[id] != nil else { return false }
        var rows = store.typeFields[type] ?? []
        if case .requirement(let requirement) = change {
            if !rows.contains(where: { $0.fieldID == id }) { rows.append(TypeField(fieldID: id)) }
            for position in rows.indices where rows[position].fieldID == id { rows[position].newTicket = requirement }
        } else {
            guard let position = rows.firstIndex(where: { $0.fieldID == id }) else { return false }
            switch change {
            case .requirement: break
            case .condition(let field, let value): rows[position].conditions.append(TypeField.Condition(field: field, value: value))
            case .noConditions: rows[position].conditions = []
            case .removed: rows.remove(at: position)
            }
        }
        store.typeFields[type] = rows
        return true
    }

    /// Changes what the form of an outcome demands: a note, and fields, which replace the present ones.
    ///
    /// - Returns: False if there is no such outcome or field; nothing is changed then.
    @discardableResult
    package func change(outcome id: Int, demandsNote: Bool, mandatoryFields: [Int]) -> Bool {
        guard let row = store[.outcome].row(id), mandatoryFields.allSatisfy({ store.fields[$0] != nil }) else { return false }
        var fields = row.fields
        fields["mustaddnote"] = .bool(demandsNote)
        store[.outcome].put(fields, updated: vendorNow)
        store.outcomeFields[id] = mandatoryFields.map { TypeField(fieldID: $0, action: TypeField.Requirement.mandatory) }
        return true
    }

    /// Limits the statuses and teams of a ticket type to those with these ids; an empty list allows all.
    ///
    /// - Returns: False if there is no such type; nothing is changed then.
    @discardableResult
    package func limit(ticketType type: Int, toStatuses statuses: [Int], teams: [Int]) -> Bool {
        guard let row = store[.ticketType].row(type) else { return false }
        var fields = row.fields
        fields["allowall_status"] = .bool(statuses.isEmpty)
        fields["allowed_status"] = .array(
            statuses.map { ["ticketype_id": .int(type), "status_id": .int($0), "status_name": .string(store[.status].name(of: $0))] })
        fields["allowall_team"] = .bool(teams.isEmpty)
        fields["allowed_teams"] = .array(
            teams.map { ["tickettype_id": .int(type), "section_id": .int($0), "section_name": .string(store[.team].name(of: $0))] })
        store[.ticketType].put(fields, updated: vendorNow)
        return true
    }

    /// Sets the number of attachments that a ticket type demands.
    ///
    /// - Returns: False if there is no such type.
    @discardableResult
    package func setMinimumAttachments(_ count: Int, ofTicketType type: Int) -> Bool {
        guard let row = store[.ticketType].row(type) else { return false }
        var fields = row.fields
        fields["minattachments"] = .int(max(0, count))
        store[.ticketType].put(fields, updated: vendorNow)
        return true
    }
}

extension HaloSimulator {
    /// A stored attachment or upload.
    package struct StoredAttachment: Sendable, Hashable {
        /// The number.
        package var id: Int
        /// The text that is the id while the fault `upload-tokens` is active.
        package var token: String
        /// The ticket's id, or nil for an upload that belongs to no ticket.
        package var ticketID: Int?
        /// The action's id, or nil for an attachment of the ticket itself.
        package var actionID: Int?
        /// The file name.
        package var fileName: String
        /// The media type from the data URL, or `application/octet-stream`.
        package var contentType: String
        /// The content.
        package var content: [UInt8]
        /// Whether portal users see the attachment.
        package var isVisibleToUsers: Bool
    }

    /// A mail that an action sent.
    package struct SentMail: Sendable, Hashable {
        /// The ticket's id.
        package var ticketID: Int
        /// The action's id.
        package var actionID: Int
        /// The recipients, as sent.
        package var to: String
        /// The subject, or an empty string if none was sent.
        package var subject: String
        /// The note as HTML, or as text if there is no HTML.
        package var body: String
        /// The names of the attached files.
        package var attachments: [String]
    }

    /// Returns the attachments and uploads that were not deleted, oldest first.
    package func attachments() -> [StoredAttachment] { store.attachments.all.map(StoredAttachment.init) }

    /// Returns the uploads that belong to no ticket, oldest first.
    package func orphanedAttachments() -> [StoredAttachment] { attachments().filter { $0.ticketID == nil } }

    /// Returns the mails sent so far, oldest first.
    package func sentMails() -> [SentMail] { store.mails }

    /// Returns the number of requests by method and route, such as `GET /api/TicketType/{id}`, since the start or ``clearLog()``.
    package func requestCounts() -> [String: Int] { log.counts }
}

extension HaloSimulator.StoredAttachment {
    init(_ file: AttachmentStore.File) {
        self.init(
            id: file.id, token: file.token, ticketID: file.ticketID == 0 ? nil : file.ticketID,
            actionID: file.actionID == 0 ? nil : file.actionID, fileName: file.name, contentType: file.contentType, content: file.content,
            isVisibleToUsers: file.isVisibleToUsers)
    }
}

/// The control routes for demands, such as `POST /_simulator/ticket-types/40/fields/105` with `{"technew":1}`.
extension HaloSimulator {
    func changeField(_ id: Substring, _ body: [UInt8]) -> Reply {
        guard let change = Self.members(of: body).flatMap(Self.fieldChange) else {
            return Self.invalid("The body must be an object with label, option_added, option_removed, options_added or characterlimit.")
        }
        let isDone = Int(id).map { self.change(field: $0, change) } ?? false
        return Reply(status: isDone ? 204 : 404, content: .empty)
    }

    func changeTicketType(_ path: Substring, _ body: [UInt8]) -> Reply {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let type = parts.first.flatMap({ Int($0) }), let members = Self.members(of: body) else {
            return Self.invalid("The path must have the number of a ticket type, and the body must be an object.")
        }
        if parts.count == 1, case .int(let count)? = members["minattachments"] {
            return Reply(status: setMinimumAttachments(count, ofTicketType: type) ? 204 : 404, content: .empty)
        }
        if parts.count == 1, case .array(let statuses)? = members["statuses"], case .array(let teams)? = members["teams"] {
            let isDone = limit(ticketType: type, toStatuses: statuses.compactMap(\.integer), teams: teams.compactMap(\.integer))
            return Reply(status: isDone ? 204 : 404, content: .empty)
        }
        guard parts.count == 3, parts[1] == "fields", let field = Int(parts[2]), let change = Self.demandChange(members) else {
            return Self.invalid(
                "The body must be an object with technew, visible_when or removed, or for the type with minattachments, or statuses and teams."
            )
        }
        return Reply(status: self.change(ticketType: type, field: field, change) ? 204 : 404, content: .empty)
    }

    func changeOutcome(_ id: Substring, _ body: [UInt8]) -> Reply {
        guard let members = Self.members(of: body), case .bool(let demandsNote)? = members["mustaddnote"],
            case .array(let fields)? = members["fields"]
        else { return Self.invalid("The body must be an object with mustaddnote, and fields with the ids of the mandatory fields.") }
        let isDone = Int(id).map { change(outcome: $0, demandsNote: demandsNote, mandatoryFields: fields.compactMap(\.integer)) } ?? false
        return Reply(status: isDone ? 204 : 404, content: .empty)
    }

    static func members(of body: [UInt8]) -> [String: JSONValue]? {
        try? JSONDecoder().decode([String: JSONValue].self, from: Data(body))
    }

    static func invalid(_ message: String) -> Reply { Reply(status: 400, json: ["error": .string(message)]) }

    private static func fieldChange(_ members: [String: JSONValue]) -> FieldChange? {
        guard members.count == 1, let (name, value) = members.first else { return nil }
        switch (name, value) {
        case ("label", .string(let label)): return .label(label)
        case ("option_added", .object(let option)):
            guard let id = option["id"]?.text ?? option["id"]?.integer.map(String.init), let name = option["name"]?.text else { return nil }
            return .addedOption(id: id, name: name)
        case ("option_removed", _): return (value.text ?? value.integer.map(String.init)).map { .removedOption(id: $0) }
        case ("options_added", .int(let count)): return .addedOptions(count: count)
        case ("characterlimit", .int(let limit)): return .characterLimit(limit)
        default: return nil
        }
    }

    private static func demandChange(_ members: [String: JSONValue]) -> DemandChange? {
        guard members.count == 1, let (name, value) = members.first else { return nil }
        switch (name, value) {
        case ("technew", .int(let requirement)): return .requirement(requirement)
        case ("visible_when", .null): return .noConditions
        case ("visible_when", .object(let condition)):
            guard let field = condition["field"]?.integer,
                let value = condition["value"]?.text ?? condition["value"]?.integer.map(String.init)
            else { return nil }
            return .condition(field: field, value: value)
        case ("removed", .bool(true)): return .removed
        default: return nil
        }
    }

    static func line(_ file: StoredAttachment) -> JSONValue {
        [
            "id": .int(file.id), "token": .string(file.token), "ticket_id": file.ticketID.map(JSONValue.int) ?? .null,
            "action_id": file.actionID.map(JSONValue.int) ?? .null, "filename": .string(file.fileName),
            "content_type": .string(file.contentType), "filesize": .int(file.content.count), "showforusers": .bool(file.isVisibleToUsers),
        ]
    }

    static func line(_ mail: SentMail) -> JSONValue {
        [
            "ticket_id": .int(mail.ticketID), "action_id": .int(mail.actionID), "to": .string(mail.to), "subject": .string(mail.subject),
            "body": .string(mail.body), "attachments": .array(mail.attachments.map(JSONValue.string)),
        ]
    }
}
