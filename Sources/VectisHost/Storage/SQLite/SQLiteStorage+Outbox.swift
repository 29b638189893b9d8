import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func takeNext(for connection: ConnectionID, by host: HostID, now: Date, until: Date) async throws -> Firing? {
        try await queue.write { database in
            // A host that is gone, or hangs, may have made its request: that firing is looked for before anything else is done.
            try database.run(
                """
                UPDATE firing SET state = 'unknown', looks = 0, due_at = ?, holder = NULL, held_until = NULL, changed_at = ?
                WHERE connection_id = ? AND state = 'sending' AND held_until <= ?
                """, [now.storedMilliseconds, now.storedMilliseconds, .text(connection.rawValue), now.storedMilliseconds])
            // Who holds anything of this connection is at work: one write at a time per tenant.
            let busy = try database.first(
                "SELECT 1 FROM firing WHERE connection_id = ? AND state IN ('sending', 'unknown') AND held_until > ?",
                [.text(connection.rawValue), now.storedMilliseconds])
            guard busy == nil else { return nil }
            let next = try database.first(
                """
                SELECT * FROM firing WHERE connection_id = ? AND due_at <= ?
                AND (state = 'unknown' OR state = 'waiting'
                    AND NOT EXISTS (SELECT 1 FROM rule WHERE rule.id = firing.rule_id AND rule.pause IS NOT NULL))
                ORDER BY state = 'waiting', due_at, id LIMIT 1
                """, [.text(connection.rawValue), now.storedMilliseconds])
            guard var firing = try next?.firing() else { return nil }
            if firing.state == .waiting {
                firing.state = .sending(holder: host, until: until)
                firing.attempts += 1
            }
            try database.run(
                "UPDATE firing SET state = ?, attempts = ?, holder = ?, held_until = ?, changed_at = ? WHERE id = ?",
                [
                    .text(firing.state.name), .integer(Int64(firing.attempts)), .text(host.rawValue), until.storedMilliseconds,
                    now.storedMilliseconds, .integer(firing.id.rawValue),
                ])
            return firing
        }
    }

    func dueConnections(now: Date) async throws -> (connections: [ConnectionID], next: Date?) {
        try await queue.read { database in
            let rows = try database.query(
                """
                SELECT connection_id, MIN(CASE state WHEN 'sending' THEN held_until ELSE due_at END) AS due FROM firing
                WHERE state IN ('sending', 'unknown') OR state = 'waiting'
                    AND NOT EXISTS (SELECT 1 FROM rule WHERE rule.id = firing.rule_id AND rule.pause IS NOT NULL)
                GROUP BY connection_id
                """)
            var due: [ConnectionID] = []
            var next: Date?
            for row in rows {
                let moment = Date(storedMilliseconds: try row.integer("due"))
                if moment <= now, let id = ConnectionID(try row.text("connection_id")) {
                    due.append(id)
                } else {
                    next = min(next ?? moment, moment)
                }
            }
            return (due, next)
        }
    }

    func prolong(_ id: Firing.ID, by host: HostID, until: Date) async throws -> Bool {
        try await write(nil) { database in
            try database.run(
                "UPDATE firing SET held_until = ? WHERE id = ? AND holder = ?",
                [until.storedMilliseconds, .integer(id.rawValue), .text(host.rawValue)]) == 1
        }
    }

    func settle(_ id: Firing.ID, by host: HostID, _ settlement: Settlement, at moment: Date) async throws -> Bool {
        try await queue.write { database in
            let held = try database.first(
                "SELECT rule_id FROM firing WHERE id = ? AND holder = ?", [.integer(id.rawValue), .text(host.rawValue)])
            guard let held else { return false }
            try database.apply(settlement, to: id, at: moment)
            if let pause = settlement.pauses, let rule = RuleID(try held.text("rule_id")) { try database.pause(rule, pause, at: moment) }
            return true
        }
    }

    func predecessor(of firing: Firing, since moment: Date) async throws -> Firing? {
        try await queue.read { database in
            try database.first(
                """
                SELECT * FROM firing WHERE rule_id = ? AND connection_id = ? AND company = ? AND device = ? AND id < ? AND created_at >= ?
                AND state IN ('waiting', 'sending', 'unknown', 'undecided', 'created', 'appended') ORDER BY id DESC LIMIT 1
                """,
                [
                    .text(firing.rule.rawValue), .text(firing.connection.rawValue), .text(firing.order.company), .text(firing.order.device),
                    .integer(firing.id.rawValue), moment.storedMilliseconds,
                ])?.firing()
        }
    }

    func decide(_ id: Firing.ID, from state: String, to settlement: Settlement, at moment: Date) async throws {
        try await queue.write { database in
            guard let firing = try database.first("SELECT * FROM firing WHERE id = ?", [.integer(id.rawValue)])?.firing() else {
                throw StorageError.notFound
            }
            guard firing.state.name == state else { throw StorageError.stale }
            try database.apply(settlement, to: id, at: moment)
        }
    }

    func decideHeld(of rule: RuleID, release: Bool, at moment: Date, audit: AuditEntry) async throws -> Int {
        try await write(audit) { database in
            let count = try database.run(
                "UPDATE firing SET state = ?, reason = NULL, due_at = ?, changed_at = ? WHERE rule_id = ? AND state = 'held'",
                [
                    .text(release ? FiringState.waiting.name : FiringState.dropped.name), moment.storedMilliseconds,
                    moment.storedMilliseconds,
                    .text(rule.rawValue),
                ])
            try database.run("UPDATE rule SET pause = NULL WHERE id = ? AND pause = 'storm'", [.text(rule.rawValue)])
            return count
        }
    }

    func returnsReference(_ connection: ConnectionID) async throws -> Bool {
        try await queue.read { database in
            try database.first(
                "SELECT 1 FROM connection_trait WHERE connection_id = ? AND returns_reference = 1", [.text(connection.rawValue)]) != nil
        }
    }

    func setReturnsReference(_ connection: ConnectionID) async throws {
        try await write(nil) { database in
            _ = try database.run(
                "INSERT OR REPLACE INTO connection_trait (connection_id, returns_reference) VALUES (?, 1)", [.text(connection.rawValue)])
        }
    }
}

extension Database {
    /// Writes down how a firing goes on; whoever held it lets go.
    fileprivate func apply(_ settlement: Settlement, to id: Firing.ID, at moment: Date) throws {
        let state = settlement.state
        try run(
            """
            UPDATE firing SET state = ?, reason = ?, problem = ?, ticket_id = ?, ticket_number = ?, ticket_address = ?, attempts = ?, looks = ?,
                due_at = ?, changed_at = ?, holder = NULL, held_until = NULL WHERE id = ?
            """,
            [
                .text(state.name), SQLValue(state.reason), SQLValue(state.problem), SQLValue(state.ticket?.id),
                SQLValue(state.ticket?.number),
                SQLValue(state.ticket?.webAddress), .integer(Int64(settlement.attempts)), .integer(Int64(settlement.looks)),
                settlement.dueAt.storedMilliseconds, moment.storedMilliseconds, .integer(id.rawValue),
            ])
        if let audit = settlement.audit { try insert(audit) }
    }
}
