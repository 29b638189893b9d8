import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Workflows, closing and mails")
struct WorkflowTests {
    private func act(_ client: SimulatorClient, _ ticket: JSONValue, _ fields: [String: JSONValue]) async -> ClientResponse {
        await client.post("Actions", SimulatorClient.body(fields.merging(["ticket_id": ticket]) { first, _ in first }))
    }

    @Test func theActionsOfTheStepsChangeTheStatus() async {
        let client = await SimulatorClient.connected()
        let id = await client.createNetworkChange()["id"]
        let number = id.integer ?? 0
        #expect(await client.get("Tickets/\(number)")["workflow_step"] == 1)
        #expect(await act(client, id, ["outcome_id": 30]).status == 201)
        #expect(await client.simulator.ticket(number)?.statusID == 2)
        #expect(await client.get("Tickets/\(number)")["workflow_step"] == 2)
        let done = await act(client, id, ["outcome_id": 31, "note": "Done", "customfields": [["id": 125, "value": 60]]])
        #expect(done.status == 201)
        #expect(done.rows("customfields").map { $0["display"] } == ["Successful"])
        #expect(await client.simulator.ticket(number)?.isClosed == true)
    }

    @Test func anOutcomeOfAnotherStepOrTypeIsRejected() async {
        let client = await SimulatorClient.connected()
        let id = await client.createNetworkChange()["id"]
        let complete: [String: JSONValue] = ["outcome_id": 31, "note": "Done", "customfields": [["id": 125, "value": 60]]]
        #expect(await act(client, id, complete)["Message"] == "You do not have access to this Action at the moment")
        #expect(await act(client, 1001, ["outcome_id": 30]).status == 400)
    }

    @Test func anOutcomeDemandsANoteAndAField() async {
        let client = await SimulatorClient.connected()
        let id = await client.createNetworkChange(["status_id": 2])["id"]
        #expect(await act(client, id, ["outcome_id": 31])["Message"] == "A Note must be entered for this Action")
        #expect(
            await act(client, id, ["outcome_id": 31, "note_html": "<p>Done</p>"])["Message"]
                == "Change result must be set for this Action")
        let invalid = await act(client, id, ["outcome_id": 31, "note": "x", "customfields": [["id": 125, "value": 1]]])
        #expect(invalid["Message"] == "The value for Change result is not valid")
    }

    @Test(arguments: [
        (nil, "The Status can only be changed by an Action"), ("step", "The Status can only be changed by an Action"),
        ("permission", "Unable to save data. You do not have permission"),
    ])
    func aStatusWrittenPastTheWorkflowIsRejected(_ text: String?, _ message: String) async {
        let client = await SimulatorClient.connected(faults: text.map { [HaloFault(.workflowStatus, $0)] } ?? [])
        let id = await client.createNetworkChange()["id"]
        let answer = await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 2]))
        #expect(answer.status == 400)
        #expect(answer["Message"].text?.hasPrefix(message) == true)
        #expect(await act(client, id, ["outcome_id": 7, "note": "x", "new_status": 2]).status == 400)
        // Writing the same status changes nothing.
        #expect(await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 1])).status == 201)
    }

    @Test func aStatusWrittenPastTheWorkflowCanBeIgnored() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.workflowStatus, "kept")])
        let id = await client.createNetworkChange()["id"]
        #expect(await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 2]))["status_id"] == 1)
        #expect(await act(client, id, ["outcome_id": 7, "note": "x", "new_status": 2]).status == 201)
        #expect(await client.simulator.ticket(id.integer ?? 0)?.statusID == 1)
    }

    @Test(arguments: [
        ("open-children", "All child Tickets must be closed"), ("closure-note", "Closure Note must be set"),
        ("open-appointments", "This Ticket has open Appointments"),
    ])
    func closingCanBeRejected(_ demand: String, _ message: String) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.closingDemand, demand)])
        let id = await client.post("Tickets", #"[{"summary":"x"}]"#)["id"]
        let direct = await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 9]))
        #expect(direct.status == 400)
        #expect(direct["Message"].text?.hasPrefix(message) == true)
        #expect(await act(client, id, ["outcome_id": 9, "new_status": 9]).status == 400)
        #expect(await client.simulator.ticket(id.integer ?? 0)?.isClosed == false)
        #expect(await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 2])).status == 201)
    }

    @Test func aClosureNoteOrAnAnswerToTheQuestionIsEnough() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.closingDemand, "closure-note")])
        let first = await client.post("Tickets", #"[{"summary":"x"}]"#)["id"]
        #expect(await act(client, first, ["outcome_id": 9, "new_status": 9, "note": "Solved"]).status == 201)
        await client.simulator.setFaults([HaloFault(.closingDemand, "open-appointments")])
        let second = await client.post("Tickets", #"[{"summary":"x"}]"#)["id"]
        #expect(
            await client.post("Tickets", SimulatorClient.body(["id": second, "status_id": 9, "_appointment01_ok": true])).status == 201)
    }

    @Test func aMailLeavesOnlyWithARecipientOnAnOutcomeThatSendsMail() async {
        let client = await SimulatorClient.connected()
        let mail: [String: JSONValue] = [
            "outcome_id": 16, "sendemail": true, "emailto": "a@b.example", "emailsubject": "Re: x", "note_html": "<p>Hello</p>",
        ]
        for change: [String: JSONValue] in [["sendemail": false], ["emailto": ""], ["outcome_id": 7], ["_prevent_outgoing": true]] {
            #expect(await act(client, 1001, mail.merging(change) { _, new in new }).status == 201)
        }
        #expect(await client.simulator.sentMails().isEmpty)
        let file = await client.upload("log.txt")
        let action = await act(client, 1001, mail.merging(["attachments": [["id": file]]]) { _, new in new })["id"].integer ?? 0
        #expect(
            await client.simulator.sentMails() == [
                HaloSimulator.SentMail(
                    ticketID: 1001, actionID: action, to: "a@b.example", subject: "Re: x", body: "<p>Hello</p>", attachments: ["log.txt"])
            ])
    }
}
