import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Company resolution") struct CompanyResolutionTests {
    private static let companies: [Company] = [
        .sample(1, "Acme Ltd."), .sample(2, "Joe's Garage"), .sample(3, "Twin"), .sample(4, "TWIN"), .sample(5, "Smith & Sons GmbH"),
        .sample(6, "Smith & Sons AG"), .sample(7, "Beta"), .sample(8, "Beta GmbH"), .sample(9, "Old Ltd", isActive: false),
        .sample(10, "Old Ltd", isActive: true), .sample(11, "Gone", isActive: false), .sample(12, "GONE", isActive: false),
        .sample(13, "Ångström"), .sample(14, "Delta Ltd", isActive: false), .sample(15, "Delta Limited", isActive: true),
    ]

    @Test(arguments: [
        ("", "", CompanyResolution.notNamed), (" ", "\u{A0}\u{200B}", .notNamed),
        ("1", "", .resolved(Company.ID(1))), (" 1 ", "Beta", .resolved(Company.ID(1))),
        ("", "acme ltd.", .resolved(Company.ID(1))), ("", "Acme Limited", .resolved(Company.ID(1))), ("", "ACME", .resolved(Company.ID(1))),
        ("", "Joe’s  Garage", .resolved(Company.ID(2))), ("", "Joe&#039;s\u{A0}Garage", .resolved(Company.ID(2))),
        ("", "Twin", .unresolved(.ambiguous)), ("", "Smith &amp; Sons", .unresolved(.ambiguous)),
        ("", "Smith and Sons G.m.b.H.", .resolved(Company.ID(5))), ("", "Smith und Sons Ltd", .unresolved(.ambiguous)),
        ("", "beta", .resolved(Company.ID(7))), ("", "Beta G.m.b.H.", .resolved(Company.ID(8))), ("", "Beta Inc", .unresolved(.ambiguous)),
        ("", "Old Ltd", .resolved(Company.ID(10))), ("", "old limited", .resolved(Company.ID(10))), ("", "Gone", .unresolved(.ambiguous)),
        ("", "Delta", .resolved(Company.ID(15))), ("", "Delta Ltd", .resolved(Company.ID(14))),
        ("", "Angstrom", .resolved(Company.ID(13))), ("", "Acme GmbH", .unresolved(.notFound)), ("", "Acm", .unresolved(.notFound)),
        ("abc", "Beta", .resolved(Company.ID(7))), ("99999999999", "Beta", .resolved(Company.ID(7))),
        ("0", "Beta", .resolved(Company.ID(7))),
        ("-1", "", .unresolved(.notFound)), ("3.0", "", .unresolved(.notFound)), ("77", "Nobody", .unresolved(.notFound)),
        ("77", "Twin", .unresolved(.ambiguous)),
    ])
    func aCompanyIsTheOneThatIsMeantOrInDoubt(id: String, name: String, resolution: CompanyResolution) async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        #expect(try await fixture.resolve(id, name) == resolution)
    }

    @Test func aMappingTakesPrecedence() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        try await fixture.map("1", "Acme Ltd.", to: 7)
        try await fixture.map("", "Twin", to: 4)
        #expect(try await fixture.resolve("1", "ACME  LTD.") == .resolved(Company.ID(7)))
        #expect(try await fixture.resolve("", "twin") == .resolved(Company.ID(4)))
        // The id alone was not what the person saw, and another id with that name is what it says.
        #expect(try await fixture.resolve("1", "") == .resolved(Company.ID(1)))
        #expect(try await fixture.resolve("3", "Twin") == .resolved(Company.ID(3)))
        #expect(try await fixture.resolve("77", "Twin") == .resolved(Company.ID(4)))
    }

    @Test func aMappingToARemovedCompanyNeedsReview() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        try await fixture.map("", "Nobody", to: 99)
        #expect(try await fixture.resolve("", "Nobody") == .unresolved(.notFound))
    }

    @Test func aMappingOfAnotherTenantIsIgnored() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        try await fixture.map("", "Nobody", to: 7)
        var moved = fixture.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        #expect(try await fixture.resolve("", "Nobody", of: moved) == .unresolved(.notFound))
    }

    @Test func withoutAListAValidIDIsAccepted() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.beforeListingCompanies = { throw PSAError(.permissionScopeMissing) } }
        try await fixture.map("", "Beta", to: 7)
        #expect(try await fixture.resolve("42", "") == .resolved(Company.ID(42)))
        #expect(try await fixture.resolve("", "Acme Ltd.") == .unresolved(.unreadable))
        #expect(try await fixture.resolve("", "beta") == .resolved(Company.ID(7)))
        #expect(fixture.psa.state.companyListings == 1)
    }

    @Test func anIncompleteListProvesNothing() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave {
            $0.companies = Self.companies
            $0.companiesAreCutOff = true
        }
        #expect(try await fixture.resolve("", "joe’s garage") == .resolved(Company.ID(2)))
        #expect(try await fixture.resolve("", "Acme") == .unresolved(.incomplete))
        #expect(try await fixture.resolve("", "Nobody") == .unresolved(.incomplete))
        #expect(try await fixture.resolve("77", "Nobody") == .resolved(Company.ID(77)))
    }

    @Test func aCompanyNewerThanTheListIsFound() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        #expect(try await fixture.resolve("", "Beta") == .resolved(Company.ID(7)))
        fixture.psa.behave { $0.companies.append(.sample(50, "New")) }
        fixture.time.advance(by: 120)
        #expect(try await fixture.resolve("", "New") == .resolved(Company.ID(50)))
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func anEventOlderThanTheListNeedsNoNewList() async throws {
        let fixture = try await OutboxFixture()
        let early = fixture.time.now
        fixture.time.advance(by: 10)
        fixture.psa.behave { $0.companies = Self.companies }
        #expect(try await fixture.resolve("", "Nobody") == .unresolved(.notFound))
        fixture.time.advance(by: 120)
        #expect(try await fixture.resolve("", "Nobody", since: early) == .unresolved(.notFound))
        #expect(fixture.psa.state.companyListings == 1)
    }

    @Test func unknownCompaniesReadTheListAtMostOnceAMinute() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = Self.companies }
        for number in 0..<120 {
            _ = try await fixture.resolve("", "Nobody \(number)")
            _ = try await fixture.resolve("", "Nobody")
            fixture.time.advance(by: 1)
        }
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func aFailedReadIsThrown() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        await #expect(throws: PSAError.self) { try await fixture.resolve("1", "Acme") }
    }

    @Test(arguments: [
        ("1", true), ("2147483647", true), ("2147483648", false), ("0", false), ("-1", false), ("abc", false), ("3.0", false),
        ("003", false),
        ("+3", false), ("", false), ("99999999999999999999", false),
    ])
    func aNumberIsAnIDOnlyWithinItsBounds(id: String, accepts: Bool) {
        #expect(IdentifierForm.wholeNumbers(1...Int(Int32.max)).accepts(id) == accepts)
    }

    @Test func withTextIDsAnyTextMayBeACompanyID() {
        #expect(IdentifierForm.text.accepts("abc"))
        #expect(!IdentifierForm.text.accepts(""))
    }
}

extension OutboxFixture {
    fileprivate func resolve(
        _ id: String, _ name: String, since moment: Date? = nil, of other: StoredConnection? = nil
    ) async throws -> CompanyResolution {
        let connection = other ?? self.connection
        return try await companies.resolve(id: id, name: name, since: moment ?? time.now, of: connection) {
            try await connections.session(of: connection)
        }
    }

    fileprivate func map(_ id: String, _ name: String, to company: Int) async throws {
        _ = try await storage.add(
            NewCompanyMapping(
                connection: connection.id, tenant: connection.tenant, sent: SentCompany(id: id, name: name), company: Company.ID(company),
                companyName: "C", mappedBy: "ada", mappedAt: time.now), audit: .outbox(.companyMapped))
    }
}
