import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// Pages for a visitor whose browser is German and in another zone.
    @Suite struct LanguageTests {
        private static let host = SharedHost()
        private static let kabul = BrowserOptions(language: "de-AT,de;q=0.9", timeZone: "Asia/Kabul")

        @Test func aGermanBrowserGetsGermanPages() async throws {
            try await AdminPageTests.signedIn(on: Self.host, Self.kabul) { browser, _ in
                let language = try await browser.script("return document.documentElement.lang").string
                #expect(language == "de")
                let menu = try await browser.words(".bar nav")
                #expect(menu.contains("Integrationen") && menu.contains("Regeln"))
                try await browser.open(try await browser.script("return location.origin + '/integrations/new/halopsa'").string ?? "")
                let label = try await browser.words("label[for=field-clientID]")
                #expect(label.contains("Client ID"))
            }
        }

        @Test func theFirstPageShowsTheBrowsersZoneToo() async throws {
            try await AdminPageTests.signedIn(on: Self.host, Self.kabul) { browser, host in
                try await browser.open(host.url + "/audit")
                let known = try await browser.words("tbody time")
                let title = try await browser.script("return document.querySelector('tbody time').title").string ?? ""
                #expect(title.contains("(Asia/Kabul, UTC+4:30)") && title.hasPrefix(known.prefix(17)))
                // Without the cookie the server writes UTC, and the script changes the times in place.
                let shown =
                    try await browser.script(
                        """
                        document.cookie = 'vectis_zone=; Path=/; Max-Age=0';
                        return fetch('/audit').then(answer => answer.text())
                            .then(text => text.includes('data-zone-unknown') && text.includes(' UTC</time>'));
                        """
                    )
                #expect(shown == .bool(true))
                try await browser.open(host.url + "/audit")
                let again = try await browser.words("tbody tr:last-child time")
                #expect(!again.contains("UTC") && again.contains("."))
            }
        }

        @Test func aTestOfAConnectionSpeaksGerman() async throws {
            try await AdminPageTests.signedIn(on: Self.host, BrowserOptions(language: "de")) { browser, host in
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.click("#test")
                try await browser.wait(for: "the problems") { try await !browser.findAll("#result .notice").isEmpty }
                let summary = try await browser.words("#result")
                #expect(summary.contains("Angaben sind zu korrigieren"))
                let field = try await browser.words(".field.wrong .problem")
                #expect(field.hasPrefix("Problem:"))
            }
        }
    }
}
