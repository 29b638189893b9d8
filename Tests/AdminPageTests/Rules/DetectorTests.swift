import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// The page of a connection's detectors, and the way from a finding to a rule.
    @Suite struct DetectorTests {
        /// A host that reads local copies.
        private static let host = SharedHost(syncs: true)

        @Test(arguments: [true, false]) func detectorsAreTurnedOnAndShowWhatTheyFind(runsScripts: Bool) async throws {
            try await AdminPageTests.signedIn(on: Self.host, BrowserOptions(runsScripts: runsScripts)) { browser, host in
                let connection = try await host.connectForTickets("Acme")
                let path = "/connections/\(connection)/detectors"
                try await browser.open(host.url + "/rules")
                try await browser.follow("a[href='\(path)']")
                // The copy is read by now or within a few seconds.
                let section = "[aria-labelledby='findings-agreement.ending']"
                try await browser.wait(for: "the copy", within: .seconds(60)) {
                    try await browser.open(host.url + path)
                    return try await !browser.words(section).contains("Nothing can be found.")
                }
                try await browser.click("[name='agreement.ending.on']")
                try await browser.fill("[name='agreement.ending.days']", with: "0")
                try await browser.follow("main form .primary")
                let problem = try await browser.words("[id='field-agreement.ending.days-problem']")
                #expect(problem == "Problem: Enter a whole number from 1 to 365.")
                try await browser.fill("[name='agreement.ending.days']", with: "365")
                try await browser.follow("main form .primary")
                let said = try await browser.words(".notice.done")
                #expect(said.contains("The detectors are saved."))
                let isOn = try await browser.script("return document.querySelector(\"[name='agreement.ending.on']\").checked")
                #expect(isOn == .bool(true))
                let found = try await browser.words(section + " tbody tr")
                #expect(found.hasPrefix("The agreement “MSA-") && found.contains("days."))
                if runsScripts {
                    let findings = try await browser.auditAccessibility(Set(AccessibilityRule.allCases).subtracting([.horizontalScrolling]))
                    #expect(findings.isEmpty)
                }
                try await browser.follow("a[href='/rules/new?template=agreement-ending']")
                let hints = try await browser.words("[id='detector-agreement.ending-help']")
                #expect(!hints.contains("is off"))
                let others = try await browser.words("[id='detector-ticket.waiting-help']")
                #expect(others.contains("This detector is off for the chosen connection. Switch it on"))
            }
        }
    }
}
