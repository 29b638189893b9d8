#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import PSACore

extension SampleConnector: TicketCreating, TicketNoteAdding, TicketReplying, TicketStatusChanging {
    /// The fields that every ticket has, and those of `/api/types/{id}/fields`; without a type a ticket becomes an incident.
    public func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        let type = type ?? defaultType ?? TicketType.ID(1)
        let fields = try await client.page("/types/{id}/fields", pathValues: [type.rawValue], make: TicketField.init(sample:))
        return TicketForm(
            type: type,
            fields: [
                .standard(.summary, isRequired: true), .standard(.details), .standard(.company), .standard(.contact), .standard(.type),
                .standard(.status), .standard(.priority), .standard(.externalReference), .standard(.attachments),
            ] + fields.items)
    }

    /// `POST /api/tickets`.
    public func createTicket(_ draft: TicketDraft) async throws -> Ticket {
        var draft = draft
        draft.type = draft.type ?? defaultType
        let form = try await ticketFields(for: draft.type)
        let sent = try client.checked(draft, against: form, about: .ticket)
        var ticket = try await client.write(
            .post, "/tickets",
            body: JSONValue(present: [
                ("subject", .string(sent.summary)), ("text", sent.details.map(JSONValue.string)),
                ("company", try client.number(sent.company)),
                ("contact", try client.number(sent.contact)), ("type", try client.number(sent.type)),
                ("status", try client.number(sent.status)),
                ("priority", try client.number(sent.priority)),
                ("reference", sent.externalReference.map(JSONValue.string)), ("files", Self.uploads(sent.attachments)),
                ("fields", JSONValue(present: sent.fields.map { ($0.key.rawValue, $0.value.json) })),
            ]), make: Ticket.init(sample:))
        ticket.differences = form.differences(of: sent, in: ticket)
        return ticket
    }

    /// `/api/tickets` with the vendor's own filter for references, which is exact.
    public func tickets(externalReference: String) async throws -> [Ticket] {
        let found = try await client.page("/tickets", query: [QueryItem("reference", externalReference)], make: Ticket.init(sample:))
        guard found.unreadable.isEmpty else { throw client.error(.vendorUnexpectedResponse) }
        return found.items
    }

    /// A note that is not public.
    public func addPrivateNote(_ note: NoteDraft, to ticket: Ticket.ID) async throws -> TicketNote {
        try await addNote(note, to: ticket, isPublic: false)
    }

    /// A public note; the vendor decides whether it sends mail.
    public func reply(_ reply: NoteDraft, to ticket: Ticket.ID) async throws -> PostedReply {
        PostedReply(note: try await addNote(reply, to: ticket, isPublic: true), notification: .decidedByTenant)
    }

    /// `PATCH /api/tickets/{id}`.
    public func changeStatus(of ticket: Ticket.ID, _ change: StatusChange) async throws -> Ticket {
        try client.requireNoFields(change.fields, about: .status)
        return try await client.write(
            .patch, "/tickets/{id}", pathValues: [ticket.rawValue],
            body: JSONValue(present: [("status", try client.number(change.status)), ("note", change.note.map(JSONValue.string))]),
            make: Ticket.init(sample:))
    }

    private func addNote(_ draft: NoteDraft, to ticket: Ticket.ID, isPublic: Bool) async throws -> TicketNote {
        try client.requireNoFields(draft.fields, about: .note)
        return try await client.write(
            .post, "/tickets/{id}/notes", pathValues: [ticket.rawValue],
            body: JSONValue(present: [
                ("text", .string(draft.text)), ("public", .bool(isPublic)), ("files", Self.uploads(draft.attachments)),
            ])
        ) { TicketNote(sample: $0, of: ticket) }
    }
}

extension SampleConnector: TicketCreationTesting {
    /// The vendor deletes no tickets, so the test ticket is closed.
    public func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck {
        do {
            let created = try await createTicket(draft)
            let stored = try await ticket(created.id)
            guard let closed = try await ticketStatuses(for: stored.type?.id).first(where: { $0.phase == .closed }) else {
                return ConnectionCheck(.write, .warning, evidence: SampleMessage.left)
            }
            _ = try await changeStatus(of: stored.id, StatusChange(to: closed.id))
            return ConnectionCheck(.write, .passed, evidence: SampleMessage.closed)
        } catch let error as PSAError {
            return ConnectionCheck(.write, .failed, error: error)
        }
    }
}

extension SampleConnector: AttachmentReading, AttachmentUploading {
    /// `/api/tickets/{id}/files`.
    public func attachments(of ticket: Ticket.ID) async throws -> [Attachment] {
        try await client.page("/tickets/{id}/files", pathValues: [ticket.rawValue], make: Attachment.init(sample:)).items
    }

    /// `/api/tickets/{id}/files/{file}`, which answers with the bytes.
    public func content(of attachment: Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        try await client.readAnswer("/tickets/{id}/files/{file}", pathValues: [ticket.rawValue, attachment.rawValue]).body
    }

    /// `POST /api/uploads`.
    public func upload(_ file: AttachmentFile) async throws -> UploadedAttachment {
        try await client.write(
            .post, "/uploads",
            body: [
                "name": .string(file.name), "type": .string(file.mediaType), "data": .string(Data(file.bytes).base64EncodedString()),
            ]
        ) { row in
            row.id().map { UploadedAttachment(id: $0, name: file.name, mediaType: file.mediaType, byteCount: file.bytes.count) }
        }
    }

    /// `DELETE /api/uploads/{id}`.
    public func discard(_ upload: UploadedAttachment) async throws {
        do {
            _ = try await client.writeAnswer(.delete, "/uploads/{id}", pathValues: [upload.id.rawValue])
        } catch let error as PSAError where error.code == .requestNotFound {
            // It is gone, which is what was asked for.
        }
    }

    /// The uploads that a draft refers to: the session uploads files before.
    private static func uploads(_ attachments: [DraftAttachment]) -> JSONValue? {
        let ids = attachments.compactMap { $0.upload?.id.integer.map(JSONValue.integer) }
        return ids.isEmpty ? nil : .array(ids)
    }
}
