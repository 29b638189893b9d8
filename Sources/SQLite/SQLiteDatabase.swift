import CSQLite
import Glibc
public import SQL

/// A database connection, for use inside a closure of ``DatabaseQueue``.
///
/// It is not `Sendable`, so it cannot leave the closure.
public final class SQLiteDatabase: Database {
    /// The language of SQLite.
    public var dialect: SQLDialect { .sqlite }

    /// What statements may currently do.
    enum Scope { case reading, writing, preparing }

    /// Where copied pages are kept, as SQLite names it.
    enum CopiedPages: String { case file = "FILE", memory = "MEMORY" }

    let connection: OpaquePointer
    let location: DatabaseLocation
    /// Nonzero while this module itself begins or ends a transaction, which closures may not do.
    let allowsTransactionControl: UnsafeMutablePointer<Int32>
    /// When the read that runs must have ended; read by SQLite's progress handler, which must find it at a fixed address.
    let deadline: UnsafeMutablePointer<ContinuousClock.Instant>
    var scope = Scope.preparing
    private var copiedPages = CopiedPages.file
    private var commitMode = CommitMode.synchronous
    /// Called with the text of each statement that runs, for tests.
    var observer: ((String) -> Void)?
    private var cache = StatementCache(capacity: 100)
    /// Compiled transaction statements.
    ///
    /// Closures cannot run them: their statements come from the cache above or are compiled, which the authorizer refuses for these.
    private var transactionStatements: [String: Statement] = [:]
    /// The number of statements compiled so far.
    private(set) var compilations = 0

    /// Takes ownership of an open connection.
    init(_ connection: OpaquePointer, at location: DatabaseLocation) {
        self.connection = connection
        self.location = location
        allowsTransactionControl = .allocate(capacity: 1)
        allowsTransactionControl.initialize(to: 0)
        deadline = .allocate(capacity: 1)
        deadline.initialize(to: .now)
        csqlite_reserve_transactions(connection, allowsTransactionControl)
    }

    deinit {
        cache.removeAll()
        transactionStatements = [:]
        sqlite3_close_v2(connection)
        allowsTransactionControl.deallocate()
        deadline.deallocate()
    }

    /// Runs a statement to completion.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    /// - Returns: The number of rows it inserted, updated or deleted itself, without those of triggers and foreign keys.
    /// - Throws: ``SQLiteError``.
    @discardableResult public func run(_ sql: String, _ values: [SQLValue]) throws -> Int {
        let before = sqlite3_total_changes64(connection)
        try withStatement(sql, values) { statement in while try statement.step() {} }
        // Statements that change no rows do not reset the count of the previous one.
        return sqlite3_total_changes64(connection) == before ? 0 : Int(sqlite3_changes64(connection))
    }

    /// Runs an `INSERT` of at most one row into a table whose key is one integer.
    ///
    /// `RETURNING` would open a temporary table for each statement, which costs more than a small insertion itself.
    ///
    /// - Parameters:
    ///   - sql: One `INSERT` without `RETURNING`, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - key: The column of the key, which must be the table's `INTEGER PRIMARY KEY`.
    /// - Returns: The key of the new row, or nil if no row was inserted.
    /// - Throws: ``SQLiteError``.
    public func insertIfNew(_ sql: String, _ values: [SQLValue], key: String) throws -> Int64? {
        try run(sql, values) == 0 ? nil : sqlite3_last_insert_rowid(connection)
    }

    /// Runs several statements without values, separated by semicolons.
    ///
    /// - Throws: ``SQLiteError`` for the first statement that fails; the earlier ones have run.
    public func execute(_ script: String) throws {
        var rest = script[...]
        while true {
            let (statement, after) = try compile(rest, isKept: false)
            guard let statement else { return }
            rest = after
            try begin(statement, [])
            defer { statement.reset() }
            while try statement.step() {}
        }
    }

