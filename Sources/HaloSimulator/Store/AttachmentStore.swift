import FoundationEssentials
import WebServer

/// The attachments of tickets and actions, and the uploads that belong to none yet.
struct AttachmentStore: Sendable {
    struct File: Sendable {
        var id: Int
        /// The id of the upload if the tenant has ids that are no numbers, and the key of its link.
        var token: String
        /// The ticket's id, or 0 for an upload that belongs to no ticket yet.
        var ticketID: Int
        /// The action's id, or 0 for an attachment of the ticket itself.
        var actionID: Int
        var name: String
        var content: [UInt8]
        var contentType: String
        var created: HaloTime
        var isVisibleToUsers: Bool
    }

    /// The number of bytes of all files together, above which uploads are rejected so that a test cannot exhaust the memory.
    static let capacity = 200 * 1024 * 1024

    private var files: [Int: File] = [:]
    private var highest = 0
    private var byteCount = 0

    subscript(id: Int) -> File? { files[id] }

    /// All files, oldest first.
    var all: [File] { files.values.sorted { $0.id < $1.id } }

    func rows(ofTicket ticket: Int) -> [File] { files.values.filter { $0.ticketID == ticket }.sorted { $0.id < $1.id } }

    /// Finds a file by its number or its token.
    func file(_ id: JSONValue) -> File? {
        if let number = id.integer { return files[number] }
        return id.text.flatMap(file(token:))
    }

    func file(token: String) -> File? { files.values.first { $0.token == token.lowercased() } }

    mutating func remove(_ id: Int) -> File? {
        guard let file = files.removeValue(forKey: id) else { return nil }
        byteCount -= file.content.count
        return file
    }

    /// Stores a file whose content is base64 in `data_base64` or `data`.
    ///
    /// HaloPSA fact: the content is a data URL or plain base64, and an upload needs no ticket.
    mutating func save(_ sent: [String: JSONValue], ticket: Int?, limit: Int?, now: HaloTime) throws -> File {
        guard let name = sent["filename"]?.text, !name.isEmpty else { throw ErrorReply.text("Invalid Name") }
        let (type, base64) = Self.parts(of: sent["data_base64"]?.text ?? sent["data"]?.text ?? "")
        guard let content = Data(base64Encoded: base64) else { throw ErrorReply.text("Invalid Data Type") }
        if let limit, content.count > limit { throw ErrorReply.empty(413) }
        guard byteCount + content.count <= Self.capacity else { throw ErrorReply.exception("There is not enough space on the disk.") }
        highest += 1
        byteCount += content.count
        let file = File(
            id: highest, token: SeedID.guid(0x3_0000 + highest), ticketID: sent["ticket_id"]?.integer ?? ticket ?? 0,
            actionID: sent["action_id"]?.integer ?? 0, name: name, content: Array(content), contentType: type, created: now,
            isVisibleToUsers: sent["showforusers"] != .bool(false))
        files[highest] = file
        return file
    }

    private static func parts(of text: String) -> (type: String, base64: String) {
        guard text.hasPrefix("data:"), let comma = text.firstIndex(of: ",") else { return ("application/octet-stream", text) }
        let type = text[..<comma].dropFirst(5).prefix { $0 != ";" }
        return (type.isEmpty ? "application/octet-stream" : String(type), String(text[text.index(after: comma)...]))
    }

    /// Finds the uploads that a ticket or an action refers to.
    ///
    /// What the vendor answers to an unknown id is not documented; it is assumed to be a 400.
    ///
    /// - Throws: ``ErrorReply`` if an element has no id, or its upload does not exist or belongs to another ticket.
    func uploads(in sent: [String: JSONValue], ticket: Int) throws -> [File] {
        guard case .array(let elements)? = sent["attachments"] else { return [] }
        return try elements.map { element in
            guard case .object(let members) = element, let id = members["id"], var file = file(id),
                file.ticketID == 0 || file.ticketID == ticket
            else { throw ErrorReply.exception("The Attachment could not be found") }
            if let name = members["filename"]?.text, !name.isEmpty { file.name = name }
            if case .bool(let isVisible)? = members["showforusers"] { file.isVisibleToUsers = isVisible }
            return file
        }
    }

