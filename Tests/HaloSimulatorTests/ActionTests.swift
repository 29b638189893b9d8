import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Actions")
struct ActionTests {
    @Test func theActionsOfATicketHaveAnEnvelope() async {
        let client = await SimulatorClient.connected()
        let answer = await client.get("Actions", ["ticket_id": "1250", "count": "1000"])
        #expect(answer["ticket_id"] == 1250)
        #expect(answer["record_count"] == .int(answer.rows("actions").count))
        #expect(answer.ids("actions").sorted().first == 1)
    }

    @Test func actionsAreNumberedPerTicket() async {
        let client = await SimulatorClient.connected()
        for ticket in [1001, 1002] {
            let last = await client.simulator.actions(ofTicket: ticket).map(\.id).max() ?? 0
            let made = await client.post("Actions", #"[{"ticket_id":\#(ticket),"outcome_id":7,"note":"n"}]"#)
            #expect(made["id"] == .int(last + 1))
        }
        #expect(await client.get("Actions/1", ["ticket_id": "1001"])["ticket_id"] == 1001)
        #expect(await client.get("Actions/1", ["ticket_id": "1002"])["ticket_id"] == 1002)
        #expect(await client.get("Actions/1").status == 404)
    }

    @Test func withoutATicketTheListIsEmpty() async {
        let answer = await SimulatorClient.connected().get("Actions")
        #expect(answer.status == 200)
        #expect(answer["record_count"] == 0)
    }

    @Test func anOutcomeIsMandatory() async {
        let answer = await SimulatorClient.connected().post("Actions", #"[{"ticket_id":1001,"note":"n"}]"#)
        #expect(answer.status == 400)
        #expect(answer.json == "An Outcome must be entered for this Action")
    }

    @Test func anOutcomeMayBeGivenByName() async {
        let answer = await SimulatorClient.connected().post("Actions", #"[{"ticket_id":1001,"outcome":"internal note","note":"n"}]"#)
        #expect(answer["outcome_id"] == 7)
    }

    @Test(arguments: [#""outcome_id":22"#, #""outcome_id":777"#, #""outcome":"Nothing of the kind""#])
    func anOutcomeThatTheAgentMayNotUseIsRejectedWithAnException(_ outcome: String) async {
        let answer = await SimulatorClient.connected().post("Actions", #"[{"ticket_id":1001,\#(outcome),"note":"n"}]"#)
        #expect(answer.status == 400)
        #expect(answer["ClassName"] == "System.Exception")
        #expect(answer["Message"] == "You do not have access to this Action at the moment")
    }

    @Test func aPrivateNoteIsStoredWithItsApplication() async {
        let client = await SimulatorClient.connected()
        let made = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7,"note_html":"<p>n</p>","hiddenfromuser":true}]"#)
        #expect(made.status == 201)
        #expect(made["hiddenfromuser"] == true)
        #expect(made["actionby_application_id"] == .string(HaloSimulator.Configuration.demoClientID))
        let stored = await client.simulator.actions(ofTicket: 1001).last
        #expect(stored?.isHidden == true)
        #expect(stored?.noteHTML == "<p>n</p>")
    }

    @Test func anEmailKeepsItsAddressAndDirection() async {
        let body = #"[{"ticket_id":1001,"outcome_id":16,"sendemail":true,"emailto":"a@b.example","emailsubject":"s","note_html":"x"}]"#
        let made = await SimulatorClient.connected().post("Actions", body)
        #expect(made["emaildirection"] == "O")
        #expect(made["emailto"] == "a@b.example")
    }

    @Test func anActionUpdatesItsTicket() async {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 100)
        let body = #"[{"ticket_id":1250,"outcome_id":7,"note":"n","new_status":9,"timetaken":1.5,"_includeticketinresponse":true}]"#
        let made = await client.post("Actions", body)
        #expect(made["ticket"]["status_id"] == 9)
        let ticket = await client.simulator.ticket(1250)
        #expect(ticket?.isClosed == true)
        #expect(ticket?.updated == client.clock.now)
    }

    @Test func theHTMLOfANoteIsSentWhenRequested() async {
        let client = await SimulatorClient.connected()
        _ = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7,"note_html":"<b>n</b>"}]"#)
        #expect(!(await client.get("Actions", ["ticket_id": "1001"])).rows("actions")[0].has("note_html"))
        #expect(
            await client.get("Actions", ["ticket_id": "1001", "includehtmlnote": "true"]).rows("actions")[0]["note_html"] == "<b>n</b>")
    }

    @Test func systemAndPrivateActionsCanBeExcluded() async {
        let client = await SimulatorClient.connected()
        let id = await client.post("Tickets", #"[{"summary":"x"}]"#)["id"].integer ?? 0
        _ = await client.post("Actions", #"[{"ticket_id":\#(id),"outcome_id":7,"note":"n","hiddenfromuser":true}]"#)
        #expect(await client.get("Actions", ["ticket_id": "\(id)"]).ids("actions") == [2, 1])
        #expect(await client.get("Actions", ["ticket_id": "\(id)", "excludesys": "true"]).ids("actions") == [2])
        #expect(await client.get("Actions", ["ticket_id": "\(id)", "excludeprivate": "true"]).ids("actions") == [1])
    }

    @Test func anActionIsChangedByItsIdAndTicket() async {
        let client = await SimulatorClient.connected()
        let id = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7,"note":"n"}]"#)["id"].integer ?? 0
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"id":\#(id),"note":"m"}]"#)["note"] == "m")
        #expect(await client.simulator.actions(ofTicket: 1001).last?.note == "m")
        #expect(await client.post("Actions", #"[{"ticket_id":1001,"id":777,"note":"m"}]"#).status == 404)
    }

    @Test func deletingRequiresTheTicket() async {
        let client = await SimulatorClient.connected()
        let answer = await client.delete("Actions/1")
        #expect(answer.status == 400)
        #expect(answer.json == "ticket_id must be included when deleting an Action")
        #expect(await client.delete("Actions/1", ["ticket_id": "1001"]).status == 200)
        #expect(await client.delete("Actions/1", ["ticket_id": "1001"]).status == 404)
    }

    @Test func aFieldOfTheWrongTypeIsReported() async {
        let answer = await SimulatorClient.connected().post("Actions", #"[{"ticket_id":1001,"outcome_id":"x"}]"#)
        #expect(answer.text.contains("Could not convert string to integer: x. Path '[0].outcome_id', line 1, position 35."))
    }

    @Test func aTicketIsRequired() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Actions", #"[{"outcome_id":7}]"#).json == "Parameter ticket_id must be included")
        #expect(await client.post("Actions", #"[{"outcome_id":7,"ticket_id":77777}]"#).status == 400)
    }
}
