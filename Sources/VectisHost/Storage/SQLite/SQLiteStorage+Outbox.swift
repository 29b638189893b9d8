import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func leaseNext(for connection: ConnectionID, by host: HostID, now: Date, lease: Duration) async throws -> TicketJob? {
        let trusted = LeaseLimit(now: now, lease: lease)
        return try await queue.write { database in
            // A host that is gone, or hangs, may have made its request: that job is looked for before anything else is done.
            try database.run(
                """
                UPDATE job SET state = 'unknown', due_at = ?1, lease_holder = NULL, leased_until = NULL, changed_at = ?1
                WHERE connection_id = ?2 AND \(Self.isOpen) AND state = 'sending' AND NOT (leased_until > ?1 AND leased_until <= ?3)
                """, [now.storedMilliseconds, .text(connection.rawValue), trusted.end])
            // Who holds anything of this connection is at work: one write at a time per tenant.
            let busy = try database.first(
                """
                SELECT 1 FROM job WHERE connection_id = ? AND \(Self.isOpen) AND state IN ('sending', 'unknown')
                AND leased_until > ? AND leased_until <= ?
                """, [.text(connection.rawValue), now.storedMilliseconds, trusted.end])
            guard busy == nil else { return nil }
            let next = try database.first(
                """
                SELECT * FROM job WHERE connection_id = ?1 AND \(Self.isOpen) AND (due_at <= ?2 OR changed_at > ?3)
                AND (state = 'unknown' OR state = 'waiting' AND \(Self.mayGo(now: "?2")))
                ORDER BY state = 'waiting', due_at, attempts, id LIMIT 1
                """, [.text(connection.rawValue), now.storedMilliseconds, trusted.end])
            guard var job = try next?.job() else { return nil }
            let until = now.addingTimeInterval(lease.seconds)
            if job.state == .waiting {
                job.state = .sending(leaseHolder: host, until: until)
                job.attempts += 1
            }
            try database.run(
                "UPDATE job SET state = ?, attempts = ?, lease_holder = ?, leased_until = ?, changed_at = ? WHERE id = ?",
                [
                    .text(job.state.name.rawValue), .integer(Int64(job.attempts)), .text(host.rawValue), until.storedMilliseconds,
                    now.storedMilliseconds, .integer(job.id.rawValue),
                ])
            return job
        }
    }

    func dueConnections(now: Date, lease: Duration) async throws -> (connections: [ConnectionID], next: Date?) {
        let trusted = LeaseLimit(now: now, lease: lease)
        return try await queue.read { database in
            let rows = try database.query(
                """
                SELECT connection_id, MAX(CASE WHEN leased_until > ?1 AND leased_until <= ?2 THEN leased_until END) AS busy_until,
                    MIN(CASE WHEN state = 'sending' OR changed_at > ?2 THEN ?1 ELSE due_at END) AS due
                FROM job WHERE \(Self.isOpen) AND (state <> 'waiting' OR \(Self.mayGo(now: "?1")))
                GROUP BY connection_id
                """, [now.storedMilliseconds, trusted.end])
            var due: [ConnectionID] = []
            var next: Date?
            for row in rows {
                let busyUntil = try row.optionalInteger("busy_until").map(Date.init(storedMilliseconds:))
                let moment = try busyUntil ?? Date(storedMilliseconds: row.integer("due"))
                if moment <= now, let id = ConnectionID(try row.text("connection_id")) {
                    due.append(id)
                } else {
                    next = min(next ?? moment, moment)
                }
            }
            return (due, next)
        }
    }

    /// The condition of the index `job_open`, word for word: without it the whole history is read through for each ticket.
    static let isOpen = "state IN ('checking', 'waiting', 'sending', 'unknown')"

    /// What was decided before a storm was within the limit, and goes out.
    ///
    /// While a refusal pauses a rule, what was refused is tried at its time, and what a person has released. Beside that one item that was never
    /// tried goes out when the rule's next probe is due: the refused one may have been the only bad one. A rule that was turned off, or put back
    /// into dry run, sends nothing, not even what waits already.
    private static func mayGo(now: String) -> String {
        """
        NOT EXISTS (SELECT 1 FROM rule WHERE rule.id = job.rule_id
            AND (rule.mode <> 'active' OR rule.pause IS NOT NULL AND rule.pause <> 'rate_limited'
                AND job.attempts = 0 AND job.wanted_since <= job.created_at
                AND NOT (rule.probe_at IS NOT NULL AND rule.probe_at <= \(now) AND job.id = (
                    SELECT MIN(other.id) FROM job AS other WHERE other.connection_id = job.connection_id
                    AND other.\(isOpen) AND other.state = 'waiting' AND other.attempts = 0 AND other.rule_id = job.rule_id))))
        """
    }

    func renewLease(_ id: TicketJob.ID, by host: HostID, until: Date) async throws -> Bool {
        try await write(nil) { database in
            try database.run(
                "UPDATE job SET leased_until = ? WHERE id = ? AND lease_holder = ?",
                [until.storedMilliseconds, .integer(id.rawValue), .text(host.rawValue)]) == 1
        }
    }

    func recordIntent(_ id: TicketJob.ID, at ticket: PostedTicket?, for company: CompanyResolution, by host: HostID, now: Date) async throws
        -> Bool
    {
        try await write(nil) { database in
            try database.run(
                """
                UPDATE job SET ticket_id = ?, ticket_number = ?, ticket_address = ?, ticket_company = ?, resolved_company = ?,
                    unresolved_reason = ?
                WHERE id = ? AND lease_holder = ? AND state = 'sending' AND leased_until > ?
                """,
                [
                    SQLValue(ticket?.id), SQLValue(ticket?.number), SQLValue(ticket?.webAddress), SQLValue(ticket?.company),
                    SQLValue(company.storedID), SQLValue(company.reason?.rawValue), .integer(id.rawValue),
                    .text(host.rawValue), now.storedMilliseconds,
                ]) == 1
        }
    }

    func complete(_ id: TicketJob.ID, by host: HostID, _ outcome: JobOutcome, at moment: Date) async throws -> Bool {
        try await queue.write { database in
            let held = try database.first(
                "SELECT rule_id, connection_id FROM job WHERE id = ? AND lease_holder = ?",
                [.integer(id.rawValue), .text(host.rawValue)])
            guard let held else { return false }
            try database.apply(outcome, to: id, at: moment)
            if let rule = RuleID(try held.text("rule_id")) {
                if let pause = outcome.pauses {
                    let isPaused = try database.rule(rule)?.pause?.code != nil
                    try database.pause(rule, pause, at: moment)
                    // A second opinion at once, further ones from time to time; on credentials late, because accounts get locked.
                    let probe = pause.code.map { FailureScope($0) == .rule } ?? false
                    let next = probe && !isPaused ? moment : max(outcome.dueAt, moment.addingTimeInterval(60))
                    try database.run(
                        "UPDATE rule SET probe_at = ? WHERE id = ?", [next.storedMilliseconds, .text(rule.rawValue)])
                    if probe {
                        try database.run(
                            "UPDATE job SET refused_at = COALESCE(refused_at, ?) WHERE id = ?",
                            [moment.storedMilliseconds, .integer(id.rawValue)])
                    }
                }
                if outcome.state.ticket != nil { try database.resumeRefused(rule, at: moment) }
            }
            if outcome.backsOffConnection {
                // A moment earlier than this one, so that they take turns and none stands in the way of the others for ever.
                let due = outcome.dueAt.addingTimeInterval(-0.001).storedMilliseconds
                try database.run(
                    "UPDATE job SET due_at = ?1 WHERE connection_id = ?2 AND state = 'waiting' AND due_at < ?1 AND id <> ?3",
                    [due, .text(try held.text("connection_id")), .integer(id.rawValue)])
            }
            return true
        }
    }

    func predecessors(of job: TicketJob, since moment: Date, isSameSource: Bool, limit: Int) async throws -> [TicketJob] {
        try await queue.read { database in
            try database.query(
                """
                SELECT * FROM job
                WHERE rule_id = ?1 AND connection_id = ?2 AND device_key = ?3 AND id < ?4 AND created_at >= ?5
                AND (state IN ('waiting', 'sending', 'unknown', 'created', 'appended') OR state = 'needs_review' AND reason = 'outcome_unknown')
                AND (?6 = 0 OR EXISTS (SELECT 1 FROM event AS own, event AS other
                    WHERE own.id = ?7 AND other.id = job.event_id AND \(Self.isSameSource)))
                ORDER BY id DESC LIMIT ?8
                """,
                [
                    .text(job.rule.rawValue), .text(job.connection.rawValue), .text(job.payload.deviceKey),
                    .integer(job.id.rawValue), moment.storedMilliseconds, .integer(isSameSource ? 1 : 0),
                    .integer(job.event.rawValue),
                    .integer(Int64(limit)),
                ]
            ).map { try $0.job() }
        }
    }

    private static let isSameSource = "own.source = other.source AND own.namespace = other.namespace"

    func hasGoneThrough(_ rule: RuleID, since moment: Date) async throws -> Bool {
        try await queue.read { database in
            // What is older than the outbox's age limit can be, 30 days, has not waited since: the index on the time of creation narrows the search.
            try database.first(
                """
                SELECT 1 FROM job WHERE rule_id = ? AND created_at > ? AND state IN ('created', 'appended') AND changed_at >= ?
                """,
                [.text(rule.rawValue), moment.addingTimeInterval(-30 * 86_400).storedMilliseconds, moment.storedMilliseconds]) != nil
        }
    }

    func wake(_ connection: ConnectionID, at moment: Date) async throws {
        try await write(nil) { database in
            _ = try database.run(
                "UPDATE job SET due_at = ?1 WHERE connection_id = ?2 AND \(Self.isOpen) AND state IN ('waiting', 'checking') AND due_at > ?1",
                [moment.storedMilliseconds, .text(connection.rawValue)])
        }
    }

    func resend(_ id: TicketJob.ID, as payload: TicketJob.Payload, at moment: Date, audit: AuditEntry) async throws {
        try await write(audit) { database in
            guard let row = try database.first("SELECT state FROM job WHERE id = ?", [.integer(id.rawValue)]) else {
                throw StorageError.notFound
            }
            guard try row.text("state") == "failed" else { throw StorageError.stale }
            // A connector may have failed after the PSA had stored what was sent; one look costs little.
            _ = try database.run(
                """
                UPDATE job SET summary = ?, details = ?, company = ?, company_id = ?, device = ?, device_key = ?, type = ?, status = ?,
                    priority = ?, state = 'unknown', reason = NULL, problem = NULL, cause = NULL, refused_at = NULL, attempts = 0, search_attempts = ?, due_at = ?,
                    wanted_since = ?, changed_at = ? WHERE id = ?
                """,
                [
                    .text(payload.summary), .text(payload.details), .text(payload.company), .text(payload.companyID), .text(payload.device),
                    .text(payload.deviceKey), .text(payload.type), .text(payload.status), .text(payload.priority),
                    .integer(Int64(OutboxPolicy.attemptsBeforeTheLastSearch)), moment.storedMilliseconds, moment.storedMilliseconds,
                    moment.storedMilliseconds, .integer(id.rawValue),
                ])
        }
    }

    func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at moment: Date) async throws {
        try await queue.write { database in
            guard let job = try database.first("SELECT * FROM job WHERE id = ?", [.integer(id.rawValue)])?.job() else {
                throw StorageError.notFound
            }
            guard job.state == state else { throw StorageError.stale }
            try database.apply(outcome, to: id, at: moment)
            // Whoever says “send” wants it now, however old it is.
            try database.run(
                "UPDATE job SET wanted_since = ? WHERE id = ?", [moment.storedMilliseconds, .integer(id.rawValue)])
        }
    }

    func decideReviews(of rule: RuleID, release: Bool, at moment: Date, audit: AuditEntry) async throws -> Int {
        try await write(audit) { database in
            let count = try database.run(
                """
                UPDATE job SET state = ?1, reason = NULL, due_at = ?2, wanted_since = ?2, changed_at = ?2
                WHERE rule_id = ?3 AND state = 'needs_review' AND reason <> 'outcome_unknown'
                """,
                [
                    .text(release ? TicketJob.State.Name.waiting.rawValue : TicketJob.State.Name.dropped.rawValue),
                    moment.storedMilliseconds,
                    .text(rule.rawValue),
                ])
            try database.run("UPDATE rule SET pause = NULL WHERE id = ? AND pause = 'rate_limited'", [.text(rule.rawValue)])
            return count
        }
    }

    func findsReferences(_ connection: ConnectionID) async throws -> Bool? {
        try await queue.read { database in
            try database.first("SELECT finds_references FROM connection_trait WHERE connection_id = ?", [.text(connection.rawValue)])
                .map { try $0.integer("finds_references") == 1 }
        }
    }

    func setFindsReferences(_ finds: Bool, _ connection: ConnectionID) async throws {
        try await write(nil) { database in
            // A connection that was removed meanwhile has no traits any more.
            guard try database.first("SELECT 1 FROM connection WHERE id = ?", [.text(connection.rawValue)]) != nil else { return }
            _ = try database.run(
                "INSERT OR REPLACE INTO connection_trait (connection_id, finds_references) VALUES (?, ?)",
                [.text(connection.rawValue), .integer(finds ? 1 : 0)])
        }
    }
}

