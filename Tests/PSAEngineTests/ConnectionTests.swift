import Foundation
import PSACore
import PSAEngine
import PSAEngineSQLite
import PSATesting
import TestSupport
import Testing

/// Connections of an engine: their settings, secrets and sessions.
@Suite("Engine: connections") struct ConnectionTests {
    @Test(arguments: [true, false]) func unchangedSettingsKeepTheRevisionAndTheSession(_ isSealed: Bool) async throws {
        let fixture = try await EngineFixture(sealer: isSealed ? TestSealer() : nil)
        let first = try #require(try await fixture.engine.store.connection(fixture.connection))
        _ = try await fixture.enqueue("a")
        await fixture.work()
        fixture.clock.advance(by: 60)
        #expect(try await fixture.connect() == first)
        _ = try await fixture.enqueue("b")
        await fixture.work()
        #expect(fixture.psa.current.tokens.count == 1)
        #expect(first.revision == 1)
        let changed = try await fixture.connect(team: "night")
        #expect(changed.revision == 2 && changed.changedAt == fixture.clock.now && changed.createdAt == first.createdAt)
        #expect(try await fixture.engine.store.connection(fixture.connection) == changed)
    }

    @Test(arguments: [true, false]) func aChangedSecretIsUsedForTheNextJob(_ isSealed: Bool) async throws {
        let fixture = try await EngineFixture(sealer: isSealed ? TestSealer() : nil)
        _ = try await fixture.enqueue("a")
        await fixture.work()
        let changed = try await fixture.connect(token: "token-2")
        #expect(changed.revision == (isSealed ? 2 : 1))
        _ = try await fixture.enqueue("b")
        await fixture.work()
        #expect(fixture.psa.current.tokens == ["token-1", "token-2"])
    }

