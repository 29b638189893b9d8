import FoundationEssentials
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Drafts of connections")
struct ConnectionDraftTests {
    private let fixture: HostFixture

    init() async throws { fixture = try await HostFixture() }

    @Test func anEmptySecretKeepsTheStoredOneAndAnEmptySettingDoesNot() async throws {
        let saved = try await fixture.saved(["pin": "1234", "style": "curt", "typeID": "7"])
        let draft = try fixture.draft(["token": "", "style": "", "account": "b"], over: saved)
        #expect(draft.secrets == ["token": Secret("t0ken"), "pin": Secret("1234")])
        #expect(draft.plainSettings == ["server": "https://acme.example.com", "account": "b", "typeID": "7"])
        #expect(draft.validation.issues.isEmpty && !draft.changesTenant)
        let other = try fixture.draft(["token": "new"], over: saved)
        #expect(other.secrets == ["token": Secret("new"), "pin": Secret("1234")])
    }

    @Test func aDraftOfASavedConnectionIsUnchanged() async throws {
        let saved = try await fixture.saved(["pin": "1234", "space": "North", "server": "ACME.example.com/"], name: "Mine")
        let draft = try fixture.service.draft(of: saved)
        #expect(draft.plainSettings == saved.settings && draft.tenant == saved.tenant && draft.effectiveName == "Mine")
        #expect(draft.secrets == ["token": Secret("t0ken"), "pin": Secret("1234")])
    }

    @Test(
        "stored secrets are not sent to another tenant",
        arguments: [["server": "https://evil.example.com"], ["space": "Other"], ["server": "https://acme.example.com:8443"]]
            as [[SettingKey: String]])
    func otherTenant(changes: [SettingKey: String]) async throws {
        let saved = try await fixture.saved(["pin": "1234"])
        let draft = try fixture.draft(changes.merging(["token": ""]) { $1 }, over: saved)
        #expect(draft.secrets == [:])
        #expect(draft.validation.issues.map(\.field) == ["token"])
        let tested = try await fixture.service.test(draft, audit: .sample())
        #expect(tested.report.failure?.code == .configMissingField && fixture.script.openedWith.isEmpty)
        let complete = try fixture.draft(changes.merging(["token": "new"]) { $1 }, over: saved)
        #expect(complete.changesTenant && complete.secrets == ["token": Secret("new")])
    }

    @Test func withAChangedTenantOnlyDraftsWithoutStoredSecretsAreTested() async throws {
        let saved = try await fixture.saved()
        let draft = try fixture.draft(["server": "https://evil.example.com", "typeID": "none"], over: saved)
        _ = try await fixture.service.test(draft, audit: .sample())
        #expect(draft.validation.issues.contains { $0.field == "typeID" })
        #expect(fixture.script.openedWith.isEmpty)
    }

    @Test func unknownKeysAreProblemsAndAreNotStored() async throws {
        let draft = try fixture.draft(["tenantUrl": "x"])
        #expect(draft.validation.issues.map(\.field) == ["tenantUrl"])
        #expect(draft.plainSettings["tenantUrl"] == nil && draft.tenant == nil)
        await #expect(throws: SaveError.self) {
            try await fixture.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        }
        #expect(try await fixture.storage.connections() == [])
    }

    @Test func anUnknownConnectorIsReportedWithTheNearestName() throws {
        let error = #expect(throws: PSAError.self) { try fixture.service.draft("scriptd", SettingsSubmission()) }
        #expect(try #require(error).code == .configUnknownConnector)
    }

    @Test(
        "spellings of one tenant",
        arguments: [
            ("https://acme.example.com", "", "acme.example.com"), ("ACME.Example.com", "", "acme.example.com"),
            ("https://acme.example.com/", "", "acme.example.com"), ("https://acme.example.com:443", "", "acme.example.com"),
            ("https://acme.example.com:8443", "", "acme.example.com:8443"), ("acme.example.com", "NORTH", "acme.example.com north"),
            ("acme.example.com", " ", "acme.example.com"),
        ])
    func tenants(server: String, space: String, identity: String) throws {
        #expect(try fixture.draft(["server": server, "space": space]).tenant?.rawValue == identity)
    }

    @Test(
        "valid connection names",
        arguments: [
            ("", "acme.example.com"), ("   ", "acme.example.com"), ("  My   Acme ", "My Acme"), ("two\r\nlines\u{2028}", "twolines"),
            (String(repeating: "x", count: 100), String(repeating: "x", count: 80)),
        ])
    func names(typed: String, name: String) throws {
        #expect(try fixture.draft(name: typed).effectiveName == name)
    }

    @Test func anUnreadableSecretCanBeEnteredAgain() async throws {
        let saved = try await fixture.saved()
        let keyless = try await HostFixture(fixture.storage, time: fixture.time)
        #expect(throws: KeyRingError.noFittingKey) { try keyless.draft(["account": "b"], over: saved) }
        #expect(throws: KeyRingError.noFittingKey) { try keyless.draft(["token": ""], over: saved) }
        let draft = try keyless.draft(["token": "entered again"], over: saved)
        let tested = try await keyless.service.test(draft, audit: .sample())
        let consent = SaveConfirmation(proof: tested.proof)
        let corrected = try await keyless.service.save(draft, consent, audit: .sample(.connectionChanged))
        #expect(try keyless.secret("token", of: corrected) == "entered again")
        #expect(try await keyless.stored(saved) == corrected && corrected.status != nil)
    }
}

