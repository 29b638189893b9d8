import FoundationEssentials
import PSACore
import PSATesting
import Synchronization
import Testing

@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// Detectors over a copy that a test fills, with events, rules and outbox around a ``FakePSA``.
private struct Fixture {
    let outbox: OutboxFixture
    let copies = FailingSyncStore()
    let log = RecordingSink()
    private let holder = ProcessID()

    var connection: StoredConnection { outbox.connection }
    var storage: DatabaseStorage { outbox.storage }
    var now: Date { outbox.time.now }

    init(storage: DatabaseStorage? = nil) async throws {
        outbox = try await OutboxFixture(storage: storage)
        try await prepare(connection)
    }

    /// A service as a process has it.
    func service(reached: @escaping @Sendable (WriteStep) async -> Void = { _ in }) -> DetectorService {
        DetectorService(
            storage: storage, copies: copies, policy: SyncPolicy(),
            events: EventService(
                storage: storage, time: outbox.time.source, wake: {}, reached: reached), time: outbox.time.source,
            log: HostLog(sink: log, time: outbox.time.source))
    }

    static func on(_ kinds: DetectorKind...) -> DetectorSettings {
        var settings = DetectorSettings()
        for kind in kinds { settings[kind].isOn = true }
        return settings
    }

    func prepare(_ connection: StoredConnection) async throws {
        try await copies.register(connection.id, connector: connection.connector, tenant: connection.tenant)
        let resources: [SyncResource] = [.companies, .agreements, .tickets]
        try await copies.prepare(resources, of: connection.id, dueAt: now)
        _ = try await copies.lease(connection.id, by: holder, now: now, until: .distantFuture)
        for resource in resources { try await read(resource, [], of: connection) }
    }

    /// Stores records as a full run that has just ended does.
    func read(
        _ resource: SyncResource, _ records: [SyncRecord], of connection: StoredConnection? = nil, at time: Date? = nil,
        changing change: (inout SyncProgress) -> Void = { _ in }
    ) async throws {
        let id = (connection ?? self.connection).id
        var progress = SyncStatus.fresh(resource, at: time ?? now).progress
        change(&progress)
        let rows = records.compactMap {
            SyncRow(id: $0.id, state: $0.state, facts: $0.facts, content: $0.content, native: NativeRecord(bytes: [], fetchedAt: now))
        }
        #expect(try await copies.apply(SyncPage(resource, rows: rows, progress: progress), of: id, by: holder, at: now) != nil)
    }

    /// Waiting tickets of company 12.
    func tickets(_ count: Int, quietFor days: Double = 8) -> [SyncRecord] {
        (1...count).map { .ticket(String($0), quietSince: now - days * 86_400) }
    }

    /// All events, the latest first.
    func events() async throws -> [HostEvent] {
        try await storage.events(before: nil, limit: 100_000).map(\.event)
    }

    func jobs() async throws -> [TicketJob] { try await storage.jobs(TicketJob.Filter(), before: nil, limit: 100_000) }

    @discardableResult func run(_ kinds: DetectorKind..., on service: DetectorService? = nil) async throws -> [DetectorKind: DetectorService
        .Run]
    {
        var settings = DetectorSettings()
        for kind in kinds { settings[kind].isOn = true }
        return try await (service ?? self.service()).run(settings, of: connection)
    }
}

/// A store in memory that fails on demand.
private final class FailingSyncStore: SyncStore {
    struct Failure: Error {}
    private let store = InMemorySyncStore()
    private let fails = Mutex(false)
    private let onRead = Mutex<(@Sendable () async throws -> Void)?>(nil)

    func fail(_ isFailing: Bool) { fails.withLock { $0 = isFailing } }
    /// Called at each reading of records.
    func whenRead(_ body: (@Sendable () async throws -> Void)?) { onRead.withLock { $0 = body } }
    private func check() throws { if fails.withLock({ $0 }) { throw Failure() } }

