import FoundationEssentials
import PSACore
import SQL
import SQLite
import Testing

@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

@Suite("Stored failures of sign-ins") struct SignInStoreTests {
    private let ada = AccountName(literal: "ada")
    private let home = ClientNetwork("192.0.2.1")
    private let away = ClientNetwork("192.0.2.2")

    private func failure(_ second: Double, _ network: ClientNetwork, of account: AccountName? = nil, device: [UInt8]? = nil) -> FailedSignIn
    {
        FailedSignIn(at: sampleMoment + second, network: network, account: account, device: device)
    }

    private func facts(
        _ storage: any Storage, _ network: ClientNetwork, of name: AccountName? = nil, from: Double = 0, to: Double = 100,
        device: [UInt8]? = nil
    ) async throws -> SignInFacts {
        try await storage.signInFacts(
            name: name ?? ada, network: network, device: device, failuresIn: (sampleMoment + from)...(sampleMoment + to))
    }

    @Test(arguments: StorageKind.all)
    func failuresCountSinceTheLastSuccessAndByAddress(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        try await storage.add(failure(0, home, of: ada), forgettingThoseBefore: .distantPast)
        try await storage.add(.sample(1, of: ada), forgettingThoseSeenBefore: .distantPast, audit: .sample(.signedIn))
        try await storage.add(failure(2, home, of: ada), forgettingThoseBefore: .distantPast)
        try await storage.add(failure(3, away, of: ada), forgettingThoseBefore: .distantPast)
        try await storage.add(failure(4, away), forgettingThoseBefore: .distantPast)
        #expect(try await facts(storage, home).failuresOfAccount == 2)
        #expect(try await facts(storage, home, from: 3).failuresOfAccount == 1)
        #expect(try await facts(storage, home, from: 3.001).failuresOfAccount == 0)
        #expect(try await facts(storage, home, of: AccountName(literal: "bob")).failuresOfAccount == 0)
        #expect(try await facts(storage, home).failuresOfNetwork == 2)
        #expect(try await facts(storage, away, from: 4).failuresOfNetwork == 1)
        #expect(try await facts(storage, away, to: 3).failuresOfNetwork == 1)
        #expect(try await facts(storage, ClientNetwork("192.0.2")).failuresOfNetwork == 0)
    }

    @Test(arguments: StorageKind.all)
    func oldAndFutureFailuresAreForgottenAndTheirNumberIsLimited(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(failure(0, home), forgettingThoseBefore: .distantPast)
        try await storage.add(failure(1_000_000, home), forgettingThoseBefore: .distantPast)
        try await storage.add(failure(10, away), forgettingThoseBefore: sampleMoment + 5)
        #expect(try await facts(storage, home, to: 10_000_000).failuresOfNetwork == 0)
        let file = try #require(storage as? DatabaseStorage)
        try await file.queue.write { database in
            for _ in 0..<SignInLimits.maxFailures {
                try database.run(
                    "INSERT INTO sign_in_failure (at, network) VALUES (?, 'x')", [(sampleMoment + 10).storedMilliseconds])
            }
        }
        try await storage.add(failure(11, home), forgettingThoseBefore: .distantPast)
        let count = try await file.queue.read { try $0.first("SELECT COUNT(*) AS count FROM sign_in_failure")?.integer("count") }
        #expect(count == Int64(SignInLimits.maxFailures))
        #expect(try await facts(storage, away).failuresOfNetwork == 0)
        #expect(try await facts(storage, home).failuresOfNetwork == 1)
    }

    @Test(arguments: StorageKind.all)
    func onlyTheDigestOfADeviceIsStored(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        let token = try SessionToken()
        try await storage.add(
            .sample(1, of: ada), from: KnownDevice(digest: token.digest, account: ada, lastUsedAt: sampleMoment),
            forgettingThoseSeenBefore: .distantPast, audit: .sample(.signedIn))
        #expect(try await facts(storage, home, device: token.digest).isKnownDevice)
        #expect(try await !facts(storage, home, device: Array(token.cookieValue.utf8)).isKnownDevice)
    }
}
