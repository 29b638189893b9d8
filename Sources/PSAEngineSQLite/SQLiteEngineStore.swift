public import PSAEngine
import PSAEngineSQL
import SQLite

/// The store of an engine in one SQLite file.
public enum SQLiteEngineStore {
    /// Opens a file, or creates it for its owner only, with the tables of an engine alone.
    ///
    /// - Parameter path: The file.
    /// - Returns: The store, ready for use.
    /// - Throws: An error that says what is wrong with the file, and what to do.
    public static func open(_ path: String) async throws -> any EngineStore { try await open(.file(path)) }

    /// Opens a database in memory, for tests.
    ///
    /// - Returns: The store, ready for use.
    /// - Throws: An error of SQLite.
    public static func inMemory() async throws -> any EngineStore { try await open(.memory) }

    private static func open(_ location: DatabaseLocation) async throws -> any EngineStore {
        let migrator = try Migrator(applicationID: EngineSchema.applicationID, EngineSchema.migrations)
        return SQLEngineStore(try await DatabaseQueue.open(location, migrator: migrator))
    }
}
