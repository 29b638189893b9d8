import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// What a machine can judge of how the pages look and read.
    @Suite struct AppearanceTests {
        private static let host = SharedHost()
        private static let syncingHost = SharedHost(syncs: true)

        @Test(arguments: PageState.all) func everyPageIsAccessibleInLightAndDarkNarrowAndWide(_ state: PageState) async throws {
            let host = try await (state.syncs ? Self.syncingHost : Self.host).clean()
            try await AdminPageTests.browser.use { browser in
                if state.isSignedIn { try await browser.signIn(to: host, as: host.admin) }
                try await state.open(browser, host)
                let errors = try await browser.consoleErrors().filter { !isTheStatusOfThePage($0) }
                #expect(errors.isEmpty)
                // Colours depend on the scheme, everything else on the width.
                for (scheme, width, rules) in Self.looks {
                    try await browser.setColorScheme(scheme)
                    try await browser.setViewport(width: width, height: 900)
                    let findings = try await browser.auditAccessibility(rules)
                    #expect(findings.isEmpty, "\(scheme), \(width) pixels wide")
                }
            }
        }

        private static let everything = Set(AccessibilityRule.allCases)
        private static let looks: [(BrowserOptions.ColorScheme, width: Int, rules: Set<AccessibilityRule>)] = [
            (.light, 1280, everything.subtracting([.horizontalScrolling])), (.dark, 1280, [.contrast, .focusVisible]),
            (.light, 360, everything), (.dark, 360, [.contrast]),
        ]

        /// Chromium reports pages that were answered with 404, 409 or 422 although they are shown.
        private func isTheStatusOfThePage(_ message: ConsoleMessage) -> Bool {
            message.source == "network" && message.text.contains("responded with a status of 4") && !message.text.contains("/assets/")
        }
    }
}
