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
