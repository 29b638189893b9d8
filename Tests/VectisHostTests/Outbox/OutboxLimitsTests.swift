import FoundationEssentials
import PSACore
import SQLite
import Testing

@testable import VectisHost

@Suite("Limits of the outbox") struct OutboxLimitsTests {
    private static let hour: TimeInterval = 3_600

    @Test(arguments: StorageKind.all) func theyAreUsualUntilSomebodySetsThemAndNobodyOverwritesAnother(kind: StorageKind) async throws {
        let opened = try await kind.open()
        let storage = opened.storage
        #expect(try await storage.outboxLimits() == StoredOutboxLimits(limits: .usual, revision: 0))
        let first = OutboxLimits(oldestHours: 72, longestWaitMinutes: 5)
        let saved = try await storage.setOutboxLimits(first, revision: 0, audit: .outbox(.outboxLimitsChanged))
        #expect(saved == StoredOutboxLimits(limits: first, revision: 1))
        #expect(try await storage.outboxLimits() == saved)
        await #expect(throws: StorageError.stale) {
            try await storage.setOutboxLimits(.usual, revision: 0, audit: .outbox(.outboxLimitsChanged))
        }
        #expect(try await storage.outboxLimits() == saved)
        #expect(try await storage.audit(AuditFilter(action: .outboxLimitsChanged), before: nil, limit: 10).count == 1)
    }

    @Test(arguments: StorageKind.all) func withoutItsAuditEntryNothingIsChanged(kind: StorageKind) async throws {
        let opened = try await kind.open()
        try await opened.refuseMarkedEntries()
        let limits = OutboxLimits(oldestHours: 1, longestWaitMinutes: 1)
        var marked = AuditEntry.outbox(.outboxLimitsChanged)
        marked.detail = OpenedStorage.refusedDetail
        let entry = marked
        await #expect(throws: (any Error).self) {
            try await opened.storage.setOutboxLimits(limits, revision: 0, audit: entry)
        }
        #expect(try await opened.storage.outboxLimits().revision == 0)
    }

    @Test(arguments: [
        (1, 1, []), (720, 60, []), (0, 15, ["oldestHours"]), (721, 15, ["oldestHours"]), (48, 0, ["longestWaitMinutes"]),
        (48, 61, ["longestWaitMinutes"]), (-1, -1, ["oldestHours", "longestWaitMinutes"]),
    ])
    func whatIsOutsideOfARangeIsNamed(hours: Int, minutes: Int, fields: [String]) {
        #expect(OutboxLimits(oldestHours: hours, longestWaitMinutes: minutes).problems.map(\.field) == fields)
    }

    @Test func whatNobodyHasSetLeavesThePolicyAsItIs() {
        let policy = OutboxPolicy(oldest: .seconds(7), longestWait: .seconds(3))
        let usual = policy.within(StoredOutboxLimits(limits: .usual, revision: 0))
        #expect(usual.oldest == .seconds(7) && usual.longestWait == .seconds(3))
        let set = policy.within(StoredOutboxLimits(limits: .usual, revision: 1))
        #expect(set.oldest == .seconds(48 * 3_600) && set.longestWait == .seconds(900))
    }

    @Test(arguments: [(1, 2.0, true), (3, 2.0, false), (72, 60.0, false), (48, 60.0, true)])
    func aChangedAgeHoldsForWhatWaitsAlreadyWithoutARestart(hours: Int, age: Double, isHeld: Bool) async throws {
        let bed = try await OutboxBed()
        _ = try await bed.rule()
        let firing = try await bed.firing("1")
        // The same host goes on: nothing is made anew after the change.
        let dispatcher = bed.dispatcher()
        bed.desk.behave { $0.beforeStoring = { _ in throw refused } }
        await dispatcher.work(on: bed.connection.id)
        _ = try await bed.storage.setOutboxLimits(
            OutboxLimits(oldestHours: hours, longestWaitMinutes: 15), revision: 0, audit: .outbox(.outboxLimitsChanged))
        bed.desk.behave { $0.beforeStoring = { _ in } }
        bed.time.advance(by: age * Self.hour)
        await dispatcher.work(on: bed.connection.id)
        #expect(try await bed.now(firing).state.name == (isHeld ? "held" : "created"))
    }

    @Test func aLookThatFailsForLongerThanTheAgeGoesToAPerson() async throws {
        let bed = try await OutboxBed()
        _ = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { _ in throw lost } }
        let firing = try await bed.firing("1")
        await bed.work()
        bed.desk.behave { $0.beforeSearching = { throw refused } }
        _ = try await bed.storage.setOutboxLimits(
            OutboxLimits(oldestHours: 2, longestWaitMinutes: 15), revision: 0, audit: .outbox(.outboxLimitsChanged))
        await bed.work(Self.hour)
        #expect(try await bed.now(firing).state == .unknown)
        await bed.work(2 * Self.hour)
        #expect(try await bed.now(firing).state == .undecided)
    }

    @Test func theLongestWaitIsKept() async throws {
        let bed = try await OutboxBed()
        _ = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { _ in throw refused } }
        let firing = try await bed.firing("1")
        _ = try await bed.storage.setOutboxLimits(
            OutboxLimits(oldestHours: 48, longestWaitMinutes: 1), revision: 0, audit: .outbox(.outboxLimitsChanged))
        try await bed.work(rounds: 20)
        let after = try await bed.now(firing)
        #expect(after.attempts > 5)
        // Three quarters, by a chance of one half.
        #expect(after.dueAt.timeIntervalSince(after.changedAt) == 45)
    }

    @Test func aStorageThatDoesNotTellThemTakesNothing() async throws {
        let bed = try await OutboxBed()
        _ = try await bed.rule()
        let firing = try await bed.firing("1")
        try await bed.storage.queue.write { try $0.execute("ALTER TABLE outbox_limits RENAME TO elsewhere") }
        let working = Task { await bed.work() }
        await bed.time.somebodySleeps()
        #expect(try await bed.now(firing).state == .waiting)
        #expect(try await bed.now(firing).attempts == 0)
        working.cancel()
        await working.value
    }
}
