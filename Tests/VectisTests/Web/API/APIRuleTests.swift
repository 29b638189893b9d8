import Foundation
import PSACore
import PSATesting
import Testing
import WebServer
@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Rules over the JSON API") struct APIRuleTests {
    /// A definition with one of everything.
    private static func definition(_ connection: StoredConnection) -> JSONValue {
        var definition = RuleDefinition.sample(
            connection: connection.id, eventTypes: ["backup.failed"],
            groups: [
                ConditionGroup(tests: [
                    Condition(field: .severity, comparison: .oneOf, value: "error, critical"),
                    Condition(field: .hour, comparison: .betweenHours, value: "18-7", timeZone: TimeZoneID(rawValue: "Europe/Berlin")),
                ]), ConditionGroup(tests: [Condition(field: .psaCompanyActive, comparison: .equals, value: "yes")]),
            ], appendMinutes: 2_880, limit: RuleRateLimit(count: 5, minutes: 60))
        definition.action.overrides.values[.priority] = "3"
        return definition.json
    }

    private static func new(_ definition: JSONValue, _ name: String = "Backup failed") -> JSONValue {
        ["name": .string(name), "definition": definition, "missingFields": "accept", "acceptUnverified": true]
    }

    /// An object with a member replaced, or added.
    private static func changed(_ value: JSONValue, _ name: String, _ member: JSONValue) -> JSONValue {
        .object(value.members.filter { $0.name != name } + [JSONValue.Member(name: name, value: member)])
    }

    private static func problems(_ answer: WebAnswer) -> [String] {
        (answer.json["problems"]?.elements ?? []).map { "\($0["member"]?.string ?? "?"): \($0["code"]?.string ?? "?")" }
    }

    @Test func whatIsReadCanBeSentBackUnchanged() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let made = try await browser.call("POST", "/rules", Self.new(Self.definition(connection)))
            #expect(made.status == 201 && made.json["mode"] == "dry_run" && made.json["state"]?["name"] == "dry_run")
            let path = "/rules/\(made.json["id"]?.string ?? "")"
            let read = try await browser.call("GET", path)
            #expect(read.json == made.json)
            let sent = Self.changed(Self.changed(read.json, "missingFields", "accept"), "acceptUnverified", true)
            let put = try await browser.call("PUT", path, sent)
            #expect(put.status == 200 && put.json["definition"] == read.json["definition"] && put.json["revision"] == 2)
            let stored = try #require(try await fixture.services.storage.rules().first)
            #expect(stored.definition.json == Self.definition(connection))
            #expect(
                try await fixture.audit().map(\.action).filter { [.ruleCreated, .ruleChanged].contains($0) } == [
                    .ruleChanged, .ruleCreated,
                ])
        }
    }

    @Test func anOlderRevisionIsAConflict() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let path = "/rules/\(connection.id)"
            #expect(try await browser.call("PUT", path + "/mode", ["mode": "active", "revision": 1]).json["state"]?["title"] == "Active")
            for (method, target, body) in [
                ("PUT", path + "/mode", ["mode": "off", "revision": 1] as JSONValue?),
                ("PUT", path, Self.changed(Self.new(Self.definition(connection)), "revision", 1)), ("DELETE", path + "?revision=1", nil),
            ] {
                let answer = try await browser.call(method, target, body)
                #expect(answer.status == 409 && answer.code == "stale", "\(method) \(target)")
            }
            #expect(try await browser.call("DELETE", path + "?revision=2").status == 204)
            #expect(try await browser.call("GET", path).status == 404)
            #expect(try await browser.call("DELETE", path).status == 404)
        }
    }

    @Test(
        arguments: [
            ("colour", "red", "definition.colour: unknown"), ("summary", 7, "definition.summary: wrong_type"),
            ("connection", "///", "definition.connection: invalid"), ("connection", "abcabcabcabc", "definition.connection: invalid"),
            ("eventTypes", "backup.failed", "definition.eventTypes: wrong_type"),
            ("eventTypes", [1], "definition.eventTypes.0: wrong_type"),
            ("groups", "all", "definition.groups: wrong_type"), ("groups", [1], "definition.groups.0: wrong_type"),
            ("groups", [[]], "definition.groups.0: invalid"), ("groups", [[1]], "definition.groups.0.0: wrong_type"),
            ("groups", [[["field": "text", "comparison": "equals"]]], "definition.groups.0.0.value: missing"),
            ("groups", [[["field": "colour", "comparison": "equals", "value": "red"]]], "definition.groups.0.0.field: invalid"),
            ("groups", [[["field": "hour", "comparison": "contains", "value": "7"]]], "definition.groups.0.0.comparison: invalid"),
            ("groups", [[["field": "severity", "comparison": "at_least", "value": "awful"]]], "definition.groups.0.0: invalid"),
            (
                "groups", [[["field": "hour", "comparison": "between_hours", "value": "1-2", "timeZone": "Mars/Olympus"]]],
                "definition.groups.0.0: invalid"
            ),
            ("groups", [[["field": "text", "comparison": "equals", "value": "x", "zone": "UTC"]]], "definition.groups.0.0.zone: unknown"),
            (
                "groups", [[["field": "text", "comparison": "contains", "value": .string(String(repeating: "x", count: 501))]]],
                "definition.groups.0.0: invalid"
            ),
            (
                "groups", [[["field": "text", "comparison": "contains", "value": .string(String(repeating: "x", count: 5_000))]]],
                "definition.groups.0.0.value: too_long"
            ),
            (
                "groups", .array(Array(repeating: [["field": "text", "comparison": "equals", "value": "x"]], count: 21)),
                "definition.groups: invalid"
            ),
            (
                "groups", [.array(Array(repeating: ["field": "text", "comparison": "equals", "value": "x"], count: 21))],
                "definition.groups: invalid"
            ), ("appendMinutes", "2 days", "definition.appendMinutes: wrong_type"),
            ("appendMinutes", 20_000, "definition.appendMinutes: invalid"),
            ("appendMinutes", -1, "definition.appendMinutes: invalid"), ("limitCount", 0, "definition.limitCount: invalid"),
            ("limitMinutes", 0, "definition.limitMinutes: invalid"), ("limitMinutes", 1_441, "definition.limitMinutes: invalid"),
            ("eventTypes", ["backup.failed", ""], "definition.eventTypes.1: invalid"),
            ("eventTypes", [" backup.failed "], "definition.eventTypes.0: invalid"),
            ("eventTypes", ["a\nb"], "definition.eventTypes.0: invalid"),
            ("groups", [[["field": "text", "comparison": "one_of", "value": " ,, "]]], "definition.groups.0.0: invalid"),
            ("groups", [[["field": "device", "comparison": "equals", "value": "a\nb"]]], "definition.groups.0.0: invalid"),
            ("summary", "{device", "definition.summary: invalid"), ("details", "Backup of device} failed", "definition.details: invalid"),
            ("fields", ["cf:1": ["template": "{device"]], "definition.fields.cf:1: invalid"),
            ("fields", ["cf:1": ["template": "x", "maxLength": -1]], "definition.fields.cf:1: invalid"),
            ("fields", [1], "definition.fields: wrong_type"),
            ("details", .string(String(repeating: "x", count: 40_000)), "definition.details: too_long"),
            ("summary", "{nope}", "definition.summary: invalid"),
        ] as [(String, JSONValue, String)])
    func whatIsNotUnderstoodIsRefusedAtItsPlace(member: String, value: JSONValue, problem: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let definition = Self.changed(Self.definition(connection), member, value)
            for (path, body) in [
                ("/rules", Self.new(definition)), ("/rules/preview", ["definition": definition] as JSONValue),
            ] where !(path.hasSuffix("preview") && value == "abcabcabcabc") {
                let answer = try await browser.call("POST", path, body)
                #expect(answer.status == 422 && Self.problems(answer) == [problem], "\(path): \(Self.problems(answer))")
            }
            #expect(try await fixture.services.storage.rules().isEmpty)
        }
    }

    @Test(
        arguments: [
            ("POST", "/rules", [:], ["name: missing", "definition: missing"]),
            ("POST", "/rules", ["name": "", "definition": "x"], ["definition: wrong_type"]),
            (
                "POST", "/rules/preview", ["definition": [:], "events": 501],
                ["definition.connection: missing", "definition.summary: missing", "events: out_of_range"]
            ),
            (
                "POST", "/rules/preview", ["definition": [:], "event": "x"],
                ["definition.connection: missing", "definition.summary: missing", "event: wrong_type"]
            ),
            ("PUT", "/rules/{id}/mode", ["mode": "loud", "revision": 1], ["mode: invalid"]),
            ("PUT", "/rules/{id}/mode", ["mode": "off"], ["revision: missing"]),
            ("POST", "/rules/{id}/reviews", ["choice": "burn"], ["choice: invalid"]),
            ("POST", "/rules/{id}/reviews", [:], ["choice: missing"]),
            ("GET", "/rules?limit=0", nil, ["limit: out_of_range"]), ("GET", "/rules?from=-1", nil, ["from: out_of_range"]),
            ("GET", "/rules?page=1", nil, ["page: unknown"]), ("GET", "/rule-templates?x=1", nil, ["x: unknown"]),
            ("DELETE", "/rules/{id}?force=1", nil, ["force: unknown"]),
        ] as [(String, String, JSONValue?, [String])])
    func badInputNamesEachMember(method: String, path: String, body: JSONValue?, expected: [String]) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let answer = try await browser.call(method, path.replacing("{id}", with: connection.id.rawValue), body)
            #expect(answer.status == 422 && Set(Self.problems(answer)) == Set(expected), "\(Self.problems(answer))")
        }
    }

    @Test func aChangeMayNotNameAnotherRuleOrMode() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let body = Self.changed(Self.new(Self.definition(connection)), "revision", 1)
            for (member, value) in [("id", "other"), ("mode", "active")] as [(String, JSONValue)] {
                let answer = try await browser.call("PUT", "/rules/\(connection.id)", Self.changed(body, member, value))
                #expect(answer.status == 422 && Self.problems(answer) == ["\(member): invalid"])
            }
        }
    }

    @Test func theRemovalOfAConnectionNamesItsActiveRulesAndPausesThem() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let made = try await browser.call("POST", "/rules", Self.new(Self.definition(connection)))
            let path = "/rules/\(made.json["id"]?.string ?? "")"
            let question = "/integrations/\(connection.id)/remove"
            #expect(try await !browser.get(question).text.contains("is active now"))
            #expect(try await browser.call("PUT", path + "/mode", ["mode": "active", "revision": 1]).status == 200)
            #expect(try await browser.get(question).text.contains("The rule “Backup failed” is active now."))
            let removal = "/connections/\(connection.id)"
            let refused = try await browser.call("DELETE", removal)
            #expect(refused.status == 409 && refused.code == "active_rules", "\(refused.text)")
            #expect(refused.json["rules"]?.elements.first?["name"] == "Backup failed")
            #expect(try await browser.call("DELETE", removal + "?acceptActiveRules=false").status == 409)
            #expect(try await browser.call("DELETE", removal + "?acceptActiveRules=yes").status == 422)
            #expect(try await browser.call("DELETE", removal + "?acceptActiveRules=true").status == 204)
            let state = try await browser.call("GET", path).json["state"]
            #expect(state?["name"] == "paused" && state?["reasons"]?.elements.first?["code"] == "connection_removed")
            for page in ["/rules", path] { #expect(try await browser.get(page).text.contains("because its connection was removed.")) }
        }
    }

    @Test func thePreviewCountsAndExplains() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for device in ["SRV-1", "PC-1", "SRV-2"] {
                _ = try await fixture.services.events.accept(.sample(senderID: device, device: device, receivedAt: fixture.time.now))
            }
            let condition: JSONValue = ["field": "device", "comparison": "contains", "value": "srv"]
            let definition: JSONValue = [
                "connection": .string(connection.id.rawValue), "summary": "{device}", "groups": [[condition]],
            ]
            let answer = try await browser.call("POST", "/rules/preview", ["definition": definition])
            #expect(answer.status == 200 && answer.json["events"] == 3 && answer.json["matched"] == 2 && answer.json["open"] == 0)
            #expect(answer.json["ticket"]?["summary"] == "SRV-2" && answer.json["explanation"]?["answer"] == "holds")
            let other = try await browser.call("POST", "/rules/preview", ["definition": definition, "event": 2, "events": 1])
            #expect(
                other.json["events"] == 1 && other.json["ticket"]?["summary"] == "PC-1" && other.json["explanation"]?["answer"] == "fails")
            #expect(try await browser.call("POST", "/rules/preview", ["definition": definition, "event": 99]).status == 404)
            #expect(try await fixture.services.storage.rules().isEmpty)
        }
    }

    @Test func aTicketTypeThatDemandsFieldsRefusesTheRuleUnlessTheProgramDecides() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("hardware")
            let browser = try await fixture.signIn()
            let definition: JSONValue = ["connection": .string(connection.id.rawValue), "summary": "S", "type": "1"]
            let refused = try await browser.call("POST", "/rules", ["name": "Hardware", "definition": definition])
            #expect(refused.status == 422 && refused.json["ticketFields"]?.elements.count == 4)
            let paused = try await browser.call("POST", "/rules", ["name": "Hardware", "definition": definition, "missingFields": "pause"])
            #expect(paused.status == 201 && paused.json["state"]?["reasons"]?.elements.first?["code"] == "fields_missing")
        }
    }

    @Test func viewersReadRulesAndChangeNothing() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            let viewer = try await fixture.signIn("viewer")
            let path = "/rules/\(connection.id)"
            for target in ["/rules", path, "/rule-templates"] { #expect(try await viewer.call("GET", target).status == 200) }
            #expect(try await viewer.call("GET", "/rule-templates").json["templates"]?.elements.count == RuleTemplate.all.count)
            for (method, target) in [
                ("POST", "/rules"), ("POST", "/rules/preview"), ("PUT", path), ("DELETE", path), ("PUT", path + "/mode"),
                ("POST", path + "/replay"), ("POST", path + "/reviews"),
            ] {
                let answer = try await viewer.call(method, target, method == "DELETE" ? nil : [:])
                #expect(answer.status == 403, "\(method) \(target)")
            }
            let browser = try await fixture.signIn()
            for target in ["/rules/nothing", "/rules/nothing/mode"] {
                #expect(try await browser.call("PUT", target, ["mode": "off", "revision": 1]).status == 404)
            }
        }
    }

    @Test func aPageOfRulesNamesTheNext() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for name in ["C", "A", "B"] {
                #expect(try await browser.call("POST", "/rules", Self.new(Self.definition(connection), name)).status == 201)
            }
            let first = try await browser.call("GET", "/rules?limit=2").json
            #expect(first["rules"]?.elements.compactMap { $0["name"]?.string } == ["A", "B"] && first["next"] == 2 && first["total"] == 3)
            let second = try await browser.call("GET", "/rules?limit=2&from=2").json
            #expect(second["rules"]?.elements.compactMap { $0["name"]?.string } == ["C"] && second["next"] == nil)
        }
    }
}
