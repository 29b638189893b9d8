import Foundation
import PSACore
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Cross-site request protection")
struct RequestAuthorizerTests {
    private static let account: [(String, String)] = [("name", "mallory"), ("password", "long enough 123"), ("role", "admin")]

    private func accounts(_ fixture: WebFixture) async throws -> [String] {
        try await fixture.services.storage.accounts().map(\.name.rawValue)
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aFormWithoutTheRightTokenChangesNothing(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let (browser, other) = (try await fixture.signIn(), try await fixture.signIn())
            for token in ["", "x", other.formToken, String(browser.formToken.dropLast()), browser.formToken + "A"] {
                let forged = Browser(fixture: fixture, cookie: browser.cookie, formToken: token)
                let answer = try await forged.post("/accounts", Self.account)
                #expect(answer.status == 403 && answer.text.contains("another session"))
                let call = try await forged.call("POST", "/accounts", ["name": "mallory", "password": "long enough 123", "role": "admin"])
                #expect(call.status == 403 && call.code == "forbidden")
            }
            #expect(try await accounts(fixture) == ["admin", "viewer"])
            #expect(try await browser.post("/accounts", Self.account).status == 303)
        }
    }

    @Test func theHeaderCountsBeforeTheForm() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await browser.post("/accounts", Self.account, [("X-Form-Token", "wrong")]).status == 403)
            #expect(try await browser.post("/accounts", Self.account, [("X-Form-Token", browser.formToken)]).status == 303)
        }
    }

    @Test(
        "cross-site requests are rejected, even with cookie and token",
        arguments: [
            [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "http://vectis.test.evil.example")],
            [("Origin", "http://evil.example/vectis.test")], [("Origin", "vectis.test")], [("Sec-Fetch-Site", "cross-site")],
            [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "nonsense")],
            [("Origin", "http://vectis.test"), ("Sec-Fetch-Site", "cross-site")],
        ])
    func foreign(headers: [(String, String)]) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await browser.post("/accounts", Self.account, headers).status == 403)
            let behindOurs = [("Origin", "http://vectis.test")] + headers
            #expect(try await browser.post("/accounts", Self.account, behindOurs).status == 403)
            #expect(try await browser.call("POST", "/accounts", ["name": "m"], headers).code == "forbidden")
            #expect(try await fixture.send("POST", "/sign-in", headers).status == 403)
            #expect(try await accounts(fixture) == ["admin", "viewer"])
        }
    }

    @Test(
        "requests of this host's pages and of programs are accepted",
        arguments: [
            [("Origin", "")], [("Origin", "HTTP://VECTIS.TEST")], [("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")],
        ])
    func own(headers: [(String, String)]) async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn().post("/accounts", Self.account, headers)
            #expect(answer.status == 303)
        }
    }

    @Test(
        "requests for another host name are rejected",
        arguments: ["evil.example", "127.0.0.1", "vectis.test:81", "vectis.test.evil.example", "vectis.test.", "user@vectis.test", ""])
    func rebinding(host: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for target in ["/integrations", "/api/v1/session", "/healthz", "/nowhere"] {
                let answer = try await browser.get(target, [("Host", host)])
                #expect(answer.status == 421)
                #expect(!answer.text.contains("evil"))
            }
            let call = try await browser.call("GET", "/session", nil, [("Host", host)])
            #expect(call.code == "misdirected" && call.headers["Content-Type"] == "application/problem+json")
        }
    }

    @Test func theNameMayBeInUpperCase() async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn().get("/integrations", [("Host", "VECTIS.TEST")])
            #expect(answer.status == 200)
        }
    }

    @Test(
        "forwarding headers are used only behind a proxy",
        arguments: [
            (false, "203.0.113.9", "192.0.2.1"), (true, "203.0.113.9", "203.0.113.9"), (true, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (true, "<script>", "192.0.2.1"), (true, "203.0.113.9, ", "192.0.2.1"), (true, "", "192.0.2.1"),
            (true, "2001:db8::7", "2001:db8:0:0:0:0:0:7"),
        ])
    func forwarded(isBehindTLS: Bool, field: String, address: String) async throws {
        try await WebFixture.with(.inProcess, .init(isBehindTLS: isBehindTLS)) { fixture in
            let body: JSONValue = ["name": "admin", "password": .string(WebFixture.password)]
            let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", field)]
            _ = try await fixture.send("POST", "/api/v1/session", headers, body: body.encoded, from: "192.0.2.1")
            let entry = try #require(try await fixture.audit().first)
            #expect(entry.action == .signedIn && entry.address == address)
        }
    }

    @Test func aForgedForwardingHeaderDoesNotAvoidTheBlock() async throws {
        try await WebFixture.with { fixture in
            let body: JSONValue = ["name": "nobody", "password": "wrong"]
            for number in 0..<5 {
                let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", "198.51.100.\(number)")]
                _ = try await fixture.send("POST", "/api/v1/session", headers, body: body.encoded)
            }
            #expect(try await fixture.trySignIn("nobody", password: "wrong").status == 429)
        }
    }
}
