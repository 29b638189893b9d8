public import PSACore

extension RequestTrackerConnector: TicketCreating {
    /// A summary, and the custom fields of the queue; RT itself would take a ticket without any of them.
    public func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        guard let chosen = type ?? settings.queue else {
            let open = form([], type: nil).fields.map { $0.id == .type ? .standard(.type, isRequired: true) : $0 }
            return TicketForm(fields: open)
        }
        let queue = try number(chosen, .queue(chosen.rawValue))
        return form(try await fieldDirectory.fields(ofQueue: queue), type: chosen)
    }

    /// Creates a ticket and reads it, because RT answers with its number only.
    ///
    /// Customer, contact, reference and custom fields are checked before: RT creates the ticket without those it does not know, and says
    /// nothing. What it stored otherwise is in ``Ticket/differences``.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        guard let type = draft.type ?? settings.queue else { throw missingQueue }
        let queue = try number(type, .newTicket)
        let (draft, fields) = try await checked(draft, queue: queue)
        let body = try await body(for: draft, queue: queue, fields)
        let saved: RTSaved
        do {
            saved = try await client.save(.post, "/ticket", body: body, about: .newTicket)
        } catch {
            await fieldDirectory.forget(queue: queue)
            throw error
        }
        guard let id = saved.id.flatMap({ Ticket.ID($0) }) else {
            throw client.error(.writeOutcomeUnknown, about: .newTicket, evidence: .noRecord)
        }
        var ticket = try await client.readBack(about: .newTicket) { try await self.ticket(id) }
        ticket.differences = differences(of: fields, in: ticket)
        return ticket
    }

    /// Tickets with exactly this text in the reference field.
    ///
    /// RT's search ignores case, so that the text of each row is compared.
    ///
    /// - Throws: ``PSAError`` with `permission.nothing_visible` if there is no such field: nothing found would mean nothing then.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        guard try await customField(named: settings.referenceField) != nil else { throw missing(settings.referenceField) }
        let query = TicketSQL.customField(settings.referenceField, is: externalReference)
        let list = try await ticketRows(query, [.rows(RTCollection.pageSize), .byID])
        let found = try await mapped(list)
        guard found.count == list.rows.count else {
            throw client.error(.vendorUnexpectedResponse, about: .rows(.tickets), evidence: .noRecord)
        }
        return found.values.filter { $0.externalReference == externalReference }.sorted { ($0.id.integer ?? 0) < ($1.id.integer ?? 0) }
    }

    private func body(for draft: TicketDraft, queue: String, _ fields: [(RTField, TicketFieldValue)]) async throws -> JSONValue {
        if let company = draft.company { try await require(company) }
        if let contact = draft.contact { try await require(contact) }
        let priority = try draft.priority.map { priority in
            guard let number = priority.integer else { throw invalid(.notANumber(String(priority.rawValue.prefix(40)))) }
            return JSONValue.integer(number)
        }
        let reference = try await draft.externalReference.mapIfField(settings.referenceField, self)
        return .init(present: [
            ("Queue", .string(queue)), ("Subject", .string(draft.summary)),
            ("Content", draft.details.map(JSONValue.string)), ("ContentType", draft.details.map { _ in "text/plain" }),
            ("Status", draft.status.map { .string($0.rawValue) }), ("Priority", priority),
            ("Requestor", draft.contact.map { .array([.string($0.rawValue)]) }),
            (
                "CustomFields",
                .init(
                    present: [
                        (settings.customerField, draft.company.map { .string($0.rawValue) }), (settings.referenceField, reference),
                    ] + fields.map { field, value in (field.id, .array(field.texts(of: value).map(JSONValue.string))) })
            ),
            ("Attachments", files(draft.attachments)),
        ])
    }

    private func require(_ company: Company.ID) async throws {
        guard let field = try await customField(named: settings.customerField) else { throw missing(settings.customerField) }
        let values = try await client.list(
            "/customfield/{id}/values", pathValues: [field], query: [.condition("Name", is: company.rawValue)], about: .rows(.companies))
        guard values.rows.contains(where: { $0["name"]?.string == company.rawValue }) else {
            throw invalid(.noSuchCustomer(company.rawValue, field: settings.customerField))
        }
    }

    private func require(_ contact: Contact.ID) async throws {
        do {
            _ = try await client.read("/user/{name}", pathValues: [contact.rawValue], about: .contact(contact.rawValue))
        } catch let error as PSAError where error.code == .requestNotFound {
            throw invalid(.noSuchUser(contact.rawValue))
        }
    }

    private func invalid(_ phrase: RTLocalizedMessage) -> PSAError {
        client.error(.requestInvalid, about: .newTicket, message: phrase)
    }

    /// RT requires a queue on every new ticket; without a default the setting is missing.
    private var missingQueue: PSAError {
        let field = Self.descriptor.settings[.queueID]
        return PSAError(
            settings: [
                SettingIssue(
                    field: .queueID, code: .configMissingField,
                    localizedMessage: .missing(label: field?.label ?? "", help: field?.help ?? ""))
            ], descriptor: Self.descriptor)
    }
}

