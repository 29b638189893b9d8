import Foundation
import PSACore
@testable import PSAEngine
import PSAEngineSQLite
import PSATesting
import Synchronization
import Testing

/// How a local copy is read and kept in sync.
@Suite struct SyncEngineTests {
    // MARK: Runs

    @Test func theFirstRunReadsWholeListsAndLaterOnesReadChanges() async throws {
        let fixture = try await SyncFixture(tickets: 95, companies: 25, agreements: 5)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.status(.tickets).rows == 95)
        #expect(try await fixture.status(.companies).rows == 25)
        // The list of 95 tickets has ten pages; the filter is tried once.
        #expect(fixture.psa.requests("tickets") == 11)
        fixture.clock.advance(by: 600)
        fixture.psa.change { $0.change(40, fixture.clock.now) { $0.summary = "Changed" } }
        try await fixture.sync.sync(fixture.connection, resources: [.tickets])
        let status = try await fixture.status(.tickets)
        #expect(status.progress.lastRun?.kind == .changes && status.progress.lastRun?.changed == 1)
        #expect(try await fixture.record(40)?.facts.name == "Changed")
        #expect(fixture.psa.requests("tickets") <= 13)
    }

    @Test func aRunThatWasPlannedByAClockAheadIsDue() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.clock.adjustWallClock(by: 400 * 86_400)
        try await fixture.sync.sync(fixture.connection, full: true)
        fixture.clock.adjustWallClock(by: -400 * 86_400)
        let status = try await fixture.status(.tickets)
        #expect(status.nextRunAt > fixture.clock.now.addingTimeInterval(399 * 86_400) && status.isDue(at: fixture.clock.now))
        let before = fixture.psa.requests("tickets")
        let running = Task { await fixture.sync.run() }
        try await fixture.wait { try await fixture.status(.tickets).nextRunAt < fixture.clock.now.addingTimeInterval(2 * 86_400) }
        running.cancel()
        await running.value
        #expect(fixture.psa.requests("tickets") > before)
    }

    @Test func readingTheSameRowsAgainCreatesNoChange() async throws {
        let fixture = try await SyncFixture(tickets: 30, companies: 10, agreements: 5)
        try await fixture.sync.sync(fixture.connection)
        let before = try await fixture.records(.tickets)
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, full: true)
        #expect(try await fixture.records(.tickets) == before)
    }

    @Test func anHourWithoutChangesCostsAtMostThreeRequestsPerResource() async throws {
        let fixture = try await SyncFixture(tickets: 300, companies: 40, agreements: 12)
        let running = Task { await fixture.sync.run() }
        try await fixture.wait { try await fixture.isDone() }
        let before = fixture.psa.current.requests
        for _ in 0..<1_800 {
            fixture.clock.advance(by: 2)
            for _ in 0..<40 { await Task.yield() }
        }
        try await fixture.wait {
            fixture.clock.advance(by: 0.01)
            return try await fixture.isDone()
        }
        for (list, requests) in fixture.psa.current.requests {
            #expect(requests - (before[list] ?? 0) <= 3, "\(list): \(requests - (before[list] ?? 0))")
        }
        #expect(try await fixture.status(.tickets).progress.lastRun?.kind == .changes, "changes were read meanwhile")
        running.cancel()
        await running.value
    }

    @Test(arguments: SyncStoreKind.available)
    func aKilledProcessGoesOnAtItsPageWhereverItWasKilled(_ kind: SyncStoreKind) async throws {
        let fewest = try await Self.requests(ofAProcessKilledAfter: nil, storesLast: false, kind)
        // In memory at every call; the file makes the same calls.
        for calls in stride(from: 1, through: 60, by: kind == .inMemory ? 1 : 7) {
            for storesLast in [false, true] {
                let requests = try await Self.requests(ofAProcessKilledAfter: calls, storesLast: storesLast, kind)
                // The page that was being stored, and the one that was fetched ahead.
                #expect(requests <= fewest + 2, "killed after \(calls) calls: \(requests) requests in place of \(fewest)")
            }
        }
    }

    private static func requests(ofAProcessKilledAfter calls: Int?, storesLast: Bool, _ kind: SyncStoreKind) async throws -> Int {
        let fixture = try await SyncFixture(tickets: 95, store: try await kind.open(), policy: SyncPolicy(turn: .seconds(100_000)))
        if let calls {
            let process = fixture.anotherProcess(on: KilledSyncStore(fixture.store, after: calls, storesLast: storesLast))
            await fixture.ending(step: kind == .postgreSQL ? 0.001 : 1) {
                _ = try? await process.sync(fixture.connection, resources: [.tickets])
            }
            fixture.clock.advance(by: 61)
        }
        try await fixture.sync.sync(fixture.connection, resources: [.tickets])
        // A run that had ended before is followed by one for changes.
        #expect(try await fixture.status(.tickets).rows == 95)
        #expect(try await fixture.records(.tickets).values.allSatisfy { $0.facts.name == "Ticket \($0.id)" })
        let later = try await fixture.status(.tickets).progress.lastRun?.kind == .changes ? 1 : 0
        return fixture.psa.requests("tickets") - later
    }

    @Test func aFilterThatTheVendorIgnoresIsNotTrusted() async throws {
        let fixture = try await SyncFixture(tickets: 45, companies: 5)
        fixture.psa.change { $0.appliesTicketFilter = false }
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.status(.tickets).progress.filter?.works == false)
        #expect(try await fixture.status(.companies).progress.filter?.works == true)
        fixture.clock.advance(by: 600)
        fixture.psa.change { $0.change(40, fixture.clock.now) { $0.summary = "Changed" } }
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.status(.tickets).progress.lastRun?.kind == .full)
        #expect(try await fixture.record(40)?.facts.name == "Changed")
    }

    @Test func theFilterIsTriedAgainOnceADayAndForOtherSettings() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        try await fixture.sync.sync(fixture.connection)
        let first = try #require(try await fixture.status(.tickets).progress.filter)
        fixture.clock.advance(by: 3_600)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.status(.tickets).progress.filter == first)
        try await fixture.engine.addConnection(
            fixture.connection, connector: "changing",
            settings: ["server": "https://changing.example.com", "token": "token-1", "team": "b"])
        try await fixture.sync.sync(fixture.connection)
        let second = try #require(try await fixture.status(.tickets).progress.filter)
        #expect(second.checkedAt > first.checkedAt && second.revision > first.revision)
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection)
        #expect(try #require(try await fixture.status(.tickets).progress.filter).checkedAt > second.checkedAt)
    }

    @Test func aPlaceOfAnotherVersionStartsTheListAgain() async throws {
        let fixture = try await SyncFixture(tickets: 95)
        let process = fixture.anotherProcess(on: KilledSyncStore(fixture.store, afterPages: 2))
        await fixture.ending { _ = try? await process.sync(fixture.connection, resources: [.tickets]) }
        fixture.clock.advance(by: 61)
        var progress = try await fixture.status(.tickets).progress
        #expect(progress.run?.cursor != nil)
        progress.run?.cursor = PageCursor(rawValue: "another/tickets/9/7")
        let holder = ProcessID()
        let now = fixture.clock.now
        #expect(try await fixture.store.lease(fixture.connection, by: holder, now: now, until: now.addingTimeInterval(1)))
        _ = try await fixture.store.save(progress, of: .tickets, of: fixture.connection, nextRunAt: nil, begins: false, by: holder)
        try await fixture.store.release(fixture.connection, by: holder)
        try await fixture.sync.sync(fixture.connection, resources: [.tickets])
        #expect(try await fixture.status(.tickets).rows == 95)
        #expect(try await fixture.status(.tickets).progress.failure == nil)
    }

    @Test func unreadableRowsAreCountedAndListedAndStopNothing() async throws {
        let fixture = try await SyncFixture(tickets: 25, companies: 25)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { state in
            state.unreadableRows = 3
            state.companies[9]?.isHidden = true
        }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, full: true)
        let status = try await fixture.status(.companies)
        #expect(status.progress.lastRun?.unreadable == 3)
        #expect(status.progress.unreadable == (0..<3).map { SyncUnreadableRow(page: 1, position: $0, member: "id") })
        // One of them may be the record that is missing.
        #expect(try await fixture.state(9, .companies) == .present)
        #expect(try await fixture.status(.tickets).rows == 25)
    }

    // MARK: Missing records

    @Test func closedMergedDeletedAndUnreachableAreFourStates() async throws {
        let fixture = try await SyncFixture(tickets: 30)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { state in
            let now = fixture.clock.now
            state.change(1, now) { $0.isClosed = true }
            state.change(2, now) { $0.mergedInto = 5 }
            state.change(3, now) { $0.isDeleted = true }
            state.change(4, now) { $0.isHidden = true }
        }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.state(1) == .closed)
        #expect(try await fixture.state(2) == .merged)
        #expect(try await fixture.state(3) == .deleted)
        #expect(try await fixture.state(4) == .unreachable)
        #expect(try await fixture.record(3)?.json()["deleted"] == .bool(true))
        #expect(try await fixture.record(4)?.json()["deleted"] == .bool(false))
        fixture.psa.change { $0.change(4, fixture.clock.now) { $0.isHidden = false } }
        fixture.clock.advance(by: 600)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.state(4) == .present)
    }

    @Test func anEmptyListAfterFiveHundredCompaniesRemovesNothingAndAsks() async throws {
        let fixture = try await SyncFixture(companies: 500)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        fixture.psa.change { state in for id in state.companies.keys { state.companies[id]?.isHidden = true } }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let held = try await fixture.status(.companies)
        #expect(held.rows == 500 && held.progress.missing?.missing == 500)
        #expect(try await fixture.issues() == [.syncTooManyMissing])
        // The records come back, and the question is settled.
        fixture.psa.change { state in for id in state.companies.keys { state.companies[id]?.isHidden = false } }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await fixture.status(.companies).progress.missing == nil)
        #expect(try await fixture.issues().isEmpty)
    }

    @Test("a copy that was read by a clock 20 hours ahead is stale and due, and a failure of it is retried after its own wait")
    func copyFromTheFuture() {
        let (now, policy) = (Date(timeIntervalSince1970: 1_700_000_000), SyncPolicy())
        var status = SyncStatus(resource: .companies, nextRunAt: now.addingTimeInterval(20.5 * 3_600))
        #expect(!status.isDue(at: now, policy) && !status.isStale(at: now, policy))
        status.progress.freshAt = now.addingTimeInterval(20 * 3_600)
        status.progress.filter = ChangeFilterState(works: true, checkedAt: now, revision: 1)
        #expect(status.isStale(at: now, policy))
        #expect(status.isDue(at: now, policy))
        status.progress.failure = SyncFailure(code: .networkTimeout, problem: PSAError(.networkTimeout).storedProblem, at: now, count: 9)
        #expect(!status.isDue(at: now, policy))
        // Clocks of two machines differ by a little.
        status.progress.failure = nil
        status.progress.freshAt = now.addingTimeInterval(60)
        #expect(!status.isStale(at: now, policy) && !status.isDue(at: now, policy))
    }

    @Test func whileADecisionIsOpenASyncThatIsAskedForReadsTheWholeListAndNothingCountsAsFresh() async throws {
        let fixture = try await SyncFixture(companies: 100)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let freshAt = try await fixture.status(.companies).progress.freshAt
        fixture.psa.change { state in for id in 1...40 { state.companies[id]?.isHidden = true } }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await fixture.status(.companies).progress.freshAt == freshAt)
        #expect(try await fixture.status(.companies).isStale(at: fixture.clock.now, fixture.policy))
        fixture.psa.change { state in for id in 1...40 { state.companies[id]?.isHidden = false } }
        fixture.clock.advance(by: 60)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let status = try await fixture.status(.companies)
        #expect(status.progress.missing == nil && status.progress.lastRun?.kind == .full)
        #expect(try #require(status.age(at: fixture.clock.now)) < .seconds(30))
        #expect(try await fixture.issues().isEmpty)
    }

    @Test func aPersonCanAcceptThatManyRecordsAreMissing() async throws {
        let fixture = try await SyncFixture(companies: 100)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        fixture.psa.change { state in for id in 1...40 { state.companies[id]?.isHidden = true } }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await fixture.status(.companies).progress.missing?.missing == 40)
        try await fixture.sync.request(.acceptMissing, [.companies], of: fixture.connection)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await fixture.status(.companies).counts == [.present: 60, .unreachable: 40])
        #expect(try await fixture.issues().isEmpty)
    }

    @Test(arguments: [
        (200, 19, false), (200, 20, false), (200, 21, true), (60, 19, false), (60, 20, true),
        (38, 19, false), (30, 16, true), (15, 15, true), (4, 3, true), (4, 2, false), (3, 2, false), (2, 2, true), (1, 1, false),
    ])
    func theGuardStopsAtMoreThanTenPercentOfManyRowsAndAtMoreThanHalfOfFew(_ rows: Int, _ missing: Int, _ stops: Bool) async throws {
        let fixture = try await SyncFixture(companies: rows)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        fixture.psa.change { state in for id in 1...missing { state.companies[id]?.isHidden = true } }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await (fixture.status(.companies).progress.missing != nil) == stops)
        #expect(try await fixture.status(.companies).rows == (stops ? rows : rows - missing))
    }

    @Test func aListWithGapsDecidesNothing() async throws {
        let fixture = try await SyncFixture(companies: 40)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        // While the list is read, a row leaves its first page: the count shrinks and another row is passed over.
        fixture.psa.change { state in
            state.afterRequest = { state, _ in state.companies[2]?.isHidden = true }
        }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let status = try await fixture.status(.companies)
        #expect(status.progress.lastRun?.hasGap == true && status.rows == 40)
        // It is read again earlier than the next sweep.
        fixture.clock.advance(by: 3_700)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        #expect(try await fixture.state(2, .companies) == .unreachable)
        #expect(try await fixture.status(.companies).rows == 39)
    }

    @Test(arguments: [true, false]) func aListWithGapsIsReadAgainAnHourLaterWhateverComesBetween(_ readsChanges: Bool) async throws {
        let fixture = try await SyncFixture(companies: 40)
        fixture.psa.change { $0.appliesCompanyFilter = readsChanges }
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        fixture.psa.change { state in
            state.afterRequest = { state, _ in state.companies[2]?.isHidden = true }
        }
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let incomplete = try await fixture.status(.companies).progress
        let full = try #require(incomplete.lastFullAt)
        #expect(incomplete.omissions == SyncOmissions(hasGap: true, unreadable: 0, undecidedRuns: 1))
        #expect(try await fixture.sync.companies(of: fixture.connection)?.isComplete == false)
        if readsChanges {
            fixture.clock.advance(by: 600)
            try await fixture.sync.sync(fixture.connection, resources: [.companies])
            let between = try await fixture.status(.companies).progress
            #expect(between.lastRun?.kind == .changes && between.lastRun?.hasGap == false)
            #expect(between.omissions == incomplete.omissions)
            #expect(try await fixture.sync.companies(of: fixture.connection)?.isComplete == false)
        }
        // By itself, without being asked for.
        let running = Task { await fixture.sync.run() }
        try await fixture.wait {
            fixture.clock.advance(by: 1)
            return try await fixture.status(.companies).progress.lastFullAt != full
        }
        running.cancel()
        await running.value
        let status = try await fixture.status(.companies)
        let wait = try #require(status.progress.lastFullAt).timeIntervalSince(full)
        #expect((3_600..<4_200).contains(wait), "\(wait)")
        #expect(status.progress.omissions == nil && status.rows == 39)
        #expect(try await fixture.sync.companies(of: fixture.connection)?.isComplete == true)
    }

    @Test func aListThatAlwaysHasGapsBecomesAnIssueAndIsReadAtItsInterval() async throws {
        // In one turn: a page that was fetched ahead and is fetched again in the next turn hides that the row was gone.
        let fixture = try await SyncFixture(companies: 40, policy: SyncPolicy(turn: .seconds(100_000)))
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        // A row of the first page comes and goes while the list is read; a run for changes does not see it.
        fixture.psa.change { state in
            state.afterRequest = { state, _ in state.companies[1]?.isHidden.toggle() }
        }
        var runs: [Date] = []
        let running = Task { await fixture.sync.run() }
        try await fixture.sync.request(.full, [.companies], of: fixture.connection)
        try await fixture.wait {
            fixture.clock.advance(by: 20)
            if let last = try await fixture.status(.companies).progress.lastFullAt, last != runs.last { runs.append(last) }
            return runs.count == 6
        }
        running.cancel()
        await running.value
        let waits = zip(runs.dropFirst(), runs).map { $0.timeIntervalSince($1) }
        let issues = try await fixture.issues()
        #expect(issues.contains(.syncListIncomplete), "\(issues), \(waits)")
        #expect(try await fixture.status(.companies).progress.omissions?.undecidedRuns ?? 0 >= 5, "\(waits)")
        #expect(waits.dropFirst().dropLast().allSatisfy { (3_600..<40_000).contains($0) }, "\(waits)")
        #expect(waits.last ?? 0 > 80_000, "\(waits)")
    }

    @Test func aListThatShrinksBetweenTwoReadingsOfItsPagesHasAGap() async throws {
        let fixture = try await SyncFixture(companies: 40)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        fixture.clock.advance(by: 90_000)
        let process = fixture.anotherProcess(on: KilledSyncStore(fixture.store, afterPages: 2))
        await fixture.ending { _ = try? await process.sync(fixture.connection, resources: [.companies]) }
        // A row of the first page leaves: the first row of the third page moves to the second one, which was read.
        fixture.psa.change { $0.companies[3]?.isHidden = true }
        fixture.clock.advance(by: 61)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let last = try #require(try await fixture.status(.companies).progress.lastRun)
        #expect(last.kind == .full && last.pages == 4 && last.hasGap)
        #expect(try await fixture.state(21, .companies) == .present)
    }

    @Test func aListThatGoesOnWithoutItsPlaceIsJudgedByAllOfItsRows() async throws {
        let fixture = try await SyncFixture(companies: 40)
        fixture.psa.change { state in
            state.namesRowsBefore = false
            state.unreadableRows = 1
        }
        // The vendor counts what no page gives, or it does not.
        for uncounted in [1, 0] {
            fixture.clock.advance(by: 90_000)
            fixture.psa.change { $0.uncountedRows = uncounted + 1 }
            let process = fixture.anotherProcess(on: KilledSyncStore(fixture.store, afterPages: 2))
            await fixture.ending { _ = try? await process.sync(fixture.connection, resources: [.companies], full: true) }
            fixture.clock.advance(by: 61)
            try await fixture.sync.sync(fixture.connection, resources: [.companies])
            let last = try #require(try await fixture.status(.companies).progress.lastRun)
            #expect(last.pages == 4 && last.hasGap == (uncounted > 0))
        }
    }

    @Test func rowsThatCouldNotBeReadStayListedUntilAWholeReadingBringsThem() async throws {
        let fixture = try await SyncFixture(companies: 25)
        fixture.psa.change { state in
            state.unreadableRows = 3
            state.afterRequest = { state, _ in state.unreadableRows = 0 }
        }
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        fixture.clock.advance(by: 600)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let progress = try await fixture.status(.companies).progress
        #expect(progress.lastRun?.kind == .changes && progress.lastRun?.unreadable == 0)
        #expect(progress.unreadable.count == 3 && progress.omissions?.unreadable == 3 && !progress.hasEveryRow)
        #expect(try await fixture.sync.companies(of: fixture.connection)?.isComplete == false)
        fixture.clock.advance(by: 3_100)
        try await fixture.sync.sync(fixture.connection, resources: [.companies])
        let whole = try await fixture.status(.companies).progress
        #expect(whole.lastRun?.kind == .full && whole.unreadable.isEmpty && whole.hasEveryRow)
    }

    // MARK: Failures

    @Test func aRefusedResourceBecomesAnIssueAndTheOthersStayFresh() async throws {
        let fixture = try await SyncFixture(tickets: 5, companies: 5, agreements: 5)
        fixture.psa.change { $0.forbidden = ["agreements"] }
        try await fixture.sync.sync(fixture.connection)
        let refused = try await fixture.status(.agreements)
        #expect(refused.progress.failure?.code == .permissionRoleDenied && refused.progress.freshAt == nil)
        #expect(refused.progress.failure?.problem.contains("urn:psa-connectors:error:permission.role_denied") == true)
        #expect(try await fixture.status(.tickets).progress.freshAt != nil)
        #expect(try await fixture.status(.companies).progress.freshAt != nil)
        #expect(try await fixture.issues() == [.permissionRoleDenied])
        fixture.psa.change { $0.forbidden = [] }
        fixture.clock.advance(by: 3_600)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.status(.agreements).rows == 5)
        #expect(try await fixture.issues().isEmpty)
    }

    @Test func aLimitOfRequestsSlowsARunDownAndNeverStopsIt() async throws {
        let fixture = try await SyncFixture(tickets: 95)
        fixture.psa.change { state in
            state.afterRequest = { state, _ in state.faultPercent = (state.requests["tickets"] ?? 0) % 4 == 0 ? 100 : 0 }
        }
        for _ in 0..<12 {
            try await fixture.sync.sync(fixture.connection, resources: [.tickets])
            fixture.clock.advance(by: 2_000)
        }
        #expect(try await fixture.status(.tickets).rows == 95)
    }

    @Test func failuresOfANetworkAreRetriedLessAndLessOften() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        fixture.psa.change { $0.faultPercent = 100 }
        var delays: [Double] = []
        for _ in 0..<8 {
            try await fixture.sync.sync(fixture.connection, resources: [.tickets])
            delays.append(try await fixture.status(.tickets).nextRunAt.timeIntervalSince(fixture.clock.now))
        }
        #expect(delays.allSatisfy { (55...1_800).contains($0) }, "\(delays)")
        #expect(try await fixture.status(.tickets).progress.failure?.count == 8)
    }

    @Test func aPausedResourceIsNotRead() async throws {
        let fixture = try await SyncFixture(tickets: 5, companies: 5)
        try await fixture.sync.sync(fixture.connection)
        try await fixture.sync.setPaused(true, [.tickets], of: fixture.connection)
        let before = fixture.psa.requests("tickets")
        try await fixture.sync.sync(fixture.connection, full: true)
        #expect(fixture.psa.requests("tickets") == before)
        try await fixture.sync.setPaused(false, of: fixture.connection)
        try await fixture.sync.sync(fixture.connection)
        #expect(fixture.psa.requests("tickets") > before)
    }

    @Test func anOldCopyBecomesTheIssueStaleAndAFreshOneResolvesIt() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        let running = Task { await fixture.sync.run() }
        try await fixture.wait { try await fixture.isDone() }
        fixture.psa.change { $0.faultPercent = 100 }
        fixture.clock.advance(by: 3 * 3_600)
        try await fixture.wait {
            fixture.clock.advance(by: 1)
            return try await fixture.issues().contains(.syncStale)
        }
        fixture.psa.change { $0.faultPercent = 0 }
        try await fixture.wait {
            fixture.clock.advance(by: 20)
            return try await fixture.issues().isEmpty
        }
        running.cancel()
        await running.value
    }

    @Test func aStaleCopyIsNotedByWhatIsOpenInTheStore() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        let running = Task { await fixture.sync.run() }
        try await fixture.wait { try await fixture.isDone() }
        fixture.psa.change { $0.faultPercent = 100 }
        fixture.clock.advance(by: 3 * 3_600)
        func waitForIssue() async throws {
            try await fixture.wait {
                fixture.clock.advance(by: 1)
                return try await fixture.issues().contains(.syncStale)
            }
        }
        try await waitForIssue()
        // Whoever resolved it, the copy is as old as before.
        try await fixture.engine.store.resolveIssue(.syncStale, of: fixture.connection, at: fixture.clock.now)
        try await waitForIssue()
        running.cancel()
        await running.value
        // Another process resolves what this one has opened.
        fixture.psa.change { $0.faultPercent = 0 }
        let process = fixture.anotherProcess()
        let next = Task { await process.run() }
        try await fixture.wait {
            fixture.clock.advance(by: 20)
            return try await fixture.issues().isEmpty
        }
        next.cancel()
        await next.value
    }

    // MARK: Processes and connections

    @Test func oneProcessAtATimeWorksOnAConnection() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        try await fixture.sync.sync(fixture.connection)
        let (holder, now) = (ProcessID(), fixture.clock.now)
        #expect(try await fixture.store.lease(fixture.connection, by: holder, now: now, until: now.addingTimeInterval(10_000)))
        let refused = Mutex<SyncError?>(nil)
        await fixture.ending {
            do { try await fixture.sync.sync(fixture.connection) } catch { refused.withLock { $0 = error as? SyncError } }
        }
        #expect(refused.withLock { $0 } == .busy)
    }

    @Test func aTenantThatHangsGivesItsPlaceToOthers() async throws {
        let gate = Signal()
        let isHanging = Mutex(false)
        let fixture = try await SyncFixture(
            tickets: 30, policy: SyncPolicy(maxConnections: 1),
            reached: { step in
                let hangs = isHanging.withLock { isHanging in
                    defer { isHanging = isHanging || step == .pageRead }
                    return step == .pageRead && !isHanging
                }
                if hangs { await gate.wait() }
            })
        for index in 1...40 {
            try await fixture.engine.addConnection(
                Sample.id("other\(index)"), connector: "changing",
                settings: ["server": "https://tenant\(index).example.com", "token": "token-1"])
        }
        let running = Task { await fixture.sync.run() }
        try await fixture.wait {
            fixture.clock.advance(by: 0.5)
            var done = 0
            for connection in try await fixture.engine.store.connections() {
                let statuses = try await fixture.sync.statuses(of: connection.id)
                if statuses.first(where: { $0.resource == .tickets })?.progress.lastFullAt != nil { done += 1 }
            }
            return done == 40
        }
        gate.fire()
        running.cancel()
        await running.value
    }

    @Test func anotherTenantNeverSeesTheCopyOfTheFirst() async throws {
        let fixture = try await SyncFixture(tickets: 12)
        try await fixture.sync.sync(fixture.connection)
        try await fixture.engine.addConnection(
            fixture.connection, connector: "changing", settings: ["server": "https://another.example.com", "token": "token-1"])
        #expect(try await fixture.sync.companies(of: fixture.connection) == nil)
        fixture.psa.change { $0.tickets = [:] }
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.records(.tickets).isEmpty)
    }

    @Test(arguments: SyncStoreKind.available)
    func aTurnUnderWayStoresNothingInTheCopyOfAnotherTenant(_ kind: SyncStoreKind) async throws {
        let (pageRead, gate) = (Signal(), Signal())
        let fixture = try await SyncFixture(
            companies: 25, store: try await kind.open(),
            reached: { step in
                guard step == .pageRead, !pageRead.hasFired else { return }
                pageRead.fire()
                await gate.wait(ignoringCancellation: true)
            })
        let former = Task { _ = try? await fixture.sync.sync(fixture.connection, resources: [.companies]) }
        await pageRead.wait()
        // The connection leads to another tenant by now: its copy is empty, and no turn has it.
        try await fixture.store.register(
            fixture.connection, connector: ChangingConnector.descriptor.id, tenant: TenantIdentity(rawValue: "another.example.com"))
        try await fixture.store.prepare([.companies], of: fixture.connection, dueAt: fixture.clock.now)
        await fixture.clock.sleeping(lasting: fixture.policy.lease / 3).wait()
        fixture.clock.advance(by: fixture.policy.lease.seconds / 3)
        for _ in 0..<2_000 { await Task.yield() }
        gate.fire()
        former.cancel()
        await former.value
        #expect(try await fixture.records(.companies).isEmpty)
        #expect(try await fixture.status(.companies).progress == SyncProgress())
    }

    @Test func aConnectionWhoseSessionCannotBeOpenedWaitsWithItsTickets() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        fixture.psa.change { $0.refusesSessions = true }
        try await fixture.sync.sync(fixture.connection)
        try await fixture.sync.readAgain([Ticket.ID(1)], of: fixture.connection)
        let running = Task { await fixture.sync.run() }
        try await fixture.wait { try await fixture.store.schedule()[fixture.connection] ?? .distantPast > fixture.clock.now }
        running.cancel()
        await running.value
        #expect(try await fixture.issues() == [.configSecretUnreadable])
    }

    // MARK: Hints and notes

    @Test func aHintReadsOneTicketWithItsFieldsAndNotes() async throws {
        let fixture = try await SyncFixture(tickets: 95)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { state in
            state.change(40, fixture.clock.now) { ticket in
                ticket.summary = "Changed"
                ticket.notes = ["Seen."]
            }
            state.create(fixture.clock.now)
        }
        let before = fixture.psa.requests("tickets")
        for id in [40, 96] {
            let message = try JSONDocument(Array("{\"ticket\":\(id)}".utf8)).root
            #expect(try await fixture.sync.take(hint: message, of: fixture.connection) == 1)
        }
        let running = Task { await fixture.sync.run() }
        try await fixture.wait { try await !fixture.records(.notes).isEmpty }
        #expect(try await fixture.record(40)?.content["details"]?.string == "Details of 40")
        #expect(try await fixture.record(96)?.state == .present)
        #expect(try await fixture.records(.notes).values.map { $0.content["text"]?.string } == ["Seen."])
        #expect(fixture.psa.requests("tickets") == before)
        running.cancel()
        await running.value
    }

    @Test func aHintIsNeverTrustedAsData() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        try await fixture.sync.sync(fixture.connection)
        for body in ["{\"ticket\":3,\"deleted\":true,\"summary\":\"Forged\"}", "{\"ticket\":777}", "[]", "{}"] {
            _ = try await fixture.sync.take(hint: JSONDocument(Array(body.utf8)).root, of: fixture.connection)
        }
        fixture.clock.advance(by: 1)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.record(3)?.state == .present)
        #expect(try await fixture.record(3)?.facts.name == "Ticket 3")
        #expect(try await fixture.record(777) == nil)
    }

    @Test func aNoteThatMovesNoDateOfTheTicketIsFoundByASweep() async throws {
        let fixture = try await SyncFixture(tickets: 5)
        try await fixture.sync.sync(fixture.connection)
        fixture.psa.change { state in
            state.change(3, fixture.clock.now, movesDate: false) { ticket in
                ticket.notes = ["Only a note."]
                ticket.activityAt = fixture.clock.now
            }
        }
        fixture.clock.advance(by: 600)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.records(.notes).isEmpty)
        fixture.clock.advance(by: 90_000)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.records(.notes).count == 1)
        // A note that the PSA does not show any more is not deleted without proof.
        fixture.psa.change { state in state.change(3, fixture.clock.now) { $0.notes = [] } }
        fixture.clock.advance(by: 600)
        try await fixture.sync.sync(fixture.connection)
        #expect(try await fixture.records(.notes).values.map(\.state) == [.unreachable])
    }

    // MARK: Reading

    @Test func changesAreStreamedAsTheyAreStored() async throws {
        let fixture = try await SyncFixture(tickets: 3)
        let seen = Mutex<[String]>([])
        let reading = Task {
            for try await record in fixture.sync.changes(of: .tickets, in: fixture.connection) {
                seen.withLock { $0.append("\(record.id) \(record.facts.name)") }
            }
        }
        try await fixture.sync.sync(fixture.connection)
        try await fixture.wait { seen.withLock { $0.count } == 3 }
        fixture.psa.change { $0.change(2, fixture.clock.now) { $0.summary = "Changed" } }
        fixture.clock.advance(by: 600)
        try await fixture.sync.sync(fixture.connection)
        try await fixture.wait { seen.withLock { $0.count } == 4 }
        #expect(seen.withLock { $0 } == ["1 Ticket 1", "2 Ticket 2", "3 Ticket 3", "2 Changed"])
        reading.cancel()
        _ = try? await reading.value
    }

    @Test func questionsAreAnsweredWithoutARequest() async throws {
        let fixture = try await SyncFixture(tickets: 5, companies: 30)
        #expect(try await fixture.sync.company(named: "Company 7", in: fixture.connection) == .notKnown)
        try await fixture.sync.sync(fixture.connection)
        let before = fixture.psa.current.requests
        guard case .one(let company) = try await fixture.sync.company(named: "COMPANY  7", in: fixture.connection) else {
            Issue.record("not found")
            return
        }
        #expect(company.id == Company.ID(7))
        #expect(try await fixture.sync.company(named: "Nobody", in: fixture.connection) == .unknown)
        #expect(try await fixture.sync.companies(matching: "company 2", in: fixture.connection).count == 12)
        // The engine's own search for companies uses the copy, too.
        await fixture.engine.companies.use { try await fixture.sync.companies(of: $0) }
        let stored = try #require(try await fixture.engine.store.connection(fixture.connection))
        let found = try await fixture.engine.companies.resolve(
            id: "", name: "Company 9", since: fixture.clock.now, of: stored
        ) { try await fixture.engine.sessions.session(of: stored) }
        #expect(found == .resolved(Company.ID(9)))
        #expect(fixture.psa.current.requests == before)
    }
}