    /// Calls a closure with each row of a statement; only one row is in memory at a time.
    ///
    /// The closure may run other statements, including the same one. If it changes rows of the result, whether it sees the changes is
    /// undefined.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - body: Called with each row; returns whether to continue.
    /// - Throws: ``SQLiteError``, ``RowError`` for text that is not UTF-8, or what the body throws.
    public func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (Row) throws -> RowAction) throws {
        try withStatement(sql, values) { statement in
            while try statement.step() {
                guard try body(statement.row()) == .next else { return }
            }
        }
    }

    /// Does nothing: transactions that write run one at a time.
    public func lock(_ key: LockKey) {}

    private func withStatement(_ sql: String, _ values: [SQLValue], _ use: (Statement) throws -> Void) throws {
        let statement = try cache.take(sql) ?? compileOne(sql)
        defer {
            statement.reset()
            cache.put(statement, for: sql)
        }
        try begin(statement, values)
        try use(statement)
    }

    private func begin(_ statement: Statement, _ values: [SQLValue]) throws {
        if scope != .preparing {
            try requireTransaction(for: statement.sql)
            guard scope == .writing || statement.isReadOnly else {
                throw SQLiteError(SQLITE_READONLY, "a read closure cannot change the database; use write", sql: statement.sql)
            }
        }
        observer?(statement.sql)
        try statement.bind(values)
    }

    private func compileOne(_ sql: String) throws -> Statement {
        let (statement, rest) = try compile(sql[...], isKept: true)
        guard let statement else { throw SQLiteError(SQLITE_MISUSE, "there is no statement", sql: sql) }
        guard try rest.isEmpty || compile(rest, isKept: false).0 == nil else {
            throw SQLiteError(SQLITE_MISUSE, "there is more than one statement; use execute", sql: sql)
        }
        return statement
    }

    private func compile(_ sql: Substring, isKept: Bool) throws -> (Statement?, rest: Substring) {
        let compiled = try Statement.compile(sql, on: connection, isKept: isKept)
        if compiled.0 != nil { compilations += 1 }
        return compiled
    }
}

extension SQLiteDatabase {
    /// Opens a connection and configures it, without changing an existing file.
    static func open(_ location: DatabaseLocation, busyTimeout: Duration) throws -> SQLiteDatabase {
        let name = try name(of: location)
        if case .file = location { createForOwnerOnly(name) }
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(name, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw SQLiteError(code, "\(SQLiteError(code, on: handle).message): \(location)")
        }
        let database = SQLiteDatabase(handle, at: location)
        sqlite3_busy_timeout(handle, Int32(min(max(busyTimeout / .milliseconds(1), 0), 3_600_000)))
        guard csqlite_harden(handle) == SQLITE_OK else { throw SQLiteError(SQLITE_ERROR, "the SQLite library is older than 3.39") }
        // If SQLite may not write, it opens the file read-only and reports an error only at the first write.
        guard sqlite3_db_readonly(handle, "main") != 1 else {
            throw SQLiteError(SQLITE_READONLY, "the file is read-only: \(location). Allow this user to write it")
        }
        return database
    }

    /// Configures how the file is written.
    ///
    /// Called only after the check that the file belongs to this program, because enabling WAL changes the file.
    func configure() throws {
        let mode = try first("PRAGMA journal_mode = WAL")?.text("journal_mode")
        guard mode == (location == .memory ? "memory" : "wal") else {
            throw SQLiteError(SQLITE_CANTOPEN, "the file system of \(location) does not support write-ahead logs")
        }
        // FULL: a commit returns once it is on disk. Deleted rows are overwritten. A damaged page is detected before it is used.
        try execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON")
    }

    /// Configures what the connection that writes keeps in memory and in its log.
    ///
    /// A large table has a page for each rule in each of its indexes, which is changed again soon: 32 MB of pages are kept in memory, and 8,000
    /// pages in the log before they are written into the file.
    func configureWrites() throws { try execute("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 8000") }

    /// Chooses whether the next transactions wait for the disk when they commit.
    ///
    /// In both modes the write-ahead log keeps the order of transactions, so that whoever waits for the disk waits for all before.
    func commit(_ mode: CommitMode) throws {
        guard mode != commitMode else { return }
        try execute("PRAGMA synchronous = \(mode == .synchronous ? "FULL" : "NORMAL")")
        commitMode = mode
    }

    /// Chooses where the next transactions keep the pages that a statement with triggers, or a savepoint, copies before it changes them.
    ///
    /// A file in `/var/tmp` costs two writes a page. A statement that changes a large part of a table needs it.
    func keepCopiedPages(in storage: CopiedPages) throws {
        guard storage != copiedPages else { return }
        try execute("PRAGMA temp_store = \(storage.rawValue)")
        copiedPages = storage
    }

