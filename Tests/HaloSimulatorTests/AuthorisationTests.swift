import Testing
import WebServer

@testable import HaloSimulator

@Suite("Authorisation of API calls")
struct AuthorisationTests {
    @Test func withoutATokenTheAnswerIs401WithAnEmptyBody() async {
        var client = await TenantClient.connected()
        client.token = ""
        let answer = await client.get("Status")
        #expect(answer.status == 401)
        #expect(answer.bytes.isEmpty)
        #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
    }

    @Test func anUnknownTokenIs401() async {
        var client = await TenantClient.connected()
        client.token = "nonsense"
        #expect(await client.get("Status").status == 401)
    }

    @Test func aTokenIsRefusedOnceItsTimeIsUp() async {
        let client = await TenantClient.connected()
        client.clock.advance(seconds: 3599)
        #expect(await client.get("Status").status == 200)
        client.clock.advance(seconds: 2)
        #expect(await client.get("Status").status == 401)
    }

    @Test(arguments: [
        ("Tickets", "read:tickets"), ("Client", "read:customers"), ("Client", "read:crm"), ("Users", "read:customers"),
        ("ClientContract", "read:contracts"), ("RecurringInvoice", "read:invoices"), ("Invoice", "read:invoices"),
        ("Actions", "read:tickets"),
    ])
    func aResourceNeedsItsScope(_ resource: String, _ scope: String) async {
        #expect(await TenantClient.connected(scope: scope).get(resource).status == 200)
        let other = await TenantClient.connected(scope: "read:kb").get(resource)
        #expect(other.status == 403)
        #expect(other.bytes.isEmpty)
    }

    @Test(arguments: ["Status", "TicketType", "Priority", "SLA", "Team", "Agent", "Category", "Outcome", "Lookup", "Agent/me"])
    func settingsNeedNoScopeOfTheirOwn(_ resource: String) async {
        #expect(await TenantClient.connected(scope: "read:kb").get(resource).status == 200)
    }

    @Test func readingDoesNotAllowWriting() async {
        let client = await TenantClient.connected(scope: "read:tickets")
        #expect(await client.post("Tickets", #"[{"summary":"x"}]"#).status == 403)
        #expect(await client.post("Team", #"[{"name":"x"}]"#).status == 403)
    }

    @Test func webhooksAnswer401WhereOtherModulesAnswer403() async {
        #expect(await TenantClient.connected(scope: "read:tickets").get("Webhook").status == 401)
        #expect(await TenantClient.connected().get("Webhook").status == 200)
    }

    @Test func theClientOfAnAgentIsNeverAllowed() async {
        #expect(await TenantClient.connected().get("Client/me").status == 401)
    }
}
