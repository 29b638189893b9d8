package import FoundationEssentials
package import PSACore
package import PSAEngine
import PSAEngineSQL
package import SQL
import Synchronization
package import VectisCore
package import VectisRules

extension DatabaseStorage {
    package func rules() async throws -> [Rule] { try await queue.read { try $0.rules() } }

    package func rules(from place: Int, limit: Int) async throws -> (rules: [Rule], total: Int) {
        try await queue.read { database in
            let total = try database.first("SELECT COUNT(*) AS count FROM rule")?.integer("count") ?? 0
            let rules = try database.query(
                "\(RuleRows.select) ORDER BY rule.name, rule.id LIMIT ? OFFSET ?", [.integer(Int64(limit)), .integer(Int64(place))])
            return (try rules.map { try $0.rule() }, Int(total))
        }
    }

    package func activity(of rules: [RuleID], since start: Date) async throws -> [RuleID: RuleActivity] {
        try await queue.read { database in
            let first = RuleActivity.hour(of: start)
            var found: [RuleID: RuleActivity] = [:]
            for rule in rules {
                let rows = try database.query(
                    "SELECT hour, count FROM rule_activity WHERE rule_id = ? AND hour >= ?", [.text(rule.rawValue), .integer(Int64(first))])
                guard !rows.isEmpty else { continue }
                found[rule] = RuleActivity(
                    counts: Dictionary(try rows.map { (try $0.count("hour"), try $0.count("count")) }, uniquingKeysWith: +))
            }
            return found
        }
    }

    package func rule(_ id: RuleID) async throws -> Rule? { try await queue.read { try $0.rule(id) } }

