import Testing
@testable import SQL
@testable import SQLite

@Suite struct DatabaseTests {
    @Test func runReturnsTheNumberOfChangedRows() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let counts = try await queue.write { db in
            [
                try db.run("INSERT INTO items (id) VALUES (1), (2), (3)"), try db.run("UPDATE items SET name = NULL WHERE id > 1"),
                try db.run("CREATE TABLE other (x)"), try db.run("DELETE FROM items WHERE id = 9"), try db.run("SELECT * FROM items"),
                try db.run("DELETE FROM items"),
            ]
        }
        #expect(counts == [3, 2, 0, 0, 0, 3])
    }

    @Test func theIDOfAnInsertedRowIsReturned() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let key = try await queue.write { db in
            try db.run("INSERT INTO items (id) VALUES (41)")
            return try db.insert("INSERT INTO items (name) VALUES (?)", [.text("a")])
        }
        #expect(key == 42)
    }

    @Test func anInsertionThatAConflictPreventsReturnsNoKey() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { (db) throws in
            let insertion = "INSERT INTO items (id) VALUES (?) ON CONFLICT DO NOTHING"
            #expect(try db.insertIfNew(insertion, [.integer(41)], key: "id") == 41)
            #expect(try db.insertIfNew(insertion, [.integer(7)], key: "id") == 7)
            #expect(try db.insertIfNew(insertion, [.integer(41)], key: "id") == nil)
            #expect(throws: RowError.noRow) { try db.insert(insertion, [.integer(41)]) }
        }
    }

    @Test func aStatementIsCompiledOnceHoweverOftenItRuns() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { db in
            let before = try db.sqlite.compilations
            for index in Int64(0)..<50 { try db.run("INSERT INTO items (id) VALUES (?)", [.integer(index)]) }
            #expect(try db.sqlite.compilations == before + 1)
        }
    }

    @Test func theCacheEvictsTheLeastRecentlyUsedStatement() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.read { db in
            for index in 0..<100 { _ = try db.query("SELECT \(index)") }
            _ = try db.query("SELECT 0")
            _ = try db.query("SELECT 100")
            let before = try db.sqlite.compilations
            _ = try db.query("SELECT 0")
            #expect(try db.sqlite.compilations == before)
            _ = try db.query("SELECT 1")
            #expect(try db.sqlite.compilations == before + 1)
        }
    }

    @Test func aCachedStatementReflectsAChangedSchema() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { db in
            try db.run("INSERT INTO items (id) VALUES (1)")
            #expect(try db.first("SELECT * FROM items")?.columns == ["id", "name", "value"])
            try db.execute("ALTER TABLE items ADD COLUMN extra TEXT DEFAULT 'new'; ALTER TABLE items RENAME COLUMN name TO title")
            let row = try db.first("SELECT * FROM items")
            #expect(row?.columns == ["id", "title", "value", "extra"])
            #expect(try row?.text("extra") == "new")
        }
    }

    @Test func aStatementMayRunWithinItsOwnForEachRow() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let pairs = try await queue.read { db in
            var pairs: [String] = []
            let sql = "SELECT value FROM json_each(?)"
            try db.forEachRow(sql, [.text("[1,2]")]) { outer in
                for inner in try db.query(sql, [.text("[3,4]")]) {
                    pairs.append("\(try outer.integer("value"))\(try inner.integer("value"))")
                }
                return .next
            }
            return pairs
        }
        #expect(pairs == ["13", "14", "23", "24"])
    }

    /// Returns rows without end, so that a loop that does not stop or collects all rows first would not return.
    private static let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"

    @Test(.timeLimit(.minutes(1))) func forEachRowStopsOnRequest() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let seen = try await queue.read { db in
            var seen: [Int64] = []
            try db.forEachRow(Self.endless) { row in
                seen.append(try row.integer("x"))
                return seen.count == 3 ? .stop : .next
            }
            return seen
        }
        #expect(seen == [1, 2, 3])
    }

    @Test(.timeLimit(.minutes(1))) func forEachRowEndsWithTheErrorOfItsBodyAndTheStatementStaysUsable() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.read { db in
            #expect(throws: TestError()) { try db.forEachRow(Self.endless) { _ in throw TestError() } }
            let again = try db.first(Self.endless)?.integer("x")
            #expect(again == 1)
        }
    }

    @Test func aScriptRunsEveryStatementEvenAfterLoneSemicolonsAndComments() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { db in
            try db.execute(
                """
                ;; -- first
                INSERT INTO items (name) VALUES ('a;b');;
                /* second; */ INSERT INTO items (name) VALUES ('ü');
                INSERT INTO items (name) VALUES ('c') -- no semicolon
                """)
        }
        let names = try await queue.read { db in try db.query("SELECT name FROM items ORDER BY id").map { try $0.text("name") } }
        #expect(names == ["a;b", "ü", "c"])
    }

    @Test(arguments: [
        ("SELECT ?", 2, "2 values for 1 parameters"), ("SELECT ?, ?", 1, "1 values for 2 parameters"), ("", 0, "there is no statement"),
        (" ; -- nothing", 0, "there is no statement"), ("SELECT 1; SELECT 2", 0, "there is more than one statement; use execute"),
        ("SELECT 1\0; DROP TABLE items", 0, "the statement contains a zero byte"), ("SELEKT 1", 0, "near \"SELEKT\": syntax error"),
        ("SELECT absent", 0, "no such column: absent"),
    ])
    func anInvalidStatementIsReported(_ sql: String, _ count: Int, _ message: String) async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.read { db in try db.query(sql, Array(repeating: .null, count: count)) }
        }
        #expect(error?.message == message)
    }

    @Test func aQuotedNameIsNeverTakenForText() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) { try await queue.read { db in try db.query("SELECT \"absent\"") } }
        // SQLite 3.46 quotes the name and adds a hint.
        #expect(error?.message.hasPrefix("no such column: ") == true && error?.message.contains("absent") == true)
    }

    @Test(arguments: ["SELECT 1;", "SELECT 1; -- done", "SELECT 1 /* done */ ;;"])
    func semicolonsAndCommentsMayFollowAStatement(_ sql: String) async throws {
        let queue = try await DatabaseQueue.inMemory()
        #expect(try await queue.read { db in try db.query(sql).count } == 1)
    }
}

