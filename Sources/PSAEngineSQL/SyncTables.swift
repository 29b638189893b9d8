import Foundation
import PSACore
import PSAEngine
package import SQL

/// The tables of local copies, in a file of their own so that reading a PSA never delays the outbox.
///
/// A migration that was shipped is never changed; a new one is added at the end.
package enum SyncSchema {
    /// “PSAS”, by which the file of another program is recognized.
    package static let applicationID: Int32 = 0x5053_4153

    /// The name by which a schema of PostgreSQL is recognized.
    package static let application = "psa-copies"

    /// The migrations of a database of copies.
    package static let migrations = [
        Migration("sync-0001") { database in try database.execute(tables) },
        Migration("sync-0002-deleted-records") { database in
            // The order in which they are removed, so that a step reads only what it removes.
            try database.execute("CREATE INDEX record_gone ON record (changed_at) WHERE \(SyncTables.isGone)")
        },
    ]

    /// Content is apart from what searches and runs use, so that marking a record as seen does not rewrite it.
    private static let tables = """
        CREATE TABLE counter (place INTEGER PRIMARY KEY CHECK (place = 1), sequence INTEGER NOT NULL) STRICT;
        INSERT INTO counter (place, sequence) VALUES (1, 0);
        CREATE TABLE copy (
            place INTEGER PRIMARY KEY, connection_id TEXT NOT NULL UNIQUE, connector TEXT NOT NULL, tenant TEXT NOT NULL,
            lease_holder TEXT, leased_until INTEGER, UNIQUE (connector, tenant)
        ) STRICT;
        CREATE TABLE list (
            place INTEGER PRIMARY KEY, copy INTEGER NOT NULL REFERENCES copy (place) ON DELETE CASCADE, resource TEXT NOT NULL,
            progress TEXT NOT NULL, next_run_at INTEGER NOT NULL, is_paused INTEGER NOT NULL, request TEXT, UNIQUE (copy, resource)
        ) STRICT;
        CREATE TABLE record (
            place INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES list (place) ON DELETE CASCADE, id TEXT NOT NULL,
            sequence INTEGER NOT NULL, generation INTEGER NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, name_key TEXT NOT NULL,
            company TEXT, ticket TEXT, is_active INTEGER, updated_at INTEGER, active_at INTEGER, ends_at INTEGER,
            first_seen_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, UNIQUE (list, id)
        ) STRICT;
        CREATE UNIQUE INDEX record_sequence ON record (list, sequence);
        CREATE INDEX record_name ON record (list, name_key, id);
        CREATE INDEX record_state ON record (list, state, active_at);
        CREATE INDEX record_company ON record (list, company, sequence) WHERE company IS NOT NULL;
        CREATE INDEX record_ticket ON record (list, ticket, sequence) WHERE ticket IS NOT NULL;
        CREATE INDEX record_updated ON record (list, updated_at) WHERE updated_at IS NOT NULL;
        CREATE INDEX record_ends ON record (list, ends_at) WHERE ends_at IS NOT NULL;
        CREATE TABLE record_content (
            record INTEGER PRIMARY KEY REFERENCES record (place) ON DELETE CASCADE, content BLOB NOT NULL, details TEXT, native BLOB
        ) STRICT;
        CREATE TABLE reread (
            place INTEGER PRIMARY KEY AUTOINCREMENT, copy INTEGER NOT NULL REFERENCES copy (place) ON DELETE CASCADE, ticket TEXT NOT NULL,
            is_for_notes INTEGER NOT NULL, rank INTEGER NOT NULL, attempts INTEGER NOT NULL, due_at INTEGER NOT NULL,
            UNIQUE (copy, ticket, is_for_notes)
        ) STRICT;
        CREATE INDEX reread_due ON reread (copy, rank, place);
        CREATE INDEX reread_place ON reread (copy, place);
        """
}

/// The tables of local copies within a transaction.
struct SyncTables {
    private let database: any Database

