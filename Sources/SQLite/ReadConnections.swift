import CSQLite
import SQL
import Synchronization

/// The read-only connections of a ``DatabaseQueue``: as many reads run at once, further ones wait for their turn.
///
/// A read never waits for a write. SQLite takes the snapshot of a read at its first statement, so that a read that starts after a write has
/// returned sees that write.
final class ReadConnections: Sendable {
    private struct State {
        var idle: [ReadConnection] = []
        var count = 0
        /// Reads that wait for a connection, oldest first.
        var waiting: [CheckedContinuation<ReadConnection, any Error>] = []
        /// Those that wait until no read runs.
        var draining: [CheckedContinuation<Void, Never>] = []
        /// The number of those that currently let no read start.
        var pauses = 0
        var isClosed = false
        /// The reads since the length of the log was last looked at.
        var readsSinceCheck = 0

        var isDrained: Bool { idle.count == count }
    }

    private let state = Mutex(State())

    /// Uses connections that are open.
    init(_ connections: [ReadConnection]) {
        state.withLock { $0 = State(idle: connections, count: connections.count) }
    }

    /// Opens read-only connections to a file that is open and migrated.
    ///
    /// - Throws: ``SQLiteError``.
    static func open(_ location: DatabaseLocation, count: Int, busyTimeout: Duration) throws -> ReadConnections {
        ReadConnections(
            try (0..<count).map { _ in
                let database = try SQLiteDatabase.open(location, busyTimeout: busyTimeout)
                try database.execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON")
                // Opens the log too, so that all connections keep to the files of now, even if the folder is replaced.
                _ = try database.first("SELECT 1 FROM sqlite_schema")
                return ReadConnection(database)
            })
    }

    /// Runs a closure on an idle connection, and stops it when the time is over.
    func read<Value: Sendable>(for limit: Duration, _ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        let connection = try await take()
        defer { give(connection) }
        return try await connection.read(for: limit, work)
    }

    /// Lets no read start, and returns once no read runs.
    func pause() async {
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                state.pauses += 1
                if !state.isDrained { state.draining.append(continuation) }
                return state.isDrained
            }
            if isDrained { continuation.resume() }
        }
    }

    /// Lets reads start again.
    func resume() {
        let started = state.withLock { state in
            state.pauses -= 1
            guard state.pauses == 0 else { return [(CheckedContinuation<ReadConnection, any Error>, ReadConnection)]() }
            let started = Array(zip(state.waiting, state.idle))
            state.waiting.removeFirst(started.count)
            state.idle.removeFirst(started.count)
            return started
        }
        for (continuation, connection) in started { continuation.resume(returning: connection) }
    }

    /// Closes the connections after the reads that run have ended; those that wait throw.
    func close() async {
        let rejected = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in rejected { continuation.resume(throwing: SQLiteError.closed) }
        await pause()
        let closed = state.withLock { state in
            defer { (state.idle, state.count) = ([], 0) }
            return state.idle
        }
        for connection in closed { await connection.close() }
        resume()
    }

    /// Whether so many reads were made that the length of the log is worth a look; asking starts the count again.
    func isLogCheckDue() -> Bool {
        state.withLock { state in
            state.readsSinceCheck += 1
            guard state.readsSinceCheck >= 256 else { return false }
            state.readsSinceCheck = 0
            return true
        }
    }

    private func take() async throws -> ReadConnection {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<ReadConnection, SQLiteError>? = state.withLock { state in
                guard !state.isClosed else { return .failure(.closed) }
                if state.pauses == 0, let connection = state.idle.popLast() { return .success(connection) }
                state.waiting.append(continuation)
                return nil
            }
            switch result {
            case .success(let connection): continuation.resume(returning: connection)
            case .failure(let error): continuation.resume(throwing: error)
            case nil: break
            }
        }
    }

    private func give(_ connection: ReadConnection) {
        let (next, drained): (CheckedContinuation<ReadConnection, any Error>?, [CheckedContinuation<Void, Never>]) = state.withLock {
            state in
            if state.pauses == 0, !state.waiting.isEmpty { return (state.waiting.removeFirst(), []) }
            state.idle.append(connection)
            guard state.isDrained else { return (nil, []) }
            defer { state.draining = [] }
            return (nil, state.draining)
        }
        next?.resume(returning: connection)
        for continuation in drained { continuation.resume() }
    }
}

/// One read-only connection with its statement cache, on a dispatch queue of its own.
actor ReadConnection {
    private let executor = DispatchExecutor(label: "SQLite reads")
    private var database: SQLiteDatabase?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ database: sending SQLiteDatabase) { self.database = database }

    func read<Value: Sendable>(for limit: Duration, _ work: @Sendable (any Database) throws -> Value) throws -> Value {
        try Task.checkCancellation()
        guard let database else { throw SQLiteError.closed }
        return try database.read(for: limit, work)
    }

    func close() { database = nil }
}

extension SQLiteDatabase {
    /// Runs a closure that only reads, and stops it when the time is over.
    ///
    /// - Throws: What the closure throws, ``ReadTimeoutError`` or ``SQLiteError``.
    func read<Value>(for limit: Duration, _ work: (SQLiteDatabase) throws -> Value) throws -> Value {
        try transaction(.reading) { database in
            deadline.pointee = .now + limit
            // Asked every few hundred microseconds.
            sqlite3_progress_handler(
                connection, 4_000,
                { deadline in
                    guard let deadline = deadline?.assumingMemoryBound(to: ContinuousClock.Instant.self) else { return 0 }
                    return deadline.pointee < .now ? 1 : 0
                }, deadline)
            defer { sqlite3_progress_handler(connection, 0, nil, nil) }
            do {
                return try work(database)
            } catch let error as SQLiteError where error.code == SQLITE_INTERRUPT {
                throw ReadTimeoutError(limit: limit, sql: error.sql)
            }
        }
    }
}

extension SQLiteError {
    static let closed = SQLiteError(SQLITE_MISUSE, "the database has been closed")
}
