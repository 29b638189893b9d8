import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [TicketJob] {
        let trusted = LeaseLimit(now: now, lease: lease)
        return try await queue.write { database in
            // While the list can't be read, each new job would ask for it again: it waits for the next try instead.
            try database.run(
                """
                UPDATE job SET due_at = (SELECT MAX(due_at) FROM job WHERE \(Self.putOff)), changed_at = ?2
                WHERE \(Self.isChecking) AND due_at <= ?2 AND EXISTS (SELECT 1 FROM job WHERE \(Self.putOff))
                """, [.text(connection.rawValue), now.storedMilliseconds, trusted.end])
            return try database.query(
                """
                SELECT * FROM job WHERE \(Self.isChecking) AND (due_at <= ?2 OR changed_at > ?3)
                ORDER BY id LIMIT ?4
                """, [.text(connection.rawValue), now.storedMilliseconds, trusted.end, .integer(Int64(limit))]
            ).map { try $0.job() }
        }
    }

    /// What was tried in vain and waits for the next try; not by a clock that has been set back since.
    private static let putOff = "\(isChecking) AND attempts > 0 AND due_at > ?2 AND changed_at <= ?3"

    private static let isChecking = "connection_id = ?1 AND \(isOpen) AND state = 'checking'"

    func putOffChecks(of connection: ConnectionID, until due: Date, at moment: Date) async throws {
        try await write(nil) { database in
            _ = try database.run(
                """
                UPDATE job SET due_at = ?2, attempts = attempts + 1, changed_at = ?3 WHERE \(Self.isChecking)
                """, [.text(connection.rawValue), due.storedMilliseconds, moment.storedMilliseconds])
        }
    }

    func finishChecks(
        _ ids: [TicketJob.ID], at moment: Date,
        deciding decide: @escaping @Sendable (TicketJob, Rule, any TicketJobCounts) throws -> CheckOutcome
    ) async throws {
        try await write(nil) { database in
            let counts = StoredTicketJobCounts(database: database)
            for id in ids {
                let row = try database.first("SELECT * FROM job WHERE id = ? AND state = 'checking'", [.integer(id.rawValue)])
                guard let job = try row?.job(), let rule = try database.rule(job.rule) else { continue }
                let outcome = try decide(job, rule, counts)
                try database.run(
                    "UPDATE job SET state = ?, reason = ?, attempts = 0, due_at = ?, changed_at = ? WHERE id = ?",
                    [
                        .text(outcome.state.name.rawValue), SQLValue(outcome.state.reason), outcome.dueAt.storedMilliseconds,
                        moment.storedMilliseconds, .integer(id.rawValue),
                    ])
                if let pause = outcome.pauses { try database.pause(rule.id, pause, at: moment) }
            }
        }
    }
}
