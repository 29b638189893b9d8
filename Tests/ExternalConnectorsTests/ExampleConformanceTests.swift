import ExternalConnectors
import PSACore
import PSACurl
import PSATesting
import Testing

/// The published rules hold for a connector in a process of its own, because the host makes its requests.
@Suite(.timeLimit(.minutes(5)))
struct ExampleConformanceTests {
    @Test func theExamplePassesTheConformanceSuite() async throws {
        let psa = try ExamplePSA(companies: 120, tickets: 3)
        let connector = try await ExternalConnector(at: RepositoryPath.example)
        let profile = try ConformanceProfile(
            standings: [
                "declaration.declared": .exempt(
                    reason: "The host's side of a program has every ability; what the program has, it declares.")
            ])
        let subject = ConformanceSubject(
            connector.entry, settings: ["serverURL": psa.address, "apiKey": ExamplePSA.key], transport: CurlTransport(),
            addressPolicy: .allowingLoopback, profile: profile, mayWrite: true, typeWithFields: TicketType.ID("repair"),
            guideHeadings: ["1-find-the-address", "2-make-an-api-key", "3-choose-a-queue"])
        let report = try await ConformanceSuite.run(subject)
        await psa.stop()
        for line in report.lines where !line.outcome.isAccepted { Issue.record("rule \(line.rule.id): \(line.outcome)") }
        #expect(report.grade == .platinum, "\(report.lines.filter { $0.outcome != .kept }.map { "\($0.rule.id): \($0.outcome)" })")
    }
}
