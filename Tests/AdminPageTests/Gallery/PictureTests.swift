import BrowserSupport
import Foundation
import PSACore
import Testing

/// Where the pictures go, if any are wanted.
private enum Pictures {
    static let folder = ProcessInfo.processInfo.environment["VECTIS_PICTURES"]
    /// The language of the pages.
    static let language = ProcessInfo.processInfo.environment["VECTIS_PICTURES_LANGUAGE"] ?? "en"
    /// The beginning of the names of the pages that are wanted; empty for all.
    static let prefix = ProcessInfo.processInfo.environment["VECTIS_PICTURES_OF"] ?? ""
}

extension AdminPageTests {
    /// Takes a picture of every page for `make screenshots`; not part of the tests, because nothing judges them but people.
    @Suite(.enabled(if: Pictures.folder != nil)) struct PictureTests {
        private static let host = SharedHost()
        private static let syncingHost = SharedHost(syncs: true)

        private static let widths = [("", 1280), ("-narrow", 390)]

        @Test(arguments: PageState.all.filter { $0.name.hasPrefix(Pictures.prefix) }) func picturesOfEveryPage(_ state: PageState)
            async throws
        {
            let folder = try #require(Pictures.folder)
            let host = try await (state.syncs ? Self.syncingHost : Self.host).clean()
            try await AdminPageTests.browser.use(BrowserOptions(language: Pictures.language)) { browser in
                if state.isSignedIn { try await browser.signIn(to: host, as: host.admin) }
                try await state.open(browser, host)
                try await browser.script(Self.steadying, [.string(host.tenant.authority), .string(host.url)])
                for scheme in BrowserOptions.ColorScheme.allCases {
                    try await browser.setColorScheme(scheme)
                    for (suffix, width) in Self.widths {
                        try await browser.setViewport(width: width, height: 900)
                        let name = "\(state.name)-\(scheme)\(suffix).png"
                        try await browser.saveScreenshot(.fullPage, to: "\(folder)/\(name)")
                        // A README shows what a window would, and is downloaded often.
                        try await browser.saveScreenshot(.viewport, to: "\(folder)/windows/\(name)")
                    }
                }
            }
        }

        /// Replaces ports, durations, ids and times by fixed values, so that a picture changes only with its page.
        private static let steadying = #"""
            const [tenant, host] = arguments;
            const still = new CSSStyleSheet();
            still.replaceSync('* { transition: none !important; caret-color: transparent !important; }');
            document.adoptedStyleSheets = [still];
            scrollTo(0, 0);
            const steady = text => text.replaceAll(tenant, '127.0.0.1:8090').replaceAll(host, 'http://127.0.0.1:8080')
                .replace(/\d+ ms/g, '12 ms').replace(/\d{4}-\d\d-\d\d, \d\d:\d\d( UTC)?/g, '2026-11-02, 09:30');
            const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) walker.currentNode.data = steady(walker.currentNode.data);
            for (const input of document.querySelectorAll('input[type=text]')) input.value = steady(input.value);
            for (const input of document.querySelectorAll('input[type=date]')) input.value = '2026-11-02';
            for (const id of document.querySelectorAll('.guidance > .facts dd:last-child > code, main > p.help > code')) id.textContent = 'k7m2x9p4q8rt';
            for (const help of document.querySelectorAll('td span.help')) help.textContent = help.textContent.replace(/^[a-z0-9]{12}\b/, 'k7m2x9p4q8rt');
            """#
    }
}
