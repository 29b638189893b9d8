import FoundationEssentials
import PSACore
import PSATesting
import Sodium
import TestSupport
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
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
