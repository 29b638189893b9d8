import FoundationEssentials
import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Changes of records other than tickets")
struct RecordChangeTests {
    private func since(_ client: SimulatorClient) -> String { HaloTime(client.clock.now).text() }

    private func rows(_ client: SimulatorClient, _ path: String, _ key: String, since: String) async -> [Int] {
        await client.get(path, ["lastupdatefromdate": since, "includeinactive": "true", "count": "1000"]).ids(key).sorted()
    }

    @Test func aCustomerIsCreatedRenamedDeactivatedAndRemoved() async {
        let client = await SimulatorClient.connected()
        let simulator = client.simulator
        client.clock.advance(by: 10)
        let id = await simulator.createClient(named: "Newcomer")
        #expect(await rows(client, "Client", "clients", since: since(client)) == [id])
        client.clock.advance(by: 10)
        #expect(await rows(client, "Client", "clients", since: since(client)) == [])
        #expect(await simulator.change(client: id, .renamed("Old Hand")))
        #expect(await rows(client, "Client", "clients", since: since(client)) == [id])
        #expect(await client.get("Client/\(id)")["name"] == "Old Hand")
        client.clock.advance(by: 10)
        await simulator.change(client: id, .active(false))
        #expect(await !client.get("Client", ["count": "1000"]).ids("clients").contains(id))
        #expect(await rows(client, "Client", "clients", since: since(client)) == [id])
        #expect(await simulator.clients().last == .init(id: id, name: "Old Hand", isActive: false, updated: client.clock.now))
        #expect(await simulator.change(client: id, .removed))
        #expect(await client.get("Client/\(id)").status == 404)
        #expect(await !simulator.change(client: id, .removed))
        #expect(await !simulator.change(client: id, .renamed("x")))
        // Ids are never reused.
        #expect(await simulator.createClient(named: "Another") == id + 1)
    }

