import FoundationEssentials
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Outcomes of jobs") struct OutcomeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var code: ErrorCode
        var retry: RetryAdvice?
        var state: String
        /// Seconds until it is due.
        var wait: TimeInterval
        var isPaused = false
        var audit: AuditEntry.Outcome?
        /// Whether it is an issue of the connection, and not of this item alone.
        var isIssue = true
        var testDescription: String { "\(code) \(retry.map { "\($0)" } ?? "")" }
    }

    /// The first try: half of 10 seconds, and the other half by a chance of one half.
    private static let firstWait = 7.5

    private static let cases = [
        // Unknown outcome: search.
        Case(code: .writeOutcomeUnknown, state: "unknown", wait: 5, audit: .unknown),
        // Connection-wide: wait at least as long as requested.
        Case(code: .networkRefused, retry: .afterFix, state: "waiting", wait: firstWait),
        Case(code: .networkDNSNotFound, state: "waiting", wait: firstWait),
        Case(code: .networkTimeout, retry: .afterDelay(.seconds(60)), state: "waiting", wait: 60),
        Case(code: .tlsExpired, state: "waiting", wait: firstWait),
        Case(code: .proxyLoginRedirect, state: "waiting", wait: firstWait),
        Case(code: .urlForbiddenAddress, state: "waiting", wait: firstWait),
        Case(code: .vendorUnavailable, retry: .afterDelay(.seconds(120)), state: "waiting", wait: 120),
        Case(code: .rateLimited, retry: .afterDelay(.seconds(30)), state: "waiting", wait: 30),
        Case(code: .rateLimited, retry: .afterDelay(.zero), state: "waiting", wait: firstWait),
        Case(code: .rateLimited, retry: .afterDelay(.seconds(400 * 86_400)), state: "waiting", wait: 6 * 3_600),
        Case(code: .requestConflict, retry: .safeNow, state: "waiting", wait: firstWait, isIssue: false),
        // Rejected for its own values: it fails alone.
        Case(code: .requestRejected, retry: .afterFix, state: "failed", wait: 0, audit: .failed, isIssue: false),
        Case(code: .requestInvalid, state: "failed", wait: 0, audit: .failed, isIssue: false),
        Case(code: .requestNotFound, state: "failed", wait: 0, audit: .failed, isIssue: false),
        // Every item of the rule would be rejected: it waits and is retried occasionally.
        Case(code: .permissionRoleDenied, state: "waiting", wait: 60, isPaused: true),
        Case(code: .ticketDefaultInvalid, state: "waiting", wait: 60, isPaused: true),
        Case(code: .configMissingField, state: "waiting", wait: 60, isPaused: true),
        Case(code: .connectorUnsupported, retry: .never, state: "waiting", wait: 60, isPaused: true),
        Case(code: .authInvalidClient, state: "waiting", wait: 900, isPaused: true),
        Case(code: .authTokenRejected, state: "waiting", wait: 900, isPaused: true),
    ]

    @Test(arguments: cases) func anErrorDeterminesStateDelayPauseAuditAndIssue(_ expected: Case) async throws {
        let fixture = try await OutboxFixture()
        let rule = try await fixture.rule()
        var error = PSAError(expected.code, vendor: VendorReply(status: 400))
        if let retry = expected.retry { error.retry = retry }
        fixture.psa.behave { [error] in $0.beforeStoring = { _ in throw error } }
        let job = try await fixture.job("1")
        let start = fixture.time.now
        await fixture.work()
        let after = try await fixture.now(job)
        #expect(after.state.name.rawValue == expected.state)
        if after.state == .waiting || after.state == .unknown {
            #expect(abs(after.dueAt.timeIntervalSince(start) - expected.wait) < 0.01)
        }
        if case .failed(let code, let problem) = after.state {
            #expect(code == expected.code && problem.contains(expected.code.rawValue))
        }
        #expect(try await fixture.storage.rule(rule.id)?.pauses == (expected.isPaused ? [.refused(expected.code)] : []))
        let entries = try await fixture.log(.ticketCreated)
        #expect(entries.map(\.outcome) == (expected.audit.map { [$0] } ?? []))
        #expect(entries.allSatisfy { $0.detail.contains(job.reference.rawValue) && $0.code == expected.code })
        #expect(try await fixture.storage.issues(of: nil).map(\.code) == (expected.isIssue ? [expected.code] : []))
        if after.state == .waiting { #expect(after.cause?.code == expected.code, "What waits says why.") }
        #expect(fixture.psa.state.writes == 1)
    }

    @Test func aDefectDuringAWriteLeavesTheOutcomeUnknown() async throws {
        struct Escaped: Error {}
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        fixture.psa.behave { $0.afterStoring = { _ in throw Escaped() } }
        await fixture.work()
        #expect(try await fixture.now(job).state == .unknown)
        await fixture.work(5)
        #expect(try await fixture.now(job).state.name == .created)
        #expect(fixture.psa.state.tickets.count == 1)
    }

    @Test func jobsThatFailedBeforeTheRequestAreNotSearched() async throws {
        let fixture = try await OutboxFixture()
        let job = try await Self.held(fixture)
        for error in [CancellationError() as any Error, StoredRowError.unreadable(table: "job")] {
            #expect(fixture.writer().outcome(ofUnsent: error, job).state == .waiting)
            #expect(fixture.writer().outcome(of: error, job, isNote: false).state == .unknown)
        }
    }

    @Test(arguments: [(1, 7.5), (2, 15), (3, 30), (7, 480), (60, 675)])
    func theWaitDoublesUpToItsLimit(attempts: Int, seconds: TimeInterval) {
        let wait = OutboxPolicy().wait(after: attempts, random: 0.5).seconds
        #expect(abs(wait - seconds) < 0.01)
    }

    @Test func attemptsThatNeverReachedThePSAAreNotCountedAsSends() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        let job = try await fixture.job("1")
        // Ten connection failures, then one with an unknown outcome.
        fixture.psa.behave { $0.beforeStoring = { number in throw number <= 10 ? connectionRefused : outcomeUnknown } }
        try await fixture.work(rounds: 11)
        #expect(try await fixture.now(job).state == .unknown)
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        try await fixture.work(rounds: 4)
        #expect(try await fixture.now(job).state.name == .created)
    }

    @Test func aConnectionWideErrorIsRetriedByOneJobAtATime() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        for number in 1...20 { _ = try await fixture.job("\(number)") }
        fixture.psa.behave { $0.beforeStoring = { _ in throw connectionRefused } }
        await fixture.work()
        #expect(fixture.psa.state.writes == 1)
        // They alternate, so that none blocks all others.
        try await fixture.work(rounds: 2)
        #expect(Set(try await fixture.storage.jobs(TicketJob.Filter(), before: nil, limit: 50).map(\.attempts)) == [0, 1])
        fixture.psa.behave { $0.beforeStoring = { _ in } }
        await fixture.work(60)
        #expect(fixture.psa.state.tickets.count == 20)
    }

    @Test func anEventWithoutTheSummarysFieldsStillHasASummary() async throws {
        let fixture = try await OutboxFixture()
        var definition = RuleDefinition.sample(connection: fixture.connection.id)
        definition.action.summary = TextTemplate("{device}")
        try await fixture.storage.add(.sample(definition), audit: .outbox(.ruleCreated))
        #expect(try await fixture.job("1", device: "").payload.summary == "backup.failed")
    }

    private static func held(_ fixture: OutboxFixture) async throws -> TicketJob {
        _ = try await fixture.rule()
        _ = try await fixture.job("1")
        return try #require(
            try await fixture.storage.engine.leaseNext(
                for: fixture.connection.id, by: ProcessID(), now: fixture.time.now, lease: fixture.policy.lease))
    }
}

