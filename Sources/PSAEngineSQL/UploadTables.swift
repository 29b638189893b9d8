package import FoundationEssentials
package import PSACore
package import PSAEngine
package import SQL

/// The table of uploads, within a transaction of the host.
package struct UploadTables {
    private let database: any Database

    /// Accesses the table within the current transaction of a database.
    package init(_ database: any Database) { self.database = database }

    /// As ``EngineStore/uploads(of:)``.
    package func uploads(of job: TicketJob.ID) throws -> [JobUpload] {
        try database.query(
            "SELECT * FROM upload WHERE job_id = ? AND state <> 'orphaned' ORDER BY place", [.integer(job.rawValue)]
        ).map { try $0.upload() }
    }

    /// As ``EngineStore/beginUpload(_:_:of:by:now:)``.
    package func begin(
        _ place: Int, _ attachment: JobAttachment, of job: TicketJob.ID, by holder: ProcessID, now: Date
    ) throws -> JobUpload.ID? {
        let leased = try database.first(
            "SELECT connection_id FROM job WHERE id = ? AND lease_holder = ? AND state = 'sending' AND leased_until > ?",
            [.integer(job.rawValue), .text(holder.rawValue), now.storedMilliseconds])
        guard let connection = try leased?.text("connection_id") else { return nil }
        // A process has ended while it uploaded the same file: the PSA may have it.
        try database.run(
            "UPDATE upload SET state = 'orphaned' WHERE job_id = ? AND place = ? AND state = 'begun'",
            [.integer(job.rawValue), .integer(Int64(place))])
        let id = try database.insert(
            """
            INSERT INTO upload (connection_id, job_id, place, name, media_type, byte_count, state, begun_at, discard_attempts)
            VALUES (?, ?, ?, ?, ?, ?, 'begun', ?, 0)
            """,
            [
                .text(connection), .integer(job.rawValue), .integer(Int64(place)), .text(attachment.name), .text(attachment.mediaType),
                .integer(Int64(attachment.byteCount)), now.storedMilliseconds,
            ])
        return JobUpload.ID(rawValue: id)
    }

    /// As ``EngineStore/finishUpload(_:as:at:)``.
    package func finish(_ id: JobUpload.ID, as uploaded: UploadedAttachment, at time: Date) throws {
        try database.run(
            """
            UPDATE upload SET vendor_id = ?2, name = ?3, media_type = ?4, byte_count = ?5,
                discard_at = CASE WHEN state = 'orphaned' THEN ?6 END, state = CASE WHEN state = 'begun' THEN 'uploaded' ELSE state END
            WHERE id = ?1
            """,
            [
                .integer(id.rawValue), .text(uploaded.id.rawValue), .text(uploaded.name), .text(uploaded.mediaType),
                .integer(Int64(uploaded.byteCount)), time.storedMilliseconds,
            ])
    }

    /// As ``EngineStore/failUpload(_:mayExist:)``.
    package func fail(_ id: JobUpload.ID, mayExist: Bool) throws {
        let sql = mayExist ? "UPDATE upload SET state = 'orphaned' WHERE id = ?" : "DELETE FROM upload WHERE id = ?"
        try database.run(sql, [.integer(id.rawValue)])
    }

    /// As ``EngineStore/orphanUploads(of:)``.
    package func orphans(of connection: ConnectionID?) throws -> [JobUpload] {
        try database.query(
            "SELECT * FROM upload WHERE state = 'orphaned' AND (?1 IS NULL OR connection_id = ?1) ORDER BY id",
            [SQLValue(connection?.rawValue)]
        ).map { try $0.upload() }
    }

    /// As ``EngineStore/removeUpload(_:)``.
    package func remove(_ id: JobUpload.ID) throws {
        guard try database.run("DELETE FROM upload WHERE id = ? AND state = 'orphaned'", [.integer(id.rawValue)]) == 1 else {
            throw StoreError.notFound
        }
    }

    /// As ``EngineStore/postponeDiscard(_:until:)``.
    package func postponeDiscard(_ id: JobUpload.ID, until time: Date?) throws {
        try database.run(
            "UPDATE upload SET discard_at = ?, discard_attempts = discard_attempts + 1 WHERE id = ?",
            [time?.storedMilliseconds ?? .null, .integer(id.rawValue)])
    }

    /// The connections with uploads to delete, each with the earliest time.
    func dueDiscards() throws -> [(connection: ConnectionID, time: Date)] {
        try database.query(
            "SELECT connection_id, MIN(discard_at) AS due FROM upload WHERE discard_at IS NOT NULL GROUP BY connection_id"
        ).compactMap { row in
            try ConnectionID(try row.text("connection_id")).map { ($0, Date(storedMilliseconds: try row.integer("due"))) }
        }
    }

    /// Ends the uploads of jobs by their states, as ``JobUpload/ending(for:)`` says; of all jobs if none is named.
    ///
    /// - Parameters:
    ///   - job: The job; nil for all.
    ///   - mayBeReferred: Whether the job ends without knowing whether a ticket refers to its uploads, which are only listed then.
    ///   - time: The present.
    /// - Throws: Errors of the database.
    func settle(_ job: TicketJob.ID?, mayBeReferred: Bool = false, at time: Date) throws {
        let isMeant = "(?1 IS NULL OR job_id = ?1) AND (SELECT state FROM job WHERE job.id = upload.job_id)"
        let id: SQLValue = job.map { .integer($0.rawValue) } ?? .null
        try database.run("DELETE FROM upload WHERE state = 'uploaded' AND \(isMeant) IN (\(Self.names(.attached)))", [id])
        try database.run(
            """
            UPDATE upload SET state = 'orphaned', discard_at = CASE WHEN vendor_id IS NOT NULL AND ?3 = 0 THEN ?2 END
            WHERE state <> 'orphaned' AND \(isMeant) IN (\(Self.names(.attached)), \(Self.names(.discarded)))
            """, [id, time.storedMilliseconds, SQLValue(mayBeReferred)])
    }

    private static func names(_ ending: JobUpload.Ending) -> String {
        TicketJob.State.Name.allCases.filter { JobUpload.ending(for: $0) == ending }.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }
}

extension Row {
    fileprivate func upload() throws -> JobUpload {
        guard let connection = ConnectionID(try text("connection_id")), let state = JobUpload.State(rawValue: try text("state")) else {
            throw StoredRowError.unreadable(table: "upload")
        }
        return JobUpload(
            id: JobUpload.ID(rawValue: try integer("id")), connection: connection, job: TicketJob.ID(rawValue: try integer("job_id")),
            place: try count("place"),
            attachment: JobAttachment(
                name: try text("name"), mediaType: try text("media_type"), byteCount: try count("byte_count")),
            state: state, vendorID: try optionalText("vendor_id").flatMap { UploadedAttachment.ID($0) },
            begunAt: Date(storedMilliseconds: try integer("begun_at")),
            discardAt: try optionalInteger("discard_at").map(Date.init(storedMilliseconds:)),
            discardAttempts: try count("discard_attempts"))
    }
}
