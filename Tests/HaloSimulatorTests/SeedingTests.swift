import FoundationEssentials
import PSATesting
import Testing

@testable import HaloSimulator

@Suite("Seeded data")
struct SeedingTests {
    @Test func theSameSeedAndClockCreateTheSameTenant() async {
        for path in ["Tickets", "Client", "Users", "RecurringInvoice"] {
            let first = await SimulatorClient.connected().get(path).bytes
            let second = await SimulatorClient.connected().get(path).bytes
            #expect(first == second)
        }
        let one = await SimulatorClient.connected().get("Tickets").bytes
        let other = await SimulatorClient.connected { $0.seed = 2 }.get("Tickets").bytes
        #expect(one != other)
    }

    @Test func ticketsAreSpreadOverCustomersTypesStatusesAndAges() async {
        let rows = await SimulatorClient.connected().get("Tickets", ["count": "1000"]).rows("tickets")
        for (field, least) in [
            ("client_id", 15), ("tickettype_id", 5), ("status_id", 6), ("priority_id", 4), ("agent_id", 5), ("team_id", 3),
        ] {
            #expect(Set(rows.map { $0[field] }).count >= least, "\(field)")
        }
    }

    @Test func ticketsReferToExistingRecords() async {
        let client = await SimulatorClient.connected()
        let store = await client.simulator.store
        for record in store.tickets.records {
            #expect(store[.client].row(record.clientID) != nil)
            #expect(store[.site].row(record.siteID)?.fields["client_id"]?.integer == record.clientID)
            #expect(record.userID == -1 || store[.users].row(record.userID)?.fields["site_id_int"] == .int(record.siteID))
            #expect(store.priorityRow(sla: record.slaID, priority: record.priorityID) != nil)
            #expect(store[.ticketType].row(record.typeID)?.fields["default_sla"] == .int(record.slaID))
            #expect(record.created <= record.updated && record.updated <= HaloTime(client.clock.now))
        }
    }

    @Test func namesAreUniqueAndDomainsAreReserved() async {
        let client = await SimulatorClient.connected { $0.companyCount = 450 }
        let names = await client.simulator.store[.client].rows.compactMap { $0.fields["name"]?.text }
        #expect(Set(names).count == 451)
        let addresses = await client.simulator.store[.users].rows.compactMap { $0.fields["emailaddress"]?.text }.filter { !$0.isEmpty }
        #expect(!addresses.isEmpty && addresses.allSatisfy { $0.hasSuffix(".example") })
    }

    @Test func manyTicketsAreSpreadOverTwoYears() async {
        let client = await SimulatorClient.connected { $0.ticketCount = 100_000 }
        let tickets = await client.simulator.tickets()
        #expect(tickets.count == 100_000)
        for dates in [tickets.map(\.created), tickets.map(\.updated)] {
            let days = Dictionary(grouping: dates) { Int($0.timeIntervalSince1970 / 86_400) }
            #expect(days.count > 700 && days.values.allSatisfy { $0.count < 2_000 })
        }
    }

    @Test func rowsGrowByTheConfiguredPadding() async {
        let plain = await SimulatorClient.connected().get("Tickets", ["count": "1"]).bytes.count
        let padded = await SimulatorClient.connected { $0.rowPadding = 7000 }.get("Tickets", ["count": "1"]).bytes.count
        #expect((7000...7100).contains(padded - plain))
    }

    @Test func anEmptyTenantAnswers() async {
        let client = await SimulatorClient.connected {
            $0.ticketCount = 0
            $0.companyCount = 0
            $0.contactCount = 0
        }
        #expect(await client.get("Tickets", ["pageinate": "true"])["record_count"] == 0)
        #expect(await client.post("Tickets", #"[{"summary":"first"}]"#)["id"] == 1001)
    }
}
