import Foundation
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("A key file that does not match")
struct KeyInspectionTests {
    private func inspect(_ fixture: HostFixture, _ log: RecordingSink = RecordingSink()) async throws {
        try await KeyInspection(
            storage: fixture.storage, vault: fixture.vault, registry: fixture.service.registry,
            log: HostLog(sink: log, time: fixture.time.source),
            now: fixture.time.now
        ).run()
    }

    private func standing(_ fixture: HostFixture, _ connection: StoredConnection) async throws -> [ErrorCode] {
        try await fixture.storage.issues(of: connection.id).filter { $0.resolvedAt == nil }.map(\.code)
    }

    @Test func theConnectionIsMarkedAndFixedByNewSecrets() async throws {
        let fixture = try await HostFixture()
        let saved = try await fixture.saved()
        try await inspect(fixture)
        #expect(try await fixture.stored(saved)?.status == nil)

        let log = RecordingSink()
        let keyless = try await HostFixture(fixture.storage, time: fixture.time)
        try await inspect(keyless, log)
        #expect(log.text.contains("secrets_unreadable") && log.text.contains("\"connections\":1"))
        let marked = try #require(try await fixture.stored(saved))
        #expect(marked.status?.outcome == .needsAttention && marked.status?.code == .configSecretUnreadable)
        #expect(try await standing(fixture, saved) == [.configSecretUnreadable])
        let error = await #expect(throws: PSAError.self) { try await keyless.service.session(of: marked) }
        #expect(error?.code == .configSecretUnreadable && error?.guidance.steps.isEmpty == false)

        let draft = try keyless.draft(["token": "entered again", "pin": "1234"], over: marked)
        let corrected = try await keyless.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample(.connectionChanged))
        #expect(try await standing(fixture, saved).isEmpty && corrected.status == nil)
        _ = try await keyless.service.session(of: corrected)
    }

    @Test func theRightKeyRemovesTheMark() async throws {
        let fixture = try await HostFixture()
        let saved = try await fixture.saved()
        try await inspect(try await HostFixture(fixture.storage, time: fixture.time))
        try await inspect(fixture)
        #expect(try await fixture.stored(saved)?.status == nil)
        #expect(try await standing(fixture, saved).isEmpty)
    }

    @Test func aTicketWaitsForTheKeyAndNoRuleIsPaused() async throws {
        let fixture = try await OutboxFixture()
        let connection = StoredConnection(
            id: ConnectionID(), connector: ConnectorID("psa"), name: "sealed", tenant: TenantIdentity(rawValue: "sealed.example.com"),
            settings: ["server": "https://sealed.example.com"], secrets: ["token": SealedSecret(bytes: [1, 2, 3])], revision: 1,
            createdAt: .sampleNow, changedAt: .sampleNow, status: nil)
        try await fixture.storage.add(connection, audit: .outbox(.connectionCreated))
        let rule = try await fixture.rule(through: connection)
        let job = try await fixture.job("1")
        for _ in 0..<5 { await fixture.work(3_600, on: connection) }
        #expect(try await fixture.now(job).state == .waiting)
        #expect(try await fixture.storage.rule(rule.id)?.pause == nil)
        let issues = try await fixture.storage.issues(of: connection.id)
        #expect(issues.map(\.code) == [.configSecretUnreadable] && issues.first?.resolvedAt == nil)
    }
}
