import PSACore
import PSATesting
import SampleConnector
import TestSupport
import Testing

@Suite("Rules of the conformance suite")
struct ConformanceRuleTests {
    static let flaws = Flaw.declaring + Flaw.connecting + Flaw.reading + Flaw.writing + Flaw.sending

    static func subject(
        _ entry: ConnectorRegistration, profile: ConformanceProfile = .accessToken, mayWrite: Bool = true
    ) -> ConformanceSubject {
        ConformanceSubject(
            entry,
            settings: [
                "serverURL": SampleVendor.address, "clientID": SampleVendor.clientID, "clientSecret": SampleVendor.clientSecret,
            ],
            transport: SampleVendor(), profile: profile, mayWrite: mayWrite,
            guideHeadings: try? RepositoryFile(SampleConnector.descriptor.guide).anchors)
    }

    @Test func aGoodConnectorKeepsEveryRule() async throws {
        let report = try await ConformanceSuite.run(Self.subject(ConnectorRegistration(SampleConnector.self)))
        #expect(report.lines.filter { $0.outcome != .kept }.map { "\($0.rule.id): \($0.outcome)" } == [])
        #expect(report.grade == .platinum)
        #expect(report.isAccepted)
    }

    @Test func everyRuleHasAConnectorThatBreaksIt() {
        #expect(Self.flaws.map(\.rule).sorted() == ConformanceRule.all.map(\.id).sorted())
    }

    @Test("a connector that breaks one rule is caught by that rule and no other", arguments: flaws)
    func isCaught(flaw: Flaw) async throws {
        // A reply that was never built also fails where replies are written; without leave to write only the declaration shows it.
        let subject = Self.subject(flaw.entry, mayWrite: flaw.rule != "declaration.built")
        let report = try await ConformanceSuite.run(subject)
        #expect(report.complaints.map { "\($0.rule.id)" } == [flaw.rule.rawValue], "\(report.complaints.map(\.outcome))")
        #expect(!report.isAccepted)
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
