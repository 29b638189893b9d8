package import FoundationEssentials
package import PSACore
package import PSAEngine

/// The part of a rule's conditions that depends on the company in the PSA, for one event.
package struct CompanyCheck: Sendable, Equatable {
    /// Of each group that the event itself passes, the tests on the company; none is empty.
    package var groups: [ConditionGroup]
    /// Whether the rule only simulates, so that nothing is sent.
    package var isDryRun: Bool

    /// Creates a ``CompanyCheck``.
    package init(groups: [ConditionGroup], isDryRun: Bool) {
        self.groups = groups
        self.isDryRun = isDryRun
    }

    /// Whether all tests of any group hold; nil if that depends on what the PSA does not say.
    package func holds(for company: CompanyFacts) -> Bool? {
        let answers = groups.map { group in group.tests.map { $0.holds(for: company) } }
        if answers.contains(where: { $0.allSatisfy { $0 == true } }) { return true }
        return answers.contains { !$0.contains(false) } ? nil : false
    }
}

extension RuleDefinition {
    /// Whether the rule fires, as far as the event alone decides it.
    package enum Verdict: Sendable, Equatable {
        case fires
        case doesNotFire
        /// It fires if all tests of any of these groups hold for the company.
        case depends([ConditionGroup])
    }

    /// Whether an event makes the rule fire; one that was found in a local copy makes only rules of that connection fire.
    package func verdict(on event: HostEvent) -> Verdict {
        guard event.connection == nil || event.connection == action.connection else { return .doesNotFire }
        let isHeard = eventTypes.isEmpty || eventTypes.contains { $0.lowercased() == event.type.lowercased() }
        guard isHeard else { return .doesNotFire }
        let passed = groups.filter { group in group.tests.allSatisfy { $0.field.isInPSA || $0.holds(for: event) } }
        let open = passed.map { group in ConditionGroup(tests: group.tests.filter(\.field.isInPSA)) }
        if groups.isEmpty || open.contains(where: \.tests.isEmpty) { return .fires }
        // An event without a company satisfies no test on a company.
        return open.isEmpty || event.company.trimmingSpaces.isEmpty && event.companyID.isEmpty ? .doesNotFire : .depends(open)
    }
}

/// What is decided about a job whose company was read.
package struct CheckOutcome: Sendable, Equatable {
    package var state: TicketJob.State
    package var dueAt: Date
    /// The company for which the conditions hold; the job is checked again if it turns out to be for another one.
    package var company: Company.ID?
    /// Whether it exceeds the rate limit, and pauses the rule.
    package var exceedsRateLimit = false

    /// Creates a ``CheckOutcome``.
    package init(state: TicketJob.State, dueAt: Date, company: Company.ID? = nil, exceedsRateLimit: Bool = false) {
        self.state = state
        self.company = company
        self.dueAt = dueAt
        self.exceedsRateLimit = exceedsRateLimit
    }

}

/// Stores decisions about jobs that depend on their company.
package protocol CompanyCheckStore: Sendable {
    /// Jobs of a connection whose company is to be read now, in the order of creation.
    ///
    /// While a retry is postponed, new jobs wait for it, and are not among them.
    func dueChecks(of connection: ConnectionID, now: Date, lease: Duration, limit: Int) async throws -> [TicketJob]

    /// Postpones the jobs of a connection, because its companies could not be read.
    func postponeChecks(of connection: ConnectionID, until due: Date, at time: Date) async throws

    /// Stores decisions, all or none; a job in another state by now is not changed.
    ///
    /// The closure runs inside the transaction, and the counts know what it has decided so far.
    func finishChecks(
        _ ids: [TicketJob.ID], at time: Date,
        deciding decide: @escaping @Sendable (TicketJob, Rule, any TicketJobCounts) throws -> CheckOutcome
    ) async throws
}

