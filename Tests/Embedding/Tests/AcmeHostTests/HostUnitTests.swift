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
