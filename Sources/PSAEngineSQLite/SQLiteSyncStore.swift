public import FoundationEssentials
public import PSACore
public import PSAEngine
import SQLite

/// The store of local copies in a SQLite file of its own.
///
/// The file holds nothing that cannot be read from the PSA again: it can be deleted while no process uses it.
public struct SQLiteSyncStore: SyncStore {
    private let transactions: any SQLiteTransactions
    private let requireSpace: @Sendable () throws -> Void

    /// Opens a file, or creates it for its owner only.
    ///
    /// - Throws: ``SQLiteError`` or ``MigrationError``.
    public static func open(_ path: String) async throws -> SQLiteSyncStore {
        let migrator = try Migrator(applicationID: SyncSchema.applicationID, SyncSchema.migrations)
        return SQLiteSyncStore(QueueTransactions(queue: try await DatabaseQueue.open(.file(path), migrator: migrator)))
    }

    /// Opens a database in memory, for tests.
    ///
    /// - Throws: ``SQLiteError`` or ``MigrationError``.
    public static func inMemory() async throws -> SQLiteSyncStore {
        let migrator = try Migrator(applicationID: SyncSchema.applicationID, SyncSchema.migrations)
        return SQLiteSyncStore(QueueTransactions(queue: try await DatabaseQueue.open(.memory, migrator: migrator)))
    }

    /// Uses the transactions of a host, on a database with the tables of ``SyncSchema``.
    ///
    /// - Parameters:
    ///   - transactions: Runs the transactions.
    ///   - requireSpace: Called before rows are stored; what it throws ends the run, which goes on at its place later.
    public init(_ transactions: any SQLiteTransactions, requireSpace: @escaping @Sendable () throws -> Void = {}) {
        self.transactions = transactions
        self.requireSpace = requireSpace
    }

    /// As ``SyncStore/register(_:connector:tenant:)``.
    public func register(_ connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) async throws {
        try await transactions.write { try SyncTables($0).register(connection, connector, tenant) }
    }

    /// As ``SyncStore/copies()``.
    public func copies() async throws -> [LocalCopy] { try await transactions.read { try SyncTables($0).copies() } }

    /// As ``SyncStore/removeCopy(of:)``.
    public func removeCopy(of connection: ConnectionID) async throws {
        try await transactions.write { try SyncTables($0).beginRemoval(of: connection) }
        while try await transactions.write({ try SyncTables($0).removePart(of: connection, limit: 1_000) }) {}
        try await transactions.emptyLog()
    }

    /// As ``SyncStore/removeDeleted(before:limit:)``.
    public func removeDeleted(before time: Date, limit: Int) async throws -> Int {
        try await transactions.write { try SyncTables($0).removeDeleted(before: time, limit: limit) }
    }

    /// As ``SyncStore/lease(_:by:now:until:)``.
    public func lease(_ connection: ConnectionID, by holder: ProcessID, now: Date, until: Date) async throws -> Bool {
        try await transactions.write { try SyncTables($0).lease(connection, holder, now: now, until: until) }
    }

    /// As ``SyncStore/release(_:by:)``.
    public func release(_ connection: ConnectionID, by holder: ProcessID) async throws {
        try await transactions.write { try SyncTables($0).release(connection, holder) }
    }

    /// As ``SyncStore/statuses(of:)``.
    public func statuses(of connection: ConnectionID) async throws -> [SyncStatus] {
        try await transactions.read { try SyncTables($0).statuses(of: connection) }
    }

    /// As ``SyncStore/prepare(_:of:dueAt:)``.
    public func prepare(_ resources: [SyncResource], of connection: ConnectionID, dueAt time: Date) async throws {
        try await transactions.write { try SyncTables($0).prepare(resources, connection, dueAt: time) }
    }

    /// As ``SyncStore/schedule()``.
    public func schedule() async throws -> [ConnectionID: Date] { try await transactions.read { try SyncTables($0).schedule() } }

