import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
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

@Suite("The vault")
struct VaultTests {
    private let time = ManualClock(movesBySleeping: false, random: 0.5)
    private let ring: KeyRing
    private let vault: Vault

    init() throws {
        ring = try KeyRing([try SealingKey.random()])
        vault = Vault(ring, time: time.source)
    }

    private func visitor(_ digest: UInt8) -> SignedInUser {
        SignedInUser(account: .sample(), session: .sample(digest, of: AccountName(literal: "ada")), formToken: "")
    }

    private func draft(_ values: [SettingKey: String] = [:]) -> ConnectionDraft {
        var input: SettingsInput = ["server": "https://acme.example.com", "account": "a", "token": SecretMarker.plain]
        for (key, value) in values { input[key] = Secret(value) }
        return ConnectionDraft(descriptor: ScriptedConnector.descriptor, existing: nil, name: "", input: input, policy: .publicOnly)
    }

    @Test func aSealedSecretOpensAtItsPlaceOnly() throws {
        let (here, there) = (ConnectionID(), ConnectionID())
        let sealed = try vault.seal(Secret("s3cret é"), of: here, "token")
        #expect(try vault.open(sealed, of: here, "token").reveal() == "s3cret é")
        #expect(throws: KeyRingError.noFittingKey) { try vault.open(sealed, of: there, "token") }
        #expect(throws: KeyRingError.noFittingKey) { try vault.open(sealed, of: here, "pin") }
        #expect(try vault.seal(Secret("s3cret é"), of: here, "token") != sealed)
    }

    @Test func anEmptySecretIsASecret() throws {
        let id = ConnectionID()
        #expect(try vault.open(try vault.seal(Secret(""), of: id, "token"), of: id, "token") == Secret(""))
    }

    @Test func oneChangedBitIsNoticed() throws {
        let id = ConnectionID()
        let sealed = try vault.seal(Secret("abc"), of: id, "token")
        for index in sealed.bytes.indices {
            var bytes = sealed.bytes
            bytes[index] ^= 1
            #expect(throws: KeyRingError.noFittingKey) { try vault.open(SealedSecret(bytes: bytes), of: id, "token") }
        }
        for bytes in [[], Array(sealed.bytes.dropLast()), sealed.bytes + [0]] {
            #expect(throws: KeyRingError.noFittingKey) { try vault.open(SealedSecret(bytes: bytes), of: id, "token") }
        }
    }

    @Test func aWrongKeyOpensNothing() throws {
        let id = ConnectionID()
        let sealed = try vault.seal(Secret("abc"), of: id, "token")
        let other = Vault(try KeyRing([try SealingKey.random()]), time: time.source)
        let error = #expect(throws: KeyRingError.noFittingKey) { try other.open(sealed, of: id, "token") }
        #expect(try #require(error).description.contains("key file"))
    }

    @Test(
        "a typed secret is available in the same session, for the same field, for half an hour",
        arguments: ["s3cret", "with spaces  inside ", " ", "", "\u{301}begins with a mark", "\r\nlines", "1790000000 fake"])
    func carried(text: String) throws {
        let carried = try vault.sealForForm(Secret(text), of: visitor(1).session, "token")
        #expect(vault.openFromForm(carried, of: visitor(1).session, "token")?.reveal() == text)
        #expect(vault.openFromForm(carried, of: visitor(2).session, "token") == nil)
        #expect(vault.openFromForm(carried, of: visitor(1).session, "pin") == nil)
        time.advance(by: 30 * 60 - 1)
        #expect(vault.openFromForm(carried, of: visitor(1).session, "token")?.reveal() == text)
        time.advance(by: 1)
        #expect(vault.openFromForm(carried, of: visitor(1).session, "token") == nil)
    }

    @Test func proofsAndSealedSecretsOfTheFutureAreNotAccepted() throws {
        time.adjustWallClock(by: 400 * 86_400)
        let carried = try vault.sealForForm(Secret("abc"), of: visitor(1).session, "token")
        var status = ConnectionStatus.sample
        status.checkedAt = time.now
        let proof = try vault.proof(for: draft(), status)
        #expect(vault.openFromForm(carried, of: visitor(1).session, "token") != nil && vault.status(provenBy: proof, for: draft()) != nil)
        time.adjustWallClock(by: -400 * 86_400)
        #expect(vault.openFromForm(carried, of: visitor(1).session, "token") == nil)
        #expect(vault.status(provenBy: proof, for: draft()) == nil)
    }

