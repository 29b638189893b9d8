import PSACore
import PSATesting
import SampleConnector
import Testing

@Suite("The conformance suite")
struct ConformanceSuiteTests {
    private let patience: ConformanceRule.ID = "connection.patience"

    private func flawed(_ rule: ConformanceRule.ID, _ standing: ConformanceProfile.Standing?) async throws -> ConformanceReport {
        let flaw = try #require(ConformanceRuleTests.flaws.first { $0.rule == rule })
        let profile = try ConformanceProfile(.accessToken, standings: standing.map { [rule: $0] } ?? [:])
        return try await ConformanceSuite.run(ConformanceRuleTests.subject(flaw.entry, profile: profile))
    }

    @Test func aBrokenRuleCostsItsGradeAndThoseAbove() async throws {
        #expect(try await flawed("connection.patience", nil).grade == .bronze)
        #expect(try await flawed("bounds.pace", nil).grade == .gold)
        #expect(try await flawed("connection.works", nil).grade == nil)
    }

    @Test func aTodoIsAcceptedAndKeepsTheGradeOutOfReach() async throws {
        let report = try await flawed(patience, .todo(reason: "The vendor is slow to answer."))
        #expect(report.isAccepted)
        #expect(report.grade == .bronze)
        #expect(report.nextStep?.rule.id == patience)
    }

    @Test func aTodoThatHasStartedToPassFailsTheSuite() async throws {
        let profile = try ConformanceProfile(.accessToken, standings: [patience: .todo(reason: "Not yet.")])
        let report = try await ConformanceSuite.run(
            ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self), profile: profile))
        #expect(report.complaints.map(\.rule.id) == [patience])
        #expect(report.complaints.first?.outcome == .keptUnexpectedly(reason: "Not yet."))
    }

    @Test func anExemptRuleCountsAsKept() async throws {
        let report = try await flawed(patience, .exempt(reason: "The vendor forbids it."))
        #expect(report.isAccepted)
        #expect(report.grade == .platinum)
    }

    @Test func aProfileOfAnUnknownRuleOrWithoutAReasonIsRefused() {
        #expect(throws: ConformanceProfile.Problem.unknownRule("connection.luck")) {
            try ConformanceProfile(.accessToken, standings: ["connection.luck": .todo(reason: "None.")])
        }
        #expect(throws: ConformanceProfile.Problem.missingReason(patience)) {
            try ConformanceProfile(.accessToken, standings: [patience: .exempt(reason: " ")])
        }
    }

    @Test func withoutLeaveToWriteNoTicketIsMadeAndGoldIsOutOfReach() async throws {
        let vendor = SampleVendor()
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self), mayWrite: false)
        subject.transport = vendor
        let before = vendor.ticketCount
        let report = try await ConformanceSuite.run(subject)
        #expect(vendor.ticketCount == before)
        #expect(report.isAccepted)
        #expect(report.grade == .silver)
        #expect(report.lines.contains { $0.outcome == .notRun(reason: "Creating tickets was not allowed in this run.") })
    }

    @Test func withLeaveToWriteSevenTicketsStay() async throws {
        let vendor = SampleVendor()
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = vendor
        let before = vendor.ticketCount
        _ = try await ConformanceSuite.run(subject)
        #expect(vendor.ticketCount == before + 7)
    }

    @Test func aTenantWithTooFewRowsLeavesPagingUnseen() async throws {
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = SampleVendor(companies: 3, tickets: 3)
        let report = try await ConformanceSuite.run(subject)
        #expect(report.isAccepted)
        #expect(report.grade == .bronze)
        #expect(report.nextStep?.outcome == .notRun(reason: "No list of the tenant has a second page."))
    }

    @Test func aPlaceholderIsAcceptedWithoutAGrade() async throws {
        let descriptor = ConnectorDescriptor(
            id: ConnectorID("empty"), displayName: "Empty PSA", tier: .placeholder, settings: SampleConnector.descriptor.settings,
            capabilities: [], guidance: GuidanceCatalogue(vendorName: "Empty PSA", overrides: [:]), guide: SampleConnector.descriptor.guide)
        let entry = ConnectorRegistration(descriptor: descriptor) { _, _ in throw PSAError(.connectorPlaceholder) }
        let report = try await ConformanceSuite.run(ConformanceRuleTests.subject(entry))
        #expect(report.isAccepted)
        #expect(report.grade == nil)
        #expect(report.nextStep == nil)
        #expect(report.lines.filter { $0.outcome == .kept }.allSatisfy { $0.rule.area == .declaration })
    }

    @Test func theReportAsJSONNamesEveryRuleAndItsOutcome() async throws {
        let json = try await flawed(patience, nil).json
        guard case .array(let rules)? = json["rules"] else {
            Issue.record("The report has no rules.")
            return
        }
        #expect(rules.count == ConformanceRule.all.count)
        #expect(json["accepted"] == .bool(false))
        #expect(json["grade"]?.string == "bronze")
        #expect(rules.first { $0["rule"]?.string == patience.rawValue }?["outcome"]?.string == "broken")
    }

    @Test func aSuiteThatIsGivenUpEndsAsCancelled() async {
        let task = Task { try await ConformanceSuite.run(ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
