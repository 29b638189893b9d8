import Dispatch
public import SQL
import Synchronization

/// A PostgreSQL database and the connections of this process to it.
///
/// A write that has returned is on the server's disk. A closure takes effect either completely or, if it throws, not at all. Any number of
/// processes use one database.
///
/// Closures are synchronous and run on the dispatch queue of their connection. A read sees one snapshot, with every write that had returned
/// when the read was called, and never waits for a write. A write sees the state of each statement's beginning; what it decides on is
/// locked by its ``WriteScope``. Its closure may run several times: it runs again after a deadlock, if a lock is held by another transaction
/// and waiting could be mutual, and after the connection was lost.
///
/// A connection that is lost while a transaction is committed leaves the outcome open; the pool asks the server for it over another
/// connection, so that the caller gets an error only if the server can't be reached within the time for reconnecting.
public final class PostgreSQLPool: DatabaseTransactions {
    /// A read was not run, because too many wait already.
    public struct TooManyReadsError: Error, Sendable, Equatable, CustomStringConvertible {
        /// What happened, with a recommendation.
        public var description: String { "Too many reads of the database wait already. Try again later." }
    }

    /// The limits of a pool.
    public struct Limits: Sendable {
        /// The maximum time that a read may run.
        public var read: Duration = .seconds(30)
        /// The maximum time that a search may run.
        public var search: Duration = .seconds(5)
        /// The maximum time that a transaction waits for a lock before it starts again.
        public var lock: Duration = .seconds(5)
        /// The maximum time to connect again after the connection was lost; calls during a longer outage fail after one more try.
        public var reconnect: Duration = .seconds(10)
        /// The number of reads that wait for a connection; further ones are refused.
        public var waitingReads = 1_000
        /// How often a closure runs again after a conflict with another transaction, besides waiting for its locks.
        public var conflicts = 10
        /// How often a closure runs again because a lock was held for too long.
        public var lockTimeouts = 3
        /// How long closing waits for transactions before it stops their statements.
        public var close: Duration = .seconds(5)

        /// Creates the limits of a host.
        public init() {}
    }

    /// The number of searches that run at once; further ones wait.
    public static let searchers = 2
    /// The number of searches that wait; further ones are refused.
    public static let waitingSearches = 16
    /// The most bytes of a notification.
    public static let notificationByteLimit = 7_999

    let configuration: PostgreSQLConfiguration
    let options: [String: String]
    let limits: Limits
    private let sessions: [PostgreSQLSession]
    private let queue: SessionQueue
    private let searches = SearchSlots(limit: searchers, waitingLimit: waitingSearches)
    let waiting = WaitingWrites()
    private let isGroupRunning = Mutex(false)
    /// When a connection was lost or refused, if no transaction has ended since.
    private let outageBegan = Mutex<ContinuousClock.Instant?>(nil)
    private let reached: @Sendable (GroupStep) -> Void
    private let listener: NotificationListener

    init(
        _ configuration: PostgreSQLConfiguration, limits: Limits, options: [String: String] = [:],
        reached: @escaping @Sendable (GroupStep) -> Void
    ) {
        self.configuration = configuration
        self.limits = limits
        self.reached = reached
        let options = options.merging(Self.options(schema: configuration.schema, lock: limits.lock)) { given, _ in given }
        self.options = options
        sessions = (0..<configuration.poolSize).map { _ in PostgreSQLSession(configuration, options: options) }
        queue = SessionQueue(sessions, waitingReads: limits.waitingReads)
        listener = NotificationListener(configuration, options: options)
    }

    deinit { listener.stop() }

    /// The settings of each connection, which go to the server with the connection.
    private static func options(schema: String, lock: Duration) -> [String: String] {
        [
            // The tables are never those of another schema, nor temporary ones.
            "search_path": "\(schema),pg_temp",
            "lock_timeout": "\(max(1, Int64(lock / .milliseconds(1))))",
            // A process that has stopped keeps no locks: closures do not wait for anything but the database.
            "idle_in_transaction_session_timeout": "60000",
            // The server notices a client that has vanished, even while it waits for a lock.
            "client_connection_check_interval": "5000", "tcp_keepalives_idle": "10", "tcp_keepalives_interval": "3",
            "tcp_keepalives_count": "3",
        ]
    }

