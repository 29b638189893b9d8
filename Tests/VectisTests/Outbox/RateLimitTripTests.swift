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

@Suite("Storms, ages and pauses") struct StormTests {
    @Test func aThousandEventsInAMinuteStayWithinTheLimitAndAreAllListed() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        for number in 0..<1_000 {
            bed.time.advance(by: 0.06)
            try await bed.event("\(number)")
        }
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.waiting: 30, .needsReview: 970])
        #expect(try await bed.storage.rule(rule.id)?.pause == .rateLimited)
        #expect(try await bed.log(.rulePaused).count == 1)
        // What was within the limit goes out without anybody's doing.
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 30)
        var (listed, place): (Set<TicketJob.ID>, TicketJob.ID?) = ([], nil)
        while let last = try await bed.storage.jobs(TicketJob.Filter(), before: place, limit: 100).map({
            listed.insert($0.id); return $0.id
        }).last {
            place = last
        }
        #expect(listed.count == 1_000)
    }

    @Test func aConnectionTakesNoMoreThanItsOwnLimitFromAllRulesTogether() async throws {
        let bed = try await OutboxFixture()
        for _ in 0..<5 { _ = try await bed.rule(limit: RuleRateLimit(count: 1_000, minutes: 10)) }
        for number in 0..<100 { try await bed.event("\(number)") }
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.waiting: 120, .needsReview: 380])
    }

    @Test func afterTheStormTheLimitIsFreeAgain() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        for number in 0..<3 { try await bed.event("\(number)") }
        _ = try await bed.rules.decideReviews(of: rule, release: false, audit: .outbox(.jobDecided))
        bed.time.advance(by: 601)
        #expect(try await bed.job("later").state == .waiting)
    }

    @Test(arguments: [(true, "created", 5), (false, "dropped", 2)])
    func whatIsHeldIsReleasedOrDropped(release: Bool, state: String, tickets: Int) async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        for number in 0..<5 { try await bed.event("\(number)") }
        #expect(try await bed.rules.decideReviews(of: rule, release: release, audit: .outbox(.jobDecided)) == 3)
        #expect(try await bed.storage.rule(rule.id)?.pause == nil)
        await bed.work()
        #expect(bed.desk.kept.tickets.count == tickets)
        #expect(try await bed.storage.jobs(TicketJob.Filter(), before: nil, limit: 1).first?.state.name.rawValue == state)
        #expect(try await bed.log(.jobDecided).count == 1)
    }

    @Test(arguments: [Rule.Mode.off, .dryRun])
    func aRuleThatIsNotActiveAnyMoreSendsNothingUntilItIsAgain(mode: Rule.Mode) async throws {
        let bed = try await OutboxFixture()
        var rule = try await bed.rule()
        let job = try await bed.job("1")
        rule = try await bed.rules.setMode(mode, of: rule, revision: rule.revision, audit: .outbox(.ruleChanged))
        await bed.work()
        #expect(bed.desk.kept.tickets.isEmpty)
        #expect(try await bed.now(job).state == .waiting)
        _ = try await bed.rules.setMode(.active, of: rule, revision: rule.revision, audit: .outbox(.ruleChanged))
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 1)
    }

    @Test func whatIsOlderThanTwoDaysWaitsForAPersonAndThenGoesOut() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { _ in throw refused } }
        let old = try await bed.job("old")
        await bed.work()
        bed.time.advance(by: 48 * 3_600 - 60)
        let young = try await bed.job("young")
        bed.desk.behave { $0.beforeStoring = { _ in } }
        await bed.work(61)
        #expect(try await bed.now(old).state == .needsReview(.tooOld))
        #expect(try await bed.now(young).state.name == .created)
        // Who releases it wants it now, and it does not come back as too old.
        _ = try await bed.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await bed.work()
        #expect(try await bed.now(old).state.name == .created)
    }

    @Test func whatAPersonSendsAgainMayBeOfAnyAge() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { _ in throw lost } }
        let job = try await bed.job("1")
        try await bed.work(rounds: 20)
        bed.desk.behave { $0.beforeStoring = { _ in } }
        bed.time.advance(by: 72 * 3_600)
        try await bed.storage.decide(
            job.id, from: .needsReview(.outcomeUnknown), to: JobOutcome(state: .waiting, attempts: 0, dueAt: bed.time.now),
            at: bed.time.now,
            audit: .outbox(.jobDecided))
        await bed.work()
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func whatWasRefusedAndIsSentAgainIsLookedForOnceBefore() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        // The PSA stores and then refuses, as one does whose answer is checked afterwards.
        bed.desk.behave { $0.afterStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) } }
        let stored = try await bed.job("1")
        await bed.work()
        bed.desk.behave {
            $0.afterStoring = { _ in }
            $0.beforeStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) }
        }
        let missing = try await bed.job("2")
        await bed.work()
        bed.desk.behave { $0.beforeStoring = { _ in } }
        for job in [stored, missing] {
            let failed = try await bed.now(job)
            #expect(failed.state.name == .failed)
            try await bed.storage.resend(job.id, as: failed.payload, at: bed.time.now, audit: .outbox(.jobDecided))
        }
        await bed.work()
        #expect(try await bed.now(stored).state.name == .created)
        #expect(try await bed.now(missing).state.name == .created)
        #expect(bed.desk.kept.tickets.count == 2)
    }

    @Test func onlyWhatFailedCanBeCorrectedAndSentAgain() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        await #expect(throws: StoreError.stale) {
            try await bed.storage.resend(job.id, as: job.payload, at: bed.time.now, audit: .outbox(.jobDecided))
        }
        await #expect(throws: StoreError.notFound) {
            try await bed.storage.resend(.init(rawValue: 99), as: job.payload, at: bed.time.now, audit: .outbox(.jobDecided))
        }
    }

    @Test func aCorrectedItemIsSentWithItsNewValues() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { _ in throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) } }
        let job = try await bed.job("1")
        await bed.work()
        bed.desk.behave { $0.beforeStoring = { _ in } }
        var order = job.payload
        order.summary = "Corrected"
        try await bed.storage.resend(job.id, as: order, at: bed.time.now, audit: .outbox(.jobDecided))
        await bed.work()
        #expect(bed.desk.kept.tickets.map(\.summary) == ["Corrected"])
    }

    @Test func aPoisonedEventFailsAloneAndStopsNoOther() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        bed.desk.behave {
            $0.beforeStoring = { number in
                if number == 2 { throw PSAError(.requestRejected, vendor: VendorReply(status: 400)) }
            }
        }
        var jobs: [TicketJob] = []
        for number in 1...5 { jobs.append(try await bed.job("\(number)")) }
        await bed.work()
        var states: [String] = []
        for job in jobs { states.append(try await bed.now(job).state.name.rawValue) }
        #expect(states == ["created", "failed", "created", "created", "created"])
        #expect(try await bed.storage.rule(rule.id)?.pause == nil)
    }

    @Test func whatSeemsToHoldForEveryItemButDoesNotFailsAlone() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        let poisoned = try await bed.job("0", device: "SRV-0")
        bed.desk.behave {
            $0.refuses = { $0.summary.contains("SRV-0") ? PSAError(.ticketFieldRequired, vendor: VendorReply(status: 400)) : nil }
        }
        for number in 1...4 { try await bed.event("\(number)", device: "SRV-\(number)") }
        try await bed.work(rounds: 12)
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.created: 4, .failed: 1])
        #expect(try await bed.now(poisoned).state.name == .failed)
        #expect(try await bed.storage.rule(rule.id)?.pause == nil)
    }

    @Test func aRuleWhoseDefaultsAreRefusedGoesOnAsSoonAsOneItemGoesThrough() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { _ in throw PSAError(.ticketDefaultInvalid, vendor: VendorReply(status: 400)) } }
        for number in 1...4 { try await bed.event("\(number)") }
        await bed.work()
        #expect(bed.desk.kept.writes == 2, "After a second opinion, what refuses one refuses all.")
        #expect(try await bed.storage.rule(rule.id)?.pause == .refused(.ticketDefaultInvalid))
        await bed.work(61)
        #expect(bed.desk.kept.writes == 5, "Those that were refused are tried again, and one more.")
        bed.desk.behave { $0.beforeStoring = { _ in } }
        try await bed.work(rounds: 10)
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.created: 4])
        #expect(try await bed.storage.rule(rule.id)?.pause == nil)
        #expect(try await bed.log(.ruleResumed).count == 1)
        #expect(try await bed.storage.issues(of: bed.connection.id).allSatisfy { $0.resolvedAt != nil })
    }

    @Test func aDecisionOnWhatHasChangedMeanwhileIsRefused() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        let job = try await bed.job("1")
        await bed.work()
        await #expect(throws: StoreError.stale) {
            try await bed.storage.decide(
                job.id, from: .needsReview(.outcomeUnknown), to: JobOutcome(state: .waiting, attempts: 0, dueAt: bed.time.now),
                at: bed.time.now, audit: .outbox(.jobDecided))
        }
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func aRefusedRuleWaitsForTheNextGoodCheckAndGoesOnByItself() async throws {
        let bed = try await OutboxFixture()
        let (rule, other) = (try await bed.rule(), try await OutboxFixture.connect("other.example.com", bed.storage))
        bed.desk.behave { $0.beforeStoring = { _ in throw PSAError(.authInvalidClient, vendor: VendorReply(status: 401)) } }
        for number in 1...3 { try await bed.event("\(number)") }
        await bed.work()
        #expect(bed.desk.kept.writes == 1)
        #expect(try await bed.storage.rule(rule.id)?.pause == .refused(.authInvalidClient))
        #expect(try await bed.log(.rulePaused).first?.code == .authInvalidClient)
        bed.desk.behave { $0.beforeStoring = { _ in } }
        await bed.work(60)
        #expect(bed.desk.kept.tickets.isEmpty, "Refused credentials are tried at the longest wait only.")
        #expect(try await bed.storage.resumeRefusedRules(of: other.id) { _ in .outbox(.ruleResumed) } == [])
        #expect(try await bed.storage.resumeRefusedRules(of: bed.connection.id) { _ in .outbox(.ruleResumed) } == [rule.id])
        try await bed.storage.engine.wake(bed.connection.id, at: bed.time.now)
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 3)
    }

    @Test func aPausedRuleStillLearnsWhatBecameOfItsWrites() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule()
        bed.desk.behave { $0.afterStoring = { _ in throw lost } }
        let job = try await bed.job("1")
        await bed.work()
        try await bed.storage.queue.write {
            try $0.run("UPDATE job_source SET refused_code = 'request.rejected', probe_at = 0 WHERE id = ?", [.text(rule.id.rawValue)])
        }
        await bed.work(5)
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func aRefusalPausesAlsoARuleThatAStormHasPaused() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule(limit: RuleRateLimit(count: 5, minutes: 10))
        for number in 0..<9 { try await bed.event("\(number)") }
        bed.desk.behave { $0.beforeStoring = { _ in throw PSAError(.permissionRoleDenied, vendor: VendorReply(status: 400)) } }
        await bed.work()
        #expect(bed.desk.kept.writes == 2, "One, and a second opinion.")
        #expect(try await bed.storage.rule(rule.id)?.pause == .refused(.permissionRoleDenied))
    }

    @Test(arguments: [true, false]) func aStormIsOneUntilAllOfItIsReleasedOrDropped(release: Bool) async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule(limit: RuleRateLimit(count: 2, minutes: 10))
        _ = try await bed.rule(mode: .dryRun)
        #expect(try await bed.storage.rateLimitTrips() == [])
        let start = bed.time.now
        for number in 0..<9 {
            try await bed.event("\(number)")
            bed.time.advance(by: 1)
        }
        #expect(try await bed.storage.rateLimitTrips() == [RateLimitTrip(rule: rule.id, name: rule.name, count: 7, since: start + 2)])
        _ = try await bed.rules.decideReviews(of: rule, release: release, audit: .outbox(.jobDecided))
        #expect(try await bed.storage.rateLimitTrips() == [])
    }

    @Test func aRefusalDoesNotHideAStorm() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule(limit: RuleRateLimit(count: 1, minutes: 10))
        for number in 0..<3 { try await bed.event("\(number)") }
        bed.desk.behave { $0.beforeStoring = { _ in throw PSAError(.permissionRoleDenied, vendor: VendorReply(status: 403)) } }
        await bed.work()
        _ = try await bed.storage.resumeRefusedRules(of: bed.connection.id) { _ in .outbox(.ruleResumed) }
        #expect(try await bed.storage.rule(rule.id)?.pause == .rateLimited)
        #expect(try await bed.storage.rateLimitTrips().map(\.count) == [2], "What needs review still waits for a person.")
    }

    @Test func whatIsHeldForItsAgeIsNoStormAndARemovedRuleHasNone() async throws {
        let bed = try await OutboxFixture()
        let rule = try await bed.rule(limit: RuleRateLimit(count: 1, minutes: 10))
        _ = try await bed.job("old")
        await bed.work(49 * 3_600)
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.needsReview: 1])
        #expect(try await bed.storage.rateLimitTrips() == [])
        for number in 0..<3 { try await bed.event("\(number)") }
        #expect(try await bed.storage.rateLimitTrips().map(\.count) == [2])
        try await bed.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        #expect(try await bed.storage.rateLimitTrips() == [])
    }

    @Test func tenThousandEventsInDryRunCauseNoRequest() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule(mode: .dryRun, appendMinutes: 60)
        for number in 0..<10_000 {
            _ = try await bed.events.accept(.sample(senderID: "\(number)", receivedAt: bed.time.now))
        }
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.wouldCreate: 10_000])
        #expect(try await bed.storage.engine.dueConnections(now: bed.time.now, lease: bed.policy.lease).connections.isEmpty)
        await bed.work(3_600)
        let kept = bed.desk.kept
        #expect([kept.writes, kept.reads, kept.searches, kept.companyListings] == [0, 0, 0, 0])
    }
}
