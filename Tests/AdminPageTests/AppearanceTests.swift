import BrowserSupport
import Foundation
import PSACore
import Testing

extension AdminPageTests {
    /// What a machine can judge of how the pages look and read.
    @Suite struct AppearanceTests {
        private static let host = SharedHost()
        private static let syncingHost = SharedHost(syncs: true)
        /// All states with `VECTIS_ALL_PAGES`, as in `make pages`; otherwise every fourth one, because each takes seconds.
        private static let checked =
            ProcessInfo.processInfo.environment["VECTIS_ALL_PAGES"] != nil
            ? PageState.all : PageState.all.enumerated().filter { $0.offset.isMultiple(of: 4) }.map(\.element)

        /// The states that are checked in German instead of English: every fourth, so that all kinds of pages are among them.
        private static let german = Set(checked.enumerated().filter { $0.offset % 4 == 3 }.map(\.element.name))

        @Test(arguments: checked) func everyPageIsAccessibleInLightAndDarkNarrowAndWide(_ state: PageState) async throws {
            let host = try await (state.syncs ? Self.syncingHost : Self.host).clean()
            let language: Language = Self.german.contains(state.name) ? .german : .english
            try await AdminPageTests.browser.use(BrowserOptions(language: language.rawValue)) { browser in
                if state.isSignedIn { try await browser.signIn(to: host, as: host.admin) }
                try await state.open(browser, host)
                let spoken = try await browser.script("return document.documentElement.lang").string
                #expect(spoken == language.rawValue)
                let errors = try await browser.consoleErrors().filter { !isTheStatusOfThePage($0) }
                #expect(errors.isEmpty)
                // Colours depend on the scheme, everything else on the width.
                let axe = try AxeAudit()
                for (scheme, width, isForColours) in Self.looks {
                    try await browser.setColorScheme(scheme)
                    try await browser.setViewport(width: width, height: 900)
                    let found = try await axe.findings(in: browser, rules: isForColours ? ["color-contrast"] : nil)
                    #expect(found.isEmpty, "\(scheme), \(width) pixels wide")
                    let findings = try await browser.auditAccessibility(isForColours ? [.focusVisible] : Self.beyondAxe)
                    #expect(findings.isEmpty, "\(scheme), \(width) pixels wide")
                }
            }
        }

        /// What axe-core does not check, or only by default values.
        private static let beyondAxe: Set<AccessibilityRule> = [
            .errorText, .focusVisible, .horizontalScrolling, .image, .landmarks, .reference, .tabOrder, .targetSize,
        ]
        private static let looks: [(BrowserOptions.ColorScheme, width: Int, isForColours: Bool)] = [
            (.light, 1280, false), (.dark, 1280, true), (.light, 360, false), (.dark, 360, true),
        ]

        /// Chromium reports pages that were answered with 404, 409 or 422 although they are shown.
        private func isTheStatusOfThePage(_ message: ConsoleMessage) -> Bool {
            message.source == "network" && message.text.contains("responded with a status of 4") && !message.text.contains("/assets/")
        }
    }
}
