public import PSACore

/// Keeps one session for each saved connection, so that its access token serves more than one request.
public actor ConnectionSessions {
    public nonisolated let registry: ConnectorRegistry
    public nonisolated let context: ConnectorContext
    private let sealer: (any SecretSealer)?
    private var sessions: [ConnectionID: (revision: Int, session: ConnectorSession)] = [:]
    /// The settings of connections whose secrets are not stored.
    private var unstored: [ConnectionID: SettingsInput] = [:]

    /// Creates the sessions of one process.
    ///
    /// - Parameters:
    ///   - registry: The connectors.
    ///   - context: Transport, clock, log and address policy for each connection.
    ///   - sealer: Decrypts stored secrets; nil if the store holds none.
    public init(registry: ConnectorRegistry, context: ConnectorContext, sealer: (any SecretSealer)?) {
        self.registry = registry
        self.context = context
        self.sealer = sealer
    }

    /// The session of a connection as it is saved now; a new one if its settings have changed.
    ///
    /// - Throws: ``PSAError``; `config.secret_unreadable` if its secrets cannot be decrypted or were not given to this process yet.
    public func session(of connection: StoredConnection) throws -> ConnectorSession {
        if let kept = sessions[connection.id], kept.revision == connection.revision { return kept.session }
        let session = try registry.connect(connection.connector.rawValue, settings: try settings(of: connection), context: context)
        sessions[connection.id] = (connection.revision, session)
        return session
    }

    /// Removes the session of a connection from memory, with its secret and token.
    public func forget(_ id: ConnectionID) {
        sessions[id] = nil
        unstored[id] = nil
    }

    /// Ends the session, so that the next use fetches a new token; settings that are not stored stay known.
    public func renew(_ id: ConnectionID) { sessions[id] = nil }

    /// Keeps the settings of a connection whose secrets are not stored.
    public func keep(_ settings: SettingsInput, of id: ConnectionID) {
        unstored[id] = settings
        sessions[id] = nil
    }

    private func settings(of connection: StoredConnection) throws -> SettingsInput {
        if let input = unstored[connection.id] { return input }
        let descriptor = try registry.descriptor(named: connection.connector.rawValue)
        var input = SettingsInput()
        for (key, value) in connection.settings { input[key] = Secret(value) }
        for (key, sealed) in connection.secrets {
            guard let secret = try? sealer?.open(sealed, of: connection.id, key) else { throw Self.unreadable(descriptor) }
            input[key] = secret
        }
        // A required secret that is not stored is one that the host gives at each start.
        let missing = descriptor.settings.fields.contains { $0.isSecret && $0.isRequired && input[$0.key]?.isEmpty ?? true }
        if missing, sealer == nil { throw Self.unreadable(descriptor) }
        return input
    }

    private static func unreadable(_ descriptor: ConnectorDescriptor) -> PSAError {
        var error = PSAError(.configSecretUnreadable, catalogue: descriptor.guidance)
        error.connector = descriptor.id
        return error
    }
}