    @Test func aNewNameOfACustomerShowsInOtherRecordsWithoutMovingTheirDates() async {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 10)
        await client.simulator.change(client: 12, .renamed("Renamed"))
        let users = await client.simulator.users().filter { $0.clientID == 12 }
        #expect(!users.isEmpty && users.allSatisfy { $0.clientName == "Renamed" && $0.updated < client.clock.now })
        #expect(await rows(client, "Users", "users", since: since(client)) == [])
        #expect(await client.get("ClientContract", ["client_id": "12"]).rows("contracts").first?["client_name"] == "Renamed")
    }

    @Test func aUserIsCreatedRenamedMovedAndRemoved() async throws {
        let client = await SimulatorClient.connected()
        let simulator = client.simulator
        #expect(await simulator.createUser(named: "x", ofClient: 9_999) == nil)
        client.clock.advance(by: 10)
        let id = try #require(await simulator.createUser(named: "Ada Ashdown", ofClient: 12))
        #expect(await rows(client, "Users", "users", since: since(client)) == [id])
        client.clock.advance(by: 10)
        await simulator.change(user: id, .renamed("Ada Larkmoor"))
        await simulator.change(user: id, .moved(toClient: 13))
        let row = await client.get("Users/\(id)")
        #expect(row["name"] == "Ada Larkmoor" && row["client_id"].integer == 13)
        #expect(row["client_name"].text == (await simulator.clientName(13)))
        #expect(await rows(client, "Users", "users", since: since(client)) == [id])
        #expect(await !simulator.change(user: id, .moved(toClient: 9_999)))
        await simulator.change(user: id, .active(false))
        #expect(await simulator.users().last?.isActive == false)
        #expect(await simulator.change(user: id, .removed))
        #expect(await client.get("Users/\(id)").status == 404)
    }

    @Test func aContractIsCreatedEndedAndRemoved() async throws {
        let client = await SimulatorClient.connected()
        let simulator = client.simulator
        #expect(await simulator.createAgreement(ofClient: 9_999, reference: "x") == nil)
        let id = try #require(await simulator.createAgreement(ofClient: 12, reference: "MSA-1"))
        #expect(await simulator.agreements().last?.isActive == true)
        #expect(await client.get("ClientContract", ["count": "1000"]).ids("contracts").contains(id))
        await simulator.change(agreement: id, .ends(client.clock.now.addingTimeInterval(3_600)))
        #expect(await simulator.agreements().last?.isActive == true)
        await simulator.change(agreement: id, .ended)
        let ended = try #require(await simulator.agreements().last)
        #expect(!ended.isActive && ended.end.map { $0 < client.clock.now } == true)
        #expect(await !client.get("ClientContract", ["count": "1000"]).ids("contracts").contains(id))
        #expect(await client.get("ClientContract", ["count": "1000", "includeinactive": "true"]).ids("contracts").contains(id))
        #expect(await simulator.change(agreement: id, .removed))
        #expect(await client.get("ClientContract/\(id)").status == 404)
    }

    @Test func aRecurringInvoiceIsCreatedChangedAndRemoved() async throws {
        let client = await SimulatorClient.connected()
        let simulator = client.simulator
        let id = try #require(await simulator.createRecurringInvoice(ofClient: 12, total: 120))
        await simulator.change(recurringInvoice: id, .total(150))
        let detail = await client.get("RecurringInvoice/\(id)", ["includedetails": "true"])
        #expect(detail["total"].number == 150)
        await simulator.change(recurringInvoice: id, .disabled(true))
        #expect(await simulator.recurringInvoices().first { $0.id == id }?.isDisabled == true)
        #expect(await simulator.change(recurringInvoice: id, .removed))
        #expect(await !client.get("RecurringInvoice", ["count": "1000"]).ids("invoices").contains(id))
        #expect(await simulator.recurringInvoices().map(\.id) == simulator.recurringInvoices().map(\.id).sorted())
    }

    @Test func recordsAreCreatedAndChangedByTheControlRoutes() async {
        let client = await SimulatorClient.connected()
        func post(_ path: String, _ body: String) async -> ClientResponse { await client.send("POST", "/_simulator/\(path)", body: body) }
        let id = await post("clients", #"{"name":"Newcomer"}"#)["id"].integer ?? 0
        let user = await post("users", #"{"name":"Ada","client_id":\#(id)}"#)["id"].integer ?? 0
        let contract = await post("agreements", #"{"name":"MSA","client_id":\#(id)}"#)["id"].integer ?? 0
        let invoice = await post("recurring-invoices", #"{"total":99.5,"client_id":\#(id)}"#)["id"].integer ?? 0
        let ticket = await post("tickets", #"{"summary":"Printer jams","client_id":\#(id)}"#)["id"].integer ?? 0
        #expect(await client.simulator.ticket(ticket)?.clientID == id)
        for (path, body) in [
            ("clients/\(id)", #"{"name":"Renamed"}"#), ("clients/\(id)", #"{"inactive":true}"#), ("users/\(user)", #"{"name":"Bea"}"#),
            ("users/\(user)", #"{"inactive":true}"#), ("users/\(user)", #"{"client_id":13}"#), ("agreements/\(contract)", #"{"name":"B"}"#),
            ("agreements/\(contract)", #"{"end_date":"2020-01-01"}"#), ("agreements/\(contract)", #"{"ended":true}"#),
            ("recurring-invoices/\(invoice)", #"{"total":10}"#), ("recurring-invoices/\(invoice)", #"{"disabled":true}"#),
            ("clients/\(id)", #"{"defect":"far-dates"}"#), ("clients/\(id)", #"{"defect":null}"#),
        ] { #expect(await post(path, body).status == 204, "\(path) \(body)") }
        let shown = await client.send("GET", "/_simulator/records/users").rows().last
        #expect(shown?["name"] == "Bea" && shown?["client_id"] == 13 && shown?["inactive"] == true)
        #expect(await client.send("GET", "/_simulator/records/agreements").rows().last?["active"] == false)
        #expect(await client.send("GET", "/_simulator/records/recurring-invoices").rows().last?["total"].number == 10)
        #expect(await client.send("GET", "/_simulator/records/clients").rows().last?["name"] == "Renamed")
        let row = await client.send("GET", "/_simulator/records/tickets").rows().last
        #expect(row?["id"].integer == ticket && row?["actions"] == [1] && row?["deleted"] == false)
        for path in ["clients/\(id)", "users/\(user)", "agreements/\(contract)", "recurring-invoices/\(invoice)"] {
            #expect(await post(path, #"{"removed":true}"#).status == 204)
            #expect(await post(path, #"{"removed":true}"#).status == 404)
        }
    }

    @Test(arguments: [
        ("clients", "{}", 400), ("clients", "[]", 400), ("users", #"{"name":"x"}"#, 400), ("users", #"{"name":"x","client_id":9999}"#, 404),
        ("tickets", "{}", 400), ("tickets", #"{"summary":"x","client_id":9999}"#, 404), ("clients/12", #"{"sold":true}"#, 400),
        ("clients/12", #"{"name":"x","inactive":true}"#, 400), ("clients/x", #"{"name":"x"}"#, 404),
        ("clients/12", #"{"defect":"x"}"#, 400),
        ("agreements/300", #"{"end_date":"soon"}"#, 400), ("recurring-invoices/-240", #"{"total":"much"}"#, 400),
        ("sheep", #"{"name":"x"}"#, 404), ("tickets/1005/actions", "{}", 400), ("tickets/7/actions", #"{"note":"x"}"#, 404),
        ("tickets/1005", #"{"status_id":777}"#, 404),
    ])
    func anInvalidControlRequestChangesNothing(_ path: String, _ body: String, _ status: Int) async {
        let client = await SimulatorClient.connected()
        let before = await (client.simulator.clients(), client.simulator.agreements(), client.simulator.tickets())
        #expect(await client.send("POST", "/_simulator/\(path)", body: body).status == status)
        let after = await (client.simulator.clients(), client.simulator.agreements(), client.simulator.tickets())
        #expect(before.0 == after.0 && before.1 == after.1 && before.2 == after.2)
        #expect(await client.send("GET", "/_simulator/records/sheep").status == 404)
    }
}
