import FoundationEssentials
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The storage contract for accounts and sessions.
@Suite("Stored accounts")
struct AccountStoreTests {
    private let ada = AccountName(literal: "ada")
    private let bob = AccountName(literal: "bob")

    @Test(arguments: StorageKind.all)
    func accountsAreReadByName(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let accounts = [Account.sample(ada), .sample(bob, .viewer, password: "other")]
        for account in accounts.reversed() { try await storage.add(account, audit: .sample()) }
        #expect(try await storage.accounts() == accounts)
        #expect(try await storage.account(bob) == accounts[1])
        #expect(try await storage.account(AccountName(literal: "eve")) == nil)
        await #expect(throws: AccountError.duplicateAccount) { try await storage.add(.sample(ada, .viewer), audit: .sample()) }
        #expect(try await storage.account(ada)?.role == .admin)
    }

    @Test(arguments: StorageKind.all)
    func theLastAdministratorStays(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        try await storage.add(.sample(bob, .viewer), audit: .sample())
        await #expect(throws: AccountError.lastAdministrator) { try await storage.removeAccount(ada, audit: .sample()) }
        await #expect(throws: AccountError.lastAdministrator) {
            try await storage.replace(.sample(ada, .viewer), keeping: nil, audit: .sample())
        }
        #expect(try await storage.account(ada) == .sample(ada))
        try await storage.replace(.sample(bob, .admin), keeping: nil, audit: .sample())
        try await storage.removeAccount(ada, audit: .sample())
        #expect(try await storage.accounts() == [.sample(bob, .admin)])
    }

    @Test(arguments: StorageKind.all)
    func aMissingAccountIsReported(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        await #expect(throws: StoreError.notFound) { try await storage.replace(.sample(bob), keeping: nil, audit: .sample()) }
        await #expect(throws: StoreError.notFound) { try await storage.removeAccount(bob, audit: .sample()) }
    }

    @Test(arguments: StorageKind.all)
    func aChangedAccountEndsItsSessionsButTheOneGiven(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        for account in [Account.sample(ada), .sample(bob)] { try await storage.add(account, audit: .sample()) }
        let sessions = [SignInSession.sample(1, of: ada), .sample(2, of: ada), .sample(3, of: bob)]
        for session in sessions { try await storage.add(session, forgettingThoseSeenBefore: .distantPast, audit: .sample()) }
        try await storage.replace(.sample(ada, password: "new"), keeping: sessions[0], audit: .sample())
        #expect(try await remaining(sessions, storage) == [true, false, true])
        #expect(try await storage.session(tokenDigest: sessions[0].tokenDigest)?.account.passwordHash == "new")
        try await storage.replace(.sample(ada, .viewer), keeping: nil, audit: .sample())
        #expect(try await remaining(sessions, storage) == [false, false, true])
        // A session of another account can't be kept, and is not changed either.
        try await storage.replace(.sample(ada, .admin), keeping: sessions[2], audit: .sample())
        try await storage.removeAccount(bob, audit: .sample())
        #expect(try await remaining(sessions, storage) == [false, false, false])
    }

    @Test(arguments: StorageKind.all)
    func aSessionIsFoundTouchedAndEnded(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        var session = SignInSession.sample(1, of: ada)
        try await storage.add(session, forgettingThoseSeenBefore: .distantPast, audit: .sample())
        #expect(try await storage.session(tokenDigest: session.tokenDigest)?.session == session)
        session.lastSeenAt += 61.5
        try await storage.touchSession(tokenDigest: session.tokenDigest, at: session.lastSeenAt)
        #expect(try await storage.session(tokenDigest: session.tokenDigest)?.session == session)
        try await storage.removeSession(tokenDigest: session.tokenDigest, audit: .sample(.signedOut))
        #expect(try await storage.session(tokenDigest: session.tokenDigest) == nil)
        // A tab that was left open may sign out twice.
        try await storage.removeSession(tokenDigest: session.tokenDigest, audit: .sample(.signedOut))
    }

    @Test(arguments: StorageKind.all)
    func aNewSessionRemovesTheIdleOnes(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        let limit = sampleMoment + 100
        let sessions = [
            SignInSession.sample(1, of: ada, lastSeenAt: limit - 0.001), .sample(2, of: ada, lastSeenAt: limit), .sample(3, of: ada),
        ]
        for session in sessions.prefix(2) { try await storage.add(session, forgettingThoseSeenBefore: .distantPast, audit: .sample()) }
        try await storage.add(sessions[2], forgettingThoseSeenBefore: limit, audit: .sample())
        #expect(try await remaining(sessions, storage) == [false, true, true])
    }

    @Test(arguments: StorageKind.all)
    func aSessionRequiresAnAccount(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        await #expect(throws: (any Error).self) {
            try await storage.add(SignInSession.sample(1, of: ada), forgettingThoseSeenBefore: .distantPast, audit: .sample())
        }
        #expect(try await storage.audit(AuditFilter(), before: nil, limit: 1) == [])
    }

    private func remaining(_ sessions: [SignInSession], _ storage: any Storage) async throws -> [Bool] {
        var found: [Bool] = []
        for session in sessions { found.append(try await storage.session(tokenDigest: session.tokenDigest) != nil) }
        return found
    }
}
