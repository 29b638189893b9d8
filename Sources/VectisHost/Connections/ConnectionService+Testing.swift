import FoundationEssentials
import PSACore
import PSAEngine

/// What a test found, and by what it can be proven when the same settings are saved.
struct TestOutcome: Sendable {
    let report: ConnectionReport
    /// What the overview shows of it.
    let status: ConnectionStatus
    /// Proves for half an hour that exactly these settings were seen to work; nil if they were not.
    let receipt: TestProof?
}

extension ConnectionService {
    /// Tries the settings of a draft and writes down that somebody did.
    ///
    /// - Parameters:
    ///   - draft: The settings; with problems, the report consists of them.
    ///   - audit: The entry to keep; outcome, detail and code are filled in here.
    ///   - progress: Told about each check as it ends.
    /// - Returns: The report; a connection that does not work is a report, and so is a connector that fails or hangs.
    /// - Throws: `CancellationError` if nobody waits any more, which says nothing about the connection, or an error of the storage.
    func test(
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
        // A test of exactly what is saved also tells how the saved connection is.
        if let base = draft.base, hasStoredSettings(draft, of: base) {
            try await storage.setStatus(outcome.status, of: base.id, revision: base.revision, audit: entry)
            try await follow(outcome, of: base, entry)
        } else {
            try await storage.append(entry)
        }
        return outcome
    }

    /// What a test of a saved connection changes beyond its status: issues come and go, and rules that the PSA refused go on.
    private func follow(_ outcome: TestOutcome, of connection: StoredConnection, _ entry: AuditEntry) async throws {
        let now = outcome.status.checkedAt
        if let code = outcome.report.failure?.code { return try await storage.recordIssue(code, of: connection.id, at: now) }
        guard outcome.report.isConnected else { return }
        try await storage.resolveIssues(of: connection.id, areas: nil, at: now)
        try await goOn(connection, because: "The connection works again.", entry)
    }

    /// Lets everything go on that waits for a connection, because what was in the way was changed or is gone: paused rules, and what is put off.
    func goOn(_ connection: StoredConnection, because reason: String, _ entry: AuditEntry) async throws {
        _ = try await storage.resumeRefusedRules(of: connection.id) { rule in
            var audit = entry
            audit.action = .ruleResumed
            audit.target = rule.name
            audit.detail = reason
            return audit
        }
        try await forgetFailures(of: connection, at: entry.at)
    }

    /// Clears what is remembered of a connection's trouble: a refused token, waits before the next try.
    ///
    /// Otherwise a refusal from before the repair would stop again what a passed test has let go on.
    func forgetFailures(of connection: StoredConnection, at moment: Date) async throws {
        await sessions.renew(connection.id)
        try await storage.engine.wake(connection.id, at: moment)
        wake()
    }

    private func outcome(of draft: ConnectionDraft, _ progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> TestOutcome {
        let start = context.time.now()
        var report = try await report(of: draft, progress)
        let end = context.time.now()
        if !report.isConnected, let base = draft.base, hasStoredSettings(draft, of: base) {
            report.learn(from: try await history(of: base), now: end)
        }
        metrics.tested(draft.descriptor.id, code: report.failure?.code, seconds: end.timeIntervalSince(start))
        let status = ConnectionStatus(report, at: end)
        return TestOutcome(
            report: report, status: status, receipt: report.isConnected ? try vault.receipt(for: draft, status) : nil)
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
            return try await Patience.wait(patience, time: context.time) { try await session.testConnection(progress: progress) }
        } catch is CancellationError where Task.isCancelled {
            throw CancellationError()
        } catch {
            return Self.report(of: error, draft.descriptor, host: draft.tenant?.rawValue ?? draft.descriptor.displayName)
        }
    }

    /// A report for a test that could not be run to its end.
    static func report(of error: any Error, _ descriptor: ConnectorDescriptor, host: String) -> ConnectionReport {
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
    private func hasStoredSettings(_ draft: ConnectionDraft, of base: StoredConnection) -> Bool {
        guard draft.plainSettings == base.settings, draft.secrets.count == base.secrets.count else { return false }
        return base.secrets.allSatisfy { key, sealed in
            guard let stored = try? vault.open(sealed, of: base.id, key) else { return false }
            return draft.secrets[key] == stored
        }
    }
}

extension ConnectionReport {
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
