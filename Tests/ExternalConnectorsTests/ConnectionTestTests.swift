import ExternalConnectors
import PSACore
import PSATesting
import Testing

/// A connection test ends in a report whatever the program does.
@Suite(.timeLimit(.minutes(2)))
struct ConnectionTestTests {
    private static let limit: Duration = .seconds(7)
    private static let passed = #"{"subject": "credentials", "outcome": "passed", "evidence": "The key was accepted."}"#

    @Test func aCrashBecomesTheLastCheck() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                say(type="progress", call=m["id"], check=\(Self.passed))
                sys.exit(4)
                """)
        let recorded = RecordedChecks()
        let report = try await connector.session().testConnection { recorded.record($0) }
        #expect(report.checks.map(\.outcome) == [.passed, .failed])
        #expect(report.failure?.code == .connectorDefect)
        #expect(report.failure?.evidence.contains("status 4") == true)
        #expect(recorded.subjects == [.credentials, .reachable])
        #expect(report.headline == "The connector's program has a fault")
    }

    @Test func aHangEndsWithTheTestsOwnLimit() async throws {
        let clock = ManualClock(movesBySleeping: false, skipping: [ExternalConnectorLimits().grace])
        let connector = try ScriptedConnector(
            onCall: """
                say(type="progress", call=m["id"], check=\(Self.passed))
                hear()
                """)
        let session = try await connector.session(time: clock.source, testLimit: Self.limit)
        let seen = AsyncStream<Void>.makeStream()
        async let report = session.testConnection { if $0.outcome == .passed { seen.continuation.finish() } }
        for await _ in seen.stream {}
        await clock.sleeping(lasting: Self.limit).wait(for: 1)
        clock.endSleeps(lasting: Self.limit)
        #expect(try await report.checks.map(\.outcome) == [.passed, .failed])
        #expect(try await report.failure?.evidence == "The program gave no answer for 7 seconds and was ended.")
    }

    @Test func aTimeoutIsReportedAsSuch() async throws {
        let clock = ManualClock(movesBySleeping: false, skipping: [ExternalConnectorLimits().grace])
        let connector = try ScriptedConnector(
            onCall: """
                say(type="request", call=m["id"], id="1", method="GET", url="https://psa.example.com/me")
                hear()
                """)
        let arrived = AsyncStream<Duration>.makeStream()
        let session = try await connector.session(time: clock.source, testLimit: Self.limit) { request in
            arrived.continuation.yield(request.timeout)
            arrived.continuation.finish()
            try await Task.sleep(for: .seconds(3_600))
            return TransportResponse(status: 200)
        }
        async let report = session.testConnection()
        for await timeout in arrived.stream { #expect(timeout < Self.limit / 2) }
        await clock.sleeping(lasting: Self.limit).wait(for: 1)
        clock.endSleeps(lasting: Self.limit)
        #expect(try await report.failure?.code == .networkTimeout)
        #expect(try await report.host == "psa.example.com")
    }

    @Test(arguments: [
        #"{"checks": [{"subject": "weather", "outcome": "passed", "evidence": "fine"}]}"#,
        #"{"checks": [{"subject": "read", "outcome": "passed", "evidence": "fine"}]}"#,
        #"{"checks": [{"subject": "credentials", "outcome": "failed", "evidence": "no"}]}"#, #"{"checks": 7}"#,
    ])
    func aReportThatIsNotAsSpecifiedIsAFault(_ value: String) async throws {
        let report = try await ScriptedConnector(onCall: "answer(\(value))").session().testConnection()
        #expect(report.failure?.code == .connectorDefect)
        #expect(report.failure?.evidence.contains("not as the contract says") == true)
    }

    @Test func aThrownErrorIsAFailedCheck() async throws {
        let connector = try ScriptedConnector(onCall: "say(type='error', id=m['id'], error={'code': 'rate.limited', 'retryAfter': 30})")
        let report = try await connector.session().testConnection()
        #expect(report.failure?.code == .rateLimited)
        #expect(report.failure?.retry == .afterDelay(.seconds(30)))
    }
}
