import PSACore
import PSATesting
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

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
            #expect(list.contains("Acmé &lt;Ltd&gt;") && list.contains("<td>3</td>") && !list.contains("Acmé <Ltd>"))
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
