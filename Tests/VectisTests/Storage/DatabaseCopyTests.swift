import FoundationEssentials
import PSACore
import PostgreSQL
import PostgreSQLServer
import SQL
import Synchronization
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisStorage

private final class CopiedRows: Sendable {
    let count = Mutex(0)
}

/// A data directory moves to a server, and both databases have the same tables.
@Suite("Copies of a database", .enabled(if: PostgreSQLServer.isAvailable, "needs Debian's package postgresql"))
struct DatabaseCopyTests {
    private let folder: TemporaryFolder
    private let source: DatabaseStorage
    private let target: DatabaseStorage

    init() async throws {
        folder = try TemporaryFolder()
        source = try await DatabaseStorage.open(folder.file("vectis.db"))
        target = try await DatabaseStorage.open(TestDatabase.configuration())
    }

    /// Adds jobs with files, and audit entries.
    private func fill(_ numbers: ClosedRange<Int>) async throws {
        let connection = try #require(ConnectionID("one"))
        try await source.queue.write { database in
            for number in numbers {
                let file = try AttachmentFile(name: "log.txt", bytes: Array("line \(number)".utf8))
                let payload = TicketJob.Payload(summary: "Disk \(number) \0 full")
                try JobTables(database).add(
                    NewJob(connection: connection, key: IdempotencyKey(), payload: payload, attachments: [file]), at: sampleMoment)
            }
        }
        for number in numbers { try await source.append(.sample(target: "entry \(number)")) }
    }

    @Test func everyRowIsOnTheServerWithTheSameHashAndNewRowsGetNewNumbers() async throws {
        try await source.add(Account.sample(), audit: .sample(.accountCreated))
        // More than one transaction copies.
        try await fill(1...(DatabaseCopy.batch + 20))
        let results = try await DatabaseCopy(from: source, to: target).run()
        let rows = Dictionary(uniqueKeysWithValues: results.map { ($0.table, $0.rows) })
        #expect(rows["job"] == DatabaseCopy.batch + 20 && rows["job_file"] == rows["job"] && rows["account"] == 1)
        #expect(try await target.engine.jobCounts(TicketJob.Filter()) == source.engine.jobCounts(TicketJob.Filter()))
        let latest = try #require(try await source.engine.latestJob())
        let job = NewJob(connection: try #require(ConnectionID("one")), key: IdempotencyKey(), payload: TicketJob.Payload(summary: "New"))
        #expect(try await target.engine.add([job], at: sampleMoment).first?.rawValue == latest.rawValue + 1)
    }

    @Test func aCopyThatWasInterruptedGoesOnAfterTheLastRowThatArrived() async throws {
        try await fill(1...30)
        _ = try await DatabaseCopy(from: source, to: target).run()
        // As if the first attempt had ended here.
        try await target.queue.write { try $0.run("UPDATE database_copy SET is_complete = 0") }
        await #expect(throws: StorageFileError.self) { try await target.requireCompleteCopy() }
        try await fill(31...60)
        let copied = CopiedRows()
        let results = try await DatabaseCopy(from: source, to: target) { table, rows in
            if table == "job" { copied.count.withLock { $0 = rows } }
        }.run()
        #expect(results.first { $0.table == "job" }?.rows == 60)
        #expect(copied.count.withLock { $0 } == 30)
        try await target.requireCompleteCopy()
    }

    @Test func aCopyThatIsCompleteIsComparedOnly() async throws {
        try await fill(1...3)
        _ = try await DatabaseCopy(from: source, to: target).run()
        #expect(try await DatabaseCopy(from: source, to: target).run().first { $0.table == "job" }?.rows == 3)
        try await fill(4...6)
        await #expect(throws: DatabaseCopy.CopyError.differs(table: "audit_entry", source: 6, target: 3)) {
            _ = try await DatabaseCopy(from: source, to: target).run()
        }
        #expect(try await target.engine.latestJob()?.rawValue == 3)
    }

    @Test func aRowThatDiffersFailsTheCopyAndIsNamedByItsTable() async throws {
        try await fill(1...3)
        _ = try await DatabaseCopy(from: source, to: target).run()
        try await target.queue.write { try $0.run("UPDATE job SET summary = 'other' WHERE id = 2") }
        let error = await #expect(throws: DatabaseCopy.CopyError.self) { _ = try await DatabaseCopy(from: source, to: target).run() }
        #expect(error == .differs(table: "job", source: 3, target: 3))
    }

    @Test func aServerThatAHostHasUsedIsRefused() async throws {
        try await target.add(Account.sample(AccountName(literal: "eve")), audit: .sample(.accountCreated))
        await #expect(throws: DatabaseCopy.CopyError.targetInUse) { _ = try await DatabaseCopy(from: source, to: target).run() }
    }

