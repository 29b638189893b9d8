import FoundationEssentials
import PSACore
import PSAEngine

extension StoredConnection {
    /// The connection as everybody may see it who is signed in; without ticket defaults if its connector is not there.
    func summaryJSON(_ descriptor: ConnectorDescriptor?) -> JSONValue { .init(present: summary(descriptor)) }

    /// The connection with its settings; of secrets, only which are stored.
    func json(_ descriptor: ConnectorDescriptor) -> JSONValue {
        .init(
            present: summary(descriptor) + [
                ("settings", .init(present: settings.sorted { $0.key < $1.key }.map { ($0.key.rawValue, .string($0.value)) })),
                ("secrets", .array(secrets.keys.sorted().map { .string($0.rawValue) })),
                ("createdAt", .string(createdAt.formatted(.iso8601))), ("changedAt", .string(changedAt.formatted(.iso8601))),
            ])
    }

    private func summary(_ descriptor: ConnectorDescriptor?) -> [(String, JSONValue?)] {
        let defaults = descriptor.map { ticketDefaults($0).values } ?? [:]
        return [
            ("id", .string(id.rawValue)), ("connector", .string(connector.rawValue)), ("name", .string(name)),
            ("tenant", .string(tenant.rawValue)), ("revision", .integer(revision)),
            ("ticketDefaults", .init(present: TicketDefault.allCases.map { ($0.rawValue, defaults[$0].map(JSONValue.string)) })),
            ("status", status?.json),
        ]
    }
}

extension ConnectionStatus {
    /// What the last test found, for programs.
    fileprivate var json: JSONValue {
        .init(present: [
            ("outcome", .string(outcome.rawValue)), ("headline", .string(headline)), ("code", code.map { .string($0.rawValue) }),
            ("correlationID", correlationID.map(JSONValue.string)), ("checkedAt", .string(checkedAt.formatted(.iso8601))),
        ])
    }
}
