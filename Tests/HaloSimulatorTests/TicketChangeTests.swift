import Testing

@testable import HaloSimulator

@Suite("What becomes of tickets")
struct TicketChangeTests {
    private func note(_ ticket: Int) -> String { #"[{"ticket_id":\#(ticket),"outcome_id":7,"note":"hello"}]"# }

    @Test func aMergedTicketNamesTheOtherAndGivesItItsNotes() async {
        let client = await TenantClient.connected()
        _ = await client.post("Actions", note(1001))
        #expect(await client.send("POST", "/_simulator/tickets/1001", body: #"{"merged_into_id":1002}"#).status == 204)
        #expect(await client.get("Tickets/1001")["merged_into_id"] == 1002)
        #expect(await client.get("Tickets/1002")["merged_into_id"] == 0)
        #expect(await client.simulator.actions(ofTicket: 1002).last?.note == "hello")
        #expect(await !client.simulator.actions(ofTicket: 1001).contains { $0.note == "hello" })
        #expect(await client.simulator.storedWrites().map(\.ticketID) == [1001])
    }

    @Test func ticketsAreClosedDeletedMovedAndHiddenBySomebodyElse() async {
        let client = await TenantClient.connected()
        func change(_ body: String) async { #expect(await client.send("POST", "/_simulator/tickets/1002", body: body).status == 204) }
        await change(#"{"closed":true}"#)
        #expect(await client.get("Tickets/1002")["hasbeenclosed"] == true)
        await change(#"{"closed":false}"#)
        #expect(await client.simulator.ticket(1002)?.isClosed == false)
        await change(#"{"client_id":13}"#)
        #expect(await client.get("Tickets/1002")["client_id"] == 13)
        await change(#"{"hidden":true}"#)
        #expect(await client.get("Tickets/1002").status == 404)
        #expect(await !client.get("Tickets", ["order": "id", "count": "1000"]).ids().contains(1002))
        #expect(await client.post("Actions", note(1002)).status == 404)
        await change(#"{"hidden":false}"#)
        #expect(await client.get("Tickets/1002").status == 200)
        await change(#"{"deleted":true}"#)
        #expect(await client.get("Tickets/1002").status == 404)
        await change(#"{"deleted":false}"#)
        #expect(await client.get("Tickets/1002").status == 200)
    }

    @Test(arguments: [
        ("1002", "{}", 400), ("1002", #"{"sold":true}"#, 400), ("1002", #"{"closed":true,"deleted":true}"#, 400),
        ("7", #"{"closed":true}"#, 404),
        ("1002", #"{"merged_into_id":1002}"#, 404), ("1002", #"{"merged_into_id":7}"#, 404), ("1002", #"{"client_id":777}"#, 404),
        ("x", #"{"closed":true}"#, 404),
    ])
    func whatCannotBeChangedIsLeftAsItIs(_ ticket: String, _ body: String, _ status: Int) async {
        let client = await TenantClient.connected()
        let before = await client.simulator.ticket(1002)
        #expect(await client.send("POST", "/_simulator/tickets/\(ticket)", body: body).status == status)
        #expect(await client.simulator.ticket(1002) == before)
    }

    @Test(arguments: [
        ("closed", HaloSimulator.TicketChange.closed), ("merged", .merged(into: 1002)), ("locked", .locked(true)), ("all", .closed),
        ("all", .merged(into: 1002)), ("all", .locked(true)),
    ])
    func notesOnSuchTicketsAreRefusedOrTaken(_ which: String, _ change: HaloSimulator.TicketChange) async {
        let client = await TenantClient.connected()
        for _ in 0..<2 { _ = await client.post("Tickets", #"[{"summary":"x"}]"#) }
        let (changed, other) = (1251, 1252)
        await client.simulator.change(ticket: changed, change)
        #expect(await client.post("Actions", note(changed)).status == 201)
        await client.simulator.setFaults([HaloFault(.notesRefused, which)])
        let answer = await client.post("Actions", note(changed))
        #expect(answer.status == 400)
        #expect(answer["Message"] == "Unable to save data. You do not have permission to update this Ticket.")
        #expect(await client.post("Actions", note(other)).status == 201)
    }
}
