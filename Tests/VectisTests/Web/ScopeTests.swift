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

@Suite("What API keys open")
struct ScopeTests {
    /// The scope of every route of the JSON API that a key opens; a new one needs a line here.
    private static let table: [APIScope: String] = [
        .sendEvents: "POST /api/v1/events",
        .readEvents: """
        GET /api/v1/events
        GET /api/v1/events/{id}
        """,
        .readConnections: """
        GET /api/v1/connections
        GET /api/v1/connections/{id}/detectors
        GET /api/v1/connections/{id}/detectors/{kind}/findings
        GET /api/v1/connections/{id}/overview
        GET /api/v1/connections/{id}/tests
        GET /api/v1/connections/{id}/tests/{test}
        GET /api/v1/issues
        GET /api/v1/connections/{id}/sync
        GET /api/v1/connections/{id}/ticket-choices
        GET /api/v1/connections/{id}/ticket-defaults
        GET /api/v1/connections/{id}/ticket-field-choices
        GET /api/v1/connections/{id}/ticket-fields
        """,
        .readData: """
        GET /api/v1/connections/{id}/agreements
        GET /api/v1/connections/{id}/changes
        GET /api/v1/connections/{id}/companies
        GET /api/v1/connections/{id}/contacts
        GET /api/v1/connections/{id}/recurring-invoices
        GET /api/v1/connections/{id}/tickets
        GET /api/v1/connections/{id}/tickets/{ticket}
        """,
        .readRules: """
        GET /api/v1/company-mappings
        GET /api/v1/rule-templates
        GET /api/v1/rules
        GET /api/v1/rules/{id}
        POST /api/v1/rules/preview
        """,
        .writeRules: """
        DELETE /api/v1/company-mappings/{id}
        POST /api/v1/company-mappings
        PUT /api/v1/company-mappings/unmatched/{id}
        POST /api/v1/rules
        DELETE /api/v1/rules/{id}
        PUT /api/v1/rules/{id}
        PUT /api/v1/rules/{id}/mode
        POST /api/v1/rules/{id}/replay
        POST /api/v1/rules/{id}/reviews
        """,
        .readJobs: """
        GET /api/v1/jobs
        GET /api/v1/jobs/{id}
        GET /api/v1/outbox-limits
        """,
        .writeJobs: """
        POST /api/v1/jobs/bulk
        POST /api/v1/jobs/{id}/discard
        POST /api/v1/jobs/{id}/resend
        POST /api/v1/jobs/{id}/resolve
        """,
        .readAudit: "GET /api/v1/audit",
    ]

    private static func routes(of scope: APIScope) -> Set<String> {
        Set((table[scope] ?? "").split(separator: "\n").map(String.init))
    }

    private static func name(_ route: Route) -> String { "\(route.method.rawValue) \(route.pattern)" }

    /// Sends a request as a program does: with its key, and nothing of a browser.
    private static func send(
        _ method: String, _ path: String, _ key: Secret, _ headers: [(String, String)] = [], in fixture: WebFixture
    ) async throws -> WebAnswer {
        try await fixture.send(
            method, path, [("Authorization", "Bearer \(key.reveal())"), ("Content-Type", "application/json")] + headers,
            body: method == "GET" ? [] : Array("{}".utf8))
    }

    @Test func everyRouteThatNamesAScopeIsInTheTable() async throws {
        try await WebFixture.with { fixture in
            let routes = fixture.application.router.routes
            for scope in APIScope.allCases {
                let named = Set(routes.filter { $0.scope == scope }.map(Self.name))
                #expect(named == Self.routes(of: scope), "\(scope.rawValue)")
            }
            for route in routes where route.scope != nil {
                #expect(route.pattern.hasPrefix("/api/v1/") && route.access != .open && route.access != .admin, "\(Self.name(route))")
            }
        }
    }