@Suite("Saving connections")
struct ConnectionSavingTests {
    private let fixture: HostFixture

    init() async throws { fixture = try await HostFixture() }

    /// The error of saving; nil if it succeeded.
    private func refusal(_ draft: ConnectionDraft, _ consent: SaveConfirmation = SaveConfirmation(acceptsUntested: true)) async throws
        -> String?
    {
        do {
            _ = try await fixture.service.save(draft, consent, audit: .sample(.connectionChanged))
            return nil
        } catch let refusal as SaveError {
            return String("\(refusal)".prefix { $0 != "(" })
        }
    }

    private func receipt(_ draft: ConnectionDraft) async throws -> TestProof {
        try #require(try await fixture.service.test(draft, audit: .sample()).proof)
    }

    @Test func theSavedSettingsAreTheTestedOnes() async throws {
        fixture.time.advance(by: 0.25)
        let draft = try fixture.draft(["pin": "1234", "server": "ACME.example.com/"], name: "Acme")
        let receipt = try await receipt(draft)
        let saved = try await fixture.service.save(
            draft, SaveConfirmation(proof: receipt), audit: .sample(.connectionCreated, target: "Acme"))
        #expect(saved.settings == ["server": "https://acme.example.com", "account": "a"])
        #expect(saved.revision == 1 && saved.name == "Acme" && saved.tenant.rawValue == "acme.example.com")
        #expect(saved.createdAt == fixture.time.now && saved.changedAt == fixture.time.now)
        #expect(try fixture.secret("token", of: saved) == "t0ken" && fixture.secret("pin", of: saved) == "1234")
        #expect(saved.status?.outcome == .connected && saved.status?.headline == "Connected to acme.example.com")
        #expect(try await fixture.stored(saved) == saved)
        #expect(try await fixture.log().map(\.action) == [.connectionCreated, .connectionTested])
    }