    init(_ database: any Database) { self.database = database }

    // MARK: Copies

    func register(_ connection: ConnectionID, _ connector: ConnectorID, _ tenant: TenantIdentity) throws {
        let tenantValues: [SQLValue] = [.text(connector.rawValue), .text(tenant.rawValue)]
        if let known = try database.first("SELECT connection_id FROM copy WHERE connector = ? AND tenant = ?", tenantValues) {
            guard try known.text("connection_id") != connection.rawValue else { return }
            try database.run("DELETE FROM copy WHERE connection_id = ?", [.text(connection.rawValue)])
            try database.run(
                "UPDATE copy SET connection_id = ? WHERE connector = ? AND tenant = ?", [.text(connection.rawValue)] + tenantValues)
            return
        }
        try database.run("DELETE FROM copy WHERE connection_id = ?", [.text(connection.rawValue)])
        try database.run(
            "INSERT INTO copy (connection_id, connector, tenant) VALUES (?, ?, ?)", [.text(connection.rawValue)] + tenantValues)
    }

    func copies() throws -> [LocalCopy] {
        try database.query("SELECT * FROM copy WHERE NOT \(Self.isDetached) ORDER BY connection_id").map { row in
            guard let connection = ConnectionID(try row.text("connection_id")), let connector = ConnectorID(try row.text("connector"))
            else {
                throw StoredRowError.unreadable(table: "copy")
            }
            return LocalCopy(
                connection: connection, connector: connector, tenant: TenantIdentity(rawValue: try row.text("tenant")))
        }
    }

    /// Takes a copy from its connection and its tenant, so that it can be removed in steps; who holds its lease stores nothing more.
    func detach(_ connection: ConnectionID) throws {
        // No id of a connection has a slash, and no connector an empty name.
        try database.run(
            """
            UPDATE copy SET connection_id = 'removed/' || CAST(place AS TEXT), connector = '', tenant = CAST(place AS TEXT),
                lease_holder = NULL, leased_until = NULL WHERE connection_id = ?
            """, [.text(connection.rawValue)])
    }

    /// Whether there are copies without a connection.
    func hasDetached() throws -> Bool { try database.first("SELECT 1 FROM copy WHERE \(Self.isDetached) LIMIT 1") != nil }

    /// Removes a part of the copies without a connection, and returns whether there may be more.
    func removeDetached(limit: Int) throws -> Bool {
        let count = try database.run(
            """
            DELETE FROM record WHERE place IN (
                SELECT record.place FROM copy JOIN list ON list.copy = copy.place JOIN record ON record.list = list.place
                WHERE \(Self.isDetached) LIMIT ?)
            """, [.integer(Int64(limit))])
        guard count < limit else { return true }
        // One that was detached meanwhile still has its records.
        try database.run(
            """
            DELETE FROM copy WHERE \(Self.isDetached)
            AND NOT EXISTS (SELECT 1 FROM list JOIN record ON record.list = list.place WHERE list.copy = copy.place)
            """)
        return try hasDetached()
    }

    private static let isDetached = "copy.connector = ''"

    func removeDeleted(before time: Date, limit: Int) throws -> Int {
        try database.run(
            """
            DELETE FROM record WHERE place IN (SELECT place FROM record WHERE \(Self.isGone) AND changed_at < ? ORDER BY changed_at LIMIT ?)
            """, [time.storedMilliseconds, .integer(Int64(limit))])
    }

    /// The condition of the index `record_gone`, word for word.
    static let isGone = "state IN ('merged', 'deleted')"

    func lease(_ connection: ConnectionID, _ holder: ProcessID, now: Date, until: Date) throws -> Bool {
        try database.run(
            """
            UPDATE copy SET lease_holder = ?1, leased_until = ?2
            WHERE connection_id = ?3 AND (lease_holder IS NULL OR lease_holder = ?1 OR leased_until <= ?4 OR leased_until > ?5)
            """,
            [
                .text(holder.rawValue), until.storedMilliseconds, .text(connection.rawValue), now.storedMilliseconds,
                now.addingTimeInterval(Double(WrongClock.maxWaitMilliseconds) / 1_000).storedMilliseconds,
            ]) == 1
    }

