package import FoundationEssentials
import PSACore
package import PSAEngine
import PSAEngineSQL
import SQL
package import VectisCore
package import VectisRules

extension DatabaseStorage {
    package var engine: any EngineStore {
        SQLEngineStore(queue) { database, job, outcome, change, time in
            if let entry = AuditEntry(job, outcome, at: time) { try database.insert(entry) }
            if let change { try database.insert(change, at: time) }
        }
    }
}

extension AuditEntry {
    /// The audit entry of a job's outcome; nil if nothing is known to have changed.
    fileprivate init?(_ job: TicketJob, _ outcome: JobOutcome, at time: Date) {
        guard let report = outcome.report else { return nil }
        let action: AuditAction
        switch (outcome.state, job.payload.operation) {
        case (.appended, _), (_, .addNote): action = .noteAdded
        case (_, .reply): action = .replySent
        case (_, .changeStatus): action = .statusChanged
        case (_, .createTicket): action = .ticketCreated
        }
        let ticket = outcome.state.ticket.map { "Ticket \($0.number). " } ?? ""
        let remark = outcome.remark.isEmpty ? "" : outcome.remark + " "
        self.init(
            at: time, actor: .system, action: action, target: job.payload.summary,
            outcome: outcome.state.isWritten ? .done : outcome.state.name == .failed ? .failed : .unknown,
            detail: ticket + remark + "Reference \(job.reference).", code: report.code, correlationID: report.correlationID.rawValue)
    }
}

extension Database {
    /// Stores that a rule pauses because the PSA rejects its tickets, or that it resumes.
    fileprivate func insert(_ change: SourceChange, at time: Date) throws {
        switch change {
        case .paused(let source, let code):
            guard let rule = try RuleID(source.rawValue).flatMap({ try rule($0) }) else { return }
            try insert(
                AuditEntry(
                    at: time, actor: .system, action: .rulePaused, target: rule.name, outcome: .done,
                    detail: RulePause.refused(code).sentence,
                    code: code, correlationID: CorrelationID().rawValue))
        case .resumed(let source):
            guard let rule = try RuleID(source.rawValue).flatMap({ try rule($0) }) else { return }
            try insert(
                AuditEntry(
                    at: time, actor: .system, action: .ruleResumed, target: rule.name, outcome: .done,
                    detail: "A job of it was written again.", correlationID: CorrelationID().rawValue))
        }
    }
}

extension Database {
    /// The jobs that a decision on many may concern.
    fileprivate func candidates(_ selection: JobSelection) throws -> [JobCandidate] {
        let tables = JobTables(self)
        switch selection {
        case .jobs(let ids): return try Set(ids).compactMap { try tables.candidate($0) }
        case .matching(let filter, let last):
            return try [TicketJob.State.Name.failed, .needsReview].filter { filter.state == nil || filter.state == $0 }.flatMap { state in
                var filter = filter
                filter.state = state
                if state == .failed, filter.reason != nil { return [JobCandidate]() }
                return try tables.candidates(filter, upTo: last)
            }
        }
    }

    /// Resumes a rule that exceeded its rate limit, once no job of it is on hold for that.
    fileprivate func resumeIfNothingIsOnHold(_ source: JobSource) throws {
        let reason = ReviewReason.rateLimited.rawValue
        let held = try first(
            "SELECT 1 FROM job WHERE source = ? AND reason = ? AND state = 'needs_review' LIMIT 1", [.text(source.rawValue), .text(reason)])
        if held == nil { try run("UPDATE rule SET pause = NULL WHERE id = ? AND pause = ?", [.text(source.rawValue), .text(reason)]) }
    }
}

// MARK: Decisions of people, with their audit entries

extension DatabaseStorage {
    package func add(_ decisions: [Decision], at time: Date) async throws {
        try await write(nil) { database in
            for decision in decisions { try database.insert(decision, key: IdempotencyKey(), origin: "", at: time) }
        }
    }

    package func decide(
        _ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date, audit: AuditEntry
    ) async throws {
        try await write(audit) { database in
            let tables = JobTables(database)
            let source = try tables.candidate(id)?.source
            try tables.decide(id, from: state, to: outcome, at: time)
            if let source { try database.resumeIfNothingIsOnHold(source) }
        }
    }

    package func resend(_ id: TicketJob.ID, as payload: TicketJob.Payload, at time: Date, audit: AuditEntry) async throws {
        try await write(audit) { try JobTables($0).resend(id, as: payload, at: time) }
    }

    package func decideReviews(of rule: RuleID, release: Bool, at time: Date, audit: AuditEntry) async throws -> Int {
        try await write(audit) { database in
            let count = try JobTables(database).decideReviews(of: rule.source, release: release, at: time)
            try database.run("UPDATE rule SET pause = NULL WHERE id = ?", [.text(rule.rawValue)])
            return count
        }
    }

    package func jobs(of events: Set<HostEvent.ID>) async throws -> [HostEvent.ID: [TicketJob]] {
        try await queue.read { database in
            var jobs: [HostEvent.ID: [TicketJob]] = [:]
            for id in events { jobs[id] = try JobTables(database).jobs(keyPrefix: "event/\(id.rawValue)/") }
            return jobs
        }
    }

    package func jobCandidates(_ selection: JobSelection) async throws -> [JobCandidate] {
        try await queue.search { try $0.candidates(selection) }
    }