    @Test func editingKeepsIDAndCreationDateAndIncrementsTheRevision() async throws {
        let saved = try await fixture.saved()
        fixture.time.advance(by: 60)
        let edited = try await fixture.service.save(
            try fixture.draft(["account": "b", "token": ""], name: "New name", over: saved), SaveConfirmation(acceptsUntested: true),
            audit: .sample(.connectionChanged))
        #expect(
            edited.id == saved.id && edited.createdAt == saved.createdAt && edited.changedAt == fixture.time.now && edited.revision == 2)
        #expect(edited.settings["account"] == "b" && edited.name == "New name")
        #expect(try fixture.secret("token", of: edited) == "t0ken")
        #expect(try await fixture.stored(saved) == edited)
    }

    @Test func invalidSettingsAreRejected() async throws {
        #expect(try await refusal(try fixture.draft(["account": "", "typeID": "x"])) == "invalid")
        #expect(try await fixture.storage.connections() == [])
        #expect(try await fixture.log() == [])
    }

    @Test func aPlaceholderIsRejected() async throws {
        let values = HostFixture.settings.mapValues { Secret($0) }
        let draft = try fixture.service.draft("unbuilt", SettingsSubmission(values: values))
        #expect(draft.validation.issues.isEmpty)
        #expect(try await refusal(draft) == "placeholder")
    }

    @Test func untestedSettingsNeedConfirmation() async throws {
        let draft = try fixture.draft()
        #expect(try await refusal(draft, SaveConfirmation()) == "untested")
        #expect(try await refusal(draft, SaveConfirmation(proof: TestProof(rawValue: "made up"))) == "untested")
        fixture.script.rewrite { $0.test = { .ending(.failed, .authInvalidClient) } }
        #expect(try await fixture.service.test(draft, audit: .sample()).proof == nil)
        #expect(try await fixture.storage.connections().isEmpty)
        let saved = try await fixture.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        #expect(saved.status == nil)
    }

    @Test(
        "a test proof is valid only for the tested settings",
        arguments: ["server", "space", "account", "token", "pin", "typeID", "style"] as [SettingKey])
    func otherSettings(key: SettingKey) async throws {
        let receipt = try await receipt(try fixture.draft())
        let changed = try fixture.draft([key: key == "server" ? "https://acme.example.org" : "77"])
        #expect(try await refusal(changed, SaveConfirmation(proof: receipt)) == "untested")
        // The name is no setting.
        #expect(try await refusal(try fixture.draft(name: "Another name"), SaveConfirmation(proof: receipt)) == nil)
    }

    @Test func aTestProofExpires() async throws {
        let draft = try fixture.draft()
        let receipt = try await receipt(draft)
        fixture.time.advance(by: 30 * 60)
        #expect(try await refusal(draft, SaveConfirmation(proof: receipt)) == "untested")
    }

    @Test func aTestProofDoesNotAllowASecondConnectionToTheTenant() async throws {
        let draft = try fixture.draft()
        let receipt = try await receipt(draft)
        #expect(try await refusal(draft, SaveConfirmation(proof: receipt)) == nil)
        #expect(try await refusal(draft, SaveConfirmation(proof: receipt)) == "duplicate")
        #expect(try await fixture.storage.connections().count == 1)
    }

    @Test(
        "a second connection to the same tenant is rejected in every spelling",
        arguments: ["https://acme.example.com", "ACME.example.com", "https://acme.example.com:443/"])
    func duplicates(server: String) async throws {
        let saved = try await fixture.saved(name: "First")
        let draft = try fixture.draft(["server": server, "account": "b"])
        let error = await #expect(throws: SaveError.self) {
            try await fixture.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        }
        guard case .duplicate(let other)? = error else { return try #require(Bool(false), "\(String(describing: error))") }
        #expect(other == saved)
        #expect(try await refusal(try fixture.draft(["server": server, "space": "North"])) == nil)
    }

    @Test func ofTwoConcurrentConnectionsToATenantOneIsRejected() async throws {
        let endings = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<8 { group.addTask { try await refusal(try fixture.draft(["account": "\(number)"])) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(endings.count { $0 == nil } == 1 && endings.count { $0 == "duplicate" } == 7)
        #expect(try await fixture.storage.connections().count == 1)
    }

    @Test func aChangeOfTenantNeedsConfirmation() async throws {
        let saved = try await fixture.saved()
        let draft = try fixture.draft(["server": "https://new.example.com", "token": "new"], over: saved)
        let jobs = try (1...3).map { number in
            NewJob(connection: saved.id, key: try #require(IdempotencyKey("\(number)")), payload: .newTicket("Disk full"))
        }
        _ = try await fixture.storage.engine.add(jobs, at: .sampleNow)
        let error = await #expect(throws: SaveError.self) {
            try await fixture.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        }
        guard case .otherTenant(let old, let new, let openJobs)? = error else {
            return try #require(Bool(false), "\(String(describing: error))")
        }
        #expect(old.rawValue == "acme.example.com" && new.rawValue == "new.example.com" && openJobs == 3)
        #expect(try await fixture.stored(saved) == saved)
        #expect(try await refusal(draft, SaveConfirmation(acceptsUntested: true, acceptsOtherTenant: true)) == nil)
        #expect(try await fixture.stored(saved)?.tenant.rawValue == "new.example.com")
    }

    @Test func aTenantOfAnotherConnectionIsRejectedBeforeConfirmation() async throws {
        let first = try await fixture.saved()
        let second = try await fixture.saved(["server": "https://second.example.com"])
        let draft = try fixture.draft(["server": first.tenant.rawValue, "token": "new"], over: second)
        #expect(try await refusal(draft) == "duplicate")
    }

    @Test func aStaleRevisionIsRejected() async throws {
        let saved = try await fixture.saved()
        let mine = try fixture.draft(["account": "mine"], over: saved)
        #expect(try await refusal(try fixture.draft(["account": "theirs"], over: saved)) == nil)
        #expect(try await refusal(mine) == "stale")
        #expect(try await fixture.stored(saved)?.settings["account"] == "theirs")
    }

    @Test func aConcurrentRemovalIsReported() async throws {
        let saved = try await fixture.saved()
        try await fixture.service.remove(saved, audit: .sample(.connectionRemoved))
        await #expect(throws: StoreError.notFound) { try await refusal(try fixture.draft(["account": "b"], over: saved)) }
        await #expect(throws: StoreError.notFound) { try await fixture.service.remove(saved, audit: .sample(.connectionRemoved)) }
        #expect(try await fixture.log(.connectionRemoved).count == 1)
    }
}
