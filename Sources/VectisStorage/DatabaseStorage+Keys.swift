package import PSACore
package import PSAEngine
import PSAEngineSQL
import SQL
import Synchronization
package import VectisCore

/// Keeps secrets out of the database that are sealed with a key which is not its own any more.
final class KeyGuard: Sendable {
    /// What the database may hold as the check value of its key; nil while any is accepted.
    private let admitted = Mutex<[[UInt8]]?>(nil)

    func admit(_ keys: KeyRing) { admitted.withLock { $0 = keys.checks } }

    /// Checks that the database is sealed with one of the admitted keys; to be called in each transaction that stores a secret.
    ///
    /// - Throws: ``KeyRingError/replaced``, or the error of the database.
    func requireKey(of database: any Database) throws {
        guard let admitted = admitted.withLock({ $0 }) else { return }
        guard let check = try database.keyCheck(), admitted.contains(check) else { throw KeyRingError.replaced }
    }
}

extension DatabaseStorage {
    package func storedSecrets() async throws -> [StoredSecret] { try await queue.read { try $0.storedSecrets() } }

    package func admitKeys(_ keys: KeyRing, replacing: Bool) async throws -> Bool {
        let known = try await queue.read { try $0.keyCheck() }
        var isOwn = known.map { keys.checks.contains($0) } ?? false
        if !isOwn {
            isOwn = try await queue.write { database in
                let isOwn =
                    if let check = try database.keyCheck() {
                        // An administrator has emptied it where the key was lost.
                        check.isEmpty || keys.checks.contains(check)
                    } else {
                        try database.storedSecrets().isNothingOrOpened(by: keys)
                    }
                if isOwn || replacing { try database.setKeyCheck(keys) }
                return isOwn
            }
        }
        if isOwn || replacing { keyGuard.admit(keys) }
        return isOwn
    }

    package func reencryptSecrets(
        with keys: KeyRing?, audit: AuditEntry,
        _ change: @escaping @Sendable (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret
    ) async throws -> Int {
        try await write(audit) { database in
            if let keys { try database.setKeyCheck(keys) }
            return try ConnectionTables(database).reencryptSecrets(change) + database.reencryptHookSecrets(change)
                + database.reencryptContactPointSecrets(change) + database.reencryptSecondFactors(change)
        }
    }
}

extension [StoredSecret] {
    fileprivate func isNothingOrOpened(by keys: KeyRing) -> Bool { isEmpty || contains { keys.opens($0) } }
}

extension Database {
    /// By which the key is recognized that the secrets are sealed with; nil if no host has started since it is kept.
    fileprivate func keyCheck() throws -> [UInt8]? { try first("SELECT digest FROM key_check")?.blob("digest") }

    fileprivate func setKeyCheck(_ keys: KeyRing) throws {
        guard let check = keys.checks.first else { return }
        try replace("key_check", key: ["place"], ["place": .integer(1), "digest": .blob(check)])
    }

    fileprivate func storedSecrets() throws -> [StoredSecret] {
        func secrets(
            _ owner: StoredSecret.Owner, _ query: String, _ columns: [(String, SettingKey?)]
        ) throws -> [StoredSecret] {
            try self.query(query).flatMap { row -> [StoredSecret] in
                guard let id = ConnectionID(try row.text("id")) else { return [] }
                return try columns.compactMap { column, key in
                    guard let bytes = try row.optionalBlob(column) else { return nil }
                    return StoredSecret(owner, SealedSecret(bytes: bytes), of: id, try key ?? SettingKey(row.text("key")))
                }
            }
        }
        return try secrets(
            .connection, "SELECT connection_id AS id, key, sealed FROM connection_setting WHERE sealed IS NOT NULL", [("sealed", nil)])
            + secrets(
                .changeHook, "SELECT connection_id AS id, secret FROM change_hook WHERE secret IS NOT NULL",
                [("secret", ChangeHook.secretKey)])
            + secrets(
                .contactPoint, "SELECT id, password, address, signing_key FROM contact_point",
                [
                    ("password", ContactPoint.passwordKey), ("address", ContactPoint.addressKey),
                    ("signing_key", ContactPoint.signingKeyKey),
                ])
            + secrets(.secondFactor, "SELECT id, secret FROM second_factor", [("secret", SecondFactor.secretKey)])
    }
}
