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
        let storage = try await SQLiteStorage.open(data.database, health: StorageHealth(lock: lock))
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
            #expect(english.detail.contains("/d/vectis.lock") && german.detail.contains("/d/vectis.lock"))
            #expect(!english.causes.isEmpty && !english.steps.isEmpty && english.steps != german.steps && english.title != german.title)
        }
    }

    @Test func anInvalidFolderIsReportedWithTheReason() {
        let error = #expect(throws: DataFolderLockError.self) { try DataFolderLock.take(DataFolder(path: folder.file("nowhere"))) }
        #expect(error?.description.contains("No such file or directory") == true)
    }
}
