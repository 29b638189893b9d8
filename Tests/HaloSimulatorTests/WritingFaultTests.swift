import Testing

@testable import HaloSimulator

@Suite("Faults of writing")
struct WritingFaultTests {
    private let ticket = #"[{"summary":"x","third_party_id_string":"vectis:9"}]"#

    private func stored(_ client: TenantClient) async -> Int {
        await client.simulator.tickets(thirdPartyIDString: "vectis:9").count
    }

    @Test func theTicketIsStoredAndTheReplyLost() async {
        let client = await TenantClient.connected(faults: [HaloFault(.createLostReply)])
        #expect(await client.post("Tickets", ticket).hangsUp)
        #expect(await stored(client) == 1)
        #expect(await client.post("Tickets", #"[{"id":1001,"summary":"y"}]"#).status == 201)
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#).status == 201)
    }

    @Test(arguments: [(.create504Stored, 504), (.create500Stored, 500)] as [(HaloFault.Kind, Int)])
    func theTicketIsStoredAndTheAnswerIsAnError(_ kind: HaloFault.Kind, _ status: Int) async {
        let client = await TenantClient.connected(faults: [HaloFault(kind)])
        #expect(await client.post("Tickets", ticket).status == status)
        #expect(await stored(client) == 1)
    }

    @Test func theRequestIsLostBeforeAnythingIsStored() async {
        let client = await TenantClient.connected(faults: [HaloFault(.createLostRequest)])
        #expect(await client.post("Tickets", ticket).hangsUp)
        #expect(await stored(client) == 0)
    }

    @Test func notesCanBeLostInsteadOfTickets() async {
        let client = await TenantClient.connected(faults: [HaloFault(.createLostReply, "actions")])
        let before = await client.simulator.actions(ofTicket: 1001).count
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#).hangsUp)
        #expect(await client.simulator.actions(ofTicket: 1001).count == before + 1)
        #expect(await client.post("Tickets", ticket).status == 201)
    }

    @Test func twoTicketsAtOnceRace() async {
        let client = await TenantClient.connected(faults: [HaloFault(.createRace)])
        async let first = client.post("Tickets", ticket)
        async let second = client.post("Tickets", ticket)
        #expect(await [first.status, second.status].sorted() == [201, 500])
        #expect(await stored(client) == 1)
        #expect(await client.post("Tickets", ticket).status == 201)
    }

    @Test func creationIsRefusedInEveryShape() async {
        func refusal(_ shape: ErrorShape) async -> Answer {
            let client = await TenantClient.connected(faults: [HaloFault(.errorShape, shape.rawValue)])
            let answer = await client.post("Tickets", ticket)
            #expect(answer.status == 400)
            #expect(await stored(client) == 0)
            return answer
        }
        #expect(await refusal(.string).json == "Details must be entered")
        #expect(await refusal(.exception)["Message"] == "Details must be entered")
        #expect(await refusal(.modelstate).rows("[0].details") == ["Details must be entered"])
        #expect(await refusal(.older)["errorMessage"] == "Details must be entered")
        #expect(await refusal(.html).text.contains("<html"))
        #expect(await refusal(.empty).bytes.isEmpty)
    }

    @Test func aTypeIsInsistedOn() async {
        let client = await TenantClient.connected(faults: [HaloFault(.ticketTypeRequired)])
        #expect(await client.post("Tickets", ticket).json == "A Ticket Type must be selected")
    }

    @Test func noOutcomeIsAllowed() async {
        let client = await TenantClient.connected(faults: [HaloFault(.forbiddenOutcome)])
        let answer = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#)
        #expect(answer["Message"] == "You do not have access to this Action at the moment")
    }

    @Test func actionsWithoutATicketAreAnError() async {
        let client = await TenantClient.connected(faults: [HaloFault(.actionsWithoutTicketError)])
        #expect(await client.get("Actions").status == 500)
        #expect(await client.get("Actions", ["ticket_id": "1001"]).status == 200)
    }

    @Test func aNoteLeavesItsTicketAsItWas() async {
        let client = await TenantClient.connected(faults: [HaloFault(.notesLeaveTicketUntouched)])
        let before = await client.simulator.ticket(1001)?.updated
        client.clock.advance(seconds: 5)
        _ = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#)
        #expect(await client.simulator.ticket(1001)?.updated == before)
        #expect(await client.simulator.store.tickets[1001]?.lastAction == HaloTime(client.clock.now))
    }

    @Test func theExternalReferenceIsNotAFilter() async {
        let client = await TenantClient.connected(faults: [HaloFault(.thirdPartyFilterUnsupported)])
        _ = await client.post("Tickets", ticket)
        let rows = await client.get("Tickets", ["third_party_id_string": "vectis:9"]).rows("tickets")
        #expect(rows.count == 50)
        #expect(rows[0]["third_party_id_string"] == "vectis:9")
    }

    @Test func theExternalReferenceIsOnTheDetailAlone() async {
        let client = await TenantClient.connected(faults: [HaloFault(.thirdPartyHiddenOnRows)])
        let id = await client.post("Tickets", ticket)["id"].integer ?? 0
        let rows = await client.get("Tickets", ["third_party_id_string": "vectis:9"]).rows("tickets")
        #expect(rows.count == 1)
        #expect(!rows[0].has("third_party_id_string"))
        #expect(await client.get("Tickets/\(id)")["third_party_id_string"] == "vectis:9")
    }

    @Test func aDeletedTicketCanStillBeRead() async {
        let client = await TenantClient.connected(faults: [HaloFault(.deletedStaysReadable)])
        _ = await client.delete("Tickets/1001")
        #expect(await client.get("Tickets/1001")["deleted"] == true)
    }
}
