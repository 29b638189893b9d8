public import PSAEngine
import PSAEngineSQL
public import PostgreSQL

/// The store of an engine in a PostgreSQL database, which several processes can share.
public enum PostgreSQLEngineStore {
    /// Opens a database, and creates the schema or brings it up to date.
    ///
    /// - Parameter configuration: The server, the database and the schema.
    /// - Returns: The store, ready for use.
    /// - Throws: An error that says why the database can't be used, and what to do.
    public static func open(_ configuration: PostgreSQLConfiguration) async throws -> any EngineStore {
        SQLEngineStore(
            try await PostgreSQLPool.open(configuration, application: EngineSchema.application, migrations: EngineSchema.migrations))
    }
}

/// The store of local copies in a PostgreSQL database, in a schema of its own.
public enum PostgreSQLSyncStore {
    /// Opens a database, and creates the schema or brings it up to date.
    ///
    /// - Parameter configuration: The server, the database and the schema, which no engine uses.
    /// - Returns: The store, ready for use.
    /// - Throws: An error that says why the database can't be used, and what to do.
    public static func open(_ configuration: PostgreSQLConfiguration) async throws -> any SyncStore {
        SQLSyncStore(try await PostgreSQLPool.open(configuration, application: SyncSchema.application, migrations: SyncSchema.migrations))
    }
}