    /// Runs a closure that only reads, on a consistent snapshot of the database.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, ``ReadTimeoutError`` if it takes longer than the limit, ``TooManyReadsError`` if too many wait,
    ///   ``PostgreSQLError``, or `CancellationError` if the task was cancelled before the closure ran.
    public func read<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        try await read(for: limits.read, work)
    }

    /// Runs a closure that only reads and may have to look at whole tables, such as for words that a person has typed.
    ///
    /// Few searches run at once, each for a short time, so that they never keep other reads waiting.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: Like ``read(_:)``, and ``TooManySearchesError`` if too many wait.
    public func search<Value: Sendable>(_ work: @Sendable (any Database) throws -> Value) async throws -> Value {
        try await searches.run { try await read(for: limits.search, work) }
    }

    private func read<Value: Sendable>(
        for limit: Duration, _ work: @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        return try await unwrapped {
            try await queue.run(.read) { session in
                try Task.checkCancellation()
                return try await repeated(on: session, TransactionLocks(.rows([]))) { _ in
                    await session.read(for: limit) { try work($0) }
                }
            }
        }
    }

    /// Runs a closure that changes the database; if it throws, its changes are rolled back.
    ///
    /// It runs even if the task is cancelled, because results of external actions must still be recorded.
    ///
    /// - Parameters:
    ///   - scope: What it keeps from other transactions that write.
    ///   - mode: Whether it waits for the server's disk.
    ///   - work: Changes the database, and nothing else, because it may run several times.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``PostgreSQLError``.
    @discardableResult public func write<Value: Sendable>(
        _ scope: WriteScope, _ mode: CommitMode = .synchronous, _ work: @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try await unwrapped { try await queue.run(.write) { session in try await write(scope, mode, on: session) { try work($0) } } }
    }

    private func write<Value: Sendable>(
        _ scope: WriteScope, _ mode: CommitMode, on session: PostgreSQLSession, _ work: @Sendable (PostgreSQLDatabase) throws -> Value
    ) async throws -> Value {
        try await repeated(on: session, TransactionLocks(scope)) { await session.write($0, mode, work) }
    }

    /// Runs a closure that changes the database in one transaction with those of other callers, so that all wait for the disk once.
    ///
    /// While a transaction runs, further callers gather; the next transaction runs the closures of up to ``WaitingWrites/memberLimit`` of
    /// them, in the order of their calls. A closure that throws is rolled back alone: the group runs again with a savepoint for each closure.
    /// Each caller is answered after the commit. If the commit fails, all callers of the group get its error.
    ///
    /// The transaction locks no rows but those that its closures lock. It runs even if the task is cancelled.
    ///
    /// - Parameters:
    ///   - byteCount: About how much the closure writes, in bytes.
    ///   - work: Changes the database, and nothing else, because it may run several times.
    /// - Returns: What the closure returns, once the change is on disk.
    /// - Throws: What the closure throws, or ``PostgreSQLError``.
    @discardableResult public func writeTogether<Value: Sendable>(
        byteCount: Int = 0, _ work: @escaping @Sendable (any Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            _ = waiting.add(GroupMember(byteCount: byteCount, continuation, work))
            let isFirst = isGroupRunning.withLock { isRunning in
                defer { isRunning = true }
                return !isRunning
            }
            if isFirst { Task { await self.writeGroups() } }
        }
    }

    /// Writes group after group until no caller waits.
    private func writeGroups() async {
        repeat {
            do {
                try await queue.run(.write) { session in await write(waiting.next().group, on: session) }
            } catch {
                // The pool is closed.
                for member in waiting.next().group { member.fail(error) }
            }
        } while isGroupRunning.withLock { isRunning in
            isRunning = waiting.count > 0
            return isRunning
        }
    }

    private func write(_ group: [GroupMember], on session: PostgreSQLSession, _ isolation: GroupIsolation = .none) async {
        guard !group.isEmpty else { return }
        do {
            let answers = try await write(.rows([]), .synchronous, on: session) { [reached] database in
                var answers: [GroupMember.Answer] = []
                for member in group {
                    if !answers.isEmpty { reached(.betweenMembers) }
                    let outcome = member.run(database, isolation)
                    answers.append(outcome.answer)
                    // A member catches every error; the transaction must not go on after this one.
                    if database.isRerunRequested { return answers }
                    if outcome.hasFailed || database.hasFailed, isolation == .none { throw GroupMemberFailure() }
                }
                if group.count > 1 { reached(.beforeCommit) }
                return answers
            }
            if group.count > 1 { reached(.afterCommit) }
            for answer in answers { answer() }
        } catch is GroupMemberFailure {
            await write(group, on: session, .savepoints)
        } catch let error as ConflictError where group.count > 1 {
            // Which of them is in the way of another transaction says nothing about the others.
            _ = error
            for member in group { await write([member], on: session) }
        } catch {
            for member in group { member.fail((error as? ConflictError)?.reason ?? error) }
        }
    }

    /// Does nothing: the server removes deleted rows itself.
    public func emptyLog() async throws {}

    /// Closes the connections after running transactions have ended; statements that run for longer than the limit are stopped.
    public func close() async {
        listener.stop()
        let (sessions, limit) = (sessions, limits.close)
        let stopping = Task {
            try await Task.sleep(for: limit)
            DispatchQueue.global().async { for session in sessions { session.cancel() } }
        }
        await queue.close()
        stopping.cancel()
        for session in sessions { await session.disconnect() }
    }

    /// Returns the notifications that any process sends with ``PostgreSQLDatabase/notify(_:)``, until the stream is released.
    ///
    /// A dedicated connection waits for them, and connects again by itself.
    public func notifications() -> AsyncStream<PostgreSQLNotification> { listener.stream() }

    /// How often the connections have waited for the server, for tests.
    func roundTrips() async -> Int {
        var count = 0
        for session in sessions { count += await session.roundTrips() }
        return count
    }

    /// How many callers wait for a connection.
    var waitingForConnection: Int { queue.waitingCount }
}

