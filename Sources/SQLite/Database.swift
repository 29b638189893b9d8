import CSQLite
import Glibc

/// One connection, inside a closure of ``DatabaseQueue``.
///
/// It can't leave the closure: it is not `Sendable`.
public final class Database {
    /// What the statements of the moment may do.
    enum Scope { case reading, writing, preparing }

    /// How a walk over rows goes on.
    public enum Walk: Sendable {
        /// To the next row, if there is one.
        case next
        /// Not at all.
        case stop
    }

    let connection: OpaquePointer
    let location: DatabaseLocation
    /// Nonzero while this module itself begins or ends a transaction; the closures may not.
    let controls: UnsafeMutablePointer<Int32>
    var scope = Scope.preparing
    private var cache = StatementCache(capacity: 100)
    /// How many statements were compiled so far.
    private(set) var compilations = 0

    /// Takes over an open connection and closes it in the end.
    init(_ connection: OpaquePointer, at location: DatabaseLocation) {
        self.connection = connection
        self.location = location
        controls = .allocate(capacity: 1)
        controls.initialize(to: 0)
        csqlite_reserve_transactions(connection, controls)
    }

    deinit {
        cache.removeAll()
        sqlite3_close_v2(connection)
        controls.deallocate()
    }

    /// Runs a statement to its end.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` where values go.
    ///   - values: The values, one for each `?`.
    /// - Returns: How many rows it inserted, updated or deleted itself, without those of triggers and foreign keys.
    /// - Throws: ``SQLiteError``.
    @discardableResult public func run(_ sql: String, _ values: [SQLValue] = []) throws -> Int {
        let before = sqlite3_total_changes64(connection)
        try withStatement(sql, values) { statement in while try statement.step() {} }
        // Statements that change no rows leave the count of the one before in place.
        return sqlite3_total_changes64(connection) == before ? 0 : Int(sqlite3_changes64(connection))
    }

    /// Runs several statements that take no values, separated by semicolons.
    ///
    /// - Throws: ``SQLiteError`` about the first that fails; those before it have run.
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

    /// Returns all rows of a statement; use ``each(_:_:_:)`` where there may be many.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` where values go.
    ///   - values: The values, one for each `?`.
    /// - Returns: The rows, in the order of the statement.
    /// - Throws: ``SQLiteError``, or ``RowError`` for text that is not UTF-8.
    public func query(_ sql: String, _ values: [SQLValue] = []) throws -> [Row] {
        var rows: [Row] = []
        try each(sql, values) { row in
            rows.append(row)
            return .next
        }
        return rows
    }

    /// Returns the first row of a statement, or nil if it has none; the others are not read.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` where values go.
    ///   - values: The values, one for each `?`.
    /// - Returns: The row, or nil.
    /// - Throws: ``SQLiteError``, or ``RowError`` for text that is not UTF-8.
    public func first(_ sql: String, _ values: [SQLValue] = []) throws -> Row? {
        var first: Row?
        try each(sql, values) { row in
            first = row
            return .stop
        }
        return first
    }

    /// Hands the rows of a statement out one by one; one row is in memory at a time.
    ///
    /// The body may run other statements, the same one included. If it changes the rows walked over, whether the walk meets the changes
    /// is undefined.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` where values go.
    ///   - values: The values, one for each `?`.
    ///   - body: Called with each row; it says how to go on.
    /// - Throws: ``SQLiteError``, ``RowError`` for text that is not UTF-8, or what the body throws.
    public func each(_ sql: String, _ values: [SQLValue] = [], _ body: (Row) throws -> Walk) throws {
        try withStatement(sql, values) { statement in
            while try statement.step() {
                guard try body(statement.row()) == .next else { return }
            }
        }
    }

    /// The key SQLite gave to the row inserted last on this connection, by this or an earlier closure.
    public var lastInsertedRowID: Int64 { sqlite3_last_insert_rowid(connection) }

    /// Reads the whole file and lists what is damaged in it; nothing if it is sound.
    ///
    /// - Throws: ``SQLiteError`` if it is too damaged to be read.
    public func integrityProblems() throws -> [String] {
        try query("PRAGMA integrity_check(20)").map { try $0.text("integrity_check") }.filter { $0 != "ok" }
    }

    private func withStatement(_ sql: String, _ values: [SQLValue], _ use: (Statement) throws -> Void) throws {
        let statement = try cache.take(sql) ?? compileOne(sql)
        defer {
            statement.reset()
            cache.giveBack(statement, for: sql)
        }
        try begin(statement, values)
        try use(statement)
    }

