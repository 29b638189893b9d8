import CSQLite
import Dispatch

/// One database file and the one connection to it; closures run on it one at a time, in the order of arrival.
///
/// A write that has returned is on the disk: it survives the end of the process at any moment and a loss of power. A closure either
/// takes effect as a whole or, if it throws, not at all. Other processes may use the same file; whoever finds it locked waits for
/// the busy timeout, then gets an error whose ``SQLiteError/isBusy`` is true.
///
/// Closures are synchronous, so that no other closure can come between their statements. They hold up all others: keep them short,
/// and put many small changes into one, because each write waits for the disk once.
public actor DatabaseQueue {
    private let executor: DispatchExecutor
    private var database: Database?

    /// The queue's own thread.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init() { executor = DispatchExecutor(label: "SQLite") }

    /// Opens a database and brings it to the program's schema.
    ///
    /// - Parameters:
    ///   - location: Where it is, or is to be made.
    ///   - migrator: The program's application id and schema.
    ///   - busyTimeout: How long to wait for another process.
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

    /// Runs a closure that only reads; what it sees does not change while it runs.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, ``SQLiteError``, or `CancellationError` if the task was cancelled before its turn.
    public func read<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) throws -> Value {
        try Task.checkCancellation()
        return try opened().transaction(.reading, work)
    }

    /// Runs a closure that changes the database; if it throws, nothing is changed.
    ///
    /// It runs even if the task is cancelled, because what has happened elsewhere must stay recordable.
    ///
    /// - Returns: What the closure returns, once the change is on the disk.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public func write<Value: Sendable>(_ work: @Sendable (Database) throws -> Value) throws -> Value {
        try opened().transaction(.writing, work)
    }

    /// Closes the file; the queue can't be used any more.
    ///
    /// Letting go of the queue does the same.
    public func close() { database = nil }

    private func opened() throws -> Database {
        guard let database else { throw SQLiteError(SQLITE_MISUSE, "the database has been closed") }
        return database
    }
}

/// Runs an actor on a queue of its own, because a disk that makes a statement wait must not hold one of the few shared threads.
final class DispatchExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
