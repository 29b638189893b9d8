import Foundation
import PSACore
import PSATesting
import Testing
import WebServer

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// A browser, or a program, that is signed in.
struct Browser: Sendable {
    let fixture: WebFixture
    /// The whole `Cookie` field.
    let cookie: String
    let formToken: String

    func get(_ target: String, _ headers: [(String, String)] = []) async throws -> WebAnswer {
        try await fixture.send("GET", target, [("Cookie", cookie)] + headers)
    }

    /// Sends a form as a page of this host does.
    func post(_ target: String, _ fields: [(String, String)] = [], _ headers: [(String, String)] = []) async throws -> WebAnswer {
        let form = PercentEncoding.form((fields + [("form_token", formToken)]).map { QueryItem($0.0, $0.1) })
        let own = [("Cookie", cookie), ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://\(fixture.host)")]
            .filter { field in !headers.contains { $0.0 == field.0 } }
        return try await fixture.send("POST", target, own + headers, body: Array(form.utf8))
    }

    /// Calls the JSON API, and compares what comes back with its description.
    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, _ headers: [(String, String)] = []
    ) async throws -> WebAnswer {
        let type = body == nil ? [] : [("Content-Type", "application/json")]
        let answer = try await fixture.send(
            method, "/api/v1" + path, [("Cookie", cookie), ("X-Form-Token", formToken)] + type + headers, body: body?.encoded ?? [])
        let violations = APIDescription.served.violations(method, "/api/v1" + path, body, answer)
        if !violations.isEmpty { Issue.record("\(violations.prefix(5))") }
        return answer
    }
}

extension WebFixture {
    /// Signs in through the JSON API.
    func signIn(_ name: String = "admin", password: String = WebFixture.password, from address: String = "127.0.0.1") async throws
        -> Browser
    {
        let answer = try await trySignIn(name, password: password, from: address)
        try #require(answer.status == 200, "\(answer.text)")
        let cookie = try #require(answer.headers["Set-Cookie"]?.split(separator: ";").first)
        return Browser(fixture: self, cookie: String(cookie), formToken: try #require(answer.json["formToken"]?.string))
    }

    func trySignIn(_ name: String, password: String, from address: String = "127.0.0.1") async throws -> WebAnswer {
        let body: JSONValue = ["name": .string(name), "password": .string(password)]
        return try await send("POST", "/api/v1/session", [("Content-Type", "application/json")], body: body.encoded, from: address)
    }

    /// Saves a connection of the scripted connector, untested.
    func connect(_ tenant: String = "acme", mode: ConfigurableConnector.Mode = .works, name: String = "Acme") async throws
        -> StoredConnection
    {
        let values: [SettingKey: Secret] = [
            "tenant": Secret(tenant), "mode": Secret(mode.rawValue), "password": Secret(ConfigurableConnector.secret),
        ]
        let draft = try services.connections.draft("scripted", SettingsSubmission(name: name, values: values))
        let audit = AuditEntry(
            at: time.now, actor: .system, action: .connectionCreated, target: draft.effectiveName, outcome: .done, detail: "",
            correlationID: CorrelationID().rawValue)
        return try await services.connections.save(draft, SaveConfirmation(acceptsUntested: true), audit: audit)
    }

    /// Saves a rule in dry run, whose id is that of the connection, so that one value fills `{id}` in nearly all paths, and a company that
    /// was not found.
    func addRule(for connection: StoredConnection) async throws {
        let definition = RuleDefinition.sample(connection: connection.id)
        let rule = Rule(
            id: try #require(RuleID(connection.id.rawValue)), name: "Backup failed", revision: 1, mode: .dryRun, pause: nil,
            definition: definition, createdAt: time.now, changedAt: time.now)
        try await services.storage.add(rule, audit: .sample(.ruleCreated))
        // One item that failed, for the pages that correct it.
        _ = try await services.storage.accept(.sample(receivedAt: time.now), from: nil) { event, _, _ in
            [RuleEngine.decision(event, rule, .failed(.requestRejected, problem: PSAError(.requestRejected).problem.encodedText))]
        }
        try await services.storage.engine.recordUnmatched(SentCompany(id: "", name: "Acme"), .notFound, of: connection.id, at: time.now)
    }

    /// Everything in the audit log, the newest first.
    func audit() async throws -> [AuditEntry] {
        try await services.storage.audit(AuditFilter(), before: nil, limit: 10_000).map(\.entry)
    }

    /// A path that a route answers, with things that exist.
    func path(_ route: Route, _ connection: StoredConnection) -> String {
        let name = route.pattern.hasPrefix("/assets") ? "vectis.css" : "viewer"
        let id = route.pattern.hasPrefix("/rules/companies") ? "1" : connection.id.rawValue
        return route.pattern.replacing("{id}", with: id).replacing("{connector}", with: "scripted")
            .replacing("{slug}", with: "connect-halopsa").replacing("{code}", with: "network.timeout").replacing("{name}", with: name)
            .replacing("{job}", with: "1")
    }
}
