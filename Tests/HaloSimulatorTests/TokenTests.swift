import Testing
import WebServer
@testable import HaloSimulator

@Suite("Token endpoint")
struct TokenTests {
    @Test func validCredentialsGetABearerTokenWithEveryFieldOfTheReply() async {
        let client = await SimulatorClient.connected()
        let answer = await client.requestToken()
        #expect(answer.status == 200)
        #expect(answer["token_type"] == "Bearer")
        #expect(answer["expires_in"] == 3600)
        for field in ["access_token", "refresh_token", "id_token"] { #expect(answer[field].text?.isEmpty == false) }
    }

    @Test func theScopeAllIsExpandedInTheReply() async {
        let scopes = await SimulatorClient.connected().requestToken()["scope"].text?.split(separator: " ").map(String.init) ?? []
        #expect(scopes.prefix(5) == ["openid", "email", "profile", "offline_access", "roles"])
        #expect(scopes.contains("read:tickets") && scopes.contains("edit:contracts") && scopes.contains("admin:webhooks"))
        #expect(!scopes.contains("all"))
    }

    @Test func onlyTheScopesOfTheApplicationAreGranted() async {
        let client = await SimulatorClient.connected { $0.applicationScopes = ["read:tickets"] }
        let answer = await client.requestToken(["scope": "read:tickets edit:tickets"])
        #expect(answer.status == 200)
        #expect(answer["scope"] == "openid email profile offline_access roles read:tickets")
    }

    @Test(
        arguments: [
            (["client_id": "99999999-2222-4333-8444-555555555555"], 401, "invalid_client"),
            (["client_secret": "wrong"], 401, "invalid_client"),
            (["client_secret": nil], 400, "invalid_request"),
            (["grant_type": nil], 400, "invalid_request"),
            (["grant_type": "device_code"], 400, "unsupported_grant_type"),
            (["scope": "all read:users"], 400, "invalid_scope"),
            (["grant_type": "password", "username": "demo.agent", "password": "wrong"], 400, "invalid_grant"),
            (["grant_type": "refresh_token", "refresh_token": "unknown"], 400, "invalid_grant"),
        ] as [([String: String?], Int, String)])
    func anErrorReplyHasItsReason(_ changes: [String: String?], _ status: Int, _ error: String) async {
        let answer = await SimulatorClient.connected().requestToken(changes)
        #expect(answer.status == status)
        #expect(answer["error"] == .string(error))
        #expect(answer["error_uri"].text?.hasPrefix("https://documentation.openiddict.com/errors/ID") == true)
    }

    @Test func aBodyThatIsNotAFormIsRejected() async {
        let answer = await SimulatorClient.connected().requestToken(type: "application/json")
        #expect(answer.status == 400)
        #expect(answer["error"] == "invalid_request")
    }

    @Test func onlyPostIsAccepted() async {
        #expect(await SimulatorClient.connected().send("GET", "/auth/token").status == 400)
    }

    @Test func theTenantParameterMayBeOmittedButNotWrong() async {
        let client = await SimulatorClient.connected()
        #expect(await client.requestToken(tenant: "ACME").status == 200)
        let wrong = await client.requestToken(tenant: "other")
        #expect(wrong.status == 500)
        #expect(wrong.text.contains("<html"))
    }

    @Test func aUserLogsInWithAPasswordAndRefreshesOnce() async {
        let client = await SimulatorClient.connected()
        let login = await client.requestToken(
            ["grant_type": "password", "client_secret": nil, "username": "demo.agent", "password": "demo-password"])
        #expect(login.status == 200)
        let refresh = ["grant_type": "refresh_token", "refresh_token": login["refresh_token"].text]
        #expect(await client.requestToken(refresh).status == 200)
        #expect(await client.requestToken(refresh).status == 400)
    }

    @Test func escapedCharactersInTheFormAreDecoded() async {
        let client = await SimulatorClient.connected { $0.clientSecret = "a b+c&d=é" }
        #expect(await client.requestToken(["client_secret": "a+b%2Bc%26d%3D%C3%A9"]).status == 200)
    }

    @Test func discoveryNamesTheTokenEndpointAndTheTenant() async {
        let client = await SimulatorClient.connected()
        let info = await client.send("GET", "/api/authinfo", headers: ["Host": "127.0.0.1:8181"])
        #expect(info["auth_url"] == "http://127.0.0.1:8181/auth")
        #expect(info["tenant_id"] == "acme")
        for path in ["/.well-known/openid-configuration", "/auth/.well-known/openid-configuration"] {
            let answer = await client.send("GET", path, headers: ["Host": "127.0.0.1:8181"])
            #expect(answer["token_endpoint"] == "http://127.0.0.1:8181/auth/token")
        }
    }

    @Test func instanceInfoNeedsNoToken() async {
        let answer = await SimulatorClient.connected().send("GET", "/api/InstanceInfo")
        #expect(answer.status == 200)
        #expect(answer["app_version"].text != nil)
    }
}

@Suite("Token faults")
struct TokenFaultTests {
    @Test(
        arguments: [
            (.tokenInvalidClient, 401, "invalid_client"), (.tokenUnauthorizedClient, 400, "unauthorized_client"),
            (.tokenInvalidScope, 400, "invalid_scope"),
        ] as [(HaloFault.Kind, Int, String)])
    func theEndpointRejectsWithAnOAuthError(_ kind: HaloFault.Kind, _ status: Int, _ error: String) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(kind)])
        let answer = await client.requestToken()
        #expect(answer.status == status)
        #expect(answer["error"] == .string(error))
        #expect(await client.get("Status").status == 200)
    }

    @Test(
        arguments: [
            (.tokenNotFound, 404, false), (.tokenNotFoundHTML, 404, true), (.tokenServerError, 500, true), (.tokenHTMLLoginPage, 200, true),
        ] as [(HaloFault.Kind, Int, Bool)])
    func theEndpointIsMissingOrAnotherPage(_ kind: HaloFault.Kind, _ status: Int, _ isPage: Bool) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(kind)])
        let answer = await client.requestToken()
        #expect(answer.status == status)
        #expect(answer.text.contains("<html") == isPage)
        #expect(answer.bytes.isEmpty == !isPage)
        #expect(await client.send("GET", "/api/InstanceInfo").status == 200)
    }

    @Test func theEndpointThrottles() async {
        let answer = await SimulatorClient.connected(faults: [HaloFault(.tokenRateLimited, "7")]).requestToken()
        #expect(answer.status == 429)
        #expect(answer.headers["Retry-After"] == "7")
    }

    @Test func theReplyLacksItsFields() async {
        let answer = await SimulatorClient.connected(faults: [HaloFault(.tokenMissingFields)]).requestToken()
        #expect(answer.status == 200)
        #expect(answer.json == ["token_type": "Bearer"])
    }

    @Test func aTokenThatExpiresNowStillWorks() async {
        var client = await SimulatorClient.connected(faults: [HaloFault(.tokenExpiresNow)])
        let answer = await client.requestToken()
        #expect(answer["expires_in"] == 0)
        client.token = answer["access_token"].text ?? ""
        #expect(await client.get("Status").status == 200)
    }

    @Test func tokensAreRevokedOnceAndANewOneWorks() async {
        var client = await SimulatorClient.connected(faults: [HaloFault(.tokenRevokedOnce)])
        #expect(await client.get("Status").status == 401)
        #expect(await client.get("Status").status == 401)
        client.token = await client.requestToken()["access_token"].text ?? ""
        #expect(await client.get("Status").status == 200)
    }

    @Test func everyTokenIsRejected() async {
        var client = await SimulatorClient.connected(faults: [HaloFault(.tokenRevokedAlways)])
        client.token = await client.requestToken()["access_token"].text ?? ""
        let answer = await client.get("Status")
        #expect(answer.status == 401)
        #expect(answer.bytes.isEmpty)
    }

    @Test(arguments: [(.wrongHost, 200), (.notHalo, 404)] as [(HaloFault.Kind, Int)])
    func everyPathAnswersWithAnotherPage(_ kind: HaloFault.Kind, _ status: Int) async {
        let client = await SimulatorClient.connected(faults: [HaloFault(kind)])
        for answer in [await client.requestToken(), await client.send("GET", "/api/authinfo"), await client.get("Tickets")] {
            #expect(answer.status == status)
            #expect(answer.headers["Content-Type"] == "text/html; charset=utf-8")
        }
    }
}