    @Test func secretsNotSealedForTheFormAreNotOpened() throws {
        let sealed = try vault.seal(Secret("abc"), of: ConnectionID(), "token")
        let receipt = try vault.proof(for: draft(), .sample)
        for text in ["", "abc", "!!!", Base64URL.encode(sealed.bytes), receipt.rawValue] {
            #expect(vault.openFromForm(text, of: visitor(1).session, "token") == nil)
        }
    }

    @Test func aSealedFormSecretRevealsNothing() throws {
        let carried = try vault.sealForForm(Secret(SecretMarker.plain), of: visitor(1).session, "token")
        #expect(SecretMarker.found(in: carried) == [])
        #expect(SecretMarker.found(in: try #require(Base64URL.decode(carried))) == [])
    }

    @Test func aTestProofHoldsTheTestResultForHalfAnHour() throws {
        for code in [nil, ErrorCode.permissionScopeMissing] {
            var status = ConnectionStatus.sample
            (status.code, status.correlationID, status.checkedAt) = (code, code.map { _ in "abc" }, time.now)
            let receipt = try vault.proof(for: draft(), status)
            #expect(vault.status(provenBy: receipt, for: draft()) == status)
            time.advance(by: 30 * 60 - 1)
            #expect(vault.status(provenBy: receipt, for: draft()) == status)
            time.advance(by: 1)
            #expect(vault.status(provenBy: receipt, for: draft()) == nil)
        }
    }

    @Test(
        "a test proof is invalid for other settings",
        arguments: [
            ("server", "https://acme.example.org"), ("account", "b"), ("account", ""), ("token", "other"), ("pin", "1234"),
            ("style", "curt"),
            ("typeID", "1"),
        ] as [(SettingKey, String)])
    func otherSettings(key: SettingKey, value: String) throws {
        var status = ConnectionStatus.sample
        status.checkedAt = time.now
        let receipt = try vault.proof(for: draft(), status)
        #expect(vault.status(provenBy: receipt, for: draft([key: value])) == nil)
    }

    @Test func valuesInDifferentFieldsAreDifferentSettings() throws {
        var status = ConnectionStatus.sample
        status.checkedAt = time.now
        let receipt = try vault.proof(for: draft(["account": "ab", "style": "c"]), status)
        #expect(vault.status(provenBy: receipt, for: draft(["account": "a", "style": "bc"])) == nil)
        #expect(vault.status(provenBy: receipt, for: draft(["account": "ab", "style": "", "space": "c"])) == nil)
    }

    @Test func aTestProofIsBoundToTheConnectorAndCanNotBeForged() throws {
        let (one, twin) = (draft(), TwinConnector.draft(like: draft()))
        var status = ConnectionStatus.sample
        status.checkedAt = time.now
        let receipt = try vault.proof(for: one, status)
        #expect(vault.status(provenBy: receipt, for: twin) == nil)
        let foreign = try Vault(try KeyRing([try SealingKey.random()]), time: time.source).proof(for: one, status)
        let carried = try vault.sealForForm(Secret("abc"), of: visitor(1).session, "token")
        for text in ["", "tested", receipt.rawValue + "A", String(receipt.rawValue.dropLast(4)), foreign.rawValue, carried] {
            #expect(vault.status(provenBy: TestProof(rawValue: text), for: one) == nil)
        }
    }

    @Test func aKeyRingOpensWithEachKeyAndSealsWithTheNewest() throws {
        let id = ConnectionID()
        let old = try vault.seal(Secret("old"), of: id, "token")
        let both = try ring.addingNewest(try SealingKey.random())
        let new = try Vault(both, time: time.source).seal(Secret("new"), of: id, "token")
        #expect(try Vault(both, time: time.source).open(old, of: id, "token").reveal() == "old")
        #expect(throws: KeyRingError.noFittingKey) { try vault.open(new, of: id, "token") }
        let newest = Vault(try both.newestOnly(), time: time.source)
        #expect(try newest.open(new, of: id, "token").reveal() == "new")
        #expect(throws: KeyRingError.noFittingKey) { try newest.open(old, of: id, "token") }
        #expect(throws: KeyRingError.noFittingKey) { try KeyRing([]) }
    }

    @Test func formTokensDifferBySessionAndSurviveAnAddedKey() throws {
        let (one, other) = (try SessionToken(), try SessionToken())
        #expect(vault.formToken(for: one) == vault.formToken(for: one))
        #expect(vault.formToken(for: one) != vault.formToken(for: other))
        #expect(!vault.formToken(for: one).contains(one.cookieValue))
        let added = Vault(try ring.addingNewest(try SealingKey.random()), time: time.source)
        #expect(added.formToken(for: one) == vault.formToken(for: one))
        let foreign = Vault(try KeyRing([try SealingKey.random()]), time: time.source)
        #expect(foreign.formToken(for: one) != vault.formToken(for: one))
    }
}