    package func add(_ rule: Rule, audit: AuditEntry) async throws {
        try await write(audit) { database in
            _ = try database.run(
                """
                INSERT INTO rule (
                    pause, name, revision, mode, field_pause, accepted_form, connection_id, definition, created_at, changed_at, id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, [SQLValue(rule.isRateLimited ? RulePause.rateLimited.text : nil)] + rule.columns)
            try JobTables(database).setSource(rule.id.source, isEnabled: rule.isSending, resumes: true)
        }
    }

    package func replace(_ rule: Rule, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard let stored = try database.rule(rule.id) else { throw StoreError.notFound }
            guard stored.revision == rule.revision - 1 else { throw StoreError.stale }
            // The pause for the rate limit is left out: it may have begun or ended since the caller read the rule.
            _ = try database.run(
                """
                UPDATE rule SET name = ?, revision = ?, mode = ?, field_pause = ?, accepted_form = ?, connection_id = ?,
                    definition = ?, created_at = ?, changed_at = ?
                WHERE id = ?
                """, rule.columns)
            try JobTables(database).setSource(rule.id.source, isEnabled: rule.isSending, resumes: rule.refusal == nil)
        }
    }

    package func removeRule(_ id: RuleID, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard try database.run("DELETE FROM rule WHERE id = ?", [.text(id.rawValue)]) == 1 else { throw StoreError.notFound }
            try JobTables(database).removeSource(id.source, at: audit.at)
            try database.run("DELETE FROM rule_activity WHERE rule_id = ?", [.text(id.rawValue)])
        }
    }
}

extension DatabaseStorage {
    package func ticketDemands(of connection: ConnectionID?) async throws -> [TicketDemands] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM ticket_demands WHERE ?1 IS NULL OR connection_id = ?1 ORDER BY connection_id, type",
                [SQLValue(connection?.rawValue)]
            ).map { try $0.ticketDemands() }
        }
    }

    package func keep(_ demands: TicketDemands) async throws {
        try await write(nil) { database in
            // The connection may have been removed meanwhile.
            _ = try database.run(
                """
                INSERT INTO ticket_demands (connection_id, type, type_name, fingerprint, obstacles, checked_at)
                SELECT id, ?2, ?3, ?4, ?5, ?6 FROM connection WHERE id = ?1
                ON CONFLICT (connection_id, type) DO UPDATE SET type_name = excluded.type_name, fingerprint = excluded.fingerprint,
                    obstacles = excluded.obstacles, checked_at = excluded.checked_at
                """,
                [
                    .text(demands.connection.rawValue), .text(demands.type?.rawValue ?? ""), .text(demands.typeName),
                    .text(demands.fingerprint), .text(JSONValue.array(demands.obstacles.map(JSONValue.string)).encodedText),
                    demands.checkedAt.storedMilliseconds,
                ])
        }
    }

    package func forgetDemands(of connection: ConnectionID, except types: Set<TicketType.ID?>) async throws {
        try await write(nil) { database in
            let known = try database.query("SELECT type FROM ticket_demands WHERE connection_id = ?", [.text(connection.rawValue)])
            for type in try known.map({ try $0.text("type") }) where !types.contains(TicketType.ID(type)) {
                try database.run(
                    "DELETE FROM ticket_demands WHERE connection_id = ? AND type = ?", [.text(connection.rawValue), .text(type)])
            }
        }
    }

    @discardableResult
    package func setFieldPause(_ pause: TicketFieldsPause?, of rule: RuleID, audit: AuditEntry) async throws -> Bool {
        try await write(nil) { database in
            // The rule may have been removed or changed meanwhile; what was found then is found again at the next check.
            guard let stored = try database.rule(rule), stored.fieldPause != pause else { return false }
            try database.run("UPDATE rule SET field_pause = ? WHERE id = ?", [SQLValue(pause?.stored), .text(rule.rawValue)])
            try JobTables(database).setSource(rule.source, isEnabled: stored.mode == .active && pause == nil, resumes: false)
            try database.insert(audit)
            return true
        }
    }
}

extension DatabaseStorage {
    package func forgetUpload(_ id: JobUpload.ID, audit: AuditEntry) async throws {
        try await write(audit) { try UploadTables($0).remove(id) }
    }
}

extension Rule {
    /// Whether its jobs are sent.
    fileprivate var isSending: Bool { mode == .active && fieldPause == nil }
}

extension Row {
    fileprivate func ticketDemands() throws -> TicketDemands {
        guard let connection = ConnectionID(try text("connection_id")) else { throw StoredRowError.unreadable(table: "ticket_demands") }
        return TicketDemands(
            connection: connection, type: TicketType.ID(try text("type")), typeName: try text("type_name"),
            fingerprint: try text("fingerprint"),
            obstacles: try JSONDocument(Array(try text("obstacles").utf8)).root.elements.compactMap(\.string),
            checkedAt: Date(storedMilliseconds: try integer("checked_at")))
    }
}

extension Database {
    package func rules() throws -> [Rule] { try ruleRows().map { try $0.rule() } }

    fileprivate func ruleRows() throws -> [Row] { try query("\(RuleRows.select) ORDER BY rule.name, rule.id") }

    package func rule(_ id: RuleID) throws -> Rule? { try first("\(RuleRows.select) WHERE rule.id = ?", [.text(id.rawValue)])?.rule() }
}

extension Database {
    /// Counts that a rule has fired, and forgets what is too old to be shown when an hour begins.
    func countActivity(of rule: RuleID, at time: Date) throws {
        let hour = Int64(RuleActivity.hour(of: time))
        let place: [SQLValue] = [.text(rule.rawValue), .integer(hour)]
        let counted = try run("UPDATE rule_activity SET count = count + 1 WHERE rule_id = ? AND hour = ?", place)
        guard counted == 0 else { return }
        // Another process may have begun the hour meanwhile.
        try run(
            """
            INSERT INTO rule_activity (rule_id, hour, count) VALUES (?, ?, 1)
            ON CONFLICT (rule_id, hour) DO UPDATE SET count = rule_activity.count + 1
            """, place)
        try run(
            "DELETE FROM rule_activity WHERE rule_id = ? AND hour < ?",
            [.text(rule.rawValue), .integer(hour - Int64(RuleActivity.keptHours))])
    }
}

extension Rule {
    fileprivate var columns: [SQLValue] {
        [
            .text(name), .integer(Int64(revision)), .text(mode.rawValue), SQLValue(fieldPause?.stored), SQLValue(acceptedForm),
            .text(definition.action.connection.rawValue),
            .text(definition.json.encodedText), createdAt.storedMilliseconds, changedAt.storedMilliseconds, .text(id.rawValue),
        ]
    }
}

/// How rules are read.
private enum RuleRows {
    static let select = """
        SELECT rule.*, job_source.refused_code, connection.id AS present_connection FROM rule
        LEFT JOIN job_source ON job_source.id = rule.id LEFT JOIN connection ON connection.id = rule.connection_id
        """
}

/// The rules as they are prepared for decisions, kept from one event to the next.
///
/// A decision never uses rules other than those its transaction would read. Whatever a decision reads of them (the rows of `rule`, and the
/// refusals in `job_source`) is changed together with the stamp: triggers of the schema replace it by 16 random bytes in the transaction
/// of the change, whichever process or statement makes it. So rules with the same stamp are the same rules, also if the stamp was read in a
/// transaction that was rolled back later. The stamp is read in the transaction that decides, which holds the lock for writing: the
/// rules that were read under this stamp, whenever that was, are the rules that the transaction would read now.
final class RuleCache: Sendable {
    private struct Content {
        var stamp: [UInt8]
        var index: RuleIndex
        /// What was parsed, by the text of it, because most changes concern one rule.
        var definitions: [String: RuleDefinition]
    }

    private let content = Mutex<Content?>(nil)

    /// The rules that the current transaction of a database reads.
    ///
    /// - Throws: Errors of the database, or ``StoredRowError``.
    func index(in database: any Database) throws -> RuleIndex {
        guard let stamp = try database.first("SELECT stamp FROM rule_stamp")?.blob("stamp") else {
            throw StoredRowError.unreadable(table: "rule_stamp")
        }
        let old = content.withLock { $0 }
        if let old, old.stamp == stamp { return old.index }
        var definitions: [String: RuleDefinition] = [:]
        let rules = try database.ruleRows().map { row in
            let text = try row.text("definition")
            let definition = try old?.definitions[text] ?? definitions[text] ?? row.definition()
            definitions[text] = definition
            return try row.rule(definition)
        }
        let index = RuleIndex(rules)
        content.withLock { $0 = Content(stamp: stamp, index: index, definitions: definitions) }
        return index
    }
}

extension Row {
    fileprivate func definition() throws -> RuleDefinition {
        guard let definition = RuleDefinition(json: try JSONDocument(Array(try text("definition").utf8)).root) else {
            throw StoredRowError.unreadable(table: "rule")
        }
        return definition
    }

    fileprivate func rule(_ parsed: RuleDefinition? = nil) throws -> Rule {
        let definition = try parsed ?? definition()
        guard let id = RuleID(try text("id")), let mode = Rule.Mode(rawValue: try text("mode"))
        else { throw StoredRowError.unreadable(table: "rule") }
        var rule = Rule(
            id: id, name: try text("name"), revision: try count("revision"), mode: mode,
            isRateLimited: try optionalText("pause") == RulePause.rateLimited.text,
            refusal: try optionalText("refused_code").flatMap(ErrorCode.init(rawValue:)),
            fieldPause: try optionalText("field_pause").flatMap(TicketFieldsPause.init(stored:)),
            acceptedForm: try optionalText("accepted_form"),
            definition: definition, createdAt: Date(storedMilliseconds: try integer("created_at")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")))
        rule.lacksConnection = try optionalText("present_connection") == nil
        return rule
    }
}
