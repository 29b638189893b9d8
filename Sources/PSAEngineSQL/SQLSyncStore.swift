package import FoundationEssentials
package import PSACore
package import PSAEngine
package import SQL

/// The store of local copies in the tables of ``SyncSchema``.
///
/// They hold nothing that cannot be read from the PSA again.
package struct SQLSyncStore: SyncStore {
    private let transactions: any DatabaseTransactions
    private let requireSpace: @Sendable () throws -> Void

    /// Uses the transactions of a host, on a database with the tables of ``SyncSchema``.
    ///
    /// - Parameters:
    ///   - transactions: Runs the transactions.
    ///   - requireSpace: Called before rows are stored; what it throws ends the run, which goes on at its place later.
    package init(_ transactions: any DatabaseTransactions, requireSpace: @escaping @Sendable () throws -> Void = {}) {
        self.transactions = transactions
        self.requireSpace = requireSpace
    }

    /// As ``SyncStore/register(_:connector:tenant:)``.
    package func register(_ connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) async throws {
        try await transactions.write { try SyncTables($0).register(connection, connector, tenant) }
    }

    /// As ``SyncStore/copies()``.
    package func copies() async throws -> [LocalCopy] { try await transactions.read { try SyncTables($0).copies() } }

    /// As ``SyncStore/removeCopy(of:)``.
    package func removeCopy(of connection: ConnectionID) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).detach(connection) }
        try await finishRemovals()
    }

    /// As ``SyncStore/finishRemovals()``.
    package func finishRemovals() async throws {
        guard try await transactions.read({ try SyncTables($0).hasDetached() }) else { return }
        while try await transactions.write(.found, { try SyncTables($0).removeDetached(limit: 1_000) }) {}
        try await transactions.emptyLog()
    }

    /// As ``SyncStore/removeDeleted(before:limit:)``.
    package func removeDeleted(before time: Date, limit: Int) async throws -> Int {
        try await transactions.write { try SyncTables($0).removeDeleted(before: time, limit: limit) }
    }

    /// As ``SyncStore/lease(_:by:now:until:)``.
    package func lease(_ connection: ConnectionID, by holder: ProcessID, now: Date, until: Date) async throws -> Bool {
        try await transactions.write(.connection(connection)) { try SyncTables($0).lease(connection, holder, now: now, until: until) }
    }

    /// As ``SyncStore/renew(_:by:until:)``.
    package func renew(_ connection: ConnectionID, by holder: ProcessID, until: Date) async throws -> Bool {
        try await transactions.write(.connection(connection)) { try SyncTables($0).renew(connection, holder, until: until) }
    }

    /// As ``SyncStore/release(_:by:)``.
    package func release(_ connection: ConnectionID, by holder: ProcessID) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).release(connection, holder) }
    }

    /// As ``SyncStore/statuses(of:countingRecords:)``.
    package func statuses(of connection: ConnectionID, countingRecords: Bool) async throws -> [SyncStatus] {
        try await transactions.read { try SyncTables($0).statuses(of: connection, countingRecords: countingRecords) }
    }

    /// As ``SyncStore/prepare(_:of:dueAt:)``.
    package func prepare(_ resources: [SyncResource], of connection: ConnectionID, dueAt time: Date) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).prepare(resources, connection, dueAt: time) }
    }

    /// As ``SyncStore/schedule()``.
    package func schedule() async throws -> [ConnectionID: Date] { try await transactions.read { try SyncTables($0).schedule() } }

    /// As ``SyncStore/setPaused(_:_:of:)``.
    package func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).setPaused(isPaused, resources, connection) }
    }

    /// As ``SyncStore/request(_:_:of:)``.
    package func request(_ request: SyncRequest, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).request(request, resources, connection) }
    }

    /// As ``SyncStore/save(_:of:of:nextRunAt:begins:by:)``.
    package func save(
        _ progress: SyncProgress, of resource: SyncResource, of connection: ConnectionID, nextRunAt: Date?, begins: Bool,
        by holder: ProcessID
    ) async throws -> Bool {
        try await transactions.write(.connection(connection)) {
            try SyncTables($0).save(progress, resource, connection, nextRunAt: nextRunAt, begins: begins, holder)
        }
    }

    /// As ``SyncStore/apply(_:of:by:at:)``.
    package func apply(_ page: SyncPage, of connection: ConnectionID, by holder: ProcessID, at time: Date) async throws -> SyncChanges? {
        try requireSpace()
        return try await transactions.write(.connection(connection)) { try SyncTables($0).apply(page, connection, holder, at: time) }
    }

    /// As ``SyncStore/missing(_:of:generation:)``.
    package func missing(_ resource: SyncResource, of connection: ConnectionID, generation: Int64) async throws -> Int {
        try await transactions.read { try SyncTables($0).missing(resource, connection, generation: generation) }
    }

    /// As ``SyncStore/resolveMissing(_:of:generation:by:at:)``.
    package func resolveMissing(
        _ resource: SyncResource, of connection: ConnectionID, generation: Int64, by holder: ProcessID, at time: Date
    ) async throws -> Bool {
        try await transactions.write(.connection(connection)) {
            try SyncTables($0).resolveMissing(resource, connection, generation: generation, holder, at: time)
        }
    }

    /// As ``SyncStore/enqueue(_:of:at:)``.
    package func enqueue(_ rereads: [Reread], of connection: ConnectionID, at time: Date) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).enqueue(rereads, connection, at: time) }
    }

    /// As ``SyncStore/rereads(of:now:limit:)``.
    package func rereads(of connection: ConnectionID, now: Date, limit: Int) async throws -> [Reread] {
        try await transactions.read { try SyncTables($0).rereads(connection, now: now, limit: limit) }
    }

    /// As ``SyncStore/postponeRereads(of:until:)``.
    package func postponeRereads(of connection: ConnectionID, until time: Date) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).postponeRereads(connection, until: time) }
    }

    /// As ``SyncStore/postpone(_:of:until:)``.
    package func postpone(_ reread: Reread, of connection: ConnectionID, until time: Date) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).postpone(reread, connection, until: time) }
    }

    /// As ``SyncStore/finish(_:of:as:by:at:)``.
    package func finish(
        _ reread: Reread, of connection: ConnectionID, as state: SyncRecord.State?, by holder: ProcessID, at time: Date
    ) async throws {
        try await transactions.write(.connection(connection)) { try SyncTables($0).finish(reread, connection, as: state, holder, at: time) }
    }

    /// As ``SyncStore/changes(of:in:after:limit:)``.
    package func changes(of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int) async throws
        -> [SyncRecord]
    {
        try await transactions.read { try SyncTables($0).changes(resource, connection, after: place, limit: limit) }
    }

    /// As ``SyncStore/record(_:of:in:)``.
    package func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) async throws -> SyncRecord? {
        try await transactions.read { try SyncTables($0).record(id, resource, connection) }
    }

    /// As ``SyncStore/records(_:in:)``.
    package func records(_ query: SyncQuery, in connection: ConnectionID) async throws -> SyncRecordPage {
        guard query.words.isEmpty else { return try await transactions.search { try SyncTables($0).records(query, connection) } }
        return try await transactions.read { try SyncTables($0).records(query, connection) }
    }

    /// As ``SyncStore/latestUpdate(of:in:before:)``.
    package func latestUpdate(of resource: SyncResource, in connection: ConnectionID, before time: Date) async throws -> Date? {
        try await transactions.read { try SyncTables($0).latestUpdate(resource, connection, before: time) }
    }

    /// As ``SyncStore/latestSequence(of:in:)``.
    package func latestSequence(of resource: SyncResource, in connection: ConnectionID) async throws -> ChangeSequence {
        try await transactions.read { try SyncTables($0).latestSequence(resource, connection) }
    }

    /// As ``SyncStore/close()``.
    package func close() async { await transactions.close() }
}