@Suite("vectis key rotate")
struct KeyRotationTests {
    private let folder: TemporaryFolder
    private let data: DataFolder
    private let old: KeyRing
    private let tenants = ["a.example.com", "b.example.com", "c.example.com"]

    /// A data folder with three connections, two secrets each.
    init() async throws {
        folder = try TemporaryFolder()
        data = DataFolder(path: folder.path)
        old = try data.openKeys()
        let fixture = try await HostFixture(try await DatabaseStorage.open(data.database), ring: old)
        try data.confirmKeys()
        for tenant in tenants { _ = try await fixture.saved(["server": tenant, "token": "token of \(tenant)", "pin": "pin of \(tenant)"]) }
        await fixture.storage.close()
    }

    /// Whether a ring opens every stored secret, and each is still what was entered.
    private func opensEverything(_ ring: KeyRing) async throws -> Bool {
        let storage = try await DatabaseStorage.open(data.database)
        let fixture = try await HostFixture(storage, ring: ring)
        let connections = try await storage.connections()
        #expect(connections.map(\.tenant.rawValue) == tenants)
        let isOpened = connections.allSatisfy { connection in
            (try? fixture.secret("token", of: connection)) == "token of \(connection.tenant.rawValue)"
                && (try? fixture.secret("pin", of: connection)) == "pin of \(connection.tenant.rawValue)"
        }
        await storage.close()
        return isOpened
    }

    private func rotations() async throws -> Int {
        let storage = try await DatabaseStorage.open(data.database)
        let entries = try await storage.audit(AuditFilter(action: .keyRotated), before: nil, limit: 10)
        await storage.close()
        return entries.count
    }

    private func rotate(_ options: String = "") async throws -> CommandLineFixture.Result {
        try await CommandLineFixture().run("key rotate --data \(folder.path) \(options)")
    }

    /// The command runs to its end from here, and afterwards one new key opens everything.
    private func expectRotation(withKeys count: Int) async throws {
        let result = try await rotate("--json")
        #expect(result.status == 0 && result.json?["resealed"]?.integer == 6, "\(result.messages)")
        let new = try data.keyFile.read()
        #expect(new.count == 1 && !old.texts.contains(new.texts[0]))
        #expect(try await opensEverything(new))
        #expect(try await !opensEverything(old))
        #expect(try await rotations() == count)
        #expect(try folder.permissions(of: "vectis.key") == 0o600)
    }

    @Test func everySecretIsSealedWithTheNewKeyAndTheOldOneIsGone() async throws {
        try await expectRotation(withKeys: 1)
        let text = try await rotate().output
        #expect(text.contains("6 secrets") && text.contains(data.keyFile.path))
        #expect(try await opensEverything(try data.keyFile.read()))
    }

    @Test func interruptedAfterTheFileGotBothKeysEverythingIsReadable() async throws {
        try data.keyFile.write(try old.addingNewest(try SealingKey.random()))
        #expect(try await opensEverything(try data.openKeys()))
        try await expectRotation(withKeys: 1)
    }

    @Test func interruptedAfterTheSecretsChangedEverythingIsReadable() async throws {
        let both = try old.addingNewest(try SealingKey.random())
        try data.keyFile.write(both)
        let storage = try await DatabaseStorage.open(data.database)
        let vault = Vault(both, time: .system)
        let count = try await storage.reencryptSecrets(audit: .sample(.keyRotated)) { sealed, connection, key in
            try vault.seal(try vault.open(sealed, of: connection, key), of: connection, key)
        }
        await storage.close()
        #expect(count == 6)
        #expect(try await opensEverything(try data.openKeys()))
        try await expectRotation(withKeys: 2)
    }

    @Test func interruptedWhileTheFileIsReplacedTheOldFileIsUsed() async throws {
        try folder.write("# Keys of Vec", to: "vectis.key.new")
        #expect(try await opensEverything(try data.openKeys()))
        try await expectRotation(withKeys: 1)
    }

    @Test func aRotationThatCanNotBeLoggedChangesNoSecret() async throws {
        let storage = try await DatabaseStorage.open(data.database)
        try await storage.queue.write { database in
            try database.execute(
                "CREATE TRIGGER refused BEFORE INSERT ON audit_entry BEGIN SELECT RAISE(ABORT, 'refused'); END")
        }
        await storage.close()
        #expect(try await rotate().status != 0)
        #expect(try await opensEverything(old))
        #expect(try await opensEverything(try data.openKeys()))
        #expect(try await rotations() == 0)
    }

