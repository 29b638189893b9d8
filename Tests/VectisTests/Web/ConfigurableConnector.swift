import Foundation
import PSACore

/// A connector whose connections behave as the setting `mode` says.
struct ConfigurableConnector: PSAConnector, PicklistReading, TicketCreationTesting {
    enum Mode: String, Sendable, CaseIterable {
        case works
        case refused
        case throwing
        case hanging
        case flooding
        case withoutLists
    }

    struct Foreign: Error {}

    static let secret = "Sëcret-Marker-4711"

    static let descriptor = ConnectorDescriptor(
        id: ConnectorID("scripted"), displayName: "Scripted", tier: .complete,
        settings: SettingsSchema([
            field("tenant", purpose: .tenant, isRequired: true), field("mode", purpose: .access),
            field("password", purpose: .access, isRequired: true, isSecret: true),
            field("typeID", purpose: .ticketDefault(.type)), field("statusID", purpose: .ticketDefault(.status)),
            field("priorityID", purpose: .ticketDefault(.priority)),
        ]),
        capabilities: [.readPicklists, .createTickets], guidance: .shared, guide: "Docs/ConnectHaloPSA.md")

    private static func field(
        _ key: SettingKey, purpose: SettingField.Purpose, isRequired: Bool = false, isSecret: Bool = false
    ) -> SettingField {
        SettingField(
            key, label: "Label of \(key)", help: "Help.", example: "1", purpose: purpose, isRequired: isRequired, isSecret: isSecret,
            guideAnchor: GuideAnchor("Docs/ConnectHaloPSA.md", ""))
    }

    private let mode: Mode
    private let tenant: String

    init(settings: ConnectorSettings, context: ConnectorContext) throws {
        mode = settings.text("mode").flatMap(Mode.init(rawValue:)) ?? .works
        tenant = settings.text("tenant") ?? ""
    }

    func testConnection(progress: @escaping @Sendable (ConnectionCheck) -> Void) async throws -> ConnectionReport {
        let passed = ConnectionCheck(.credentials, .passed, evidence: CoreMessage.nearestName("token"), duration: .milliseconds(3))
        switch mode {
        case .works, .withoutLists: progress(passed)
        case .flooding: for _ in 0..<20_000 { progress(passed) }
        case .throwing: throw Foreign()
        // For good, whatever is cancelled.
        case .hanging: await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
        case .refused:
            let error = PSAError(.authInvalidClient, values: [.host: .verbatim(tenant)])
            let failed = ConnectionCheck(.credentials, .failed, evidence: CoreMessage.nearestName("token"), error: error)
            return ConnectionReport(connector: Self.descriptor.id, host: tenant, checks: [failed])
        }
        return ConnectionReport(connector: Self.descriptor.id, host: tenant, checks: [passed])
    }

    private func lists<Row>(_ rows: [Row]) throws -> [Row] {
        if mode == .withoutLists { throw PSAError(.networkTimeout, values: [.host: .verbatim(tenant)]) }
        return rows
    }

    private static let row = NativeRecord(bytes: Array("{}".utf8), fetchedAt: .distantPast)

    func ticketTypes() async throws -> [TicketType] { try lists([TicketType(id: TicketType.ID(1), name: "Incident", native: Self.row)]) }

    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        try lists([TicketStatus(id: TicketStatus.ID(2), name: "New", phase: .open, native: Self.row)])
    }

    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try lists([TicketPriority(id: TicketPriority.ID(3), name: "High", scope: .tenant, native: Self.row)])
    }

    func testTicketCreation() async throws -> ConnectionCheck {
        guard mode == .works else {
            let error = PSAError(.writeOutcomeUnknown, values: [.host: .verbatim(tenant)])
            return ConnectionCheck(.write, .failed, evidence: CoreMessage.nearestName("ticket"), error: error)
        }
        return ConnectionCheck(.write, .passed, evidence: CoreMessage.nearestName("ticket"), duration: .milliseconds(5))
    }

    func ticketRequirements(for type: TicketType.ID?) async throws -> [FieldRequirement] { [] }
    func createTicket(_ draft: TicketDraft) async throws -> Ticket { throw PSAError(.connectorUnsupported) }
    func tickets(externalReference: String) async throws -> [Ticket] { [] }
}