@Suite struct TransactionTests {
    @Test func aClosureThatThrowsIsRolledBack() async throws {
        let queue = try await DatabaseQueue.inMemory()
        await #expect(throws: TestError()) {
            try await queue.write { db in
                try db.run("INSERT INTO items (id) VALUES (1)")
                throw TestError()
            }
        }
        #expect(try await queue.count() == 0)
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (2)") }
        #expect(try await queue.count() == 1)
    }

    @Test func aRejectedCommitIsRolledBack() async throws {
        let queue = try await DatabaseQueue.inMemory([
            Migration("pair") { db in
                try db.execute(
                    "CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)")
            }
        ])
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in try db.run("INSERT INTO b VALUES (7)") }
        }
        #expect(error?.isForeignKeyViolation == true)
        #expect(try await queue.count("b") == 0)
    }

    @Test func aReadClosureCannotWrite() async throws {
        let queue = try await DatabaseQueue.inMemory()
        for sql in ["INSERT INTO items (id) VALUES (1)", "CREATE TABLE x (y)", "PRAGMA user_version = 3", "DELETE FROM items"] {
            let error = await #expect(throws: SQLiteError.self) { try await queue.read { db in try db.run(sql) } }
            #expect(error?.isReadOnly == true && error?.description.contains("use write") == true)
        }
        #expect(try await queue.count() == 0)
    }

    @Test(arguments: ["BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK", "SAVEPOINT x", "RELEASE part", "ATTACH '/tmp/x.sqlite' AS x"])
    func aClosureCannotBeginOrEndTransactionsItself(_ sql: String) async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { db in
            let error = #expect(throws: SQLiteError.self) { try db.run(sql) }
            #expect(error?.message.contains("not authorized") == true)
            #expect(throws: SQLiteError.self) { try db.execute(sql) }
            try db.run("INSERT INTO items (id) VALUES (1)")
        }
        #expect(try await queue.count() == 1)
    }

    @Test func aSavepointIsRolledBackSeparately() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { db in
            try db.run("INSERT INTO items (id) VALUES (1)")
            #expect(throws: TestError()) {
                try db.savepoint {
                    try db.run("INSERT INTO items (id) VALUES (2)")
                    try db.savepoint { try db.run("INSERT INTO items (id) VALUES (3)") }
                    throw TestError()
                }
            }
            let kept = try db.savepoint { try db.run("INSERT INTO items (id) VALUES (4)") }
            #expect(kept == 1)
        }
        let ids = try await queue.read { db in try db.query("SELECT id FROM items ORDER BY id").map { try $0.integer("id") } }
        #expect(ids == [1, 4])
    }

    @Test func afterAnErrorThatEndedTheTransactionNothingMoreIsStored() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.write { db in
                try db.run("INSERT INTO items (id) VALUES (1)")
                // Like a full disk: the statement fails and the whole transaction is rolled back.
                #expect(throws: SQLiteError.self) { try db.run("INSERT OR ROLLBACK INTO items (id) VALUES (1)") }
                #expect(throws: SQLiteError.self) { try db.savepoint { try db.run("INSERT INTO items (id) VALUES (2)") } }
                #expect(throws: SQLiteError.self) { try db.run("INSERT INTO items (id) VALUES (3)") }
            }
        }
        #expect(error?.message.contains("nothing was stored") == true)
        #expect(try await queue.count() == 0)
    }

    @Test func aCancelledTaskStillWritesButDoesNotRead() async throws {
        let queue = try await DatabaseQueue.inMemory()
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
            await #expect(throws: CancellationError.self) { try await queue.count() }
        }
        try await task.value
        #expect(try await queue.count() == 1)
    }
}
