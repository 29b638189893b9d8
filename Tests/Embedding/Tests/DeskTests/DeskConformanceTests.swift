import Desk
import Foundation
import PSACore
import PSATesting
import Testing

@Suite("Desk keeps the rules of a connector")
struct DeskConformanceTests {
    /// Rules that are not kept yet are `todo` here, with a reason.
    private static func profile() throws -> ConformanceProfile { try ConformanceProfile(standings: [:]) }

    @Test func itKeepsEveryRuleThatItsProfileDoesNotName() async throws {
        let subject = ConformanceSubject(
            ConnectorRegistration(DeskConnector.self), settings: FakeDesk.settings, transport: FakeDesk.server(),
            profile: try Self.profile(), mayWrite: true, guideHeadings: try Self.guideHeadings())
        let report = try await ConformanceSuite.run(subject)
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.grade == .platinum)
    }

    private static func guideHeadings() throws -> Set<String> {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 1...3 { folder.deleteLastPathComponent() }
        let guide = folder.appendingPathComponent(DeskConnector.descriptor.guide)
        return GuideHeadings.anchors(of: try String(contentsOf: guide, encoding: .utf8))
    }
}
