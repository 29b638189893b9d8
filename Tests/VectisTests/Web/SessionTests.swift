import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Sessions over the web")
struct SessionTests {
    private static func form(_ fields: [(String, String)]) -> [UInt8] {
        Array(PercentEncoding.form(fields.map { QueryItem($0.0, $0.1) }).utf8)
    }

    private static let formType = [("Content-Type", "application/x-www-form-urlencoded")]

    @Test(arguments: WebFixture.Mode.allCases)
    func signingInSetsACookieThatScriptsAndOtherSitesNeverSee(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let form = Self.form([("name", "Admin"), ("password", WebFixture.password), ("next", "/audit")])
            let answer = try await fixture.send("POST", "/sign-in", Self.formType, body: form)
            #expect(answer.status == 303 && answer.headers["Location"] == "/audit")
            let cookie = try #require(answer.headers["Set-Cookie"])
            let parts = cookie.split(separator: ";").map { $0.drop { $0 == " " } }
            #expect(parts.first?.hasPrefix("vectis=") == true)
            #expect(Set(parts.dropFirst()) == ["Path=/", "HttpOnly", "SameSite=Strict"])
            let page = try await fixture.send("GET", "/audit", [("Cookie", String(parts[0]))])
            #expect(page.status == 200)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases, [false, true])
    func theDeviceCookieOpensNothingWithoutThePassword(mode: WebFixture.Mode, isBehindTLS: Bool) async throws {
        try await WebFixture.with(mode, .init(isBehindTLS: isBehindTLS)) { fixture in
            let form = Self.form([("name", "admin"), ("password", WebFixture.password)])
            let cookies = try await fixture.send("POST", "/sign-in", Self.formType, body: form).headers.values(of: "Set-Cookie")
            let cookie = try #require(cookies.last)
            let parts = cookie.split(separator: ";").map { $0.drop { $0 == " " } }
            let name = isBehindTLS ? "__Host-vectis-device" : "vectis-device"
            #expect(cookies.count == 2 && parts[0].hasPrefix(name + "="))
            #expect(
                Set(parts.dropFirst())
                    == Set(["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=7776000"] + (isBehindTLS ? ["Secure"] : [])))
            let device = ("Cookie", String(parts[0]))
            #expect(try await fixture.send("GET", "/account", [device]).status == 303)
            // Guesses block the account and the address; the browser that has signed in before still gets in.
            for _ in 0..<5 { _ = try await fixture.trySignIn("admin", password: "wrong") }
            let blocked = try await fixture.send("POST", "/sign-in", Self.formType, body: form)
            #expect(blocked.status == 429 && blocked.headers["Retry-After"] == "900")
            #expect(try await fixture.send("POST", "/sign-in", Self.formType + [device], body: form).status == 303)
            let body: JSONValue = ["name": "admin", "password": .string(WebFixture.password)]
            let answer = try await fixture.send(
                "POST", "/api/v1/session", [("Content-Type", "application/json"), device], body: body.encoded)
            #expect(answer.status == 200 && answer.headers.values(of: "Set-Cookie").last?.hasPrefix(String(parts[0])) == true)
        }
    }

