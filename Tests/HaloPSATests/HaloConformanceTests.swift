import HaloPSA
import HaloSimulator
import PSACore
import PSACurl
import PSATesting
import TestSupport
import Testing

@Suite("HaloPSA keeps the rules of a connector")
struct HaloConformanceTests {
    @Test("against a simulator over a real socket it reaches platinum, as it claims")
    func platinum() async throws {
        try await HaloFixture.run { fixture in
            let subject = ConformanceSubject(
                ConnectorRegistration(HaloConnector.self),
                settings: [
                    "tenantURL": fixture.address, "clientID": HaloSimulator.Configuration.demoClientID,
                    "clientSecret": HaloSimulator.Configuration.demoClientSecret, "ticketTypeID": "1",
                ],
                transport: fixture.transport, addressPolicy: .allowingLoopback, mayWrite: true,
                // It demands a choice, a text, a category and a file.
                typeWithFields: TicketType.ID(40), guideHeadings: try RepositoryFile(HaloConnector.descriptor.guide).anchors)
            let report = try await ConformanceSuite.run(subject)
            #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
            #expect(report.grade == .platinum)
            #expect(report.claimed == .platinum)
        }
    }
}
