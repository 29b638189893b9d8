import Foundation
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisWeb

/// Each form, sent with mistakes.
@Suite("Forms that are refused")
struct FormTests {
    /// A form with mistakes in it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        /// The path; `{id}` is the connection, and the rule, key and contact point that have its id.
        let path: String
        var fields: [(String, String)] = []
        /// The inputs to correct, in the order of the page.
        let anchors: [String]

        var testDescription: String { path }
    }

    static let mistakes = [
        Mistake(path: "/integrations/new/scripted", fields: [("action", "save")], anchors: ["field-tenant", "field-password"]),
        Mistake(path: "/integrations/{id}/settings", fields: [("tenant", ""), ("action", "test")], anchors: ["field-tenant"]),
        Mistake(
            path: "/integrations/{id}/ticket-defaults",
            fields: [("revision", "1"), ("lists", "no"), ("action", "save"), ("type", "x"), ("priority", "y")],
            anchors: ["field-type", "field-priority"]),
        Mistake(
            path: "/notifications/new", fields: [("kind", "slack"), ("groupingMinutes", "x")],
            anchors: [
                "field-name", "field-address", "field-connections", "field-kinds", "field-groupingMinutes",
            ]),
        Mistake(path: "/api-keys", fields: [("expires", "x")], anchors: ["field-name", "field-scopes", "field-expires"]),
        Mistake(path: "/api-keys/{id}", fields: [("namespace", "no good name!")], anchors: ["field-scopes", "field-namespace"]),
        Mistake(path: "/accounts", fields: [("name", "!"), ("role", "king")], anchors: ["field-name", "field-password", "field-role"]),
        Mistake(path: "/account", fields: [("current", "wrong"), ("new", "short")], anchors: ["field-current", "field-new"]),
        Mistake(
            path: "/account/preferences", fields: [("language", "xx"), ("time-zone", "Nowhere")],
            anchors: ["field-language", "field-time-zone"]),
        Mistake(path: "/account/second-factor", fields: [("password", "wrong")], anchors: ["field-password"]),
        Mistake(
            path: "/retention", fields: [("eventDays", "x"), ("jobDays", "400"), ("deletedRecordDays", "90"), ("auditDays", "400")],
            anchors: ["field-eventDays", "field-tokenDays"]),
        Mistake(path: "/rules/limits", fields: [("maxAgeHours", "72")], anchors: ["field-maxWaitMinutes"]),
        Mistake(
            path: "/rules/new", fields: [("action", "save"), ("limitCount", "many"), ("limitMinutes", "10"), ("eventTypes", "x")],
            anchors: ["field-name", "field-connection", "field-summary", "field-limitCount"]),
        Mistake(
            path: "/connections/{id}/detectors", fields: [("agreement.ending.days", "x"), ("ticket.waiting.days", "7")],
            anchors: ["field-agreement.ending.days"]),
        Mistake(path: "/connections/{id}/hook", fields: [("authentication", "bearer")], anchors: ["field-secret"]),
        Mistake(path: "/rules/companies/1", anchors: ["field-id"]),
        Mistake(path: "/jobs/1/correct", fields: [("action", "send")], anchors: ["field-summary"]),
    ]

    @Test(arguments: mistakes, [Language.english, .german])
    func theSummaryHasTheFocusAndLeadsToEachFieldThatSaysItsProblemOnce(mistake: Mistake, language: Language) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            let path = mistake.path.replacing("{id}", with: connection.id.rawValue)
            let answer = try await fixture.signIn().post(path, mistake.fields, [("Accept-Language", language.rawValue)])
            #expect(answer.status == 422, "\(answer.status)")
            let page = answer.text
            #expect(page.matches(of: /\sautofocus/).count == 1)
            let summary = try #require(
                page.firstMatch(of: /(?s)<div class="notice problem form-problems" role="alert" tabindex="-1" autofocus>(.*?)<\/div>/)?.1)
            let problems = summary.matches(of: /<li><a href="#([^"]+)">([^<]+)<\/a>: (.*?)<\/li>/)
            #expect(problems.map { String($0.1) } == mistake.anchors)
            for problem in problems {
                let (anchor, message) = (String(problem.1), String(problem.3))
                #expect(page.contains("id=\"\(anchor)\""), "\(anchor)")
                let place = try #require(
                    page.firstRange(of: "id=\"\(anchor)-problem\"") ?? page.firstRange(of: "id=\"field-limit-problem\""))
                #expect(page[place.upperBound...].prefix(400).contains(message), "The field \(anchor) says “\(message)” too.")
                #expect(page.contains("\(anchor)-problem\""), "\(anchor)")
            }
            // Where something under “Advanced” is to be corrected, it is open.
            for details in page.matches(of: /(?s)<details class="advanced"( open)?>(.*?)<\/details>/)
            where details.2.contains("class=\"problem\"") {
                #expect(details.1 != nil)
            }
            // The labels of the connector for tests are in no language.
            let words = String(summary).replacing("Label of", with: "")
            if language == .german { #expect(EnglishWords.sentences(in: words).isEmpty, "\(summary)") }
        }
    }

    @Test func aRefusedSignInHasItsReasonInFocusAndAtBothFields() async throws {
        try await WebFixture.with { fixture in
            let page = try await fixture.send(
                "POST", "/sign-in", [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://\(fixture.host)")],
                body: Array("name=admin&password=wrong".utf8))
            #expect(page.status == 401 && page.text.contains("role=\"alert\" id=\"refusal\" tabindex=\"-1\" autofocus>"))
            #expect(page.text.matches(of: /aria-describedby="refusal" aria-invalid="true"/).count == 2)
            #expect(page.text.matches(of: /\sautofocus/).count == 1)
        }
    }

    @Test func whatIsSeldomNeededIsClosedUntilItIsSet() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            let browser = try await fixture.signIn()
            let closed = "<details class=\"advanced\"><summary>Advanced</summary>"
            let open = "<details class=\"advanced\" open><summary>Advanced</summary>"
            for path in ["/integrations/new/scripted", "/api-keys", "/notifications/new?kind=email", "/rules/new"] {
                let page = try await browser.get(path).text
                #expect(page.contains(closed) && !page.contains(open), "\(path)")
            }
            // Its mode was set.
            #expect(try await browser.get("/integrations/\(connection.id)/settings").text.contains(open))
            let required = try await browser.get("/integrations/new/scripted").text
            let (last, advanced) = (required.firstRange(of: "id=\"field-password\""), required.firstRange(of: closed))
            #expect(try #require(last).lowerBound < (try #require(advanced)).lowerBound, "What is required comes first.")
            #expect(try #require(required.firstRange(of: "id=\"field-mode\"")).lowerBound > (try #require(advanced)).lowerBound)
        }
    }
}
