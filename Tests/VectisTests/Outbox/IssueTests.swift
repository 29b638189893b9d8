import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

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
        try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: nil, at: .sampleNow + 2)
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
        try await fixture.storage.resolveIssues(of: fixture.connection.id, areas: ["auth"], at: .sampleNow + 9)
        let issues = try await fixture.storage.issues(of: fixture.connection.id)
        #expect(issues.map(\.code) == [.networkRefused, .authTokenRejected, .authInvalidClient])
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
