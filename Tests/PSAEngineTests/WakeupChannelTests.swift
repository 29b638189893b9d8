import PSAEngine
import PSAEnginePostgreSQL
import PostgreSQLServer
import Testing

@Suite(
    "Waking over the database", .enabled(if: PostgreSQLServer.isAvailable, "needs Debian's package postgresql"),
    .timeLimit(.minutes(1)))
struct WakeupChannelTests {
    @Test func aProcessIsWokenByWhatAnotherSends() async throws {
        let configuration = try TestDatabase.configuration()
        let (first, second) = (
            try await PostgreSQLEngineStore.open(configuration), try await PostgreSQLEngineStore.open(configuration)
        )
        var topics = second.wakeups.topics().makeAsyncIterator()
        // Listening has begun: something may have been missed.
        #expect(await topics.next() == .jobs)
        #expect(await topics.next() == .sync)
        first.wakeups.send(.sync)
        #expect(await topics.next() == .sync)
        await first.store.close()
        await second.store.close()
    }

    @Test func aURLThatCanNotBeUsedIsRefusedWithWhatToWrite() async throws {
        let error = await #expect(throws: (any Error).self) { _ = try await PostgreSQLEngineStore.open(url: "postgresql://eve:word@h/d") }
        #expect(error.map { "\($0)" }?.contains("password") == true && error.map { "\($0)" }?.contains("word@") == false)
        await #expect(throws: (any Error).self) { _ = try await PostgreSQLSyncStore.open(url: "sqlite:file") }
    }
}
