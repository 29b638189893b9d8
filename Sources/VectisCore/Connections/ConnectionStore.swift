package import PSACore
package import PSAEngine
package import VectisRules

/// Changes of connections with their audit entries.
package protocol ConnectionStore: Sendable {
    /// Adds a connection.
    ///
    /// - Throws: ``StoreError/duplicateTenant(_:)``.
    func add(_ connection: StoredConnection, audit: AuditEntry) async throws

    /// Replaces a connection whose stored revision is one less than the given one.
    ///
    /// - Throws: ``StoreError/stale``, ``StoreError/notFound`` or ``StoreError/duplicateTenant(_:)``.
    func replace(_ connection: StoredConnection, audit: AuditEntry) async throws

    /// Keeps what a test found, unless the settings have changed since; then only the audit entry is kept.
    func setStatus(_ status: ConnectionStatus, of id: ConnectionID, revision: Int, audit: AuditEntry) async throws

    /// Clears the result of the last test, so that the connection counts as untested.
    func removeStatus(of id: ConnectionID) async throws

    /// Removes a connection.
    ///
    /// - Throws: ``StoreError/notFound``.
    func removeConnection(_ id: ConnectionID, audit: AuditEntry) async throws

    /// Resumes the rules that were paused because the PSA rejected their jobs through a connection, and returns their ids.
    func resumeRefusedRules(of connection: ConnectionID, audit: @Sendable @escaping (Rule) -> AuditEntry) async throws -> [RuleID]

    /// Puts every secret into another form, all of them or none, and returns how many there were.
    ///
    /// What the closure throws ends it without a change.
    func reencryptSecrets(
        audit: AuditEntry, _ change: @escaping @Sendable (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret
    ) async throws -> Int
}
