import FoundationEssentials
import PSACore
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The storage contract for the audit log.
@Suite("The stored audit log")
struct AuditStoreTests {
    private let ada = AccountName(literal: "ada")

    @Test(arguments: StorageKind.all)
    func entriesRoundTrip(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        var entries: [AuditEntry] = []
        for (index, action) in AuditAction.allCases.enumerated() {
            let outcome = AuditEntry.Outcome.allCases[index % AuditEntry.Outcome.allCases.count]
            let actor = [AuditEntry.Actor.system, .unknown, .account(ada)][index % 3]
            var entry = AuditEntry.sample(
                action, target: "Ünïcode “\(index)”\n", actor: actor, outcome: outcome, detail: "It's, 100%;--", address: "2001:db8::1")
            entry.code = index.isMultiple(of: 2) ? .authInvalidClient : nil
            if index.isMultiple(of: 5) { entry.address = nil }
            entries.append(entry)
            try await storage.append(entry)
        }
        #expect(try await storage.audit(AuditFilter(), before: nil, limit: 100).map(\.entry) == entries.reversed())
    }

    @Test(arguments: StorageKind.all)
    func paginationIsStableWhileEntriesArrive(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        // All at the same time: only the sequence number distinguishes them.
        for number in 0..<25 { try await storage.append(.sample(target: "\(number)")) }
        var (seen, place): ([String], AuditPosition?) = ([], nil)
        while true {
            let page = try await storage.audit(AuditFilter(), before: place, limit: 10)
            #expect(page.count <= 10 && page.map(\.position) == page.map(\.position).sorted(by: >))
            guard let last = page.last else { break }
            seen += page.map(\.entry.target)
            place = last.position
            try await storage.append(.sample(target: "late"))
        }
        #expect(seen == (0..<25).reversed().map(String.init))
    }

    /// What each filter finds among the entries of ``filled(_:)``, by target.
    private static let filters: [(filter: AuditFilter, found: [String])] = [
        (AuditFilter(), ["100%_off", "O'Neil", "ACME West", "Acme"]),
        (AuditFilter(action: .signedIn), ["Acme"]),
        (AuditFilter(action: .keyRotated), []),
        (AuditFilter(actor: "ada"), ["O'Neil", "Acme"]),
        (AuditFilter(actor: "ad"), []),
        (AuditFilter(actor: "(system)"), ["100%_off"]),
        (AuditFilter(actor: "(unknown)"), ["ACME West"]),
        (AuditFilter(actor: "' OR 1=1 --"), []),
        (AuditFilter(target: "acme"), ["ACME West", "Acme"]),
        (AuditFilter(target: "ME W"), ["ACME West"]),
        (AuditFilter(target: "%"), ["100%_off"]),
        (AuditFilter(target: "_"), ["100%_off"]),
        (AuditFilter(target: "A__e"), []),
        (AuditFilter(target: "a%e"), []),
        (AuditFilter(target: "'"), ["O'Neil"]),
        (AuditFilter(target: "\\"), []),
        (AuditFilter(target: "*"), []),
        (AuditFilter(from: sampleMoment + 2), ["100%_off", "O'Neil"]),
        (AuditFilter(until: sampleMoment + 2), ["ACME West", "Acme"]),
        (AuditFilter(from: sampleMoment + 1, until: sampleMoment + 2), ["ACME West"]),
        (AuditFilter(from: sampleMoment + 2, until: sampleMoment + 1), []),
        (AuditFilter(action: .connectionTested, actor: "ada"), ["O'Neil"]),
        (AuditFilter(action: .connectionTested, actor: "ada", target: "n", from: sampleMoment, until: sampleMoment + 9), ["O'Neil"]),
        (AuditFilter(action: .connectionTested, actor: "ada", target: "n", from: sampleMoment, until: sampleMoment + 2), []),
        (AuditFilter(action: .signedIn, actor: "ada", target: "west"), []),
    ]

    private func filled(_ kind: StorageKind) async throws -> OpenedStorage {
        let opened = try await kind.open()
        for (index, (action, actor, target)) in [
            (AuditAction.signedIn, AuditEntry.Actor.account(ada), "Acme"), (.connectionTested, .unknown, "ACME West"),
            (.connectionTested, .account(ada), "O'Neil"), (.connectionTested, .system, "100%_off"),
        ].enumerated() {
            try await opened.storage.append(.sample(action, target: target, actor: actor, at: sampleMoment + Double(index)))
        }
        return opened
    }

    @Test(arguments: StorageKind.all)
    func filtersMatchAloneAndTogether(kind: StorageKind) async throws {
        let opened = try await filled(kind)
        for (filter, found) in Self.filters {
            let targets = try await opened.storage.audit(filter, before: nil, limit: 10).map(\.entry.target)
            #expect(targets == found, "\(filter)")
        }
        let newest = try await opened.storage.audit(AuditFilter(actor: "ada"), before: nil, limit: 1)
        let older = try await opened.storage.audit(AuditFilter(actor: "ada"), before: try #require(newest.last).position, limit: 1)
        #expect((newest + older).map(\.entry.target) == ["O'Neil", "Acme"])
    }

    @Test("no entry can be changed or removed with SQL", arguments: StorageKind.all)
    func appendOnly(kind: StorageKind) async throws {
        let opened = try await filled(kind)
        let before = try await opened.storage.audit(AuditFilter(), before: nil, limit: 10)
        for sql in [
            "UPDATE audit_entry SET detail = 'nothing happened'", "UPDATE audit_entry SET at = at + 1 WHERE target = 'Acme'",
            "DELETE FROM audit_entry", "DELETE FROM audit_entry WHERE place = 1",
        ] {
            await #expect(throws: (any Error).self, "\(sql)") { try await opened.execute(sql) }
        }
        #expect(before.count == 4)
        #expect(try await opened.storage.audit(AuditFilter(), before: nil, limit: 10) == before)
    }
}

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
            Change(testDescription: "change a password") {
                try await $0.setPassword(of: AccountName(literal: "ada"), from: nil, to: "new", keeping: nil, audit: $1)
            },
            Change(testDescription: "change a role") { try await $0.setRole(of: AccountName(literal: "bob"), to: .viewer, audit: $1) },
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
