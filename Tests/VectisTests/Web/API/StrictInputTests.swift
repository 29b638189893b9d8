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

@Suite("Nulls and unknown parameters of the JSON API") struct StrictInputTests {
    /// A member of a body, with the members around it.
    private struct Member {
        let path: [String]
        let isNullable: Bool

        var name: String { path.joined(separator: ".") }
    }

    private static let description = APIDescription.served

    private static func resolved(_ schema: JSONValue) -> JSONValue {
        schema["$ref"]?.string.flatMap { description.document[pointer: $0] } ?? schema
    }

    private static func isNullable(_ schema: JSONValue) -> Bool {
        let types = schema["type"]?.elements ?? []
        return types.contains("null") || (schema["anyOf"]?.elements ?? []).contains { $0["type"] == "null" }
    }

    /// All members of a body that a schema describes, but those of what a rule returns and does not read.
    private static func members(_ schema: JSONValue, in path: [String] = []) -> [Member] {
        (resolved(schema)["properties"]?.members ?? []).flatMap { property -> [Member] in
            let path = path + [property.name]
            let schema = resolved(property.value)
            let inner = path == ["state"] ? [] : members(schema, in: path)
            return [Member(path: path, isNullable: isNullable(schema))] + inner
        }
    }

    /// A body with a null at a place.
    private static func body(_ value: JSONValue, withNullAt path: ArraySlice<String>) -> JSONValue {
        guard let name = path.first else { return nil }
        let inner = body(value[name] ?? [:], withNullAt: path.dropFirst())
        return .object(value.members.filter { $0.name != name } + [JSONValue.Member(name: name, value: inner)])
    }

