#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore
import PSATesting
import TestSupport
import Testing

@Suite("In-memory PSA")
struct InMemoryPSATests {
    private func session(_ psa: InMemoryPSA, faults: [TransportFault] = []) throws -> ConnectorSession {
        try ConnectorRegistry([InMemoryConnector.self])
            .connect("in-memory", settings: psa.settings, context: ConnectorContext(transport: FaultyTransport(psa, faults: faults)))
    }

    @Test func itsConnectorKeepsEveryRuleThatConcernsItAndReachesPlatinum() async throws {
        let clock = ManualClock()
        let psa = InMemoryPSA(
            pageSize: 20,
            now: {
                clock.advance(by: 60)
                return clock.now
            })
        for number in 1...45 { psa.addTicket("Ticket \(number)", company: psa.addCompany("Company \(number)")) }
        let subject = ConformanceSubject(
            ConnectorRegistration(InMemoryConnector.self), settings: psa.settings, transport: psa, mayWrite: true,
            guideHeadings: try RepositoryFile(InMemoryConnector.descriptor.guide).anchors)
        let report = try await ConformanceSuite.run(subject)
        #expect(report.complaints.map { "\($0.rule.id): \($0.outcome.logLines)" } == [])
        #expect(report.grade == .platinum)
        #expect(report.claimed == .platinum)
    }

    @Test func itKeepsWhatASessionWrites() async throws {
        let psa = InMemoryPSA()
        let acme = psa.addCompany("Acme")
        let session = try session(psa)
        let draft = TicketDraft(
            summary: "Disk full", details: "C: has 1 % left.", company: acme, type: TicketType.ID(2), priority: TicketPriority.ID(1),
            externalReference: "alert-17")
        let ticket = try await session.createTicket(draft)
        _ = try await session.addPrivateNote("Looked at it.", to: ticket.id)
        _ = try await session.reply("It works again.", to: ticket.id)
        _ = try await session.changeStatus(of: ticket.id, to: InMemoryPSA.closed)

        let stored = try #require(psa.tickets.first)
        #expect(psa.tickets.count == 1)
        #expect(stored.id == ticket.id && stored.summary == "Disk full" && stored.details == "C: has 1 % left.")
        #expect(stored.company == acme && stored.type == TicketType.ID(2) && stored.priority == TicketPriority.ID(1))
        #expect(stored.status == InMemoryPSA.closed && stored.externalReference == "alert-17")
        #expect(
            stored.notes == [
                InMemoryPSA.StoredNote(text: "Looked at it.", isPublic: false),
                InMemoryPSA.StoredNote(text: "It works again.", isPublic: true),
            ])
        #expect(ticket.differences == [])
    }

    @Test func aSessionReadsWhatAPersonChangedInThePSA() async throws {
        let psa = InMemoryPSA(pageSize: 2)
        let tickets = (1...5).map { psa.addTicket("Ticket \($0)") }
        #expect(psa.changeStatus(of: tickets[1], to: InMemoryPSA.closed))
        var open: [Ticket.ID] = []
        for try await ticket in try session(psa).tickets() where ticket.phase == .open { open.append(ticket.id) }
        #expect(open == [tickets[0], tickets[2], tickets[3], tickets[4]])
        #expect(!psa.changeStatus(of: tickets[0], to: TicketStatus.ID(99)))
        #expect(!psa.changeStatus(of: Ticket.ID(1), to: InMemoryPSA.closed))
    }

    @Test(
        "a draft with a choice that is not there is refused, and nothing is stored",
        arguments: [
            TicketDraft(summary: "Disk full", company: Company.ID(99)), TicketDraft(summary: "Disk full", type: TicketType.ID(99)),
            TicketDraft(summary: "Disk full", status: TicketStatus.ID(99)),
            TicketDraft(summary: "Disk full", priority: TicketPriority.ID(99)), TicketDraft(summary: ""),
        ])
    func refusedDraft(draft: TicketDraft) async throws {
        let psa = InMemoryPSA()
        let session = try session(psa)
        await #expect(throws: PSAError.self) { try await session.createTicket(draft) }
        #expect(psa.tickets == [])
    }

    @Test func anotherKeyIsRefused() async throws {
        let psa = InMemoryPSA(apiKey: "another-key-0002")
        var settings = psa.settings
        settings["apiKey"] = Secret("in-memory-key-0001")
        let session = try ConnectorRegistry([InMemoryConnector.self])
            .connect("in-memory", settings: settings, context: ConnectorContext(transport: psa))
        let report = try await session.testConnection()
        #expect(!report.isConnected)
        #expect(report.failure?.code.area == .auth)
    }

    @Test func aLostAnswerLeavesTheTicketInThePSAAndItsOutcomeUnknown() async throws {
        let psa = InMemoryPSA()
        let session = try session(
            psa, faults: [TransportFault(.loseAnswer(.interrupted), times: 1) { $0.method == .post }])
        let error = await #expect(throws: PSAError.self) { try await session.createTicket(TicketDraft(summary: "Disk full")) }
        #expect(error?.code == .writeOutcomeUnknown)
        #expect(error?.mayHaveBeenExecuted == true)
        #expect(psa.tickets.count == 1)
    }
}
