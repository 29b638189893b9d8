package import FoundationEssentials
package import PSACore
package import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore

extension WriteScope {
    /// Contact points, conditions and messages: what is read of other tables may be a moment old.
    fileprivate static let notifications = WriteScope.rows([LockKey(rawValue: "notifications")])
}

// MARK: Contact points

extension DatabaseStorage {
    package func contactPoints() async throws -> [StoredContactPoint] {
        try await queue.read { try $0.query("SELECT * FROM contact_point ORDER BY name, id").map { try $0.contactPoint() } }
    }

    package func contactPoint(_ id: ContactPointID) async throws -> StoredContactPoint? {
        try await queue.read { try $0.contactPoint(id) }
    }

    package func add(_ point: ContactPoint, audit: AuditEntry) async throws {
        try await write(audit, .notifications) { database in
            try keyGuard.requireKey(of: database)
            let count = try database.first("SELECT COUNT(*) AS count FROM contact_point")?.integer("count") ?? 0
            guard count < NotificationLimits.contactPoints else { throw ContactPointError.tooMany }
            try database.run(
                """
                INSERT INTO contact_point (
                    name, is_enabled, interval_minutes, settings, password, address, signing_key, revision, changed_at, subscribed_at, id,
                    kind, created_at, next_at, failures, failure_detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')
                """,
                point.columns + [.text(point.kind.rawValue), point.createdAt.storedMilliseconds, point.createdAt.storedMilliseconds])
        }
    }

    package func replace(_ point: ContactPoint, audit: AuditEntry) async throws {
        try await write(audit, .notifications) { database in
            guard let stored = try database.contactPoint(point.id) else { throw StoreError.notFound }
            guard stored.point.revision == point.revision - 1 else { throw StoreError.stale }
            try keyGuard.requireKey(of: database)
            let now = point.changedAt.storedMilliseconds
            try database.run(
                """
                UPDATE contact_point SET name = ?, is_enabled = ?, interval_minutes = ?, settings = ?, password = ?, address = ?,
                    signing_key = ?, revision = ?, changed_at = ?, subscribed_at = ?, failures = 0, failing_since = NULL,
                    failure_code = NULL, failure_detail = ''
                WHERE id = ?
                """, point.columns)
            let id = SQLValue.text(point.id.rawValue)
            guard point.isEnabled else {
                // It gets no message that was made before it was turned off.
                for row in try database.query("SELECT id FROM notification WHERE contact_point_id = ? AND state = 'queued'", [id]) {
                    try database.end(notification: try row.integer("id"), as: .failed, at: point.changedAt)
                }
                return
            }
            try database.run("UPDATE contact_point SET next_at = ?2 WHERE id = ?1 AND next_at > ?2 AND last_sent_at IS NULL", [id, now])
            try database.run("UPDATE notification SET due_at = ?2 WHERE contact_point_id = ?1 AND state = 'queued'", [id, now])
        }
    }

    package func removeContactPoint(_ id: ContactPointID, audit: AuditEntry) async throws {
        try await write(audit, .notifications) { database in
            guard try database.run("DELETE FROM contact_point WHERE id = ?", [.text(id.rawValue)]) == 1 else { throw StoreError.notFound }
        }
    }
}

// MARK: Conditions

extension DatabaseStorage {
    package func openConditions() async throws -> [ObservedCondition] {
        try await queue.read { try $0.openConditions() }
    }

    package func observe(_ found: [FoundCondition], scope: ObservationScope, at time: Date) async throws -> Bool {
        try await write(nil, .notifications) { database in
            let text = SQLValue.text(scope.text)
            let before = try database.first("SELECT evaluated_at FROM notification_scope WHERE scope = ?", [text])
                .map { Date(storedMilliseconds: try $0.integer("evaluated_at")) }
            // A look that began earlier and ends later knows less. A clock that was set back must not end all looks.
            if let before, before > time, before.timeIntervalSince(time) < 600 { return false }
            try database.run(
                """
                INSERT INTO notification_scope (scope, evaluated_at) VALUES (?, ?)
                    ON CONFLICT (scope) DO UPDATE SET evaluated_at = excluded.evaluated_at
                """, [text, time.storedMilliseconds])
            let stored = scope == .shared ? try database.storedConditions(since: before ?? time) : []
            try database.store(found + stored, in: scope, at: time)
            return true
        }
    }
}

