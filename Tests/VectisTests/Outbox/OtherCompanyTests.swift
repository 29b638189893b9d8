import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage

@Suite("Tickets at another company than they were sent for") struct OtherCompanyTests {
    /// How it is learned at which company the PSA has a ticket.
    enum Path: CaseIterable {
        case answer, searchAfterALostAnswer, searchBeforeSending

        var remark: JobRemark {
            let differences = [TicketDifference(.company, requested: "1", stored: "7")]
            return self == .searchBeforeSending ? .found(.foundBeforeSending, differences) : .differences(differences)
        }
    }

    private static func fixture() async throws -> OutboxFixture {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule()
        fixture.psa.behave {
            $0.companies = [.sample(1, "Acme"), .sample(7, "Other")]
            $0.filesAt = Company.ID(7)
        }
        return fixture
    }

    private static func openIssue(_ fixture: OutboxFixture) async throws -> ConnectionIssue? {
        try await fixture.storage.issues(of: fixture.connection.id).first { $0.code == .ticketOtherCompany && $0.resolvedAt == nil }
    }

    @Test(arguments: Path.allCases) func becomeAnIssueWithTheDifferenceAsRemark(_ path: Path) async throws {
        var fixture = try await Self.fixture()
        let job = try await fixture.job("1", company: "Acme")
        switch path {
        case .answer: break
        case .searchAfterALostAnswer: fixture.psa.behave { $0.afterStoring = { _ in throw outcomeUnknown } }
        case .searchBeforeSending:
            // A backup from before the job was sent was restored.
            var ticket = Ticket(id: Ticket.ID(1_000), number: "T1000", summary: job.payload.summary, native: .none)
            ticket.externalReference = job.reference.rawValue
            ticket.createdAt = fixture.time.now
            ticket.company = Reference(Company.ID(7))
            fixture.psa.change { [ticket] in $0.tickets.append(ticket) }
            try await fixture.restart()
        }
        await fixture.work()
        await fixture.work(5)
        let written = try await fixture.now(job)
        #expect(written.state.name == .created && written.state.ticket?.company == "7")
        #expect(written.remark == path.remark.stored)
        #expect(fixture.psa.state.tickets.count == 1)
        let issue = try #require(try await Self.openIssue(fixture))
        #expect(issue.count == 1)
        let problem = try JSONDocument(Array(try #require(issue.problem).utf8)).root
        #expect(problem["detail"]?.string?.contains("ticket T1000 at another company") == true)
        #expect(problem["detail"]?.string?.contains("it is at company 7, and was sent for company 1") == true)
        #expect(problem["steps"]?.elements.first?.string?.contains("Open the ticket in FakePSA") == true)
        let attempt = try #require(try await fixture.storage.engine.attempts(of: job.id).first)
        #expect(attempt.code == .ticketOtherCompany && attempt.remark == path.remark.stored)
        #expect(try await fixture.log(.ticketCreated).first?.code == .ticketOtherCompany)
        #expect(try await fixture.storage.rules().allSatisfy(\.pauses.isEmpty))
    }

    @Test(arguments: ["1", nil]) func areNoIssueAtTheirCompanyOrWhereThePSADoesNotSayIt(_ company: String?) async throws {
        let fixture = try await Self.fixture()
        fixture.psa.behave { $0.filesAt = company.flatMap { Company.ID($0) } }
        let job = try await fixture.job("1", company: "Acme")
        await fixture.work()
        #expect(try await fixture.now(job).remark == "")
        #expect(try await Self.openIssue(fixture) == nil)
    }

    @Test func aTicketWithoutAKnownCompanyMayBeAnywhere() async throws {
        let fixture = try await Self.fixture()
        let job = try await fixture.job("1", company: "Unknown Ltd")
        await fixture.work()
        #expect(try await fixture.now(job).state.name == .created)
        #expect(try await Self.openIssue(fixture) == nil)
    }

    @Test func onlyATestByAPersonClosesTheIssue() async throws {
        let fixture = try await Self.fixture()
        _ = try await fixture.job("1", company: "Acme")
        await fixture.work()
        fixture.psa.behave { $0.filesAt = Company.ID(1) }
        let next = try await fixture.job("2", company: "Acme")
        await fixture.work()
        #expect(try await fixture.now(next).state.name == .created)
        #expect(try await Self.openIssue(fixture) != nil)
        let draft = try fixture.connections.draft(of: fixture.connection)
        _ = try await fixture.connections.test(draft, audit: .outbox(.connectionChecked, at: fixture.time.now))
        #expect(try await Self.openIssue(fixture) != nil)
        var audit = AuditEntry.outbox(.connectionTested, at: fixture.time.now)
        audit.actor = .account(try #require(AccountName("alex")))
        _ = try await fixture.connections.test(draft, audit: audit)
        #expect(try await Self.openIssue(fixture) == nil)
    }
}
