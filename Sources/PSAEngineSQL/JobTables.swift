package import FoundationEssentials
package import PSACore
package import PSAEngine
package import SQL

/// The tables of jobs and their sources, within a transaction of the host.
///
/// Each method runs in the current transaction of the database, so that a host can change its own tables together with a job.
package struct JobTables {
    private let database: any Database

    /// Accesses the tables within the current transaction of a database.
    package init(_ database: any Database) { self.database = database }

    // MARK: Adding and reading

    /// Adds a job, unless its connection already has its key.
    ///
    /// - Returns: The id of the job, and whether it is new.
    /// - Throws: ``EnqueueError`` if a text or a file exceeds its limit, or errors of the database.
    @discardableResult package func add(_ job: NewJob, at time: Date) throws -> (id: TicketJob.ID, isNew: Bool) {
        try job.validateSizes()
        try database.lock(.connection(job.connection))
        let payload = job.payload
        let now = time.storedMilliseconds
        let added = try database.insertIfNew(
            """
            INSERT INTO job (connection_id, idempotency_key, reference, source, origin, operation, operation_ticket, summary, details, company,
                company_id, device, device_key, type, status, priority, fields, note, attachments, appends_since, state, reason, problem, precondition, remark, attempts,
                search_attempts, due_at, created_at, wanted_since, changed_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, ?, ?, ?, ?)
            ON CONFLICT (connection_id, idempotency_key) DO NOTHING
            """,
            [
                .text(job.connection.rawValue), .text(job.key.rawValue), .text(WriteReference().rawValue), SQLValue(job.source?.rawValue),
                .text(payload.origin), .text(payload.operation.name.rawValue), SQLValue(payload.operation.ticket?.rawValue),
                .text(payload.summary), .text(payload.details), .text(payload.company), .text(payload.companyID), .text(payload.device),
                .text(payload.deviceKey), .text(payload.type), .text(payload.status), .text(payload.priority),
                SQLValue(payload.fields), .text(payload.note), SQLValue(job.attachments),
                payload.appendsSince?.storedMilliseconds ?? .null, .text(job.state.name.rawValue), SQLValue(job.state.storedReason),
                SQLValue(job.state.problem), SQLValue(job.state.precondition?.rawValue), now, now, now, now,
            ], key: "id")
        if let added {
            let id = TicketJob.ID(rawValue: added)
            if job.state.mayBeSent { try insert(job.attachments, of: id) }
            return (id, true)
        }
        guard let known = try self.job(key: job.key, of: job.connection) else { throw StoreError.notFound }
        return (known.id, false)
    }

    private func insert(_ files: [AttachmentFile], of id: TicketJob.ID) throws {
        for (place, file) in files.enumerated() {
            try database.run(
                "INSERT INTO job_file (job_id, place, name, media_type, content) VALUES (?, ?, ?, ?, ?)",
                [.integer(id.rawValue), .integer(Int64(place)), .text(file.name), .text(file.mediaType), .blob(file.bytes)])
        }
    }

    /// As ``EngineStore/files(of:)``.
    package func files(of job: TicketJob.ID) throws -> [AttachmentFile] {
        try database.query("SELECT * FROM job_file WHERE job_id = ? ORDER BY place", [.integer(job.rawValue)]).map { row in
            let (name, type, content) = (try row.text("name"), try row.text("media_type"), try row.blob("content"))
            do {
                return try AttachmentFile(name: name, mediaType: type, bytes: content)
            } catch {
                throw StoredRowError.unreadable(table: "job_file")
            }
        }
    }

    /// Removes the content of the files of jobs that can't be sent any more; of all such jobs if none is named.
    private func removeFiles(of job: TicketJob.ID? = nil) throws {
        let names = TicketJob.State.Name.allCases.filter(\.mayBeSent).map { "'\($0.rawValue)'" }.joined(separator: ", ")
        try database.run(
            """
            DELETE FROM job_file WHERE (?1 IS NULL OR job_id = ?1)
            AND (SELECT state FROM job WHERE job.id = job_file.job_id) NOT IN (\(names))
            """, [job.map { .integer($0.rawValue) } ?? .null])
    }

    /// Returns the jobs that match, newest first.
    package func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) throws -> [TicketJob] {
        let (condition, values) = filter.condition
        return try database.query(
            "SELECT * FROM job WHERE id < ? \(condition) ORDER BY id DESC LIMIT ?",
            [.integer(place?.rawValue ?? .max)] + values + [.integer(Int64(limit))]
        ).map { try $0.job() }
    }

    /// As ``EngineStore/jobPage(_:before:limit:)``.
    package func page(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) throws -> TicketJob.Page {
        let search = try JobSearch(filter, before: place, database)
        let (sql, values) = search.select("*", limit: limit + 1)
        let found = try database.query(sql, values).map { try $0.job() }
        let shown = Array(found.prefix(limit))
        if found.count > limit { return TicketJob.Page(jobs: shown, next: shown.last?.id) }
        return TicketJob.Page(jobs: shown, next: search.end, isPartial: search.end != nil)
    }

    /// Returns what decisions on many jobs need of each job that matches, newest first; as with a page, no more than the window is read.
    package func candidates(_ filter: TicketJob.Filter, upTo last: TicketJob.ID?) throws -> [JobCandidate] {
        let search = try JobSearch(filter, before: nil, upTo: last, database)
        let (sql, values) = search.select("id, state, reason, source, connection_id, operation", limit: TicketJob.Filter.searchWindow)
        return try database.query(sql, values).map { try $0.candidate() }
    }

    /// Returns what a decision needs of a job; nil if it does not exist.
    package func candidate(_ id: TicketJob.ID) throws -> JobCandidate? {
        try database.first(
            "SELECT id, state, reason, source, connection_id, operation FROM job WHERE id = ?", [.integer(id.rawValue)])?.candidate()
    }

    /// Returns the jobs whose keys begin with a text that ends with “/”, in the order of creation.
    package func jobs(keyPrefix: String) throws -> [TicketJob] {
        // “0” follows “/”.
        try database.query(
            "SELECT * FROM job WHERE idempotency_key >= ? AND idempotency_key < ? ORDER BY id LIMIT 1000",
            [.text(keyPrefix), .text(String(keyPrefix.dropLast()) + "0")]
        ).map { try $0.job() }
    }

    /// Returns a job, or nil if it does not exist.
    package func job(_ id: TicketJob.ID) throws -> TicketJob? {
        try database.first("SELECT * FROM job WHERE id = ?", [.integer(id.rawValue)])?.job()
    }

    /// Returns the job with a key, or nil if there is none.
    package func job(key: IdempotencyKey, of connection: ConnectionID) throws -> TicketJob? {
        try database.first(
            "SELECT * FROM job WHERE connection_id = ? AND idempotency_key = ?", [.text(connection.rawValue), .text(key.rawValue)])?.job()
    }

    /// Returns the latest jobs of a connection that were written, newest first.
    package func latestWritten(of connection: ConnectionID, limit: Int) throws -> [TicketJob] {
        try database.query(
            // A range and its order, which only the index has: for one value PostgreSQL may read all newer jobs in the order of their ids.
            """
            SELECT * FROM job \(database.dialect.indexed(by: "job_written_by_connection"))
            WHERE connection_id BETWEEN ?1 AND ?1 AND \(Self.isWritten) ORDER BY connection_id DESC, id DESC LIMIT ?2
            """,
            [.text(connection.rawValue), .integer(Int64(limit))]
        ).map { try $0.job() }
    }

    /// Returns the number of jobs that match, by state.
    package func counts(_ filter: TicketJob.Filter) throws -> TicketJob.Counts {
        let (condition, values) = filter.condition
        let rows = try database.query(
            """
            SELECT state, SUM(count) AS count, SUM(CASE WHEN reason = 'outcome_unknown' THEN count ELSE 0 END) AS outcome_unknown
            FROM job_count WHERE count > 0 \(condition) GROUP BY state
            """, values)
        var counts = TicketJob.Counts()
        for row in rows {
            counts.byState[try row.jobStateName()] = try row.count("count")
            counts.outcomeUnknown += try row.count("outcome_unknown")
        }
        return counts
    }

    /// Returns the number of jobs of a source created after a time, and not after another, that were sent or will be.
    package func sendCount(of source: JobSource, since time: Date, until end: Date = .distantFuture) throws -> Int {
        try sendCount("source", source.rawValue, time, end)
    }

    /// Returns the number of jobs of a connection created after a time, and not after another, that were sent or will be.
    package func sendCount(through connection: ConnectionID, since time: Date, until end: Date = .distantFuture) throws -> Int {
        try sendCount("connection_id", connection.rawValue, time, end)
    }

    private func sendCount(_ column: String, _ value: String, _ time: Date, _ end: Date) throws -> Int {
        let row = try database.first(
            """
            SELECT COUNT(*) AS count FROM job
            WHERE \(column) = ? AND created_at > ? AND created_at <= ? AND \(Self.isSent)
            """, [.text(value), time.storedMilliseconds, end.storedMilliseconds])
        return Int(try row?.integer("count") ?? 0)
    }

    /// Returns the sources with jobs that need review for a reason, with number and earliest creation, earliest first.
    package func reviews(for reason: ReviewReason) throws -> [(source: JobSource, count: Int, since: Date)] {
        try database.query(
            """
            SELECT source, SUM(count) AS count, (SELECT created_at FROM job WHERE job.source = job_count.source
                AND state = 'needs_review' AND reason = ?1 ORDER BY created_at LIMIT 1) AS since
            FROM job_count WHERE state = 'needs_review' AND reason = ?1 AND source <> '' AND count > 0 GROUP BY source ORDER BY since
            """, [.text(reason.rawValue)]
        ).map { row in
            (JobSource(rawValue: try row.text("source")), try row.count("count"), Date(storedMilliseconds: try row.integer("since")))
        }
    }

    /// Returns the id of the newest job, or nil if there is no job.
    package func latest() throws -> TicketJob.ID? {
        try database.first("SELECT MAX(id) AS latest FROM job")?.optionalInteger("latest").map(TicketJob.ID.init(rawValue:))
    }

    // MARK: Removing

    /// As ``EngineStore/removeFinishedJobs(_:after:limit:)``.
    package func removeFinished(_ expiry: JobExpiry, after place: JobRemoval.Place?, limit: Int) throws -> JobRemoval {
        let rows = try database.query(
            """
            SELECT id, changed_at, (?3 IS NULL OR substr(origin, 1, CAST(?4 AS INTEGER)) <> ?3 OR changed_at < ?5)
                AND NOT EXISTS (SELECT 1 FROM upload WHERE upload.job_id = job.id) AS is_old
            FROM job \(database.dialect.indexed(by: "job_finished"))
            WHERE \(Self.isFinished) AND changed_at >= ?1 AND (changed_at > ?1 OR id > ?6) AND changed_at < ?2
            ORDER BY changed_at, id LIMIT ?7
            """,
            [
                place?.changedAt.storedMilliseconds ?? .integer(.min), expiry.finishedBefore.storedMilliseconds,
                SQLValue(expiry.longer?.originPrefix), .integer(Int64(expiry.longer?.originPrefix.unicodeScalars.count ?? 0)),
                expiry.longer?.finishedBefore.storedMilliseconds ?? .null, .integer(place?.job.rawValue ?? 0), .integer(Int64(limit)),
            ])
        var removed = 0
        for row in rows where try row.flag("is_old") {
            removed += try database.run("DELETE FROM job WHERE id = ?", [.integer(try row.integer("id"))])
        }
        if rows.count == limit, let last = rows.last {
            let job = TicketJob.ID(rawValue: try last.integer("id"))
            let changedAt = Date(storedMilliseconds: try last.integer("changed_at"))
            return JobRemoval(removed: removed, next: JobRemoval.Place(changedAt: changedAt, job: job))
        }
        // Numbers of sources and connections that have no job any more.
        try database.run("DELETE FROM job_count WHERE count = 0")
        return JobRemoval(removed: removed, next: nil)
    }

    /// The condition of the index `job_finished`, word for word.
    static let isFinished = isAny(.wouldCreate, .created, .appended, .replied, .statusChanged, .skipped, .failed, .dropped)

    // MARK: Leases

    /// Keeps other transactions from the jobs of a job's connection; does nothing if the job does not exist.
    package func lockConnection(of id: TicketJob.ID) throws {
        let row = try database.first("SELECT connection_id FROM job WHERE id = ?", [.integer(id.rawValue)])
        if let connection = try row?.text("connection_id") { try database.lock(.connection(connection)) }
    }

    /// As ``EngineStore/leaseNext(for:by:now:lease:)``.
    package func leaseNext(for connection: ConnectionID, by holder: ProcessID, now: Date, lease: Duration) throws -> TicketJob? {
        let limit = LeaseLimit(now: now, lease: lease)
        // A process that has ended or hangs may have made its request: the job is searched for before anything else. One that was uploading
        // a file had not; it can't make the request any more, because its intent is not recorded without the lease. If its source was
        // removed, it is searched for as well, and dropped with the outcome.
        try database.run(
            """
            UPDATE job \(byProgress) SET state = CASE
                WHEN EXISTS (SELECT 1 FROM upload WHERE upload.job_id = job.id AND upload.state = 'begun')
                    AND NOT EXISTS (SELECT 1 FROM job_source WHERE job_source.id = job.source AND is_enabled = \(Self.isRemoved))
                THEN 'waiting' ELSE 'unknown' END,
                due_at = ?1, lease_holder = NULL, leased_until = NULL, changed_at = ?1
            WHERE connection_id = ?2 AND \(Self.isInProgress) AND state = 'sending' AND NOT (leased_until > ?1 AND leased_until <= ?3)
            """, [now.storedMilliseconds, .text(connection.rawValue), limit.end])
        // One write at a time per connection: another process holds a lease.
        let busy = try database.first(
            """
            SELECT 1 FROM job \(byProgress) WHERE connection_id = ? AND \(Self.isInProgress) AND state IN ('sending', 'unknown')
            AND leased_until > ? AND leased_until <= ?
            """, [.text(connection.rawValue), now.storedMilliseconds, limit.end])
        guard busy == nil else { return nil }
        guard var job = try nextDue(of: connection, now: now.storedMilliseconds, limit: limit)?.job() else { return nil }
        let until = now.addingTimeInterval(lease.seconds)
        if job.state == .waiting {
            job.state = .sending(leaseHolder: holder, until: until)
            job.attempts += 1
        }
        try database.run(
            "UPDATE job SET state = ?, attempts = ?, lease_holder = ?, leased_until = ?, changed_at = ? WHERE id = ?",
            [
                .text(job.state.name.rawValue), .integer(Int64(job.attempts)), .text(holder.rawValue), until.storedMilliseconds,
                now.storedMilliseconds, .integer(job.id.rawValue),
            ])
        return job
    }

    /// The job to lease next: searches for earlier writes first, then what has been due for longest.
    ///
    /// What was changed after the limit was so by a clock that has been set back since, and is due, after the others.
    private func nextDue(of connection: ConnectionID, now: SQLValue, limit: LeaseLimit) throws -> Row? {
        let search = try database.first(
            """
            SELECT * FROM job \(byProgress)
            WHERE connection_id = ?1 AND \(Self.isInProgress) AND state = 'unknown' AND (due_at <= ?2 OR changed_at > ?3)
            ORDER BY due_at, attempts, id LIMIT 1
            """, [.text(connection.rawValue), now, limit.end])
        if let search { return search }
        let waits = "connection_id = ?1 AND \(Self.isOpen) AND state = 'waiting' AND \(Self.isSendable(now: "?2"))"
        let due = try database.first(
            "SELECT * FROM job WHERE \(waits) AND due_at <= ?2 ORDER BY due_at, attempts, id LIMIT 1", [.text(connection.rawValue), now])
        if let due { return due }
        return try database.first(
            "SELECT * FROM job WHERE \(waits) AND due_at > ?2 AND changed_at > ?3 ORDER BY due_at, attempts, id LIMIT 1",
            [.text(connection.rawValue), now, limit.end])
    }

    /// As ``EngineStore/dueConnections(now:lease:)``.
    package func dueConnections(now: Date, lease: Duration) throws -> (connections: [ConnectionID], next: Date?) {
        let limit = LeaseLimit(now: now, lease: lease)
        let rows = try database.query("SELECT DISTINCT connection_id FROM job_count WHERE \(Self.isOpen) AND count > 0")
        var due: [ConnectionID] = []
        var next: Date?
        for row in rows {
            let connection = try row.text("connection_id")
            guard let time = try nextAttempt(through: connection, now: now, limit: limit) else { continue }
            if time <= now, let id = ConnectionID(connection) {
                due.append(id)
            } else {
                next = min(next ?? time, time)
            }
        }
        for discard in try UploadTables(database).dueDiscards() {
            if discard.time > now, !WrongClock.isTooFarAhead(discard.time, of: now) {
                next = min(next ?? discard.time, discard.time)
            } else if !due.contains(discard.connection) {
                due.append(discard.connection)
            }
        }
        return (due, next)
    }

    /// When a connection has something to do next; nil if nothing of it may be sent.
    private func nextAttempt(through connection: String, now: Date, limit: LeaseLimit) throws -> Date? {
        let values: [SQLValue] = [.text(connection), now.storedMilliseconds, limit.end]
        let busy = try database.first(
            """
            SELECT MAX(CASE WHEN leased_until > ?2 AND leased_until <= ?3 THEN leased_until END) AS until,
                MAX(CASE WHEN state = 'sending' THEN 1 ELSE 0 END) AS is_sending
            FROM job \(byProgress) WHERE connection_id = ?1 AND \(Self.isInProgress) AND state IN ('sending', 'unknown')
            """, values)
        if let until = try busy?.optionalInteger("until") { return Date(storedMilliseconds: until) }
        if try busy?.optionalInteger("is_sending") == 1 { return now }
        let mayBeSent = "connection_id = ?1 AND \(Self.isOpen) AND (state <> 'waiting' OR \(Self.isSendable(now: "?2")))"
        let first = try database.first(
            "SELECT due_at FROM job WHERE \(mayBeSent) ORDER BY due_at, attempts, id LIMIT 1", Array(values.prefix(2)))
        guard let due = try first.map({ Date(storedMilliseconds: try $0.integer("due_at")) }) else { return nil }
        guard due > now else { return due }
        // A clock that has been set back since.
        return try database.first("SELECT 1 FROM job WHERE \(mayBeSent) AND changed_at > ?3 LIMIT 1", values) == nil ? due : now
    }

    /// Names the index `job_in_progress`: `job_open` has the same jobs among all that wait, which may be a hundred thousand.
    private var byProgress: String { database.dialect.indexed(by: "job_in_progress") }

    /// The condition of the index `job_in_progress`, word for word.
    static let isInProgress = isAny(.checking, .sending, .unknown)

    /// The condition of the indexes of jobs that were sent or will be, word for word.
    static let isSent = """
        state <> 'would_create' AND state <> 'checking' AND state <> 'dropped' AND state <> 'skipped' \
        AND NOT (state = 'needs_review' AND reason <> 'outcome_unknown')
        """

    /// The condition of the indexes of jobs that wrote something, word for word.
    package static let isWritten = isAny(.created, .appended, .replied, .statusChanged)

    /// The condition of the index `job_open`, word for word: without it the whole history is read for each job.
    static let isOpen = isAny(.checking, .waiting, .sending, .unknown)

    /// Compares with each state: for `IN` and more than two values SQLite fills a table in memory, for every row that it writes if the
    /// condition is that of an index.
    private static func isAny(_ states: TicketJob.State.Name...) -> String {
        "(" + states.map { "state = '\($0.rawValue)'" }.joined(separator: " OR ") + ")"
    }

    /// What `is_enabled` is for a source that was removed while jobs of it were being written; the row goes with the last of them.
    private static let isRemoved = -1

    /// A job without a source, or whose source is enabled and not paused.
    ///
    /// While a refusal pauses a source, refused jobs are retried when they are due, and released jobs are sent. In addition, one job that was
    /// never tried is sent when the next probe is due, because the refused one may be the only bad one. A disabled source sends nothing.
    private static func isSendable(now: String) -> String {
        """
        NOT EXISTS (SELECT 1 FROM job_source WHERE job_source.id = job.source
            AND (job_source.is_enabled = 0 OR job_source.refused_code IS NOT NULL
                AND job.attempts = 0 AND job.wanted_since <= job.created_at
                AND NOT (job_source.probe_at IS NOT NULL
                    AND (job_source.probe_at <= \(now) OR job_source.probe_at > \(now) + \(WrongClock.maxWaitMilliseconds)) AND job.id = (
                    SELECT MIN(other.id) FROM job AS other WHERE other.connection_id = job.connection_id
                    AND \(isOpen) AND other.state = 'waiting' AND other.attempts = 0 AND other.source = job.source))))
        """
    }

    /// As ``EngineStore/renewLease(_:by:until:)``.
    package func renewLease(_ id: TicketJob.ID, by holder: ProcessID, until: Date) throws -> Bool {
        try database.run(
            "UPDATE job SET leased_until = ? WHERE id = ? AND lease_holder = ?",
            [until.storedMilliseconds, .integer(id.rawValue), .text(holder.rawValue)]) == 1
    }

    /// As ``EngineStore/recordIntent(_:on:for:by:now:)``.
    package func recordIntent(
        _ id: TicketJob.ID, on ticket: PostedTicket?, for company: CompanyResolution, by holder: ProcessID, now: Date
    ) throws -> Bool {
        try database.run(
            """
            UPDATE job SET ticket_id = ?, ticket_number = ?, ticket_address = ?, ticket_company = ?, resolved_company = ?,
                unresolved_reason = ?, problem = NULL, cause = NULL
            WHERE id = ? AND lease_holder = ? AND state = 'sending' AND leased_until > ?
            """,
            [
                SQLValue(ticket?.id), SQLValue(ticket?.number), SQLValue(ticket?.webAddress), SQLValue(ticket?.company),
                SQLValue(company.storedID), SQLValue(company.reason?.rawValue), .integer(id.rawValue), .text(holder.rawValue),
                now.storedMilliseconds,
            ]) == 1
    }

    // MARK: Outcomes

    /// Stores the outcome of a leased job and releases the lease.
    ///
    /// A job that would be sent again, and whose source was removed, is dropped instead.
    ///
    /// - Returns: The job as it was, and what changed for its source; nil if the process does not hold the lease any more.
    package func complete(
        _ id: TicketJob.ID, by holder: ProcessID, _ outcome: JobOutcome, at time: Date
    ) throws -> (job: TicketJob, change: SourceChange?)? {
        let row = try database.first(
            "SELECT * FROM job WHERE id = ? AND lease_holder = ?", [.integer(id.rawValue), .text(holder.rawValue)])
        guard let job = try row?.job() else { return nil }
        let isOrphan = try job.source.map(isRemoved) ?? false
        var outcome = outcome
        if isOrphan, [.waiting, .checking].contains(outcome.state.name) {
            outcome.state = .dropped
            outcome.remark = JobRemark.sourceRemoved.stored
        }
        try AttemptTables(database).add(to: id) { JobAttempt($0, of: job, outcome, at: time) }
        try apply(outcome, to: id, at: time)
        var change: SourceChange?
        if let source = job.source {
            if isOrphan { try forget(source) }
            if let code = outcome.pauses, !isOrphan { change = try pause(source, code, for: id, outcome, at: time) }
            if outcome.state.isWritten, try resume(source, at: time) { change = .resumed(source) }
        }
        if outcome.backsOffConnection {
            // Slightly earlier than this one, so that they take turns and none blocks the others.
            let due = outcome.dueAt.addingTimeInterval(-0.001).storedMilliseconds
            try database.run(
                "UPDATE job SET due_at = ?1 WHERE connection_id = ?2 AND \(Self.isOpen) AND state = 'waiting' AND due_at < ?1 AND id <> ?3",
                [due, .text(job.connection.rawValue), .integer(id.rawValue)])
        }
        return (job, change)
    }

    /// Pauses a source, and sets when one job of it is tried: at once for a second opinion, later ones from time to time, and on credentials
    /// late, because accounts get locked.
    private func pause(
        _ source: JobSource, _ code: ErrorCode, for id: TicketJob.ID, _ outcome: JobOutcome, at time: Date
    ) throws -> SourceChange? {
        let id = SQLValue.integer(id.rawValue)
        let isPaused =
            try database.first("SELECT refused_code FROM job_source WHERE id = ?", [.text(source.rawValue)])?.optionalText("refused_code")
            != nil
        let isProbed = FailureScope(code) == .source
        let probeAt = isProbed && !isPaused ? time : max(outcome.dueAt, time.addingTimeInterval(60))
        try database.run(
            """
            INSERT INTO job_source (id, is_enabled, refused_code, probe_at) VALUES (?1, 1, ?2, ?3)
            ON CONFLICT (id) DO UPDATE SET refused_code = COALESCE(job_source.refused_code, ?2), probe_at = ?3
            """, [.text(source.rawValue), .text(code.rawValue), probeAt.storedMilliseconds])
        if isProbed {
            try database.run("UPDATE job SET refused_at = COALESCE(refused_at, ?) WHERE id = ?", [time.storedMilliseconds, id])
        }
        return isPaused ? nil : .paused(source, code)
    }

    /// Resumes a paused source, and makes its waiting jobs due.
    private func resume(_ source: JobSource, at time: Date) throws -> Bool {
        let count = try database.run(
            "UPDATE job_source SET refused_code = NULL WHERE id = ? AND refused_code IS NOT NULL", [.text(source.rawValue)])
        guard count == 1 else { return false }
        try database.run(
            "UPDATE job SET due_at = ?1 WHERE source = ?2 AND \(Self.isOpen) AND state = 'waiting' AND due_at > ?1",
            [time.storedMilliseconds, .text(source.rawValue)])
        return true
    }

    /// Stores an outcome and releases the lease.
    ///
    /// As long as a note may have been added, its ticket is kept.
    private func apply(_ outcome: JobOutcome, to id: TicketJob.ID, mayBeReferred: Bool = false, at time: Date) throws {
        let state = outcome.state
        try database.run(
            """
            UPDATE job SET state = ?, reason = ?, problem = ?, cause = ?, remark = ?, attempts = ?, search_attempts = ?, due_at = ?,
                changed_at = ?, lease_holder = NULL, leased_until = NULL, appends_since = CASE WHEN ? = 1 THEN NULL ELSE appends_since END
            WHERE id = ?
            """,
            [
                .text(state.name.rawValue), SQLValue(state.storedReason), SQLValue(state.problem ?? outcome.cause?.problem),
                SQLValue(outcome.cause?.code.rawValue), .text(outcome.remark), .integer(Int64(outcome.attempts)),
                .integer(Int64(outcome.searchAttempts)), outcome.dueAt.storedMilliseconds, time.storedMilliseconds,
                SQLValue(outcome.startsOwnTicket), .integer(id.rawValue),
            ])
        if !state.mayBeSent { try removeFiles(of: id) }
        try UploadTables(database).settle(id, mayBeReferred: mayBeReferred, at: time)
        guard ![.unknown, .failed].contains(state.name), !state.isOutcomeUnknown else { return }
        try database.run(
            "UPDATE job SET ticket_id = ?, ticket_number = ?, ticket_address = ?, ticket_company = ? WHERE id = ?",
            [
                SQLValue(state.ticket?.id), SQLValue(state.ticket?.number), SQLValue(state.ticket?.webAddress),
                SQLValue(state.ticket?.company), .integer(id.rawValue),
            ])
    }

    /// As ``EngineStore/predecessors(of:for:since:before:isSameOrigin:limit:)``.
    package func predecessors(
        of job: TicketJob, for company: CompanyResolution, since time: Date, before place: TicketJob.ID?, isSameOrigin: Bool, limit: Int
    ) throws -> [TicketJob] {
        // Each form of the condition uses the index.
        let isSameSource = job.source == nil ? "source IS NULL AND CAST(?1 AS TEXT) IS NULL" : "source = ?1"
        let isSameSubject =
            "\(isSameSource) AND connection_id = ?2 AND device_key = ?3 AND id < ?4 AND created_at BETWEEN ?5 AND ?9"
        // A note says nothing of the age of its ticket: that is the age of the job that created it.
        return try database.query(
            """
            SELECT * FROM job
            WHERE \(isSameSubject)
            AND operation = 'create_ticket'
            AND (state IN ('waiting', 'sending', 'unknown', 'created') OR state = 'needs_review' AND reason = 'outcome_unknown'
                OR state = 'appended' AND ticket_id IN (SELECT ticket_id FROM job WHERE \(isSameSubject) AND state = 'created'))
            AND (resolved_company = ?10 OR resolved_company IS NULL AND unresolved_reason IS NULL)
            AND (?6 = 0 OR origin = ?7)
            ORDER BY id DESC LIMIT ?8
            """,
            [
                SQLValue(job.source?.rawValue), .text(job.connection.rawValue), .text(job.payload.deviceKey),
                .integer((place ?? job.id).rawValue), time.storedMilliseconds, SQLValue(isSameOrigin), .text(job.payload.origin),
                .integer(Int64(limit)),
                WrongClock.latest(at: job.createdAt).storedMilliseconds, SQLValue(company.storedID),
            ]
        ).map { try $0.job() }
    }

    /// Whether a job of a source was written since a time; writes of the future do not count, see ``WrongClock``.
    package func hasWritten(_ source: JobSource, since time: Date) throws -> Bool {
        try database.first(
            "SELECT 1 FROM job WHERE source = ? AND \(Self.isWritten) AND changed_at BETWEEN ? AND ?",
            [.text(source.rawValue), time.storedMilliseconds, WrongClock.latestWrite(since: time).storedMilliseconds]) != nil
    }

    /// Makes the waiting jobs of a connection due.
    package func wake(_ connection: ConnectionID, at time: Date) throws {
        try database.run(
            "UPDATE job SET due_at = ?1 WHERE connection_id = ?2 AND \(Self.isOpen) AND state IN ('waiting', 'checking') AND due_at > ?1",
            [time.storedMilliseconds, .text(connection.rawValue)])
    }

    // MARK: Decisions by people

    /// As ``EngineStore/decide(_:from:to:at:)``.
    package func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date) throws {
        guard let job = try job(id) else { throw StoreError.notFound }
        guard job.state == state else { throw StoreError.stale }
        try AttemptTables(database).add(to: id) {
            JobAttempt(
                number: $0, at: time, kind: .decision, state: outcome.state.name, reason: outcome.state.reasonText, remark: outcome.remark)
        }
        try apply(outcome, to: id, mayBeReferred: state.isOutcomeUnknown, at: time)
        // The age is measured from the decision.
        try database.run("UPDATE job SET wanted_since = ? WHERE id = ?", [time.storedMilliseconds, .integer(id.rawValue)])
    }

    /// Replaces the payload of a failed job with a corrected one, and sends it with the files that it has.
    ///
    /// - Throws: ``EnqueueError`` if a text exceeds its limit, ``StoreError/stale`` if the job is in another state, ``StoreError/notFound``.
    package func resend(_ id: TicketJob.ID, as payload: TicketJob.Payload, at time: Date) throws {
        try payload.validateSizes()
        guard let row = try database.first("SELECT state FROM job WHERE id = ?", [.integer(id.rawValue)]) else {
            throw StoreError.notFound
        }
        guard try row.jobStateName() == .failed else { throw StoreError.stale }
        try AttemptTables(database).add(to: id) { JobAttempt(number: $0, at: time, kind: .decision, state: .unknown) }
        // A connector may have failed after the PSA had stored the write; one search costs little.
        try database.run(
            """
            UPDATE job SET summary = ?, details = ?, company = ?, company_id = ?, device = ?, device_key = ?, type = ?, status = ?,
                priority = ?, fields = ?, note = ?, state = 'unknown', reason = NULL, problem = NULL, cause = NULL, refused_at = NULL, attempts = 0,
                search_attempts = ?, due_at = ?, wanted_since = ?, changed_at = ? WHERE id = ?
            """,
            [
                .text(payload.summary), .text(payload.details), .text(payload.company), .text(payload.companyID), .text(payload.device),
                .text(payload.deviceKey), .text(payload.type), .text(payload.status), .text(payload.priority),
                SQLValue(payload.fields), .text(payload.note), .integer(Int64(OutboxPolicy.searchAttemptsBeforeTheLast)),
                time.storedMilliseconds, time.storedMilliseconds,
                time.storedMilliseconds, .integer(id.rawValue),
            ])
    }

    /// Releases or drops the jobs of a source that need review and for which nothing was sent; returns how many.
    package func decideReviews(of source: JobSource, release: Bool, at time: Date) throws -> Int {
        let state = release ? TicketJob.State.Name.waiting : .dropped
        let jobs = try database.query(
            "SELECT id FROM job WHERE source = ? AND state = 'needs_review' AND reason <> 'outcome_unknown'", [.text(source.rawValue)])
        for row in jobs {
            try AttemptTables(database).add(to: TicketJob.ID(rawValue: try row.integer("id"))) {
                JobAttempt(number: $0, at: time, kind: .decision, state: state)
            }
        }
        let count = try database.run(
            """
            UPDATE job SET state = ?1, reason = NULL, due_at = ?2, wanted_since = ?2, changed_at = ?2
            WHERE source = ?3 AND state = 'needs_review' AND reason <> 'outcome_unknown'
            """,
            [
                .text(state.rawValue), time.storedMilliseconds, .text(source.rawValue),
            ])
        if !release {
            try removeFiles()
            try UploadTables(database).settle(nil, at: time)
        }
        return count
    }

    // MARK: Sources

    /// Enables or disables a source, and resumes it if requested.
    package func setSource(_ source: JobSource, isEnabled: Bool, resumes: Bool) throws {
        try database.run(
            """
            INSERT INTO job_source (id, is_enabled) VALUES (?1, ?2)
            ON CONFLICT (id) DO UPDATE SET is_enabled = ?2, refused_code = CASE WHEN ?3 = 1 THEN NULL ELSE job_source.refused_code END
            """, [.text(source.rawValue), SQLValue(isEnabled), SQLValue(resumes)])
    }

    /// Removes a source and drops its jobs that were not sent; jobs that may have been sent continue until their outcome is known, and are
    /// dropped if they were not.
    package func removeSource(_ source: JobSource, at time: Date) throws {
        try database.run(
            """
            INSERT INTO job_source (id, is_enabled) VALUES (?1, ?2)
            ON CONFLICT (id) DO UPDATE SET is_enabled = ?2, refused_code = NULL, probe_at = NULL
            """, [.text(source.rawValue), .integer(Int64(Self.isRemoved))])
        try forget(source)
        try database.run(
            """
            UPDATE job SET state = 'dropped', changed_at = ? WHERE source = ?
            AND state IN ('checking', 'waiting', 'needs_review') AND (state <> 'needs_review' OR reason <> 'outcome_unknown')
            """, [time.storedMilliseconds, .text(source.rawValue)])
        try removeFiles()
        try UploadTables(database).settle(nil, at: time)
    }

    /// Whether a source was removed while jobs of it were being written.
    private func isRemoved(_ source: JobSource) throws -> Bool {
        let row = try database.first("SELECT is_enabled FROM job_source WHERE id = ?", [.text(source.rawValue)])
        return try row?.integer("is_enabled") == Int64(Self.isRemoved)
    }

    /// Forgets a removed source once no job of it may be written any more.
    private func forget(_ source: JobSource) throws {
        try database.run(
            """
            DELETE FROM job_source WHERE id = ?1
            AND NOT EXISTS (SELECT 1 FROM job_count WHERE source = ?1 AND state IN ('sending', 'unknown') AND count > 0)
            """, [.text(source.rawValue)])
    }

    /// Returns the paused sources, with the error code that paused each.
    package func pausedSources() throws -> [JobSource: ErrorCode] {
        var paused: [JobSource: ErrorCode] = [:]
        for row in try database.query("SELECT id, refused_code FROM job_source WHERE refused_code IS NOT NULL") {
            paused[JobSource(rawValue: try row.text("id"))] = ErrorCode(rawValue: try row.text("refused_code"))
        }
        return paused
    }

    /// As ``EngineStore/resumeSources(of:)``.
    package func resumeSources(of connection: ConnectionID) throws -> [JobSource] {
        let rows = try database.query(
            """
            SELECT id FROM job_source WHERE refused_code IS NOT NULL
            AND EXISTS (SELECT 1 FROM job WHERE job.source = job_source.id AND job.connection_id = ?) ORDER BY id
            """, [.text(connection.rawValue)])
        return try rows.map { row in
            let source = try row.text("id")
            try database.run("UPDATE job_source SET refused_code = NULL WHERE id = ?", [.text(source)])
            return JobSource(rawValue: source)
        }
    }

    // MARK: Preconditions

    /// The jobs of a connection in the state `checking` that are due, in the order of creation.
    ///
    /// While the host could not decide and retries later, new jobs wait for that retry, and are not among them.
    package func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) throws -> [TicketJob] {
        let end = LeaseLimit(now: now, lease: lease).end
        try database.run(
            """
            UPDATE job \(byProgress)
            SET due_at = (SELECT MAX(due_at) FROM job \(byProgress) WHERE \(Self.isPostponed)), changed_at = ?2
            WHERE \(Self.isChecking) AND due_at <= ?2 AND EXISTS (SELECT 1 FROM job \(byProgress) WHERE \(Self.isPostponed))
            """, [.text(connection.rawValue), now.storedMilliseconds, end])
        return try database.query(
            "SELECT * FROM job \(byProgress) WHERE \(Self.isChecking) AND (due_at <= ?2 OR changed_at > ?3) ORDER BY id LIMIT ?4",
            [.text(connection.rawValue), now.storedMilliseconds, end, .integer(Int64(limit))]
        ).map { try $0.job() }
    }

    /// What was tried without a result and waits for the next try; not by a clock that has been set back since.
    private static let isPostponed = "\(isChecking) AND attempts > 0 AND due_at > ?2 AND changed_at <= ?3"

    private static let isChecking = "connection_id = ?1 AND \(isInProgress) AND state = 'checking'"

    /// Postpones the jobs of a connection in the state `checking`.
    package func postponeChecks(of connection: ConnectionID, until due: Date, at time: Date) throws {
        try database.run(
            "UPDATE job \(byProgress) SET due_at = ?2, attempts = attempts + 1, changed_at = ?3 WHERE \(Self.isChecking)",
            [.text(connection.rawValue), due.storedMilliseconds, time.storedMilliseconds])
    }

    /// A job in the state `checking`, or nil if it is in another state by now.
    package func checkingJob(_ id: TicketJob.ID) throws -> TicketJob? {
        try database.first("SELECT * FROM job WHERE id = ? AND state = 'checking'", [.integer(id.rawValue)])?.job()
    }

    /// Stores what the host decided about a job in the state `checking`, and the company that it decided for; nil for none.
    package func finishCheck(
        _ id: TicketJob.ID, _ state: TicketJob.State, for company: Company.ID? = nil, dueAt: Date, at time: Date
    ) throws {
        if state.name != .checking {
            try AttemptTables(database).add(to: id) {
                JobAttempt(number: $0, at: time, kind: .check, state: state.name, reason: state.reasonText)
            }
        }
        try database.run(
            """
            UPDATE job SET state = ?, reason = ?, resolved_company = ?, unresolved_reason = NULL, attempts = 0, due_at = ?, changed_at = ?
            WHERE id = ? AND state = 'checking'
            """,
            [
                .text(state.name.rawValue), SQLValue(state.storedReason), SQLValue(company?.rawValue), dueAt.storedMilliseconds,
                time.storedMilliseconds, .integer(id.rawValue),
            ])
        if !state.mayBeSent { try removeFiles(of: id) }
        try UploadTables(database).settle(id, at: time)
    }
}

