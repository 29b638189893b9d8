import PSACore

/// The settings of one connection as they are sent to its program, and what the host derives from them.
struct SettingsPayload: Sendable {
    /// All of them by key, secrets in plain text.
    let json: JSONValue
    /// Redacts the secrets.
    let redactor: Redactor
    /// The server name of the tenant for display; nil if the settings name none.
    let host: String?
    /// The port that the first server's address names.
    let port: Int?
    /// What two connections to the same tenant have in common.
    let tenant: String

    init(_ settings: ConnectorSettings, of descriptor: ConnectorDescriptor) {
        var members: [(String, JSONValue?)] = []
        var secrets: [Secret] = []
        var tenant = [descriptor.id.rawValue]
        for field in descriptor.settings.fields {
            let secret = settings.secret(field.key)
            let open = settings.serviceURL(field.key)?.text ?? settings.text(field.key) ?? settings.integer(field.key).map { String($0) }
            if let secret { secrets.append(secret) }
            if field.purpose == .tenant, let open { tenant.append(open) }
            let value = settings.integer(field.key).map { JSONValue.integer($0) } ?? (secret?.reveal() ?? open).map(JSONValue.string)
            members.append((field.key.rawValue, value))
        }
        json = .init(present: members)
        redactor = Redactor(secrets)
        let servers = descriptor.settings.fields.filter { $0.kind == .serviceURL }.compactMap { settings.serviceURL($0.key) }
        host = servers.first?.authority
        port = servers.first?.port
        self.tenant = tenant.joined(separator: "\n")
    }
}
