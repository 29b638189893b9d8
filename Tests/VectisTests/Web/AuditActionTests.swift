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

@Suite("Audited actions")
struct AuditActionTests {
    /// An action of a user, and its audit entry.
    struct AuditedAction: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let action: AuditAction
        let outcome: AuditEntry.Outcome
        let target: String
        let body: @Sendable (Browser, StoredConnection) async throws -> WebAnswer

        init(
            _ name: String, _ action: AuditAction, _ target: String, _ outcome: AuditEntry.Outcome = .done,
            _ body: @escaping @Sendable (Browser, StoredConnection) async throws -> WebAnswer
        ) {
            (testDescription, self.action, self.outcome, self.target, self.body) = (name, action, outcome, target, body)
        }
    }

    private static let new = [("tenant", "new"), ("password", "x"), ("connection-name", "New")]
    private static let sam = [("name", "sam"), ("password", "long enough 123"), ("role", "viewer")]
    private static let changed: JSONValue = ["revision": 1, "name": "Renamed", "acceptUntested": true]

    private static let actions: [AuditedAction] = [
        AuditedAction("page: sign in", .signedIn, "admin") { browser, _ in
            try await browser.post("/sign-in", [("name", "admin"), ("password", WebFixture.password)])
        },
        AuditedAction("page: wrong password", .signInFailed, "admin", .refused) { browser, _ in
            try await browser.post("/sign-in", [("name", "admin"), ("password", "wrong")])
        },
        AuditedAction("page: wrong name", .signInFailed, "", .refused) { browser, _ in
            try await browser.post("/sign-in", [("name", "my-pass-word"), ("password", "wrong")])
        },
        AuditedAction("page: sign out", .signedOut, "admin") { browser, _ in try await browser.post("/sign-out") },
        AuditedAction("API: sign out", .signedOut, "admin") { browser, _ in try await browser.call("DELETE", "/session") },
        AuditedAction("page: new account", .accountCreated, "sam") { browser, _ in try await browser.post("/accounts", sam) },
        AuditedAction("API: new account", .accountCreated, "sam") { browser, _ in
            try await browser.call("POST", "/accounts", JSONValue(present: sam.map { ($0.0, .string($0.1)) }))
        },
        AuditedAction("page: role", .accountChanged, "viewer") { browser, _ in
            try await browser.post("/accounts/viewer/role", [("role", "admin")])
        },
        AuditedAction("API: role", .accountChanged, "viewer") { browser, _ in
            try await browser.call("PUT", "/accounts/viewer", ["role": "admin"])
        },
        AuditedAction("page: remove account", .accountRemoved, "viewer") { browser, _ in try await browser.post("/accounts/viewer/remove")
        },
        AuditedAction("API: remove account", .accountRemoved, "viewer") { browser, _ in try await browser.call("DELETE", "/accounts/viewer")
        },
        AuditedAction("page: password", .passwordChanged, "admin") { browser, _ in
            try await browser.post("/account", [("current", WebFixture.password), ("new", "long enough 123")])
        },
        AuditedAction("page: wrong current password", .signInFailed, "admin", .refused) { browser, _ in
            try await browser.post("/account", [("current", "wrong"), ("new", "long enough 123")])
        },
        AuditedAction("API: password", .passwordChanged, "admin") { browser, _ in
            try await browser.call("PUT", "/account/password", ["current": .string(WebFixture.password), "new": "long enough 123"])
        },
        AuditedAction("page: test", .connectionTested, "New") { browser, _ in
            try await browser.post("/integrations/new/scripted", new + [("action", "test")])
        },
        AuditedAction("page: streamed test", .connectionTested, "New") { browser, _ in
            try await browser.post("/integrations/new/scripted/test", new)
        },
        AuditedAction("page: failed test", .connectionTested, "New", .failed) { browser, _ in
            try await browser.post("/integrations/new/scripted", new + [("mode", "refused"), ("action", "test")])
        },
        AuditedAction("API: test", .connectionTested, "x") { browser, _ in
            try await browser.call("POST", "/connection-tests", ["connector": "scripted", "settings": ["tenant": "x", "password": "y"]])
        },
        AuditedAction("page: check", .connectionTested, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/check")
        },
        AuditedAction("API: check", .connectionTested, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/test")
        },
        AuditedAction("page: save", .connectionCreated, "New") { browser, _ in
            try await browser.post("/integrations/new/scripted", new + [("action", "save"), ("accept-untested", "on")])
        },
        AuditedAction("API: save", .connectionCreated, "x") { browser, _ in
            let settings: JSONValue = ["tenant": "x", "password": "y"]
            return try await browser.call(
                "POST", "/connections", ["connector": "scripted", "settings": settings, "acceptUntested": true])
        },
        AuditedAction("page: change", .connectionChanged, "Renamed") { browser, connection in
            let fields = [("connection-name", "Renamed"), ("revision", "1"), ("action", "save"), ("accept-untested", "on")]
            return try await browser.post("/integrations/\(connection.id)", fields)
        },
        AuditedAction("API: change", .connectionChanged, "Renamed") { browser, connection in
            try await browser.call("PUT", "/connections/\(connection.id)", changed)
        },
        AuditedAction("page: remove", .connectionRemoved, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/remove")
        },
        AuditedAction("API: remove", .connectionRemoved, "Acme") { browser, connection in
            try await browser.call("DELETE", "/connections/\(connection.id)")
        },
        AuditedAction("page: ticket defaults", .ticketDefaultsChanged, "Acme") { browser, connection in
            let fields = [("type", "1"), ("revision", "1"), ("action", "save")]
            return try await browser.post("/integrations/\(connection.id)/ticket-defaults", fields)
        },
        AuditedAction("API: ticket defaults", .ticketDefaultsChanged, "Acme") { browser, connection in
            try await browser.call("PUT", "/connections/\(connection.id)/ticket-defaults", ["revision": 1, "type": 1])
        },
        AuditedAction("page: test ticket", .testTicketCreated, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/ticket-defaults/test-ticket")
        },
        AuditedAction("API: test ticket", .testTicketCreated, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/test-ticket")
        },
        AuditedAction("page: limits of the outbox", .outboxLimitsChanged, "") { browser, _ in
            try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "72"), ("maxWaitMinutes", "15")])
        },
        AuditedAction("API: limits of the outbox", .outboxLimitsChanged, "") { browser, _ in
            let limits: JSONValue = ["revision": 0, "maxAgeHours": 72, "maxWaitMinutes": 15]
            return try await browser.call("PUT", "/outbox-limits", limits)
        },
        AuditedAction("page: export", .auditExported, "csv") { browser, _ in try await browser.get("/audit/export.csv") },
    ]

    @Test("each action leaves exactly one entry", arguments: actions)
    func entry(action: AuditedAction) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let before = try await fixture.audit().count
            let answer = try await action.body(browser, connection)
            let entries = try await fixture.audit()
            #expect(entries.count == before + 1, "\(answer.status) \(answer.text.prefix(300))")
            let entry = try #require(entries.first)
            #expect(entry.action == action.action && entry.outcome == action.outcome && entry.target == action.target)
            #expect(entry.address == "127.0.0.1" && entry.at == fixture.time.now)
            #expect(entry.actor == (action.testDescription == "page: wrong name" ? .unknown : .account(try #require(AccountName("admin")))))
            #expect(!entry.detail.contains(WebFixture.password) && !entry.detail.contains("my-pass-word"))
        }
    }

    @Test func rejectedValuesLeaveNoIssue() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let before = try await fixture.audit().count
            let answers = [
                try await browser.post("/accounts", [("name", "viewer"), ("password", "long enough 123"), ("role", "admin")]),
                try await browser.post("/accounts/admin/remove"),
                try await browser.post("/integrations/new/scripted", [("action", "save")]),
                try await browser.post(
                    "/integrations/\(connection.id)", [("action", "save"), ("revision", "7"), ("accept-untested", "on")]),
                try await browser.call("PUT", "/connections/\(connection.id)", ["revision": 1, "name": "x"]),
                try await browser.call("PUT", "/connections/\(connection.id)/ticket-defaults", ["revision": 1, "type": 99]),
            ]
            #expect(answers.map(\.status) == [422, 409, 422, 409, 409, 422])
            #expect(try await fixture.audit().count == before)
        }
    }

    @Test func aBlockedSignInIsLogged() async throws {
        try await WebFixture.with { fixture in
            for _ in 0..<6 { _ = try await fixture.trySignIn("admin", password: "wrong") }
            #expect(try await fixture.audit().prefix(6).map(\.action) == [.signInBlocked] + Array(repeating: .signInFailed, count: 5))
        }
    }
}
