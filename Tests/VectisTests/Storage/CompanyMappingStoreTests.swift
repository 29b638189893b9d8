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