    @Test func aFullQueueIsReportedAtOnceOnThePageAndInTheAPI() async throws {
        try await WebFixture.with { fixture in
            let queue = fixture.services.signIn.queue
            let (started, release) = (Signal(), Signal())
            async let first: Void = queue.run(.known) {
                started.fire()
                await release.wait(ignoringCancellation: true)
            }
            await started.wait()
            let waiting = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<PasswordQueue.defaultLength {
                        group.addTask { try await queue.run(.unknown(ClientNetwork("192.0.2.\(number)"))) {} }
                    }
                    try await group.waitForAll()
                }
            }
            while queue.waitingCount < PasswordQueue.defaultLength { await Task.yield() }
            let answer = try await fixture.trySignIn("admin", password: WebFixture.password)
            #expect(answer.status == 503 && answer.code == "unavailable" && answer.headers["Retry-After"] == "2")
            let form = Self.form([("name", "admin"), ("password", WebFixture.password)])
            let page = try await fixture.send("POST", "/sign-in", Self.formType, body: form)
            #expect(page.status == 503 && page.headers["Retry-After"] == "2")
            #expect(page.text.contains("Many sign-ins wait to be checked. Try again in 2 seconds."))
            release.fire()
            try await first
            try await waiting.value
            #expect(try await fixture.trySignIn("admin", password: WebFixture.password).status == 200)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func behindTLSTheCookieIsSecureAndBoundToTheHost(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode, .init(isBehindTLS: true)) { fixture in
            let cookie = try #require(try await fixture.trySignIn("admin", password: WebFixture.password).headers["Set-Cookie"])
            let parts = cookie.split(separator: ";").map { $0.drop { $0 == " " } }
            #expect(parts.first?.hasPrefix("__Host-vectis=") == true)
            #expect(Set(parts.dropFirst()) == ["Path=/", "HttpOnly", "SameSite=Strict", "Secure"])
            let browser = try await fixture.signIn()
            #expect(try await browser.get("/account").status == 200)
            let plain = browser.cookie.replacing("__Host-vectis", with: "vectis")
            #expect(try await fixture.send("GET", "/account", [("Cookie", plain)]).status == 303)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aSessionEndsWithSigningOutAndCanNotBeReplayed(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let (browser, other) = (try await fixture.signIn(), try await fixture.signIn())
            let answer = try await browser.post("/sign-out")
            #expect(answer.status == 303 && answer.headers["Location"] == "/sign-in")
            #expect(answer.headers["Set-Cookie"]?.hasPrefix("vectis=;") == true)
            #expect(answer.headers["Set-Cookie"]?.hasSuffix("Max-Age=0") == true)
            #expect(try await browser.get("/account").status == 303)
            #expect(try await browser.call("GET", "/session").code == "not_signed_in")
            #expect(try await browser.post("/account").status == 401)
            #expect(try await other.get("/account").status == 200)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func theAPISignsOutToo(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn("viewer")
            let session = try await browser.call("GET", "/session")
            #expect(session.json["account"]?.string == "viewer" && session.json["role"]?.string == "viewer")
            #expect(session.json["formToken"]?.string == browser.formToken)
            let answer = try await browser.call("DELETE", "/session")
            #expect(answer.status == 204 && answer.body.isEmpty && answer.headers["Set-Cookie"]?.hasSuffix("Max-Age=0") == true)
            #expect(try await browser.call("GET", "/session").status == 401)
        }
    }

    @Test func aSessionEndsAfterEightHoursWithoutUse() async throws {
        try await WebFixture.with { fixture in
            let (used, idle) = (try await fixture.signIn(), try await fixture.signIn())
            for _ in 0..<3 {
                fixture.time.advance(by: 4 * 3600 - 1)
                #expect(try await used.get("/account").status == 200)
            }
            #expect(try await idle.get("/account").headers["Location"] == "/sign-in?next=%2Faccount")
        }
    }

    @Test func aSessionEndsAfterSevenDaysEvenIfUsed() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for _ in 0..<(7 * 6 - 1) {
                fixture.time.advance(by: 4 * 3600)
                #expect(try await browser.get("/account").status == 200)
            }
            fixture.time.advance(by: 4 * 3600)
            #expect(try await browser.get("/account").status == 303)
        }
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func fiveWrongPasswordsBlockForFifteenMinutes(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            for _ in 0..<5 {
                let wrong = try await fixture.trySignIn("admin", password: "wrong")
                #expect(wrong.status == 401 && wrong.code == "wrong_credentials")
            }
            let blocked = try await fixture.trySignIn("admin", password: WebFixture.password)
            #expect(blocked.status == 429 && blocked.code == "too_many_tries" && blocked.headers["Retry-After"] == "900")
            #expect(blocked.headers["Set-Cookie"] == nil)
            let form = Self.form([("name", "admin"), ("password", WebFixture.password)])
            let page = try await fixture.send("POST", "/sign-in", Self.formType, body: form)
            #expect(page.status == 429 && page.text.contains("Wait 15 minutes"))
            fixture.time.advance(by: 15 * 60 + 1)
            _ = try await fixture.signIn()
        }
    }

    @Test func existingNamesAreNotRevealed() async throws {
        try await WebFixture.with { fixture in
            func answer(_ name: String) async throws -> JSONValue {
                let json = try await fixture.trySignIn(name, password: "wrong").json
                return .object(json.members.filter { $0.name != "correlationID" })
            }
            let (known, unknown) = (try await answer("admin"), try await answer("nobody"))
            #expect(known == unknown && known["code"] == "wrong_credentials")
        }
    }

    @Test(
        "after signing in, redirects stay on this site",
        arguments: [
            "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/a\\b",
            "javascript:alert(1)",
            "data:text/html,x", " /audit", "/audit\r\nSet-Cookie: a=b", "/\t/evil.example", "/\u{2028}x", "evil.example", "",
            "/sign-in?next=/x",
            "/é", "http:/evil.example",
        ])
    func next(path: String) async throws {
        try await WebFixture.with { fixture in
            let form = Self.form([("name", "admin"), ("password", WebFixture.password), ("next", path)])
            let answer = try await fixture.send("POST", "/sign-in", Self.formType, body: form)
            #expect(answer.status == 303 && answer.headers["Location"] == "/integrations")
            let page = try await fixture.send("GET", "/sign-in?next=" + PercentEncoding.component(path))
            #expect(page.text.contains("name=\"next\" value=\"/integrations\""))
        }
    }

    @Test(
        "invalid session cookies are ignored",
        arguments: [
            "vectis=", "vectis=short", "vectis", "=vectis", ";;;=;vectis==", "vectis=\u{FFFD}\u{202E}", "VECTIS=x; vectis =y",
            "vectis=" + String(repeating: "A", count: 43), "vectis=" + String(repeating: "A", count: 8_000),
            String(repeating: "a=b; ", count: 1_500),
        ])
    func garbage(cookie: String) async throws {
        try await WebFixture.with { fixture in
            let page = try await fixture.send("GET", "/integrations", [("Cookie", cookie)])
            let call = try await fixture.send("GET", "/api/v1/session", [("Cookie", cookie)])
            #expect(page.status == 303 && call.code == "not_signed_in")
        }
    }

    @Test func aChangedPasswordEndsTheOtherSessions() async throws {
        try await WebFixture.with { fixture in
            let (browser, other) = (try await fixture.signIn("viewer"), try await fixture.signIn("viewer"))
            let changed = try await browser.post("/account", [("current", WebFixture.password), ("new", "another good passphrase")])
            #expect(changed.headers["Location"] == "/account?notice=password")
            #expect(try await browser.get("/account").status == 200)
            #expect(try await other.get("/account").status == 303)
            #expect(try await fixture.trySignIn("viewer", password: WebFixture.password).status == 401)
            _ = try await fixture.signIn("viewer", password: "another good passphrase")
        }
    }
}