    func register(_ connection: ConnectionID, connector: ConnectorID, tenant: TenantIdentity) async throws {
        await store.register(connection, connector: connector, tenant: tenant)
    }
    func copies() async throws -> [LocalCopy] {
        try check()
        return await store.copies()
    }
    func removeCopy(of connection: ConnectionID) async throws { await store.removeCopy(of: connection) }
    func removeDeleted(before time: Date, limit: Int) async throws -> Int { await store.removeDeleted(before: time, limit: limit) }
    func lease(_ connection: ConnectionID, by holder: ProcessID, now: Date, until: Date) async throws -> Bool {
        await store.lease(connection, by: holder, now: now, until: until)
    }
    func renew(_ connection: ConnectionID, by holder: ProcessID, until: Date) async throws -> Bool {
        await store.renew(connection, by: holder, until: until)
    }
    func release(_ connection: ConnectionID, by holder: ProcessID) async throws { await store.release(connection, by: holder) }
    func statuses(of connection: ConnectionID, countingRecords: Bool) async throws -> [SyncStatus] {
        try check()
        return await store.statuses(of: connection, countingRecords: countingRecords)
    }
    func prepare(_ resources: [SyncResource], of connection: ConnectionID, dueAt time: Date) async throws {
        await store.prepare(resources, of: connection, dueAt: time)
    }
    func schedule() async throws -> [ConnectionID: Date] { await store.schedule() }
    func setPaused(_ isPaused: Bool, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        await store.setPaused(isPaused, resources, of: connection)
    }
    func request(_ request: SyncRequest, _ resources: Set<SyncResource>, of connection: ConnectionID) async throws {
        await store.request(request, resources, of: connection)
    }
    func save(
        _ progress: SyncProgress, of resource: SyncResource, of connection: ConnectionID, nextRunAt: Date?, begins: Bool,
        by holder: ProcessID
    ) async throws -> Bool {
        await store.save(progress, of: resource, of: connection, nextRunAt: nextRunAt, begins: begins, by: holder)
    }
    func apply(_ page: SyncPage, of connection: ConnectionID, by holder: ProcessID, at time: Date) async throws -> SyncChanges? {
        await store.apply(page, of: connection, by: holder, at: time)
    }
    func missing(_ resource: SyncResource, of connection: ConnectionID, generation: Int64) async throws -> Int {
        await store.missing(resource, of: connection, generation: generation)
    }
    func resolveMissing(
        _ resource: SyncResource, of connection: ConnectionID, generation: Int64, by holder: ProcessID, at time: Date
    ) async throws -> Bool {
        await store.resolveMissing(resource, of: connection, generation: generation, by: holder, at: time)
    }
    func enqueue(_ rereads: [Reread], of connection: ConnectionID, at time: Date) async throws {
        await store.enqueue(rereads, of: connection, at: time)
    }
    func rereads(of connection: ConnectionID, now: Date, limit: Int) async throws -> [Reread] {
        await store.rereads(of: connection, now: now, limit: limit)
    }
    func postpone(_ reread: Reread, of connection: ConnectionID, until time: Date) async throws {
        await store.postpone(reread, of: connection, until: time)
    }
    func postponeRereads(of connection: ConnectionID, until time: Date) async throws {
        await store.postponeRereads(of: connection, until: time)
    }
    func finish(_ reread: Reread, of connection: ConnectionID, as state: SyncRecord.State?, by holder: ProcessID, at time: Date)
        async throws
    {
        await store.finish(reread, of: connection, as: state, by: holder, at: time)
    }
    func changes(of resource: SyncResource, in connection: ConnectionID, after place: ChangeSequence, limit: Int) async throws
        -> [SyncRecord]
    {
        await store.changes(of: resource, in: connection, after: place, limit: limit)
    }
    func record(_ id: SyncRecord.ID, of resource: SyncResource, in connection: ConnectionID) async throws -> SyncRecord? {
        await store.record(id, of: resource, in: connection)
    }
    func records(_ query: SyncQuery, in connection: ConnectionID) async throws -> SyncRecordPage {
        try check()
        try await onRead.withLock { $0 }?()
        return await store.records(query, in: connection)
    }
    func latestUpdate(of resource: SyncResource, in connection: ConnectionID, before time: Date) async throws -> Date? {
        await store.latestUpdate(of: resource, in: connection, before: time)
    }
    func latestSequence(of resource: SyncResource, in connection: ConnectionID) async throws -> ChangeSequence {
        await store.latestSequence(of: resource, in: connection)
    }
    func close() async {}
}

