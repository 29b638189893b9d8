import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// The form of a rule: conditions, the preview, and what is wrong.
    @Suite struct RuleFormTests {
        private static func field(_ group: Int, _ test: Int, _ part: String) -> String { "[name='group\(group).test\(test).\(part)']" }

        /// Presses a button that changes the form, and waits for what it brings.
        private func press(_ css: String, until expected: String, _ person: Operator) async throws {
            if person.input == .mouseWithoutScripts { try await person.follow(css) } else { try await person.press(css) }
            _ = try await person.browser.waitFor(expected)
        }

        @Test(arguments: InputMode.allCases) func aRuleIsBuiltWithItsPreviewBeforeItIsSaved(by input: InputMode) async throws {
            try await AdminPageTests.signedIn(on: RulePages.host, input.options) { browser, host in
                _ = try await host.connectForTickets()
                let program = try await host.programFace()
                let type = "built.\(input)"
                for (id, device) in [("1", "SRV-1"), ("2", "SRV-2"), ("3", "PC-1")] {
                    try await program.sendEvent(type, id, device: device)
                }
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/rules/new")
                try await person.type("Built", into: "#field-name")
                try await person.choose("Acme", in: "#field-connection")
                try await person.type(type, into: "#field-eventTypes")
                try await person.choose("Device", in: "#group0-add")
                try await press("button[value='add:0']", until: Self.field(0, 0, "value"), person)
                let isFocused = try await browser.isFocused(Self.field(0, 0, "value"))
                #expect(isFocused, "What was added is completed next.")
                try await person.type("SRV", into: Self.field(0, 0, "value"))
                try await person.choose("contains", in: Self.field(0, 0, "comparison"))
                try await person.choose("Severity", in: "#group0-add")
                try await press("button[value='add:0']", until: Self.field(0, 1, "value"), person)
                try await press("button[value='add-group']", until: "#group1-add", person)
                try await press("button[value='remove:0.1']", until: "#conditions:not(:has(\(Self.field(0, 1, "value"))))", person)
                let kept = try await browser.find(Self.field(0, 0, "value")).value()
                #expect(kept == "SRV", "The other condition of the group stays.")
                try await person.type("{device} has a problem", into: "#field-summary")
                if input == .mouseWithoutScripts { try await person.follow("button[value=preview]") }
                try await browser.waitFor("#preview-result", toContain: "Would have matched 2 of the last")
                try await browser.waitFor(".ticket-preview .summary", toContain: "SRV-2 has a problem")
                let rules = try await host.admin.send(.get, "/rules").text
                #expect(!rules.contains(">Built<"), "The count is there before anything is saved.")
                try await person.follow(".buttons .primary")
                let facts = try await browser.words(".facts")
                #expect(facts.contains("if Device contains “SRV”"))
                #expect(!facts.contains("or if"), "A group that was left empty is none.")
                let errors = try await browser.consoleErrors()
                #expect(errors.isEmpty)
            }
        }

        @Test func allErrorsAreShownAtOnceAndInputIsKept() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                try await host.connect("Acme")
                try await host.connect("Boreal", to: HaloSimulatorProcess(url: "http://127.0.0.2"), tested: false)
                try await browser.open(host.url + "/rules/new?template=critical-alert")
                let person = Operator(browser: browser, input: .mouse)
                let choice = try await person.chosen(in: "#field-connection")
                #expect(choice == "Choose a connection", "Of two connections a person chooses.")
                try await browser.choose("Device", in: "#group0-add")
                try await press("button[value='add:0']", until: Self.field(0, 1, "value"), person)
                try await browser.fill("#field-summary", with: "{nope} happened")
                try await browser.openAdvanced()
                try await browser.fill("#field-limitCount", with: "many")
                try await browser.follow(".buttons .primary")
                let open = try await browser.findAll(".advanced[open]").count
                #expect(open == 1, "What a person typed is not hidden.")

                let summary = try await browser.words(".notice.problem")
                for words in [
                    "“Device is” needs a value", "no value “{nope}”", "Choose one of the connections", "“many” is not a whole number",
                ] {
                    #expect(summary.contains(words))
                }
                #expect(summary.contains("4 things have to be corrected"))
                for (field, typed) in [
                    (Self.field(0, 1, "value"), ""), ("#field-summary", "{nope} happened"), ("#field-limitCount", "many"),
                ] {
                    let shownValue = try await browser.find(field).value()
                    #expect(shownValue == typed)
                    let isMarked = try await browser.attribute("aria-invalid", of: field)
                    #expect(isMarked == "true", "\(field)")
                }
                for link in try await browser.findAll(".notice.problem a") {
                    let target = try await link.attribute("href")?.split(separator: "#").last ?? ""
                    let found = try await browser.findAll("#\(target)").count
                    #expect(found == 1, "#\(target)")
                }
                let isFocused = try await browser.isFocused(".notice.problem")
                #expect(isFocused, "The summary has the focus.")
                let rules = try await host.admin.send(.get, "/rules").text
                #expect(rules.contains("There is no rule yet."))
            }
        }
    }
}
