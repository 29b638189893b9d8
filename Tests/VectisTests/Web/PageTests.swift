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

@Suite("Complete pages")
struct PageTests {
    /// The paths of links, forms and files in a page, without anchors.
    private func targets(_ html: String) -> Set<String> {
        Set(
            html.matches(of: /(?:href|src|action)="([^"]*)"/).map { String($0.1).replacing("&amp;", with: "&") }
                .map { String($0.prefix { $0 != "#" }) }.filter { !$0.isEmpty && !$0.contains("://") })
    }

    @Test(arguments: ["admin", "viewer"], WebFixture.Mode.allCases)
    func everyAllowedPageHasOneHeading(name: String, mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect()
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            try await fixture.addCopy(of: connection)
            try await fixture.addOrphanUpload(for: connection)
            let kept = try await fixture.services.storage.keepTest(
                ConnectionTestReport.stored(.ending(.failed, .authInvalidClient)), .needsAttention, of: connection.id,
                startedBy: "(system)", at: fixture.time.now)
            #expect(kept == 1)
            let browser = try await fixture.signIn(name)
            var seen = 0
            for route in fixture.application.router.routes where route.method == .get && !route.pattern.hasPrefix("/api/") {
                let answer = try await browser.get(fixture.path(route, connection))
                // The form of a new connection opens for viewers only where it can't be sent.
                let isRefused =
                    name == "viewer" && ([.operator, .admin].contains(route.access) || route.pattern == "/integrations/new/{connector}")
                #expect(answer.status == (isRefused ? 403 : route.pattern == "/" ? 303 : 200), "\(route.pattern)")
                // The names of companies are a part of a page, for its script.
                guard answer.headers["Content-Type"]?.hasPrefix("text/html") == true, route.pattern != "/rules/company-names" else {
                    continue
                }
                seen += 1
                #expect(answer.text.matches(of: /<h1[ >]/).count == 1, "\(route.pattern)")
                #expect(answer.text.contains("<html lang=\"en\" data-zone-unknown>") && answer.text.contains("</html>"))
                #expect(answer.text.matches(of: /<title>/).count == 1)
                let ids = answer.text.matches(of: /\sid="([^"]*)"/).map { String($0.1) }
                #expect(ids.count == Set(ids).count, "\(route.pattern)")
            }
            #expect(seen >= 10)
        }
    }

    @Test func aViewerSeesThePlaceholdersSettings() async throws {
        try await WebFixture.with { fixture in
            let answer = try await fixture.signIn("viewer").get("/integrations/new/autotask")
            #expect(answer.status == 200 && answer.text.contains("<fieldset disabled>"))
        }
    }

    @Test(arguments: ["admin", "viewer"])
    func everyLinkResolves(name: String) async throws {
        try await WebFixture.with { fixture in
            _ = try await fixture.connect()
            let browser = try await fixture.signIn(name)
            var (open, seen, broken) = (["/"], Set(["/"]), [String]())
            while let path = open.popLast() {
                let answer = try await browser.get(path)
                if answer.status == 303, let next = answer.headers["Location"], seen.insert(next).inserted { open.append(next) }
                guard answer.status == 200 || answer.status == 303 else {
                    broken.append("\(path): \(answer.status)")
                    continue
                }
                guard answer.headers["Content-Type"]?.hasPrefix("text/html") == true else { continue }
                for target in targets(answer.text) where target.hasPrefix("/") {
                    let path = target.prefix { $0 != "?" }
                    let segments = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
                    if case .nothing = fixture.application.router.match(method: "GET", path: segments) {
                        broken.append("\(path) in \(target)")
                    }
                    let isPage = fixture.application.router.routes.contains { $0.method == .get && $0.match(segments) != nil }
                    if isPage, !target.contains("export"), seen.insert(target).inserted { open.append(target) }
                }
                for target in targets(answer.text) where !target.hasPrefix("/") { broken.append("\(target) in \(path) is relative") }
            }
            #expect(broken.isEmpty)
            #expect(seen.count > 10 && seen.count < 200)
        }
    }

    @Test func everyAnchorInAPageIsInThePageItLeadsTo() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            var pages: [String: String] = [:]
            for route in fixture.application.router.routes where route.method == .get && !route.pattern.hasPrefix("/api/") {
                let path = fixture.path(route, connection)
                pages[path] = try await browser.get(path).text
            }
            var checked = 0
            for (path, html) in pages {
                for link in html.matches(of: /href="([^"#]*)#([^"]+)"/) where !link.1.contains("://") {
                    guard let target = pages[link.1.isEmpty ? path : String(link.1)] else { continue }
                    checked += 1
                    #expect(target.contains("id=\"\(link.2)\""), "\(link.1)#\(link.2) in \(path)")
                }
            }
            #expect(checked > 20)
        }
    }

    @Test func everyFormIsSentWithAToken() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for route in fixture.application.router.routes
            where route.method == .get && route.access != .open && !route.pattern.hasPrefix("/api/") {
                let html = try await browser.get(fixture.path(route, connection)).text
                let posts = html.matches(of: /<form[^>]*method="post"/).count
                let tokens = html.matches(of: /name="form_token" value="([^"]*)"/).map { String($0.1) }
                #expect(tokens.count == posts && tokens.allSatisfy { $0 == browser.formToken }, "\(route.pattern)")
            }
        }
    }
}

