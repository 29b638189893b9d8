import PSACore

/// Keeps one session for each saved connection, so that its access token serves more than one request.
actor SessionCache {
    private var sessions: [ConnectionID: (revision: Int, session: ConnectorSession)] = [:]

    /// The session of a connection as it is saved now; made anew where its settings changed.
    func session(
        of connection: StoredConnection, making make: @Sendable (StoredConnection) throws -> ConnectorSession
    ) throws -> ConnectorSession {
        if let kept = sessions[connection.id], kept.revision == connection.revision { return kept.session }
        let session = try make(connection)
        sessions[connection.id] = (connection.revision, session)
        return session
    }

    /// Lets go of the session of a connection that is gone.
    func forget(_ id: ConnectionID) { sessions[id] = nil }
}
