import BrowserSupport
import HaloSimulator
import PSACore
import Testing

extension AdminPageTests {
    /// What has to be decided when a connection is saved, several of them, and taking one away.
    @Suite struct SavingTests {
        private static let host = SharedHost()

        @Test func savingUntestedWarnsAndNeedsConfirmation() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings)
                try await browser.follow(Browser.save)
                let warning = try await browser.words(".notice.warning")
                #expect(warning.contains("not tested successfully"))
                try await browser.click("label[for=accept-untested]")
                try await browser.follow(Browser.save)
                let state = try await browser.text(".connections .state")
                #expect(state == "Saved, not tested")
                try await browser.follow("form[action$='/check'] button")
                try await browser.open(host.url + "/integrations")
                let tested = try await browser.text(".connections .state")
                #expect(tested == "Connected")
            }
        }

        @Test func aChangeAfterTheTestCountsAsUntested() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings)
                try await browser.test()
                try await browser.openAdvanced()
                try await browser.fill("#field-scope", with: "read:tickets")
                try await browser.follow(Browser.save)
                let warning = try await browser.words(".notice.warning")
                #expect(warning.contains("not tested successfully"))
            }
        }

        @Test func aSecondConnectionToTheSameTenantIsRejectedWithALinkToTheFirst() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                let id = try await host.connect("Acme")
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings)
                try await browser.test()
                try await browser.follow(Browser.save)
                let refusal = try await browser.words(".notice.problem")
                #expect(refusal.contains("“Acme” leads to this tenant already"))
                try await browser.follow(".notice.problem a")
                let page = try await browser.url()
                #expect(page == host.url + "/integrations/\(id)/settings")
            }
        }

        @Test func movingAConnectionToAnotherTenantNeedsConfirmationAndTheSecretAgain() async throws {
            let other = try await HaloSimulatorProcess.start()
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                let id = try await host.connect("Acme")
                try await browser.open(host.url + "/integrations/\(id)/settings")
                try await browser.fill("#field-tenantURL", with: other.url)
                try await browser.follow(Browser.save)
                let notice = try await browser.words("main .notice.information")
                #expect(notice.contains("point to another tenant now"))
                let needed = try await browser.text("#field-clientSecret-problem")
                #expect(!needed.isEmpty)
                try await browser.fill("#field-clientSecret", with: HaloSimulator.Configuration.demoClientSecret)
                try await browser.test()
                try await browser.follow(Browser.save)
                let question = try await browser.words(".notice.warning")
                #expect(question.contains(host.tenant.authority) && question.contains(other.authority))
                try await browser.click("#accept-other-tenant")
                try await browser.follow(Browser.save)
                let status = try await browser.words(".connections .status")
                #expect(status.contains("Connected to \(other.authority)"))
            }
        }

        @Test func oneOfTwoTenantsIsRemovedAfterConfirmation() async throws {
            let other = try await HaloSimulatorProcess.start()
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await host.connect("Acme")
                try await host.connect("Boreal", to: other)
                try await browser.expectPageLoad { try await browser.refresh() }
                var names = try await browser.findAll(".connections h3").count
                #expect(names == 2)
                let id =
                    try await browser.script(
                        "return [...document.querySelectorAll('.connections li')].find(e => e.textContent.includes('Boreal')).querySelector('a[href$=remove]').getAttribute('href')"
                    ).string ?? ""
                try await browser.follow("a[href='\(id)']")
                let question = try await browser.text("h1")
                #expect(question == "Remove “Boreal”?")
                try await browser.follow("main a.button")
                names = try await browser.findAll(".connections h3").count
                #expect(names == 2, "Keeping it keeps it.")
                try await browser.follow("a[href='\(id)']")
                try await browser.follow("main .danger")
                let left = try await browser.text(".connections h3")
                #expect(left == "Acme")
                let said = try await browser.words(".notice.done")
                #expect(said.contains("its secrets are removed"))
            }
        }

        @Test func aConnectorThatHangsDoesNotStopTheOverview() async throws {
            try await AdminPageTests.signedIn(on: Self.host) { browser, host in
                try await host.connect("Acme")
                try await browser.open(host.url + "/integrations/new/halopsa")
                try await browser.fillConnection(host.tenant.settings)
                try await host.tenant.show("silent")
                try await browser.click("#test")
                try await browser.waitFor("#result .checks li")
                let overview = try await host.admin.send(.get, "/integrations")
                #expect(overview.status == 200 && overview.text.contains("Acme"))
                let isTesting = try await browser.findAll("#result[aria-busy]").count == 1
                #expect(isTesting, "The overview came while the test was still waiting.")
                try await browser.open(host.url + "/integrations")
                let name = try await browser.text(".connections h3")
                #expect(name == "Acme")
            }
        }
    }
}
