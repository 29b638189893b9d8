import PSACore
import PSAEngine
import SQLite

extension SQLiteStorage {
    func outboxLimits() async throws -> StoredOutboxLimits { try await queue.read { try $0.outboxLimits() } }

    func setOutboxLimits(_ limits: OutboxLimits, revision: Int, audit: AuditEntry) async throws -> StoredOutboxLimits {
        try await write(audit) { database in
            guard try database.outboxLimits().revision == revision else { throw StoreError.stale }
            try database.run(
                "INSERT OR REPLACE INTO outbox_limits (place, oldest_hours, longest_wait_minutes, revision) VALUES (1, ?, ?, ?)",
                [.integer(Int64(limits.maxAgeHours)), .integer(Int64(limits.maxWaitMinutes)), .integer(Int64(revision + 1))])
            return StoredOutboxLimits(limits: limits, revision: revision + 1)
        }
    }
}

extension Database {
    fileprivate func outboxLimits() throws -> StoredOutboxLimits {
        guard let row = try first("SELECT * FROM outbox_limits") else { return StoredOutboxLimits(limits: .usual, revision: 0) }
        let limits = OutboxLimits(
            maxAgeHours: Int(try row.integer("oldest_hours")), maxWaitMinutes: Int(try row.integer("longest_wait_minutes")))
        return StoredOutboxLimits(limits: limits, revision: Int(try row.integer("revision")))
    }
}