extension Database {
    fileprivate func openConditions() throws -> [ObservedCondition] {
        try query("SELECT * FROM observed_condition WHERE ended_at IS NULL ORDER BY id").map { try $0.observedCondition() }
    }

    /// The conditions that follow from the tables of connections, rules, jobs and contact points.
    ///
    /// - Parameter time: Issues that were resolved since then are included, because they may have begun since then, too.
    /// - Returns: The conditions.
    /// - Throws: Errors of the database.
    fileprivate func storedConditions(since time: Date) throws -> [FoundCondition] {
        try issueConditions(since: time) + ruleConditions() + reviewConditions() + contactPointConditions()
    }

    private func issueConditions(since time: Date) throws -> [FoundCondition] {
        try query(
            """
            SELECT issue.connection_id, issue.code, issue.first_seen_at, issue.resolved_at, connection.name
            FROM issue JOIN connection ON connection.id = issue.connection_id
            WHERE issue.resolved_at IS NULL OR issue.resolved_at >= ?
            """, [time.storedMilliseconds]
        ).compactMap { row in
            guard let connection = ConnectionID(try row.text("connection_id")), let code = ErrorCode(rawValue: try row.text("code")) else {
                return nil
            }
            return FoundCondition(
                ConditionFacts(
                    kind: code == .syncStale ? .syncStale : code.area == .rate ? .rateLimit : .connectionBroken,
                    key: "issue/\(connection)/\(code)", connection: connection,
                    name: try row.text("name"), code: code),
                openedAt: Date(storedMilliseconds: try row.integer("first_seen_at")),
                endedAt: try row.optionalInteger("resolved_at").map { Date(storedMilliseconds: $0) })
        }
    }

    private func ruleConditions() throws -> [FoundCondition] {
        let rows = try query(
            """
            SELECT rule.id, rule.name, connection.id AS connection_id, rule.pause, rule.field_pause, job_source.refused_code
            FROM rule LEFT JOIN job_source ON job_source.id = rule.id LEFT JOIN connection ON connection.id = rule.connection_id
            WHERE rule.mode = 'active' AND (rule.pause IS NOT NULL OR rule.field_pause IS NOT NULL OR job_source.refused_code IS NOT NULL
                OR connection.id IS NULL)
            """)
        var found: [FoundCondition] = []
        for row in rows {
            let (id, name) = (try row.text("id"), try row.text("name"))
            guard let connection = try row.optionalText("connection_id").flatMap({ ConnectionID($0) }) else {
                // What else it is paused for does not matter any more.
                found.append(FoundCondition(ConditionFacts(kind: .rulePaused, key: "rule/\(id)", name: name, subject: id)))
                continue
            }
            if try row.optionalText("pause") != nil {
                let count = try first(
                    "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS total FROM job_count WHERE source = ? AND state = 'needs_review'",
                    [.text(id)])
                found.append(
                    FoundCondition(
                        ConditionFacts(
                            kind: .rateLimit, key: "rate-limit/\(id)", connection: connection, name: name, subject: id,
                            count: Int(try count?.integer("total") ?? 0))))
            }
            let refusal = try row.optionalText("refused_code").flatMap { ErrorCode(rawValue: $0) }
            let hasFieldPause = try row.optionalText("field_pause") != nil
            if refusal != nil || hasFieldPause {
                found.append(
                    FoundCondition(
                        ConditionFacts(
                            kind: .rulePaused, key: "rule/\(id)", connection: connection, name: name, subject: id, code: refusal)))
            }
        }
        return found
    }

    private func reviewConditions() throws -> [FoundCondition] {
        // Those of a rate limit are reported with their rule.
        try query(
            """
            SELECT job_count.connection_id, connection.name, CAST(SUM(job_count.count) AS BIGINT) AS total
            FROM job_count JOIN connection ON connection.id = job_count.connection_id
            WHERE job_count.state = 'needs_review' AND job_count.reason <> 'rate_limited'
            GROUP BY job_count.connection_id, connection.name HAVING SUM(job_count.count) > 0
            """
        ).map { row in
            let connection = try row.text("connection_id")
            return FoundCondition(
                ConditionFacts(
                    kind: .needsReview, key: "review/\(connection)", connection: ConnectionID(connection), name: try row.text("name"),
                    count: try row.count("total")))
        }
    }

