import Synchronization
import Testing

@testable import HaloSimulator

@Suite("Lists with damaged or ignored parts")
struct ListFaultTests {
    private let page: KeyValuePairs<String, String> = ["pageinate": "true", "page_size": "100", "page_no": "1", "order": "id"]

    @Test(arguments: RowDefect.allCases) func aRowCanHaveADefect(_ defect: RowDefect) async {
        let client = await SimulatorClient.connected()
        for (kind, path, key, id) in [
            (HaloSimulator.RecordKind.tickets, "Tickets", "tickets", 1001), (.clients, "Client", "clients", 1),
            (.users, "Users", "users", 30), (.agreements, "ClientContract", "contracts", 300),
            (.recurringInvoices, "RecurringInvoice", "invoices", -240),
        ] {
            let before = await client.get(path, page).rows(key)
            #expect(await client.simulator.setDefect(defect, of: kind, id), "\(kind)")
            let rows = await client.get(path, page).rows(key)
            #expect(rows.count == before.count)
            switch defect {
            case .missingID: #expect(rows.contains { !$0.has("id") }, "\(kind)")
            case .textID: #expect(rows.contains { $0["id"].text == "X-\(id)" }, "\(kind)")
            case .farDates: #expect(kind == .clients || kind == .users || "\(rows)".contains("99999-12-31"), "\(kind)")
            }
            #expect(await client.simulator.setDefect(nil, of: kind, id))
            #expect(await client.get(path, page).rows(key) == before)
            #expect(await !client.simulator.setDefect(defect, of: kind, 987_654))
        }
    }

    @Test func filtersForChangesCanBeIgnoredPerResource() async throws {
        let client = await SimulatorClient.connected()
        let farFuture: KeyValuePairs<String, String> = ["lastupdatefromdate": "2199-01-01T00:00:00Z"]
        func counts() async -> [Int] {
            await [
                client.get("Tickets", farFuture).ids().count, client.get("Client", farFuture).ids("clients").count,
                client.get("Users", farFuture).ids("users").count,
            ]
        }
        #expect(await counts() == [0, 0, 0])
        await client.simulator.setFaults([try HaloFault(parsing: "date-filter-ignored:clients")])
        #expect(await counts() == [0, 23, 0])
        await client.simulator.setFault(try HaloFault(parsing: "date-filter-ignored:tickets"), isActive: true)
        #expect(await counts() == [50, 23, 0])
        await client.simulator.setFaults([HaloFault(.dateFilterIgnored)])
        #expect(await counts() == [50, 23, 50])
    }

    @Test func theFilterForDeletedTicketsSelectsAddsOrDoesNothing() async {
        let client = await SimulatorClient.connected()
        await client.simulator.change(ticket: 1005, .deleted)
        func listed() async -> [Int] { await client.get("Tickets", ["deleted": "true", "count": "1000"]).ids() }
        #expect(await listed() == [1005])
        await client.simulator.setFaults([HaloFault(.deletedFilter, "included")])
        #expect(await listed() == Array(1001...1250).reversed())
        await client.simulator.setFaults([HaloFault(.deletedFilter, "ignored")])
        #expect(await listed() == (1001...1250).filter { $0 != 1005 }.reversed())
    }

    @Test func closedAndMergedTicketsCanBeLeftOut() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.closedHidden), HaloFault(.mergedHidden)])
        let closed = Set(await client.simulator.tickets().filter(\.isClosed).map(\.id))
        func listed(_ name: String = "count") async -> Set<Int> {
            Set(await client.get("Tickets", [name: "true", "page_size": "1"]).ids())
        }
        #expect(await listed("open_only").isDisjoint(with: closed))
        let all: KeyValuePairs<String, String> = ["count": "1000", "includeclosed": "true"]
        #expect(await Set(client.get("Tickets", ["count": "1000"]).ids()).isDisjoint(with: closed))
        #expect(await client.get("Tickets", all).ids().count == 250)
        #expect(await Set(client.get("Tickets", ["count": "1000", "closed_only": "true"]).ids()) == closed)
        await client.simulator.change(ticket: 1005, .merged(into: 1006))
        #expect(await client.get("Tickets", all).ids().count == 249)
        #expect(await client.get("Tickets/1005")["merged_into_id"] == 1006)
    }

    @Test func aPageCanRepeatTheOneBeforeIt() async {
        let client = await SimulatorClient.connected(faults: [HaloFault(.repeatPage, "2")])
        func page(_ number: Int) async -> [Int] {
            await client.get("Tickets", ["pageinate": "true", "page_size": "100", "page_no": "\(number)", "order": "id"]).ids()
        }
        #expect(await page(2) == page(1))
        #expect(await page(3) == Array(1201...1250))
    }

    @Test func onlyOneListCanBeRefusedAndAllowedAgain() async throws {
        let client = await SimulatorClient.connected()
        let fault = try HaloFault(parsing: "deny:contracts")
        await client.simulator.setFault(fault, isActive: true)
        #expect(await client.get("ClientContract").status == 403)
        #expect(await client.get("Tickets").status == 200)
        await client.simulator.setFault(fault, isActive: false)
        #expect(await client.get("ClientContract").status == 200)
    }

    @Test func addingAFaultKeepsTheCountsOfTheOthers() async throws {
        let client = await SimulatorClient.connected(faults: [HaloFault(.flaky, "1")])
        #expect(await client.get("Status").status == 503)
        await client.simulator.setFault(HaloFault(.closedHidden), isActive: true)
        #expect(await client.get("Status").status == 200)
        #expect(await client.simulator.faults().count == 2)
    }

    @Test func recordsCanChangeBetweenTwoRequests() async {
        let client = await SimulatorClient.connected()
        let seen = Mutex<[String]>([])
        await client.simulator.afterEachRequest { simulator, request in
            seen.withLock {
                $0.append("\(request.method) \(request.resource) \(request.recordID ?? "-") \(request.page) \(request.status)")
            }
            guard request.isList, request.resource == "Tickets", request.page == 1 else { return }
            simulator.change(ticket: 1001, .deleted)
        }
        func page(_ number: Int) async -> [Int] {
            await client.get("Tickets", ["pageinate": "true", "page_size": "100", "page_no": "\(number)", "order": "id"]).ids()
        }
        #expect(await page(1).first == 1001)
        // What was the first row of page 2 has moved to page 1.
        #expect(await page(2).first == 1102)
        _ = await client.get("Tickets/1001")
        _ = await client.get("InstanceInfo")
        await client.simulator.setFaults([HaloFault(.deny, "users")])
        _ = await client.get("Users")
        await client.simulator.afterEachRequest(nil)
        _ = await client.get("Users")
        #expect(
            seen.withLock { $0 } == ["GET Tickets - 1 200", "GET Tickets - 2 200", "GET Tickets 1001 1 404", "GET Users - 1 403"])
    }

    @Test func tablesAreOrderedByID() async {
        let client = await SimulatorClient.connected()
        let ids = await client.get("RecurringInvoice", page).ids("invoices")
        #expect(ids == ids.sorted() && ids.contains { $0 < 0 } && ids.contains { $0 > 0 })
    }
}
