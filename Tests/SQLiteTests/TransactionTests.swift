import Testing

@testable import SQLite

@Suite struct TransactionTests {
    @Test func whatThrowsLeavesNothingBehind() async throws {
        let queue = try await DatabaseQueue.inMemory()
        await #expect(throws: Broken()) {
            try await queue.write { db in
                try db.run("INSERT INTO items (id) VALUES (1)")
                throw Broken()
            }
        }
        #expect(try await queue.count() == 0)
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (2)") }
        #expect(try await queue.count() == 1)
    }

    @Test func aCommitThatIsRefusedLeavesNothingBehind() async throws {
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

    @Test func aReadCannotWrite() async throws {
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

    @Test func aPartIsUndoneAlone() async throws {
        let queue = try await DatabaseQueue.inMemory()
        try await queue.write { db in
            try db.run("INSERT INTO items (id) VALUES (1)")
            #expect(throws: Broken()) {
                try db.savepoint {
                    try db.run("INSERT INTO items (id) VALUES (2)")
                    try db.savepoint { try db.run("INSERT INTO items (id) VALUES (3)") }
                    throw Broken()
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
                // As a full disk does it: the statement fails and takes the whole transaction with it.
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
