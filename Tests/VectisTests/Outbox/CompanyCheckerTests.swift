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

@Suite("Jobs that wait for company resolution") struct CompanyCheckerTests {
    private static let isActive = [Condition(field: .psaCompanyActive, comparison: .equals, value: "yes")]
    private static let minute: TimeInterval = 60

    /// A PSA with an active company, an inactive one, two of one name, and one without a status.
    private static func fixture() async throws -> OutboxFixture {
        let fixture = try await OutboxFixture()
        fixture.psa.behave {
            $0.companies = [
                .sample(1, "Acme", isActive: true), .sample(2, "Closed", isActive: false), .sample(3, "Twin", isActive: true),
                .sample(4, "Twin", isActive: true), .sample(5, "Silent"),
            ]
        }
        return fixture
    }

    @Test(arguments: [
        ("Acme", "created", ""), ("acme ", "created", ""),
        ("Closed", "skipped", "The rule’s conditions on the company don’t hold for “Closed”."),
        ("Twin", "needs_review", "company_ambiguous"), ("Nobody", "needs_review", "company_not_found"),
        ("Silent", "needs_review", "company_silent"),
    ])
    func theCompanyDecidesAndUnknownCompaniesNeedReview(company: String, state: String, reason: String) async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: company)
        #expect(job.state.name == .checking)
        await fixture.work()
        let after = try await fixture.now(job)
        #expect(after.state.name.rawValue == state)
        let found =
            switch after.state {
            case .needsReview(let reason): reason.rawValue
            case .skipped(let why): why
            default: ""
            }
        #expect(found == reason)
        #expect(fixture.psa.state.writes == (state == "created" ? 1 : 0))
    }

    @Test(arguments: [("Acme", "would_create"), ("Closed", "skipped"), ("Nobody", "skipped"), ("Twin", "skipped")])
    func aDryRunChecksCompaniesAndSendsNothing(company: String, state: String) async throws {
        let fixture = try await Self.fixture()
        let rule = try await fixture.rule(mode: .dryRun, if: Self.isActive)
        let job = try await fixture.job("1", company: company)
        // It stays a dry run, though the rule is promoted before the company is known.
        _ = try await fixture.rules.setMode(.active, of: rule, revision: 1, audit: .outbox(.ruleChanged))
        await fixture.work()
        #expect(try await fixture.now(job).state.name.rawValue == state)
        #expect(fixture.psa.state.writes == 0)
    }

    @Test func theSendersIDIsCheckedInThePSABeforeTheName() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        for (id, company, name) in [("1", "1", "Acme"), ("2", "2", "Acme"), ("3", "77", "Acme"), ("4", "77", "Nobody")] {
            var event = HostEvent.sample(senderID: id, company: name, receivedAt: fixture.time.now)
            event.companyID = company
            _ = try await fixture.events.accept(event)
        }
        await fixture.work()
        let states = try await fixture.storage.jobs(TicketJob.Filter(), before: nil, limit: 9).map(\.state.name.rawValue)
        #expect(states == ["needs_review", "created", "needs_review", "created"])
    }

    @Test func conditionsUseTheMappedCompany() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let mapping = NewCompanyMapping(
            connection: fixture.connection.id, tenant: fixture.connection.tenant, sent: SentCompany(id: "", name: "Nobody"),
            company: Company.ID(1),
            companyName: "Acme", mappedBy: "ada", mappedAt: fixture.time.now)
        _ = try await fixture.storage.add(mapping, audit: .outbox(.companyMapped))
        let job = try await fixture.job("1", company: "NOBODY ")
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .created)
    }

    /// Whether the job was sent once, and refused for a while, before its company turned out to be another one.
    @Test(arguments: [(wasSent: true, isReleased: false), (false, false), (true, true)])
    func aJobThatTurnsOutToBeForAnotherCompanyIsCheckedAgain(_ wasSent: Bool, _ isReleased: Bool) async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: [Condition(field: .psaCompanyName, comparison: .equals, value: "Acme")])
        let job = try await fixture.job("1", company: "Acme")
        if wasSent {
            fixture.psa.behave { $0.refuses = { _ in PSAError(.rateLimited) } }
            await fixture.work()
            fixture.psa.behave { $0.refuses = { _ in nil } }
        } else {
            let checker = CompanyChecker(
                checks: fixture.storage, store: fixture.storage.engine, sessions: fixture.sessions, companies: fixture.companies,
                policy: fixture.policy, time: fixture.time.source)
            try await checker.work(on: fixture.connection.id)
        }
        let waiting = try await fixture.now(job)
        #expect(waiting.state == .waiting && waiting.company == .resolved(Company.ID(1)))
        let mapping = NewCompanyMapping(
            connection: fixture.connection.id, tenant: fixture.connection.tenant, sent: SentCompany(id: "", name: "Acme"),
            company: Company.ID(3), companyName: "Twin", mappedBy: "ada", mappedAt: fixture.time.now)
        _ = try await fixture.storage.add(mapping, audit: .outbox(.companyMapped))
        if isReleased {
            fixture.time.advance(by: 49 * 3_600)
            await fixture.work()
            let held = try await fixture.now(job)
            #expect(held.state == .needsReview(.tooOld))
            let jobs = JobService(storage: fixture.storage, connections: fixture.connections, time: fixture.time.source, wake: {})
            let origin = RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: "")
            try await jobs.decide(held, .resend, seen: nil, by: origin)
        }
        try await fixture.work(rounds: 4)
        let after = try await fixture.now(job)
        if isReleased {
            #expect(after.state.name == .created && fixture.psa.state.drafts.map(\.company) == [Company.ID(3)])
        } else {
            #expect(after.state == .skipped(SkipReason.companyConditions("Twin").stored))
            #expect(fixture.psa.state.tickets.isEmpty)
        }
    }

    @Test func aCompanyMissingFromAnIncompleteListNeedsReviewForThatReason() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        fixture.psa.behave { $0.companiesAreCutOff = true }
        let job = try await fixture.job("1", company: "Nobody")
        await fixture.work()
        #expect(try await fixture.now(job).state == .needsReview(.companiesIncomplete))
    }

    @Test func whileThePSAIsUnreadableNothingIsDecidedAndNothingIsLost() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work()
        let after = try await fixture.now(job)
        #expect(after.state.name == .checking && after.attempts == 1)
        #expect(after.dueAt == fixture.time.now + 7.5)
        #expect(try await fixture.storage.issues(of: fixture.connection.id).map(\.code) == [.networkRefused])
        // For hours.
        try await fixture.work(rounds: 60)
        let tries = fixture.psa.state.companyListings
        #expect(try await fixture.now(job).state.name == .checking)
        fixture.time.advance(by: 3_600)
        fixture.psa.behave { $0.beforeListingCompanies = {} }
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.companyListings == tries + 1)
    }

    @Test func jobsResolvedTooLateNeedReviewForTheirAge() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work(49 * 3_600)
        #expect(try await fixture.now(job).state == .needsReview(.tooOld))
    }

    @Test func theCompaniesOfAnotherTenantDecideNothing() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Closed")
        try await fixture.leadElsewhere()
        await fixture.work()
        #expect(try await fixture.now(job).state == .needsReview(.tenantChanged))
        #expect(fixture.psa.state.writes == 0)
    }

    @Test func duringAnOutageNewEventsWaitForTheNextAttempt() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        _ = try await fixture.job("0", company: "Acme")
        await fixture.work()
        for number in 1...20 {
            _ = try await fixture.job("\(number)", company: "Acme")
            await fixture.work(0.1)
        }
        #expect(fixture.psa.state.companyListings == 1)
        fixture.psa.behave { $0.beforeListingCompanies = {} }
        await fixture.work(10)
        #expect(fixture.psa.state.companyListings == 2)
        #expect(fixture.psa.state.tickets.count == 21)
    }

    @Test func rejectedCredentialsAreNotRetriedRepeatedly() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        fixture.psa.behave { $0.beforeListingCompanies = { throw PSAError(.authInvalidClient) } }
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work()
        #expect(try await fixture.now(job).dueAt == fixture.time.now + 15 * Self.minute)
    }

    @Test func withoutPermissionToReadCompaniesJobsNeedReview() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        fixture.psa.behave { $0.beforeListingCompanies = { throw PSAError(.permissionRoleDenied) } }
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work()
        #expect(try await fixture.now(job).state == .needsReview(.companiesUnreadable))
    }

    @Test func aCompanyNewerThanTheListIsSearchedInTheNextList() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        _ = try await fixture.job("1", company: "Acme")
        await fixture.work()
        fixture.time.advance(by: Self.minute)
        let jobs = [try await fixture.job("2", company: "New"), try await fixture.job("3", company: "Never")]
        fixture.psa.behave { $0.companies.append(.sample(6, "New", isActive: true)) }
        await fixture.work()
        #expect(try await fixture.now(jobs[0]).state.name == .checking)
        #expect(try await fixture.now(jobs[0]).dueAt == fixture.time.now + 14 * Self.minute)
        #expect(fixture.psa.state.companyListings == 1)
        await fixture.work(14 * Self.minute)
        #expect(try await fixture.now(jobs[0]).state.name == .created)
        #expect(try await fixture.now(jobs[1]).state == .needsReview(.companyNotFound))
        #expect(fixture.psa.state.companyListings == 2)
    }

    /// The local copy of the companies of ``fixture()``, read some minutes ago.
    private static func useCopy(minutesOld: Double, _ fixture: OutboxFixture) async {
        let copy = CompanyList(
            [CompanyFacts(id: Company.ID(1), name: "Acme", isActive: true)], of: fixture.connection.tenant,
            readAt: fixture.time.now - minutesOld * minute, idForm: FakePSAConnector.descriptor.companyIDs, isComplete: true)
        await fixture.companies.use { _ in copy }
    }

    @Test(.timeLimit(.minutes(1))) func aCompanyMissingFromAnOldCopyIsSearchedInANewListOnce() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        await Self.useCopy(minutesOld: 20, fixture)
        let known = try await fixture.job("1", company: "Acme")
        await fixture.work()
        #expect(try await fixture.now(known).state.name == .created)
        // A company of an old copy is read again, which this PSA answers with its list.
        #expect(fixture.psa.state.companyListings == 1)
        fixture.psa.behave { $0.companies.append(.sample(6, "New", isActive: true)) }
        let (new, never) = (try await fixture.job("2", company: "New"), try await fixture.job("3", company: "Never"))
        await fixture.work()
        #expect(try await fixture.now(new).state.name == .created)
        #expect(try await fixture.now(never).state == .needsReview(.companyNotFound))
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test(.timeLimit(.minutes(1))) func aCompanyMissingFromARecentCopyIsSearchedInANewListOnceTheCopyIsOld() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        await Self.useCopy(minutesOld: 5, fixture)
        let job = try await fixture.job("1", company: "Never")
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .checking)
        #expect(try await fixture.now(job).dueAt == fixture.time.now + 10 * Self.minute)
        #expect(fixture.psa.state.companyListings == 0)
        await fixture.work(10 * Self.minute)
        #expect(try await fixture.now(job).state == .needsReview(.companyNotFound))
        #expect(fixture.psa.state.companyListings == 1)
    }

    @Test func aJobWaitsAMinuteForAListThatExpiresSooner() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        _ = try await fixture.job("1", company: "Acme")
        await fixture.work()
        fixture.time.advance(by: 15 * Self.minute - 1)
        let job = try await fixture.job("2", company: "Never")
        await fixture.work()
        #expect(try await fixture.now(job).dueAt == fixture.time.now + Self.minute)
    }

    @Test func releasedJobsAreSentWithoutFurtherReview() async throws {
        let fixture = try await Self.fixture()
        let rule = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Nobody")
        await fixture.work()
        _ = try await fixture.rules.decideReviews(of: rule, release: true, audit: .outbox(.jobDecided))
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func onlyMatchingEventsCountTowardTheLimit() async throws {
        let fixture = try await Self.fixture()
        let rule = try await fixture.rule(if: Self.isActive, limit: RuleRateLimit(count: 3, minutes: 10))
        for number in 0..<20 { _ = try await fixture.job("closed \(number)", company: "Closed") }
        for number in 0..<5 { _ = try await fixture.job("\(number)", company: "Acme") }
        await fixture.work()
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.skipped: 20, .created: 3, .needsReview: 2])
        #expect(try await fixture.storage.rule(rule.id)?.pauses == [.rateLimited])
        #expect(try await fixture.log(.rulePaused).count == 1)
    }

    @Test func jobsDelayedByAnOutageAreNotARateLimitTrip() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive, limit: RuleRateLimit(count: 3, minutes: 10))
        for number in 0..<20 {
            _ = try await fixture.job("\(number)", company: "Acme")
            fixture.time.advance(by: 5 * Self.minute)
        }
        await fixture.work()
        #expect(fixture.psa.state.tickets.count == 20)
    }

    @Test func aRemovedRuleDropsJobsThatWaitForACompany() async throws {
        let fixture = try await Self.fixture()
        let rule = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Acme")
        try await fixture.storage.removeRule(rule.id, audit: .outbox(.ruleRemoved))
        await fixture.work()
        #expect(try await fixture.now(job).state == .dropped)
        #expect(fixture.psa.state.companyListings == 0)
    }

    @Test func aRemovedConnectionIsReportedAsRemoved() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Acme")
        try await fixture.storage.removeConnection(fixture.connection.id, audit: .outbox(.connectionRemoved))
        await fixture.work()
        #expect(try await fixture.now(job).state == .skipped("The connection was removed."))
    }

    @Test(.ofSQLite) func thousandsOfEventsInDryRunReadTheListOnce() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(mode: .dryRun, if: Self.isActive)
        _ = try await fixture.rule(mode: .dryRun)
        for number in 0..<3_000 {
            let company = number % 2 == 0 ? "Acme" : "Closed"
            _ = try await fixture.events.accept(.sample(senderID: "\(number)", company: company, receivedAt: fixture.time.now))
        }
        #expect(fixture.psa.state.companyListings == 0)
        await fixture.work()
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.wouldCreate: 4_500, .skipped: 1_500])
        let state = fixture.psa.state
        #expect([state.writes, state.reads, state.searches, state.companyListings] == [0, 0, 0, 1])
    }

    @Test func aReplayDoesNotResolveCompanies() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.event("1", company: "Acme")
        _ = try await fixture.event("2", company: "Closed")
        _ = try await fixture.event("3")
        let rule = try await fixture.rule(if: Self.isActive)
        let count = try await fixture.rules.replay(rule, latest: 500, audit: .outbox(.ruleReplayed))
        #expect([count.events, count.jobs, count.checks] == [3, 0, 2])
        await fixture.work()
        #expect(try await fixture.storage.jobCounts(TicketJob.Filter()).byState == [.wouldCreate: 1, .skipped: 1])
        #expect(fixture.psa.state.writes == 0)
    }

    @Test func aClockSetBackDoesNotDelayAJobForDays() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work()
        fixture.psa.behave { $0.beforeListingCompanies = {} }
        fixture.time.adjustWallClock(by: -2 * 86_400)
        let (due, _) = try await fixture.storage.engine.dueConnections(now: fixture.time.now, lease: fixture.policy.lease)
        #expect(due == [fixture.connection.id])
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func outcomesStoredByAnotherHostAreNotOverwritten() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work()
        let before = try await fixture.now(job)
        try await fixture.storage.finishChecks([job.id], at: fixture.time.now) { _, _, _ in
            CheckOutcome(state: .skipped("late"), dueAt: .distantPast)
        }
        #expect(try await fixture.now(job) == before)
    }

    @Test func aJobWhosePreconditionIsUnreadableIsNotSent() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.rule(if: Self.isActive)
        let job = try await fixture.job("1", company: "Acme")
        try await fixture.storage.queue.write { try $0.execute("UPDATE job SET precondition = '{}'") }
        // The checker fails, and the dispatcher waits before it asks the store again.
        let work = Task { await fixture.work() }
        await fixture.time.waitForSleeper()
        fixture.time.advance(by: 2)
        await work.value
        #expect(try await fixture.now(job).state.name == .checking)
        #expect(fixture.psa.state.writes == 0)
    }
}
