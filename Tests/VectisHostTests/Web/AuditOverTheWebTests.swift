import Foundation
import PSACore
import Testing
import WebServer

@testable import VectisHost

@Suite("The audit log over the web")
struct AuditOverTheWebTests {
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
            try await browser.post("/sign-in", [("name", "admin"), ("password", WebBed.password)])
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
        Deed("page: role", .accountChanged, "viewer") { browser, _ in try await browser.post("/accounts/viewer/role", [("role", "admin")]) },
        Deed("API: role", .accountChanged, "viewer") { browser, _ in try await browser.call("PUT", "/accounts/viewer", ["role": "admin"]) },
        Deed("page: remove account", .accountRemoved, "viewer") { browser, _ in try await browser.post("/accounts/viewer/remove") },
        Deed("API: remove account", .accountRemoved, "viewer") { browser, _ in try await browser.call("DELETE", "/accounts/viewer") },
        Deed("page: password", .passwordChanged, "admin") { browser, _ in
            try await browser.post("/account", [("current", WebBed.password), ("new", "long enough 123")])
        },
        Deed("page: wrong current password", .signInFailed, "admin", .refused) { browser, _ in
            try await browser.post("/account", [("current", "wrong"), ("new", "long enough 123")])
        },
        Deed("API: password", .passwordChanged, "admin") { browser, _ in
            try await browser.call("PUT", "/account/password", ["current": .string(WebBed.password), "new": "long enough 123"])
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
        Deed("page: export", .auditExported, "csv") { browser, _ in try await browser.get("/audit/export.csv") },
    ]

    @Test("each deed leaves exactly one entry", arguments: deeds)
    func entry(deed: Deed) async throws {
        try await WebBed.with { bed in
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
            #expect(!entry.detail.contains(WebBed.password) && !entry.detail.contains("my-pass-word"))
        }
    }

    @Test func whatIsRefusedForItsValuesLeavesNone() async throws {
        try await WebBed.with { bed in
            let connection = try await bed.connect()
            let browser = try await bed.signIn()
            let before = try await bed.audit().count
            let answers = [
                try await browser.post("/accounts", [("name", "viewer"), ("password", "long enough 123"), ("role", "admin")]),
                try await browser.post("/accounts/admin/remove"), try await browser.post("/integrations/new/scripted", [("action", "save")]),
                try await browser.post("/integrations/\(connection.id)", [("action", "save"), ("revision", "7"), ("accept-untested", "on")]),
                try await browser.call("PUT", "/connections/\(connection.id)", ["revision": 1, "name": "x"]),
                try await browser.call("PUT", "/connections/\(connection.id)/ticket-defaults", ["revision": 1, "type": 99]),
            ]
            #expect(answers.map(\.status) == [422, 409, 422, 409, 409, 422])
            #expect(try await bed.audit().count == before)
        }
    }

    @Test func aBlockedSignInIsWrittenDown() async throws {
        try await WebBed.with { bed in
            for _ in 0..<6 { _ = try await bed.trySignIn("admin", password: "wrong") }
            #expect(try await bed.audit().prefix(6).map(\.action) == [.signInBlocked] + Array(repeating: .signInFailed, count: 5))
        }
    }

    private static let names = [
        "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "say \"hi\", twice", "comma, semicolon; pipe|", "umlaut äöü \u{202E}", "'quoted'",
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

    @Test(arguments: WebBed.Way.allCases)
    func theExportsHoldWhatTheLogHoldsAndNoFormula(way: WebBed.Way) async throws {
        try await WebBed.with(way) { bed in
            for (index, name) in Self.names.enumerated() { _ = try await bed.connect("t\(index)", name: name) }
            let browser = try await bed.signIn()
            let csv = try await browser.get("/audit/export.csv")
            let json = try await browser.get("/audit/export.json")
            #expect(csv.headers["Content-Type"] == "text/csv; charset=utf-8" && json.headers["Content-Type"] == "application/json")
            #expect(csv.headers["Content-Disposition"] == "attachment; filename=\"vectis-audit.csv\"")
            let table = rows(csv.text)
            let header = try #require(table.first)
            #expect(table.allSatisfy { $0.count == header.count } && header.first == "place")
            let targets = table.dropFirst().map { $0[header.firstIndex(of: "target") ?? 0] }
            #expect(targets.allSatisfy { cell in !["=", "+", "-", "@", "\t", "\r"].contains { cell.hasPrefix($0) } })
            let told = json.json.elements
            #expect(told.count == table.count, "the export of the first is told by the second, which has no header")
            let plain = targets.map { $0.hasPrefix("'") && $0 != "'quoted'" ? String($0.dropFirst()) : $0 }
            #expect(plain == told.dropFirst().map { $0["target"]?.string ?? "" })
            let entries = try await bed.audit()
            #expect(told.map { $0["correlationID"]?.string } == entries.map(\.correlationID))
        }
    }

    @Test func anExportIsReadInBatchesWithoutLossOrRepetition() async throws {
        try await WebBed.with { bed in
            let browser = try await bed.signIn()
            for _ in 0..<1_203 {
                try await bed.services.storage.append(
                    AuditEntry(
                        at: bed.time.now, actor: .system, action: .connectionChecked, target: "x", outcome: .done, detail: "a\r\nb\"c",
                        correlationID: CorrelationID().rawValue))
            }
            let json = try await browser.get("/audit/export.json?action=connection.checked")
            #expect(Set(json.json.elements.map { $0["place"] }).count == 1_203)
            let csv = rows(try await browser.get("/audit/export.csv?action=connection.checked").text)
            #expect(csv.count == 1_204 && csv.dropFirst().allSatisfy { $0.contains("a\r\nb\"c") || $0.contains("a\nb\"c") })
        }
    }

    @Test(
        "page and API filter alike",
        arguments: [
            "", "user=admin", "user=(system)", "user=ADMIN", "action=account.signed_in", "target=acme", "target=ACME", "target=%25", "from=2026-11-01",
            "from=2000-01-01&to=2000-01-02", "user=nobody",
        ])
    func filters(query: String) async throws {
        try await WebBed.with { bed in
            _ = try await bed.connect()
            let browser = try await bed.signIn()
            _ = try await bed.signIn("viewer")
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
        try await WebBed.with { bed in
            let browser = try await bed.signIn()
            for _ in 0..<120 {
                try await bed.services.storage.append(
                    AuditEntry(
                        at: bed.time.now, actor: .system, action: .connectionChecked, target: "x", outcome: .done, detail: "",
                        correlationID: CorrelationID().rawValue))
            }
            let all = try await bed.audit().map(\.correlationID)
            var (query, read, pages) = ("limit=50", [String](), 0)
            while true {
                let json = try await browser.call("GET", "/audit?" + query).json
                read += json["entries"]?.elements.compactMap { $0["correlationID"]?.string } ?? []
                pages += 1
                guard let next = json["next"]?.integer else { break }
                query = "limit=50&before=\(next)"
            }
            #expect(read == all && pages == 3)
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
