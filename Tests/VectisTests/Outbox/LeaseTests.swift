import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Job leases", .timeLimit(.minutes(1))) struct LeaseTests {
    @Test func twoHostsOnOneStorageLeaseEachJobOnce() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule(limit: RuleRateLimit(count: 100, minutes: 10))
        for number in 0..<100 { _ = try await fixture.job("\(number)") }
        let hosts = [fixture.dispatcher(), fixture.dispatcher()]
        // A host that finds a job leased by the other retries until nothing is left.
        await withDiscardingTaskGroup { group in
            for host in hosts {
                group.addTask {
                    while fixture.psa.state.tickets.count < 100 {
                        await host.work(on: fixture.connection.id)
                        await Task.yield()
                    }
                }
            }
        }
        #expect(fixture.psa.state.tickets.count == 100)
        #expect(Set(fixture.psa.state.drafts.map(\.externalReference)).count == 100)
        #expect(fixture.psa.state.mostWritesAtOnce == 1)
    }

    @Test func twoHostsOnOneFileLeaseEachJobOnce() async throws {
        let folder = try TemporaryFolder()
        let (first, second) = (
            try await DatabaseStorage.open(folder.file("vectis.db")), try await DatabaseStorage.open(folder.file("vectis.db"))
        )
        let fixture = try await OutboxFixture(storage: first)
        _ = try await fixture.rule()
        for number in 0..<30 { _ = try await fixture.job("\(number)") }
        let taken = LeaseRecorder()
        try await withThrowingTaskGroup { group in
            for storage in [first, second] {
                group.addTask {
                    let host = ProcessID()
                    while taken.ids.count < 30 {
                        let next = try await storage.engine.leaseNext(
                            for: fixture.connection.id, by: host, now: fixture.time.now, lease: .seconds(60))
                        guard let next else { continue }
                        taken.add(next.id)
                        _ = try await storage.engine.complete(
                            next.id, by: host, JobOutcome(state: .skipped("x"), attempts: 1, dueAt: fixture.time.now), at: fixture.time.now)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(taken.ids.count == 30)
        #expect(Set(taken.ids).count == 30)
    }

    @Test func aHostThatFindsALeasedJobWaitsBeforeItAsksAgain() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        for number in 0..<3 { _ = try await fixture.job("\(number)") }
        let start = fixture.time.now
        _ = try await fixture.storage.engine.leaseNext(for: fixture.connection.id, by: ProcessID(), now: start, lease: .seconds(60))
        let (due, next) = try await fixture.storage.engine.dueConnections(now: start, lease: .seconds(60))
        #expect(due.isEmpty)
        #expect(next == start + 60)
    }

    @Test func connectionsDoNotWaitForOneAnother() async throws {
        let fixture = try await OutboxFixture()
        let other = try await OutboxFixture.connect("other.example.com", fixture.storage)
        _ = try await fixture.rule()
        _ = try await fixture.job("1")
        let hanging = Gate()
        fixture.psa.behave { $0.beforeStoring = { number in if number == 1 { await hanging.pass() } } }
        let dispatcher = fixture.dispatcher()
        let slow = Task { await dispatcher.work(on: fixture.connection.id) }
        await hanging.waitForArrival()
        try await fixture.storage.removeRule(try #require(try await fixture.storage.rules().first).id, audit: .outbox(.ruleRemoved))
        _ = try await fixture.rule(through: other)
        _ = try await fixture.job("2")
        await dispatcher.work(on: other.id)
        #expect(fixture.psa.state.tickets.count == 1)
        hanging.open()
        await slow.value
        #expect(fixture.psa.state.tickets.count == 2)
    }

    @Test func jobsLeasedByADeadHostAreSearchedFirst() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let first = try await fixture.job("1")
        _ = try await fixture.job("2")
        _ = try await fixture.storage.engine.leaseNext(
            for: fixture.connection.id, by: ProcessID(), now: fixture.time.now, lease: .seconds(60))
        await fixture.work(59)
        #expect(fixture.psa.state.writes == 0)
        await fixture.work(1)
        #expect(try await fixture.now(first).state == .unknown)
        #expect(try await fixture.now(first).searchAttempts == 1)
        #expect(fixture.psa.state.drafts.count == 1)
        try await fixture.work(rounds: 2)
        #expect(Set(fixture.psa.state.drafts.map(\.externalReference)).count == 2)
        #expect(fixture.psa.state.drafts.count == 2)
    }

    @Test func theLeaseIsRenewedWhileTheRequestRuns() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        let hanging = Gate()
        fixture.psa.behave { $0.beforeStoring = { _ in await hanging.pass() } }
        let work = Task { await fixture.dispatcher().work(on: fixture.connection.id) }
        await hanging.waitForArrival()
        for _ in 0..<6 {
            await fixture.time.waitForSleeper()
            fixture.time.advance(by: 20)
            try await Self.until {
                if case .sending(_, let until) = try await fixture.now(job).state { until > fixture.time.now + 50 } else { false }
            }
        }
        hanging.open()
        await work.value
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func aRequestIsCancelledWhenItsLeaseIsLost() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        let hanging = Gate()
        fixture.psa.behave { $0.beforeStoring = { _ in try await hanging.passOrThrow() } }
        let work = Task { await fixture.dispatcher().work(on: fixture.connection.id) }
        await hanging.waitForArrival()
        // The clock jumps, and another host leases it.
        fixture.time.advance(by: 0)
        let taken = try await fixture.storage.engine.leaseNext(
            for: fixture.connection.id, by: ProcessID(), now: fixture.time.now + 61, lease: fixture.policy.lease)
        #expect(taken?.id == job.id && taken?.state == .unknown)
        await fixture.time.waitForSleeper()
        fixture.time.advance(by: 20)
        await work.value
        #expect(fixture.psa.state.tickets.isEmpty)
    }

    @Test func noRequestIsSentAfterTheLeaseIsLost() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        let dispatcher = fixture.dispatcher { step in
            guard step == .beforeRequest else { return }
            // This host hung for longer than its lease, and another has taken over.
            _ = try? await fixture.storage.engine.leaseNext(
                for: fixture.connection.id, by: ProcessID(), now: fixture.time.now + 61, lease: .seconds(60))
        }
        await dispatcher.work(on: fixture.connection.id)
        #expect(fixture.psa.state.writes == 0)
        #expect(try await fixture.now(job).state == .unknown)
    }

    @Test(.ofSQLite) func anOutcomeThatCouldNotBeStoredIsFoundLater() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        try await fixture.storage.queue.write { database in
            try database.execute(
                """
                CREATE TRIGGER disk_is_full BEFORE UPDATE ON job WHEN NEW.state = 'created' BEGIN SELECT RAISE(ABORT, 'full'); END
                """)
        }
        let done = Gate()
        let work = Task {
            await fixture.dispatcher().work(on: fixture.connection.id)
            done.open()
        }
        try await Self.until {
            fixture.time.advance(by: 0.01)
            return done.isOpen
        }
        await work.value
        // If the clock outran the work, the lease was lost, and the outcome is already unknown.
        let state = try await fixture.now(job).state.name
        #expect(state == .sending || state == .unknown)
        try await fixture.storage.queue.write { try $0.execute("DROP TRIGGER disk_is_full") }
        await fixture.work(60)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test func aStoppedHostStoresTheOutcomeAsUnknown() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        let hanging = Gate()
        fixture.psa.behave { $0.afterStoring = { _ in try await hanging.passOrThrow() } }
        let work = Task { await fixture.dispatcher().run() }
        await hanging.waitForArrival()
        work.cancel()
        await work.value
        #expect(try await fixture.now(job).state == .unknown)
        fixture.psa.behave { $0.afterStoring = { _ in } }
        await fixture.work(5)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test(arguments: ["waiting", "sending", "unknown"])
    func aClockSetBackDelaysNoSignIn(state: String) async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        if state == "unknown" { fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } } }
        if state == "sending" {
            _ = try await fixture.storage.engine.leaseNext(
                for: fixture.connection.id, by: ProcessID(), now: fixture.time.now, lease: .seconds(60))
        } else if state == "unknown" {
            await fixture.work()
        }
        #expect(try await fixture.now(job).state.name.rawValue == state)
        fixture.time.adjustWallClock(by: -30 * 86_400)
        #expect(
            try await fixture.storage.engine.dueConnections(now: fixture.time.now, lease: fixture.policy.lease).connections == [
                fixture.connection.id
            ])
        try await fixture.work(rounds: 4)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test func aRemovedRuleDropsItsJobsAndSentOnesAreSearched() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } }
        let sent = try await fixture.job("1")
        await fixture.work()
        let waiting = try await fixture.job("2")
        try await fixture.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        await fixture.work(5)
        #expect(try await fixture.now(sent).state.name == .created)
        #expect(try await fixture.now(waiting).state == .dropped)
    }

    @Test func withoutItsConnectionNothingIsSentOrPresumedAbsent() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } }
        let sent = try await fixture.job("1")
        await fixture.work()
        let waiting = try await fixture.job("2")
        try await fixture.storage.removeConnection(fixture.connection.id, audit: .outbox(.connectionRemoved))
        await fixture.work(5)
        #expect(try await fixture.now(sent).state == .needsReview(.outcomeUnknown))
        #expect(try await fixture.now(waiting).state == .skipped("The connection was removed."))
        #expect(try await fixture.storage.issues(of: nil).isEmpty)
    }

    /// Waits, yielding, until a condition set by another task holds.
    static func until(_ condition: () async throws -> Bool) async throws {
        while try await !condition() { await Task.yield() }
    }
}

