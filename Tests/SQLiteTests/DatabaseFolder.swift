import FoundationEssentials
import Glibc

@testable import SQLite

/// A folder of its own for one test, removed with it.
final class DatabaseFolder: Sendable {
    static let applicationID: Int32 = 0x7465_7374

    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "sqlite-\(UUID().uuidString)").path
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var file: String { path + "/test.sqlite" }

    /// Opens the folder's file with one table, or with other steps.
    func open(_ migrations: [Migration] = [.items], busyTimeout: Duration = .seconds(5)) async throws -> DatabaseQueue {
        try await DatabaseQueue.open(
            .file(file), migrator: Migrator(applicationID: Self.applicationID, migrations), busyTimeout: busyTimeout)
    }

    /// A connection of a stranger, or of the same program in another process.
    func connect() throws -> Database { try Database.open(.file(file), busyTimeout: .zero) }
}

extension DatabaseQueue {
    static func inMemory(_ migrations: [Migration] = [.items]) async throws -> DatabaseQueue {
        try await open(.memory, migrator: Migrator(applicationID: DatabaseFolder.applicationID, migrations))
    }

    func count(_ table: String = "items") throws -> Int64 {
        try read { db in try db.first("SELECT count(*) AS n FROM \(table)")?.integer("n") ?? -1 }
    }
}

extension Migration {
    static let items = Migration("items") { db in
        try db.execute("CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT UNIQUE, value ANY) STRICT")
    }
}

struct Broken: Error, Equatable {}
