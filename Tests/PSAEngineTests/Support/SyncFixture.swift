import Foundation
import PSACore
import PSAEngine
import PSAEnginePostgreSQL
import PSAEngineSQLite
import PostgreSQLServer
import PSATesting
import Synchronization
import Testing

/// A sync engine over a ``ChangingPSA``, with a clock that the test moves.
struct SyncFixture: Sendable {
    let clock: ManualClock
    let psa: ChangingPSA
    let engine: Engine
    let store: any SyncStore
    let connection: ConnectionID
    var policy: SyncPolicy
    let sync: SyncEngine

    init(
        tickets: Int = 0, companies: Int = 0, agreements: Int = 0, store: any SyncStore = InMemorySyncStore(),
        policy: SyncPolicy = SyncPolicy(notesDelay: .zero), reached: @escaping @Sendable (SyncStep) async -> Void = { _ in }
    ) async throws {
        clock = ManualClock(movesBySleeping: false, random: 0)
        psa = ChangingPSA(clock: clock, tickets: tickets, companies: companies, agreements: agreements)
        self.store = store
        self.policy = policy
        connection = try Sample.id("changing")
        engine = try await Engine(
            store: InMemoryEngineStore(), registry: try ConnectorRegistry([ChangingConnector.self]),
            context: ConnectorContext(transport: psa, time: clock.source))
        try await engine.addConnection(
            connection, connector: "changing", settings: ["server": "https://changing.example.com", "token": "token-1"])
        sync = SyncEngine(store: store, engine: engine, options: SyncEngine.Options(policy: policy, reached: reached))
    }

    /// Another process on the same store, or on one in front of it.
    func anotherProcess(
        on store: (any SyncStore)? = nil, reached: @escaping @Sendable (SyncStep) async -> Void = { _ in }
    ) -> SyncEngine {
        SyncEngine(store: store ?? self.store, engine: engine, options: SyncEngine.Options(policy: policy, reached: reached))
    }

    func status(_ resource: SyncResource) async throws -> SyncStatus {
        try #require(try await sync.statuses(of: connection).first { $0.resource == resource })
    }

    func record(_ id: Int, _ resource: SyncResource = .tickets) async throws -> SyncRecord? {
        try await sync.record(SyncRecord.ID(id), of: resource, in: connection)
    }

    func state(_ id: Int, _ resource: SyncResource = .tickets) async throws -> SyncRecord.State? {
        try await record(id, resource)?.state
    }

    /// All records of a resource, whatever their state, by id.
    func records(_ resource: SyncResource) async throws -> [String: SyncRecord] {
        var found: [String: SyncRecord] = [:]
        var place = ChangeSequence.beginning
        while true {
            let page = try await sync.changes(of: resource, in: connection, after: place, limit: 100)
            guard let last = page.last else { return found }
            for record in page { found[record.id.rawValue] = record }
            place = last.sequence
        }
    }

    func issues() async throws -> Set<ErrorCode> {
        Set(try await engine.store.issues(of: connection).filter { $0.resolvedAt == nil }.map(\.code))
    }
}

/// A store of local copies for the tests that run on both.
enum SyncStoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case inMemory = "in memory"
    case sqlite = "SQLite"
    case postgreSQL = "PostgreSQL"

    /// All stores, or all but PostgreSQL if there is no server on this machine.
    static var available: [SyncStoreKind] { PostgreSQLServer.isAvailable ? allCases : allCases.filter { $0 != .postgreSQL } }

    var testDescription: String { rawValue }

    func open() async throws -> any SyncStore {
        switch self {
        case .inMemory: InMemorySyncStore()
        case .sqlite: try await SQLiteSyncStore.inMemory()
        case .postgreSQL: try await PostgreSQLSyncStore.open(TestDatabase.configuration())
        }
    }
}

/// A store that stops working after so many calls, as for a process that is killed: before the last call, or after it.
final class KilledSyncStore: SyncStore {
    struct KilledError: Error {}

    private let base: any SyncStore
    private let state: Mutex<(calls: Int, storesLast: Bool)>
    private let countsPagesOnly: Bool

    init(_ base: any SyncStore, after calls: Int, storesLast: Bool) {
        self.base = base
        state = Mutex((calls, storesLast))
        countsPagesOnly = false
    }

    /// Fails after a page, however often the lease was renewed until then.
    init(_ base: any SyncStore, afterPages pages: Int) {
        self.base = base
        state = Mutex((pages, true))
        countsPagesOnly = true
    }

    private func call<Value>(isPage: Bool = false, _ work: () async throws -> Value) async throws -> Value {
        let (isDead, isLast) = state.withLock { state in
            if countsPagesOnly, !isPage { return (state.calls <= 0, false) }
            state.calls -= 1
            return (state.calls < 0 || state.calls == 0 && !state.storesLast, state.calls == 0)
        }
        guard !isDead else { throw KilledError() }
        let value = try await work()
        guard !isLast else { throw KilledError() }
        return value
    }

