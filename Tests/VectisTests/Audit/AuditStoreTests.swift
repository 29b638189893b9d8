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

    @Test(arguments: StorageKind.all)
    func failuresCountSinceTheLastSuccessAndByAddress(kind: StorageKind) async throws {
        let storage = try await kind.open().storage
        let (home, away) = ("192.0.2.1", "192.0.2.2")
        func append(_ action: AuditAction, _ actor: AuditEntry.Actor, _ second: Double, _ address: String) async throws {
            try await storage.append(.sample(action, target: "", actor: actor, at: sampleMoment + second, address: address))
        }
        try await append(.signInFailed, .account(ada), 0, home)
        try await append(.signedIn, .account(ada), 1, home)
        try await append(.signInFailed, .account(ada), 2, home)
        try await append(.signInFailed, .account(ada), 3, away)
        try await append(.signInFailed, .unknown, 4, away)
        try await append(.signInBlocked, .account(ada), 5, away)
        try await append(.signedIn, .account(AccountName(literal: "bob")), 6, home)
        #expect(try await storage.failedSignIns(of: ada, since: sampleMoment) == 2)
        #expect(try await storage.failedSignIns(of: ada, since: sampleMoment + 3) == 1)
        #expect(try await storage.failedSignIns(of: ada, since: sampleMoment + 3.001) == 0)
        #expect(try await storage.failedSignIns(of: AccountName(literal: "bob"), since: sampleMoment) == 0)
        #expect(try await storage.failedSignIns(from: home, since: sampleMoment) == 2)
        #expect(try await storage.failedSignIns(from: away, since: sampleMoment + 4) == 1)
        #expect(try await storage.failedSignIns(from: "192.0.2", since: sampleMoment) == 0)
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
