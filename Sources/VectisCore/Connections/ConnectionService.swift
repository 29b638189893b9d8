package import FoundationEssentials
package import PSACore
package import PSAEngine
import Synchronization
import VectisRules

/// What pages, the JSON API and the schedule do with connections.
package struct ConnectionService: Sendable {
    package let registry: ConnectorRegistry
    package let storage: any Storage
    package let vault: Vault
    /// Provides transport, clock, log and address policy to each connection.
    package let context: ConnectorContext
    package let metrics: HostMetrics
    /// Shared with the engine.
    package let sessions: ConnectionSessions
    /// Keeps the local copies.
    package let sync: SyncEngine
    /// Notifies the engine that jobs may be due.
    package let wake: @Sendable () -> Void
    /// What people have read of late.
    package let reads: InteractiveReads
    /// How long the host waits for a connector that neither returns nor throws.
    package let timeout: Duration

    /// Creates a ``ConnectionService``.
    package init(
        registry: ConnectorRegistry, storage: any Storage, vault: Vault, context: ConnectorContext, metrics: HostMetrics,
        sessions: ConnectionSessions, sync: SyncEngine, wake: @escaping @Sendable () -> Void, timeout: Duration
    ) {
        self.registry = registry
        self.storage = storage
        self.vault = vault
        self.context = context
        self.metrics = metrics
        self.sessions = sessions
        self.sync = sync
        self.wake = wake
        reads = InteractiveReads(time: context.time)
        self.timeout = timeout
    }

    /// Puts what was sent together with what is stored, and checks it.
    ///
    /// - Throws: ``PSAError`` for an unknown connector.
    package func draft(_ connector: String, _ submission: SettingsSubmission, over existing: StoredConnection? = nil) throws
        -> ConnectionDraft
    {
        let descriptor = try registry.descriptor(named: connector)
        let stored = try existing.map { try storedInput(of: $0, besides: submission) } ?? SettingsInput()
        func draft(keepingSecrets keeps: Bool) -> ConnectionDraft {
            ConnectionDraft(
                descriptor: descriptor, existing: existing, name: submission.name,
                input: submission.merged(into: stored, for: descriptor, keepsSecrets: keeps), policy: context.addressPolicy,
                requiresSecretReentry: !keeps)
        }
        let kept = draft(keepingSecrets: true)
        return kept.changesTenant ? draft(keepingSecrets: false) : kept
    }

    /// A saved connection as a draft that changes nothing.
    package func draft(of connection: StoredConnection) throws -> ConnectionDraft {
        try draft(connection.connector.rawValue, SettingsSubmission(name: connection.name), over: connection)
    }

    /// The settings of a saved connection, secrets in clear; they go to the connector and nowhere else.
    ///
    /// A secret that is entered again is not decrypted: this allows recovery when the key file is lost.
    private func storedInput(of connection: StoredConnection, besides submission: SettingsSubmission) throws -> SettingsInput {
        var input = SettingsInput()
        for (key, value) in connection.settings { input[key] = Secret(value) }
        for (key, sealed) in connection.secrets where submission.values[key]?.isEmpty ?? true {
            input[key] = try vault.open(sealed, of: connection.id, key)
        }
        return input
    }

    /// The session of a saved connection, kept for its next use.
    ///
    /// - Throws: ``PSAError``; `config.secret_unreadable` if none of the keys decrypts its secrets.
    package func session(of connection: StoredConnection) async throws -> ConnectorSession { try await sessions.session(of: connection) }

    /// Opens a session with the settings of a draft, without contacting the vendor yet.
    ///
    /// - Throws: ``PSAError`` for settings with problems.
    package func session(_ draft: ConnectionDraft) throws -> ConnectorSession {
        guard let settings = draft.validation.settings else {
            throw PSAError(settings: draft.validation.issues, descriptor: draft.descriptor)
        }
        var context = context
        context.connection = draft.existing?.id.rawValue
        return try registry.registration(named: draft.descriptor.id.rawValue).connect(settings, context: context)
    }
}

