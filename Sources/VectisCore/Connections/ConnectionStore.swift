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

    /// Every stored secret with its place.
    func storedSecrets() async throws -> [StoredSecret]

    /// Puts every secret into another form, all of them or none.
    ///
    /// - Parameters:
    ///   - keys: The keys that the database is sealed with from now on; nil if they stay.
    ///   - audit: The audit entry.
    ///   - change: Puts a secret into the other form.
    /// - Returns: How many there were.
    /// - Throws: Errors of the storage, or what the closure throws; then nothing is changed.
    func reencryptSecrets(
        with keys: KeyRing?, audit: AuditEntry,
        _ change: @escaping @Sendable (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret
    ) async throws -> Int

    /// Compares keys with those that the database is sealed with, and lets this storage keep what is sealed with them.
    ///
    /// From then on a secret is kept only while the database is sealed with one of these keys: after a rotation by another process
    /// ``KeyRingError/replaced`` is thrown instead. A database that does not know its keys yet takes the newest of these, unless it has secrets
    /// of which none opens.
    ///
    /// - Parameters:
    ///   - keys: The keys of this process.
    ///   - replacing: Whether other keys give way, so that secrets can be entered again.
    /// - Returns: Whether they are the keys of the database.
    /// - Throws: Errors of the storage.
    func admitKeys(_ keys: KeyRing, replacing: Bool) async throws -> Bool
}

extension ConnectionStore {
    /// Puts every secret into another form, all of them or none, and returns how many there were; the keys stay.
    package func reencryptSecrets(
        audit: AuditEntry, _ change: @escaping @Sendable (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret
    ) async throws -> Int { try await reencryptSecrets(with: nil, audit: audit, change) }
}

/// A stored secret with its place in the vault.
package struct StoredSecret: Sendable {
    /// What it belongs to.
    package enum Owner: Sendable, Hashable {
        case connection, changeHook, contactPoint, secondFactor
    }

    package let owner: Owner
    package let sealed: SealedSecret
    package let id: ConnectionID
    package let key: SettingKey

    /// Creates a ``StoredSecret``.
    package init(_ owner: Owner, _ sealed: SealedSecret, of id: ConnectionID, _ key: SettingKey) {
        self.owner = owner
        self.sealed = sealed
        self.id = id
        self.key = key
    }
}
