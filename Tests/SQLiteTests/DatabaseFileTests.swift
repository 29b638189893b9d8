import CSQLite
import FoundationEssentials
import Glibc
import Testing

@testable import SQL
@testable import SQLite

@Suite struct DatabaseFileTests {
    private let folder = DatabaseFolder()

    private func contents(_ suffix: String = "") throws -> Data { try Data(contentsOf: URL(filePath: folder.file + suffix)) }

    @Test func theFilesAreAccessibleOnlyToTheirOwner() async throws {
        let queue = try await folder.open()
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        for suffix in ["", "-wal", "-shm"] {
            var status = stat()
            #expect(stat(folder.file + suffix, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        await queue.close()
    }

    @Test(
        arguments: [
            ("journal_mode", .text("wal")), ("synchronous", .integer(2)), ("foreign_keys", .integer(1)), ("secure_delete", .integer(1)),
            ("trusted_schema", .integer(0)), ("cell_size_check", .integer(1)),
        ] as [(String, SQLValue)])
    func theConnectionHasSafeSettings(_ pragma: String, _ value: SQLValue) async throws {
        let queue = try await folder.open([])
        // SQLite treats reading the journal mode as a write.
        let row = try await queue.write { db in try #require(try db.first("PRAGMA \(pragma)")) }
        #expect(row.values == [value])
    }

    @Test func theSchemaTableCannotBeWrittenEvenWithAPragma() async throws {
        let queue = try await folder.open()
        await #expect(throws: SQLiteError.self) {
            try await queue.write { db in try db.execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema") }
        }
        #expect(try await queue.count() == 0)
    }

    /// Copies the files of the running process, which have the same content as after `kill -9`.
    @Test func committedChangesSurviveACrashAtAnyTime() async throws {
        let queue = try await folder.open()
        try await queue.write { db in try db.run("INSERT INTO items (id, name) VALUES (1, 'kept')") }
        let image = DatabaseFolder()
        for suffix in ["", "-wal"] { try contents(suffix).write(to: URL(filePath: image.file + suffix)) }
        let survivor = try await image.open()
        #expect(try await survivor.read { db in try db.first("SELECT name FROM items")?.text("name") } == "kept")
        await queue.close()
    }

    @Test func aDeletedValueIsErasedFromTheFile() async throws {
        let marker = "hunter2-hunter2"
        let queue = try await folder.open()
        try await queue.write { db in try db.run("INSERT INTO items (id, name) VALUES (1, ?)", [.text(marker)]) }
        await queue.close()
        #expect(try String(decoding: contents(), as: UTF8.self).contains(marker))
        let again = try await folder.open()
        try await again.write { db in try db.run("DELETE FROM items") }
        await again.close()
        #expect(try !String(decoding: contents(), as: UTF8.self).contains(marker))
    }

    @Test(arguments: [0, 20, 100, 1_000])
    func aFileThatIsNotADatabaseIsReportedAsDamaged(_ kept: Int) async throws {
        let queue = try await folder.open()
        await queue.close()
        var bytes = try contents()
        for index in kept..<bytes.count { bytes[index] = 0xA5 }
        try bytes.write(to: URL(filePath: folder.file))
        let error = await #expect(throws: SQLiteError.self) { try await folder.open() }
        #expect(error?.isDamaged == true)
        #expect(error?.description.contains("restore it from a backup") == true)
        #expect(error?.description.contains(folder.file) == true)
    }

    @Test func damagedBytesNeverCauseACrash() async throws {
        let queue = try await folder.open()
        try await queue.write { db in
            for index in 0..<200 { try db.run("INSERT INTO items (name, value) VALUES (?, ?)", [.text("n\(index)"), .blob([1, 2, 3])]) }
        }
        await queue.close()
        let bytes = try contents()
        var damaged = 0
        for round in 0..<150 {
            var bytes = bytes
            for offset in 0..<16 {
                bytes[(round * 7_919 + offset * 1_543) % bytes.count] = UInt8(truncatingIfNeeded: round &+ offset &* 37)
            }
            let copy = DatabaseFolder()
            try bytes.write(to: URL(filePath: copy.file))
            do {
                let queue = try await copy.open()
                let problems = try await queue.read { db in
                    _ = try db.query("SELECT * FROM items ORDER BY name")
                    return try db.integrityErrors()
                }
                if !problems.isEmpty { damaged += 1 }
            } catch {
                damaged += 1
            }
        }
        #expect(damaged > 10)
    }

    @Test func anIntactFileHasNoIntegrityErrors() async throws {
        #expect(try await folder.open().read { db in try db.integrityErrors() } == [])
    }

    @Test(arguments: ["/proc/vectis.sqlite", "/nowhere/vectis.sqlite", "/", "", "a\0b"])
    func anUnusablePathIsReported(_ path: String) async throws {
        let error = await #expect(throws: SQLiteError.self) {
            try await DatabaseQueue.open(.file(path), migrator: Migrator(applicationID: 1, []))
        }
        #expect(error?.cannotOpen == true)
        #expect(error?.description.contains("Check the path") == true)
    }

    @Test(.enabled("root may write anywhere") { geteuid() != 0 })
    func aReadOnlyFolderOrFileIsReported() async throws {
        chmod(folder.path, 0o500)
        defer { chmod(folder.path, 0o700) }
        let missing = await #expect(throws: SQLiteError.self) { try await folder.open() }
        #expect(missing?.cannotOpen == true)
        chmod(folder.path, 0o700)
        let queue = try await folder.open()
        await queue.close()
        chmod(folder.file, 0o400)
        let readOnly = await #expect(throws: SQLiteError.self) { try await folder.open() }
        #expect(readOnly?.isReadOnly == true)
        #expect(readOnly?.description.contains("Allow this user to write it") == true)
    }

    @Test(arguments: [":memory:", "file:x?mode=memory", "file::memory:", "%41.sqlite"])
    func specialNamesAreInterpretedAsPaths(_ name: String) async throws {
        let path = folder.path + "/" + name
        let queue = try await DatabaseQueue.open(.file(path), migrator: Migrator(applicationID: 1, [.items]))
        await queue.close()
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
