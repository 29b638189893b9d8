import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func rules() async throws -> [Rule] { try await queue.read { try $0.rules() } }

    func rule(_ id: RuleID) async throws -> Rule? { try await queue.read { try $0.rule(id) } }

    func add(_ rule: Rule, audit: AuditEntry) async throws {
        try await write(audit) { database in
            _ = try database.run(
                """
                INSERT INTO rule (name, revision, mode, pause, connection_id, definition, created_at, changed_at, id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, rule.columns)
        }
    }

    func replace(_ rule: Rule, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard let stored = try database.rule(rule.id) else { throw StorageError.notFound }
            guard stored.revision == rule.revision - 1 else { throw StorageError.stale }
            _ = try database.run(
                """
                UPDATE rule SET name = ?, revision = ?, mode = ?, pause = ?, connection_id = ?, definition = ?, created_at = ?, changed_at = ?
                WHERE id = ?
                """, rule.columns)
        }
    }

    func removeRule(_ id: RuleID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.run("DELETE FROM rule WHERE id = ?", [.text(id.rawValue)]) == 1 else { throw StorageError.notFound }
            // What may have been sent already goes on, so that its outcome becomes known.
            try database.run(
                """
                UPDATE job SET state = 'dropped', changed_at = ? WHERE rule_id = ?
                AND (state IN ('checking', 'waiting') OR state = 'needs_review' AND reason <> 'outcome_unknown')
                """,
                [audit.at.storedMilliseconds, .text(id.rawValue)])
        }
    }

    func resumeRefusedRules(
        of connection: ConnectionID, audit: @Sendable @escaping (Rule) -> AuditEntry
    ) async throws -> [RuleID] {
        try await queue.write { database in
            let paused = try database.rules().filter { rule in
                guard case .refused? = rule.pause else { return false }
                return rule.definition.action.connection == connection
            }
            for rule in paused {
                try database.run("UPDATE rule SET pause = NULL WHERE id = ?", [.text(rule.id.rawValue)])
                try database.insert(audit(rule))
            }
            return paused.map(\.id)
        }
    }
}

extension Database {
    func rules() throws -> [Rule] { try query("SELECT * FROM rule ORDER BY name, id").map { try $0.rule() } }

    func rule(_ id: RuleID) throws -> Rule? { try first("SELECT * FROM rule WHERE id = ?", [.text(id.rawValue)])?.rule() }
}

extension Rule {
    fileprivate var columns: [SQLValue] {
        [
            .text(name), .integer(Int64(revision)), .text(mode.rawValue), SQLValue(pause?.text),
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
        let pause = try optionalText("pause")
        return Rule(
            id: id, name: try text("name"), revision: Int(try integer("revision")), mode: mode, pause: pause.flatMap(RulePause.init(text:)),
            definition: definition, createdAt: Date(storedMilliseconds: try integer("created_at")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")))
    }
}
