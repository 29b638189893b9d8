import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// What is wrong with a connection, and what to do about it.
    @Suite struct ConnectionOverviewTests {
        private static let host = SharedHost()

        /// A connection whose secret HaloPSA refuses.
        private func refused(_ host: AdminHost) async throws -> String {
            let id = try await host.connect("Acme")
            try await host.tenant.show("token-invalid-client")
            try await host.admin.send(.post, "/api/v1/connections/\(id)/test")
            try await host.tenant.show()
            return id
        }

        @Test(arguments: InputMode.allCases) func oneStepFromTheStartPageTellsWhatIsWrongAndWhatToDo(by input: InputMode) async throws {
            try await AdminPageTests.signedIn(on: Self.host, input.options) { browser, host in
                _ = try await refused(host)
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/")
                // Without a click: the state, the problem and the first step.
                let card = try await browser.words(".connections")
                #expect(card.contains("Needs attention") && card.contains("First step:") && !card.contains("Connected to"))
                try await person.follow(".connections h3 a")
                let steps = try await browser.findAll(".guidance .steps li")
                #expect(steps.count > 1)
                for step in steps { #expect(try await step.isDisplayed()) }
                let state = try await browser.words("main > .status")
                #expect(state.hasPrefix("Needs attention HaloPSA refused the client ID or secret"))
                let audit = try await browser.auditAccessibility()
                #expect(audit.isEmpty)
            }
        }

        @Test func aReportHasAnAddressThatCanBeReloaded() async throws {
            try await AdminPageTests.signedIn(on: Self.host, InputMode.mouseWithoutScripts.options) { browser, host in
                _ = try await refused(host)
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                let address = try await browser.url()
                #expect(address.contains("/tests/"))
                try await browser.expectPageLoad { try await browser.refresh() }
                let again = try await browser.url()
                let checks = try await browser.findAll(".checks li").count
                #expect(again == address && checks > 1)
            }
        }

        @Test func onAPhoneTheGuidanceIsAboveTheFormAndTheSecretNeverHasTheFocus() async throws {
            try await AdminPageTests.signedIn(on: Self.host, BrowserOptions(width: 360, height: 740)) { browser, host in
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings.merging(["clientSecret": "not-the-secret"]) { $1 })
                try await browser.test()
                let isFocused = try await browser.isFocused("#guidance-title")
                #expect(isFocused)
                let isAbove = try await browser.script(
                    "return document.querySelector('.guidance').getBoundingClientRect().bottom <= document.getElementById('connection').getBoundingClientRect().top"
                )
                #expect(isAbove == true)
                let overflow = try await browser.script("return document.documentElement.scrollWidth > window.innerWidth")
                #expect(overflow == false)
                try await browser.click("details.support summary")
                let text = try await browser.text("#guidance-title-support")
                #expect(text.contains("Code: auth.invalid_client") && text.contains("Correlation id: ") && !text.contains("not-the-secret"))
            }
        }

        @Test(arguments: [360, 1_280]) func theErrorReferenceIsSearchedAndReadable(width: Int) async throws {
            try await AdminPageTests.signedIn(on: Self.host, BrowserOptions(width: width, height: 740)) { browser, host in
                try await browser.open(host.url + "/errors")
                try await browser.fill("#field-q", with: "client secret")
                try await browser.follow("form.search .primary")
                try await browser.follow(".errors a[href='/errors/auth.invalid_client']")
                let page = try await browser.words("main")
                #expect(page.contains("With HaloPSA") && !page.contains("{"))
                let audit = try await browser.auditAccessibility()
                #expect(audit.isEmpty)
                let overflow = try await browser.script("return document.documentElement.scrollWidth > window.innerWidth")
                #expect(overflow == false)
            }
        }
    }
}
