import PSACore
package import PSAEngine
import PSAEngineSQL
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
        do {
            let migrator = try Migrator(applicationID: SyncSchema.applicationID, SyncSchema.migrations)
            let queue = try await DatabaseQueue.open(.file(path), migrator: migrator)
            return SQLSyncStore(StorageQueue(queue, health: health, isCopy: true)) { try health.requireSpace() }
        } catch let error as any DatabaseError {
            throw StorageFileError(error)
        } catch let error as MigrationError {
            throw StorageFileError(error)
        }
    }
}
