import FoundationEssentials
import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Pages and API of notifications") struct NotificationPageTests {
    private static let mailForm = [
        ("kind", "email"), ("name", "On call"), ("server", "smtp.example.com"), ("port", "587"), ("security", "starttls"),
        ("sender", "v@example.com"), ("recipients", "a@example.com\nb@example.com"), ("user", "v"), ("password", "password-marker"),
        ("kinds", "connection_broken"), ("kinds", "needs_review"), ("allConnections", "on"), ("groupingMinutes", "30"),
        ("repeatHours", ""), ("language", "de"), ("enabled", "on"),
    ]

    @Test func aContactPointIsAddedTestedChangedAndRemovedOnPages() async throws {
        try await WebFixture.with(.overASocket) { fixture in
            let admin = try await fixture.signIn()
            #expect(try await admin.get("/notifications").text.contains("There is no contact point yet"))
            for kind in ContactPointKind.allCases {
                let page = try await admin.get("/notifications/new?kind=\(kind.rawValue)")
                #expect(
                    page.status == 200 && page.text.contains("name=\"name\"")
                        && page.text.contains("name=\"kind\" value=\"\(kind.rawValue)\""))
            }
            let made = try await admin.post("/notifications/new", Self.mailForm)
            #expect(made.status == 303)
            let stored = try #require(try await fixture.services.storage.contactPoints().first)
            let path = "/notifications/\(stored.point.id)"
            #expect(stored.point.mail.recipients == ["a@example.com", "b@example.com"] && stored.point.subscription.repeatHours == nil)
            #expect(stored.point.language == .german && stored.point.subscription.kinds == [.connectionBroken, .needsReview])
            #expect(try await admin.get(path + "?notice=contact-point").text.contains("The contact point is saved"))
            fixture.sender.answer(.refused(.init(.signInRefused), isTemporary: false))
            let refused = try await admin.post(path + "/test")
            #expect(
                refused.status == 200 && refused.text.contains("The mail server refuses the sign-in")
                    && refused.text.contains("<h3>What to do</h3>"))
            let sent = try await admin.post(path + "/test")
            #expect(sent.status == 200 && sent.text.contains("The test message was accepted by smtp.example.com"))
            let change = Self.mailForm.filter { $0.0 != "kind" && $0.0 != "password" } + [("revision", "1")]
            #expect(try await admin.post(path, change).status == 303)
            let late = try await admin.post(path, change)
            #expect(late.status == 409 && late.text.contains("name=\"revision\" value=\"1\""), "Saving again is a conflict, too.")
            #expect(try await fixture.services.storage.contactPoint(stored.point.id)?.point.password == stored.point.password)
            let list = try await admin.get("/notifications")
            #expect(list.text.contains("On call") && list.text.contains("Testnachricht"))
            #expect(try await admin.get(path + "/remove").status == 200)
            #expect(try await admin.post(path + "/remove").status == 303)
            #expect(try await admin.get(path).status == 404)
            let actions = try await fixture.audit().map(\.action)
            for action in [AuditAction.contactPointCreated, .contactPointTested, .contactPointChanged, .contactPointRemoved] {
                #expect(actions.contains(action))
            }
        }
    }

    @Test func eachProblemIsShownAtItsFieldAndInTheSummary() async throws {
        try await WebFixture.with { fixture in
            let admin = try await fixture.signIn()
            let page = try await admin.post(
                "/notifications/new",
                [("kind", "email"), ("name", ""), ("server", "127.0.0.1"), ("port", "x"), ("sender", "nobody"), ("groupingMinutes", "1")])
            #expect(page.status == 422)
            for field in ["name", "server", "port", "sender", "recipients", "kinds", "groupingMinutes", "connections"] {
                #expect(page.text.contains("href=\"#field-\(field)\""), "\(field)")
            }
            #expect(page.text.contains("value=\"x\"") && page.text.contains("aria-invalid=\"true\""))
            #expect(try await fixture.services.storage.contactPoints().isEmpty)
        }
    }

    @Test func aViewerSeesFactsAndNoForm() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addContactPoint(for: connection)
            let viewer = try await fixture.signIn("viewer")
            let page = try await viewer.get("/notifications/\(connection.id)")
            #expect(
                page.status == 200 && page.text.contains("hooks.example.com")
                    && !page.text.contains("<form method=\"post\" action=\"/notifications"))
            #expect(!(try await viewer.get("/notifications").text.contains("/notifications/new")))
        }
    }

    @Test func theAPINeverReturnsSecrets() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            var texts: [String] = []
            let bodies: [JSONValue] = [
                [
                    "kind": "email", "name": "M", "server": "smtp.example.com", "user": "v", "password": "password-marker",
                    "sender": "a@example.com", "recipients": ["b@example.com"],
                ],
                ["kind": "webhook", "name": "W", "address": "https://h.example.com/address-marker", "signingKey": "signing-key-marker"],
                ["kind": "slack", "name": "S", "address": "https://h.example.com/address-marker"],
            ]
            for body in bodies {
                let made = try await browser.call("POST", "/contact-points", body)
                #expect(made.status == 201)
                let id = try #require(made.json["id"]?.string)
                texts.append(made.text)
                texts.append(try await browser.call("POST", "/contact-points/\(id)/test").text)
                texts.append(try await browser.call("GET", "/contact-points/\(id)").text)
                texts.append(try await browser.get("/notifications/\(id)").text)
                texts.append(try await browser.call("PUT", "/contact-points/\(id)", ["revision": 1, "repeatHours": nil]).text)
            }
            texts.append(try await browser.call("GET", "/contact-points").text)
            texts.append(try await browser.call("GET", "/notifications").text)
            texts.append(try await browser.get("/notifications").text)
            texts.append(fixture.log.text)
            texts += try await fixture.audit().map { "\($0)" }
            #expect(texts.allSatisfy { !$0.contains("marker") })
        }
    }

    @Test func theAPIRefusesEachWrongMember() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            func members(_ body: JSONValue) async throws -> [String] {
                let answer = try await browser.call("POST", "/contact-points", body)
                #expect(answer.status == 422)
                return answer.json["problems"]?.elements.compactMap { $0["member"]?.string } ?? []
            }
            #expect(try await members(["kind": "pager", "name": "x", "address": "https://a.example.com/"]) == ["kind"])
            #expect(try await members(["kind": "slack", "name": "x"]) == ["address"])
            #expect(try await members(["kind": "slack", "name": "x", "address": "http://10.0.0.1/"]) == ["address"])
            #expect(try await members(["kind": "slack", "name": "x", "address": "https://a.example.com/", "server": "x"]) == ["server"])
            #expect(
                try await members(["kind": "teams", "name": "x", "address": "https://a.example.com/", "kinds": ["nothing"]]) == ["kinds"])
            #expect(
                try await members([
                    "kind": "webhook", "name": "x", "address": "https://a.example.com/", "signingKey": "short", "groupingMinutes": 1,
                    "repeatHours": 999, "connections": ["nowhere"],
                ]) == ["signingKey", "connections", "groupingMinutes", "repeatHours"])
            let limit = try await browser.call("GET", "/notifications?limit=0&before=x")
            #expect(limit.status == 422)
        }
    }
}