/// What a test found, and by what it can be proven when the same settings are saved.
package struct TestOutcome: Sendable {
    package let report: ConnectionReport
    /// What the overview shows of it.
    package let status: ConnectionStatus
    /// Proves for half an hour that exactly these settings were seen to work; nil if they were not.
    package let proof: TestProof?
    /// The id of the report that is kept; nil for settings that are not saved.
    package let kept: Int64?

    /// Creates a ``TestOutcome``.
    package init(report: ConnectionReport, status: ConnectionStatus, proof: TestProof?, kept: Int64? = nil) {
        self.report = report
        self.status = status
        self.proof = proof
        self.kept = kept
    }

}

extension ConnectionService {
    /// Tests the settings of a draft and records the test in the audit log.
    ///
    /// - Parameters:
    ///   - draft: The settings; with problems, the report consists of them.
    ///   - audit: The entry to keep; outcome, detail and code are filled in here.
    ///   - progress: Called with each check as it ends.
    /// - Returns: The report; a connection that does not work is a report, and so is a connector that fails or hangs.
    /// - Throws: `CancellationError` if the caller was cancelled, which says nothing about the connection, or an error of the storage.
    package func test(
        _ draft: ConnectionDraft, audit: AuditEntry, progress: @escaping @Sendable (ConnectionCheck) -> Void = { _ in }
    ) async throws -> TestOutcome {
        var entry = audit
        let outcome: TestOutcome
        do {
            outcome = try await self.outcome(of: draft, progress)
        } catch let error as CancellationError {
            entry.at = context.time.now()
            entry.outcome = .failed
            entry.detail = "The test was ended before it had a result."
            try await storage.append(entry)
            throw error
        }
        entry.at = outcome.status.checkedAt
        entry.describe(outcome.report)
        // A test of exactly the saved settings also updates the status of the saved connection.
        if let existing = draft.existing, hasStoredSettings(draft, of: existing) {
            try await storage.setStatus(outcome.status, of: existing.id, revision: existing.revision, audit: entry)
            if let warning = try await follow(outcome, of: existing, entry) {
                progress(warning)
                var report = outcome.report
                report.checks.removeAll { $0.subject == .ticketDefaults }
                report.checks.append(warning)
                return TestOutcome(
                    report: report, status: outcome.status, proof: outcome.proof, kept: try await keep(report, outcome, of: existing, entry)
                )
            }
            return TestOutcome(
                report: outcome.report, status: outcome.status, proof: outcome.proof,
                kept: try await keep(outcome.report, outcome, of: existing, entry))
        } else {
            try await storage.append(entry)
        }
        return outcome
    }

    private func keep(
        _ report: ConnectionReport, _ outcome: TestOutcome, of connection: StoredConnection, _ entry: AuditEntry
    ) async throws -> Int64? {
        try await storage.keepTest(
            ConnectionTestReport.stored(report), outcome.status.outcome, of: connection.id, startedBy: entry.actor.text,
            at: outcome.status.checkedAt)
    }

    /// Applies the effects of a test beyond the status: issues are opened or resolved, and rules paused by rejections resume.
    ///
    /// - Returns: A warning if the tickets of rules lack what their type demands.
    private func follow(
        _ outcome: TestOutcome, of connection: StoredConnection, _ entry: AuditEntry
    ) async throws -> ConnectionCheck? {
        let now = outcome.status.checkedAt
        if let failure = outcome.report.failure {
            try await storage.recordIssue(
                failure.code, problem: failure.storedProblem, of: connection.id, at: now)
            let disproved = outcome.report.passedAreas.subtracting([failure.code.area])
            if !disproved.isEmpty { try await storage.resolveIssues(of: connection.id, areas: .only(disproved), at: now) }
            return nil
        }
        guard outcome.report.isConnected else { return nil }
        // The steps say so: a test by schedule does not show that a person has moved the ticket.
        if entry.actor != .system { try await storage.resolveIssue(.ticketOtherCompany, of: connection.id, at: now) }
        // A token that was rejected before must not keep the demands of the ticket types from being read.
        await sessions.renew(connection.id)
        let isMet = try await checkDemands(of: connection, at: now, entry)
        try await storage.resolveIssues(of: connection.id, areas: isMet ? .resolvedByWrite : Self.areasBesideTickets, at: now)
        try await goOn(connection, because: "The connection works again.", entry)
        guard !isMet else { return nil }
        let unmet = try await storage.ticketDemands(of: connection.id).filter { !$0.obstacles.isEmpty }
        return ConnectionCheck(
            .ticketDefaults, .warning, evidence: HostMessage.unmetDemands(unmet.map(\.sentence).joined(separator: " ")))
    }