/// The latest plausible end of a lease; a later one was written before the clock was set back.
///
/// Processes on one store share a clock, and renew their leases well before they end.
private struct LeaseLimit {
    let end: SQLValue

    init(now: Date, lease: Duration) { end = now.addingTimeInterval(2 * lease.seconds).storedMilliseconds }
}

extension TicketJob.Filter {
    fileprivate var condition: (sql: String, values: [SQLValue]) {
        let parts = [
            ("source", source?.rawValue), ("connection_id", connection?.rawValue), ("state", state?.rawValue), ("reason", reason?.rawValue),
        ]
        let given = parts.compactMap { column, value in value.map { (column, $0) } }
        let isReview = reason == nil ? "" : " AND state = 'needs_review'"
        return (given.map { "AND \($0.0) = ?" }.joined(separator: " ") + isReview, given.map { .text($0.1) })
    }
}

extension TicketJob.State {
    /// The part of the state that is kept in the column `reason`.
    fileprivate var storedReason: String? {
        switch self {
        case .skipped(let why): why
        case .failed(let code, _): code.rawValue
        case .needsReview(let reason): reason.rawValue
        default: nil
        }
    }
}

extension CompanyResolution {
    /// The company's id as it is stored: empty where the job names none, nil where it was not found.
    fileprivate var storedID: String? {
        switch self {
        case .notNamed: ""
        case .resolved(let id): id.rawValue
        case .unresolved: nil
        }
    }
}