    package func decideAll(
        _ selection: JobSelection, _ action: JobBulkAction, limit: Int, at time: Date, audit: @escaping @Sendable (Int) -> AuditEntry
    ) async throws -> (done: Int, left: Int) {
        try await queue.write { database in
            let tables = JobTables(database)
            let decidable = try database.candidates(selection).filter(\.isDecidable).sorted { $0.id < $1.id }
            let chosen = decidable.prefix(limit)
            for candidate in chosen {
                guard let job = try tables.job(candidate.id) else { continue }
                let isSearched = action == .resend && job.state.mayHaveBeenSent
                let outcome = JobOutcome(
                    state: action == .discard ? .dropped : isSearched ? .unknown : .waiting, attempts: 0,
                    searchAttempts: isSearched ? OutboxPolicy.searchAttemptsBeforeTheLast : 0, dueAt: time)
                try tables.decide(job.id, from: job.state, to: outcome, at: time)
            }
            for source in Set(chosen.compactMap(\.source)) { try database.resumeIfNothingIsOnHold(source) }
            if !chosen.isEmpty { try database.insert(audit(chosen.count)) }
            return (chosen.count, decidable.count - chosen.count)
        }
    }

    package func rateLimitTrips() async throws -> [RateLimitTrip] {
        try await queue.read { database in
            try JobTables(database).reviews(for: .rateLimited).compactMap { review in
                guard let id = RuleID(review.source.rawValue), let rule = try database.rule(id) else { return nil }
                return RateLimitTrip(rule: id, name: rule.name, count: review.count, since: review.since)
            }
        }
    }

    // MARK: Preconditions

    package func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [TicketJob] {
        try await queue.write(.connection(connection)) { try JobTables($0).dueChecks(of: connection, now: now, lease: lease, limit: limit) }
    }

    package func postponeChecks(of connection: ConnectionID, until due: Date, at time: Date) async throws {
        try await write(nil, .connection(connection)) { try JobTables($0).postponeChecks(of: connection, until: due, at: time) }
    }

    package func finishChecks(
        _ ids: [TicketJob.ID], at time: Date,
        deciding decide: @escaping @Sendable (TicketJob, Rule, any TicketJobCounts) throws -> CheckOutcome
    ) async throws {
        try await write(nil, .found) { database in
            let tables = JobTables(database)
            let counts = StoredTicketJobCounts(tables: tables)
            for id in ids {
                try tables.lockConnection(of: id)
                guard let job = try tables.checkingJob(id), let rule = try RuleID(job.source).flatMap({ try database.rule($0) }) else {
                    continue
                }
                let outcome = try decide(job, rule, counts)
                try tables.finishCheck(id, outcome.state, for: outcome.company, dueAt: outcome.dueAt, at: time)
                if outcome.exceedsRateLimit { try database.pauseForRateLimit(rule.id, at: time) }
            }
        }
    }

    // MARK: Connections

    package func add(_ connection: StoredConnection, audit: AuditEntry) async throws {
        try await write(audit) { database in
            try keyGuard.requireKey(of: database)
            try ConnectionTables(database).add(connection)
        }
    }

    package func replace(_ connection: StoredConnection, audit: AuditEntry) async throws {
        try await write(audit) { database in
            try keyGuard.requireKey(of: database)
            try ConnectionTables(database).replace(connection)
        }
    }

    package func setStatus(_ status: ConnectionStatus, of id: ConnectionID, revision: Int, audit: AuditEntry) async throws {
        try await write(audit) { try ConnectionTables($0).setStatus(status, of: id, revision: revision) }
    }

    package func removeStatus(of id: ConnectionID) async throws {
        try await write(nil) { try ConnectionTables($0).removeStatus(of: id) }
    }

    package func removeConnection(_ id: ConnectionID, audit: AuditEntry) async throws {
        try await write(audit) { try ConnectionTables($0).remove(id) }
    }

    package func resumeRefusedRules(of connection: ConnectionID, audit: @Sendable @escaping (Rule) -> AuditEntry) async throws -> [RuleID] {
        try await queue.write { database in
            try JobTables(database).resumeSources(of: connection).compactMap { source in
                guard let rule = try RuleID(source).flatMap({ try database.rule($0) }) else { return nil }
                try database.insert(audit(rule))
                return rule.id
            }
        }
    }

    // MARK: Companies

    package func unmatchedCompanies(of connection: ConnectionID?) async throws -> [UnmatchedCompany] {
        try await queue.read { try ConnectionTables($0).unmatchedCompanies(of: connection) }
    }

    package func unmatchedCompany(_ id: UnmatchedCompany.ID) async throws -> UnmatchedCompany? {
        try await queue.read { try ConnectionTables($0).unmatchedCompany(id) }
    }

    package func setDismissed(_ time: Date?, _ id: UnmatchedCompany.ID, audit: AuditEntry) async throws {
        try await write(audit) { try ConnectionTables($0).setDismissed(time, id) }
    }

    package func companyMappings(of connection: ConnectionID?) async throws -> [CompanyMapping] {
        try await queue.read { try ConnectionTables($0).companyMappings(of: connection) }
    }

    package func companyMapping(_ id: CompanyMapping.ID) async throws -> CompanyMapping? {
        try await queue.read { try ConnectionTables($0).companyMapping(id) }
    }

    package func add(_ mapping: NewCompanyMapping, audit: AuditEntry) async throws -> CompanyMapping {
        try await write(audit) { try ConnectionTables($0).add(mapping) }
    }

    package func removeCompanyMapping(_ id: CompanyMapping.ID, audit: AuditEntry) async throws {
        try await write(audit) { try ConnectionTables($0).removeCompanyMapping(id) }
    }
}
