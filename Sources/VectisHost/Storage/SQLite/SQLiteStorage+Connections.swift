import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func connections() async throws -> [StoredConnection] {
        try await queue.read { database in
            // One statement for all settings, because the overview asks often.
            var settings: [String: [Row]] = [:]
            for row in try database.query("SELECT * FROM connection_setting") {
                settings[try row.text("connection_id"), default: []].append(row)
            }
            return try database.query("SELECT * FROM connection ORDER BY connector, name, id").map { row in
                try row.connection(settings[try row.text("id")] ?? [])
            }
        }
    }

    func connection(_ id: ConnectionID) async throws -> StoredConnection? {
        try await queue.read { try $0.connection(id) }
    }

    func add(_ connection: StoredConnection, audit: AuditEntry) async throws {
        try await write(audit) { database in
            try database.refuseDuplicate(of: connection)
            try database.run(
                """
                INSERT INTO connection (connector, name, tenant, revision, created_at, changed_at, status_outcome, status_headline, status_code,
                    status_correlation_id, status_checked_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, connection.columns)
            try database.insertSettings(of: connection)
        }
    }

    func replace(_ connection: StoredConnection, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard let stored = try database.connection(connection.id) else { throw StorageError.notFound }
            guard stored.revision == connection.revision - 1 else { throw StorageError.stale }
            try database.refuseDuplicate(of: connection)
            // What was learned of one tenant says nothing of another.
            if stored.tenant != connection.tenant {
                try database.run("DELETE FROM connection_trait WHERE connection_id = ?", [.text(connection.id.rawValue)])
            }
            try database.run(
                """
                UPDATE connection SET connector = ?, name = ?, tenant = ?, revision = ?, created_at = ?, changed_at = ?, status_outcome = ?,
                    status_headline = ?, status_code = ?, status_correlation_id = ?, status_checked_at = ? WHERE id = ?
                """, connection.columns)
            try database.run("DELETE FROM connection_setting WHERE connection_id = ?", [.text(connection.id.rawValue)])
            try database.insertSettings(of: connection)
        }
    }

    func setStatus(_ status: ConnectionStatus, of id: ConnectionID, revision: Int, audit: AuditEntry) async throws {
        try await write(audit) { database in
            _ = try database.run(
                """
                UPDATE connection SET status_outcome = ?, status_headline = ?, status_code = ?, status_correlation_id = ?, status_checked_at = ?
                WHERE id = ? AND revision = ?
                """, Optional(status).columns + [.text(id.rawValue), .integer(Int64(revision))])
        }
    }

    func forgetStatus(of id: ConnectionID) async throws {
        try await write(nil) { database in
            _ = try database.run(
                """
                UPDATE connection SET status_outcome = NULL, status_headline = NULL, status_code = NULL, status_correlation_id = NULL,
                    status_checked_at = NULL WHERE id = ?
                """, [.text(id.rawValue)])
        }
    }

    func removeConnection(_ id: ConnectionID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.run("DELETE FROM connection WHERE id = ?", [.text(id.rawValue)]) == 1 else { throw StorageError.notFound }
        }
    }

    func reencryptSecrets(
        audit: AuditEntry, _ change: @escaping @Sendable (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret
    ) async throws -> Int {
        try await write(audit) { database in
            let rows = try database.query("SELECT * FROM connection_setting WHERE sealed IS NOT NULL")
            for row in rows {
                let (owner, key) = (try row.text("connection_id"), try row.text("key"))
                guard let id = ConnectionID(owner) else { throw StoredRowError.unreadable(table: "connection_setting") }
                let sealed = try change(SealedSecret(bytes: try row.blob("sealed")), id, SettingKey(key))
                try database.run(
                    "UPDATE connection_setting SET sealed = ? WHERE connection_id = ? AND key = ?",
                    [.blob(sealed.bytes), .text(owner), .text(key)])
            }
            return rows.count
        }
    }
}

extension Database {
    fileprivate func connection(_ id: ConnectionID) throws -> StoredConnection? {
        try first("SELECT * FROM connection WHERE id = ?", [.text(id.rawValue)]).map {
            try $0.connection(try query("SELECT * FROM connection_setting WHERE connection_id = ?", [.text(id.rawValue)]))
        }
    }

    fileprivate func refuseDuplicate(of connection: StoredConnection) throws {
        let other = try first(
            "SELECT id FROM connection WHERE connector = ? AND tenant = ? AND id <> ?",
            [.text(connection.connector.rawValue), .text(connection.tenant.rawValue), .text(connection.id.rawValue)])
        if let id = try other.flatMap({ ConnectionID(try $0.text("id")) }) { throw StorageError.duplicateTenant(id) }
    }

    fileprivate func insertSettings(of connection: StoredConnection) throws {
        let sql = "INSERT INTO connection_setting (connection_id, key, value, sealed) VALUES (?, ?, ?, ?)"
        for (key, value) in connection.settings {
            try run(sql, [.text(connection.id.rawValue), .text(key.rawValue), .text(value), .null])
        }
        for (key, secret) in connection.secrets {
            try run(sql, [.text(connection.id.rawValue), .text(key.rawValue), .null, .blob(secret.bytes)])
        }
    }
}

extension StoredConnection {
    /// Everything but the settings, the id last.
    fileprivate var columns: [SQLValue] {
        [
            .text(connector.rawValue), .text(name), .text(tenant.rawValue), .integer(Int64(revision)), createdAt.storedMilliseconds,
            changedAt.storedMilliseconds,
        ] + status.columns + [.text(id.rawValue)]
    }
}

extension Optional where Wrapped == ConnectionStatus {
    fileprivate var columns: [SQLValue] {
        [
            SQLValue(self?.outcome.rawValue), SQLValue(self?.headline), SQLValue(self?.code?.rawValue), SQLValue(self?.correlationID),
            self?.checkedAt.storedMilliseconds ?? .null,
        ]
    }
}

extension Row {
    fileprivate func connection(_ settings: [Row]) throws -> StoredConnection {
        guard let id = ConnectionID(try text("id")), let connector = ConnectorID(try text("connector")) else {
            throw StoredRowError.unreadable(table: "connection")
        }
        var connection = StoredConnection(
            id: id, connector: connector, name: try text("name"), tenant: TenantIdentity(rawValue: try text("tenant")), settings: [:],
            secrets: [:], revision: Int(try integer("revision")), createdAt: Date(storedMilliseconds: try integer("created_at")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")), status: try status())
        for setting in settings {
            let key = SettingKey(try setting.text("key"))
            connection.settings[key] = try setting.optionalText("value")
            connection.secrets[key] = try setting.optionalBlob("sealed").map(SealedSecret.init(bytes:))
        }
        return connection
    }

    fileprivate func status() throws -> ConnectionStatus? {
        guard let word = try optionalText("status_outcome") else { return nil }
        guard let outcome = ConnectionStatus.Outcome(rawValue: word) else { throw StoredRowError.unreadable(table: "connection") }
        return ConnectionStatus(
            outcome: outcome, headline: try text("status_headline"),
            code: try optionalText("status_code").flatMap(ErrorCode.init(rawValue:)),
            correlationID: try optionalText("status_correlation_id"), checkedAt: Date(storedMilliseconds: try integer("status_checked_at")))
    }
}