    @Test("a key opens the routes of its scope, and nothing else", arguments: APIScope.allCases)
    func access(scope: APIScope) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            let key = try await fixture.addKey([scope]).text
            for route in fixture.application.router.routes where route.access != .open {
                let path = fixture.path(route, connection)
                let status = try await Self.send(route.method.rawValue, path, key, in: fixture).status
                if !route.pattern.hasPrefix("/api/v1/") {
                    #expect(status == (route.method == .get ? 303 : 401), "\(Self.name(route)): \(status)")
                } else if Self.routes(of: scope).contains(Self.name(route)) {
                    #expect(![401, 403].contains(status), "\(Self.name(route)): \(status)")
                } else {
                    #expect(status == 403, "\(Self.name(route)): \(status)")
                }
            }
        }
    }

    @Test("a key that may not read events sees none of their texts in the preview of a rule")
    func previewWithoutEvents() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            _ = try await fixture.services.events.accept(.sample(text: "payroll of ACME", receivedAt: fixture.time.now))
            let id = try #require(try await fixture.services.storage.events(before: nil, limit: 1).first?.id.rawValue)
            let definition: JSONValue = [
                "connection": .string(connection.id.rawValue), "summary": "{text}", "details": "{text}", "groups": [],
            ]
            func send(_ path: String, _ key: Secret, _ body: JSONValue) async throws -> WebAnswer {
                try await fixture.send(
                    "POST", path, [("Authorization", "Bearer \(key.reveal())"), ("Content-Type", "application/json")], body: body.encoded)
            }
            let any: JSONValue = ["definition": definition]
            let one = any.adding(("event", .integer(Int(id))))
            let rules = try await fixture.addKey([.readRules]).text
            let refused = try await send("/api/v1/rules/preview", rules, one)
            #expect(refused.status == 403 && refused.text.contains("events:read"), "\(refused.text)")
            let counted = try await send("/api/v1/rules/preview", rules, any)
            #expect(counted.status == 200 && counted.json["matched"]?.integer == 1, "\(counted.text)")
            #expect(counted.json["event"] == nil && !counted.text.contains("payroll"))
            let both = try await fixture.addKey([.readRules, .readEvents]).text
            for body in [any, one] {
                let shown = try await send("/api/v1/rules/preview", both, body)
                #expect(shown.status == 200 && shown.text.contains("payroll"), "\(shown.text)")
            }
        }
    }

    @Test("a key that has ended opens nothing")
    func ended() async throws {
        try await WebFixture.with { fixture in
            let (revoked, token) = try await fixture.addKey([.readConnections, .sendEvents])
            let expiring = try await fixture.addKey([.readConnections, .sendEvents], expiresAt: fixture.time.now + 60).text
            for key in [revoked, expiring] {
                #expect(try await Self.send("GET", "/api/v1/connections", key, in: fixture).status == 200)
                #expect(try await Self.send("POST", "/api/v1/events", key, in: fixture).status == 422)
            }
            try await fixture.services.storage.revokeToken(token.id, at: fixture.time.now, audit: .sample(.tokenRevoked))
            fixture.time.advance(by: 60)
            for key in [revoked, expiring, Secret("vectis_" + String(repeating: "a", count: 43))] {
                #expect(try await Self.send("GET", "/api/v1/connections", key, in: fixture).status == 401)
                #expect(try await Self.send("POST", "/api/v1/events", key, in: fixture).status == 401)
            }
        }
    }

    @Test("an event of a key that has lost its scope is refused, although it was good when it was last read")
    func lostScope() async throws {
        try await WebFixture.withTwo { first, second in
            let (key, token) = try await first.addKey([.sendEvents, .readJobs])
            let body: JSONValue = ["source": "a", "id": "1", "type": "t", "severity": "info", "text": "x"]
            func send() async throws -> Int {
                try await first.send(
                    "POST", "/api/v1/events", [("Authorization", "Bearer \(key.reveal())"), ("Content-Type", "application/json")],
                    body: body.encoded
                ).status
            }
            #expect(try await send() == 202)
            var changed = token
            changed.scopes = [.readJobs]
            try await second.services.storage.change(changed, audit: .sample(.tokenChanged))
            #expect(try await send() == 401)
            #expect(try await send() == 403)
        }
    }

    @Test("the audit log names the key that changed something")
    func actor() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let key = try await fixture.addKey([.writeRules], name: "Sync Robot").text
            let body: JSONValue = ["connection": .string(connection.id.rawValue), "sentName": "Acme", "company": "12"]
            let answer = try await fixture.send(
                "POST", "/api/v1/company-mappings",
                [("Authorization", "Bearer \(key.reveal())"), ("Content-Type", "application/json")], body: body.encoded)
            #expect(answer.status == 201, "\(answer.text)")
            let entry = try #require(try await fixture.audit().first { $0.action == .companyMapped })
            #expect(entry.actor == .apiKey("Sync Robot") && entry.actor.text == "(API key) Sync Robot")
            let admin = try await fixture.signIn()
            let found = try await admin.get("/audit?user=\(PercentEncoding.component("(API key) Sync Robot"))")
            #expect(found.status == 200 && found.text.contains("(API key) Sync Robot") && found.text.contains("Company mapped"))
        }
    }

    @Test("a request with a key from another site is refused, and a token of a proxy is no key")
    func otherHeaders() async throws {
        try await WebFixture.with { fixture in
            let key = try await fixture.addKey([.writeRules]).text
            let foreign = try await Self.send(
                "POST", "/api/v1/company-mappings", key, [("Origin", "https://evil.example")], in: fixture)
            #expect(foreign.status == 403)
            let admin = try await fixture.signIn()
            #expect(try await admin.get("/api/v1/connections", [("Authorization", "Bearer eyJhbGciOi")]).status == 200)
            #expect(try await admin.get("/api/v1/connections", [("Authorization", "Bearer vectis_wrong")]).status == 401)
            #expect(try await fixture.send("GET", "/api/v1/connections", [("Authorization", "Bearer eyJhbGciOi")]).status == 401)
        }
    }

    @Test("unknown scopes of a stored key are left out")
    func unknownScopes() {
        #expect(APIScope.scopes("events:send jobs:dance  rules:read") == [.sendEvents, .readRules])
        #expect(Set<APIScope>([.readAudit, .sendEvents]).text == "events:send audit:read" && APIScope.scopes("").isEmpty)
    }
}

extension WebFixture {
    /// Makes an API key.
    func addKey(
        _ scopes: Set<APIScope>, name: String = "program", expiresAt: Date? = nil
    ) async throws -> (text: Secret, token: APIToken) {
        let made = try APIToken.make(name: name, scopes: scopes, expiresAt: expiresAt, at: time.now)
        try await services.storage.add(made.token, audit: .sample(.tokenCreated))
        return (made.text, made.token)
    }
}