    @Test func aKeyFileOfAnotherFolderIsRejectedAndNoSecretChanges() async throws {
        let stranger = KeyFile(path: folder.file("stranger.key"))
        _ = try stranger.open(isNeeded: false)
        let result = try await rotate("--key-file \(stranger.path)")
        #expect(result.status == 5 && result.messages.contains("does not open with the keys in"))
        #expect(try await opensEverything(old))
        #expect(try await rotations() == 0)
    }

    @Test("an unusable key file is reported and left unchanged", arguments: ["missing", "damaged", "too open"])
    func unusableKeyFile(state: String) async throws {
        let before = folder.bytes("vectis.key")
        switch state {
        case "missing": try FileManager.default.removeItem(atPath: data.keyFile.path)
        case "damaged": try folder.write("broken", to: "vectis.key")
        default: try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: data.keyFile.path)
        }
        let result = try await rotate()
        #expect(result.status == 5 && result.messages.contains(data.keyFile.path))
        #expect(folder.bytes("vectis.key") == (state == "missing" ? [] : state == "damaged" ? Array("broken".utf8) : before))
        #expect(try await opensEverything(old))
    }

    @Test func aFolderWithoutADatabaseStaysAsItIs() async throws {
        let result = try await CommandLineFixture().run("key rotate --data \(folder.path)/nowhere")
        #expect(result.status == 5 && result.messages.contains("nowhere/vectis.db"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("nowhere")))
    }
}

@Suite("vectis account reset-password")
struct ResetPasswordTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        let storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        for (name, role) in [("ada", Role.admin), ("bob", .viewer)] {
            let account = Account.sample(try #require(AccountName(name)), role, password: try PasswordPolicy.cheap.hash("old password"))
            try await storage.add(account, audit: .sample())
            let session = SignInSession.sample(name == "ada" ? 1 : 2, of: account.name)
            try await storage.add(session, forgettingThoseSeenBefore: .distantPast, audit: .sample())
        }
        await storage.close()
    }

    private func reset(_ words: String) async throws -> CommandLineFixture.Result {
        try await CommandLineFixture().run("account reset-password \(words) --data \(folder.path)")
    }

    @Test("an account gets a new password and its sessions end", arguments: ["ada", "BOB"])
    func newPassword(typed: String) async throws {
        let result = try await reset("\(typed) --json")
        #expect(result.status == 0, "\(result.messages)")
        let password = try #require(result.json?["password"]?.string)
        let name = try #require(AccountName(typed))
        #expect(result.json?["account"]?.string == name.rawValue)
        let storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        let account = try #require(try await storage.account(name))
        #expect(PasswordPolicy.cheap.verify(password, against: account.passwordHash))
        #expect(!PasswordPolicy.cheap.verify("old password", against: account.passwordHash))
        #expect(PasswordPolicy.cheap.issue(with: password, for: name) == nil)
        #expect(account.role == (typed == "ada" ? .admin : .viewer))
        let digests = [SignInSession.sample(1, of: name), .sample(2, of: name)].map(\.tokenDigest)
        #expect(try await (storage.session(tokenDigest: digests[0]) == nil) == (typed == "ada"))
        #expect(try await (storage.session(tokenDigest: digests[1]) == nil) == (typed == "BOB"))
        let entry = try #require(try await storage.audit(AuditFilter(), before: nil, limit: 1).first?.entry)
        #expect(entry.action == .passwordChanged && entry.actor == .system && entry.target == name.rawValue && entry.address == nil)
        #expect(!"\(entry)".contains(password))
        await storage.close()
    }

    @Test func theOutputContainsThePasswordOnce() async throws {
        let (first, second) = (try await reset("ada").output, try await reset("ada").output)
        #expect(first.contains("The new password of ada is ") && first.contains("sessions have ended"))
        #expect(first != second)
    }

    @Test("an unknown account name is reported", arguments: ["eve", "'no name!'"])
    func unknownAccount(name: String) async throws {
        let result = try await reset(name)
        #expect(result.status == 2 && result.output.isEmpty)
    }

    @Test func aNameIsNeeded() async throws { #expect(try await reset("").status == 2) }

    @Test func aFolderWithoutADatabaseStaysAsItIs() async throws {
        let result = try await CommandLineFixture().run("account reset-password ada --data \(folder.path)/nowhere")
        #expect(result.status == 5 && !FileManager.default.fileExists(atPath: folder.file("nowhere")))
    }
}
