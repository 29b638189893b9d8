import Foundation
import OneTimeCodes
import PSACore
import PSATesting
import Sodium
import Testing
import WebServer
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

/// The app of a person: the secret, and the codes that it shows.
struct AuthenticatorApp: Sendable {
    let secret: [UInt8]
    let fixture: WebFixture

    /// The code that is shown, or another step's.
    func code(_ offset: Int64 = 0) -> String {
        let step = TimeBasedCode.step(at: Int64(fixture.time.now.timeIntervalSince1970))
        return TimeBasedCode(secret: secret).code(at: step + offset)
    }
}

extension WebFixture {
    /// Turns on the second factor of an account through the JSON API.
    func addSecondFactor(_ browser: Browser) async throws -> (app: AuthenticatorApp, recoveryCodes: [String]) {
        let begun = try await browser.call("POST", "/account/second-factor", ["password": .string(Self.password)])
        try #require(begun.status == 201, "\(begun.text)")
        let secret = try #require(begun.json["secret"]?.string.flatMap { Base32.decode($0) })
        let app = AuthenticatorApp(secret: secret, fixture: self)
        let answer = try await browser.call("POST", "/account/second-factor/confirmation", ["code": .string(app.code())])
        try #require(answer.status == 200, "\(answer.text)")
        // The code counts once.
        time.advance(by: 60)
        return (app, answer.json["recoveryCodes"]?.elements.compactMap(\.string) ?? [])
    }

    func trySignIn(_ name: String, code: String?, from address: String = "127.0.0.1") async throws -> WebAnswer {
        var body: JSONValue = ["name": .string(name), "password": .string(Self.password)]
        if let code { body = body.adding(("code", .string(code))) }
        return try await send("POST", "/api/v1/session", [("Content-Type", "application/json")], body: body.encoded, from: address)
    }

    /// Sends the form for the password; returns the cookie of the sign-in that waits.
    func beginSignIn(_ name: String, from address: String = "127.0.0.1") async throws -> (answer: WebAnswer, cookie: String) {
        let form = PercentEncoding.form([QueryItem("name", name), QueryItem("password", Self.password), QueryItem("next", "/rules")])
        let answer = try await send(
            "POST", "/sign-in", [("Content-Type", "application/x-www-form-urlencoded")], body: Array(form.utf8), from: address)
        return (answer, String(answer.headers["Set-Cookie"]?.split(separator: ";").first ?? ""))
    }

