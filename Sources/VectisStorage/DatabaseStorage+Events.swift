package import FoundationEssentials
import PSACore
package import PSAEngine
import PSAEngineSQL
package import SQL
package import VectisCore
package import VectisRules

extension DatabaseStorage {
    package func accept(
        _ event: HostEvent, from token: APIToken?,
        deciding decide: @escaping @Sendable (HostEvent, RuleIndex, any DecisionFacts) throws -> [Decision]
    ) async throws -> Acceptance {
        let digest = event.contentDigest
        let outcome = try await queue.writeTogether(byteCount: event.byteCount) { [ruleCache] database -> AcceptanceOutcome in
            try database.lock(.event(event))
            let sender = try token.map { try database.goodToken($0.digest, at: event.receivedAt) } ?? nil
            if token != nil, sender == nil { return .unknownToken }
            // Returned, not thrown: an error would roll back the noted use of the token.
            if let sender, sender.isToBeTouched(at: event.receivedAt) { try database.touchToken(sender.id, at: event.receivedAt) }
            switch try database.repeated(event, digest, from: sender) {
            case .new: return .accepted(try database.accept(event, digest, in: sender?.namespace ?? .none, ruleCache, deciding: decide))
            case .repeats(let known): return .accepted(Acceptance(event: known, isRepeat: true, jobs: 0))
            case .conflicts(let taken): return .otherContent(taken)
            }
        }
        switch outcome {
        case .accepted(let acceptance): return acceptance
        case .otherContent(let event): throw OtherContent(event: event)
        case .unknownToken: throw UnknownToken()
        }
    }

    package func accept(
        _ event: HostEvent, in namespace: EventNamespace,
        deciding decide: @escaping @Sendable (HostEvent, RuleIndex, any DecisionFacts) throws -> [Decision]
    ) async throws -> Acceptance {
        let digest = event.contentDigest
        return try await queue.writeTogether(byteCount: event.byteCount) { [ruleCache] database in
            try database.lock(.event(event))
            let known = try database.first(
                "SELECT id FROM event WHERE source = ? AND sender_id = ? AND namespace = ?",
                [.text(event.source), .text(event.senderID), .text(namespace.rawValue)])
            if let known { return Acceptance(event: HostEvent.ID(rawValue: try known.integer("id")), isRepeat: true, jobs: 0) }
            return try database.accept(event, digest, in: namespace, ruleCache, deciding: decide)
        }
    }

    package func senderIDs(_ ids: [String], of source: String, in namespace: EventNamespace) async throws -> Set<String> {
        try await queue.read { database in
            try ids.reduce(into: []) { known, id in
                let row = try database.first(
                    "SELECT 1 FROM event WHERE source = ? AND sender_id = ? AND namespace = ?",
                    [.text(source), .text(id), .text(namespace.rawValue)])
                if row != nil { known.insert(id) }
            }
        }
    }

    package func events(before place: HostEvent.ID?, limit: Int) async throws -> [StoredEvent] {
        try await queue.read { database in
            try database.query(
                "SELECT * FROM event WHERE id < ? ORDER BY id DESC LIMIT ?", [.integer(place?.rawValue ?? .max), .integer(Int64(limit))]
            ).map { try $0.event() }
        }
    }

    package func eventPage(_ filter: EventFilter, before place: HostEvent.ID?, limit: Int) async throws -> EventPage {
        let read: @Sendable (any Database) throws -> EventPage = { database in
            let search = try EventSearch(filter, before: place, database)
            let found = try database.query(search.sql, search.values + [.integer(Int64(limit) + 1)]).map { try $0.event() }
            let shown = Array(found.prefix(limit))
            if found.count > limit { return EventPage(events: shown, next: shown.last?.id) }
            return EventPage(events: shown, next: search.end, isPartial: search.end != nil)
        }
        // What no index finds may take longer than a read may.
        return filter.isSearch ? try await queue.search(read) : try await queue.read(read)
    }

    package func event(_ id: HostEvent.ID) async throws -> StoredEvent? {
        try await queue.read { try $0.first("SELECT * FROM event WHERE id = ?", [.integer(id.rawValue)])?.event() }
    }

