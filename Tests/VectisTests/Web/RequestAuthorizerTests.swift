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

@Suite("Requests that only seem to come from a page of this host")
struct RequestAuthorizerTests {
    private static let account: [(String, String)] = [("name", "mallory"), ("password", "long enough 123"), ("role", "admin")]

    private func accounts(_ bed: WebFixture) async throws -> [String] { try await bed.services.storage.accounts().map(\.name.rawValue) }

    @Test(arguments: WebFixture.Way.allCases)
    func aFormWithoutTheRightTokenChangesNothing(way: WebFixture.Way) async throws {
        try await WebFixture.with(way) { bed in
            let (browser, other) = (try await bed.signIn(), try await bed.signIn())
            for token in ["", "x", other.formToken, String(browser.formToken.dropLast()), browser.formToken + "A"] {
                let forged = Browser(bed: bed, cookie: browser.cookie, formToken: token)
                let answer = try await forged.post("/accounts", Self.account)
                #expect(answer.status == 403 && answer.text.contains("another session"))
                let call = try await forged.call("POST", "/accounts", ["name": "mallory", "password": "long enough 123", "role": "admin"])
                #expect(call.status == 403 && call.code == "forbidden")
            }
            #expect(try await accounts(bed) == ["admin", "viewer"])
            #expect(try await browser.post("/accounts", Self.account).status == 303)
        }
    }

    @Test func theHeaderCountsBeforeTheForm() async throws {
        try await WebFixture.with { bed in
            let browser = try await bed.signIn()
            #expect(try await browser.post("/accounts", Self.account, [("X-Form-Token", "wrong")]).status == 403)
            #expect(try await browser.post("/accounts", Self.account, [("X-Form-Token", browser.formToken)]).status == 303)
        }
    }

    @Test(
        "what another site sends is refused, with cookie and token",
        arguments: [
            [("Origin", "https://evil.example")], [("Origin", "null")], [("Origin", "http://vectis.test.evil.example")],
            [("Origin", "http://evil.example/vectis.test")], [("Origin", "vectis.test")], [("Sec-Fetch-Site", "cross-site")],
            [("Sec-Fetch-Site", "same-site")], [("Sec-Fetch-Site", "nonsense")],
            [("Origin", "http://vectis.test"), ("Sec-Fetch-Site", "cross-site")],
        ])
    func foreign(headers: [(String, String)]) async throws {
        try await WebFixture.with { bed in
            let browser = try await bed.signIn()
            #expect(try await browser.post("/accounts", Self.account, headers).status == 403)
            let behindOurs = [("Origin", "http://vectis.test")] + headers
            #expect(try await browser.post("/accounts", Self.account, behindOurs).status == 403)
            #expect(try await browser.call("POST", "/accounts", ["name": "m"], headers).code == "forbidden")
            #expect(try await bed.send("POST", "/sign-in", headers).status == 403)
            #expect(try await accounts(bed) == ["admin", "viewer"])
        }
    }

    @Test(
        "what a page of this host or a program sends is taken",
        arguments: [
            [("Origin", "")], [("Origin", "HTTP://VECTIS.TEST")], [("Sec-Fetch-Site", "same-origin")], [("Sec-Fetch-Site", "none")],
        ])
    func own(headers: [(String, String)]) async throws {
        try await WebFixture.with { bed in
            let answer = try await bed.signIn().post("/accounts", Self.account, headers)
            #expect(answer.status == 303)
        }
    }

    @Test(
        "a name that is not this host's is not answered",
        arguments: ["evil.example", "127.0.0.1", "vectis.test:81", "vectis.test.evil.example", "vectis.test.", "user@vectis.test", ""])
    func rebinding(host: String) async throws {
        try await WebFixture.with { bed in
            let browser = try await bed.signIn()
            for target in ["/integrations", "/api/v1/session", "/healthz", "/nowhere"] {
                let answer = try await browser.get(target, [("Host", host)])
                #expect(answer.status == 421)
                #expect(!answer.text.contains("evil"))
            }
            let call = try await browser.call("GET", "/session", nil, [("Host", host)])
            #expect(call.code == "misdirected" && call.headers["Content-Type"] == "application/problem+json")
        }
    }

    @Test func theNameMayBeWrittenInCapitals() async throws {
        try await WebFixture.with { bed in
            let answer = try await bed.signIn().get("/integrations", [("Host", "VECTIS.TEST")])
            #expect(answer.status == 200)
        }
    }

    @Test(
        "where a request comes from is the proxy's word only where there is one",
        arguments: [
            (false, "203.0.113.9", "192.0.2.1"), (true, "203.0.113.9", "203.0.113.9"), (true, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
            (true, "<script>", "192.0.2.1"), (true, "203.0.113.9, ", "192.0.2.1"), (true, "", "192.0.2.1"),
            (true, "2001:db8::7", "2001:db8:0:0:0:0:0:7"),
        ])
    func forwarded(isBehindTLS: Bool, field: String, address: String) async throws {
        try await WebFixture.with(.inProcess, .init(isBehindTLS: isBehindTLS)) { bed in
            let body: JSONValue = ["name": "admin", "password": .string(WebFixture.password)]
            let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", field)]
            _ = try await bed.send("POST", "/api/v1/session", headers, body: body.encoded, from: "192.0.2.1")
            let entry = try #require(try await bed.audit().first)
            #expect(entry.action == .signedIn && entry.address == address)
        }
    }

    @Test func whoForgesTheFieldIsBlockedAllTheSame() async throws {
        try await WebFixture.with { bed in
            let body: JSONValue = ["name": "nobody", "password": "wrong"]
            for number in 0..<5 {
                let headers = [("Content-Type", "application/json"), ("X-Forwarded-For", "198.51.100.\(number)")]
                _ = try await bed.send("POST", "/api/v1/session", headers, body: body.encoded)
            }
            #expect(try await bed.trySignIn("nobody", password: "wrong").status == 429)
        }
    }
}
