import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// A storage implementation; all have the same contract.
struct StorageKind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Opens an empty storage.
    let open: @Sendable () async throws -> OpenedStorage

    static let all = [
        StorageKind(testDescription: "SQLite in memory") { OpenedStorage(try await SQLiteStorage.inMemory()) },
        StorageKind(testDescription: "SQLite in a file") {
            let folder = try TemporaryFolder()
            return OpenedStorage(try await SQLiteStorage.open(folder.file("vectis.db")), folder: folder)
        },
    ]
}

/// An empty storage, with what a test needs beside its protocol.
struct OpenedStorage: Sendable {
    let storage: any Storage
    /// Runs one statement past the storage.
    let execute: @Sendable (String) async throws -> Void
    /// Makes the storage reject each audit entry whose detail is ``refusedDetail``.
    let refuseMarkedEntries: @Sendable () async throws -> Void
    /// Retained as long as the storage is used.
    private let folder: TemporaryFolder?

    static let refusedDetail = "this entry is refused"

    init(_ storage: SQLiteStorage, folder: TemporaryFolder? = nil) {
        self.storage = storage
        self.folder = folder
        let execute: @Sendable (String) async throws -> Void = { sql in try await storage.queue.write { try $0.execute(sql) } }
        self.execute = execute
        refuseMarkedEntries = {
            try await execute(
                """
                CREATE TRIGGER audit_entry_is_refused BEFORE INSERT ON audit_entry WHEN NEW.detail = '\(Self.refusedDetail)'
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                """)
        }
    }
}
