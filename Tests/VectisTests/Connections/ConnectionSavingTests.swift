import FoundationEssentials
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

@Suite("Saving connections")
struct ConnectionSavingTests {
    private let bed: HostFixture

    init() async throws { bed = try await HostFixture() }

    /// How saving was refused, in one word; nil if it was not.
    private func refusal(_ draft: ConnectionDraft, _ consent: SaveConfirmation = SaveConfirmation(acceptsUntested: true)) async throws
        -> String?
    {
        do {
            _ = try await bed.service.save(draft, consent, audit: .sample(.connectionChanged))
            return nil
        } catch let refusal as SaveError {
            return String("\(refusal)".prefix { $0 != "(" })
        }
    }

    private func receipt(_ draft: ConnectionDraft) async throws -> TestProof {
        try #require(try await bed.service.test(draft, audit: .sample()).proof)
    }

    @Test func whatIsSavedIsWhatWasTested() async throws {
        bed.time.advance(by: 0.25)
        let draft = try bed.draft(["pin": "1234", "server": "ACME.example.com/"], name: "Acme")
        let receipt = try await receipt(draft)
        let saved = try await bed.service.save(
            draft, SaveConfirmation(proof: receipt), audit: .sample(.connectionCreated, target: "Acme"))
        #expect(saved.settings == ["server": "https://acme.example.com", "account": "a"])
        #expect(saved.revision == 1 && saved.name == "Acme" && saved.tenant.rawValue == "acme.example.com")
        #expect(saved.createdAt == bed.time.now && saved.changedAt == bed.time.now)
        #expect(try bed.secret("token", of: saved) == "t0ken" && bed.secret("pin", of: saved) == "1234")
        #expect(saved.status?.outcome == .connected && saved.status?.headline == "Connected to acme.example.com")
        #expect(try await bed.stored(saved) == saved)
        #expect(try await bed.log().map(\.action) == [.connectionCreated, .connectionTested])
    }

    @Test func editingKeepsIdAndDayOfBirthAndCountsOn() async throws {
        let saved = try await bed.saved()
        bed.time.advance(by: 60)
        let edited = try await bed.service.save(
            try bed.draft(["account": "b", "token": ""], name: "New name", over: saved), SaveConfirmation(acceptsUntested: true),
            audit: .sample(.connectionChanged))
        #expect(edited.id == saved.id && edited.createdAt == saved.createdAt && edited.changedAt == bed.time.now && edited.revision == 2)
        #expect(edited.settings["account"] == "b" && edited.name == "New name")
        #expect(try bed.secret("token", of: edited) == "t0ken")
        #expect(try await bed.stored(saved) == edited)
    }

    @Test func settingsWithProblemsAreRefused() async throws {
        #expect(try await refusal(try bed.draft(["account": "", "typeID": "x"])) == "invalid")
        #expect(try await bed.storage.connections() == [])
        #expect(try await bed.log() == [])
    }

    @Test func aPlaceholderIsRefused() async throws {
        let values = HostFixture.settings.mapValues { Secret($0) }
        let draft = try bed.service.draft("unbuilt", SettingsSubmission(values: values))
        #expect(draft.validation.issues.isEmpty)
        #expect(try await refusal(draft) == "placeholder")
    }

    @Test func whatWasNotSeenToWorkNeedsConsent() async throws {
        let draft = try bed.draft()
        #expect(try await refusal(draft, SaveConfirmation()) == "untested")
        #expect(try await refusal(draft, SaveConfirmation(proof: TestProof(rawValue: "made up"))) == "untested")
        bed.script.rewrite { $0.test = { .ending(.failed, .authInvalidClient) } }
        #expect(try await bed.service.test(draft, audit: .sample()).proof == nil)
        #expect(try await bed.storage.connections().isEmpty)
        let saved = try await bed.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        #expect(saved.status == nil)
    }

