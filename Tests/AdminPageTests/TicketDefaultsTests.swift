import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Ticket defaults where the lists can't be read, and how the lists follow the type.
    @Suite struct TicketDefaultsTests {
        private static let host = SharedHost()

        @Test func unreadableListsAreExplainedAndIDsCanBeSavedAfterConfirmation() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                let id = try await host.connect()
                try await host.tenant.show("deny:TicketType")
                try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
                let warning = try await browser.words(".notice.warning")
                #expect(warning.contains("so the id has to be typed"))
                let title = try await browser.text("#guidance-title")
                #expect(title == "The API agent may not do this in HaloPSA")
                let (types, others) = (
                    try await browser.findAll("select#field-type").count, try await browser.findAll("main select").count
                )
                #expect(types == 0 && others == 2, "The other lists stay.")

                try await browser.fill("#field-type", with: "x")
                try await browser.follow(Browser.save)
                let typing = try await browser.text("#field-type-problem")
                #expect(typing.contains("whole number"))

                try await browser.fill("#field-type", with: "4")
                try await browser.follow(Browser.save)
                let question = try await browser.words(".notice.warning")
                #expect(question.contains("could not be verified"))
                try await browser.click("#accept-unverified")
                try await browser.follow(Browser.save)
                let said = try await browser.words(".notice.done")
                #expect(said == "Done: The ticket defaults are saved.")

                try await host.tenant.show()
                try await browser.expectPageLoad { try await browser.refresh() }
                let chosen = try await Operator(browser: browser, input: .mouse).chosen(in: "#field-type")
                #expect(chosen == "Problem")
            }
        }

        @Test func listsFollowTheTypeAndDropInvalidChoices() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                let id = try await host.connect()
                let person = Operator(browser: browser, input: .mouse)
                try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
                try await browser.script("window.isSamePage = true")
                try await browser.choose("Incident", in: "#field-type")
                try await browser.wait(for: "the priorities") { try await browser.words("#field-priority").contains("Critical") }
                try await browser.choose("Critical", in: "#field-priority")
                try await browser.choose("Problem", in: "#field-type")
                try await browser.wait(for: "the priorities") { try await browser.words("#field-priority").contains("Urgent") }
                let isSamePage = try await browser.script("return window.isSamePage === true")
                #expect(isSamePage == true, "The focus stays where it was.")
                let chosen = try await person.chosen(in: "#field-priority")
                #expect(chosen == "The one the ticket type starts with", "A priority of another type must not be kept.")
            }
        }

        @Test func listsThatBecomeUnreadableWhileChoosingAreExplained() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                let id = try await host.connect()
                try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
                try await host.tenant.show("deny:Priority")
                try await browser.expectPageLoad { try await browser.choose("Incident", in: "#field-type") }
                let warning = try await browser.words(".notice.warning")
                #expect(warning.contains("so the id has to be typed"))
                let type = try await browser.find("#field-type").value()
                #expect(type == "1", "What was chosen is kept.")
            }
        }
    }
}