    private func begin(_ statement: Statement, _ values: [SQLValue]) throws {
        if scope != .preparing {
            try requireTransaction(for: statement.sql)
            guard scope == .writing || statement.isReadOnly else {
                throw SQLiteError(SQLITE_READONLY, "a reading closure can't change the database; use write", sql: statement.sql)
            }
        }
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

extension Database {
    /// Opens a connection and sets what holds for it alone; the file itself is not changed yet.
    static func open(_ location: DatabaseLocation, busyTimeout: Duration) throws -> Database {
        let name = try name(of: location)
        if case .file = location { createPrivately(name) }
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(name, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw SQLiteError(code, "\(SQLiteError(code, on: handle).message): \(location)")
        }
        let database = Database(handle, at: location)
        sqlite3_busy_timeout(handle, Int32(min(max(busyTimeout / .milliseconds(1), 0), 3_600_000)))
        guard csqlite_harden(handle) == SQLITE_OK else { throw SQLiteError(SQLITE_ERROR, "the SQLite library is older than 3.31") }
        // SQLite falls back to reading when it may not write, and would only say so at the first write.
        guard sqlite3_db_readonly(handle, "main") != 1 else {
            throw SQLiteError(SQLITE_READONLY, "the file may only be read: \(location). Allow this user to write it")
        }
        return database
    }

    /// Sets how the file is written.
    ///
    /// It comes after the check that the file is ours, because WAL changes the file.
    func configure() throws {
        let mode = try first("PRAGMA journal_mode = WAL")?.text("journal_mode")
        guard mode == (location == .memory ? "memory" : "wal") else {
            throw SQLiteError(SQLITE_CANTOPEN, "the file system of \(location) does not support write-ahead logs")
        }
        // FULL: a commit returns once it is on the disk. Deleted rows are overwritten. A damaged page is noticed before it is used.
        try execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON")
    }

    /// A path that SQLite takes for nothing but a path: "file:x", ":memory:" and "" have meanings of their own.
    private static func name(of location: DatabaseLocation) throws -> String {
        guard case .file(let path) = location else { return ":memory:" }
        guard !path.isEmpty, !path.utf8.contains(0) else { throw SQLiteError(SQLITE_CANTOPEN, "the path is empty or has a zero byte") }
        return path.hasPrefix("/") ? path : "./" + path
    }

    /// SQLite gives its other files the rights of this one.
    ///
    /// If the file can't be made, or is there, opening it tells.  An existing file is never opened here: closing it would drop the locks
    /// this process has on it.
    private static func createPrivately(_ path: String) {
        let descriptor = Glibc.open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }
}

extension Database {
    /// Runs a closure as a part that can be undone alone: if it throws, what it changed is undone and the transaction goes on.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    @discardableResult public func savepoint<Value>(_ work: () throws -> Value) throws -> Value {
        // Outside of a transaction it would begin one of its own, and store it.
        try requireTransaction()
        try control("SAVEPOINT part")
        do {
            let value = try work()
            try control("RELEASE part")
            return value
        } catch {
            // After an error that ended the whole transaction there is no part left to undo.
            if sqlite3_get_autocommit(connection) == 0 {
                try control("ROLLBACK TO part")
                try control("RELEASE part")
            }
            throw error
        }
    }

    /// Runs a closure between BEGIN and COMMIT; whatever it throws undoes all of it.
    func transaction<Value>(_ scope: Scope, _ work: (Database) throws -> Value) throws -> Value {
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
            // The first error is the one that matters. Should this fail too, the next BEGIN says so.
            if sqlite3_get_autocommit(connection) == 0 { try? control("ROLLBACK") }
            throw error
        }
    }

    /// A full disk and other grave errors end the transaction; whatever followed would then be stored statement by statement.
    func requireTransaction(for sql: String? = nil) throws {
        guard sqlite3_get_autocommit(connection) == 0 else {
            throw SQLiteError(SQLITE_ABORT, "an earlier error has ended the transaction", sql: sql)
        }
    }

    /// Runs one of the statements that closures may not run.
    private func control(_ sql: String) throws {
        let outer = scope
        controls.pointee = 1
        scope = .preparing
        defer {
            controls.pointee = 0
            scope = outer
        }
        // Not through the cache: from there the closures could run it too.
        try execute(sql)
    }
}

/// Where a database lives.
public enum DatabaseLocation: Sendable, Hashable, CustomStringConvertible {
    /// A file at a path; it is made, readable by its owner only, if it is missing. Its folder must be there.
    case file(String)
    /// The memory of this process, gone with the queue.
    case memory

    /// The path, or the word memory.
    public var description: String {
        switch self {
        case .file(let path): path
        case .memory: "memory"
        }
    }
}
