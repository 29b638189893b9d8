import Dispatch
import Glibc
import Synchronization
import Testing

@testable import SQL
@testable import SQLite

@Suite("Writes of several callers in one transaction", .timeLimit(.minutes(1))) struct WriteGroupTests {
    private let folder = DatabaseFolder()
    private let steps = Steps()

    /// The steps of groups, and what a test does at them.
    private final class Steps: Sendable {
        let reached = Mutex<[GroupStep]>([])
        let action = Mutex<@Sendable (GroupStep) -> Void>({ _ in })

        func note(_ step: GroupStep) {
            reached.withLock { $0.append(step) }
            action.withLock { $0 }(step)
        }

        func count(_ step: GroupStep) -> Int { reached.withLock { $0.count { $0 == step } } }
    }

    private final class Answered: Sendable { let count = Atomic(0) }
    private final class Flag: Sendable { let value = Atomic(false) }

    private typealias Work = @Sendable (any Database) throws -> Void

    private func open(_ migrations: [Migration] = [.items]) async throws -> DatabaseQueue {
        let steps = steps
        return try await DatabaseQueue.open(
            .file(folder.file), migrator: Migrator(applicationID: DatabaseFolder.applicationID, migrations), reached: { steps.note($0) })
    }

    /// Runs closures that all wait before the first of them runs, in this order; nil for one that succeeds.
    private func together(
        _ queue: DatabaseQueue, byteCount: Int = 0, _ works: [Work], onAnswer: @escaping @Sendable () -> Void = {}
    ) async throws -> [(any Error)?] {
        let isBlocked = Flag()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await queue.write { _ in
                    isBlocked.value.store(true, ordering: .releasing)
                    while queue.waiting.count < works.count { usleep(200) }
                }
            }
            while !isBlocked.value.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
            var tasks: [Task<Void, any Error>] = []
            for (place, work) in works.enumerated() {
                tasks.append(
                    Task {
                        defer { onAnswer() }
                        try await queue.writeTogether(byteCount: byteCount, work)
                    })
                while queue.waiting.count == place { try await Task.sleep(for: .microseconds(200)) }
            }
            var errors: [(any Error)?] = []
            for task in tasks {
                if case .failure(let error) = await task.result { errors.append(error) } else { errors.append(nil) }
            }
            try await group.waitForAll()
            return errors
        }
    }

    private static func insert(_ id: Int64) -> Work { { try $0.run("INSERT INTO items (id) VALUES (?)", [.integer(id)]) } }

    @Test func aClosureThatThrowsIsRolledBackAlone() async throws {
        let queue = try await open()
        let errors = try await together(
            queue,
            [
                Self.insert(1),
                { database in
                    try Self.insert(2)(database)
                    throw TestError()
                },
                Self.insert(3), Self.insert(1), Self.insert(4),
            ])
        #expect(errors.map { $0 == nil } == [true, false, true, false, true])
        #expect(errors[1] is TestError && (errors[3] as? SQLiteError)?.isConstraintViolation == true)
        let ids = try await queue.read { try $0.query("SELECT id FROM items ORDER BY id").map { try $0.integer("id") } }
        #expect(ids == [1, 3, 4])
        // Without savepoints the group got as far as its second closure.
        #expect(steps.count(.beforeCommit) == 1 && steps.count(.betweenMembers) == 1 + 4)
    }

    @Test func aGroupRunsAgainOnlyIfAClosureThrows() async throws {
        let queue = try await open()
        let runs = Mutex<[Int64]>([])
        func insert(_ id: Int64) -> Work {
            { database in
                runs.withLock { $0.append(id) }
                try Self.insert(id)(database)
            }
        }
        _ = try await together(queue, [insert(1), insert(2)])
        #expect(runs.withLock { $0 } == [1, 2])
        let errors = try await together(queue, [insert(3), insert(1), insert(4)])
        #expect(errors.map { $0 == nil } == [true, false, true])
        #expect(runs.withLock { $0 } == [1, 2, 3, 1, 3, 1, 4])
        #expect(try await queue.count() == 4)
    }

    @Test func aGroupKeepsCopiedPagesInMemoryAndAnotherWriteInAFile() async throws {
        let queue = try await open()
        let stores = Mutex<[Int64]>([])
        let note: Work = { database in
            let store = try database.first("PRAGMA temp_store")?.integer("temp_store") ?? 0
            stores.withLock { $0.append(store) }
        }
        try await queue.write(note)
        _ = try await together(queue, [note, note])
        try await queue.write(note)
        // 0 is SQLite's own choice, 1 a file and 2 memory.
        #expect(stores.withLock { $0 } == [0, 2, 2, 1])
    }

    @Test func onlyAnAsynchronousWriteDoesNotWaitForTheDisk() async throws {
        let queue = try await open()
        let modes = Mutex<[Int64]>([])
        let note: Work = { database in
            let mode = try database.first("PRAGMA synchronous")?.integer("synchronous") ?? 0
            modes.withLock { $0.append(mode) }
        }
        try await queue.write(note)
        try await queue.write(.everything, .asynchronous, note)
        _ = try await together(queue, [note, note])
        try await queue.write(.everything, .asynchronous, note)
        try await queue.write(note)
        // 1 writes to the log without waiting for the disk, 2 waits at each commit.
        #expect(modes.withLock { $0 } == [2, 1, 2, 2, 1, 2])
    }

    @Test func callersAreAnsweredOnceTheirChangesAreCommitted() async throws {
        let queue = try await open()
        let (path, answered) = (folder.file, Answered())
        let seen = Mutex<[String]>([])
        steps.action.withLock { action in
            action = { step in
                guard step != .betweenMembers else { return }
                let count = try? SQLiteDatabase.open(.file(path), busyTimeout: .zero).first("SELECT count(*) AS n FROM items")?.integer("n")
                seen.withLock { $0.append("\(count ?? -1) stored, \(answered.count.load(ordering: .sequentiallyConsistent)) answered") }
            }
        }
        _ = try await together(queue, (1...5).map { Self.insert($0) }) { answered.count.add(1, ordering: .sequentiallyConsistent) }
        // Before the commit another connection sees nothing, and after it, when no caller is answered yet, everything.
        #expect(seen.withLock { $0 } == ["0 stored, 0 answered", "5 stored, 0 answered"])
        #expect(answered.count.load(ordering: .sequentiallyConsistent) == 5)
    }

    @Test func aFailedCommitFailsEveryCaller() async throws {
        let queue = try await open([
            .items,
            Migration("children") {
                try $0.execute(
                    "CREATE TABLE children (item INTEGER REFERENCES items (id) DEFERRABLE INITIALLY DEFERRED) STRICT")
            },
        ])
        let errors = try await together(
            queue,
            [
                Self.insert(1), { _ in throw TestError() }, { try $0.run("INSERT INTO children (item) VALUES (99)") },
                Self.insert(2),
            ])
        #expect(errors.allSatisfy { ($0 as? SQLiteError)?.isConstraintViolation == true })
        #expect(try await queue.count() == 0)
        #expect(steps.count(.afterCommit) == 0)
    }

    @Test func anErrorThatEndsTheTransactionFailsItsCallerAlone() async throws {
        let queue = try await open()
        try await queue.write { try Self.insert(1)($0) }
        let ending: Work = { try $0.run("INSERT OR ROLLBACK INTO items (id) VALUES (1)") }
        let errors = try await together(queue, [Self.insert(2), ending, Self.insert(3), ending, Self.insert(4)])
        #expect(errors.map { $0 == nil } == [true, false, true, false, true])
        #expect(errors.compactMap { ($0 as? SQLiteError)?.isConstraintViolation } == [true, true])
        #expect(try await queue.count() == 4)
    }

    @Test func aGroupHasALimitedNumberOfCallers() async throws {
        let queue = try await open()
        let count = WaitingWrites.memberLimit + 44
        let errors = try await together(queue, (0..<count).map { Self.insert(Int64($0)) })
        #expect(errors.allSatisfy { $0 == nil })
        #expect(steps.count(.beforeCommit) == 2)
        // One less than the members of each group.
        #expect(steps.count(.betweenMembers) == count - 2)
        #expect(try await queue.count() == Int64(count))
    }

    @Test func aGroupHasALimitedNumberOfBytes() async throws {
        let queue = try await open()
        // Each is larger than a group may be, so that each is alone.
        _ = try await together(queue, byteCount: WaitingWrites.byteLimit + 1, (0..<4).map { Self.insert($0) })
        #expect(steps.count(.beforeCommit) == 0)
        _ = try await together(queue, byteCount: WaitingWrites.byteLimit / 2, (4..<8).map { Self.insert($0) })
        #expect(steps.count(.beforeCommit) == 2)
        #expect(try await queue.count() == 8)
    }

    @Test func theChangeOfACancelledCallerIsStored() async throws {
        let queue = try await open()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await queue.writeTogether { try Self.insert(1)($0) }
        }
        task.cancel()
        try await task.value
        #expect(try await queue.count() == 1)
    }

    @Test func aClosedQueueAndALockedFileFailEveryCaller() async throws {
        let queue = try await folder.open(busyTimeout: .zero)
        try await folder.connect().withWriteLock {
            let error = await #expect(throws: SQLiteError.self) { try await queue.writeTogether { try Self.insert(1)($0) } }
            #expect(error?.isBusy == true)
        }
        await queue.close()
        await #expect(throws: SQLiteError.self) { try await queue.writeTogether { try Self.insert(1)($0) } }
    }

    @Test(arguments: ["COMMIT", "ROLLBACK", "SAVEPOINT part", "RELEASE part", "BEGIN IMMEDIATE", "ROLLBACK TO part"])
    func closuresCannotRunTransactionStatementsThatTheQueueKeeps(sql: String) async throws {
        let queue = try await open()
        // By now the queue has compiled all of them.
        _ = try await together(queue, [Self.insert(1), { _ in throw TestError() }])
        try? await queue.write { _ in throw TestError() }
        let errors = try await together(queue, [{ try $0.run(sql) }, { try $0.execute(sql) }, Self.insert(2)])
        #expect(errors.map { $0 == nil } == [false, false, true])
        #expect(try await queue.count() == 2)
    }
}
