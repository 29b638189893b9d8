import PSACore

/// The part of the storage that keeps connections.
protocol ConnectionStore: Sendable {
    /// All connections, by connector and name.
    func connections() async throws -> [StoredConnection]

    /// One connection, or nil if there is none.
    func connection(_ id: ConnectionID) async throws -> StoredConnection?

    /// Adds a connection.
    ///
    /// - Throws: ``StorageError/duplicateTenant(_:)``.
    func add(_ connection: StoredConnection, audit: AuditEntry) async throws

    /// Replaces a connection whose stored revision is one less than the given one.
    ///
    /// - Throws: ``StorageError/stale``, ``StorageError/notFound`` or ``StorageError/duplicateTenant(_:)``.
    func replace(_ connection: StoredConnection, audit: AuditEntry) async throws

    /// Keeps what a test found, unless the settings have changed since; then only the audit entry is kept.
    func setStatus(_ status: ConnectionStatus, of id: ConnectionID, revision: Int, audit: AuditEntry) async throws

    /// Forgets what the last test found, so that the connection counts as not tested.
    func forgetStatus(of id: ConnectionID) async throws

    /// Removes a connection.
    ///
    /// - Throws: ``StorageError/notFound``.
    func removeConnection(_ id: ConnectionID, audit: AuditEntry) async throws

    /// Puts every secret into another form, all of them or none, and returns how many there were.
    ///
    /// What the closure throws ends it without a change.
    func reencryptSecrets(
        audit: AuditEntry, _ change: @escaping @Sendable (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret
    ) async throws -> Int
}
