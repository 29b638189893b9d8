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

@Suite("API keys, their pages and routes")
struct APIKeyTests {
    @Test func aKeyMadeByTheAPIIsShownOnceAndSendsEvents() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let made = try await browser.call(
                "POST", "/api-keys",
                ["name": " Backup\u{A0}", "scopes": ["events:send"], "namespace": " Backup ", "expiresAt": "2100-01-01T00:00:00Z"])
            #expect(made.status == 201 && made.json["name"] == "Backup" && made.json["namespace"] == "backup")
            #expect(made.json["expiresAt"] == "2100-01-01T00:00:00Z" && made.json["scopes"] == ["events:send"])
            let key = try #require(made.json["key"]?.string)
            let listed = try await browser.call("GET", "/api-keys")
            #expect(listed.json["apiKeys"]?.elements.count == 1 && !listed.text.contains(key))
            let event: JSONValue = ["source": "a", "id": "1", "type": "t", "severity": "info", "text": "x"]
            let headers = [("Authorization", "Bearer \(key)")]
            #expect(try await browser.call("POST", "/events", event, headers).status == 202)

            let path = "/api-keys/\(made.json["id"]?.string ?? "")"
            #expect(try await browser.call("GET", path).json["lastUsedAt"] != nil)
            func change(_ scopes: JSONValue, _ namespace: JSONValue) async throws -> WebAnswer {
                try await browser.call("PUT", path, ["scopes": scopes, "namespace": namespace, "expiresAt": nil])
            }
            #expect(try await change(["events:send"], nil).json.member("namespace") == .null)
            let changed = try await change(["events:send", "jobs:read"], "other")
            #expect(changed.json["namespace"] == "other" && changed.json["scopes"] == ["events:send", "jobs:read"])
            #expect(try await browser.call("DELETE", path).status == 204)
            #expect(try await browser.call("POST", "/events", event, headers).status == 401)
            #expect(try await change(["events:send"], nil).status == 404)
            #expect(try await browser.call("DELETE", path).status == 404)
            #expect(try await browser.call("GET", path).json["revokedAt"] != nil)
            for method in ["GET", "DELETE"] { #expect(try await browser.call(method, "/api-keys/nothing").status == 404) }
            let actions = try await fixture.audit().map { "\($0.action.rawValue) \($0.detail)" }
            #expect(actions.contains("token.changed Scopes: events:send jobs:read. Namespace “other”."))
            #expect(actions.contains("token.changed Scopes: events:send. A namespace of its own."))
        }
    }

    @Test(
        "an invalid request is reported by member",
        arguments: [
            (#"{"name":"","scopes":["events:send"]}"#, "name"), (#"{"name":"a\u0000b","scopes":["events:send"]}"#, "name"),
            (#"{"name":"a","scopes":["events:send"],"namespace":"a b"}"#, "namespace"),
            (#"{"name":"a","scopes":["events:send"],"namespace":"token/x"}"#, "namespace"),
            (#"{"name":"a","scopes":["events:send"],"namespace":5}"#, "namespace"), (#"{"scopes":["events:send"]}"#, "name"),
            ("{\"name\":\"\(String(repeating: "x", count: 81))\",\"scopes\":[\"events:send\"]}", "name"),
            (#"{"name":"a"}"#, "scopes"), (#"{"name":"a","scopes":[]}"#, "scopes"), (#"{"name":"a","scopes":"events:send"}"#, "scopes"),
            (#"{"name":"a","scopes":["accounts:write"]}"#, "scopes"), (#"{"name":"a","scopes":[1]}"#, "scopes"),
            (#"{"name":"a","scopes":["events:send"],"expiresAt":"soon"}"#, "expiresAt"),
            (#"{"name":"a","scopes":["events:send"],"expiresAt":"2001-01-01T00:00:00Z"}"#, "expiresAt"),
            (#"{"name":"a","scopes":["events:send"],"token":"x"}"#, "token"),
        ])
    func refused(body: String, member: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.call("POST", "/api-keys", JSONValue(try JSONDocument(Array(body.utf8)).root))
            #expect(answer.status == 422 && answer.json["problems"]?.elements.first?["member"]?.string == member, "\(answer.text)")
            #expect(try await fixture.services.storage.tokens().isEmpty)
        }
    }

    @Test("what is left out of a change is reported, and nothing is changed", arguments: ["scopes", "namespace", "expiresAt"])
    func leftOut(member: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let made = try await browser.call("POST", "/api-keys", ["name": "a", "scopes": ["events:send"], "namespace": "shared"])
            let all: [(String, JSONValue?)] = [("scopes", ["jobs:read"]), ("namespace", "x"), ("expiresAt", .null)]
            let answer = try await browser.call(
                "PUT", "/api-keys/\(made.json["id"]?.string ?? "")", .init(present: all.filter { $0.0 != member }))
            #expect(answer.status == 422 && answer.json["problems"]?.elements.first?["member"]?.string == member)
            let stored = try await fixture.services.storage.tokens().first
            #expect(stored?.sharedNamespace?.rawValue == "shared" && stored?.scopes == [.sendEvents])
        }
    }

    @Test func theFormKeepsWhatWasTypedAndShowsTheCommandOnce() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let wrong = try await browser.post(
                "/api-keys", [("name", "Monitor"), ("scope", "jobs:read"), ("namespace", "no spaces"), ("expires", "2001-01-01")])
            #expect(wrong.status == 422 && wrong.text.contains("A namespace has 1 to 60") && wrong.text.contains("value=\"Monitor\""))
            #expect(wrong.text.contains("This day is over already.") && wrong.text.contains("value=\"jobs:read\" checked"))
            let none = try await browser.post("/api-keys", [("name", "Monitor"), ("expires", "yesterday")])
            #expect(none.status == 422 && none.text.contains("Choose what the key is good for.") && none.text.contains("Enter a day."))
            let made = try await browser.post(
                "/api-keys", [("name", "Monitor"), ("scope", "events:send"), ("namespace", "Night"), ("expires", "2100-01-01")])
            let token = try #require(made.text.firstMatch(of: /<code id="token">(vectis_[^<]+)</)).1
            #expect(made.status == 201 && made.text.contains("curl http://\(fixture.host)/api/v1/events"))
            #expect(made.text.ranges(of: token).count == 2 && made.text.contains("Waiting for the first event"))
            let key = try #require(try await fixture.services.storage.tokens().first)
            #expect(key.expiresAt == GregorianUTC.instant(iso8601: "2100-01-02"))
            let page = try await browser.get("/api-keys/\(key.id)")
            #expect(!page.text.contains(token) && page.text.contains("value=\"2100-01-01\"") && page.text.contains("value=\"night\""))
            #expect(try await browser.get("/api-keys").text.contains("shares the namespace <code>night</code>"))
            #expect(try await browser.post("/api-keys/\(key.id)", [("scope", "events:send"), ("namespace", "é")]).status == 422)
            #expect(try await browser.post("/api-keys/\(key.id)", [("scope", "events:send"), ("namespace", " ")]).status == 303)
            #expect(try await fixture.services.storage.token(id: key.id)?.sharedNamespace == nil)
            #expect(try await fixture.services.storage.token(id: key.id)?.expiresAt == nil)
        }
    }

    @Test func behindTLSTheCommandNamesHTTPS() async throws {
        try await WebFixture.with(.inProcess, .init(isBehindTLS: true)) { fixture in
            let made = try await fixture.signIn().post("/api-keys", [("name", "Monitor"), ("scope", "events:send")])
            #expect(made.text.contains("curl https://\(fixture.host)/api/v1/events"))
        }
    }

    @Test func aTestEventArrivesAndEndsTheWaiting() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let (_, key) = try await fixture.addKey([.sendEvents])
            #expect(try await browser.get("/api-keys/\(key.id)").text.contains("data-await=\"3\" data-from=\"/api-keys/\(key.id)\""))
            #expect(try await browser.post("/api-keys/\(key.id)/test-event").headers["Location"] == "/api-keys/\(key.id)?notice=test-event")
            let page = try await browser.get("/api-keys/\(key.id)").text
            #expect(page.contains("has arrived") && !page.contains("data-await") && page.contains("<dd>1 event</dd>"))
            #expect(try await browser.call("POST", "/api-keys/\(key.id)/test-event").status == 202)
            let events = try await fixture.services.storage.events(before: nil, limit: 10)
            #expect(events.count == 2 && events.allSatisfy { $0.event.source == "vectis-test" })
        }
    }

    @Test func aKeyThatMayNotSendEventsSendsNoTestEvent() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let (_, key) = try await fixture.addKey([.readJobs])
            #expect(try await !browser.get("/api-keys/\(key.id)").text.contains("Send a test event"))
            #expect(try await browser.call("POST", "/api-keys/\(key.id)/test-event").status == 422)
            #expect(try await browser.post("/api-keys/\(key.id)/test-event").status == 422)
            #expect(try await fixture.services.storage.events(before: nil, limit: 10).isEmpty)
        }
    }

    @Test func revokingAsksFirstAndSaysWhatWasSent() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let (_, key) = try await fixture.addKey([.sendEvents], name: "Monitor & more")
            let unused = try await browser.get("/api-keys/\(key.id)/revoke").text
            #expect(
                unused.contains("Revoke the API key “Monitor &amp; more”?") && unused.contains("It was never used.")
                    && unused.contains("0 events"))
            _ = try await browser.post("/api-keys/\(key.id)/test-event")
            let used = try await browser.get("/api-keys/\(key.id)/revoke").text
            #expect(used.contains("It was last used") && used.contains("1 event:"))
            #expect(try await fixture.services.storage.token(id: key.id)?.revokedAt == nil)
            #expect(try await browser.post("/api-keys/\(key.id)/revoke").headers["Location"] == "/api-keys?notice=token-revoked")
            #expect(try await browser.get("/api-keys/\(key.id)/revoke").status == 404)
            #expect(try await browser.get("/api-keys/\(key.id)").text.contains("Revoked"))
        }
    }

    @Test("events are counted up to a number")
    func countLimit() async throws {
        try await WebFixture.with { fixture in
            let (_, key) = try await fixture.addKey([.sendEvents])
            for number in 0..<3 {
                _ = try await fixture.services.events.accept(.sample(senderID: "\(number)", receivedAt: fixture.time.now), from: key)
            }
            let all = try await fixture.services.storage.eventCount(in: key.namespace, limit: 10)
            let some = try await fixture.services.storage.eventCount(in: key.namespace, limit: 2)
            #expect(all.count == 3 && some.count == 2 && all.latest == some.latest && all.latest != nil)
            #expect(try await fixture.services.storage.eventCount(in: .own("other"), limit: 10).count == 0)
        }
    }
}

