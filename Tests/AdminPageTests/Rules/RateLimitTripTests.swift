import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// More events than a rule may make tickets of.
    @Suite struct RateLimitTripTests {
        @Test(arguments: [true, false]) func jobsBeyondTheLimitNeedReview(isReleased: Bool) async throws {
            try await AdminPageTests.signedIn(on: RulePages.host) { browser, host in
                let (name, type) = isReleased ? ("Released", "limit.released") : ("Dropped", "limit.dropped")
                let limit = [QueryItem("limitCount", "2")]
                let rule = try await host.addActiveRule(name, on: type, through: host.connectForTickets(), limit)
                let program = try await host.programFace()
                for number in 1...5 { try await program.sendEvent(type, "\(number)", device: "PC-\(number)") }
                try await host.waitForJobs(2, "created", of: rule)

                for page in ["/integrations", "/rules"] {
                    try await browser.open(host.url + page)
                    let notices = try await browser.findAll(".notice.warning:has(a[href$='#needs-review'])").count
                    #expect(notices == 1, "One for the rate limit trip, not one for each job.")
                    let notice = try await browser.words(".notice.warning:has(a[href$='#needs-review'])")
                    #expect(notice.hasPrefix("Warning: The rule \(name) exceeded its limit."))
                    #expect(notice.contains("3 jobs have been on hold for"))
                }
                try await browser.follow(".notice.warning a[href$='#needs-review']")
                let place = try await browser.url()
                #expect(place.hasSuffix("/rules/\(rule)#needs-review"))
                let held = try await browser.findAll(".jobs li.needs_review").count
                #expect(held == 3)
                let states = try await browser.script("return [...document.querySelectorAll('main > .status')].map(e => e.innerText)")
                    .elements
                #expect(states.last?.string?.contains("Paused because it exceeded its limit") == true)
                let warning = try await browser.words(".notice.warning")
                #expect(warning.hasPrefix("Warning: 3 jobs are on hold"))
                let early = try await host.tenant.ticketCount("\(name) on PC-")
                #expect(early == 2)

                try await browser.follow("a[href$='confirm?action=\(isReleased ? "release" : "drop")']")
                let consequences = try await browser.words(".consequences")
                #expect(consequences.contains(isReleased ? "3 jobs are sent" : "3 jobs are discarded"))
                try await browser.follow(".buttons button")
                try await host.waitForJobs(isReleased ? 5 : 2, "created", of: rule)
                try await browser.open(host.url + "/rules/\(rule)")
                let left = try await browser.findAll(".notice.warning, .needs_attention, .jobs li.needs_review").count
                #expect(left == 0, "The rule goes on.")
                for page in ["/integrations", "/rules"] {
                    try await browser.open(host.url + page)
                    let notices = try await browser.findAll(".notice.warning:has(a[href$='#needs-review'])").count
                    #expect(notices == 0, "The rate limit trip is over.")
                }
                try await browser.open(host.url + "/rules/\(rule)")
                let dropped = try await browser.findAll(".jobs li.dropped").count
                #expect(dropped == (isReleased ? 0 : 3))
                for number in 1...5 {
                    let count = try await host.tenant.ticketCount("\(name) on PC-\(number)")
                    #expect(count == (isReleased || number <= 2 ? 1 : 0), "PC-\(number)")
                }
            }
        }
    }
}
