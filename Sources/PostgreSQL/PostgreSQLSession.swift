import SQL
import Synchronization

/// One connection of a pool on a dispatch queue of its own, because waiting for the server must not block a shared thread.
///
/// It connects when it is used, and again after the connection was lost.
actor PostgreSQLSession {
    private let executor = DispatchExecutor(label: "PostgreSQL")
    private let configuration: PostgreSQLConfiguration
    private let options: [String: String]
    /// Identifies this session in the table of commits.
    private let marker = Int64.random(in: 1...Int64.max)
    private var database: PostgreSQLDatabase?
    /// A transaction whose connection was lost, which the server may not have noticed.
    private var lost: (transaction: Int64, serverProcess: Int32)?
    private nonisolated let cancellation = Mutex<Cancellation?>(nil)

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ configuration: PostgreSQLConfiguration, options: [String: String]) {
        self.configuration = configuration
        self.options = options
    }

    func read<Value: Sendable>(
        for limit: Duration, _ work: @Sendable (PostgreSQLDatabase) throws -> Value
    ) -> PostgreSQLDatabase.Attempt<Value> {
        attempt { $0.reading(for: limit, work) }
    }

    func write<Value: Sendable>(
        _ locks: TransactionLocks, _ mode: CommitMode, _ work: @Sendable (PostgreSQLDatabase) throws -> Value
    ) -> PostgreSQLDatabase.Attempt<Value> {
        attempt { $0.writing(locks, mode, work) }
    }

    /// Asks what became of a commit; unknown while the server can't be reached.
    func outcome(of commit: PostgreSQLDatabase.Commit) -> PostgreSQLDatabase.CommitOutcome {
        let outcome = try? connected().outcome(of: commit)
        disconnectIfLost()
        return outcome ?? .unknown
    }

    /// Stops the statement that runs.
    nonisolated func cancel() { cancellation.withLock { $0 }?.cancel() }

    /// Closes the connection.
    func disconnect() {
        database = nil
        cancellation.withLock { $0 = nil }
    }

    /// The number of times that the connection has waited for the server, for tests.
    func roundTrips() -> Int { database?.connection.roundTrips ?? 0 }

    private func attempt<Value>(
        _ work: (PostgreSQLDatabase) -> PostgreSQLDatabase.Attempt<Value>
    ) -> PostgreSQLDatabase.Attempt<Value> {
        let database: PostgreSQLDatabase
        do {
            database = try connected()
        } catch let error as PostgreSQLError where error.failure == .unreachable {
            return .rerun(.connectionLost(error))
        } catch {
            return .done(.failure(error))
        }
        let attempt = work(database)
        disconnectIfLost()
        // The compiled statements are of a schema that has changed; a new connection has none.
        if case .rerun(.outdatedStatement) = attempt { disconnect() }
        return attempt
    }

    private func disconnectIfLost() {
        guard let database, database.connection.isLost else { return }
        if let transaction = database.writingTransaction { lost = (transaction, database.connection.serverProcess) }
        disconnect()
    }

    private func connected() throws -> PostgreSQLDatabase {
        if let database { return database }
        let connection = try ServerConnection.open(configuration, options: options)
        cancellation.withLock { $0 = connection.cancellation }
        let opened = PostgreSQLDatabase(connection, schema: configuration.schema, marker: marker)
        if let lost {
            try opened.end(lost.transaction, of: lost.serverProcess)
            self.lost = nil
        }
        database = opened
        return opened
    }
}
