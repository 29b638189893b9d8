import Foundation
import Glibc
import PSACore
import PSATesting
import Sodium
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("The key file")
struct KeyFileTests {
    private let folder: TemporaryFolder
    private let file: KeyFile

    init() throws {
        folder = try TemporaryFolder()
        file = KeyFile(path: folder.file("vectis.key"))
    }

    @Test func aNewKeyFileIsReadableOnlyByItsOwner() throws {
        let ring = try file.open(isNeeded: false)
        #expect(try folder.permissions(of: "vectis.key") == 0o600)
        let sealed = try ring.seal([1, 2, 3], for: "here")
        #expect(try file.open(isNeeded: true).open(sealed, for: "here") == [1, 2, 3])
        #expect(try file.read().open(sealed, for: "here") == [1, 2, 3])
        #expect(folder.bytes("vectis.key.new") == [])
    }

    @Test func twoFilesHaveDifferentKeys() throws {
        let other = KeyFile(path: folder.file("other.key"))
        #expect(try file.open(isNeeded: false).texts != other.open(isNeeded: false).texts)
    }

    @Test func aMissingKeyFileIsNotRecreatedWhenSecretsMayBeSealed() throws {
        let error = #expect(throws: KeyRingError.missing(file.path)) { try file.open(isNeeded: true) }
        #expect(access(file.path, F_OK) != 0)
        // The way out that the message names works.
        #expect(try #require(error).description.contains("openssl rand -base64 32 > \(file.path)"))
        try folder.write(Data((0..<32).map { UInt8($0) }).base64EncodedString() + "\n", to: "vectis.key")
        #expect(try file.open(isNeeded: true).count == 1)
    }

    @Test func readingNeverCreatesAFile() {
        #expect(throws: KeyRingError.unreadable(file.path)) { try file.read() }
        #expect(access(file.path, F_OK) != 0)
    }

    @Test(
        "a damaged file is rejected and left unchanged",
        arguments: [
            "", "# only a comment\n", "no base64 at all\n", "AAAA\n", "not\u{0}text", "one good line is not enough",
        ])
    func damaged(content: String) throws {
        let good = try SealingKey.random().reveal()
        let text = content.hasPrefix("one good") ? "\(good)\nbroken\n" : content
        try folder.write(text, to: "vectis.key")
        for isNeeded in [true, false] {
            #expect(throws: KeyRingError.malformed(file.path)) { try file.open(isNeeded: isNeeded) }
        }
        #expect(folder.bytes("vectis.key") == Array(text.utf8))
    }

