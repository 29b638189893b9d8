import FoundationEssentials
import PSACore
import PSAEngine
import SQL
import SQLite
import Testing

@testable import PSAEngineSQL

/// What a process leaves that is killed while it removes a local copy.
@Suite("Removal of a local copy that did not end") struct CopyRemovalTests {
    private static let start = Date(timeIntervalSince1970: 1_790_000_000)

    @Test func whatIsLeftBelongsToNoConnectionAndIsRemovedLater() async throws {
        let queue = try await DatabaseQueue.open(
            .memory, migrator: Migrator(applicationID: SyncSchema.applicationID, SyncSchema.migrations))
        let store = SQLSyncStore(queue)
        let (id, process) = (ConnectionID(), ProcessID())
        let (connector, tenant) = (try #require(ConnectorID("sample")), TenantIdentity(rawValue: "one.example.com"))
        try await store.register(id, connector: connector, tenant: tenant)
        try await store.prepare([.tickets], of: id, dueAt: Self.start)
        #expect(try await store.lease(id, by: process, now: Self.start, until: Self.start + 60))
        let rows = try (1...10).map { number in
            try #require(
                SyncRow(
                    id: SyncRecord.ID(number), facts: SyncFacts(name: "Ticket"), content: .object([]),
                    native: NativeRecord(bytes: [], fetchedAt: Self.start)))
        }
        var progress = SyncProgress()
        progress.lastFullAt = Self.start
        _ = try await store.apply(SyncPage(.tickets, rows: rows, progress: progress), of: id, by: process, at: Self.start)
        // The first steps of a removal.
        try await queue.write { database in
            try SyncTables(database).detach(id)
            #expect(try SyncTables(database).removeDetached(limit: 3))
        }
        #expect(try await store.copies().isEmpty)
        #expect(try await store.schedule().isEmpty)
        #expect(try await !store.lease(id, by: process, now: Self.start, until: Self.start + 60))
        // The same connection, and the same tenant.
        try await store.register(id, connector: connector, tenant: tenant)
        #expect(try await store.statuses(of: id).isEmpty)
        #expect(try await store.latestSequence(of: .tickets, in: id) == .beginning)
        try await store.finishRemovals()
        #expect(try await store.copies().map(\.connection) == [id])
        let left = try await queue.read { try $0.first("SELECT COUNT(*) AS count FROM record")?.integer("count") }
        #expect(left == 0)
        await store.close()
    }
}