    @Test func aServerWhoseAccountsHaveTheNamesOfTheSourceIsRefusedWithoutAChange() async throws {
        for storage in [source, target] { try await storage.add(Account.sample(), audit: .sample(.accountCreated)) }
        try await fill(1...3)
        await #expect(throws: DatabaseCopy.CopyError.targetInUse) { _ = try await DatabaseCopy(from: source, to: target).run() }
        #expect(try await target.engine.latestJob() == nil)
    }

    @Test func anInterruptedCopyOfAnotherSourceIsRefused() async throws {
        try await fill(1...3)
        let other = try await DatabaseStorage.open(folder.file("other.db"))
        _ = try await DatabaseCopy(from: other, to: target).run()
        try await target.queue.write { try $0.run("UPDATE database_copy SET is_complete = 0") }
        await #expect(throws: DatabaseCopy.CopyError.targetInUse) { _ = try await DatabaseCopy(from: source, to: target).run() }
        await other.close()
    }

    @Test func accountsAndRulesAreCopiedAfterTheRest() async throws {
        let names = try await source.queue.read { try DatabaseCopy.tables(in: $0).map(\.name) }
        let places = try ["job", "connection", "event", "account", "job_source", "rule"].map { try #require(names.firstIndex(of: $0)) }
        #expect(places.dropFirst(2) == places.dropFirst(2).sorted()[...])
        #expect(names.suffix(4) == ["job_source", "rule", "job_count", "rule_stamp"], "\(names)")
        #expect(!names.contains("database_copy"))
    }

    @Test func theCommandSaysWhatToDoAboutAServerThatIsNotEmpty() async throws {
        try await source.add(Account.sample(), audit: .sample(.accountCreated))
        let url = try PostgreSQLServer.shared().url(PostgreSQLServer.shared().createDatabase(), parameters: "schema=used")
        let used = try await DatabaseStorage.open(try PostgreSQLConfiguration(url: url))
        try await used.add(Account.sample(), audit: .sample(.accountCreated))
        await used.close()
        await source.close()
        let result = try await CommandLineFixture().run("database copy --data \(folder.path) --database \(url) --json")
        #expect(result.status == 5 && result.json?["code"]?.string == "host.database_not_empty", "\(result.output)")
        #expect(result.output.contains("DROP SCHEMA"))
    }

    @Test func bothDatabasesHaveTheSameTablesColumnsAndKeys() async throws {
        let files = try await source.queue.read { try DatabaseCopy.tables(in: $0) }
        for table in files {
            let (columns, key) = try await target.queue.read { database in
                let columns = try database.query(
                    "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?",
                    [.text(table.name)])
                let key = try database.query(
                    """
                    SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
                        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
                    WHERE i.indisprimary AND i.indrelid = CAST(quote_ident(?) AS regclass) ORDER BY k.place
                    """, [.text(table.name)])
                return (try columns.map { try $0.text("column_name") }.sorted(), try key.map { try $0.text("attname") })
            }
            #expect(columns == table.columns && key == table.key, "\(table.name)")
        }
        #expect(files.count > 30)
    }

    @Test(
        "a URL or a password file that can't be used is named",
        arguments: [
            ("postgresql://eve:secret-word@db.example/vectis", nil), ("mysql://db.example/vectis", nil), ("postgresql://db.example", nil),
            ("postgresql://db.example/vectis?sslmode=require", nil), ("postgresql://db.example/vectis", "/nonexistent/password"),
        ] as [(String, String?)])
    func unusableNames(url: String, passwordFile: String?) throws {
        let error = #expect(throws: HostDatabaseError.self) {
            _ = try HostDatabase(url: url, passwordFile: passwordFile, environment: [:])
        }
        if case .url(let text) = error { #expect(!text.contains("secret-word")) }
        #expect((passwordFile == nil) == (error.map { if case .url = $0 { true } else { false } } ?? false))
    }

    @Test func commandsOnAServerThatIsNotThereEndWithTheirGuidance() async throws {
        for command in ["database check", "database migrate", "account reset-password ada"] {
            let result = try await CommandLineFixture().run("\(command) --database postgresql://vectis@127.0.0.1:1/vectis --json")
            #expect(result.status == 5, "\(command): \(result.output)")
            #expect(result.json?["code"]?.string == "host.database_unreachable", "\(command): \(result.output)")
        }
        let missing = try await CommandLineFixture().run("database copy --json")
        #expect(missing.status == 2)
    }
}