/// Records the jobs that several tasks have leased.
private final class LeaseRecorder: Sendable {
    private let list = Mutex<[TicketJob.ID]>([])

    var ids: [TicketJob.ID] { list.withLock { $0 } }

    func add(_ id: TicketJob.ID) { list.withLock { $0.append(id) } }
}

@Suite("Wakeup signal", .timeLimit(.minutes(1))) struct WakeupSignalTests {
    private let wakeup = WakeupSignal()
    private let time = ManualClock(movesBySleeping: false, random: 0.5)

    @Test func aNotificationWithoutAWaiterEndsTheNextWait() async {
        wakeup.notify()
        wakeup.notify()
        await wakeup.wait(atMost: .seconds(60), time.source)
    }

    @Test func aNotificationWakesTheWaiter() async {
        let waiter = Task { await wakeup.wait(atMost: .seconds(60), time.source) }
        await time.waitForSleeper()
        wakeup.notify()
        await waiter.value
    }

    @Test func theWaitEndsAtTheTimeout() async {
        let waiter = Task { await wakeup.wait(atMost: .seconds(60), time.source) }
        await time.waitForSleeper()
        time.advance(by: 60)
        await waiter.value
    }

    @Test func theWaitEndsWhenTheTaskIsCancelled() async {
        let waiter = Task { await wakeup.wait(atMost: .seconds(60), time.source) }
        await time.waitForSleeper()
        waiter.cancel()
        await waiter.value
    }

    @Test func oneNotificationEndsOneWait() async {
        let waits = Mutex(0)
        let loop = Task {
            while !Task.isCancelled {
                await wakeup.wait(atMost: .seconds(3_600), time.source)
                waits.withLock { $0 += 1 }
            }
        }
        await time.waitForSleeper()
        wakeup.notify()
        // Thousands of yields for a waiter that loops.
        for _ in 0..<5_000 { await Task.yield() }
        #expect(waits.withLock { $0 } == 1)
        loop.cancel()
        await loop.value
    }
}
