import CSQLite
import SQL

extension SQLiteDatabase {
    /// Opens a file that is there for reading only, and runs a closure on one snapshot of it.
    ///
    /// Another process may use the file meanwhile; its log can't be emptied before the closure has ended. Nothing is created or changed,
    /// except that SQLite makes its index of a log that a process has left.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - work: Reads from the database, for as long as it takes.
    /// - Returns: What the closure returns.
    /// - Throws: What the closure throws, or ``SQLiteError``.
    public static func inspect<Value>(_ path: String, _ work: (SQLiteDatabase) throws -> Value) throws -> Value {
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(path.hasPrefix("/") ? path : "./" + path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            defer { sqlite3_close_v2(handle) }
            throw SQLiteError(code, on: handle)
        }
        let database = SQLiteDatabase(handle, at: .file(path))
        sqlite3_busy_timeout(handle, 5_000)
        guard csqlite_harden(handle) == SQLITE_OK else { throw SQLiteError(SQLITE_ERROR, "the SQLite library is older than 3.39") }
        try database.execute("PRAGMA query_only = ON; PRAGMA cell_size_check = ON")
        return try database.transaction(.reading, work)
    }
}
