/// A connection to a database, for use inside the closure of a transaction.
///
/// Statements are written once, in the dialect that SQLite and PostgreSQL share: `?` or `?1` stands for a value, `ON CONFLICT` names the table
/// before a column that it reads, and each subquery of a `FROM` has a name. What differs is in the drivers; where a statement itself has to
/// differ, it asks for ``dialect``.
///
/// It is not `Sendable`, so it cannot leave the closure.
public protocol Database: AnyObject {
    /// The language of the database.
    var dialect: SQLDialect { get }

    /// Runs a statement to completion.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    /// - Returns: The number of rows it inserted, updated or deleted itself, without those of triggers and foreign keys.
    /// - Throws: The error of the database.
    @discardableResult func run(_ sql: String, _ values: [SQLValue]) throws -> Int

    /// Runs several statements without values, separated by semicolons.
    ///
    /// - Throws: The error of the database for the first statement that fails.
    func execute(_ script: String) throws

    /// Runs an `INSERT` of at most one row into a table whose key is one integer.
    ///
    /// - Parameters:
    ///   - sql: One `INSERT` without `RETURNING`, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - key: The column of the key.
    /// - Returns: The key of the new row, or nil if no row was inserted.
    /// - Throws: The error of the database.
    func insertIfNew(_ sql: String, _ values: [SQLValue], key: String) throws -> Int64?

    /// Calls a closure with each row of a statement.
    ///
    /// The closure may run other statements. If it changes rows of the result, whether it sees the changes is undefined.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - body: Called with each row; returns whether to continue.
    /// - Throws: The error of the database, ``RowError`` for text that is not UTF-8, or what the body throws.
    func forEachRow(_ sql: String, _ values: [SQLValue], _ body: (Row) throws -> RowAction) throws

    /// Runs a closure in a savepoint: if it throws, its changes are rolled back and the transaction continues.
    ///
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or the error of the database.
    @discardableResult func savepoint<Value>(_ work: () throws -> Value) throws -> Value

    /// Keeps other transactions from the rows that a key stands for, until this transaction ends.
    ///
    /// Returns at once if the transaction has the lock already, or has locked everything. If waiting for it could make two transactions
    /// wait for each other, the transaction is rolled back, and its closure runs again with the lock from its beginning.
    ///
    /// - Throws: The error of the database.
    func lock(_ key: LockKey) throws
}

/// What happens after a row of ``Database/forEachRow(_:_:_:)``.
public enum RowAction: Sendable {
    /// Continues with the next row.
    case next
    /// Stops reading rows.
    case stop
}

/// The language of a database.
public enum SQLDialect: Sendable, CaseIterable {
    /// SQLite.
    case sqlite
    /// PostgreSQL.
    case postgreSQL

    /// What follows a table's name to have it read by one of its indexes.
    ///
    /// SQLite has no statistics of the values here, and takes an index of equal values before one of a range, even if nearly all rows have that
    /// value. PostgreSQL keeps statistics and decides by itself.
    ///
    /// - Parameter index: The name of the index.
    /// - Returns: The words, or nothing.
    public func indexed(by index: String) -> String { self == .sqlite ? "INDEXED BY \(index)" : "" }
}

extension Database {
    /// Runs a statement without values to completion.
    ///
    /// - Returns: The number of rows it inserted, updated or deleted itself.
    /// - Throws: The error of the database.
    @discardableResult public func run(_ sql: String) throws -> Int { try run(sql, []) }

    /// Calls a closure with each row of a statement without values.
    ///
    /// - Parameters:
    ///   - sql: One statement.
    ///   - body: Called with each row; returns whether to continue.
    /// - Throws: The error of the database, ``RowError`` for text that is not UTF-8, or what the body throws.
    public func forEachRow(_ sql: String, _ body: (Row) throws -> RowAction) throws { try forEachRow(sql, [], body) }

    /// Returns all rows of a statement; use ``forEachRow(_:_:_:)`` if there may be many.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    /// - Returns: The rows, in the order of the statement.
    /// - Throws: The error of the database, or ``RowError`` for text that is not UTF-8.
    public func query(_ sql: String, _ values: [SQLValue] = []) throws -> [Row] {
        var rows: [Row] = []
        try forEachRow(sql, values) { row in
            rows.append(row)
            return .next
        }
        return rows
    }

    /// Returns the first row of a statement, or nil if it has none; further rows are not read.
    ///
    /// - Parameters:
    ///   - sql: One statement, with `?` for each value.
    ///   - values: The values, one for each `?`.
    /// - Returns: The row, or nil.
    /// - Throws: The error of the database, or ``RowError`` for text that is not UTF-8.
    public func first(_ sql: String, _ values: [SQLValue] = []) throws -> Row? {
        var first: Row?
        try forEachRow(sql, values) { row in
            first = row
            return .stop
        }
        return first
    }

    /// Runs an `INSERT` of one row into a table whose key is one integer.
    ///
    /// - Parameters:
    ///   - sql: One `INSERT` without `RETURNING`, with `?` for each value.
    ///   - values: The values, one for each `?`.
    ///   - key: The column of the key.
    /// - Returns: The key of the new row.
    /// - Throws: The error of the database, or ``RowError/noRow`` if no row was inserted.
    public func insert(_ sql: String, _ values: [SQLValue] = [], key: String = "id") throws -> Int64 {
        guard let place = try insertIfNew(sql, values, key: key) else { throw RowError.noRow }
        return place
    }
}

extension Database {
    /// Stores a row in place of the one with the same key, if there is one.
    ///
    /// - Parameters:
    ///   - table: The table.
    ///   - key: The columns of its primary key.
    ///   - values: The values of all columns that are not null, by column.
    /// - Throws: The error of the database.
    public func replace(_ table: String, key: [String], _ values: KeyValuePairs<String, SQLValue>) throws {
        let columns = values.map(\.key)
        let changed = columns.filter { !key.contains($0) }.map { "\($0) = excluded.\($0)" }
        try run(
            """
            INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
            ON CONFLICT (\(key.joined(separator: ", "))) DO UPDATE SET \(changed.joined(separator: ", "))
            """, values.map(\.value))
    }
}
