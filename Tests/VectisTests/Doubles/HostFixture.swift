import FoundationEssentials
import PSACore
import PSATesting
import Sodium
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The durable part of a host around a scripted connector: no network, and a clock that the test moves.
struct HostFixture: Sendable {
    let storage: any Storage
    let script = ConnectorScript()
    let time: ManualClock
    let vault: Vault
    let service: ConnectionService

    /// How long the host waits for a connector.
    static let timeout = Duration.seconds(15)

    init(_ storage: (any Storage)? = nil, time: ManualClock = ManualClock(movesBySleeping: false, random: 0.5), ring: KeyRing? = nil)
        async throws
    {
        if let storage { self.storage = storage } else { self.storage = try await SQLiteStorage.inMemory() }
        self.time = time
        vault = Vault(try ring ?? KeyRing([try SealingKey.random()]), time: time.source)
        service = ConnectionService(
            registry: try ConnectorRegistry([ScriptedConnector.self, UnbuiltConnector.self]), storage: self.storage, vault: vault,
            context: ConnectorContext(transport: script, time: time.source), metrics: HostMetrics(),
            sessions: ConnectionSessions(
                registry: try ConnectorRegistry([ScriptedConnector.self, UnbuiltConnector.self]),
                context: ConnectorContext(transport: script, time: time.source), sealer: vault), wake: {},
            timeout: Self.timeout)
    }

    /// Settings that pass.
    static let settings: [SettingKey: String] = ["server": "https://acme.example.com", "account": "a", "token": "t0ken"]

    /// A draft of these settings, changed by others.
    func draft(_ changes: [SettingKey: String] = [:], name: String = "", over base: StoredConnection? = nil) throws -> ConnectionDraft {
        let values = base == nil ? Self.settings.merging(changes) { $1 } : changes
        return try service.draft(
            "scripted", SettingsSubmission(name: name, values: values.mapValues { Secret($0) }), over: base)
    }

    /// Saves these settings without a test.
    func saved(_ changes: [SettingKey: String] = [:], name: String = "") async throws -> StoredConnection {
        try await service.save(
            try draft(changes, name: name), SaveConfirmation(acceptsUntested: true), audit: .sample(.connectionCreated))
    }

    /// A connection as it is stored now.
    func stored(_ connection: StoredConnection) async throws -> StoredConnection? { try await storage.connection(connection.id) }

    /// The audit log, the newest first.
    func log(_ action: AuditAction? = nil) async throws -> [AuditEntry] {
        try await storage.audit(AuditFilter(action: action), before: nil, limit: 1_000).map(\.entry)
    }

    /// A stored secret in clear.
    func secret(_ key: SettingKey, of connection: StoredConnection) throws -> String? {
        try connection.secrets[key].map { try vault.open($0, of: connection.id, key).reveal() }
    }

    /// A request of a browser.
    func context(from address: String = "192.0.2.1", as user: SignedInUser? = nil) -> RequestContext {
        RequestContext(
            request: WebRequest(method: "POST", path: "/"), parameters: [:], user: user, correlationID: CorrelationID(),
            now: time.now,
            clientAddress: address)
    }
}
