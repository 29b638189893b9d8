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

@Suite("Escaping of input on every page")
struct EscapingTests {
    private static let nasty = "<script>alert(1)</script>\"'&<b x=\"\u{202E}"

    /// All pages a browser can open, by path.
    private func pages(_ fixture: WebFixture, _ browser: Browser, _ connection: StoredConnection) async throws -> [(String, WebAnswer)] {
        var pages: [(String, WebAnswer)] = []
        for route in fixture.application.router.routes where route.method == .get && !route.pattern.hasPrefix("/api") {
            let path = fixture.path(route, connection)
            pages.append((path, try await browser.get(path)))
        }
        return pages.filter { $0.1.headers["Content-Type"]?.hasPrefix("text/html") == true }
    }

    private func expectText(_ answer: WebAnswer, _ place: String) {
        #expect(!answer.text.contains("<script>alert"), "\(place)")
        #expect(!answer.text.contains("<b x="), "\(place)")
    }

    @Test func aConnectionsName() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(name: Self.nasty)
            let browser = try await fixture.signIn()
            var shown = 0
            for (path, page) in try await pages(fixture, browser, connection) {
                expectText(page, path)
                if page.text.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;") { shown += 1 }
            }
            // Overview, form, removal, ticket defaults, audit log, and the choice in the form of a rule.
            #expect(shown == 6)
        }
    }

    @Test func inputOfTheConnectionFormIsEscaped() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let fields = ["connection-name", "tenant", "mode", "typeID", "receipt", "revision", "suggest"].map { ($0, Self.nasty) }
            for action in ["test", "save"] {
                for secret in ["", "x"] {
                    let answer = try await browser.post("/integrations/new/scripted", fields + [("action", action), ("password", secret)])
                    expectText(answer, action)
                    #expect(answer.status < 500 && answer.text.contains("&lt;script&gt;"))
                }
            }
            let stream = try await browser.post("/integrations/new/scripted/test", fields + [("password", "x")])
            #expect(stream.status == 200)
            for line in stream.text.split(separator: "\n") {
                let json = JSONValue(try JSONDocument(Array(line.utf8)).root)
                #expect(json.members.allSatisfy { $0.value.string?.contains("<script>") != true })
            }
        }
    }

    @Test func inputOfOtherFormsIsEscaped() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let nasty = Self.nasty
            let defaults = ["type", "status", "priority"].map { ($0, nasty) } + [("revision", "1"), ("action", "save")]
            let answers = [
                try await browser.post("/accounts", [("name", nasty), ("password", nasty), ("role", nasty)]),
                try await browser.post("/account", [("current", nasty), ("new", nasty)]),
                try await browser.post("/integrations/\(connection.id)/ticket-defaults", defaults),
                try await browser.post("/sign-in", [("name", nasty), ("password", "x"), ("next", nasty)]),
            ]
            for answer in answers { expectText(answer, "\(answer.status)") }
            #expect(answers.map(\.status) == [422, 422, 422, 401])
            #expect(answers[0].text.contains("&lt;script&gt;") && answers[3].text.contains("&lt;script&gt;"))
        }
    }

    @Test func queryParametersAreEscaped() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let value = PercentEncoding.component(Self.nasty)
            for name in ["user", "target", "action", "from", "to", "before"] {
                let page = try await browser.get("/audit?\(name)=\(value)")
                expectText(page, name)
                #expect(page.status == (["user", "target"].contains(name) ? 200 : 422))
            }
            for path in ["/integrations", "/accounts", "/account", "/integrations/new/halopsa", "/sign-in"] {
                let page = try await browser.get("\(path)?notice=\(value)&fill=\(value)&next=\(value)&ids=\(value)")
                expectText(page, path)
                #expect(page.status == 200)
            }
        }
    }

    @Test func pathParametersAreEscaped() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let value = PercentEncoding.component(Self.nasty)
            for path in ["/\(value)", "/integrations/\(value)", "/integrations/new/\(value)", "/guides/\(value)", "/assets/\(value)"] {
                let page = try await browser.get(path)
                expectText(page, path)
                #expect(page.status == 404)
            }
        }
    }

    @Test func whatAPSASays() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let page = try await browser.post(
                "/integrations/new/scripted", [("tenant", Self.nasty), ("mode", "refused"), ("password", "x"), ("action", "test")])
            expectText(page, "report")
            #expect(page.status == 200 && page.text.contains("auth.invalid_client"))
        }
    }
}
