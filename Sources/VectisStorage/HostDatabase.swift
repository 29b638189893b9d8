import FoundationEssentials
package import PSAEngine
package import PostgreSQL
import SQL
package import VectisCore

/// Where a host keeps what it stores: in the files of its data directory, or in a database that other processes share.
package enum HostDatabase: Sendable {
    /// The files of the data directory, in which one process at a time works.
    case files
    /// A database of PostgreSQL; the local copies are in a schema of their own.
    case server(PostgreSQLConfiguration, copies: PostgreSQLConfiguration)

    /// What a person names instead of a password in the URL: a file with it, or the variable `VECTIS_DATABASE_PASSWORD`.
    ///
    /// - Parameters:
    ///   - url: The URL of the database; nil for the files of the data directory.
    ///   - passwordFile: A file with the password; nil for none.
    ///   - environment: The environment of the process.
    /// - Throws: ``HostDatabaseError``.
    package init(url: String?, passwordFile: String?, environment: [String: String]) throws {
        guard let url else {
            self = .files
            return
        }
        if let passwordFile { _ = try Self.password(in: passwordFile) }
        let variable = environment["VECTIS_DATABASE_PASSWORD"]
        // Read for each connection, so that a changed password needs no new start.
        do {
            let configuration = try PostgreSQLConfiguration(url: url) { try passwordFile.map { try Self.password(in: $0) } ?? variable }
            self = .server(configuration, copies: try configuration.inSchema(withSuffix: "_copies"))
        } catch let error as PostgreSQLConfigurationError {
            throw HostDatabaseError.url(error.description)
        }
    }

    private static func password(in path: String) throws -> String {
        guard let text = SmallFile.read(path) else { throw HostDatabaseError.passwordFile(path) }
        return String(text.prefix { !$0.isNewline })
    }

    /// Whether other processes may work with the same database.
    package var isShared: Bool {
        if case .server = self { true } else { false }
    }

    /// Opens the storage of the host.
    ///
    /// - Parameters:
    ///   - folder: The data directory.
    ///   - health: What is known of the database.
    ///   - reached: Called at each step of a transaction with several events; a test may end the process there.
    /// - Returns: The storage, ready for use.
    /// - Throws: ``StorageFileError``, which says what to do.
    package func openStorage(
        _ folder: DataFolder, health: StorageHealth, reached: @escaping @Sendable (WriteStep) -> Void = { _ in }
    ) async throws -> DatabaseStorage {
        switch self {
        case .files: try await DatabaseStorage.open(folder.database, health: health, reached: reached)
        case .server(let configuration, _): try await DatabaseStorage.open(configuration, health: health, reached: reached)
        }
    }

    /// Opens the store of the local copies.
    ///
    /// - Parameters:
    ///   - folder: The data directory.
    ///   - health: What is known of the database.
    /// - Returns: The store of the copies.
    /// - Throws: ``StorageFileError``, which says what to do.
    package func openCopies(_ folder: DataFolder, health: StorageHealth) async throws -> any SyncStore {
        switch self {
        case .files: try await LocalCopyFile.open(folder.localCopy, health: health)
        case .server(_, let configuration): try await LocalCopyFile.open(configuration, health: health)
        }
    }

    /// What a person reads of the host’s database.
    package func name(in folder: DataFolder) -> String {
        switch self {
        case .files: folder.database
        case .server(let configuration, _): configuration.description
        }
    }

    /// What a person reads of the database of the copies.
    package func copiesName(in folder: DataFolder) -> String {
        switch self {
        case .files: folder.localCopy
        case .server(_, let configuration): configuration.description
        }
    }

    /// What the database contains, before it is opened and brought up to date.
    ///
    /// - Parameter folder: The data directory.
    /// - Returns: Whether there is a database, and whether it is empty.
    /// - Throws: ``StorageFileError`` if the server can't be asked.
    package func content(in folder: DataFolder) async throws -> DatabaseContent {
        guard case .server = self else { return folder.databaseContent }
        return try await pendingMigrations().count == HostSchema.migrations(.postgreSQL).count ? .missing : .rows
    }

    /// The migrations that a database on a server has not run; none for the files of a data directory.
    ///
    /// - Throws: ``StorageFileError`` if the server can't be asked.
    package func pendingMigrations() async throws -> [String] {
        guard case .server(let configuration, _) = self else { return [] }
        return try await StorageFileError.translating {
            try await PostgreSQLPool.pendingMigrations(
                configuration, application: HostSchema.application, migrations: HostSchema.migrations(.postgreSQL))
        }
    }
}

/// A host's database is not named in a way that can be used.
package enum HostDatabaseError: Error, Sendable, Hashable {
    /// The URL can't be used; the text says why, and what to write.
    case url(String)
    /// The file with the password can't be read.
    case passwordFile(String)
}
