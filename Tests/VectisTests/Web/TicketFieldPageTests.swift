import Foundation
import PSACore
import PSATesting
import SQL
import SQLite
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Fields of tickets on pages and in the JSON API")
struct TicketFieldPageTests {
    private func defaults(_ connection: StoredConnection) -> String { "/integrations/\(connection.id)/ticket-defaults" }

    private func stored(_ connection: StoredConnection, _ fixture: WebFixture) async throws -> StoredConnection {
        try #require(try await fixture.services.storage.connection(connection.id))
    }

    /// The ids that anchors on the page lead to, and that are not there.
    private func danglingAnchors(_ html: String) -> [String] {
        let ids = Set(html.matches(of: /\sid="([^"]*)"/).map { String($0.1) })
        return html.matches(of: /href="#([^"]*)"/).map { String($0.1) }.filter { !ids.contains($0) }
    }

    private func ruleForm(_ connection: StoredConnection, _ more: [(String, String)] = [], action: String = "save") -> [(String, String)] {
        more + [
            ("name", "Hardware"), ("eventTypes", "x"), ("connection", connection.id.rawValue), ("summary", "S"), ("appendMinutes", "0"),
            ("limitCount", "30"), ("limitMinutes", "10"), ("type", "1"), (TicketFieldInputs.typeField, "1"), ("action", action),
        ]
    }

    @Test(arguments: WebFixture.Mode.allCases)
    func aValueOfEachKindIsSavedFromThePageAndShownAgain(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let connection = try await fixture.connect("every-kind")
            let browser = try await fixture.signIn()
            let values = SampleForms.validTexts.flatMap { id, texts in texts.map { (TicketFieldInputs.name(id), $0) } }
            let saved = try await browser.post(
                defaults(connection),
                [("action", "save"), ("revision", "1"), ("type", "1"), ("fields-type", "1"), ("lists", "yes")] + values)
            #expect(saved.status == 303, "\(saved.text)")
            let fields = try await stored(connection, fixture).ticketFieldDefaults
            #expect(fields.type == RecordID(1) && fields.values.count == SampleForms.everyKind.count)
            let page = try await browser.get(defaults(connection)).text
            for part in [
                "A &lt;b&gt;bold&lt;/b&gt; &amp; “odd” label", "value=\"A &lt;i&gt;text&lt;/i&gt;\"", ">\nTwo\nlines</textarea>",
                "type=\"date\" value=\"2026-11-28\"", "type=\"datetime-local\" step=\"1\" value=\"2026-11-28T14:30\"",
                "type=\"time\" step=\"1\" value=\"14:30\"", "<option value=\"c,d\" selected>See", "inputmode=\"decimal\" value=\"12.5\"",
                "Only if “Check” is “Yes”.", "Only if “Choice” is “One” or “Two”.", "At most 2 choices.",
            ] {
                #expect(page.contains(part), "\(part)")
            }
            #expect(!page.contains("<b>bold</b>"))
            #expect(danglingAnchors(page).isEmpty)
            let api = try await browser.call("GET", "/connections/\(connection.id)/ticket-defaults")
            #expect(api.json["fields"]?["choices"] == ["a", "c,d"] && api.json["fields"]?["number"] == .double(12.5))
        }
    }

    @Test func wrongValuesAreListedWithLinksToTheirInputs() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("every-kind")
            let browser = try await fixture.signIn()
            let answer = try await browser.post(
                defaults(connection),
                [
                    ("action", "save"), ("revision", "1"), ("type", "1"), ("fields-type", "1"), ("lists", "yes"), ("field.integer", "1.5"),
                    ("field.text", String(repeating: "x", count: 21)),
                ])
            #expect(answer.status == 422)
            #expect(answer.text.contains("href=\"#field-field.integer\"") && answer.text.contains("id=\"field-field.integer-problem\""))
            #expect(danglingAnchors(answer.text).isEmpty)
            let other = try await browser.post(
                defaults(connection),
                [
                    ("action", "save"), ("revision", "1"), ("type", "1"), ("fields-type", "1"), ("lists", "yes"),
                    ("field.text", String(repeating: "x", count: 21)), ("field.categoryPath", "A>C"),
                ])
            #expect(other.status == 422 && other.text.contains("2 things have to be corrected"))
            #expect(other.text.contains("A&gt;C (no longer offered)"))
        }
    }

    @Test func theChoicesOfAnHugeListAreSearchedAndThePageStaysSmall() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("many")
            let browser = try await fixture.signIn()
            let page = try await browser.get(defaults(connection) + "?")
            #expect(page.text.utf8.count < 40_000 && !page.text.contains("Choice number 9999"))
            let found = try await browser.post(
                defaults(connection),
                [
                    ("action", "search:huge"), ("revision", "1"), ("type", ""), ("fields-type", ""), ("lists", "yes"),
                    ("search.huge", "number 9"),
                ])
            #expect(found.status == 200 && found.text.contains("Choice number 9<") && found.text.contains("The first 50 are"))
            #expect(found.text.matches(of: /Choice number 9/).count == 50)
            let api = try await browser.call("GET", "/connections/\(connection.id)/ticket-fields")
            let huge = try #require(api.json["fields"]?.elements.first)
            #expect(huge["choices"] == nil && huge["searched"] == true)
            let choices = try await browser.call("GET", "/connections/\(connection.id)/ticket-field-choices?field=huge&query=9999&limit=7")
            #expect(choices.json["choices"] == [["id": "h9999", "label": "Choice number 9999"]])
            for query in ["field=huge&limit=201", "field=huge&limit=0", "query=x"] {
                let refused = try await browser.call("GET", "/connections/\(connection.id)/ticket-field-choices?\(query)")
                #expect(refused.status == 422, "\(query)")
            }
        }
    }

    @Test func aDemandThatNoDefaultFillsIsLeftToRules() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("hardware")
            let browser = try await fixture.signIn()
            let page = try await browser.get(defaults(connection)).text
            #expect(page.contains("Left to rules: “Device kind”, “Cost centre” and “Category”"))
            #expect(page.contains("This connector can’t attach files, so tickets of this type can’t be created from here."))
            #expect(page.contains("demanded by the PSA"))
        }
    }

    @Test func aTypeWithADemandOfAnUnsupportedKindIsExplained() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("table")
            let page = try await fixture.signIn().get(defaults(connection)).text
            #expect(page.contains("Tickets of this type can’t be created from here: the type demands “Price table”"))
        }
    }

    @Test func theAPINamesEveryWrongField() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("every-kind")
            let browser = try await fixture.signIn()
            let path = "/connections/\(connection.id)/ticket-defaults"
            let refused = try await browser.call(
                "PUT", path, ["revision": 1, "type": "1", "fields": ["integer": .double(1.5), "nope": "x"]])
            #expect(refused.status == 422)
            #expect(Set(refused.json["problems"]?.elements.compactMap { $0["member"]?.string } ?? []) == ["fields.integer", "fields.nope"])
            #expect(refused.json["ticketFields"]?.elements.count == 2)
            let saved = try await browser.call(
                "PUT", path, ["revision": 1, "type": "1", "fields": ["integer": 3, "choices": ["a", "b"], "checkbox": true, "text": nil]])
            #expect(saved.status == 200)
            let read = try await browser.call("GET", path)
            #expect(read.json["fields"] == ["checkbox": true, "choices": ["a", "b"], "integer": 3])
        }
    }

    @Test(arguments: ["reload", "search:choice", "save"])
    func ticketDefaultsThatAreOlderThanTheConnectionStaySoWhateverIsPressed(action: String) async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("every-kind")
            let browser = try await fixture.signIn()
            let form = [("revision", "1"), ("type", "1"), ("fields-type", "1"), ("lists", "yes")]
            #expect(try await browser.post(defaults(connection), [("action", "save")] + form).status == 303)
            let shown = try await browser.post(defaults(connection), [("action", action)] + form)
            #expect(shown.status == 409 && shown.text.contains("name=\"revision\" value=\"1\""))
            #expect(try await browser.post(defaults(connection), [("action", "save")] + form).status == 409)
        }
    }

    @Test func aRuleThatCouldNotCreateATicketIsRefusedWithAllFieldsNamed() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("hardware")
            let browser = try await fixture.signIn()
            let refused = try await browser.post("/rules/new", ruleForm(connection))
            #expect(refused.status == 409)
            for label in ["“Device kind”", "“Cost centre”", "“Category”", "“Attachments”"] {
                #expect(refused.text.contains("\(label) needs"), "\(label)")
            }
            #expect(refused.text.contains("of the type “Incident”") && danglingAnchors(refused.text).isEmpty)
            #expect(try await fixture.services.storage.rules().isEmpty)

            let paused = try await browser.post("/rules/new", ruleForm(connection, action: "save-paused"))
            #expect(paused.status == 303)
            let rule = try #require(try await fixture.services.storage.rules().first)
            #expect(rule.fieldPause?.fields == ["Device kind", "Cost centre", "Category", "Attachments"])
            let page = try await browser.get("/rules/\(rule.id)").text
            #expect(page.contains("It will be paused once it is active") && page.contains("“Cost centre”"))
            let anyway = try await browser.post(
                "/rules/\(rule.id)/edit", ruleForm(connection, [("revision", "1")], action: "save-anyway"))
            #expect(anyway.status == 303)
            let accepted = try #require(try await fixture.services.storage.rule(rule.id))
            #expect(accepted.fieldPause == nil && accepted.acceptedForm == TicketForm(fields: SampleForms.hardware).fingerprint)
        }
    }

    @Test func whatReadingARuleReturnsCanBeSentBackWithoutSayingAgainWhatIsDoneAboutMissingFields() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("hardware")
            let browser = try await fixture.signIn()
            for (number, choice) in ["accept", "pause"].enumerated() {
                var definition = RuleDefinition.sample(connection: connection.id)
                definition.action.overrides.values[.type] = "1"
                let body: JSONValue = ["name": .string(choice), "definition": definition.json]
                #expect(try await browser.call("POST", "/rules", body).status == 422)
                let made = try await browser.call("POST", "/rules", body.adding(("missingFields", .string(choice))))
                #expect(made.status == 201, "\(made.text)")
                let path = "/rules/\(try #require(made.json["id"]?.string))"
                let read = try await browser.call("GET", path).json
                let same = try await browser.call("PUT", path, read)
                #expect(same.status == 200, "\(same.text)")
                #expect(same.json["state"] == read["state"] && same.json["revision"] == 2)
                // Another definition asks again.
                definition.action.summary = TextTemplate("Another \(number)")
                let other: JSONValue = ["name": .string(choice), "revision": 2, "definition": definition.json]
                #expect(try await browser.call("PUT", path, other).status == 422)
            }
        }
    }

    @Test func fieldsOfARuleAreSavedAsTemplatesAndFixedValues() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("every-kind")
            let browser = try await fixture.signIn()
            let saved = try await browser.post(
                "/rules/new",
                ruleForm(
                    connection,
                    [
                        ("field.text", "{device} failed"), ("field.choices", "a"), ("field.choices", "b"), ("field.checkbox", "true"),
                        ("field.choice", "1"),
                    ]))
            #expect(saved.status == 303, "\(saved.text)")
            let rule = try #require(try await fixture.services.storage.rules().first)
            #expect(
                rule.definition.action.fields == [
                    SampleForms.id("text"): .template(FieldTemplate(TextTemplate("{device} failed"), maxLength: 20)),
                    SampleForms.id("choices"): .fixed(.choices(["a", "b"].compactMap { TicketField.Choice.ID($0) })),
                    SampleForms.id("checkbox"): .fixed(.checkbox(true)), SampleForms.id("choice"): .fixed(.choice(RecordID(1))),
                ])
            let edit = try await browser.get("/rules/\(rule.id)/edit").text
            #expect(edit.contains("value=\"{device} failed\"") && edit.contains("<option value=\"b\" selected>Be"))
            let page = try await browser.get("/rules/\(rule.id)").text
            #expect(page.contains("<code>text</code> “{device} failed”"))
            let wrong = try await browser.post(
                "/rules/\(rule.id)/edit", ruleForm(connection, [("revision", "1"), ("field.text", "{nope}"), ("field.integer", "x")]))
            #expect(wrong.status == 422 && wrong.text.contains("2 things have to be corrected"))
            #expect(danglingAnchors(wrong.text).isEmpty)
        }
    }

    @Test func valuesOfAnotherConnectionAreDroppedAndTheFormIsShownAgain() async throws {
        try await WebFixture.with { fixture in
            let (one, two) = (try await fixture.connect("every-kind"), try await fixture.connect("another"))
            let browser = try await fixture.signIn()
            var definition = RuleDefinition.sample(connection: one.id)
            definition.action.overrides.values[.type] = "1"
            definition.action.fields = [SampleForms.id("choice"): .fixed(.choice(RecordID(1)))]
            let rule = Rule.sample(definition)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let path = "/rules/\(rule.id)/edit"
            func form(shownFor: StoredConnection, _ more: [(String, String)]) -> [(String, String)] {
                ruleForm(two, [("revision", "1"), (RuleFormPage.connectionField, shownFor.id.rawValue)] + more)
            }
            #expect(try await browser.get(path).text.contains("name=\"\(RuleFormPage.connectionField)\" value=\"\(one.id)\""))
            let moved = try await browser.post(path, form(shownFor: one, [("field.choice", "1"), ("status", "2")]))
            #expect(moved.status == 422 && moved.text.contains("Field values and overrides were ids of the former connection’s PSA"))
            #expect(moved.text.contains("name=\"\(RuleFormPage.connectionField)\" value=\"\(two.id)\""))
            #expect(!moved.text.contains("name=\"status\" value=\"2\""))
            #expect(try await fixture.services.storage.rule(rule.id)?.definition.json == definition.json, "Nothing was saved.")
            let saved = try await browser.post(
                path, form(shownFor: two, []).filter { !["type", TicketFieldInputs.typeField].contains($0.0) })
            #expect(saved.status == 303, "\(saved.text)")
            let action = try #require(try await fixture.services.storage.rule(rule.id)).definition.action
            #expect(action.connection == two.id && action.fields.isEmpty && action.overrides[.type].isEmpty)
        }
    }

    @Test func valuesOfFieldsInTheAPIGetFormAndLimitsOfTheirFields() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("every-kind")
            let browser = try await fixture.signIn()
            func body(_ fields: JSONValue, _ more: [(String, JSONValue?)] = []) -> JSONValue {
                let members: [(String, JSONValue?)] = [
                    ("connection", .string(connection.id.rawValue)), ("summary", "S"), ("type", "1"), ("fields", fields),
                ]
                return .init(present: [("name", "Fields"), ("definition", .init(present: members))] + more)
            }
            let fields: JSONValue = [
                "text": ["template": "{device}", "maxLength": 9999, "html": true], "richText": ["template": "<p>{text}</p>"],
                "longText": "{text}", "choice": "1", "choices": ["a", "c,d"], "checkbox": true, "integer": 3, "money": .double(0.5),
                "date": ["date": "2026-11-28"],
            ]
            let expected: [String: RuleFieldValue] = [
                "text": .template(FieldTemplate(TextTemplate("{device}"), maxLength: 20)),
                "richText": .template(FieldTemplate(TextTemplate("<p>{text}</p>"), keepsLines: true, isHTML: true)),
                "longText": .template(FieldTemplate(TextTemplate("{text}"), keepsLines: true)),
                "choice": .fixed(.choice(RecordID(1))),
                "choices": .fixed(.choices(["a", "c,d"].compactMap { TicketField.Choice.ID($0) })), "checkbox": .fixed(.checkbox(true)),
                "integer": .fixed(.number(3)), "money": .fixed(.number(0.5)),
                "date": .fixed(.date(try #require(CalendarDate("2026-11-28")))),
            ]
            let made = try await browser.call("POST", "/rules", body(fields))
            #expect(made.status == 201, "\(made.text)")
            let rule = try #require(try await fixture.services.storage.rules().first)
            #expect(rule.definition.action.fields == Dictionary(uniqueKeysWithValues: expected.map { (SampleForms.id($0.key), $0.value) }))
            let changed = try await browser.call("PUT", "/rules/\(rule.id)", body(["text": "{text}"], [("revision", 1)]))
            #expect(changed.status == 200, "\(changed.text)")
            #expect(
                try await fixture.services.storage.rule(rule.id)?.definition.action.fields == [
                    SampleForms.id("text"): .template(FieldTemplate(TextTemplate("{text}"), maxLength: 20))
                ])
            let wrong = try await browser.call("POST", "/rules", body(["integer": "x", "nope": "y", "text": "{nope}"]))
            #expect(
                wrong.status == 422 && wrong.text.contains("definition.fields.integer") && wrong.text.contains("definition.fields.nope"))
            let template = try await browser.call("POST", "/rules", body(["text": "{nope}"]))
            #expect(template.status == 422 && template.text.contains("definition.fields.text"))
            let unknown = try await browser.call("POST", "/rules", body(["choice": ["id": "1"]]))
            #expect(
                unknown.status == 422 && unknown.text.contains("template, text, number, date, dateTime, time, checkbox, choice, choices"))
        }
    }

    @Test func aPlainValueIsNotSavedWhileItsFieldCanNotBeRead() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(mode: .withoutLists)
            let browser = try await fixture.signIn()
            func save(_ fields: JSONValue) async throws -> Int {
                let definition: JSONValue = ["connection": .string(connection.id.rawValue), "summary": "S", "type": "1", "fields": fields]
                return try await browser.call(
                    "POST", "/rules", ["name": "Fields", "definition": definition, "acceptUnverified": true]
                ).status
            }
            #expect(try await save(["text": "x"]) == 409)
            #expect(try await save(["text": ["template": "x"]]) == 201)
        }
    }

    @Test func aRuleThatCanNotBeCheckedIsSavedUnverifiedAndKeepsItsFields() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect(mode: .withoutLists)
            var definition = RuleDefinition.sample(connection: connection.id)
            definition.action.fields = [SampleForms.device: .fixed(.choice(RecordID(38)))]
            let rule = Rule.sample(definition)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let browser = try await fixture.signIn()
            #expect(try await browser.get("/rules/\(rule.id)/edit").text.contains("The fields of the ticket type can’t be read now."))
            let form = ruleForm(connection, [("revision", "1")]).filter { $0.0 != TicketFieldInputs.typeField }
            let refused = try await browser.post("/rules/\(rule.id)/edit", form)
            #expect(refused.status == 409 && refused.text.contains("save-unverified"))
            let saved = try await browser.post("/rules/\(rule.id)/edit", [("action", "save-unverified")] + form)
            #expect(saved.status == 303)
            #expect(try await fixture.services.storage.rule(rule.id)?.definition.action.fields == definition.action.fields)
        }
    }

    @Test func aRefusedTicketIsCorrectedWithItsFields() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect("every-kind")
            var definition = RuleDefinition.sample(connection: connection.id)
            definition.action.fields = [SampleForms.id("integer"): .fixed(.number(3)), SampleForms.id("text"): .fixed(.text("old"))]
            let rule = Rule.sample(definition)
            try await fixture.services.storage.add(rule, audit: .sample(.ruleCreated))
            let error = PSAError(
                ticketFields: [TicketFieldIssue(SampleForms.everyKind[0], .missing)], catalogue: .shared,
                object: CoreMessage.capability(.createTickets))
            _ = try await fixture.services.storage.accept(.sample(receivedAt: fixture.time.now), from: nil) { event, _, _ in
                [RuleEngine.decision(event, rule, .failed(error.code, problem: error.problem.encodedText))]
            }
            let job = try #require(try await fixture.services.storage.jobs(TicketJob.Filter(), before: nil, limit: 1).first)
            let browser = try await fixture.signIn()
            let history = try await browser.get("/jobs").text
            #expect(history.contains("<code>integer</code> “3”") && history.contains("label” needs a value."))
            let path = "/jobs/\(job.id.rawValue)/correct"
            let page = try await browser.get(path).text
            #expect(page.contains("href=\"#field-field.text\"") && page.contains("value=\"old\""))
            let own = [("summary", "S"), (TicketFieldInputs.typeField, ""), ("action", "send")]
            let wrong = try await browser.post(path, own + [("field.integer", "x")])
            #expect(wrong.status == 422 && wrong.text.contains("field-field.integer-problem"))
            let sent = try await browser.post(path, own + [("field.text", "new"), ("field.integer", "3")])
            #expect(sent.status == 303)
            let resent = try #require(try await fixture.services.storage.job(job.id))
            #expect(resent.payload.fields == [SampleForms.id("integer"): .number(3), SampleForms.id("text"): .text("new")])
        }
    }

    @Test func filesWithoutATicketAreListedUntilTheyAreForgotten() async throws {
        try await WebFixture.with { fixture in
            let connection = try await fixture.connect()
            let storage = try #require(fixture.services.storage as? DatabaseStorage)
            try await storage.queue.write { database in
                for (name, vendorID, attempts) in [("lost <1>.log", "NULL", 0), ("kept.log", "'a7'", 5), ("used.log", "'a8'", 1)] {
                    try database.execute(
                        """
                        INSERT INTO upload (connection_id, job_id, place, name, media_type, byte_count, state, vendor_id, begun_at, discard_attempts)
                        VALUES ('\(connection.id)', 1, 0, '\(name)', 'text/plain', 2048, 'orphaned', \(vendorID), 0, \(attempts))
                        """)
                }
            }
            let browser = try await fixture.signIn()
            let page = try await browser.get("/jobs").text
            #expect(page.contains("lost &lt;1&gt;.log (2 KiB)") && page.contains("It is not known whether the PSA has it."))
            #expect(page.contains("It could not be deleted. Its id in the PSA: <code>a7</code>"))
            let kept = "It is kept: a ticket may refer to it, or its connection has changed. Its id in the PSA: <code>a8</code>"
            #expect(page.contains(kept))
            #expect(try await !fixture.signIn("viewer").get("/jobs").text.contains("kept.log"))
            let first = try #require(try await storage.engine.orphanUploads(of: nil).first)
            let path = "/jobs/uploads/\(first.id.rawValue)/forget"
            let question = try await browser.get(path)
            #expect(question.status == 200 && question.text.contains("This can’t be undone."))
            #expect(question.text.contains("2 KiB") && question.text.contains("action=\"\(path)\""))
            #expect(try await storage.engine.orphanUploads(of: nil).count == 3, "Asking changes nothing.")
            #expect(try await fixture.signIn("viewer").get(path).status == 403)
            #expect(try await browser.post(path).status == 303)
            #expect(try await browser.post(path).status == 404)
            #expect(try await browser.get(path).status == 404)
            #expect(try await fixture.audit().first?.target == first.attachment.name)
            #expect(try await browser.get("/jobs?notice=upload-forgotten").text.matches(of: /\/jobs\/uploads\//).count == 2)
        }
    }
}