extension PostgreSQLPool {
    /// A transaction has been in conflict with others for as often as it may.
    private struct ConflictError: Error { let reason: PostgreSQLError }

    private func unwrapped<Value>(_ work: () async throws -> Value) async throws -> Value {
        do {
            return try await work()
        } catch let error as ConflictError {
            throw error.reason
        }
    }

    /// Runs the closure of a transaction until it is committed or throws.
    ///
    /// - Throws: ``ConflictError`` after too many conflicts.
    private func repeated<Value>(
        on session: PostgreSQLSession, _ locks: TransactionLocks,
        _ attempt: (TransactionLocks) async -> PostgreSQLDatabase.Attempt<Value>
    ) async throws -> Value {
        var locks = locks
        var (lockRounds, conflicts, lockTimeouts, losses) = (0, 0, 0, 0)
        while true {
            switch await attempt(locks) {
            case .done(let result):
                outageBegan.withLock { $0 = nil }
                return try result.get()
            case .commitUnknown(let commit, let value):
                switch await outcome(of: commit, on: session, until: .now + limits.reconnect) {
                case .committed: return value
                case .rolledBack: break
                case .inProgress, .unknown:
                    throw PostgreSQLError(
                        "the connection was lost while a transaction was committed, and the server can't be asked whether it was",
                        failure: .commitUnknown)
                }
            case .rerun(let reason):
                switch reason {
                case .locks(let needed):
                    lockRounds += 1
                    locks.keys.formUnion(needed.keys)
                    // A closure that asks for other keys each time gets all of them.
                    if lockRounds > 10 { locks = TransactionLocks(.everything) }
                case .conflict(let error):
                    conflicts += 1
                    guard conflicts <= limits.conflicts else { throw ConflictError(reason: error) }
                    await pause(.milliseconds(min(5 << min(conflicts, 7), 500)))
                case .lockTimeout(let error):
                    lockTimeouts += 1
                    guard lockTimeouts <= limits.lockTimeouts else { throw ConflictError(reason: error) }
                    await pause(.milliseconds(50))
                case .outdatedStatement(let error):
                    conflicts += 1
                    guard conflicts <= limits.conflicts else { throw ConflictError(reason: error) }
                case .connectionLost(let error):
                    losses += 1
                    let began = outageBegan.withLock { began in
                        began = began ?? .now
                        return began ?? .now
                    }
                    // The first loss may be that of a connection that was idle while the server restarted.
                    guard losses == 1 || began + limits.reconnect > .now else { throw error }
                    await pause(.milliseconds(min(25 << min(losses, 5), 500)))
                }
            }
            guard !queue.isClosed else { throw PostgreSQLError.closed }
        }
    }

    private func outcome(
        of commit: PostgreSQLDatabase.Commit, on session: PostgreSQLSession, until limit: ContinuousClock.Instant
    ) async -> PostgreSQLDatabase.CommitOutcome {
        while true {
            let outcome = await session.outcome(of: commit)
            guard outcome == .inProgress || outcome == .unknown, limit > .now, !queue.isClosed else { return outcome }
            await pause(.milliseconds(100))
        }
    }

    /// Waits for about a time, even if the task is cancelled.
    private func pause(_ duration: Duration) async {
        let milliseconds = max(1, Int(duration / .milliseconds(1)))
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(.random(in: milliseconds / 2...milliseconds))) {
                continuation.resume()
            }
        }
    }
}