    /// What a write resolves, except the issues about the values of tickets.
    private static let areasBesideTickets = IssueAreas.allExcept([IssueAreas.localCopy, .ticket])

    /// Resumes everything that waits for a connection once the obstacle is gone: paused rules and postponed jobs.
    package func goOn(_ connection: StoredConnection, because reason: String, _ entry: AuditEntry) async throws {
        _ = try await storage.resumeRefusedRules(of: connection.id) { rule in
            var audit = entry
            audit.action = .ruleResumed
            audit.target = rule.name
            audit.detail = reason
            return audit
        }
        try await forgetFailures(of: connection, at: entry.at)
    }

    /// Clears the remembered failures of a connection: a rejected token, delays before the next attempt.
    ///
    /// Otherwise a rejection from before the repair would stop again what a passed test has resumed.
    package func forgetFailures(of connection: StoredConnection, at timestamp: Date) async throws {
        await sessions.renew(connection.id)
        try await storage.engine.wake(connection.id, at: timestamp)
        wake()
        await readAgainWhatFailed(of: connection)
    }

    /// Reads the local copy now if its latest run failed; otherwise it would wait for up to half an hour.
    private func readAgainWhatFailed(of connection: StoredConnection) async {
        do {
            let statuses = try await sync.statuses(of: connection.id)
            guard statuses.contains(where: { $0.progress.failure != nil }) else { return }
            try await sync.request(.now, of: connection.id)
        } catch {
            // A copy that cannot be read or written is no obstacle to the connection; the sync engine records it.
        }
    }

    private func outcome(of draft: ConnectionDraft, _ progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> TestOutcome {
        let start = context.time.now()
        var report = try await report(of: draft, progress)
        let end = context.time.now()
        if !report.isConnected, let existing = draft.existing, hasStoredSettings(draft, of: existing) {
            report.learn(from: try await history(of: existing), now: end)
        }
        metrics.tested(draft.descriptor.id, code: report.failure?.code, seconds: end.timeIntervalSince(start))
        let status = ConnectionStatus(report, at: end)
        return TestOutcome(
            report: report, status: status, proof: report.isConnected ? try vault.proof(for: draft, status) : nil)
    }

    /// When the stored settings worked last: by the last test, or by one of those before it.
    private func history(of connection: StoredConnection) async throws -> ConnectionHistory {
        if let status = connection.status, status.outcome != .needsAttention { return ConnectionHistory(lastSuccess: status.checkedAt) }
        var filter = AuditFilter()
        filter.target = connection.name
        filter.from = connection.changedAt
        let entries = try await storage.audit(filter, before: nil, limit: 50).map(\.entry)
        let success = entries.first { entry in
            [.connectionTested, .connectionChecked].contains(entry.action) && entry.outcome == .done && entry.target == connection.name
        }
        return ConnectionHistory(lastSuccess: success?.at)
    }

    private func report(
        of draft: ConnectionDraft, _ progress: @escaping @Sendable (ConnectionCheck) -> Void
    ) async throws -> ConnectionReport {
        do {
            let session = try session(draft)
            return try await Timeout.wait(timeout, time: context.time) { try await session.testConnection(progress: progress) }
        } catch is CancellationError where Task.isCancelled {
            throw CancellationError()
        } catch {
            return Self.report(of: error, draft.descriptor, host: draft.tenant?.rawValue ?? draft.descriptor.displayName)
        }
    }

    /// A report for a test that could not be run to its end.
    package static func report(of error: any Error, _ descriptor: ConnectorDescriptor, host: String) -> ConnectionReport {
        var failure =
            error as? PSAError
            ?? PSAError(.connectorDefect, catalogue: descriptor.guidance, evidence: CoreMessage.escaped(type: "\(type(of: error))"))
        failure.connector = descriptor.id
        let isTyping = !failure.settingIssues.isEmpty
        let check = ConnectionCheck(
            isTyping ? .address : .reachable, .failed, evidence: HostMessage.testNotFinished, error: failure)
        return ConnectionReport(connector: descriptor.id, host: host, checks: [check])
    }

    /// Whether nothing differs from what is saved; a stored secret that does not open any more differs from every other.
    func hasStoredSettings(_ draft: ConnectionDraft, of existing: StoredConnection) -> Bool {
        guard draft.plainSettings == existing.settings, draft.secrets.count == existing.secrets.count else { return false }
        return existing.secrets.allSatisfy { key, sealed in
            guard let stored = try? vault.open(sealed, of: existing.id, key) else { return false }
            return draft.secrets[key] == stored
        }
    }
}

extension ConnectionReport {
    /// The areas of the errors that a test has disproved, although it failed later on.
    fileprivate var passedAreas: Set<ErrorCode.Area> {
        let passed = Set(checks.filter { $0.outcome == .passed }.map(\.subject))
        var areas: Set<ErrorCode.Area> = []
        if passed.contains(.reachable) || passed.contains(.credentials) { areas.formUnion([.network, .tls]) }
        if passed.contains(.credentials) { areas.insert(.auth) }
        return areas
    }

