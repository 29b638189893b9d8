import CPostgreSQL
public import SQL

/// A connection to a PostgreSQL database, for use inside the closure of a transaction of ``PostgreSQLPool``.
///
/// After a statement has failed, PostgreSQL runs no other statement of the transaction: a closure that goes on after an error runs the
/// statement in a ``savepoint(_:)``, or avoids the error with `ON CONFLICT`. A closure that ignores the error fails with it at its end.
///
/// A result is in memory as a whole before the first row is looked at: a statement with many rows has a `LIMIT`.
public final class PostgreSQLDatabase: Database {
    /// Why the closure of a transaction has to run again.
    enum RerunReason: Error {
        /// It needs these locks from its beginning.
        case locks(TransactionLocks)
        /// Another transaction has changed the same rows, or waited for this one.
        case conflict(PostgreSQLError)
        /// Another transaction kept a lock for too long.
        case lockTimeout(PostgreSQLError)
        /// The schema was changed after statements were compiled.
        case outdatedStatement(PostgreSQLError)
        /// The connection was lost before the commit.
        case connectionLost(PostgreSQLError)
    }

    /// How a transaction ended.
    enum Attempt<Value> {
        case done(Result<Value, any Error>)
        /// Nothing was changed; the closure has to run again.
        case rerun(RerunReason)
        /// The connection was lost while the server committed.
        case commitUnknown(Commit, Value)
    }

    /// What is known of a commit without an answer.
    struct Commit: Sendable {
        let transaction: Int64
        let serverProcess: Int32
        /// The number that the transaction has stored; nil if it has stored nothing.
        let marker: Int64?
    }

    private struct Transaction {
        var isReading: Bool
        var locks: TransactionLocks
        /// Statements that go to the server together with the next one.
        var deferred: [String] = []
        /// An error after which PostgreSQL runs no statement.
        var failure: PostgreSQLError?
        var rerun: RerunReason?
        /// The longest time that a read may take; nil for one that writes.
        var limit: Duration?
        var deadline: ContinuousClock.Instant?
        var hasChanges = false

        /// The error of a read that has taken too long; nil for any other transaction.
        func timeout(sql: String?) -> ReadTimeoutError? {
            guard let limit, let deadline, deadline <= .now else { return nil }
            return ReadTimeoutError(limit: limit, sql: sql)
        }
    }

    private static let savepointStatement = "SAVEPOINT part"
    private static let markerStatement = """
        INSERT INTO commit_marker (session, number) VALUES ($1, $2) ON CONFLICT (session) \
        DO UPDATE SET number = EXCLUDED.number, changed_at = EXCLUDED.changed_at
        """

    let connection: ServerConnection
    private let schema: String
    /// Identifies the row in which this process stores the number of its last commit on this connection.
    private let marker: Int64
    private var cache = StatementCache(capacity: 100)
    private var translations: [String: TranslatedStatement] = [:]
    private var statementNumber = 0
    private var transaction: Transaction?
    private var isMarkerPrepared = false
    /// The id of the transaction that writes, after the server has begun it.
    private(set) var writingTransaction: Int64?

    /// Takes ownership of an open connection.
    init(_ connection: ServerConnection, schema: String, marker: Int64) {
        self.connection = connection
        self.schema = schema
        self.marker = marker
    }

    /// The language of the database.
    public var dialect: SQLDialect { .postgreSQL }

    /// Runs a statement to completion.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    /// - Returns: The number of rows it inserted, updated or deleted itself.
    /// - Throws: ``PostgreSQLError``.
    @discardableResult public func run(_ sql: String, _ values: [SQLValue]) throws -> Int {
        try perform(sql, values).result.changedRows
    }

    /// Runs an `INSERT` of at most one row into a table whose key is one integer.
    ///
    /// - Parameters:
    ///   - sql: One `INSERT` without `RETURNING`, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - key: The column of the key.
    /// - Returns: The key of the new row, or nil if no row was inserted.
    /// - Throws: ``PostgreSQLError``.
    public func insertIfNew(_ sql: String, _ values: [SQLValue], key: String) throws -> Int64? {
        try first("\(sql) RETURNING \(key)", values)?.integer(key)
    }

