import Foundation
import PSACore
import PSATesting
import SampleConnector
import Synchronization
import TestSupport
import Testing

@Suite("The conformance suite")
struct ConformanceSuiteTests {
    private let timeLimit: ConformanceRule.ID = "connection.time_limit"

    private func flawed(_ rule: ConformanceRule.ID, _ standing: ConformanceProfile.Standing?) async throws -> ConformanceReport {
        let flaw = try #require(ConformanceRuleTests.flaws.first { $0.rule == rule })
        let profile = try ConformanceProfile(standings: standing.map { [rule: $0] } ?? [:])
        return try await ConformanceSuite.run(ConformanceRuleTests.subject(flaw.entry, profile: profile))
    }

    @Test func aBrokenRuleCostsItsGradeAndThoseAbove() async throws {
        #expect(try await flawed("connection.time_limit", nil).grade == .bronze)
        #expect(try await flawed("bounds.rate_limit", nil).grade == .gold)
        #expect(try await flawed("connection.works", nil).grade == nil)
    }

    @Test func aTodoIsAcceptedAndKeepsTheGradeOutOfReach() async throws {
        let report = try await flawed(timeLimit, .todo(reason: "The vendor is slow to answer."))
        #expect(report.isAccepted)
        #expect(report.grade == .bronze)
        #expect(report.nextStep?.rule.id == timeLimit)
    }