extension Row {
    /// What decisions on many jobs need of a job.
    fileprivate func candidate() throws -> JobCandidate {
        guard let connection = ConnectionID(try text("connection_id")),
            let operation = TicketJob.Operation.Name(rawValue: try text("operation"))
        else { throw StoredRowError.unreadable(table: "job") }
        return JobCandidate(
            id: TicketJob.ID(rawValue: try integer("id")), state: try jobStateName(),
            isOutcomeUnknown: try optionalText("reason") == ReviewReason.outcomeUnknown.rawValue,
            source: try optionalText("source").map(JobSource.init(rawValue:)), connection: connection, operation: operation)
    }

    fileprivate func jobStateName() throws -> TicketJob.State.Name {
        guard let name = TicketJob.State.Name(rawValue: try text("state")) else { throw StoredRowError.unreadable(table: "job") }
        return name
    }

    /// The job in a row of its table.
    fileprivate func job() throws -> TicketJob {
        guard let connection = ConnectionID(try text("connection_id")), let key = IdempotencyKey(try text("idempotency_key")) else {
            throw StoredRowError.unreadable(table: "job")
        }
        let state = try jobState()
        return TicketJob(
            id: TicketJob.ID(rawValue: try integer("id")), connection: connection, key: key,
            reference: WriteReference(rawValue: try text("reference")), source: try optionalText("source").map(JobSource.init(rawValue:)),
            payload: try payload(), attachments: try attachments("attachments"), company: try company(),
            precondition: try optionalText("precondition").map(JobPrecondition.init(rawValue:)), state: state, cause: try cause(),
            remark: try text("remark"),
            refusedAt: try optionalInteger("refused_at").map(Date.init(storedMilliseconds:)), attempts: try count("attempts"),
            searchAttempts: try count("search_attempts"),
            target: try optionalText("ticket_id") == nil || state.ticket != nil ? nil : try postedTicket(),
            dueAt: Date(storedMilliseconds: try integer("due_at")), createdAt: Date(storedMilliseconds: try integer("created_at")),
            wantedSince: Date(storedMilliseconds: try integer("wanted_since")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")))
    }

    private func payload() throws -> TicketJob.Payload {
        TicketJob.Payload(
            operation: try operation(), summary: try text("summary"), details: try text("details"), company: try text("company"),
            companyID: try text("company_id"), device: try text("device"), type: try text("type"), status: try text("status"),
            priority: try text("priority"), fields: try ticketFields("fields", table: "job"), note: try text("note"),
            appendsSince: try optionalInteger("appends_since").map(Date.init(storedMilliseconds:)),
            origin: try text("origin"))
    }

    private func operation() throws -> TicketJob.Operation {
        guard let name = TicketJob.Operation.Name(rawValue: try text("operation")) else { throw StoredRowError.unreadable(table: "job") }
        if name == .createTicket { return .createTicket }
        guard let ticket = try optionalText("operation_ticket").flatMap(Ticket.ID.init) else {
            throw StoredRowError.unreadable(table: "job")
        }
        switch name {
        case .createTicket: return .createTicket
        case .addNote: return .addNote(ticket)
        case .reply: return .reply(ticket)
        case .changeStatus: return .changeStatus(ticket)
        }
    }

    private func company() throws -> CompanyResolution? {
        if let reason = try optionalText("unresolved_reason") {
            guard let reason = UnresolvedReason(rawValue: reason) else { throw StoredRowError.unreadable(table: "job") }
            return .unresolved(reason)
        }
        return try optionalText("resolved_company").map { id in Company.ID(id).map { .resolved($0) } ?? .notNamed }
    }

    private func cause() throws -> FailureCause? {
        guard let code = try optionalText("cause").flatMap(ErrorCode.init(rawValue:)) else { return nil }
        return FailureCause(code: code, problem: try optionalText("problem") ?? "")
    }

    private func jobState() throws -> TicketJob.State {
        switch try jobStateName() {
        case .wouldCreate: return .wouldCreate
        case .checking: return .checking(JobPrecondition(rawValue: try text("precondition")))
        case .waiting: return .waiting
        case .sending:
            let until = Date(storedMilliseconds: try integer("leased_until"))
            return .sending(leaseHolder: ProcessID(rawValue: try text("lease_holder")), until: until)
        case .created: return .created(try postedTicket())
        case .appended: return .appended(try postedTicket())
        case .replied: return .replied(try postedTicket())
        case .statusChanged: return .statusChanged(try postedTicket())
        case .skipped: return .skipped(try text("reason"))
        case .failed:
            guard let code = ErrorCode(rawValue: try text("reason")) else { throw StoredRowError.unreadable(table: "job") }
            return .failed(code, problem: try text("problem"))
        case .unknown: return .unknown
        case .needsReview: return .needsReview(ReviewReason(rawValue: try text("reason")))
        case .dropped: return .dropped
        }
    }

    private func postedTicket() throws -> PostedTicket {
        PostedTicket(
            id: try text("ticket_id"), number: try text("ticket_number"), webAddress: try optionalText("ticket_address"),
            company: try optionalText("ticket_company"))
    }
}
