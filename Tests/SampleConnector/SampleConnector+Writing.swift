public import PSACore

extension SampleConnector: TicketCreating, TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// A ticket needs a subject; everything else has a default at the vendor.
    public func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        TicketForm(
            type: type,
            fields: [
                .standard(.summary, isRequired: true), .standard(.details), .standard(.company), .standard(.type), .standard(.status),
                .standard(.priority), .standard(.externalReference),
            ])
    }

    /// `POST /api/tickets`.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        try made(
            from: await client.write(
                .post, "/tickets",
                body: JSONValue(present: [
                    ("subject", .string(draft.summary)), ("text", draft.details.map(JSONValue.string)), ("company", number(draft.company)),
                    ("type", number(draft.type)), ("status", number(draft.status)), ("priority", number(draft.priority)),
                    ("reference", draft.externalReference.map(JSONValue.string)),
                ])))
    }

    /// `/api/tickets` with the vendor's own filter for references, which is exact.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        let root = try await client.read("/tickets", query: [QueryItem("reference", externalReference)])
        guard let list = Self.rows(in: root) else { throw client.error(.vendorUnexpectedResponse) }
        return try list.rows.map(made)
    }

    /// A note that is not public.
    public func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try await addNote(note.text, to: ticket, isPublic: false)
    }

    /// A public note; the vendor decides whether it sends mail.
    public func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        PostedReply(note: try await addNote(reply.text, to: ticket, isPublic: true), notification: .decidedByTenant)
    }

    /// `PATCH /api/tickets/{id}`.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try made(
            from: await client.write(
                .patch, "/tickets/{id}", [ticket.rawValue], body: JSONValue(present: [("status", number(change.status))])))
    }

    private func addNote(_ text: String, to ticket: Ticket.ID, isPublic: Bool) async throws -> TicketNote {
        let root = try await client.write(
            .post, "/tickets/{id}/notes", [ticket.rawValue], body: ["text": .string(text), "public": .bool(isPublic)])
        guard let note = TicketNote(sample: root, of: ticket, fetchedAt: client.time.now()) else {
            // It was accepted, but what came back does not say what was saved.
            throw client.error(.writeOutcomeUnknown)
        }
        return note
    }

    private func number<Entity>(_ id: RecordID<Entity>?) -> JSONValue? { id?.integer.map(JSONValue.integer) }
}
