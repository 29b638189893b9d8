import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The storage contract for connections.
@Suite("Stored connections")
struct ConnectionStoreTests {
    @Test(arguments: StorageKind.all)
    func connectionsRoundTrip(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        for status in [nil, ConnectionStatus.sample] {
            let saved = StoredConnection.sample(tenant: status == nil ? "a.example.com" : "b.example.com", status: status)
            try await storage.add(saved, audit: .sample())
            #expect(try await storage.connection(saved.id) == saved)
        }
        #expect(try await storage.connection(ConnectionID()) == nil)
    }

    @Test(arguments: StorageKind.all)
    func timestampsAreStoredToTheMillisecond(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        // The last digit is one that a fraction of two can't hold.
        for (index, fraction) in [0, 0.001, 0.123, 0.999, 0.4999].enumerated() {
            var saved = StoredConnection.sample(tenant: "t\(index).example.com")
            saved.changedAt = Date(timeIntervalSince1970: 1_790_000_000 + fraction)
            try await storage.add(saved, audit: .sample(target: "t\(index)", at: saved.changedAt))
            let distance = try await storage.connection(saved.id)?.changedAt.timeIntervalSince(saved.changedAt)
            #expect(abs(try #require(distance)) < 0.000_51)
            let entry = try await storage.audit(AuditFilter(), before: nil, limit: 1).first?.entry
            #expect(abs(try #require(entry).at.timeIntervalSince(saved.changedAt)) < 0.000_51)
        }
    }

    @Test(arguments: StorageKind.all)
    func connectionsAreListedByConnectorThenName(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let order = [("autotask", "B"), ("halopsa", "A"), ("halopsa", "C")]
        for (index, (connector, name)) in order.enumerated().reversed() {
            let id = try #require(ConnectorID(connector))
            try await storage.add(.sample(tenant: "t\(index)", name: name, connector: id), audit: .sample())
        }
        #expect(try await storage.connections().map { $0.connector.rawValue + $0.name } == order.map { $0 + $1 })
    }