    func register(_ connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) async throws {
        try await call { try await base.register(connection, connector: connector, tenant: tenant) }
    }
    func copies() async throws -> [LocalCopy] { try await call { try await base.copies() } }
    func removeCopy(of connection: ConnectionID) async throws { try await call { try await base.removeCopy(of: connection) } }
    func finishRemovals() async throws { try await call { try await base.finishRemovals() } }
    func removeDeleted(before time: Date, limit: Int) async throws -> Int {
        try await call { try await base.removeDeleted(before: time, limit: limit) }
    }
    func lease(_ connection: ConnectionID, by holder: ProcessID, now: Date, until: Date) async throws -> Bool {
        try await call { try await base.lease(connection, by: holder, now: now, until: until) }
    }
    func renew(_ connection: ConnectionID, by holder: ProcessID, until: Date) async throws -> Bool {
        try await call { try await base.renew(connection, by: holder, until: until) }
    }
    func release(_ connection: ConnectionID, by holder: ProcessID) async throws {
        try await call { try await base.release(connection, by: holder) }
    }
    func statuses(of connection: ConnectionID, countingRecords: Bool) async throws -> [SyncStatus] {
        try await call { try await base.statuses(of: connection, countingRecords: countingRecords) }
    }
    func prepare(_ resources: [SyncResource], of connection: ConnectionID, dueAt time: Date) async throws {
        try await call { try await base.prepare(resources, of: connection, dueAt: time) }
    }
    func schedule() async throws -> [ConnectionID: Date] { try await call { try await base.schedule() } }
    func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        try await call { try await base.setPaused(isPaused, resources, of: connection) }
    }
    func request(_ request: SyncRequest, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        try await call { try await base.request(request, resources, of: connection) }
    }
    func save(
        _ progress: SyncProgress, of resource: SyncResource, of connection: ConnectionID, nextRunAt: Date?, begins: Bool,
        by holder: ProcessID
    ) async throws -> Bool {
        try await call {
            try await base.save(progress, of: resource, of: connection, nextRunAt: nextRunAt, begins: begins, by: holder)
        }
    }
    func apply(_ page: SyncPage, of connection: ConnectionID, by holder: ProcessID, at time: Date) async throws -> SyncChanges? {
        try await call(isPage: true) { try await base.apply(page, of: connection, by: holder, at: time) }
    }
    func missing(_ resource: SyncResource, of connection: ConnectionID, generation: Int64) async throws -> Int {
        try await call { try await base.missing(resource, of: connection, generation: generation) }
    }
    func resolveMissing(
        _ resource: SyncResource, of connection: ConnectionID, generation: Int64, by holder: ProcessID, at time: Date
    ) async throws -> Bool {
        try await call { try await base.resolveMissing(resource, of: connection, generation: generation, by: holder, at: time) }
    }
    func enqueue(_ rereads: [Reread], of connection: ConnectionID, at time: Date) async throws {
        try await call { try await base.enqueue(rereads, of: connection, at: time) }
    }
    func rereads(of connection: ConnectionID, now: Date, limit: Int) async throws -> [Reread] {
        try await call { try await base.rereads(of: connection, now: now, limit: limit) }
    }
    func postponeRereads(of connection: ConnectionID, until time: Date) async throws {
        try await call { try await base.postponeRereads(of: connection, until: time) }
    }
    func postpone(_ reread: Reread, of connection: ConnectionID, until time: Date) async throws {
        try await call { try await base.postpone(reread, of: connection, until: time) }
    }
    func finish(
        _ reread: Reread, of connection: ConnectionID, as state: SyncRecord.State?, by holder: ProcessID, at time: Date
    ) async throws {
        try await call { try await base.finish(reread, of: connection, as: state, by: holder, at: time) }
    }
    func changes(of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int) async throws
        -> [SyncRecord]
    { try await call { try await base.changes(of: resource, in: connection, after: place, limit: limit) } }
    func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) async throws -> SyncRecord? {
        try await call { try await base.record(id, of: resource, in: connection) }
    }
    func records(_ query: SyncQuery, in connection: ConnectionID) async throws -> SyncRecordPage {
        try await call { try await base.records(query, in: connection) }
    }
    func latestUpdate(of resource: SyncResource, in connection: ConnectionID, before time: Date) async throws -> Date? {
        try await call { try await base.latestUpdate(of: resource, in: connection, before: time) }
    }
    func latestSequence(of resource: SyncResource, in connection: ConnectionID) async throws -> ChangeSequence {
        try await call { try await base.latestSequence(of: resource, in: connection) }
    }
    func close() async {}
}
