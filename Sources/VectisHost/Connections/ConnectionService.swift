import FoundationEssentials
import PSACore
import PSAEngine

/// What pages, the JSON API and the schedule do with connections.
struct ConnectionService: Sendable {
    let registry: ConnectorRegistry
    let storage: any Storage
    let vault: Vault
    /// Lends transport, time, log and address policy to each connection.
    let context: ConnectorContext
    let metrics: HostMetrics
    /// Shared with the engine.
    let sessions: ConnectionSessions
    /// Tells the engine that jobs may go on.
    let wake: @Sendable () -> Void
    /// How long the host waits for a connector that neither answers nor gives up.
    let patience: Duration

    /// Puts what was sent together with what is stored, and checks it.
    ///
    /// - Throws: ``PSAError`` for an unknown connector.
    func draft(_ connector: String, _ submission: SettingsSubmission, over base: StoredConnection? = nil) throws -> ConnectionDraft {
        let descriptor = try registry.descriptor(named: connector)
        let stored = try base.map { try storedInput(of: $0, besides: submission) } ?? SettingsInput()
        func draft(keepingSecrets keeps: Bool) -> ConnectionDraft {
            ConnectionDraft(
                descriptor: descriptor, base: base, name: submission.name,
                input: submission.merged(into: stored, for: descriptor, keepsSecrets: keeps), policy: context.addressPolicy,
                requiresSecretReentry: !keeps)
        }
        let kept = draft(keepingSecrets: true)
        return kept.changesTenant ? draft(keepingSecrets: false) : kept
    }

    /// A saved connection as a draft that changes nothing.
    func draft(of connection: StoredConnection) throws -> ConnectionDraft {
        try draft(connection.connector.rawValue, SettingsSubmission(name: connection.name), over: connection)
    }

    /// The settings of a saved connection, secrets in clear; they go to the connector and nowhere else.
    ///
    /// A secret that is entered anew is not opened: that is the way out when the key file is lost.
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
    func session(of connection: StoredConnection) async throws -> ConnectorSession { try await sessions.session(of: connection) }

    /// Opens a session with the settings of a draft, without contacting the vendor yet.
    ///
    /// - Throws: ``PSAError`` for settings with problems.
    func session(_ draft: ConnectionDraft) throws -> ConnectorSession {
        guard let settings = draft.validation.settings else {
            throw PSAError(settings: draft.validation.problems, descriptor: draft.descriptor)
        }
        return try registry.entry(named: draft.descriptor.id.rawValue).connect(settings, context: context)
    }
}
