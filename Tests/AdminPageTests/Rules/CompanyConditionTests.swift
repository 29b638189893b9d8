import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Rules that ask about the company in the PSA.
    @Suite struct CompanyConditionTests {
        /// The demo tenant has the first, the second is not active there, and there is no third.
        private static let companies = (active: "Larkmoor Dental Group", inactive: "Tarnholt Logistics", none: "Nobody & Sons")

        @Test(arguments: [InputMode.mouse, .keyboard]) func onlyActiveCompaniesGetTicketsAndUnknownOnesNeedReview(by input: InputMode)
            async throws
        {
            try await AdminPageTests.signedIn(on: RulePages.host, input.options) { browser, host in
                let connection = try await host.connectForTickets()
                let (name, type) = ("Asked by \(input)", "company.\(input)")
                let rule = try await host.addRule(name, on: type, through: connection)
                let person = Operator(browser: browser, input: input)
                try await browser.open(host.url + "/rules/\(rule)/edit")
                try await person.choose("Company active in the PSA", in: "#group0-add")
                try await person.press("button[value='add:0']")
                _ = try await browser.waitFor("[name='group0.test0.value']")
                let answers = try await browser.words("[name='group0.test0.value']")
                #expect(answers == "Yes No", "Nothing else can be chosen.")
                try await person.follow(".buttons .primary")
                let facts = try await browser.words(".facts")
                #expect(facts.contains("if Company active in the PSA is “yes”"))
                try await person.follow(".actions .primary")
                try await person.follow(".buttons .primary")

                let program = try await host.programFace()
                // First what is not found: the list that is read for it is younger than the event.
                try await program.sendEvent(type, "\(input)/1", device: "PC-1", company: Self.companies.none)
                try await host.waitForJobs(1, "needs_review", of: rule)
                try await program.sendEvent(type, "\(input)/2", device: "PC-2", company: Self.companies.inactive)
                try await program.sendEvent(type, "\(input)/3", device: "PC-3", company: Self.companies.active)
                try await host.waitForJobs(1, "created", of: rule)
                try await host.waitForJobs(1, "skipped", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let skipped = try await browser.words(".jobs li.skipped")
                #expect(skipped.contains("The rule’s conditions on the company don’t hold for “\(Self.companies.inactive)”."))
                let held = try await browser.words(".jobs li.needs_review")
                #expect(held.contains("the PSA has none of this name or id"))
                try await person.follow("a[href$='confirm?action=release']")
                try await person.follow(".buttons .primary")
                try await host.waitForJobs(2, "created", of: rule)
                let count = try await host.tenant.ticketCount("\(name) on PC-")
                #expect(count == 2)
            }
        }
    }
}
