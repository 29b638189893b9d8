import ExternalConnectors
import PSACore
import Testing

/// The outcome of a write when the program fails: the host knows whether its request was sent.
@Suite(.timeLimit(.minutes(2)))
struct WriteFaultTests {
    private static let post = """
        say(type="request", call=m["id"], id="1", method="POST", url="https://psa.example.com/tickets", route="/tickets", body="{}")
        hear()

        """

    @Test func aCrashAfterItsRequestLeavesTheOutcomeUnknown() async throws {
        let connector = try ScriptedConnector(onCall: Self.post + "sys.exit(1)")
        let error = try #require(await connector.session { _ in TransportResponse(status: 201) }.createError())
        #expect(error.code == .writeOutcomeUnknown)
        #expect(error.retry == .unknownOutcome)
        #expect(error.request == "POST psa.example.com/tickets")
        #expect(error.evidence.contains("ended by itself with status 1"))
    }

    @Test func aCrashBeforeItsRequestIsSafeToRepeat() async throws {
        let error = try #require(await ScriptedConnector(onCall: "sys.exit(1)").session().createError())
        #expect(error.code == .connectorDefect)
        #expect(error.retry == .safeNow)
    }

    @Test func aCrashAfterARejectionIsSafeToRepeat() async throws {
        let connector = try ScriptedConnector(onCall: Self.post + "sys.exit(1)")
        let error = try #require(await connector.session { _ in TransportResponse(status: 400) }.createError())
        #expect(error.code == .connectorDefect)
    }

    @Test func aCrashAfterAnUnsentRequestIsSafeToRepeat() async throws {
        let connector = try ScriptedConnector(onCall: Self.post + "sys.exit(1)")
        let session = try await connector.session { _ in throw TransportError(.nameNotFound, delivery: .notSent) }
        #expect(await session.createError()?.code == .connectorDefect)
    }

    @Test func anUnreadableResultAfterARequestLeavesTheOutcomeUnknown() async throws {
        let connector = try ScriptedConnector(onCall: Self.post + "answer({'id': '7'})")
        let error = try #require(await connector.session { _ in TransportResponse(status: 201) }.createError())
        #expect(error.code == .writeOutcomeUnknown)
        #expect(error.evidence.contains("“summary” is missing or no text"))
    }

    @Test func anUnknownCodeAfterARequestLeavesTheOutcomeUnknown() async throws {
        let connector = try ScriptedConnector(onCall: Self.post + "say(type='error', id=m['id'], error={'code': 'oops'})")
        #expect(await (try connector.session { _ in TransportResponse(status: 201) }).createError()?.code == .writeOutcomeUnknown)
    }

    @Test func aReadThatCrashesAfterARequestIsSafeToRepeat() async throws {
        let connector = try ScriptedConnector(onCall: Self.post + "sys.exit(1)")
        #expect(await (try connector.session { _ in TransportResponse(status: 201) }).companyError()?.code == .connectorDefect)
    }

    @Test func aWriteIsNotRepeatedForTheConnector() async throws {
        let connector = try ScriptedConnector(
            onCall: Self.post.replacing("hear()", with: "reply = hear()")
                + "answer({'id': '7', 'summary': str(reply['status'])})")
        let log = RecordedRequests()
        let session = try await connector.session { request in
            await log.record(request)
            return TransportResponse(status: 503)
        }
        #expect(try await session.createTicket(TicketDraft(summary: "Printer")).summary == "503")
        #expect(await log.count == 1)
    }
}

/// Counts requests.
actor RecordedRequests {
    private(set) var count = 0
    private(set) var descriptions: [String] = []

    func record(_ request: TransportRequest) {
        count += 1
        descriptions.append(request.description)
    }
}
