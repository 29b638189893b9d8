import CSQLite
public import SQL

/// An error of SQLite, with the statement but never with a value bound to it.
public struct SQLiteError: DatabaseError, Sendable, Equatable {
    /// SQLite's primary result code, such as 19 for a violated constraint.
    public var code: Int32 { extendedCode & 0xff }
    /// SQLite's extended result code, such as 2067 for a violated UNIQUE.
    public var extendedCode: Int32
    /// The error message, from SQLite or from this module.
    ///
    /// It never contains values bound to the statement.
    public var message: String
    /// The text of the statement, with `?` instead of values; nil if no statement was involved.
    public var sql: String?

    init(_ extendedCode: Int32, _ message: String, sql: String? = nil) {
        self.extendedCode = extendedCode
        self.message = message
        self.sql = sql
    }

    /// Describes the last error of a connection; must only be used if no value is bound.
    init(_ extendedCode: Int32, on connection: OpaquePointer?, sql: String? = nil) {
        let message = connection.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(extendedCode)
        self.init(extendedCode, message.map { String(cString: $0) } ?? "unknown error", sql: sql)
    }

    /// The message, the code, a recommendation and the statement.
    public var description: String {
        let advice = advice.map { " \($0)" } ?? ""
        return "SQLite: \(message) (code \(extendedCode)).\(advice)\(sql.map { " In: \($0)" } ?? "")"
    }
}

extension SQLiteError {
    /// Whether a row violates any constraint of the schema.
    public var isConstraintViolation: Bool { code == SQLITE_CONSTRAINT }
    /// Whether a row with the same key exists: a PRIMARY KEY, or a UNIQUE constraint or index.
    public var isUniqueViolation: Bool { isPrimaryKeyViolation || extendedCode == csqlite_constraint_unique }
    /// Whether a row with the same primary key exists.
    public var isPrimaryKeyViolation: Bool {
        extendedCode == csqlite_constraint_primary_key || extendedCode == csqlite_constraint_row_id
    }
    /// Whether a row refers to a missing row, or a deleted row is still referred to.
    public var isForeignKeyViolation: Bool { extendedCode == csqlite_constraint_foreign_key }
    /// Whether another connection has locked the file; repeating the whole closure later may succeed.
    public var isBusy: Bool { code == SQLITE_BUSY || code == SQLITE_LOCKED }
    /// Whether the disk, or the quota on it, is full.
    ///
    /// The index of the log is the first file that grows; SQLite says of it only that it could not be made larger.
    public var isFull: Bool { code == SQLITE_FULL || extendedCode == csqlite_ioerr_shmsize }
    /// Whether reading or writing failed because of the disk or a limit of the system.
    public var isIOError: Bool { code == SQLITE_IOERR }
    /// Whether the file is damaged or not an SQLite database.
    public var isDamaged: Bool { code == SQLITE_CORRUPT || code == SQLITE_NOTADB }
    /// Whether the file is read-only, or a read closure tried to write.
    public var isReadOnly: Bool { code == SQLITE_READONLY }
    /// Whether the file could not be opened because of its path or the permissions of the file or its folder.
    public var cannotOpen: Bool { code == SQLITE_CANTOPEN }

    /// What it says about the file, whatever was asked; nil if it is about the statement.
    public var failure: DatabaseFailure? {
        if isFull { return .full }
        if isReadOnly { return .readOnly }
        if isDamaged { return .damaged }
        if isIOError { return .failing }
        if cannotOpen { return .cannotOpen }
        return isBusy ? .busy : nil
    }

    private var advice: String? {
        switch code {
        case SQLITE_BUSY, SQLITE_LOCKED: "Another process is using the database; try again, or stop the other one."
        case SQLITE_FULL: "Free some space on the disk, then try again."
        case SQLITE_CORRUPT, SQLITE_NOTADB: "Keep a copy of the file, then restore it from a backup."
        case SQLITE_CANTOPEN: "Check the path, and that the folder exists and is writable for this user."
        case SQLITE_IOERR: "The disk failed to read or write; check the system's log."
        default: nil
        }
    }
}
