package import FoundationEssentials
package import PSACore
import PSAEngine
import VectisRules

/// Tests saved connections again from time to time, so that a revoked secret or a removed ticket type is seen before it is needed.
package struct ConnectionSchedule: Sendable {
    package let service: ConnectionService
    /// How old a result may get.
    package let interval: Duration
    /// What one process at a time does.
    package let duties: ProcessDuties

    /// Creates a ``ConnectionSchedule``.
    package init(service: ConnectionService, interval: Duration, duties: ProcessDuties = ProcessDuties()) {
        self.service = service
        self.interval = interval
        self.duties = duties
    }

    /// Runs until its task is cancelled.
    package func run() async {
        while !Task.isCancelled {
            await checkThoseDue()
            guard (try? await service.context.time.sleep(min(interval, .seconds(300)))) != nil else { return }
        }
    }

    /// A result of the future was stored while the clock was wrong.
    private func isDue(_ status: ConnectionStatus?, at now: Date) -> Bool {
        guard let status else { return true }
        return !(-WrongClock.tolerance..<interval.seconds).contains(now.timeIntervalSince(status.checkedAt))
    }

    /// Tests each connection whose last result is older than the interval, one after the other.
    package func checkThoseDue() async {
        let now = service.context.time.now()
        guard let connections = try? await service.storage.connections() else { return }
        for connection in connections where isDue(connection.status, at: now) {
            guard !Task.isCancelled else { return }
            // What can't be tested now, because the storage is unavailable, is due again at the next round.
            _ = try? await duties.perform("check/\(connection.id)") { try await check(connection.id) }
        }
    }

    /// Tests a connection, unless another process has done so meanwhile.
    private func check(_ id: ConnectionID) async throws {
        let now = service.context.time.now()
        guard let connection = try await service.storage.connection(id), isDue(connection.status, at: now) else { return }
        let audit = AuditEntry(
            at: now, actor: .system, action: .connectionChecked, target: connection.name, outcome: .done, detail: "",
            correlationID: CorrelationID().rawValue)
        _ = try await service.test(try service.draft(of: connection), audit: audit)
    }
}

/// Checks at the start that the keys decrypt the stored secrets, so that a wrong key file is noticed before a ticket needs them.
package struct KeyInspection: Sendable {
    package let storage: any Storage
    package let vault: Vault
    package let registry: ConnectorRegistry
    package let log: HostLog
    package let now: Date

    /// Creates a ``KeyInspection``.
    package init(storage: any Storage, vault: Vault, registry: ConnectorRegistry, log: HostLog, now: Date) {
        self.storage = storage
        self.vault = vault
        self.registry = registry
        self.log = log
        self.now = now
    }

    /// Marks each connection whose secrets don't open, and takes the mark from those whose secrets do again.
    ///
    /// The log has one line with the numbers, in which secrets of change hooks, contact points and second factors count too.
    ///
    /// - Throws: What the storage throws.
    package func run() async throws {
        var unreadable: [StoredConnection] = []
        for connection in try await storage.connections() {
            let opens = connection.secrets.allSatisfy { key, sealed in (try? vault.open(sealed, of: connection.id, key)) != nil }
            if !opens {
                unreadable.append(connection)
                try await mark(connection)
            } else if connection.status?.code == .configSecretUnreadable {
                try await storage.removeStatus(of: connection.id)
                try await storage.resolveIssues(of: connection.id, areas: [.config], at: now)
            }
        }
        var others: [StoredSecret.Owner: Int] = [:]
        for secret in try await storage.storedSecrets() where secret.owner != .connection {
            if (try? vault.open(secret.sealed, of: secret.id, secret.key)) == nil { others[secret.owner, default: 0] += 1 }
        }
        guard !unreadable.isEmpty || !others.isEmpty else { return }
        log.record(
            .error, "secrets_unreadable",
            [
                ("code", .string(ErrorCode.configSecretUnreadable.rawValue)), ("connections", .integer(unreadable.count)),
                ("changeHooks", .integer(others[.changeHook, default: 0])), ("contactPoints", .integer(others[.contactPoint, default: 0])),
                ("secondFactors", .integer(others[.secondFactor, default: 0])),
                ("detail", .string(KeyRingError.noFittingKey.description)),
            ])
    }

    private func mark(_ connection: StoredConnection) async throws {
        let guidance = (try? registry.descriptor(named: connection.connector.rawValue))?.guidance ?? .shared
        let error = PSAError(.configSecretUnreadable, catalogue: guidance)
        let status = ConnectionStatus(
            outcome: .needsAttention, headline: error.guidance.title, code: error.code, correlationID: error.correlationID.rawValue,
            checkedAt: now)
        let audit = AuditEntry(
            at: now, actor: .system, action: .connectionChecked, target: connection.name, outcome: .failed, detail: status.headline,
            code: error.code, correlationID: error.correlationID.rawValue)
        try await storage.setStatus(status, of: connection.id, revision: connection.revision, audit: audit)
        try await storage.recordIssue(error.code, problem: error.storedProblem, of: connection.id, at: now)
    }
}
