import FoundationEssentials
import PSACore
import PSATesting
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Outbox limits") struct OutboxLimitsTests {
    private static let hour: TimeInterval = 3_600

    @Test(arguments: StorageKind.all) func limitsHaveDefaultsAndConcurrentChangesAreRejected(kind: StorageKind) async throws {
        let opened = try await kind.open()
        let storage = opened.storage
        #expect(try await storage.outboxLimits() == StoredOutboxLimits(limits: .default, revision: 0))
        let first = OutboxLimits(maxAgeHours: 72, maxWaitMinutes: 5)
        let saved = try await storage.setOutboxLimits(first, revision: 0, audit: .outbox(.outboxLimitsChanged))
        #expect(saved == StoredOutboxLimits(limits: first, revision: 1))
        #expect(try await storage.outboxLimits() == saved)
        await #expect(throws: StoreError.stale) {
            try await storage.setOutboxLimits(.default, revision: 0, audit: .outbox(.outboxLimitsChanged))
        }
        #expect(try await storage.outboxLimits() == saved)
        #expect(try await storage.audit(AuditFilter(action: .outboxLimitsChanged), before: nil, limit: 10).count == 1)
    }

    @Test(arguments: StorageKind.all) func withoutItsAuditEntryNothingIsChanged(kind: StorageKind) async throws {
        let opened = try await kind.open()
        try await opened.refuseMarkedEntries()
        let limits = OutboxLimits(maxAgeHours: 1, maxWaitMinutes: 1)
        var marked = AuditEntry.outbox(.outboxLimitsChanged)
        marked.detail = OpenedStorage.refusedDetail
        let entry = marked
        await #expect(throws: (any Error).self) {
            try await opened.storage.setOutboxLimits(limits, revision: 0, audit: entry)
        }
        #expect(try await opened.storage.outboxLimits().revision == 0)
    }

    @Test(arguments: [
        (1, 1, []), (720, 60, []), (0, 15, ["maxAgeHours"]), (721, 15, ["maxAgeHours"]), (48, 0, ["maxWaitMinutes"]),
        (48, 61, ["maxWaitMinutes"]), (-1, -1, ["maxAgeHours", "maxWaitMinutes"]),
    ])
    func valuesOutsideTheirRangeAreReported(hours: Int, minutes: Int, fields: [String]) {
        #expect(OutboxLimits(maxAgeHours: hours, maxWaitMinutes: minutes).issues.map(\.field) == fields)
    }

    @Test func unsetLimitsKeepTheDefaultPolicy() {
        let policy = OutboxPolicy(maxAge: .seconds(7), maxWait: .seconds(3))
        let usual = policy.within(StoredOutboxLimits(limits: .default, revision: 0))
        #expect(usual.maxAge == .seconds(7) && usual.maxWait == .seconds(3))
        let set = policy.within(StoredOutboxLimits(limits: .default, revision: 1))
        #expect(set.maxAge == .seconds(48 * 3_600) && set.maxWait == .seconds(900))
    }

    @Test(arguments: [(1, 2.0, true), (3, 2.0, false), (72, 60.0, false), (48, 60.0, true)])
    func aChangedAgeLimitAppliesToWaitingJobsWithoutARestart(hours: Int, age: Double, isHeld: Bool) async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        // The same host continues: nothing is recreated after the change.
        let dispatcher = fixture.dispatcher()
        fixture.psa.behave { $0.beforeStoring = { _ in throw connectionRefused } }
        await dispatcher.work(on: fixture.connection.id)
        _ = try await fixture.storage.setOutboxLimits(
            OutboxLimits(maxAgeHours: hours, maxWaitMinutes: 15), revision: 0, audit: .outbox(.outboxLimitsChanged))
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        fixture.time.advance(by: age * Self.hour)
        await dispatcher.work(on: fixture.connection.id)
        #expect(try await fixture.now(job).state.name == (isHeld ? .needsReview : .created))
    }

    @Test func aSearchThatFailsForLongerThanTheAgeLimitNeedsReview() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw outcomeUnknown } }
        let job = try await fixture.job("1")
        await fixture.work()
        fixture.psa.behave { $0.beforeSearching = { throw connectionRefused } }
        _ = try await fixture.storage.setOutboxLimits(
            OutboxLimits(maxAgeHours: 2, maxWaitMinutes: 15), revision: 0, audit: .outbox(.outboxLimitsChanged))
        await fixture.work(Self.hour)
        #expect(try await fixture.now(job).state == .unknown)
        await fixture.work(2 * Self.hour)
        #expect(try await fixture.now(job).state == .needsReview(.outcomeUnknown))
    }

    @Test func theLongestWaitIsKept() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw connectionRefused } }
        let job = try await fixture.job("1")
        _ = try await fixture.storage.setOutboxLimits(
            OutboxLimits(maxAgeHours: 48, maxWaitMinutes: 1), revision: 0, audit: .outbox(.outboxLimitsChanged))
        try await fixture.work(rounds: 20)
        let after = try await fixture.now(job)
        #expect(after.attempts > 5)
        // Three quarters, by a chance of one half.
        #expect(after.dueAt.timeIntervalSince(after.changedAt) == 45)
    }

    @Test func aStorageThatDoesNotReportThemStoresNothing() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        try await fixture.storage.queue.write { try $0.execute("ALTER TABLE outbox_limits RENAME TO elsewhere") }
        let working = Task { await fixture.work() }
        await fixture.time.waitForSleeper()
        #expect(try await fixture.now(job).state == .waiting)
        #expect(try await fixture.now(job).attempts == 0)
        working.cancel()
        await working.value
    }
}
