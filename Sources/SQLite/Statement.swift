import CSQLite
import SQL

/// A compiled statement.
///
/// It belongs to one connection and is used only on that connection's queue.
final class Statement {
    let sql: String
    private let handle: OpaquePointer
    private var columns = Row.Columns([])
    /// SQLite's count of recompilations when the columns were read; a changed schema changes the columns of `*`.
    private var compilationOfColumns: Int32?
    private var hasValues = false
    /// When it was last taken from the cache, and whether it is still in use; kept by the cache.
    fileprivate(set) var lastUse: UInt64 = 0
    fileprivate(set) var isInUse = false

    private init(_ handle: OpaquePointer, sql: String) {
        self.handle = handle
        self.sql = sql
    }

    deinit { sqlite3_finalize(handle) }

    /// Compiles the first statement of a text.
    ///
    /// - Returns: The statement, or nil if only spaces and comments remain; and the text after it.
    static func compile(_ sql: Substring, on connection: OpaquePointer, isKept: Bool) throws -> (Statement?, rest: Substring) {
        // SQLite treats a zero byte as the end and would silently ignore the text after it.
        guard !sql.utf8.contains(0) else { throw SQLiteError(SQLITE_MISUSE, "the statement contains a zero byte") }
        var rest = sql
        // An empty statement, a lone semicolon, does not end the text.
        while !rest.isEmpty {
            let text = rest
            var handle: OpaquePointer?
            let (code, used) = prepare(String(text), on: connection, flags: isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0, &handle)
            guard code == SQLITE_OK else { throw SQLiteError(code, on: connection, sql: String(text)) }
            rest = text[text.utf8.index(text.startIndex, offsetBy: used)...]
            if let handle { return (Statement(handle, sql: String(text[..<rest.startIndex])), rest) }
        }
        return (nil, rest)
    }

    private static func prepare(
        _ sql: String, on connection: OpaquePointer, flags: UInt32, _ handle: inout OpaquePointer?
    ) -> (code: Int32, used: Int) {
        sql.withCString { start in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(connection, start, -1, flags, &handle, &tail)
            return (code, tail.map { $0 - start } ?? sql.utf8.count)
        }
    }

    /// Whether running the statement does not change the database.
    var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

    func bind(_ values: [SQLValue]) throws {
        let expected = Int(sqlite3_bind_parameter_count(handle))
        guard values.count == expected else {
            throw SQLiteError(SQLITE_RANGE, "\(values.count) values for \(expected) parameters", sql: sql)
        }
        hasValues = !values.isEmpty
        for (index, value) in zip(Int32(1)..., values) {
            let code =
                switch value {
                case .null: sqlite3_bind_null(handle, index)
                case .integer(let number): sqlite3_bind_int64(handle, index, number)
                // SQLite would store null for "not a number".
                case .real(let number) where number.isNaN: SQLITE_MISMATCH
                case .real(let number): sqlite3_bind_double(handle, index, number)
                case .text(var text): text.withUTF8 { csqlite_bind_text(handle, index, $0.baseAddress, $0.count) }
                case .blob(let bytes): bytes.withUnsafeBytes { csqlite_bind_blob(handle, index, $0.baseAddress, $0.count) }
                }
            guard code == SQLITE_OK else {
                throw SQLiteError(code, "parameter \(index) can't be stored: \(Self.codeDescription(code))", sql: sql)
            }
        }
    }

    /// Advances to the next row.
    ///
    /// - Returns: Whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw error(code)
        }
    }

    /// Resets the statement so that it can run again, and clears the bound values, which may be secret.
    func reset() {
        // The result repeats the error of the last step, which has already been thrown.
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        hasValues = false
    }

    /// Returns a copy of the current row.
    func row() throws -> Row {
        let compilation = sqlite3_stmt_status(handle, SQLITE_STMTSTATUS_REPREPARE, 0)
        if compilationOfColumns != compilation {
            columns = Row.Columns(
                (0..<sqlite3_column_count(handle)).map { sqlite3_column_name(handle, $0).map { String(cString: $0) } ?? "" })
            compilationOfColumns = compilation
        }
        return Row(columns: columns, values: try columns.names.indices.map { try value(at: Int32($0)) })
    }

    private func value(at index: Int32) throws -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            // The pointer must be read first, because reading it may change the size.
            let start = sqlite3_column_text(handle, index)
            let bytes = UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, index)))
            guard let text = String(validating: bytes, as: UTF8.self) else { throw RowError.notUTF8(column: columns.names[Int(index)]) }
            return .text(text)
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(handle, index)
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, index)))))
        default: return .null
        }
    }

    /// SQLite's messages may quote a bound value (a search term, a date); only those about constraints contain nothing but the schema.
    private func error(_ code: Int32) -> SQLiteError {
        if hasValues, code & 0xff != SQLITE_CONSTRAINT { return SQLiteError(code, Self.codeDescription(code), sql: sql) }
        return SQLiteError(code, on: sqlite3_db_handle(handle), sql: sql)
    }

    private static func codeDescription(_ code: Int32) -> String {
        sqlite3_errstr(code).map { String(cString: $0) } ?? "unknown error"
    }
}

/// A cache of the most recently used compiled statements.
///
/// A statement in use is not given out again, so that the same text can run inside its own loop.
struct StatementCache {
    private let capacity: Int
    private var statements: [String: Statement] = [:]
    private var uses: UInt64 = 0

    init(capacity: Int) { self.capacity = capacity }

    /// How many statements it keeps, those in use included.
    var count: Int { statements.count }

    /// The statement of a text, unless it is in use.
    mutating func take(_ sql: String) -> Statement? {
        guard let statement = statements[sql], !statement.isInUse else { return nil }
        uses += 1
        statement.lastUse = uses
        statement.isInUse = true
        return statement
    }

    /// Keeps a statement, or gives back one that was taken; if its text has one that is in use, that one stays.
    mutating func put(_ statement: Statement, for sql: String) {
        guard !statement.isInUse else {
            statement.isInUse = false
            return
        }
        guard statements[sql] == nil else { return }
        uses += 1
        statement.lastUse = uses
        statements[sql] = statement
        guard statements.count > capacity else { return }
        let oldest = statements.filter { !$0.value.isInUse && $0.value !== statement }.min { $0.value.lastUse < $1.value.lastUse }
        if let oldest { statements[oldest.key] = nil }
    }

    mutating func removeAll() { statements = [:] }
}