@Suite("Mapping companies")
struct CompanyMappingTests {
    @Test func aCompanyThatWasNotFoundIsShownOnceAndMapped() async throws {
        try await WebFixture.with { fixture in
            let (browser, connection) = try await Self.prepared(fixture)
            for _ in 0..<3 { try await fixture.miss("Acmé <Ltd>", of: connection) }
            let overview = try await browser.get("/integrations").text
            #expect(overview.contains("One company was not found in “\(connection.name)”") && overview.contains("/rules/companies"))
            #expect(try await browser.get("/rules").text.contains("One company was not found"))
            let list = try await browser.get("/rules/companies").text
            #expect(list.contains("Acmé &lt;Ltd&gt;") && list.contains("data-label=\"Times\">3</td>") && !list.contains("Acmé <Ltd>"))
            let id = try #require(try await fixture.services.storage.unmatchedCompanies(of: nil).first?.id.rawValue)
            #expect(try await browser.get("/rules/companies/\(id)").text.contains("Which company is"))
            let saved = try await browser.post("/rules/companies/\(id)", [("id", " 12 "), ("company", "")])
            #expect(saved.status == 303)
            let afterwards = try await browser.get("/rules/companies").text
            #expect(afterwards.contains("Every company that was named was found.") && afterwards.contains("<code>12</code>"))
            #expect(try await !browser.get("/integrations").text.contains("not found in"))
            let mapping = try #require(try await fixture.services.storage.companyMappings(of: nil).first)
            #expect(mapping.company == Company.ID(12) && mapping.mappedBy == "admin")
            #expect(try await fixture.audit().contains { $0.action == .companyMapped && $0.target == "Acmé <Ltd>" })
            let removed = try await browser.post("/rules/companies/mappings/\(mapping.id.rawValue)/remove", [])
            #expect(removed.status == 303)
            #expect(try await fixture.services.storage.companyMappings(of: nil).isEmpty)
            #expect(try await fixture.audit().contains { $0.action == .companyMappingRemoved })
        }
    }

    @Test func aDismissedNoticeIsHiddenAndCanBeShownAgain() async throws {
        try await WebFixture.with { fixture in
            let (browser, connection) = try await Self.prepared(fixture)
            try await fixture.miss("Acme", of: connection)
            let id = try #require(try await fixture.services.storage.unmatchedCompanies(of: nil).first?.id.rawValue)
            #expect(try await browser.post("/rules/companies/\(id)/dismiss", [("dismissed", "1")]).status == 303)
            #expect(try await !browser.get("/integrations").text.contains("not found in"))
            #expect(try await browser.get("/rules/companies").text.contains("Dismissed (1)"))
            #expect(try await browser.post("/rules/companies/\(id)/dismiss", [("dismissed", "0")]).status == 303)
            #expect(try await browser.get("/integrations").text.contains("One company was not found in"))
            #expect(try await fixture.audit().filter { $0.action == .unmatchedCompanyDismissed }.count == 2)
        }
    }