/// Decides on jobs that depend on their company in the PSA: for all of a connection with one reading of its list.
package struct CompanyChecker: Sendable {
    package let checks: any CompanyCheckStore
    package let store: any EngineStore
    package let sessions: ConnectionSessions
    package let companies: CompanyDirectory
    package var policy: OutboxPolicy
    package let time: TimeSource

    /// Creates a ``CompanyChecker``.
    package init(
        checks: any CompanyCheckStore, store: any EngineStore, sessions: ConnectionSessions, companies: CompanyDirectory,
        policy: OutboxPolicy, time: TimeSource
    ) {
        self.checks = checks
        self.store = store
        self.sessions = sessions
        self.companies = companies
        self.policy = policy
        self.time = time
    }

    /// How many are decided in one transaction, so that other writers are not blocked for long.
    private static let batchLimit = 500
    /// The shortest time until a job is looked at again, so that no list makes it due at once.
    private static let minWait: TimeInterval = 60

    /// Decides on everything that is due for a connection, or postpones it if the list can't be read.
    ///
    /// - Throws: The errors of the storage, or `CancellationError`; then the remaining jobs stay due.
    package func work(on id: ConnectionID) async throws {
        while true {
            let due = try await checks.dueChecks(of: id, now: time.now(), lease: policy.lease, limit: Self.batchLimit)
            guard !due.isEmpty else { return }
            guard due.allSatisfy({ $0.check != nil }) else { throw UnreadablePreconditionError() }
            guard let connection = try await store.connection(id) else {
                try await finish(due) { _ in .answered(.skipped(SkipReason.connectionRemoved.stored)) }
                continue
            }
            do {
                let answers = try await answers(to: due, of: connection)
                try await finish(due) { answers[$0.id] ?? .later($0.dueAt) }
            } catch let error as PSAError {
                try Task.checkCancellation()
                return try await putOff(id, tries: due.map(\.attempts).max() ?? 0, error)
            }
        }
    }

    /// What the list of companies says about a job.
    private enum Answer {
        case fires(Company.ID)
        case answered(TicketJob.State)
        case needsReview(ReviewReason)
        /// The list was read before the event came; the company may be younger.
        case later(Date)

        var isLater: Bool {
            if case .later = self { true } else { false }
        }
    }

    /// The outcomes for jobs.
    ///
    /// The local copy may be older than a list that is read for it, and a newer copy may take hours: where it lacks a company, the list is read.
    private func answers(to due: [TicketJob], of connection: StoredConnection) async throws -> [TicketJob.ID: Answer] {
        let session: @Sendable () async throws -> ConnectorSession = { [sessions] in try await sessions.session(of: connection) }
        let list = try await companies.list(of: connection, session)
        let answers = try await answers(to: due, of: connection, list)
        guard !list.isFresh(at: time.now()), answers.values.contains(where: \.isLater) else { return answers }
        return try await self.answers(to: due, of: connection, try await companies.newList(of: connection, session))
    }

    /// The outcomes for jobs; each company is searched for once.
    private func answers(to due: [TicketJob], of connection: StoredConnection, _ list: CompanyList) async throws -> [TicketJob.ID: Answer] {
        var matches: [CompanyKey: CompanyList.Match] = [:]
        var answers: [TicketJob.ID: Answer] = [:]
        for job in due {
            if connection.isOfFormerTenant(job.id) {
                answers[job.id] = .needsReview(.tenantChanged)
                continue
            }
            let sent = SentCompany(id: job.payload.companyID, name: job.payload.company)
            var match = matches[sent.key]
            if match == nil { match = try await companies.match(of: sent, of: connection, in: list) }
            matches[sent.key] = match
            answers[job.id] = Self.answer(match ?? .unknown, list, job)
        }
        return answers
    }

    private static func answer(_ match: CompanyList.Match, _ list: CompanyList, _ job: TicketJob) -> Answer {
        switch match {
        case .unknown where list.readAt < job.createdAt: .later(list.expiresAt)
        case .unknown: .needsReview(.companyNotFound)
        case .several: .needsReview(.companyAmbiguous)
        case .contradictory: .needsReview(.companyContradictory)
        // An incomplete list is no proof: it is read again, and an administrator decides about companies missing from the next one, too.
        case .notKnown where list.readAt < job.createdAt: .later(list.expiresAt)
        case .notKnown: .needsReview(.companiesIncomplete)
        case .unreadable: .needsReview(.companiesUnreadable)
        case .one(let company):
            switch job.check?.holds(for: company) {
            case true?: .fires(company.id)
            case false?: .answered(.skipped(SkipReason.companyConditions(company.name).stored))
            case nil: .needsReview(.companyUndetermined)
            }
        }
    }

    private func finish(_ due: [TicketJob], _ answer: @escaping @Sendable (TicketJob) -> Answer) async throws {
        let now = time.now()
        try await checks.finishChecks(due.map(\.id), at: now) { job, rule, counts in
            let isDryRun = job.check?.isDryRun ?? true
            switch answer(job) {
            case .fires where isDryRun: return CheckOutcome(state: .wouldCreate, dueAt: now)
            case .fires(let company):
                // By arrival time, not by check time: an outage of the PSA must not trip the rate limit.
                let (state, isExceeded) = try RuleEngine.applyRateLimit(rule, job.connection, at: job.createdAt, counts)
                return CheckOutcome(state: state, dueAt: now, company: company, exceedsRateLimit: isExceeded)
            case .answered(let state): return CheckOutcome(state: state, dueAt: now)
            case .needsReview(let reason) where isDryRun:
                return CheckOutcome(state: .skipped(SkipReason.wouldNeedReview(reason).stored), dueAt: now)
            case .needsReview(let reason): return CheckOutcome(state: .needsReview(reason), dueAt: now)
            case .later(let timestamp): return CheckOutcome(state: job.state, dueAt: max(timestamp, now.addingTimeInterval(Self.minWait)))
            }
        }
    }

    private func putOff(_ id: ConnectionID, tries: Int, _ error: PSAError) async throws {
        let now = time.now()
        var wait = policy.wait(after: tries + 1, random: time.random())
        if case .afterDelay(let asked) = error.retry { wait = policy.wait(askedFor: asked, after: tries + 1, random: time.random()) }
        // Rejected credentials are not retried repeatedly: accounts get locked.
        if error.code.area == .auth { wait = policy.maxWait }
        try await checks.postponeChecks(of: id, until: now.addingTimeInterval(wait.seconds), at: now)
        try await store.recordIssue(error.code, problem: error.storedProblem, of: id, at: now)
    }
}

/// A job depends on what this version does not know; the version that created it does.
package struct UnreadablePreconditionError: Error {

    /// Creates a ``UnreadablePreconditionError``.
    package init() {}
}

extension TicketJob {
    /// What has to be known about the company first; nil if nothing has to, or if it is not understood.
    package var check: CompanyCheck? { state.precondition.flatMap { CompanyCheck($0) } }
}
