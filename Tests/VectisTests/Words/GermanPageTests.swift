import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisWeb

/// Each page is asked for in German; what its catalogue lacks is a failure.
///
/// `VECTIS_MISSING_MESSAGES=FILE` writes the missing messages there, one a line, ready for the catalogue.
@Suite("Pages in German")
struct GermanPageTests {
    /// Opens every page and form that the routes have, and forms that are sent with mistakes.
    private static func openEverything(_ fixture: WebFixture) async throws {
        _ = try await fixture.send("GET", "/sign-in", [("Accept-Language", "de")])
        let admin = try await fixture.signIn()
        let language = [("Accept-Language", "de")]
        let routes = fixture.application.router.routes.filter { !$0.pattern.hasPrefix("/api/") }
        _ = try await admin.get("/integrations", language)
        _ = try await admin.get("/integrations/new/halopsa", language)
        _ = try await admin.get("/integrations/new/autotask", language)
        let connection = try await fixture.connect()
        for route in routes where route.method == .get { _ = try await admin.get(fixture.path(route, connection), language) }
        try await fixture.addRule(for: connection)
        try await fixture.addContactPoint(for: connection)
        try await fixture.services.storage.add(Rule.sample(.sample(connection: connection.id)), audit: .sample(.ruleCreated))
        try await fixture.addCopy(of: connection)
        try await fixture.services.storage.recordIssue(.networkTimeout, of: connection.id, at: fixture.time.now)
        let viewer = try await fixture.signIn("viewer")
        for browser in [admin, viewer] {
            for route in routes where route.method == .get { _ = try await browser.get(fixture.path(route, connection), language) }
            for query in [
                "/nowhere", "/jobs?state=failed", "/audit?from=x", "/notifications/new?kind=email", "/notifications/new?kind=slack",
            ] {
                _ = try await browser.get(query, language)
            }
        }
        for route in routes where route.method == .post && !route.pattern.contains("remove") && !route.pattern.contains("sign") {
            _ = try await admin.post(fixture.path(route, connection), [], language)
        }
        _ = try await admin.post("/account/preferences", [("language", "xx"), ("time-zone", "Nowhere")], language)
        for notice in ["saved", "saved-untested", "removed", "rule", "password", "preferences", "defaults", "retention", "limits"] {
            _ = try await admin.get("/integrations?notice=\(notice)", language)
        }
    }

    @Test func noMessageOfAPageIsMissing() async throws {
        let missing = MissingMessages()
        try await MissingMessages.$current.withValue(missing) {
            try await WebFixture.with { fixture in try await Self.openEverything(fixture) }
        }
        // Names of settings belong to the connectors; those of the one for tests are not in any catalogue.
        let all = missing.all.filter { !$0.hasPrefix("Label of ") && $0 != "Help." }
        if let path = ProcessInfo.processInfo.environment["VECTIS_MISSING_MESSAGES"] {
            try all.map { $0 + " | \n" }.joined().write(toFile: path, atomically: true, encoding: .utf8)
        }
        #expect(all.isEmpty, "\(all.count) messages are missing in german.txt: \(all.prefix(20).joined(separator: "\n"))")
    }

    @Test func thePageSaysItsLanguageAndIsWrittenInIt() async throws {
        try await WebFixture.with { fixture in
            let page = try await fixture.send("GET", "/sign-in", [("Accept-Language", "de")]).text
            #expect(page.contains("<html lang=\"de\"") && page.contains("Zum Inhalt springen"))
            let english = try await fixture.send("GET", "/sign-in", [("Accept-Language", "fr")]).text
            #expect(english.contains("<html lang=\"en\"") && english.contains("Skip to content"))
        }
    }

    @Test func theChoiceOfTheAccountGoesBeforeTheBrowsers() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let saved = try await browser.post("/account/preferences", [("language", "de"), ("time-zone", "Asia/Kathmandu")])
            #expect(saved.status == 303 && saved.headers["Location"] == "/account?notice=preferences")
            let page = try await browser.get("/audit", [("Accept-Language", "en")]).text
            #expect(page.contains("<html lang=\"de\">") && page.contains("(Asia/Kathmandu, UTC+5:45)"))
            let other = try await fixture.signIn("viewer").get("/audit", [("Accept-Language", "en")]).text
            #expect(other.contains("<html lang=\"en\" data-zone-unknown>"))
            _ = try await browser.post("/account/preferences", [("language", ""), ("time-zone", "")])
            #expect(try await browser.get("/audit", [("Accept-Language", "en")]).text.contains("<html lang=\"en\" data-zone-unknown>"))
        }
    }

    @Test func theZoneOfTheCookieIsOnThePage() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let page = try await fixture.send("GET", "/audit", [("Cookie", browser.cookie + "; vectis_zone=Europe/Berlin")]).text
            #expect(page.contains("<html lang=\"en\">") && page.contains("(Europe/Berlin, UTC+2)"))
        }
    }

    @Test func errorsOfTheAPIStayEnglish() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            _ = try await browser.call("PUT", "/account/preferences", ["language": "de"])
            let answer = try await browser.call("GET", "/connections/nowhere", nil, [("Accept-Language", "de")])
            #expect(answer.status == 404 && answer.text.contains("There is no connection with this id."))
        }
    }
}

@Suite("Preferences of an account")
struct PreferencesTests {
    @Test func theAPIStoresAndReturnsThem() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            #expect(try await browser.call("GET", "/account/preferences").json == ["language": .null, "timeZone": .null])
            let chosen: JSONValue = ["language": "de", "timeZone": "Europe/Vienna"]
            let saved = try await browser.call("PUT", "/account/preferences", chosen)
            #expect(saved.status == 200 && saved.json == chosen)
            #expect(try await browser.call("GET", "/account/preferences").json == chosen)
            #expect(try await browser.call("PUT", "/account/preferences", [:]).json == ["language": .null, "timeZone": .null])
            #expect(
                try await fixture.services.storage.audit(AuditFilter(), before: nil, limit: 5).contains {
                    $0.entry.action == .preferencesChanged
                })
        }
    }

    @Test(
        arguments: [
            ["language": "fr"], ["timeZone": "Europe/Atlantis"], ["timeZone": .string(String(repeating: "x", count: 65))], ["language": 1],
            ["zone": "UTC"], ["timeZone": "../etc/passwd"],
        ] as [JSONValue])
    func whatIsNotValidIsRefused(body: JSONValue) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await browser.call("PUT", "/account/preferences", body).status == 422)
            #expect(try await browser.call("GET", "/account/preferences").json == ["language": .null, "timeZone": .null])
        }
    }

    @Test func aFormWithoutItsTokenOrFromAnotherSiteIsRefused() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let forged = Browser(fixture: fixture, cookie: browser.cookie, formToken: "wrong")
            #expect(try await forged.post("/account/preferences", [("language", "de")]).status == 403)
            #expect(try await browser.post("/account/preferences", [("language", "de")], [("Origin", "http://evil.example")]).status == 403)
        }
    }

    @Test func thePageShowsWhatIsWrongAtItsField() async throws {
        try await WebFixture.with { fixture in
            let page = try await fixture.signIn().post("/account/preferences", [("language", "xx"), ("time-zone", "Nowhere")])
            #expect(
                page.status == 422 && page.text.contains("There is no time zone of this name.") && page.text.contains("value=\"Nowhere\""))
        }
    }
}
