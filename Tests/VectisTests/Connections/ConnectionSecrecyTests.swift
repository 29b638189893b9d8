import Foundation
import FoundationEssentials
import PSACore
import PSATesting
import Sodium
import TestSupport
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Secrets of saved connections")
struct ConnectionSecrecyTests {
    private struct Foreign: Error { let text = SecretMarker.plain }

    @Test func aSavedSecretIsInNoFileAndInNoText() async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        let ring = try data.openKeys()
        let storage = try await DatabaseStorage.open(data.database)
        try data.confirmKeys()
        let fixture = try await HostFixture(storage, ring: ring)
        let sink = RecordingSink()
        let log = VendorCallLog(log: HostLog(sink: sink, time: fixture.time.source), metrics: HostMetrics())
        let shown = try await everythingShown(fixture, log)

        #expect(shown.count > 30)
        for text in shown + [sink.text] { #expect(SecretMarker.found(in: text) == [], "\(text.prefix(200))") }
        // Before the file is closed, new data is in the write-ahead log beside it.
        for name in ["vectis.db", "vectis.db-wal", "vectis.key"] {
            let bytes = folder.bytes(name)
            #expect(!bytes.isEmpty, "\(name)")
            #expect(SecretMarker.found(in: bytes) == [], "\(name)")
        }
        let plain = Array("plain-setting-91".utf8)
        #expect((folder.bytes("vectis.db") + folder.bytes("vectis.db-wal")).contains(plain), "the search would find it")
        await storage.close()
        #expect(folder.bytes("vectis.db").contains(plain))
        #expect(SecretMarker.found(in: folder.bytes("vectis.db")) == [])
    }

    /// Everything the service returns about connections with the marker as secret: drafts, outcomes, errors, audit log.
    private func everythingShown(_ fixture: HostFixture, _ log: VendorCallLog) async throws -> [String] {
        var shown: [String] = []
        func show(_ value: some Any) {
            var dumped = ""
            dump(value, to: &dumped)
            shown += ["\(value)", String(reflecting: value), dumped]
        }
        func refused(_ body: () async throws -> Void) async {
            do {
                try await body()
                Issue.record("nothing was refused")
            } catch {
                show(error)
            }
        }
        let secret: [SettingKey: String] = ["token": SecretMarker.plain, "pin": SecretMarker.plain, "account": "plain-setting-91"]
        let draft = try fixture.draft(secret)
        show(draft)
        show(draft.validation)
        fixture.script.rewrite { $0.test = { throw Foreign() } }
        show(try await fixture.service.test(draft, audit: .sample()))
        fixture.script.rewrite { $0.test = { .passing } }
        let tested = try await fixture.service.test(draft, audit: .sample())
        show(tested)
        let saved = try await fixture.service.save(draft, SaveConfirmation(proof: tested.proof), audit: .sample(.connectionCreated))
        show(saved)

        let other = secret.merging(["server": "https://other.example.com"]) { $1 }
        await refused { _ = try await fixture.service.save(draft, SaveConfirmation(), audit: .sample()) }
        await refused { _ = try await fixture.service.save(try fixture.draft(other), SaveConfirmation(), audit: .sample()) }
        await refused { _ = try await fixture.service.save(try fixture.draft(other, over: saved), SaveConfirmation(), audit: .sample()) }
        let invalid = try fixture.draft(["token": SecretMarker.plain + "\n\u{1}", "pin": String(repeating: SecretMarker.plain, count: 9)])
        show(invalid.validation)
        show(try await fixture.service.test(invalid, audit: .sample()))
        await refused { _ = try await fixture.service.save(invalid, SaveConfirmation(acceptsUntested: true), audit: .sample()) }
        fixture.script.rewrite {
            $0.lists = { _ in throw Foreign() }
            $0.testTicket = { throw Foreign() }
        }
        await refused {
            _ = try await fixture.service.saveTicketDefaults(
                TicketDefaultValues(values: [.type: "1"]), of: saved, acceptsUnverified: false, audit: .sample())
        }
        show(try await fixture.service.createTestTicket(with: saved, audit: .sample()))
        let keyless = try await HostFixture(fixture.storage, ring: try KeyRing([try SealingKey.random()]))
        await refused { _ = try keyless.service.draft(of: saved) }
        show(SettingsSubmission(values: secret.mapValues { Secret($0) }))
        show(fixture.service)
        show(try await fixture.storage.connections())
        show(try await fixture.storage.connectionTests(of: saved.id))
        show(try await fixture.storage.issues(of: saved.id))
        show(try await fixture.service.overview(of: saved))
        let failure = PSAError(.authInvalidClient, values: [.host: .verbatim("acme.example.com")])
        show(SupportText(problem: try JSONDocument(failure.problem.encoded).root, at: .sampleNow, versions: "API 1").text)
        show(try await fixture.log())
        log.record(ConnectorEvent(.tokenRefused(host: "acme.example.com"), connection: "main"))
        return shown
    }
}

extension [UInt8] {
    fileprivate func contains(_ part: [UInt8]) -> Bool {
        indices.contains { self[$0...].starts(with: part) }
    }
}

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

    @Test func secretsOfSecondFactorsCountInTheLogToo() async throws {
        let fixture = try await HostFixture()
        try await fixture.storage.add(Account.sample(), audit: .sample(.accountCreated))
        let id = ConnectionID()
        let secret = try fixture.vault.seal(Secret("secret"), of: id, SecondFactor.secretKey)
        try await fixture.storage.begin(
            SecondFactor(account: AccountName(literal: "ada"), id: id, secret: secret, createdAt: fixture.time.now))
        let log = RecordingSink()
        try await inspect(fixture, log)
        #expect(log.text.isEmpty)
        try await inspect(try await HostFixture(fixture.storage, time: fixture.time), log)
        #expect(log.text.contains("\"connections\":0") && log.text.contains("\"secondFactors\":1"), "\(log.text)")
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
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
        let issues = try await fixture.storage.issues(of: connection.id)
        #expect(issues.map(\.code) == [.configSecretUnreadable] && issues.first?.resolvedAt == nil)
    }
}
