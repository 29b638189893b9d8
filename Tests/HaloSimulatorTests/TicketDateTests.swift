import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Dates and states of changed tickets")
struct TicketDateTests {
    private func changed(_ client: SimulatorClient) async -> [Int] {
        await client.get("Tickets", ["lastupdatefromdate": HaloTime(client.clock.now).text(), "count": "1000"]).ids().sorted()
    }

    @Test func aChangeMovesTheTicketsDate() async {
        let changes: [HaloSimulator.TicketChange] = [
            .summary("New words"), .details("More words"), .status(9), .status(1), .closed, .reopened, .merged(into: 1100), .locked(true),
            .moved(toClient: 14),
        ]
        for change in changes {
            let client = await SimulatorClient.connected()
            client.clock.advance(by: 10)
            #expect(await client.simulator.change(ticket: 1005, change))
            #expect(await changed(client).contains(1005), "\(change)")
        }
    }

    @Test func permissionsMoveNoDate() async {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 10)
        await client.simulator.change(ticket: 1005, .hidden(true))
        #expect(await client.get("Tickets/1005").status == 404)
        #expect(await client.get("Actions", ["ticket_id": "1005"]).rows("actions").isEmpty)
        await client.simulator.change(ticket: 1005, .hidden(false))
        #expect(await changed(client) == [])
        #expect(await client.get("Tickets/1005").status == 200)
    }

    @Test func aStatusThatClosesClosesTheTicket() async {
        let client = await SimulatorClient.connected()
        await client.simulator.change(ticket: 1005, .status(9))
        #expect(await client.simulator.ticket(1005)?.isClosed == true)
        await client.simulator.change(ticket: 1005, .status(2))
        #expect(await client.simulator.ticket(1005)?.isClosed == false)
        #expect(await client.get("Tickets/1005")["status_id"] == 2)
    }

    @Test func theTargetOfAMergeChangesToo() async {
        let client = await SimulatorClient.connected()
        await client.simulator.addAction(toTicket: 1005, note: "Moves along")
        client.clock.advance(by: 10)
        await client.simulator.change(ticket: 1005, .merged(into: 1100))
        #expect(await changed(client) == [1005, 1100])
        #expect(await client.simulator.ticket(1005)?.mergedInto == 1100)
        #expect(await client.simulator.actions(ofTicket: 1100).last?.note == "Moves along")
    }

    @Test func anActionMovesTheDateOfTheLastActionAndIfWantedTheOther() async throws {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 10)
        let id = try #require(await client.simulator.addAction(toTicket: 1005, note: "Quietly", isHidden: true, movesLastUpdate: false))
        #expect(await changed(client) == [])
        #expect(await client.simulator.ticket(1005)?.lastAction == client.clock.now)
        #expect(await client.simulator.actions(ofTicket: 1005).last?.id == id)
        #expect(await client.simulator.actions(ofTicket: 1005).last?.isHidden == true)
        await client.simulator.setFault(HaloFault(.notesLeaveTicketUntouched), isActive: true)
        await client.simulator.addAction(toTicket: 1005, note: "Still quiet")
        #expect(await changed(client) == [])
        await client.simulator.setFault(HaloFault(.notesLeaveTicketUntouched), isActive: false)
        await client.simulator.addAction(toTicket: 1005, note: "Loud")
        #expect(await changed(client) == [1005])
        let sent = await client.send("POST", "/_simulator/tickets/1006/actions", body: #"{"note":"x","moves_last_update":false}"#)
        #expect(sent.status == 201)
        #expect(await changed(client) == [1005])
        await client.simulator.change(ticket: 1005, .deleted)
        #expect(await client.simulator.addAction(toTicket: 1005, note: "Too late") == nil)
    }

    @Test func earlierActionsStayWhenTheirTicketGetsAnotherSubject() async {
        let client = await SimulatorClient.connected()
        let before = await client.simulator.actions(ofTicket: 1005)
        await client.simulator.change(ticket: 1005, .summary("New words"))
        #expect(await client.simulator.actions(ofTicket: 1005) == before)
    }

    @Test func aTicketsDetailsMakeItsRowAsLargeAsWanted() async {
        let client = await SimulatorClient.connected()
        await client.simulator.change(ticket: 1005, .details(String(repeating: "a", count: 5 << 20)))
        #expect(await client.get("Tickets", ["order": "id", "count": "10"]).bytes.count > 5 << 20)
    }

    @Test func everyTicketCanBeInspected() async throws {
        let client = await SimulatorClient.connected { $0.ticketCount = 10 }
        let id = try #require(await client.simulator.createTicket("Printer jams", client: 12))
        await client.simulator.change(ticket: 1002, .deleted)
        await client.simulator.change(ticket: 1003, .hidden(true))
        let tickets = await client.simulator.tickets()
        #expect(tickets.map(\.id) == Array(1001...1010) + [id])
        #expect(tickets.filter(\.isDeleted).map(\.id) == [1002] && tickets.filter(\.isHidden).map(\.id) == [1003])
        #expect(tickets.last?.summary == "Printer jams" && tickets.last?.created == client.clock.now)
        #expect(await client.simulator.actions(ofTicket: id).map(\.id) == [1])
    }
}
