import FoundationEssentials
import PSACore

extension TicketDraft {
    /// The draft as it is sent to a connector.
    var wire: JSONValue {
        .init(present: [
            ("summary", .string(summary)), ("details", details.map(JSONValue.string)),
            ("company", company.map { .string($0.rawValue) }), ("contact", contact.map { .string($0.rawValue) }),
            ("type", type.map { .string($0.rawValue) }), ("status", status.map { .string($0.rawValue) }),
            ("priority", priority.map { .string($0.rawValue) }), ("externalReference", externalReference.map(JSONValue.string)),
            ("fields", fields.wire), ("attachments", attachments.wire),
        ])
    }
}

extension NoteDraft {
    /// The arguments of a call that adds it.
    func wire(_ ticket: Ticket.ID) -> [(String, JSONValue?)] {
        [("ticket", .string(ticket.rawValue)), ("text", .string(text)), ("fields", fields.wire), ("attachments", attachments.wire)]
    }
}

extension [TicketField.ID: TicketFieldValue] {
    /// The values by field, each with its form; nil without any.
    var wire: JSONValue? {
        guard !isEmpty else { return nil }
        let sorted = sorted { $0.key.rawValue < $1.key.rawValue }
        return JSONValue(present: sorted.map { ($0.key.rawValue, $0.value.stored) })
    }
}

extension [DraftAttachment] {
    /// The files with their content in base64; nil without any.
    fileprivate var wire: JSONValue? {
        let files = compactMap { attachment -> JSONValue? in
            guard case .file(let file) = attachment else { return nil }
            return [
                "name": .string(file.name), "mediaType": .string(file.mediaType),
                "content": .string(Data(file.bytes).base64EncodedString()),
            ]
        }
        return files.isEmpty ? nil : .array(files)
    }
}
