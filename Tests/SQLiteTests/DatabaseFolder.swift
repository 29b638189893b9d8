import FoundationEssentials
import Glibc
import Testing

@testable import SQL
@testable import SQLite

/// A temporary folder for one test.
final class DatabaseFolder: Sendable {
    static let applicationID: Int32 = 0x7465_7374

    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "sqlite-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/test.sqlite" }

    /// Opens the folder's file with one table, or with the given migrations.
    func open(
        _ migrations: [Migration] = [.items], busyTimeout: Duration = .seconds(5), readTimeout: Duration = .seconds(30)
    ) async throws -> DatabaseQueue {
        try await DatabaseQueue.open(
            .file(file), migrator: Migrator(applicationID: Self.applicationID, migrations), busyTimeout: busyTimeout,
            readTimeout: readTimeout)
    }

    /// Opens a connection like that of another process.
    func connect() throws -> SQLiteDatabase { try SQLiteDatabase.open(.file(file), busyTimeout: .zero) }
}

extension Database {
    /// The connection of this database; tests open no other.
    var sqlite: SQLiteDatabase {
        get throws { try #require(self as? SQLiteDatabase) }
    }
}

extension DatabaseQueue {
    static func inMemory(_ migrations: [Migration] = [.items]) async throws -> DatabaseQueue {
        try await open(.memory, migrator: Migrator(applicationID: DatabaseFolder.applicationID, migrations))
    }

    nonisolated func count(_ table: String = "items") async throws -> Int64 {
        try await read { db in try db.first("SELECT count(*) AS n FROM \(table)")?.integer("n") ?? -1 }
    }
}

extension Migration {
    static let items = Migration("items") { db in
        try db.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, value ANY) STRICT")
    }
}

struct TestError: Error, Equatable {}