    private func contactPointConditions() throws -> [FoundCondition] {
        try query(
            "SELECT id, name, failing_since, failure_code FROM contact_point WHERE failures >= ? AND is_enabled = 1",
            [.integer(Int64(NotificationLimits.failures))]
        ).compactMap { row in
            guard let id = ContactPointID(try row.text("id")) else { return nil }
            return FoundCondition(
                ConditionFacts(
                    kind: .contactPointBroken, key: NotificationPlan.key(of: id), name: try row.text("name"), subject: id.rawValue,
                    code: try row.optionalText("failure_code").flatMap { ErrorCode(rawValue: $0) }),
                openedAt: try row.optionalInteger("failing_since").map { Date(storedMilliseconds: $0) })
        }
    }

    /// Compares what was found with what is open, and stores the difference.
    fileprivate func store(_ found: [FoundCondition], in scope: ObservationScope, at now: Date) throws {
        var open = Dictionary(
            try openConditions().filter { scope.contains($0.facts.key) }.map { ($0.facts.key, $0) }, uniquingKeysWith: { $1 })
        for condition in found {
            let known = open[condition.facts.key]
            guard let endedAt = condition.endedAt else {
                if let known, known.openedAt >= (condition.openedAt ?? .distantPast).addingTimeInterval(-0.001) {
                    open[condition.facts.key] = nil
                    if known.facts != condition.facts { try update(known.id, condition.facts) }
                } else {
                    // It was resolved and began again since the last look.
                    if let known { try end(condition: known.id, at: condition.openedAt ?? now) }
                    open[condition.facts.key] = nil
                    try insert(condition.facts, openedAt: condition.openedAt ?? now, endedAt: nil)
                }
                continue
            }
            if let known {
                open[condition.facts.key] = nil
                try end(condition: known.id, at: endedAt)
            } else if let openedAt = condition.openedAt {
                let isKnown = try first(
                    "SELECT id FROM observed_condition WHERE condition_key = ? AND opened_at = ?",
                    [.text(condition.facts.key), openedAt.storedMilliseconds])
                if isKnown == nil { try insert(condition.facts, openedAt: openedAt, endedAt: endedAt) }
            }
        }
        for known in open.values { try end(condition: known.id, at: now, isWithdrawn: try !isWatched(known.facts)) }
        // A machine that is gone does not look at its disk any more.
        if scope == .shared {
            try run(
                """
                UPDATE observed_condition SET ended_at = ?1, is_withdrawn = 1 WHERE ended_at IS NULL AND kind = 'disk_low' AND NOT EXISTS (
                    SELECT 1 FROM notification_scope
                    WHERE notification_scope.scope = 'machine/' || observed_condition.name AND notification_scope.evaluated_at >= ?2)
                """, [now.storedMilliseconds, now.addingTimeInterval(-3_600).storedMilliseconds])
        }
    }

