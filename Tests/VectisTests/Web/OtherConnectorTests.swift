import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisWeb

@Suite("Hosts whose connector is not that of HaloPSA")
struct OtherConnectorTests {
    /// A host that has the PSA in memory alone.
    private func withInMemory(_ body: (WebFixture, StoredConnection) async throws -> Void) async throws {
        let psa = InMemoryPSA()
        var options = WebFixture.Options()
        options.registry = try ConnectorRegistry([InMemoryConnector.self])
        options.transport = psa
        try await WebFixture.with(.inProcess, options) { fixture in
            let draft = try fixture.services.connections.draft(
                "in-memory",
                SettingsSubmission(
                    name: "Acme", values: ["serverURL": Secret("https://psa.example.com"), "apiKey": Secret("in-memory-key-0001")]))
            let connection = try await fixture.services.connections.save(
                draft, SaveConfirmation(acceptsUntested: true), audit: .sample(.connectionCreated))
            try await body(fixture, connection)
        }
    }

    @Test(arguments: ["en", "de"])
    func noPageNamesHaloPSA(language: String) async throws {
        try await withInMemory { fixture, connection in
            try await fixture.addRule(for: connection)
            try await fixture.addContactPoint(for: connection)
            let browser = try await fixture.signIn()
            let header = [("Accept-Language", language)]
            // Guides are the project's documents; each connector has its own.
            let routes = fixture.application.router.routes.filter { route in
                route.method == .get && !["/api/", "/guides/{", "/assets"].contains { route.pattern.hasPrefix($0) }
            }
            #expect(routes.count > 30)
            let paths =
                routes.map { fixture.path($0, connection).replacing("scripted", with: "in-memory") }
                + ErrorCode.allCases.map { "/errors/\($0.rawValue)" }
            for path in paths {
                let page = try await browser.get(path, header).text
                let place = page.lowercased().firstRange(of: "halo")
                #expect(place == nil, "\(path): \(place.map { String(page[$0.lowerBound...].prefix(80)) } ?? "")")
            }
        }
    }

    @Test func aTestTicketIsNotOfferedWhereTheConnectorCreatesNone() async throws {
        try await withInMemory { fixture, connection in
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)/ticket-defaults"
            #expect(try await browser.get(path).text.contains("Create a test ticket") == false)
            let opened = try await browser.post(path + "/test-ticket").text
            #expect(opened.contains("connector.unsupported") && opened.contains("a test ticket"), "\(opened)")
            #expect(!opened.contains("Create a test ticket"))
            let answer = try await browser.call("POST", "/connections/\(connection.id)/test-ticket")
            #expect(answer.json["outcome"] == "failed" && answer.json["problem"]?["code"] == "connector.unsupported")
        }
    }

    @Test func aTestTicketIsOfferedUnderTheNameThatTheConnectorGets() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let page = try await fixture.signIn().get("/integrations/\(connection.id)/ticket-defaults").text
            #expect(page.contains("Create a test ticket") && page.contains("A ticket called “\(TicketDraft.connectionTestSummary)”"))
        }
    }

    @Test func placeholdersOfferNoTestTicket() throws {
        for descriptor in try BuiltInConnectors.registry().descriptors where descriptor.tier == .placeholder {
            #expect(!descriptor.capabilities.contains(.createTestTickets))
        }
    }

    // MARK: Ids that are no numbers

    private static let words: [(TicketDefault, String)] = [(.type, "Hardware request"), (.status, "in progress"), (.priority, "A/1")]

    @Test func defaultsTakeIDsThatAreWords() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("word-ids")
            let browser = try await fixture.signIn()
            let path = "/integrations/\(connection.id)/ticket-defaults"
            let typed = try await browser.get(path + "?ids=typed").text
            #expect(!typed.contains("inputmode=\"numeric\""))
            for lists in ["yes", "no"] {
                let stored = try #require(try await fixture.services.storage.connection(connection.id))
                let fields = Self.words.map { ($0.0.rawValue, $0.1) }
                let saved = try await browser.post(
                    path, fields + [("action", "save"), ("revision", "\(stored.revision)"), ("lists", lists)])
                #expect(saved.status == 303, "\(saved.text)")
            }
            let api = try await browser.call("GET", "/connections/\(connection.id)/ticket-defaults")
            for (choice, id) in Self.words { #expect(api.json[choice.rawValue]?.string == id) }
        }
    }

    @Test func rulesTakeIDsThatAreWordsAndOfferThoseOfThePSA() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("word-ids")
            let browser = try await fixture.signIn()
            let fields = [
                ("name", "Words"), ("connection", connection.id.rawValue), ("summary", "S"), ("appendMinutes", "0"), ("limitCount", "30"),
                ("limitMinutes", "10"),
            ]
            let form = try await browser.post("/rules/new", fields + [("action", "reload")]).text
            #expect(!form.contains("name=\"type\" inputmode") && form.contains("<datalist id=\"field-type-list\">"))
            for (_, id) in Self.words { #expect(form.contains("<option value=\"\(id)\">"), "\(id)") }
            let saved = try await browser.post(
                "/rules/new", fields + Self.words.map { ($0.0.rawValue, $0.1) } + [("action", "save")])
            #expect(saved.status == 303, "\(saved.text)")
            let rule = try #require(try await fixture.services.storage.rules().first)
            for (choice, id) in Self.words { #expect(rule.definition.action.overrides[choice] == id) }
            #expect(
                RuleDefinition(json: try JSONDocument(rule.definition.json.encoded).root)?.action.overrides
                    == rule.definition.action.overrides)
        }
    }

    /// Ids at the limits of what a ``RecordID`` takes.
    @Test(
        arguments: [
            ("7", true), ("-7", true), ("0", true), ("007", true), ("1e3", true), ("in progress", true),
            (String(repeating: "ä", count: 200), true),
            (String(repeating: "a", count: 201), false), ("a\nb", false), ("a\u{7}", false),
        ])
    func aRuleTakesEveryIDThatAConnectorCanHave(id: String, isOne: Bool) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let browser = try await fixture.signIn()
            for choice in TicketDefault.allCases {
                let body: JSONValue = [
                    "name": .string("Rule \(choice)"),
                    "definition": [
                        "connection": .string(connection.id.rawValue), "summary": "S", choice.rawValue: .string(id),
                    ], "missingFields": "accept",
                ]
                let answer = try await fixture.send(
                    "POST", "/api/v1/rules",
                    [("Cookie", browser.cookie), ("X-Form-Token", browser.formToken), ("Content-Type", "application/json")],
                    body: body.encoded)
                #expect((answer.status == 201) == isOne, "\(answer.text)")
                guard !isOne else { continue }
                #expect(answer.status == 422 && answer.text.contains(choice.rawValue), "\(answer.text)")
                let page = try await browser.post(
                    "/rules/new",
                    [
                        ("name", "R"), ("connection", connection.id.rawValue), ("summary", "S"), ("appendMinutes", "0"),
                        ("limitCount", "30"),
                        ("limitMinutes", "10"), (choice.rawValue, id), ("action", "save"),
                    ])
                #expect(page.status == 422 && page.text.contains("href=\"#field-\(choice.rawValue)\""))
            }
        }
    }
}