/// Up to when a hold can be told from one that was noted by a clock which has been set back since.
///
/// Hosts on one storage share a clock, and prolong their holds well before they end.
struct LeaseLimit {
    let end: SQLValue

    init(now: Date, lease: Duration) { end = now.addingTimeInterval(2 * lease.seconds).storedMilliseconds }
}

extension Database {
    /// Writes down how a job goes on; whoever held it lets go.
    ///
    /// As long as a note may have been added, it stays known to which ticket.
    fileprivate func apply(_ outcome: JobOutcome, to id: TicketJob.ID, at moment: Date) throws {
        let state = outcome.state
        try run(
            """
            UPDATE job SET state = ?, reason = ?, problem = ?, cause = ?, remark = ?, attempts = ?, search_attempts = ?, due_at = ?, changed_at = ?,
                lease_holder = NULL, leased_until = NULL, appends_since = CASE WHEN ? THEN NULL ELSE appends_since END WHERE id = ?
            """,
            [
                .text(state.name.rawValue), SQLValue(state.reason), SQLValue(state.problem ?? outcome.cause?.problem),
                SQLValue(outcome.cause?.code.rawValue), .text(outcome.remark), .integer(Int64(outcome.attempts)),
                .integer(Int64(outcome.searchAttempts)), outcome.dueAt.storedMilliseconds, moment.storedMilliseconds,
                .integer(outcome.startsOwnTicket ? 1 : 0), .integer(id.rawValue),
            ])
        if ![.unknown, .failed].contains(state.name), !state.isOutcomeUnknown {
            try run(
                "UPDATE job SET ticket_id = ?, ticket_number = ?, ticket_address = ?, ticket_company = ? WHERE id = ?",
                [
                    SQLValue(state.ticket?.id), SQLValue(state.ticket?.number), SQLValue(state.ticket?.webAddress),
                    SQLValue(state.ticket?.company), .integer(id.rawValue),
                ])
        }
        if let audit = outcome.audit { try insert(audit) }
    }
}