    package func files(of events: Set<HostEvent.ID>) async throws -> [HostEvent.ID: [EventFile]] {
        try await queue.read { database in
            var files: [HostEvent.ID: [EventFile]] = [:]
            for id in events {
                let rows = try database.query("SELECT * FROM event_file WHERE event_id = ? ORDER BY place", [.integer(id.rawValue)])
                guard !rows.isEmpty else { continue }
                files[id] = try rows.map {
                    EventFile(
                        name: try $0.text("name"), mediaType: try $0.text("media_type"), byteCount: try $0.count("byte_count"))
                }
            }
            return files
        }
    }

    package func tokens() async throws -> [APIToken] {
        try await queue.read { try $0.query("SELECT * FROM api_token ORDER BY name, id").map { try $0.token() } }
    }

    package func token(digest: [UInt8]) async throws -> APIToken? {
        try await queue.read { try $0.first("SELECT * FROM api_token WHERE digest = ?", [.blob(digest)])?.token() }
    }

    package func add(_ token: APIToken, audit: AuditEntry) async throws {
        try await write(audit) { database in
            _ = try database.run(
                """
                INSERT INTO api_token (id, name, digest, created_at, namespace, scopes, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(token.id), .text(token.name), .blob(token.digest), token.createdAt.storedMilliseconds,
                    SQLValue(token.sharedNamespace?.rawValue), .text(token.scopes.text), token.expiresAt?.storedMilliseconds ?? .null,
                ])
        }
    }

    package func change(_ token: APIToken, audit: AuditEntry) async throws {
        try await write(audit) { database in
            let count = try database.run(
                "UPDATE api_token SET namespace = ?, scopes = ?, expires_at = ? WHERE id = ? AND revoked_at IS NULL",
                [
                    SQLValue(token.sharedNamespace?.rawValue), .text(token.scopes.text), token.expiresAt?.storedMilliseconds ?? .null,
                    .text(token.id),
                ])
            guard count == 1 else { throw StoreError.notFound }
        }
    }

    package func token(id: String) async throws -> APIToken? {
        try await queue.read { try $0.first("SELECT * FROM api_token WHERE id = ?", [.text(id)])?.token() }
    }

    package func eventCount(in namespace: EventNamespace, limit: Int) async throws -> (count: Int, latest: HostEvent.ID?) {
        try await queue.read { database in
            let row = try database.first(
                """
                SELECT COUNT(*) AS count, MAX(found.id) AS latest
                FROM (SELECT id FROM event WHERE namespace = ? ORDER BY id DESC LIMIT ?) AS found
                """, [.text(namespace.rawValue), .integer(Int64(limit))])
            return (Int(try row?.integer("count") ?? 0), try row?.optionalInteger("latest").map(HostEvent.ID.init(rawValue:)))
        }
    }

    package func revokeToken(_ id: String, at timestamp: Date, audit: AuditEntry) async throws {
        try await write(audit) { database in
            let count = try database.run(
                "UPDATE api_token SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", [timestamp.storedMilliseconds, .text(id)])
            guard count == 1 else { throw StoreError.notFound }
        }
    }

    package func touchToken(_ id: String, at timestamp: Date) async throws {
        try await write(nil, .found) { try $0.touchToken(id, at: timestamp) }
    }
}

/// The statement that reads the events that match a filter: an index finds what it can, and at most a window of events is looked at for the
/// rest.
private struct EventSearch {
    /// The statement; its last value is the limit.
    let sql: String
    let values: [SQLValue]
    /// The last event of the window; nil if the window holds all that an index finds.
    let end: HostEvent.ID?

    /// Processes that share a database read their clocks before they write, so that events are in the order of arrival up to this time.
    private static let clockMargin = 600.0

    init(_ filter: EventFilter, before place: HostEvent.ID?, _ database: any Database) throws {
        var indexed: [(String, [SQLValue])] = [("id < ?", [.integer(place?.rawValue ?? .max)])]
        // As expressions, so that no index on these columns is preferred to the order of the window.
        var other: [(String, [SQLValue])] = []
        if let isMatched = filter.isMatched {
            if isMatched { other.append(("matched_rules + 0 > 0", [])) } else { indexed.append(("matched_rules = 0", [])) }
        }
        if let end = filter.before {
            let bound = end.addingTimeInterval(Self.clockMargin).storedMilliseconds
            let last = try database.first("SELECT id FROM event WHERE received_at < ? ORDER BY received_at DESC LIMIT 1", [bound])
            indexed.append(("id <= ?", [.integer(try last?.integer("id") ?? 0)]))
            other.append(("received_at + 0 < ?", [end.storedMilliseconds]))
        }
        if let start = filter.from {
            let bound = start.addingTimeInterval(-Self.clockMargin).storedMilliseconds
            let first = try database.first("SELECT id FROM event WHERE received_at >= ? ORDER BY received_at LIMIT 1", [bound])
            indexed.append(("id >= ?", [.integer(try first?.integer("id") ?? .max)]))
            other.append(("received_at + 0 >= ?", [start.storedMilliseconds]))
        }
        let parts = [("text", filter.text), ("device", filter.device), ("source", filter.source), ("type", filter.type)]
        for (column, part) in parts {
            if let part { other.append(("instr(lower(\(column)), lower(?)) > 0", [.text(part)])) }
        }
        if let company = filter.company {
            other.append(("(instr(lower(company), lower(?)) > 0 OR company_id = ?)", [.text(company), .text(company)]))
        }
        let condition = indexed.map(\.0).joined(separator: " AND ")
        guard !other.isEmpty else {
            (sql, values, end) = ("SELECT * FROM event WHERE \(condition) ORDER BY id DESC LIMIT ?", indexed.flatMap(\.1), nil)
            return
        }
        let row = try database.first(
            "SELECT id FROM event WHERE \(condition) ORDER BY id DESC LIMIT 1 OFFSET \(EventFilter.searchWindow - 1)", indexed.flatMap(\.1))
        end = try row.map { HostEvent.ID(rawValue: try $0.integer("id")) }
        if let end { indexed.append(("id >= ?", [.integer(end.rawValue)])) }
        sql = "SELECT * FROM event WHERE \((indexed + other).map(\.0).joined(separator: " AND ")) ORDER BY id DESC LIMIT ?"
        values = (indexed + other).flatMap(\.1)
    }
}

/// What an event is beside those that are stored.
private enum Novelty {
    case new
    case repeats(HostEvent.ID)
    /// Under its source and id the namespace has another event.
    case conflicts(HostEvent.ID)
}

/// What the transaction of an event comes to.
private enum AcceptanceOutcome: Sendable {
    case accepted(Acceptance)
    case otherContent(HostEvent.ID)
    case unknownToken
}

extension LockKey {
    /// What is stored under the source and id of an event, in every namespace.
    fileprivate static func event(_ event: HostEvent) -> LockKey { LockKey(rawValue: "event/\(event.source)/\(event.senderID)") }
}

extension HostEvent {
    /// About how much it adds to a transaction.
    fileprivate var byteCount: Int {
        [source, senderID, type, company, companyID, device, text].reduce(0) { $0 + $1.utf8.count }
            + attachments.reduce(0) { $0 + $1.bytes.count }
    }
}

/// Counts and connections inside the transaction that decides.
struct StoredDecisionFacts: DecisionFacts {
    let database: any Database
    private let counts: StoredTicketJobCounts

    init(_ database: any Database) {
        self.database = database
        counts = StoredTicketJobCounts(tables: JobTables(database))
    }

    func jobs(of rule: RuleID, since time: Date, until end: Date) throws -> Int {
        // Other transactions add no job of the rule until this one has ended.
        let row = try database.first("SELECT connection_id FROM rule WHERE id = ?", [.text(rule.rawValue)])
        if let connection = try row.flatMap({ ConnectionID(try $0.text("connection_id")) }) { try database.lock(.connection(connection)) }
        return try counts.jobs(of: rule, since: time, until: end)
    }

    func jobs(through connection: ConnectionID, since time: Date, until end: Date) throws -> Int {
        try database.lock(.connection(connection))
        return try counts.jobs(through: connection, since: time, until: end)
    }
    func connection(_ id: ConnectionID) throws -> StoredConnection? { try ConnectionTables(database).connection(id) }
}

/// Counts inside the transaction that decides.
struct StoredTicketJobCounts: TicketJobCounts {
    let tables: JobTables

    func jobs(of rule: RuleID, since time: Date, until end: Date) throws -> Int {
        try tables.sendCount(of: rule.source, since: time, until: end)
    }
    func jobs(through connection: ConnectionID, since time: Date, until end: Date) throws -> Int {
        try tables.sendCount(through: connection, since: time, until: end)
    }
}

extension Database {
    /// Stores a new event, and the jobs that rules create from it.
    fileprivate func accept(
        _ event: HostEvent, _ digest: [UInt8], in namespace: EventNamespace, _ rules: RuleCache,
        deciding decide: (HostEvent, RuleIndex, any DecisionFacts) throws -> [Decision]
    ) throws -> Acceptance {
        let decisions = try decide(event, try rules.index(in: self), StoredDecisionFacts(self))
        let id = try insert(event, digest, in: namespace, matchedRules: decisions.count)
        try insert(event.attachments, of: id)
        for decision in decisions {
            guard let key = IdempotencyKey("event/\(id.rawValue)/rule/\(decision.rule)") else { continue }
            try insert(decision, key: key, origin: namespace.origin(of: event.source), at: event.receivedAt)
            try countActivity(of: decision.rule, at: event.receivedAt)
        }
        return Acceptance(event: id, isRepeat: false, jobs: decisions.count)
    }

    fileprivate func repeated(_ event: HostEvent, _ digest: [UInt8], from token: APIToken?) throws -> Novelty {
        let shared = SQLValue(token?.sharedNamespace?.rawValue)
        // As an expression, so that the lists are made only if there is such an event.
        let candidates = try query(
            """
            SELECT * FROM event WHERE source = ?1 AND sender_id = ?2 AND (
                namespace || '' IN (?3, ?4) OR namespace || '' IN (SELECT 'token/' || id FROM api_token WHERE namespace = ?5)
                OR namespace = '' AND (?6 = 1 OR EXISTS (SELECT 1 FROM api_token WHERE namespace = ?5 AND is_older = 1)))
            """,
            [
                .text(event.source), .text(event.senderID), .text((token?.namespace ?? .none).rawValue),
                .text(token.map { EventNamespace.own($0.id).rawValue } ?? ""), shared,
                .integer(token?.isOlderThanNamespaces ?? true ? 1 : 0),
            ])
        for row in candidates where try row.isRepeated(by: event, digest) { return .repeats(HostEvent.ID(rawValue: try row.integer("id"))) }
        // What came before there were namespaces may be another token's.
        let taken = try candidates.first { try $0.text("namespace") != EventNamespace.none.rawValue || token == nil }
        return try taken.map { .conflicts(HostEvent.ID(rawValue: try $0.integer("id"))) } ?? .new
    }

    /// The token of a digest, unless it has ended or may not send events.
    fileprivate func goodToken(_ digest: [UInt8], at time: Date) throws -> APIToken? {
        let token = try first("SELECT * FROM api_token WHERE digest = ? AND revoked_at IS NULL", [.blob(digest)])?.token()
        return token.flatMap { $0.isGood(at: time) && $0.scopes.contains(.sendEvents) ? $0 : nil }
    }

    fileprivate func touchToken(_ id: String, at time: Date) throws {
        try run("UPDATE api_token SET last_used_at = ? WHERE id = ?", [time.storedMilliseconds, .text(id)])
    }

    fileprivate func insert(
        _ event: HostEvent, _ digest: [UInt8], in namespace: EventNamespace, matchedRules: Int
    ) throws -> HostEvent.ID {
        let id = try insert(
            """
            INSERT INTO event (namespace, digest, told_at, source, sender_id, type, severity, company, company_id, device, text, at,
                received_at, matched_rules)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(namespace.rawValue), .blob(digest), event.toldAt?.storedMilliseconds ?? .null,
                .text(event.source), .text(event.senderID), .text(event.type), .text(event.severity.rawValue), .text(event.company),
                .text(event.companyID), .text(event.device), .text(event.text), event.at.storedMilliseconds,
                event.receivedAt.storedMilliseconds, .integer(Int64(matchedRules)),
            ])
        return HostEvent.ID(rawValue: id)
    }

