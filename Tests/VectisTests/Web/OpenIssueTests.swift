import Foundation
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Open issues on a connection's page")
struct OpenIssueTests {
    @Test func eachHasItsCodeTitleTimesAndCount() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)"
            #expect(try await !browser.get(path).text.contains("Open issues"))
            let storage = fixture.services.storage
            for minute in 0..<3 { try await storage.recordIssue(.networkRefused, of: connection.id, at: .sampleNow + Double(minute) * 60) }
            try await storage.recordIssue(.rateLimited, of: connection.id, at: .sampleNow)
            try await storage.resolveIssues(of: connection.id, areas: ["rate"], at: .sampleNow)
            let rows = try await browser.get(path).text.matches(of: /<tr><td>[\s\S]*?<\/tr>/).map { String($0.0) }
            let row = try #require(rows.count == 1 ? rows.first : nil, "What is resolved is not listed.")
            let title = PSAError(.networkRefused).guidance.title
            for words in [title, "network.refused", "2026-11-24 09:30 UTC", "2026-11-24 09:32 UTC", "<td>3</td>"] {
                #expect(row.contains(words), "\(words)")
            }
        }
    }

    @Test func aTestThatPassesClosesThemOnTheSamePageAndOneThatFailsCounts() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)"
            try await fixture.services.storage.recordIssue(.networkRefused, of: connection.id, at: .sampleNow)
            let invalid = try await browser.post(path, [("tenant", ""), ("action", "test")])
            #expect(invalid.status == 422 && invalid.text.contains("Open issues"))
            let passed = try await browser.post(path + "/check")
            #expect(passed.status == 200 && !passed.text.contains("Open issues"))
            let broken = try await fixture.connect("broken", mode: .refused)
            let failed = try await browser.post("/integrations/\(broken.id)/check")
            #expect(failed.text.contains("Open issues") && failed.text.contains("<td>1</td>"))
        }
    }
}
