package import FoundationEssentials
import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
package import VectisRules

extension DatabaseStorage {
    package func retention() async throws -> StoredRetentionSettings { try await queue.read { try $0.retention() } }

    package func setRetention(
        _ settings: RetentionSettings, revision: Int, audit: AuditEntry
    ) async throws -> StoredRetentionSettings {
        try await write(audit) { database in
            guard try database.retention().revision == revision else { throw StoreError.stale }
            try database.replace(
                "retention", key: ["place"],
                [
                    "place": .integer(1), "event_days": .integer(Int64(settings.eventDays)), "job_days": .integer(Int64(settings.jobDays)),
                    "deleted_record_days": .integer(Int64(settings.deletedRecordDays)),
                    "token_days": .integer(Int64(settings.tokenDays)), "audit_days": .integer(Int64(settings.auditDays)),
                    "revision": .integer(Int64(revision + 1)),
                ])
            return StoredRetentionSettings(settings: settings, revision: revision + 1)
        }
    }

    package func retentionClock() async throws -> RetentionClock? {
        try await queue.read { database in
            try database.first("SELECT * FROM retention_clock").map { row in
                RetentionClock(
                    seenAt: Date(storedMilliseconds: try row.integer("seen_at")),
                    waitsUntil: Date(storedMilliseconds: try row.integer("waits_until")))
            }
        }
    }

    package func setRetentionClock(_ clock: RetentionClock) async throws {
        try await write(nil) { database in
            try database.replace(
                "retention_clock", key: ["place"],
                ["place": .integer(1), "seen_at": clock.seenAt.storedMilliseconds, "waits_until": clock.waitsUntil.storedMilliseconds])
        }
    }

    package func removeEvents(
        before time: Date, now: Date, after place: HostEvent.ID?, limit: Int
    ) async throws -> EventRemoval {
        try await write(nil) { database in
            // By their events detectors know what they have reported already.
            let detectorTime = min(time, RetentionSettings.limit(RetentionSettings.detectorDays, at: now))
            let rows = try database.query(
                "SELECT id, received_at, namespace FROM event WHERE id > ? ORDER BY id LIMIT ?",
                [.integer(place?.rawValue ?? 0), .integer(Int64(limit))])
            let connections = try database.query("SELECT DISTINCT connection_id FROM job_count WHERE count > 0")
                .map { try $0.text("connection_id") }
            var removal = EventRemoval(removed: 0, last: place, isMore: rows.count == limit)
            for row in rows {
                let (id, receivedAt) = (try row.integer("id"), Date(storedMilliseconds: try row.integer("received_at")))
                // Events are in the order of their arrival. One from the future, by a clock that was wrong, tells nothing of the others.
                if receivedAt >= time, receivedAt <= now {
                    removal.isMore = false
                    break
                }
                removal.last = HostEvent.ID(rawValue: id)
                let isOfDetector = try row.text("namespace").hasPrefix(EventNamespace.detectorPrefix)
                guard receivedAt < (isOfDetector ? detectorTime : time),
                    try !connections.contains(where: { try database.hasJob(of: id, through: $0) })
                else { continue }
                removal.removed += try database.run("DELETE FROM event WHERE id = ?", [.integer(id)])
            }
            return removal
        }
    }

    package func removeSessions(lastSeenBefore idle: Date, createdBefore oldest: Date) async throws -> Int {
        try await write(nil) { database in
            try database.run(
                "DELETE FROM session WHERE last_seen_at < ? OR created_at < ?", [idle.storedMilliseconds, oldest.storedMilliseconds])
        }
    }

    package func removeTokens(revokedBefore time: Date) async throws -> Int {
        try await write(nil) { database in
            // Events of a token that shared its namespace, or that is older than namespaces, may be repeated by other tokens, which are
            // known by this row.
            try database.run(
                """
                DELETE FROM api_token WHERE revoked_at < ?1 AND (namespace IS NULL AND is_older = 0
                    OR revoked_at < COALESCE((SELECT received_at FROM event WHERE id = (SELECT MIN(id) FROM event)), ?1))
                """, [time.storedMilliseconds])
        }
    }

    package func auditArchives() async throws -> [AuditArchive] { try await queue.read { try $0.auditArchives() } }
}

extension Database {
    fileprivate func retention() throws -> StoredRetentionSettings {
        guard let row = try first("SELECT * FROM retention") else {
            return StoredRetentionSettings(settings: .default, revision: 0)
        }
        func days(_ column: String) throws -> Int { Int(try row.integer(column)) }
        return StoredRetentionSettings(
            settings: RetentionSettings(
                eventDays: try days("event_days"), jobDays: try days("job_days"), deletedRecordDays: try days("deleted_record_days"),
                tokenDays: try days("token_days"), auditDays: try days("audit_days")),
            revision: try days("revision"))
    }

    /// Whether a connection has a job that was created from an event.
    fileprivate func hasJob(of event: Int64, through connection: String) throws -> Bool {
        // “0” follows “/”.
        try first(
            "SELECT 1 FROM job WHERE connection_id = ? AND idempotency_key >= ? AND idempotency_key < ?",
            [.text(connection), .text("event/\(event)/"), .text("event/\(event)0")]) != nil
    }

    /// The recorded archives, oldest first.
    func auditArchives() throws -> [AuditArchive] {
        try query("SELECT * FROM audit_archive ORDER BY number").map { try $0.auditArchive() }
    }
}

extension Row {
    /// The record of an archive.
    func auditArchive() throws -> AuditArchive {
        AuditArchive(
            number: try count("number"), file: try text("file"), first: AuditPosition(rawValue: try integer("first_place")),
            last: AuditPosition(rawValue: try integer("last_place")), firstAt: Date(storedMilliseconds: try integer("first_at")),
            lastAt: Date(storedMilliseconds: try integer("last_at")), previousHash: try blob("previous_hash"),
            lastHash: try blob("last_hash"), digest: try blob("digest"), byteCount: try count("byte_count"),
            archivedAt: Date(storedMilliseconds: try integer("archived_at")))
    }
}
