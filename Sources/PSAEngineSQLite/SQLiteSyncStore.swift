public import PSAEngine
import PSAEngineSQL
import SQLite

/// The store of local copies in a SQLite file of its own.
///
/// The file holds nothing that cannot be read from the PSA again: it can be deleted while no process uses it.
public enum SQLiteSyncStore {
    /// Opens a file, or creates it for its owner only.
    ///
    /// - Parameter path: The file.
    /// - Returns: The store, ready for use.
    /// - Throws: An error that says what is wrong with the file, and what to do.
    public static func open(_ path: String) async throws -> any SyncStore { try await open(.file(path)) }

    /// Opens a database in memory, for tests.
    ///
    /// - Returns: The store, ready for use.
    /// - Throws: An error of SQLite.
    public static func inMemory() async throws -> any SyncStore { try await open(.memory) }

    private static func open(_ location: DatabaseLocation) async throws -> any SyncStore {
        let migrator = try Migrator(applicationID: SyncSchema.applicationID, SyncSchema.migrations)
        return SQLSyncStore(try await DatabaseQueue.open(location, migrator: migrator))
    }
}
