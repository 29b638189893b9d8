import Foundation
import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Program tokens and namespaces")
struct TokenRouteTests {
    @Test func aTokenCreatedByTheAPIIsShownOnceAndSendsEvents() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let made = try await browser.call("POST", "/tokens", ["name": " Backup\u{A0}", "namespace": " Backup "])
            #expect(made.status == 201 && made.json["name"] == "Backup" && made.json["namespace"] == "backup")
            let token = try #require(made.json["token"]?.string)
            let listed = try await browser.call("GET", "/tokens")
            #expect(listed.json["tokens"]?.elements.count == 1 && !listed.text.contains(token))
            let event: JSONValue = ["source": "a", "id": "1", "type": "t", "severity": "info", "text": "x"]
            let headers = [("Authorization", "Bearer \(token)")]
            #expect(try await browser.call("POST", "/events", event, headers).status == 202)

            let path = "/tokens/\(made.json["id"]?.string ?? "")"
            #expect(try await browser.call("PUT", path, ["namespace": nil]).json["namespace"] == .null)
            #expect(try await browser.call("PUT", path, ["namespace": "other"]).json["namespace"] == "other")
            #expect(try await browser.call("DELETE", path).status == 204)
            #expect(try await browser.call("POST", "/events", event, headers).status == 401)
            for (method, body) in [("PUT", ["namespace": "x"] as JSONValue?), ("DELETE", nil)] {
                #expect(try await browser.call(method, path, body).status == 404)
                #expect(try await browser.call(method, "/tokens/nothing", body).status == 404)
            }
            let actions = try await fixture.audit().map { "\($0.action.rawValue) \($0.detail)" }
            #expect(actions.contains("token.changed Namespace “other”.") && actions.contains("token.changed A namespace of its own."))
        }
    }

    @Test(
        "an invalid token request is reported by member",
        arguments: [
            (#"{"name":""}"#, "name"), (#"{"name":"a\u0000b"}"#, "name"), (#"{"name":"a","namespace":"a b"}"#, "namespace"),
            (#"{"name":"a","namespace":"token/x"}"#, "namespace"), (#"{"name":"a","namespace":5}"#, "namespace"),
            (#"{"namespace":"a"}"#, "name"), ("{\"name\":\"\(String(repeating: "x", count: 81))\"}", "name"),
        ])
    func refused(body: String, member: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.call("POST", "/tokens", JSONValue(try JSONDocument(Array(body.utf8)).root))
            #expect(answer.status == 422 && answer.json["problems"]?.elements.first?["member"]?.string == member)
            #expect(try await fixture.services.storage.tokens().isEmpty)
        }
    }

    @Test func aNamespaceThatIsLeftOutChangesNothing() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let made = try await browser.call("POST", "/tokens", ["name": "a", "namespace": "shared"])
            let id = made.json["id"]?.string ?? ""
            let answer = try await browser.call("PUT", "/tokens/\(id)", [:])
            #expect(answer.status == 422)
            #expect(try await fixture.services.storage.tokens().first?.sharedNamespace?.rawValue == "shared")
        }
    }

    @Test func thePageSetsAndShowsANamespace() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let wrong = try await browser.post("/tokens", [("name", "Monitor"), ("namespace", "no spaces")])
            #expect(wrong.status == 422 && wrong.text.contains("A namespace has 1 to 60") && wrong.text.contains("value=\"Monitor\""))
            #expect(try await browser.post("/tokens", [("name", "Monitor"), ("namespace", "Night")]).status == 201)
            let id = try #require(try await fixture.services.storage.tokens().first?.id)
            #expect(try await browser.get("/tokens").text.contains("shares the namespace <code>night</code>"))
            #expect(try await browser.post("/tokens/\(id)/namespace", [("namespace", "é")]).status == 422)
            #expect(try await browser.post("/tokens/\(id)/namespace", [("namespace", " ")]).status == 303)
            #expect(try await browser.get("/tokens").text.contains("has its own namespace"))
        }
    }
}
