import FoundationEssentials
import Testing
@testable import PSACore

@Suite struct ClientCredentialsGrantTests {
    private let grant = ClientCredentialsGrant(clientID: "id &1", clientSecret: Secret("s3cr=t+&%/é"), scope: "all edit:x")

    @Test func theRequestIsAFormThatMayBeRepeated() throws {
        let request = grant.request(
            at: try ServiceURL(typed: "acme.example.com"), route: "/auth/token", query: [QueryItem("tenant", "acme")],
            policy: .allowingLoopback)
        #expect(request.urlText == "https://acme.example.com/auth/token?tenant=acme")
        #expect(request.method == .post && request.isRepeatable && request.addressPolicy == .allowingLoopback)
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(
            request.body.map { String(decoding: $0, as: UTF8.self) }
                == "grant_type=client_credentials&client_id=id%20%261&client_secret=s3cr%3Dt%2B%26%25%2F%C3%A9&scope=all%20edit%3Ax")
        for text in ["\(grant)", String(reflecting: grant), "\(request)", String(reflecting: request)] { #expect(!text.contains("s3cr")) }
    }

    static let answers: [(Int, String, String?)] = [
        (200, #"{"access_token":"abc","token_type":"Bearer","expires_in":3600,"scope":"all"}"#, "abc"),
        (201, #"{"access_token":"abc"}"#, "abc"),
        (200, #"{"access_token":"abc","expires_in":"junk","scope":7}"#, "abc"), (200, "\u{FEFF}{\"access_token\":\"abc\"}", "abc"),
        (200, #"{"access_token":""}"#, nil), (200, #"{"access_token":null}"#, nil), (200, #"{"access_token":7}"#, nil), (200, "{}", nil),
        (200, "[]", nil), (200, "", nil), (200, "<html>", nil), (200, #"{"access_token":"abc""#, nil), (200, #""abc""#, nil),
        (400, #"{"access_token":"abc"}"#, nil), (302, #"{"access_token":"abc"}"#, nil), (500, #"{"access_token":"abc"}"#, nil),
    ]

    @Test(arguments: answers) func onlyASuccessfulAnswerWithATokenGivesOne(status: Int, body: String, expected: String?) {
        let response = TransportResponse(status: status, body: Array(body.utf8))
        let token = ClientCredentialsGrant.token(in: response, receivedAt: MonotonicInstant(elapsed: .zero))
        #expect(token?.value.reveal() == expected)
    }

    @Test func lifetimeAndPermissionsAreTakenFromTheAnswer() throws {
        let body = #"{"access_token":"abc","expires_in":"1200","scope":"read:tickets edit:tickets"}"#
        let response = TransportResponse(status: 200, body: Array(body.utf8))
        let token = try #require(ClientCredentialsGrant.token(in: response, receivedAt: MonotonicInstant(elapsed: .zero)))
        #expect(token.expiresAt == MonotonicInstant(elapsed: .seconds(1_200)))
        #expect(token.grantedScope?.names == ["read:tickets", "edit:tickets"])
        #expect(!"\(token)".contains("abc") && !String(reflecting: token).contains("abc"))
    }
}