    /// Runs several statements without values, separated by semicolons, and translates the types of their columns.
    ///
    /// - Throws: ``PostgreSQLError`` for the first statement that fails.
    public func execute(_ script: String) throws {
        let statements = SQLTranslation.script(script)
        for statement in statements {
            try requireAllowed(statement, sql: statement.sql)
            guard statement.valueCount == 0 else { throw PostgreSQLError.misuse("a script takes no values", sql: statement.sql) }
        }
        guard !statements.isEmpty else { return }
        let responses = try exchange(statements.map { .plain($0.sql) })
        transaction?.hasChanges = true
        for (statement, response) in zip(statements, responses) {
            if case .failure(let result) = response { throw fail(result, sql: statement.sql) }
        }
    }

    /// Calls a closure with each row of a statement, after all of them have been read.
    ///
    /// The closure may run other statements.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - body: Called with each row; returns whether to continue.
    /// - Throws: ``PostgreSQLError``, ``RowError`` for text that is not UTF-8, or what the body throws.
    public func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (Row) throws -> RowAction) throws {
        let (statement, result) = try perform(sql, values)
        let columns = statement.columns ?? result.columns()
        statement.columns = columns
        for index in 0..<result.rowCount {
            guard try body(result.row(index, columns: columns)) == .next else { return }
        }
    }

    /// Runs a closure in a savepoint: if it throws, its changes are rolled back and the transaction continues.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``PostgreSQLError``.
    @discardableResult public func savepoint<Value>(_ work: () throws -> Value) throws -> Value {
        try requireTransaction()
        let locks = transaction?.locks
        // It goes to the server with the first statement; without one, there is none.
        transaction?.deferred.append(Self.savepointStatement)
        do {
            let value = try work()
            if let failure = transaction?.failure { throw failure }
            if let rerun = transaction?.rerun { throw rerun }
            if !dropUnusedSavepoint() { transaction?.deferred.append("RELEASE part") }
            return value
        } catch {
            guard transaction?.rerun == nil else { throw error }
            if !dropUnusedSavepoint() { transaction?.deferred += ["ROLLBACK TO part", "RELEASE part"] }
            transaction?.failure = nil
            // Locks taken since then are given back with the changes.
            if let locks { transaction?.locks = locks }
            throw error
        }
    }

    private func dropUnusedSavepoint() -> Bool {
        guard transaction?.deferred.last == Self.savepointStatement else { return false }
        transaction?.deferred.removeLast()
        return true
    }

    /// Keeps other transactions from the rows that a key stands for, until this transaction ends.
    ///
    /// It waits if the key comes after all keys that the transaction has locked. Otherwise two transactions could wait for each other, so
    /// that it only tries; if another transaction has the lock, this one is rolled back, and its closure runs again with the lock from
    /// the beginning.
    ///
    /// - Throws: ``PostgreSQLError``.
    public func lock(_ key: LockKey) throws {
        try requireTransaction()
        guard let transaction, !transaction.isReading else {
            throw PostgreSQLError.misuse("a read closure cannot lock rows; use write")
        }
        guard !transaction.locks.contains(key) else { return }
        let number = TransactionLocks.number(schema: schema, key: key)
        if transaction.locks.isInOrder(key) {
            _ = try perform("SELECT pg_advisory_xact_lock(?)", [.integer(number)])
        } else {
            let result = try perform("SELECT pg_try_advisory_xact_lock(?) AS locked", [.integer(number)]).result
            guard try result.row(0, columns: result.columns()).flag("locked") else {
                var locks = transaction.locks
                locks.keys.insert(key)
                throw requestRerun(.locks(locks))
            }
        }
        self.transaction?.locks.keys.insert(key)
    }

    /// Sends a notification to all processes that listen, once the transaction has been committed.
    ///
    /// The same payload twice in one transaction is sent once. Commits with notifications wait for each other, so that a transaction sends
    /// one only where a process has to wake up.
    ///
    /// - Parameter payload: At most ``PostgreSQLPool/notificationByteLimit`` bytes, without U+0000.
    /// - Throws: ``PostgreSQLError``.
    public func notify(_ payload: String) throws {
        guard payload.utf8.count <= PostgreSQLPool.notificationByteLimit else {
            throw PostgreSQLError.misuse(
                "a notification of \(payload.utf8.count) bytes is longer than \(PostgreSQLPool.notificationByteLimit) bytes")
        }
        _ = try perform("SELECT pg_notify(?, ?)", [.text(schema), .text(payload)])
        transaction?.hasChanges = true
    }
}

