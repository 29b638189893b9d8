import FoundationEssentials
import PSACore
package import PSAEngine
package import SQL

extension TicketJob.Filter {
    /// Whether texts are searched.
    package var isSearch: Bool { text != nil || company != nil || device != nil }
}

/// The statement that reads the jobs that match a filter: an index finds what it can, and at most a window of jobs is looked at for the
/// rest.
struct JobSearch: Sendable {
    private let indexed: (sql: String, values: [SQLValue])
    private let other: [(sql: String, values: [SQLValue])]
    /// The last job of the window; nil if the window holds all that an index finds.
    let end: TicketJob.ID?

    /// Prepares the statement.
    ///
    /// - Parameters:
    ///   - filter: The filter.
    ///   - place: The job before which the page begins; nil for the newest.
    ///   - last: The newest job that may match; nil for every job.
    ///   - database: Where the first and the last job of the filter’s time are found.
    /// - Throws: Errors of the database.
    init(_ filter: TicketJob.Filter, before place: TicketJob.ID?, upTo last: TicketJob.ID? = nil, _ database: any Database) throws {
        // A condition on the id is always there, for the order of the index.
        var indexed: [(String, SQLValue)] = [
            place.map { ("id < ?", .integer($0.rawValue)) } ?? ("id <= ?", .integer(last?.rawValue ?? .max))
        ]
        if let source = filter.source { indexed.append(("source = ?", .text(source.rawValue))) }
        if let state = filter.reason == nil ? filter.state : .needsReview { indexed.append(("state = ?", .text(state.rawValue))) }
        if let reason = filter.reason { indexed.append(("reason = ?", .text(reason.rawValue))) }
        if let end = filter.createdBefore {
            let bound = end.addingTimeInterval(TicketJob.Filter.clockMargin).storedMilliseconds
            let last = try database.first("SELECT id FROM job WHERE created_at < ? ORDER BY created_at DESC LIMIT 1", [bound])
            indexed.append(("id <= ?", .integer(try last?.integer("id") ?? 0)))
        }
        if let start = filter.createdFrom {
            let bound = start.addingTimeInterval(-TicketJob.Filter.clockMargin).storedMilliseconds
            let first = try database.first("SELECT id FROM job WHERE created_at >= ? ORDER BY created_at LIMIT 1", [bound])
            indexed.append(("id >= ?", .integer(try first?.integer("id") ?? .max)))
        }
        self.indexed = (indexed.map(\.0).joined(separator: " AND "), indexed.map(\.1))
        // As expressions, so that no index on these columns is preferred to the order of the window.
        var other: [(String, [SQLValue])] = []
        if let connection = filter.connection { other.append(("connection_id || '' = ?", [.text(connection.rawValue)])) }
        if let text = filter.text {
            other.append(("(instr(lower(summary), lower(?)) > 0 OR instr(lower(details), lower(?)) > 0)", [.text(text), .text(text)]))
        }
        if let company = filter.company {
            other.append(("(instr(lower(company), lower(?)) > 0 OR company_id = ?)", [.text(company), .text(company)]))
        }
        if let device = filter.device { other.append(("instr(lower(device), lower(?)) > 0", [.text(device)])) }
        if let hasOrigin = filter.hasOrigin { other.append((hasOrigin ? "origin <> ''" : "origin = ''", [])) }
        if let start = filter.createdFrom { other.append(("created_at + 0 >= ?", [start.storedMilliseconds])) }
        if let end = filter.createdBefore { other.append(("created_at + 0 < ?", [end.storedMilliseconds])) }
        self.other = other
        guard !other.isEmpty else {
            end = nil
            return
        }
        let row = try database.first(
            "SELECT id FROM job WHERE \(self.indexed.sql) ORDER BY id DESC LIMIT 1 OFFSET \(TicketJob.Filter.searchWindow - 1)",
            self.indexed.values)
        end = try row.map { TicketJob.ID(rawValue: try $0.integer("id")) }
    }

    /// The statement for some columns of the first jobs.
    func select(_ columns: String, limit: Int) -> (sql: String, values: [SQLValue]) {
        let conditions = [indexed.sql] + other.map(\.sql) + (end == nil ? [] : ["id >= ?"])
        let values = indexed.values + other.flatMap(\.values) + (end.map { [.integer($0.rawValue)] } ?? [])
        return (
            "SELECT \(columns) FROM job WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT ?",
            values + [.integer(Int64(limit))]
        )
    }
}

/// The attempts of jobs, within a transaction of the host.
package struct AttemptTables {
    private let database: any Database

    /// Accesses the table within the current transaction of a database.
    package init(_ database: any Database) { self.database = database }

    /// As ``EngineStore/attempts(of:)``.
    package func attempts(of job: TicketJob.ID) throws -> [JobAttempt] {
        try database.query("SELECT * FROM job_attempt WHERE job_id = ? ORDER BY number DESC", [.integer(job.rawValue)]).map { row in
            guard let kind = JobAttempt.Kind(rawValue: try row.text("kind")),
                let state = TicketJob.State.Name(rawValue: try row.text("state"))
            else { throw StoredRowError.unreadable(table: "job_attempt") }
            return JobAttempt(
                number: try row.count("number"), at: Date(storedMilliseconds: try row.integer("at")), kind: kind, state: state,
                reason: try row.text("reason"), code: try row.optionalText("code").flatMap(ErrorCode.init(rawValue:)),
                problem: try row.text("problem"), remark: try row.text("remark"), correlationID: try row.optionalText("correlation_id"))
        }
    }

    /// Adds an attempt with the next number, and removes what exceeds the limit.
    func add(to job: TicketJob.ID, _ attempt: (Int) -> JobAttempt) throws {
        let id = SQLValue.integer(job.rawValue)
        let latest = try database.first("SELECT MAX(number) AS latest FROM job_attempt WHERE job_id = ?", [id])?.optionalInteger("latest")
        let attempt = attempt(Int(latest ?? 0) + 1)
        try database.run(
            """
            INSERT INTO job_attempt (job_id, number, at, kind, state, reason, code, problem, remark, correlation_id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                id, .integer(Int64(attempt.number)), attempt.at.storedMilliseconds, .text(attempt.kind.rawValue),
                .text(attempt.state.rawValue), .text(attempt.reason), SQLValue(attempt.code?.rawValue), .text(attempt.problem),
                .text(attempt.remark), SQLValue(attempt.correlationID),
            ])
        guard attempt.number > JobAttempt.limit else { return }
        try database.run(
            "DELETE FROM job_attempt WHERE job_id = ? AND number <= ?", [id, .integer(Int64(attempt.number - JobAttempt.limit))])
    }
}