    func sendCode(_ code: String, _ cookie: String, from address: String = "127.0.0.1") async throws -> WebAnswer {
        let form = PercentEncoding.form([QueryItem("code", code), QueryItem("next", "/rules")])
        return try await send(
            "POST", "/sign-in/code", [("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie)], body: Array(form.utf8),
            from: address)
    }
}

@Suite("The second factor")
struct SecondFactorTests {
    @Test("signing in asks for the code on a second page, and no session is valid before it", arguments: WebFixture.Mode.allCases)
    func pages(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let browser = try await fixture.signIn("viewer")
            let (app, _) = try await fixture.addSecondFactor(browser)
            let (begun, cookie) = try await fixture.beginSignIn("viewer")
            #expect(begun.status == 303 && begun.headers["Location"] == "/sign-in/code?next=%2Frules")
            #expect(cookie.hasPrefix("vectis-sign-in="))
            let token = String(cookie.dropFirst("vectis-sign-in=".count))
            for name in ["vectis", "vectis-sign-in"] {
                #expect(try await fixture.send("GET", "/rules", [("Cookie", "\(name)=\(token)")]).status == 303)
                #expect(try await fixture.send("GET", "/api/v1/session", [("Cookie", "\(name)=\(token)")]).status == 401)
            }
            #expect(try await fixture.send("GET", "/sign-in/code", [("Cookie", cookie)]).text.contains("autocomplete=\"one-time-code\""))
            let wrong = try await fixture.sendCode("000000", cookie)
            #expect(wrong.status == 401 && wrong.text.contains("The code is wrong or was used before."))
            let right = try await fixture.sendCode(app.code(), cookie)
            #expect(right.status == 303 && right.headers["Location"] == "/rules")
            let session = try #require(right.headers.values(of: "Set-Cookie").first { $0.hasPrefix("vectis=") })
            #expect(!session.contains(token), "The token of the session is a new one.")
            let signedIn = try await fixture.send("GET", "/rules", [("Cookie", String(session.prefix { $0 != ";" }))])
            #expect(signedIn.status == 200)
            // What waited is gone.
            #expect(try await fixture.sendCode(app.code(1), cookie).headers["Location"]?.hasPrefix("/sign-in?next=") == true)
        }
    }

    @Test func aSignInWaitsForItsCodeForTenMinutes() async throws {
        try await WebFixture.with { fixture in
            let (app, _) = try await fixture.addSecondFactor(try await fixture.signIn("viewer"))
            let (_, cookie) = try await fixture.beginSignIn("viewer")
            fixture.time.advance(by: 600)
            let late = try await fixture.sendCode(app.code(), cookie)
            #expect(late.status == 303 && late.headers["Location"] == "/sign-in?next=%2Frules")
        }
    }

    @Test func programsSendTheCodeWithThePassword() async throws {
        try await WebFixture.with { fixture in
            let (app, _) = try await fixture.addSecondFactor(try await fixture.signIn("viewer"))
            let missing = try await fixture.trySignIn("viewer", code: nil)
            #expect(missing.status == 401 && missing.code == "code_needed" && missing.headers["Set-Cookie"] == nil)
            let wrong = try await fixture.trySignIn("viewer", code: "12345")
            #expect(wrong.status == 401 && wrong.code == "wrong_credentials")
            #expect(try await fixture.trySignIn("viewer", code: app.code(-2)).status == 401)
            #expect(try await fixture.trySignIn("viewer", code: app.code(1)).status == 200)
        }
    }

    @Test("a code counts once, also at another process and when it is sent twice at a time")
    func replay() async throws {
        try await WebFixture.withTwo { first, second in
            let (app, _) = try await first.addSecondFactor(try await first.signIn("viewer"))
            let code = app.code()
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for host in [first, second] { group.addTask { try await host.trySignIn("viewer", code: code).status } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 401])
            #expect(try await second.trySignIn("viewer", code: code).status == 401)
            #expect(try await second.trySignIn("viewer", code: app.code(-1)).status == 401, "An earlier one does not count either.")
            #expect(try await second.trySignIn("viewer", code: app.code(1)).status == 200)
        }
    }

    @Test("wrong codes are limited like wrong passwords, and the right password gives no further tries")
    func bruteForce() async throws {
        try await WebFixture.with { fixture in
            let (app, _) = try await fixture.addSecondFactor(try await fixture.signIn("viewer"))
            for number in 0..<SignInService.tries {
                let address = "203.0.113.\(number)"
                let (begun, cookie) = try await fixture.beginSignIn("viewer", from: address)
                #expect(begun.status == 303, "\(number)")
                #expect(try await fixture.sendCode("00000\(number)", cookie, from: address).status == 401)
            }
            #expect(try await fixture.beginSignIn("viewer", from: "203.0.113.99").answer.status == 429)
            #expect(try await fixture.trySignIn("viewer", code: app.code(), from: "203.0.113.98").status == 429)
            fixture.time.advance(by: 15 * 60 + 1)
            #expect(try await fixture.trySignIn("viewer", code: app.code(), from: "203.0.113.98").status == 200)
        }
    }