    @Test func aFileThatIsNotTextOrTooLongIsRejected() throws {
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(fileURLWithPath: file.path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        #expect(throws: KeyRingError.unreadable(file.path)) { try file.open(isNeeded: false) }
        try folder.write(String(repeating: "# padding\n", count: 7_000), to: "vectis.key")
        #expect(throws: KeyRingError.unreadable(file.path)) { try file.open(isNeeded: false) }
    }

    @Test("a file that others can read is rejected with the command that fixes it", arguments: [0o640, 0o604, 0o620, 0o601, 0o644, 0o777])
    func tooOpen(permissions: Int) throws {
        let text = try SealingKey.random().reveal() + "\n"
        try folder.write(text, to: "vectis.key", permissions: permissions)
        let error = #expect(throws: KeyRingError.tooOpen(file.path)) { try file.open(isNeeded: false) }
        #expect(try #require(error).description.contains("chmod 600 \(file.path)"))
        #expect(folder.bytes("vectis.key") == Array(text.utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: file.path)
        #expect(try file.open(isNeeded: false).count == 1)
    }

    @Test func aDanglingLinkIsNotReplaced() throws {
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: folder.file("unmounted/vectis.key"))
        #expect(throws: KeyRingError.unreadable(file.path)) { try file.open(isNeeded: false) }
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == folder.file("unmounted/vectis.key"))
    }

    @Test func aFolderOrAPipeInItsPlaceIsRejectedWithoutWaiting() throws {
        try FileManager.default.createDirectory(
            atPath: file.path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        #expect(throws: KeyRingError.notAFile(file.path)) { try file.open(isNeeded: false) }
        try FileManager.default.removeItem(atPath: file.path)
        #expect(mkfifo(file.path, 0o600) == 0)
        #expect(throws: KeyRingError.notAFile(file.path)) { try file.open(isNeeded: true) }
    }

    @Test(
        "every error of a key file has a code of the host",
        arguments: [
            KeyRingError.noFittingKey, .replaced, .missing("k"), .unreadable("k"), .notAFile("k"), .malformed("k"), .tooOpen("k"),
            .notWritable("k"),
        ])
    func guided(error: KeyRingError) {
        #expect(HostErrorCode(error.guided(keyFile: "k").code) != nil)
        #expect(error.guided(keyFile: "k").guidance.detail.contains("k"))
    }

    @Test func aFolderThatIsNotThereIsNotWritable() {
        let lost = KeyFile(path: folder.file("missing/vectis.key"))
        #expect(throws: KeyRingError.notWritable(lost.path)) { try lost.open(isNeeded: false) }
    }

    @Test("line ends of any system, spaces and comments are accepted", arguments: ["\n", "\r\n", "\n\n", "\r"])
    func lineEnds(lineEnd: String) throws {
        let ring = try KeyRing([try SealingKey.random(), try SealingKey.random()])
        try folder.write((["# keys"] + ring.texts).joined(separator: lineEnd), to: "vectis.key")
        #expect(try file.read().texts == ring.texts)
    }

    @Test func writingReplacesTheWholeFileAndKeepsTheOrder() throws {
        let ring = try file.open(isNeeded: false)
        let both = try ring.addingNewest(try SealingKey.random())
        try file.write(both)
        #expect(try file.read().texts == both.texts)
        try file.write(try both.newestOnly())
        #expect(try file.read().texts == [both.texts[0]])
        #expect(try folder.permissions(of: "vectis.key") == 0o600)
    }

    @Test func noMessageHoldsAKey() throws {
        let key = try SealingKey.random().reveal()
        try folder.write(key + "\nbroken \(key.dropLast())\n", to: "vectis.key")
        let error = #expect(throws: KeyRingError.self) { try file.read() }
        #expect(!"\(try #require(error))\(String(reflecting: error))".contains(key.prefix(20)))
    }
}

@Suite("The data folder")
struct DataFolderTests {
    @Test func theFolderIsCreatedForItsOwnerOnlyWithItsParents() throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.file("a/b"))
        try data.prepare()
        try data.prepare()
        #expect(try folder.permissions(of: "a/b") == 0o700)
        #expect(data.database == folder.file("a/b/vectis.db") && data.keyFile.path == folder.file("a/b/vectis.key"))
        #expect(DataFolder(path: "x", keyFile: "/elsewhere/k").keyFile.path == "/elsewhere/k")
    }

    @Test func aFileInPlaceOfTheFolderIsAnError() throws {
        let folder = try TemporaryFolder()
        try folder.write("a file", to: "data")
        #expect(throws: (any Error).self) { try DataFolder(path: folder.file("data")).prepare() }
    }

    /// A folder whose host was started once.
    private func started(_ data: DataFolder) async throws -> KeyRing {
        let ring = try data.openKeys()
        let storage = try await DatabaseStorage.open(data.database)
        try data.confirmKeys()
        await storage.close()
        return ring
    }

    @Test func keysAreCreatedWithTheDatabaseAndNeverForAnExistingOne() async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        let ring = try await started(data)
        #expect(try data.openKeys().texts == ring.texts)
        try FileManager.default.removeItem(atPath: data.keyFile.path)
        #expect(throws: KeyRingError.missing(data.keyFile.path)) { try data.openKeys() }
    }

    @Test("a database that is missing or empty beside its keys is not replaced", arguments: ["missing", "no bytes", "no tables"])
    func lostDatabase(how: String) async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        let ring = try await started(data)
        for file in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: data.database + file) }
        switch how {
        case "missing": break
        case "no bytes": try folder.write("", to: "vectis.db")
        default:
            // The head of a file that no program has claimed.
            let head = Array("SQLite format 3\0".utf8)
            try Data(head + [UInt8](repeating: 0, count: 4_096 - head.count)).write(to: URL(fileURLWithPath: data.database))
        }
        let expected: DataFolderError =
            how == "missing" ? .databaseMissing(data.database, keyFile: data.keyFile.path) : .databaseEmpty(data.database)
        #expect(throws: expected) { try data.openKeys() }
        #expect(expected.guided.guidance.detail.contains(data.database))
        #expect(try data.openKeys(createsDatabase: true).texts == ring.texts)
    }

    @Test func aFirstStartThatWasInterruptedIsContinuedWithItsKeys() async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        // Ended after the keys were written, then after the database was created.
        let ring = try data.openKeys()
        #expect(try data.openKeys().texts == ring.texts)
        let storage = try await DatabaseStorage.open(data.database)
        await storage.close()
        #expect(try data.openKeys().texts == ring.texts)
        try data.confirmKeys()
        try data.confirmKeys()
        #expect(try data.keyFile.read().texts == ring.texts && folder.bytes("vectis.key.first") == [])
    }

    @Test func aDatabaseWhoseRowsAreStillInTheLogIsNotEmpty() async throws {
        let folder = try TemporaryFolder()
        let data = DataFolder(path: folder.path)
        let ring = try data.openKeys()
        let storage = try await DatabaseStorage.open(data.database)
        try data.confirmKeys()
        #expect(try data.openKeys().texts == ring.texts)
        await storage.close()
    }
}

