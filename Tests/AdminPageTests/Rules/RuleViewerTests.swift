import BrowserSupport
import PSACore
import Testing

extension AdminPageTests {
    /// What a viewer sees of rules.
    @Suite struct RuleViewerTests {
        @Test func aViewerSeesRulesAndHistoriesButNoButtonAndMayNotPost() async throws {
            let host = try await RulePages.host.clean()
            let rule = try await host.addActiveRule("Viewed", on: "viewer.test", through: host.connectForTickets())
            try await host.tenant.show("poison:Viewed")
            try await host.programFace().sendEvent("viewer.test", "1")
            try await host.waitForJobs(1, "failed", of: rule)
            let password = "a viewer's long password"
            try await host.admin.send(.post, "/api/v1/accounts", ["name": "vito", "password": .string(password), "role": "viewer"])
            let viewer = try await AdminHost.signedIn(at: host.url, "vito", password)
            try await AdminPageTests.browser.use { browser in
                try await browser.signIn(to: host, as: viewer)
                for (path, words) in [
                    ("/rules", "viewer.test → Acme"), ("/rules/\(rule)", "Viewed on SRV-02"), ("/jobs", "Viewed on SRV-02"),
                ] {
                    try await browser.open(host.url + path)
                    let text = try await browser.words("main")
                    #expect(text.contains(words), "\(path)")
                    let controls = try await browser.findAll(
                        "main form[method=post], main form[method=post] button, main a[href^='/rules/new'], main a[href$='/edit']"
                    )
                    .count
                    #expect(controls == 0, "\(path)")
                }
                for path in [
                    "/rules/\(rule)/mode", "/rules/\(rule)/held", "/rules/\(rule)/remove", "/rules/\(rule)/replay", "/rules/new",
                    "/api-keys",
                ] {
                    try await browser.open(host.url + "/rules")
                    // A page that was tampered with.
                    try await browser.expectPageLoad {
                        try await browser.script(
                            "const f = document.querySelector('.who form'); f.action = arguments[0]; f.submit()", [.string(path)])
                    }
                    let title = try await browser.text("h1")
                    #expect(title == "Not allowed", "\(path)")
                }
                for path in ["/rules/new", "/rules/\(rule)/edit", "/api-keys"] {
                    try await browser.open(host.url + path)
                    let title = try await browser.text("h1")
                    #expect(title == "Not allowed", "\(path)")
                }
            }
            try await host.admin.send(.delete, "/api/v1/accounts/vito")
            let page = try await host.admin.send(.get, "/rules/\(rule)").text
            #expect(page.contains("<span class=\"state\">Active</span>"), "Nothing was changed.")
        }
    }
}
