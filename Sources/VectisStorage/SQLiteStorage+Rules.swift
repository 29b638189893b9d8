import FoundationEssentials
import PSACore
import PSAEngine
import PSAEngineSQLite
package import SQLite
package import VectisCore
package import VectisRules

extension SQLiteStorage {
    package func rules() async throws -> [Rule] { try await queue.read { try $0.rules() } }

    package func rule(_ id: RuleID) async throws -> Rule? { try await queue.read { try $0.rule(id) } }

    package func add(_ rule: Rule, audit: AuditEntry) async throws {
        try await write(audit) { database in
            _ = try database.run(
                """
                INSERT INTO rule (name, revision, mode, pause, connection_id, definition, created_at, changed_at, id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rule.columns)
            try JobTables(database).setSource(rule.id.source, isEnabled: rule.mode == .active, resumes: true)
        }
    }

    package func replace(_ rule: Rule, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard let stored = try database.rule(rule.id) else { throw StoreError.notFound }
            guard stored.revision == rule.revision - 1 else { throw StoreError.stale }
            _ = try database.run(
                """
                UPDATE rule SET name = ?, revision = ?, mode = ?, pause = ?, connection_id = ?, definition = ?, created_at = ?, changed_at = ?
                WHERE id = ?
                """, rule.columns)
            try JobTables(database).setSource(rule.id.source, isEnabled: rule.mode == .active, resumes: rule.pause?.code == nil)
        }
    }

    package func removeRule(_ id: RuleID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.run("DELETE FROM rule WHERE id = ?", [.text(id.rawValue)]) == 1 else { throw StoreError.notFound }
            try JobTables(database).removeSource(id.source, at: audit.at)
        }
    }
}

extension Database {
    private static let select = "SELECT rule.*, job_source.refused_code FROM rule LEFT JOIN job_source ON job_source.id = rule.id"

    package func rules() throws -> [Rule] { try query("\(Self.select) ORDER BY name, rule.id").map { try $0.rule() } }

    package func rule(_ id: RuleID) throws -> Rule? { try first("\(Self.select) WHERE rule.id = ?", [.text(id.rawValue)])?.rule() }
}

extension Rule {
    fileprivate var columns: [SQLValue] {
        [
            .text(name), .integer(Int64(revision)), .text(mode.rawValue), SQLValue(pause == .rateLimited ? pause?.text : nil),
            .text(definition.action.connection.rawValue),
            .text(definition.json.encodedText), createdAt.storedMilliseconds, changedAt.storedMilliseconds, .text(id.rawValue),
        ]
    }
}

extension Row {
    fileprivate func rule() throws -> Rule {
        guard let id = RuleID(try text("id")), let mode = Rule.Mode(rawValue: try text("mode")),
            let definition = RuleDefinition(json: try JSONDocument(Array(try text("definition").utf8)).root)
        else { throw StoredRowError.unreadable(table: "rule") }
        // While the PSA rejects tickets, that pause is shown; the rate limit shows again afterwards.
        let pause = try optionalText("refused_code") ?? optionalText("pause")
        return Rule(
            id: id, name: try text("name"), revision: Int(try integer("revision")), mode: mode, pause: pause.flatMap(RulePause.init(text:)),
            definition: definition, createdAt: Date(storedMilliseconds: try integer("created_at")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")))
    }
}