    @Test(
        "a receipt counts for exactly the settings it was given for",
        arguments: ["server", "space", "account", "token", "pin", "typeID", "mood"] as [SettingKey])
    func otherSettings(key: SettingKey) async throws {
        let receipt = try await receipt(try bed.draft())
        let changed = try bed.draft([key: key == "server" ? "https://acme.example.org" : "77"])
        #expect(try await refusal(changed, SaveConfirmation(proof: receipt)) == "untested")
        // The name is no setting.
        #expect(try await refusal(try bed.draft(name: "Another name"), SaveConfirmation(proof: receipt)) == nil)
    }

    @Test func aReceiptExpires() async throws {
        let draft = try bed.draft()
        let receipt = try await receipt(draft)
        bed.time.advance(by: 30 * 60)
        #expect(try await refusal(draft, SaveConfirmation(proof: receipt)) == "untested")
    }

    @Test func aReceiptDoesNotSaveASecondConnectionToTheTenant() async throws {
        let draft = try bed.draft()
        let receipt = try await receipt(draft)
        #expect(try await refusal(draft, SaveConfirmation(proof: receipt)) == nil)
        #expect(try await refusal(draft, SaveConfirmation(proof: receipt)) == "duplicate")
        #expect(try await bed.storage.connections().count == 1)
    }

    @Test(
        "another connection to the same tenant is refused, however it is spelled",
        arguments: ["https://acme.example.com", "ACME.example.com", "https://acme.example.com:443/"])
    func duplicates(server: String) async throws {
        let saved = try await bed.saved(name: "First")
        let draft = try bed.draft(["server": server, "account": "b"])
        let error = await #expect(throws: SaveError.self) {
            try await bed.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        }
        guard case .duplicate(let other)? = error else { return try #require(Bool(false), "\(String(describing: error))") }
        #expect(other == saved)
        #expect(try await refusal(try bed.draft(["server": server, "space": "North"])) == nil)
    }

    @Test func ofTwoWhoConnectTheSameTenantAtOnceOneIsRefused() async throws {
        let endings = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<8 { group.addTask { try await refusal(try bed.draft(["account": "\(number)"])) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(endings.count { $0 == nil } == 1 && endings.count { $0 == "duplicate" } == 7)
        #expect(try await bed.storage.connections().count == 1)
    }

    @Test func anotherTenantIsAskedAbout() async throws {
        let saved = try await bed.saved()
        let draft = try bed.draft(["server": "https://new.example.com", "token": "new"], over: saved)
        let error = await #expect(throws: SaveError.self) {
            try await bed.service.save(draft, SaveConfirmation(acceptsUntested: true), audit: .sample())
        }
        guard case .otherTenant(let old, let new)? = error else { return try #require(Bool(false), "\(String(describing: error))") }
        #expect(old.rawValue == "acme.example.com" && new.rawValue == "new.example.com")
        #expect(try await bed.stored(saved) == saved)
        #expect(try await refusal(draft, SaveConfirmation(acceptsUntested: true, acceptsOtherTenant: true)) == nil)
        #expect(try await bed.stored(saved)?.tenant.rawValue == "new.example.com")
    }

    @Test func aTenantThatAnotherConnectionHasIsRefusedBeforeItIsAskedAbout() async throws {
        let first = try await bed.saved()
        let second = try await bed.saved(["server": "https://second.example.com"])
        let draft = try bed.draft(["server": first.tenant.rawValue, "token": "new"], over: second)
        #expect(try await refusal(draft) == "duplicate")
    }

    @Test func aStaleRevisionIsRefused() async throws {
        let saved = try await bed.saved()
        let mine = try bed.draft(["account": "mine"], over: saved)
        #expect(try await refusal(try bed.draft(["account": "theirs"], over: saved)) == nil)
        #expect(try await refusal(mine) == "stale")
        #expect(try await bed.stored(saved)?.settings["account"] == "theirs")
    }

    @Test func whatWasRemovedMeanwhileIsSaid() async throws {
        let saved = try await bed.saved()
        try await bed.service.remove(saved, audit: .sample(.connectionRemoved))
        await #expect(throws: StoreError.notFound) { try await refusal(try bed.draft(["account": "b"], over: saved)) }
        await #expect(throws: StoreError.notFound) { try await bed.service.remove(saved, audit: .sample(.connectionRemoved)) }
        #expect(try await bed.log(.connectionRemoved).count == 1)
    }
}
