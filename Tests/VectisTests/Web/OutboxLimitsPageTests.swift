import PSACore
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Setting the limits of the outbox")
struct OutboxLimitsPageTests {
    @Test func thePageAndTheAPIShowAndChangeTheSame() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let viewer = try await fixture.signIn("viewer")
            let usual: JSONValue = ["revision": 0, "maxAgeHours": 48, "maxWaitMinutes": 15]
            #expect(try await viewer.call("GET", "/outbox-limits").json == usual)
            let page = try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", " 72 "), ("maxWaitMinutes", "5")])
            #expect(page.status == 303)
            #expect(
                try await viewer.call("GET", "/outbox-limits").json == ["revision": 1, "maxAgeHours": 72, "maxWaitMinutes": 5])
            let change: JSONValue = ["revision": 1, "maxAgeHours": 24, "maxWaitMinutes": 30]
            let changed = try await browser.call("PUT", "/outbox-limits", change)
            #expect(changed.json == ["revision": 2, "maxAgeHours": 24, "maxWaitMinutes": 30])
            let shown = try await browser.get("/rules/limits").text
            #expect(shown.contains("value=\"24\"") && shown.contains("value=\"30\"") && shown.contains("value=\"2\""))
            let entries = try await fixture.audit().filter { $0.action == .outboxLimitsChanged }
            #expect(
                entries.map(\.detail) == ["Oldest: 24 hours. Longest wait: 30 minutes.", "Oldest: 72 hours. Longest wait: 5 minutes."])
        }
    }

    @Test func invalidLimitsAreRejectedWithTheRangeAndInputIsKept() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.post(
                "/rules/limits", [("revision", "0"), ("maxAgeHours", "soon"), ("maxWaitMinutes", "61")])
            #expect(answer.status == 422)
            #expect(answer.text.contains("Enter a whole number from 1 to 720.") && answer.text.contains("value=\"soon\""))
            #expect(answer.text.contains("Enter a whole number from 1 to 60.") && answer.text.contains("value=\"61\""))
            let wrong: JSONValue = ["revision": 0, "maxAgeHours": 721, "maxWaitMinutes": "5"]
            let refused = try await browser.call("PUT", "/outbox-limits", wrong)
            #expect(refused.status == 422)
            #expect(
                refused.json["problems"]?.elements.map { "\($0["member"]?.string ?? "") \($0["code"]?.string ?? "")" }
                    == ["maxWaitMinutes wrong_type", "maxAgeHours out_of_range"])
            #expect(try await fixture.services.storage.outboxLimits().revision == 0)
        }
    }

    @Test func limitsOfAnOlderRevisionOverwriteNothing() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let fields = [("revision", "0"), ("maxAgeHours", "72"), ("maxWaitMinutes", "5")]
            _ = try await browser.post("/rules/limits", fields)
            let late = try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "1"), ("maxWaitMinutes", "1")])
            #expect(late.status == 409 && late.text.contains("The limits were changed after you opened them"))
            let change: JSONValue = ["revision": 0, "maxAgeHours": 1, "maxWaitMinutes": 1]
            #expect(try await browser.call("PUT", "/outbox-limits", change).code == "stale")
            #expect(try await fixture.services.storage.outboxLimits().limits.maxAgeHours == 72)
        }
    }

    @Test func aViewerChangesNothing() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            #expect(try await viewer.get("/rules/limits").status == 403)
            #expect(try await viewer.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "1")]).status == 403)
            let change: JSONValue = ["revision": 0, "maxAgeHours": 1, "maxWaitMinutes": 1]
            #expect(try await viewer.call("PUT", "/outbox-limits", change).status == 403)
            #expect(try await !viewer.get("/rules").text.contains("/rules/limits"))
        }
    }
}
