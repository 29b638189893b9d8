import BrowserSupport
import Foundation
import OneTimeCodes
import PSACore
import Testing

extension AdminPageTests {
    /// The second factor and the first steps, by mouse, by keyboard and without scripts.
    @Suite struct SecondFactorTests {
        private static let host = SharedHost()
        private static let password = "a person's long password"

        /// Makes an account of its own, and signs in.
        private static func account(_ name: String, _ host: AdminHost) async throws -> HTTPFace {
            try await host.admin.send(
                .post, "/api/v1/accounts", ["name": .string(name), "password": .string(password), "role": "viewer"])
            return try await AdminHost.signedIn(at: host.url, name, password)
        }

        private static func code(_ secret: [UInt8], _ offset: Int64 = 0) -> String {
            TimeBasedCode(secret: secret).code(at: TimeBasedCode.step(at: Int64(Date().timeIntervalSince1970)) + offset)
        }

        @Test(arguments: [true, false])
        func itIsSetUpByMouseAndAskedForAtTheNextSignIn(runsScripts: Bool) async throws {
            let host = try await Self.host.clean()
            let name = runsScripts ? "maya" : "noah"
            let face = try await Self.account(name, host)
            try await AdminPageTests.browser.use(BrowserOptions(runsScripts: runsScripts)) { browser in
                try await browser.signIn(to: host, as: face)
                try await browser.open(host.url + "/account")
                try await browser.follow("a[href='/account/second-factor']")
                try await browser.fill("#field-password", with: Self.password)
                try await browser.follow("main form .primary")
                let shown = try await browser.text("#second-factor-secret")
                let secret = try #require(Base32.decode(shown.replacing(" ", with: "")))
                let pictures = try await browser.findAll("svg.qr[role=img]").count
                #expect(pictures == 1)
                try await browser.fill("#field-code", with: "000000")
                try await browser.follow("main form .primary")
                let problem = try await browser.text("#field-code-problem")
                #expect(problem.contains("This is not the current code."))
                try await browser.fill("#field-code", with: Self.code(secret))
                try await browser.follow("main form .primary")
                let codes = try await browser.text("#recovery-codes").split(whereSeparator: \.isWhitespace)
                #expect(codes.count == 10)

                try await browser.follow(".who button")
                try await browser.fill("#name", with: name)
                try await browser.fill("#password", with: Self.password)
                try await browser.follow("main button")
                let address = try await browser.url()
                #expect(address.contains("/sign-in/code"))
                // The code of the set-up counts no more; that of the next step does already.
                try await browser.fill("#code", with: Self.code(secret, 1))
                try await browser.follow("main button")
                let title = try await browser.text("h1")
                #expect(title == "Integrations")
            }
            try await host.admin.send(.delete, "/api/v1/accounts/\(name)")
        }

        @Test func theKeyboardAloneIsEnough() async throws {
            let host = try await Self.host.clean()
            let face = try await Self.account("olga", host)
            try await AdminPageTests.browser.use { browser in
                let person = Operator(browser: browser, input: .keyboard)
                try await browser.signIn(to: host, as: face)
                try await browser.open(host.url + "/account/second-factor")
                try await person.type(Self.password, into: "#field-password")
                try await person.follow("main form .primary")
                let shown = try await browser.text("#second-factor-secret")
                let secret = try #require(Base32.decode(shown.replacing(" ", with: "")))
                try await person.type(Self.code(secret), into: "#field-code")
                try await person.follow("main form .primary")
                let title = try await browser.words(".notice")
                #expect(title.contains("The second factor is on."))
                try await person.follow("main a.button.primary")
                try await person.follow("a[href='/account/second-factor']")
                try await person.reach("main form .danger")
            }
            try await host.admin.send(.delete, "/api/v1/accounts/olga")
        }
    }

    /// The first steps of a new host, and the page of a new API key.
    @Suite struct OnboardingTests {
        @Test(arguments: [true, false])
        func theListIsHiddenShownAgainAndTheFirstEventEndsTheWaiting(runsScripts: Bool) async throws {
            let host = try await AdminHost.start()
            try await AdminPageTests.browser.use(BrowserOptions(runsScripts: runsScripts)) { browser in
                try await browser.signIn(to: host, as: host.admin)
                let first = try await browser.words(".checklist")
                #expect(first.contains("0 of 6 are done."))
                try await browser.follow(".checklist form button")
                let lists = try await browser.findAll(".checklist").count
                #expect(lists == 0)
                try await browser.follow("form[action='/onboarding'] button")
                try await browser.follow(".checklist li:nth-child(3) a[href='/api-keys']")
                try await browser.fill("#field-name", with: "Monitor")
                try await browser.follow("main form[action='/api-keys'] .primary")
                let token = try await browser.text("#token")
                let command = try await browser.text("#curl")
                #expect(command.contains(token) && command.contains(host.url))
                let waiting = try await browser.words("#first-event")
                #expect(waiting.contains("Waiting for the first event"))
                let program = HTTPFace(origin: host.url, headers: ["Authorization": "Bearer \(token)"])
                let sent = try await program.sendEvent("first.test", "1")
                #expect(sent.status == 202)
                if runsScripts {
                    try await browser.wait(for: "the first event") { try await browser.words("#first-event").contains("has arrived") }
                } else {
                    try await browser.follow("#first-event a")
                    let arrived = try await browser.words("#first-event")
                    #expect(arrived.contains("has arrived"))
                }
                try await browser.open(host.url + "/integrations")
                let steps = try await browser.words(".checklist")
                #expect(steps.contains("2 of 6 are done."))
            }
        }
    }
}