@Suite("Detectors over a local copy") struct DetectorServiceTests {
    // MARK: Once

    @Test func aFindingRaisesOneEventHoweverOftenItIsFound() async throws {
        let fixture = try await Fixture()
        try await fixture.read(.companies, [.company()])
        try await fixture.read(.agreements, [.agreement(endsAt: fixture.now + 10 * 86_400)])
        try await fixture.read(.tickets, fixture.tickets(1))
        let first = try await fixture.run(.agreementEnding, .ticketWaiting)
        #expect(first.values.map(\.raised) == [1, 1])
        // The next days have other words for it.
        for _ in 0..<3 {
            fixture.outbox.time.advance(by: 86_400)
            for resource in [SyncResource.companies, .agreements, .tickets] { try await fixture.read(resource, []) }
            let again = try await fixture.run(.agreementEnding, .ticketWaiting, on: fixture.service())
            #expect(again.values.map(\.raised) == [0, 0] && again.values.map(\.found) == [1, 1])
        }
        #expect(try await fixture.events().count == 2)
        // Once something happens on the ticket and it is quiet again, that is another occurrence.
        try await fixture.read(.tickets, [.ticket("1", quietSince: fixture.now)])
        #expect(try await fixture.run(.ticketWaiting)[.ticketWaiting]?.found == 0)
        fixture.outbox.time.advance(by: 8 * 86_400)
        try await fixture.read(.tickets, [])
        #expect(try await fixture.run(.ticketWaiting)[.ticketWaiting]?.raised == 1)
    }

