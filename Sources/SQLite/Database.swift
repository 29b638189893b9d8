import CSQLite

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
