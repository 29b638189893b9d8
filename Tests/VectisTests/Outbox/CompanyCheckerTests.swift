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

@Suite("Jobs that depend on their company") struct CompanyCheckerTests {
    private static let isActive = [Condition(field: .psaCompanyActive, comparison: .equals, value: "yes")]
    private static let minute: TimeInterval = 60

    /// A desk with an active company, one that is not, two of one name, and one of which it does not say.
    private static func bed() async throws -> OutboxFixture {
        let bed = try await OutboxFixture()
        bed.desk.behave {
            $0.companies = [
                .sample(1, "Acme", isActive: true), .sample(2, "Closed", isActive: false), .sample(3, "Twin", isActive: true),
                .sample(4, "Twin", isActive: true), .sample(5, "Silent"),
            ]
        }
        return bed
    }

    @Test(arguments: [
        ("Acme", "created", ""), ("acme ", "created", ""),
        ("Closed", "skipped", "The rule’s conditions on the company don’t hold for “Closed”."),
        ("Twin", "needs_review", "company_ambiguous"), ("Nobody", "needs_review", "company_not_found"),
        ("Silent", "needs_review", "company_silent"),
    ])
    func theCompanyDecidesAndWhatIsNotKnownIsHeld(company: String, state: String, reason: String) async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: company)
        #expect(job.state.name == .checking)
        await bed.work()
        let after = try await bed.now(job)
        #expect(after.state.name.rawValue == state)
        let found =
            switch after.state {
            case .needsReview(let reason): reason.rawValue
            case .skipped(let why): why
            default: ""
            }
        #expect(found == reason)
        #expect(bed.desk.kept.writes == (state == "created" ? 1 : 0))
    }

    @Test(arguments: [("Acme", "would_create"), ("Closed", "skipped"), ("Nobody", "skipped"), ("Twin", "skipped")])
    func aDryRunAsksTooAndSendsNothing(company: String, state: String) async throws {
        let bed = try await Self.bed()
        let rule = try await bed.rule(mode: .dryRun, if: Self.isActive)
        let job = try await bed.job("1", company: company)
        // It stays a dry run, though the rule is promoted before the company is known.
        _ = try await bed.rules.setMode(.active, of: rule, revision: 1, audit: .outbox(.ruleChanged))
        await bed.work()
        #expect(try await bed.now(job).state.name.rawValue == state)
        #expect(bed.desk.kept.writes == 0)
    }

    @Test func theIDThatTheSenderKnowsIsLookedUpInThePSAAndLeavesItToTheNameOtherwise() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        for (id, company, name) in [("1", "1", "Acme"), ("2", "2", "Acme"), ("3", "77", "Acme"), ("4", "77", "Nobody")] {
            var event = HostEvent.sample(senderID: id, company: name, receivedAt: bed.time.now)
            event.companyID = company
            _ = try await bed.events.accept(event)
        }
        await bed.work()
        let states = try await bed.storage.jobs(TicketJob.Filter(), before: nil, limit: 9).map(\.state.name.rawValue)
        #expect(states == ["needs_review", "created", "skipped", "created"])
    }

    @Test func theCompanyThatAPersonMappedIsTheOneThatIsAskedAbout() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        let mapping = NewCompanyMapping(
            connection: bed.connection.id, tenant: bed.connection.tenant, sent: SentCompany(id: "", name: "Nobody"), company: Company.ID(1),
            companyName: "Acme", mappedBy: "ada", mappedAt: bed.time.now)
        _ = try await bed.storage.add(mapping, audit: .outbox(.companyMapped))
        let job = try await bed.job("1", company: "NOBODY ")
        await bed.work()
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func aCompanyThatIsNotInAnIncompleteListIsHeldWithThatReason() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        bed.desk.behave { $0.companiesAreCutOff = true }
        let job = try await bed.job("1", company: "Nobody")
        await bed.work()
        #expect(try await bed.now(job).state == .needsReview(.companiesIncomplete))
    }

    @Test func whileThePSACanNotBeReadNothingIsDecidedAndNothingIsLost() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        bed.desk.behave { $0.beforeListingCompanies = { throw refused } }
        let job = try await bed.job("1", company: "Acme")
        await bed.work()
        let after = try await bed.now(job)
        #expect(after.state.name == .checking && after.attempts == 1)
        #expect(after.dueAt == bed.time.now + 7.5)
        #expect(try await bed.storage.issues(of: bed.connection.id).map(\.code) == [.networkRefused])
        // For hours.
        try await bed.work(rounds: 60)
        let tries = bed.desk.kept.companyListings
        #expect(try await bed.now(job).state.name == .checking)
        bed.time.advance(by: 3_600)
        bed.desk.behave { $0.beforeListingCompanies = {} }
        await bed.work()
        #expect(try await bed.now(job).state.name == .created)
        #expect(bed.desk.kept.companyListings == tries + 1)
    }

    @Test func whatTurnsOutTooLateIsHeldForItsAge() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: "Acme")
        await bed.work(49 * 3_600)
        #expect(try await bed.now(job).state == .needsReview(.tooOld))
    }

    @Test func duringAnOutageNewEventsWaitForTheNextTryInsteadOfAsking() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        bed.desk.behave { $0.beforeListingCompanies = { throw refused } }
        _ = try await bed.job("0", company: "Acme")
        await bed.work()
        for number in 1...20 {
            _ = try await bed.job("\(number)", company: "Acme")
            await bed.work(0.1)
        }
        #expect(bed.desk.kept.companyListings == 1)
        bed.desk.behave { $0.beforeListingCompanies = {} }
        await bed.work(10)
        #expect(bed.desk.kept.companyListings == 2)
        #expect(bed.desk.kept.tickets.count == 21)
    }

    @Test func refusedCredentialsAreNotTriedOverAndOver() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        bed.desk.behave { $0.beforeListingCompanies = { throw PSAError(.authInvalidClient) } }
        let job = try await bed.job("1", company: "Acme")
        await bed.work()
        #expect(try await bed.now(job).dueAt == bed.time.now + 15 * Self.minute)
    }

    @Test func aConnectionThatMayNotReadCompaniesHoldsForAPerson() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        bed.desk.behave { $0.beforeListingCompanies = { throw PSAError(.permissionRoleDenied) } }
        let job = try await bed.job("1", company: "Acme")
        await bed.work()
        #expect(try await bed.now(job).state == .needsReview(.companiesUnreadable))
    }

    @Test func aCompanyYoungerThanTheListIsLookedForInTheNext() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        _ = try await bed.job("1", company: "Acme")
        await bed.work()
        bed.time.advance(by: Self.minute)
        let jobs = [try await bed.job("2", company: "New"), try await bed.job("3", company: "Never")]
        bed.desk.behave { $0.companies.append(.sample(6, "New", isActive: true)) }
        await bed.work()
        #expect(try await bed.now(jobs[0]).state.name == .checking)
        #expect(try await bed.now(jobs[0]).dueAt == bed.time.now + 14 * Self.minute)
        #expect(bed.desk.kept.companyListings == 1)
        await bed.work(14 * Self.minute)
        #expect(try await bed.now(jobs[0]).state.name == .created)
        #expect(try await bed.now(jobs[1]).state == .needsReview(.companyNotFound))
        #expect(bed.desk.kept.companyListings == 2)
    }

    @Test func whatAPersonReleasesGoesOutWithoutBeingAskedAgain() async throws {
        let bed = try await Self.bed()
        let rule = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: "Nobody")
        await bed.work()
        _ = try await bed.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await bed.work()
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func onlyWhatFiresCountsForTheLimit() async throws {
        let bed = try await Self.bed()
        let rule = try await bed.rule(if: Self.isActive, limit: RuleRateLimit(count: 3, minutes: 10))
        for number in 0..<20 { _ = try await bed.job("closed \(number)", company: "Closed") }
        for number in 0..<5 { _ = try await bed.job("\(number)", company: "Acme") }
        await bed.work()
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.skipped: 20, .created: 3, .needsReview: 2])
        #expect(try await bed.storage.rule(rule.id)?.pause == .rateLimited)
        #expect(try await bed.log(.rulePaused).count == 1)
    }

    @Test func whatCameSlowlyIsNoStormBecauseThePSAWasAway() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive, limit: RuleRateLimit(count: 3, minutes: 10))
        for number in 0..<20 {
            _ = try await bed.job("\(number)", company: "Acme")
            bed.time.advance(by: 5 * Self.minute)
        }
        await bed.work()
        #expect(bed.desk.kept.tickets.count == 20)
    }

    @Test func aRuleThatIsRemovedDropsWhatDependsOnACompany() async throws {
        let bed = try await Self.bed()
        let rule = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: "Acme")
        try await bed.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        await bed.work()
        #expect(try await bed.now(job).state == .dropped)
        #expect(bed.desk.kept.companyListings == 0)
    }

    @Test func aConnectionThatIsRemovedSaysSo() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: "Acme")
        try await bed.storage.removeConnection(bed.connection.id, audit: .outbox(.connectionRemoved))
        await bed.work()
        #expect(try await bed.now(job).state == .skipped("The connection was removed."))
    }

    @Test func tenThousandEventsInDryRunCostOneReadingOfTheList() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(mode: .dryRun, if: Self.isActive)
        _ = try await bed.rule(mode: .dryRun)
        for number in 0..<10_000 {
            let company = number % 2 == 0 ? "Acme" : "Closed"
            _ = try await bed.events.accept(.sample(senderID: "\(number)", company: company, receivedAt: bed.time.now))
        }
        #expect(bed.desk.kept.companyListings == 0)
        await bed.work()
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.wouldCreate: 15_000, .skipped: 5_000])
        let kept = bed.desk.kept
        #expect([kept.writes, kept.reads, kept.searches, kept.companyListings] == [0, 0, 0, 1])
    }

    @Test func aReplayLeavesTheCompanyToTheOutbox() async throws {
        let bed = try await Self.bed()
        _ = try await bed.event("1", company: "Acme")
        _ = try await bed.event("2", company: "Closed")
        _ = try await bed.event("3")
        let rule = try await bed.rule(if: Self.isActive)
        let count = try await bed.rules.replay(rule, latest: 500, audit: .outbox(.ruleReplayed))
        #expect([count.events, count.jobs, count.checks] == [3, 0, 2])
        await bed.work()
        #expect(try await bed.storage.jobCounts(TicketJob.Filter()).byState == [.wouldCreate: 1, .skipped: 1])
        #expect(bed.desk.kept.writes == 0)
    }

    @Test func aClockSetBackDoesNotKeepAFiringForDays() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        bed.desk.behave { $0.beforeListingCompanies = { throw refused } }
        let job = try await bed.job("1", company: "Acme")
        await bed.work()
        bed.desk.behave { $0.beforeListingCompanies = {} }
        bed.time.adjustWallClock(by: -2 * 86_400)
        let (due, _) = try await bed.storage.engine.dueConnections(now: bed.time.now, lease: bed.policy.lease)
        #expect(due == [bed.connection.id])
        await bed.work()
        #expect(try await bed.now(job).state.name == .created)
    }

    @Test func whatAnotherHostHasDecidedStaysAsItIs() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: "Acme")
        await bed.work()
        let before = try await bed.now(job)
        try await bed.storage.finishChecks([job.id], at: bed.time.now) { _, _, _ in
            CheckOutcome(state: .skipped("late"), dueAt: .distantPast)
        }
        #expect(try await bed.now(job) == before)
    }

    @Test func aJobWhosePreconditionIsUnreadableIsNotSent() async throws {
        let bed = try await Self.bed()
        _ = try await bed.rule(if: Self.isActive)
        let job = try await bed.job("1", company: "Acme")
        try await bed.storage.queue.write { try $0.execute("UPDATE job SET precondition = '{}'") }
        await bed.work()
        #expect(try await bed.now(job).state.name == .checking)
        #expect(bed.desk.kept.writes == 0)
    }
}