extension PostgreSQLDatabase.Attempt: Sendable where Value: Sendable {}

// MARK: - Transactions

extension PostgreSQLDatabase {
    /// Whether the closure of the transaction has to run again, whatever it makes of the error.
    var isRerunRequested: Bool { transaction?.rerun != nil }

    /// Whether a statement has failed, so that the server runs no other one.
    var hasFailed: Bool { transaction?.failure != nil }

    /// Runs a closure on one snapshot of the database.
    func reading<Value>(for limit: Duration, _ work: (PostgreSQLDatabase) throws -> Value) -> Attempt<Value> {
        let deadline = ContinuousClock.now + limit
        var transaction = Transaction(isReading: true, locks: TransactionLocks(.rows([])))
        transaction.limit = limit
        transaction.deadline = deadline
        // They go to the server with the first statement, which also takes the snapshot.
        let milliseconds = max(1, Int64(limit / .milliseconds(1)))
        transaction.deferred = [
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "SET LOCAL statement_timeout = \(min(milliseconds, 2_147_483_647))",
        ]
        self.transaction = transaction
        connection.deadline = deadline
        let result = Result { try work(self) }
        return end(with: result)
    }

    private func end<Value>(with result: Result<Value, any Error>) -> Attempt<Value> {
        let ended = transaction
        transaction = nil
        connection.deadline = nil
        if let rerun = ended?.rerun {
            rollBack()
            return .rerun(rerun)
        }
        // Nothing has been sent if the first statement is still to come.
        if ended?.deferred.first?.hasPrefix("BEGIN") != true { rollBack() }
        if case .success = result, let failure = ended?.failure { return .done(.failure(failure)) }
        return .done(result)
    }

    /// Ends the transaction without waiting for the server's answer.
    ///
    /// If that fails, the connection is lost, which rolls it back too.
    private func rollBack() { try? connection.send(withoutWaiting: [.plain("ROLLBACK")]) }

    /// Runs a closure that changes the database.
    func writing<Value>(
        _ locks: TransactionLocks, _ mode: CommitMode, _ work: (PostgreSQLDatabase) throws -> Value
    ) -> Attempt<Value> {
        connection.deadline = nil
        transaction = Transaction(isReading: false, locks: locks)
        writingTransaction = nil
        let id: Int64
        do {
            let responses = try exchange([.plain("BEGIN ISOLATION LEVEL READ COMMITTED"), .plain(locks.statement(schema: schema))])
            for response in responses { if case .failure(let result) = response { throw fail(result, sql: nil) } }
            guard case .success(let result) = responses.last else { throw PostgreSQLError.lost() }
            id = try result.row(0, columns: result.columns()).integer("xid")
            writingTransaction = id
        } catch {
            return end(with: .failure(error))
        }
        let result = Result { try work(self) }
        guard case .success(let value) = result, let ended = transaction, ended.failure == nil, ended.rerun == nil else {
            return end(with: result)
        }
        return commit(id, mode, value)
    }

