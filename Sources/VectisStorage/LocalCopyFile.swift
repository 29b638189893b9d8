import PSACore
package import PSAEngine
import PSAEngineSQL
package import PostgreSQL
import SQL
import SQLite
package import VectisCore

/// The file of the local copies, beside the database of the host, so that reading copies never delays the intake of events.
package enum LocalCopyFile {
    /// Opens the file, or creates it for its owner only.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - health: Prevents writes to a replaced folder, and takes failures of the disk.
    /// - Returns: The store of the copies.
    /// - Throws: ``StorageFileError``, which says what to do.
    package static func open(_ path: String, health: StorageHealth = StorageHealth()) async throws -> any SyncStore {
        let queue = try await StorageFileError.translating {
            let migrator = try Migrator(applicationID: SyncSchema.applicationID, SyncSchema.migrations)
            return try await DatabaseQueue.open(.file(path), migrator: migrator)
        }
        return SQLSyncStore(StorageQueue(queue, health: health, isCopy: true)) { try health.requireSpace() }
    }

    /// Opens a schema of PostgreSQL, and creates it or brings it up to date.
    ///
    /// - Parameters:
    ///   - configuration: The server, the database and the schema, which is not that of the host.
    ///   - health: Takes failures of the server.
    /// - Returns: The store of the copies.
    /// - Throws: ``StorageFileError``, which says what to do.
    package static func open(_ configuration: PostgreSQLConfiguration, health: StorageHealth = StorageHealth()) async throws
        -> any SyncStore
    {
        let pool = try await StorageFileError.translating {
            try await PostgreSQLPool.open(configuration, application: SyncSchema.application, migrations: SyncSchema.migrations)
        }
        return SQLSyncStore(StorageQueue(pool, health: health, isCopy: true)) { try health.requireSpace() }
    }
}
