import FoundationEssentials
import PSACore

extension ExternalConnection: TicketCreationTesting {
    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        let fields: [TicketField] = try await records(.ticketFields, [("type", type.map { .string($0.rawValue) })])
        return TicketForm(type: type, fields: fields)
    }

    /// The choices that the form lists; the program is asked only where they are searched.
    func choices(of field: TicketField.ID, for type: TicketType.ID?, matching query: ChoiceQuery) async throws -> [TicketField.Choice] {
        switch try await ticketFields(for: type)[field]?.choices {
        case .listed(let choices): query.matches(in: choices)
        case .searched where !TicketField.ID.standard.contains(field):
            try await records(
                .choices,
                [
                    ("field", .string(field.rawValue)), ("type", type.map { .string($0.rawValue) }), ("text", .string(query.text)),
                    ("company", query.company.map { .string($0.rawValue) }), ("limit", .integer(query.limit)),
                ])
        default: []
        }
    }

    /// One create at a time for each tenant, as with every connector: with two at once, a search would find both or neither.
    func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        try requireFitting(draft.attachments, about: .createTickets)
        return try await gate.pass { try await record(.createTicket, [("draft", draft.wire)]) }
    }

    private var gate: AsyncSerialQueue { context.tenants.gate(for: "\(tenant)\ncreate-ticket") }

    func tickets(externalReference: String) async throws -> [Ticket] {
        try await records(.findTickets, [("externalReference", .string(externalReference))])
    }

    func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck {
        do {
            return try await gate.pass {
                try await call(.testTicketCreation, [("draft", draft.wire)]) { view throws(WireMismatch) in
                    var check = try check(try WireObject(view), trace: CallTrace())
                    check.subject = .write
                    return check
                }
            }
        } catch let error as PSAError {
            return ConnectionCheck(.write, .failed, evidence: error.firstEvidence, error: error)
        }
    }
}

extension ExternalConnection: TicketNoteAdding, TicketReplying, TicketStatusChanging {
    func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try requireFitting(note.attachments, about: .addNotes)
        return try await record(.addPrivateNote, note.wire(ticket))
    }

    func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        try requireFitting(reply.attachments, about: .replyToContacts)
        return try await call(.reply, reply.wire(ticket)) { view throws(WireMismatch) in
            try PostedReply(Row(try WireObject(view), fetchedAt: context.time.now()))
        }
    }

    func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try await record(
            .changeStatus,
            [
                ("ticket", .string(ticket.rawValue)), ("status", .string(change.status.rawValue)),
                ("note", change.note.map(JSONValue.string)), ("fields", change.fields.wire),
            ])
    }
}

extension ExternalConnection: AttachmentReading, AttachmentAdding {
    func attachments(of ticket: Ticket.ID) async throws -> [Attachment] {
        try await records(.attachments, [("ticket", .string(ticket.rawValue))])
    }

    /// Reads a file part by part, because a line of the program is limited.
    func content(of attachment: Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        var content: [UInt8] = []
        while true {
            let part = try await call(
                .attachmentContent,
                [
                    ("ticket", .string(ticket.rawValue)), ("attachment", .string(attachment.rawValue)),
                    ("offset", .integer(content.count)),
                ]
            ) { view throws(WireMismatch) in try AttachmentPart(WireObject(view)) }
            content += part.bytes
            guard content.count <= AttachmentFile.maxBytes else {
                let name = ProgramMessage.attachmentTooLarge(limit: AttachmentFile.maxBytes)
                throw PSAError(
                    .requestInvalid, catalogue: descriptor.guidance,
                    values: [.object: .phrase(ConnectorMethod.attachmentContent.object), .message: .phrase(name)])
            }
            if !part.isFollowed { return content }
        }
    }

    /// Refuses files that would not fit into the lines of the protocol.
    private func requireFitting(_ attachments: [DraftAttachment], about capability: Capability) throws {
        let count = attachments.reduce(0) { count, attachment in
            if case .file(let file) = attachment { count + file.bytes.count } else { count }
        }
        guard count > attachmentBytes else { return }
        throw PSAError(
            .requestInvalid, catalogue: descriptor.guidance,
            values: [
                .object: .phrase(CoreMessage.capability(capability)),
                .message: .phrase(ProgramMessage.attachmentsTooLarge(count: count, limit: attachmentBytes)),
            ])
    }
}
