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
            try await browser.post("/accounts/viewer/role", [("role", "admin"), ("confirmed", "yes")])
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
            return try await browser.post("/integrations/\(connection.id)/settings", fields)
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
        AuditedAction("page: detectors", .detectorsChanged, "Acme") { browser, connection in
            let fields = [("revision", "0"), ("agreement.ending.days", "14"), ("ticket.waiting.days", "7"), ("sync.stale.on", "on")]
            return try await browser.post("/connections/\(connection.id)/detectors", fields)
        },
        AuditedAction("API: detectors", .detectorsChanged, "Acme") { browser, connection in
            let detectors: JSONValue = ["ticket.waiting": ["on": true, "days": 3]]
            return try await browser.call(
                "PUT", "/connections/\(connection.id)/detectors", ["revision": 0, "detectors": detectors])
        },
        AuditedAction("page: test ticket", .testTicketCreated, "Acme") { browser, connection in
            try await browser.post("/integrations/\(connection.id)/ticket-defaults/test-ticket")
        },
        AuditedAction("API: test ticket", .testTicketCreated, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/test-ticket")
        },
        AuditedAction("API: run of the local copy", .syncRequested, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/sync", ["full": true])
        },
        AuditedAction("API: pause of the local copy", .syncPaused, "Acme") { browser, connection in
            try await browser.call("POST", "/connections/\(connection.id)/sync", ["paused": true])
        },
        AuditedAction("API: address for messages", .changeHookEnabled, "Acme") { browser, connection in
            try await browser.call("PUT", "/connections/\(connection.id)/hook", ["authentication": "none"])
        },
        AuditedAction("page: limits of the outbox", .outboxLimitsChanged, "") { browser, _ in
            try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "72"), ("maxWaitMinutes", "15")])
        },
        AuditedAction("API: limits of the outbox", .outboxLimitsChanged, "") { browser, _ in
            let limits: JSONValue = ["revision": 0, "maxAgeHours": 72, "maxWaitMinutes": 15]
            return try await browser.call("PUT", "/outbox-limits", limits)
        },
        AuditedAction("page: retention", .retentionChanged, "") { browser, _ in
            try await browser.post("/retention", [("revision", "0")] + RetentionSettings.fields.map { ($0.name, "60") })
        },
        AuditedAction("API: retention", .retentionChanged, "") { browser, _ in
            let days = RetentionSettings.fields.map { ($0.name, JSONValue.integer(60)) }
            return try await browser.call("PUT", "/retention", .init(present: [("revision", .integer(0))] + days))
        },
        AuditedAction("page: sync now", .syncRequested, "Acme") { browser, connection in
            try await browser.post("/connections/\(connection.id)/sync", [("resource", "companies"), ("kind", "now")])
        },
        AuditedAction("page: pause the sync", .syncPaused, "Acme") { browser, connection in
            try await browser.post("/connections/\(connection.id)/sync-pause", [("paused", "1")])
        },
        AuditedAction("page: resume the sync", .syncResumed, "Acme") { browser, connection in
            try await browser.post("/connections/\(connection.id)/sync-pause", [("paused", "0")])
        },
        AuditedAction("page: export of data", .dataExported, "Acme") { browser, connection in
            try await browser.get("/connections/\(connection.id)/data/tickets/export.csv?search=printer")
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
                    "/integrations/\(connection.id)/settings", [("action", "save"), ("revision", "7"), ("accept-untested", "on")]),
                try await browser.call("PUT", "/connections/\(connection.id)", ["revision": 1, "name": "x"]),
                try await browser.call("PUT", "/connections/\(connection.id)/ticket-defaults", ["revision": 1, "type": 99]),
            ]
            #expect(answers.map(\.status) == [422, 409, 422, 409, 409, 422])
            #expect(try await fixture.audit().count == before)
        }
    }

    @Test func refusedSignInsAreLoggedOnceAndCounted() async throws {
        try await WebFixture.with { fixture in
            let before = try await fixture.audit().count
            for _ in 0..<30 { _ = try await fixture.trySignIn("admin", password: "wrong") }
            // Whatever else a stranger may cause leaves nothing.
            let form = Array("name=admin".utf8)
            let type = ("Content-Type", "application/x-www-form-urlencoded")
            for path in [
                "/sign-out", "/accounts", "/integrations/new/scripted", "/hooks/a/b", "/api/v1/events", "/api/v1/connections", "/x",
            ] {
                _ = try await fixture.send("POST", path, [type], body: form)
                _ = try await fixture.send("POST", path, [type, ("Origin", "http://other.example")], body: form)
                _ = try await fixture.send("POST", path, [("Authorization", "Bearer vectis_x"), ("Cookie", "vectis=x")], body: form)
                _ = try await fixture.send("GET", path, [("Host", "other.example")])
            }
            #expect(try await fixture.audit().dropLast(before).map(\.action) == [.signInFailed])
            await fixture.services.signIn.finish()
            #expect(try await fixture.audit().dropLast(before).map(\.action) == [.refusedSignInsCounted, .signInFailed])
        }
    }
}

@Suite("The audit log over the web")
struct AuditOverTheWebTests {
    private static let names = [
        "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "say \"hi\", twice", "comma, semicolon; pipe|", "umlaut äöü \u{202E}",
        "'quoted'",
        "# comment",
    ]

