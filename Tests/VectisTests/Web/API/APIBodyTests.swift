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

@Suite("Bodies and queries of the JSON API")
struct APIBodyTests {
    /// The problems of an answer as `member: code`.
    private func problems(_ answer: WebAnswer) -> [String] {
        (answer.json["problems"]?.elements ?? []).map { "\($0["member"]?.string ?? "?"): \($0["code"]?.string ?? "?")" }
    }

    private func post(_ fixture: WebFixture, _ text: String, type: String = "application/json", language: String = "") async throws
        -> WebAnswer
    {
        let browser = try await fixture.signIn()
        let headers = [
            ("Cookie", browser.cookie), ("X-Form-Token", browser.formToken), ("Content-Type", type), ("Accept-Language", language),
        ]
        return try await fixture.send("POST", "/api/v1/accounts", headers, body: Array(text.utf8))
    }

    @Test(
        "a body that is not JSON is reported with its position",
        arguments: [
            ("", "line 1, column 1"), ("{", "line 1, column 2"), ("{\n  \"name\": oops\n}", "line 2, column 11"),
            ("{} {}", "line 1, column 4"),
            ("{\"a\":\"\u{1}\"}", "line 1"), (String(repeating: "[", count: 100), "line 1"), ("[1,]", "line 1, column 4"),
        ])
    func malformed(text: String, place: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await post(fixture, text)
            #expect(answer.status == 400 && answer.code == "malformed")
            #expect(answer.json["detail"]?.string?.contains(place) == true, "\(answer.text)")
        }
    }

    @Test("a body must be an object", arguments: ["[]", "1", "null", "\"x\"", "true"])
    func noObject(text: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await post(fixture, text)
            #expect(answer.status == 400 && answer.code == "malformed")
        }
    }

    @Test(
        "a body of another content type is rejected",
        arguments: ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp", ";"])
    func mediaType(type: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await post(fixture, "{}", type: type)
            #expect(answer.status == 415 && answer.code == "wrong_media_type")
        }
    }

    @Test func aTypeMayHaveParameters() async throws {
        try await WebFixture.with { fixture in
            let text = "{\"name\": \"sam\", \"password\": \"long enough 123\", \"role\": \"viewer\"}"
            let answer = try await post(fixture, text, type: "Application/JSON; charset=utf-8")
            #expect(answer.status == 201)
        }
    }

    @Test func allProblemsOfABodyAreReportedAtOnce() async throws {
        try await WebFixture.with { fixture in
            let answer = try await post(fixture, "{\"nme\": 1, \"password\": 7, \"password\": 8, \"zzzzzzzzzz\": 1}")
            #expect(answer.status == 422 && answer.code == "invalid")
            #expect(
                Set(problems(answer)) == [
                    "password: twice", "name: missing", "password: wrong_type", "role: missing", "nme: unknown", "zzzzzzzzzz: unknown",
                ])
            let messages = answer.json["problems"]?.elements.compactMap { $0["message"]?.string } ?? []
            #expect(messages.contains("“nme” is not known here. Did you mean “name”?"))
            #expect(messages.contains("“zzzzzzzzzz” is not known here. What is known: name, password, role."))
        }
    }

    @Test func problemsComeInGermanWhereAsked() async throws {
        try await WebFixture.with { fixture in
            let answer = try await post(fixture, "{\"nme\": 1}", language: "fr, de-AT;q=0.8, en;q=0.5")
            let messages = answer.json["problems"]?.elements.compactMap { $0["message"]?.string } ?? []
            #expect(messages.contains("„nme“ ist hier nicht bekannt. Gemeint ist vielleicht „name“."))
            #expect(answer.json["detail"] == "4 Werte müssen korrigiert werden.")
        }
    }

    @Test(
        "the language is negotiated by preference",
        arguments: [
            ([], Language.english), ([""], .english), (["de"], .german), (["DE-at"], .german), (["en, de"], .english),
            (["en;q=0.5, de;q=0.9"], .german), (["fr, de;q=0.1"], .german), (["de;q=0"], .english), (["*, de;q=0.5"], .english),
            (["x", "de"], .german),
            (["de;q=nonsense"], .german), (["fr"], .english), ([String(repeating: "fr,", count: 10_000)], .english),
        ])
    func language(fields: [String], expected: Language) {
        #expect(Language(accepting: fields) == expected)
    }

    @Test(
        "a member of the wrong type is reported",
        arguments: [
            ("{\"revision\": \"1\"}", "revision: wrong_type"), ("{\"revision\": 1.5}", "revision: wrong_type"),
            ("{\"revision\": 1, \"acceptUntested\": \"true\"}", "acceptUntested: wrong_type"),
            ("{\"revision\": 1, \"acceptUntested\": 1}", "acceptUntested: wrong_type"),
            ("{\"revision\": 1, \"settings\": []}", "settings: wrong_type"),
            ("{\"revision\": 1, \"settings\": {\"a\": []}}", "settings.a: wrong_type"),
            ("{\"revision\": 1, \"settings\": {\"a\": null}}", "settings.a: wrong_type"),
            ("{\"revision\": 1, \"settings\": {\"a\": \"1\", \"a\": \"2\"}}", "settings.a: twice"),
            ("{\"revision\": 1, \"name\": 5}", "name: wrong_type"),
            ("{\"revision\": 1, \"name\": \"\(String(repeating: "x", count: 5_000))\"}", "name: too_long"), ("{}", "revision: missing"),
            ("{\"revision\": null}", "revision: wrong_type"), ("{\"revision\": 1, \"acceptuntested\": true}", "acceptuntested: unknown"),
        ])
    func types(text: String, problem: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let headers = [("Cookie", browser.cookie), ("X-Form-Token", browser.formToken), ("Content-Type", "application/json")]
            let answer = try await fixture.send("PUT", "/api/v1/connections/\(connection.id)", headers, body: Array(text.utf8))
            #expect(answer.status == 422 && problems(answer) == [problem], "\(answer.text)")
        }
    }

    @Test(
        "an unknown query parameter is rejected",
        arguments: [
            ("/audit?usr=admin", "usr: unknown"), ("/audit?limit=0", "limit: out_of_range"), ("/audit?limit=501", "limit: out_of_range"),
            ("/audit?limit=x", "limit: out_of_range"), ("/audit?action=nothing", "action: invalid"),
            ("/audit?from=yesterday", "from: invalid"),
            ("/audit?to=2026-02-31", "to: invalid"), ("/audit?before=x", "before: invalid"), ("/audit?user=a&user=b", "user: twice"),
            ("/audit?from=2026-11-02&to=2026-11-01", "from: invalid"), ("/connections?x=1", "x: unknown"),
        ])
    func query(path: String, problem: String) async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn().call("GET", path)
            #expect(answer.status == 422 && problems(answer) == [problem], "\(answer.text)")
        }
    }

    @Test func unknownPathsAreProblemsToo() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for path in [
                "/nowhere", "", "/connections/UPPER", "/connections/abc", "/connectors/halpsa", "/errors/x", "/connections/abc/test/x",
            ] {
                let answer = try await browser.call("GET", path)
                #expect(answer.status == 404, "\(path)")
                #expect(answer.headers["Content-Type"] == "application/problem+json")
                #expect(answer.json["status"] == 404 && answer.json["correlationID"]?.string?.count == 12)
            }
            let connector = try await browser.call("GET", "/connectors/halpsa", nil, [("Accept-Language", "de")])
            #expect(
                connector.code == "config.unknown_connector"
                    && connector.json["type"] == "urn:psa-connectors:error:config.unknown_connector")
            #expect(connector.json["causes"]?.elements.first?["evidence"]?.string?.contains("halopsa") == true)
        }
    }
}

