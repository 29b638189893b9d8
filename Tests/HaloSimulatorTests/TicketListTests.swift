import PSATesting
import Testing
@testable import HaloSimulator

@Suite("Ticket lists")
struct TicketListTests {
    private func all(_ query: KeyValuePairs<String, String>, _ client: SimulatorClient) async -> [JSONValue] {
        await client.get("Tickets", query).rows("tickets")
    }

    @Test func newestTicketsComeFirstUnlessTheOrderSaysOtherwise() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Tickets").ids().first == 1250)
        #expect(await client.get("Tickets", ["order": "id"]).ids().first == 1001)
        #expect(await client.get("Tickets", ["order": "id", "orderdesc": "true"]).ids().first == 1250)
        #expect(await client.get("Tickets", ["order": "dateoccurred", "orderdesc": "true"]).ids().first == 1250)
        #expect(await client.get("Tickets", ["order": "dateoccurred", "orderdesc": "1"]).ids().first == 1001)
        #expect(await client.get("Tickets", ["order": "nonsense"]).ids().first == 1250)
    }

    @Test func aTicketWithAGivenDateIsSortedByIt() async {
        let client = await SimulatorClient.connected()
        _ = await client.post("Tickets", #"[{"summary":"old","dateoccurred":"2001-02-03T04:05:06"}]"#)
        #expect(await client.get("Tickets", ["order": "dateoccurred"]).ids().first == 1251)
        #expect(await client.get("Tickets").ids().first == 1250)
    }

    @Test func rowsHaveTheFieldsThatClientsRead() async {
        let rows = await all(["count": "250"], .connected())
        for row in rows {
            for field in [
                "id", "summary", "tickettype_id", "status_id", "priority_id", "sla_id", "client_id", "client_name", "site_id", "site_name",
                "user_id", "user_name", "agent_id", "team", "team_id", "dateoccurred", "last_update", "lastactiondate", "deadlinedate",
            ] { #expect(row.has(field)) }
            #expect(row["deadlinedate"] == "1900-01-01T00:00:00")
        }
    }

    @Test func rowsHaveNoNamesForStatusTypeAndAgentUnlessRequested() async {
        let client = await SimulatorClient.connected()
        let plain = await client.get("Tickets").rows("tickets")[0]
        let named = await client.get("Tickets", ["includeagent": "true", "includestatus": "true", "includetickettype": "true"]).rows(
            "tickets")[0]
        for field in ["status_name", "tickettype_name", "agent_name"] {
            #expect(!plain.has(field))
            #expect(named[field].text?.isEmpty == false)
        }
        #expect(plain["customfields"] == .null)
    }

    @Test func openTicketsLackTheFlagThatClosedOnesHave() async {
        let rows = await all(["count": "250"], .connected())
        let closed = rows.filter { $0["hasbeenclosed"].isTrue }
        #expect(closed.count > 50)
        #expect(rows.contains { !$0.has("hasbeenclosed") })
        #expect(closed.allSatisfy { $0["status_id"] == 9 })
        #expect(rows.allSatisfy { !$0.has("deleted") })
    }

    @Test func datesDifferInFractionAndZoneBetweenRows() async {
        let dates = await all(["count": "40"], .connected()).compactMap { $0["dateoccurred"].text }
        #expect(dates.contains { $0.hasSuffix("Z") } && dates.contains { !$0.hasSuffix("Z") })
        #expect(Set(dates.map(\.count)).count >= 8)
        #expect(dates.allSatisfy { HaloTime(text: $0) != nil })
    }

    @Test func openAndClosedTicketsTogetherAreTheDefaultList() async {
        let client = await SimulatorClient.connected()
        let open = await all(["open_only": "true", "count": "1000"], client)
        let closed = await all(["closed_only": "true", "count": "1000"], client)
        #expect(open.count + closed.count == 250)
        #expect(!open.isEmpty && open.allSatisfy { !$0["hasbeenclosed"].isTrue })
        #expect(!closed.isEmpty && closed.allSatisfy { $0["hasbeenclosed"].isTrue })
    }

    @Test func idFiltersAcceptOneOrSeveralIds() async {
        let client = await SimulatorClient.connected()
        let first = await all(["count": "1"], client)[0]
        let customer = first["client_id"].integer ?? 0
        let ofCustomer = await all(["client_id": "\(customer)", "count": "1000"], client)
        #expect(!ofCustomer.isEmpty && ofCustomer.allSatisfy { $0["client_id"] == .int(customer) })
        let states = await all(["status": "1,21", "count": "1000"], client)
        #expect(!states.isEmpty && states.allSatisfy { [1, 21].contains($0["status_id"].integer) })
        #expect(await client.get("Tickets", ["ticketids": "1001,1003"]).ids() == [1003, 1001])
        #expect(await client.get("Tickets", ["ticketids": "1001,1003", "excludethese": "1001"]).ids() == [1003])
        #expect(await all(["agent_id": "3", "priority": "1", "count": "1000"], client).allSatisfy { $0["priority_id"] == 1 })
    }

    @Test func changesSinceATimestampIncludeThatTimestamp() async {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 60)
        let changed = await client.post("Tickets", #"[{"id":1010,"summary":"changed"}]"#)["lastupdate"].text ?? ""
        #expect(await client.get("Tickets", ["lastupdatefromdate": changed]).ids() == [1010])
        let before = await client.get("Tickets", ["lastupdatetodate": changed, "count": "1000"])
        #expect(before.ids().count == 250)
        #expect(await client.get("Tickets", ["lastupdatefromdate": "2199-01-01T00:00:00"]).ids().isEmpty)
    }

    @Test func aDateSearchUsesTheVendorsSpelling() async {
        let client = await SimulatorClient.connected()
        // A row whose date shows all seven digits.
        let early = await client.get("Tickets/1055")["dateoccurred"].text ?? ""
        let found = await client.get("Tickets", ["datesearch": "dateoccured", "enddate": early, "count": "1000"])
        #expect(found.ids().count == 55)
        #expect(await client.get("Tickets", ["datesearch": "dateoccurred", "enddate": early, "count": "1000"]).ids().count == 250)
    }

    @Test func theSummarySearchIsCaseInsensitive() async {
        let client = await SimulatorClient.connected()
        let found = await all(["search_summary": "PRINTER", "count": "1000"], client)
        #expect(!found.isEmpty && found.count < 250)
        #expect(found.allSatisfy { $0["summary"].text?.lowercased().contains("printer") == true })
    }

    @Test func theExternalReferenceIsMatchedExactly() async {
        let client = await SimulatorClient.connected()
        let id = await client.post("Tickets", #"[{"summary":"x","third_party_id_string":"vectis:1"}]"#)["id"].integer ?? 0
        let found = await client.get("Tickets", ["third_party_id_string": "vectis:1"])
        #expect(found.ids() == [id])
        #expect(found.rows("tickets")[0]["third_party_id_string"] == "vectis:1")
        #expect(await client.get("Tickets", ["third_party_id_string": "vectis"]).ids().isEmpty)
        #expect(await client.simulator.tickets(thirdPartyIDString: "vectis:1").map(\.id) == [id])
    }

    @Test func anInvalidAdvancedSearchIsRejected() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Tickets", ["advanced_search": "x"]).json == "Invalid advanced search parameter")
        let unknown = #"[{"filter_name":"nope","filter_type":2,"filter_value":"x"}]"#
        #expect(await client.get("Tickets", ["advanced_search": unknown]).status == 400)
    }

    @Test func customFieldsAreInTheDetailWhenDetailsAreIncluded() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Tickets/1001")["customfields"] == .null)
        let fields = await client.get("Tickets/1001", ["includedetails": "true"]).rows("customfields")
        #expect(fields.map { $0["id"] } == [213, 214, 215])
        #expect(fields[1]["value"] == "10")
        #expect(fields[1]["display"] == "One desk")
    }

    @Test func theDetailHasThePriorityAsAnObject() async {
        let ticket = await SimulatorClient.connected().get("Tickets/1001")
        #expect(ticket["priority"]["priorityid"] == ticket["priority_id"])
        #expect(ticket["priority"]["slaid"] == ticket["sla_id"])
        #expect(ticket["web_url"] == "http://127.0.0.1:8181/ticket?id=1001")
    }

    @Test func onlyIdsAreSentWhenRequested() async {
        let row = await SimulatorClient.connected().get("Tickets", ["ticketidonly": "true"]).rows("tickets")[0]
        #expect(row.has("client_name") && !row.has("summary"))
    }
}

