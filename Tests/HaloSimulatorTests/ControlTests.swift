import PSATesting
import Testing
import WebServer
@testable import HaloSimulator

@Suite("Control routes")
struct ControlTests {
    @Test func faultsAreSetByName() async {
        let client = await SimulatorClient.connected()
        let put = await client.send("PUT", "/_simulator/faults", body: #"["server-error","deny:contracts"]"#)
        #expect(put.status == 200)
        #expect(await client.simulator.faults() == [HaloFault(.serverError), HaloFault(.deny, "contracts")])
        #expect(await client.send("GET", "/_simulator/faults").json == ["server-error", "deny:contracts"])
        #expect(await client.get("Status").status == 500)
        #expect(await client.send("PUT", "/_simulator/faults", body: "[]").status == 200)
        #expect(await client.get("Status").status == 200)
    }

    @Test func anUnknownFaultChangesNothing() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.html502)])
        let answer = await client.send("PUT", "/_simulator/faults", body: #"["nonsense"]"#)
        #expect(answer.status == 400)
        #expect(answer["error"].text?.contains("nonsense") == true)
        #expect(await client.send("PUT", "/_simulator/faults", body: "{}").status == 400)
        #expect(await client.simulator.faults() == [HaloFault(.html502)])
    }

    @Test func requestsAreLoggedWithoutSecrets() async {
        let client = await SimulatorClient.connected()
        _ = await client.get("Tickets", ["count": "3"])
        let log = await client.simulator.requestLog()
        #expect(log.map(\.path) == ["/auth/token", "/api/Tickets"])
        #expect(log[1].query.map(\.name) == ["count"])
        #expect(log[1].headers["Authorization"] == nil)
        let shown = await client.send("GET", "/_simulator/requests").text
        #expect(shown.contains("client_secret=[redacted]"))
        #expect(!shown.contains(HaloSimulator.Configuration.demoClientSecret) && !shown.contains(client.token))
        #expect(await client.send("DELETE", "/_simulator/requests").status == 204)
        #expect(await client.simulator.requestLog().isEmpty)
    }

    @Test func theLogKeepsTheLastTenThousand() {
        var log = RequestLog()
        for number in 0..<20_500 { log.record(.init(method: "GET", path: "/api/\(number)")) }
        #expect(log.entries.count == 10_000)
        #expect(log.entries.last?.path == "/api/20499")
        #expect(log.total == 20_500)
    }

    @Test func theStateCountsTheRecords() async {
        let client = await SimulatorClient.connected()
        _ = await client.post("Tickets", #"[{"summary":"x"}]"#)
        let state = await client.send("GET", "/_simulator/state")
        #expect(state["Tickets"] == 251)
        #expect(state["Client"] == 25)
        #expect(state["TokensIssued"] == 1)
    }

    @Test func theCatalogueCanBeRead() async {
        let lines = await SimulatorClient.connected().send("GET", "/_simulator/catalogue").rows()
        #expect(lines.count == HaloFault.Kind.allCases.count)
    }

    @Test func theRateLimitCountsARollingWindow() async {
        let client = await SimulatorClient.connected { $0.rateLimit = .init(requests: 2, windowSeconds: 10) }
        #expect(await client.get("Status").status == 200)
        client.clock.advance(by: 4)
        #expect(await client.get("Status").status == 200)
        let rejected = await client.get("Status")
        #expect(rejected.status == 429)
        #expect(rejected.headers["Retry-After"] == "6")
        client.clock.advance(by: 6)
        #expect(await client.get("Status").status == 200)
        #expect(await client.get("Status").status == 429)
    }

    @Test func theRateLimitMayOmitRetryAfter() async {
        let client = await SimulatorClient.connected { $0.rateLimit = .init(requests: 0, windowSeconds: 10, sendsRetryAfter: false) }
        let rejected = await client.get("Status")
        #expect(rejected.status == 429)
        #expect(rejected.headers["Retry-After"] == nil)
    }
}

@Suite("Ticket changes")
struct TicketChangeTests {
    private func note(_ ticket: Int) -> String { #"[{"ticket_id":\#(ticket),"outcome_id":7,"note":"hello"}]"# }

    @Test func aMergedTicketRefersToItsTargetAndMovesItsNotes() async {
        let client = await SimulatorClient.connected()
        _ = await client.post("Actions", note(1001))
        #expect(await client.send("POST", "/_simulator/tickets/1001", body: #"{"merged_into_id":1002}"#).status == 204)
        #expect(await client.get("Tickets/1001")["merged_into_id"] == 1002)
        #expect(await client.get("Tickets/1002")["merged_into_id"] == 0)
        #expect(await client.simulator.actions(ofTicket: 1002).last?.note == "hello")
        #expect(await !client.simulator.actions(ofTicket: 1001).contains { $0.note == "hello" })
        #expect(await client.simulator.storedWrites().map(\.ticketID) == [1001])
    }

    @Test func ticketsCanBeClosedDeletedMovedAndHidden() async {
        let client = await SimulatorClient.connected()
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
    func anInvalidChangeLeavesTheTicketUnchanged(_ ticket: String, _ body: String, _ status: Int) async {
        let client = await SimulatorClient.connected()
        let before = await client.simulator.ticket(1002)
        #expect(await client.send("POST", "/_simulator/tickets/\(ticket)", body: body).status == status)
        #expect(await client.simulator.ticket(1002) == before)
    }

    @Test(arguments: [
        ("closed", HaloSimulator.TicketChange.closed), ("merged", .merged(into: 1002)), ("locked", .locked(true)), ("all", .closed),
        ("all", .merged(into: 1002)), ("all", .locked(true)),
    ])
    func notesOnRestrictedTicketsAreRejected(_ which: String, _ change: HaloSimulator.TicketChange) async {
        let client = await SimulatorClient.connected()
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
