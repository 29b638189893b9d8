import CSQLite
import Dispatch

/// A database file and its connection, on which closures run one at a time in the order of their calls.
///
/// A write that has returned is on disk: it survives a crash of the process and a power failure at any time. A closure takes effect
/// either completely or, if it throws, not at all. Other processes may use the same file; if the file stays locked for longer than the
/// busy timeout, the call throws an error whose ``SQLiteError/isBusy`` is true.
///
/// Closures are synchronous, so that no other closure runs between their statements. They block all others: keep them short, and combine
/// many small changes in one closure, because each write waits for the disk once.
public actor DatabaseQueue {
    private let executor: DispatchExecutor
    private var database: Database?

    /// The executor that runs the closures on a separate dispatch queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init() { executor = DispatchExecutor(label: "SQLite") }

    /// Opens a database and migrates it to the program's schema.
    ///
    /// - Parameters:
    ///   - location: The file to open or create, or memory.
    ///   - migrator: The program's application id and schema.
    ///   - busyTimeout: The maximum time to wait for a lock of another process.
    /// - Returns: The queue, ready for use.
    /// - Throws: ``SQLiteError`` if the file can't be opened or is damaged, ``MigrationError`` if it does not fit the program.
    public static func open(
        _ location: DatabaseLocation, migrator: Migrator, busyTimeout: Duration = .seconds(5)
    ) async throws -> DatabaseQueue {
        let queue = DatabaseQueue()
        try await queue.start(location, migrator, busyTimeout)
        return queue
    }

    private func start(_ location: DatabaseLocation, _ migrator: Migrator, _ busyTimeout: Duration) throws {
        let database = try Database.open(location, busyTimeout: busyTimeout)
        do {
            let isOutdated = try migrator.check(database)
            try database.configure()
            if isOutdated { try migrator.migrate(database) }
        } catch var error as SQLiteError {
            error.message += ": \(location)"
            throw error
        }
        self.database = database
    }

    /// Runs a closure that only reads, on a consistent snapshot of the database.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, ``SQLiteError``, or `CancellationError` if the task was cancelled before the closure ran.
    public func read<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) throws -> Value {
        try Task.checkCancellation()
        return try opened().transaction(.reading, work)
    }

    /// Runs a closure that changes the database; if it throws, its changes are rolled back.
    ///
    /// It runs even if the task is cancelled, because results of external actions must still be recorded.
    ///
    /// - Returns: What the closure returns, once the change is on disk.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public func write<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) throws -> Value {
        try opened().transaction(.writing, work)
    }

    /// Moves everything from the write-ahead log into the file and empties the log, so that rows that were deleted are in neither.
    ///
    /// - Throws: ``SQLiteError``.
    public func emptyLog() throws { try opened().execute("PRAGMA wal_checkpoint(TRUNCATE)") }

    /// Closes the file; the queue cannot be used afterwards.
    ///
    /// Releasing the last reference to the queue does the same.
    public func close() { database = nil }

    private func opened() throws -> Database {
        guard let database else { throw SQLiteError(SQLITE_MISUSE, "the database has been closed") }
        return database
    }
}

/// Runs an actor on a separate dispatch queue, because a statement that waits for the disk must not block a shared thread.
final class DispatchExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
