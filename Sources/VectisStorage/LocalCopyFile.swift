import PSACore
package import PSAEngine
import PSAEngineSQLite
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
            return SQLiteSyncStore(StorageQueue(queue, health: health, isCopy: true))
        } catch let error as SQLiteError {
            throw StorageFileError(description: error.isDamaged ? "\(error). \(advice(path))" : error.description)
        } catch let error as MigrationError {
            throw StorageFileError(description: error.description)
        }
    }

    private static func advice(_ path: String) -> String {
        "It holds only what can be read from the PSA again: delete \(path), \(path)-wal and \(path)-shm while no process uses them."
    }
}
