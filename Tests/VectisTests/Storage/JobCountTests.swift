import FoundationEssentials
import PSACore
import SQL
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

/// The kept numbers of jobs are those that a count of all rows gives.
@Suite("Numbers of jobs") struct JobCountTests {
    @Test(arguments: 1...4) func theKeptCountsAreThoseOfTheRowsAfterAnyOperations(seed: UInt64) async throws {
        var random = SeededNumbers(state: seed)
        let storage = try await DatabaseStorage.empty()
        let connections = ["one", "two", "three"].compactMap { ConnectionID($0) }
        let sources = ["first", "second", nil].map { $0.map { JobSource(rawValue: $0) } }
        let states: [TicketJob.State] = [
            .waiting, .checking(JobPrecondition(rawValue: "company")), .wouldCreate, .needsReview(.outcomeUnknown), .needsReview(.tooOld),
            .failed(.requestRejected, problem: "{}"), .skipped("x"), .unknown, .dropped,
            .created(PostedTicket(id: "1", number: "1")),
        ]
        var time = sampleMoment
        for _ in 0..<300 {
            time += 1
            let (now, pick, state) = (time, random.next(12), states[random.next(states.count)])
            let (connection, source) = (connections[random.next(connections.count)], sources[random.next(sources.count)])
            let number = Int64(random.next(200))
            let fails = random.next(8) == 0
            // A job is only added in this state, with its precondition.
            let result = state.name == .checking ? TicketJob.State.waiting : state
            do {
                try await storage.queue.write { database in
                    let jobs = JobTables(database)
                    switch pick {
                    case 0...4:
                        try jobs.add(
                            NewJob(
                                connection: connection, key: IdempotencyKey(), source: source,
                                payload: TicketJob.Payload(summary: "Disk full"),
                                // A written state has a ticket, which only an outcome stores.
                                state: state.isWritten ? .waiting : state), at: now)
                    case 5, 6:
                        let holder = ProcessID()
                        if let job = try jobs.leaseNext(for: connection, by: holder, now: now, lease: .seconds(5)) {
                            _ = try jobs.complete(job.id, by: holder, JobOutcome(state: result, attempts: 1, dueAt: now), at: now)
                        }
                    case 7:
                        if let job = try jobs.job(TicketJob.ID(rawValue: number)) {
                            try jobs.decide(job.id, from: job.state, to: JobOutcome(state: result, attempts: 0, dueAt: now), at: now)
                        }
                    case 8: if let source { _ = try jobs.decideReviews(of: source, release: number % 2 == 0, at: now) }
                    case 9: if let source { try jobs.removeSource(source, at: now) }
                    case 10: try database.run("DELETE FROM job WHERE id = ?", [.integer(number)])
                    default: try database.run("UPDATE job SET source = NULL WHERE id = ?", [.integer(number)])
                    }
                    // What is rolled back counts nowhere.
                    if fails { throw StoreError.stale }
                }
            } catch StoreError.stale {}
        }
        let (kept, counted) = try await storage.queue.read { database in
            (try Self.counts(database, Self.kept), try Self.counts(database, Self.counted))
        }
        #expect(kept == counted && !counted.isEmpty)
        for filter in [
            TicketJob.Filter(), TicketJob.Filter(source: sources[0]), TicketJob.Filter(connection: connections[0]),
            TicketJob.Filter(source: sources[1], state: .waiting), TicketJob.Filter(reason: .tooOld),
        ] {
            let found = try await storage.engine.jobs(filter, before: nil, limit: 1_000)
            var expected = TicketJob.Counts()
            for job in found {
                expected.byState[job.state.name, default: 0] += 1
                if job.state.isOutcomeUnknown { expected.outcomeUnknown += 1 }
            }
            #expect(try await storage.engine.jobCounts(filter) == expected)
        }
        await storage.close()
    }

    /// A folder with jobs from before the counts were kept.
    @Test func theCountsOfAnEarlierFolderAreTakenOver() async throws {
        let folder = try await EarlierDataFolder.open()
        let (kept, counted) = try await folder.storage.queue.read { database in
            (try Self.counts(database, Self.kept), try Self.counts(database, Self.counted))
        }
        #expect(kept == counted && counted.values.reduce(0, +) == 47)
        await folder.close()
    }

    private static let kept = "SELECT state, connection_id, source, reason, count AS n FROM job_count WHERE count <> 0"
    private static let counted = """
        SELECT state, connection_id, COALESCE(source, '') AS source,
            CASE state WHEN 'needs_review' THEN COALESCE(reason, '') ELSE '' END AS reason, COUNT(*) AS n
        FROM job GROUP BY 1, 2, 3, 4
        """

    private static func counts(_ database: any Database, _ sql: String) throws -> [[String]: Int64] {
        var counts: [[String]: Int64] = [:]
        for row in try database.query(sql) {
            let key = try ["state", "connection_id", "source", "reason"].map { try row.text($0) }
            counts[key] = try row.integer("n")
        }
        return counts
    }
}

/// Numbers that are the same in each run.
private struct SeededNumbers {
    var state: UInt64

    mutating func next(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % limit
    }
}
