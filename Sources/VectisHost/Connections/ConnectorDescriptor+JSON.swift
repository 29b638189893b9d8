import PSACore

extension ConnectorDescriptor {
    /// The connector in a list, for programs.
    var summaryJSON: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("name", .string(displayName)), ("tier", .string(tier.rawValue)),
            ("grade", grade.map { .string($0.rawValue) }), ("capabilities", .array(capabilities.sorted().map { .string($0.rawValue) })),
        ])
    }

    /// Everything the connector says about itself, for programs.
    var json: JSONValue {
        .init(present: [
            ("id", .string(id.rawValue)), ("aliases", .array(aliases.map(JSONValue.string))), ("name", .string(displayName)),
            ("tier", .string(tier.rawValue)), ("grade", grade.map { .string($0.rawValue) }), ("guide", .string(guide)),
            ("contractVersion", .integer(contractVersion)), ("settings", .array(settings.fields.map { $0.json(for: id) })),
            ("capabilities", .array(capabilities.sorted().map { .string($0.rawValue) })),
        ])
    }
}

extension SettingField {
    fileprivate func json(for connector: ConnectorID) -> JSONValue {
        .init(present: [
            ("key", .string(key.rawValue)), ("label", .string(label)), ("help", .string(help)), ("example", .string(example)),
            ("required", .bool(isRequired)), ("secret", .bool(isSecret)), ("purpose", .string(purpose.name)),
            ("default", defaultValue.map(JSONValue.string)),
            ("environment", .string(key.environmentVariable(for: connector))), ("guide", .string(guideAnchor.description)),
        ])
    }
}

extension SettingField.Purpose {
    /// The purpose in one word.
    fileprivate var name: String {
        switch self {
        case .tenant: "tenant"
        case .access: "access"
        case .ticketDefault: "ticketDefault"
        case .behaviour: "behaviour"
        }
    }
}
