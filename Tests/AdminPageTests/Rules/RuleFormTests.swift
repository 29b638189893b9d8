import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// The form of a rule: conditions, and what is wrong with them.
    @Suite struct RuleFormTests {
        private static func field(_ group: Int, _ test: Int, _ part: String) -> String { "[name='group\(group).test\(test).\(part)']" }

        @Test func groupsAndLinesAreAddedWithoutScriptsAndKeepInput() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host, BrowserOptions(runsScripts: false)) { browser, host in
                _ = try await host.connectForTickets()
                try await browser.open(host.url + "/rules/new")
                try await browser.fill("#field-name", with: "Grouped")
                try await browser.follow("button[value=add-group]")
                let groups = try await browser.findAll("fieldset.group").count
                #expect(groups == 2, "A group is added to an empty one too.")
                try await browser.fill(Self.field(1, 0, "value"), with: "critical")
                try await browser.follow("button[value=add-line]")
                try await browser.choose("Device", in: Self.field(1, 1, "field"))
                try await browser.choose("contains", in: Self.field(1, 1, "comparison"))
                try await browser.fill(Self.field(1, 1, "value"), with: "SRV")
                try await browser.follow("button[value=add-line]")
                let shownValue = try await browser.find(Self.field(1, 1, "value")).value()
                #expect(shownValue == "SRV")
                let name = try await browser.find("#field-name").value()
                #expect(name == "Grouped")

                try await browser.fill("#field-summary", with: "Grouped on {device}")
                try await browser.choose("Acme", in: "#field-connection")
                // Enter does what the form is for.
                try await browser.expectPageLoad { try await browser.type("\n", into: "#field-name") }
                let facts = try await browser.words(".facts")
                #expect(facts.contains("if Severity is at least “critical” and Device contains “SRV”"))
                #expect(!facts.contains("or if"), "A group that was left empty is none.")
            }
        }

        @Test func allErrorsAreShownAtOnceAndInputIsKept() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                try await host.connect("Acme")
                try await host.connect("Boreal", to: HaloSimulatorProcess(url: "http://127.0.0.2"), tested: false)
                try await browser.open(host.url + "/rules/new?template=critical-alert")
                let choice = try await Operator(browser: browser, input: .mouse).chosen(in: "#field-connection")
                #expect(choice == "Choose a connection", "Of two connections a person chooses.")
                try await browser.fill(Self.field(0, 0, "value"), with: "terrible")
                try await browser.fill("#field-summary", with: "{nope} happened")
                try await browser.fill("#field-limitCount", with: "many")
                try await browser.follow(".buttons .primary")

                let summary = try await browser.words(".notice.problem")
                for words in [
                    "no severity “terrible”", "no value “{nope}”", "Choose one of the connections", "“many” is not a whole number",
                ] {
                    #expect(summary.contains(words))
                }
                #expect(summary.contains("4 things have to be corrected"))
                for (field, typed) in [
                    (Self.field(0, 0, "value"), "terrible"), ("#field-summary", "{nope} happened"), ("#field-limitCount", "many"),
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
                let isFocused = try await browser.isFocused(Self.field(0, 0, "value"))
                #expect(isFocused, "The first wrong field has the focus.")
                let rules = try await host.admin.send(.get, "/rules").text
                #expect(rules.contains("There is no rule yet."))
            }
        }
    }
}
