import FoundationEssentials
import PSACore
import PSATesting
import Sodium
import Synchronization
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
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
        if let storage { self.storage = storage } else { self.storage = try await DatabaseStorage.empty() }
        self.time = time
        vault = Vault(try ring ?? KeyRing([try SealingKey.random()]), time: time.source)
        let registry = try ConnectorRegistry([ScriptedConnector.self, UnbuiltConnector.self])
        let context = ConnectorContext(transport: script, time: time.source)
        let engine = try await Engine(store: self.storage.engine, registry: registry, context: context, sealer: vault)
        service = ConnectionService(
            registry: registry, storage: self.storage, vault: vault, context: context, metrics: HostMetrics(), sessions: engine.sessions,
            sync: SyncEngine(store: InMemorySyncStore(), engine: engine), wake: {}, timeout: Self.timeout)
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

/// What a scripted connector does when it is called; handed to it in place of a transport.
final class ConnectorScript: HTTPTransport {
    struct Lists: Sendable {
        var types: [TicketType] = []
        var statuses: [TicketStatus] = []
        var priorities: [TicketPriority] = []
        /// Those for which the permission is missing.
        var forbidden: Set<TicketDefault> = []

        func rows<Row>(_ list: KeyPath<Self, [Row]>, of choice: TicketDefault) throws -> [Row] {
            if forbidden.contains(choice) { throw PSAError(.permissionScopeMissing) }
            return self[keyPath: list]
        }
    }

    struct Lines: Sendable {
        var test: @Sendable () async throws -> ConnectionReport = { .passing }
        var lists: @Sendable (TicketType.ID?) async throws -> Lists = { _ in Lists() }
        var fields: @Sendable (TicketType.ID?) async throws -> TicketForm = { TicketForm(type: $0, fields: []) }
        var testTicket: @Sendable () async throws -> ConnectionCheck = {
            ConnectionCheck(.write, .passed, evidence: HostMessage.testNotFinished)
        }
    }

    private let lines = Mutex(Lines())
    private let seen = Mutex<[[SettingKey: String]]>([])

    /// The settings with which connections were opened, secrets in clear.
    var openedWith: [[SettingKey: String]] { seen.withLock { $0 } }
    var current: Lines { lines.withLock { $0 } }

    func rewrite(_ change: (inout Lines) -> Void) { lines.withLock { change(&$0) } }

    private let tested = Mutex<[[TicketField.ID: TicketFieldValue]]>([])

    /// The fields with which test tickets were created.
    var testedFields: [[TicketField.ID: TicketFieldValue]] { tested.withLock { $0 } }

    fileprivate func noteTest(_ fields: [TicketField.ID: TicketFieldValue]) { tested.withLock { $0.append(fields) } }

    fileprivate func note(_ settings: [SettingKey: String]) { seen.withLock { $0.append(settings) } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.connectionRefused, delivery: .notSent)
    }
}

/// A connector that does what its script says, and nothing else.
struct ScriptedConnector: PSAConnector, PicklistReading, TicketCreationTesting {
    static let descriptor = describing(ConnectorID("scripted"))

    private let script: ConnectorScript

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        guard let script = context.transport.unwrapped as? ConnectorScript else { throw PSAError(.connectorDefect) }
        self.script = script
        script.note(
            Dictionary(
                Self.descriptor.settings.fields.compactMap { field in
                    let key = field.key
                    let value = settings.text(key) ?? settings.secret(key)?.reveal() ?? settings.serviceURL(key)?.text
                    return (value ?? settings.integer(key).map(String.init)).map { (key, $0) }
                }, uniquingKeysWith: { $1 }))
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let report = try await script.current.test()
        for check in report.checks { progress(check) }
        return report
    }

    func ticketTypes() async throws -> [TicketType] { try await script.current.lists(nil).rows(\.types, of: .type) }
    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try await script.current.lists(type).rows(\.statuses, of: .status)
    }
    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try await script.current.lists(type).rows(\.priorities, of: .priority)
    }
    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm { try await script.current.fields(type) }
    func createTicket(_ draft: TicketDraft) async throws -> Ticket { throw PSAError(.requestRejected) }
    func tickets(externalReference: String) async throws -> [Ticket] { [] }
    func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck {
        script.noteTest(draft.fields)
        return try await script.current.testTicket()
    }

    static func describing(_ id: ConnectorID, tier: ConnectorTier = .complete) -> ConnectorDescriptor {
        func field(
            _ key: SettingKey, kind: SettingField.Kind = .text(maximumLength: 100), _ purpose: SettingField.Purpose,
            isRequired: Bool = false, isSecret: Bool = false, defaultValue: String? = nil
        ) -> SettingField {
            SettingField(
                key, label: "The \(key)", help: "It is needed.", example: "x", kind: kind, purpose: purpose, isRequired: isRequired,
                isSecret: isSecret, defaultValue: defaultValue, guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
        }
        return ConnectorDescriptor(
            id: id, displayName: "Scripted PSA", tier: tier,
            settings: SettingsSchema([
                field("server", kind: .serviceURL, .tenant, isRequired: true), field("space", .tenant),
                field("account", .access, isRequired: true), field("token", .access, isRequired: true, isSecret: true),
                field("pin", .access, isSecret: true), field("typeID", kind: .integer(1...9_999), .ticketDefault(.type)),
                field("statusID", kind: .integer(1...9_999), .ticketDefault(.status)),
                field("priorityID", kind: .integer(1...9_999), .ticketDefault(.priority)),
                field("style", .behaviour, defaultValue: "kind"),
            ]),
            capabilities: tier == .placeholder ? [] : [.readPicklists, .createTickets, .createTestTickets],
            guidance: GuidanceCatalogue(vendorName: "Scripted PSA", overrides: [:]), guide: "Docs/ConnectHaloPSA.md")
    }
}

/// Another connector with the same settings.
enum TwinConnector {
    static func draft(like draft: ConnectionDraft) -> ConnectionDraft {
        ConnectionDraft(
            descriptor: ScriptedConnector.describing(ConnectorID("twin")), existing: nil, name: draft.name, input: draft.input,
            policy: .publicOnly)
    }
}

/// A connector that is not implemented, with the same settings.
struct UnbuiltConnector: PlaceholderConnector {
    static let descriptor = ScriptedConnector.describing(ConnectorID("unbuilt"), tier: .placeholder)
}

extension ConnectionReport {
    /// A report of one check that passed.
    static let passing = ConnectionReport(
        connector: ConnectorID("scripted"), host: "acme.example.com",
        checks: [ConnectionCheck(.reachable, .passed, evidence: HostMessage.testNotFinished)])

    /// A report of one check that did not.
    static func ending(_ outcome: ConnectionCheck.Outcome, _ code: ErrorCode) -> ConnectionReport {
        var report = passing
        report.checks.append(ConnectionCheck(.credentials, outcome, evidence: HostMessage.testNotFinished, error: PSAError(code)))
        return report
    }
}
