import Testing
import WebServer

@testable import HaloSimulator

@Suite("Control routes")
struct ControlTests {
    @Test func faultsAreSwitchedByTheirNames() async {
        let client = await TenantClient.connected()
        let put = await client.send("PUT", "/_simulator/faults", body: #"["server-error","deny:contracts"]"#)
        #expect(put.status == 200)
        #expect(await client.simulator.faults() == [HaloFault(.serverError), HaloFault(.deny, "contracts")])
        #expect(await client.send("GET", "/_simulator/faults").json == ["server-error", "deny:contracts"])
        #expect(await client.get("Status").status == 500)
        #expect(await client.send("PUT", "/_simulator/faults", body: "[]").status == 200)
        #expect(await client.get("Status").status == 200)
    }

    @Test func anUnknownFaultChangesNothing() async {
        let client = await TenantClient.connected(faults: [HaloFault(.html502)])
        let answer = await client.send("PUT", "/_simulator/faults", body: #"["nonsense"]"#)
        #expect(answer.status == 400)
        #expect(answer["error"].text?.contains("nonsense") == true)
        #expect(await client.send("PUT", "/_simulator/faults", body: "{}").status == 400)
        #expect(await client.simulator.faults() == [HaloFault(.html502)])
    }

    @Test func requestsAreLoggedWithoutSecrets() async {
        let client = await TenantClient.connected()
        _ = await client.get("Tickets", ["count": "3"])
        let log = await client.simulator.requestLog()
        #expect(log.map(\.path) == ["/auth/token", "/api/Tickets"])
        #expect(log[1].query.map(\.name) == ["count"])
        #expect(log[1].headers["Authorization"] == nil)
        let shown = await client.send("GET", "/_simulator/requests").text
        #expect(shown.contains("client_secret=[redacted]"))
        #expect(!shown.contains(HaloSimulator.Configuration.demoClientSecret) && !shown.contains(client.token))
        #expect(await client.send("DELETE", "/_simulator/requests").status == 204)
        #expect(await client.simulator.requestLog().isEmpty)
    }

    @Test func theLogKeepsTheLastTenThousand() {
        var journal = RequestJournal()
        for number in 0..<20_500 { journal.record(.init(method: "GET", path: "/api/\(number)")) }
        #expect(journal.entries.count == 10_000)
        #expect(journal.entries.last?.path == "/api/20499")
        #expect(journal.total == 20_500)
    }

    @Test func theStateCountsWhatIsThere() async {
        let client = await TenantClient.connected()
        _ = await client.post("Tickets", #"[{"summary":"x"}]"#)
        let state = await client.send("GET", "/_simulator/state")
        #expect(state["Tickets"] == 251)
        #expect(state["Client"] == 25)
        #expect(state["TokensIssued"] == 1)
    }

    @Test func theCatalogueCanBeAskedFor() async {
        let lines = await TenantClient.connected().send("GET", "/_simulator/catalogue").rows()
        #expect(lines.count == HaloFault.Kind.allCases.count)
    }

    @Test func aRealLimitCountsARollingWindow() async {
        let client = await TenantClient.connected { $0.rateLimit = .init(requests: 2, windowSeconds: 10) }
        #expect(await client.get("Status").status == 200)
        client.clock.advance(seconds: 4)
        #expect(await client.get("Status").status == 200)
        let refused = await client.get("Status")
        #expect(refused.status == 429)
        #expect(refused.headers["Retry-After"] == "6")
        client.clock.advance(seconds: 6)
        #expect(await client.get("Status").status == 200)
        #expect(await client.get("Status").status == 429)
    }

    @Test func aLimitMayKeepItsWaitToItself() async {
        let client = await TenantClient.connected { $0.rateLimit = .init(requests: 0, windowSeconds: 10, sendsRetryAfter: false) }
        let refused = await client.get("Status")
        #expect(refused.status == 429)
        #expect(refused.headers["Retry-After"] == nil)
    }
}
