import FoundationEssentials
import PSACore
import Testing

@testable import PSAEngine
@testable import VectisCore

@Suite("The state of a connection")
struct ConnectionStateTests {
    /// What is known of a connection in one row of the table.
    struct Situation: Sendable, CustomTestStringConvertible {
        /// The result of the last test; nil for none.
        let outcome: ConnectionStatus.Outcome?
        /// Whether an issue that stops the connection is open.
        let isStopped: Bool
        /// Whether an issue that does not stop it is open.
        let isLimited: Bool
        /// When the issue of the failed test was resolved, in seconds after the test; nil if it is not known as an issue.
        let resolved: Double?

        var testDescription: String {
            "\(outcome?.rawValue ?? "untested"), stopped \(isStopped), limited \(isLimited), resolved \(resolved.map { "\($0)" } ?? "never")"
        }

        static let all: [Situation] = ([nil] + ConnectionStatus.Outcome.allCases).flatMap { outcome in
            [false, true].flatMap { isStopped in
                [false, true].flatMap { isLimited in
                    [nil, -60, 60].map { Situation(outcome: outcome, isStopped: isStopped, isLimited: isLimited, resolved: $0) }
                }
            }
        }

        var expected: ConnectionState.Kind {
            switch (outcome, isStopped, isLimited) {
            case (_, true, _): .needsAttention
            case (.needsAttention, false, let isLimited):
                resolved.map { $0 > 0 } == true ? (isLimited ? .limited : .connected) : .needsAttention
            case (_, false, true), (.limited, false, false): .limited
            case (nil, false, false): .untested
            case (.connected, false, false): .connected
            }
        }
    }

    private static let id = ConnectionID()
    private static let tested = Date.sampleNow

    private static func issue(_ code: ErrorCode, resolvedAt: Date? = nil) -> ConnectionIssue {
        ConnectionIssue(
            connection: id, code: code, firstSeenAt: tested - 600, lastSeenAt: tested - 300, count: 2, resolvedAt: resolvedAt)
    }

    @Test(arguments: Situation.all) func followsFromItsOpenIssuesAndItsLastTest(_ situation: Situation) {
        let status = situation.outcome.map {
            ConnectionStatus(
                outcome: $0, headline: "x", code: $0 == .needsAttention ? .authInvalidClient : nil, correlationID: nil,
                checkedAt: Self.tested)
        }
        var issues: [ConnectionIssue] = []
        if situation.isStopped { issues.append(Self.issue(.networkTimeout)) }
        if situation.isLimited { issues.append(Self.issue(.rateLimited)) }
        if let seconds = situation.resolved { issues.append(Self.issue(.authInvalidClient, resolvedAt: Self.tested + seconds)) }
        let state = ConnectionState(status: status, issues: issues, savedAt: Self.tested - 3_600)
        #expect(state.kind == situation.expected)
        if situation.isStopped { #expect(state.code == .networkTimeout && state.since == Self.tested - 600) }
    }

    @Test(arguments: ErrorCode.allCases) func isNeverConnectedAboveAnOpenIssue(_ code: ErrorCode) {
        let status = ConnectionStatus(outcome: .connected, headline: "Connected", checkedAt: Self.tested)
        let state = ConnectionState(status: status, issues: [Self.issue(code)], savedAt: Self.tested - 3_600)
        #expect(state.kind == (code.stopsConnection ? .needsAttention : .limited))
        #expect(state.code == code)
    }

    @Test func stopsForRefusedCredentialsAndForWhateverIsOnTheWayToThePSA() {
        let stopping = Set(ErrorCode.allCases.filter(\.stopsConnection).map(\.area))
        #expect(stopping == [.auth, .config, .network, .tls, .proxy, .vendor, .url])
        #expect(ErrorCode.allCases.filter { $0.area == .config && $0.stopsConnection } == [.configSecretUnreadable])
    }

    @Test func isConnectedSinceTheLastIssueThatStoppedItWasResolved() {
        let status = ConnectionStatus(outcome: .connected, headline: "Connected", checkedAt: Self.tested)
        let issues = [
            Self.issue(.networkTimeout, resolvedAt: Self.tested - 100), Self.issue(.rateLimited, resolvedAt: Self.tested - 50),
        ]
        let state = ConnectionState(status: status, issues: issues, savedAt: Self.tested - 3_600)
        #expect(state == ConnectionState(kind: .connected, since: Self.tested - 100))
    }

    @Test func isAboutItsOwnIssuesOnly() throws {
        let other = try #require(ConnectionID("other"))
        let connection = StoredConnection(
            id: Self.id, connector: try #require(ConnectorID("psa")), name: "Acme", tenant: TenantIdentity(rawValue: "acme"), settings: [:],
            secrets: [:], revision: 1, createdAt: Self.tested, changedAt: Self.tested)
        let issue = ConnectionIssue(
            connection: other, code: .networkTimeout, firstSeenAt: Self.tested, lastSeenAt: Self.tested, count: 1)
        #expect(ConnectionState(connection, [issue]).kind == .untested)
    }
}
