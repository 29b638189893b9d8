import Foundation
import PSACore
import PSATesting
import SQL
import SQLite
import Synchronization
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// Tests of the SQLite storage's file.
@Suite("The SQLite storage’s file", .ofSQLite)
struct DatabaseStorageTests {

    @Test(
        "a row with a value unknown to this version is a named error",
        arguments: [
            ("connection", "UPDATE connection SET status_outcome = 'sparkling'"), ("connection", "UPDATE connection SET id = 'No Id!'"),
            ("connection", "UPDATE connection SET connector = 'No Connector!'"), ("account", "UPDATE account SET role = 'emperor'"),
            ("account", "UPDATE account SET name = 'no name!'"),
            (
                "audit_entry",
                "INSERT INTO audit_entry VALUES (NULL, 0, 'ada', 'connection.painted', 't', 'done', '', NULL, 'c', NULL)"
            ),
            ("audit_entry", "INSERT INTO audit_entry VALUES (NULL, 0, 'ada', 'account.changed', 't', 'perhaps', '', NULL, 'c', NULL)"),
        ])
    func unknownWords(table: String, sql: String) async throws {
        let storage = try await DatabaseStorage.empty()
        var connection = StoredConnection.sample(status: .sample)
        (connection.settings, connection.secrets) = ([:], [:])
        try await storage.add(connection, audit: .sample())
        try await storage.add(Account.sample(), audit: .sample())
        try await storage.queue.write { try $0.execute(sql) }
        let expected = StoredRowError.unreadable(table: table)
        await #expect(throws: expected) {
            switch table {
            case "connection": _ = try await storage.connections()
            case "account": _ = try await storage.accounts()
            default: _ = try await storage.audit(AuditFilter(), before: nil, limit: 10)
            }
        }
        #expect(expected.description.contains(table) && expected.description.contains("restore"))
    }

    @Test func anUnknownErrorCodeIsKeptAndHasAMessage() async throws {
        let storage = try await DatabaseStorage.empty()
        try await storage.add(StoredConnection.sample(status: .sample), audit: .sample())
        try await storage.queue.write { database in
            try database.execute("UPDATE connection SET status_code = 'future.code'")
            try database.execute(
                "INSERT INTO audit_entry VALUES (NULL, 0, 'ada', 'account.changed', 't', 'done', '', 'future.code', 'c', NULL)")
        }
        let code = try #require(try await storage.connections().first?.status?.code)
        #expect(code.rawValue == "future.code" && !PSAError(code).guidance.title.isEmpty)
        #expect(try await storage.connections().first?.status?.headline == ConnectionStatus.sample.headline)
        #expect(try await storage.audit(AuditFilter(), before: nil, limit: 1).first?.entry.code == code)
    }

    @Test func storedDataIsThereAfterReopening() async throws {
        let folder = try TemporaryFolder()
        let connection = StoredConnection.sample(status: .sample)
        let first = try await DatabaseStorage.open(folder.file("vectis.db"))
        try await first.add(connection, audit: .sample())
        await first.close()
        await #expect(throws: SQLiteError.self) { try await first.connections() }
        let second = try await DatabaseStorage.open(folder.file("vectis.db"))
        #expect(try await second.connections() == [connection])
        #expect(try await second.audit(AuditFilter(), before: nil, limit: 9).count == 1)
        #expect(try folder.permissions(of: "vectis.db") == 0o600)
        await second.close()
    }

    @Test func theFileOfANewerVersionIsRejectedAndUnchanged() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        let newer = try Migrator(applicationID: HostSchema.applicationID, HostSchema.migrations + [Migration("9999-future") { _ in }])
        let queue = try await DatabaseQueue.open(.file(path), migrator: newer)
        await queue.close()
        let before = folder.bytes("vectis.db")
        let error = await #expect(throws: StorageFileError.self) { try await DatabaseStorage.open(path) }
        let text = try #require(error).description
        #expect(text.contains(path) && text.contains("9999-future") && text.contains("Start that version"))
        #expect(folder.bytes("vectis.db") == before)
    }

    @Test(
        "an unusable database file is rejected with instructions and left unchanged",
        arguments: [
            (
                "This is a letter, not a database. " + String(repeating: "It is longer than a database's header. ", count: 3),
                "backup"
            ),
            ("no folder", "folder exists"),
        ])
    func otherFiles(content: String, advice: String) async throws {
        let folder = try TemporaryFolder()
        let isLetter = content.hasPrefix("This")
        if isLetter { try folder.write(content, to: "vectis.db") }
        let path = folder.file(isLetter ? "vectis.db" : "missing/vectis.db")
        let error = await #expect(throws: StorageFileError.self) { try await DatabaseStorage.open(path) }
        let text = try #require(error).description
        #expect(text.contains(path) && text.contains(advice), "\(text)")
        if isLetter { #expect(folder.bytes("vectis.db") == Array(content.utf8)) }
    }

    @Test func theDatabaseOfAnotherProgramIsRejected() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        let foreign = try Migrator(applicationID: 42, [Migration("theirs") { try $0.execute("CREATE TABLE theirs (x) ") }])
        let queue = try await DatabaseQueue.open(.file(path), migrator: foreign)
        await queue.close()
        let error = await #expect(throws: StorageFileError.self) { try await DatabaseStorage.open(path) }
        #expect(try #require(error).description.contains("another application"))
    }

    @Test func aDamagedFileIsAnErrorNotACrash() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("vectis.db")
        let storage = try await DatabaseStorage.open(path)
        for number in 0..<200 { try await storage.add(StoredConnection.sample(tenant: "t\(number)"), audit: .sample()) }
        await storage.close()
        var bytes = folder.bytes("vectis.db")
        #expect(bytes.count > 20_000)
        for index in 8_192..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        await #expect(throws: (any Error).self) {
            let damaged = try await DatabaseStorage.open(path)
            _ = try await damaged.connections()
        }
    }
}

