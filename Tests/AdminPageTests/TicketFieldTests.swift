import BrowserSupport
import Foundation
import PSACore
import Testing

extension AdminPageTests {
    /// Tickets with everything their type demands: two custom fields, a category and a file.
    @Suite struct TicketFieldTests {
        private static let host = SharedHost()
        private static let labels = ["Request reason", "Cost centre", "Category"]

        /// Fills in the page of a new rule for a hardware request.
        private func fillRule(_ name: String, on type: String, _ person: Operator, _ host: AdminHost) async throws {
            try await person.browser.open(host.url + "/rules/new")
            try await person.type(name, into: "#field-name")
            try await person.type(type, into: "#field-eventTypes")
            try await person.choose("Acme", in: "#field-connection")
            try await person.type("\(name) for {device}", into: "#field-summary")
            try await person.type("{text}", into: "#field-details")
        }

        private func ruleID(_ browser: Browser) async throws -> String {
            let path = try await browser.script("return location.pathname").string ?? ""
            return try #require(path.split(separator: "/").last.map(String.init))
        }

        private func event(_ type: String, _ id: String, file: (name: String, content: String)? = nil) -> JSONValue {
            let attachment = file.map { file -> JSONValue in
                [["name": .string(file.name), "content": .string(Data(file.content.utf8).base64EncodedString())]]
            }
            return .init(present: [
                ("source", "shop"), ("id", .string(id)), ("type", .string(type)), ("severity", "info"), ("device", "SRV-7"),
                ("text", "A laptop is needed."), ("attachments", attachment),
            ])
        }

        @Test func aTicketThatLacksWhatItsTypeDemandsIsRefusedWithEveryFieldNamed() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await host.connect("Acme", changing: ["ticketTypeID": "40"])
                let person = Operator(browser: browser, input: .mouse)
                try await fillRule("Incomplete", on: "fields.missing", person, host)
                try await person.follow(".buttons .primary")
                let warning = try await browser.words("main .notice.warning[role=alert]")
                for label in Self.labels { #expect(warning.contains("“\(label)” needs a value."), "\(label)") }
                let findings = try await browser.auditAccessibility(Set(AccessibilityRule.allCases))
                #expect(findings.isEmpty)
                try await person.follow("button[value=save-anyway]")
                let rule = try await ruleID(browser)
                try await person.follow(".actions .primary")
                try await person.follow(".buttons .primary")
                let program = try await host.programFace()
                try await program.send(.post, "/api/v1/events", event("fields.missing", "1"))
                try await browser.wait(for: "the refusal") {
                    try await browser.open(host.url + "/rules/\(rule)")
                    return try await browser.words(".jobs").contains("Cost centre")
                }
                let history = try await browser.words(".jobs")
                for label in Self.labels { #expect(history.contains("“\(label)”"), "\(label)") }
                #expect(history.contains("needs at least 1 files") || history.contains("Attachments"))
                #expect(try await host.tenant.ticketCount("Incomplete for") == 0)
            }
        }

