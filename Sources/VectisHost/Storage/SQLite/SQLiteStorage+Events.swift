import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func accept(
        _ event: HostEvent, deciding decide: @escaping @Sendable (HostEvent, [Rule], any FiringCounts) throws -> [Decision]
    ) async throws -> Acceptance {
        try await queue.write { database in
            let known = try database.first(
                "SELECT id FROM event WHERE source = ? AND sender_id = ?", [.text(event.source), .text(event.senderID)])
            if let known { return Acceptance(event: HostEvent.ID(rawValue: try known.integer("id")), isRepeat: true, firings: 0) }
            try database.insert(event)
            let id = HostEvent.ID(rawValue: database.lastInsertedRowID)
            let decisions = try decide(event, try database.rules(), StoredFiringCounts(database: database))
            for decision in decisions { try database.insert(decision, for: id, at: event.receivedAt) }
            return Acceptance(event: id, isRepeat: false, firings: decisions.count)
        }
    }

    func events(before place: HostEvent.ID?, limit: Int) async throws -> [StoredEvent] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM event WHERE id < ? ORDER BY id DESC LIMIT ?", [.integer(place?.rawValue ?? .max), .integer(Int64(limit))]
            ).map { try $0.event() }
        }
    }

    func event(_ id: HostEvent.ID) async throws -> StoredEvent? {
        try await queue.read { try $0.first("SELECT * FROM event WHERE id = ?", [.integer(id.rawValue)])?.event() }
    }

    func tokens() async throws -> [APIToken] {
        try await queue.read { try $0.query("SELECT * FROM api_token ORDER BY name, id").map { try $0.token() } }
    }

    func token(digest: [UInt8]) async throws -> APIToken? {
        try await queue.read { try $0.first("SELECT * FROM api_token WHERE digest = ?", [.blob(digest)])?.token() }
    }

    func add(_ token: APIToken, audit: AuditEntry) async throws {
        try await write(audit) { database in
            _ = try database.run(
                "INSERT INTO api_token (id, name, digest, created_at) VALUES (?, ?, ?, ?)",
                [.text(token.id), .text(token.name), .blob(token.digest), token.createdAt.storedMilliseconds])
        }
    }

    func revokeToken(_ id: String, at moment: Date, audit: AuditEntry) async throws {
        try await write(audit) { database in
            let count = try database.run(
                "UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", [moment.storedMilliseconds, .text(id)])
            guard count == 1 else { throw StorageError.notFound }
        }
    }

    func touchToken(_ id: String, at moment: Date) async throws {
        try await write(nil) { database in
            _ = try database.run("UPDATE api_token SET last_used_at = ? WHERE id = ?", [moment.storedMilliseconds, .text(id)])
        }
    }
}

/// Counts inside the transaction that decides.
struct StoredFiringCounts: FiringCounts {
    let database: Database

    func firings(of rule: RuleID, since moment: Date) throws -> Int { try count("rule_id", rule.rawValue, moment) }
    func firings(through connection: ConnectionID, since moment: Date) throws -> Int {
        try count("connection_id", connection.rawValue, moment)
    }

    private func count(_ column: String, _ value: String, _ moment: Date) throws -> Int {
        let row = try database.first(
            """
            SELECT COUNT(*) AS count FROM firing
            WHERE \(column) = ? AND created_at > ? AND state NOT IN ('would_create', 'checking', 'held', 'dropped', 'skipped')
            """, [.text(value), moment.storedMilliseconds])
        return Int(try row?.integer("count") ?? 0)
    }
}

extension Database {
    fileprivate func insert(_ event: HostEvent) throws {
        try run(
            """
            INSERT INTO event (source, sender_id, type, severity, company, company_id, device, text, at, received_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(event.source), .text(event.senderID), .text(event.type), .text(event.severity.rawValue), .text(event.company),
                .text(event.companyID), .text(event.device), .text(event.text), event.at.storedMilliseconds,
                event.receivedAt.storedMilliseconds,
            ])
    }

    /// Adds what was decided, and begins the pause that it begins.
    func insert(_ decision: Decision, for event: HostEvent.ID, at moment: Date) throws {
        let order = decision.order
        try run(
            """
            INSERT INTO firing (event_id, rule_id, connection_id, marker, summary, details, company, company_id, device, device_key, type,
                status, priority, appends_since, state, reason, company_check, attempts, looks, due_at, created_at, wanted_since, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?)
            """,
            [
                .integer(event.rawValue), .text(decision.rule.rawValue), .text(decision.connection.rawValue),
                .text(FiringMarker().rawValue),
                .text(order.summary), .text(order.details), .text(order.company), .text(order.companyID), .text(order.device),
                .text(order.deviceKey),
                .text(order.type), .text(order.status), .text(order.priority), order.appendsSince?.storedMilliseconds ?? .null,
                .text(decision.state.name), SQLValue(decision.state.reason), SQLValue(decision.state.check?.json.encodedText),
                moment.storedMilliseconds, moment.storedMilliseconds, moment.storedMilliseconds, moment.storedMilliseconds,
            ])
        if let pause = decision.pauses { try self.pause(decision.rule, pause, at: moment) }
    }

    /// Pauses a rule that goes on so far, and writes that down; a refusal also pauses one that a storm has paused.
    func pause(_ id: RuleID, _ pause: RulePause, at moment: Date) throws {
        let count = try run(
            "UPDATE rule SET pause = ?1 WHERE id = ?2 AND (pause IS NULL OR pause = 'storm' AND ?1 <> 'storm')",
            [.text(pause.text), .text(id.rawValue)])
        guard count == 1, let rule = try rule(id) else { return }
        try insert(
            AuditEntry(
                at: moment, actor: .system, action: .rulePaused, target: rule.name, outcome: .done, detail: pause.sentence,
                code: pause.code, correlationID: CorrelationID().rawValue))
    }
}

extension Row {
    fileprivate func event() throws -> StoredEvent {
        guard let severity = HostEvent.Severity(rawValue: try text("severity")) else { throw StoredRowError.unreadable(table: "event") }
        let event = HostEvent(
            source: try text("source"), senderID: try text("sender_id"), type: try text("type"), severity: severity,
            company: try text("company"), companyID: try text("company_id"), device: try text("device"), text: try text("text"),
            at: Date(storedMilliseconds: try integer("at")), receivedAt: Date(storedMilliseconds: try integer("received_at")))
        return StoredEvent(id: HostEvent.ID(rawValue: try integer("id")), event: event)
    }

    fileprivate func token() throws -> APIToken {
        APIToken(
            id: try text("id"), name: try text("name"), digest: try blob("digest"),
            createdAt: Date(storedMilliseconds: try integer("created_at")),
            lastUsedAt: try optionalInteger("last_used_at").map(Date.init(storedMilliseconds:)),
            revokedAt: try optionalInteger("revoked_at").map(Date.init(storedMilliseconds:)))
    }
}
