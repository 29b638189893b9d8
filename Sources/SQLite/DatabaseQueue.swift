import CSQLite
import Glibc
public import SQL
import Synchronization

/// A database file and its connections: writes run one at a time in the order of their calls, reads beside them.
///
/// A write that has returned survives a crash of the process at any time; unless it is ``CommitMode/asynchronous``, it is on disk and
/// survives a power failure too. A closure takes effect either completely or, if it throws, not at all. Other processes may use the same
/// file; if the file stays locked for longer than the busy timeout, the call throws an error whose ``SQLiteError/isBusy`` is true.
///
/// A read sees every write that had returned when the read was called, and never waits for one: reads of a file have connections of their
/// own, ``readers`` of them. A database in memory has one connection for both.
///
/// Closures are synchronous, so that no other closure runs between their statements. A write blocks all other writes: keep them short, and
/// combine many small changes in one closure, because each write waits for the disk once. Where many callers make one small change each,
/// ``writeTogether(byteCount:_:)`` lets them share that wait. What a write decides on, it reads itself: other writes may run between a
/// read and a later write.
public actor DatabaseQueue: DatabaseTransactions {
    /// The number of reads of a file that run at once.
    public static let readers = 4

    /// The number of searches of a file that run at once; further ones wait.
    public static let searchers = 2
    /// The number of searches that wait; further ones are refused.
    public static let waitingSearches = 16

    private let executor: DispatchExecutor
    private let searches = SearchSlots(limit: searchers, waitingLimit: waitingSearches)
    private let searchTimeout: Duration
    private var database: SQLiteDatabase?
    nonisolated let waiting = WaitingWrites()
    private let reached: @Sendable (GroupStep) -> Void
    private let readTimeout: Duration
    /// The connections for reads; nil for a database in memory.
    private nonisolated let reads = Mutex<ReadConnections?>(nil)

    /// The executor that runs the closures on a separate dispatch queue.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private init(readTimeout: Duration, searchTimeout: Duration, reached: @escaping @Sendable (GroupStep) -> Void) {
        executor = DispatchExecutor(label: "SQLite")
        self.readTimeout = readTimeout
        self.searchTimeout = searchTimeout
        self.reached = reached
    }

    /// Opens a database and migrates it to the program's schema.
    ///
    /// - Parameters:
    ///   - location: The file to open or create, or memory.
    ///   - migrator: The program's application id and schema.
    ///   - busyTimeout: The maximum time to wait for a lock of another process.
    ///   - readTimeout: The maximum time that a read may run.
    ///   - searchTimeout: The maximum time that a search may run.
    ///   - reached: Called on the queue at each step of ``writeTogether(byteCount:_:)``; a test may end the process there.
    /// - Returns: The queue, ready for use.
    /// - Throws: ``SQLiteError`` if the file can't be opened or is damaged, ``MigrationError`` if it does not fit the program.
    public static func open(
        _ location: DatabaseLocation, migrator: Migrator, busyTimeout: Duration = .seconds(5), readTimeout: Duration = .seconds(30),
        searchTimeout: Duration = .seconds(5), reached: @escaping @Sendable (GroupStep) -> Void = { _ in }
    ) async throws -> DatabaseQueue {
        let queue = DatabaseQueue(readTimeout: readTimeout, searchTimeout: searchTimeout, reached: reached)
        try await queue.start(location, migrator, busyTimeout)
        return queue
    }

    private func start(_ location: DatabaseLocation, _ migrator: Migrator, _ busyTimeout: Duration) throws {
        let database = try SQLiteDatabase.open(location, busyTimeout: busyTimeout)
        do {
            let isOutdated = try migrator.check(database)
            try database.configure()
            if isOutdated { try migrator.migrate(database) }
            try database.configureWrites()
            if location != .memory {
                let connections = try ReadConnections.open(location, count: Self.readers, busyTimeout: busyTimeout)
                reads.withLock { $0 = connections }
            }
        } catch var error as SQLiteError {
            error.message += ": \(location)"
            throw error
        }
        self.database = database
    }

    /// Runs a closure that only reads, on a consistent snapshot of the database.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, ``ReadTimeoutError`` if it takes longer than the read timeout, ``SQLiteError``, or
    ///   `CancellationError` if the task was cancelled before the closure ran.
    public nonisolated func read<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        guard let connections = reads.withLock({ $0 }) else { return try await readInMemory(readTimeout, work) }
        // Reads that overlap without a break would let the log grow without an end.
        if connections.isLogCheckDue() { Task { [weak self] in await self?.shortenLog() } }
        return try await connections.read(for: readTimeout, work)
    }

    /// Runs a closure that only reads and may have to look at whole tables, such as for words that a person has typed.
    ///
    /// Few searches run at once, each for a short time, so that they never keep other reads waiting.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, ``ReadTimeoutError`` if it takes longer than the search timeout, ``TooManySearchesError`` if too
    ///   many wait, ``SQLiteError``, or `CancellationError` if the task was cancelled before the closure ran.
    public nonisolated func search<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        try await searches.run {
            guard let connections = reads.withLock({ $0 }) else { return try await readInMemory(searchTimeout, work) }
            return try await connections.read(for: searchTimeout, work)
        }
    }

    private func readInMemory<Value: Sendable>(
        _ limit: Duration, _ work: @Sendable (any Database) throws -> Value
    ) throws -> Value {
        try Task.checkCancellation()
        return try opened().read(for: limit, work)
    }

    /// Runs a closure that changes the database; if it throws, its changes are rolled back.
    ///
    /// It runs even if the task is cancelled, because results of external actions must still be recorded.
    ///
    /// - Parameters:
    ///   - scope: Not used: one transaction writes at a time.
    ///   - mode: Whether it waits for the disk.
    ///   - work: Changes the database.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public func write<Value: Sendable>(
        _ scope: WriteScope = .everything, _ mode: CommitMode = .synchronous, _ work: @Sendable (any Database) throws -> Value
    ) throws -> Value {
        let database = try opened()
        try database.commit(mode)
        try database.keepCopiedPages(in: .file)
        return try database.transaction(.writing, work)
    }

    /// Runs a closure that changes the database in one transaction with those of other callers, so that all wait for the disk once.
    ///
    /// While a transaction waits for the disk, further callers gather; the next transaction runs the closures of up to
    /// ``WaitingWrites/memberLimit`` of them, in the order of their calls. A closure that throws is rolled back alone: the group runs again
    /// with a savepoint for each closure. Each caller is answered after the commit, so that whatever it learns, even from an error that its
    /// closure threw on what it read, is on disk. If the commit fails, all callers of the group get its error.
    ///
    /// An error that ends the whole transaction, such as a full disk, makes the closures of the group run again, each in a transaction of
    /// its own. A closure may therefore run several times, and must change nothing but the database.
    ///
    /// It runs even if the task is cancelled, because results of external actions must still be recorded.
    ///
    /// - Parameters:
    ///   - byteCount: About how much the closure writes, in bytes; a group has at most ``WaitingWrites/byteLimit`` of more than one caller.
    ///   - work: Changes the database.
    /// - Returns: What the closure returns, once the change is on disk.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public nonisolated func writeTogether<Value: Sendable>(
        byteCount: Int = 0, _ work: @escaping @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = waiting.add(GroupMember(byteCount: byteCount, continuation, work))
            if isFirst { executor.run { self.assumeIsolated { $0.writeGroup() } } }
        }
    }

    /// Runs the next group; what came meanwhile is the next one, after the closures that were called in between.
    private func writeGroup() {
        let (group, isMore) = waiting.next()
        if isMore { executor.run { self.assumeIsolated { $0.writeGroup() } } }
        write(group)
    }

    private func write(_ group: [GroupMember], _ isolation: GroupIsolation = .none) {
        var answers: [GroupMember.Answer] = []
        var hasEnded = false
        do {
            let database = try opened()
            try database.commit(.synchronous)
            // A group has a limited number of small changes.
            try database.keepCopiedPages(in: .memory)
            try database.transaction(.writing) { database in
                for member in group {
                    if !answers.isEmpty { reached(.betweenMembers) }
                    let outcome = member.run(database, isolation)
                    answers.append(outcome.answer)
                    hasEnded = !database.isInTransaction
                    if hasEnded { return }
                    if outcome.hasFailed, isolation == .none { throw GroupMemberFailure() }
                }
                if group.count > 1 { reached(.beforeCommit) }
            }
            if group.count > 1 { reached(.afterCommit) }
            for answer in answers { answer() }
        } catch is GroupMemberFailure {
            write(group, .savepoints)
        } catch {
            if !hasEnded {
                for member in group { member.fail(error) }
            } else if group.count > 1 {
                // Which of them ended it says nothing about the others.
                for member in group { write([member]) }
            } else {
                // Its own error says more than that the transaction has ended.
                for answer in answers { answer() }
            }
        }
    }

    /// Moves everything from the write-ahead log into the file and empties the log, so that rows that were deleted are in neither.
    ///
    /// It waits for the reads that run, and lets further ones start afterwards, so that a stream of reads does not keep the log.
    ///
    /// - Throws: ``SQLiteError``.
    public func emptyLog() async throws {
        let connections = reads.withLock { $0 }
        await connections?.pause()
        defer { connections?.resume() }
        try opened().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// Empties the log if it is longer than 64 MB; SQLite reuses it from the start only while no read runs.
    private func shortenLog() async {
        guard let database, case .file(let path) = database.location else { return }
        var status = stat()
        guard stat(path + "-wal", &status) == 0, status.st_size > 64 << 20 else { return }
        // An error would be that of the next write, too.
        try? await emptyLog()
    }

    /// Closes the file after the reads that run have ended; the queue cannot be used afterwards.
    ///
    /// Releasing the last reference to the queue does the same.
    public func close() async {
        // The connection for writes is closed last, because it empties the log.
        await reads.withLock { $0 }?.close()
        database = nil
    }

    private func opened() throws -> SQLiteDatabase {
        guard let database else { throw SQLiteError.closed }
        return database
    }
}