        @Test func theRuleFormShowsTheFieldsOfTheChosenConnectionAndTicketType() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await host.connect("Acme", changing: ["ticketTypeID": "40"])
                try await host.connect("Boreal", to: HaloSimulatorProcess(url: "http://127.0.0.2"), tested: false)
                let person = Operator(browser: browser, input: .mouse)
                try await browser.open(host.url + "/rules/new")
                try await person.type("Typed before", into: "#field-summary")
                try await person.choose("Acme", in: "#field-connection")
                for label in Self.labels { try await browser.waitFor("#rule-fields", toContain: label) }
                let statuses = try await browser.script("return document.querySelectorAll('#field-status-list option').length > 1") == true
                #expect(statuses, "The statuses of the connection are offered.")
                try await person.press(".advanced summary")
                try await person.type("1", into: "#field-type")
                try await person.type("5", into: "#field-status")
                try await browser.wait(for: "the fields of the other type") {
                    let words = try await browser.words("#rule-fields")
                    return Self.labels.allSatisfy { !words.contains($0) }
                }
                let typed = try await browser.find("#field-summary").value() + browser.find("#field-status").value()
                #expect(typed == "Typed before5", "What was typed stays.")
                let errors = try await browser.consoleErrors()
                #expect(errors.isEmpty)
            }
        }

        @Test(arguments: [InputMode.mouse, .keyboard, .mouseWithoutScripts])
        func whatTheTypeDemandsIsFilledInFromThePageAndCreatedWithAFile(by input: InputMode) async throws {
            try await AdminPageTests.signedIn(on: Self.host, input.options) { browser, host in
                let connection = try await host.connect("Acme", changing: ["ticketTypeID": "40"])
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/integrations/\(connection)/ticket-defaults")
                let left = try await browser.words("#left-to-rules")
                for label in Self.labels { #expect(left.contains("“\(label)”"), "\(label)") }
                let category =
                    try await browser.script(
                        "return document.querySelector('[name=\"field.category_1\"]').options[1].text"
                    ).string ?? ""
                try await person.choose(category, in: "[name='field.category_1']")
                try await person.follow(Browser.save)
                let said = try await browser.words(".notice.done")
                #expect(said == "Done: The ticket defaults are saved.")

                let (name, type) = ("Hardware \(input)", "fields.\(input)")
                try await fillRule(name, on: type, person, host)
                try await person.follow(".buttons .primary")
                let warning = try await browser.words("main .notice.warning[role=alert]")
                #expect(!warning.contains("“Category” needs"), "The ticket default counts.")
                try await person.choose("New starter", in: "[name='field.cf:105']")
                try await person.type("{device}", into: "[name='field.cf:106']")
                try await person.follow(".buttons .primary")
                let facts = try await browser.words(".facts")
                #expect(facts.contains("cf:106 “{device}”"))
                let rule = try await ruleID(browser)
                try await person.follow(".actions .primary")
                try await person.follow(".buttons .primary")

                let program = try await host.programFace()
                let accepted = try await program.send(
                    .post, "/api/v1/events", event(type, "1", file: ("order.txt", "One laptop, please.")))
                #expect(accepted.status == 202)
                try await host.waitForJobs(1, "created", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let history = try await browser.words(".jobs li.created")
                #expect(history.contains("order.txt") && history.contains("SRV-7"))
                let ticket = try await host.tenant.ticket(name)
                let fields = ticket["customfields"]?.elements ?? []
                func value(_ id: Int) -> JSONValue? { fields.first { $0["id"] == .integer(id) } }
                #expect(value(106)?["value"]?.string == "SRV-7")
                #expect(value(105)?.encodedText.contains("38") == true)
                #expect(ticket["category_1"]?.string?.isEmpty == false)
                let files = try await HTTPFace(origin: host.tenant.url).send(.get, "/_simulator/attachments").json().elements
                let file = files.first { $0["ticket_id"] == ticket["id"] }
                #expect(file?["filename"] == "order.txt" && file?["filesize"] == .integer("One laptop, please.".utf8.count))
            }
        }

        @Test func aNewDemandPausesTheRuleUntilItIsFilledIn() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                let connection = try await host.connect("Acme", changing: ["ticketTypeID": "1"])
                let rule = try await host.addActiveRule("Demanding", on: "fields.changed", through: connection)
                let simulator = HTTPFace(origin: host.tenant.url)
                try await simulator.send(.post, "/_simulator/ticket-types/1/fields/213", ["technew": 3])
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                try await browser.open(host.url + "/integrations")
                let issue = try await browser.words(".issues")
                #expect(issue.contains("“Incident”: “Asset tag”."))
                try await browser.open(host.url + "/rules/\(rule)")
                let paused = try await browser.words("main .needs_attention")
                #expect(paused.contains("“Asset tag”"))
                try await simulator.send(.post, "/_simulator/ticket-types/1/fields/213", ["technew": 1])
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                try await browser.open(host.url + "/rules/\(rule)")
                let states = try await browser.findAll("main .needs_attention").count
                #expect(states == 0)
            }
        }
    }
}

extension HaloSimulatorProcess {
    /// The newest ticket with a text in its summary, with its fields.
    func ticket(_ summary: String) async throws -> JSONValue {
        let face = try await signedIn()
        let answer = try await face.send(.get, "/api/Tickets?pageinate=true&search_summary=\(PercentEncoding.component(summary))")
        guard let id = try answer.json()["tickets"]?.elements.first?["id"], case .integer(let number) = id else {
            throw Refused(words: answer.text)
        }
        return try await face.send(.get, "/api/Tickets/\(number)?includedetails=true").json()
    }
}
