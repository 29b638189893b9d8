import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// The short form of `make year`.
@Suite("A year of events") struct YearTests {
    @Test func aYearOfEventsLeavesTheDatabaseAsLargeAsThreeMonths() async throws {
        let folder = try TemporaryFolder()
        let storage = try await DatabaseStorage.open(folder.file("vectis.db"))
        let fixture = try await RetentionFixture(storage)
        try await fixture.addRule(types: ["backup.failed"])
        var settings = RetentionSettings.default
        settings.auditDays = 30
        _ = try await storage.setRetention(settings, revision: 0, audit: .sample(.retentionChanged))
        let service = fixture.service(SQLiteAuditArchiver(storage, folder: folder.file("audit")))
        let events = EventService(storage: storage, time: fixture.time.source, wake: {}) { _ in }
        let perDay = 60
        var pages: [Int: Int64] = [:]
        for day in 1...365 {
            let now = fixture.time.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<perDay {
                    group.addTask {
                        let type = number % 10 == 0 ? "backup.failed" : "check.ok"
                        _ = try await events.accept(.sample(senderID: "\(day)/\(number)", type: type, receivedAt: now))
                    }
                }
                try await group.waitForAll()
            }
            try await storage.queue.write { database in
                // What a PSA that answers leaves, and one job that needs review for ever.
                try database.run(
                    "UPDATE job SET state = 'created', ticket_id = id, ticket_number = id, changed_at = ? WHERE state = 'waiting' AND id > 1",
                    [now.storedMilliseconds])
                try database.run("UPDATE job SET state = 'needs_review', reason = 'too_old' WHERE id = 1 AND state = 'waiting'")
                for _ in 0..<5 { try database.insert(.sample(at: now)) }
            }
            let round = await service.runRound()
            #expect(!round.hasFailed && round.waitsUntil == nil)
            fixture.time.advance(by: 86_400)
            guard [150, 250, 365].contains(day) else { continue }
            pages[day] = try await storage.queue.read { try $0.first("PRAGMA page_count")?.integer("page_count") }
            #expect(try await fixture.count("event") <= 92 * perDay)
            #expect(try await fixture.count("audit_entry") <= 62 * 5)
            let counts = try await fixture.jobCounts()
            #expect(counts.kept == counts.counted)
        }
        // From the fifth month on the file has the same size.
        #expect(try #require(pages[365]) <= #require(pages[150]) * 11 / 10)
        #expect(try #require(pages[365]) <= #require(pages[250]) * 11 / 10)
        // The event of the job that needs review, and the job.
        let first = try #require(try await storage.job(TicketJob.ID(rawValue: 1)))
        #expect(first.state == .needsReview(.tooOld))
        let oldest = try await storage.events(before: HostEvent.ID(rawValue: 1_000), limit: 10)
        #expect(oldest.count == 1 && first.key.rawValue.hasPrefix("event/\(oldest[0].id.rawValue)/"))
        // Every entry of the year is in a file or in the database.
        let archived = try await storage.auditArchives()
        let rest = try await fixture.count("audit_entry")
        #expect(archived.count >= 10 && archived.last?.last.rawValue == Int64(archived.reduce(0) { $0 + $1.count }))
        #expect(archived.reduce(0) { $0 + $1.count } + rest >= 365 * 5)
        let results = try DatabaseCheck(DataFolder(path: folder.path)).run()
        #expect(results.allSatisfy { $0.problems.isEmpty })
        await storage.close()
    }
}
