import Glibc
import Synchronization
import Testing

@testable import SQL
@testable import SQLite

@Suite(.timeLimit(.minutes(1))) struct ReadConnectionTests {
    private let folder = DatabaseFolder()
    /// Reads numbers until it is stopped.
    private static let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n WHERE i < 0"

    @Test func aReadSeesEveryWriteThatHasReturned() async throws {
        let queue = try await folder.open()
        for number in 1...200 {
            try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (?)", [.integer(Int64(number))]) }
            #expect(try await queue.count() == Int64(number))
        }
    }

    @Test func concurrentReadersSeeTheirOwnWrites() async throws {
        let queue = try await folder.open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<12 {
                group.addTask {
                    for number in 0..<20 {
                        let id = SQLValue.integer(Int64(task * 100 + number))
                        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (?)", [id]) }
                        let found = try await queue.read { db in try db.first("SELECT 1 FROM items WHERE id = ?", [id]) != nil }
                        #expect(found)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await queue.count() == 240)
    }

    @Test func aReadDoesNotWaitForAWrite() async throws {
        let queue = try await folder.open()
        let (inside, outside) = (Signal(), Signal())
        async let write: Void = queue.write { db in
            try db.run("INSERT INTO items (id) VALUES (1)")
            inside.set()
            outside.wait()
        }
        await inside.reached()
        #expect(try await queue.count() == 0)
        outside.set()
        try await write
        #expect(try await queue.count() == 1)
    }

    @Test func aWriteDoesNotWaitForReads() async throws {
        let queue = try await folder.open()
        let outside = Signal()
        let started = (0..<DatabaseQueue.readers).map { _ in Signal() }
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for signal in started {
                group.addTask {
                    try await queue.read { db in
                        signal.set()
                        outside.wait()
                        return try db.first("SELECT COUNT(*) AS n FROM items")?.integer("n") ?? -1
                    }
                }
            }
            for signal in started { await signal.reached() }
            try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
            outside.set()
            // The snapshot is taken at the first statement, which came after the write.
            for try await count in group { #expect(count == 1) }
        }
    }

    @Test func aReadClosureCannotChangeTheFile() async throws {
        let queue = try await folder.open()
        let error = await #expect(throws: SQLiteError.self) {
            try await queue.read { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        }
        #expect(error?.isReadOnly == true)
        #expect(try await queue.count() == 0)
    }

    @Test(arguments: [true, false]) func aReadThatTakesTooLongIsStoppedAndTheNextOneRuns(isFile: Bool) async throws {
        let migrator = try Migrator(applicationID: DatabaseFolder.applicationID, [.items])
        let queue = try await DatabaseQueue.open(isFile ? .file(folder.file) : .memory, migrator: migrator, readTimeout: .milliseconds(50))
        for _ in 0..<DatabaseQueue.readers + 1 {
            let error = await #expect(throws: ReadTimeoutError.self) { try await queue.read { db in try db.query(Self.endless) } }
            #expect(error?.limit == .milliseconds(50))
            #expect(error?.sql == Self.endless)
        }
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        // A write has no such limit.
        let counted = try await queue.write { db in
            try db.first("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT COUNT(*) AS n FROM n")?
                .integer("n")
        }
        #expect(counted == 300_000)
        #expect(try await queue.count() == 1)
    }

    @Test func searchesLeaveConnectionsForOtherReads() async throws {
        let queue = try await folder.open()
        let outside = Signal()
        let started = (0..<DatabaseQueue.searchers).map { _ in Signal() }
        let (next, refused) = (Counter(), Counter())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<DatabaseQueue.searchers {
                group.addTask {
                    try await queue.search { _ in
                        started[next.increment()].set()
                        outside.wait()
                    }
                }
            }
            for signal in started { await signal.reached() }
            // Further ones wait, and those beyond the limit are refused at once.
            let ended = (0..<5).map { _ in Signal() }
            for _ in 0..<DatabaseQueue.waitingSearches + ended.count {
                group.addTask {
                    do {
                        _ = try await queue.search { db in try db.first("SELECT 1") }
                    } catch is TooManySearchesError {
                        ended[refused.increment()].set()
                    }
                }
            }
            for signal in ended { await signal.reached() }
            #expect(try await queue.count() == 0)
            outside.set()
            try await group.waitForAll()
        }
        #expect(refused.increment() == 5)
        #expect(try await queue.search { db in try db.first("SELECT 1 AS n")?.integer("n") } == 1)
    }

    @Test(arguments: [true, false]) func aSearchThatTakesTooLongIsStopped(isFile: Bool) async throws {
        let migrator = try Migrator(applicationID: DatabaseFolder.applicationID, [.items])
        let queue = try await DatabaseQueue.open(
            isFile ? .file(folder.file) : .memory, migrator: migrator, searchTimeout: .milliseconds(50))
        let error = await #expect(throws: ReadTimeoutError.self) { try await queue.search { db in try db.query(Self.endless) } }
        #expect(error?.limit == .milliseconds(50))
        #expect(try await queue.count() == 0)
    }

    @Test func emptyingTheLogIsNotStarvedByReads() async throws {
        let queue = try await folder.open()
        let over = Signal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<DatabaseQueue.readers * 3 {
                group.addTask { while !over.isReached { _ = try await queue.count() } }
            }
            for number in 0..<20 {
                try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (?)", [.integer(Int64(number))]) }
                try await queue.emptyLog()
                var status = stat()
                #expect(stat(folder.file + "-wal", &status) == 0)
                #expect(status.st_size == 0)
            }
            over.set()
            try await group.waitForAll()
        }
        #expect(try await queue.count() == 20)
    }

    @Test func closingWaitsForReadsThatRunAndRejectsThoseThatWait() async throws {
        let queue = try await folder.open()
        try await queue.write { db in try db.run("INSERT INTO items (id) VALUES (1)") }
        let outside = Signal()
        let started = (0..<DatabaseQueue.readers).map { _ in Signal() }
        try await withThrowingTaskGroup(of: Int64.self) { group in
            for signal in started {
                group.addTask {
                    try await queue.read { db in
                        signal.set()
                        outside.wait()
                        return try db.first("SELECT COUNT(*) AS n FROM items")?.integer("n") ?? -1
                    }
                }
            }
            for signal in started { await signal.reached() }
            async let closed: Void = queue.close()
            var isRejected = false
            while !isRejected {
                let late = Task { try await queue.count() }
                // It waits for a connection until the queue is closed; before that it would be answered after the others.
                try await Task.sleep(for: .milliseconds(1))
                outside.set()
                isRejected = await (late.result).isFailure
            }
            for try await count in group { #expect(count == 1) }
            await closed
        }
        await #expect(throws: SQLiteError.self) { try await queue.count() }
        var status = stat()
        #expect(stat(folder.file + "-wal", &status) != 0, "The last connection removes the log.")
    }
}

extension Result {
    fileprivate var isFailure: Bool { if case .failure = self { true } else { false } }
}

/// Something that happens once; a blocked thread or a suspended task may wait for it.
private final class Signal: Sendable {
    private let isSet = Mutex(false)

    var isReached: Bool { isSet.withLock { $0 } }

    func set() { isSet.withLock { $0 = true } }

    func wait() { while !isReached { usleep(500) } }

    func reached() async { while !isReached { await Task.yield() } }
}

/// Counts from several tasks.
private final class Counter: Sendable {
    private let value = Mutex(0)

    /// The count before this call.
    func increment() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