@Suite("Small files")
struct SmallFileTests {
    @Test func aFailedReplacementKeepsTheOldFile() throws {
        let folder = try TemporaryFolder()
        // A folder in the place of the file beside it can't be unlinked.
        try folder.write("old", to: "small")
        try FileManager.default.createDirectory(atPath: folder.file("small.new"), withIntermediateDirectories: false)
        #expect(!SmallFile.replace(folder.file("small"), with: "new"))
        #expect(SmallFile.read(folder.file("small")) == "old")
    }

    @Test func leftoversOfAnInterruptedReplacementAreIgnored() throws {
        let folder = try TemporaryFolder()
        try folder.write("old", to: "small")
        try folder.write("half a n", to: "small.new", permissions: 0o644)
        #expect(SmallFile.replace(folder.file("small"), with: "new"))
        #expect(SmallFile.read(folder.file("small")) == "new")
        #expect(try folder.permissions(of: "small") == 0o600)
        #expect(folder.bytes("small.new") == [])
    }

    @Test func aFileThatCanNotBeMovedIntoPlaceLeavesNothingBehind() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("small"), withIntermediateDirectories: false)
        #expect(!SmallFile.replace(folder.file("small"), with: "new"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("small.new")))
    }

    @Test("up to 64 KiB of text are read", arguments: [(0, true), (65_536, true), (65_537, false)])
    func limit(size: Int, isRead: Bool) throws {
        let folder = try TemporaryFolder()
        try folder.write(String(repeating: "x", count: size), to: "small")
        #expect((SmallFile.read(folder.file("small"))?.utf8.count == size) == isRead)
    }
}

@Suite("The data folder lock")
struct DataFolderLockTests {
    private let folder: TemporaryFolder
    private let data: DataFolder

    init() throws {
        folder = try TemporaryFolder()
        data = DataFolder(path: folder.file("data"))
        try data.prepare()
    }

    private func make(_ name: String = "data/vectis.db") throws { try folder.write("a database", to: name) }

    @Test func theSecondHostLearnsWhichProcessHoldsTheLock() throws {
        let first = try DataFolderLock.take(data)
        let error = #expect(throws: DataFolderLockError.self) { try DataFolderLock.take(data) }
        #expect(try #require(error).description.contains("process \(getpid())"))
        #expect(try folder.permissions(of: "data/vectis.lock") == 0o600)
        withExtendedLifetime(first) {}
    }

    @Test func theLockIsFreeAfterRelease() throws {
        _ = try DataFolderLock.take(data)
        _ = try DataFolderLock.take(data)
    }