    /// Runs a test with a host on which every path leads somewhere, and sends requests as an administrator, or with a key where one is needed.
    private func withHost(
        _ body: (_ routes: [Route], _ send: (Route, _ query: String, JSONValue?) async throws -> WebAnswer) async throws -> Void
    ) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            let (key, token) = try APIToken.make(name: "monitor", at: fixture.time.now)
            try await fixture.services.storage.add(token, audit: .sample(.tokenCreated))
            let routes = fixture.application.router.routes.filter { $0.method != .get && $0.pattern.hasPrefix(APIRoutes.root) }
            try await body(routes) { route, query, body in
                let own =
                    route.access == .sender
                    ? [("Authorization", "Bearer \(key.reveal())")] : [("Cookie", browser.cookie), ("X-Form-Token", browser.formToken)]
                return try await fixture.send(
                    route.method.rawValue, fixture.path(route, connection) + query, own + [("Content-Type", "application/json")],
                    body: body?.encoded ?? [])
            }
        }
    }

    @Test func aNullIsRefusedWhereTheDescriptionHasNone() async throws {
        var (refused, taken) = (0, 0)
        try await withHost { routes, send in
            for route in routes {
                let operation = try #require(Self.description.operation(route.method.rawValue, route.pattern))
                guard let content = operation.json["requestBody"]?["content"]?["application/json"] else { continue }
                for member in Self.members(content["schema"] ?? [:]) {
                    let body = Self.body(content["example"] ?? [:], withNullAt: member.path[...])
                    let answer = try await send(route, "", body)
                    let codes = (answer.json["problems"]?.elements ?? []).filter { $0["member"]?.string == member.name }.map { $0["code"] }
                    if member.isNullable {
                        taken += 1
                        #expect(!codes.contains("wrong_type") && !codes.contains("unknown"), "\(operation.name): \(member.name)")
                    } else {
                        refused += 1
                        // A member of another kind of contact point is not known.
                        let isRefused =
                            codes.contains("wrong_type") || codes.contains("unknown") && route.pattern.contains("contact-points")
                        #expect(answer.status == 422 && isRefused, "\(operation.name): \(member.name): \(answer.status) \(answer.text)")
                    }
                }
            }
        }
        #expect(refused > 100 && taken > 20)
    }

    @Test func aParameterThatARouteDoesNotReadIsRefusedBeforeAnythingIsChanged() async throws {
        try await withHost { routes, send in
            #expect(routes.count > 30)
            for route in routes {
                let example = Self.description.operation(route.method.rawValue, route.pattern)?.json["requestBody"]?["content"]?[
                    "application/json"]?["example"]
                let answer = try await send(route, "?dryRun=true", example)
                let problems = answer.json["problems"]?.elements.compactMap { $0["member"]?.string }
                #expect(answer.status == 422 && problems == ["dryRun"], "\(route.method) \(route.pattern): \(answer.status)")
            }
            for route in routes {
                let described = (Self.description.operation(route.method.rawValue, route.pattern)?.json["parameters"]?.elements ?? [])
                    .filter { $0["in"] == "query" }
                #expect(described.compactMap { $0["name"]?.string } == route.query, "\(route.method) \(route.pattern)")
            }
        }
    }

    @Test func aNullDoesNotTurnADryRunIntoADecision() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            for (path, body) in [
                ("/jobs/bulk", ["action": "discard", "jobs": [1], "dryRun": nil]),
                ("/jobs/bulk?dryRun=true", ["action": "discard", "jobs": [1]]),
                ("/jobs/bulk", ["action": "discard", "filter": ["rule": nil]]),
            ] as [(String, JSONValue)] {
                #expect(try await browser.call("POST", path, body).status == 422, "\(path) \(body)")
            }
            #expect(try await browser.call("GET", "/jobs/1").json["state"] == "failed")
        }
    }

    @Test func aNullTurnsNoContactPointOff() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addContactPoint(for: connection)
            let path = "/contact-points/\(connection.id)"
            let refused = try await browser.call("PUT", path, ["revision": 1, "enabled": nil])
            #expect(refused.status == 422)
            #expect(try await browser.call("GET", path).json["enabled"] == true)
        }
    }

    @Test(
        arguments: [
            (
                "PUT", "/contact-points/{id}", ["revision": 1, "groupingMinute": 60],
                ["enabled", "groupingMinutes", "repeatHours", "language"]
            ),
            ("POST", "/rules", ["name": "A", "missingField": "pause", "zzzzzzzz": 1], ["missingFields"]),
        ] as [(String, String, JSONValue, [String])])
    func anUnknownMemberIsComparedWithAllThatAreKnown(method: String, path: String, body: JSONValue, names: [String]) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addContactPoint(for: connection)
            let odd = JSONValue.object(body.members + [JSONValue.Member(name: "qqqqqqqqqqqqqqqq", value: 1)])
            let answer = try await browser.call(method, path.replacing("{id}", with: connection.id.rawValue), odd)
            let messages = answer.json["problems"]?.elements.filter { $0["code"] == "unknown" }.compactMap { $0["message"]?.string } ?? []
            let all = messages.joined(separator: " ")
            #expect(names.allSatisfy(all.contains), "\(all)")
            #expect(all.contains(path.hasPrefix("/rules") ? "Did you mean “missingFields”?" : "Did you mean “groupingMinutes”?"))
        }
    }

    @Test func aRevisionThatIsNoNumberIsNoConflict() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let answer = try await browser.call("DELETE", "/rules/\(connection.id)?revision=x")
            #expect(answer.status == 422 && answer.json["problems"]?.elements.first?["code"] == "wrong_type")
            #expect(try await browser.call("DELETE", "/rules/\(connection.id)?revision=9").status == 409)
        }
    }

    @Test(arguments: [
        ("reason=foo", "reason", "rate_limited"), ("rule=nope", "rule", "neither a rule"),
        ("connection=nope", "connection", "neither a connection"),
    ])
    func aFilterThatNothingCanHaveIsRefused(query: String, member: String, sentence: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            let answer = try await browser.call("GET", "/jobs?\(query)")
            let problem = answer.json["problems"]?.elements.first
            #expect(answer.status == 422 && problem?["member"]?.string == member)
            #expect(problem?["message"]?.string?.contains(sentence) == true, "\(answer.text)")
            let parts = query.split(separator: "=").map(String.init)
            let bulk: JSONValue = ["action": "discard", "filter": .object([.init(name: parts[0], value: .string(parts[1]))])]
            #expect(try await browser.call("POST", "/jobs/bulk", bulk).status == 422)
        }
    }

    @Test(arguments: [Int.max, Int.min, 0]) func aBulkDecisionTakesAnyNumberAsTheNewestJob(_ number: Int) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let bulk: JSONValue = ["action": "discard", "filter": .object([]), "dryRun": true, "upTo": .integer(number)]
            #expect(try await browser.call("POST", "/jobs/bulk", bulk).status == 200)
        }
    }

    @Test func theJobsOfARuleThatIsGoneAreFound() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.addRule(for: connection)
            #expect(try await browser.call("DELETE", "/rules/\(connection.id)").status == 204)
            #expect(try await browser.call("GET", "/jobs?rule=\(connection.id)").json["jobs"]?.elements.isEmpty == false)
            #expect(try await browser.call("GET", "/jobs?rule=\(connection.id)&text=nothing").json["jobs"] == [])
        }
    }

    @Test func choicesOfAFieldThatTheFormDoesNotHaveAreRefused() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for (tenant, code) in [("hardware", "invalid"), ("acme", "unknown")] {
                let connection = try await fixture.connect(tenant, name: tenant)
                let answer = try await browser.call("GET", "/connections/\(connection.id)/ticket-field-choices?type=1&field=nope")
                let problem = answer.json["problems"]?.elements.first
                #expect(answer.status == 422 && problem?["member"] == "field" && problem?["code"]?.string == code, "\(answer.text)")
                #expect(answer.text.contains("cf:105") == (tenant == "hardware"))
            }
        }
    }

    @Test(arguments: ["Bearer ", "bearer ", "BEARER  ", "bEaReR "])
    func theNameOfTheSchemeMayHaveAnyCase(scheme: String) async throws {
        try await WebFixture.with(.inProcess, WebFixture.Options(metricsToken: Secret("a-token"))) { fixture in
            let (key, token) = try APIToken.make(name: "reader", scopes: [.readJobs], at: fixture.time.now)
            try await fixture.services.storage.add(token, audit: .sample(.tokenCreated))
            #expect(try await fixture.send("GET", "/api/v1/jobs", [("Authorization", scheme + key.reveal())]).status == 200)
            #expect(try await fixture.send("GET", "/metrics", [("Authorization", scheme + "a-token")]).status == 200)
        }
    }

    @Test func aCompanyNumberThatIsTooLargeIsAnsweredWithItsRange() async throws {
        try await WebFixture.with { fixture in
            let (key, token) = try APIToken.make(name: "monitor", at: fixture.time.now)
            try await fixture.services.storage.add(token, audit: .sample(.tokenCreated))
            let event = #"{"source":"m","id":"1","type":"t","severity":"error","text":"x","companyID":9007199254740993}"#
            let answer = try await fixture.send(
                "POST", "/api/v1/events", [("Authorization", "Bearer \(key.reveal())"), ("Content-Type", "application/json")],
                body: Array(event.utf8))
            #expect(answer.status == 422 && answer.text.contains("from -9007199254740991 to 9007199254740991"), "\(answer.text)")
        }
    }
}
