import Foundation
import PostgreSQL
import PostgreSQLServer
import Synchronization
import Testing
import VectisCore

@testable import VectisStorage

/// The database on which tests run that need one and do not say which: SQLite in memory, or PostgreSQL if `VECTIS_TEST_DATABASE` says so.
enum TestDatabase {
    /// Whether such tests run on PostgreSQL.
    static let isPostgreSQL = ProcessInfo.processInfo.environment["VECTIS_TEST_DATABASE"] == "postgresql"

    private static let database = Result { try PostgreSQLServer.shared().createDatabase() }
    private static let schemas = Atomic(0)

    /// A new schema on the server that all tests share.
    static func configuration() throws -> PostgreSQLConfiguration {
        let number = schemas.add(1, ordering: .relaxed).newValue
        // Few connections for each: hundreds of tests run beside each other.
        let url = try PostgreSQLServer.shared().url(database.get(), parameters: "schema=host\(number)&pool_size=3")
        return try PostgreSQLConfiguration(url: url)
    }
}

extension DatabaseStorage {
    /// An empty storage.
    static func empty(health: StorageHealth = StorageHealth()) async throws -> DatabaseStorage {
        guard TestDatabase.isPostgreSQL else { return try await inMemory(health: health) }
        return try await open(TestDatabase.configuration(), health: health)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs a test that looks into SQLite, or that takes long, on SQLite alone.
    static var ofSQLite: Self { .enabled(if: !TestDatabase.isPostgreSQL, "only on SQLite") }
}
