import FoundationEssentials
import PSACore
import Synchronization

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// What a scripted connector does when it is called; handed to it in place of a transport.
final class ConnectorScript: HTTPTransport {
    struct Lists: Sendable {
        var types: [TicketType] = []
        var statuses: [TicketStatus] = []
        var priorities: [TicketPriority] = []
    }

    struct Lines: Sendable {
        var test: @Sendable () async throws -> ConnectionReport = { .passing }
        var lists: @Sendable (TicketType.ID?) async throws -> Lists = { _ in Lists() }
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

    fileprivate func note(_ settings: [SettingKey: String]) { seen.withLock { $0.append(settings) } }

    func send(_ request: HTTPRequest) async throws -> HTTPResponse { throw TransportError(.connectionRefused, delivery: .notSent) }
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

    func ticketTypes() async throws -> [TicketType] { try await script.current.lists(nil).types }
    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] { try await script.current.lists(type).statuses }
    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] { try await script.current.lists(type).priorities }
    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement] { [] }
    func createTicket(_ draft: TicketDraft) async throws -> Ticket { throw PSAError(.requestRejected) }
    func tickets(externalReference: String) async throws -> [Ticket] { [] }
    func testTicketCreation() async throws -> ConnectionCheck { try await script.current.testTicket() }

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
            capabilities: tier == .placeholder ? [] : [.readPicklists, .createTickets],
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
