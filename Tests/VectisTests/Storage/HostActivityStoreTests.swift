import FoundationEssentials
import SQL
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCore
@testable import VectisStorage

@Suite("Numbers of the last hours") struct HostActivityStoreTests {
    /// Half past some hour.
    private let now = Date(timeIntervalSince1970: 500_000 * 3_600 + 1_800)

    private func add(_ what: String, to storage: DatabaseStorage, at time: Date) async throws {
        let milliseconds = time.storedMilliseconds
        try await storage.queue.write { database in
            switch what {
            case "event":
                try database.run(
                    """
                    INSERT INTO event (namespace, digest, source, sender_id, type, severity, company, company_id, device, text, at, received_at)
                    VALUES ('', ?, 's', ?, 't', 'info', '', '', '', '', ?, ?)
                    """,
                    [.blob([1]), .text("\(time.timeIntervalSince1970)"), milliseconds, milliseconds])
            default:
                let jobs = JobTables(database)
                let connection = try #require(ConnectionID("one"))
                let new = NewJob(
                    connection: connection, key: IdempotencyKey(), source: nil, payload: TicketJob.Payload(summary: "Disk full"),
                    state: .waiting)
                try jobs.add(new, at: time)
                let id = try #require(try database.first("SELECT MAX(id) AS id FROM job")).integer("id")
                if what == "written" {
                    try database.run("UPDATE job SET state = 'created', changed_at = ? WHERE id = ?", [milliseconds, .integer(id)])
                } else {
                    try database.run(
                        """
                        INSERT INTO job_attempt (job_id, number, at, kind, state, reason, code, problem, remark)
                        VALUES (?, 1, ?, 'send', 'waiting', '', ?, '', '')
                        """,
                        [.integer(id), milliseconds, what == "failure" ? .text("network.timeout") : .null])
                }
            }
        }
    }

    @Test func eventsWrittenJobsAndFailedAttemptsAreCountedInTheirHour() async throws {
        let storage = try await DatabaseStorage.empty()
        for (what, age) in [
            ("event", 0.0), ("event", 1_800), ("event", 1_801), ("event", 24 * 3_600), ("written", 60), ("failure", 7_200), ("attempt", 60),
        ] { try await add(what, to: storage, at: now.addingTimeInterval(-age)) }
        let activity = try await storage.hostActivity(hours: 24, until: now)
        #expect(activity.events == [500_000: 2, 499_999: 1])
        #expect(activity.written == [500_000: 1])
        #expect(activity.failures == [499_998: 1])
        #expect(try await storage.hostActivity(hours: 25, until: now).events == [500_000: 2, 499_999: 1, 499_976: 1])
        #expect(try await storage.hostActivity(hours: 0, until: now).events == [500_000: 2])
        await storage.close()
    }

    @Test func rememberedHoursAreThoseThatACountOfAllGives() async throws {
        let storage = try await DatabaseStorage.empty()
        var clock = now
        for round in 0..<60 {
            // An event can be stored a little after the hour whose time it has.
            for what in ["event", "written", "failure"].prefix(1 + round % 3) {
                try await add(what, to: storage, at: clock.addingTimeInterval(-Double(round % 5) * 60))
            }
            let hours = round % 7 == 0 ? 30 : 24
            let last = RuleActivity.hour(of: clock)
            let range = (last - hours + 1)..<(last + 1)
            let all = try await storage.queue.read { try HostActivityCounts.count(range, $0) }
            #expect(try await storage.hostActivity(hours: hours, until: clock) == all, "round \(round)")
            // Now and then the clock is set back.
            clock += round % 20 == 19 ? -5 * 3_600 : 1_500
        }
        await storage.close()
    }
}
