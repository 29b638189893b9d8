import Foundation
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
import SQL
@testable import SQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

@Suite("The command database check") struct DatabaseCheckTests {
    private let folder: TemporaryFolder

    init() async throws {
        folder = try TemporaryFolder()
        let fixture = try await RetentionFixture(try await DatabaseStorage.open(folder.file("vectis.db")))
        for number in 0..<60 {
            try await fixture.job(number % 2 == 0 ? .created : .waiting, key: "\(number)")
            try await fixture.accept("\(number)")
        }
        await fixture.storage.close()
        let copies = try await LocalCopyFile.open(folder.file("copy.db"))
        try await copies.register(fixture.connection.id, connector: fixture.connection.connector, tenant: fixture.connection.tenant)
        await copies.close()
    }

    private func check(_ options: String...) async throws -> CommandLineFixture.Result {
        try await CommandLineFixture().run((["database check --data \(folder.path)"] + options).joined(separator: " "))
    }

    /// The subjects with a problem.
    private func problems() throws -> [String] {
        try DatabaseCheck(DataFolder(path: folder.path)).run().filter { !$0.problems.isEmpty }.map { "\($0.file) \($0.subject.rawValue)" }
    }

    private func execute(_ sql: String, in file: String = "vectis.db") async throws {
        let isCopy = file == "copy.db"
        let migrator = try Migrator(
            applicationID: isCopy ? SyncSchema.applicationID : HostSchema.applicationID,
            isCopy ? SyncSchema.migrations : HostSchema.migrations)
        let queue = try await DatabaseQueue.open(.file(folder.file(file)), migrator: migrator)
        try await queue.write { try $0.execute(sql) }
        await queue.close()
    }

    @Test func anEmptyFileIsSaidToBeEmpty() async throws {
        try Data().write(to: URL(fileURLWithPath: folder.file("copy.db")))
        let result = try await check()
        #expect(result.status == 1 && result.output.contains("It is empty.") && !result.output.contains("another program"))
    }

    @Test func aFileThatNothingChangesIsReadWithoutFilesBesideIt() throws {
        let path = folder.path + "/100% of #1?.db"
        try FileManager.default.copyItem(atPath: folder.file("vectis.db"), toPath: path)
        let jobs = try SQLiteDatabase.inspectUnchanging(path) { try $0.first("SELECT COUNT(*) AS count FROM job")?.integer("count") }
        #expect(jobs == 60)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasPrefix("100%") } == ["100% of #1?.db"])
    }