    private func commit<Value>(_ id: Int64, _ mode: CommitMode, _ value: Value) -> Attempt<Value> {
        // Without a change there is nothing to find again, and nothing that the server has to write to its disk.
        let number = transaction?.hasChanges == true ? Int64.random(in: 1...Int64.max) : nil
        var commands: [ServerConnection.Command] = []
        if let number {
            if !isMarkerPrepared {
                commands.append(.prepare(name: "marker", sql: Self.markerStatement, types: [ServerType.int8, ServerType.int8]))
            }
            commands.append(.run(name: "marker", values: BoundValues(session: marker, number: number)))
        }
        if mode == .asynchronous { commands.append(.plain("SET LOCAL synchronous_commit = off")) }
        commands.append(.plain("COMMIT"))
        do {
            let responses = try exchange(commands)
            for response in responses { if case .failure(let result) = response { throw fail(result, sql: nil) } }
            guard case .success(let result) = responses.last, !result.isRollback else {
                throw PostgreSQLError("the transaction was rolled back")
            }
            transaction = nil
            writingTransaction = nil
            isMarkerPrepared = isMarkerPrepared || number != nil
            return .done(.success(value))
        } catch {
            guard case .connectionLost = transaction?.rerun else { return end(with: .failure(error)) }
            transaction = nil
            return .commitUnknown(Commit(transaction: id, serverProcess: connection.serverProcess, marker: number), value)
        }
    }

    /// What became of a commit of a connection that was lost.
    enum CommitOutcome: Sendable { case committed, rolledBack, inProgress, unknown }

    /// Asks what became of a commit.
    ///
    /// The id of the transaction tells whether it has ended. The number that it has stored shows whether it was committed: a server
    /// that crashed before the commit was on disk may have given the id to another transaction.
    ///
    /// - Throws: ``PostgreSQLError``.
    func outcome(of commit: Commit) throws -> CommitOutcome {
        try end(commit.transaction, of: commit.serverProcess)
        let query = "SELECT pg_xact_status('\(commit.transaction)'::xid8) AS status"
        let status: String?
        switch try connection.exchange([.plain(query)]).first {
        case .success(let result): status = try result.row(0, columns: result.columns()).optionalText("status")
        // After a crash, an id that the server has not given yet: it does not remember the transaction.
        case .failure(let result) where PostgreSQLError(result: result.handle, sql: nil).sqlState == "22023": status = "aborted"
        case .failure(let result): throw PostgreSQLError(result: result.handle, sql: nil)
        case .skipped, nil: throw PostgreSQLError.lost()
        }
        if status == "in progress" { return .inProgress }
        guard let marker = commit.marker else {
            return status == "committed" ? .committed : status == "aborted" ? .rolledBack : .unknown
        }
        let stored = "SELECT 1 AS found FROM commit_marker WHERE session = \(self.marker) AND number = \(marker)"
        switch try connection.exchange([.plain(stored)]).first {
        case .success(let result): return result.rowCount == 1 ? .committed : .rolledBack
        case .failure(let result): throw PostgreSQLError(result: result.handle, sql: nil)
        case .skipped, nil: throw PostgreSQLError.lost()
        }
    }

    /// Ends the server's process of a connection that was lost, so that its transaction keeps no locks; one that commits ends afterwards.
    ///
    /// - Throws: ``PostgreSQLError`` if this connection is lost, too.
    func end(_ transaction: Int64, of serverProcess: Int32) throws {
        let statement = """
            SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity \
            WHERE pid = \(serverProcess) AND backend_xid = '\(transaction)'::xid8::xid
            """
        _ = try connection.exchange([.plain(statement)])
    }
}

// MARK: - Statements

extension PostgreSQLDatabase {
    private func requireTransaction(for sql: String? = nil) throws {
        guard let transaction else { throw PostgreSQLError.misuse("there is no transaction") }
        if let rerun = transaction.rerun { throw rerun }
        if let failure = transaction.failure {
            throw PostgreSQLError("an earlier error has ended the transaction: \(failure.message)", sqlState: "25P02")
        }
        if let timeout = transaction.timeout(sql: sql) { throw timeout }
    }

    private func requireAllowed(_ statement: TranslatedStatement, sql: String) throws {
        guard !sql.utf8.contains(0) else { throw PostgreSQLError.misuse("the statement contains a zero byte") }
        guard let keyword = statement.keyword else { throw PostgreSQLError.misuse("there is no statement", sql: sql) }
        guard !SQLTranslation.reservedKeywords.contains(keyword) else {
            throw PostgreSQLError.misuse("a closure cannot run \(keyword)", sql: sql)
        }
    }