extension Optional<String> {
    /// The text for a custom field, or nil if the field is not there: RT would drop it without a word.
    fileprivate func mapIfField(_ name: String, _ connector: RequestTrackerConnector) async throws -> JSONValue? {
        guard let self, try await connector.customField(named: name) != nil else { return nil }
        return .string(self)
    }
}

extension RequestTrackerConnector: TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// Adds a comment, which RT shows to staff only; a scrip of the site may mail it to staff.
    public func addPrivateNote(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        let object = RTLocalizedMessage.privateNote(ticket: ticket.rawValue)
        let note = try await post(draft, "/ticket/{id}/comment", type: "Comment", to: ticket, about: object)
        guard note.visibility == .staffOnly else {
            throw client.error(.permissionActionDenied, about: object, message: .noteVisible)
        }
        return note
    }

    /// Adds correspondence; the site's scrips decide whom they mail, as a rule the requestors.
    ///
    /// - Throws: ``PSAError`` with `request.invalid`, before anything is sent, if the ticket has no requestor.
    public func reply(_ draft: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        let object = RTLocalizedMessage.reply(ticket: ticket.rawValue)
        let root = try await client.read("/ticket/{id}", pathValues: [try number(ticket, object)], about: .ticket(ticket.rawValue))
        guard !(root["Requestor"]?.elements ?? []).isEmpty else {
            throw client.error(.requestInvalid, about: object, message: .noRecipient)
        }
        let note = try await post(draft, "/ticket/{id}/correspond", type: "Correspond", to: ticket, about: object)
        return PostedReply(note: note, notification: .decidedByTenant)
    }

    /// Changes the status and looks whether RT kept it: a refusal is a success with a sentence, or without one if a right is missing.
    ///
    /// A note becomes a comment in the same request.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        let status = change.status
        let object = RTLocalizedMessage.statusOf(ticket: ticket.rawValue)
        try client.requireNoFields(change.fields, about: object)
        let id = try number(ticket, object)
        let saved: RTSaved
        if let note = change.note, note.contains(where: { !$0.isWhitespace }) {
            let body: JSONValue = ["Content": .string(note), "ContentType": "text/plain", "Status": .string(status.rawValue)]
            saved = try await client.save(.post, "/ticket/{id}/comment", [id], body: body, about: object)
        } else {
            saved = try await client.save(.put, "/ticket/{id}", [id], body: ["Status": .string(status.rawValue)], about: object)
        }
        let changed = try await client.readBack(about: object) { try await self.ticket(ticket) }
        guard changed.status?.id == status else {
            guard !saved.sentences.isEmpty else {
                throw client.error(.permissionRoleDenied, about: object, evidence: .statusUnchanged)
            }
            let said = Redactor([settings.token]).clean(saved.sentences.joined(separator: " "))
            var error = client.error(
                .ticketDefaultInvalid, about: object, field: .phrase(RTLocalizedMessage.theStatus), evidence: .statusUnchanged)
            error.values[.message] = .verbatim(said)
            error.vendor = VendorReply(status: 200, message: said)
            throw error
        }
        return changed
    }

    private func post(_ draft: NoteDraft, _ route: String, type: String, to ticket: Ticket.ID, about object: RTLocalizedMessage)
        async throws
        -> TicketNote
    {
        // RT would store an empty comment.
        guard draft.text.contains(where: { !$0.isWhitespace }) else {
            throw client.error(.requestInvalid, about: object, message: .noText)
        }
        try client.requireNoFields(draft.fields, about: object)
        let body = JSONValue(present: [
            ("Content", .string(draft.text)), ("ContentType", "text/plain"), ("Attachments", files(draft.attachments)),
        ])
        let saved = try await client.save(.post, route, [try number(ticket, object)], body: body, about: object)
        guard let id = saved.id.flatMap({ Int($0) }) else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .noRecord)
        }
        let stored = try await client.readBack(about: object) { try await messages(of: ticket, types: [type], only: id).items.first }
        guard let stored, stored.id.integer == id else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .noRecord)
        }
        return stored
    }
}
