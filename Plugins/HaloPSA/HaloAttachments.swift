#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import PSACore

extension HaloConnector: AttachmentReading, AttachmentUploading {
    /// `/Attachment?ticket_id=`: those of the ticket and of its actions.
    ///
    /// - Throws: ``/PSACore/PSAError`` or `CancellationError`.
    public func attachments(of ticket: Ticket.ID) async throws -> [Attachment] {
        let now = client.time.now()
        let query = [QueryItem("ticket_id", try number(ticket, .ticket(ticket.rawValue)))]
        return try await client.choices(of: .attachments, query) {
            Attachment(halo: HaloRow(view: $0, fetchedAt: now), ticket: ticket)
        }
    }

    /// The file's bytes.
    ///
    /// An installation that keeps files elsewhere answers with a link; it is not followed, because it leads to a server that no setting names.
    ///
    /// - Throws: ``/PSACore/PSAError`` with `request.not_found` if the ticket does not list it, or `CancellationError`.
    public func content(of attachment: Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        let object = HaloMessage.attachment(attachment.rawValue)
        // The list proves that the attachment belongs to this ticket, and tells how long it is.
        guard let row = try await attachments(of: ticket).first(where: { $0.id == attachment }) else {
            throw client.error(.requestNotFound, about: object)
        }
        let resource = HaloResource.attachments
        let response = try await client.readAnswer(
            resource.recordRoute, pathValues: [attachment.rawValue], about: object, requiredScope: resource.scope(for: .read))
        if row.byteCount != response.body.count, let root = try? JSONDocument(response.body).root, root["link"]?.string != nil {
            throw client.error(.connectorUnsupported, about: object, evidence: .keptElsewhere)
        }
        guard response.body.count <= AttachmentFile.maxBytes else {
            throw PSAError(
                attachment: .tooLarge(row.name, response.body.count), catalogue: HaloGuidance.catalogue, object: object)
        }
        return response.body
    }

    /// `POST /Attachment` with a data URL and no ticket, as HaloPSA's own page does (an Outlook add-in and a government bridge use it).
    ///
    /// It is hidden from end users until a ticket, note or reply refers to it and says who may read it.
    ///
    /// - Throws: ``/PSACore/PSAError``; `vendor.unavailable` if HaloPSA failed, `write.outcome_unknown` if no usable answer came, and in both
    ///   cases HaloPSA may have the file; or `CancellationError`.
    public func upload(_ file: AttachmentFile) async throws -> UploadedAttachment {
        let record: JSONValue = [
            "filename": .string(file.name), "filesize": .integer(file.bytes.count),
            "data_base64": .string("data:\(file.mediaType);base64," + Data(file.bytes).base64EncodedString()),
            "showforusers": false, "showonchild": false, "showonrelated": false, "_uploading": true,
            "_tempid": .string("__" + CorrelationID().rawValue),
        ]
        let saved: JSONView
        do {
            saved = try await client.upload(record, about: .newAttachment)
        } catch let error as PSAError where error.vendor?.status == 413 {
            var refusal = client.error(
                .requestRejected, about: .newAttachment, request: error.request, cause: CauseEvidence("file_size", by: .answer))
            refusal.values[.message] = .phrase(AttachmentProblem.refusedAsTooLarge(file.name, file.bytes.count))
            refusal.vendor = error.vendor
            throw refusal
        } catch let error as PSAError where error.code == .writeOutcomeUnknown && error.vendor?.status ?? 0 >= 500 {
            // No one refers to the upload, so that its outcome is of no interest: what is wrong is that the server failed.
            var failure = client.error(.vendorUnavailable, about: .newAttachment, request: error.request)
            failure.values[.message] = error.values[.message]
            failure.findings = error.findings.filter { $0.cause == nil }
            if error.findings.contains(where: { $0.cause == "failure_reason" }) {
                failure.findings.append(CauseEvidence("vendor_reason", by: .vendorWords))
            }
            failure.vendor = error.vendor
            throw failure
        }
        guard let id = saved["id"]?.text.flatMap({ UploadedAttachment.ID($0) }) else {
            throw client.error(.vendorUnexpectedResponse, about: .newAttachment, evidence: .noSavedRecord)
        }
        return UploadedAttachment(id: id, name: file.name, mediaType: file.mediaType, byteCount: file.bytes.count)
    }

    /// `DELETE /Attachment/{id}`.
    ///
    /// - Throws: ``/PSACore/PSAError``, not for one that is gone already, or `CancellationError`.
    public func discard(_ upload: UploadedAttachment) async throws {
        do {
            try await client.delete(.attachments, id: upload.id.rawValue, about: .attachment(upload.id.rawValue))
        } catch let error as PSAError where error.code == .requestNotFound {
            // It is gone already.
        }
    }
}

/// Attachments as HaloPSA spells them.
enum HaloAttachments {
    /// The references of a ticket or action to its uploads; nil for none.
    ///
    /// Who may read them is stated, whatever the default of the installation is. The session has uploaded every file before.
    static func references(_ attachments: [DraftAttachment], isVisibleToContact: Bool) -> JSONValue? {
        let references = attachments.compactMap(\.upload).map { upload -> JSONValue in
            [
                "id": upload.id.integer.map(JSONValue.integer) ?? .string(upload.id.rawValue), "filename": .string(upload.name),
                "filesize": .integer(upload.byteCount), "showforusers": .bool(isVisibleToContact), "_uploading": false,
            ]
        }
        return references.isEmpty ? nil : .array(references)
    }
}

extension Attachment {
    init?(halo row: HaloRow, ticket: Ticket.ID) {
        guard let id = row.member(.id)?.text.flatMap({ ID($0) }) else { return nil }
        let action = row.integer(.actionID).flatMap { $0 > 0 ? TicketNote.ID("\(ticket.rawValue):\($0)") : nil }
        self.init(
            id: id, name: row.text(anyOf: .fileName, .description, .note) ?? id.rawValue, mediaType: row.text(.contentType),
            byteCount: row.integer(.fileSize).flatMap { $0 >= 0 ? $0 : nil }, createdAt: row.date(.dateCreated, or: .lastUpdated),
            note: action, isVisibleToContact: row.bool(.showForUsers), native: row.native)
    }
}