    /// RFC 4180, written apart from the code under test.
    private func rows(_ csv: String) -> [[String]] {
        var (rows, row, cell, isQuoted) = ([[String]](), [String](), "", false)
        var rest = csv.unicodeScalars.makeIterator()
        var held = rest.next()
        while let scalar = held {
            held = rest.next()
            switch scalar {
            case "\"" where isQuoted && held == "\"":
                cell.unicodeScalars.append("\"")
                held = rest.next()
            case "\"": isQuoted.toggle()
            case "," where !isQuoted:
                row.append(cell)
                cell = ""
            case "\r" where !isQuoted: continue
            case "\n" where !isQuoted:
                rows.append(row + [cell])
                (row, cell) = ([], "")
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return rows
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func theExportsMatchTheLogAndContainNoFormula(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            for (index, name) in Self.names.enumerated() { _ = try await fixture.connect("t\(index)", name: name) }
            let browser = try await fixture.signIn()
            let csv = try await browser.get("/audit/export.csv")
            let json = try await browser.get("/audit/export.json")
            #expect(csv.headers["Content-Type"] == "text/csv; charset=utf-8" && json.headers["Content-Type"] == "application/json")
            #expect(csv.headers["Content-Disposition"] == "attachment; filename=\"vectis-audit.csv\"")
            let table = rows(csv.text)
            let header = try #require(table.first)
            #expect(table.allSatisfy { $0.count == header.count } && header.first == "place")
            let targets = table.dropFirst().map { $0[header.firstIndex(of: "target") ?? 0] }
            #expect(targets.allSatisfy { cell in !["=", "+", "-", "@", "\t", "\r"].contains { cell.hasPrefix($0) } })
            let exported = json.json.elements
            #expect(exported.count == table.count, "the second export lists the first, which has no header")
            let plain = targets.map { $0.hasPrefix("'") && $0 != "'quoted'" ? String($0.dropFirst()) : $0 }
            #expect(plain == exported.dropFirst().map { $0["target"]?.string ?? "" })
            let entries = try await fixture.audit()
            #expect(exported.map { $0["correlationID"]?.string } == entries.map(\.correlationID))
        }
    }

    @Test func anExportIsReadInBatchesWithoutLossOrRepetition() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for _ in 0..<1_203 {
                try await fixture.services.storage.append(
                    AuditEntry(
                        at: fixture.time.now, actor: .system, action: .connectionChecked, target: "x", outcome: .done, detail: "a\r\nb\"c",
                        correlationID: CorrelationID().rawValue))
            }
            let json = try await browser.get("/audit/export.json?action=connection.checked")
            #expect(Set(json.json.elements.map { $0["place"] }).count == 1_203)
            let csv = rows(try await browser.get("/audit/export.csv?action=connection.checked").text)
            #expect(csv.count == 1_204 && csv.dropFirst().allSatisfy { $0.contains("a\r\nb\"c") || $0.contains("a\nb\"c") })
        }
    }

    @Test(
        "page and API filter the same way",
        arguments: [
            "", "user=admin", "user=(system)", "user=ADMIN", "action=account.signed_in", "target=acme", "target=ACME", "target=%25",
            "from=2026-09-01",
            "from=2000-01-01&to=2000-01-02", "user=nobody",
        ])
    func filters(query: String) async throws {
        try await WebFixture.with { fixture in
            _ = try await fixture.connect()
            let browser = try await fixture.signIn()
            _ = try await fixture.signIn("viewer")
            let page = try await browser.get("/audit?" + query)
            let call = try await browser.call("GET", "/audit?" + query)
            let ids = call.json["entries"]?.elements.compactMap { $0["correlationID"]?.string } ?? []
            let shown = page.text.matches(of: /<span class="help">([a-z0-9]{12})/).map { String($0.1) }
            #expect(page.status == 200 && shown == ids)
            let isEmpty = query.contains("2000") || query.contains("nobody") || query.contains("%25")
            #expect(ids.isEmpty == isEmpty)
        }
    }

    @Test func theLogIsReadPageByPage() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            for _ in 0..<120 {
                try await fixture.services.storage.append(
                    AuditEntry(
                        at: fixture.time.now, actor: .system, action: .connectionChecked, target: "x", outcome: .done, detail: "",
                        correlationID: CorrelationID().rawValue))
            }
            let all = try await fixture.audit().map(\.correlationID)
            var (query, read, pages) = ("limit=50", [String](), 0)
            while true {
                let json = try await browser.call("GET", "/audit?" + query).json
                read += json["entries"]?.elements.compactMap { $0["correlationID"]?.string } ?? []
                pages += 1
                guard let next = json["next"]?.integer else { break }
                query = "limit=50&before=\(next)"
            }
            #expect(read == all && pages == 3)
            #expect(try await browser.call("GET", "/audit?limit=\(all.count)").json["next"] == nil)
            #expect(try await browser.call("GET", "/audit?limit=\(all.count - 1)").json["next"] != nil)
            var (path, shown) = ("/audit", [String]())
            while true {
                let html = try await browser.get(path).text
                shown += html.matches(of: /<span class="help">([a-z0-9]{12})/).map { String($0.1) }
                guard let older = html.firstMatch(of: /href="(\/audit\?[^"]*before=[^"]*)"/) else { break }
                path = String(older.1).replacing("&amp;", with: "&")
            }
            #expect(shown == all)
        }
    }
}
