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

@Suite("A key file that does not fit")
struct KeyInspectionTests {
    private func inspect(_ bed: HostFixture, _ log: RecordingSink = RecordingSink()) async throws {
        try await KeyInspection(
            storage: bed.storage, vault: bed.vault, registry: bed.service.registry, log: HostLog(sink: log, time: bed.time.source),
            now: bed.time.now
        ).run()
    }

    private func standing(_ bed: HostFixture, _ connection: StoredConnection) async throws -> [ErrorCode] {
        try await bed.storage.issues(of: connection.id).filter { $0.resolvedAt == nil }.map(\.code)
    }

    @Test func theConnectionIsMarkedAndMendedByNewSecrets() async throws {
        let bed = try await HostFixture()
        let saved = try await bed.saved()
        try await inspect(bed)
        #expect(try await bed.stored(saved)?.status == nil)

        let log = RecordingSink()
        let keyless = try await HostFixture(bed.storage, time: bed.time)
        try await inspect(keyless, log)
        #expect(log.text.contains("secrets_unreadable") && log.text.contains("\"connections\":1"))
        let marked = try #require(try await bed.stored(saved))
        #expect(marked.status?.outcome == .needsAttention && marked.status?.code == .configSecretUnreadable)
        #expect(try await standing(bed, saved) == [.configSecretUnreadable])
        let error = await #expect(throws: PSAError.self) { try await keyless.service.session(of: marked) }
        #expect(error?.code == .configSecretUnreadable && error?.guidance.steps.isEmpty == false)

        let draft = try keyless.draft(["token": "entered anew", "pin": "1234"], over: marked)
        let mended = try await keyless.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample(.connectionChanged))
        #expect(try await standing(bed, saved).isEmpty && mended.status == nil)
        _ = try await keyless.service.session(of: mended)
    }

    @Test func theRightKeyTakesTheMarkAway() async throws {
        let bed = try await HostFixture()
        let saved = try await bed.saved()
        try await inspect(try await HostFixture(bed.storage, time: bed.time))
        try await inspect(bed)
        #expect(try await bed.stored(saved)?.status == nil)
        #expect(try await standing(bed, saved).isEmpty)
    }

    @Test func aTicketWaitsForTheKeyAndNoRulePauses() async throws {
        let bed = try await OutboxFixture()
        let connection = StoredConnection(
            id: ConnectionID(), connector: ConnectorID("desk"), name: "sealed", tenant: TenantIdentity(rawValue: "sealed.example.com"),
            settings: ["server": "https://sealed.example.com"], secrets: ["token": SealedSecret(bytes: [1, 2, 3])], revision: 1,
            createdAt: .sampleNow, changedAt: .sampleNow, status: nil)
        try await bed.storage.add(connection, audit: .outbox(.connectionCreated))
        let rule = try await bed.rule(through: connection)
        let job = try await bed.job("1")
        for _ in 0..<5 { await bed.work(3_600, on: connection) }
        #expect(try await bed.now(job).state == .waiting)
        #expect(try await bed.storage.rule(rule.id)?.pause == nil)
        let issues = try await bed.storage.issues(of: connection.id)
        #expect(issues.map(\.code) == [.configSecretUnreadable] && issues.first?.resolvedAt == nil)
    }
}
