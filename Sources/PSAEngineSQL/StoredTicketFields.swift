import PSACore
import PSAEngine
import SQL

/// Values of ticket fields as the columns hold them: a JSON object by field, null for none.
extension SQLValue {
    init(_ fields: [TicketField.ID: TicketFieldValue]) {
        guard !fields.isEmpty else {
            self = .null
            return
        }
        let members = fields.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, Optional($0.value.stored)) }
        self = .text(JSONValue(present: members).encodedText)
    }

    /// The descriptions of files: a JSON array, null for none.
    init(_ attachments: [AttachmentFile]) {
        guard !attachments.isEmpty else {
            self = .null
            return
        }
        let files = attachments.map(JobAttachment.init).map { file -> JSONValue in
            ["name": .string(file.name), "mediaType": .string(file.mediaType), "byteCount": .integer(file.byteCount)]
        }
        self = .text(JSONValue.array(files).encodedText)
    }
}

extension Row {
    /// The values of ticket fields in a column.
    func ticketFields(_ column: String, table: String) throws -> [TicketField.ID: TicketFieldValue] {
        guard let text = try optionalText(column) else { return [:] }
        guard let root = try? JSONDocument(Array(text.utf8)).root, root.isObject else { throw StoredRowError.unreadable(table: table) }
        var fields: [TicketField.ID: TicketFieldValue] = [:]
        for (name, value) in root.members {
            guard let id = TicketField.ID(name), let value = TicketFieldValue(stored: JSONValue(value)) else {
                throw StoredRowError.unreadable(table: table)
            }
            fields[id] = value
        }
        return fields
    }

    /// The descriptions of files in a column.
    func attachments(_ column: String) throws -> [JobAttachment] {
        guard let text = try optionalText(column) else { return [] }
        guard let root = try? JSONDocument(Array(text.utf8)).root else { throw StoredRowError.unreadable(table: "job") }
        return try root.elements.map { file in
            guard let name = file["name"]?.string, let type = file["mediaType"]?.string, let count = file["byteCount"]?.integer else {
                throw StoredRowError.unreadable(table: "job")
            }
            return JobAttachment(name: name, mediaType: type, byteCount: count)
        }
    }
}
