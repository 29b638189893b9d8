import FoundationEssentials
import PSACore
import SQLite

extension SQLiteStorage {
    func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob] {
        let (condition, values) = filter.condition
        return try await queue.read { database in
            try database.query(
                "SELECT * FROM job WHERE id < ? \(condition) ORDER BY id DESC LIMIT ?",
                [.integer(place?.rawValue ?? .max)] + values + [.integer(Int64(limit))]
            ).map { try $0.job() }
        }
    }

    func job(_ id: TicketJob.ID) async throws -> TicketJob? {
        try await queue.read { try $0.first("SELECT * FROM job WHERE id = ?", [.integer(id.rawValue)])?.job() }
    }

    func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts {
        let (condition, values) = filter.condition
        return try await queue.read { database in
            let rows = try database.query(
                """
                SELECT state, COUNT(*) AS count, SUM(state = 'needs_review' AND reason = 'outcome_unknown') AS outcome_unknown
                FROM job WHERE 1 \(condition) GROUP BY state
                """, values)
            var counts = TicketJob.Counts()
            for row in rows {
                counts.byState[try row.jobStateName()] = Int(try row.integer("count"))
                counts.outcomeUnknown += Int(try row.optionalInteger("outcome_unknown") ?? 0)
            }
            return counts
        }
    }

    func rateLimitTrips() async throws -> [RateLimitTrip] {
        try await queue.read { database in
            try database.query(
                """
                SELECT rule_id, name, COUNT(*) AS count, MIN(job.created_at) AS since FROM job JOIN rule ON rule.id = rule_id
                WHERE state = 'needs_review' AND reason = 'rate_limited' GROUP BY rule_id ORDER BY since, name
                """
            ).map { row in
                guard let rule = RuleID(try row.text("rule_id")) else { throw StoredRowError.unreadable(table: "job") }
                return RateLimitTrip(
                    rule: rule, name: try row.text("name"), held: Int(try row.integer("count")),
                    since: Date(storedMilliseconds: try row.integer("since")))
            }
        }
    }

    func latestJob() async throws -> TicketJob.ID? {
        try await queue.read { database in
            let row = try database.first("SELECT MAX(id) AS latest FROM job")
            return try row?.optionalInteger("latest").map(TicketJob.ID.init(rawValue:))
        }
    }

    func add(_ decisions: [Decision], for event: HostEvent.ID, at moment: Date) async throws {
        try await write(nil) { database in
            for decision in decisions { try database.insert(decision, for: event, at: moment) }
        }
    }
}

extension TicketJob.Filter {
    fileprivate var condition: (sql: String, values: [SQLValue]) {
        let parts = [
            ("rule_id", rule?.rawValue), ("connection_id", connection?.rawValue), ("state", state?.rawValue), ("reason", reason?.rawValue),
        ]
        let given = parts.compactMap { column, value in value.map { (column, $0) } }
        return (given.map { "AND \($0.0) = ?" }.joined(separator: " "), given.map { .text($0.1) })
    }
}

extension TicketJob.State {
    /// The part of the state that is kept in the column `reason`.
    var reason: String? {
        switch self {
        case .skipped(let why): why
        case .failed(let code, _): code.rawValue
        case .needsReview(let reason): reason.rawValue
        default: nil
        }
    }

    /// The guidance of a failure, as problem JSON.
    var problem: String? {
        if case .failed(_, let problem) = self { problem } else { nil }
    }

    /// What has to be known of the company first.
    var check: CompanyCheck? {
        if case .checking(let check) = self { check } else { nil }
    }

    /// The ticket that came of it.
    var ticket: PostedTicket? {
        switch self {
        case .created(let ticket), .appended(let ticket): ticket
        default: nil
        }
    }
}

extension Row {
    /// The job in a row of its table.
    func job() throws -> TicketJob {
        guard let rule = RuleID(try text("rule_id")), let connection = ConnectionID(try text("connection_id")) else {
            throw StoredRowError.unreadable(table: "job")
        }
        let payload = TicketJob.Payload(
            summary: try text("summary"), details: try text("details"), company: try text("company"), companyID: try text("company_id"),
            device: try text("device"), type: try text("type"), status: try text("status"), priority: try text("priority"),
            appendsSince: try optionalInteger("appends_since").map(Date.init(storedMilliseconds:)))
        let state = try jobState()
        return TicketJob(
            id: TicketJob.ID(rawValue: try integer("id")), event: HostEvent.ID(rawValue: try integer("event_id")), rule: rule,
            connection: connection, idempotencyKey: IdempotencyKey(rawValue: try text("idempotency_key")), payload: payload,
            company: try company(), state: state,
            cause: try cause(), remark: try text("remark"),
            refusedAt: try optionalInteger("refused_at").map(Date.init(storedMilliseconds:)),
            attempts: Int(try integer("attempts")), searchAttempts: Int(try integer("search_attempts")),
            target: try optionalText("ticket_id") == nil || state.ticket != nil ? nil : try ticket(),
            dueAt: Date(storedMilliseconds: try integer("due_at")),
            createdAt: Date(storedMilliseconds: try integer("created_at")),
            wantedSince: Date(storedMilliseconds: try integer("wanted_since")),
            changedAt: Date(storedMilliseconds: try integer("changed_at")))
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
        case .checking:
            guard let check = CompanyCheck(json: try JSONDocument(Array(try text("company_check").utf8)).root) else {
                throw StoredRowError.unreadable(table: "job")
            }
            return .checking(check)
        case .waiting: return .waiting
        case .sending:
            let until = Date(storedMilliseconds: try integer("leased_until"))
            return .sending(leaseHolder: HostID(rawValue: try text("lease_holder")), until: until)
        case .created: return .created(try ticket())
        case .appended: return .appended(try ticket())
        case .skipped: return .skipped(try text("reason"))
        case .failed:
            guard let code = ErrorCode(rawValue: try text("reason")) else { throw StoredRowError.unreadable(table: "job") }
            return .failed(code, problem: try text("problem"))
        case .unknown: return .unknown
        case .needsReview:
            guard let reason = ReviewReason(rawValue: try text("reason")) else { throw StoredRowError.unreadable(table: "job") }
            return .needsReview(reason)
        case .dropped: return .dropped
        }
    }

    fileprivate func jobStateName() throws -> TicketJob.State.Name {
        guard let name = TicketJob.State.Name(rawValue: try text("state")) else { throw StoredRowError.unreadable(table: "job") }
        return name
    }

    private func ticket() throws -> PostedTicket {
        PostedTicket(
            id: try text("ticket_id"), number: try text("ticket_number"), webAddress: try optionalText("ticket_address"),
            company: try optionalText("ticket_company"))
    }
}