    /// Attaches uploads to a ticket or to one of its actions.
    mutating func attach(_ uploads: [File], ticket: Int, action: Int) {
        for var file in uploads {
            file.ticketID = ticket
            file.actionID = action
            files[file.id] = file
        }
    }
}

extension AttachmentStore.File {
    func fields(usingTokens: Bool = false) -> [String: JSONValue] {
        let extensions = [".png", ".jpg", ".jpeg", ".gif"]
        return [
            "id": usingTokens ? .string(token) : .int(id), "ticket_id": .int(ticketID), "action_id": .int(actionID),
            "filename": .string(name), "filesize": .int(content.count), "datecreated": .string(created.text(.varied(id))),
            "content_type": .string(contentType), "showforusers": .bool(isVisibleToUsers),
            "isimage": .bool(extensions.contains { name.lowercased().hasSuffix($0) }), "guid": .string(token),
        ]
    }
}

extension Store {
    /// HaloPSA fact: without a ticket or an action the list is empty.
    func listAttachments(_ call: APICall) throws -> Reply {
        let ticket = try call.query.integer("ticket_id") ?? 0
        let action = try call.query.integer("action_id") ?? 0
        let shown = ticket == 0 ? [] : attachments.rows(ofTicket: ticket).filter { action == 0 || $0.actionID == action }
        var before = JSONWriter()
        before.member("type", try call.query.integer("type") ?? 0)
        before.member("unique_id", try call.query.integer("unique_id") ?? 0)
        before.member("ticket_id", ticket)
        before.member("action_id", action)
        var rows = JSONWriter()
        for file in shown {
            rows.separate()
            rows.object(file.fields(usingTokens: call.plan.isOn(.uploadTokens)))
        }
        var after = JSONWriter()
        after.member("page_no", 1)
        after.member("page_size", 50)
        after.member("folders", [])
        return .list(
            ListReply(
                key: "attachments", before: before.bytes, after: after.bytes, rows: rows.bytes, rowCount: shown.count, total: shown.count))
    }

    /// HaloPSA fact: the reply is the bytes with a file name in `Content-Disposition`, or an object with a link.
    func readAttachment(_ id: JSONValue, _ call: APICall) throws -> Reply {
        guard let file = attachments.file(id) else { throw ErrorReply.empty(404) }
        if call.plan.isOn(.attachmentLink) {
            return Reply(status: 200, json: ["link": .string("\(call.origin)/attachment-content/\(file.token)")])
        }
        return file.reply
    }

    mutating func deleteAttachment(_ id: JSONValue) throws -> Reply {
        guard let file = attachments.file(id), attachments.remove(file.id) != nil else { throw ErrorReply.empty(404) }
        return Reply(status: 200, content: .empty)
    }
}

extension AttachmentStore.File {
    /// The reply to the upload.
    ///
    /// HaloPSA fact: an upload without a ticket is answered with the name under which the file is stored, not with the sent one.
    func uploadReply(usingTokens: Bool) -> JSONValue {
        var fields = fields(usingTokens: usingTokens)
        if ticketID == 0 {
            let suffix = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last ?? ""
            fields["filename"] = .string(token + (suffix.isEmpty ? "" : ".") + suffix)
        }
        return .object(fields)
    }

    /// The content as a download.
    var reply: Reply {
        var reply = Reply(status: 200, content: .octets(content))
        let plain = name.unicodeScalars.map { (0x20..<0x7F).contains($0.value) && $0 != "\"" && $0 != "\\" ? String($0) : "_" }.joined()
        let encoded = name.utf8.map { byte in
            let isPlain = (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: ".")
            return isPlain && byte < 0x80
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        reply.headers["Content-Disposition"] = "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(encoded.joined())"
        return reply
    }
}
