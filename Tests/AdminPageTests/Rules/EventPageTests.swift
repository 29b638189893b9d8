import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// From an event to its ticket, or to the reason why there is none.
    @Suite struct EventPageTests {
        @Test func threeClicksFromTheStartPageSayWhyAnAlertMadeNoTicket() async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let connection = try await host.connectForTickets()
                let rule = try await host.addActiveRule(
                    "Servers only", on: "alert.shown", through: connection,
                    [
                        QueryItem("group0.test0.field", "device"), QueryItem("group0.test0.comparison", "contains"),
                        QueryItem("group0.test0.value", "SRV"),
                    ])
                try await host.tenant.show("poison:SRV-1")
                let program = try await host.programFace()
                try await program.sendEvent("alert.shown", "unwanted", device: "LAPTOP-1")
                try await program.sendEvent("alert.shown", "refused", device: "SRV-1")
                try await host.waitForJobs(1, "failed", of: rule)

                // No rule wanted it: two clicks.
                try await browser.open(host.url + "/integrations")
                try await browser.follow("nav a[href='/events']")
                try await browser.follow("tr:has(a[href^='/rules/new?event=']) a[href^='/events/']")
                let event = try await browser.words("main")
                #expect(event.contains("No rule matched.") && event.contains("Does not match"))
                #expect(event.contains("Device contains “SRV” The event has “LAPTOP-1”."))

                // The PSA refused it: three clicks.
                try await browser.open(host.url + "/integrations")
                try await browser.follow("nav a[href='/events']")
                try await browser.follow("tbody tr:first-child a[href^='/jobs/']")
                let job = try await browser.words("main")
                #expect(job.contains("Failed") && job.contains("Sending"))
                #expect(job.contains("One so far.") && job.contains("Servers only"))

                // And what can be done about it.
                try await browser.open(host.url + "/jobs?state=failed&rule=\(rule)")
                try await browser.click("#bulk summary")
                try await browser.follow("#bulk button[value=discard-all]")
                let question = try await browser.text("h1")
                #expect(question == "Discard 1 job?")
                try await browser.follow("main form button.danger")
                let notice = try await browser.words(".notice.done")
                #expect(notice.contains("1 job is discarded."))
            }
        }
    }
}
