import FoundationEssentials
import PSACore
import PSAEngine

/// Looks at the start whether the keys open what is stored, so that a wrong key file is seen before a ticket waits for it.
struct KeyInspection: Sendable {
    let storage: any Storage
    let vault: Vault
    let registry: ConnectorRegistry
    let log: HostLog
    let now: Date

    /// Marks each connection whose secrets don't open, and takes the mark from those whose secrets do again.
    ///
    /// - Throws: What the storage throws.
    func run() async throws {
        var unreadable: [StoredConnection] = []
        for connection in try await storage.connections() {
            let opens = connection.secrets.allSatisfy { key, sealed in (try? vault.open(sealed, of: connection.id, key)) != nil }
            if !opens {
                unreadable.append(connection)
                try await mark(connection)
            } else if connection.status?.code == .configSecretUnreadable {
                try await storage.removeStatus(of: connection.id)
                try await storage.resolveIssues(of: connection.id, areas: [ErrorCode.configSecretUnreadable.area], at: now)
            }
        }
        guard !unreadable.isEmpty else { return }
        log.record(
            .error, "secrets_unreadable",
            [
                ("code", .string(ErrorCode.configSecretUnreadable.rawValue)), ("connections", .integer(unreadable.count)),
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
        try await storage.recordIssue(error.code, of: connection.id, at: now)
    }
}