    /// Keeps what the files of an event are called; their content goes to the jobs.
    fileprivate func insert(_ files: [AttachmentFile], of event: HostEvent.ID) throws {
        for (place, file) in files.enumerated() {
            try run(
                "INSERT INTO event_file (event_id, place, name, media_type, byte_count) VALUES (?, ?, ?, ?, ?)",
                [
                    .integer(event.rawValue), .integer(Int64(place)), .text(file.name), .text(file.mediaType),
                    .integer(Int64(file.bytes.count)),
                ])
        }
    }

    /// Adds the job of a decision, and pauses the rule if it exceeds its rate limit.
    package func insert(_ decision: Decision, key: IdempotencyKey, origin: String, at time: Date) throws {
        var payload = decision.payload
        payload.origin = origin
        try JobTables(self).add(
            NewJob(
                connection: decision.connection, key: key, source: decision.rule.source, payload: payload,
                attachments: decision.attachments, state: decision.state),
            at: time)
        if decision.exceedsRateLimit { try pauseForRateLimit(decision.rule, at: time) }
    }

    /// Pauses a rule that exceeds its rate limit, and writes that into the audit log.
    package func pauseForRateLimit(_ id: RuleID, at time: Date) throws {
        let pause = RulePause.rateLimited
        let count = try run("UPDATE rule SET pause = ?1 WHERE id = ?2 AND pause IS NULL", [.text(pause.text), .text(id.rawValue)])
        guard count == 1, let rule = try rule(id) else { return }
        try insert(
            AuditEntry(
                at: time, actor: .system, action: .rulePaused, target: rule.name, outcome: .done, detail: pause.sentence,
                correlationID: CorrelationID().rawValue))
    }
}

