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
    @Test func whatGoesWrongAgainIsOneIssueThatCounts() async throws {
        let bed = try await OutboxFixture()
        for day in 0..<3 {
            try await bed.storage.recordIssue(.networkRefused, of: bed.connection.id, at: .sampleNow + Double(day) * 86_400)
        }
        let issue = try #require(try await bed.storage.issues(of: bed.connection.id).first)
        #expect(issue.count == 3)
        #expect(issue.firstSeenAt == .sampleNow && issue.lastSeenAt == .sampleNow + 2 * 86_400)
        #expect(issue.resolvedAt == nil)
    }

    @Test func anIssueThatComesBackBeginsAnew() async throws {
        let bed = try await OutboxFixture()
        try await bed.storage.recordIssue(.networkRefused, of: bed.connection.id, at: .sampleNow)
        try await bed.storage.recordIssue(.networkRefused, of: bed.connection.id, at: .sampleNow + 1)
        try await bed.storage.resolveIssues(of: bed.connection.id, areas: nil, at: .sampleNow + 2)
        #expect(try await bed.storage.issues(of: nil).map(\.resolvedAt) == [.sampleNow + 2])
        try await bed.storage.recordIssue(.networkRefused, of: bed.connection.id, at: .sampleNow + 3)
        let issue = try #require(try await bed.storage.issues(of: nil).first)
        #expect(issue.count == 1 && issue.firstSeenAt == .sampleNow + 3 && issue.resolvedAt == nil)
    }

    @Test func onlyTheAreasThatWorkAgainAreResolvedAndWhatStandsComesFirst() async throws {
        let bed = try await OutboxFixture()
        for (index, code) in [ErrorCode.authInvalidClient, .networkRefused, .authTokenRejected].enumerated() {
            try await bed.storage.recordIssue(code, of: bed.connection.id, at: .sampleNow + Double(index))
        }
        try await bed.storage.resolveIssues(of: bed.connection.id, areas: ["auth"], at: .sampleNow + 9)
        let issues = try await bed.storage.issues(of: bed.connection.id)
        #expect(issues.map(\.code) == [.networkRefused, .authTokenRejected, .authInvalidClient])
    }

    @Test func aTicketThatGoesThroughResolvesWhatWasInItsWay() async throws {
        let bed = try await OutboxFixture()
        _ = try await bed.rule()
        bed.desk.behave { $0.beforeStoring = { number in if number == 1 { throw refused } } }
        _ = try await bed.job("1")
        await bed.work()
        #expect(try await bed.storage.issues(of: nil).map(\.resolvedAt) == [nil])
        await bed.work(60)
        #expect(try await bed.storage.issues(of: nil).map(\.resolvedAt) == [bed.time.now])
    }

    @Test func aConnectionThatWasRemovedHasNoIssues() async throws {
        let bed = try await OutboxFixture()
        try await bed.storage.recordIssue(.networkRefused, of: bed.connection.id, at: .sampleNow)
        try await bed.storage.removeConnection(bed.connection.id, audit: .outbox(.connectionRemoved))
        try await bed.storage.recordIssue(.networkRefused, of: bed.connection.id, at: .sampleNow)
        #expect(try await bed.storage.issues(of: nil).isEmpty)
    }
}