    private func insert(_ facts: ConditionFacts, openedAt: Date, endedAt: Date?) throws {
        try run(
            """
            INSERT INTO observed_condition (
                kind, connection_id, name, subject, code, item_count, condition_key, opened_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            facts.columns + [.text(facts.key), openedAt.storedMilliseconds, endedAt.map(\.storedMilliseconds) ?? .null])
    }

    private func update(_ id: Int64, _ facts: ConditionFacts) throws {
        try run(
            "UPDATE observed_condition SET kind = ?, connection_id = ?, name = ?, subject = ?, code = ?, item_count = ? WHERE id = ?",
            facts.columns + [.integer(id)])
    }

    private func end(condition id: Int64, at time: Date, isWithdrawn: Bool = false) throws {
        try run(
            "UPDATE observed_condition SET ended_at = ?, is_withdrawn = ? WHERE id = ?",
            [time.storedMilliseconds, .integer(isWithdrawn ? 1 : 0), .integer(id)])
    }

    /// Whether what a condition is about is still there and on, so that its end is a recovery.
    private func isWatched(_ facts: ConditionFacts) throws -> Bool {
        let (query, id): (String, String?) =
            switch facts.kind {
            case .rulePaused: ("SELECT 1 AS found FROM rule WHERE id = ? AND mode = 'active'", facts.subject)
            case .rateLimit where !facts.subject.isEmpty: ("SELECT 1 AS found FROM rule WHERE id = ? AND mode = 'active'", facts.subject)
            case .contactPointBroken: ("SELECT 1 AS found FROM contact_point WHERE id = ? AND is_enabled = 1", facts.subject)
            case .connectionBroken, .needsReview, .rateLimit, .syncStale:
                ("SELECT 1 AS found FROM connection WHERE id = ?", facts.connection?.rawValue)
            case .diskLow: ("", nil)
            }
        return try id.map { try first(query, [.text($0)]) != nil } ?? true
    }
}

// MARK: Messages

extension DatabaseStorage {
    package func makeNotification(
        for id: ContactPointID, at now: Date,
        _ write: @escaping @Sendable (ContactPoint, [ReportedCondition]) -> NewNotification?
    ) async throws -> Bool {
        try await self.write(nil, .notifications) { database in
            let point = SQLValue.text(id.rawValue)
            // The change locks the row: two processes make messages of one contact point one after the other.
            let isDue = try database.run(
                """
                UPDATE contact_point SET next_at = next_at WHERE id = ?1 AND is_enabled = 1
                    AND (next_at <= ?2 OR next_at > ?2 + (interval_minutes + 10) * 60000)
                    AND NOT EXISTS (SELECT 1 FROM notification WHERE notification.contact_point_id = ?1
                        AND notification.state IN ('queued', 'sending'))
                """, [point, now.storedMilliseconds])
            guard isDue == 1, let stored = try database.contactPoint(id) else { return false }
            let conditions = try database.reportedConditions(of: id, endedSince: now.addingTimeInterval(-7 * 86_400))
            guard let new = write(stored.point, conditions) else { return false }
            let message = try database.insert(
                """
                INSERT INTO notification (contact_point_id, message_key, state, content, attempts, created_at, due_at, detail)
                    VALUES (?, ?, 'queued', ?, 0, ?, ?, '')
                """,
                [point, .text(new.key), .text(new.content.json.encodedText), now.storedMilliseconds, now.storedMilliseconds])
            for report in new.reports {
                try database.run(
                    """
                    INSERT INTO condition_report (
                        contact_point_id, condition_id, state, reported_at, is_uncertain, message_id, previous_state)
                        VALUES (?, ?, ?, ?, 0, ?, 'none')
                        ON CONFLICT (contact_point_id, condition_id) DO UPDATE SET previous_state = condition_report.state,
                            previous_at = condition_report.reported_at, state = excluded.state, reported_at = excluded.reported_at,
                            message_id = excluded.message_id
                    """,
                    [point, .integer(report.condition), .text(report.state.rawValue), now.storedMilliseconds, .integer(message)])
            }
            return true
        }
    }

    package func leaseNotification(by holder: ProcessID, at now: Date, until end: Date) async throws -> StoredNotification? {
        try await write(nil, .notifications) { database in
            try database.first(
                """
                UPDATE notification SET state = 'sending', lease_holder = ?1, leased_until = ?2
                WHERE state = 'queued' AND id = (
                    SELECT waiting.id FROM notification AS waiting
                    WHERE waiting.state = 'queued' AND waiting.due_at <= ?3 ORDER BY waiting.due_at, waiting.id LIMIT 1)
                RETURNING *
                """, [.text(holder.rawValue), end.storedMilliseconds, now.storedMilliseconds])?.notification()
        }
    }

    package func endLostNotificationLeases(at now: Date, code: ErrorCode) async throws -> Int {
        try await write(nil, .notifications) { database in
            let rows = try database.query(
                "SELECT id, contact_point_id FROM notification WHERE state = 'sending' AND leased_until < ?", [now.storedMilliseconds])
            for row in rows {
                let id = try row.integer("id")
                try database.end(notification: id, as: .unknown, code: code, at: now)
                try database.noteFailure(of: try row.text("contact_point_id"), code: code, detail: "", at: now, endsMessage: true)
            }
            return rows.count
        }
    }

    package func finishNotification(_ id: Int64, by holder: ProcessID, _ result: NotificationResult, at now: Date) async throws -> Bool {
        try await write(nil, .notifications) { database in
            let row = try database.first(
                "SELECT contact_point_id FROM notification WHERE id = ? AND state = 'sending' AND lease_holder = ?",
                [.integer(id), .text(holder.rawValue)])
            guard let point = try row?.text("contact_point_id") else { return false }
            switch result {
            case .sent(let code, let detail):
                try database.end(notification: id, as: .sent, code: code, detail: detail, at: now)
                try database.noteSuccess(of: point, code: code, detail: detail, at: now)
            case .queued(let due, let code, let detail):
                try database.run(
                    """
                    UPDATE notification SET state = 'queued', attempts = attempts + 1, due_at = ?, code = ?, detail = ?,
                        lease_holder = NULL, leased_until = NULL WHERE id = ?
                    """, [due.storedMilliseconds, .text(code.rawValue), .text(detail), .integer(id)])
                try database.noteFailure(of: point, code: code, detail: detail, at: now, endsMessage: false)
            case .failed(let code, let detail, let isPermanent):
                try database.end(notification: id, as: .failed, code: code, detail: detail, at: now)
                try database.noteFailure(of: point, code: code, detail: detail, at: now, isPermanent: isPermanent, endsMessage: true)
            case .unknown(let code, let detail):
                try database.end(notification: id, as: .unknown, code: code, detail: detail, at: now)
                try database.noteFailure(of: point, code: code, detail: detail, at: now, endsMessage: true)
            }
            return true
        }
    }

    package func addTestNotification(
        _ content: NotificationContent, key: String, for id: ContactPointID, _ result: NotificationResult, at now: Date, audit: AuditEntry
    ) async throws {
        let (state, detail): (StoredNotification.State, String) =
            switch result {
            case .sent(_, let detail): (.sent, detail)
            case .queued(_, _, let detail), .failed(_, let detail, _): (.failed, detail)
            case .unknown(_, let detail): (.unknown, detail)
            }
        try await write(audit, .notifications) { database in
            guard try database.contactPoint(id) != nil else { throw StoreError.notFound }
            try database.run(
                """
                INSERT INTO notification (
                    contact_point_id, message_key, state, content, attempts, created_at, due_at, finished_at, code, detail)
                    VALUES (?1, ?2, ?3, ?4, 1, ?5, ?5, ?5, ?6, ?7)
                """,
                [
                    .text(id.rawValue), .text(key), .text(state.rawValue), .text(content.json.encodedText), now.storedMilliseconds,
                    SQLValue(result.code?.rawValue), .text(detail),
                ])
            guard result.isGood else { return }
            try database.run(
                """
                UPDATE contact_point SET failures = 0, failing_since = NULL, failure_code = ?2, failure_detail = ?3, last_sent_at = ?4
                WHERE id = ?1
                """, [.text(id.rawValue), SQLValue(result.code?.rawValue), .text(detail), now.storedMilliseconds])
        }
    }

    package func notifications(of point: ContactPointID?, before place: Int64?, limit: Int) async throws -> [StoredNotification] {
        try await queue.read { database in
            let last = SQLValue.integer(place ?? Int64.max)
            let rows =
                if let point {
                    try database.query(
                        "SELECT * FROM notification WHERE contact_point_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
                        [.text(point.rawValue), last, .integer(Int64(limit))])
                } else {
                    try database.query(
                        "SELECT * FROM notification WHERE id < ? ORDER BY id DESC LIMIT ?", [last, .integer(Int64(limit))])
                }
            return try rows.map { try $0.notification() }
        }
    }

    package func removeNotifications(finishedBefore time: Date, keeping rows: Int, limit: Int) async throws -> Int {
        try await write(nil, .notifications) { database in
            var count = 0
            for (table, column) in [("notification", "finished_at"), ("observed_condition", "ended_at")] {
                count += try database.run(
                    """
                    DELETE FROM \(table) WHERE id IN (
                        SELECT old.id FROM \(table) AS old WHERE old.\(column) < ? ORDER BY old.\(column) LIMIT ?)
                    """, [time.storedMilliseconds, .integer(Int64(max(0, limit - count)))])
                let last = try database.first(
                    "SELECT id FROM \(table) WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET ?", [.integer(.max), .integer(Int64(rows))])
                guard let last = try last?.integer("id") else { continue }
                count += try database.run(
                    """
                    DELETE FROM \(table) WHERE id IN (
                        SELECT old.id FROM \(table) AS old WHERE old.id <= ? AND old.\(column) IS NOT NULL ORDER BY old.id LIMIT ?)
                    """, [.integer(last), .integer(Int64(max(0, limit - count)))])
            }
            return count
        }
    }
}

extension Database {
    fileprivate func contactPoint(_ id: ContactPointID) throws -> StoredContactPoint? {
        try first("SELECT * FROM contact_point WHERE id = ?", [.text(id.rawValue)])?.contactPoint()
    }

    /// The conditions that last, and those that ended lately and whose end is not reported, with what was reported to a contact point.
    fileprivate func reportedConditions(of point: ContactPointID, endedSince time: Date) throws -> [ReportedCondition] {
        let select = """
            SELECT observed_condition.*, condition_report.state AS report_state, condition_report.reported_at,
                condition_report.is_uncertain
            FROM observed_condition LEFT JOIN condition_report
                ON condition_report.condition_id = observed_condition.id AND condition_report.contact_point_id = ?1
            """
        let open = try query("\(select) WHERE observed_condition.ended_at IS NULL", [.text(point.rawValue)])
        let ended = try query(
            """
            \(select) WHERE observed_condition.ended_at >= ?2 AND observed_condition.is_withdrawn = 0
                AND COALESCE(condition_report.state, 'none') <> 'ended'
            """, [.text(point.rawValue), time.storedMilliseconds])
        return try (open + ended).map { row in
            ReportedCondition(
                condition: try row.observedCondition(),
                report: ConditionReport(
                    state: try row.optionalText("report_state").flatMap(ConditionReport.State.init(rawValue:)) ?? .none,
                    reportedAt: try row.optionalInteger("reported_at").map { Date(storedMilliseconds: $0) },
                    isUncertain: try row.optionalInteger("is_uncertain") == 1))
        }
    }

    /// Ends a message; what it said and did not arrive for certain counts as not reported.
    fileprivate func end(
        notification id: Int64, as state: StoredNotification.State, code: ErrorCode? = nil, detail: String = "", at now: Date
    ) throws {
        try run(
            """
            UPDATE notification SET state = ?, attempts = attempts + 1, finished_at = ?, code = ?, detail = ?, lease_holder = NULL,
                leased_until = NULL WHERE id = ?
            """, [.text(state.rawValue), now.storedMilliseconds, SQLValue(code?.rawValue), .text(detail), .integer(id)])
        if state == .sent {
            try run("UPDATE condition_report SET is_uncertain = 0 WHERE message_id = ?", [.integer(id)])
        } else {
            try run(
                """
                UPDATE condition_report SET state = previous_state, reported_at = previous_at,
                    is_uncertain = CASE WHEN ?2 = 1 THEN 1 ELSE is_uncertain END WHERE message_id = ?1
                """, [.integer(id), .integer(state == .unknown ? 1 : 0)])
        }
    }

    fileprivate func noteSuccess(of point: String, code: ErrorCode?, detail: String, at now: Date) throws {
        try run(
            """
            UPDATE contact_point SET failures = 0, failing_since = NULL, failure_code = ?3, failure_detail = ?4, last_sent_at = ?2,
                next_at = ?2 + interval_minutes * 60000 WHERE id = ?1
            """, [.text(point), now.storedMilliseconds, SQLValue(code?.rawValue), .text(detail)])
    }

    fileprivate func noteFailure(
        of point: String, code: ErrorCode, detail: String, at now: Date, isPermanent: Bool = false, endsMessage: Bool
    ) throws {
        try run(
            """
            UPDATE contact_point SET failures = CASE WHEN ?5 = 1 AND failures < ?6 THEN ?6 ELSE failures + 1 END,
                failing_since = COALESCE(failing_since, ?2), failure_code = ?3, failure_detail = ?4 WHERE id = ?1
            """,
            [
                .text(point), now.storedMilliseconds, .text(code.rawValue), .text(detail), .integer(isPermanent ? 1 : 0),
                .integer(Int64(NotificationLimits.failures)),
            ])
        guard endsMessage else { return }
        try run(
            "UPDATE contact_point SET next_at = ?2 + interval_minutes * 60000 WHERE id = ?1", [.text(point), now.storedMilliseconds])
    }

    /// Puts the secrets of each contact point into another form, and returns how many there were.
    func reencryptContactPointSecrets(_ change: (SealedSecret, ConnectionID, SettingKey) throws -> SealedSecret) throws -> Int {
        var count = 0
        let columns = [
            ("password", ContactPoint.passwordKey), ("address", ContactPoint.addressKey), ("signing_key", ContactPoint.signingKeyKey),
        ]
        for row in try query("SELECT id, password, address, signing_key FROM contact_point") {
            let owner = try row.text("id")
            guard let id = ConnectionID(owner) else { throw StoredRowError.unreadable(table: "contact_point") }
            for (column, key) in columns {
                guard let bytes = try row.optionalBlob(column) else { continue }
                let sealed = try change(SealedSecret(bytes: bytes), id, key)
                try run("UPDATE contact_point SET \(column) = ? WHERE id = ?", [.blob(sealed.bytes), .text(owner)])
                count += 1
            }
        }
        return count
    }
}

// MARK: Rows

extension ContactPoint {
    /// The columns that a change writes, and the id at the end.
    fileprivate var columns: [SQLValue] {
        func blob(_ secret: SealedSecret?) -> SQLValue { secret.map { .blob($0.bytes) } ?? .null }
        return [
            .text(name), .integer(isEnabled ? 1 : 0), .integer(Int64(subscription.groupingMinutes)), .text(settingsJSON.encodedText),
            blob(password), blob(address), blob(signingKey), .integer(Int64(revision)), changedAt.storedMilliseconds,
            subscribedAt.storedMilliseconds, .text(id.rawValue),
        ]
    }
}

extension ConditionFacts {
    fileprivate var columns: [SQLValue] {
        [
            .text(kind.rawValue), SQLValue(connection?.rawValue), .text(name), .text(subject), SQLValue(code?.rawValue),
            .integer(Int64(count)),
        ]
    }
}

extension Row {
    fileprivate func date(_ column: String) throws -> Date { Date(storedMilliseconds: try integer(column)) }

    fileprivate func optionalDate(_ column: String) throws -> Date? {
        try optionalInteger(column).map { Date(storedMilliseconds: $0) }
    }

    fileprivate func contactPoint() throws -> StoredContactPoint {
        guard let id = ContactPointID(try text("id")), let kind = ContactPointKind(rawValue: try text("kind")) else {
            throw StoredRowError.unreadable(table: "contact_point")
        }
        func secret(_ column: String) throws -> SealedSecret? { try optionalBlob(column).map { SealedSecret(bytes: $0) } }
        var point = ContactPoint(
            id: id, kind: kind, name: try text("name"), isEnabled: try integer("is_enabled") == 1, language: .english,
            subscription: NotificationSubscription(groupingMinutes: try count("interval_minutes")), mail: MailSettings(), host: "",
            password: try secret("password"), address: try secret("address"), signingKey: try secret("signing_key"),
            revision: try count("revision"), createdAt: try date("created_at"), changedAt: try date("changed_at"),
            subscribedAt: try date("subscribed_at"))
        point.readSettings(try JSONDocument(Array(try text("settings").utf8)).root)
        var state = ContactPointState()
        state.failures = try count("failures")
        state.failingSince = try optionalDate("failing_since")
        state.failure = try optionalText("failure_code").flatMap { ErrorCode(rawValue: $0) }
        state.detail = try text("failure_detail")
        state.lastSentAt = try optionalDate("last_sent_at")
        return StoredContactPoint(point: point, state: state)
    }

    fileprivate func observedCondition() throws -> ObservedCondition {
        guard let kind = ConditionKind(rawValue: try text("kind")) else { throw StoredRowError.unreadable(table: "observed_condition") }
        return ObservedCondition(
            id: try integer("id"),
            facts: ConditionFacts(
                kind: kind, key: try text("condition_key"), connection: try optionalText("connection_id").flatMap { ConnectionID($0) },
                name: try text("name"), subject: try text("subject"),
                code: try optionalText("code").flatMap { ErrorCode(rawValue: $0) }, count: try count("item_count")),
            openedAt: try date("opened_at"), endedAt: try optionalDate("ended_at"), isWithdrawn: try integer("is_withdrawn") == 1)
    }

    fileprivate func notification() throws -> StoredNotification {
        guard let point = ContactPointID(try text("contact_point_id")), let state = StoredNotification.State(rawValue: try text("state")),
            let content = NotificationContent(json: try JSONDocument(Array(try text("content").utf8)).root)
        else { throw StoredRowError.unreadable(table: "notification") }
        return StoredNotification(
            id: try integer("id"), point: point, key: try text("message_key"), content: content, state: state,
            attempts: try count("attempts"), createdAt: try date("created_at"), dueAt: try date("due_at"),
            finishedAt: try optionalDate("finished_at"), code: try optionalText("code").flatMap { ErrorCode(rawValue: $0) },
            detail: try text("detail"))
    }
}
