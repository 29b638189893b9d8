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

@Suite("Company directory") struct CompanyDirectoryTests {
    @Test(arguments: [
        ("Acme", Company.ID(1)), ("  aCME ", Company.ID(1)), ("Beta", nil), ("Twin", nil), ("TRIPLE", nil), ("", nil),
    ])
    func aNameLeadsToTheOneCompanyThatHasIt(name: String, id: Company.ID?) async throws {
        let fixture = try await OutboxFixture()
        let names = ["Acme", "Twin", "twin", "Triple", "triple", "Triple "]
        fixture.psa.behave { $0.companies = names.enumerated().map { .sample($0.offset + 1, $0.element) } }
        #expect(try await Self.id(name, fixture, CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)) == id)
    }

    @Test func theListIsReadOncePerQuarterHour() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(1, "Acme")] }
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        for _ in 0..<100 { _ = try await Self.id("Acme", fixture, directory) }
        #expect(fixture.psa.state.companyListings == 1)
        fixture.time.advance(by: 15 * 60)
        fixture.psa.behave { $0.companies = [.sample(2, "Acme")] }
        #expect(try await Self.id("Acme", fixture, directory) == Company.ID(2))
    }

    @Test func aClockSetBackDoesNotKeepAnOldCompanyList() async throws {
        let fixture = try await OutboxFixture()
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        _ = try await Self.id("Acme", fixture, directory)
        fixture.time.adjustWallClock(by: -86_400)
        _ = try await Self.id("Acme", fixture, directory)
        #expect(fixture.psa.state.companyListings == 2)
    }

    @Test func companiesOfAnotherTenantAreNotUsed() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(1, "Acme")] }
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        _ = try await Self.id("Acme", fixture, directory)
        var moved = fixture.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        fixture.psa.behave { $0.companies = [.sample(9, "Acme")] }
        let session = try await fixture.connections.session(of: moved)
        #expect(try await directory.resolve(id: "", name: "Acme", since: .distantPast, of: moved, { session }) == .resolved(Company.ID(9)))
    }

    @Test(arguments: [ErrorCode.permissionRoleDenied, .permissionScopeMissing, .connectorUnsupported])
    func aConnectionWithoutPermissionToReadCompaniesHasNone(code: ErrorCode) async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.beforeListingCompanies = { throw PSAError(code) } }
        #expect(try await Self.id("Acme", fixture, CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)) == nil)
    }

    @Test func aFailedReadIsThrownAndNotCached() async throws {
        let fixture = try await OutboxFixture()
        let directory = CompanyDirectory(time: fixture.time.source, mappings: fixture.storage.engine)
        fixture.psa.behave { $0.beforeListingCompanies = { throw connectionRefused } }
        await #expect(throws: PSAError.self) { try await Self.id("Acme", fixture, directory) }
        fixture.psa.behave {
            $0.beforeListingCompanies = {}
            $0.companies = [.sample(1, "Acme")]
        }
        #expect(try await Self.id("Acme", fixture, directory) == Company.ID(1))
    }

    @Test func aTicketIsCreatedForTheNamedCompanyOrNamesItInTheText() async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(7, "Acme")] }
        _ = try await fixture.rule()
        _ = try await fixture.job("1", company: "acme")
        _ = try await fixture.job("2", company: "Nobody")
        await fixture.work()
        let drafts = fixture.psa.state.drafts
        #expect(drafts.map(\.company) == [Company.ID(7), nil])
        #expect(drafts.map { $0.details?.contains("Company: ") } == [false, true])
    }

    @Test(arguments: [("42", [Company.ID(42)]), ("43", [nil])]) func theSendersIDIsUsedIfThePSAHasIt(
        id: String, companies: [Company.ID?]
    ) async throws {
        let fixture = try await OutboxFixture()
        fixture.psa.behave { $0.companies = [.sample(42, "Acme")] }
        _ = try await fixture.rule()
        fixture.psa.behave { $0.companies = [.sample(42, "Acme")] }
        var event = HostEvent.sample(company: "", receivedAt: fixture.time.now)
        event.companyID = id
        _ = try await fixture.events.accept(event)
        await fixture.work()
        #expect(fixture.psa.state.drafts.map(\.company) == companies)
        let unmatched = try await fixture.storage.unmatchedCompanies(of: fixture.connection.id)
        #expect(unmatched.map(\.sent.id) == (companies == [nil] ? [id] : []))
    }

    private static func id(_ name: String, _ fixture: OutboxFixture, _ directory: CompanyDirectory) async throws -> Company.ID? {
        let session = try await fixture.connections.session(of: fixture.connection)
        guard
            case .resolved(let id) = try await directory.resolve(
                id: "", name: name, since: .distantPast, of: fixture.connection, { session })
        else { return nil }
        return id
    }
}