    @Test func everyPathToTheFolderUsesTheSameLock() throws {
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: folder.file("data"))
        let lock = try DataFolderLock.take(data)
        for path in ["link", "data/", "data/../data", "./link/."] {
            #expect(throws: DataFolderLockError.self, "\(path)") { try DataFolderLock.take(DataFolder(path: folder.file(path))) }
        }
        // A folder of its own whose database is a link to that of the other.
        try make()
        try FileManager.default.createDirectory(atPath: folder.file("other"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("other/vectis.db"), withDestinationPath: folder.file("data/vectis.db"))
        #expect(throws: DataFolderLockError.self) { try DataFolderLock.take(DataFolder(path: folder.file("other"))) }
        withExtendedLifetime(lock) {}
    }

    @Test(
        "another database at the path is detected",
        arguments: ["folder moved", "folder replaced", "database removed", "database replaced"])
    func replaced(how: String) throws {
        try make()
        let lock = try DataFolderLock.take(data)
        lock.guardDatabase()
        #expect(lock.isIntact)
        let files = FileManager.default
        switch how {
        case "folder moved", "folder replaced":
            try files.moveItem(atPath: data.path, toPath: folder.file("away"))
            if how == "folder replaced" { try files.copyItem(atPath: folder.file("away"), toPath: data.path) }
        case "database removed": try files.removeItem(atPath: data.database)
        default:
            try make("copy.db")
            #expect(rename(folder.file("copy.db"), data.database) == 0)
        }
        #expect(!lock.isIntact)
        guard how.hasPrefix("folder") else { return }
        if how == "folder replaced" { try files.removeItem(atPath: data.path) }
        try files.moveItem(atPath: folder.file("away"), toPath: data.path)
        #expect(lock.isIntact)
    }

    @Test func aRemovedLockFileIsCreatedAgain() throws {
        try make()
        let lock = try DataFolderLock.take(data)
        lock.guardDatabase()
        try FileManager.default.removeItem(atPath: folder.file("data/vectis.lock"))
        #expect(lock.isIntact)
        #expect(throws: DataFolderLockError.self) { try DataFolderLock.take(data) }
        // Unless another process was faster.
        try FileManager.default.removeItem(atPath: folder.file("data/vectis.lock"))
        let other = try DataFolderLock.take(data)
        #expect(!lock.isIntact)
        withExtendedLifetime(other) {}
    }

    @Test func nothingIsSentWhileTheFolderIsMissing() async throws {
        let lock = try DataFolderLock.take(data)
        let storage = try await DatabaseStorage.open(data.database, health: StorageHealth(lock: lock))
        lock.guardDatabase()
        let fixture = try await OutboxFixture(storage: storage)
        _ = try await fixture.rule()
        try await fixture.event("1")
        try FileManager.default.moveItem(atPath: data.path, toPath: folder.file("away"))
        let work = Task { await fixture.dispatcher().work(on: fixture.connection.id) }
        // It waits before it asks the storage again.
        await fixture.time.waitForSleeper()
        fixture.time.advance(by: 3_600)
        await work.value
        #expect(fixture.psa.state.writes == 0)
        await #expect(throws: StorageFailure.replaced) { try await fixture.event("2") }
        #expect(storage.health.failure == .replaced)
        try FileManager.default.moveItem(atPath: folder.file("away"), toPath: data.path)
        await fixture.work()
        #expect(fixture.psa.state.writes == 1)
        await storage.close()
    }

    @Test func bothStorageErrorsHaveACauseAndAFirstStepInBothLanguages() {
        for error in [
            DataFolderLockError.taken("/d/vectis.lock", process: 7), .unusable("/d/vectis.lock", reason: "No space left on device"),
        ] {
            let english = error.guided.guidance
            let german = error.guided.guidance(in: TextRenderer(.german))
            #expect(HostErrorCode(error.guided.code) != nil)
            #expect(english.detail.contains("/d/vectis.lock") && german.detail.contains("/d/vectis.lock"))
            #expect(!english.causes.isEmpty && !english.steps.isEmpty && english.steps != german.steps && english.title != german.title)
        }
    }

    @Test func anInvalidFolderIsReportedWithTheReason() {
        let error = #expect(throws: DataFolderLockError.self) { try DataFolderLock.take(DataFolder(path: folder.file("nowhere"))) }
        #expect(error?.description.contains("No such file or directory") == true)
    }
}
