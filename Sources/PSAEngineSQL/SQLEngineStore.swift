package import FoundationEssentials
package import PSACore
package import PSAEngine
package import SQL

/// The store of an engine in the tables of ``EngineSchema``.
package struct SQLEngineStore: EngineStore {
    /// What a host changes in its own tables in the transaction that stores an outcome.
    package typealias Observer = @Sendable (any Database, TicketJob, JobOutcome, SourceChange?, Date) throws -> Void

    private let transactions: any DatabaseTransactions
    private let observer: Observer?

    /// Uses the database of a host, which has the tables of ``EngineSchema`` beside its own.
    ///
    /// - Parameters:
    ///   - transactions: Runs the transactions.
    ///   - observer: Changes the host's tables together with an outcome.
    package init(_ transactions: any DatabaseTransactions, observer: Observer? = nil) {
        self.transactions = transactions
        self.observer = observer
    }

    /// As ``EngineStore/connections()``.
    package func connections() async throws -> [StoredConnection] {
        try await transactions.read { try ConnectionTables($0).connections() }
    }

    /// As ``EngineStore/connection(_:)``.
    package func connection(_ id: ConnectionID) async throws -> StoredConnection? {
        try await transactions.read { try ConnectionTables($0).connection(id) }
    }

    /// As ``EngineStore/save(_:)``.
    package func save(_ connection: StoredConnection) async throws {
        try await transactions.write { try ConnectionTables($0).save(connection) }
    }

    /// As ``EngineStore/setTicketFieldDefaults(_:of:)``.
    package func setTicketFieldDefaults(_ defaults: TicketFieldDefaults, of id: ConnectionID) async throws {
        try await transactions.write { try ConnectionTables($0).setTicketFieldDefaults(defaults, of: id) }
    }

    /// As ``EngineStore/removeConnection(_:)``.
    package func removeConnection(_ id: ConnectionID) async throws {
        try await transactions.write { try ConnectionTables($0).remove(id) }
    }

    /// As ``EngineStore/add(_:at:)``.
    package func add(_ jobs: [NewJob], at time: Date) async throws -> [TicketJob.ID] {
        try await transactions.write(.rows(Set(jobs.map { .connection($0.connection) }))) { database in
            try jobs.map { try JobTables(database).add($0, at: time).id }
        }
    }

    /// As ``EngineStore/jobs(_:before:limit:)``.
    package func jobs(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> [TicketJob] {
        try await transactions.read { try JobTables($0).jobs(filter, before: place, limit: limit) }
    }

    /// As ``EngineStore/jobPage(_:before:limit:)``.
    package func jobPage(_ filter: TicketJob.Filter, before place: TicketJob.ID?, limit: Int) async throws -> TicketJob.Page {
        // What no index finds may take longer than a read may.
        guard filter.isSearch else { return try await transactions.read { try JobTables($0).page(filter, before: place, limit: limit) } }
        return try await transactions.search { try JobTables($0).page(filter, before: place, limit: limit) }
    }

    /// As ``EngineStore/attempts(of:)``.
    package func attempts(of job: TicketJob.ID) async throws -> [JobAttempt] {
        try await transactions.read { try AttemptTables($0).attempts(of: job) }
    }

    /// As ``EngineStore/job(_:)``.
    package func job(_ id: TicketJob.ID) async throws -> TicketJob? { try await transactions.read { try JobTables($0).job(id) } }

    /// As ``EngineStore/files(of:)``.
    package func files(of job: TicketJob.ID) async throws -> [AttachmentFile] {
        try await transactions.read { try JobTables($0).files(of: job) }
    }

    /// As ``EngineStore/job(key:of:)``.
    package func job(key: IdempotencyKey, of connection: ConnectionID) async throws -> TicketJob? {
        try await transactions.read { try JobTables($0).job(key: key, of: connection) }
    }

    /// As ``EngineStore/jobCounts(_:)``.
    package func jobCounts(_ filter: TicketJob.Filter) async throws -> TicketJob.Counts {
        try await transactions.read { try JobTables($0).counts(filter) }
    }

    /// As ``EngineStore/latestJob()``.
    package func latestJob() async throws -> TicketJob.ID? { try await transactions.read { try JobTables($0).latest() } }

    /// As ``EngineStore/removeFinishedJobs(_:after:limit:)``.
    package func removeFinishedJobs(_ expiry: JobExpiry, after place: JobRemoval.Place?, limit: Int) async throws -> JobRemoval {
        try await transactions.write { try JobTables($0).removeFinished(expiry, after: place, limit: limit) }
    }

    /// As ``EngineStore/leaseNext(for:by:now:lease:)``.
    package func leaseNext(for connection: ConnectionID, by holder: ProcessID, now: Date, lease: Duration) async throws -> TicketJob? {
        // Nothing is written to the PSA before a later change of the same job is on disk, which finds the lease or refuses the write.
        try await transactions.write(.connection(connection), .asynchronous) {
            try JobTables($0).leaseNext(for: connection, by: holder, now: now, lease: lease)
        }
    }

    /// As ``EngineStore/dueConnections(now:lease:)``.
    package func dueConnections(now: Date, lease: Duration) async throws -> (connections: [ConnectionID], next: Date?) {
        try await transactions.read { try JobTables($0).dueConnections(now: now, lease: lease) }
    }

    /// As ``EngineStore/renewLease(_:by:until:)``.
    package func renewLease(_ id: TicketJob.ID, by holder: ProcessID, until: Date) async throws -> Bool {
        try await transactions.write(.found) { try JobTables($0).renewLease(id, by: holder, until: until) }
    }

    /// As ``EngineStore/recordIntent(_:on:for:by:now:)``.
    package func recordIntent(
        _ id: TicketJob.ID, on ticket: PostedTicket?, for company: CompanyResolution, by holder: ProcessID, now: Date
    ) async throws -> Bool {
        try await transactions.write(.found) { try JobTables($0).recordIntent(id, on: ticket, for: company, by: holder, now: now) }
    }

    /// As ``EngineStore/complete(_:by:_:at:)``.
    package func complete(_ id: TicketJob.ID, by holder: ProcessID, _ outcome: JobOutcome, at time: Date) async throws -> Bool {
        let observer = observer
        return try await transactions.write(.found) { database in
            try JobTables(database).lockConnection(of: id)
            guard let (job, change) = try JobTables(database).complete(id, by: holder, outcome, at: time) else { return false }
            try observer?(database, job, outcome, change, time)
            if outcome.state.isWritten {
                try ConnectionTables(database).resolveIssues(of: job.connection, areas: .resolvedByWrite, at: time)
            }
            if let code = outcome.issue {
                try ConnectionTables(database).recordIssue(
                    code, problem: ConnectionIssue.stored(outcome.issueProblem), of: job.connection, at: time)
            }
            return true
        }
    }

    /// As ``EngineStore/uploads(of:)``.
    package func uploads(of job: TicketJob.ID) async throws -> [JobUpload] {
        try await transactions.read { try UploadTables($0).uploads(of: job) }
    }

    /// As ``EngineStore/beginUpload(_:_:of:by:now:)``.
    package func beginUpload(
        _ place: Int, _ attachment: JobAttachment, of job: TicketJob.ID, by holder: ProcessID, now: Date
    ) async throws -> JobUpload.ID? {
        try await transactions.write(.found) { database in
            try JobTables(database).lockConnection(of: job)
            return try UploadTables(database).begin(place, attachment, of: job, by: holder, now: now)
        }
    }

    /// As ``EngineStore/finishUpload(_:as:at:)``.
    package func finishUpload(_ id: JobUpload.ID, as uploaded: UploadedAttachment, at time: Date) async throws {
        try await transactions.write(.found) { try UploadTables($0).finish(id, as: uploaded, at: time) }
    }

    /// As ``EngineStore/failUpload(_:mayExist:)``.
    package func failUpload(_ id: JobUpload.ID, mayExist: Bool) async throws {
        try await transactions.write(.found) { try UploadTables($0).fail(id, mayExist: mayExist) }
    }

    /// As ``EngineStore/orphanUploads(of:)``.
    package func orphanUploads(of connection: ConnectionID?) async throws -> [JobUpload] {
        try await transactions.read { try UploadTables($0).orphans(of: connection) }
    }

    /// As ``EngineStore/removeUpload(_:)``.
    package func removeUpload(_ id: JobUpload.ID) async throws {
        try await transactions.write(.found) { try UploadTables($0).remove(id) }
    }

    /// As ``EngineStore/postponeDiscard(_:until:)``.
    package func postponeDiscard(_ id: JobUpload.ID, until time: Date?) async throws {
        try await transactions.write(.found) { try UploadTables($0).postponeDiscard(id, until: time) }
    }

    /// As ``EngineStore/predecessors(of:for:since:before:isSameOrigin:limit:)``.
    package func predecessors(
        of job: TicketJob, for company: CompanyResolution, since time: Date, before place: TicketJob.ID?, isSameOrigin: Bool, limit: Int
    ) async throws -> [TicketJob] {
        try await transactions.read {
            try JobTables($0)
                .predecessors(of: job, for: company, since: time, before: place, isSameOrigin: isSameOrigin, limit: limit)
        }
    }

    /// As ``EngineStore/hasWritten(_:since:)``.
    package func hasWritten(_ source: JobSource, since time: Date) async throws -> Bool {
        try await transactions.read { try JobTables($0).hasWritten(source, since: time) }
    }

    /// As ``EngineStore/wake(_:at:)``.
    package func wake(_ connection: ConnectionID, at time: Date) async throws {
        try await transactions.write(.connection(connection)) { try JobTables($0).wake(connection, at: time) }
    }

    /// As ``EngineStore/resumeSources(of:)``.
    package func resumeSources(of connection: ConnectionID) async throws -> [JobSource] {
        try await transactions.write(.connection(connection)) { try JobTables($0).resumeSources(of: connection) }
    }

    /// As ``EngineStore/decide(_:from:to:at:)``.
    package func decide(_ id: TicketJob.ID, from state: TicketJob.State, to outcome: JobOutcome, at time: Date) async throws {
        try await transactions.write { try JobTables($0).decide(id, from: state, to: outcome, at: time) }
    }

    /// As ``EngineStore/findsReferences(_:)``.
    package func findsReferences(_ connection: ConnectionID) async throws -> Bool? {
        try await transactions.read { try ConnectionTables($0).findsReferences(connection) }
    }

    /// As ``EngineStore/setFindsReferences(_:_:)``.
    package func setFindsReferences(_ finds: Bool, _ connection: ConnectionID) async throws {
        try await transactions.write(.connection(connection)) { try ConnectionTables($0).setFindsReferences(finds, connection) }
    }

    /// As ``EngineStore/issues(of:)``.
    package func issues(of connection: ConnectionID?) async throws -> [ConnectionIssue] {
        try await transactions.read { try ConnectionTables($0).issues(of: connection) }
    }

    /// As ``EngineStore/recordIssue(_:problem:of:at:)``.
    package func recordIssue(_ code: ErrorCode, problem: String?, of connection: ConnectionID, at time: Date) async throws {
        let problem = ConnectionIssue.stored(problem)
        try await transactions.write(.connection(connection)) {
            try ConnectionTables($0).recordIssue(code, problem: problem, of: connection, at: time)
        }
    }

    /// As ``EngineStore/resolveIssues(of:areas:at:)``.
    package func resolveIssues(of connection: ConnectionID, areas: IssueAreas, at time: Date) async throws {
        try await transactions.write(.connection(connection)) {
            try ConnectionTables($0).resolveIssues(of: connection, areas: areas, at: time)
        }
    }

    /// As ``EngineStore/resolveIssue(_:of:at:)``.
    package func resolveIssue(_ code: ErrorCode, of connection: ConnectionID, at time: Date) async throws {
        try await transactions.write(.connection(connection)) { try ConnectionTables($0).resolveIssue(code, of: connection, at: time) }
    }

    /// As ``EngineStore/recordUnmatched(_:_:of:at:)``.
    package func recordUnmatched(_ sent: SentCompany, _ reason: UnresolvedReason, of connection: ConnectionID, at time: Date) async throws {
        try await transactions.write(.connection(connection)) {
            try ConnectionTables($0).recordUnmatched(sent, reason, of: connection, at: time)
        }
    }

    /// As ``EngineStore/mappedCompany(_:of:tenant:)``.
    package func mappedCompany(_ key: CompanyKey, of connection: ConnectionID, tenant: TenantIdentity) async throws -> Company.ID? {
        try await transactions.read { try ConnectionTables($0).mappedCompany(key, of: connection, tenant: tenant) }
    }

    /// As ``SharedTenantStore/reserveRequests(_:now:)``.
    package func reserveRequests(_ request: RateReservationRequest, now: Date) async throws -> RateReservationAnswer {
        try await transactions.write(.tenant(request.tenant)) { try RateLimitTables($0).reserve(request, now: now) }
    }

    /// As ``SharedTenantStore/returnRequests(_:of:tenant:now:)``.
    package func returnRequests(_ count: Int, of reservation: RateReservation, tenant: String, now: Date) async throws {
        try await transactions.write(.tenant(tenant)) { try RateLimitTables($0).giveBack(count, of: reservation, tenant: tenant, now: now) }
    }

    /// As ``SharedTenantStore/holdBackRequests(of:for:now:)``.
    package func holdBackRequests(of tenant: String, for duration: Duration, now: Date) async throws {
        try await transactions.write(.tenant(tenant)) { try RateLimitTables($0).holdBack(tenant, for: duration, now: now) }
    }

    /// As ``SharedTenantStore/takeLease(_:by:for:now:)``.
    package func takeLease(_ name: String, by holder: String, for duration: Duration, now: Date) async throws -> Bool {
        // One statement with a condition.
        try await transactions.write(.found) { try RateLimitTables($0).takeLease(name, by: holder, for: duration, now: now) }
    }

    /// As ``SharedTenantStore/releaseLease(_:by:)``.
    package func releaseLease(_ name: String, by holder: String) async throws {
        // A lease that comes back ends by itself.
        try await transactions.write(.found, .asynchronous) { try RateLimitTables($0).releaseLease(name, by: holder) }
    }

    /// As ``EngineStore/close()``.
    package func close() async { await transactions.close() }
}

extension WriteScope {
    /// The requests of a tenant, whose row the first statement locks as well.
    fileprivate static func tenant(_ name: String) -> WriteScope { .rows([LockKey(rawValue: "tenant/" + name)]) }
}
