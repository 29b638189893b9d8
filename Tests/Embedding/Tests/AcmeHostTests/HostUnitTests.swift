import PSACore
import PSATesting
import Testing

@testable import AcmeHost

@Suite("The host against a PSA in memory")
struct HostUnitTests {
    private func session(_ psa: InMemoryPSA, faults: [TransportFault] = []) throws -> ConnectorSession {
        try ConnectorRegistry([InMemoryConnector.self])
            .connect("in-memory", settings: psa.settings, context: ConnectorContext(transport: FaultyTransport(psa, faults: faults)))
    }

    @Test func closingATicketAnswersTheContact() async throws {
        let psa = InMemoryPSA()
        let ticket = psa.addTicket("Disk full", company: psa.addCompany("Acme"))
        #expect(try await close(ticket, saying: "It works again.", through: session(psa)) == "Closed.")
        #expect(psa.tickets.first?.status == InMemoryPSA.closed)
        #expect(psa.tickets.first?.notes == [InMemoryPSA.StoredNote(text: "It works again.", isPublic: true)])
    }

    @Test func aReplyWhoseAnswerWasLostIsNotSentAgain() async throws {
        let psa = InMemoryPSA()
        let ticket = psa.addTicket("Disk full")
        let lost = TransportFault(.loseAnswer(.interrupted)) { $0.method == .post }
        let said = try await close(ticket, saying: "It works again.", through: session(psa, faults: [lost]))
        #expect(said.hasPrefix("Look at the ticket before you try again"))
        #expect(psa.tickets.first?.notes.count == 1)
        #expect(psa.tickets.first?.status == InMemoryPSA.new)
    }
}

@Suite("The connector of the host")
struct OwnConnectorTests {
    @Test func itKeepsTheRulesThatConcernIt() async throws {
        let companies: JSONValue = [["id": 1, "name": "Acme"], ["id": 2, "name": "Globex"]]
        let subject = ConformanceSubject(
            ConnectorRegistration(DeskConnector.self),
            settings: ["serverURL": "https://acme.example.com", "apiKey": "desk-key-000001"],
            transport: Desk(companies: companies), profile: .everyRequest, mayWrite: false,
            guideHeadings: ["address", "api-key"])
        let report = try await ConformanceSuite.run(subject)
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.grade != nil)
    }
}

/// The service desk, in memory.
private struct Desk: HTTPTransport {
    let companies: JSONValue

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        guard request.headers["X-Api-Key"] == "desk-key-000001" else { return HTTPResponse(status: 401) }
        guard request.path == "/v1/companies" else { return HTTPResponse(status: 404) }
        return HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: companies.encoded)
    }
}
