public import PSACore

extension HaloConnector: TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// Adds a note hidden from the end user, without mail, text message or ticket rules.
    public func addPrivateNote(_ text: String, to ticket: Ticket.ID) async throws -> TicketNote {
        let object = HaloMessage.privateNote(ticket: ticket.rawValue)
        let record: JSONValue = [
            "ticket_id": try choice(ticket, object),
            "outcome_id": .integer(try await outcomes.id(named: settings.privateNoteOutcome, setting: .privateNoteOutcome)),
            "note_html": .string(try HaloText.html(text, about: object, client)),
            "hiddenfromuser": true, "sendemail": false, "sendsms": false, "dont_do_rules": true,
        ]
        let note = try await post(record, to: ticket, about: object)
        // A success status is no proof: an action's own settings can make its notes visible.
        guard note.visibility == .staffOnly else {
            throw client.error(.permissionActionDenied, about: object, message: .noteVisible)
        }
        return note
    }

    /// Adds a note the end user can read and asks HaloPSA to mail it to the ticket's contact.
    ///
    /// - Throws: ``PSAError`` with `ticket.action_incomplete`, before anything is sent, if the ticket's contact has no e-mail address.
    public func reply(_ text: String, to ticket: Ticket.ID) async throws -> PostedReply {
        let object = HaloMessage.reply(ticket: ticket.rawValue)
        let html = try HaloText.html(text, about: object, client)
        let current = try await self.ticket(ticket)
        guard let address = try await mailAddress(of: current) else {
            throw client.error(
                .ticketActionIncomplete, about: object, message: .nobodyToTell, cause: CauseEvidence("no_recipient", by: .record))
        }
        let record: JSONValue = [
            "ticket_id": try choice(ticket, object),
            "outcome_id": .integer(try await outcomes.id(named: settings.replyOutcome, setting: .replyOutcome)),
            "note_html": .string(html), "emailbody_html": .string(html), "emailto": .string(address),
            "emailsubject": .string(current.summary), "hiddenfromuser": false, "sendemail": true,
        ]
        return PostedReply(note: try await post(record, to: ticket, about: object), notification: .requested)
    }

    /// Changes the status and looks whether HaloPSA kept it.
    public func changeStatus(of ticket: Ticket.ID, to status: TicketStatus.ID) async throws -> Ticket {
        let object = HaloMessage.statusOf(ticket: ticket.rawValue)
        // Without the id HaloPSA would create a ticket instead of changing one.
        let record: JSONValue = ["id": try choice(ticket, object), "status_id": try choice(status, object)]
        let saved = try await client.write(.tickets, record, about: object)
        let row = HaloRow(view: saved, fetchedAt: client.time.now())
        guard var changed = Ticket(halo: row, origin: settings.tenantURL), changed.id == ticket else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .anotherRecord)
        }
        if changed.status == nil { changed = try await readBack(ticket, object) }
        guard changed.status?.id == status else {
            // A success status is no proof: workflows can keep a ticket where it is.
            throw client.error(
                .ticketStatusNotAllowed, about: object, message: .statusNotKept(changed.status?.id.rawValue ?? "-"),
                cause: CauseEvidence("workflow", by: .record))
        }
        return changed
    }

    private func post(_ record: JSONValue, to ticket: Ticket.ID, about object: HaloMessage) async throws -> TicketNote {
        let saved = try await client.write(.actions, record, about: object)
        let row = HaloRow(view: saved, fetchedAt: client.time.now())
        let namesTicket = row.view["ticket_id"].map { $0.integer == ticket.integer } ?? true
        guard namesTicket, let note = TicketNote(halo: row, ticket: ticket), note.ticket == ticket else {
            throw client.error(.writeOutcomeUnknown, about: object, evidence: .anotherRecord)
        }
        return note
    }

    /// The ticket after a change; if it can't be read, what became of the change is not known.
    private func readBack(_ ticket: Ticket.ID, _ object: HaloMessage) async throws -> Ticket {
        do {
            return try await self.ticket(ticket)
        } catch let error as PSAError {
            var unknown = client.error(.writeOutcomeUnknown, about: object, evidence: .noSavedRecord)
            unknown.vendor = error.vendor
            throw unknown
        }
    }

    /// The address on the ticket, or that of its contact.
    private func mailAddress(of ticket: Ticket) async throws -> String? {
        for spelling in ["user_email", "useremail"] {
            if let address = ticket.native[spelling]?.string, address.contains("@") { return address }
        }
        guard let contact = ticket.contact?.id else { return nil }
        let root = try await client.read(.contacts, id: try number(contact, .contact(contact.rawValue)), about: .contact(contact.rawValue))
        return Contact(halo: HaloRow(view: root, fetchedAt: client.time.now()))?.emails.first { $0.contains("@") }
    }
}
