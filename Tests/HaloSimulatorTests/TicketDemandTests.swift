import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Demands of ticket types")
struct TicketDemandTests {
    @Test func aCompleteTicketIsCreatedAndReadBack() async throws {
        let client = await SimulatorClient.connected()
        let answer = await client.createHardwareRequest()
        #expect(answer.status == 201)
        let detail = await client.get("Tickets/\(answer["id"].integer ?? 0)", ["includedetails": "true"])
        #expect(detail["category_1"] == "Hardware>Laptop")
        #expect(detail["attachment_count"] == 1)
        let stored = try #require(await client.simulator.ticket(answer["id"].integer ?? 0))
        #expect(stored.categories == [1: "Hardware>Laptop"])
        #expect(stored.customFields == [105: #""36""#, 106: #""CC-1""#])
        #expect(stored.skipsRules == nil && !stored.skipsValidation)
    }

    @Test func missingFieldsAreReportedOneAtATimeInTheirOrder() async {
        let client = await SimulatorClient.connected()
        var fields: [String: JSONValue] = ["tickettype_id": 40]
        let steps: [(label: String, member: String, value: JSONValue)] = [
            ("Summary", "summary", "New laptop"), ("Category", "category_1", "Hardware>Laptop"),
            ("Request reason", "customfields", [["id": 105, "value": "36"]]),
            ("Cost centre", "customfields", [["id": 105, "value": "36"], ["id": 106, "value": "CC-1"]]),
        ]
        for step in steps {
            let answer = await client.post("Tickets", SimulatorClient.body(fields))
            #expect(answer.status == 400)
            #expect(answer["ClassName"] == "System.Exception")
            #expect(answer["Message"].text == "\(step.label) must be set for this Ticket Type")
            fields[step.member] = step.value
        }
        #expect(await client.post("Tickets", SimulatorClient.body(fields))["Message"] == "Attachment must be set for this Ticket Type")
        #expect(await client.simulator.ticketCount() == 250)
    }

