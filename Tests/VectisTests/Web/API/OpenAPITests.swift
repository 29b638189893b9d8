import Foundation
import PSACore
import PSATesting
import Synchronization
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("The description of the JSON API")
struct OpenAPITests {
    private let description = APIDescription.served

    private func apiRoutes() async throws -> [Route] {
        let routes = Mutex<[Route]>([])
        try await WebFixture.with { fixture in
            routes.withLock { $0 = fixture.application.router.routes.filter { $0.pattern.hasPrefix("/api/") } }
        }
        return routes.withLock { $0 }
    }

    @Test func itIsServedToTheByte() async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.send("GET", "/api/v1/openapi.json")
            #expect(answer.status == 200 && answer.headers["Content-Type"] == "application/json")
            #expect(answer.text == EmbeddedFile.openAPI.text && answer.json["openapi"] == "3.1.0")
        }
    }

    @Test func everyRouteIsDescribedAndEveryDescriptionHasARoute() async throws {
        let routes = try await apiRoutes().map { "\($0.method.rawValue) \($0.pattern)" }
        #expect(Set(routes) == Set(description.operations.map(\.name)))
        #expect(routes.count > 20)
    }

    @Test func roleAndSecurityAreThoseOfTheRoute() async throws {
        for route in try await apiRoutes() {
            let operation = try #require(description.operation(route.method.rawValue, route.pattern))
            #expect(operation.json["x-role"]?.string == "\(route.access)", "\(operation.name)")
            #expect(operation.json["x-scope"]?.string == route.scope?.rawValue, "\(operation.name)")
            let schemes = operation.json["security"]?.elements.flatMap(\.members).map(\.name) ?? ["nothing is said"]
            let expected =
                switch route.access {
                case .open: [String]()
                case .sender: ["token"]
                case .viewer, .operator, .admin: route.method == .get ? ["session"] : ["session", "formToken"]
                }
            let keys = route.scope == nil || route.access == .sender ? [] : ["token"]
            #expect(schemes == expected + keys, "\(operation.name)")
            let statuses = operation.json["responses"]?.members.map(\.name) ?? []
            #expect(statuses.contains("401") == (route.access != .open || route.method == .post), "\(operation.name)")
            #expect(
                statuses.contains("403") == ([.operator, .admin].contains(route.access) || route.method != .get || route.scope != nil),
                "\(operation.name)")
            #expect(statuses.contains("default"), "\(operation.name)")
        }
    }

    @Test func everyPathParameterIsDescribed() {
        for operation in description.operations {
            let inPath = operation.path.matches(of: /\{(\w+)\}/).map { String($0.1) }
            let described = (operation.json["parameters"]?.elements ?? []).filter { $0["in"] == "path" }
            #expect(described.map { $0["name"]?.string } == inPath, "\(operation.name)")
            #expect(described.allSatisfy { $0["required"] == true })
        }
    }

    @Test func everyOperationHasAnExampleThatFits() {
        var examples = 0
        func check(_ content: JSONValue?, _ place: String) {
            guard let content, let example = content["example"] else { return }
            examples += 1
            let violations = description.schema(content).violations(of: example)
            #expect(violations.isEmpty, "\(place): \(violations)")
        }
        for operation in description.operations {
            let body = operation.json["requestBody"]?["content"]?["application/json"]
            #expect(body == nil || body?["example"] != nil, "\(operation.name)")
            check(body, operation.name)
            for response in operation.json["responses"]?.members ?? [] {
                let content = response.value["content"]?["application/json"]
                if content != nil, operation.path != "/api/v1/openapi.json" { #expect(content?["example"] != nil, "\(operation.name)") }
                check(content, "\(operation.name) \(response.name)")
            }
        }
        for response in description.document["components"]?["responses"]?.members ?? [] {
            check(response.value["content"]?["application/problem+json"], response.name)
        }
        #expect(examples > 30)
    }

    @Test func everyReferenceResolvesAndNothingIsUnused() {
        var references: Set<String> = []
        func collect(_ value: JSONValue) {
            if let reference = value["$ref"]?.string { references.insert(reference) }
            value.elements.forEach(collect)
            value.members.forEach { collect($0.value) }
        }
        collect(description.document)
        #expect(references.filter { description.document[pointer: $0] == nil }.isEmpty)
        let parts = ["schemas", "responses"].flatMap { part in
            (description.document["components"]?[part]?.members ?? []).map { "#/components/\(part)/\($0.name)" }
        }
        #expect(Set(parts).subtracting(references).isEmpty)
    }

    @Test func everyOperationHasANameOfItsOwn() {
        let names = description.operations.compactMap { $0.json["operationId"]?.string }
        #expect(Set(names).count == description.operations.count)
        let tags = Set((description.document["tags"]?.elements ?? []).compactMap { $0["name"]?.string })
        #expect(description.operations.allSatisfy { tags.isSuperset(of: $0.json["tags"]?.elements.compactMap(\.string) ?? ["none"]) })
    }

    @Test(
        "the described values are those of the program",
        arguments: [
            ("ErrorCode", ErrorCode.allCases.map(\.rawValue)), ("HostCode", APIError.Code.allCases.map(\.rawValue)),
            ("AuditAction", AuditAction.allCases.map(\.rawValue)), ("Capability", Capability.allCases.map(\.rawValue)),
            ("Role", Role.allCases.map(\.rawValue)), ("APIScope", APIScope.allCases.map(\.rawValue)),
            ("OnboardingStep", OnboardingStep.allCases.map(\.rawValue)), ("Tier", ConnectorTier.allCases.map(\.rawValue)),
            ("Grade", ConnectorGrade.allCases.map(\.rawValue)),
            ("Outcome", ConnectionCheck.Outcome.allCases.map(\.rawValue)), ("DetectorKind", DetectorKind.allCases.map(\.rawValue)),
            ("NotificationCode", NotificationErrorCode.allCases.map(\.rawValue)),
            ("ContactPointKind", ContactPointKind.allCases.map(\.rawValue)),
            ("ConditionKind", ConditionKind.allCases.map(\.rawValue)),
        ])
    func choices(name: String, known: [String]) {
        let described = description.document["components"]?["schemas"]?[name]?["enum"]?.elements.compactMap(\.string) ?? []
        #expect(Set(described) == Set(known) && described.count == known.count)
    }

    @Test func everyHostCodeHasATitleOfItsStatus() {
        for code in APIError.Code.allCases {
            #expect((400...599).contains(code.status))
            #expect((code.title == "Internal Server Error") == (code.status == 500), "\(code)")
        }
    }

    @Test(
        "the schema checker finds violations",
        arguments: [
            (#"{"type":"string"}"#, "1"), (#"{"type":["integer","null"]}"#, #""1""#), (#"{"type":"integer"}"#, "1.5"),
            (#"{"enum":["a"]}"#, #""b""#), (#"{"const":1}"#, "2"), (#"{"required":["a"]}"#, "{}"),
            (#"{"properties":{"a":{"type":"string"}}}"#, #"{"a":1}"#), (#"{"additionalProperties":false}"#, #"{"a":1}"#),
            (#"{"additionalProperties":{"type":"string"}}"#, #"{"a":1}"#), (#"{"items":{"type":"string"}}"#, "[1]"),
            (#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "1"), (#"{"pattern":"^a$"}"#, #""b""#), (#"{"minimum":1}"#, "0"),
            (#"{"maximum":1}"#, "2"), (#"{"format":"date-time"}"#, #""today""#), (##"{"$ref":"#/nowhere"}"##, "1"), (#"{"oneOf":[]}"#, "1"),
        ])
    func checker(schema: String, value: String) throws {
        let document = JSONValue(try JSONDocument(Array(schema.utf8)).root)
        let value = JSONValue(try JSONDocument(Array(value.utf8)).root)
        #expect(!JSONSchema(document: document, schema: document).violations(of: value).isEmpty)
    }
}

@Suite("Every operation of the JSON API, once")
struct APICoverageTests {
    /// Calls each operation on events and jobs.
    private static func jobs(in fixture: WebFixture) async throws -> Set<String> {
        let browser = try await fixture.signIn()
        let connection = try await fixture.connect("jobs")
        try await fixture.addRule(for: connection)
        let storage = fixture.services.storage
        let rule = try #require(try await storage.rules().first { $0.definition.action.connection == connection.id })
        for (number, state) in [TicketJob.State.failed(.requestRejected, problem: "{}"), .needsReview(.outcomeUnknown)].enumerated() {
            _ = try await storage.accept(.sample(senderID: "job\(number)", receivedAt: fixture.time.now), from: nil) { event, _, _ in
                [RuleEngine.decision(event, rule, state)]
            }
        }
        let ids = try await storage.jobs(TicketJob.Filter(), before: nil, limit: 3).map(\.id.rawValue)
        let event = try #require(try await storage.events(before: nil, limit: 1).first).id.rawValue
        let calls: [(String, String, JSONValue?, String)] = [
            ("GET", "/events?outcome=matched&limit=2", nil, "GET /api/v1/events"),
            ("GET", "/events/\(event)", nil, "GET /api/v1/events/{id}"), ("GET", "/jobs?state=failed", nil, "GET /api/v1/jobs"),
            ("GET", "/jobs/\(ids[0])", nil, "GET /api/v1/jobs/{id}"),
            ("POST", "/jobs/\(ids[0])/resolve", ["exists": false], "POST /api/v1/jobs/{id}/resolve"),
            ("POST", "/jobs/\(ids[1])/discard", ["seen": "failed"], "POST /api/v1/jobs/{id}/discard"),
            ("POST", "/jobs/\(ids[2])/resend", [:], "POST /api/v1/jobs/{id}/resend"),
            ("POST", "/jobs/bulk", ["action": "resend", "filter": [:], "dryRun": true], "POST /api/v1/jobs/bulk"),
        ]
        for (method, path, body, _) in calls {
            let answer = try await browser.call(method, path, body)
            #expect((200...204).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.text.prefix(200))")
        }
        return Set(calls.map(\.3))
    }

    /// ``Browser/call(_:_:_:_:)`` compares each context with the description; here each operation is called with success.
    @Test(arguments: WebFixture.Mode.allCases)
    func eachSucceedsAsDescribed(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            try await fixture.services.storage.engine.recordUnmatched(
                SentCompany(id: "7", name: "Beta"), .notFound, of: connection.id, at: fixture.time.now)
            try await fixture.services.sync.seed([("42", "Printer")], of: .tickets, in: connection, at: fixture.time.now)
            try await fixture.addRule(for: connection)
            let rule = "/rules/\(connection.id)"
            let definition = RuleDefinition.sample(connection: connection.id).json
            let settings: JSONValue = ["tenant": "second", "password": "x"]
            let own = "/connections/\(connection.id)"
            let demanding = try await fixture.connect("hardware", name: "Hardware")
            let password: JSONValue = ["current": .string(WebFixture.password), "new": "long enough 123"]
            let calls: [(String, String, JSONValue?)] = [
                ("POST", "/session", ["name": "viewer", "password": .string(WebFixture.password)]), ("GET", "/session", nil),
                ("GET", "/connectors", nil), ("GET", "/connectors/halopsa", nil), ("GET", "/connectors/autotask", nil),
                ("POST", "/connection-tests", ["connector": "scripted", "settings": settings]),
                ("POST", "/connection-tests", ["connector": "scripted", "settings": ["tenant": "a", "password": "x", "mode": "refused"]]),
                ("POST", "/connections", ["connector": "scripted", "settings": settings, "acceptUntested": true]),
                ("POST", own + "/test", nil), ("GET", "/connections", nil), ("GET", own, nil),
                ("GET", own + "/overview", nil), ("GET", own + "/tests", nil), ("GET", own + "/tests/1", nil),
                ("GET", own + "/diagnostics", nil), ("GET", "/issues?state=all", nil),
                ("PUT", own, ["revision": 1, "name": "New", "acceptUntested": true]), ("GET", own + "/ticket-choices?type=1", nil),
                ("GET", own + "/ticket-fields?type=1", nil),
                ("GET", "/connections/\(demanding.id)/ticket-field-choices?type=1&field=cf:105", nil),
                ("GET", own + "/ticket-defaults", nil),
                ("PUT", own + "/ticket-defaults", ["revision": 2, "type": 1, "status": nil]), ("POST", own + "/test-ticket", nil),
                ("GET", own + "/detectors", nil),
                ("PUT", own + "/detectors", ["revision": 0, "detectors": ["agreement.ending": ["on": true, "days": 14]]]),
                ("GET", own + "/detectors/sync.stale/findings?days=30", nil), ("GET", "/company-mappings", nil),
                ("POST", "/company-mappings", ["connection": .string(connection.id.rawValue), "sentName": "Acme", "company": "12"]),
                ("DELETE", "/company-mappings/1", nil), ("PUT", "/company-mappings/unmatched/1", ["dismissed": true]),
                ("GET", own + "/sync", nil), ("POST", own + "/sync", ["resources": ["tickets"], "full": true]),
                ("GET", own + "/changes?resource=tickets", nil), ("GET", own + "/companies", nil), ("GET", own + "/contacts", nil),
                ("GET", own + "/tickets?search=printer", nil), ("GET", own + "/tickets/42", nil), ("GET", own + "/agreements", nil),
                ("GET", own + "/recurring-invoices", nil), ("GET", own + "/hook", nil), ("PUT", own + "/hook", ["authentication": "none"]),
                ("DELETE", own + "/hook", nil), ("GET", "/rules?limit=5", nil), ("GET", rule, nil),
                (
                    "PUT", rule,
                    ["revision": 1, "name": "New", "definition": definition, "missingFields": "accept", "acceptUnverified": true]
                ), ("PUT", rule + "/mode", ["mode": "off", "revision": 2]), ("POST", rule + "/replay", nil),
                ("POST", rule + "/reviews", ["choice": "discard"]), ("POST", "/rules/preview", ["definition": definition]),
                (
                    "POST", "/rules",
                    ["name": "Another", "definition": definition, "missingFields": "accept", "acceptUnverified": true]
                ), ("GET", "/rule-templates", nil), ("DELETE", rule + "?revision=3", nil),
                ("DELETE", own, nil), ("POST", "/accounts", ["name": "sam", "password": "long enough 123", "role": "viewer"]),
                ("GET", "/accounts", nil), ("PUT", "/accounts/sam", ["role": "admin"]), ("DELETE", "/accounts/sam", nil),
                ("GET", "/audit?limit=3", nil), ("GET", "/errors", nil), ("GET", "/errors/rate.limited", nil),
                ("GET", "/openapi.json", nil), ("GET", "/outbox-limits", nil),
                ("PUT", "/outbox-limits", ["revision": 0, "maxAgeHours": 72, "maxWaitMinutes": 15]), ("GET", "/retention", nil),
                (
                    "PUT", "/retention",
                    ["revision": 0, "eventDays": 120, "jobDays": 90, "deletedRecordDays": 30, "tokenDays": 90, "auditDays": 365]
                ),
                ("POST", "/api-keys", ["name": "shared", "scopes": ["events:send"], "namespace": "Backup"]), ("GET", "/api-keys", nil),
                ("GET", "/account/sessions", nil), ("DELETE", "/account/sessions", nil), ("GET", "/account/second-factor", nil),
                ("GET", "/onboarding", nil), ("PUT", "/onboarding", ["dismissed": true]),
                ("GET", "/account/preferences", nil), ("PUT", "/account/preferences", ["language": "de", "timeZone": "Europe/Berlin"]),
                ("PUT", "/account/password", password),
                ("PUT", "/account/password", ["current": "long enough 123", "new": .string(WebFixture.password)]),
            ]
            var covered: Set<String> = []
            for (method, path, body) in calls {
                let answer = try await browser.call(method, path, body)
                #expect((200...204).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.text.prefix(200))")
                if let operation = APIDescription.served.operation(method, "/api/v1" + path) { covered.insert(operation.name) }
            }
            let id = try #require(try await fixture.services.storage.tokens().first?.id)
            for (method, more, body) in [
                ("GET", "", nil as JSONValue?), ("PUT", "", ["scopes": ["events:send"], "namespace": nil, "expiresAt": nil]),
                ("POST", "/test-event", nil), ("DELETE", "", nil),
            ] {
                let answer = try await browser.call(method, "/api-keys/\(id)\(more)", body)
                #expect((200...204).contains(answer.status), "\(answer.text)")
                covered.insert("\(method) /api/v1/api-keys/{id}\(more)")
            }
            try await cover(secondFactorOf: browser, fixture, &covered)
            try await fixture.services.storage.recordIssue(.networkTimeout, of: connection.id, at: fixture.time.now)
            try await fixture.addContactPoint(for: connection)
            let point = "/contact-points/\(connection.id)"
            let new: JSONValue = [
                "kind": "email", "name": "On call", "server": "mail.example.com", "sender": "a@example.com",
                "recipients": ["b@example.com"],
            ]
            for (method, path, body, name) in [
                ("POST", "/contact-points", new as JSONValue?, "POST /api/v1/contact-points"),
                ("GET", "/contact-points", nil, "GET /api/v1/contact-points"), ("GET", point, nil, "GET /api/v1/contact-points/{id}"),
                ("PUT", point, ["revision": 1, "groupingMinutes": 60], "PUT /api/v1/contact-points/{id}"),
                ("POST", point + "/test", nil, "POST /api/v1/contact-points/{id}/test"),
                ("GET", "/notifications?limit=9", nil, "GET /api/v1/notifications"),
                ("DELETE", point, nil, "DELETE /api/v1/contact-points/{id}"),
            ] {
                let answer = try await browser.call(method, path, body)
                #expect((200...204).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.text.prefix(200))")
                covered.insert(name)
            }
            #expect(try await browser.call("DELETE", "/session").status == 204)
            covered.insert("DELETE /api/v1/session")
            let (text, token) = try APIToken.make(name: "monitor", at: fixture.time.now)
            try await fixture.services.storage.add(token, audit: .sample(.tokenCreated))
            let event: JSONValue = [
                "source": "monitor", "id": "1", "type": "backup.failed", "severity": "error", "text": "The disk is full.",
            ]
            let answer = try await browser.call("POST", "/events", event, [("Authorization", "Bearer \(text.reveal())")])
            #expect(answer.status == 202)
            covered.insert("POST /api/v1/events")
            covered.formUnion(try await Self.jobs(in: fixture))
            #expect(Set(APIDescription.served.operations.map(\.name)).subtracting(covered).isEmpty)
        }
    }

    /// Turns a second factor on and off, resets another, and ends a session.
    private func cover(secondFactorOf browser: Browser, _ fixture: WebFixture, _ covered: inout Set<String>) async throws {
        let factor = "/account/second-factor"
        let viewer = try await fixture.signIn("viewer")
        _ = try await fixture.addSecondFactor(viewer)
        covered.formUnion(["POST /api/v1/account/second-factor", "POST /api/v1/account/second-factor/confirmation"])
        let session = try await viewer.call("GET", "/account/sessions").json["sessions"]?.elements.first?["id"]?.string ?? ""
        #expect(try await viewer.call("DELETE", "/account/sessions/\(session)").status == 204)
        covered.insert("DELETE /api/v1/account/sessions/{id}")
        #expect(try await browser.call("DELETE", "/accounts/viewer/second-factor").status == 204)
        covered.insert("DELETE /api/v1/accounts/{name}/second-factor")
        let other = try await fixture.signIn("viewer")
        let (app, _) = try await fixture.addSecondFactor(other)
        let removal: JSONValue = ["password": .string(WebFixture.password), "code": .string(app.code())]
        #expect(try await other.call("POST", factor + "/removal", removal).status == 204)
        covered.insert("POST /api/v1/account/second-factor/removal")
    }
}
