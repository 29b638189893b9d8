import ExternalConnectors
import Foundation
import PSACore
import PSATesting
import Synchronization
import Testing

/// A program that asks and never reads what comes back.
@Suite(.timeLimit(.minutes(5)))
struct UnreadAnswersTests {
    /// Asks without end, ten requests at a time, and reads nothing of the answers.
    private static let flood = """
        n = 0
        while True:
            say(type="request", call=m["id"], id=str(n), method="GET", url="https://psa.example.com/")
            n += 1
            if n % 10 == 0: time.sleep(0.01)
        """

    @Test func aProgramThatAsksAndNeverReadsIsEndedWithThatReason() async throws {
        var limits = ExternalConnectorLimits()
        limits.unreadBytes = 1 << 20
        limits.requestsPerCall = 1_000_000
        limits.openRequests = 1_000
        let answered = Mutex(0)
        let connector = try ScriptedConnector(onCall: Self.flood)
        let session = try await connector.session(limits: limits) { _ in
            answered.withLock { $0 += 1 }
            return TransportResponse(status: 200, body: [UInt8](repeating: 0x78, count: 100_000))
        }
        let error = try #require(await session.companyError())
        #expect(error.code == .connectorDefect)
        #expect(error.evidence.hasPrefix("The program left more than 1048576 bytes of answers unread and was ended."), "\(error.evidence)")
        // What the pipe takes, what is kept, and what was under way until the end was seen; not the million that the call allows.
        #expect(answered.withLock { $0 } < 10_000)
    }

    @Test func refusedRequestsCountAsWell() async throws {
        let connector = try ScriptedConnector(
            onCall: """
                while True: say(type="request", call=m["id"], id="1", method="GET", url="https://10.0.0.1/" + "x" * 1000)
                """)
        let session = try await connector.session()
        let error = try #require(await session.companyError())
        #expect(error.evidence.contains("more than 1000 requests for one call"), "\(error.evidence)")
    }

    @Test func otherConnectionsGoOnMeanwhile() async throws {
        var limits = ExternalConnectorLimits()
        limits.unreadBytes = 1 << 20
        limits.requestsPerCall = 1_000_000
        let hostile = try ScriptedConnector(onCall: Self.flood)
        let good = try ScriptedConnector(onCall: "answer({'items': [{'id': '1', 'name': 'Acme'}]})")
        let body = [UInt8](repeating: 0x78, count: 100_000)
        let flooded = try await hostile.session(limits: limits) { _ in TransportResponse(status: 200, body: body) }
        let session = try await good.session()
        async let failure = flooded.companyError()
        for _ in 0..<20 { #expect(try await session.companyNames() == ["Acme"]) }
        #expect(await failure != nil)
    }

    @Test func aProgramThatReadsGetsAnswersOfMoreThanTheLimitTogether() async throws {
        var limits = ExternalConnectorLimits()
        limits.unreadBytes = 1 << 20
        let connector = try ScriptedConnector(
            onCall: """
                total = 0
                for n in range(20):
                    say(type="request", call=m["id"], id=str(n), method="GET", url="https://psa.example.com/")
                    total += len(hear()["body"])
                answer({"items": [{"id": "1", "name": str(total)}]})
                """)
        let session = try await connector.session(limits: limits) { _ in
            // Each of them is larger than the limit, which one may be.
            TransportResponse(status: 200, body: [UInt8](repeating: 0x78, count: 2 << 20))
        }
        #expect(try await session.companyNames() == [String(20 * (2 << 20))])
    }
}