@Suite("Issues of connections") struct IssueTests {
    @Test func aRepeatedErrorIsOneIssueWithACount() async throws {
        let fixture = try await OutboxFixture()
        for day in 0..<3 {
            try await fixture.storage.recordIssue(.networkRefused, of: fixture.connection.id, at: .sampleNow + Double(day) * 86_400)
        }
        let issue = try #require(try await fixture.storage.issues(of: fixture.connection.id).first)
        #expect(issue.count == 3)
        #expect(issue.firstSeenAt == .sampleNow && issue.lastSeenAt == .sampleNow + 2 * 86_400)
        #expect(issue.resolvedAt == nil)
    }

    @Test func aResolvedIssueThatRecursIsANewIssue() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.storage.recordIssue(.networkRefused, of: fixture.connection.id, at: .sampleNow)
        try await fixture.storage.recordIssue(.networkRefused, of: fixture.connection.id, at: .sampleNow + 1)
        try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: .all, at: .sampleNow + 2)
        #expect(try await fixture.storage.issues(of: nil).map(\.resolvedAt) == [.sampleNow + 2])
        try await fixture.storage.recordIssue(.networkRefused, of: fixture.connection.id, at: .sampleNow + 3)
        let issue = try #require(try await fixture.storage.issues(of: nil).first)
        #expect(issue.count == 1 && issue.firstSeenAt == .sampleNow + 3 && issue.resolvedAt == nil)
    }

    @Test func onlyWorkingAreasAreResolvedAndOpenIssuesAreListedFirst() async throws {
        let fixture = try await OutboxFixture()
        for (index, code) in [ErrorCode.authInvalidClient, .networkRefused, .authTokenRejected].enumerated() {
            try await fixture.storage.recordIssue(code, of: fixture.connection.id, at: .sampleNow + Double(index))
        }
        try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: [.auth], at: .sampleNow + 9)
        let issues = try await fixture.storage.issues(of: fixture.connection.id)
        #expect(issues.map(\.code) == [.networkRefused, .authTokenRejected, .authInvalidClient])
    }

    @Test func aPassedTestDoesNotResolveTheIssuesOfTheLocalCopy() async throws {
        let fixture = try await HostFixture()
        let saved = try await fixture.saved()
        for code in [ErrorCode.networkRefused, .syncStale] {
            try await fixture.storage.recordIssue(code, of: saved.id, at: .sampleNow)
        }
        let outcome = try await fixture.service.test(try fixture.service.draft(of: saved), audit: .sample(.connectionTested))
        #expect(outcome.report.isConnected)
        #expect(try await fixture.storage.issues(of: saved.id).filter { $0.resolvedAt == nil }.map(\.code) == [.syncStale])
    }

    @Test func aCreatedTicketResolvesTheIssueThatBlockedIt() async throws {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave { $0.beforeStoring = { number in if number == 1 { throw connectionRefused } } }
        _ = try await fixture.job("1")
        await fixture.work()
        #expect(try await fixture.storage.issues(of: nil).map(\.resolvedAt) == [nil])
        await fixture.work(60)
        #expect(try await fixture.storage.issues(of: nil).map(\.resolvedAt) == [fixture.time.now])
    }

    @Test func aRemovedConnectionHasNoIssues() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.storage.recordIssue(.networkRefused, of: fixture.connection.id, at: .sampleNow)
        try await fixture.storage.removeConnection(fixture.connection.id, audit: .outbox(.connectionRemoved))
        try await fixture.storage.recordIssue(.networkRefused, of: fixture.connection.id, at: .sampleNow)
        #expect(try await fixture.storage.issues(of: nil).isEmpty)
    }
}