@Suite("Accounts and reference over the JSON API")
struct APIAccountTests {
    @Test(arguments: WebFixture.Mode.allCases)
    func accountsAreCreatedChangedAndRemoved(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn()
            let made = try await browser.call(
                "POST", "/accounts", ["name": "Sam@Example.com", "password": "long enough 123", "role": "viewer"])
            #expect(made.status == 201 && made.json["name"] == "sam@example.com" && made.json["password"] == nil)
            let sam = try await fixture.signIn("sam@example.com", password: "long enough 123")
            #expect(try await browser.call("PUT", "/accounts/sam%40example.com", ["role": "admin"]).json["role"] == "admin")
            #expect(try await sam.call("GET", "/session").status == 401, "another role ends the sessions")
            let names = try await browser.call("GET", "/accounts").json["accounts"]?.elements.map { $0["name"] }
            #expect(names == ["admin", "sam@example.com", "viewer"])
            #expect(try await browser.call("DELETE", "/accounts/sam@example.com").status == 204)
            #expect(try await browser.call("DELETE", "/accounts/sam@example.com").code == "not_found")
            #expect(try await fixture.trySignIn("sam@example.com", password: "long enough 123").status == 401)
        }
    }

    @Test func allAccountErrorsAreReportedAtOnce() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let wrong = try await browser.call("POST", "/accounts", ["name": "o'hara", "password": "short", "role": "root"])
            #expect(wrong.status == 422 && wrong.json["problems"]?.elements.map { $0["member"] } == ["name", "password", "role"])
            let short = try await browser.call("POST", "/accounts", ["name": "sam", "password": "short", "role": "root"])
            #expect(short.json["problems"]?.elements.map { $0["member"] } == ["password", "role"])
            let taken = try await browser.call("POST", "/accounts", ["name": "viewer", "password": "long enough 123", "role": "viewer"])
            #expect(taken.status == 409 && taken.code == "name_taken")
            #expect(try await browser.call("PUT", "/accounts/viewer", ["role": "root"]).status == 422)
        }
    }

    @Test func usersCanNotChangeTheirOwnRole() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await browser.call("PUT", "/accounts/ADMIN", ["role": "viewer"]).code == "own_account")
            #expect(try await browser.call("DELETE", "/accounts/admin").code == "own_account")
            #expect(try await browser.post("/accounts/admin/remove").status == 409)
        }
    }

    @Test func aPasswordIsChangedWithTheCurrentOne() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            let wrong = try await viewer.call("PUT", "/account/password", ["current": "wrong", "new": "short"])
            #expect(wrong.status == 422 && wrong.json["problems"]?.elements.map { $0["member"] } == ["current", "new"])
            let changed = try await viewer.call(
                "PUT", "/account/password", ["current": .string(WebFixture.password), "new": "long enough 123"])
            #expect(changed.status == 204)
            #expect(try await viewer.call("GET", "/session").status == 200)
            _ = try await fixture.signIn("viewer", password: "long enough 123")
        }
    }

    @Test func wrongCurrentPasswordsCountLikeFailedSignIns() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            for _ in 0..<5 { _ = try await viewer.call("PUT", "/account/password", ["current": "wrong", "new": "long enough 123"]) }
            let right: JSONValue = ["current": .string(WebFixture.password), "new": "long enough 123"]
            let blocked = try await viewer.call("PUT", "/account/password", right)
            #expect(blocked.status == 429 && blocked.headers["Retry-After"] == "900")
        }
    }

    @Test func connectorsDescribeTheirSettings() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            let list = try await viewer.call("GET", "/connectors")
            #expect(list.json["connectors"]?.elements.compactMap { $0["id"]?.string } == (BuiltIns.names + ["scripted"]).sorted())
            let halo = try await viewer.call("GET", "/connectors/Halo")
            #expect(halo.json["id"] == "halopsa" && halo.json["tier"] == "complete")
            let settings = halo.json["settings"]?.elements ?? []
            let secret = try #require(settings.first { $0["key"] == "clientSecret" })
            #expect(secret["secret"] == true && secret["required"] == true && secret["purpose"] == "access")
            #expect(settings.contains { $0["purpose"] == "tenant" } && settings.contains { $0["purpose"] == "ticketDefault" })
            let page = try #require(halo.json["guidePages"]?["clientSecret"]?.string)
            #expect(page.hasPrefix("/guides/connect-halopsa#"))
            let path = try #require(page.split(separator: "#").first)
            #expect(try await viewer.get(String(path)).status == 200)
        }
    }

    @Test func theErrorReferenceComesInBothLanguages() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            let all = try await viewer.call("GET", "/errors")
            #expect(all.json["errors"]?.elements.compactMap { $0["code"]?.string } == ErrorCode.allCases.map(\.rawValue))
            let english = try await viewer.call("GET", "/errors/network.timeout")
            let german = try await viewer.call("GET", "/errors/network.timeout", nil, [("Accept-Language", "de")])
            #expect(english.json["code"] == german.json["code"] && english.json["title"] != german.json["title"])
            #expect(english.json["correlationID"] == nil)
        }
    }

    @Test func aClosedStorageIsAnInternalErrorWithoutDetails() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            await fixture.services.storage.close()
            let answer = try await browser.call("GET", "/connections")
            #expect(answer.status == 500 && answer.code == "defect")
            #expect(fixture.log.text.contains("\"event\":\"defect\"") && !answer.text.contains("SQLite"))
        }
    }
}