    @Test(arguments: [
        ("set", "Category must be set for this Ticket Type"), ("entered", "Category must be entered"),
        ("mandatory", "Please complete the mandatory field: Category"),
    ])
    func aMissingFieldIsReportedInTheChosenWording(_ wording: String, _ text: String) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.requirementWording, wording)])
        #expect(await client.createHardwareRequest(["category_1": nil])["Message"].text == text)
    }

    @Test func aMissingFieldIsReportedInTheChosenFormat() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.requirementShape, "string")])
        #expect(await client.createHardwareRequest(["category_1": nil]).json == "Category must be set for this Ticket Type")
        await client.simulator.setFaults([HaloFault(.requirementShape, "older")])
        #expect(await client.createHardwareRequest(["category_1": nil])["errorMessage"] == "Category must be set for this Ticket Type")
    }

    @Test func validationCanBeSkippedAndThatIsRecorded() async throws {
        let client = await SimulatorClient.connected()
        let answer = await client.post("Tickets", #"[{"tickettype_id":40,"_novalidate":true,"dont_do_rules":false}]"#)
        #expect(answer.status == 201)
        let stored = try #require(await client.simulator.ticket(answer["id"].integer ?? 0))
        #expect(stored.skipsValidation && stored.skipsRules == false)
        // Sent values are still checked.
        let invalid = #"[{"tickettype_id":40,"_novalidate":true,"customfields":[{"id":108,"value":"many"}]}]"#
        #expect(await client.post("Tickets", invalid).status == 400)
    }

    @Test func anUpdateDemandsNothing() async {
        let client = await SimulatorClient.connected()
        let id = await client.createHardwareRequest()["id"]
        #expect(await client.post("Tickets", SimulatorClient.body(["id": id, "summary": "Newer laptop"])).status == 201)
        #expect(await client.customField(105, ofTicket: id)["value"] == "36")
    }

    @Test func aConditionalFieldIsDemandedOnlyWhileItIsVisible() async {
        let client = await SimulatorClient.connected()
        let lost: JSONValue = [["id": 105, "value": 37], ["id": 106, "value": "CC-1"]]
        #expect(
            await client.createHardwareRequest(["customfields": lost])["Message"] == "Police reference must be set for this Ticket Type")
        let complete: JSONValue = [["id": 105, "value": 37], ["id": 106, "value": "CC-1"], ["id": 120, "value": "P-77"]]
        #expect(await client.createHardwareRequest(["customfields": complete]).status == 201)
    }

    @Test func eitherFormOfTheDetailsIsEnough() async {
        let client = await SimulatorClient.connected()
        #expect(await client.createNetworkChange(["details": nil])["Message"] == "Details must be set for this Ticket Type")
        #expect(await client.createNetworkChange(["details": nil, "details_html": "<p>Tonight</p>"]).status == 201)
        #expect(await client.createNetworkChange(["team": nil, "team_id": 2]).status == 201)
        #expect(await client.createNetworkChange(["impact": nil])["Message"] == "Impact must be set for this Ticket Type")
        #expect(await client.createNetworkChange(["urgency": nil])["Message"] == "Urgency must be set for this Ticket Type")
    }

    @Test func aTeamOrAgentWithoutAccessIsRejected() async {
        let client = await SimulatorClient.connected()
        for changes: [String: JSONValue] in [
            ["team": "1st Line"], ["team": "No such team"], ["team": nil, "team_id": 3], ["agent_id": 9],
        ] {
            let answer = await client.createNetworkChange(changes)
            #expect(answer["Message"].text?.hasPrefix("Unable to re-assign.") == true, "\(changes)")
        }
        #expect(await client.createNetworkChange(["agent_id": 5]).status == 201)
        #expect(await client.createHardwareRequest(["team": "2nd Line", "agent_id": 4]).status == 201)
    }

    @Test func aStatusOutsideTheTypesListIsRejected() async {
        let client = await SimulatorClient.connected()
        #expect(await client.createNetworkChange(["status_id": 21])["Message"] == "The Status is not allowed for this Ticket Type")
        #expect(await client.createNetworkChange(["status_id": 2])["status_id"] == 2)
    }

    @Test func anUnknownCategoryIsRejectedOrDropped() async {
        let client = await SimulatorClient.connected()
        let answer = await client.createHardwareRequest(["category_1": "Hardware>Abacus"])
        #expect(answer["Message"] == "The Category 'Hardware>Abacus' does not exist")
        #expect(await client.createHardwareRequest(["category_2": "Laptop"]).status == 400)
        #expect(await client.createHardwareRequest(["category_2": "faulty part"])["category_2"] == "faulty part")
        await client.simulator.setFaults([HaloFault(.unknownCategoryDropped)])
        let dropped = await client.createHardwareRequest(["category_1": "Hardware>Abacus", "category_2": "Laptop"])
        #expect(dropped.status == 201)
        #expect(!dropped.json.has("category1") && !dropped.json.has("category_2"))
    }

    @Test func assetsAreLinkedByIdAndUnknownOnesAreRejected() async {
        let client = await SimulatorClient.connected()
        let body = { (assets: JSONValue) in
            SimulatorClient.body(["tickettype_id": 42, "summary": "Repair", "client_id": 12, "assets": assets])
        }
        #expect(await client.post("Tickets", body([]))["Message"] == "Asset must be set for this Ticket Type")
        #expect(await client.post("Tickets", body([["id": 9]]))["Message"] == "The Asset could not be found")
        let made = await client.post("Tickets", body([["id": 3001]]))
        #expect(made.rows("assets").map { $0["inventory_number"] } == ["INV-3001"])
        #expect(await client.simulator.ticket(made["id"].integer ?? 0)?.assetIDs == [3001])
    }

    @Test func aMandatoryTableIsDemanded() async {
        let client = await SimulatorClient.connected()
        let answer = await client.post("Tickets", #"[{"tickettype_id":43,"summary":"x"}]"#)
        #expect(answer["Message"] == "Devices must be set for this Ticket Type")
    }

    @Test func theDefaultsOfATypeAreAppliedOnlyIfTheTenantDoesSo() async {
        let client = await SimulatorClient.connected()
        _ = await client.simulator.change(ticketType: 42, field: 13, .requirement(3))
        let body = #"[{"tickettype_id":42,"summary":"x","assets":[{"id":3001}]}]"#
        #expect(await client.post("Tickets", body)["Message"] == "Team must be set for this Ticket Type")
        await client.simulator.setFaults([HaloFault(.typeDefaultsApplied)])
        #expect(await client.post("Tickets", body)["team"] == "1st Line")
    }

    @Test func theTypesWithoutFieldsDemandNothingNew() async {
        let client = await SimulatorClient.connected()
        for type in [1, 3, 4, 5] {
            let body = #"[{"tickettype_id":\#(type),"summary":"x","category_1":"No such category","team":"No such team"}]"#
            #expect(await client.post("Tickets", body).status == 201)
        }
    }
}

