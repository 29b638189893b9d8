import CSQLite
import Glibc
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
        let path = path.hasPrefix("/") ? path : "./" + path
        // Beside a database with a log SQLite makes an index, unless it is sure that no process changes the file. Where there is no log, none
        // does, and a folder that can't be written to, such as a mounted backup, need not be.
        let isUnchanging = access(path + "-wal", F_OK) != 0 && access(folder(of: path), W_OK) != 0
        return try isUnchanging ? inspectUnchanging(path, work) : inspect(path, at: path, work)
    }

    /// As ``inspect(_:_:)``, for a file that no process changes meanwhile.
    static func inspectUnchanging<Value>(_ path: String, _ work: (SQLiteDatabase) throws -> Value) throws -> Value {
        try inspect(immutableURI(of: path), at: path, work)
    }

    private static func folder(of path: String) -> String { path.lastIndex(of: "/").map { String(path[...$0]) } ?? "." }

    private static func immutableURI(of path: String) -> String {
        let special: Set<UInt8> = [UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "%")]
        let digits = Array("0123456789ABCDEF".utf8)
        let bytes = path.utf8.flatMap { byte -> [UInt8] in
            special.contains(byte) ? [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] : [byte]
        }
        return "file:" + String(decoding: bytes, as: UTF8.self) + "?immutable=1"
    }

    private static func inspect<Value>(_ name: String, at path: String, _ work: (SQLiteDatabase) throws -> Value) throws -> Value {
        var handle: OpaquePointer?
        let flags =
            SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE
            | (name == path ? 0 : SQLITE_OPEN_URI)
        let code = sqlite3_open_v2(name, &handle, flags, nil)
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
