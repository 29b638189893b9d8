import Testing

@testable import SQL
@testable import SQLite

@Suite(.timeLimit(.minutes(1))) struct DatabaseQueueTests {
    private let folder = DatabaseFolder()

    @Test func writersOnOneQueueAreSerialized() async throws {
        let queue = try await folder.open()
        try await queue.write { db in try db.run("INSERT INTO items (id, value) VALUES (1, 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await queue.write { db in
                        let value = try db.first("SELECT value FROM items")?.integer("value") ?? 0
                        try db.run("UPDATE items SET value = ?", [.integer(value + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await queue.read { db in try db.first("SELECT value FROM items")?.integer("value") } == 50)
    }

    @Test func twoConnectionsOnOneFileWaitForEachOther() async throws {
        let queues = [try await folder.open(busyTimeout: .seconds(60)), try await folder.open(busyTimeout: .seconds(60))]
        try await queues[0].write { db in try db.run("INSERT INTO items (id, value) VALUES (1, 0)") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask {
                    try await queues[index % 2].write { db in
                        let value = try db.first("SELECT value FROM items")?.integer("value") ?? 0
                        try db.run("UPDATE items SET value = ?", [.integer(value + 1)])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await queues[1].read { db in try db.first("SELECT value FROM items")?.integer("value") } == 40)
    }

    @Test func aFileLockedByAnotherProcessIsBusyForWritersAndAvailableToReaders() async throws {
        let queue = try await folder.open(busyTimeout: .zero)
        let other = try folder.connect()
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        try await other.withWriteLock {
            let error = await #expect(throws: SQLiteError.self) {
                try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (2)") }
            }
            #expect(error?.isBusy == true && error?.description.contains("try again") == true)
            let counts = [try await queue.count(), try await folder.open(busyTimeout: .zero).count()]
            #expect(counts == [1, 1])
        }
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (2)") }
        #expect(try await queue.count() == 2)
    }

    @Test func aReadHasASnapshotWhileAnotherConnectionWrites() async throws {
        let queue = try await folder.open()
        let folder = folder
        let counts = try await queue.read { db in
            func count() throws -> Int64 { try db.first("SELECT count(*) AS n FROM items")?.integer("n") ?? -1 }
            let before = try count()
            try folder.connect().run("INSERT INTO items (id) VALUES (1)")
            return [before, try count()]
        }
        #expect(counts == [0, 0])
        #expect(try await queue.count() == 1)
    }

    @Test func aClosedQueueThrows() async throws {
        let queue = try await folder.open()
        await queue.close()
        await queue.close()
        let error = await #expect(throws: SQLiteError.self) { try await queue.count() }
        #expect(error?.message == "the database has been closed")
        await #expect(throws: SQLiteError.self) { try await queue.write { db in try db.run("DELETE FROM items") } }
    }

    @Test func releasingAQueueClosesItsFile() async throws {
        do {
            let queue = try await folder.open()
            try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        }
        #expect(try await folder.open(busyTimeout: .zero).count() == 1)
    }
}

extension SQLiteDatabase {
    /// Holds the write lock of the file while the closure runs.
    func withWriteLock(_ work: () async throws -> Void) async throws {
        allowsTransactionControl.pointee = 1
        try execute("BEGIN IMMEDIATE")
        try await work()
        try execute("ROLLBACK")
    }
}
