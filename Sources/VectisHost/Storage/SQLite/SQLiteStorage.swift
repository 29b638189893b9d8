import FoundationEssentials
import PSAEngineSQLite
import SQLite

/// The storage in one SQLite file: the embedded default.
struct SQLiteStorage: Storage {
    let queue: StorageQueue

    var health: StorageHealth { queue.health }

    /// Opens the file, or makes it, and brings it to this program's schema.
    ///
    /// - Throws: ``StorageFileError``, which says what to do.
    static func open(_ path: String, health: StorageHealth = StorageHealth()) async throws -> SQLiteStorage {
        try await open(.file(path), health)
    }

    /// A storage that is gone with the process, for tests.
    static func inMemory(health: StorageHealth = StorageHealth()) async throws -> SQLiteStorage { try await open(.memory, health) }

    private static func open(_ location: DatabaseLocation, _ health: StorageHealth) async throws -> SQLiteStorage {
        do {
            let migrator = try Migrator(applicationID: HostSchema.applicationID, HostSchema.migrations)
            return SQLiteStorage(queue: StorageQueue(try await DatabaseQueue.open(location, migrator: migrator), health: health))
        } catch let error as SQLiteError {
            throw StorageFileError(description: error.description)
        } catch let error as MigrationError {
            throw StorageFileError(description: error.description)
        }
    }

    func close() async { await queue.close() }

    func probe(large: Bool) async throws {
        let now = Date()
        try await queue.write { database in
            let filler: SQLValue = large ? .blob([UInt8](repeating: 0x5A, count: EventLimits.text)) : .null
            let sql = "INSERT OR REPLACE INTO storage_probe (place, at, filler) VALUES (1, ?, ?)"
            try database.run(sql, [now.storedMilliseconds, filler])
        }
        guard large else { return }
        try await queue.write { try $0.run("UPDATE storage_probe SET filler = NULL") }
    }

    /// Runs a change together with its audit entry.
    func write<Value: Sendable>(_ audit: AuditEntry?, _ change: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await queue.write { database in
            let value = try change(database)
            if let audit { try database.insert(audit) }
            return value
        }
    }
}

/// The file that holds the storage can't be used.
struct StorageFileError: Error, Sendable, CustomStringConvertible {
    /// Why, and what to do.
    let description: String
}