extension CompanyResolution {
    /// The company's id as it is stored: empty where the event names none, nil where it was not found.
    fileprivate var storedID: String? {
        switch self {
        case .notNamed: ""
        case .resolved(let id): id.rawValue
        case .unresolved: nil
        }
    }

    /// Why the company was not found.
    var reason: UnresolvedReason? {
        if case .unresolved(let reason) = self { reason } else { nil }
    }
}

extension Database {
    /// Lets a rule go on that was paused by a refusal, because a ticket of it went through, and makes due what waited for that.
    fileprivate func resumeRefused(_ id: RuleID, at moment: Date) throws {
        guard
            try run("UPDATE rule SET pause = NULL WHERE id = ? AND pause IS NOT NULL AND pause <> 'rate_limited'", [.text(id.rawValue)])
                == 1
        else { return }
        try run(
            "UPDATE job SET due_at = ?1 WHERE rule_id = ?2 AND \(SQLiteStorage.isOpen) AND state = 'waiting' AND due_at > ?1",
            [moment.storedMilliseconds, .text(id.rawValue)])
        guard let rule = try rule(id) else { return }
        try insert(
            AuditEntry(
                at: moment, actor: .system, action: .ruleResumed, target: rule.name, outcome: .done, detail: "A ticket went through again.",
                correlationID: CorrelationID().rawValue))
    }
}