    @Test func invalidSettingsAndTwoConnectionsToOneTenantAreRefused() async throws {
        let fixture = try await EngineFixture()
        await #expect(throws: PSAError.self) {
            try await fixture.engine.addConnection(fixture.connection, connector: "fake", settings: ["server": "https://x.example.com"])
        }
        await #expect(throws: PSAError.self) {
            try await fixture.engine.addConnection(fixture.connection, connector: "other", settings: [:])
        }
        await #expect(throws: StoreError.duplicateTenant(fixture.connection)) {
            try await fixture.engine.addConnection(
                Sample.id("second"), connector: "fake", settings: ["server": "https://FAKE.example.com/", "token": "t"])
        }
    }

    @Test(arguments: [true, false]) func aRemovedConnectionLeavesNothingInMemoryAndItsJobsAreSkipped(_ isSealed: Bool) async throws {
        let fixture = try await EngineFixture(sealer: isSealed ? TestSealer() : nil)
        let stored = try #require(try await fixture.engine.store.connection(fixture.connection))
        let written = try await fixture.enqueue("a")
        await fixture.work()
        #expect(fixture.psa.sessionCount == 1)
        // One backs off, one waits.
        fixture.psa.behave { $0.beforeStoring = { throw PSAError(.networkRefused) } }
        let waiting = [try await fixture.enqueue("b"), try await fixture.enqueue("c")]
        await fixture.work()
        let completion = Task { try await fixture.engine.completion(of: waiting[1]) }
        try await fixture.engine.removeConnection(fixture.connection)
        #expect(fixture.psa.sessionCount == 0)
        for id in waiting { #expect(try await fixture.job(id).state == .skipped("The connection was removed.")) }
        #expect(try await completion.value.state.name == .skipped)
        #expect(try await fixture.job(written).state.name == .created)
        // A job that was under way does not bring the session back.
        if isSealed {
            _ = try await fixture.engine.sessions.session(of: stored)
        } else {
            await #expect(throws: PSAError.self) { _ = try await fixture.engine.sessions.session(of: stored) }
        }
        #expect(fixture.psa.sessionCount == 0)
        if isSealed {
            // Another process has added a connection with the same id.
            var added = stored
            added.createdAt = fixture.clock.now.addingTimeInterval(60)
            _ = try await fixture.engine.sessions.session(of: added)
            #expect(fixture.psa.sessionCount == 1)
        }
        await #expect(throws: StoreError.notFound) { try await fixture.engine.removeConnection(fixture.connection) }
        await #expect(throws: StoreError.notFound) { _ = try await fixture.enqueue("d") }
    }

    /// Runs a test with the path of a database in a folder of its own.
    private func withDatabase(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("engine-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder.appendingPathComponent("engine.db").path)
    }

    private func bytes(beside path: String) throws -> [UInt8] {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).flatMap {
            Array(try Data(contentsOf: folder.appendingPathComponent($0)))
        }
    }

    @Test func withoutASealerNoSecretIsStoredAndJobsWaitUntilTheConnectionIsAddedAgain() async throws {
        try await withDatabase { path in
            let store = try await SQLiteEngineStore.open(path)
            let first = try await EngineFixture(store: store)
            try await first.connect(token: SecretMarker.plain)
            let written = try await first.enqueue("a")
            await first.work()
            #expect(try await first.job(written).state.name == .created)
            let id = try await first.enqueue("b")
            #expect(SecretMarker.found(in: try bytes(beside: path)) == [])
            await store.close()
            // Another process.
            let second = try await EngineFixture(
                store: try await SQLiteEngineStore.open(path), psa: first.psa, clock: first.clock, isConnected: false)
            await second.work()
            let waiting = try await second.job(id)
            #expect(waiting.state == .waiting && waiting.cause?.code == .configSecretUnreadable)
            try await second.connect(token: SecretMarker.plain)
            await second.work()
            #expect(try await second.job(id).state.name == .created)
            #expect(second.psa.current.stored == ["create", "create"])
            #expect(SecretMarker.found(in: try bytes(beside: path)) == [])
            await second.engine.store.close()
        }
    }

    @Test func withASealerJobsGoOnAfterARestart() async throws {
        try await withDatabase { path in
            let store = try await SQLiteEngineStore.open(path)
            let first = try await EngineFixture(store: store, sealer: TestSealer())
            try await first.connect(token: SecretMarker.plain)
            let id = try await first.enqueue("a")
            await store.close()
            #expect(SecretMarker.found(in: try bytes(beside: path)) == [])
            let second = try await EngineFixture(
                store: try await SQLiteEngineStore.open(path), sealer: TestSealer(), psa: first.psa, clock: first.clock, isConnected: false)
            await second.work()
            #expect(try await second.job(id).state.name == .created)
            #expect(second.psa.current.tokens == [SecretMarker.plain])
            await second.engine.store.close()
            // With another key nothing is sent, and nothing is lost.
            let third = try await EngineFixture(
                store: try await SQLiteEngineStore.open(path), sealer: TestSealer(key: 1), psa: first.psa, clock: first.clock,
                isConnected: false)
            let later = try await third.enqueue("b")
            await third.work()
            #expect(try await third.job(later).cause?.code == .configSecretUnreadable)
            await third.engine.store.close()
        }
    }

    @Test func aSecretIsNotUsedForSettingsOfAnotherProcess() async throws {
        let store = InMemoryEngineStore()
        let first = try await EngineFixture(store: store)
        let other = try await EngineFixture(store: store, psa: first.psa, clock: first.clock, isConnected: false)
        try await other.connect(server: "elsewhere.example.com", token: "token-2")
        let id = try await first.enqueue("a")
        await first.work()
        #expect(try await first.job(id).cause?.code == .configSecretUnreadable)
        #expect(first.psa.current.tokens == [])
        try await other.connect(server: "elsewhere.example.com", token: "token-2")
        await other.work()
        #expect(try await first.job(id).state.name == .created)
        #expect(first.psa.current.tokens == ["token-2"])
    }

    @Test func aConnectionIsTested() async throws {
        let fixture = try await EngineFixture()
        #expect(try await fixture.engine.testConnection(fixture.connection).connector == ConnectorID("fake"))
        await #expect(throws: StoreError.notFound) { _ = try await fixture.engine.testConnection(Sample.id("other")) }
    }
}
