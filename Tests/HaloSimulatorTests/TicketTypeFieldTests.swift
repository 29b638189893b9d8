import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Fields of ticket types")
struct TicketTypeFieldTests {
    private func detail(_ type: Int, _ client: SimulatorClient) async -> ClientResponse {
        await client.get("TicketType/\(type)", ["includedetails": "true", "includeconfig": "true", "isnewticket": "true"])
    }

    private func row(_ field: Int, in detail: ClientResponse) -> JSONValue? {
        let nested = detail.rows("fields").flatMap { row -> [JSONValue] in
            if case .array(let rows) = row["group"]["fields"] { rows } else { [] }
        }
        return (detail.rows("fields") + nested).first { $0["fieldid"].integer == field }
    }

    @Test func theDetailListsEveryFieldWithItsRequirement() async throws {
        let detail = await detail(40, await SimulatorClient.connected())
        #expect(detail["minattachments"] == 1)
        #expect(detail["default_impact"] == 3)
        let requirements = [
            2: 3, 3: 1, 4: 1, 13: 1, 14: 1, 16: 1, 27: 1, 28: 1, 41: 3, 42: 1, 105: 3, 106: 3, 107: 1, 119: 1, 120: 3, 121: 2, 122: 0,
            123: 1, 124: 4,
        ]
        for (field, requirement) in requirements {
            #expect(row(field, in: detail)?["technew"].integer == requirement, "\(field)")
        }
        let centre = try #require(row(106, in: detail))
        #expect(centre["rtid"] == 40)
        #expect(centre["fieldname"] == "CFCostCentre")
        #expect(centre["fieldinfo"]["label"] == "Cost centre")
        #expect(centre["fieldinfo"]["characterlimit"] == 10)
        #expect(row(2, in: detail)?["fieldinfo"]["custom"] == 0)
        #expect(row(2, in: detail)?["fieldinfo"]["type"] == -1)
    }

    @Test func theDetailHasFieldsOnlyIfTheyAreRequested() async {
        let client = await SimulatorClient.connected()
        #expect(!(await client.get("TicketType/40")).json.has("fields"))
        #expect(await client.get("TicketType").rows().allSatisfy { !$0.has("fields") && !$0.has("minattachments") })
        #expect(await client.get("TicketType").rows().contains { $0["id"] == 40 && $0["hasmandatorytechfields"] == true })
    }

    @Test func theDetailCanBeAnArrayWithOneElement() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.typeDetailArray)])
        #expect(await detail(40, client).rows().map { $0["id"] } == [40])
    }

    @Test func aConditionalFieldIsInAGroupAndNamesTheFieldItDependsOn() async throws {
        let detail = await detail(40, await SimulatorClient.connected())
        let group = try #require(detail.rows("fields").first { $0.has("group") })
        #expect(group["group"]["header"] == "Loss")
        let field = try #require(row(120, in: detail))
        guard case .array(let conditions) = field["visibility_conditions"] else {
            Issue.record("There are no conditions.")
            return
        }
        #expect(conditions.count == 1)
        #expect(conditions[0]["field_id"] == 120)
        #expect(conditions[0]["lookup_field_id"] == 105)
        #expect(conditions[0]["lookup_value_id"] == 37)
        #expect(conditions[0]["lookup_value"] == "Lost")
    }

    @Test func optionsAreInTheDetailOrBehindTheirOwnRequests() async throws {
        let client = await SimulatorClient.connected()
        let detail = await detail(40, client)
        let reasons: JSONValue = [["id": 36, "name": "Broken"], ["id": 37, "name": "Lost"], ["id": 38, "name": "New starter"]]
        #expect(row(105, in: detail)?["fieldinfo"]["values"] == reasons)
        #expect(row(115, in: detail)?["fieldinfo"]["values"] == .null)
        let field = await client.get("FieldInfo/115", ["includedetails": "true", "getlookupvalues": "true", "entityid": "0"])
        #expect(field.rows("values").map { $0["id"] } == [50, 51, 52])
        #expect(await client.get("FieldInfo/115", ["includedetails": "true"])["values"] == .null)
        #expect(await client.get("Lookup", ["lookupid": "1115"]).rows().map { $0["name"] } == ["Dock", "Headset", "Second screen"])
        #expect(await client.get("Lookup", ["lookupid": "12"]).rows().count == 3)
        #expect(await client.get("FieldInfo/2").status == 404)
        #expect(await client.get("FieldInfo").rows().contains { $0["id"] == 105 && $0["custom"] == 1 })
    }

    @Test func aTypeCanAllowOnlySomeStatusesAndTeams() async throws {
        let detail = await detail(41, await SimulatorClient.connected())
        #expect(detail.rows("allowed_status").map { $0["status_id"] } == [1, 2, 9])
        #expect(detail.rows("allowed_teams").map { $0["section_id"] } == [2])
    }

    @Test func outcomesAreListedForATypeAStatusAndAWorkflowStep() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Outcome", ["tickettype_id": "1"]).rows().allSatisfy { ($0["id"].integer ?? 0) < 30 })
        #expect(await client.get("Outcome", ["tickettype_id": "41"]).rows().suffix(2).map { $0["id"] } == [30, 31])
        #expect(await client.get("Outcome", ["tickettype_id": "41", "status": "1"]).rows().last?["id"] == 30)
        #expect(await client.get("Outcome", ["workflow_id": "2", "workflow_step": "2"]).rows().last?["id"] == 31)
        let detail = await client.get("Outcome/31", ["includedetails": "true", "ticket_id": "1001"])
        #expect(detail["mustaddnote"] == true)
        #expect(detail["newstatus"] == 9)
        #expect(detail.rows("fields").map { $0["techaction"] } == [3])
        #expect(detail.rows("fields")[0]["fieldinfo"]["label"] == "Change result")
    }

    @Test func assetsAreSearchedByCompanyAndNumber() async throws {
        let client = await SimulatorClient.connected()
        let rows = await client.get("Asset", ["client_id": "12"]).rows("assets")
        #expect(rows.count == 3)
        let number = try #require(rows[0]["inventory_number"].text)
        #expect(await client.get("Asset", ["inventory_number": "\(number)"]).ids("assets") == [rows[0]["id"].integer])
        #expect(await client.get("Asset", ["search": "\(number.lowercased())"]).ids("assets") == [rows[0]["id"].integer])
        let detail = await client.get("Asset/\(rows[0]["id"].integer ?? 0)", ["includedetails": "true"])
        #expect(detail["third_party_id_string"] == "rmm:3001")
        #expect(detail["key_field"] == "LAP-3001")
        #expect(await client.get("Asset/9").status == 404)
    }
}
