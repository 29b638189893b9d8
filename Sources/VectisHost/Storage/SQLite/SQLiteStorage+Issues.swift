import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func issues(of connection: ConnectionID?) async throws -> [Issue] {
        try await queue.read { database in
            try database.query(
                """
                SELECT * FROM issue WHERE ? IS NULL OR connection_id = ? ORDER BY resolved_at IS NOT NULL, last_seen_at DESC
                """, [SQLValue(connection?.rawValue), SQLValue(connection?.rawValue)]
            ).map { try $0.issue() }
        }
    }

    func noteIssue(_ code: ErrorCode, of connection: ConnectionID, at moment: Date) async throws {
        try await write(nil) { database in
            // A connection that was removed meanwhile has no issues any more.
            guard try database.first("SELECT 1 FROM connection WHERE id = ?", [.text(connection.rawValue)]) != nil else { return }
            _ = try database.run(
                """
                INSERT INTO issue (connection_id, code, first_seen_at, last_seen_at, count) VALUES (?1, ?2, ?3, ?3, 1)
                ON CONFLICT (connection_id, code) DO UPDATE SET last_seen_at = ?3, resolved_at = NULL,
                    first_seen_at = CASE WHEN resolved_at IS NULL THEN first_seen_at ELSE ?3 END,
                    count = CASE WHEN resolved_at IS NULL THEN count + 1 ELSE 1 END
                """, [.text(connection.rawValue), .text(code.rawValue), moment.storedMilliseconds])
        }
    }

    func resolveIssues(of connection: ConnectionID, areas: Set<String>?, at moment: Date) async throws {
        try await write(nil) { database in
            let standing = try database.query(
                "SELECT code FROM issue WHERE connection_id = ? AND resolved_at IS NULL", [.text(connection.rawValue)])
            for code in try standing.map({ try $0.text("code") }) {
                guard areas?.contains(String(code.prefix { $0 != "." })) ?? true else { continue }
                try database.run(
                    "UPDATE issue SET resolved_at = ? WHERE connection_id = ? AND code = ?",
                    [moment.storedMilliseconds, .text(connection.rawValue), .text(code)])
            }
        }
    }
}

extension Row {
    fileprivate func issue() throws -> Issue {
        guard let connection = ConnectionID(try text("connection_id")), let code = ErrorCode(rawValue: try text("code")) else {
            throw StoredRowError.unreadable(table: "issue")
        }
        return Issue(
            connection: connection, code: code, firstSeenAt: Date(storedMilliseconds: try integer("first_seen_at")),
            lastSeenAt: Date(storedMilliseconds: try integer("last_seen_at")), count: Int(try integer("count")),
            resolvedAt: try optionalInteger("resolved_at").map(Date.init(storedMilliseconds:)))
    }
}
