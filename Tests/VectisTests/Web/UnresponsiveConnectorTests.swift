import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Unresponsive connectors")
struct UnresponsiveConnectorTests {
    private static func form(_ mode: ConfigurableConnector.Mode) -> [(String, String)] {
        [("tenant", "acme"), ("mode", mode.rawValue), ("password", "x"), ("action", "test")]
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aHangingConnectorBlocksNoOtherRequestAndTimesOut(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            async let hanging = browser.post("/integrations/new/scripted", Self.form(.hanging))
            // The host, waiting for the connector.
            await fixture.time.waitForSleeper()
            for path in ["/integrations", "/audit", "/healthz"] { #expect(try await browser.get(path).status == 200) }
            #expect(try await browser.call("GET", "/connections").status == 200)
            fixture.time.advance(by: 15)
            let answer = try await hanging
            #expect(answer.status == 200 && answer.text.contains("network.timeout"))
            let entry = try #require(try await fixture.audit().first)
            #expect(entry.action == .connectionTested && entry.outcome == .failed && entry.code == .networkTimeout)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func theStreamOfATestThatHangsEndsToo(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            async let hanging = browser.post("/integrations/new/scripted/test", Self.form(.hanging))
            // The host, waiting for the connector.
            await fixture.time.waitForSleeper()
            fixture.time.advance(by: 15)
            #expect(try await hanging.text.contains("network.timeout"))
        }
    }

    @Test func aConnectorThatThrowsIsReportedAsItsDefect() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.post("/integrations/new/scripted", Self.form(.throwing))
            #expect(answer.status == 200 && answer.text.contains("connector.defect"))
            #expect(try await browser.get("/integrations").status == 200)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aConnectorWithManyChecksIsReadToTheEnd(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            async let flooded = browser.post("/integrations/new/scripted/test", Self.form(.flooding))
            for _ in 0..<5 { #expect(try await browser.get("/integrations").status == 200) }
            let lines = try await flooded.text.split(separator: "\n")
            #expect(lines.count == 20_001)
            let last = JSONValue(try JSONDocument(Array(try #require(lines.last).utf8)).root)
            #expect(last["receipt"] != nil && last["result"] != nil)
        }
    }

    @Test func listsThatCanNotBeReadLeaveThePageUsable() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(mode: .withoutLists)
            let page = try await fixture.signIn().get("/integrations/\(connection.id)/ticket-defaults")
            #expect(
                page.status == 200 && page.text.contains("<input type=\"text\"") && !page.text.contains("<select id=\"field-type\"")
                    && page.text.contains("network.timeout"))
        }
    }

    @Test("of a list without permission the id is typed, and the other lists stay")
    func oneForbiddenList() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(mode: .withoutStatuses)
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)/ticket-defaults"
            let page = try await browser.get(path).text
            #expect(page.contains("<select id=\"field-type\"") && page.contains("<select id=\"field-priority\""))
            #expect(!page.contains("<select id=\"field-status\"") && page.contains("id=\"field-status\""))
            #expect(page.contains("permission.scope_missing") && page.contains("so the id has to be typed"))
            let choices = try await browser.call("GET", "/connections/\(connection.id)/ticket-choices").json
            #expect(choices["unreadable"]?["status"]?["code"] == "permission.scope_missing" && choices["unreadable"]?["type"] == nil)
            #expect(choices["types"]?.elements.count == 1 && choices["statuses"] == [])
            func save(_ more: [(String, String)] = []) async throws -> WebAnswer {
                try await browser.post(
                    path, [("action", "save"), ("revision", "1"), ("lists", "yes"), ("type", ""), ("status", "2"), ("priority", "")] + more)
            }
            let asked = try await save()
            #expect(asked.status == 409 && asked.text.contains("accept-unverified") && asked.text.contains("value=\"2\""))
            #expect(try await save([("accept-unverified", "on")]).status == 303)
        }
    }
}

/// A connector whose connections behave as the setting `mode` says.
struct ConfigurableConnector: PSAConnector, PicklistReading, TicketCreationTesting {
    enum Mode: String, Sendable, CaseIterable {
        case works
        case refused
        case throwing
        case hanging
        case flooding
        case withoutLists
        case withoutStatuses
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
        capabilities: [.readPicklists, .createTickets, .createTestTickets], guidance: .shared, guide: "Docs/ConnectHaloPSA.md")

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
        case .works, .withoutLists, .withoutStatuses: progress(passed)
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

    func ticketTypes() async throws -> [TicketType] {
        try lists([TicketType(id: id("1", "Hardware request"), name: "Incident", native: Self.row)])
    }

    /// An id, in words for the tenant whose ids are words.
    private func id<Entity>(_ number: String, _ words: String) throws -> RecordID<Entity> {
        guard let id = RecordID<Entity>(tenant == "word-ids" ? words : number) else { throw Foreign() }
        return id
    }

    func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        if mode == .withoutStatuses { throw PSAError(.permissionScopeMissing, values: [.host: .verbatim(tenant)]) }
        return try lists([TicketStatus(id: id("2", "in progress"), name: "New", phase: .open, native: Self.row)])
    }

    func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        try lists([TicketPriority(id: id("3", "A/1"), name: "High", scope: .tenant, native: Self.row)])
    }

    func testTicketCreation(_ draft: TicketDraft) async throws -> ConnectionCheck {
        guard mode == .works else {
            let error = PSAError(.writeOutcomeUnknown, values: [.host: .verbatim(tenant)])
            return ConnectionCheck(.write, .failed, evidence: CoreMessage.nearestName("ticket"), error: error)
        }
        return ConnectionCheck(.write, .passed, evidence: CoreMessage.nearestName("ticket"), duration: .milliseconds(5))
    }

    func ticketFields(for type: TicketType.ID?) async throws -> TicketForm {
        _ = try lists([0])
        return SampleForms.form(of: tenant, for: type)
    }
    func createTicket(_ draft: TicketDraft) async throws -> Ticket { throw PSAError(.connectorUnsupported) }
    func tickets(externalReference: String) async throws -> [Ticket] { [] }
}