    @Test func invalidCompanyIDsAreRejected() async throws {
        try await WebFixture.with { fixture in
            let (browser, connection) = try await Self.prepared(fixture)
            try await fixture.miss("Acme", of: connection)
            let id = try #require(try await fixture.services.storage.unmatchedCompanies(of: nil).first?.id.rawValue)
            let empty = try await browser.post("/rules/companies/\(id)", [("id", ""), ("company", "")])
            #expect(empty.status == 422 && empty.text.contains("Choose a company, or enter its id."))
            #expect(try await browser.post("/rules/companies/99", [("id", "12")]).status == 404)
            #expect(try await browser.post("/rules/companies/x/dismiss", []).status == 404)
            #expect(try await browser.post("/rules/companies/mappings/99/remove", []).status == 404)
            #expect(try await fixture.services.storage.companyMappings(of: nil).isEmpty)
        }
    }

    @Test func theAPIDoesTheSame() async throws {
        try await WebFixture.with { fixture in
            let (browser, connection) = try await Self.prepared(fixture)
            try await fixture.miss("Acme", of: connection)
            let mapping: JSONValue = ["connection": .string(connection.id.rawValue), "sentName": "ACME ", "company": 12]
            let made = try await browser.call("POST", "/company-mappings", mapping)
            #expect(made.status == 201 && made.json["company"]?.string == "12")
            let list = try await browser.call("GET", "/company-mappings?connection=\(connection.id)")
            #expect(list.json["mappings"]?.elements.count == 1 && list.json["unmatched"]?.elements.isEmpty == true)
            #expect(try await browser.call("DELETE", "/company-mappings/\(made.json["id"]?.integer ?? 0)").status == 204)
            #expect(try await browser.call("DELETE", "/company-mappings/77").status == 404)
            #expect(try await browser.call("PUT", "/company-mappings/unmatched/77", ["dismissed": true]).status == 404)
            let wrong = try await browser.call("POST", "/company-mappings", ["connection": .string(connection.id.rawValue)])
            #expect(wrong.status == 422)
            #expect(wrong.json["problems"]?.elements.compactMap { $0["member"]?.string } == ["sentName", "company"])
            #expect(try await browser.call("GET", "/company-mappings?connection=nobody").status == 404)
        }
    }

    @Test func aViewerSeesAndChangesNothing() async throws {
        try await WebFixture.with { fixture in
            let (_, connection) = try await Self.prepared(fixture)
            try await fixture.miss("Acme", of: connection)
            let viewer = try await fixture.signIn("viewer")
            for path in ["/rules/companies", "/rules/companies/1"] { #expect(try await viewer.get(path).status == 403) }
            #expect(try await viewer.post("/rules/companies/1", [("id", "12")]).status == 403)
            #expect(try await viewer.call("GET", "/company-mappings").status == 403)
            #expect(try await !viewer.get("/integrations").text.contains("not found in"))
            #expect(try await !viewer.get("/rules").text.contains("/rules/companies"))
        }
    }

    private static func prepared(_ fixture: WebFixture) async throws -> (Browser, StoredConnection) {
        let connection = try await fixture.connect()
        return (try await fixture.signIn(), connection)
    }
}

extension WebFixture {
    fileprivate func miss(_ name: String, of connection: StoredConnection) async throws {
        try await services.storage.engine.recordUnmatched(SentCompany(id: "", name: name), .notFound, of: connection.id, at: time.now)
    }
}

@Suite("Open issues on a connection's page")
struct OpenIssueTests {
    @Test func eachHasItsCodeTitleTimesAndCount() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)"
            #expect(try await !browser.get(path).text.contains("Open issues"))
            let storage = fixture.services.storage
            for minute in 0..<3 { try await storage.recordIssue(.networkRefused, of: connection.id, at: .sampleNow + Double(minute) * 60) }
            try await storage.recordIssue(.rateLimited, of: connection.id, at: .sampleNow)
            try await storage.resolveIssues(of: connection.id, areas: [.rate], at: .sampleNow)
            let page = try await browser.get(path).text
            #expect(page.matches(of: /<section class="guidance/).count == 1, "What is resolved is not listed.")
            let title = PSAError(.networkRefused).guidance.title
            for words in [title, "network.refused", "2026-11-24T09:30:00Z", "2026-11-24T09:32:00Z", "3 times, first"] {
                #expect(page.contains(words), "\(words)")
            }
        }
    }

    @Test func aTestThatPassesClosesThemAndOneThatFailsCounts() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)"
            try await fixture.services.storage.recordIssue(.networkRefused, of: connection.id, at: .sampleNow)
            let invalid = try await browser.post(path + "/settings", [("tenant", ""), ("action", "test")])
            #expect(invalid.status == 422 && invalid.text.contains("Open issues"))
            let passed = try await browser.post(path + "/check")
            #expect(passed.status == 303)
            #expect(try await !browser.get(path).text.contains("Open issues"))
            let broken = try await fixture.connect("broken", mode: .refused)
            _ = try await browser.post("/integrations/\(broken.id)/check")
            let failed = try await browser.get("/integrations/\(broken.id)").text
            #expect(failed.contains("Open issues") && failed.contains("once, first"))
        }
    }
}

