import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQL
package import SQL
package import VectisCore
import VectisRules

extension DatabaseStorage {
    package func append(_ entry: AuditEntry) async throws { try await write(entry, .found) { _ in } }

    package func audit(_ filter: AuditFilter, before position: AuditPosition?, limit: Int) async throws -> [StoredAuditEntry] {
        var conditions: [(sql: String, value: SQLValue)] = [("place < ?", .integer(position?.rawValue ?? .max))]
        if let action = filter.action { conditions.append(("action = ?", .text(action.rawValue))) }
        if let actor = filter.actor { conditions.append(("actor = ?", .text(actor))) }
        if let target = filter.target { conditions.append(("instr(lower(target), lower(?)) > 0", .text(target))) }
        if let from = filter.from { conditions.append(("at >= ?", from.storedMilliseconds)) }
        if let until = filter.until { conditions.append(("at < ?", until.storedMilliseconds)) }
        let condition = conditions.map(\.sql).joined(separator: " AND ")
        let sql = "SELECT * FROM audit_entry WHERE \(condition) ORDER BY place DESC LIMIT ?"
        let values = conditions.map(\.value) + [.integer(Int64(limit))]
        // No index helps with an actor or a part of a target: the whole log may have to be read.
        guard filter.actor == nil, filter.target == nil else {
            return try await queue.search { database in try database.query(sql, values).map { try $0.auditEntry() } }
        }
        return try await queue.read { database in try database.query(sql, values).map { try $0.auditEntry() } }
    }
}

extension Database {
    /// Adds an entry to the audit log.
    package func insert(_ entry: AuditEntry) throws {
        try run(
            """
            INSERT INTO audit_entry (at, actor, action, target, outcome, detail, code, correlation_id, address)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                entry.at.storedMilliseconds, .text(entry.actor.text), .text(entry.action.rawValue), .text(entry.target),
                .text(entry.outcome.rawValue), .text(entry.detail), SQLValue(entry.code?.rawValue), .text(entry.correlationID),
                SQLValue(entry.address),
            ])
    }
}

extension Row {
    fileprivate func auditEntry() throws -> StoredAuditEntry {
        guard let action = AuditAction(rawValue: try text("action")), let outcome = AuditEntry.Outcome(rawValue: try text("outcome")) else {
            throw StoredRowError.unreadable(table: "audit_entry")
        }
        let entry = AuditEntry(
            at: Date(storedMilliseconds: try integer("at")), actor: AuditEntry.Actor(text: try text("actor")), action: action,
            target: try text("target"), outcome: outcome, detail: try text("detail"),
            code: try optionalText("code").flatMap(ErrorCode.init(rawValue:)), correlationID: try text("correlation_id"),
            address: try optionalText("address"))
        return StoredAuditEntry(position: AuditPosition(rawValue: try integer("place")), entry: entry)
    }
}
