import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Tickets that the PSA rejects, and tickets of unknown outcome.
    @Suite struct RefusedTicketTests {
        @Test func aRejectedTicketIsExplainedFailsAloneAndCanBeCorrected() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Refused", on: "refused.test", through: host.connectForTickets())
                let program = try await host.programFace()
                try await host.tenant.show("poison:Refused")
                try await program.sendEvent("refused.test", "1")
                try await host.waitForJobs(1, "failed", of: rule)
                try await host.tenant.show()
                try await program.sendEvent("refused.test", "2")
                try await host.waitForJobs(1, "created", of: rule)

                try await browser.open(host.url + "/rules/\(rule)")
                let pauses = try await browser.findAll("main > .needs_attention").count
                #expect(pauses == 0, "One refused item pauses nothing.")
                try await browser.click(".jobs li.failed summary")
                let steps = try await browser.findAll(".jobs li.failed details[open] li").count
                #expect(steps >= 2)
                let code = try await browser.attribute("href", of: ".jobs li.failed a[href^='/errors/']") ?? ""
                let reference = try await host.admin.send(.get, code).text
                #expect(reference.contains("Error reference"), "\(code) leads somewhere.")

                try await browser.open(host.url + "/integrations")
                let notice = try await browser.words(".notice.warning:has(a[href='/jobs?state=failed'])")
                #expect(notice.contains("One item failed"))
                let issues = try await browser.findAll(".issues").count
                #expect(issues == 0, "It is no trouble of the connection.")

                try await browser.open(host.url + "/rules/\(rule)")
                try await browser.follow(".jobs li.failed a[href$='/correct']")
                let problem = try await browser.words(".notice.problem")
                #expect(!problem.isEmpty)
                try await browser.fill("#field-summary", with: "Corrected by a person")
                try await browser.follow("form button.primary")
                let said = try await browser.words(".notice.done")
                #expect(said.contains("sent again"))
                try await host.waitForJobs(2, "created", of: rule)
                let count = try await host.tenant.ticketCount("Corrected by a person")
                #expect(count == 1)
            }
        }

        @Test func aRejectionOfEveryItemPausesTheRuleUntilATestPasses() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Denied", on: "denied.test", through: host.connectForTickets())
                let program = try await host.programFace()
                try await host.tenant.show("create-status:403/string")
                try await program.sendEvent("denied.test", "1")
                let deadline = ContinuousClock.now + .seconds(15)
                while try await !host.admin.send(.get, "/rules/\(rule)").text.contains("needs_attention"), ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(30))
                }
                try await program.sendEvent("denied.test", "2")
                try await host.waitForJobs(2, "waiting", of: rule)
                try await program.sendEvent("denied.test", "3")
                try await host.waitForJobs(3, "waiting", of: rule)

                try await browser.open(host.url + "/rules/\(rule)")
                let pause = try await browser.words("main > .needs_attention")
                #expect(pause.hasPrefix("Paused because the PSA rejected a ticket"))
                let waiting = try await browser.findAll(".jobs li.waiting").count
                #expect(waiting == 3, "Nothing is lost meanwhile.")
                let rows = try await browser.words(".jobs")
                #expect(rows.contains("Its rule is paused") && rows.contains("Tried once"), "Each says why it waits.")

                try await host.tenant.show()
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                try await host.waitForJobs(3, "created", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let marks = try await browser.findAll("main > .needs_attention").count
                #expect(marks == 0, "The rule goes on.")
            }
        }

        @Test func aPassedTestClearsARememberedRejection() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Locked out", on: "locked.test", through: host.connectForTickets())
                let program = try await host.programFace()
                // A test that passes leaves no token behind either, so that the next one has to be fetched.
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                try await host.tenant.show("token-invalid-client")
                try await program.sendEvent("locked.test", "1")
                let deadline = ContinuousClock.now + .seconds(15)
                while try await !host.admin.send(.get, "/rules/\(rule)").text.contains("auth.invalid_client"),
                    ContinuousClock.now < deadline
                {
                    try await Task.sleep(for: .milliseconds(30))
                }
                try await host.tenant.show()
                try await browser.open(host.url + "/integrations")
                try await browser.follow("form[action$='/check'] button")
                // The connector caches a rejected token request for half a minute; this waits for a quarter.
                try await host.waitForJobs(1, "created", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let marks = try await browser.findAll("main > .needs_attention").count
                #expect(marks == 0, "The rule goes on, and stays so.")
            }
        }

        @Test func aTicketOfUnknownOutcomeIsShownAndFoundInsteadOfCreatedTwice() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Lost answer", on: "lost.test", through: host.connectForTickets())
                let program = try await host.programFace()
                // So slow that the search takes longer than opening the page.
                try await host.tenant.show("create-lost-reply", "latency:700")
                try await program.sendEvent("lost.test", "1")
                try await host.waitForJobs(1, "unknown", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let unknown = try await browser.words(".jobs li.unknown")
                #expect(unknown.hasPrefix("Outcome unknown Lost answer on SRV-02"))
                let buttons = try await browser.findAll(".jobs button").count
                #expect(buttons == 0, "There is nothing to decide while it is searched for.")
                try await host.tenant.show()
                try await host.waitForJobs(1, "created", of: rule)
                let count = try await host.tenant.ticketCount("Lost answer on SRV-02")
                #expect(count == 1)
                try await browser.open(host.url + "/integrations")
                let issues = try await browser.findAll(".issues").count
                #expect(issues == 0)
            }
        }
    }
}
