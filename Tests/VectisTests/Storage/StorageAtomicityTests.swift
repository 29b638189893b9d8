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

/// A change and its audit entry are stored together, or neither is.
@Suite("Atomic changes with audit entries")
struct StorageAtomicityTests {
    /// One change of each kind, made to the content of ``opened(_:)``.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let make: @Sendable (any Storage, AuditEntry) async throws -> Void

        static let all = [
            Change(testDescription: "add a connection") { try await $0.add(StoredConnection.sample(tenant: "new"), audit: $1) },
            Change(testDescription: "replace a connection") { try await $0.replace(stored.changed { $0.name = "New" }, audit: $1) },
            Change(testDescription: "set a status") { try await $0.setStatus(.sample, of: stored.id, revision: 1, audit: $1) },
            Change(testDescription: "remove a connection") { try await $0.removeConnection(stored.id, audit: $1) },
            Change(testDescription: "reseal") {
                _ = try await $0.reencryptSecrets(audit: $1) { old, _, _ in SealedSecret(bytes: old.bytes + [1]) }
            },
            Change(testDescription: "add an account") { try await $0.add(Account.sample(AccountName(literal: "eve")), audit: $1) },
            Change(testDescription: "change an account") { try await $0.replace(.sample(password: "new"), keeping: nil, audit: $1) },
            Change(testDescription: "remove an account") { try await $0.removeAccount(AccountName(literal: "bob"), audit: $1) },
            Change(testDescription: "add a session") {
                let session = SignInSession.sample(9, of: AccountName(literal: "bob"))
                try await $0.add(session, forgettingThoseSeenBefore: .distantFuture, audit: $1)
            },
            Change(testDescription: "end a session") { try await $0.removeSession(tokenDigest: session.tokenDigest, audit: $1) },
        ]
    }

    static let stored = StoredConnection.sample()
    static let session = SignInSession.sample(1, of: AccountName(literal: "ada"))

    /// Everything that a change could touch.
    struct Content: Equatable {
        var connections: [StoredConnection]
        var accounts: [Account]
        var sessions: [SignInSession]
        var entries: Int

        init(_ storage: any Storage) async throws {
            connections = try await storage.connections()
            accounts = try await storage.accounts()
            sessions = []
            for digest in [session.tokenDigest, SignInSession.sample(9, of: AccountName(literal: "bob")).tokenDigest] {
                if let found = try await storage.session(tokenDigest: digest) { sessions.append(found.session) }
            }
            entries = try await storage.audit(AuditFilter(), before: nil, limit: 1_000).count
        }
    }

    private func opened(_ kind: StorageKind) async throws -> OpenedStorage {
        let opened = try await kind.open()
        try await opened.storage.add(Self.stored, audit: .sample())
        for account in [Account.sample(), .sample(AccountName(literal: "bob"))] { try await opened.storage.add(account, audit: .sample()) }
        try await opened.storage.add(Self.session, forgettingThoseSeenBefore: .distantPast, audit: .sample())
        return opened
    }

    @Test("without its entry nothing changes", arguments: StorageKind.all, Change.all)
    func entryRefused(kind: StorageKind, change: Change) async throws {
        let opened = try await opened(kind)
        try await opened.refuseMarkedEntries()
        let before = try await Content(opened.storage)
        await #expect(throws: (any Error).self) { try await change.make(opened.storage, .refused) }
        #expect(try await Content(opened.storage) == before)
        // The same change succeeds with a valid entry: so the entry was the cause.
        try await change.make(opened.storage, .sample())
        let after = try await Content(opened.storage)
        #expect(after.entries == before.entries + 1)
        #expect(after != before)
    }

    @Test("a rejected change leaves no entry", arguments: StorageKind.all)
    func changeRefused(kind: StorageKind) async throws {
        let storage = try await opened(kind).storage
        let before = try await Content(storage)
        let refused: [Change] = [
            Change(testDescription: "duplicate tenant") { try await $0.add(StoredConnection.sample(), audit: $1) },
            Change(testDescription: "stale") { try await $0.replace(Self.stored, audit: $1) },
            Change(testDescription: "no connection") { try await $0.removeConnection(ConnectionID(), audit: $1) },
            Change(testDescription: "closure fails") {
                _ = try await $0.reencryptSecrets(audit: $1) { _, _, _ in throw KeyRingError.noFittingKey }
            },
            Change(testDescription: "duplicate account") { try await $0.add(Account.sample(), audit: $1) },
            Change(testDescription: "no account") { try await $0.removeAccount(AccountName(literal: "eve"), audit: $1) },
            Change(testDescription: "no account to sign in") {
                let session = SignInSession.sample(9, of: AccountName(literal: "eve"))
                // The idle ones are forgotten only together with the new one.
                try await $0.add(session, forgettingThoseSeenBefore: .distantFuture, audit: $1)
            },
            Change(testDescription: "same session twice") {
                try await $0.add(Self.session, forgettingThoseSeenBefore: .distantPast, audit: $1)
            },
        ]
        for change in refused {
            await #expect(throws: (any Error).self, "\(change.testDescription)") { try await change.make(storage, .sample()) }
            #expect(try await Content(storage) == before, "\(change.testDescription)")
        }
    }

    @Test(arguments: StorageKind.all)
    func aRejectedEntryAloneIsAnError(kind: StorageKind) async throws {
        let opened = try await opened(kind)
        try await opened.refuseMarkedEntries()
        await #expect(throws: (any Error).self) { try await opened.storage.append(.refused) }
    }
}
