import SQL
import Testing

@testable import PostgreSQL

@Suite(.withServer, .timeLimit(.minutes(1))) struct PostgreSQLNotificationTests {
    private let fixture: PostgreSQLFixture

    init() throws { fixture = try PostgreSQLFixture() }

    private static func notify(_ database: any Database, _ payload: String) throws {
        try (database as? PostgreSQLDatabase)?.notify(payload)
    }

    @Test func aNotificationReachesEachProcessOnceTheTransactionIsCommitted() async throws {
        let pools = [try await fixture.open(), try await fixture.open()]
        var iterators = pools.map { $0.notifications().makeAsyncIterator() }
        for index in iterators.indices { #expect(await iterators[index].next() == .mayHaveMissed) }
        try await pools[0].write(.rows([])) { (database) throws in
            try Self.notify(database, "job ä 'quoted'")
            try? database.savepoint {
                try Self.notify(database, "rolled back")
                throw TestError()
            }
        }
        try? await pools[0].write(.rows([])) { (database) throws in
            try Self.notify(database, "never")
            throw TestError()
        }
        let long = String(repeating: "x", count: PostgreSQLPool.notificationByteLimit)
        try await pools[1].write(.rows([])) { try Self.notify($0, long) }
        for index in iterators.indices {
            #expect(await iterators[index].next() == .payload("job ä 'quoted'"))
            #expect(await iterators[index].next() == .payload(long))
        }
        let error = await #expect(throws: PostgreSQLError.self) { try await pools[0].write(.rows([])) { try Self.notify($0, long + "x") } }
        #expect(error?.description.contains("8000 bytes") == true)
        for pool in pools { await pool.close() }
        for index in iterators.indices { #expect(await iterators[index].next() == nil) }
    }

    @Test func aLostConnectionIsReplacedAndReported() async throws {
        let pool = try await fixture.open()
        var iterator = pool.notifications().makeAsyncIterator()
        #expect(await iterator.next() == .mayHaveMissed)
        try fixture.run(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '\(fixture.schema)' AND query LIKE 'LISTEN%'"
        )
        #expect(await iterator.next() == .mayHaveMissed)
        try await pool.write(.rows([])) { try Self.notify($0, "a") }
        #expect(await iterator.next() == .payload("a"))
        // A later stream shares the connection.
        var later = pool.notifications().makeAsyncIterator()
        #expect(await later.next() == .mayHaveMissed)
        try await pool.write(.rows([])) { try Self.notify($0, "b") }
        #expect(await iterator.next() == .payload("b"))
        #expect(await later.next() == .payload("b"))
        await pool.close()
        var afterwards = pool.notifications().makeAsyncIterator()
        #expect(await afterwards.next() == nil)
    }
}
