import FoundationEssentials
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("A ticket that a person names for a job of unknown outcome") struct DoubtfulTicketTests {
    private static let other = Ticket.ID(5)

    /// A job for company 1 whose outcome a person has to find out, and a ticket that the person names.
    private static func fixture(company: String = "Acme", _ change: (inout Ticket) -> Void) async throws -> (OutboxFixture, TicketJob) {
        let fixture = try await OutboxFixture()
        _ = try await fixture.rule(appendMinutes: 60)
        fixture.psa.behave {
            $0.companies = [.sample(1, "Acme"), .sample(7, "Other")]
            $0.beforeStoring = { _ in throw outcomeUnknown }
            $0.beforeSearching = { throw connectionRefused }
        }
        var ticket = Ticket(id: Self.other, number: "T5", summary: "Private matter", phase: .open, native: .none)
        ticket.createdAt = fixture.time.now
        change(&ticket)
        fixture.psa.change { [ticket] in $0.tickets.append(ticket) }
        let job = try await fixture.job("1", company: company)
        await fixture.work()
        await fixture.work(48 * 3_600 + 1)
        fixture.psa.behave {
            $0.beforeStoring = { _ in }
            $0.beforeSearching = {}
        }
        let held = try await fixture.now(job)
        try #require(held.state == .needsReview(.outcomeUnknown))
        return (fixture, held)
    }

    private static func decide(_ fixture: OutboxFixture, _ job: TicketJob, _ decision: JobDecision) async throws -> [TicketDoubt] {
        let jobs = JobService(storage: fixture.storage, connections: fixture.connections, time: fixture.time.source, wake: {})
        let origin = RequestOrigin(at: fixture.time.now, correlationID: CorrelationID(), address: "")
        do {
            try await jobs.decide(job, decision, seen: nil, by: origin)
        } catch JobDecisionError.doubtful(let doubts) {
            return doubts
        }
        return []
    }

    enum Case: String, CaseIterable {
        case otherCompany, otherReference, older, all

        var doubts: [String] {
            switch self {
            case .otherCompany: ["other_company"]
            case .otherReference: ["other_reference"]
            case .older: ["older_than_job"]
            case .all: ["other_company", "other_reference", "older_than_job"]
            }
        }

        func change(_ ticket: inout Ticket) {
            if [.otherCompany, .all].contains(self) { ticket.company = Reference(Company.ID(7), label: "Other") }
            if [.otherReference, .all].contains(self) { ticket.externalReference = "monitor-17" }
            if [.older, .all].contains(self) { ticket.createdAt = ticket.createdAt?.addingTimeInterval(-48 * 3_600 - 1) }
        }
    }

    @Test(arguments: Case.allCases) func isTakenOnlyIfItIsConfirmedWhereItLooksLikeAnother(_ doubtful: Case) async throws {
        let (fixture, job) = try await Self.fixture { doubtful.change(&$0) }
        let doubts = try await Self.decide(fixture, job, .adopt(Self.other))
        #expect(doubts.map(\.name) == doubtful.doubts)
        #expect(try await fixture.now(job).state == .needsReview(.outcomeUnknown))
        #expect(try await Self.decide(fixture, job, .adopt(Self.other, isConfirmed: true)) == [])
        let taken = try await fixture.now(job)
        #expect(taken.state.ticket?.number == "T5")
        #expect(taken.remark.contains("stored the company 7 (Other) instead of 1") == doubtful.doubts.contains("other_company"))
        let entry = try #require(try await fixture.log(.jobDecided).first)
        for doubt in doubts { #expect(entry.detail.contains(TextRenderer().text(doubt))) }
    }

    @Test func isTakenAtOnceWithTheReferenceOfTheJobOrWithoutAnother() async throws {
        let (fixture, job) = try await Self.fixture { _ in }
        #expect(try await Self.decide(fixture, job, .adopt(Self.other)) == [])
        let (second, own) = try await Self.fixture { $0.company = Reference(Company.ID(1)) }
        second.psa.change { state in
            state.tickets[0].details = "Text" + TicketWriter.reference(own.reference)
            state.tickets[0].externalReference = "moved-by-the-vendor"
            state.tickets[0].createdAt = .distantPast
        }
        #expect(try await Self.decide(second, own, .adopt(Self.other)) == [])
        #expect(try await second.now(own).state.name == .created)
    }

    @Test(arguments: [true, false]) func takesLaterEventsAsNotesOnlyWithTheReferenceOfTheJob(_ hasReference: Bool) async throws {
        let (fixture, job) = try await Self.fixture(company: "") { $0.company = Reference(Company.ID(7)) }
        if hasReference { fixture.psa.change { $0.tickets[0].externalReference = job.reference.rawValue } }
        #expect(try await Self.decide(fixture, job, .adopt(Self.other)) == [])
        let rule = try #require(try await fixture.storage.rules().first)
        var payload = job.payload
        payload.appendsSince = job.createdAt
        let ids = try await fixture.storage.engine.add(
            [
                NewJob(
                    connection: fixture.connection.id, key: IdempotencyKey(), source: JobSource(rawValue: rule.id.rawValue),
                    payload: payload)
            ], at: fixture.time.now)
        await fixture.work()
        let id = try #require(ids.first)
        let later = try #require(try await fixture.storage.job(id))
        #expect(later.state.name == (hasReference ? .appended : .created))
        #expect(fixture.psa.state.notes.map(\.ticket) == (hasReference ? [Self.other] : []))
    }

    /// A host whose connection leads to a ``FakePSA`` with one job of unknown outcome and a ticket of another program.
    private static func host(_ body: (WebFixture, TicketJob.ID) async throws -> Void) async throws {
        let psa = FakePSA { .sampleNow }
        var ticket = Ticket(id: Self.other, number: "T5", summary: "Private matter", phase: .open, native: .none)
        ticket.externalReference = "monitor-17"
        psa.change { [ticket] in $0.tickets.append(ticket) }
        var options = WebFixture.Options()
        options.registry = try ConnectorRegistry([FakePSAConnector.self])
        options.transport = psa
        try await WebFixture.with(.inProcess, options) { fixture in
            let connection = StoredConnection(
                id: ConnectionID(), connector: ConnectorID("psa"), name: "PSA", tenant: TenantIdentity(rawValue: "psa.example.com"),
                settings: ["server": "https://psa.example.com"], secrets: [:], revision: 1, createdAt: .sampleNow, changedAt: .sampleNow)
            try await fixture.services.storage.add(connection, audit: .sample(.connectionCreated))
            let rule = Rule.sample(.sample(connection: connection.id), mode: .active)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            _ = try await fixture.services.storage.accept(.sample(senderID: "1", receivedAt: fixture.time.now), from: nil) { event, _, _ in
                [RuleEngine.decision(event, rule, .needsReview(.outcomeUnknown))]
            }
            let job = try #require(try await fixture.services.storage.engine.latestJob())
            try await body(fixture, job)
        }
    }

    @Test func isRefusedByTheAPIUntilItIsAccepted() async throws {
        try await Self.host { fixture, job in
            let browser = try await fixture.signIn()
            let refused = try await browser.call("POST", "/jobs/\(job.rawValue)/resolve", ["ticket": 5])
            #expect(refused.status == 409 && refused.code == "doubtful_ticket")
            #expect(refused.json["doubts"]?.elements.map(\.string) == ["other_reference"])
            #expect(refused.json["detail"]?.string?.contains("monitor-17") == true)
            #expect(
                try await browser.call("POST", "/jobs/\(job.rawValue)/resolve", ["ticket": 5, "acceptDoubtfulTicket": 1]).status == 422)
            let taken = try await browser.call("POST", "/jobs/\(job.rawValue)/resolve", ["ticket": 5, "acceptDoubtfulTicket": true])
            #expect(taken.status == 200 && taken.json["ticket"]?["number"] == "T5")
        }
    }

    @Test func isConfirmedOnThePageForTheTicketWhoseDoubtsWereShown() async throws {
        try await Self.host { fixture, job in
            let browser = try await fixture.signIn()
            let path = "/jobs/\(job.rawValue)/decide"
            let asked = try await browser.post(path, [("choice", "adopt"), ("ticket", "5"), ("seen", "outcome_unknown")])
            #expect(asked.status == 422 && asked.text.contains("monitor-17") && asked.text.contains("value=\"adopt-doubtful\""))
            #expect(
                asked.text.contains("name=\"doubtful\" value=\"5\"")
                    && asked.text.contains("name=\"ticket\" autocomplete=\"off\" required value=\"5\""))
            let changed = [("choice", "adopt-doubtful"), ("ticket", "5"), ("doubtful", "6"), ("seen", "outcome_unknown")]
            #expect(try await browser.post(path, changed).status == 422)
            #expect(try await fixture.services.storage.job(job)?.state == .needsReview(.outcomeUnknown))
            let confirmed = [
                ("choice", "adopt-doubtful"), ("ticket", "5"), ("doubtful", "5"), ("seen", "outcome_unknown"), ("page", "job"),
            ]
            let taken = try await browser.post(path, confirmed)
            #expect(taken.status == 303 || taken.status == 302)
            #expect(try await fixture.services.storage.job(job)?.state.ticket?.number == "T5")
        }
    }
}
