import Foundation
import PSACore
import PSAEngine
import PSAEnginePostgreSQL
import PSAEngineSQLite
import PostgreSQL
import PostgreSQLServer
import Synchronization
import Testing

/// The stores that the store tests run on.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case inMemory = "in memory"
    case sqliteInMemory = "SQLite in memory"
    case sqliteFile = "SQLite in a file"
    case postgreSQL = "PostgreSQL"

    /// All stores, or all but PostgreSQL if there is no server on this machine.
    static var available: [StoreKind] { PostgreSQLServer.isAvailable ? allCases : allCases.filter { $0 != .postgreSQL } }

    var testDescription: String { rawValue }

    /// Opens an empty store, runs a test on it, closes it and removes its file.
    func run(_ body: (any EngineStore) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engine-store-\(UUID())")
        let store: any EngineStore
        switch self {
        case .inMemory: store = InMemoryEngineStore()
        case .sqliteInMemory: store = try await SQLiteEngineStore.inMemory()
        case .sqliteFile:
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            store = try await SQLiteEngineStore.open(folder.appendingPathComponent("engine.db").path)
        case .postgreSQL: store = try await PostgreSQLEngineStore.open(TestDatabase.configuration()).store
        }
        do {
            try await body(store)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        try? FileManager.default.removeItem(at: folder)
    }
}

/// Schemas on the server that all tests share.
enum TestDatabase {
    private static let database = Result { try PostgreSQLServer.shared().createDatabase() }
    private static let schemas = Atomic(0)

    /// A new schema.
    static func configuration() throws -> PostgreSQLConfiguration {
        let number = schemas.add(1, ordering: .relaxed).newValue
        let url = try PostgreSQLServer.shared().url(database.get(), parameters: "schema=engine\(number)&pool_size=3")
        return try PostgreSQLConfiguration(url: url)
    }
}

extension Date {
    /// The time at which store tests begin.
    static let start = Date(timeIntervalSince1970: 1_790_000_000)

    /// A time so many seconds after ``start``.
    static func at(_ seconds: TimeInterval) -> Date { start.addingTimeInterval(seconds) }
}

/// Connections and jobs of the store tests.
enum Sample {
    static let lease = Duration.seconds(60)
    static let first = ProcessID(rawValue: "first")
    static let second = ProcessID(rawValue: "second")

    static func id(_ name: String) throws -> ConnectionID { try #require(ConnectionID(name)) }
    static func key(_ name: String) throws -> IdempotencyKey { try #require(IdempotencyKey(name)) }

    static func connection(_ name: String, tenant: String? = nil) throws -> StoredConnection {
        StoredConnection(
            id: try id(name), connector: ConnectorID("sample"), name: name, tenant: TenantIdentity(rawValue: tenant ?? name),
            settings: ["server": "https://\(name).example.com"], secrets: ["token": SealedSecret(bytes: [1, 2, 3])], revision: 1,
            createdAt: .start, changedAt: .start)
    }

    static func job(
        _ key: String, through connection: String = "one", source: String? = nil, _ payload: TicketJob.Payload = .newTicket("Disk full"),
        state: TicketJob.State = .waiting, files: [AttachmentFile] = []
    ) throws -> NewJob {
        NewJob(
            connection: try id(connection), key: try self.key(key), source: source.map(JobSource.init(rawValue:)), payload: payload,
            attachments: files, state: state)
    }

    static func file(_ name: String, _ content: String) throws -> AttachmentFile {
        try AttachmentFile(name: name, bytes: Array(content.utf8))
    }

    /// A value of each form.
    static let fields: [TicketField.ID: TicketFieldValue] = [
        TicketField.ID(1): .text("Ä \"x\"\n"), TicketField.ID(2): .number(12.5), TicketField.ID(3): .checkbox(true),
        TicketField.ID(4): .choice(TicketField.Choice.ID(38)),
        TicketField.ID(5): .choices([TicketField.Choice.ID(36), TicketField.Choice.ID(37)]),
        TicketField.ID(6): .dateTime(.at(0)),
    ]

    static func outcome(_ state: TicketJob.State, of job: TicketJob, dueIn seconds: TimeInterval = 0) -> JobOutcome {
        JobOutcome(state: state, attempts: job.attempts, searchAttempts: job.searchAttempts, dueAt: .at(seconds))
    }

    static let ticket = PostedTicket(id: "7", number: "T7", webAddress: "https://one.example.com/7", company: "12")
}

extension EngineStore {
    /// Adds one job at ``Date/start``.
    func add(_ job: NewJob) async throws -> TicketJob.ID { try #require(try await add([job], at: .start).first) }

    /// Leases the next job at so many seconds after ``Date/start``.
    func lease(
        _ connection: String = "one", at seconds: TimeInterval = 0, by holder: ProcessID = Sample.first
    ) async throws -> TicketJob? {
        try await leaseNext(for: try Sample.id(connection), by: holder, now: .at(seconds), lease: Sample.lease)
    }
}
