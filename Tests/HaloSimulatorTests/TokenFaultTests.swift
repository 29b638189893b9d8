import Testing
import WebServer

@testable import HaloSimulator

@Suite("Faults of the token")
struct TokenFaultTests {
    @Test(
        arguments: [
            (.tokenInvalidClient, 401, "invalid_client"), (.tokenUnauthorizedClient, 400, "unauthorized_client"),
            (.tokenInvalidScope, 400, "invalid_scope"),
        ] as [(HaloFault.Kind, Int, String)])
    func theEndpointRefusesInOAuthWords(_ kind: HaloFault.Kind, _ status: Int, _ error: String) async {
        let client = await TenantClient.connected(faults: [HaloFault(kind)])
        let answer = await client.requestToken()
        #expect(answer.status == status)
        #expect(answer["error"] == .string(error))
        #expect(await client.get("Status").status == 200)
    }

    @Test(
        arguments: [
            (.tokenNotFound, 404, false), (.tokenNotFoundHTML, 404, true), (.tokenServerError, 500, true), (.tokenHTMLLoginPage, 200, true),
        ] as [(HaloFault.Kind, Int, Bool)])
    func theEndpointIsNotWhatItShouldBe(_ kind: HaloFault.Kind, _ status: Int, _ isPage: Bool) async {
        let client = await TenantClient.connected(faults: [HaloFault(kind)])
        let answer = await client.requestToken()
        #expect(answer.status == status)
        #expect(answer.text.contains("<html") == isPage)
        #expect(answer.bytes.isEmpty == !isPage)
        #expect(await client.send("GET", "/api/InstanceInfo").status == 200)
    }

    @Test func theEndpointThrottles() async {
        let answer = await TenantClient.connected(faults: [HaloFault(.tokenRateLimited, "7")]).requestToken()
        #expect(answer.status == 429)
        #expect(answer.headers["Retry-After"] == "7")
    }

    @Test func theReplyLacksItsFields() async {
        let answer = await TenantClient.connected(faults: [HaloFault(.tokenMissingFields)]).requestToken()
        #expect(answer.status == 200)
        #expect(answer.json == ["token_type": "Bearer"])
    }

    @Test func aTokenSaysItExpiresNowAndWorks() async {
        var client = await TenantClient.connected(faults: [HaloFault(.tokenExpiresNow)])
        let answer = await client.requestToken()
        #expect(answer["expires_in"] == 0)
        client.token = answer["access_token"].text ?? ""
        #expect(await client.get("Status").status == 200)
    }

    @Test func tokensDieOnceAndAFreshOneLives() async {
        var client = await TenantClient.connected(faults: [HaloFault(.tokenRevokedOnce)])
        #expect(await client.get("Status").status == 401)
        #expect(await client.get("Status").status == 401)
        client.token = await client.requestToken()["access_token"].text ?? ""
        #expect(await client.get("Status").status == 200)
    }

    @Test func noTokenIsEverGoodEnough() async {
        var client = await TenantClient.connected(faults: [HaloFault(.tokenRevokedAlways)])
        client.token = await client.requestToken()["access_token"].text ?? ""
        let answer = await client.get("Status")
        #expect(answer.status == 401)
        #expect(answer.bytes.isEmpty)
    }

    @Test(arguments: [(.wrongHost, 200), (.notHalo, 404)] as [(HaloFault.Kind, Int)])
    func nothingAtThisAddressIsHalo(_ kind: HaloFault.Kind, _ status: Int) async {
        let client = await TenantClient.connected(faults: [HaloFault(kind)])
        for answer in [await client.requestToken(), await client.send("GET", "/api/authinfo"), await client.get("Tickets")] {
            #expect(answer.status == status)
            #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8")
        }
    }
}