    /// Takes what worked before as evidence in every failure.
    fileprivate mutating func learn(from history: ConnectionHistory, now: Date) {
        for index in checks.indices where checks[index].outcome == .failed { checks[index].error?.learn(from: history, now: now) }
    }
}

extension AuditEntry {
    /// Fills in how a test ended.
    fileprivate mutating func describe(_ report: ConnectionReport) {
        outcome = report.isConnected ? .done : .failed
        detail = report.headline
        code = report.failure?.code
        if let failure = report.failure { correlationID = failure.correlationID.rawValue }
    }
}

/// Waits for a connector only so long: one that hangs and ignores its cancellation must not hold a page.
package enum Timeout {
    /// Runs the work and returns what it returns, or throws `network.timeout` when the time is up; the work is cancelled then, and left
    /// alone.
    package static func wait<Value: Sendable>(
        _ limit: Duration, time: TimeSource, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let first = FirstAnswer<Value>()
        let running = Task { await first.complete(Self.result(work)) }
        let clock = Task {
            // A clock that is cancelled settles nothing.
            guard (try? await time.sleep(limit)) != nil else { return }
            await first.complete(.failure(PSAError(.networkTimeout, evidence: HostMessage.noAnswerWithin(limit))))
        }
        defer {
            running.cancel()
            clock.cancel()
        }
        return try await withTaskCancellationHandler {
            try await first.value()
        } onCancel: {
            running.cancel()
            Task { await first.complete(.failure(CancellationError())) }
        }
    }

    /// Reads for a person who waits: with a third of the time for retries and the rate limit, so that a refusal comes before the time is up.
    package static func read<Value: Sendable>(
        _ limit: Duration, time: TimeSource, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await RequestWaitLimit.$current.withValue(limit / 3) { try await wait(limit, time: time, work) }
    }

    private static func result<Value>(_ work: () async throws -> Value) async -> Result<Value, any Error> {
        do {
            return .success(try await work())
        } catch {
            return .failure(error)
        }
    }
}

/// Takes the first of several results and hands it to one waiter.
private actor FirstAnswer<Value: Sendable> {
    private var result: Result<Value, any Error>?
    private var waiter: CheckedContinuation<Void, Never>?

    func complete(_ new: Result<Value, any Error>) {
        guard result == nil else { return }
        result = new
        waiter?.resume()
        waiter = nil
    }

    func value() async throws -> Value {
        while true {
            if let result { return try result.get() }
            await withCheckedContinuation { waiter = $0 }
        }
    }
}