    @Test func aFolderInOrderEndsWithStatus0InWordsAndAsJSON() async throws {
        let words = try await check()
        #expect(words.status == 0 && words.output.contains("Everything is in order.") && !words.output.contains("DAMAGED"))
        let json = try await check("--json")
        let report = json.json.map(JSONValue.init) ?? .null
        #expect(json.status == 0 && report["ok"] == true)
        let names = (report["checks"]?.elements ?? []).map { "\($0["file"]?.string ?? "") \($0["check"]?.string ?? "")" }
        #expect(
            names == [
                "vectis.db file", "vectis.db schema", "vectis.db pages", "vectis.db references", "vectis.db counts", "vectis.db audit_log",
                "audit archives", "copy.db file", "copy.db schema", "copy.db pages", "copy.db references", "copy.db counts",
            ])
    }

    @Test func itRunsBesideAHostAndChangesNothing() async throws {
        let storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        try await storage.append(.sample(target: "only in the log"))
        let before = folder.bytes("vectis.db")
        #expect(try await check().status == 0)
        try await storage.append(.sample())
        #expect(folder.bytes("vectis.db") == before)
        await storage.close()
    }

    @Test func aWrongCountIsFound() async throws {
        try await execute("UPDATE job_count SET count = count + 1 WHERE state = 'created'")
        #expect(try problems() == ["vectis.db counts"])
        let answer = try await check()
        #expect(answer.status == 1 && answer.output.contains("DAMAGED") && answer.output.contains("job_count"))
        let german = try await check("--language", "de")
        #expect(german.output.contains("was Zählen ergibt"))
    }

    @Test func aRowWithoutWhatItRefersToIsFound() async throws {
        // As another program would, without the check of references.
        let database = try SQLiteDatabase.open(.file(folder.file("vectis.db")), busyTimeout: .seconds(5))
        try database.execute(
            "INSERT INTO event_file (event_id, place, name, media_type, byte_count) VALUES (999, 0, 'log.txt', 'text/plain', 1)")
        #expect(try problems() == ["vectis.db references"])
        #expect(try await check().output.contains("1 rows of the table event_file"))
    }

    @Test func aRemovedAuditEntryIsFound() async throws {
        for number in 0..<5 {
            try await execute(
                "INSERT INTO audit_entry (at, actor, action, target, outcome, detail, correlation_id) "
                    + "VALUES (\(number), 'x', 'key.rotated', '', 'done', '', '')")
        }
        try await execute("DROP TRIGGER audit_entry_stays; DELETE FROM audit_entry WHERE place = 3")
        #expect(try problems() == ["vectis.db audit_log"])
        try await execute("DELETE FROM audit_entry WHERE place < 3")
        #expect(try await check().output.contains("3 audit entries are missing"))
        // The newest ones too.
        try await execute("DELETE FROM audit_entry WHERE place = (SELECT MAX(place) FROM audit_entry)")
        #expect(try await check().output.contains("4 audit entries are missing"))
    }

    @Test func damagedFilesAreFindingsAndNoCrash() async throws {
        let whole = folder.bytes("vectis.db")
        func write(_ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(fileURLWithPath: folder.file("vectis.db"))) }
        #expect(whole.count > 100_000)
        for start in stride(from: 4_096, to: whole.count - 8_192, by: whole.count / 25) {
            var bytes = whole
            for index in start..<(start + 8_192) { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
            try write(bytes)
            #expect(try !problems().isEmpty, "\(start)")
        }
        for content in [Array("no database".utf8), Array(whole.prefix(20_000)), [UInt8](repeating: 0, count: 8_192)] {
            try write(content)
            let answer = try await check()
            #expect(answer.status == 1 && answer.output.contains("DAMAGED"), "\(answer.output)")
        }
        try write(whole)
        #expect(try problems().isEmpty)
        try FileManager.default.removeItem(atPath: folder.file("vectis.db"))
        #expect(try await check().status == 5)
    }

    @Test func aDamagedCopyAndAFileOfAnotherProgramAreNamed() async throws {
        try folder.write("nothing of a database", to: "copy.db")
        #expect(try problems() == ["copy.db file"])
        let foreign = try Migrator(applicationID: 42, [Migration("theirs") { try $0.execute("CREATE TABLE theirs (x)") }])
        for file in ["copy.db", "copy.db-wal", "copy.db-shm"] { try? FileManager.default.removeItem(atPath: folder.file(file)) }
        let queue = try await DatabaseQueue.open(.file(folder.file("copy.db")), migrator: foreign)
        await queue.close()
        #expect(try problems() == ["copy.db file"])
        #expect(try await check().output.contains("another program"))
    }

    @Test func aSchemaOfAnotherVersionIsNamed() async throws {
        try await execute("DELETE FROM applied_migrations WHERE name = 'sync-0002-deleted-records'; DROP INDEX record_gone", in: "copy.db")
        let older = try DatabaseCheck(DataFolder(path: folder.path)).run().first { $0.file == "copy.db" && $0.subject == .schema }
        #expect(older?.problems == [] && older?.remarks == [.olderSchema(["sync-0002-deleted-records"])])
        try await execute("INSERT INTO applied_migrations (name) VALUES ('9999-future')")
        #expect(try problems() == ["vectis.db schema"])
        #expect(try await check().output.contains("9999-future"))
    }
}