@Suite("Values of custom fields")
struct CustomFieldValueTests {
    @Test(
        arguments: [
            (105, 38, "38", "New starter"), (105, "37", "37", "Lost"), (106, "CC-1", "CC-1", "CC-1"), (107, "a\nb", "a\nb", "a\nb"),
            (108, 42, 42, "42"), (108, "42", 42, "42"), (109, 20000, "20,000", "20,000"), (109, 1234567.5, "1,234,567.50", "1,234,567.50"),
            (110, 2.25, 2.25, "2.25"), (111, "2026-08-21", "2026-08-21T00:00:00.0000000Z", "21/08/2026"),
            (112, "2026-08-21T14:30:00Z", "2026-08-21T14:30:00.0000000Z", "21/08/2026 14:30"), (113, "14:30", "14:30:00", "14:30:00"),
            (114, true, true, "Yes"), (114, false, false, "No"),
            (
                115, [["id": "50"], ["id": 52]], [["id": "50", "name": "Dock"], ["id": "52", "name": "Second screen"]],
                "Dock, Second screen"
            ),
            (116, "<p>Why</p>", "<p>Why</p>", "<p>Why</p>"),
            (117, "https://shop.example/1", "https://shop.example/1", "https://shop.example/1"),
            (118, 71, "71", "Head office>First floor"), (121, "PO-1", "PO-1", "PO-1"),
        ] as [(Int, JSONValue, JSONValue, String)])
    func aValueIsStoredAndReadBack(_ field: Int, _ sent: JSONValue, _ read: JSONValue, _ display: String) async {
        let client = await SimulatorClient.connected()
        let complete: JSONValue = [["id": 105, "value": 36], ["id": 106, "value": "CC-2"], ["id": 120, "value": "P-1"]]
        guard case .array(let others) = complete else { return }
        let answer = await client.createHardwareRequest(["customfields": .array(others + [["id": .int(field), "value": sent]])])
        #expect(answer.status == 201)
        let stored = await client.customField(field, ofTicket: answer["id"])
        #expect(stored["value"] == read)
        #expect(stored["display"].text == display)
    }

    @Test(
        arguments: [
            (105, 99), (105, "Broken"), (105, [["id": 36]]), (106, "CC-12345678"), (108, "many"), (108, 1.5), (109, "much"), (110, true),
            (111, "21/08/2026"), (112, "tomorrow"), (113, "25:00"), (113, "9:00"), (114, "true"), (115, ["50"]), (115, [["id": 53]]),
            (115, [["id": 50], ["id": 51], ["id": 52]]), (117, "shop.example"), (118, 73), (119, "table"),
        ] as [(Int, JSONValue)])
    func aValueOfTheWrongKindIsRejected(_ field: Int, _ value: JSONValue) async {
        let client = await SimulatorClient.connected()
        let answer = await client.createHardwareRequest(field: field, value: value)
        #expect(answer.status == 400)
        #expect(answer["Message"].text?.isEmpty == false)
        #expect(await client.simulator.ticketCount() == 250)
    }

    @Test func readOnlyAndUnknownFieldsAreIgnored() async {
        let client = await SimulatorClient.connected()
        let readOnly = await client.createHardwareRequest(field: 124, value: "A-1")
        #expect(readOnly.status == 201)
        #expect(await client.customField(124, ofTicket: readOnly["id"])["value"] == .null)
        #expect(await client.createHardwareRequest(field: 4711, value: "x").status == 201)
    }

    @Test func customFieldsCanBeDropped() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.customFieldsDropped)])
        let answer = await client.createHardwareRequest()
        #expect(answer.status == 201)
        #expect(await client.customField(105, ofTicket: answer["id"])["value"] == .null)
    }

    @Test func anUpdateKeepsTheFieldsThatItDoesNotHaveAndEmptiesThoseWithNull() async {
        let client = await SimulatorClient.connected()
        let id = await client.createHardwareRequest(field: 121, value: "PO-1")["id"]
        _ = await client.post("Tickets", SimulatorClient.body(["id": id, "customfields": [["id": 106, "value": "CC-9"]]]))
        #expect(await client.customField(106, ofTicket: id)["value"] == "CC-9")
        #expect(await client.customField(121, ofTicket: id)["value"] == "PO-1")
        _ = await client.post("Tickets", SimulatorClient.body(["id": id, "customfields": [["id": 121, "value": nil]]]))
        #expect(await client.customField(121, ofTicket: id)["value"] == .null)
    }
}