@Suite("Paging")
struct PagingTests {
    @Test func aNumberedPageHasItsRowsAndTheTotal() async {
        let answer = await SimulatorClient.connected().get(
            "Tickets", ["pageinate": "true", "page_no": "3", "page_size": "100", "order": "id"])
        #expect(answer.ids() == Array(1201...1250))
        #expect(answer["record_count"] == 250)
        #expect(answer["page_no"] == 3)
    }

    @Test func aPageNeverHasMoreThanAHundredRows() async {
        let answer = await SimulatorClient.connected().get("Tickets", ["pageinate": "true", "page_size": "1000"])
        #expect(answer.ids().count == 100)
        #expect(answer["record_count"] == 250)
    }

    @Test func withoutPageinateThePageNumberIsIgnoredAndRecordCountIsTheNumberOfSentRows() async {
        let client = await SimulatorClient.connected()
        let first = await client.get("Tickets", ["page_no": "2", "page_size": "100"])
        #expect(first.ids().count == 50)
        #expect(first["record_count"] == 50)
        #expect(first["tickets"] == (await client.get("Tickets"))["tickets"])
    }

    @Test func onlyTheTextTrueEnablesPaging() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Tickets", ["pageinate": "1", "page_size": "10"]).ids().count == 50)
        #expect(await client.get("Tickets", ["pageinate": "True", "page_size": "10"]).ids().count == 10)
    }

    @Test func theCountOfTicketsIsLimitedToAThousand() async {
        let client = await SimulatorClient.connected { $0.ticketCount = 1200 }
        let answer = await client.get("Tickets", ["count": "10000"])
        #expect(answer.ids().count == 1000)
        #expect(answer["record_count"] == 1000)
        #expect(await client.get("Tickets", ["count": "7"]).ids().count == 7)
    }

    @Test func allPagesTogetherContainEveryTicketOnce() async {
        let client = await SimulatorClient.connected()
        var seen: [Int] = []
        for page in 1...6 {
            seen += await client.get("Tickets", ["pageinate": "true", "page_no": "\(page)", "page_size": "50", "order": "id"]).ids()
        }
        #expect(seen == Array(1001...1250))
    }

    @Test func aPagePastTheEndIsEmpty() async {
        let answer = await SimulatorClient.connected().get("Tickets", ["pageinate": "true", "page_no": "9", "page_size": "100"])
        #expect(answer.rows("tickets").isEmpty)
        #expect(answer["record_count"] == 250)
    }

    @Test(arguments: ["Client": "clients", "Site": "sites", "Users": "users", "ClientContract": "contracts", "Invoice": "invoices"])
    func otherListsArePagedTheSameWay(_ resource: String, _ key: String) async {
        let client = await SimulatorClient.connected { $0.companyCount = 60 }
        let answer = await client.get(resource, ["pageinate": "true", "page_no": "2", "page_size": "10"])
        #expect(answer.rows(key).count == 10)
        #expect((answer["record_count"].integer ?? 0) > 20)
    }

    @Test(arguments: ["Status", "TicketType", "Priority", "Team", "Category", "Outcome", "SLA", "Lookup"])
    func bareArraysIgnorePaging(_ resource: String) async {
        let client = await SimulatorClient.connected()
        let paged = await client.get(resource, ["pageinate": "true", "page_no": "2", "page_size": "1"])
        #expect(paged.rows().count > 1)
        #expect(paged.json == (await client.get(resource)).json)
    }

    @Test func agentsAreABareArrayThatPagingWrapsUnchanged() async {
        let client = await SimulatorClient.connected()
        let bare = await client.get("Agent").rows()
        let paged = await client.get("Agent", ["pageinate": "true", "page_size": "1"])
        #expect(bare.count == 5)
        #expect(paged.rows("results") == bare)
    }
}