    @Test func aTodoThatHasStartedToPassFailsTheSuite() async throws {
        let profile = try ConformanceProfile(standings: [timeLimit: .todo(reason: "Not yet.")])
        let report = try await ConformanceSuite.run(
            ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self), profile: profile))
        #expect(report.complaints.map(\.rule.id) == [timeLimit])
        #expect(report.complaints.first?.outcome == .keptUnexpectedly(reason: "Not yet."))
    }

    @Test func anExemptRuleCountsAsKept() async throws {
        let report = try await flawed(timeLimit, .exempt(reason: "The vendor forbids it."))
        #expect(report.isAccepted)
        #expect(report.grade == .platinum)
    }

    @Test func aProfileOfAnUnknownRuleOrWithoutAReasonIsRefused() {
        #expect(throws: ConformanceProfile.Problem.unknownRule("connection.luck")) {
            try ConformanceProfile(standings: ["connection.luck": .todo(reason: "None.")])
        }
        #expect(throws: ConformanceProfile.Problem.missingReason(timeLimit)) {
            try ConformanceProfile(standings: [timeLimit: .exempt(reason: " ")])
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

    @Test func withLeaveToWriteThirtyTwoTicketsStayAndNoUpload() async throws {
        let vendor = SampleVendor()
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = vendor
        let before = vendor.ticketCount
        _ = try await ConformanceSuite.run(subject)
        #expect(vendor.ticketCount == before + 32)
        #expect(vendor.uploadCount == 0)
    }

    @Test func rulesAboutFieldsDoNotConcernATypeWithoutAny() async throws {
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.typeWithFields = nil
        let report = try await ConformanceSuite.run(subject)
        #expect(report.isAccepted && report.grade == .platinum)
        let lines = report.lines.filter { $0.rule.area == .fields && $0.rule.id != "fields.unknown" }
        #expect(lines.count == 3)
        for line in lines { #expect(line.outcome.name == "not applicable", "\(line.rule.id)") }
    }

    @Test func choicesThatAConnectorKnowsWithoutTheVendorAreNoReadThatPassesWithFaults() async throws {
        let good = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        let context = ConnectorContext(transport: good.transport, addressPolicy: good.addressPolicy)
        let statuses = try await good.entry.connect(settings: good.settings, context: context).ticketStatuses()
        let knowing = Flaw.acting("reading.picklists") { $0.listStatuses = { _ in statuses } }
        let report = try await ConformanceSuite.run(ConformanceRuleTests.subject(knowing.entry))
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome)" } == [])
        #expect(report.grade == .platinum)
    }

    @Test func aTenantWithTooFewRowsLeavesPagingUnseen() async throws {
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = SampleVendor(companies: 3, contacts: 3, tickets: 10)
        let report = try await ConformanceSuite.run(subject)
        #expect(report.isAccepted)
        #expect(report.grade == .bronze)
        #expect(report.nextStep?.outcome == .notRun(reason: "No list of the tenant has a second page."))
    }

    @Test(arguments: [
        ("contacts", "read contacts"), ("types", "ticket types"), ("statuses", "ticket statuses"),
        ("priorities", "ticket priorities"), ("notes", "notes"),
    ])
    func aPermissionThatTheTenantLacksIsNotRunAndNamed(resource: String, name: String) async throws {
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = SampleVendor(forbidding: [resource])
        let report = try await ConformanceSuite.run(subject)
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.grade != .platinum)
        let reasons = report.lines.filter { $0.outcome.name == "not run" }.flatMap(\.outcome.logLines)
        #expect(reasons.contains { $0.contains(name) && $0.contains("not let") }, "\(reasons)")
    }

    @Test func uploadsThatTheTenantForbidsAreNotRun() async throws {
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = SampleVendor(forbidding: ["uploads"])
        let report = try await ConformanceSuite.run(subject, rules: ConformanceRule.all.filter { $0.area == .attachments })
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.lines.map(\.outcome.name) == Array(repeating: "not run", count: 4))
    }

    @Test func aRunOfSomeRulesHasNoGradeAndSaysSo() async throws {
        let rules = ConformanceRule.all.filter { $0.area == .declaration }
        let subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        let report = try await ConformanceSuite.run(subject, rules: rules)
        #expect(report.isAccepted && !report.isWhole)
        #expect(report.grade == nil)
        #expect(report.gradeText == "not graded: only \(rules.count) of \(ConformanceRule.all.count) rules ran")
        #expect(report.json["grade"] == nil)
        #expect(report.json["notGraded"]?.string == report.gradeText)
    }

    @Test func aWholeRunSignsInWronglyAtMostTwice() async throws {
        let tenant = ObservingTransport(SampleVendor())
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = tenant
        _ = try await ConformanceSuite.run(subject)
        let signIns = tenant.requests.filter { request in
            request.route == "/oauth/token" && !String(decoding: request.body ?? [], as: UTF8.self).contains(SampleVendor.clientSecret)
        }
        #expect((1...2).contains(signIns.count), "\(signIns.count)")
    }

    @Test(arguments: [403, 423, 429])
    func aLockedAccountEndsTheRunWithAMessage(status: Int) async throws {
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        let vendor = LockingVendor(status: status)
        subject.transport = vendor
        let report = try await ConformanceSuite.run(subject)
        let locked = try #require(report.lines.first { $0.outcome.logLines.contains { $0.hasPrefix("The account is locked") } })
        #expect(locked.rule.id == "connection.credentials")
        #expect(locked.outcome.name == "not run")
        #expect(locked.outcome.logLines.first?.contains("answers \(status) to right ones") == true)
        let behind = report.lines.drop { $0.rule.id != "connection.credentials" }.dropFirst()
        #expect(behind.allSatisfy { $0.outcome == .notRun(reason: "The run ended before: the account is locked.") })
        #expect(vendor.requestsWhileLocked <= 3)
        #expect(report.grade == nil && report.endedEarly && !report.isAccepted)
    }

    @Test func faultsThatArePlayedReachTheTenantAsTokenRequestsOnly() async throws {
        let tenant = ObservingTransport(SampleVendor())
        var subject = ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))
        subject.transport = tenant
        // The words of a vendor are in its own refusals.
        let rules = ConformanceRule.all.filter { $0.area == .failures && $0.id != "failures.words" }
        let report = try await ConformanceSuite.run(subject, rules: rules)
        #expect(report.isAccepted)
        #expect(!tenant.requests.isEmpty)
        #expect(tenant.requests.allSatisfy { $0.route == "/oauth/token" })
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
        let json = try await flawed(timeLimit, nil).json
        guard case .array(let rules)? = json["rules"] else {
            Issue.record("The report has no rules.")
            return
        }
        #expect(rules.count == ConformanceRule.all.count)
        #expect(json["accepted"] == .bool(false))
        #expect(json["grade"]?.string == "bronze")
        #expect(rules.first { $0["rule"]?.string == timeLimit.rawValue }?["outcome"]?.string == "broken")
    }

    @Test func aSuiteThatIsGivenUpEndsAsCancelled() async {
        let task = Task { try await ConformanceSuite.run(ConformanceRuleTests.subject(ConnectorRegistration(SampleConnector.self))) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

@Suite("Rules of the conformance suite")
struct ConformanceRuleTests {
    static let flaws = Flaw.declaring + Flaw.connecting + Flaw.reading + Flaw.writing + Flaw.sending

    static func subject(
        _ entry: ConnectorRegistration, profile: ConformanceProfile = ConformanceProfile(), mayWrite: Bool = true
    ) -> ConformanceSubject {
        ConformanceSubject(
            entry,
            settings: [
                "serverURL": SampleVendor.address, "clientID": SampleVendor.clientID, "clientSecret": SampleVendor.clientSecret,
            ],
            transport: SampleVendor(), profile: profile, mayWrite: mayWrite, typeWithFields: SampleVendor.typeWithFields,
            guideHeadings: try? RepositoryFile(SampleConnector.descriptor.guide).anchors)
    }

    @Test func aGoodConnectorKeepsEveryRule() async throws {
        let report = try await ConformanceSuite.run(Self.subject(ConnectorRegistration(SampleConnector.self)))
        #expect(report.lines.filter { $0.outcome != .kept }.map { "\($0.rule.id): \($0.outcome)" } == [])
        #expect(report.grade == .platinum)
        #expect(report.isAccepted)
    }

    @Test func aConnectorThatCreatesATicketByTwoRequestsKeepsEveryRule() async throws {
        let entry = Flaw.twoRequests("writing.stored", "none") { good, note, ticket in _ = try await good.addPrivateNote(note, to: ticket) }
            .entry
        let report = try await ConformanceSuite.run(Self.subject(entry))
        #expect(report.lines.filter { $0.outcome != .kept }.map { "\($0.rule.id): \($0.outcome)" } == [])
        #expect(report.grade == .platinum)
    }

    @Test func aConnectorThatUploadsFilesWithItsWritesKeepsEveryRule() async throws {
        let entry = Flaw(rule: "attachments.stored", connect: { good, _ in EmbeddingConnection(good: good) }).entry
        let report = try await ConformanceSuite.run(Self.subject(entry))
        #expect(report.lines.filter { $0.outcome != .kept }.map(\.rule.id) == ["attachments.discarded"])
        #expect(report.grade == .platinum)
    }

    @Test func aConnectorThatLeavesOutAFileThatItCouldNotUploadIsCaught() async throws {
        let entry = Flaw(rule: "retries.writes-once", connect: { good, _ in EmbeddingConnection(good: good, leavesOutFiles: true) }).entry
        let rules = ConformanceRule.all.filter { $0.id == "retries.writes-once" }
        let report = try await ConformanceSuite.run(Self.subject(entry), rules: rules)
        #expect(report.complaints.map(\.rule.id) == ["retries.writes-once"])
    }

    @Test func everyRuleHasAConnectorThatBreaksIt() {
        #expect(Set(Self.flaws.map(\.rule)) == Set(ConformanceRule.all.map(\.id)))
        #expect(Set(Self.flaws.map(\.testDescription)).count == Self.flaws.count)
    }

    /// The rules that a flaw is examined by: all with `ALL_RULES`, as in `make flaws`; otherwise its own and every eighteenth of the others,
    /// for each flaw other ones, because all rules for all flaws take minutes.
    private static func rules(for flaw: Flaw) -> [ConformanceRule] {
        guard ProcessInfo.processInfo.environment["ALL_RULES"] == nil else { return ConformanceRule.all }
        let place = flaws.firstIndex { $0.testDescription == flaw.testDescription } ?? 0
        return ConformanceRule.all.enumerated().filter { $0.offset % 18 == place % 18 || $0.element.id == flaw.rule }.map(\.element)
    }

    @Test("a connector that breaks one rule is caught by that rule and no other", arguments: flaws)
    func isCaught(flaw: Flaw) async throws {
        // A reply that was never built also fails where replies are written; without leave to write only the declaration shows it.
        var subject = Self.subject(flaw.entry, mayWrite: flaw.rule != "declaration.built")
        subject.noteCount = SampleVendor.notePageSize + 2
        subject.transport = SampleVendor(companies: 102, contacts: 53, tickets: 58)
        let report = try await ConformanceSuite.run(subject, rules: Self.rules(for: flaw))
        #expect(report.complaints.map { "\($0.rule.id)" } == [flaw.rule.rawValue], "\(report.complaints.map(\.outcome))")
        #expect(!report.isAccepted)
    }

    @Test func everyFlawIsExaminedByItsOwnRuleAndEveryRuleByAFlawOfAnother() {
        let others = Self.flaws.flatMap { flaw in Self.rules(for: flaw).map(\.id).filter { $0 != flaw.rule } }
        #expect(Self.flaws.allSatisfy { flaw in Self.rules(for: flaw).contains { $0.id == flaw.rule } })
        #expect(Set(others) == Set(ConformanceRule.all.map(\.id)))
    }

    @Test(arguments: ConformanceRule.all.map(\.id))
    func everyRuleIsNamedAfterItsArea(id: ConformanceRule.ID) throws {
        let rule = try #require(ConformanceRule.all.first { $0.id == id })
        #expect(rule.area != nil)
        #expect(!rule.title.hasSuffix("."))
        #expect(rule.reason.hasSuffix("."))
    }

    @Test func noTwoRulesHaveTheSameName() { #expect(Set(ConformanceRule.all.map(\.id)).count == ConformanceRule.all.count) }
}

/// A sample vendor that locks the account after one sign-in with a wrong secret.
private final class LockingVendor: HTTPTransport {
    private let vendor = SampleVendor()
    private let status: Int
    private let locked = Mutex<Int?>(nil)

    init(status: Int) { self.status = status }

    var requestsWhileLocked: Int { locked.withLock { $0 ?? 0 } }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let isLocked = locked.withLock { count in
            count = count.map { $0 + 1 }
            return count != nil
        }
        if isLocked { return TransportResponse(status: status, body: Array("{}".utf8)) }
        let response = try await vendor.send(request)
        if request.route == "/oauth/token", response.status == 401 { locked.withLock { $0 = 0 } }
        return response
    }
}

@Suite("Session sweep")
struct SessionSweepTests {
    @Test func theSweepCallsEveryOperationTheSessionOffers() throws {
        let files = [
            "Connector/ConnectorSession", "Connector/ConnectorSession+VendorRequest", "Connector/ChangeReading", "Paging/TicketQuery",
        ]
        let lines = try files.flatMap { try RepositoryFile("Sources/PSACore/\($0).swift").lines }
        // Every connection can be tested, and a message is read without a request; the sweep calls what needs a capability.
        let declared = lines.compactMap { $0.firstMatch(of: /^ +public func (\w+)/).map { String($0.1) } }
            .filter { !["can", "testConnection", "hintedTickets"].contains($0) }
        #expect(!declared.isEmpty)
        #expect(SessionSweep().operations.map(\.name).sorted() == declared.sorted())
    }

    @Test func anchorsFollowGitHubsRules() throws {
        let anchors = try RepositoryFile("Docs/ConnectHaloPSA.md").anchors
        #expect(anchors.isSuperset(of: ["1-create-the-application", "404-on-authtoken", "common-errors"]))
    }
}
