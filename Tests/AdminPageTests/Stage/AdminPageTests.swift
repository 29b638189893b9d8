import BrowserSupport
import PSACore
import Testing

/// All suites of this target: they take turns, with one browser and a host for each suite.
@Suite("The admin page in a browser", .serialized, .timeLimit(.minutes(5)))
enum AdminPageTests {
    static let browser = SharedBrowser()

    /// Uses the browser, signed in as the administrator, on the overview of a host without connections.
    static func signedIn(
        on host: SharedHost, _ options: BrowserOptions = BrowserOptions(), _ body: (Browser, AdminHost) async throws -> Void
    ) async throws {
        let host = try await host.clean()
        try await browser.use(options) { browser in
            try await browser.signIn(to: host, as: host.admin)
            try await body(browser, host)
        }
    }
}

extension Browser {
    /// Takes over a session that was opened past the browser, and opens the overview.
    func signIn(to host: AdminHost, as face: HTTPFace) async throws {
        try await open(host.url + "/sign-in")
        try await setCookie("vectis", AdminHost.cookie(of: face))
        try await open(host.url + "/integrations")
    }

    /// Clicks what opens a page.
    func follow(_ css: String) async throws { try await expectPageLoad { try await click(css) } }

    /// Fills in the form of a connection; what is nil is left alone.
    func fillConnection(_ values: [String: String]) async throws {
        if values.keys.contains(where: { !["tenantURL", "clientID", "clientSecret"].contains($0) }) { try await openAdvanced() }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) { try await fill("#field-\(key)", with: value) }
    }

    /// Opens the settings of a form that are seldom needed.
    func openAdvanced() async throws {
        guard try await !findAll("main form details.advanced:not([open])").isEmpty else { return }
        try await click("main form details.advanced:not([open]) > summary")
    }

    /// Presses Test and waits for how it ended.
    func test() async throws {
        try await click("#test")
        try await wait(for: "the end of the test") {
            guard try await self.findAll("#result[aria-busy]").isEmpty else { return false }
            return try await !self.findAll("#result .notice, #result .guidance").isEmpty
        }
    }

    /// The button of a form by what it sends.
    static let save = "button[name=action][value=save]"

    /// What the first element that matches says, its hidden parts too.
    func words(_ css: String) async throws -> String {
        try await script("return document.querySelector(arguments[0])?.textContent.replace(/\\s+/g, ' ').trim() ?? ''", [.string(css)])
            .string ?? ""
    }
}
