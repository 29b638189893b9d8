import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [Firing] {
        let trusted = HoldLimit(now: now, lease: lease)
        return try await queue.write { database in
            // While the list can't be read, each new firing would ask for it again: it waits for the next try instead.
            try database.run(
                """
                UPDATE firing SET due_at = (SELECT MAX(due_at) FROM firing WHERE \(Self.putOff)), changed_at = ?2
                WHERE \(Self.isChecking) AND due_at <= ?2 AND EXISTS (SELECT 1 FROM firing WHERE \(Self.putOff))
                """, [.text(connection.rawValue), now.storedMilliseconds, trusted.end])
            return try database.query(
                """
                SELECT * FROM firing WHERE \(Self.isChecking) AND (due_at <= ?2 OR changed_at > ?3)
                ORDER BY id LIMIT ?4
                """, [.text(connection.rawValue), now.storedMilliseconds, trusted.end, .integer(Int64(limit))]
            ).map { try $0.firing() }
        }
    }

    /// What was tried in vain and waits for the next try; not by a clock that has been set back since.
    private static let putOff = "\(isChecking) AND attempts > 0 AND due_at > ?2 AND changed_at <= ?3"

    private static let isChecking = "connection_id = ?1 AND \(isOpen) AND state = 'checking'"

    func putOffChecks(of connection: ConnectionID, until due: Date, at moment: Date) async throws {
        try await write(nil) { database in
            _ = try database.run(
                """
                UPDATE firing SET due_at = ?2, attempts = attempts + 1, changed_at = ?3 WHERE \(Self.isChecking)
                """, [.text(connection.rawValue), due.storedMilliseconds, moment.storedMilliseconds])
        }
    }

    func finishChecks(
        _ ids: [Firing.ID], at moment: Date, deciding decide: @escaping @Sendable (Firing, Rule, any FiringCounts) throws -> CheckOutcome
    ) async throws {
        try await write(nil) { database in
            let counts = StoredFiringCounts(database: database)
            for id in ids {
                let row = try database.first("SELECT * FROM firing WHERE id = ? AND state = 'checking'", [.integer(id.rawValue)])
                guard let firing = try row?.firing(), let rule = try database.rule(firing.rule) else { continue }
                let outcome = try decide(firing, rule, counts)
                try database.run(
                    "UPDATE firing SET state = ?, reason = ?, attempts = 0, due_at = ?, changed_at = ? WHERE id = ?",
                    [
                        .text(outcome.state.name), SQLValue(outcome.state.reason), outcome.dueAt.storedMilliseconds,
                        moment.storedMilliseconds, .integer(id.rawValue),
                    ])
                if let pause = outcome.pauses { try database.pause(rule.id, pause, at: moment) }
            }
        }
    }
}
