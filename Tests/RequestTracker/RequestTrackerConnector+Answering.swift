public import PSACore

extension RequestTrackerConnector: TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// Adds a comment, which RT shows to staff only; a scrip of the site may mail it to staff.
    public func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote {
        let object = RTLocalizedMessage.privateNote(ticket: ticket.rawValue)
        let note = try await post(text, "/ticket/{id}/comment", type: "Comment", to: ticket, about: object)
        guard note.visibility == .staffOnly else {
            throw client.error(.permissionActionDenied, about: object, message: .noteVisible)
        }
        return note
    }

    /// Adds correspondence; the site's scrips decide whom they mail, as a rule the requestors.
    ///
    /// - Throws: ``PSAError`` with `request.invalid`, before anything is sent, if the ticket has no requestor.
    public func reply(_ text: String, to ticket: Ticket.ID) async throws -> PostedReply {
        let object = RTLocalizedMessage.reply(ticket: ticket.rawValue)
        let root = try await client.read("/ticket/{id}", [try number(ticket, object)], about: .ticket(ticket.rawValue))
        guard !(root["Requestor"]?.elements ?? []).isEmpty else {
            throw client.error(.requestInvalid, about: object, message: .nobodyToTell)
        }
        let note = try await post(text, "/ticket/{id}/correspond", type: "Correspond", to: ticket, about: object)
        return PostedReply(note: note, notification: .decidedByTenant)
    }

    /// Changes the status and looks whether RT kept it: a refusal is a success with a sentence, or without one if a right is missing.
    public func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket {
        let object = RTLocalizedMessage.statusOf(ticket: ticket.rawValue)
        let saved = try await client.save(
            .put, "/ticket/{id}", [try number(ticket, object)], body: ["Status": .string(status.rawValue)], about: object)
        let changed = try await readBack(about: object) { try await self.ticket(ticket) }
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

    private func post(_ text: String, _ route: String, type: String, to ticket: Ticket.ID, about object: RTLocalizedMessage) async throws
        -> TicketNote
    {
        // RT would store an empty comment.
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw client.error(.requestInvalid, about: object, message: .noText)
        }
        let saved = try await client.save(
            .post, route, [try number(ticket, object)], body: ["Content": .string(text), "ContentType": "text/plain"], about: object)
        guard let id = saved.id.flatMap({ Int($0) }) else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .noRecord)
        }
        let stored = try await readBack(about: object) { try await messages(of: ticket, types: [type], only: id).items.first }
        guard let stored, stored.id.integer == id else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .noRecord)
        }
        return stored
    }
}
