import FoundationEssentials
import PSACore
import PSATesting
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
import SQL
@testable import SQLite
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Tables that grow with every event, job and action are never read from end to end.
@Suite("Query plans") struct QueryPlanTests {
    @Test(.ofSQLite) func noStatementOfAPageOfAcceptanceOrOfTheOutboxScansATableThatGrows() async throws {
        try await WebFixture.with { fixture in
            let storage = try #require(fixture.services.storage as? DatabaseStorage)
            let statements = StatementRecorder()
            try await storage.queue.write { database in (database as? SQLiteDatabase)?.observer = statements.add }
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            try await storage.add(Rule.sample(.sample(connection: connection.id)), audit: .sample(.ruleCreated))
            try await fixture.addCopy(of: connection)
            _ = try await fixture.trySignIn("admin", password: "wrong")
            let browser = try await fixture.signIn()
            for route in fixture.application.router.routes where route.method == .get {
                _ = try await browser.get(fixture.path(route, connection))
            }
            let rule = connection.id.rawValue
            for query in [
                "/jobs?state=failed", "/jobs?before=9", "/jobs?reason=rate_limited", "/jobs?state=needs_review&reason=rate_limited",
                "/rules/\(rule)?state=failed", "/rules/\(rule)?before=9", "/rules/\(rule)?reason=rate_limited", "/audit?before=9",
                "/audit?action=rule.created", "/audit?actor=admin", "/audit?target=acme", "/audit?from=2026-01-01",
                "/audit?until=2026-01-01", "/jobs?text=disk", "/jobs?company=acme&device=srv&state=failed", "/jobs?connection=\(rule)",
                "/jobs?rule=\(rule)&from=2026-01-01&to=2026-12-31", "/jobs?replays=true", "/jobs/1", "/events?before=9",
                "/events?text=disk&company=a&device=b&source=c&type=d", "/events?outcome=unmatched&before=9", "/events?outcome=matched",
                "/events?from=2026-01-01&to=2026-12-31", "/events/1", "/api/v1/events?outcome=unmatched", "/api/v1/jobs/1",
            ] {
                let answer = try await browser.get(query)
                #expect(answer.status == 200, "\(query)")
            }
            let all = JobSelection.matching(TicketJob.Filter(text: "disk"), upTo: nil)
            _ = try await fixture.services.jobs.preview(all)
            let origin = RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: "")
            #expect(try await fixture.services.jobs.decideAll(.resend, all, by: origin).done == 1)
            _ = try await fixture.services.events.accept(.sample(senderID: "plan", receivedAt: fixture.time.now))
            try await Self.send(through: storage.engine, connection.id, JobSource(rawValue: rule), at: fixture.time.now)
            try await Self.remove(from: storage, at: fixture.time.now)
            try await storage.recordIssue(.networkTimeout, of: connection.id, at: fixture.time.now)
            await fixture.services.notifications.runOnce()
            let texts = statements.texts
            #expect(texts.count > 60)
            // SQLite takes the plan of a change for a change.
            let plans = try await storage.queue.write { database in
                (database as? SQLiteDatabase)?.observer = nil
                return try texts.flatMap { sql in try database.plan(of: sql).map { "\($0): \(sql)" } }
            }
            let scans = plans.filter {
                $0.contains(
                    /^SCAN (?:job|other|event|audit_entry|notification|waiting|old|observed_condition|condition_report|connection_test|tenant_usage)\b/
                )
            }
            #expect(scans.isEmpty, "\(scans.joined(separator: "\n"))")
            // Nearly all jobs are in one state: what asks for a time must be found by its time.
            let unbounded = plans.filter { $0.contains("INDEX job_by_state (") && $0.contains(/(?:changed|created)_at [<>]/) }
            #expect(unbounded.isEmpty, "\(unbounded.joined(separator: "\n"))")
            // A job in progress is among all that wait in the other index.
            let progress = plans.filter { $0.hasPrefix("SEARCH job ") && $0.contains(JobTables.isInProgress) }
            #expect(
                !progress.isEmpty && progress.allSatisfy { $0.contains("INDEX job_in_progress (") }, "\(progress.joined(separator: "\n"))")
            // `IN` and more than two values in the condition of an index or trigger: a table in memory for each row.
            let changes = texts.filter { $0.contains(/^INSERT|^UPDATE job\b/) && !$0.contains(/\b(IN|EXISTS|OR)\b/) }
            #expect(
                ["INSERT INTO job ", "INSERT INTO event ", "UPDATE job "].allSatisfy { start in changes.contains { $0.hasPrefix(start) } })
            let written = try await storage.queue.write { database in
                try changes.filter { try database.steps(of: $0).contains("OpenEphemeral") }
            }
            #expect(written.isEmpty, "\(written.joined(separator: "\n"))")
        }
    }

    /// What the outbox does with a job, from the question which connection has one to the decision of a person.
    private static func send(
        through store: any EngineStore, _ connection: ConnectionID, _ source: JobSource, at now: Date
    ) async throws {
        let new = NewJob(connection: connection, key: IdempotencyKey(), source: source, payload: TicketJob.Payload(summary: "Disk full"))
        _ = try await store.add([new], at: now)
        let holder = ProcessID()
        let later = now.addingTimeInterval(60)
        #expect(try await store.dueConnections(now: later, lease: .seconds(30)).connections == [connection])
        let job = try #require(try await store.leaseNext(for: connection, by: holder, now: later, lease: .seconds(30)))
        _ = try await store.predecessors(of: job, for: .resolved(Company.ID(1)), since: now, before: nil, isSameOrigin: true, limit: 5)
        _ = try await store.hasWritten(source, since: now)
        _ = try await store.renewLease(job.id, by: holder, until: later)
        let outcome = JobOutcome(
            state: .waiting, attempts: 1, dueAt: later.addingTimeInterval(60), pauses: .requestRejected, backsOffConnection: true)
        #expect(try await store.complete(job.id, by: holder, outcome, at: later))
        _ = try await store.leaseNext(for: connection, by: holder, now: later, lease: .seconds(30))
        try await store.wake(connection, at: later)
        _ = try await store.resumeSources(of: connection)
        _ = try await store.dueConnections(now: now, lease: .seconds(30))
    }

    /// What retention does, in steps that end early and in steps that remove.
    private static func remove(from storage: DatabaseStorage, at now: Date) async throws {
        let future = now.addingTimeInterval(1_000_000)
        for limit in [1, 500] {
            let expiry = JobExpiry(
                finishedBefore: future, longer: JobExpiry.Longer(originPrefix: EventNamespace.detectorPrefix, finishedBefore: now))
            let step = try await storage.engine.removeFinishedJobs(expiry, after: nil, limit: limit)
            _ = try await storage.engine.removeFinishedJobs(expiry, after: step.next, limit: limit)
            _ = try await storage.removeEvents(before: future, now: future, after: nil, limit: limit)
        }
        _ = try await storage.removeSessions(lastSeenBefore: .distantPast, createdBefore: .distantPast)
        _ = try await storage.removeTokens(revokedBefore: now)
        let folder = try TemporaryFolder()
        let archiver = SQLiteAuditArchiver(storage, folder: folder.path)
        let later = now.addingTimeInterval(100 * 86_400)
        #expect(try await archiver.archiveNext(before: later, now: later, pause: {}) != nil)
        #expect(try await archiver.removeArchived(limit: 500) > 0)
    }
}

/// The texts of the statements that ran, each once.
private final class StatementRecorder: Sendable {
    private let recorded = Mutex<Set<String>>([])

    var texts: [String] { recorded.withLock { $0.sorted() } }

    func add(_ sql: String) {
        guard ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(where: sql.hasPrefix) else { return }
        recorded.withLock { _ = $0.insert(sql) }
    }
}

extension Database {
    /// What SQLite does for a statement, one line for each loop.
    fileprivate func plan(of sql: String) throws -> [String] { try explain("EXPLAIN QUERY PLAN " + sql, "detail") }

    /// The instructions of SQLite’s machine for a statement and the triggers that it runs.
    fileprivate func steps(of sql: String) throws -> [String] { try explain("EXPLAIN " + sql, "opcode") }

    private func explain(_ sql: String, _ column: String) throws -> [String] {
        for count in 0...60 {
            do {
                return try query(sql, Array(repeating: .null, count: count)).map { try $0.text(column) }
            } catch let error as SQLiteError where error.message.hasSuffix(" parameters") {
                continue
            }
        }
        throw StoredRowError.unreadable(table: "sqlite_schema")
    }
}