@Suite("Full disk")
struct StorageHealthTests {
    /// Lets the database have no more pages than it has, as a full disk does.
    private func fill(_ storage: any Storage) async throws {
        let storage = try #require(storage as? DatabaseStorage)
        try await storage.queue.read { _ = try $0.first("PRAGMA max_page_count = 1") }
    }

    private func free(_ storage: any Storage) async throws {
        let storage = try #require(storage as? DatabaseStorage)
        try await storage.queue.read { _ = try $0.first("PRAGMA max_page_count = 1000000") }
    }

    private func send(_ fixture: WebFixture, _ token: String, id: String) async throws -> WebAnswer {
        let event: JSONValue = [
            "source": "monitor", "id": .string(id), "type": "t", "severity": "error",
            "text": .string(String(repeating: "The disk is full. ", count: 5_000)),
        ]
        let headers = [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")]
        return try await fixture.send("POST", "/api/v1/events", headers, body: event.encoded)
    }

    @Test(.ofSQLite) func anEventThatCanNotBeStoredIsRetriedAndEveryPageExplainsWhy() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let (token, made) = try APIToken.make(name: "program", at: fixture.time.now)
            try await fixture.services.storage.add(made, audit: .sample(.tokenCreated))
            #expect(try await send(fixture, token.reveal(), id: "1").status == 202)
            try await fill(fixture.services.storage)

            let refused = try await send(fixture, token.reveal(), id: "2")
            #expect(refused.status == 507 && refused.code == "storage_full" && refused.headers["Retry-After"] == "60")
            #expect(refused.json["detail"]?.string?.contains("is full") == true && !refused.text.contains("report the correlation"))
            let violations = APIDescription.served.violations("POST", "/api/v1/events", nil, refused)
            #expect(violations.isEmpty, "\(violations)")

            let ill = try await fixture.send("GET", "/healthz")
            #expect(ill.status == 503 && ill.text.contains("is full") && ill.headers["Retry-After"] == "60")
            for path in ["/integrations", "/rules", "/api-keys", "/accounts"] {
                let page = try await browser.get(path)
                #expect(page.status == 200 && page.text.contains("is full"), "\(path)")
            }
            let form = try await browser.post("/api-keys", [("name", String(repeating: "x", count: 80)), ("scope", "events:send")])
            #expect(form.status == 201 || form.status == 507 && form.headers["Retry-After"] == "60" && form.text.contains("is full"))
            #expect(fixture.log.text.ranges(of: "\"event\":\"storage_failed\"").count == 1)

            try await free(fixture.services.storage)
            #expect(try await send(fixture, token.reveal(), id: "2").status == 202)
            try await fixture.services.health.again { await $0.checked(by: fixture.services.storage) == nil }
            #expect(try await fixture.send("GET", "/healthz").text == "ok\n")
            #expect(try await !browser.get("/integrations").text.contains("is full"))
        }
    }

    @Test(.ofSQLite) func healthChecksAreNotRateLimited() async throws {
        let storage = try await DatabaseStorage.empty()
        func writes() async throws -> Int64 {
            try await storage.queue.read { try $0.first("SELECT total_changes() AS count")?.integer("count") ?? 0 }
        }
        let before = try await writes()
        for _ in 0..<200 { #expect(await storage.health.checked(by: storage) == nil) }
        #expect((1...3).contains(try await writes() - before))
    }

    @Test(.ofSQLite) func aProbeFindsAFullDiskBeforeAnEventDoes() async throws {
        let log = RecordingSink()
        let health = StorageHealth(log: HostLog(sink: log, time: .system))
        let storage = try await DatabaseStorage.empty(health: health)
        try await storage.queue.write { try $0.execute("CREATE TABLE filler (text TEXT); PRAGMA user_version = 1") }
        try await fill(storage)
        health.note(.failing)
        // While the storage is failing, the probe writes as much as an event does.
        #expect(await health.checked(by: storage) == .full)
        #expect(health.failure == .full)
        try await free(storage)
        try await health.again { await $0.checked(by: storage) == nil }
        #expect(health.failure == nil)
        #expect(log.text.contains("storage_recovered") && log.text.contains("\"reason\":\"full\""))
    }

    @Test func eachErrorHasAMessageInBothLanguages() {
        for trouble in StorageFailure.allCases {
            let texts = Language.allCases.map { TextRenderer($0).text(trouble) }
            #expect(Set(texts).count == texts.count && texts.allSatisfy { $0.contains("Vectis") && $0.hasSuffix(".") })
            #expect([503, 507].contains(trouble.code.status))
        }
    }
}

