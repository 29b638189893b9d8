#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
public import PSACore

extension RequestTrackerConnector: AttachmentReading, AttachmentAdding {
    /// The parts with a file name of all messages of a ticket; RT decides by a message's type who reads them.
    public func attachments(of ticket: Ticket.ID) async throws -> [Attachment] {
        let object = RTLocalizedMessage.attachments(ticket: ticket.rawValue)
        let id = try number(ticket, object)
        // A list of the attachments of a ticket that is not there is empty.
        _ = try await client.read("/ticket/{id}", pathValues: [id], about: .ticket(ticket.rawValue))
        let query =
            TicketSQL.field("ObjectType", is: "RT::Ticket").text
            + " AND ObjectId = \(id) AND (Type = 'Create' OR Type = 'Comment' OR Type = 'Correspond')"
        let messages = try await client.allRows(
            "/transactions", query: [QueryItem("query", query), QueryItem("fields", "Type")], fullPage: RTCollection.pageSize, maxPages: 50,
            about: object)
        let types = Dictionary(messages.compactMap { row in row.text("id").map { ($0, row.text("Type") ?? "") } }) { first, _ in first }
        let parts = try await client.allRows(
            "/ticket/{id}/attachments", pathValues: [id], query: [QueryItem("fields", "Filename,ContentType,TransactionId,Created")],
            fullPage: RTCollection.pageSize, maxPages: 50, about: object)
        return parts.compactMap { row in Attachment(rt: row, messageType: row.text("TransactionId").flatMap { types[$0] }) }
    }

    /// The content, which RT encodes in base64.
    public func content(of attachment: Attachment.ID, of ticket: Ticket.ID) async throws -> [UInt8] {
        let object = RTLocalizedMessage.attachment(attachment.rawValue)
        let file = try number(attachment, object)
        let id = try number(ticket, .ticket(ticket.rawValue))
        // RT answers with an error 500 for an attachment that is not there, and finds any attachment below a ticket that is not there.
        _ = try await client.read("/ticket/{id}", pathValues: [id], about: .ticket(ticket.rawValue))
        let found = try await client.list(
            "/ticket/{id}/attachments", pathValues: [id], query: [.condition("id", is: file)], about: object)
        guard found.rows.contains(where: { $0["id"]?.text == file }) else { throw client.error(.requestNotFound, about: object) }
        let root = try await client.read("/attachment/{id}", pathValues: [file], about: object)
        let text = root["Content"]?.string ?? ""
        guard let content = Data(base64Encoded: text, options: .ignoreUnknownCharacters) else {
            throw client.error(.vendorUnexpectedResponse, about: object, evidence: .noRecord)
        }
        return Array(content)
    }

    /// Files as RT takes them along with a ticket, comment or reply.
    func files(_ attachments: [DraftAttachment]) -> JSONValue? {
        // The session lets no uploads through: this connector has none.
        let files = attachments.compactMap(\.file).map { file -> JSONValue in
            [
                "FileName": .string(Self.encodedName(file.name)), "FileType": .string(Self.type(of: file)),
                "FileContent": .string(Data(file.bytes).base64EncodedString()),
            ]
        }
        return files.isEmpty ? nil : .array(files)
    }

    /// A name with each byte of its UTF-8 as one character.
    ///
    /// RT takes the characters of a name for bytes: others than ASCII would be stored broken, and those beyond Latin-1 end in an error 500.
    static func encodedName(_ name: String) -> String { String(String.UnicodeScalarView(name.utf8.map { Unicode.Scalar($0) })) }

    /// The type of a file; RT would convert a text that is not in UTF-8, so it is stored as bytes.
    static func type(of file: AttachmentFile) -> String {
        let isConverted =
            file.mediaType.hasPrefix("text/") || file.mediaType.hasPrefix("message/") || file.mediaType.hasPrefix("multipart/")
        guard isConverted else { return file.mediaType }
        let isText = file.mediaType.hasPrefix("text/") && String(validating: file.bytes, as: UTF8.self) != nil
        return isText ? file.mediaType : "application/octet-stream"
    }
}

extension Attachment {
    /// A part of a message; nil if it is no file.
    fileprivate init?(rt row: VendorRow, messageType: String?) {
        guard let id: Attachment.ID = row.id(), let name = row.text("Filename") else { return nil }
        let note = messageType == "Create" ? nil : row.text("TransactionId").flatMap { TicketNote.ID($0) }
        let isVisible: Bool? =
            switch messageType {
            case "Comment": false
            case "Create", "Correspond": true
            default: nil
            }
        self.init(
            id: id, name: name, mediaType: row.text("ContentType"), createdAt: row.date("Created"), note: note,
            isVisibleToContact: isVisible, native: row.native)
    }
}
