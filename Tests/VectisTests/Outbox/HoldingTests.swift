import FoundationEssentials
import PSACore
import PSATesting
import SQLite
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Holding jobs", .timeLimit(.minutes(1))) struct HoldingTests {
    @Test func twoHostsOnOneStorageTakeEachFiringOnce() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule(limit: RuleRateLimit(count: 100, minutes: 10))
        for number in 0..<100 { _ = try await bed.job("\(number)") }
        let hosts = [bed.dispatcher(), bed.dispatcher()]
        // A host that meets the other at work comes back until nothing is left.
        await withDiscardingTaskGroup { group in
            for host in hosts {
                group.addTask {
                    while bed.desk.kept.tickets.count < 100 {
                        await host.work(on: bed.connection.id)
                        await Task.yield()
                    }
                }
            }
        }
        #expect(bed.desk.kept.tickets.count == 100)
        #expect(Set(bed.desk.kept.drafts.map(\.externalReference)).count == 100)
        #expect(bed.desk.kept.mostWritesAtOnce == 1)
    }

    @Test func twoHostsOnOneFileTakeEachFiringOnce() async throws {
        let folder = try TemporaryFolder()
        let (first, second) = (
            try await SQLiteStorage.open(folder.file("vectis.db")), try await SQLiteStorage.open(folder.file("vectis.db"))
        )
        let bed = try await OutboxFixture(storage: first)
        _ = try await bed.rule()
        for number in 0..<30 { _ = try await bed.job("\(number)") }
        let taken = Taken()
        try await withThrowingTaskGroup { group in
            for storage in [first, second] {
                group.addTask {
                    let host = ProcessID()
                    while taken.ids.count < 30 {
                        let next = try await storage.engine.leaseNext(
                            for: bed.connection.id, by: host, now: bed.time.now, lease: .seconds(60))
                        guard let next else { continue }
                        taken.add(next.id)
                        _ = try await storage.engine.complete(
                            next.id, by: host, JobOutcome(state: .skipped("x"), attempts: 1, dueAt: bed.time.now), at: bed.time.now)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(taken.ids.count == 30)
        #expect(Set(taken.ids).count == 30)
    }

    @Test func aHostThatMeetsAnotherAtWorkDoesNotAskAgainAtOnce() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        for number in 0..<3 { _ = try await bed.job("\(number)") }
        let start = bed.time.now
        _ = try await bed.storage.engine.leaseNext(for: bed.connection.id, by: ProcessID(), now: start, lease: .seconds(60))
        let (due, next) = try await bed.storage.engine.dueConnections(now: start, lease: .seconds(60))
        #expect(due.isEmpty)
        #expect(next == start + 60)
    }

    @Test func connectionsDoNotWaitForOneAnother() async throws {
        let bed = try await OutboxFixture()
        let other = try await OutboxFixture.connect("other.example.com", bed.storage)
        _ = try await bed.rule()
        _ = try await bed.job("1")
        let hanging = Gate()
        bed.desk.behave { $0.beforeStoring = { number in if number == 1 { await hanging.pass() } } }
        let dispatcher = bed.dispatcher()
        let slow = Task { await dispatcher.work(on: bed.connection.id) }
        await hanging.waitForArrival()
        try await bed.storage.removeRule(try #require(try await bed.storage.rules().first).id, audit: .outbox(.ruleRemoved))
        _ = try await bed.rule(through: other)
        _ = try await bed.job("2")
        await dispatcher.work(on: other.id)
        #expect(bed.desk.kept.tickets.count == 1)
        hanging.open()
        await slow.value
        #expect(bed.desk.kept.tickets.count == 2)
    }

    @Test func whatAHostHeldThatIsGoneIsLookedForBeforeAnythingElse() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let first = try await bed.job("1")
        _ = try await bed.job("2")
        _ = try await bed.storage.engine.leaseNext(for: bed.connection.id, by: ProcessID(), now: bed.time.now, lease: .seconds(60))
        await bed.work(59)
        #expect(bed.desk.kept.writes == 0)
        await bed.work(1)
        #expect(try await bed.now(first).state == .unknown)
        #expect(try await bed.now(first).searchAttempts == 1)
        #expect(bed.desk.kept.drafts.count == 1)
        try await bed.work(rounds: 2)
        #expect(Set(bed.desk.kept.drafts.map(\.externalReference)).count == 2)
        #expect(bed.desk.kept.drafts.count == 2)
    }

    @Test func aHoldIsProlongedWhileTheRequestRuns() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        let hanging = Gate()
        bed.desk.behave { $0.beforeStoring = { _ in await hanging.pass() } }
        let work = Task { await bed.dispatcher().work(on: bed.connection.id) }
        await hanging.waitForArrival()
        for _ in 0..<6 {
            await bed.time.waitForSleeper()
            bed.time.advance(by: 20)
            try await Self.until {
                if case .sending(_, let until) = try await bed.now(job).state { until > bed.time.now + 50 } else { false }
            }
        }
        hanging.open()
        await work.value
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func aRequestIsCancelledOnceItsHoldIsLost() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        let hanging = Gate()
        bed.desk.behave { $0.beforeStoring = { _ in try await hanging.passOrThrow() } }
        let work = Task { await bed.dispatcher().work(on: bed.connection.id) }
        await hanging.waitForArrival()
        // The clock jumps, and another host takes it over.
        bed.time.advance(by: 0)
        let taken = try await bed.storage.engine.leaseNext(
            for: bed.connection.id, by: ProcessID(), now: bed.time.now + 61, lease: bed.policy.lease)
        #expect(taken?.id == job.id && taken?.state == .unknown)
        await bed.time.waitForSleeper()
        bed.time.advance(by: 20)
        await work.value
        #expect(bed.desk.kept.tickets.isEmpty)
    }

    @Test func noRequestIsMadeForWhatIsNotHeldAnyMore() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        let dispatcher = bed.dispatcher { step in
            guard step == .beforeRequest else { return }
            // This host hung for longer than its hold, and another has taken over.
            _ = try? await bed.storage.engine.leaseNext(
                for: bed.connection.id, by: ProcessID(), now: bed.time.now + 61, lease: .seconds(60))
        }
        await dispatcher.work(on: bed.connection.id)
        #expect(bed.desk.kept.writes == 0)
        #expect(try await bed.now(job).state == .unknown)
    }

    @Test func anOutcomeThatCouldNotBeWrittenDownIsFoundLater() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        try await bed.storage.queue.write { database in
            try database.execute(
                """
                CREATE TRIGGER disk_is_full BEFORE UPDATE ON job WHEN NEW.state = 'created' BEGIN SELECT RAISE(ABORT, 'full'); END
                """)
        }
        let done = Gate()
        let work = Task {
            await bed.dispatcher().work(on: bed.connection.id)
            done.open()
        }
        try await Self.until {
            bed.time.advance(by: 0.01)
            return done.isOpen
        }
        await work.value
        // Where the clock outran the work, the hold was lost on the way, and the outcome is unknown by that already.
        let state = try await bed.now(job).state.name
        #expect(state == .sending || state == .unknown)
        try await bed.storage.queue.write { try $0.execute("DROP TRIGGER disk_is_full") }
        await bed.work(60)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func aHostThatStopsWritesDownThatTheOutcomeIsUnknown() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        let hanging = Gate()
        bed.desk.behave { $0.afterStoring = { _ in try await hanging.passOrThrow() } }
        let work = Task { await bed.dispatcher().run() }
        await hanging.waitForArrival()
        work.cancel()
        await work.value
        #expect(try await bed.now(job).state == .unknown)
        bed.desk.behave { $0.afterStoring = { _ in } }
        await bed.work(5)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test(arguments: ["waiting", "sending", "unknown"])
    func aClockThatWasSetBackHoldsUpNothing(state: String) async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        if state == "unknown" { bed.desk.behave { $0.afterStoring = { _ in throw lost } } }
        if state == "sending" {
            _ = try await bed.storage.engine.leaseNext(for: bed.connection.id, by: ProcessID(), now: bed.time.now, lease: .seconds(60))
        } else if state == "unknown" {
            await bed.work()
        }
        #expect(try await bed.now(job).state.name.rawValue == state)
        bed.time.adjustWallClock(by: -30 * 86_400)
        #expect(try await bed.storage.engine.dueConnections(now: bed.time.now, lease: bed.policy.lease).connections == [bed.connection.id])
        try await bed.work(rounds: 4)
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func whatARemovedRuleHadInTheOutboxIsDroppedAndWhatWasSentIsLookedFor() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        bed.desk.behave { $0.afterStoring = { _ in throw lost } }
        let sent = try await bed.job("1")
        await bed.work()
        let waiting = try await bed.job("2")
        try await bed.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        await bed.work(5)
        #expect(try await bed.now(sent).state.name == .created)
        #expect(try await bed.now(waiting).state == .dropped)
    }

    @Test func withoutItsConnectionNothingIsSentAndNothingIsTakenForAbsent() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        bed.desk.behave { $0.afterStoring = { _ in throw lost } }
        let sent = try await bed.job("1")
        await bed.work()
        let waiting = try await bed.job("2")
        try await bed.storage.removeConnection(bed.connection.id, audit: .outbox(.connectionRemoved))
        await bed.work(5)
        #expect(try await bed.now(sent).state == .needsReview(.outcomeUnknown))
        #expect(try await bed.now(waiting).state == .skipped("The connection was removed."))
        #expect(try await bed.storage.issues(of: nil).isEmpty)
    }

    /// Waits, yielding, until something holds that another task brings about.
    static func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { await Task.yield() }
    }
}

/// What several tasks have taken.
private final class Taken: Sendable {
    private let list = Mutex<[TicketJob.ID]>([])

    var ids: [TicketJob.ID] { list.withLock { $0 } }

    func add(_ id: TicketJob.ID) { list.withLock { $0.append(id) } }
}
