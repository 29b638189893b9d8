import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Signing in and out, and what each role may do.
    @Suite struct SignInTests {
        private static let host = SharedHost()

        private func enter(_ name: String, _ password: String, _ browser: Browser) async throws {
            try await browser.fill("#name", with: name)
            try await browser.fill("#password", with: password)
            try await browser.follow("main button")
        }

        @Test func fiveWrongPasswordsBlockTheRightOneToo() async throws {
            // Failed tries count against the address as well, and would lock the other suites out.
            let host = try await AdminHost.start()
            try await AdminPageTests.browser.use { browser in
                try await browser.open(host.url)
                for _ in 0..<5 {
                    try await enter(host.name, "wrong", browser)
                    let said = try await browser.words(".notice")
                    #expect(said == "Problem: The name or the password is wrong.")
                }
                let shownValue = try await browser.find("#name").value()
                #expect(shownValue == host.name)
                let isFocused = try await browser.isFocused("#refusal")
                #expect(isFocused)
                try await enter(host.name, host.password, browser)
                let said = try await browser.words(".notice")
                #expect(said.contains("too many failed tries"))
            }
        }

        @Test func aViewerSeesNoButtonsAndMayNotPost() async throws {
            let host = try await Self.host.clean()
            let id = try await host.connect("Acme")
            let password = "a viewer's long password"
            try await host.admin.send(
                .post, "/api/v1/accounts", ["name": "vera", "password": .string(password), "role": "viewer"])
            let viewer = try await AdminHost.signedIn(at: host.url, "vera", password)
            try await AdminPageTests.browser.use { browser in
                try await browser.signIn(to: host, as: viewer)
                let card = try await browser.words("[aria-labelledby=card-halopsa]")
                #expect(card.contains("Acme"))
                let controls = try await browser.findAll("[aria-labelledby=card-halopsa] :is(button, a.button)").count
                #expect(controls == 0)
                let menu = try await browser.words(".bar nav")
                #expect(!menu.contains("Accounts"))
                try await browser.open(host.url + "/integrations/\(id)/ticket-defaults")
                let buttons = try await browser.findAll("main button:not([data-reload])").count
                #expect(buttons == 0)
                let isDisabled = try await browser.findAll("main fieldset:disabled").count == 1
                #expect(isDisabled)
                // A page that was tampered with.
                try await browser.expectPageLoad {
                    try await browser.script(
                        "const f = document.querySelector('.who form'); f.action = arguments[0]; f.submit()",
                        [.string("/integrations/\(id)/remove")])
                }
                let title = try await browser.text("h1")
                #expect(title == "Not allowed")
                for page in ["/integrations/\(id)/settings", "/accounts"] {
                    try await browser.open(host.url + page)
                    let title = try await browser.text("h1")
                    #expect(title == "Not allowed")
                }
            }
            let connections = try await host.admin.send(.get, "/api/v1/connections").text
            #expect(connections.contains(id), "Nothing was removed.")
            try await host.admin.send(.delete, "/api/v1/accounts/vera")
        }

        @Test func afterSigningOutThePagesAreClosed() async throws {
            let host = try await Self.host.clean()
            let session = try await AdminHost.signedIn(at: host.url, host.name, host.password)
            try await AdminPageTests.browser.use { browser in
                try await browser.signIn(to: host, as: session)
                try await browser.follow(".who button")
                let page = try await browser.url()
                #expect(page == host.url + "/sign-in")
                try await browser.goBack()
                let title = try await browser.title()
                #expect(title == "Sign in · Vectis", "The page before is not kept.")
                let answer = try await session.send(.get, "/api/v1/session")
                #expect(answer.status == 401, "The cookie that was copied before is of no use.")
            }
        }

        @Test func signingInAfterExpiryReturnsToTheSamePage() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await browser.deleteCookies()
                try await browser.open(host.url + "/audit?action=account.signed_in&user=\(host.name)")
                let page = try await browser.url()
                #expect(page.contains("/sign-in?next="))
                try await enter(host.name, host.password, browser)
                let back = try await browser.url()
                #expect(back == host.url + "/audit?action=account.signed_in&user=\(host.name)")
            }
        }

        @Test func aFormSentAfterTheSessionEndedKeepsWhatWasTyped() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings)
                try await browser.deleteCookies()
                let typed = try await browser.find("#field-clientID").value()
                try await browser.click("#test")
                try await browser.wait(for: "the sentence") { try await !browser.findAll(".signed-out").isEmpty }
                let sentence = try await browser.words(".signed-out")
                #expect(sentence.contains("not signed in with this account any more"))
                let (kept, page) = (try await browser.find("#field-clientID").value(), try await browser.words("main"))
                #expect(kept == typed && !typed.isEmpty)
                #expect(!page.contains("Testing …"))
            }
        }
    }
}
