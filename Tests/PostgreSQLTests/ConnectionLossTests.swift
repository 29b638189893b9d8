import PostgreSQLServer
import SQL
import Testing

@testable import PostgreSQL

@Suite(.withServer, .timeLimit(.minutes(2))) struct ConnectionLossTests {
    private let fixture: PostgreSQLFixture

    init() throws { fixture = try PostgreSQLFixture() }

    private static let a = LockKey(rawValue: "a")

    /// Opens the database through a proxy.
    private func open(_ limits: PostgreSQLPool.Limits = PostgreSQLPool.Limits()) async throws -> (PostgreSQLPool, CuttingProxy) {
        let proxy = CuttingProxy(serverFolder: fixture.server.folder)
        let url =
            "postgresql://postgres@/\(fixture.database)?host=\(proxy.folder)&schema=\(fixture.schema)&application_name=\(fixture.schema)"
        let pool = try await PostgreSQLPool.open(
            PostgreSQLConfiguration(url: url + "&pool_size=2"), application: PostgreSQLFixture.application, migrations: [.items],
            limits: limits)
        return (pool, proxy)
    }

    /// Stores a name once if it is there no other time.
    private static func insert(_ name: String, _ runs: Counter) -> @Sendable (any Database) throws -> Int64 {
        { database in
            runs.add()
            return try database.insert("INSERT INTO items (name) VALUES (?)", [.text(name)])
        }
    }

    @Test(arguments: [
        (CuttingProxy.Cut.beforeStatement, "BEGIN ISOLATION LEVEL READ COMMITTED", 1), (.beforeStatement, "INSERT INTO items", 2),
        (.afterAnswer, "INSERT INTO items", 2),
        (.beforeStatement, "COMMIT\0", 2), (.beforeStatementUnnoticed, "COMMIT\0", 2), (.afterAnswer, "COMMIT\0", 1),
        (.beforeStatementUnnoticed, "INSERT INTO items", 2), (.afterAnswer, "BEGIN ISOLATION LEVEL READ COMMITTED", 1),
    ])
    func aWriteSurvivesALostConnection(cut: CuttingProxy.Cut, at text: String, expectedRuns: Int) async throws {
        let (pool, proxy) = try await open()
        let runs = Counter()
        try await pool.read { _ in }
        proxy.cutOnce(cut, at: text)
        let id = try await pool.write(.rows([Self.a]), Self.insert("accepted", runs))
        #expect(proxy.cuts == 1 && runs.value == expectedRuns)
        #expect(try fixture.run("SELECT id FROM items WHERE name = 'accepted'") == "\(id)")
        // The connection works, and the process of the lost one keeps no lock.
        _ = try await pool.write(.rows([Self.a]), Self.insert("later", runs))
        #expect(try await pool.count() == 2)
    }

    @Test(arguments: [(CuttingProxy.Cut.beforeStatement, 2), (.beforeStatementUnnoticed, 2), (.afterAnswer, 1)])
    func aGroupSurvivesALostConnection(cut: CuttingProxy.Cut, expectedRuns: Int) async throws {
        let (pool, proxy) = try await open()
        let runs = Counter()
        proxy.cutOnce(cut, at: "COMMIT\0")
        _ = try await pool.writeTogether(Self.insert("accepted", runs))
        #expect(proxy.cuts == 1 && runs.value == expectedRuns)
        #expect(try await pool.count() == 1)
    }

    @Test func aWriteOfNothingIsRunAgainWithoutHarm() async throws {
        let (pool, proxy) = try await open()
        proxy.cutOnce(.afterAnswer, at: "COMMIT\0")
        #expect(try await pool.write(.rows([])) { try $0.first("SELECT 7 AS n")?.integer("n") } == 7)
        #expect(proxy.cuts == 1)
    }

    @Test func aReadSurvivesALostConnection() async throws {
        let (pool, proxy) = try await open()
        proxy.cutOnce(.afterAnswer, at: "SELECT count")
        #expect(try await pool.count() == 0)
        #expect(proxy.cuts == 1)
        proxy.cutOnce(.beforeStatement, at: "ROLLBACK")
        #expect(try await pool.count() == 0)
        #expect(try await pool.count() == 0)
        #expect(try await pool.search { try $0.first("SELECT 1 AS n")?.integer("n") } == 1)
    }

    @Test func aClosureThatIgnoresTheLossRunsAgain() async throws {
        let (pool, proxy) = try await open()
        let runs = Counter()
        proxy.cutOnce(.beforeStatement, at: "amount) VALUES (2)")
        try await pool.write(.rows([])) { (database) throws in
            runs.add()
            try database.run("INSERT INTO items (amount) VALUES (1)")
            _ = try? database.savepoint { try database.run("INSERT INTO items (amount) VALUES (2)") }
            _ = try? database.run("INSERT INTO items (amount) VALUES (3)")
        }
        #expect(runs.value == 2)
        #expect(try await pool.count() == 3)
    }

    @Test func aServerThatStaysAwayIsAnError() async throws {
        var limits = PostgreSQLPool.Limits()
        limits.reconnect = .milliseconds(300)
        let (pool, proxy) = try await open(limits)
        let runs = Counter()
        #expect(try await pool.count() == 0)
        proxy.refuse(true)
        proxy.cutOnce(.beforeStatement, at: "INSERT INTO items")
        let error = await #expect(throws: PostgreSQLError.self) { try await pool.write(.rows([]), Self.insert("a", runs)) }
        #expect(error?.failure == .unreachable && runs.value == 1)
        proxy.refuse(false)
        _ = try await pool.write(.rows([]), Self.insert("a", runs))

        proxy.refuse(true)
        proxy.cutOnce(.afterAnswer, at: "COMMIT\0")
        let unknown = await #expect(throws: PostgreSQLError.self) { try await pool.write(.rows([]), Self.insert("b", runs)) }
        #expect(unknown?.failure == .commitUnknown && runs.value == 3)
        // During the outage further calls fail after one more try.
        let unreachable = await #expect(throws: PostgreSQLError.self) { try await pool.count() }
        #expect(unreachable?.failure == .unreachable)
        proxy.refuse(false)
        #expect(try await pool.count() == 2)
    }

    @Test func aProcessOfTheServerThatIsEndedIsReplaced() async throws {
        let pool = try await fixture.open(parameters: "pool_size=2")
        let runs = Counter()
        let fixture = fixture
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '\(fixture.schema)'"
        _ = try await pool.write(.rows([]), Self.insert("a", runs))
        #expect(try await pool.count() == 1)
        try fixture.run(end)
        #expect(try await pool.count() == 1)
        _ = try await pool.write(.rows([]), Self.insert("b", runs))
        // Within a transaction.
        let inside = Counter()
        try await pool.write(.rows([Self.a])) { (database) throws in
            try database.run("INSERT INTO items (name) VALUES ('c')")
            if inside.add() == 1 { try fixture.run(end) }
            try database.run("INSERT INTO items (name) VALUES ('d')")
        }
        #expect(inside.value == 2)
        #expect(try await pool.count() == 4)
    }

    @Test(arguments: [PostgreSQLServer.Stop.fast, .immediate, .kill])
    func nothingAcceptedIsLostWhileTheServerRestarts(stop: PostgreSQLServer.Stop) async throws {
        let server = try PostgreSQLServer()
        let database = try server.createDatabase()
        let configuration = try PostgreSQLConfiguration(url: server.url(database, parameters: "pool_size=4"))
        let pool = try await PostgreSQLPool.open(configuration, application: "tests", migrations: [.items])
        let accepted = Recorder<String>()
        let stopped = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<4 {
                group.addTask {
                    var number = 0
                    while stopped.value < 2 {
                        number += 1
                        let name = "\(writer)-\(number)"
                        if number.isMultiple(of: 2) {
                            try await pool.write(.rows([Self.a])) { try $0.run("INSERT INTO items (name) VALUES (?)", [.text(name)]) }
                        } else {
                            try await pool.writeTogether { try $0.run("INSERT INTO items (name) VALUES (?)", [.text(name)]) }
                        }
                        accepted.append(name)
                    }
                }
            }
            group.addTask {
                for _ in 0..<2 {
                    let count = accepted.all.count
                    while accepted.all.count < count + 20 { try await Task.sleep(for: .milliseconds(1)) }
                    try server.stop(stop)
                    try server.start()
                    stopped.add()
                }
            }
            try await group.waitForAll()
        }
        let stored = try await pool.read { try $0.query("SELECT name FROM items").map { try $0.text("name") } }
        #expect(stored.sorted() == accepted.all.sorted())
        await pool.close()
    }

    @Test(arguments: [PostgreSQLServer.Stop.immediate, .kill])
    func aChangeThatIsOnDiskImpliesTheAsynchronousOnesBeforeIt(stop: PostgreSQLServer.Stop) async throws {
        let server = try PostgreSQLServer()
        let database = try server.createDatabase()
        let configuration = try PostgreSQLConfiguration(url: server.url(database, parameters: "pool_size=4"))
        let pool = try await PostgreSQLPool.open(configuration, application: "tests", migrations: [.items])
        let accepted = Recorder<String>()
        let stopped = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<3 {
                group.addTask {
                    var number = 0
                    while stopped.value < 2 {
                        number += 1
                        let name = "\(writer)-\(number)"
                        let claim = SQLValue.text(name + " claimed")
                        try await pool.write(.rows([]), .asynchronous) { try $0.run("INSERT INTO items (name) VALUES (?)", [claim]) }
                        // As the intent of a write: only what was claimed is done.
                        let isDone = try await pool.write(.rows([])) { database in
                            try database.run(
                                "INSERT INTO items (name) SELECT ? WHERE EXISTS (SELECT 1 FROM items WHERE name = ?)", [.text(name), claim])
                        }
                        if isDone == 1 { accepted.append(name) }
                    }
                }
            }
            group.addTask {
                for _ in 0..<2 {
                    let count = accepted.all.count
                    while accepted.all.count < count + 20 { try await Task.sleep(for: .milliseconds(1)) }
                    try server.stop(stop)
                    try server.start()
                    stopped.add()
                }
            }
            try await group.waitForAll()
        }
        let stored = Set(try await pool.read { try $0.query("SELECT name FROM items").map { try $0.text("name") } })
        #expect(accepted.all.allSatisfy { stored.contains($0) && stored.contains($0 + " claimed") })
        await pool.close()
    }

    @Test func anAsynchronousCommitDoesNotWaitForTheDiskOfTheServer() async throws {
        let pool = try await fixture.open(parameters: "pool_size=2")
        func isOnDisk() async throws -> Bool {
            try await pool.read {
                try $0.first("SELECT CASE WHEN pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() THEN 1 ELSE 0 END AS done")?
                    .integer("done") == 1
            }
        }
        var waited = 0
        for number in 0..<20 {
            try await pool.write(.rows([]), .asynchronous) { try $0.run("INSERT INTO items (name) VALUES (?)", [.text("later \(number)")]) }
            if try await isOnDisk() { waited += 1 }
        }
        // The server writes its log five times a second by itself.
        #expect(waited < 20)
    }
}
