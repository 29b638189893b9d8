import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Rate limit trips, age limits and pauses") struct RateLimitTripTests {
    @Test(.ofSQLite) func aThousandEventsInAMinuteStayWithinTheLimitAndAreAllListed() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        for number in 0..<1_000 {
            fixture.time.advance(by: 0.06)
            try await fixture.event("\(number)")
        }
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.waiting: 30, .needsReview: 970])
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.rateLimited])
        #expect(try await fixture.log(.rulePaused).count == 1)
        // What was within the limit goes out without anybody's doing.
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 30)
        var (listed, place): (Set<TicketJob.ID>, TicketJob.ID?) = ([], nil)
        while let last = try await fixture.storage.jobs(TicketJob.Filter(), before: place, limit: 100).map({
            listed.insert($0.id); return $0.id
        }).last {
            place = last
        }
        #expect(listed.count == 1_000)
    }

    @Test func theConnectionLimitAppliesToAllItsRulesTogether() async throws {
        let fixture = try await OutboxFixture()
        for _ in 0..<5 { _ = try await fixture.rule(limit: RuleRateLimit(count: 1_000, minutes: 10)) }
        for number in 0..<100 { try await fixture.event("\(number)") }
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.waiting: 120, .needsReview: 380])
    }

    @Test func theLimitIsAvailableAgainAfterARateLimitTrip() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        for number in 0..<3 { try await fixture.event("\(number)") }
        _ = try await fixture.rules.decideReviews(of: rule, release: false, audit: .outbox(.jobDecided))
        fixture.time.advance(by: 601)
        #expect(try await fixture.job("later").state == .waiting)
    }

    @Test func jobsOfTheFutureDoNotCountTowardsTheRateLimit() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        fixture.time.adjustWallClock(by: 400 * 86_400)
        for number in 0..<2 { #expect(try await fixture.job("\(number)").state == .waiting) }
        fixture.time.adjustWallClock(by: -400 * 86_400)
        for number in 2..<4 { #expect(try await fixture.job("\(number)").state == .waiting) }
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
        #expect(try await fixture.job("4").state == .needsReview(.rateLimited))
        // All that was accepted goes out, whatever the clock was.
        try await fixture.work(rounds: 8)
        #expect(fixture.psa.state.tickets.count == 4)
    }

    @Test(arguments: [(true, "created", 5), (false, "dropped", 2)])
    func heldJobsCanBeReleasedOrDropped(release: Bool, state: String, tickets: Int) async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        for number in 0..<5 { try await fixture.event("\(number)") }
        #expect(try await fixture.rules.decideReviews(of: rule, release: release, audit: .outbox(.jobDecided)) == 3)
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == tickets)
        #expect(try await fixture.storage.jobs(TicketJob.Filter(), before: nil, limit: 1).first?.state.name.rawValue == state)
        #expect(try await fixture.log(.jobDecided).count == 1)
    }

    @Test func aChangeByACopyThatIsOlderThanTheRateLimitTripLeavesTheRulePaused() async throws {
        let fixture = try await OutboxFixture()
        let copy = try await fixture.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        for number in 0..<3 { try await fixture.event("\(number)") }
        let changed = try await fixture.rules.change(
            copy, revision: copy.revision, name: "Renamed", copy.definition, audit: .outbox(.ruleChanged))
        #expect(changed.isRateLimited)
        #expect(try await fixture.storage.rule(copy.id)?.pauses == [.rateLimited])
        fixture.time.advance(by: 601)
        #expect(try await fixture.job("later").state == .needsReview(.rateLimited), "The rule waits for a decision.")
    }

    @Test func aRuleThatIsRefusedAndRateLimitedKeepsItsJobsOnHoldAndNamesBothReasons() async throws {
        let fixture = try await OutboxFixture()
        var rule = try await fixture.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        fixture.psa.behave { $0.beforeStoring = { _ in throw PSAError(.permissionRoleDenied) } }
        for number in 0..<3 { try await fixture.event("\(number)") }
        await fixture.work()
        rule = try #require(try await fixture.storage.rule(rule.id))
        #expect(rule.pauses == [.refused(.permissionRoleDenied), .rateLimited])
        #expect(RuleState(rule).reasons == [.refused(.permissionRoleDenied), .rateLimited])
        fixture.time.advance(by: 601)
        #expect(try await fixture.job("later").state == .needsReview(.rateLimited))
        _ = try await fixture.rules.change(rule, revision: 1, name: "Renamed", rule.definition, audit: .outbox(.ruleChanged))
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.rateLimited], "A change ends the refusal only.")
    }

    @Test(arguments: [TicketJob.State.waiting, .dropped])
    func theRuleResumesOnceTheLastJobOnHoldIsDecidedOneByOne(state: TicketJob.State) async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 1, minutes: 10))
        for number in 0..<3 { try await fixture.event("\(number)") }
        let held = try await fixture.storage.jobs(TicketJob.Filter(state: .needsReview), before: nil, limit: 9)
        #expect(held.count == 2)
        for (number, job) in held.enumerated() {
            #expect(try await fixture.storage.rule(rule.id)?.pauses == [.rateLimited], "\(number)")
            let outcome = JobOutcome(state: state, attempts: 0, dueAt: fixture.time.now)
            try await fixture.storage.decide(job.id, from: job.state, to: outcome, at: fixture.time.now, audit: .outbox(.jobDecided))
        }
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
    }

    @Test func aJobOfARemovedRuleThatWasNotWrittenIsDroppedInsteadOfSentAgain() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw outcomeUnknown } }
        let job = try await fixture.job("1")
        await fixture.work()
        #expect(try await fixture.now(job).state == .unknown)
        try await fixture.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        try await fixture.work(rounds: 20)
        let ended = try await fixture.now(job)
        #expect(ended.state == .dropped && JobRemark(stored: ended.remark) == .sourceRemoved)
        #expect(fixture.psa.state.tickets.isEmpty)
        #expect(try await fixture.storage.engine.attempts(of: job.id).first?.state == .dropped)
        let rows = try await fixture.storage.queue.read { try $0.query("SELECT * FROM job_source") }
        #expect(rows.isEmpty, "Nothing is kept of the rule once its last job has ended.")
    }

    @Test func aJobOfARemovedRuleThatWasWrittenIsFound() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } }
        let job = try await fixture.job("1")
        await fixture.work()
        try await fixture.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        try await fixture.work(rounds: 20)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test(arguments: [Rule.Mode.off, .dryRun])
    func aDeactivatedRuleSendsNothingUntilItIsActiveAgain(mode: Rule.Mode) async throws {
        let fixture = try await OutboxFixture()
        var rule = try await fixture.rule()
        let job = try await fixture.job("1")
        rule = try await fixture.rules.setMode(mode, of: rule, revision: rule.revision, audit: .outbox(.ruleChanged))
        await fixture.work()
        #expect(fixture.psa.state.tickets.isEmpty)
        #expect(try await fixture.now(job).state == .waiting)
        _ = try await fixture.rules.setMode(.active, of: rule, revision: rule.revision, audit: .outbox(.ruleChanged))
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test func jobsOlderThanTwoDaysNeedReviewAndAreSentOnceReleased() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw connectionRefused } }
        let old = try await fixture.job("old")
        await fixture.work()
        fixture.time.advance(by: 48 * 3_600 - 60)
        let young = try await fixture.job("young")
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        await fixture.work(61)
        #expect(try await fixture.now(old).state == .needsReview(.tooOld))
        #expect(try await fixture.now(young).state.name == .created)
        // Who releases it wants it now, and it does not come back as too old.
        _ = try await fixture.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await fixture.work()
        #expect(try await fixture.now(old).state.name == .created)
    }

    @Test func jobsRetriedByHandHaveNoAgeLimit() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw outcomeUnknown } }
        let job = try await fixture.job("1")
        try await fixture.work(rounds: 20)
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        fixture.time.advance(by: 72 * 3_600)
        try await fixture.storage.decide(
            job.id, from: .needsReview(.notExecuted), to: JobOutcome(state: .waiting, attempts: 0, dueAt: fixture.time.now),
            at: fixture.time.now,
            audit: .outbox(.jobDecided))
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func rejectedJobsAreSearchedOnceBeforeARetry() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        // The PSA stores and then reports an error, as if it validated its response afterwards.
        fixture.psa.behave { $0.afterStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) } }
        let stored = try await fixture.job("1")
        await fixture.work()
        fixture.psa.behave {
            $0.afterStoring = { _ in }
            $0.beforeStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) }
        }
        let missing = try await fixture.job("2")
        await fixture.work()
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        for job in [stored, missing] {
            let failed = try await fixture.now(job)
            #expect(failed.state.name == .failed)
            try await fixture.storage.resend(job.id, as: failed.payload, at: fixture.time.now, audit: .outbox(.jobDecided))
        }
        await fixture.work()
        #expect(try await fixture.now(stored).state.name == .created)
        #expect(try await fixture.now(missing).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 2)
    }

    @Test func onlyFailedJobsCanBeCorrectedAndRetried() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        await #expect(throws: StoreError.stale) {
            try await fixture.storage.resend(job.id, as: job.payload, at: fixture.time.now, audit: .outbox(.jobDecided))
        }
        await #expect(throws: StoreError.notFound) {
            try await fixture.storage.resend(.init(rawValue: 99), as: job.payload, at: fixture.time.now, audit: .outbox(.jobDecided))
        }
    }

    @Test func aCorrectedItemIsSentWithItsNewValues() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) } }
        let job = try await fixture.job("1")
        await fixture.work()
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        var order = job.payload
        order.summary = "Corrected"
        try await fixture.storage.resend(job.id, as: order, at: fixture.time.now, audit: .outbox(.jobDecided))
        await fixture.work()
        #expect(fixture.psa.state.tickets.map(\.summary) == ["Corrected"])
    }

    @Test func anInvalidEventFailsAloneAndBlocksNoOther() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave {
            $0.beforeStoring = { number in
                if number == 2 { throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) }
            }
        }
        var jobs: [TicketJob] = []
        for number in 1...5 { jobs.append(try await fixture.job("\(number)")) }
        await fixture.work()
        var states: [String] = []
        for job in jobs { states.append(try await fixture.now(job).state.name.rawValue) }
        #expect(states == ["created", "failed", "created", "created", "created"])
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
    }

    @Test func anErrorThatOnlySeemsRuleWideFailsAlone() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        let poisoned = try await fixture.job("0", device: "SRV-0")
        fixture.psa.behave {
            $0.refuses = { $0.summary.contains("SRV-0") ? PSAError(.ticketFieldRequired, vendor: VendorReply(status: 400)) : nil }
        }
        for number in 1...4 { try await fixture.event("\(number)", device: "SRV-\(number)") }
        try await fixture.work(rounds: 12)
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.created: 4, .failed: 1])
        #expect(try await fixture.now(poisoned).state.name == .failed)
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
    }

    @Test func aRuleWithRejectedDefaultsResumesAfterOneSuccess() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { _ in throw PSAError(.ticketDefaultInvalid, vendor: VendorReply(status: 400)) } }
        for number in 1...4 { try await fixture.event("\(number)") }
        await fixture.work()
        #expect(fixture.psa.state.writes == 2, "After a second opinion, what refuses one refuses all.")
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.refused(.ticketDefaultInvalid)])
        await fixture.work(61)
        #expect(fixture.psa.state.writes == 5, "Those that were refused are tried again, and one more.")
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        try await fixture.work(rounds: 10)
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.created: 4])
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [])
        #expect(try await fixture.log(.ruleResumed).count == 1)
        #expect(try await fixture.storage.issues(of: fixture.connection.id).allSatisfy { $0.resolvedAt != nil })
    }

    @Test func aDecisionOnAChangedJobIsRejected() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        await fixture.work()
        await #expect(throws: StoreError.stale) {
            try await fixture.storage.decide(
                job.id, from: .needsReview(.outcomeUnknown), to: JobOutcome(state: .waiting, attempts: 0, dueAt: fixture.time.now),
                at: fixture.time.now, audit: .outbox(.jobDecided))
        }
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func aPausedRuleResumesAfterTheNextPassedCheck() async throws {
        let fixture = try await OutboxFixture()
        let (rule, other) = (try await fixture.rule(), try await OutboxFixture.connect("other.example.com", fixture.storage))
        fixture.psa.behave { $0.beforeStoring = { _ in throw PSAError(.authInvalidClient, vendor: VendorReply(status: 401)) } }
        for number in 1...3 { try await fixture.event("\(number)") }
        await fixture.work()
        #expect(fixture.psa.state.writes == 1)
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.refused(.authInvalidClient)])
        #expect(try await fixture.log(.rulePaused).first?.code == .authInvalidClient)
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        await fixture.work(60)
        #expect(fixture.psa.state.tickets.isEmpty, "Refused credentials are tried at the longest wait only.")
        #expect(try await fixture.storage.resumeRefusedRules(of: other.id) { _ in .outbox(.ruleResumed) } == [])
        #expect(try await fixture.storage.resumeRefusedRules(of: fixture.connection.id) { _ in .outbox(.ruleResumed) } == [rule.id])
        try await fixture.storage.engine.wake(fixture.connection.id, at: fixture.time.now)
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 3)
    }

    @Test func aPausedRuleStillResolvesUnknownOutcomes() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } }
        let job = try await fixture.job("1")
        await fixture.work()
        try await fixture.storage.queue.write {
            try $0.run("UPDATE job_source SET refused_code = 'request.rejected', probe_at = 0 WHERE id = ?", [.text(rule.id.rawValue)])
        }
        await fixture.work(5)
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func aRejectionAlsoPausesARateLimitedRule() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 5, minutes: 10))
        for number in 0..<9 { try await fixture.event("\(number)") }
        fixture.psa.behave { $0.beforeStoring = { _ in throw PSAError(.permissionRoleDenied, vendor: VendorReply(status: 400)) } }
        await fixture.work()
        #expect(fixture.psa.state.writes == 2, "One, and a second opinion.")
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.refused(.permissionRoleDenied), .rateLimited])
    }

    @Test(arguments: [true, false]) func aRateLimitTripLastsUntilAllItsJobsAreReleasedOrDropped(release: Bool) async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        _ = try await fixture.rule(mode: .dryRun)
        #expect(try await fixture.storage.rateLimitTrips() == [])
        let start = fixture.time.now
        for number in 0..<9 {
            try await fixture.event("\(number)")
            fixture.time.advance(by: 1)
        }
        #expect(try await fixture.storage.rateLimitTrips() == [RateLimitTrip(rule: rule.id, name: rule.name, count: 7, since: start + 2)])
        _ = try await fixture.rules.decideReviews(of: rule, release: release, audit: .outbox(.jobDecided))
        #expect(try await fixture.storage.rateLimitTrips() == [])
    }

    @Test func aRejectedTicketDoesNotHideARateLimitTrip() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 1, minutes: 10))
        for number in 0..<3 { try await fixture.event("\(number)") }
        fixture.psa.behave { $0.beforeStoring = { _ in throw PSAError(.permissionRoleDenied, vendor: VendorReply(status: 403)) } }
        await fixture.work()
        _ = try await fixture.storage.resumeRefusedRules(of: fixture.connection.id) { _ in .outbox(.ruleResumed) }
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.rateLimited])
        #expect(try await fixture.storage.rateLimitTrips().map(\.count) == [2], "What needs review still waits for a person.")
    }

    @Test func jobsInReviewForTheirAgeAreNotARateLimitTrip() async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule(limit: RuleRateLimit(count: 1, minutes: 10))
        _ = try await fixture.job("old")
        await fixture.work(49 * 3_600)
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.needsReview: 1])
        #expect(try await fixture.storage.rateLimitTrips() == [])
        for number in 0..<3 { try await fixture.event("\(number)") }
        #expect(try await fixture.storage.rateLimitTrips().map(\.count) == [2])
        try await fixture.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        #expect(try await fixture.storage.rateLimitTrips() == [])
    }

    @Test(.ofSQLite) func tenThousandEventsInDryRunCauseNoRequest() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule(mode: .dryRun, appendMinutes: 60)
        for number in 0..<10_000 {
            _ = try await fixture.events.accept(.sample(senderID: "\(number)", receivedAt: fixture.time.now))
        }
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.wouldCreate: 10_000])
        #expect(try await fixture.storage.engine.dueConnections(now: fixture.time.now, lease: fixture.policy.lease).connections.isEmpty)
        await fixture.work(3_600)
        let state = fixture.psa.state
        #expect([state.writes, state.reads, state.searches, state.companyListings] == [0, 0, 0, 0])
    }
}

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
