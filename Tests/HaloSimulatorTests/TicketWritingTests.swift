import Testing
import WebServer

@testable import HaloSimulator

@Suite("Ticket writing")
struct TicketWritingTests {
    @Test func aSummaryIsEnoughForATicket() async {
        let client = await SimulatorClient.connected()
        let answer = await client.post("Tickets", #"[{"summary":"Disk full"}]"#)
        #expect(answer.status == 201)
        #expect(answer["id"] == 1251)
        #expect(await client.get("Tickets/1251")["summary"] == "Disk full")
        #expect(await client.simulator.ticketCount() == 251)
    }

    @Test func theReplyUsesTheFieldNamesAndDatesOfWrites() async {
        let reply = await SimulatorClient.connected().post("Tickets", #"[{"summary":"x","category_1":"Hardware>Laptop"}]"#).json
        #expect(reply.has("lastupdate") && !reply.has("last_update"))
        #expect(reply["category1"] == "Hardware>Laptop")
        let date = reply["dateoccurred"].text ?? ""
        #expect(date.count == 28 && date.hasSuffix("Z"))
    }

    @Test func everySentFieldIsStored() async {
        let client = await SimulatorClient.connected()
        let user = await client.get("Users", ["exclude_generaluser": "true"]).rows("users")[0]
        let site = user["site_id_int"].integer ?? 0
        let company = user["client_id"].integer ?? 0
        let body = """
            [{"summary":"x","tickettype_id":3,"client_id":\(company),"site_id":"\(site)","user_id":\(user["id"].integer ?? 0),"status_id":2,
            "priority_id":2,"team":"2nd line","agent_id":4,"impact":1,"urgency":2,"source":8,"details_html":"<p>y</p>",
            "supplier_reference":"S-1","customfields":[{"id":213,"value":"A"},{"name":"CFGoLive","value":"2026-12-24T00:00:00"}]}]
            """
        let id = await client.post("Tickets", body)["id"].integer ?? 0
        let ticket = await client.get("Tickets/\(id)", ["includedetails": "true"])
        let expected: [String: JSONValue] = [
            "tickettype_id": 3, "client_id": .int(company), "site_id": .int(site), "status_id": 2, "priority_id": 2, "team_id": 2,
            "agent_id": 4, "impact": 1, "urgency": 2, "source": 8, "details_html": "<p>y</p>", "supplier_reference": "S-1",
            "user_name": user["name"],
        ]
        for (field, value) in expected { #expect(ticket[field] == value, "\(field)") }
        #expect(ticket.rows("customfields")[0]["value"] == "A")
        #expect(ticket.rows("customfields")[2]["display"] == "24/12/2026")
    }

    @Test func aPriorityOfAnotherSLAHasNoEffect() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Tickets", #"[{"summary":"x","tickettype_id":4,"priority_id":1}]"#)["priority_id"] == 3)
        #expect(await client.post("Tickets", #"[{"summary":"x","tickettype_id":4,"priority_id":2}]"#)["priority_id"] == 2)
        #expect(await client.post("Tickets", #"[{"summary":"x","tickettype_id":4}]"#)["sla_id"] == 2)
    }

    @Test func aNestedTypeIsIgnored() async {
        #expect(await SimulatorClient.connected().post("Tickets", #"[{"summary":"x","tickettype":{"id":3}}]"#)["tickettype_id"] == 1)
    }

    @Test(arguments: [
        (#""tickettype_id":777"#, "Invalid Ticket Type"), (#""tickettype_id":29"#, "You do not have permission"),
        (#""status_id":777"#, "Invalid Status"), (#""client_id":777"#, "The Client does not exist"), (#""site_id":777"#, "Invalid Site"),
        (#""agent_id":777"#, "Invalid Agent"), (#""user_id":31"#, "A Site must be selected"),
        (#""user_id":7777,"site_id":18"#, "Invalid User"),
    ])
    func referencesToMissingRecordsAreRejected(_ members: String, _ message: String) async {
        let client = await SimulatorClient.connected()
        let answer = await client.post("Tickets", #"[{"summary":"x",\#(members)}]"#)
        #expect(answer.status == 400)
        #expect(answer.text.contains(message))
        #expect(await client.simulator.ticketCount() == 250)
    }

    @Test func aTicketWithoutAUserNeedsNoSite() async {
        let answer = await SimulatorClient.connected().post(
            "Tickets", #"[{"summary":"x","userlookup":{"id":-1},"user_id":-1,"usertype":1}]"#)
        #expect(answer["user_id"] == -1)
    }

    @Test func textInsteadOfANumberIsReportedWithPathAndPosition() async {
        let client = await SimulatorClient.connected()
        let answer = await client.post("Tickets", #"[{"priority_id":"x"}]"#)
        #expect(answer.status == 400)
        #expect(
            answer.text == #"{"[0].priority_id":["Could not convert string to integer: x. Path '[0].priority_id', line 1, position 19."]}"#)
        let second = await client.post("Tickets", #"[{"summary":"a"},{"status_id":"95.0"}]"#)
        #expect(second.text.contains("Could not convert string to integer: 95.0. Path '[1].status_id', line 1, position 36."))
    }

    @Test func numbersInStringsAreAccepted() async {
        #expect(await SimulatorClient.connected().post("Tickets", #"[{"summary":"x","client_id":"12"}]"#)["client_id"] == 12)
    }

    @Test func onlyAnArrayIsAccepted() async {
        let client = await SimulatorClient.connected()
        for body in [#"{"summary":"x"}"#, "[]", "[1]", "nonsense", ""] {
            #expect(await client.post("Tickets", body).status == 400, "\(body)")
        }
    }

    @Test func onlyJSONIsAccepted() async {
        let client = await SimulatorClient.connected()
        for type in ["text/plain", "application/x-www-form-urlencoded", ""] {
            #expect(await client.post("Tickets", #"[{"summary":"x"}]"#, type: type).status == 415)
        }
        for type in ["application/json; charset=utf-8", "text/json", "application/json-patch+json", "application/vnd.acme+json"] {
            #expect(await client.post("Tickets", #"[{"summary":"x"}]"#, type: type).status == 201)
        }
    }

    @Test func anUpdateChangesOnlyTheSentFields() async {
        let client = await SimulatorClient.connected()
        let before = await client.get("Tickets/1005")
        let reply = await client.post("Tickets", #"[{"id":1005,"status_id":3}]"#)
        #expect(reply.status == 201)
        let after = await client.get("Tickets/1005")
        #expect(after["status_id"] == 3)
        #expect(after["summary"] == before["summary"] && after["client_id"] == before["client_id"])
        #expect(await client.post("Tickets", #"[{"id":99999,"status_id":3}]"#).status == 404)
    }

    @Test func anUpdateWithoutItsIdCreatesADuplicate() async {
        let client = await SimulatorClient.connected()
        _ = await client.post("Tickets", #"[{"summary":"same","status_id":3}]"#)
        _ = await client.post("Tickets", #"[{"summary":"same","status_id":2}]"#)
        #expect(await client.get("Tickets", ["search_summary": "same"]).ids().count == 2)
    }

    @Test func closingSetsTheFlagAndTheDate() async {
        let client = await SimulatorClient.connected()
        _ = await client.post("Tickets", #"[{"id":1250,"status_id":9,"_appointment01_ok":true}]"#)
        let ticket = await client.get("Tickets/1250")
        #expect(ticket["hasbeenclosed"] == true)
        #expect(ticket["dateclosed"].time.map { $0 > .unset } == true)
        _ = await client.post("Tickets", #"[{"id":1250,"status_id":2}]"#)
        #expect(!(await client.get("Tickets/1250")).json.has("hasbeenclosed"))
    }

    @Test func ofSeveralTicketsOnlyTheLastIsReturnedUnlessAllAreRequested() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Tickets", #"[{"summary":"a"},{"summary":"b"}]"#)["summary"] == "b")
        let all = await client.post("Tickets", #"[{"summary":"c"},{"summary":"d"}]"#, ["returnall": "true"]).rows()
        #expect(all.map { $0["summary"] } == ["c", "d"])
    }

    @Test func aRejectedArrayStoresNothing() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Tickets", #"[{"summary":"a"},{"summary":"b","status_id":777}]"#).status == 400)
        #expect(await client.simulator.ticketCount() == 250)
    }

    @Test func aDeletedTicketIsHiddenListedAsDeletedAndRecoverable() async {
        let client = await SimulatorClient.connected()
        #expect(await client.delete("Tickets/1007", ["reason": "test"]).status == 200)
        #expect(await client.get("Tickets/1007").status == 404)
        #expect(await client.delete("Tickets/1007").status == 404)
        #expect(await client.get("Tickets", ["ticketids": "1007"]).ids().isEmpty)
        let listed = await client.get("Tickets", ["deleted": "true"]).rows("tickets")
        #expect(listed.map { $0["id"] } == [1007])
        #expect(listed[0]["deleted"] == true)
        #expect(await client.post("Tickets", #"[{"id":1007,"summary":"y"}]"#).status == 404)
        #expect(await client.post("Tickets", #"[{"id":1007,"_recover":true,"_validate_updates":true}]"#).status == 201)
        #expect(await client.get("Tickets/1007").status == 200)
    }

    @Test func aTenantCanRequireATicketType() async {
        let client = await SimulatorClient.connected { $0.ticketTypeRequired = true }
        #expect(await client.post("Tickets", #"[{"summary":"x"}]"#).json == "A Ticket Type must be selected")
        #expect(await client.post("Tickets", #"[{"summary":"x","tickettype_id":1}]"#).status == 201)
    }

    @Test func filesAreStoredWithATicketAndReadAsBytes() async {
        let client = await SimulatorClient.connected()
        let saved = await client.post("Attachment", #"[{"ticket_id":1001,"filename":"a.txt","data_base64":"aGVsbG8="}]"#)
        #expect(saved.status == 201)
        let list = await client.get("Attachment", ["ticket_id": "1001"])
        #expect(list.ids("attachments") == [1])
        #expect(list["folders"] == [])
        let file = await client.get("Attachment/1")
        #expect(file.text == "hello")
        #expect(file.headers["Content-Type"] == "application/octet-stream")
        #expect(await client.get("Attachment").rows("attachments").isEmpty)
        #expect(await client.delete("Attachment/1").status == 200)
        #expect(await client.get("Attachment/1").status == 404)
    }
}