    @Test(arguments: StorageKind.all)
    func aTenantIsConnectedOncePerConnector(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let first = StoredConnection.sample()
        try await storage.add(first, audit: .sample())
        await #expect(throws: StoreError.duplicateTenant(first.id)) {
            try await storage.add(.sample(name: "Second"), audit: .sample())
        }
        try await storage.add(.sample(connector: ConnectorID("autotask")), audit: .sample())
        let other = StoredConnection.sample(tenant: "other.example.com")
        try await storage.add(other, audit: .sample())
        await #expect(throws: StoreError.duplicateTenant(first.id)) {
            try await storage.replace(other.changed { $0.tenant = first.tenant }, audit: .sample())
        }
        #expect(try await storage.connection(other.id) == other)
    }

    @Test(arguments: StorageKind.all)
    func replacingChangesEveryField(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let first = StoredConnection.sample(status: .sample)
        try await storage.add(first, audit: .sample())
        let second = first.changed {
            ($0.name, $0.tenant, $0.status) = ("New", TenantIdentity(rawValue: "new.example.com"), nil)
            $0.settings = ["tenantURL": "https://new.example.com", "extra": ""]
            $0.secrets = ["clientSecret": SealedSecret(bytes: [9])]
            $0.changedAt += 60
        }
        try await storage.replace(second, audit: .sample())
        #expect(try await storage.connection(first.id) == second)
    }

    @Test("only the next revision is stored", arguments: StorageKind.all, [-1, 0, 2])
    func staleRevisions(kind: StorageKind, step: Int) async throws {
        let storage = try await kind.open().storage
        let stored = StoredConnection.sample()
        try await storage.add(stored, audit: .sample())
        await #expect(throws: StoreError.stale) {
            try await storage.replace(stored.changed { $0.revision = stored.revision + step }, audit: .sample())
        }
        #expect(try await storage.connection(stored.id) == stored)
    }

    @Test(arguments: StorageKind.all)
    func ofConcurrentChangesToOneRevisionOneSucceeds(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let stored = StoredConnection.sample()
        try await storage.add(stored, audit: .sample())
        let wins = await withTaskGroup(of: String?.self) { group -> [String] in
            for number in 0..<20 {
                group.addTask {
                    let mine = stored.changed { $0.name = "Editor \(number)" }
                    return (try? await storage.replace(mine, audit: .sample(.connectionChanged, target: mine.name))) == nil
                        ? nil : mine.name
                }
            }
            var names: [String] = []
            for await name in group { if let name { names.append(name) } }
            return names
        }
        #expect(wins.count == 1)
        #expect(try await storage.connection(stored.id)?.name == wins.first)
        let entries = try await storage.audit(AuditFilter(action: .connectionChanged), before: nil, limit: 100)
        #expect(entries.map(\.entry.target) == wins)
    }

    @Test(arguments: StorageKind.all)
    func aMissingItemIsReported(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let removed = StoredConnection.sample()
        try await storage.add(removed, audit: .sample())
        try await storage.removeConnection(removed.id, audit: .sample(.connectionRemoved))
        #expect(try await storage.connections() == [])
        await #expect(throws: StoreError.notFound) { try await storage.replace(removed.changed(), audit: .sample()) }
        await #expect(throws: StoreError.notFound) { try await storage.removeConnection(removed.id, audit: .sample()) }
        // The tenant is free again, and nothing of the old settings comes back.
        var again = StoredConnection.sample()
        again.settings = [:]
        again.secrets = [:]
        try await storage.add(again, audit: .sample())
        #expect(try await storage.connections() == [again])
    }

    @Test(arguments: StorageKind.all)
    func aResultIsStoredForTheTestedRevision(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let stored = StoredConnection.sample()
        try await storage.add(stored, audit: .sample())
        try await storage.setStatus(.sample, of: stored.id, revision: 2, audit: .sample(detail: "other revision"))
        try await storage.setStatus(.sample, of: ConnectionID(), revision: 1, audit: .sample(detail: "other connection"))
        #expect(try await storage.connection(stored.id) == stored)
        try await storage.setStatus(.sample, of: stored.id, revision: 1, audit: .sample(detail: "this one"))
        var expected = stored
        expected.status = .sample
        #expect(try await storage.connection(stored.id) == expected)
        let details = try await storage.audit(AuditFilter(), before: nil, limit: 3).map(\.entry.detail)
        #expect(details == ["this one", "other connection", "other revision"])
    }

    @Test(arguments: StorageKind.all)
    func reencryptionIsAllOrNothing(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let (first, second) = (StoredConnection.sample(tenant: "a"), StoredConnection.sample(tenant: "b"))
        for connection in [first, second] { try await storage.add(connection, audit: .sample()) }
        await #expect(throws: KeyRingError.noFittingKey) {
            try await storage.reencryptSecrets(audit: .sample(.keyRotated)) { sealed, id, _ in
                guard id == first.id else { throw KeyRingError.noFittingKey }
                return SealedSecret(bytes: sealed.bytes + [1])
            }
        }
        #expect(try await Set(storage.connections().map(\.secrets)) == [first.secrets])
        #expect(try await storage.audit(AuditFilter(action: .keyRotated), before: nil, limit: 1) == [])

        let count = try await storage.reencryptSecrets(audit: .sample(.keyRotated)) { sealed, id, key in
            SealedSecret(bytes: sealed.bytes + Array("\(id)/\(key)".utf8))
        }
        #expect(count == 4)
        for connection in [first, second] {
            var expected = connection
            for (key, sealed) in connection.secrets {
                expected.secrets[key] = SealedSecret(bytes: sealed.bytes + Array("\(connection.id)/\(key)".utf8))
            }
            #expect(try await storage.connection(connection.id) == expected)
        }
    }
}
