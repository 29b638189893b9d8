import Foundation
import PSACore
import PSATesting
import PostgreSQL
import PostgreSQLServer
import SQL
import Sodium
import Testing
@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisStorage

@Suite("The key of a database")
struct KeyCheckTests {
    private let old: KeyRing
    private let new: KeyRing

    init() throws { (old, new) = (try KeyRing([try SealingKey.random()]), try KeyRing([try SealingKey.random()])) }

    @Test func aDatabaseTakesTheFirstKeysAndRefusesOthers() async throws {
        let storage = try await DatabaseStorage.empty()
        #expect(try await storage.admitKeys(old, replacing: false))
        #expect(try await !storage.admitKeys(new, replacing: false))
        // While a key is exchanged, processes have both.
        #expect(try await storage.admitKeys(try old.addingNewest(try SealingKey.random()), replacing: false))
        #expect(try await storage.admitKeys(old, replacing: false))
    }

    @Test func aDatabaseOfEarlierVersionsIsKnownByItsSecrets() async throws {
        let fixture = try await HostFixture(ring: old)
        _ = try await fixture.saved()
        #expect(try await !fixture.storage.admitKeys(new, replacing: false))
        #expect(try await fixture.storage.admitKeys(old, replacing: false))
    }

    @Test func aloneInAFolderOtherKeysGiveWay() async throws {
        let storage = try await DatabaseStorage.empty()
        #expect(try await storage.admitKeys(old, replacing: true))
        #expect(try await !storage.admitKeys(new, replacing: true))
        #expect(try await storage.admitKeys(new, replacing: false))
    }

    @Test func afterARotationNothingIsKeptThatWasSealedWithTheKeyBefore() async throws {
        let storage = try await DatabaseStorage.empty()
        let fixture = try await HostFixture(storage, ring: old)
        #expect(try await storage.admitKeys(old, replacing: false))
        _ = try await fixture.saved()
        let count = try await storage.reencryptSecrets(with: new, audit: .sample(.keyRotated)) { sealed, id, key in
            try Vault(new, time: fixture.time.source).seal(try fixture.vault.open(sealed, of: id, key), of: id, key)
        }
        #expect(count > 0)
        await #expect(throws: KeyRingError.replaced) {
            _ = try await fixture.saved(["server": "https://other.example.com", "account": "b"])
        }
        try await storage.add(Account.sample(), audit: .sample(.accountCreated))
        let id = ConnectionID()
        let secret = try fixture.vault.seal(Secret("secret"), of: id, SecondFactor.secretKey)
        await #expect(throws: KeyRingError.replaced) {
            try await storage.begin(
                SecondFactor(account: AccountName(literal: "ada"), id: id, secret: secret, createdAt: fixture.time.now))
        }
        #expect(try await storage.connections().count == 1)
    }

    @Test func anEmptiedCheckValueLetsTheNextKeysIn() async throws {
        let storage = try await DatabaseStorage.empty()
        #expect(try await storage.admitKeys(old, replacing: false))
        try await storage.queue.write { try $0.run("UPDATE key_check SET digest = ?", [.blob([])]) }
        #expect(try await storage.admitKeys(new, replacing: false))
        #expect(try await !storage.admitKeys(old, replacing: false))
    }

    @Test func processesThatStartTogetherUseTheKeyFileOfTheFirst() async throws {
        let folder = try TemporaryFolder()
        let first = DataFolder(path: folder.file("one"), keyFile: folder.file("shared.key"))
        let second = DataFolder(path: folder.file("two"), keyFile: folder.file("shared.key"))
        var lock = try await first.lockMissingKeys()
        #expect(lock != nil)
        let waiting = Task { () -> (isLocked: Bool, texts: [String]) in
            let lock = try await second.lockMissingKeys()
            return (lock != nil, try second.openKeys(.rows).texts)
        }
        let ring = try first.openKeys(createsDatabase: true, .missing)
        try first.confirmKeys()
        lock = nil
        let (isLocked, texts) = try await waiting.value
        #expect(!isLocked && texts == ring.texts && lock == nil)
        #expect(!FileManager.default.fileExists(atPath: folder.file("shared.key.lock")))
    }

    @Test func aKeyFileThatWasPutBackIsNotReplacedByOneOfAnEarlierStart() async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        _ = try data.openKeys()
        try data.keyFile.write(old)
        try data.confirmKeys()
        #expect(try data.keyFile.read().texts == old.texts)
        #expect(!FileManager.default.fileExists(atPath: data.keyFile.path + ".first"))
    }

    @Test(
        "a second process with another key is refused, and the first goes on",
        .enabled(if: PostgreSQLServer.isAvailable, "needs Debian's package postgresql"))
    func sharedDatabase() async throws {
        let folder = try TemporaryFolder()
        let url = try PostgreSQLServer.shared().url(PostgreSQLServer.shared().createDatabase(), parameters: "schema=keys")
        let storage = try await DatabaseStorage.open(try PostgreSQLConfiguration(url: url))
        #expect(try await storage.admitKeys(old, replacing: false))
        try FileManager.default.createDirectory(atPath: folder.file("two"), withIntermediateDirectories: true)
        try KeyFile(path: folder.file("two/vectis.key")).write(new)
        let refused = try await CommandLineFixture().run(
            "serve --json --port 0 --until-input-ends --data \(folder.file("two")) --database \(url)")
        #expect(refused.status == 5 && refused.json?["code"]?.string == "host.key_mismatch", "\(refused.output)")
        #expect(try await storage.admitKeys(old, replacing: false))
        await storage.close()
        let rotation = try await CommandLineFixture().run("key rotate --json --data \(folder.file("two")) --database \(url)")
        #expect(rotation.status == 5 && rotation.json?["code"]?.string == "host.key_mismatch", "\(rotation.output)")
    }
}
