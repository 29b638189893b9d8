import PSACore

extension TicketDraft {
    /// The draft as it is sent to a connector.
    var wire: JSONValue {
        .init(present: [
            ("summary", .string(summary)), ("details", details.map(JSONValue.string)),
            ("company", company.map { .string($0.rawValue) }), ("contact", contact.map { .string($0.rawValue) }),
            ("type", type.map { .string($0.rawValue) }), ("status", status.map { .string($0.rawValue) }),
            ("priority", priority.map { .string($0.rawValue) }), ("externalReference", externalReference.map(JSONValue.string)),
        ])
    }
}
