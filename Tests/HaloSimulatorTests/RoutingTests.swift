import PSATesting
import Testing
import WebServer
@testable import HaloSimulator

@Suite("Routing")
struct RoutingTests {
    @Test func routesAreCaseInsensitive() async {
        let client = await SimulatorClient.connected()
        for path in ["tickets", "TICKETS", "clientcontract", "recurringINVOICE", "agent/ME"] {
            #expect(await client.get(path).status == 200)
        }
    }

    @Test func anUnknownRouteIs404WithAnEmptyBody() async {
        let client = await SimulatorClient.connected()
        for path in ["Ticket", "Tickets/1/actions", "ServiceStatus"] {
            let answer = await client.get(path)
            #expect(answer.status == 404)
            #expect(answer.bytes.isEmpty)
        }
        #expect(await client.send("GET", "/somewhere").status == 404)
    }

    @Test func anIdThatIsNotANumberIsA400WithItsName() async {
        let answer = await SimulatorClient.connected().get("Tickets/probe")
        #expect(answer.status == 400)
        #expect(answer.text == #"{"id":["The value 'probe' is not valid."]}"#)
    }

    @Test func numbersBeyond32BitsAreRejectedEverywhere() async {
        let client = await SimulatorClient.connected()
        for number in ["2147483648", "-9223372036854775808", "99999999999999999999"] {
            #expect(await client.get("Tickets/\(number)").status == 400)
            #expect(await client.get("Tickets", ["client_id": number]).status == 400)
            #expect(await client.get("Actions", ["ticket_id": number]).status == 400)
        }
        let body = #"[{"ticket_id":-9223372036854775808,"outcome_id":7}]"#
        #expect(await client.post("Actions", body).text.contains("too large or small for an Int32"))
        #expect(await client.get("Tickets", ["pageinate": "true", "page_no": "2147483647"]).ids().isEmpty)
    }

    @Test func aQueryValueOfTheWrongTypeIsA400WithItsName() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Tickets", ["client_id": "acme"]).text == #"{"client_id":["The value 'acme' is not valid."]}"#)
        #expect(await client.get("Tickets", ["lastupdatefromdate": "soon"]).status == 400)
        #expect(await client.get("Client", ["toplevel_id": "x"]).status == 400)
    }

    @Test func aPriorityIsFoundByItsGuidAndNeverByItsNumber() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Priority/3").status == 404)
        let id = await client.get("Priority").rows().first?["id"].text ?? ""
        #expect(await client.get("Priority/\(id)").status == 200)
    }

    @Test func putAndDeleteAreRejectedWhereTheAPIHasNone() async {
        let client = await SimulatorClient.connected()
        #expect(await client.send("PUT", "/api/Tickets/1001", headers: ["Authorization": "Bearer \(client.token)"]).status == 405)
        #expect(await client.delete("Invoice/9001").status == 405)
        #expect(await client.post("Tickets/1001", "[]").status == 405)
    }

    @Test func anUnknownParameterIsIgnored() async {
        let client = await SimulatorClient.connected()
        #expect(await client.get("Tickets", ["clientid": "12"])["tickets"] == client.get("Tickets")["tickets"])
    }

    @Test func responsesHaveTheVendorsHeaders() async {
        let answer = await SimulatorClient.connected().get("Status")
        #expect(answer.headers["content-type"] == "application/json; charset=utf-8")
        #expect(answer.headers["cache-control"] == "no-cache, no-store, must-revalidate")
    }
}

@Suite("Authorization of API calls")
struct AuthorizationTests {
    @Test func withoutATokenTheAnswerIs401WithAnEmptyBody() async {
        var client = await SimulatorClient.connected()
        client.token = ""
        let answer = await client.get("Status")
        #expect(answer.status == 401)
        #expect(answer.bytes.isEmpty)
        #expect(answer.headers["WWW-Authenticate"]?.hasPrefix("Bearer") == true)
    }

    @Test func anUnknownTokenIs401() async {
        var client = await SimulatorClient.connected()
        client.token = "nonsense"
        #expect(await client.get("Status").status == 401)
    }

    @Test func anExpiredTokenIsRejected() async {
        let client = await SimulatorClient.connected()
        client.clock.advance(by: 3599)
        #expect(await client.get("Status").status == 200)
        client.clock.advance(by: 2)
        #expect(await client.get("Status").status == 401)
    }

    @Test(arguments: [
        ("Tickets", "read:tickets"), ("Client", "read:customers"), ("Client", "read:crm"), ("Users", "read:customers"),
        ("ClientContract", "read:contracts"), ("RecurringInvoice", "read:invoices"), ("Invoice", "read:invoices"),
        ("Actions", "read:tickets"),
    ])
    func aResourceRequiresItsScope(_ resource: String, _ scope: String) async {
        #expect(await SimulatorClient.connected(scope: scope).get(resource).status == 200)
        let other = await SimulatorClient.connected(scope: "read:kb").get(resource)
        #expect(other.status == 403)
        #expect(other.bytes.isEmpty)
    }

    @Test(arguments: ["Status", "TicketType", "Priority", "SLA", "Team", "Agent", "Category", "Outcome", "Lookup", "Agent/me"])
    func settingsRequireNoScope(_ resource: String) async {
        #expect(await SimulatorClient.connected(scope: "read:kb").get(resource).status == 200)
    }

    @Test func readingDoesNotAllowWriting() async {
        let client = await SimulatorClient.connected(scope: "read:tickets")
        #expect(await client.post("Tickets", #"[{"summary":"x"}]"#).status == 403)
        #expect(await client.post("Team", #"[{"name":"x"}]"#).status == 403)
    }

    @Test func webhooksAnswer401WhereOtherModulesAnswer403() async {
        #expect(await SimulatorClient.connected(scope: "read:tickets").get("Webhook").status == 401)
        #expect(await SimulatorClient.connected().get("Webhook").status == 200)
    }

    @Test func clientMeIsAlwaysUnauthorized() async {
        #expect(await SimulatorClient.connected().get("Client/me").status == 401)
    }
}
