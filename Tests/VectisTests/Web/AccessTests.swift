import Foundation
import PSACore
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Authorization of every route")
struct AccessTests {
    @Test func openIssuesAreAShortList() async throws {
        try await WebFixture.with { fixture in
            let open = fixture.application.router.routes.filter { $0.access == .open }.map { "\($0.method.rawValue) \($0.pattern)" }
            #expect(
                Set(open) == [
                    "GET /assets/{name}", "GET /sign-in", "POST /sign-in", "GET /sign-in/code", "POST /sign-in/code", "GET /healthz",
                    "GET /metrics", "POST /api/v1/session",
                    "GET /api/v1/openapi.json", "POST /hooks/{connection}/{token}",
                ])
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func withoutASessionNoPageIsShown(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let before = try await fixture.audit().count
            for route in fixture.application.router.routes where route.access != .open {
                let answer = try await fixture.send(route.method.rawValue, fixture.path(route, connection))
                let isPage = !route.pattern.hasPrefix("/api/")
                #expect(answer.status == (isPage && route.method == .get ? 303 : 401), "\(route.method) \(route.pattern)")
                if isPage, route.method == .get { #expect(answer.headers["Location"]?.hasPrefix("/sign-in?next=") == true) }
                if answer.status == 401 { #expect(answer.headers["WWW-Authenticate"] != nil) }
                #expect(!answer.text.contains("Acme"))
            }
            #expect(try await fixture.audit().count == before)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aViewerChangesNothing(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let viewer = try await fixture.signIn("viewer")
            let before = try await fixture.audit().count
            let routes = fixture.application.router.routes.filter { [.operator, .admin].contains($0.access) }
            #expect(routes.count > 20)
            for route in routes {
                let path = fixture.path(route, connection)
                let isAPI = route.pattern.hasPrefix("/api/v1")
                let answer =
                    if isAPI {
                        try await viewer.call(route.method.rawValue, String(path.dropFirst(7)), route.method == .get ? nil : [:])
                    } else if route.method == .get {
                        try await viewer.get(path)
                    } else {
                        try await viewer.post(path)
                    }
                #expect(answer.status == 403, "\(route.method) \(route.pattern)")
                if isAPI { #expect(answer.code == "forbidden") }
            }
            #expect(try await fixture.audit().count == before)
        }
    }

    @Test func noChangeIsMadeWithoutAFormToken() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let admin = try await fixture.signIn()
            let before = try await fixture.audit().count
            for route in fixture.application.router.routes where route.method != .get && route.access.role != nil {
                let answer = try await fixture.send(
                    route.method.rawValue, fixture.path(route, connection),
                    [("Cookie", admin.cookie), ("Content-Type", "application/json")],
                    body: Array("{}".utf8))
                #expect(answer.status == 403, "\(route.method) \(route.pattern)")
            }
            #expect(try await fixture.audit().count == before)
        }
    }

    @Test func onlyExportsAreLoggedAmongReads() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let admin = try await fixture.signIn()
            for route in fixture.application.router.routes where route.method == .get {
                let before = try await fixture.audit().count
                _ = try await admin.get(fixture.path(route, connection))
                let isExport = route.pattern.contains("/export.")
                #expect(try await fixture.audit().count == before + (isExport ? 1 : 0), "\(route.pattern)")
            }
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func everyResponseHasSecurityHeaders(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let admin = try await fixture.signIn()
            var answers: [(String, WebAnswer)] = []
            for route in fixture.application.router.routes {
                let path = fixture.path(route, connection)
                answers.append((path, try await fixture.send(route.method.rawValue, path)))
                if route.method == .get { answers.append((path, try await admin.get(path))) }
            }
            for (method, path) in [("GET", "/nowhere"), ("PUT", "/integrations"), ("GET", "/api/v1/nowhere"), ("DELETE", "/api/v1/audit")] {
                answers.append((path, try await fixture.send(method, path)))
            }
            for (path, answer) in answers {
                #expect(answer.headers["Content-Security-Policy"] == SecurityHeaders.contentPolicy, "\(path)")
                #expect(answer.headers["X-Content-Type-Options"] == "nosniff", "\(path)")
                #expect(answer.headers["Referrer-Policy"] == "same-origin", "\(path)")
                #expect(answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", "\(path)")
                #expect(answer.headers["Strict-Transport-Security"] == nil)
                #expect(answer.headers["Cache-Control"] != nil, "\(path)")
                if !path.hasPrefix("/assets") { #expect(answer.headers["Cache-Control"] == "no-store", "\(path)") }
            }
        }
    }

    @Test func behindTLSStrictTransportSecurityIsSent() async throws {
        try await WebFixture.with(.inProcess, .init(isBehindTLS: true)) { fixture in
            let answer = try await fixture.send("GET", "/sign-in")
            #expect(answer.headers["Strict-Transport-Security"] == "max-age=31536000")
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func headIsAnsweredAsGetWithoutABody(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let admin = try await fixture.signIn()
            for path in ["/integrations", "/sign-in", "/api/v1/session", "/healthz", "/nowhere"] {
                let get = try await admin.get(path)
                let head = try await fixture.send("HEAD", path, [("Cookie", admin.cookie)])
                #expect(head.status == get.status && head.headers["Content-Type"] == get.headers["Content-Type"])
                if mode == .overASocket { #expect(head.body.isEmpty && !get.body.isEmpty) }
            }
        }
    }

    @Test(
        "an unsupported method is answered with the supported ones",
        arguments: [
            ("DELETE", "/integrations", "GET, HEAD"), ("PUT", "/sign-in", "GET, HEAD, POST"), ("DELETE", "/sign-out", "POST"),
            ("POST", "/healthz", "GET, HEAD"), ("POST", "/api/v1/audit", "GET, HEAD"),
            ("PUT", "/api/v1/session", "POST, GET, HEAD, DELETE"),
            ("PATCH", "/api/v1/connections/abc", "GET, HEAD, PUT, DELETE"),
        ])
    func wrongMethod(method: String, path: String, allowed: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn().fixture.send(method, path)
            #expect(answer.status == 405 && answer.headers["Allow"] == allowed)
            if path.hasPrefix("/api/") { #expect(answer.code == "method_not_allowed") }
        }
    }

    @Test func everyPathOfATableIsOneRouteAMethod() async throws {
        try await WebFixture.with { fixture in
            let all = fixture.application.router.routes.map { "\($0.method.rawValue) \($0.pattern)" }
            #expect(Set(all).count == all.count)
        }
    }
}

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