    func renew(_ connection: ConnectionID, _ holder: ProcessID, until: Date) throws -> Bool {
        try database.run(
            "UPDATE copy SET leased_until = ? WHERE connection_id = ? AND lease_holder = ?",
            [until.storedMilliseconds, .text(connection.rawValue), .text(holder.rawValue)]) == 1
    }

    func release(_ connection: ConnectionID, _ holder: ProcessID) throws {
        try database.run(
            "UPDATE copy SET lease_holder = NULL, leased_until = NULL WHERE connection_id = ? AND lease_holder = ?",
            [.text(connection.rawValue), .text(holder.rawValue)])
    }

    private func holds(_ connection: ConnectionID, _ holder: ProcessID) throws -> Bool {
        try database.first("SELECT lease_holder FROM copy WHERE connection_id = ?", [.text(connection.rawValue)])?
            .optionalText("lease_holder") == holder.rawValue
    }

    private func copy(_ connection: ConnectionID) throws -> Int64? {
        try database.first("SELECT place FROM copy WHERE connection_id = ?", [.text(connection.rawValue)])?.integer("place")
    }

    private func list(_ resource: SyncResource, _ connection: ConnectionID) throws -> Int64? {
        try database.first(
            "SELECT list.place FROM copy JOIN list ON list.copy = copy.place WHERE connection_id = ? AND resource = ?",
            [.text(connection.rawValue), .text(resource.rawValue)])?.integer("place")
    }

    // MARK: Status

    func statuses(of connection: ConnectionID, countingRecords: Bool) throws -> [SyncStatus] {
        let lists = try database.query(
            "SELECT list.* FROM copy JOIN list ON list.copy = copy.place WHERE connection_id = ? ORDER BY resource",
            [.text(connection.rawValue)])
        return try lists.compactMap { row in
            // A resource of a later version is left alone.
            guard let resource = SyncResource(rawValue: try row.text("resource")) else { return nil }
            let counts = countingRecords ? try counts(ofList: row.integer("place")) : [:]
            return SyncStatus(
                resource: resource, progress: try row.progress(), nextRunAt: Date(storedMilliseconds: try row.integer("next_run_at")),
                isPaused: try row.flag("is_paused"), request: try row.optionalText("request").flatMap(SyncRequest.init), counts: counts)
        }
    }

    private func counts(ofList list: Int64) throws -> [SyncRecord.State: Int] {
        var counts: [SyncRecord.State: Int] = [:]
        let sql = "SELECT state, COUNT(*) AS number FROM record WHERE list = ? GROUP BY state"
        for row in try database.query(sql, [.integer(list)]) { counts[try row.state()] = try row.count("number") }
        return counts
    }

    func prepare(_ resources: [SyncResource], _ connection: ConnectionID, dueAt time: Date) throws {
        guard let copy = try copy(connection) else { return }
        let progress = try SyncProgress().stored()
        for resource in resources {
            try database.run(
                """
                INSERT INTO list (copy, resource, progress, next_run_at, is_paused) VALUES (?, ?, ?, ?, 0)
                ON CONFLICT (copy, resource) DO NOTHING
                """,
                [.integer(copy), .text(resource.rawValue), progress, time.storedMilliseconds])
        }
    }