    /// As ``SyncStore/setPaused(_:_:of:)``.
    public func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        try await transactions.write { try SyncTables($0).setPaused(isPaused, resources, connection) }
    }

    /// As ``SyncStore/request(_:_:of:)``.
    public func request(_ request: SyncRequest, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        try await transactions.write { try SyncTables($0).request(request, resources, connection) }
    }

    /// As ``SyncStore/save(_:of:of:nextRunAt:begins:by:)``.
    public func save(
        _ progress: SyncProgress, of resource: SyncResource, of connection: ConnectionID, nextRunAt: Date?, begins: Bool,
        by holder: ProcessID
    ) async throws -> Bool {
        try await transactions.write {
            try SyncTables($0).save(progress, resource, connection, nextRunAt: nextRunAt, begins: begins, holder)
        }
    }

    /// As ``SyncStore/apply(_:of:by:at:)``.
    public func apply(_ page: SyncPage, of connection: ConnectionID, by holder: ProcessID, at time: Date) async throws -> SyncChanges? {
        try requireSpace()
        return try await transactions.write { try SyncTables($0).apply(page, connection, holder, at: time) }
    }

    /// As ``SyncStore/missing(_:of:generation:)``.
    public func missing(_ resource: SyncResource, of connection: ConnectionID, generation: Int64) async throws -> Int {
        try await transactions.read { try SyncTables($0).missing(resource, connection, generation: generation) }
    }

    /// As ``SyncStore/resolveMissing(_:of:generation:by:at:)``.
    public func resolveMissing(
        _ resource: SyncResource, of connection: ConnectionID, generation: Int64, by holder: ProcessID, at time: Date
    ) async throws -> Bool {
        try await transactions.write {
            try SyncTables($0).resolveMissing(resource, connection, generation: generation, holder, at: time)
        }
    }

    /// As ``SyncStore/enqueue(_:of:at:)``.
    public func enqueue(_ rereads: [Reread], of connection: ConnectionID, at time: Date) async throws {
        try await transactions.write { try SyncTables($0).enqueue(rereads, connection, at: time) }
    }

    /// As ``SyncStore/rereads(of:now:limit:)``.
    public func rereads(of connection: ConnectionID, now: Date, limit: Int) async throws -> [Reread] {
        try await transactions.read { try SyncTables($0).rereads(connection, now: now, limit: limit) }
    }

    /// As ``SyncStore/postponeRereads(of:until:)``.
    public func postponeRereads(of connection: ConnectionID, until time: Date) async throws {
        try await transactions.write { try SyncTables($0).postponeRereads(connection, until: time) }
    }

    /// As ``SyncStore/postpone(_:of:until:)``.
    public func postpone(_ reread: Reread, of connection: ConnectionID, until time: Date) async throws {
        try await transactions.write { try SyncTables($0).postpone(reread, connection, until: time) }
    }

    /// As ``SyncStore/finish(_:of:as:by:at:)``.
    public func finish(
        _ reread: Reread, of connection: ConnectionID, as state: SyncRecord.State?, by holder: ProcessID, at time: Date
    ) async throws {
        try await transactions.write { try SyncTables($0).finish(reread, connection, as: state, holder, at: time) }
    }

    /// As ``SyncStore/changes(of:in:after:limit:)``.
    public func changes(of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int) async throws
        -> [SyncRecord]
    {
        try await transactions.read { try SyncTables($0).changes(resource, connection, after: place, limit: limit) }
    }

    /// As ``SyncStore/record(_:of:in:)``.
    public func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) async throws -> SyncRecord? {
        try await transactions.read { try SyncTables($0).record(id, resource, connection) }
    }

    /// As ``SyncStore/records(_:in:)``.
    public func records(_ query: SyncQuery, in connection: ConnectionID) async throws -> SyncRecordPage {
        guard query.words.isEmpty else { return try await transactions.search { try SyncTables($0).records(query, connection) } }
        return try await transactions.read { try SyncTables($0).records(query, connection) }
    }

    /// As ``SyncStore/latestUpdate(of:in:before:)``.
    public func latestUpdate(of resource: SyncResource, in connection: ConnectionID, before time: Date) async throws -> Date? {
        try await transactions.read { try SyncTables($0).latestUpdate(resource, connection, before: time) }
    }

    /// As ``SyncStore/latestSequence(of:in:)``.
    public func latestSequence(of resource: SyncResource, in connection: ConnectionID) async throws -> ChangeSequence {
        try await transactions.read { try SyncTables($0).latestSequence(resource, connection) }
    }

    /// As ``SyncStore/close()``.
    public func close() async { await transactions.close() }
}
