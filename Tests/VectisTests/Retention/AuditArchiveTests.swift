import Foundation
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import TestSupport
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("The archive of the audit log") struct AuditArchiveTests {
    private let folder: TemporaryFolder
    private let storage: DatabaseStorage
    private static let day: TimeInterval = 86_400
    /// The present: the newest entry is from now, and the oldest one 99 times five days older.
    private let now = sampleMoment + 495 * AuditArchiveTests.day

    init() async throws {
        folder = try TemporaryFolder()
        storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        for number in 0..<100 {
            try await storage.append(
                .sample(
                    AuditAction.allCases[number % AuditAction.allCases.count], target: "“\(number)”\n", detail: "Ä \"x\" \\ \(number)",
                    at: sampleMoment + Double(number) * 5 * Self.day, address: number % 2 == 0 ? "2001:db8::1" : nil))
        }
    }

    private func archiver(
        maxEntries: Int = AuditArchiveLimits.entries, reached: @escaping @Sendable (SQLiteAuditArchiver.Step) throws -> Void = { _ in }
    ) -> SQLiteAuditArchiver {
        SQLiteAuditArchiver(storage, folder: folder.file("audit"), batch: 7, maxEntries: maxEntries, reached: reached)
    }

    /// The time before which entries are archived: 73 of them.
    private var limit: Date { now - 130 * Self.day }

    /// Archives and removes everything that is due.
    private func archiveAll(_ archiver: SQLiteAuditArchiver) async throws {
        while try await archiver.removeArchived(limit: 10) == 10 {}
        while try await archiver.archiveNext(before: limit, now: now, pause: {}) != nil {
            while try await archiver.removeArchived(limit: 10) == 10 {}
        }
    }

    /// The targets of all entries, first those of the recorded files and then those of the database.
    private func targets() async throws -> [String] {
        var targets: [String] = []
        for archive in try await storage.auditArchives() {
            _ = try ArchiveContent(reading: folder.file("audit/" + archive.file)) { entry in
                targets.append(JSONValue(try JSONDocument(entry.bytes).root)["target"]?.string ?? "")
            }
        }
        let last = try await storage.auditArchives().last?.last ?? AuditPosition(rawValue: 0)
        let rest = try await storage.audit(AuditFilter(), before: nil, limit: 200).filter { $0.position > last }
        return targets + rest.reversed().map(\.entry.target)
    }

    private static let all = (0..<100).map { "“\($0)”\n" }

    private func checkArchives() throws -> DatabaseCheck.Result? {
        try DatabaseCheck(DataFolder(path: folder.path)).run().first { $0.subject == .archives }
    }

    @Test func oldEntriesMoveToAFileForItsOwnerThatOtherToolsRead() async throws {
        let archiver = archiver()
        #expect(try await archiver.archiveNext(before: sampleMoment + 20 * Self.day, now: now, pause: {}) == nil)
        try await archiveAll(archiver)
        let archives = try await storage.auditArchives()
        let archive = try #require(archives.first)
        #expect(archives.count == 1 && archive.count == 73 && archive.file == "audit-000001.jsonl.gz")
        #expect(archive.firstAt == sampleMoment && archive.lastAt == sampleMoment + 360 * Self.day)
        #expect(try folder.permissions(of: "audit") == 0o700 && folder.permissions(of: "audit/" + archive.file) == 0o600)
        #expect(try await storage.audit(AuditFilter(), before: nil, limit: 200).count == 27)
        #expect(try await targets() == Self.all)
        let manifest = String(decoding: folder.bytes("audit/manifest.json"), as: UTF8.self)
        #expect(manifest.contains("\"file\":\"audit-000001.jsonl.gz\"") && manifest.hasSuffix("}\n"))
        #expect(try checkArchives()?.problems == [] && checkArchives()?.remarks == [])

        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", "zcat \"$0\"", folder.file("audit/" + archive.file)]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitForExit()
        let lines = text.split(separator: "\n")
        #expect(lines.count == 75 && lines[0].contains("\"archive\":1") && lines[74].contains("\"entries\":73"))
        let entry = try JSONValue(JSONDocument(Array(lines[4].utf8)).root)["entry"]
        #expect(entry?["target"] == "“3”\n" && entry?["detail"] == "Ä \"x\" \\ 3" && entry?["address"] == nil)
        #expect(entry?["milliseconds"]?.integer == Int(((sampleMoment.timeIntervalSince1970 + 15 * Self.day) * 1_000).rounded()))
    }

    @Test func filesContinueOneAnotherAndTheirSizeIsLimited() async throws {
        try await archiveAll(archiver(maxEntries: 20))
        let archives = try await storage.auditArchives()
        // The rest is less than a month.
        #expect(archives.map(\.count) == [20, 20, 20, 13])
        for (before, after) in zip(archives, archives.dropFirst()) {
            #expect(after.previousHash == before.lastHash && after.first.rawValue == before.last.rawValue + 1)
        }
        #expect(archives.first?.previousHash == ArchiveLine.noHash)
        #expect(try await targets() == Self.all)
        #expect(try checkArchives()?.problems == [] && checkArchives()?.count == 4)
        // A month later the next file follows.
        let later = now + 31 * Self.day
        #expect(try await archiver().archiveNext(before: limit + 31 * Self.day, now: later, pause: {})?.number == 5)
    }

    @Test("a kill after any step loses no entry and doubles none", arguments: SQLiteAuditArchiver.Step.allCases, [1, 2, 3])
    func killed(after step: SQLiteAuditArchiver.Step, count: Int) async throws {
        struct Killed: Error {}
        let times = Mutex(0)
        let dying = archiver(maxEntries: 20) { reached in
            let isLast = times.withLock { times in
                if reached == step { times += 1 }
                return reached == step && times == count
            }
            if isLast { throw Killed() }
        }
        await #expect(throws: Killed.self) { try await archiveAll(dying) }
        #expect(try await targets() == Self.all)
        // The next process finds the same entries, and goes on.
        try await archiveAll(archiver(maxEntries: 20))
        #expect(try await storage.auditArchives().map(\.count) == [20, 20, 20, 13])
        #expect(try await targets() == Self.all)
        #expect(try await storage.audit(AuditFilter(), before: nil, limit: 200).count == 27)
        #expect(try checkArchives()?.problems == [] && checkArchives()?.remarks == [])
    }

    @Test func noEntryIsRemovedBeforeItIsArchivedAndNoRecordIsChanged() async throws {
        func refuses(_ sql: String) async {
            await #expect(throws: SQLiteError.self, "\(sql)") { try await storage.queue.write { try $0.execute(sql) } }
        }
        await refuses("DELETE FROM audit_entry WHERE place = 1")
        _ = try await archiver(maxEntries: 20).archiveNext(before: limit, now: now, pause: {})
        await refuses("DELETE FROM audit_entry WHERE place = 21")
        await refuses("DELETE FROM audit_entry")
        await refuses("UPDATE audit_entry SET detail = '' WHERE place = 1")
        await refuses("DELETE FROM audit_archive")
        await refuses("UPDATE audit_archive SET last_place = 100")
        let columns = "number, file, first_place, last_place, first_at, last_at, previous_hash, last_hash, digest, byte_count, archived_at"
        for (number, first, hash) in [(2, "21", "x'00'"), (2, "22", "last_hash"), (3, "21", "last_hash"), (1, "21", "last_hash")] {
            await refuses(
                """
                INSERT INTO audit_archive (\(columns)) SELECT \(number), 'x', \(first), 100, 0, 0, \(hash), last_hash, digest, 1, 0
                FROM audit_archive
                """)
            await refuses(
                """
                INSERT OR REPLACE INTO audit_archive (\(columns)) SELECT \(number), 'x', \(first), 100, 0, 0, \(hash), last_hash, digest, 1, 0
                FROM audit_archive
                """)
        }
        #expect(try await storage.audit(AuditFilter(), before: nil, limit: 200).count == 100)
        #expect(try await archiver().removeArchived(limit: 500) == 20)
    }

    @Test func aFileOfAnotherLogIsPutAsideAndNotReplaced() async throws {
        try await archiveAll(archiver(maxEntries: 20))
        let first = folder.bytes("audit/audit-000001.jsonl.gz")
        // The database is restored from a backup without entries: other entries follow under the same places.
        let other = try TemporaryFolder()
        let restored = try await DatabaseStorage.open(other.file("vectis.db"))
        for number in 0..<40 { try await restored.append(.sample(target: "other \(number)", at: sampleMoment + Double(number))) }
        let archiver = SQLiteAuditArchiver(restored, folder: folder.file("audit"))
        let archive = try #require(try await archiver.archiveNext(before: limit, now: now, pause: {}))
        #expect(archive.count == 40)
        #expect(folder.bytes("audit/audit-000001.jsonl.gz.not-recorded-1") == first)
        #expect(folder.bytes("audit/audit-000001.jsonl.gz") != first)
        await restored.close()
    }

    @Test func anEntryThatCanNotBeVerifiedIsNotRemoved() async throws {
        let path = folder.file("audit/audit-000001.jsonl.gz.new")
        let dying = archiver { step in
            guard step == .written else { return }
            // What is on the disk is not what was written.
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            bytes[bytes.count / 2] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        await #expect(throws: AuditArchiveError.self) { try await archiveAll(dying) }
        #expect(try await storage.auditArchives().isEmpty)
        #expect(try await targets() == Self.all)
    }

    @Test func aFolderThatCanNotBeMadeIsAnErrorAndNothingIsRemoved() async throws {
        try folder.write("a file", to: "audit")
        let fixture = try await RetentionFixture(storage)
        fixture.time.adjustWallClock(by: now.timeIntervalSince(fixture.time.now) + 400 * Self.day)
        try await fixture.trustClock()
        let round = await fixture.service(archiver()).runRound()
        #expect(round.hasFailed && round.archives == 0)
        #expect(fixture.log.text.contains("\"event\":\"retention_failed\",\"kind\":\"audit_entries\""))
        #expect(try await storage.auditArchives().isEmpty)
    }

    @Test func everyChangeOfAFileIsFound() async throws {
        try await archiveAll(archiver(maxEntries: 20))
        func problems() throws -> Int { try checkArchives()?.problems.count ?? 0 }
        #expect(try problems() == 0)
        let (name, other) = ("audit/audit-000002.jsonl.gz", "audit/audit-000003.jsonl.gz")
        let (bytes, otherBytes) = (folder.bytes(name), folder.bytes(other))
        func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: folder.file(name))) }
        for change in 0..<40 {
            var changed = bytes
            changed[bytes.count * change / 40] ^= 0x20
            try write(changed, name)
            #expect(try problems() == 1, "\(change)")
        }
        for cut in [0, 1, bytes.count / 2, bytes.count - 1] {
            try write(Array(bytes.prefix(cut)), name)
            #expect(try problems() == 1)
        }
        // Files that are intact each, and exchanged.
        try write(bytes, other)
        try write(otherBytes, name)
        #expect(try problems() == 2)
        try write(otherBytes, other)
        try FileManager.default.removeItem(atPath: folder.file(name))
        #expect(try problems() == 1)
        try write(bytes, name)
        #expect(try problems() == 0)
        try write([], "audit/manifest.json")
        #expect(try problems() == 1)
    }

    @Test(arguments: [1, 2]) func aListThatLacksTheLatestFileIsNoDamageAndIsWrittenAgain(count: Int) async throws {
        struct Killed: Error {}
        let times = Mutex(0)
        let dying = archiver(maxEntries: 20) { step in
            guard step == .recorded else { return }
            let number = times.withLock { times in
                times += 1
                return times
            }
            if number == count { throw Killed() }
        }
        await #expect(throws: Killed.self) { try await archiveAll(dying) }
        #expect(try await storage.auditArchives().count == count)
        let check = try #require(try checkArchives())
        #expect(check.problems.isEmpty && check.remarks == [.shortManifest("manifest.json")], "\(check.problems)")
        // Nothing is due, and the list is completed nevertheless.
        #expect(try await archiver().archiveNext(before: sampleMoment, now: now, pause: {}) == nil)
        #expect(try checkArchives()?.problems == [] && checkArchives()?.remarks == [])
    }

    @Test func thePagesSayUpToWhenEntriesAreArchivedAndHowToReadThem() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            #expect(try await browser.get("/audit").text.contains("They move to files after a time"))
            let storage = try #require(fixture.services.storage as? DatabaseStorage)
            let archiver = SQLiteAuditArchiver(storage, folder: folder.file("audit"))
            let later = fixture.time.now + 500 * Self.day
            #expect(try await archiver.archiveNext(before: later, now: later, pause: {}) != nil)
            #expect(try await browser.get("/audit").text.contains("are archived in files"))
        }
    }
}