    @Test func twoProcessesAtOnceRaiseEachEventOnce() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        let fixture = try await Fixture(storage: DatabaseStorage.open(path))
        _ = try await fixture.outbox.rule(limit: RuleRateLimit(count: 1_000, minutes: 10))
        try await fixture.read(.tickets, fixture.tickets(60))
        let raised = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<3 {
                group.addTask { try await fixture.run(.ticketWaiting, on: fixture.service())[.ticketWaiting]?.raised ?? 0 }
            }
            return try await group.reduce(0, +)
        }
        #expect(raised == 60)
        #expect(Set(try await fixture.events().map(\.senderID)).count == 60)
        #expect(try await fixture.jobs().count == 60)
        await fixture.storage.close()
    }

    @Test(arguments: [WriteStep.beforeDecision, .afterDecision]) func aRunThatIsKilledIsContinuedByTheNext(step: WriteStep) async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        var fixture = try await Fixture(storage: DatabaseStorage.open(path))
        _ = try await fixture.outbox.rule(limit: RuleRateLimit(count: 1_000, minutes: 10))
        try await fixture.read(.tickets, fixture.tickets(10))
        // The task ends in the middle of the fifth event, as a process would.
        let steps = Mutex(0)
        let killed = Task { [fixture] in
            let service = fixture.service { reached in
                guard reached == step,
                    steps.withLock({ steps in
                        steps += 1
                        return steps
                    }) == 5
                else { return }
                withUnsafeCurrentTask { $0?.cancel() }
            }
            return try await fixture.run(.ticketWaiting, on: service)
        }
        await #expect(throws: CancellationError.self) { try await killed.value }
        let before = try await fixture.events().count
        #expect((4...5).contains(before))
        let connection = fixture.connection
        await fixture.storage.close()
        let reopened = try await DatabaseStorage.open(path)
        fixture = try await Fixture(storage: nil)
        // The same copy and connection, and the storage of before.
        try await fixture.prepare(connection)
        try await fixture.read(.tickets, fixture.tickets(10), of: connection)
        let service = DetectorService(
            storage: reopened, copies: fixture.copies, policy: SyncPolicy(),
            events: EventService(storage: reopened, time: fixture.outbox.time.source, wake: {}) { _ in }, time: fixture.outbox.time.source,
            log: HostLog(sink: NoLog(), time: fixture.outbox.time.source))
        let run = try await service.run(Fixture.on(.ticketWaiting), of: connection)[.ticketWaiting]
        #expect(run?.raised == 10 - before && run?.found == 10)
        #expect(try await reopened.events(before: nil, limit: 100).count == 10)
        #expect(try await reopened.jobs(TicketJob.Filter(), before: nil, limit: 100).count == 10)
        await reopened.close()
    }

    @Test func noTokenCanTakeTheIDOfAFinding() async throws {
        let fixture = try await Fixture()
        try await fixture.read(.tickets, fixture.tickets(1))
        let id = "ticket/1/quiet-since/\((fixture.now - 8 * 86_400).formatted(.iso8601))/for/7"
        let (_, token) = try APIToken.make(name: "x", at: fixture.now)
        try await fixture.storage.add(token, audit: .outbox(.tokenCreated))
        var event = HostEvent.sample(senderID: id)
        event.source = "vectis"
        for sender in [token, nil] { #expect(try await fixture.outbox.events.accept(event, from: sender).isRepeat == false) }
        #expect(try await fixture.run(.ticketWaiting)[.ticketWaiting]?.raised == 1)
        let event2 = try #require(try await fixture.events().first)
        #expect(event2.senderID == id && event2.connection == fixture.connection.id)
        // And no finding makes a program's event a repeat.
        event.senderID = "another"
        #expect(try await fixture.outbox.events.accept(event, from: token).isRepeat == false)
    }

    @Test func aConnectionThatLeadsToAnotherTenantStartsAfresh() async throws {
        let fixture = try await Fixture()
        let own = EventNamespace.detectors(of: fixture.connection.id, tenant: fixture.connection.tenant)
        let other = EventNamespace.detectors(of: fixture.connection.id, tenant: TenantIdentity(rawValue: "other.example.com token/x"))
        #expect(own != other && own.detectedConnection == fixture.connection.id && other.detectedConnection == fixture.connection.id)
        #expect(EventNamespace.own("detector").detectedConnection == nil && EventNamespace.none.detectedConnection == nil)
        // The copy still holds the tenant of before.
        var moved = fixture.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        try await fixture.read(.tickets, fixture.tickets(1))
        let run = try await fixture.service().run(Fixture.on(.ticketWaiting), of: moved)[.ticketWaiting]
        #expect(run?.obstacle == .noCopy && run?.raised == 0)
    }

    // MARK: Never another customer's

    @Test func onlyRulesOfTheConnectionFire() async throws {
        let fixture = try await Fixture()
        let second = try await OutboxFixture.connect("second.example.com", fixture.storage)
        let own = try await fixture.outbox.rule()
        let other = try await fixture.outbox.rule(through: second)
        try await fixture.read(.tickets, fixture.tickets(2))
        try await fixture.run(.ticketWaiting)
        let jobs = try await fixture.jobs()
        #expect(jobs.count == 2 && jobs.allSatisfy { $0.rule == own.id && $0.connection == fixture.connection.id })
        #expect(jobs.allSatisfy { $0.payload.companyID == "12" && $0.payload.company == "Acme Ltd" })
        let replay = try await fixture.outbox.rules.replay(other, latest: 100, audit: .outbox(.ruleReplayed))
        #expect(replay.events == 2 && replay.jobs == 0)
        #expect(try await fixture.outbox.rules.replay(own, latest: 100, audit: .outbox(.ruleReplayed)).jobs == 2)
    }

    @Test func aTicketForAFindingIsNoFindingAgain() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.outbox.rule()
        try await fixture.read(.companies, [.company()])
        try await fixture.read(.tickets, fixture.tickets(1))
        try await fixture.run(.ticketWaiting)
        await fixture.outbox.work()
        let job = try #require(try await fixture.jobs().first)
        let posted = try #require(job.state.ticket)
        // The PSA lists the ticket with its reference, with the reference in its text, or without both.
        let known = SyncRecord.ticket(posted.id, quietSince: fixture.now)
        var reference = SyncRecord.ticket("901", quietSince: fixture.now)
        reference.content = ["phase": "open", "externalReference": .string(job.reference.rawValue.uppercased())]
        var text = SyncRecord.ticket("902", quietSince: fixture.now)
        text.content = ["phase": "open", "details": .string("Details\n\n\(job.reference)")]
        // A ticket of its own that only quotes it is one like any other.
        var quoting = SyncRecord.ticket("903", quietSince: fixture.now)
        quoting.content = ["phase": "open", "externalReference": "mine", "details": .string("Re: \(job.reference)")]
        try await fixture.read(.tickets, [known, reference, text, quoting])
        fixture.outbox.time.advance(by: 8 * 86_400)
        for resource in [SyncResource.companies, .agreements, .tickets] { try await fixture.read(resource, []) }
        let runs = try await fixture.run(.ticketWaiting, .companyWithoutAgreement)
        #expect(runs[.ticketWaiting]?.found == 2 && runs[.ticketWaiting]?.raised == 1)
        let found = try await fixture.service().findings(.companyWithoutAgreement, days: nil, lookback: 0, of: fixture.connection)
        #expect(found.findings.first?.text.hasPrefix("Acme Ltd has 2 open tickets") == true)
    }

    @Test func aTicketForAnEventOfAProgramCanWait() async throws {
        let fixture = try await Fixture()
        _ = try await fixture.outbox.rule()
        _ = try await fixture.outbox.job("1")
        await fixture.outbox.work()
        let posted = try #require(try await fixture.jobs().first?.state.ticket)
        try await fixture.read(.tickets, [.ticket(posted.id, quietSince: fixture.now - 8 * 86_400)])
        #expect(try await fixture.run(.ticketWaiting)[.ticketWaiting]?.raised == 1)
    }

    // MARK: Bounds

    @Test(.ofSQLite, .timeLimit(.minutes(5))) func aFloodIsWorkedOffInBoundedRunsAndStopsAtTheLimitOfTheRule() async throws {
        let fixture = try await Fixture()
        let rule = try await fixture.outbox.rule()
        try await fixture.read(.tickets, fixture.tickets(2_500))
        let service = fixture.service()
        for (raised, left) in [(1_000, 1_500), (1_000, 500), (500, 0)] {
            let run = try await fixture.run(.ticketWaiting, on: service)[.ticketWaiting]
            #expect(run?.found == 2_500 && run?.raised == raised && run?.left == left)
        }
        #expect(try await fixture.run(.ticketWaiting, on: service)[.ticketWaiting]?.raised == 0)
        #expect(fixture.log.text.contains("\"left\":1500"))
        let counts = try await fixture.storage.jobCounts(TicketJob.Filter())
        #expect(counts[.waiting] == 30 && counts[.needsReview] == 2_470)
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.rateLimited])
        let listed = try await service.findings(.ticketWaiting, days: 7, lookback: 30, of: fixture.connection)
        #expect(listed.count == 2_500 && listed.findings.count == 1_000)
    }

    // MARK: What the copy can't say

    @Test func whatAStaleOrIncompleteCopyMissesIsNotFound() async throws {
        let fixture = try await Fixture()
        try await fixture.read(.companies, [.company()])
        try await fixture.read(.tickets, fixture.tickets(1))
        func run() async throws -> DetectorService.Run? {
            try await fixture.run(.companyWithoutAgreement)[.companyWithoutAgreement]
        }
        try await fixture.read(.agreements, []) { $0.lastRun?.hasGap = true }
        #expect(try await run()?.obstacle == .incomplete(.agreements))
        try await fixture.read(.agreements, [], at: fixture.now - 19 * 3_600)
        #expect(try await run()?.obstacle == .stale(.agreements))
        try await fixture.read(.agreements, []) { $0.lastFullAt = nil }
        #expect(try await run()?.obstacle == .notRead(.agreements))
        #expect(try await fixture.events().isEmpty)
        try await fixture.read(.agreements, [])
        #expect(try await run()?.raised == 1)
        try await fixture.read(.agreements, [.agreement(endsAt: nil)])
        #expect(try await run()?.found == 0)
    }

    @Test func anAgreementThatMovesWhileItIsReadIsNotTakenForMissing() async throws {
        let fixture = try await Fixture()
        try await fixture.read(.companies, [.company()])
        try await fixture.read(.tickets, fixture.tickets(1))
        let changes = Mutex(0)
        fixture.copies.whenRead {
            let number = changes.withLock { number in
                number += 1
                return number
            }
            guard number == 1 else { return }
            var renamed = SyncRecord.agreement(endsAt: nil, isActive: false)
            renamed.facts.name = "Renamed"
            try await fixture.read(.agreements, [renamed])
        }
        #expect(try await fixture.run(.companyWithoutAgreement)[.companyWithoutAgreement]?.obstacle == .changing(.agreements))
        #expect(try await fixture.run(.companyWithoutAgreement)[.companyWithoutAgreement]?.raised == 1)
    }

    @Test func silenceIsMeasuredUpToTheReadingOfTheCopy() async throws {
        let fixture = try await Fixture()
        // Seven days and an hour ago, but read two hours ago.
        let ticket = SyncRecord.ticket(quietSince: fixture.now - 7 * 86_400 - 3_600)
        try await fixture.read(.tickets, [ticket], at: fixture.now - 7_200)
        #expect(try await fixture.run(.ticketWaiting)[.ticketWaiting]?.found == 0)
        try await fixture.read(.tickets, [ticket])
        #expect(try await fixture.run(.ticketWaiting)[.ticketWaiting]?.found == 1)
    }

    @Test func aStaleListRaisesOneEventEachTime() async throws {
        let fixture = try await Fixture()
        #expect(try await fixture.run(.syncStale)[.syncStale]?.found == 0)
        fixture.outbox.time.advance(by: 20 * 86_400)
        #expect(try await fixture.run(.syncStale)[.syncStale]?.raised == 3)
        fixture.outbox.time.advance(by: 86_400)
        #expect(try await fixture.run(.syncStale)[.syncStale]?.raised == 0)
        for resource in [SyncResource.companies, .agreements, .tickets] { try await fixture.read(resource, []) }
        #expect(try await fixture.run(.syncStale)[.syncStale]?.found == 0)
        fixture.outbox.time.advance(by: 20 * 86_400)
        #expect(try await fixture.run(.syncStale)[.syncStale]?.raised == 3)
    }

    // MARK: The loop

    @Test func detectorsRunAfterASyncRunAndAtLeastOnceAnHour() async throws {
        let fixture = try await Fixture()
        let service = fixture.service()
        func save(_ settings: DetectorSettings) async throws {
            let revision = try await fixture.storage.detectorSettings(of: fixture.connection.id).revision
            _ = try await fixture.storage.setDetectorSettings(
                settings, of: fixture.connection.id, revision: revision, audit: .outbox(.detectorsChanged))
        }
        await service.runThoseDue()
        #expect(try await service.latestRuns(of: fixture.connection.id).isEmpty)
        try await save(Fixture.on(.ticketWaiting))
        await service.runThoseDue()
        let first = try #require(try await service.latestRuns(of: fixture.connection.id)[.ticketWaiting])
        #expect(first.at == fixture.now && first.raised == 0)
        fixture.outbox.time.advance(by: 60)
        await service.runThoseDue()
        #expect(try await service.latestRuns(of: fixture.connection.id)[.ticketWaiting]?.at == first.at)
        try await fixture.read(.tickets, fixture.tickets(1))
        await service.runThoseDue()
        #expect(try await service.latestRuns(of: fixture.connection.id)[.ticketWaiting]?.raised == 1)
        fixture.outbox.time.advance(by: 3_600)
        await service.runThoseDue()
        #expect(try await service.latestRuns(of: fixture.connection.id)[.ticketWaiting]?.at == fixture.now)
        try await save(DetectorSettings())
        fixture.outbox.time.advance(by: 3_600)
        await service.runThoseDue()
        #expect(try await service.latestRuns(of: fixture.connection.id)[.ticketWaiting]?.at != fixture.now)
    }

    @Test func aStoreThatFailsIsLoggedAndReadAgain() async throws {
        let fixture = try await Fixture()
        let service = fixture.service()
        _ = try await fixture.storage.setDetectorSettings(
            Fixture.on(.ticketWaiting), of: fixture.connection.id, revision: 0, audit: .outbox(.detectorsChanged))
        try await fixture.read(.tickets, fixture.tickets(1))
        fixture.copies.fail(true)
        await service.runThoseDue()
        #expect(fixture.log.text.contains("detectors_failed") && fixture.log.text.contains("Failure"))
        #expect(try await fixture.events().isEmpty)
        fixture.copies.fail(false)
        await service.runThoseDue()
        #expect(try await fixture.events().count == 1)
    }

    @Test func theLoopEndsWithItsTask() async throws {
        let fixture = try await Fixture()
        let service = fixture.service()
        let loop = Task { await service.run() }
        service.wake()
        loop.cancel()
        await loop.value
    }

    // MARK: Settings

    @Test(arguments: StorageKind.all) func settingsAreKeptWithTheirAuditEntry(kind: StorageKind) async throws {
        let opened = try await kind.open()
        let storage = opened.storage
        let connection = StoredConnection.sample()
        try await storage.add(connection, audit: .sample())
        #expect(try await storage.detectorSettings(of: connection.id) == StoredDetectorSettings())
        #expect(try await storage.detectorSettings().isEmpty)
        let settings = Fixture.on(.agreementEnding)
        let saved = try await storage.setDetectorSettings(settings, of: connection.id, revision: 0, audit: .sample(.detectorsChanged))
        #expect(saved == StoredDetectorSettings(settings: settings, revision: 1))
        #expect(try await storage.detectorSettings() == [connection.id: settings])
        await #expect(throws: StoreError.stale) {
            try await storage.setDetectorSettings(DetectorSettings(), of: connection.id, revision: 0, audit: .sample(.detectorsChanged))
        }
        await #expect(throws: StoreError.notFound) {
            try await storage.setDetectorSettings(settings, of: ConnectionID(), revision: 0, audit: .sample(.detectorsChanged))
        }
        try await opened.refuseMarkedEntries()
        await #expect(throws: (any Error).self) {
            try await storage.setDetectorSettings(DetectorSettings(), of: connection.id, revision: 1, audit: .refused)
        }
        #expect(try await storage.detectorSettings(of: connection.id) == saved)
        #expect(try await storage.audit(AuditFilter(action: .detectorsChanged), before: nil, limit: 10).count == 1)
        // They go with the connection.
        try await storage.removeConnection(connection.id, audit: .sample(.connectionRemoved))
        #expect(try await storage.detectorSettings().isEmpty)
        await storage.close()
    }
}