@Suite("The first steps of a host")
struct OnboardingTests {
    private func done(_ browser: Browser) async throws -> [String] {
        let steps = try await browser.call("GET", "/onboarding").json["steps"]?.elements ?? []
        return steps.filter { $0["done"]?.bool == true }.compactMap { $0["step"]?.string }
    }

    @Test func theListFollowsWhatTheHostHasAndGoesWhenAllIsDone() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await done(browser).isEmpty)
            let first = try await browser.get("/integrations").text
            #expect(first.contains("First steps") && first.contains("0 of 6 are done."))
            let connection = try await fixture.connect()
            let withConnection = try await done(browser)
            #expect(withConnection.first == "connection")
            let (text, key) = try await fixture.addKey([.sendEvents])
            #expect(try await done(browser).contains("apiKey") && !text.reveal().isEmpty)
            _ = try await fixture.services.events.accept(.sample(receivedAt: fixture.time.now), from: key)
            #expect(try await done(browser).contains("firstEvent"))
            try await fixture.services.storage.revokeToken(key.id, at: fixture.time.now, audit: .sample(.tokenRevoked))
            #expect(try await !done(browser).contains("apiKey"), "It follows reality.")
            _ = try await fixture.addKey([.sendEvents], expiresAt: fixture.time.now + 60)
            #expect(try await done(browser).contains("apiKey"))
            try await fixture.addRule(for: connection)
            #expect(try await done(browser).contains("rule"))
            #expect(try await !done(browser).contains("activeRule"))
            let rule = try #require(try await fixture.services.storage.rules().first)
            _ = try await fixture.services.rules.setMode(.active, of: rule, revision: rule.revision, audit: .sample(.ruleChanged))
            #expect(try await done(browser).contains("activeRule"))
            let descriptor = try fixture.services.registry.descriptor(named: connection.connector.rawValue)
            let hasFields = descriptor.settings.fields.contains { if case .ticketDefault = $0.purpose { true } else { false } }
            if hasFields {
                #expect(try await !done(browser).contains("ticketDefaults"))
                let saved = try await browser.call(
                    "PUT", "/connections/\(connection.id)/ticket-defaults", ["revision": 1, "type": 1, "status": nil])
                #expect(saved.status == 200, "\(saved.text)")
            }
            #expect(try await done(browser).count == 6)
            #expect(try await !browser.get("/integrations").text.contains("First steps"))
        }
    }

    @Test func itIsHiddenForAllAndComesBack() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            #expect(try await browser.post("/onboarding", [("dismissed", "1")]).headers["Location"] == "/integrations")
            let hidden = try await fixture.signIn().get("/integrations").text
            #expect(!hidden.contains("id=\"first-steps\"") && hidden.contains("Show the first steps again"))
            #expect(try await browser.call("GET", "/onboarding").json["dismissed"]?.bool == true)
            #expect(try await browser.call("PUT", "/onboarding", ["dismissed": false]).json["dismissed"]?.bool == false)
            #expect(try await browser.get("/integrations").text.contains("id=\"first-steps\""))
            #expect(try await fixture.audit().count { $0.action == .onboardingChanged } == 2)
        }
    }

    @Test("bad input is refused, and only administrators see and change it")
    func badInput() async throws {
        try await WebFixture.with { fixture in
            let (admin, viewer) = (try await fixture.signIn(), try await fixture.signIn("viewer"))
            #expect(try await admin.post("/onboarding", [("dismissed", "2")]).status == 422)
            #expect(try await admin.call("PUT", "/onboarding", [:]).status == 422)
            #expect(try await admin.call("PUT", "/onboarding", ["dismissed": "yes"]).status == 422)
            #expect(try await viewer.call("GET", "/onboarding").status == 403)
            #expect(try await viewer.post("/onboarding", [("dismissed", "1")]).status == 403)
            #expect(try await !viewer.get("/integrations").text.contains("First steps"))
            #expect(try await fixture.services.storage.onboarding(at: fixture.time.now).dismissedAt == nil)
        }
    }

    @Test("an account is removed after a question that counts its sessions")
    func accountRemoval() async throws {
        try await WebFixture.with { fixture in
            let admin = try await fixture.signIn()
            #expect(try await admin.get("/accounts/viewer/remove").text.contains("It is not signed in."))
            _ = try await fixture.signIn("viewer")
            #expect(try await admin.get("/accounts/viewer/remove").text.contains("Its session ends."))
            _ = try await fixture.signIn("viewer")
            let page = try await admin.get("/accounts/viewer/remove").text
            #expect(page.contains("Its 2 sessions end.") && page.contains("action=\"/accounts/viewer/remove\""))
            #expect(try await admin.get("/accounts/admin/remove").status == 409)
            #expect(try await admin.get("/accounts/nobody/remove").status == 404)
            #expect(try await fixture.services.storage.accounts().count == 2)
        }
    }
}
