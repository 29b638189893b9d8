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

@Suite("What is written down of what people do")
struct AuditActionTests {
    /// What somebody does, and the one entry that tells of it.
    struct Deed: Sendable, CustomTestStringConvertible {
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

    private static let deeds: [Deed] = [
        Deed("page: sign in", .signedIn, "admin") { browser, _ in
            try await browser.post("/sign-in", [("name", "admin"), ("password", WebFixture.password)])
        },
        Deed("page: wrong password", .signInFailed, "admin", .refused) { browser, _ in
            try await browser.post("/sign-in", [("name", "admin"), ("password", "wrong")])
        },
        Deed("page: wrong name", .signInFailed, "", .refused) { browser, _ in
            try await browser.post("/sign-in", [("name", "my-pass-word"), ("password", "wrong")])
        },
        Deed("page: sign out", .signedOut, "admin") { browser, _ in try await browser.post("/sign-out") },
        Deed("API: sign out", .signedOut, "admin") { browser, _ in try await browser.call("DELETE", "/session") },
        Deed("page: new account", .accountCreated, "sam") { browser, _ in try await browser.post("/accounts", sam) },
        Deed("API: new account", .accountCreated, "sam") { browser, _ in
            try await browser.call("POST", "/accounts", JSONValue(present: sam.map { ($0.0, .string($0.1)) }))
        },
        Deed("page: role", .accountChanged, "viewer") { browser, _ in try await browser.post("/accounts/viewer/role", [("role", "admin")])
        },
        Deed("API: role", .accountChanged, "viewer") { browser, _ in try await browser.call("PUT", "/accounts/viewer", ["role": "admin"]) },
        Deed("page: remove account", .accountRemoved, "viewer") { browser, _ in try await browser.post("/accounts/viewer/remove") },
        Deed("API: remove account", .accountRemoved, "viewer") { browser, _ in try await browser.call("DELETE", "/accounts/viewer") },
        Deed("page: password", .passwordChanged, "admin") { browser, _ in
            try await browser.post("/account", [("current", WebFixture.password), ("new", "long enough 123")])
        },
        Deed("page: wrong current password", .signInFailed, "admin", .refused) { browser, _ in
            try await browser.post("/account", [("current", "wrong"), ("new", "long enough 123")])
        },
        Deed("API: password", .passwordChanged, "admin") { browser, _ in
            try await browser.call("PUT", "/account/password", ["current": .string(WebFixture.password), "new": "long enough 123"])
        },
        Deed("page: test", .connectionTested, "New") { browser, _ in
            try await browser.post("/integrations/new/scripted", new + [("action", "test")])
        },
        Deed("page: streamed test", .connectionTested, "New") { browser, _ in
            try await browser.post("/integrations/new/scripted/test", new)
        },
        Deed("page: failed test", .connectionTested, "New", .failed) { browser, _ in
            try await browser.post("/integrations/new/scripted", new + [("mode", "refused"), ("action", "test")])
        },
        Deed("API: test", .connectionTested, "x") { browser, _ in
            try await browser.call("POST", "/connection-tests", ["connector": "scripted", "settings": ["tenant": "x", "password": "y"]])
        },
        Deed("page: check", .connectionTested, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/check")
        },
        Deed("API: check", .connectionTested, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/test")
        },
        Deed("page: save", .connectionCreated, "New") { browser, _ in
            try await browser.post("/integrations/new/scripted", new + [("action", "save"), ("accept-untested", "on")])
        },
        Deed("API: save", .connectionCreated, "x") { browser, _ in
            let settings: JSONValue = ["tenant": "x", "password": "y"]
            return try await browser.call(
                "POST", "/connections", ["connector": "scripted", "settings": settings, "acceptUntested": true])
        },
        Deed("page: change", .connectionChanged, "Renamed") { browser, connection in
            let fields = [("connection-name", "Renamed"), ("revision", "1"), ("action", "save"), ("accept-untested", "on")]
            return try await browser.post("/integrations/\(connection.id)", fields)
        },
        Deed("API: change", .connectionChanged, "Renamed") { browser, connection in
            try await browser.call("PUT", "/connections/\(connection.id)", changed)
        },
        Deed("page: remove", .connectionRemoved, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/remove")
        },
        Deed("API: remove", .connectionRemoved, "Acme") { browser, connection in
            try await browser.call("DELETE", "/connections/\(connection.id)")
        },
        Deed("page: ticket defaults", .ticketDefaultsChanged, "Acme") { browser, connection in
            let fields = [("type", "1"), ("revision", "1"), ("action", "save")]
            return try await browser.post("/integrations/\(connection.id)/ticket-defaults", fields)
        },
        Deed("API: ticket defaults", .ticketDefaultsChanged, "Acme") { browser, connection in
            try await browser.call("PUT", "/connections/\(connection.id)/ticket-defaults", ["revision": 1, "type": 1])
        },
        Deed("page: test ticket", .testTicketCreated, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/ticket-defaults/test-ticket")
        },
        Deed("API: test ticket", .testTicketCreated, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/test-ticket")
        },
        Deed("page: limits of the outbox", .outboxLimitsChanged, "") { browser, _ in
            try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "72"), ("maxWaitMinutes", "15")])
        },
        Deed("API: limits of the outbox", .outboxLimitsChanged, "") { browser, _ in
            let limits: JSONValue = ["revision": 0, "maxAgeHours": 72, "maxWaitMinutes": 15]
            return try await browser.call("PUT", "/outbox-limits", limits)
        },
        Deed("page: export", .auditExported, "csv") { browser, _ in try await browser.get("/audit/export.csv") },
    ]

    @Test("each deed leaves exactly one entry", arguments: deeds)
    func entry(deed: Deed) async throws {
        try await WebFixture.with { bed in
            let connection = try await bed.connect()
            let browser = try await bed.signIn()
            let before = try await bed.audit().count
            let answer = try await deed.body(browser, connection)
            let entries = try await bed.audit()
            #expect(entries.count == before + 1, "\(answer.status) \(answer.text.prefix(300))")
            let entry = try #require(entries.first)
            #expect(entry.action == deed.action && entry.outcome == deed.outcome && entry.target == deed.target)
            #expect(entry.address == "127.0.0.1" && entry.at == bed.time.now)
            #expect(entry.actor == (deed.testDescription == "page: wrong name" ? .unknown : .account(try #require(AccountName("admin")))))
            #expect(!entry.detail.contains(WebFixture.password) && !entry.detail.contains("my-pass-word"))
        }
    }

    @Test func whatIsRefusedForItsValuesLeavesNone() async throws {
        try await WebFixture.with { bed in
            let connection = try await bed.connect()
            let browser = try await bed.signIn()
            let before = try await bed.audit().count
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
            #expect(try await bed.audit().count == before)
        }
    }

    @Test func aBlockedSignInIsWrittenDown() async throws {
        try await WebFixture.with { bed in
            for _ in 0..<6 { _ = try await bed.trySignIn("admin", password: "wrong") }
            #expect(try await bed.audit().prefix(6).map(\.action) == [.signInBlocked] + Array(repeating: .signInFailed, count: 5))
        }
    }
}
