import FoundationEssentials
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// A storage with retention, a clock that the test moves by days, and ways to make what retention removes.
struct RetentionFixture: Sendable {
    let storage: DatabaseStorage
    let copies = InMemorySyncStore()
    let time = ManualClock(startingAt: .sampleNow)
    let log = RecordingSink()
    let metrics = HostMetrics()
    let connection = StoredConnection.sample()

    init(_ storage: DatabaseStorage? = nil) async throws {
        if let storage { self.storage = storage } else { self.storage = try await DatabaseStorage.empty() }
        try await self.storage.add(connection, audit: .sample())
        try await trustClock()
    }

    func service(_ archiver: (any AuditArchiver)? = nil) -> RetentionService {
        RetentionService(
            storage: storage, copies: copies, archiver: archiver, time: time.source, metrics: metrics,
            log: HostLog(sink: log, time: time.source))
    }

    /// Ends the wait after a jump of the clock.
    func trustClock() async throws {
        try await storage.setRetentionClock(RetentionClock(seenAt: time.now, waitsUntil: time.now))
    }

    /// Moves the clock, as for a host that has run all the time.
    func pass(days: Double) async throws {
        time.advance(by: days * 86_400)
        try await trustClock()
    }

    @discardableResult func accept(_ id: String, from token: APIToken? = nil) async throws -> Acceptance {
        let events = EventService(storage: storage, time: time.source, wake: {}) { _ in }
        return try await events.accept(.sample(senderID: id, receivedAt: time.now), from: token)
    }

    func addRule(types: [String] = []) async throws {
        let rule = Rule.sample(
            .sample(connection: connection.id, eventTypes: types, limit: RuleRateLimit(count: 1_000, minutes: 10)))
        try await storage.add(rule, audit: .sample(.ruleCreated))
    }

    /// Adds a job in a state, which changed now.
    @discardableResult func job(_ state: TicketJob.State.Name, key: String, origin: String = "") async throws -> TicketJob.ID {
        let payload = TicketJob.Payload(summary: "Disk full", origin: origin)
        let new = NewJob(connection: connection.id, key: try #require(IdempotencyKey(key)), source: nil, payload: payload)
        let id = try #require(try await storage.engine.add([new], at: time.now).first)
        try await set(state, of: id)
        return id
    }

    /// Puts a job into a state, past the engine.
    func set(_ state: TicketJob.State.Name, of id: TicketJob.ID) async throws {
        let now = time.now.storedMilliseconds
        let reason: String? =
            switch state {
            case .needsReview: ReviewReason.tooOld.rawValue
            case .skipped: "x"
            case .failed: ErrorCode.requestRejected.rawValue
            default: nil
            }
        try await storage.queue.write { database in
            _ = try database.run(
                "UPDATE job SET state = ?, reason = ?, problem = ?, ticket_id = '7', ticket_number = '7', changed_at = ? WHERE id = ?",
                [.text(state.rawValue), SQLValue(reason), .text("{}"), now, .integer(id.rawValue)])
        }
    }

    func count(_ table: String) async throws -> Int {
        try await storage.queue.read { Int(try $0.first("SELECT COUNT(*) AS count FROM \(table)")?.integer("count") ?? 0) }
    }

    /// The kept numbers of jobs, and those that a count of all rows gives.
    func jobCounts() async throws -> (kept: [String: Int64], counted: [String: Int64]) {
        try await storage.queue.read { database in
            func counts(_ sql: String) throws -> [String: Int64] {
                Dictionary(try database.query(sql).map { (try $0.text("state"), try $0.integer("count")) }, uniquingKeysWith: +)
            }
            return (
                try counts("SELECT state, SUM(count) AS count FROM job_count GROUP BY state HAVING SUM(count) > 0"),
                try counts("SELECT state, COUNT(*) AS count FROM job GROUP BY state")
            )
        }
    }
}
