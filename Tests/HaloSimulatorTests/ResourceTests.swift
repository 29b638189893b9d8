import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Other resources")
struct ResourceTests {
    @Test func sitesAndUsersHaveDoublesForIds() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Users").text.contains(#""site_id":18.0"#))
        #expect(await client.get("Site").text.contains(#""client_id":12.0"#))
    }

    @Test func inactiveRecordsAreHiddenUnlessRequested() async {
        let client = await SimulatorClient.connected()
        let shown = await client.get("Client", ["count": "1000"]).rows("clients")
        let all = await client.get("Client", ["count": "1000", "includeinactive": "true"]).rows("clients")
        #expect(shown.count == 23)
        #expect(all.count == 25)
        #expect(shown.allSatisfy { !$0.has("inactive") })
    }

    @Test func clientOneIsTheBuiltInUnknownCustomer() async {
        #expect(await SimulatorClient.connected().get("Client/1")["name"] == "Unassigned")
    }

    @Test func theDetailHasFieldsThatRowsOmit() async {
        let client = await SimulatorClient.connected()
        #expect(!(await client.get("Client")).rows("clients")[1].has("main_site_id"))
        #expect(await client.get("Client/12")["main_site_id"] == 18)
        #expect(!(await client.get("Client/12")).json.has("customfields"))
        #expect(await client.get("Client/12", ["includedetails": "true"])["customfields"] == [])
    }

    @Test func generalUsersCanBeExcluded() async {
        let client = await SimulatorClient.connected()
        let names = await client.get("Users", ["exclude_generaluser": "true", "count": "1000"]).rows("users").map { $0["name"] }
        #expect(names.count == 117)
        #expect(!names.contains("General User"))
    }

    @Test func listsAreFilteredByCustomerAndSearched() async {
        let client = await SimulatorClient.connected()
        let users = await client.get("Users", ["client_id": "13", "count": "100"]).rows("users")
        #expect(!users.isEmpty && users.allSatisfy { $0["client_id"] == 13 })
        let found = await client.get("Client", ["search": "LARKMOOR"]).rows("clients")
        #expect(!found.isEmpty && found.allSatisfy { $0["name"].text?.hasPrefix("Larkmoor") == true })
    }

    @Test func recurringInvoicesHaveNegativeIdsAndLinesOnlyOnTheDetail() async {
        let client = await SimulatorClient.connected()
        let rows = await client.get("RecurringInvoice", ["includelines": "true"]).rows("invoices")
        #expect(rows.contains { ($0["id"].integer ?? 0) < 0 } && rows.contains { ($0["id"].integer ?? 0) > 0 })
        #expect(rows.allSatisfy { !$0.has("lines") })
        #expect(!(await client.get("RecurringInvoice/-240")).rows("lines").isEmpty)
    }

    @Test func aRecurringInvoiceMayReferToAContractThatIsNotListed() async {
        let client = await SimulatorClient.connected()
        let contracts = Set(await client.get("ClientContract", ["count": "1000", "includeinactive": "true"]).ids("contracts"))
        let linked = await client.get("RecurringInvoice", ["count": "1000"]).rows("invoices").compactMap { $0["contract_id"].integer }
        #expect(linked.contains { contracts.contains($0) } && linked.contains { !contracts.contains($0) })
    }

    @Test func prioritiesRepeatPerSLA() async {
        let client = await SimulatorClient.connected()
        let rows = await client.get("Priority").rows()
        #expect(rows.filter { $0["priorityid"] == 3 }.map { $0["name"] } == ["Medium", "Normal"])
        #expect(await client.get("Priority", ["slaid": "2"]).rows().count == 3)
        #expect(await client.get("SLA/2").rows("priorities").count == 3)
        #expect(!(await client.get("SLA")).rows()[0].has("priorities"))
        #expect(await client.get("SLA", ["showpriorities": "true"]).rows()[0].has("priorities"))
    }

    @Test func ticketTypesSayWhetherTheyCanBeCreatedAndHaveMoreInTheDetail() async {
        let client = await SimulatorClient.connected()
        let rows = await client.get("TicketType").rows()
        #expect(rows.map { $0["id"] } == [1, 3, 4, 5, 29, 40, 41, 42, 43])
        #expect(rows[3]["use"] == "projects")
        #expect(!rows[4].has("cancreate"))
        #expect(await client.get("TicketType", ["can_create_only": "true"]).rows().count == 8)
        #expect(await client.get("TicketType", ["showinactive": "true"]).rows().count == 10)
        #expect(!(await client.get("TicketType/1")).json.has("allowed_statuses"))
        let detail = await client.get("TicketType/1", ["includedetails": "true"])
        #expect(detail["default_sla"] == 1)
        #expect(detail["allowed_statuses"] == [1, 2, 3, 4, 5, 9, 21])
    }

    @Test func closedStatusesCanBeExcluded() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Status").rows().contains { $0["id"] == 9 })
        let open = await client.get("Status", ["excludeclosed": "true"]).rows().compactMap { $0["id"].integer }
        #expect(open == [1, 2, 3, 4, 5, 21])
    }

    @Test func unassignedDisabledAndAPIAgentsAreHiddenUnlessRequested() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Agent").rows().compactMap { $0["id"].integer } == [3, 4, 5, 6, 7])
        let all = await client.get("Agent", ["includeunassigned": "true", "includedisabled": "true", "includeapiagents": "true"]).rows()
        #expect(all.compactMap { $0["id"].integer } == [1, 3, 4, 5, 6, 7, 9, 10])
        #expect(await client.get("Agent/me")["isapiagent"] == true)
    }

    @Test func lookupsAndCategoriesAreFilteredByNumber() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Lookup", ["lookupid": "27"]).rows().map { $0["name"] } == ["High", "Medium", "Low"])
        #expect(await client.get("Category", ["type_id": "2"]).rows().count == 1)
        #expect(await client.get("Lookup/1").status == 404)
    }

    @Test func aUserRequiresANameThenASite() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Users", #"[{"emailaddress":"a@b.example"}]"#).json == "Username must be entered")
        #expect(await client.post("Users", #"[{"name":"A B"}]"#)["Message"] == "A Site must be selected")
        let made = await client.post("Users", #"[{"name":"A B","site_id":18}]"#)
        #expect(made.status == 201)
        #expect(made["client_id"] == 12)
        #expect(await client.get("Users/\(made["id"].integer ?? 0)")["name"] == "A B")
    }

    @Test func aClientRequiresAUniqueName() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Client", #"[{"name":""}]"#).json == "Invalid Name")
        #expect(await client.post("Client", #"[{"name":"unassigned"}]"#).json == "Name must be unique")
        let id = await client.post("Client", #"[{"name":"Newcomer"}]"#)["id"].integer ?? 0
        #expect(await client.post("Client", #"[{"id":\#(id),"ref":"N"}]"#)["name"] == "Newcomer")
        #expect(await client.post("Site", #"[{"name":"Main"}]"#).json == "Parameter client_id must be included")
        #expect(await client.post("Site", #"[{"name":"Main","client_id":\#(id)}]"#).text.contains("\"client_id\":\(id).0"))
        #expect(await client.delete("Client/\(id)").status == 200)
        #expect(await client.get("Client/\(id)").status == 404)
    }

    @Test func changesOfOtherRecordsAreFoundByTheirDate() async {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 10)
        _ = await client.post("Client", #"[{"id":14,"ref":"Z"}]"#)
        let since = HaloTime(client.clock.now).text()
        #expect(await client.get("Client", ["lastupdatefromdate": since]).ids("clients") == [14])
        #expect(await client.get("ClientContract", ["lastupdatefromdate": since]).rows("contracts").count > 3)
    }

    @Test func aWebhookIsStoredWithoutItsEvents() async {
        let client = await SimulatorClient.connected()
        #expect(await client.post("Webhook", #"[{"name":"h","url":"nonsense"}]"#).json == "Please enter a valid URL")
        let made = await client.post("Webhook", #"[{"name":"h","url":"https://a.example","events":[{"id":1}]}]"#)
        let id = made["id"].text ?? ""
        #expect(id.count == 36)
        #expect(made["events"] == [])
        #expect(await client.get("Webhook/\(id)")["name"] == "h")
        _ = await client.post("Notification", #"[{"webhook_id":"\#(id)","type":"-2","eventno":"3"}]"#)
        #expect(await client.get("Notification", ["webhook_id": id]).rows().count == 1)
        #expect(await client.get("Notification", ["webhook_id": SeedID.guid(1)]).rows().isEmpty)
        #expect(await client.delete("Webhook/\(id)").status == 200)
        #expect(await client.get("Webhook/nonsense").status == 404)
    }

    @Test func everyResourceHasAList() async {
        let client = await SimulatorClient.connected()
        for resource in Resource.allCases { #expect(await client.get(resource.rawValue).status == 200, "\(resource)") }
    }
}
