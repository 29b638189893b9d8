import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Several problems at once, and secrets that stay where they were typed.
    @Suite struct SecrecyTests {
        private static let host = SharedHost()

        @Test(arguments: [true, false]) func everyProblemIsShownAtItsFieldAndInTheSummary(runsScripts: Bool) async throws {
            try await AdminPageTests.signedIn(on: Self.host, BrowserOptions(runsScripts: runsScripts)) { browser, host in
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(["tenantURL": "ftp://x y", "clientID": String(repeating: "x", count: 101)])
                for button in ["#test", Browser.save] {
                    if button == "#test", runsScripts { try await browser.test() } else { try await browser.follow(button) }
                    for field in ["tenantURL", "clientID", "clientSecret"] {
                        let problem = try await browser.text("#field-\(field)-problem")
                        #expect(problem.count > "Problem: ".count)
                        let links = try await browser.findAll(".notice.problem a[href='#field-\(field)']").count
                        #expect(links == 1)
                    }
                    let isFocused = try await browser.isFocused(".form-problems")
                    #expect(isFocused, "The summary of what is wrong has the focus.")
                    let shownValue = try await browser.find("#field-clientID").value().count
                    #expect(shownValue == 101)
                }
            }
        }

        @Test(arguments: [true, false]) func aSecretIsInNoPageAfterTestFailedSaveAndReload(runsScripts: Bool) async throws {
            try await AdminPageTests.signedIn(on: Self.host, BrowserOptions(runsScripts: runsScripts)) { browser, host in
                let marker = "marker-7f3a-secret"
                func expectSecrecy(_ moment: String) async throws {
                    let source = try await browser.pageSource()
                    #expect(!source.contains(marker), "after \(moment)")
                }
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings.merging(["clientSecret": marker]) { $1 })
                if runsScripts { try await browser.test() } else { try await browser.follow("#test") }
                let title = try await browser.text("#guidance-title")
                #expect(title == "HaloPSA refused the client ID or secret")
                try await expectSecrecy("the test")

                try await browser.follow(Browser.save)
                let question = try await browser.words(".notice.warning")
                #expect(question.contains("not tested successfully"))
                let field = try await browser.find("#field-clientSecret").value()
                #expect(field.isEmpty)
                try await expectSecrecy("the refused save")

                try await browser.click("#accept-untested")
                try await browser.follow(Browser.save)
                try await expectSecrecy("the save")
                try await browser.follow(".connections .actions a:first-child")
                let shownValue = try await browser.text(".kept")
                #expect(shownValue.contains("never shown"))
                try await expectSecrecy("opening it again")
                try await browser.expectPageLoad { try await browser.refresh() }
                try await expectSecrecy("a reload")
                // The stored secret is the one that was typed: it is rejected in the same way.
                if runsScripts { try await browser.test() } else { try await browser.follow("#test") }
                let again = try await browser.text("#guidance-title")
                #expect(again == title)
                try await browser.open(host.url + "/audit")
                try await expectSecrecy("all of it, in the audit log")
            }
        }
    }
}
