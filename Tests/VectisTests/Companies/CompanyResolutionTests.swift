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
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = Self.companies }
        #expect(try await bed.resolve(id, name) == resolution)
    }

    @Test func whatAPersonSaidWins() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = Self.companies }
        try await bed.map("1", "Acme Ltd.", to: 7)
        try await bed.map("", "Twin", to: 4)
        #expect(try await bed.resolve("1", "ACME  LTD.") == .resolved(Company.ID(7)))
        #expect(try await bed.resolve("", "twin") == .resolved(Company.ID(4)))
        // The id alone was not what the person saw, and another id with that name is what it says.
        #expect(try await bed.resolve("1", "") == .resolved(Company.ID(1)))
        #expect(try await bed.resolve("3", "Twin") == .resolved(Company.ID(3)))
        #expect(try await bed.resolve("77", "Twin") == .resolved(Company.ID(4)))
    }

    @Test func aMappingToACompanyThatIsGoneIsInDoubtAgain() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = Self.companies }
        try await bed.map("", "Nobody", to: 99)
        #expect(try await bed.resolve("", "Nobody") == .unresolved(.notFound))
    }

    @Test func aMappingOfAnotherTenantMeansNothing() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = Self.companies }
        try await bed.map("", "Nobody", to: 7)
        var moved = bed.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        #expect(try await bed.resolve("", "Nobody", of: moved) == .unresolved(.notFound))
    }

    @Test func withoutAListTheIDIsTakenIfItCanBeOne() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.beforeListingCompanies = { throw PSAError(.permissionScopeMissing) } }
        try await bed.map("", "Beta", to: 7)
        #expect(try await bed.resolve("42", "") == .resolved(Company.ID(42)))
        #expect(try await bed.resolve("", "Acme Ltd.") == .unresolved(.unreadable))
        #expect(try await bed.resolve("", "beta") == .resolved(Company.ID(7)))
        #expect(bed.desk.kept.companyListings == 1)
    }

    @Test func aListWithGapsProvesNothing() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave {
            $0.companies = Self.companies
            $0.companiesAreCutOff = true
        }
        #expect(try await bed.resolve("", "joe’s garage") == .resolved(Company.ID(2)))
        #expect(try await bed.resolve("", "Acme") == .unresolved(.incomplete))
        #expect(try await bed.resolve("", "Nobody") == .unresolved(.incomplete))
        #expect(try await bed.resolve("77", "Nobody") == .resolved(Company.ID(77)))
    }

    @Test func aCompanyYoungerThanTheListIsFound() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = Self.companies }
        #expect(try await bed.resolve("", "Beta") == .resolved(Company.ID(7)))
        bed.desk.behave { $0.companies.append(.sample(50, "New")) }
        bed.time.advance(by: 120)
        #expect(try await bed.resolve("", "New") == .resolved(Company.ID(50)))
        #expect(bed.desk.kept.companyListings == 2)
    }

    @Test func anEventOlderThanTheListNeedsNoOther() async throws {
        let bed = try await OutboxFixture()
        let early = bed.time.now
        bed.time.advance(by: 10)
        bed.desk.behave { $0.companies = Self.companies }
        #expect(try await bed.resolve("", "Nobody") == .unresolved(.notFound))
        bed.time.advance(by: 120)
        #expect(try await bed.resolve("", "Nobody", since: early) == .unresolved(.notFound))
        #expect(bed.desk.kept.companyListings == 1)
    }

    @Test func aStormOfUnknownCompaniesReadsTheListOnceInAMinute() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = Self.companies }
        for number in 0..<120 {
            _ = try await bed.resolve("", "Nobody \(number)")
            _ = try await bed.resolve("", "Nobody")
            bed.time.advance(by: 1)
        }
        #expect(bed.desk.kept.companyListings == 2)
    }

    @Test func aFailedReadingIsThrown() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.beforeListingCompanies = { throw refused } }
        await #expect(throws: PSAError.self) { try await bed.resolve("1", "Acme") }
    }

    @Test(arguments: [
        ("1", true), ("2147483647", true), ("2147483648", false), ("0", false), ("-1", false), ("abc", false), ("3.0", false),
        ("003", false),
        ("+3", false), ("", false), ("99999999999999999999", false),
    ])
    func aNumberIsTakenForAnIDOnlyWithinItsBounds(id: String, accepts: Bool) {
        #expect(IdentifierForm.wholeNumbers(1...Int(Int32.max)).accepts(id) == accepts)
    }

    @Test func ofCompaniesWhoseIDsAreTextAnyTextMayBeOne() {
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
