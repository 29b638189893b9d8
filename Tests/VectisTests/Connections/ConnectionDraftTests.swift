import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
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
