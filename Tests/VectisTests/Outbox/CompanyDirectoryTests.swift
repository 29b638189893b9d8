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
        let bed = try await OutboxFixture()
        let names = ["Acme", "Twin", "twin", "Triple", "triple", "Triple "]
        bed.desk.behave { $0.companies = names.enumerated().map { .sample($0.offset + 1, $0.element) } }
        #expect(try await Self.id(name, bed, CompanyDirectory(time: bed.time.source, mappings: bed.storage.engine)) == id)
    }

    @Test func theListIsReadOnceInAQuarterOfAnHour() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = [.sample(1, "Acme")] }
        let directory = CompanyDirectory(time: bed.time.source, mappings: bed.storage.engine)
        for _ in 0..<100 { _ = try await Self.id("Acme", bed, directory) }
        #expect(bed.desk.kept.companyListings == 1)
        bed.time.advance(by: 15 * 60)
        bed.desk.behave { $0.companies = [.sample(2, "Acme")] }
        #expect(try await Self.id("Acme", bed, directory) == Company.ID(2))
    }

    @Test func aClockSetBackDoesNotKeepAnOldList() async throws {
        let bed = try await OutboxFixture()
        let directory = CompanyDirectory(time: bed.time.source, mappings: bed.storage.engine)
        _ = try await Self.id("Acme", bed, directory)
        bed.time.adjustWallClock(by: -86_400)
        _ = try await Self.id("Acme", bed, directory)
        #expect(bed.desk.kept.companyListings == 2)
    }

    @Test func anotherTenantsCompaniesAreNotTakenForItsOwn() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = [.sample(1, "Acme")] }
        let directory = CompanyDirectory(time: bed.time.source, mappings: bed.storage.engine)
        _ = try await Self.id("Acme", bed, directory)
        var moved = bed.connection
        moved.tenant = TenantIdentity(rawValue: "other.example.com")
        bed.desk.behave { $0.companies = [.sample(9, "Acme")] }
        let session = try await bed.connections.session(of: moved)
        #expect(try await directory.resolve(id: "", name: "Acme", since: .distantPast, of: moved, { session }) == .resolved(Company.ID(9)))
    }

    @Test(arguments: [ErrorCode.permissionRoleDenied, .permissionScopeMissing, .connectorUnsupported])
    func aConnectionThatMayNotReadCompaniesKnowsNone(code: ErrorCode) async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.beforeListingCompanies = { throw PSAError(code) } }
        #expect(try await Self.id("Acme", bed, CompanyDirectory(time: bed.time.source, mappings: bed.storage.engine)) == nil)
    }

    @Test func aFailedReadingIsThrownAndNotRemembered() async throws {
        let bed = try await OutboxFixture()
        let directory = CompanyDirectory(time: bed.time.source, mappings: bed.storage.engine)
        bed.desk.behave { $0.beforeListingCompanies = { throw refused } }
        await #expect(throws: PSAError.self) { try await Self.id("Acme", bed, directory) }
        bed.desk.behave {
            $0.beforeListingCompanies = {}
            $0.companies = [.sample(1, "Acme")]
        }
        #expect(try await Self.id("Acme", bed, directory) == Company.ID(1))
    }

    @Test func aTicketGoesToTheCompanyOfThatNameOrSaysWhichItWas() async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = [.sample(7, "Acme")] }
        _ = try await bed.rule()
        _ = try await bed.job("1", company: "acme")
        _ = try await bed.job("2", company: "Nobody")
        await bed.work()
        let drafts = bed.desk.kept.drafts
        #expect(drafts.map(\.company) == [Company.ID(7), nil])
        #expect(drafts.map { $0.details?.contains("Company: ") } == [false, true])
    }

    @Test(arguments: [("42", [Company.ID(42)]), ("43", [nil])]) func theIDThatTheSenderKnowsCountsIfThePSAHasIt(
        id: String, companies: [Company.ID?]
    ) async throws {
        let bed = try await OutboxFixture()
        bed.desk.behave { $0.companies = [.sample(42, "Acme")] }
        _ = try await bed.rule()
        bed.desk.behave { $0.companies = [.sample(42, "Acme")] }
        var event = HostEvent.sample(company: "", receivedAt: bed.time.now)
        event.companyID = id
        _ = try await bed.events.accept(event)
        await bed.work()
        #expect(bed.desk.kept.drafts.map(\.company) == companies)
        let unmatched = try await bed.storage.unmatchedCompanies(of: bed.connection.id)
        #expect(unmatched.map(\.sent.id) == (companies == [nil] ? [id] : []))
    }

    private static func id(_ name: String, _ bed: OutboxFixture, _ directory: CompanyDirectory) async throws -> Company.ID? {
        let session = try await bed.connections.session(of: bed.connection)
        guard
            case .resolved(let id) = try await directory.resolve(
                id: "", name: name, since: .distantPast, of: bed.connection, { session })
        else { return nil }
        return id
    }
}