@Suite("A disk that is nearly full")
struct NearlyFullDiskTests {
    /// A volume whose free space the test sets.
    private final class Volume: Sendable {
        private let free: Mutex<UInt64>
        let total: UInt64

        init(free: UInt64, total: UInt64 = 10 << 30) {
            self.free = Mutex(free)
            self.total = total
        }

        func set(_ bytes: UInt64) { free.withLock { $0 = bytes } }
        var space: VolumeSpace { VolumeSpace(free: free.withLock { $0 }, total: total) }
    }

    @Test func eventsAreRefusedBeforeTheDiskIsFullAndFinishedWorkIsStored() async throws {
        let volume = Volume(free: 1 << 30)
        let log = RecordingSink()
        let health = StorageHealth(
            log: HostLog(sink: log, time: .system), space: { volume.space }, spaceInterval: .zero)
        let storage = try await DatabaseStorage.empty(health: health)
        let fixture = try await RetentionFixture(storage)
        let first = try await fixture.job(.unknown, key: "1")
        #expect(try await !fixture.accept("1").isRepeat)
        #expect(health.failure == nil)

        volume.set((64 << 20) - 1)
        #expect(health.failure == .nearlyFull)
        await #expect(throws: StorageFailure.nearlyFull) { try await fixture.accept("2") }
        #expect(try await fixture.count("event") == 1)
        // The result of what has begun is stored, and so is what a person does.
        let time = fixture.time.now
        try await storage.engine.decide(
            first, from: try #require(try await storage.job(first)).state,
            to: JobOutcome(state: .created(PostedTicket(id: "7", number: "7")), attempts: 1, dueAt: time), at: time)
        #expect(try await storage.job(first)?.state.isWritten == true)
        try await storage.append(.sample())
        #expect(await health.checked(by: storage) == .nearlyFull)

        // A little space more is not enough, so that it does not change with every file that is removed.
        volume.set(70 << 20)
        await #expect(throws: StorageFailure.nearlyFull) { try await fixture.accept("2") }
        volume.set(81 << 20)
        #expect(try await !fixture.accept("2").isRepeat)
        #expect(health.failure == nil)
        #expect(log.text.ranges(of: "\"event\":\"storage_nearly_full\"").count == 1)
        #expect(log.text.ranges(of: "\"event\":\"storage_has_space\"").count == 1)
    }