extension SyncFixture {
    /// Whether nothing is due and everything was read.
    func isDone() async throws -> Bool {
        let statuses = try await sync.statuses(of: connection).filter(\.resource.isList)
        return !statuses.isEmpty && statuses.allSatisfy { $0.progress.freshAt != nil && !$0.isDue(at: clock.now) }
    }

    /// Waits for what other tasks do.
    func wait(_ condition: () async throws -> Bool) async throws {
        for _ in 0..<200_000 {
            if try await condition() { return }
            await Task.yield()
        }
        Issue.record("It did not happen.")
    }

    /// Lets the clock run until some work has ended.
    ///
    /// - Parameters:
    ///   - step: By how many seconds it runs each time that another task had its turn. Where a call of the store takes many turns, it must be
    ///     small beside the time for which a lease counts.
    ///   - work: What to wait for.
    func ending(step: TimeInterval = 1, _ work: @escaping @Sendable () async -> Void) async {
        let hasEnded = Signal()
        let working = Task {
            await work()
            hasEnded.fire()
        }
        while !hasEnded.hasFired {
            clock.advance(by: step)
            await Task.yield()
        }
        await working.value
    }
}

extension SyncPolicy {
    /// The default policy with some values changed.
    init(turn: Duration = .seconds(30), maxConnections: Int = 16, notesDelay: Duration = .zero) {
        self.init()
        self.turn = turn
        self.maxConnections = maxConnections
        self.notesDelay = notesDelay
    }
}
