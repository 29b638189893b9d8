import Testing

@testable import SQL
@testable import SQLite

@Suite struct MigratorTests {
    private let folder = DatabaseFolder()
    private let second = Migration("second") { db in try db.execute("ALTER TABLE items ADD COLUMN second TEXT") }

    private func columns(_ queue: DatabaseQueue) async throws -> [String] {
        try await queue.read { db in try db.query("SELECT name FROM pragma_table_info('items')").map { try $0.text("name") } }
    }

    @Test func migrationsRunOnceAndInOrder() async throws {
        try await folder.open([.items]).write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        let queue = try await folder.open([.items, second])
        #expect(try await columns(queue) == ["id", "name", "value", "second"])
        await queue.close()
        #expect(try await folder.open([.items, second]).count() == 1)
    }

    @Test func aFailedMigrationIsRolledBack() async throws {
        let broken = Migration("broken") { db in
            try db.execute("ALTER TABLE items ADD COLUMN second TEXT; INSERT INTO items (id) VALUES (1); INSERT INTO nowhere VALUES (1)")
        }
        let error = await #expect(throws: MigrationError.self) { try await folder.open([.items, broken]) }
        #expect(error?.description.contains("\"broken\" failed and was rolled back") == true)
        #expect(error?.description.contains("no such table: nowhere") == true)
        let queue = try await folder.open([.items])
        #expect(try await columns(queue) == ["id", "name", "value"])
        #expect(try await queue.count() == 0)
    }

    @Test func aFileOfANewerVersionIsRejectedAndNotChanged() async throws {
        let newer = try await folder.open([.items, second])
        await newer.close()
        let error = await #expect(throws: MigrationError.self) { try await folder.open([.items]) }
        #expect(error?.description == "\(folder.file) was changed by a newer version of this program (second). Start that version.")
        #expect(try await columns(folder.open([.items, second])).contains("second"))
    }

    @Test func migrationsInAnotherOrderAreRejected() async throws {
        let first = try await folder.open([.items])
        await first.close()
        let error = await #expect(throws: MigrationError.self) { try await folder.open([second, .items]) }
        #expect(error?.description.contains("\"items\" at another position") == true)
    }

    @Test(arguments: ["PRAGMA application_id = 77; CREATE TABLE t (x)", "PRAGMA application_id = 77", "CREATE TABLE t (x)"])
    func aFileOfAnotherApplicationIsRejectedAndNotChanged(_ script: String) async throws {
        do { try folder.connect().execute(script) }
        let error = await #expect(throws: MigrationError.self) { try await folder.open() }
        #expect(error?.description.contains("is a database of another application") == true)
        let connection = try folder.connect()
        #expect(try connection.first("PRAGMA journal_mode")?.text("journal_mode") == "delete")
        #expect(try connection.first("SELECT 1 FROM sqlite_schema WHERE name = 'applied_migrations'") == nil)
    }

    @Test func aReferencedTableCanBeReplaced() async throws {
        let tables = Migration("tables") { db in
            try db.execute(
                """
                CREATE TABLE parents (id INTEGER PRIMARY KEY);
                CREATE TABLE children (parent INTEGER NOT NULL REFERENCES parents (id) ON DELETE CASCADE);
                INSERT INTO parents VALUES (1); INSERT INTO children VALUES (1);
                """)
        }
        let rebuild = Migration("rebuild") { db in
            try db.execute(
                """
                CREATE TABLE new_parents (id INTEGER PRIMARY KEY, name TEXT);
                INSERT INTO new_parents (id) SELECT id FROM parents;
                DROP TABLE parents;
                ALTER TABLE new_parents RENAME TO parents;
                """)
        }
        let queue = try await folder.open([tables, rebuild])
        #expect(try await queue.count("children") == 1)
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in try db.run("INSERT INTO children VALUES (2)") }
        }
        #expect(error?.isForeignKeyViolation == true)
        await queue.close()

        let orphan = Migration("orphan") { db in try db.execute("DELETE FROM parents") }
        let orphanError = await #expect(throws: MigrationError.self) { try await folder.open([tables, rebuild, orphan]) }
        #expect(orphanError?.description.contains("missing rows, in: children") == true)
        #expect(try await folder.open([tables, rebuild]).count("parents") == 1)
    }

    @Test func anInvalidListOfMigrationsIsRejected() {
        #expect(throws: MigrationError.self) { try Migrator(applicationID: 1, [.items, second, .items]) }
        #expect(throws: MigrationError.self) { try Migrator(applicationID: 0, [.items]) }
    }

    @Test func severalProcessesCanOpenANewFileConcurrently() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in Int64(0)..<8 {
                group.addTask { [folder, second] in
                    let queue = try await folder.open([.items, second], busyTimeout: .seconds(60))
                    try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (?)", [.integer(index)]) }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await folder.open([.items, second]).count() == 8)
    }
}
