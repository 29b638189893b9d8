import Testing

@testable import HaloSimulator

@Suite("Paging")
struct PagingTests {
    @Test func aNumberedPageHasItsRowsAndTheGrandTotal() async {
        let answer = await TenantClient.connected().get(
            "Tickets", ["pageinate": "true", "page_no": "3", "page_size": "100", "order": "id"])
        #expect(answer.ids() == Array(1201...1250))
        #expect(answer["record_count"] == 250)
        #expect(answer["page_no"] == 3)
    }

    @Test func aPageNeverHasMoreThanAHundredRows() async {
        let answer = await TenantClient.connected().get("Tickets", ["pageinate": "true", "page_size": "1000"])
        #expect(answer.ids().count == 100)
        #expect(answer["record_count"] == 250)
    }

    @Test func withoutPageinateThePageNumberIsIgnoredAndTheCountIsOfTheRowsSent() async {
        let client = await TenantClient.connected()
        let first = await client.get("Tickets", ["page_no": "2", "page_size": "100"])
        #expect(first.ids().count == 50)
        #expect(first["record_count"] == 50)
        #expect(first["tickets"] == (await client.get("Tickets"))["tickets"])
    }

    @Test func onlyTheWordTrueTurnsPagingOn() async {
        let client = await TenantClient.connected()
        #expect(await client.get("Tickets", ["pageinate": "1", "page_size": "10"]).ids().count == 50)
        #expect(await client.get("Tickets", ["pageinate": "True", "page_size": "10"]).ids().count == 10)
    }

    @Test func theCountOfTicketsStopsAtAThousand() async {
        let client = await TenantClient.connected { $0.ticketCount = 1200 }
        let answer = await client.get("Tickets", ["count": "10000"])
        #expect(answer.ids().count == 1000)
        #expect(answer["record_count"] == 1000)
        #expect(await client.get("Tickets", ["count": "7"]).ids().count == 7)
    }

    @Test func pagesTogetherHaveEveryTicketOnce() async {
        let client = await TenantClient.connected()
        var seen: [Int] = []
        for page in 1...6 {
            seen += await client.get("Tickets", ["pageinate": "true", "page_no": "\(page)", "page_size": "50", "order": "id"]).ids()
        }
        #expect(seen == Array(1001...1250))
    }

    @Test func aPagePastTheEndIsEmpty() async {
        let answer = await TenantClient.connected().get("Tickets", ["pageinate": "true", "page_no": "9", "page_size": "100"])
        #expect(answer.rows("tickets").isEmpty)
        #expect(answer["record_count"] == 250)
    }

    @Test(arguments: ["Client": "clients", "Site": "sites", "Users": "users", "ClientContract": "contracts", "Invoice": "invoices"])
    func otherListsPageAlike(_ resource: String, _ key: String) async {
        let client = await TenantClient.connected { $0.companyCount = 60 }
        let answer = await client.get(resource, ["pageinate": "true", "page_no": "2", "page_size": "10"])
        #expect(answer.rows(key).count == 10)
        #expect((answer["record_count"].integer ?? 0) > 20)
    }

    @Test(arguments: ["Status", "TicketType", "Priority", "Team", "Category", "Outcome", "SLA", "Lookup"])
    func bareArraysIgnorePaging(_ resource: String) async {
        let client = await TenantClient.connected()
        let paged = await client.get(resource, ["pageinate": "true", "page_no": "2", "page_size": "1"])
        #expect(paged.rows().count > 1)
        #expect(paged.json == (await client.get(resource)).json)
    }

    @Test func agentsAreABareArrayThatPagingWrapsWhole() async {
        let client = await TenantClient.connected()
        let bare = await client.get("Agent").rows()
        let paged = await client.get("Agent", ["pageinate": "true", "page_size": "1"])
        #expect(bare.count == 5)
        #expect(paged.rows("results") == bare)
    }
}
