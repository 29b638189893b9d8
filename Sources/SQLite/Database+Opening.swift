import CSQLite
import Glibc

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
