import Testing

@testable import PSACore

@Suite struct ConnectionReportTests {
    private func report(_ checks: ConnectionCheck...) -> ConnectionReport {
        ConnectionReport(connector: ConnectorID("sample"), host: "acme.example.com", checks: checks)
    }

    @Test func aWorkingConnectionSaysWhereItLeads() {
        let report = report(
            ConnectionCheck(.address, .passed, evidence: Plain("a"), duration: .milliseconds(1_500)),
            ConnectionCheck(.scope, .warning, evidence: Plain("narrow")),
            ConnectionCheck(.read(.readTickets), .passed, evidence: Plain("t")),
            ConnectionCheck(.read(.readAgents), .skipped, evidence: Plain("s")))
        #expect(report.isConnected && report.failure == nil)
        #expect(report.headline == "Connected to acme.example.com")
        #expect(report.warnings.map { $0.evidence as? Plain } == [Plain("narrow")])
        #expect(report.allowed == [.readTickets])
        #expect(
            report.json(in: TextRenderer()).encodedText
                == #"{"connector":"sample","host":"acme.example.com","connected":true,"headline":"Connected to acme.example.com","checks":["#
                + #"{"id":"address","check":"Address","outcome":"passed","evidence":"a","milliseconds":1500},{"id":"scope","check":"Permissions","outcome":"warning","evidence":"narrow"},"#
                + #"{"id":"read.tickets","check":"Read tickets","outcome":"passed","evidence":"t"},{"id":"read.agents","check":"Read agents","outcome":"skipped","evidence":"s"}],"allowed":["read.tickets"]}"#
        )
    }

    @Test(arguments: [Duration.milliseconds(Int.max), .seconds(Int64.max), .seconds(Int64.min)])
    func aDurationOfAnyLengthIsANumberOfMilliseconds(_ duration: Duration) {
        let check = ConnectionCheck(.address, .passed, evidence: Plain("a"), duration: duration)
        #expect(check.json(in: TextRenderer())["milliseconds"] == .integer(duration < .zero ? Int.min : Int.max))
    }

    @Test func aStepThatFailedWithoutAnObservationSaysWhatHappened() {
        let check = ConnectionCheck(.credentials, .failed, error: PSAError(.authInvalidClient))
        #expect(TextRenderer().text(check.evidence) == "The credentials were refused.")
        #expect(TextRenderer().text(ConnectionCheck(skipped: .credentials).evidence) == "Not tried, because another step failed.")
    }

    @Test func aFailureIsTheHeadlineAndTheProblem() {
        let report = report(
            ConnectionCheck(.address, .passed, evidence: Plain("a")),
            ConnectionCheck(.credentials, .failed, evidence: Plain("c"), error: PSAError(.authInvalidClient)),
            ConnectionCheck(.read(.readTickets), .failed, evidence: Plain("t"), error: PSAError(.permissionScopeMissing)))
        #expect(!report.isConnected)
        #expect(report.failure?.code == .authInvalidClient)
        #expect(report.headline == "The credentials were refused")
        #expect(report.json(in: TextRenderer())["problem"]?["code"]?.string == "auth.invalid_client")
    }

    @Test func aReportWithoutAnythingThatPassedIsNoConnection() {
        #expect(!report().isConnected && report().headline == "Nothing was tested")
        #expect(!report(ConnectionCheck(.address, .skipped, evidence: Plain(""))).isConnected)
    }
}
