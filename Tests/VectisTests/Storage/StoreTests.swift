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
            try await storage.setRole(of: ada, to: .viewer, audit: .sample())
        }
        #expect(try await storage.account(ada) == .sample(ada))
        try await storage.setRole(of: bob, to: .admin, audit: .sample())
        try await storage.removeAccount(ada, audit: .sample())
        #expect(try await storage.accounts() == [.sample(bob, .admin)])
    }

    @Test(arguments: StorageKind.all)
    func aMissingAccountIsReported(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        try await storage.add(.sample(ada), audit: .sample())
        await #expect(throws: StoreError.notFound) { try await storage.setRole(of: bob, to: .viewer, audit: .sample()) }
        await #expect(throws: StoreError.notFound) {
            try await storage.setPassword(of: bob, from: nil, to: "new", keeping: nil, audit: .sample())
        }
        await #expect(throws: StoreError.notFound) { try await storage.removeAccount(bob, audit: .sample()) }
    }

    @Test(arguments: StorageKind.all)
    func aChangedAccountEndsItsSessionsButTheOneGiven(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        for account in [Account.sample(ada), .sample(bob)] { try await storage.add(account, audit: .sample()) }
        let sessions = [SignInSession.sample(1, of: ada), .sample(2, of: ada), .sample(3, of: bob)]
        for session in sessions { try await storage.add(session, forgettingThoseSeenBefore: .distantPast, audit: .sample()) }
        try await storage.setPassword(of: ada, from: "hash", to: "new", keeping: sessions[0], audit: .sample())
        #expect(try await remaining(sessions, storage) == [true, false, true])
        #expect(try await storage.session(tokenDigest: sessions[0].tokenDigest)?.account.passwordHash == "new")
        try await storage.setRole(of: ada, to: .viewer, audit: .sample())
        #expect(try await remaining(sessions, storage) == [false, false, true])
        try await storage.setRole(of: ada, to: .admin, audit: .sample())
        // A session of another account can't be kept, and is not changed either.
        try await storage.setPassword(of: ada, from: nil, to: "newer", keeping: sessions[2], audit: .sample())
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

@Suite("Stored company mappings") struct CompanyMappingStoreTests {
    @Test func anUnknownCompanyIsListedOnceForAllSpellings() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.miss("Joe’s Garage", .notFound, at: 1)
        try await fixture.miss("joe's\u{A0} garage", .ambiguous, at: 2)
        try await fixture.miss("Other", .notFound, at: 3)
        let unmatched = try await fixture.storage.unmatchedCompanies(of: fixture.connection.id)
        #expect(unmatched.map(\.sent.name) == ["Other", "joe's\u{A0} garage"])
        #expect(unmatched.map(\.count) == [1, 2])
        #expect(unmatched.map(\.reason) == [.notFound, .ambiguous])
        #expect(unmatched.last?.firstSeenAt == .sampleNow.addingTimeInterval(1))
        #expect(unmatched.last?.lastSeenAt == .sampleNow.addingTimeInterval(2))
    }

    @Test func senderIDsAreDistinguished() async throws {
        let fixture = try await OutboxFixture()
        for id in ["0", "1", ""] {
            try await fixture.storage.engine.recordUnmatched(
                SentCompany(id: id, name: "Acme"), .notFound, of: fixture.connection.id, at: .sampleNow)
        }
        #expect(try await fixture.storage.unmatchedCompanies(of: nil).count == 3)
    }

    @Test func aConnectionKeepsTheLatestThousandCompanies() async throws {
        let fixture = try await OutboxFixture()
        for number in 0..<1_003 { try await fixture.miss("Company \(number)", .notFound, at: TimeInterval(number)) }
        let names = Set(try await fixture.storage.unmatchedCompanies(of: fixture.connection.id).map(\.sent.name))
        #expect(names.count == 1_000)
        #expect(names.isDisjoint(with: ["Company 0", "Company 1", "Company 2"]))
    }

    @Test func aRemovedConnectionKeepsNoMappings() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.miss("Acme", .notFound, at: 0)
        try await fixture.map("Beta", to: 7)
        try await fixture.storage.removeConnection(fixture.connection.id, audit: .outbox(.connectionRemoved))
        try await fixture.miss("Acme", .notFound, at: 1)
        #expect(try await fixture.storage.unmatchedCompanies(of: nil).isEmpty)
        #expect(try await fixture.storage.companyMappings(of: nil).isEmpty)
        await #expect(throws: StoreError.notFound) { try await fixture.map("Beta", to: 7) }
    }

    @Test func aMappingReplacesTheEarlierOneAndResolvesTheNotice() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.miss("Acme", .notFound, at: 0)
        try await fixture.miss("Beta", .notFound, at: 0)
        try await fixture.map("ACME", to: 7)
        let mapping = try await fixture.map("acme", to: 8)
        #expect(try await fixture.storage.unmatchedCompanies(of: nil).map(\.sent.name) == ["Beta"])
        #expect(try await fixture.storage.companyMappings(of: fixture.connection.id) == [mapping])
        #expect(try await fixture.storage.companyMapping(mapping.id) == mapping)
        #expect(mapping.company == Company.ID(8))
        #expect(try await fixture.log(.companyMapped).count == 2)
        try await fixture.storage.removeCompanyMapping(mapping.id, audit: .outbox(.companyMappingRemoved))
        #expect(try await fixture.storage.companyMappings(of: nil).isEmpty)
        await #expect(throws: StoreError.notFound) {
            try await fixture.storage.removeCompanyMapping(mapping.id, audit: .outbox(.companyMappingRemoved))
        }
        #expect(try await fixture.log(.companyMappingRemoved).count == 1)
    }

    @Test func aMappingForAFormerTenantIsRejected() async throws {
        let fixture = try await OutboxFixture()
        await #expect(throws: StoreError.stale) { try await fixture.map("Acme", to: 7, tenant: "other.example.com") }
        #expect(try await fixture.log(.companyMapped).isEmpty)
    }

    @Test func aDismissedCompanyStaysDismissed() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.miss("Acme", .notFound, at: 0)
        let id = try #require(try await fixture.storage.unmatchedCompanies(of: nil).first?.id)
        try await fixture.storage.setDismissed(.sampleNow, id, audit: .outbox(.unmatchedCompanyDismissed))
        try await fixture.miss("Acme", .notFound, at: 5)
        #expect(try await fixture.storage.unmatchedCompany(id)?.dismissedAt == .sampleNow)
        #expect(try await fixture.storage.unmatchedCompany(id)?.count == 2)
        try await fixture.storage.setDismissed(nil, id, audit: .outbox(.unmatchedCompanyDismissed))
        #expect(try await fixture.storage.unmatchedCompany(id)?.dismissedAt == nil)
        await #expect(throws: StoreError.notFound) {
            try await fixture.storage.setDismissed(nil, UnmatchedCompany.ID(rawValue: 99), audit: .outbox(.unmatchedCompanyDismissed))
        }
    }
}

extension OutboxFixture {
    fileprivate func miss(_ name: String, _ reason: UnresolvedReason, at seconds: TimeInterval) async throws {
        try await storage.engine.recordUnmatched(
            SentCompany(id: "", name: name), reason, of: connection.id, at: .sampleNow.addingTimeInterval(seconds))
    }

    @discardableResult fileprivate func map(
        _ name: String, to company: Int, tenant: String? = nil
    ) async throws -> CompanyMapping {
        try await storage.add(
            NewCompanyMapping(
                connection: connection.id, tenant: tenant.map(TenantIdentity.init(rawValue:)) ?? connection.tenant,
                sent: SentCompany(id: "", name: name), company: Company.ID(company), companyName: "C",
                mappedBy: "ada", mappedAt: .sampleNow), audit: .outbox(.companyMapped))
    }
}
