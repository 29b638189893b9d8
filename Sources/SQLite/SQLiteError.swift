import CSQLite

/// What SQLite refused, with the statement but never with a value bound to it.
public struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// SQLite's primary result code, such as 19 for a violated constraint.
    public var code: Int32 { extendedCode & 0xff }
    /// SQLite's extended result code, such as 2067 for a violated UNIQUE.
    public var extendedCode: Int32
    /// What happened, in SQLite's words or ours.
    ///
    /// Values bound to the statement are not in it.
    public var message: String
    /// The text of the statement, with its `?` in place of values; nil if no statement was involved.
    public var sql: String?

    init(_ extendedCode: Int32, _ message: String, sql: String? = nil) {
        self.extendedCode = extendedCode
        self.message = message
        self.sql = sql
    }

    /// Describes the latest failure on a connection, at a moment when no value is bound.
    init(_ extendedCode: Int32, on connection: OpaquePointer?, sql: String? = nil) {
        let words = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(extendedCode)
        self.init(extendedCode, words.map { String(cString: $0) } ?? "unknown error", sql: sql)
    }

    /// What happened, what to do about it, the code and the statement.
    public var description: String {
        let advice = advice.map { " \($0)" } ?? ""
        return "SQLite: \(message) (code \(extendedCode)).\(advice)\(sql.map { " In: \($0)" } ?? "")"
    }
}

extension SQLiteError {
    /// Whether a row contradicts a constraint of the schema, whichever.
    public var isConstraintViolation: Bool { code == SQLITE_CONSTRAINT }
    /// Whether a row with the same key is there already: a PRIMARY KEY or a UNIQUE constraint or index.
    public var isUniqueViolation: Bool { isPrimaryKeyViolation || extendedCode == csqlite_constraint_unique }
    /// Whether a row with the same primary key is there already.
    public var isPrimaryKeyViolation: Bool {
        extendedCode == csqlite_constraint_primary_key || extendedCode == csqlite_constraint_row_id
    }
    /// Whether a row refers to one that is not there, or is still referred to.
    public var isForeignKeyViolation: Bool { extendedCode == csqlite_constraint_foreign_key }
    /// Whether another connection holds the file; repeating the whole closure later may succeed.
    public var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }
    /// Whether the disk, or the quota on it, is full.
    public var isFull: Bool { code == SQLITE_FULL }
    /// Whether the disk, or a limit of the system, did not let it read or write.
    public var isFailing: Bool { code == SQLITE_IOERR }
    /// Whether the file is damaged, or no SQLite database at all.
    public var isDamaged: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
    /// Whether the file, or the closure, may only be read.
    public var isReadOnly: Bool { code == SQLITE_READONLY }
    /// Whether the file could not be opened: the path, or the rights on the file or its folder.
    public var cannotOpen: Bool { code == SQLITE_CANTOPEN }

    private var advice: String? {
        switch code {
        case SQLITE_BUSY, SQLITE_LOCKED: "Another process is using the database; try again, or stop the other one."
        case SQLITE_FULL: "Free some space on the disk, then try again."
        case SQLITE_CORRUPT, SQLITE_NOTADB: "Keep a copy of the file, then restore it from a backup."
        case SQLITE_CANTOPEN: "Check the path, and that the folder exists and this user may write in it."
        case SQLITE_IOERR: "The disk failed to read or write; check the system's log."
        default: nil
        }
    }
}