    func schedule() throws -> [ConnectionID: Date] {
        let rows = try database.query(
            """
            SELECT connection_id, MIN(due) AS due FROM (
                SELECT connection_id, CASE WHEN request IS NULL THEN next_run_at ELSE 0 END AS due
                FROM copy JOIN list ON list.copy = copy.place WHERE is_paused = 0 AND resource <> 'notes'
                UNION ALL
                SELECT connection_id, CASE WHEN is_for_notes = 1 AND notes.next_run_at > due THEN notes.next_run_at ELSE due END AS due
                FROM copy
                    JOIN (SELECT copy, is_for_notes, MIN(due_at) AS due FROM reread GROUP BY copy, is_for_notes) AS waiting
                        ON waiting.copy = copy.place
                    JOIN list AS tickets ON tickets.copy = copy.place AND tickets.resource = 'tickets' AND tickets.is_paused = 0
                    LEFT JOIN list AS notes ON notes.copy = copy.place AND notes.resource = 'notes' AND notes.is_paused = 0
                WHERE is_for_notes = 0 OR notes.place IS NOT NULL
            ) AS waiting GROUP BY connection_id
            """)
        var schedule: [ConnectionID: Date] = [:]
        for row in rows {
            guard let connection = ConnectionID(try row.text("connection_id")) else { continue }
            schedule[connection] = Date(storedMilliseconds: try row.integer("due"))
        }
        return schedule
    }

