import Foundation
import PSACore
import PSACurl
import PSATesting
import RequestTracker
import TestSupport
import Testing

// Against a real RT, started and filled by `make test-rt`; without one there is nothing to test.
@Suite("Rules of a connector at a real Request Tracker", .enabled(if: LiveServer.isGiven), .serialized)
struct LiveConformanceTests {
    @Test func itKeepsEveryRuleAndReachesTheGradeItClaims() async throws {
        let server = try #require(LiveServer.server)
        let subject = ConformanceSubject(
            try server.registry.entry(named: RequestTrackerServer.connectorName), settings: server.settings, transport: CurlTransport(),
            addressPolicy: .allowingLoopback, profile: .everyRequest, mayWrite: true,
            guideHeadings: try RepositoryFile(RequestTrackerConnector.descriptor.guide).anchors)
        let report = try await ConformanceSuite.run(subject)
        for line in report.lines where line.outcome != .kept {
            print("live: \(line.rule.id) \(line.outcome.name) \(line.outcome.logLines)")
        }
        print("live: grade \(report.grade?.rawValue ?? "none")")
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.grade == report.claimed)
    }
}
