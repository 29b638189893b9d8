import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Control of demands")
struct DemandControlTests {
    private func change(_ client: SimulatorClient, _ path: String, _ body: String) async -> Int {
        await client.send("POST", "/_simulator/" + path, body: body).status
    }

    @Test func theDemandsOfATypeCanBeChanged() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "ticket-types/40/fields/106", #"{"technew":1}"#) == 204)
        #expect(await change(client, "ticket-types/40/fields/108", #"{"technew":3}"#) == 204)
        let answer = await client.createHardwareRequest(["customfields": [["id": 105, "value": 36]]])
        #expect(answer["Message"] == "Quantity must be set for this Ticket Type")
        #expect(await change(client, "ticket-types/40/fields/108", #"{"removed":true}"#) == 204)
        #expect(await client.createHardwareRequest(["customfields": [["id": 105, "value": 36]]]).status == 201)
        #expect(await change(client, "ticket-types/40", #"{"minattachments":0}"#) == 204)
        #expect(await client.createHardwareRequest(["attachments": nil]).status == 201)
    }

    @Test func aTypeWithoutFieldsCanDemandOne() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "ticket-types/3/fields/13", #"{"technew":3}"#) == 204)
        #expect(await client.post("Tickets", #"[{"tickettype_id":3,"summary":"x"}]"#)["Message"] == "Team must be set for this Ticket Type")
        #expect(await client.get("TicketType/3", ["includedetails": "true"]).rows("fields").map { $0["fieldid"] } == [13])
    }

    @Test func choicesCanBeAddedAndRemoved() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "fields/105", #"{"option_removed":"36"}"#) == 204)
        #expect(await client.createHardwareRequest().status == 400)
        #expect(await change(client, "fields/105", #"{"option_removed":"36"}"#) == 404)
        #expect(await change(client, "fields/105", #"{"option_added":{"id":"2026-08-21","name":"On a day"}}"#) == 204)
        #expect(await client.createHardwareRequest(field: 105, value: "2026-08-21").status == 400)
        #expect(await change(client, "fields/105", #"{"option_added":{"id":36,"name":"Broken"}}"#) == 204)
        #expect(await client.createHardwareRequest(field: 105, value: "2026-08-21").status == 201)
        #expect(await change(client, "fields/115", #"{"options_added":10000}"#) == 204)
        #expect(await client.get("Lookup", ["lookupid": "1115"]).rows().count == 10_003)
    }

    @Test func aLabelCanHaveMarkupAndATextAnotherLimit() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "fields/106", #"{"label":"<b onclick=x>Cost & centre</b>"}"#) == 204)
        #expect(await change(client, "fields/106", #"{"characterlimit":2}"#) == 204)
        #expect(await client.createHardwareRequest()["Message"] == "<b onclick=x>Cost & centre</b> must not be longer than 2 characters")
    }

    @Test func conditionsThatReferToEachOtherEnd() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "ticket-types/40/fields/105", #"{"visible_when":{"field":120,"value":"x"}}"#) == 204)
        let hidden: JSONValue = [["id": 106, "value": "CC-1"]]
        #expect(await client.createHardwareRequest(["customfields": hidden]).status == 201)
        let shown: JSONValue = [["id": 106, "value": "CC-1"], ["id": 120, "value": "x"]]
        #expect(await client.createHardwareRequest(["customfields": shown])["Message"] == "Request reason must be set for this Ticket Type")
        #expect(await change(client, "ticket-types/40/fields/105", #"{"visible_when":null}"#) == 204)
        #expect(await client.createHardwareRequest(["customfields": hidden]).status == 400)
    }

    @Test func allConditionsMustBeMet() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "ticket-types/40/fields/121", #"{"technew":3}"#) == 204)
        for (field, value) in [(27, "1"), (115, "51")] {
            #expect(
                await change(client, "ticket-types/40/fields/121", #"{"visible_when":{"field":\#(field),"value":"\#(value)"}}"#) == 204)
        }
        let fields: JSONValue = [
            ["id": 105, "value": 36], ["id": 106, "value": "CC-1"], ["id": 115, "value": [["id": 50], ["id": 51]]],
        ]
        #expect(await client.createHardwareRequest(["customfields": fields, "impact": 2]).status == 201)
        #expect(await client.createHardwareRequest(["impact": 1]).status == 201)
        let answer = await client.createHardwareRequest(["customfields": fields, "impact": 1])
        #expect(answer["Message"] == "Order number must be set for this Ticket Type")
    }

    @Test func statusesAndTeamsOfATypeCanBeLimited() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "ticket-types/40", #"{"statuses":[1,3],"teams":[2]}"#) == 204)
        #expect(await client.createHardwareRequest(["team": "1st Line"]).status == 400)
        #expect(await client.createHardwareRequest(["status_id": 2]).status == 400)
        let detail = await client.get("TicketType/40", ["includedetails": "true"])
        #expect(detail.rows("allowed_status").map { $0["status_name"] } == ["New", "Action Required"])
        let id = await client.createHardwareRequest(["team": "2nd Line", "status_id": 3])["id"]
        #expect(await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 9])).status == 400)
        #expect(await change(client, "ticket-types/40", #"{"statuses":[],"teams":[]}"#) == 204)
        #expect(await client.post("Tickets", SimulatorClient.body(["id": id, "status_id": 9])).status == 201)
    }

    @Test func anOutcomeCanDemandANoteAndFields() async {
        let client = await SimulatorClient.connected()
        #expect(await change(client, "outcomes/7", #"{"mustaddnote":true,"fields":[106]}"#) == 204)
        let note: [String: JSONValue] = ["ticket_id": 1001, "outcome_id": 7, "note": "x"]
        let answer = await client.post("Actions", SimulatorClient.body(note))
        #expect(answer["Message"] == "Cost centre must be set for this Action")
        #expect(
            await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":7}]"#)["Message"] == "A Note must be entered for this Action")
        let complete = note.merging(["customfields": [["id": 106, "value": "CC-1"]]]) { first, _ in first }
        #expect(await client.post("Actions", SimulatorClient.body(complete)).status == 201)
        #expect(await client.get("Outcome/7", ["includedetails": "true"]).rows("fields").map { $0["fieldid"] } == [106])
        #expect(await change(client, "outcomes/77", #"{"mustaddnote":true,"fields":[]}"#) == 404)
        #expect(await change(client, "outcomes/7", #"{"mustaddnote":1}"#) == 400)
    }

    @Test(arguments: [
        ("fields/4711", #"{"label":"x"}"#, 404), ("fields/105", #"{"colour":"x"}"#, 400), ("fields/105", "nonsense", 400),
        ("ticket-types/99/fields/105", #"{"technew":1}"#, 404), ("ticket-types/40/fields/4711", #"{"technew":1}"#, 404),
        ("ticket-types/40/fields/105", #"{"technew":"1"}"#, 400), ("ticket-types/42/fields/105", #"{"removed":true}"#, 404),
        ("ticket-types/x", #"{"minattachments":1}"#, 400), ("ticket-types/99", #"{"minattachments":1}"#, 404),
    ])
    func anInvalidChangeIsRejected(_ path: String, _ body: String, _ status: Int) async {
        #expect(await change(await SimulatorClient.connected(), path, body) == status)
    }

    @Test func uploadsMailsAndRequestsCanBeInspected() async {
        let client = await SimulatorClient.connected()
        _ = await client.upload()
        _ = await client.createHardwareRequest()
        _ = await client.get("TicketType/40")
        _ = await client.post("Actions", #"[{"ticket_id":1001,"outcome_id":16,"sendemail":true,"emailto":"a@b.example","note":"x"}]"#)
        #expect(await client.send("GET", "/_simulator/attachments").rows().count == 2)
        #expect(await client.send("GET", "/_simulator/attachments/orphans").rows().map { $0["filename"] } == ["report.pdf"])
        #expect(await client.send("GET", "/_simulator/mails").rows().map { $0["to"] } == ["a@b.example"])
        let counts = await client.send("GET", "/_simulator/request-counts")
        #expect(counts["POST /api/Attachment"] == 2)
        #expect(counts["GET /api/TicketType/{id}"] == 1)
        #expect(await client.simulator.requestCounts()["POST /api/Tickets"] == 1)
        await client.simulator.clearLog()
        #expect(await client.simulator.requestCounts().isEmpty)
    }

    @Test func aLoggedBodyIsCutOff() async {
        let client = await SimulatorClient.connected()
        _ = await client.upload("big.bin", base64: String(repeating: "AAAA", count: 100_000))
        #expect(await client.simulator.requestLog().last?.body.count == 256 * 1024)
        #expect(await client.simulator.attachments().first?.content.count == 300_000)
    }
}