    func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, _ connection: ConnectionID) throws {
        for resource in resources {
            guard let list = try list(resource, connection) else { continue }
            try database.run("UPDATE list SET is_paused = ? WHERE place = ?", [SQLValue(isPaused), .integer(list)])
        }
    }

    func request(_ request: SyncRequest, _ resources: Set<SyncResource>, _ connection: ConnectionID) throws {
        for resource in resources {
            guard let list = try list(resource, connection) else { continue }
            let row = try database.first("SELECT request FROM list WHERE place = ?", [.integer(list)])
            let known = try row?.optionalText("request").flatMap(SyncRequest.init)
            let stored = known.map { max($0, request) } ?? request
            try database.run("UPDATE list SET request = ? WHERE place = ?", [.text(stored.rawValue), .integer(list)])
        }
    }

    func save(
        _ progress: SyncProgress, _ resource: SyncResource, _ connection: ConnectionID, nextRunAt: Date?, begins: Bool, _ holder: ProcessID
    ) throws -> Bool {
        guard try holds(connection, holder), let list = try list(resource, connection) else { return false }
        try database.run(
            """
            UPDATE list SET progress = ?, next_run_at = COALESCE(?, next_run_at), request = CASE WHEN ? = 1 THEN NULL ELSE request END
            WHERE place = ?
            """, [try progress.stored(), nextRunAt?.storedMilliseconds ?? .null, SQLValue(begins), .integer(list)])
        return true
    }

    // MARK: Changes

    func apply(_ page: SyncPage, _ connection: ConnectionID, _ holder: ProcessID, at time: Date) throws -> SyncChanges? {
        guard try holds(connection, holder), let copy = try copy(connection), let list = try list(page.resource, connection) else {
            return nil
        }
        let generation = try page.progress?.generation ?? progress(of: list).generation
        var changes = SyncChanges()
        var sequence = try lastSequence(at: time)
        let first = sequence
        for row in page.rows {
            guard let isNew = try merge(row, page, list, generation, &sequence, time) else { continue }
            if isNew { changes.added += 1 } else { changes.changed += 1 }
            if let dueAt = page.notesDueAt, row.state != .deleted { try enqueue(row.id.rawValue, .notes, copy, dueAt) }
        }
        if let ticket = page.allNotesOf {
            let seen = Set(page.rows.map(\.id.rawValue))
            let held = try database.query(
                "SELECT place, id FROM record WHERE list = ? AND ticket = ? AND state = 'present'",
                [.integer(list), .text(ticket.rawValue)])
            for row in held where !seen.contains(try row.text("id")) {
                try setState(.unreachable, try row.integer("place"), &sequence, time)
            }
        }
        if sequence > first { try database.run("UPDATE counter SET sequence = ?", [.integer(sequence)]) }
        if var progress = page.progress {
            progress.run?.added += changes.added
            progress.run?.changed += changes.changed
            try database.run("UPDATE list SET progress = ? WHERE place = ?", [try progress.stored(), .integer(list)])
        }
        if let reread = page.reread { try remove(reread, copy) }
        return changes
    }

    private func progress(of list: Int64) throws -> SyncProgress {
        guard let row = try database.first("SELECT progress FROM list WHERE place = ?", [.integer(list)]) else { return SyncProgress() }
        return try row.progress()
    }

    /// The latest place in the order of changes, which no other transaction moves until this one ends.
    private func lastSequence(at time: Date) throws -> Int64 {
        try database.lock(.changeOrder)
        let stored = try database.first("SELECT sequence FROM counter")?.integer("sequence") ?? 0
        return stored > 0 ? stored : ChangeSequence.origin(at: time)
    }

    /// Stores a row; returns whether it was new, or nil if nothing changed.
    private func merge(
        _ row: SyncRow, _ page: SyncPage, _ list: Int64, _ generation: Int64, _ sequence: inout Int64, _ time: Date
    ) throws -> Bool? {
        let known = try database.first(
            """
            SELECT place, state, generation, updated_at, changed_at, content = ?1 AS is_same,
                native IS NOT DISTINCT FROM ?2 AS is_same_native, details
            FROM record JOIN record_content ON record = place WHERE list = ?3 AND id = ?4
            """, [.blob(row.content), SQLValue(row.native), .integer(list), .text(row.id.rawValue)])
        guard let known else {
            guard !page.onlyKnown else { return nil }
            sequence += 1
            try insert(row, list, generation, sequence, time)
            return true
        }
        let place = try known.integer("place")
        func markSeen() throws {
            guard try known.integer("generation") != generation else { return }
            try database.run("UPDATE record SET generation = ? WHERE place = ?", [.integer(generation), .integer(place)])
        }
        if page.resource == .tickets,
            row.precedes(
                updatedAt: try known.optionalInteger("updated_at").map { Date(storedMilliseconds: $0) },
                changedAt: Date(storedMilliseconds: try known.integer("changed_at")))
        {
            try markSeen()
            return nil
        }
        let storedDetails = try known.details()
        let details = row.details.isEmpty && !row.isWhole ? storedDetails : row.details(after: storedDetails)
        let isSameContent = try known.flag("is_same")
        if try isSameContent && storedDetails == details && known.state() == row.state {
            try markSeen()
            if try !known.flag("is_same_native") {
                try database.run("UPDATE record_content SET native = ? WHERE record = ?", [SQLValue(row.native), .integer(place)])
            }
            return nil
        }
        sequence += 1
        try database.run(
            """
            UPDATE record SET sequence = ?, generation = ?, changed_at = ?, state = ?, name = ?, name_key = ?, company = ?, ticket = ?,
                is_active = ?, updated_at = ?, active_at = ?, ends_at = ? WHERE place = ?
            """, [.integer(sequence), .integer(generation), time.storedMilliseconds] + row.columns + [.integer(place)])
        try database.run(
            "UPDATE record_content SET content = ?, details = ?, native = ? WHERE record = ?",
            [.blob(row.content), details.stored, SQLValue(row.native), .integer(place)])
        return false
    }

    private func insert(_ row: SyncRow, _ list: Int64, _ generation: Int64, _ sequence: Int64, _ time: Date) throws {
        let place = try database.insert(
            """
            INSERT INTO record (list, id, sequence, generation, first_seen_at, changed_at, state, name, name_key, company, ticket,
                is_active, updated_at, active_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .integer(list), .text(row.id.rawValue), .integer(sequence), .integer(generation), time.storedMilliseconds,
                time.storedMilliseconds,
            ] + row.columns, key: "place")
        try database.run(
            "INSERT INTO record_content (record, content, details, native) VALUES (?, ?, ?, ?)",
            [.integer(place), .blob(row.content), row.details.merged(with: []).stored, SQLValue(row.native)])
    }

    private func setState(_ state: SyncRecord.State, _ place: Int64, _ sequence: inout Int64, _ time: Date) throws {
        sequence += 1
        try database.run(
            "UPDATE record SET state = ?, sequence = ?, changed_at = ? WHERE place = ?",
            [.text(state.rawValue), .integer(sequence), time.storedMilliseconds, .integer(place)])
    }

    func missing(_ resource: SyncResource, _ connection: ConnectionID, generation: Int64) throws -> Int {
        guard let list = try list(resource, connection) else { return 0 }
        let row = try database.first(
            "SELECT COUNT(*) AS number FROM record WHERE list = ? AND state IN ('present', 'closed') AND generation < ?",
            [.integer(list), .integer(generation)])
        return Int(try row?.integer("number") ?? 0)
    }

    func resolveMissing(
        _ resource: SyncResource, _ connection: ConnectionID, generation: Int64, _ holder: ProcessID, at time: Date
    ) throws -> Bool {
        guard try holds(connection, holder), let copy = try copy(connection), let list = try list(resource, connection) else {
            return false
        }
        let first = try lastSequence(at: time)
        var sequence = first
        let missing = try database.query(
            "SELECT place, id FROM record WHERE list = ? AND state IN ('present', 'closed') AND generation < ? ORDER BY sequence",
            [.integer(list), .integer(generation)])
        for row in missing {
            if resource == .tickets {
                try enqueue(try row.text("id"), .missing, copy, time)
            } else {
                try setState(.unreachable, try row.integer("place"), &sequence, time)
            }
        }
        if sequence > first { try database.run("UPDATE counter SET sequence = ?", [.integer(sequence)]) }
        return true
    }

    // MARK: Single tickets

    func enqueue(_ rereads: [Reread], _ connection: ConnectionID, at time: Date) throws {
        guard let copy = try copy(connection) else { return }
        for reread in rereads { try enqueue(reread.ticket.rawValue, reread.reason, copy, time) }
    }

    private func enqueue(_ ticket: String, _ reason: Reread.Reason, _ copy: Int64, _ time: Date) throws {
        // A hint is read before what a full run missed; what comes again is due again.
        let known = try database.run(
            """
            UPDATE reread SET rank = CASE WHEN rank < ?1 THEN rank ELSE ?1 END, attempts = 0, due_at = ?2 WHERE copy = ?3 AND ticket = ?4 AND is_for_notes = ?5
            """,
            [
                .integer(Int64(reason.rank)), time.storedMilliseconds, .integer(copy), .text(ticket), SQLValue(reason == .notes),
            ])
        guard known == 0, try waiting(copy) < SyncLimits.rereads else { return }
        try database.run(
            "INSERT INTO reread (copy, ticket, is_for_notes, rank, attempts, due_at) VALUES (?, ?, ?, ?, 0, ?)",
            [.integer(copy), .text(ticket), SQLValue(reason == .notes), .integer(Int64(reason.rank)), time.storedMilliseconds])
    }

    /// How many tickets wait, as far as the order in which they came says; counting them each time would take too long.
    private func waiting(_ copy: Int64) throws -> Int {
        // Two selects: each reads one entry of the index.
        let bounds = try database.first(
            """
            SELECT (SELECT MIN(place) FROM reread WHERE copy = ?1) AS first, (SELECT MAX(place) FROM reread WHERE copy = ?1) AS last
            """, [.integer(copy)])
        guard let first = try bounds?.optionalInteger("first"), let last = try bounds?.optionalInteger("last") else { return 0 }
        guard last - first + 1 >= Int64(SyncLimits.rereads) else { return Int(last - first + 1) }
        return Int(try database.first("SELECT COUNT(*) AS number FROM reread WHERE copy = ?", [.integer(copy)])?.integer("number") ?? 0)
    }

    func rereads(_ connection: ConnectionID, now: Date, limit: Int) throws -> [Reread] {
        guard let copy = try copy(connection) else { return [] }
        let rows = try database.query(
            "SELECT * FROM reread WHERE copy = ?1 AND (due_at <= ?2 OR due_at > ?2 + ?3) ORDER BY rank, place LIMIT ?4",
            [.integer(copy), now.storedMilliseconds, .integer(Int64(WrongClock.maxWaitMilliseconds)), .integer(Int64(limit))])
        return try rows.map { row in
            let rank = try row.count("rank")
            guard let ticket = Ticket.ID(try row.text("ticket")), let reason = Reread.Reason.allCases.first(where: { $0.rank == rank })
            else {
                throw StoredRowError.unreadable(table: "reread")
            }
            return Reread(ticket, reason, attempts: try row.count("attempts"))
        }
    }

    func postponeRereads(_ connection: ConnectionID, until time: Date) throws {
        guard let copy = try copy(connection) else { return }
        try database.run(
            "UPDATE reread SET due_at = ?1 WHERE copy = ?2 AND due_at < ?1", [time.storedMilliseconds, .integer(copy)])
    }

    func postpone(_ reread: Reread, _ connection: ConnectionID, until time: Date) throws {
        guard let copy = try copy(connection) else { return }
        try database.run(
            "UPDATE reread SET due_at = ?, attempts = attempts + 1 WHERE copy = ? AND ticket = ? AND is_for_notes = ?",
            [time.storedMilliseconds, .integer(copy), .text(reread.ticket.rawValue), SQLValue(reread.reason == .notes)])
    }

    func finish(
        _ reread: Reread, _ connection: ConnectionID, as state: SyncRecord.State?, _ holder: ProcessID, at time: Date
    ) throws {
        guard try holds(connection, holder), let copy = try copy(connection) else { return }
        try remove(reread, copy)
        guard let state, let list = try list(.tickets, connection) else { return }
        let known = try database.first(
            "SELECT place FROM record WHERE list = ? AND id = ? AND state IN ('present', 'closed')",
            [.integer(list), .text(reread.ticket.rawValue)])
        guard let place = try known?.integer("place") else { return }
        var sequence = try lastSequence(at: time)
        try setState(state, place, &sequence, time)
        try database.run("UPDATE counter SET sequence = ?", [.integer(sequence)])
    }

    private func remove(_ reread: Reread, _ copy: Int64) throws {
        try database.run(
            "DELETE FROM reread WHERE copy = ? AND ticket = ? AND is_for_notes = ?",
            [.integer(copy), .text(reread.ticket.rawValue), SQLValue(reread.reason == .notes)])
    }

    // MARK: Reading

    private static let columns = "SELECT record.*, content, details, native FROM record JOIN record_content ON record = place"

    func changes(_ resource: SyncResource, _ connection: ConnectionID, after place: ChangeSequence, limit: Int) throws -> [SyncRecord] {
        guard let list = try list(resource, connection) else { return [] }
        return try database.query(
            "\(Self.columns) WHERE list = ? AND sequence > ? ORDER BY sequence LIMIT ?",
            [.integer(list), .integer(place.rawValue), .integer(Int64(limit))]
        ).map { try $0.record(of: resource) }
    }

    func record(_ id: SyncRecord.ID, _ resource: SyncResource, _ connection: ConnectionID) throws -> SyncRecord? {
        guard let list = try list(resource, connection) else { return nil }
        return try database.first("\(Self.columns) WHERE list = ? AND id = ?", [.integer(list), .text(id.rawValue)])?.record(of: resource)
    }

    func records(_ query: SyncQuery, _ connection: ConnectionID) throws -> SyncRecordPage {
        guard let list = try list(query.resource, connection) else { return SyncRecordPage(records: [], next: nil) }
        var (conditions, values) = query.conditions
        conditions.insert("list = ?", at: 0)
        values.insert(.integer(list), at: 0)
        let sql = "\(Self.columns) WHERE \(conditions.joined(separator: " AND ")) ORDER BY \(query.ordering) LIMIT ?"
        var records = try database.query(sql, values + [.integer(Int64(query.limit) + 1)]).map { try $0.record(of: query.resource) }
        let isMore = records.count > query.limit
        if isMore { records.removeLast() }
        return SyncRecordPage(records: records, next: isMore ? records.last.map(query.place) : nil)
    }

    func latestUpdate(_ resource: SyncResource, _ connection: ConnectionID, before time: Date) throws -> Date? {
        guard let list = try list(resource, connection) else { return nil }
        return try database.first(
            "SELECT MAX(updated_at) AS latest FROM record WHERE list = ? AND updated_at <= ?", [.integer(list), time.storedMilliseconds])?
            .optionalInteger("latest").map { Date(storedMilliseconds: $0) }
    }

    func latestSequence(_ resource: SyncResource, _ connection: ConnectionID) throws -> ChangeSequence {
        guard let list = try list(resource, connection) else { return .beginning }
        let row = try database.first("SELECT MAX(sequence) AS latest FROM record WHERE list = ?", [.integer(list)])
        return ChangeSequence(rawValue: try row?.optionalInteger("latest") ?? 0)
    }
}

extension SyncProgress {
    fileprivate func stored() throws -> SQLValue { .text(String(decoding: try JSONEncoder().encode(self), as: UTF8.self)) }
}

extension SyncRow {
    /// The values of the columns from `state` to `ends_at`.
    fileprivate var columns: [SQLValue] {
        [
            .text(state.rawValue), .text(facts.name), .text(CompanyName.key(of: facts.name)), SQLValue(facts.company?.rawValue),
            SQLValue(facts.ticket?.rawValue), facts.isActive.map { SQLValue($0) } ?? .null, facts.updatedAt.stored,
            facts.lastActivityAt.stored, facts.endsAt.stored,
        ]
    }
}

extension Date? {
    fileprivate var stored: SQLValue { map(\.storedMilliseconds) ?? .null }
}

extension [JSONValue.Member] {
    fileprivate var stored: SQLValue { isEmpty ? .null : .text(JSONValue.object(self).encodedText) }
}

extension Row {
    fileprivate func state() throws -> SyncRecord.State {
        guard let state = SyncRecord.State(rawValue: try text("state")) else { throw StoredRowError.unreadable(table: "record") }
        return state
    }

    fileprivate func progress() throws -> SyncProgress {
        guard let progress = try? JSONDecoder().decode(SyncProgress.self, from: Data(try text("progress").utf8)) else {
            throw StoredRowError.unreadable(table: "list")
        }
        return progress
    }

    fileprivate func details() throws -> [JSONValue.Member] {
        guard let text = try optionalText("details") else { return [] }
        guard let document = try? JSONDocument(Array(text.utf8)), case .object(let members) = JSONValue(document.root) else {
            throw StoredRowError.unreadable(table: "record_content")
        }
        return members
    }

    fileprivate func record(of resource: SyncResource) throws -> SyncRecord {
        guard let id = SyncRecord.ID(try text("id")), let document = try? JSONDocument(try blob("content")),
            case .object(let members) = JSONValue(document.root)
        else { throw StoredRowError.unreadable(table: "record") }
        func date(_ column: String) throws -> Date? { try optionalInteger(column).map { Date(storedMilliseconds: $0) } }
        let facts = SyncFacts(
            name: try text("name"), company: try optionalText("company").flatMap { Company.ID($0) },
            ticket: try optionalText("ticket").flatMap { Ticket.ID($0) }, isActive: try optionalInteger("is_active").map { $0 == 1 },
            updatedAt: try date("updated_at"), lastActivityAt: try date("active_at"), endsAt: try date("ends_at"))
        return SyncRecord(
            resource: resource, id: id, sequence: ChangeSequence(rawValue: try integer("sequence")), state: try state(), facts: facts,
            content: .object(members + (try details())), native: try optionalBlob("native"),
            firstSeenAt: Date(storedMilliseconds: try integer("first_seen_at")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")))
    }
}
