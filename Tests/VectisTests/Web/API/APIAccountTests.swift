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
