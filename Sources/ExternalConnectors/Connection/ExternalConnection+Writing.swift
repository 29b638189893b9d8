import PSACore

extension ExternalConnection: TicketCreationTesting {
    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        let fields = try await call(.ticketFields, [("type", type.map { .string($0.rawValue) })]) { view throws(WireMismatch) in
            try WireObject(view).objects("items").map { object throws(WireMismatch) in
                try TicketField(Row(object, fetchedAt: context.time.now()))
            }
        }
        return TicketForm(type: type, fields: fields)
    }

    /// One create at a time for each tenant, as with every connector: with two at once, a search would find both or neither.
    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        try await context.tenants.gate(for: "\(tenant)\ncreate-ticket").pass {
            try await record(.createTicket, [("draft", draft.wire)])
        }
    }

    func tickets(externalReference: String) async throws -> [Ticket] {
        try await records(.findTickets, [("externalReference", .string(externalReference))])
    }

    func testTicketCreation(fields: [TicketField.ID: TicketFieldValue]) async throws -> ConnectionCheck {
        do {
            return try await call(.testTicketCreation) { view throws(WireMismatch) in
                var check = try check(try WireObject(view), trace: CallTrace())
                check.subject = .write
                return check
            }
        } catch let error as PSAError {
            return ConnectionCheck(.write, .failed, evidence: error.firstEvidence, error: error)
        }
    }
}

extension ExternalConnection: TicketNoteAdding, TicketReplying, TicketStatusChanging {
    func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try await record(.addPrivateNote, [("ticket", .string(ticket.rawValue)), ("text", .string(note.text))])
    }

    func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        try await call(.reply, [("ticket", .string(ticket.rawValue)), ("text", .string(reply.text))]) { view throws(WireMismatch) in
            try PostedReply(Row(try WireObject(view), fetchedAt: context.time.now()))
        }
    }

    func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try await record(.changeStatus, [("ticket", .string(ticket.rawValue)), ("status", .string(change.status.rawValue))])
    }
}
