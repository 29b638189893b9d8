import CSQLite
import Testing

@testable import SQL
@testable import SQLite

@Suite struct SQLiteErrorTests {
    private static let marker = "hunter2"

    private static let schema = Migration("schema") { db in
        try db.execute(
            """
            CREATE TABLE people (name TEXT PRIMARY KEY, mail TEXT UNIQUE, age INTEGER CHECK (age > 0), boss TEXT REFERENCES people) STRICT;
            INSERT INTO people (name, mail) VALUES ('hunter2', 'hunter2');
            CREATE VIRTUAL TABLE words USING fts5 (text);
            CREATE TRIGGER stop BEFORE DELETE ON people BEGIN SELECT RAISE(ABORT, 'people stay'); END;
            """)
    }

    private func failure(_ sql: String, _ values: [SQLValue]) async throws -> SQLiteError {
        let queue = try await DatabaseQueue.inMemory([Self.schema])
        return try #require(
            await #expect(throws: SQLiteError.self) { try await queue.write { db in try db.run(sql, values) } })
    }

    @Test func violatedConstraintsAreDistinguished() async throws {
        let marker = SQLValue.text(Self.marker)
        let primary = try await failure("INSERT INTO people (name) VALUES (?)", [marker])
        #expect(primary.isPrimaryKeyViolation && primary.isUniqueViolation && primary.isConstraintViolation)
        #expect(primary.message == "UNIQUE constraint failed: people.name")
        let unique = try await failure("INSERT INTO people (name, mail) VALUES ('b', ?)", [marker])
        #expect(unique.isUniqueViolation && !unique.isPrimaryKeyViolation && unique.message == "UNIQUE constraint failed: people.mail")
        let foreign = try await failure("INSERT INTO people (name, boss) VALUES ('b', ?)", [.text("nobody")])
        #expect(foreign.isForeignKeyViolation && !foreign.isUniqueViolation && foreign.isConstraintViolation)
        let check = try await failure("INSERT INTO people (name, age) VALUES ('b', ?)", [.integer(-1)])
        #expect(check.isConstraintViolation && !check.isUniqueViolation && !check.isForeignKeyViolation)
        #expect(try await failure("DELETE FROM people WHERE name = ?", [marker]).message == "people stay")
    }

    @Test func aRowIDKeyIsAPrimaryKeyToo() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1), (1)") }
        }
        #expect(error?.isPrimaryKeyViolation == true && error?.isUniqueViolation == true)
    }

    /// In each case, SQLite's own message quotes the value or a part of it, or may do so.
    @Test(
        arguments: [
            ("SELECT * FROM words WHERE words MATCH ?", .text("\"hunter2")),
            ("SELECT * FROM words WHERE words MATCH ?", .text("hunter2:x")),
            ("SELECT json_extract('{}', ?)", .text("hunter2")), ("SELECT json(?)", .text("hunter2")),
            ("INSERT INTO people (name, age) VALUES ('b', ?)", .text("hunter2")),
            ("INSERT INTO people (name) VALUES (?)", .text("hunter2")),
            ("SELECT abs(?)", .integer(.min)), ("SELECT zeroblob(?)", .integer(.max)),
        ] as [(String, SQLValue)])
    func errorTextsContainNoValues(_ sql: String, _ value: SQLValue) async throws {
        let error = try await failure(sql, [value])
        for text in [error.description, error.message, "\(error)", String(reflecting: error)] {
            #expect(!text.contains("hunter") && !text.contains("9223372036854775"))
            #expect(error.sql == sql)
        }
        #expect(error.description.contains(sql))
    }

    @Test(arguments: [
        (SQLITE_BUSY, "try again"), (SQLITE_FULL, "Free some space"), (SQLITE_CORRUPT, "backup"), (SQLITE_NOTADB, "backup"),
        (SQLITE_CANTOPEN, "Check the path"), (SQLITE_IOERR, "system's log"), (SQLITE_IOERR | 3 << 8, "system's log"),
    ])
    func fixableErrorsHaveARecommendation(_ code: Int32, _ advice: String) {
        #expect(SQLiteError(code, "x").description.contains(advice))
    }

    @Test func kindsAreRecognizedFromExtendedCodesToo() {
        #expect(SQLiteError(SQLITE_BUSY | 2 << 8, "").isBusy && SQLiteError(SQLITE_LOCKED, "").isBusy)
        #expect(SQLiteError(SQLITE_FULL, "").isFull && !SQLiteError(SQLITE_BUSY, "").isFull)
        #expect(SQLiteError(SQLITE_CORRUPT | 1 << 8, "").isDamaged && SQLiteError(SQLITE_NOTADB, "").isDamaged)
        #expect(SQLiteError(SQLITE_READONLY | 8 << 8, "").isReadOnly && SQLiteError(SQLITE_CANTOPEN | 2 << 8, "").cannotOpen)
    }

    @Test func aFullDatabaseIsRecognized() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in
                try db.execute("PRAGMA max_page_count = 10")
                try db.run("INSERT INTO items (value) VALUES (?)", [.blob(Array(repeating: 1, count: 100_000))])
            }
        }
        #expect(error?.isFull == true)
        #expect(try await queue.count() == 0)
    }
}
