import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// A rule from its template to tickets, and back into dry run.
    @Suite struct RuleLifeTests {
        @Test(arguments: [InputMode.mouse, .keyboard]) func aRuleGoesFromATemplateOverADryRunToOneTicketAndItsNotes(by input: InputMode)
            async throws
        {
            try await AdminPageTests.signedIn(on: RulePages.host, input.options) { browser, host in
                _ = try await host.connectForTickets()
                let program = try await host.programFace()
                let person = Operator(browser: browser, input: input)
                let device = "SRV-\(input)"
                try await browser.open(host.url + "/rules")
                try await person.follow("a[href$='template=backup-failed']")
                try await person.type("Backup failed", into: "#field-name")
                try await person.follow(".buttons .primary")
                let page = try await browser.url()
                let mode = try await browser.words(".state")
                #expect(mode == "Dry run: nothing is sent")

                try await program.sendEvent("backup.failed", "\(input)/1", device: device)
                try await browser.open(page)
                let dry = try await browser.words(".jobs li.would_create")
                #expect(dry.hasPrefix("Would create Backup of \(device) failed"))
                #expect(dry.contains("nothing was sent"))

                try await person.follow(".actions .primary")
                try await person.follow(".buttons .primary")
                let promoted = try await browser.words(".state")
                #expect(promoted == "Active")
                let before = try await host.tenant.ticketCount("Backup of \(device) failed")
                #expect(before == 0, "Neither the dry run nor the promotion sends what was decided before.")
                try await expectTicket(program, device, browser, host)
                try await expectAudit(device, browser, host)
                let errors = try await browser.consoleErrors()
                #expect(errors.isEmpty)
            }
        }

        private func expectTicket(_ program: HTTPFace, _ device: String, _ browser: Browser, _ host: AdminHost) async throws {
            let page = try await browser.url()
            let rule = page.part(between: "/rules/", and: "?") ?? ""
            try await program.sendEvent("backup.failed", "\(device)/2", device: device)
            try await host.waitForJobs(1, "created", of: rule)
            try await program.sendEvent("backup.failed", "\(device)/3", device: device)
            try await host.waitForJobs(1, "appended", of: rule)
            try await browser.open(page)
            let (ticket, note) = (".jobs li.created a[target=_blank]", ".jobs li.appended a[target=_blank]")
            let address = try await browser.attribute("href", of: ticket) ?? ""
            #expect(address.hasPrefix(host.tenant.url + "/ticket?id="))
            let same = try await browser.attribute("href", of: note)
            #expect(same == address, "The note is on the ticket of the event before.")
            let count = try await host.tenant.ticketCount("Backup of \(device) failed")
            #expect(count == 1)
        }

        private func expectAudit(_ device: String, _ browser: Browser, _ host: AdminHost) async throws {
            try await browser.open(host.url + "/audit")
            let rows = try await browser.script("return [...document.querySelectorAll('tbody tr')].map(r => r.innerText)").elements
            for action in ["Ticket created", "Note added"] {
                let row = rows.compactMap(\.string).first { $0.contains(action) && $0.contains("Backup of \(device) failed") }
                #expect(row?.contains("done") == true, "\(action)")
            }
        }

        @Test func aChangeOfAPromotedRulePutsItBackIntoDryRun() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addActiveRule("Change", on: "change.test", through: host.connectForTickets())
                try await browser.open(host.url + "/rules/\(rule)/edit")
                try await browser.fill("#field-name", with: "Another name")
                try await browser.follow(".buttons .primary")
                let renamed = try await browser.words(".state")
                #expect(renamed == "Active", "A name is not what reaches the PSA.")
                try await browser.follow("main a[href$='/edit']")
                try await browser.fill("#field-summary", with: "{device} has changed")
                try await browser.follow(".buttons .primary")
                let mode = try await browser.words(".state")
                #expect(mode == "Dry run: nothing is sent")
                let facts = try await browser.words(".facts")
                #expect(facts.contains("A ticket “{device} has changed” through Acme"))
            }
        }

        @Test func theSecondOfTwoConcurrentRuleChangesIsRejected() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let rule = try await host.addRule("Two", on: "two.test", through: host.connectForTickets())
                try await browser.open(host.url + "/rules/\(rule)/edit")
                try await host.setMode("off", of: rule)
                try await browser.fill("#field-summary", with: "What I wanted")
                try await browser.follow(".buttons .primary")
                let said = try await browser.words(".notice.problem")
                #expect(said.contains("This rule was changed after you opened it"))
                let shownValue = try await browser.find("#field-summary").value()
                #expect(shownValue == "What I wanted")
                try await browser.follow(".notice a")
                let fresh = try await browser.find("#field-summary").value()
                #expect(fresh == "Two on {device}")

                // A button on a page outdated by a concurrent change.
                try await browser.open(host.url + "/rules/\(rule)/confirm?action=active")
                try await host.setMode("dry_run", of: rule)
                try await browser.follow(".buttons .primary")
                let title = try await browser.text("h1")
                #expect(title == "Conflicting change")
                let page = try await host.admin.send(.get, "/rules/\(rule)").text
                #expect(page.contains("Dry run: nothing is sent"))
            }
        }

        @Test func aReplayCountsMatchingEventsAndSendsNothing() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let connection = try await host.connectForTickets()
                let program = try await host.programFace()
                for (id, type) in [("1", "replay.test"), ("2", "replay.other"), ("3", "replay.test")] {
                    try await program.sendEvent(type, id)
                }
                let rule = try await host.addActiveRule("Replayed", on: "replay.test", through: connection)
                try await browser.open(host.url + "/rules/\(rule)")
                try await browser.follow("form[action$='/replay'] button")
                let said = try await browser.words(".notice.done")
                #expect(said.hasSuffix("events were replayed; 2 would have fired. Nothing was sent."))
                let rows = try await browser.findAll(".jobs li.would_create").count
                #expect(rows == 2)
                let others = try await browser.findAll(".jobs li:not(.would_create)").count
                #expect(others == 0)
                let count = try await host.tenant.ticketCount("Replayed on")
                #expect(count == 0)
            }
        }
    }
}