    @Test func aSignInThatWaitsGetsNoMoreTriesThanTheAccount() async throws {
        try await WebFixture.with { fixture in
            let (app, _) = try await fixture.addSecondFactor(try await fixture.signIn("viewer"))
            let (_, cookie) = try await fixture.beginSignIn("viewer", from: "203.0.113.1")
            for _ in 0..<SignInService.tries {
                #expect(try await fixture.sendCode("000000", cookie, from: "203.0.113.1").status == 401)
            }
            let blocked = try await fixture.sendCode(app.code(), cookie, from: "203.0.113.1")
            #expect(blocked.status == 429 && blocked.headers["Retry-After"] != nil)
            let details = try await fixture.audit().filter { $0.action == .signInFailed }.map(\.detail)
            #expect(details.contains("The code of the second factor was wrong."))
        }
    }

    @Test func aRecoveryCodeCountsOnceAndIsStoredAsADigest() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            let (_, codes) = try await fixture.addSecondFactor(browser)
            #expect(
                codes.count == 10 && Set(codes).count == 10
                    && codes.allSatisfy { $0.wholeMatch(of: /(?:[a-z2-7]{4}-){3}[a-z2-7]{4}/) != nil })
            let code = try #require(codes.first)
            #expect(try await fixture.trySignIn("viewer", code: code.uppercased().replacing("-", with: " ")).status == 200)
            #expect(try await fixture.trySignIn("viewer", code: code).status == 401)
            let status = try await browser.call("GET", "/account/second-factor")
            #expect(status.json["recoveryCodesLeft"]?.integer == 9 && status.json["on"]?.bool == true)
            let used = try #require(try await fixture.audit().first { $0.action == .recoveryCodeUsed })
            #expect(used.detail == "9 recovery codes are left." && used.actor.text == "viewer")
            let (own, other) = (AccountName(literal: "viewer"), AccountName(literal: "admin"))
            #expect(RecoveryCode.digest(of: code, account: other) != RecoveryCode.digest(of: code, account: own))
            #expect(
                RecoveryCode.digest(of: "abcd", account: other) == nil
                    && RecoveryCode.digest(of: "1bcd-efgh-ijkl-mnop", account: other) == nil)
        }
    }

    @Test func itIsOnOnceACodeWasTypedAndEndsTheOtherSessions() async throws {
        try await WebFixture.with { fixture in
            let (browser, other) = (try await fixture.signIn("viewer"), try await fixture.signIn("viewer"))
            #expect(try await browser.post("/account/second-factor", [("password", "wrong")]).status == 422)
            #expect(try await fixture.services.storage.secondFactor(of: AccountName(literal: "viewer")) == nil)
            #expect(try await browser.post("/account/second-factor", [("password", WebFixture.password)]).status == 303)
            #expect(try await fixture.trySignIn("viewer", code: nil).status == 200, "It is not on yet.")
            let page = try await browser.get("/account/second-factor").text
            let secret = try #require(page.firstMatch(of: /id="second-factor-secret">([A-Z2-7 ]+)</)).1
            #expect(page.contains("<svg class=\"qr\"") && page.contains("otpauth://totp/Vectis%3Aviewer?secret="))
            let app = AuthenticatorApp(secret: try #require(Base32.decode(String(secret).replacing(" ", with: ""))), fixture: fixture)
            #expect(app.secret.count == TimeBasedCode.secretSize)
            let wrong = try await browser.post("/account/second-factor/confirm", [("code", app.code(-2))])
            #expect(wrong.status == 422 && wrong.text.contains("This is not the current code."))
            #expect(try await other.get("/account").status == 200)
            let right = try await browser.post("/account/second-factor/confirm", [("code", app.code())])
            #expect(right.status == 201 && right.text.contains("id=\"recovery-codes\""))
            #expect(try await other.get("/account").status == 303)
            #expect(try await browser.get("/account").status == 200)
            let after = try await browser.get("/account/second-factor").text
            #expect(!after.contains("second-factor-secret") && after.contains("Turn off"))
            #expect(try await browser.post("/account/second-factor", [("password", WebFixture.password)]).status == 409)
        }
    }

    @Test func itIsTurnedOffWithPasswordAndCodeOnly() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            let (app, codes) = try await fixture.addSecondFactor(browser)
            func removal(_ password: String, _ code: String) async throws -> WebAnswer {
                try await browser.call("POST", "/account/second-factor/removal", ["password": .string(password), "code": .string(code)])
            }
            let noPassword = try await removal("wrong", app.code())
            #expect(noPassword.status == 422 && noPassword.json["problems"]?.elements.first?["member"] == "password")
            let noCode = try await removal(WebFixture.password, "000000")
            #expect(noCode.status == 422 && noCode.json["problems"]?.elements.first?["member"] == "code")
            #expect(try await fixture.trySignIn("viewer", code: nil).code == "code_needed")
            let recovery = try #require(codes.first)
            #expect(try await removal(WebFixture.password, recovery).status == 204)
            #expect(try await removal(WebFixture.password, app.code()).status == 409)
            #expect(try await fixture.trySignIn("viewer", code: nil).status == 200)
            let actions = try await fixture.audit().map(\.action)
            #expect(actions.contains(.secondFactorEnabled) && actions.contains(.secondFactorDisabled))
        }
    }

    @Test func wrongCodesForAChangeAreLimited() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            let begun = try await browser.call("POST", "/account/second-factor", ["password": .string(WebFixture.password)])
            let app = AuthenticatorApp(secret: try #require(Base32.decode(begun.json["secret"]?.string ?? "")), fixture: fixture)
            for _ in 0..<SignInService.tries {
                #expect(try await browser.call("POST", "/account/second-factor/confirmation", ["code": "000000"]).status == 422)
            }
            #expect(try await browser.call("POST", "/account/second-factor/confirmation", ["code": .string(app.code())]).status == 429)
        }
    }

    @Test func anAdministratorResetsThatOfAnotherAccountAndItsSessionsEnd() async throws {
        try await WebFixture.with { fixture in
            let (admin, viewer) = (try await fixture.signIn(), try await fixture.signIn("viewer"))
            _ = try await fixture.addSecondFactor(viewer)
            let (_, waiting) = try await fixture.beginSignIn("viewer")
            #expect(try await admin.get("/accounts").text.contains("/accounts/viewer/second-factor"))
            let question = try await admin.get("/accounts/viewer/second-factor")
            #expect(question.text.contains("Its session ends.") && question.text.contains("10 recovery codes are removed."))
            #expect(try await viewer.post("/accounts/admin/second-factor").status == 403)
            #expect(try await admin.post("/accounts/admin/second-factor").status == 409)
            #expect(try await admin.post("/accounts/nobody/second-factor").status == 404)
            #expect(try await admin.post("/accounts/viewer/second-factor").status == 303)
            #expect(try await viewer.get("/account").status == 303)
            #expect(try await fixture.sendCode("000000", waiting).headers["Location"]?.hasPrefix("/sign-in?") == true)
            #expect(try await fixture.trySignIn("viewer", code: nil).status == 200)
            #expect(try await admin.call("DELETE", "/accounts/viewer/second-factor").status == 409)
            #expect(try await fixture.audit().contains { $0.action == .secondFactorReset && $0.target == "viewer" })
        }
    }

    @Test func theSecretIsSealedAndAnotherKeySealsItAnew() async throws {
        try await WebFixture.with { fixture in
            let (app, _) = try await fixture.addSecondFactor(try await fixture.signIn("viewer"))
            let storage = fixture.services.storage
            let factor = try #require(try await storage.secondFactor(of: AccountName(literal: "viewer")))
            #expect(
                !factor.secret.bytes.contains(app.secret)
                    && !String(decoding: factor.secret.bytes, as: UTF8.self).contains(Base32.encode(app.secret)))
            let vault = fixture.services.vault
            let count = try await storage.reencryptSecrets(audit: .sample(.keyRotated)) { sealed, id, key in
                try vault.seal(try vault.open(sealed, of: id, key), of: id, key)
            }
            #expect(count == 1)
            #expect(try await storage.secondFactor(of: AccountName(literal: "viewer"))?.secret != factor.secret)
            #expect(try await fixture.trySignIn("viewer", code: app.code()).status == 200)
        }
    }

    /// Seals all secrets with a key that the host does not have, as if its key file had been lost.
    private func loseKeys(_ fixture: WebFixture) async throws {
        let other = Vault(try KeyRing([try SealingKey.random()]), time: fixture.time.source)
        let vault = fixture.services.vault
        _ = try await fixture.services.storage.reencryptSecrets(audit: .sample(.keyRotated)) { sealed, id, key in
            try other.seal(try vault.open(sealed, of: id, key), of: id, key)
        }
    }

    @Test(
        "without the key a code of the app is no failure of the person, and a recovery code signs in", arguments: WebFixture.Mode.allCases)
    func lostKey(mode: WebFixture.Mode) async throws {
        try await WebFixture.with(mode) { fixture in
            let (app, codes) = try await fixture.addSecondFactor(try await fixture.signIn("viewer"))
            try await loseKeys(fixture)
            let (first, last) = (try #require(codes.first), try #require(codes.last))
            for _ in 0..<6 {
                let refused = try await fixture.trySignIn("viewer", code: app.code())
                #expect(refused.status == 503 && refused.code == "unavailable" && refused.text.contains("recovery code"), "\(refused.text)")
            }
            let (_, cookie) = try await fixture.beginSignIn("viewer")
            for _ in 0..<6 {
                let page = try await fixture.sendCode(app.code(), cookie)
                #expect(page.status == 503 && page.text.contains("Use a recovery code"), "\(page.text)")
            }
            #expect(try await fixture.sendCode(first, cookie).status == 303)
            #expect(try await fixture.trySignIn("viewer", code: last).status == 200)
        }
    }

    @Test func aSecondFactorThatWasBegunWithALostKeyIsBegunAgain() async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            let body: JSONValue = ["password": .string(WebFixture.password)]
            #expect(try await browser.call("POST", "/account/second-factor", body).status == 201)
            try await loseKeys(fixture)
            let page = try await browser.get("/account/second-factor")
            #expect(page.status == 200 && !page.text.contains("second-factor-secret"), "\(page.text)")
            #expect(try await browser.call("POST", "/account/second-factor/confirmation", ["code": "123456"]).status == 409)
            _ = try await fixture.addSecondFactor(browser)
        }
    }

    @Test(
        "bad input of the second factor is refused",
        arguments: [
            ("/account/second-factor", #"{}"#, "password"), ("/account/second-factor", #"{"password":5}"#, "password"),
            ("/account/second-factor", #"{"password":"x","extra":1}"#, "extra"), ("/account/second-factor/confirmation", #"{}"#, "code"),
            ("/account/second-factor/confirmation", "{\"code\":\"\(String(repeating: "1", count: 65))\"}", "code"),
            ("/account/second-factor/removal", #"{"password":"x"}"#, "code"),
        ])
    func badInput(path: String, body: String, member: String) async throws {
        try await WebFixture.with { fixture in
            let browser = try await fixture.signIn("viewer")
            let answer = try await browser.call("POST", path, JSONValue(try JSONDocument(Array(body.utf8)).root))
            #expect(answer.status == 422 && answer.json["problems"]?.elements.first?["member"]?.string == member, "\(answer.text)")
        }
    }
}

@Suite("The sessions of an account")
struct AccountSessionTests {
    @Test(
        "browsers are named in a few words",
        arguments: [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge on Windows"
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                "Safari on macOS"
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone"
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile Safari/537.36",
                "Chrome on Android"
            ),
            ("curl/8.5.0", "curl"), ("", ""), ("<script>", ""),
        ])
    func words(field: String, words: String) {
        #expect(UserAgent(field).words == words)
    }

    private func signIn(_ fixture: WebFixture, _ agent: String, from address: String) async throws -> Browser {
        let body: JSONValue = ["name": "viewer", "password": .string(WebFixture.password)]
        let answer = try await fixture.send(
            "POST", "/api/v1/session", [("Content-Type", "application/json"), ("User-Agent", agent)], body: body.encoded, from: address)
        return Browser(
            fixture: fixture, cookie: String(answer.headers["Set-Cookie"]?.split(separator: ";").first ?? ""),
            formToken: answer.json["formToken"]?.string ?? "")
    }

    @Test func theListNamesDeviceAddressAndTimesAndMarksTheOwn() async throws {
        try await WebFixture.with { fixture in
            _ = try await signIn(fixture, "curl/8.5.0", from: "192.0.2.7")
            fixture.time.advance(by: 120)
            let browser = try await signIn(fixture, "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", from: "192.0.2.8")
            let list = try await browser.call("GET", "/account/sessions").json["sessions"]?.elements ?? []
            #expect(list.map { $0["device"]?.string } == ["Firefox on Linux", "curl"])
            #expect(list.map { $0["address"]?.string } == ["192.0.2.8", "192.0.2.7"])
            #expect(list.map { $0["current"]?.bool } == [true, false])
            let page = try await browser.get("/account").text
            #expect(page.contains("This browser") && page.contains("From 192.0.2.7.") && page.contains("Sign out everywhere else"))
            #expect(!page.contains(String(browser.cookie.dropFirst(7))), "The token stands on no page.")
        }
    }

    @Test func oneIsEndedAndOthersStay() async throws {
        try await WebFixture.with { fixture in
            let (one, two, own) = (
                try await fixture.signIn("viewer"), try await fixture.signIn("viewer"), try await fixture.signIn("viewer")
            )
            let id = try await ids(of: one).first { $0.current }?.id ?? ""
            #expect(try await own.post("/account/sessions/\(id)/end").headers["Location"] == "/account?notice=session-ended")
            #expect(try await one.get("/account").status == 303)
            #expect(try await two.get("/account").status == 200)
            #expect(try await own.call("DELETE", "/account/sessions/\(id)").status == 404)
            let other = try await ids(of: two).first { $0.current }?.id ?? ""
            #expect(try await own.call("DELETE", "/account/sessions/\(other)").status == 204)
            #expect(try await two.get("/account").status == 303)
            #expect(try await own.get("/account").status == 200)
            #expect(try await fixture.audit().count { $0.action == .sessionEnded && $0.target == "viewer" } == 2)
        }
    }

    @Test func allOthersAreEndedAtOnce() async throws {
        try await WebFixture.with { fixture in
            let (one, own, admin) = (try await fixture.signIn("viewer"), try await fixture.signIn("viewer"), try await fixture.signIn())
            #expect(try await own.call("DELETE", "/account/sessions").status == 204)
            #expect(try await one.get("/account").status == 303)
            #expect(try await own.get("/account").status == 200)
            #expect(try await admin.get("/account").status == 200)
            #expect(try await own.post("/account/sessions/end").headers["Location"] == "/account?notice=sessions-ended")
        }
    }

    @Test func theSessionOfAnotherAccountIsNotFoundAndNotEnded() async throws {
        try await WebFixture.with { fixture in
            let (admin, viewer) = (try await fixture.signIn(), try await fixture.signIn("viewer"))
            let id = try await ids(of: admin).first?.id ?? ""
            #expect(!id.isEmpty)
            #expect(try await viewer.call("DELETE", "/account/sessions/\(id)").status == 404)
            #expect(try await viewer.post("/account/sessions/\(id)/end").status == 404)
            #expect(try await admin.get("/account").status == 200)
        }
    }

    private func ids(of browser: Browser) async throws -> [(id: String, current: Bool)] {
        let list = try await browser.call("GET", "/account/sessions").json["sessions"]?.elements ?? []
        return list.map { ($0["id"]?.string ?? "", $0["current"]?.bool ?? false) }
    }
}
