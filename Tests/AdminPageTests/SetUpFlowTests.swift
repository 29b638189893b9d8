import BrowserSupport
import HaloSimulator
import PSACore
import Testing

extension AdminPageTests {
    /// From the first password to a test ticket, with every input mode.
    @Suite struct SetUpFlowTests {
        private static let host = SharedHost()

        @Test(arguments: InputMode.allCases) func aConnectionIsSetUpFromTheSignInToATestTicket(by input: InputMode) async throws {
            let host = try await Self.host.clean()
            try await browser.use(input.options) { browser in
                let person = Operator(browser: browser, input: input)
                try await signIn(person, host)
                try await connect(person, host)
                try await chooseDefaults(person)
                try await createTestTicket(person)
                try await readAuditLog(person, host)
                let errors = try await browser.consoleErrors()
                #expect(errors.isEmpty)
            }
        }

        private func signIn(_ person: Operator, _ host: AdminHost) async throws {
            try await person.browser.open(host.url)
            let page = try await person.browser.url()
            #expect(page.contains("/sign-in"))
            try await person.type(host.name, into: "#name")
            try await person.type(host.password, into: "#password")
            try await person.follow("main button")
            let title = try await person.browser.title()
            #expect(title == "Integrations · Vectis")
        }

        private func connect(_ person: Operator, _ host: AdminHost) async throws {
            let browser = person.browser
            let card = try await browser.words("[aria-labelledby=card-halopsa]")
            #expect(card.contains("Not connected"))
            if person.input == .keyboard { try await skipTheMenu(browser) }
            try await person.follow("[aria-labelledby=card-halopsa] a")
            for (key, value) in host.tenant.settings.sorted(by: { $0.key < $1.key }) { try await person.type(value, into: "#field-\(key)") }
            try await test(person, host)
            try await person.follow(Browser.save)
            let connection = try await browser.words(".connections")
            #expect(connection.contains("Connected"))
            #expect(connection.contains("Connected to \(host.tenant.authority)"))
            let said = try await browser.words(".notice")
            #expect(said == "Done: The connection is saved.")
        }

        private func skipTheMenu(_ browser: Browser) async throws {
            try await browser.press(.tab)
            let isFirst = try await browser.isFocused(".skip")
            #expect(isFirst, "The first stop is the way past the menu.")
            try await browser.press(.enter)
            try await browser.press(.tab)
            let isPast = try await browser.script("return document.activeElement.closest('main') !== null")
            #expect(isPast == true)
        }

        private func test(_ person: Operator, _ host: AdminHost) async throws {
            let browser = person.browser
            if person.input == .mouseWithoutScripts {
                try await person.follow("#test")
            } else {
                // Slow enough that checks which came together would be seen to.
                try await host.tenant.show("latency:150")
                try await browser.script(
                    """
                    window.seen = [];
                    new MutationObserver(() => seen.push(document.querySelectorAll('#result .checks li').length))
                        .observe(document.getElementById('result'), { childList: true, subtree: true });
                    """)
                try await person.press("#test")
                try await browser.waitFor("#result .headline")
                let counts = try await browser.script("return [...new Set(seen)]").elements
                #expect(counts.count >= 4, "The checks came one by one: \(counts).")
                try await host.tenant.show()
            }
            let headline = try await browser.text(".headline")
            #expect(headline == "Connected to \(host.tenant.authority)")
            let outcomes = try await browser.findAll("#result .checks li.passed").count
            #expect(outcomes >= 10)
        }

        private func chooseDefaults(_ person: Operator) async throws {
            let browser = person.browser
            try await person.follow(".actions a[href$='/ticket-defaults']")
            try await person.choose("Problem", in: "#field-type")
            if person.input == .mouseWithoutScripts { try await person.follow("button[value=reload]") }
            try await browser.wait(for: "the priorities of the type") {
                try await browser.words("#field-priority").contains("Urgent")
            }
            let stays = try await person.chosen(in: "#field-type")
            #expect(stays == "Problem")
            let others = try await browser.words("#field-priority")
            #expect(!others.contains("Critical"), "The priorities of another type are not offered.")
            try await person.choose("Urgent", in: "#field-priority")
            try await person.follow(Browser.save)
            let said = try await browser.words(".notice")
            #expect(said == "Done: The ticket defaults are saved.")
            let saved = try await person.chosen(in: "#field-priority")
            #expect(saved == "Urgent")
        }

        private func createTestTicket(_ person: Operator) async throws {
            try await person.follow("form[action$='/test-ticket'] button")
            let outcome = try await person.browser.words("[aria-labelledby=test-ticket] .checks li")
            #expect(outcome.hasPrefix("passed"), "\(outcome)")
        }

        private func readAuditLog(_ person: Operator, _ host: AdminHost) async throws {
            try await person.follow(".bar a[href='/audit']")
            let rows = try await person.browser.script(
                "return [...document.querySelectorAll('tbody tr')].slice(0, 5).map(r => [1, 2, 4].map(i => r.cells[i].textContent.trim()).join('; '))"
            ).elements.compactMap(\.string)
            let expected = ["Test ticket created", "Ticket defaults changed", "Connection created", "Connection tested", "Signed in"]
            #expect(rows == expected.map { "\(host.name); \($0); done" })
        }
    }
}
