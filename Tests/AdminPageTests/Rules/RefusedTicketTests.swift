import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Tickets that the PSA refuses, and those of which nobody knows.
    @Suite struct RefusedTicketTests {
        @Test func aRefusedTicketIsExplainedAndItsRuleWaitsForTheConnection() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Refused", on: "refused.test", through: host.connectForTickets())
                let program = try await host.programFace()
                try await host.tenant.show("error-shape:string")
                try await program.tell("refused.test", "1")
                try await host.waitForFirings(1, "failed", of: rule)
                try await program.tell("refused.test", "2")

                try await browser.open(host.url + "/rules/\(rule)")
                let pause = try await browser.words("main > .needs_attention")
                #expect(pause.hasPrefix("Paused The PSA refused a ticket"))
                try await browser.click(".firings li.failed summary")
                let steps = try await browser.findAll(".firings li.failed details[open] li").count
                #expect(steps >= 2)
                let code = try await browser.attribute("href", of: ".firings li.failed a[href^='/errors#']") ?? ""
                let reference = try await host.admin.send(.get, "/errors").text
                #expect(reference.contains("id=\"\(code.split(separator: "#").last ?? "")\""), "\(code) leads somewhere.")
                let next = try await browser.words(".firings li.waiting")
                #expect(next.contains("waits until its rule goes on"), "What comes meanwhile is not tried.")

                try await host.tenant.show()
                try await browser.follow("main > .needs_attention a[href='/integrations']")
                let issue = try await browser.words("[aria-labelledby=card-halopsa] .issues")
                #expect(issue.contains("once since"))
                try await browser.follow("[aria-labelledby=card-halopsa] .connections .actions a:first-child")
                let row = try await browser.words("[aria-labelledby=open-issues] tbody tr")
                #expect(row.hasSuffix("UTC1"), "Once so far: \(row)")
                let anchor = try await browser.attribute("href", of: "[aria-labelledby=open-issues] tbody a")
                #expect(anchor == code, "It leads to what the firing leads to.")
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                let tables = try await browser.findAll("[aria-labelledby=open-issues]").count
                #expect(tables == 0, "The test that passed has closed it.")
                let issues = try await browser.findAll(".issues").count
                #expect(issues == 0)
                try await host.waitForFirings(1, "created", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let marks = try await browser.findAll("main > .needs_attention").count
                #expect(marks == 0, "The rule goes on.")

                try await browser.follow(".firings li.failed button[value=send]")
                let said = try await browser.words(".notice.done")
                #expect(said.contains("sent again"))
                try await host.waitForFirings(2, "created", of: rule)
                let count = try await host.tenant.ticketCount("Refused on SRV-02")
                #expect(count == 2)
            }
        }

        @Test func aTicketOfUnknownOutcomeIsShownAsSuchAndFoundInsteadOfMadeTwice() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Lost answer", on: "lost.test", through: host.connectForTickets())
                let program = try await host.programFace()
                // So slow that the look for it takes longer than opening the page.
                try await host.tenant.show("create-lost-reply", "latency:700")
                try await program.tell("lost.test", "1")
                try await host.waitForFirings(1, "unknown", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let unknown = try await browser.words(".firings li.unknown")
                #expect(unknown.hasPrefix("Outcome unknown Lost answer on SRV-02"))
                let buttons = try await browser.findAll(".firings button").count
                #expect(buttons == 0, "There is nothing to decide while it is looked for.")
                try await host.tenant.show()
                try await host.waitForFirings(1, "created", of: rule)
                let count = try await host.tenant.ticketCount("Lost answer on SRV-02")
                #expect(count == 1)
                try await browser.open(host.url + "/integrations")
                let issues = try await browser.findAll(".issues").count
                #expect(issues == 0)
            }
        }
    }
}
