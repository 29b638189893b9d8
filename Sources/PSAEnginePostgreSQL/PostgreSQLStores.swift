public import PSAEngine
import PSAEngineSQL
package import PostgreSQL

/// The store of an engine in a PostgreSQL database, which several processes can share.
public struct PostgreSQLEngineStore: Sendable {
    /// The store, for the engine and for the rate limits that the processes share.
    public let store: any EngineStore
    /// Wakes the engines of the other processes, and is woken by them.
    public let wakeups: any WakeupChannel

    /// Opens a database, and creates the schema `psa_engine` or brings it up to date.
    ///
    /// - Parameters:
    ///   - url: The URL as libpq reads it, such as `postgresql://host@db.example/host`, without a password. `schema` names another schema,
    ///     `pool_size` the number of connections (2 to 64, default 8). The connection to another machine is encrypted and its certificate
    ///     verified, unless `sslmode` says otherwise.
    ///   - password: Returns the password, each time that a connection is opened; nil to use libpq's own password file.
    /// - Returns: The store, ready for use.
    /// - Throws: An error that says why the URL or the database can't be used, and what to do.
    public static func open(
        url: String, password: @escaping @Sendable () throws -> String? = { nil }
    ) async throws -> PostgreSQLEngineStore {
        try await open(PostgreSQLConfiguration(url: url, schema: "psa_engine", password: password))
    }

    /// Opens a configured database.
    package static func open(_ configuration: PostgreSQLConfiguration) async throws -> PostgreSQLEngineStore {
        let pool = try await PostgreSQLPool.open(
            configuration, application: EngineSchema.application, migrations: EngineSchema.migrations)
        return PostgreSQLEngineStore(store: SQLEngineStore(pool), wakeups: PostgreSQLWakeupChannel(pool))
    }
}

/// The store of local copies in a PostgreSQL database, in a schema of its own.
public enum PostgreSQLSyncStore {
    /// Opens a database, and creates the schema `psa_copies` or brings it up to date.
    ///
    /// - Parameters:
    ///   - url: The URL, as for ``PostgreSQLEngineStore/open(url:password:)``; its schema is one that no engine uses.
    ///   - password: Returns the password, each time that a connection is opened; nil to use libpq's own password file.
    /// - Returns: The store, ready for use.
    /// - Throws: An error that says why the URL or the database can't be used, and what to do.
    public static func open(url: String, password: @escaping @Sendable () throws -> String? = { nil }) async throws -> any SyncStore {
        try await open(PostgreSQLConfiguration(url: url, schema: "psa_copies", password: password))
    }

    /// Opens a configured database.
    package static func open(_ configuration: PostgreSQLConfiguration) async throws -> any SyncStore {
        SQLSyncStore(try await PostgreSQLPool.open(configuration, application: SyncSchema.application, migrations: SyncSchema.migrations))
    }
}