@Suite("Setting the limits of the outbox")
struct OutboxLimitsPageTests {
    @Test func thePageAndTheAPIShowAndChangeTheSame() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let viewer = try await fixture.signIn("viewer")
            let usual: JSONValue = ["revision": 0, "maxAgeHours": 48, "maxWaitMinutes": 15]
            #expect(try await viewer.call("GET", "/outbox-limits").json == usual)
            let page = try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", " 72 "), ("maxWaitMinutes", "5")])
            #expect(page.status == 303)
            #expect(
                try await viewer.call("GET", "/outbox-limits").json == ["revision": 1, "maxAgeHours": 72, "maxWaitMinutes": 5])
            let change: JSONValue = ["revision": 1, "maxAgeHours": 24, "maxWaitMinutes": 30]
            let changed = try await browser.call("PUT", "/outbox-limits", change)
            #expect(changed.json == ["revision": 2, "maxAgeHours": 24, "maxWaitMinutes": 30])
            let shown = try await browser.get("/rules/limits").text
            #expect(shown.contains("value=\"24\"") && shown.contains("value=\"30\"") && shown.contains("value=\"2\""))
            let entries = try await fixture.audit().filter { $0.action == .outboxLimitsChanged }
            #expect(
                entries.map(\.detail) == ["Oldest: 24 hours. Longest wait: 30 minutes.", "Oldest: 72 hours. Longest wait: 5 minutes."])
        }
    }

    @Test func invalidLimitsAreRejectedWithTheRangeAndInputIsKept() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let answer = try await browser.post(
                "/rules/limits", [("revision", "0"), ("maxAgeHours", "soon"), ("maxWaitMinutes", "61")])
            #expect(answer.status == 422)
            #expect(answer.text.contains("Enter a whole number from 1 to 720.") && answer.text.contains("value=\"soon\""))
            #expect(answer.text.contains("Enter a whole number from 1 to 60.") && answer.text.contains("value=\"61\""))
            let wrong: JSONValue = ["revision": 0, "maxAgeHours": 721, "maxWaitMinutes": "5"]
            let refused = try await browser.call("PUT", "/outbox-limits", wrong)
            #expect(refused.status == 422)
            #expect(
                refused.json["problems"]?.elements.map { "\($0["member"]?.string ?? "") \($0["code"]?.string ?? "")" }
                    == ["maxWaitMinutes wrong_type", "maxAgeHours out_of_range"])
            #expect(try await fixture.services.storage.outboxLimits().revision == 0)
        }
    }

    @Test func limitsOfAnOlderRevisionOverwriteNothing() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn()
            let fields = [("revision", "0"), ("maxAgeHours", "72"), ("maxWaitMinutes", "5")]
            _ = try await browser.post("/rules/limits", fields)
            let late = try await browser.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "1"), ("maxWaitMinutes", "1")])
            #expect(late.status == 409 && late.text.contains("The limits were changed after you opened them"))
            #expect(late.text.contains("name=\"revision\" value=\"0\""), "Saving again is a conflict, too.")
            let change: JSONValue = ["revision": 0, "maxAgeHours": 1, "maxWaitMinutes": 1]
            #expect(try await browser.call("PUT", "/outbox-limits", change).code == "stale")
            #expect(try await fixture.services.storage.outboxLimits().limits.maxAgeHours == 72)
        }
    }

    @Test func aViewerChangesNothing() async throws {
        try await WebFixture.with { fixture in
            let viewer = try await fixture.signIn("viewer")
            #expect(try await viewer.get("/rules/limits").status == 403)
            #expect(try await viewer.post("/rules/limits", [("revision", "0"), ("maxAgeHours", "1")]).status == 403)
            let change: JSONValue = ["revision": 0, "maxAgeHours": 1, "maxWaitMinutes": 1]
            #expect(try await viewer.call("PUT", "/outbox-limits", change).status == 403)
            #expect(try await !viewer.get("/rules").text.contains("/rules/limits"))
        }
    }
}