    private func translation(of sql: String) throws -> TranslatedStatement {
        if let translated = translations[sql] { return translated }
        let translated = SQLTranslation.statement(sql)
        try requireAllowed(translated, sql: sql)
        if translations.count >= 500 { translations = [:] }
        translations[sql] = translated
        return translated
    }

    /// Runs a statement, and compiles it in the same round trip if it is new.
    private func perform(_ sql: String, _ values: [SQLValue]) throws -> (statement: PreparedStatement, result: ServerResult) {
        try requireTransaction()
        let translated = try translation(of: sql)
        guard values.count == translated.valueCount else {
            throw PostgreSQLError.misuse("\(values.count) values for \(translated.valueCount) parameters", sql: sql)
        }
        let bound = try BoundValues(translated.bound(values), sql: sql)
        if let statement = cache.find(sql, types: bound.types) {
            let responses = try exchange([.run(name: statement.name, values: bound)], sql: sql)
            return (statement, try result(of: responses[0], sql: sql, isKnown: true))
        }

        let types = cache.completed(bound.types, for: sql)
        statementNumber += 1
        let statement = PreparedStatement(name: "s\(statementNumber)", types: types)
        let excess = cache.excess
        var commands: [ServerConnection.Command] = []
        if let excess { commands.append(.plain("DEALLOCATE \(excess.name)")) }
        commands.append(.prepare(name: statement.name, sql: translated.sql, types: types.map { $0 ?? 0 }))
        commands.append(.run(name: statement.name, values: bound))
        let responses = try exchange(commands, sql: sql)
        for (command, response) in zip(commands, responses) {
            guard case .success = response else { continue }
            switch command {
            case .plain: if let excess { cache.remove(excess) }
            case .prepare: cache.insert(statement, for: sql)
            case .run: break
            }
        }
        for response in responses.dropLast() { _ = try result(of: response, sql: sql, isKnown: false) }
        return (statement, try result(of: responses[responses.count - 1], sql: sql, isKnown: false))
    }

    private func result(of response: ServerConnection.Response, sql: String, isKnown: Bool) throws -> ServerResult {
        switch response {
        case .success(let result):
            if result.changedRows > 0 { transaction?.hasChanges = true }
            return result
        case .failure(let result): throw fail(result, sql: sql, isKnown: isKnown)
        case .skipped: throw PostgreSQLError.lost()
        }
    }

    /// Sends the deferred statements and these commands in one round trip.
    ///
    /// - Returns: The responses to the commands.
    private func exchange(
        _ commands: [ServerConnection.Command], sql: String? = nil
    ) throws -> [ServerConnection.Response] {
        try requireTransaction(for: sql)
        let deferred = transaction?.deferred ?? []
        transaction?.deferred = []
        let responses: [ServerConnection.Response]
        do {
            responses = try connection.exchange(deferred.map { .plain($0) } + commands)
        } catch let error as PostgreSQLError {
            // The server has not stopped a read in time, and the connection was given up.
            if let timeout = transaction?.timeout(sql: sql) {
                transaction?.failure = error
                throw timeout
            }
            throw requestRerun(.connectionLost(error))
        }
        for (statement, response) in zip(deferred, responses) {
            if case .failure(let result) = response { throw fail(result, sql: statement) }
        }
        return Array(responses.dropFirst(deferred.count))
    }

    private func requestRerun(_ reason: RerunReason) -> RerunReason {
        transaction?.rerun = reason
        return reason
    }

    /// Notes what an error of the server means for the transaction.
    private func fail(_ result: ServerResult, sql: String?, isKnown: Bool = false) -> any Error {
        let error = PostgreSQLError(result: result.handle, sql: sql)
        transaction?.failure = error
        switch error.sqlState {
        case "40001", "40P01": return requestRerun(.conflict(error))
        case "55P03": return requestRerun(.lockTimeout(error))
        case "0A000" where isKnown, "26000": return requestRerun(.outdatedStatement(error))
        case "57014": return transaction?.timeout(sql: sql) ?? error
        default: return error
        }
    }
}