extension Row {
    fileprivate func event() throws -> StoredEvent {
        guard let severity = HostEvent.Severity(rawValue: try text("severity")) else { throw StoredRowError.unreadable(table: "event") }
        let event = HostEvent(
            source: try text("source"), senderID: try text("sender_id"), type: try text("type"), severity: severity,
            company: try text("company"), companyID: try text("company_id"), device: try text("device"), text: try text("text"),
            at: Date(storedMilliseconds: try integer("at")), receivedAt: Date(storedMilliseconds: try integer("received_at")),
            connection: EventNamespace(rawValue: try text("namespace")).detectedConnection)
        return StoredEvent(
            id: HostEvent.ID(rawValue: try integer("id")), event: event, matchedRules: try count("matched_rules"))
    }

    /// Whether an event has the same content as this one; a time that one of them lacks is not a difference.
    fileprivate func isRepeated(by event: HostEvent, _ content: [UInt8]) throws -> Bool {
        let told: Int64?
        if let digest = try optionalBlob("digest") {
            guard digest == content else { return false }
            told = try optionalInteger("told_at")
        } else {
            // Of before there were namespaces, when an event without a time had that of its arrival.
            guard try self.event().event.contentDigest == content else { return false }
            told = try integer("at") == integer("received_at") ? nil : integer("at")
        }
        guard let told, let at = event.toldAt else { return true }
        // Earlier versions rounded where this one truncates.
        return abs(Date(storedMilliseconds: told).timeIntervalSince(at)) < 0.001_5
    }

    fileprivate func token() throws -> APIToken {
        APIToken(
            id: try text("id"), name: try text("name"), digest: try blob("digest"),
            createdAt: Date(storedMilliseconds: try integer("created_at")),
            lastUsedAt: try optionalInteger("last_used_at").map(Date.init(storedMilliseconds:)),
            revokedAt: try optionalInteger("revoked_at").map(Date.init(storedMilliseconds:)),
            sharedNamespace: try optionalText("namespace").flatMap(EventNamespace.Name.init),
            isOlderThanNamespaces: try integer("is_older") == 1, scopes: APIScope.scopes(try text("scopes")),
            expiresAt: try optionalInteger("expires_at").map(Date.init(storedMilliseconds:)))
    }
}
