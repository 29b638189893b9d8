package import FoundationEssentials
import PSACore
package import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore

extension DatabaseStorage {
    package func changeHook(of connection: ConnectionID) async throws -> ChangeHook? {
        try await queue.read { database in
            try database.first("SELECT * FROM change_hook WHERE connection_id = ?", [.text(connection.rawValue)])?
                .changeHook(of: connection)
        }
    }

    package func setChangeHook(_ hook: ChangeHook, audit: AuditEntry) async throws {
        try await write(audit) { database in
            try keyGuard.requireKey(of: database)
            let id = SQLValue.text(hook.connection.rawValue)
            guard try database.first("SELECT 1 FROM connection WHERE id = ?", [id]) != nil else { throw StoreError.notFound }
            try database.replace(
                "change_hook", key: ["connection_id"],
                [
                    "connection_id": id, "token_digest": .blob(hook.tokenDigest), "authentication": .text(hook.authentication.rawValue),
                    // A word of the language in PostgreSQL.
                    "\"user\"": .text(hook.user), "secret": hook.secret.map { .blob($0.bytes) } ?? .null,
                    "created_at": hook.createdAt.storedMilliseconds, "created_by": .text(hook.createdBy), "last_message_at": .null,
                ])
        }
    }

    package func removeChangeHook(of connection: ConnectionID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            let count = try database.run("DELETE FROM change_hook WHERE connection_id = ?", [.text(connection.rawValue)])
            guard count == 1 else { throw StoreError.notFound }
        }
    }

    package func touchChangeHook(of connection: ConnectionID, at time: Date) async throws {
        try await write(nil, .found) { database in
            _ = try database.run(
                "UPDATE change_hook SET last_message_at = ? WHERE connection_id = ?",
                [time.storedMilliseconds, .text(connection.rawValue)])
        }
    }
}

extension Database {
    /// Puts the secret of each change hook into another form, and returns how many there were.
    func reencryptHookSecrets(_ change: (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret) throws -> Int {
        let rows = try query("SELECT connection_id, secret FROM change_hook WHERE secret IS NOT NULL")
        for row in rows {
            let owner = try row.text("connection_id")
            guard let id = ConnectionID(owner) else { throw StoredRowError.unreadable(table: "change_hook") }
            let sealed = try change(SealedSecret(bytes: try row.blob("secret")), id, ChangeHook.secretKey)
            try run("UPDATE change_hook SET secret = ? WHERE connection_id = ?", [.blob(sealed.bytes), .text(owner)])
        }
        return rows.count
    }
}

extension Row {
    fileprivate func changeHook(of connection: ConnectionID) throws -> ChangeHook {
        guard let authentication = HookAuthentication.Kind(rawValue: try text("authentication")) else {
            throw StoredRowError.unreadable(table: "change_hook")
        }
        return ChangeHook(
            connection: connection, tokenDigest: try blob("token_digest"), authentication: authentication, user: try text("user"),
            secret: try optionalBlob("secret").map { SealedSecret(bytes: $0) },
            createdAt: Date(storedMilliseconds: try integer("created_at")), createdBy: try text("created_by"),
            lastMessageAt: try optionalInteger("last_message_at").map { Date(storedMilliseconds: $0) })
    }
}