    /// Returns a name that SQLite interprets as a path: "file:x", ":memory:" and "" have special meanings.
    private static func name(of location: DatabaseLocation) throws -> String {
        guard case .file(let path) = location else { return ":memory:" }
        guard !path.isEmpty, !path.utf8.contains(0) else { throw SQLiteError(SQLITE_CANTOPEN, "the path is empty or has a zero byte") }
        return path.hasPrefix("/") ? path : "./" + path
    }

    /// Creates the file for its owner only; SQLite creates its other files with the same permissions.
    ///
    /// Errors are ignored here, because opening the file reports them. An existing file is never opened here: closing it would release
    /// the locks that this process holds on it.
    private static func createForOwnerOnly(_ path: String) {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }
}

extension SQLiteDatabase {
    /// Runs a closure in a savepoint: if it throws, its changes are rolled back and the transaction continues.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public func savepoint<Value>(_ work: () throws -> Value) throws -> Value {
        // Outside a transaction, SAVEPOINT would begin and commit its own.
        try requireTransaction()
        try control("SAVEPOINT part")
        do {
            let value = try work()
            try control("RELEASE part")
            return value
        } catch {
            // If an error has ended the whole transaction, there is no savepoint to roll back to.
            if isInTransaction {
                do {
                    try control("ROLLBACK TO part")
                    try control("RELEASE part")
                } catch {
                    // Half a change must not be committed with the rest.
                    try? control("ROLLBACK")
                    throw error
                }
            }
            throw error
        }
    }

    /// Runs a closure between BEGIN and COMMIT; if it throws, the transaction is rolled back.
    func transaction<Value>(_ scope: Scope, _ work: (SQLiteDatabase) throws -> Value) throws -> Value {
        try control(scope == .reading ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE")
        self.scope = scope
        defer { self.scope = .preparing }
        do {
            let value = try work(self)
            guard sqlite3_get_autocommit(connection) == 0 else {
                throw SQLiteError(SQLITE_ABORT, "an error inside the closure has ended the transaction: nothing was stored")
            }
            try control("COMMIT")
            return value
        } catch {
            // The first error is reported. If the rollback fails too, the next BEGIN reports it.
            if sqlite3_get_autocommit(connection) == 0 { try? control("ROLLBACK") }
            throw error
        }
    }

    /// Whether a transaction is running; an error such as a full disk ends it.
    var isInTransaction: Bool { sqlite3_get_autocommit(connection) == 0 }

    /// Throws if the transaction has ended, as after a full disk; later statements would otherwise be committed one by one.
    func requireTransaction(for sql: String? = nil) throws {
        guard sqlite3_get_autocommit(connection) == 0 else {
            throw SQLiteError(SQLITE_ABORT, "an earlier error has ended the transaction", sql: sql)
        }
    }

    /// Runs a transaction statement, which closures may not run.
    private func control(_ sql: String) throws {
        let outer = scope
        allowsTransactionControl.pointee = 1
        scope = .preparing
        defer {
            allowsTransactionControl.pointee = 0
            scope = outer
        }
        let statement = try transactionStatements[sql] ?? compileOne(sql)
        transactionStatements[sql] = statement
        defer { statement.reset() }
        while try statement.step() {}
    }
}

/// Settings of the SQLite library for the whole process.
public enum SQLiteLibrary {
    /// Stops the count of the memory that SQLite uses, whose lock costs as much as an allocation.
    ///
    /// For programs that ask for no such count, before their first database: later it has no effect.
    public static func stopCountingMemory() { _ = csqlite_stop_counting_memory() }
}

/// Where a database is stored.
public enum DatabaseLocation: Sendable, Hashable, CustomStringConvertible {
    /// A file at a path, created for its owner only if it is missing; its folder must exist.
    case file(String)
    /// The memory of this process; the data is lost with the queue.
    case memory

    /// The path, or `memory`.
    public var description: String {
        switch self {
        case .file(let path): path
        case .memory: "memory"
        }
    }
}

extension Database {
    /// Checks the whole file of SQLite and returns the errors found, at most 20; empty if the file is intact.
    ///
    /// - Throws: ``SQLiteError`` if the file is too damaged to be read, or the error of a database that is not SQLite.
    public func integrityErrors() throws -> [String] {
        try query("PRAGMA integrity_check(20)").map { try $0.text("integrity_check") }.filter { $0 != "ok" }
    }
}
