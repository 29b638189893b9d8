import FoundationEssentials
import PSACore
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Migration of events to namespaces")
struct EventMigrationTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("vectis.db") }

    /// A database of the previous schema, with two events, a job of the second, and a token.
    init() async throws {
        folder = try TemporaryFolder()
        let migrations = HostSchema.migrations.prefix { !$0.name.hasPrefix("0007") }
        #expect(migrations.count < HostSchema.migrations.count)
        let old = try await DatabaseQueue.open(
            .file(folder.file("vectis.db")), migrator: try Migrator(applicationID: HostSchema.applicationID, Array(migrations)))
        let digest = APIToken.digest(of: "vectis_old")
        try await old.write { database in
            let sql = """
                INSERT INTO event (id, source, sender_id, type, severity, company, company_id, device, text, at, received_at)
                VALUES (?, 'monitor', ?, 'backup.failed', 'error', 'Acme ', '', ?, 'The disk is full.', ?, 1795512600000)
                """
            try database.run(sql, [.integer(7), .text("timed"), .text("SRV-1"), .integer(1_795_512_000_000)])
            try database.run(sql, [.integer(9), .text("untimed"), .text("SRV-1"), .integer(1_795_512_600_000)])
            try database.run(
                "INSERT INTO api_token (id, name, digest, created_at) VALUES ('old', 'old', ?, 1795000000000)", [.blob(digest)])
            try database.execute(
                """
                INSERT INTO firing (event_id, rule_id, connection_id, marker, summary, details, company, company_id, device, type, status,
                    priority, state, attempts, looks, due_at, created_at, wanted_since, changed_at)
                VALUES (9, 'r', 'c', 'vectis-1', 's', 'd', '', '', '', '', '', '', 'waiting', 0, 0, 1, 1, 1, 1)
                """)
        }
        await old.close()
    }

    private func send(_ event: HostEvent, _ token: APIToken?, to storage: SQLiteStorage) async throws -> Acceptance {
        let known: APIToken = try #require(token)
        return try await storage.accept(event, from: known) { _, _, _ in [] }
    }

    @Test func nothingIsLostAndJobsKeepTheirEvents() async throws {
        let storage = try await SQLiteStorage.open(path)
        #expect(try await storage.events(before: nil, limit: 10).map(\.id.rawValue) == [9, 7])
        let facts = try await storage.queue.read { database in
            (
                try database.integrityErrors(), try database.query("PRAGMA foreign_key_check").count,
                try database.first("SELECT e.sender_id AS id FROM job JOIN event e ON job.idempotency_key LIKE 'event/' || e.id || '/%'")?
                    .text("id")
            )
        }
        #expect(facts.0.isEmpty && facts.1 == 0 && facts.2 == "untimed")
        let token = try await storage.token(digest: APIToken.digest(of: "vectis_old"))
        #expect(token?.isOlderThanNamespaces == true && token?.sharedNamespace == nil)
        // Sequence numbers continue after the highest ever used.
        #expect(try await send(.sample(senderID: "new"), token, to: storage).event.rawValue == 10)
        await storage.close()
        let again = try await SQLiteStorage.open(path)
        #expect(try await again.events(before: nil, limit: 10).count == 3)
        await again.close()
    }

    @Test func anOldTokenRecognizesEarlierEvents() async throws {
        let storage = try await SQLiteStorage.open(path)
        let token = try await storage.token(digest: APIToken.digest(of: "vectis_old"))
        let timed = HostEvent.sample(senderID: "timed", at: .sampleNow - 600)
        #expect(try await send(timed, token, to: storage) == Acceptance(event: HostEvent.ID(rawValue: 7), isRepeat: true, jobs: 0))
        var untimed = HostEvent.sample(senderID: "untimed", at: .sampleNow + 900, receivedAt: .sampleNow + 900)
        untimed.isTimed = false
        #expect(try await send(untimed, token, to: storage).isRepeat)
        untimed.isTimed = true
        #expect(try await send(untimed, token, to: storage).isRepeat)
        await storage.close()
    }

    @Test func earlierEventsSuppressNoOtherTokens() async throws {
        let storage = try await SQLiteStorage.open(path)
        let old = try await storage.token(digest: APIToken.digest(of: "vectis_old"))
        let new = try APIToken.make(name: "new", at: .sampleNow).token
        try await storage.add(new, audit: .sample(.tokenCreated))
        let other = HostEvent.sample(senderID: "timed", severity: .critical, text: "It burns.", at: .sampleNow - 600)
        #expect(try await !send(other, new, to: storage).isRepeat)
        #expect(try await !send(other, old, to: storage).isRepeat)
        #expect(try await send(other, old, to: storage).isRepeat)
        // A new token has sent nothing before.
        #expect(try await !send(.sample(senderID: "untimed"), new, to: storage).isRepeat)
        await storage.close()
    }
}