    @Test func theReserveIsATenthOfASmallVolume() {
        #expect(VolumeSpace(free: 0, total: 1 << 40).reserve == 64 << 20)
        #expect(VolumeSpace(free: 0, total: 100 << 20).reserve == 10 << 20)
    }

    @Test func theSystemIsAskedAtMostOncePerInterval() async throws {
        let calls = Mutex(0)
        let health = StorageHealth(
            space: {
                calls.withLock { $0 += 1 }
                return VolumeSpace(free: 1 << 30, total: 10 << 30)
            }, spaceInterval: .seconds(1_000))
        for _ in 0..<1_000 { try health.requireSpace() }
        #expect(calls.withLock { $0 } == 1)
    }

    @Test func recordsOfALocalCopyWaitAndGoOnByThemselves() async throws {
        let volume = Volume(free: 1 << 30)
        let folder = try TemporaryFolder()
        let health = StorageHealth(space: { volume.space }, spaceInterval: .zero)
        let copies = try await LocalCopyFile.open(folder.file("copy.db"), health: health)
        let (connection, holder, time) = (StoredConnection.sample(), ProcessID(), Date.sampleNow)
        try await copies.register(connection.id, connector: connection.connector, tenant: connection.tenant)
        try await copies.prepare([.tickets], of: connection.id, dueAt: time)
        #expect(try await copies.lease(connection.id, by: holder, now: time, until: time + 60))
        volume.set(1 << 20)
        await #expect(throws: StorageFailure.nearlyFull) {
            _ = try await copies.apply(SyncPage(.tickets, rows: []), of: connection.id, by: holder, at: time)
        }
        volume.set(1 << 30)
        #expect(try await copies.apply(SyncPage(.tickets, rows: []), of: connection.id, by: holder, at: time) != nil)
        try await copies.removeCopy(of: connection.id)
        await copies.close()
    }

    @Test func theAPIAnswers507WithRetryAfterAndEveryPageSaysSo() async throws {
        let volume = Volume(free: 1 << 30)
        try await WebFixture.with(.inProcess, WebFixture.Options(space: { volume.space })) { fixture in
            let browser = try await fixture.signIn()
            let (token, made) = try APIToken.make(name: "program", at: fixture.time.now)
            try await fixture.services.storage.add(made, audit: .sample(.tokenCreated))
            func send(_ id: String) async throws -> WebAnswer {
                let event: JSONValue = ["source": "monitor", "id": .string(id), "type": "t", "severity": "error", "text": "x"]
                let headers = [("Authorization", "Bearer \(token.reveal())"), ("Content-Type", "application/json")]
                return try await fixture.send("POST", "/api/v1/events", headers, body: event.encoded)
            }
            #expect(try await send("1").status == 202)
            volume.set(1 << 20)
            let refused = try await send("2")
            #expect(refused.status == 507 && refused.code == "storage_full" && refused.headers["Retry-After"] == "60")
            #expect(refused.json["detail"]?.string?.contains("nearly full") == true)
            #expect(APIDescription.served.violations("POST", "/api/v1/events", nil, refused).isEmpty)
            #expect(try await browser.get("/integrations").text.contains("nearly full"))
            let health = try await fixture.send("GET", "/healthz")
            #expect(health.status == 503 && health.text.contains("nearly full"))
            // People go on working.
            #expect(try await browser.post("/api-keys", [("name", "another"), ("scope", "events:send")]).status == 201)
            volume.set(1 << 30)
            #expect(try await send("2").status == 202)
            #expect(try await !browser.get("/integrations").text.contains("nearly full"))
        }
    }
}

extension StorageHealth {
    /// Repeats until the condition holds; the result of a probe is cached for a few seconds.
    fileprivate func again(_ condition: (StorageHealth) async -> Bool) async throws {
        for _ in 0..<100 {
            if await condition(self) { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        Issue.record("it stayed as it was")
    }
}
