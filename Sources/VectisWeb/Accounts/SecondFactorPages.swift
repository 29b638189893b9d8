import FoundationEssentials
import PSACore
import PSAEngine
import QRCode
import VectisCore
import VectisRules
import WebServer

/// What the page of the own account says about the second factor.
struct SecondFactorSection: Sendable {
    let status: SecondFactorStatus

    var html: HTML {
        """
        <section aria-labelledby="second-factor"><h2 id="second-factor">Second factor</h2>
        \(state)
        <p class="actions"><a class="button" href="/account/second-factor">\(status.confirmedAt == nil ? "Set up the second factor" : "Change the second factor" as HTML)</a></p></section>
        """
    }

    private var state: HTML {
        guard let since = status.confirmedAt else {
            return "<p>\(Badge(.neutral, "Off").html) Signing in needs the password only.</p>"
        }
        let left: HTML = status.recoveryCodes == 1 ? "1 recovery code is left." : "\(status.recoveryCodes) recovery codes are left."
        return "<p>\(Badge(.good, "On").html) Signing in asks for a code of the app \(TimestampView(since).since). \(left)</p>"
    }
}

/// Turning the own second factor on and off.
struct SecondFactorPage: WebPage {
    let context: RequestContext
    let status: SecondFactorStatus
    /// The secret that is being set up.
    var setup: SecondFactorSetup?
    /// The recovery codes, just after it was turned on.
    var codes: [Secret] = []
    var passwordProblem: HTML?
    var codeProblem: HTML?

    static let path = "/account/second-factor"

    var document: HTML {
        Layout(context, .none, title: "Second factor").document(
            """
            <div class="narrow"><p class="crumbs"><a href="/account">Your account</a></p>
            <h1>Second factor</h1>
            <p class="lead">An app on your phone shows a code that changes every 30 seconds. Someone who has your password still can’t sign in without it.</p>
            \(FormProblems(problems).html)\(content)</div>
            """)
    }

    private var problems: [FormProblems.Item] {
        let items: [FormProblems.Item?] = [
            passwordProblem.map { .init(field: "password", "Current password", $0) }, codeProblem.map { .init(field: "code", "Code", $0) },
        ]
        return items.compactMap { $0 }
    }

    private var content: HTML {
        if !codes.isEmpty { return recoveryCodes }
        if status.confirmedAt != nil { return on }
        return setup.map(confirmation) ?? off
    }

    private var off: HTML {
        """
        <form method="post" action="\(Self.path)" novalidate>\(FormToken(context.user).field)
        \(password)
        <div class="buttons"><button class="primary">Set up</button> <a class="button" href="/account">Cancel</a></div></form>
        """
    }

    private var password: HTML {
        FieldRow(
            name: "password", label: "Current password", input: .password(autocomplete: "current-password"), isRequired: true,
            message: passwordProblem
        ).html
    }

    private func code(help: String) -> HTML {
        FieldRow(
            name: "code", label: "Code", input: .oneTimeCode, help: help, isRequired: true, message: codeProblem
        ).html
    }

    private func confirmation(_ setup: SecondFactorSetup) -> HTML {
        """
        <h2>1. Add the account to the app</h2>
        <p>Scan this code with an authenticator app, or type the secret into it: type “time-based”, 6 digits, 30 seconds.</p>
        \(Self.picture(of: setup.address.reveal()))
        <dl class="facts"><dt>Secret</dt><dd><code id="second-factor-secret">\(setup.groups.reveal())</code></dd>
        <dt>Address</dt><dd><code id="second-factor-address">\(setup.address.reveal())</code></dd></dl>
        <h2>2. Type the code that the app shows</h2>
        <form method="post" action="\(Self.path)/confirm" novalidate>\(FormToken(context.user).field)
        \(code(help: "6 digits."))
        <div class="buttons"><button class="primary">Turn on</button> <a class="button" href="/account">Cancel</a></div></form>
        """
    }

    private static func picture(of text: String) -> HTML {
        guard let code = QRCode(text) else { return .empty }
        let side = code.size + 8
        return """
            <svg class="qr" viewBox="-4 -4 \(side) \(side)" role="img" aria-label="QR code with the secret"><rect class="light" x="-4" y="-4" width="\(side)" height="\(side)"/>\
            <path class="dark" d="\(code.path)"/></svg>
            """
    }

    private var recoveryCodes: HTML {
        """
        \(Notice(.done, "The second factor is on. Your other sessions have ended.").html)
        <h2>Recovery codes</h2>
        <p>Each lets you in once if you lose the phone. Keep them where the phone is not; they are not shown again.</p>
        \(CodeBlock(id: "recovery-codes", text: codes.map { $0.reveal() }.joined(separator: "\n")).html)
        <p class="actions"><a class="button primary" href="/account">I have kept them</a></p>
        """
    }

    private var on: HTML {
        """
        \(SecondFactorSection.line(status))
        <h2>Turn off</h2>
        <p class="help">For a new phone or new recovery codes, turn it off and set it up again.</p>
        <form method="post" action="\(Self.path)/remove" novalidate>\(FormToken(context.user).field)
        \(password)
        \(code(help: "The code of the app, or a recovery code."))
        <div class="buttons"><button class="danger">Turn off</button> <a class="button" href="/account">Cancel</a></div></form>
        """
    }
}

extension SecondFactorSection {
    /// Whether it is on, in a line.
    fileprivate static func line(_ status: SecondFactorStatus) -> HTML { SecondFactorSection(status: status).state }
}

/// Asks for the code after the password.
struct SignInCodePage: WebPage {
    let context: RequestContext
    /// Where to go afterwards.
    let next: String
    var refusal: SignInError?

    static let path = "/sign-in/code"

    /// Its address, with the page to come back to afterwards.
    static func path(leadingTo next: String) -> String { "\(path)?next=" + WebPath.encoded(next) }

    var document: HTML {
        Layout(context, .none, title: "Sign in").document(
            """
            <div class="narrow"><h1>Sign in</h1>
            \(notice)
            <form method="post" action="\(Self.path)">
            <input type="hidden" name="next" value="\(next)">
            <div class="field"><label for="code">Code of the app</label>
            <input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" autocapitalize="off" spellcheck="false" required\(flag: "autofocus", refusal == nil) aria-describedby="code-help\(refusal == nil ? "" : " refusal")"\(attribute: "aria-invalid", refusal == .wrongCode ? "true" : nil)>
            <p class="help" id="code-help">6 digits. Without the phone, type a recovery code; an administrator can reset the second factor.</p></div>
            <button class="primary">Sign in</button>
            <a class="button quiet" href="/sign-in">Use another account</a>
            </form></div>
            """)
    }

    private var notice: HTML {
        switch refusal {
        case .wrongCode: Notice(.problem, "The code is wrong or was used before. Wait for the next one.").refusing(id: "refusal").html
        case .blocked(let minutes):
            Notice(.problem, "There were too many failed tries. Wait \(minutes) minutes.").refusing(id: "refusal").html
        case .secretUnreadable: Notice(.problem, HTML(term: SignInError.secretUnreadableSentence)).refusing(id: "refusal").html
        default: .empty
        }
    }
}

extension PageRoutes {
    /// The second factor of the own account, of others, and at the sign-in.
    var secondFactorRoutes: [Route] {
        [
            Route(.get, SecondFactorPage.path, .viewer) { .page(200, try await secondFactorPage($0)) },
            Route(.post, SecondFactorPage.path, .viewer) { context in
                let (user, form) = (try context.requireSignedInUser(), try context.form())
                var page = try await secondFactorPage(context)
                do {
                    page.setup = try await services.secondFactors.begin(
                        for: user.account, password: form.text("password"), signIn: services.signIn, by: context.origin)
                    return .redirect(to: SecondFactorPage.path)
                } catch SecondFactorError.wrongPassword {
                    (page.setup, page.passwordProblem) = (nil, HTML(term: SecondFactorError.wrongPassword.sentence))
                    return .page(422, page)
                }
            },
            Route(.post, SecondFactorPage.path + "/confirm", .viewer) { context in
                let (user, form) = (try context.requireSignedInUser(), try context.form())
                do {
                    let codes = try await services.secondFactors.confirm(
                        form.text("code"), for: user.account, keeping: user.session, signIn: services.signIn, by: context.origin)
                    var page = try await secondFactorPage(context)
                    page.codes = codes
                    return .page(201, page)
                } catch SecondFactorError.wrongCode {
                    var page = try await secondFactorPage(context)
                    page.codeProblem = HTML(term: SecondFactorError.wrongCode.sentence)
                    return .page(422, page)
                }
            },
            Route(.post, SecondFactorPage.path + "/remove", .viewer) { context in
                let (user, form) = (try context.requireSignedInUser(), try context.form())
                do {
                    try await services.secondFactors.turnOff(
                        for: user.account, password: form.text("password"), code: form.text("code"), signIn: services.signIn,
                        by: context.origin)
                    return .redirect(to: "/account?notice=second-factor-off")
                } catch let refusal as SecondFactorError where refusal != .off {
                    var page = try await secondFactorPage(context)
                    let sentence = HTML(term: refusal.sentence)
                    if refusal == .wrongPassword { page.passwordProblem = sentence } else { page.codeProblem = sentence }
                    return .page(422, page)
                }
            },
            Route(.get, "/accounts/{name}/second-factor", .admin) { try await confirmReset($0) },
            Route(.post, "/accounts/{name}/second-factor", .admin) { context in
                try await services.secondFactors.reset(context.parameter("name"), by: context.origin)
                return .redirect(to: "/accounts?notice=second-factor-reset")
            },
            Route(.get, SignInCodePage.path, .open) { context in
                .page(200, SignInCodePage(context: context, next: WebPath.safe(context.request.queryValue("next") ?? "")))
            },
            Route(.post, SignInCodePage.path, .open) { try await finishSignIn($0) },
        ]
    }

    /// The cookie of a sign-in that waits for its code.
    var pendingCookie: SessionCookie { SessionCookie(isBehindTLS: services.environment.isBehindTLS, kind: .pending) }

    private func secondFactorPage(_ context: RequestContext) async throws -> SecondFactorPage {
        let account = try context.requireSignedInUser().account.name
        return SecondFactorPage(
            context: context, status: try await services.secondFactors.status(of: account),
            setup: try await services.secondFactors.setup(of: account))
    }

    private func confirmReset(_ context: RequestContext) async throws -> WebResponse {
        guard let name = AccountName(context.parameter("name")), let account = try await services.storage.account(name) else {
            throw AccountChangeError.notFound
        }
        guard name != context.origin.account else { throw AccountChangeError.own }
        let status = try await services.secondFactors.status(of: account.name)
        let sessions = try await services.signIn.sessions(of: account.name, now: context.now).count
        return .page(
            200,
            Confirmation(
                context: context, section: .accounts, origin: ("Accounts", "/accounts"),
                question: "Reset the second factor of “\(account.name.rawValue)”?",
                consequences: status.confirmedAt == nil
                    ? ["The account has no second factor."]
                    : [
                        "The account can sign in with its password alone, until its owner sets up a second factor again.",
                        sessions == 1 ? "Its session ends." : "Its \(sessions) sessions end.",
                        status.recoveryCodes == 1 ? "1 recovery code is removed." : "\(status.recoveryCodes) recovery codes are removed.",
                    ], action: "/accounts/\(account.name.rawValue)/second-factor", verb: "Reset"))
    }

    private func finishSignIn(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        let next = WebPath.safe(form.text("next"))
        guard let token = pendingCookie.token(in: context.request) else { return .redirect(to: SignInPage.path(leadingTo: next)) }
        let devices = DeviceCookie(isBehindTLS: services.environment.isBehindTLS)
        do {
            let signedIn = try await services.signIn.finish(
                token, code: form.text("code"), device: devices.token(in: context.request), from: context.origin)
            var response = WebResponse.redirect(to: next)
            response.headers.append("Set-Cookie", SessionCookie(isBehindTLS: services.environment.isBehindTLS).setting(signedIn.token))
            response.headers.append("Set-Cookie", devices.setting(signedIn.device))
            response.headers.append("Set-Cookie", pendingCookie.clearing)
            return response
        } catch SignInError.expired {
            var response = WebResponse.redirect(to: SignInPage.path(leadingTo: next))
            response.headers.append("Set-Cookie", pendingCookie.clearing)
            return response
        } catch let refusal as SignInError {
            var response = WebResponse.page(refusal.status, SignInCodePage(context: context, next: next, refusal: refusal))
            if let seconds = refusal.retryAfter { response.headers["Retry-After"] = String(seconds) }
            return response
        }
    }
}

extension APIRoutes {
    /// The second factor of the own account, and of others.
    var secondFactorRoutes: [Route] {
        let root = "\(Self.root)/account/second-factor"
        return [
            Route(.get, root, .viewer) { context in
                try context.allowQuery([])
                let status = try await services.secondFactors.status(of: try context.requireSignedInUser().account.name)
                return .json(
                    .init(present: [
                        ("on", .bool(status.confirmedAt != nil)),
                        ("since", status.confirmedAt.map { .string($0.formatted(.iso8601)) }),
                        ("recoveryCodesLeft", .integer(status.recoveryCodes)),
                    ]))
            },
            Route(.post, root, .viewer) { context in
                let user = try context.requireSignedInUser()
                var body = try APIBody(context.request)
                let password = body.text("password")
                try body.finish()
                let setup = try await services.secondFactors.begin(
                    for: user.account, password: password, signIn: services.signIn, by: context.origin)
                return .json(["secret": .string(setup.secret.reveal()), "address": .string(setup.address.reveal())], status: 201)
            },
            Route(.post, root + "/confirmation", .viewer) { context in
                let user = try context.requireSignedInUser()
                var body = try APIBody(context.request)
                let code = body.text("code", upTo: 64)
                try body.finish()
                let codes = try await services.secondFactors.confirm(
                    code, for: user.account, keeping: user.session, signIn: services.signIn, by: context.origin)
                return .json(["recoveryCodes": .array(codes.map { .string($0.reveal()) })])
            },
            Route(.post, root + "/removal", .viewer) { context in
                let user = try context.requireSignedInUser()
                var body = try APIBody(context.request)
                let (password, code) = (body.text("password"), body.text("code", upTo: 64))
                try body.finish()
                try await services.secondFactors.turnOff(
                    for: user.account, password: password, code: code, signIn: services.signIn, by: context.origin)
                return .noContent
            },
            Route(.delete, "\(Self.root)/accounts/{name}/second-factor", .admin) { context in
                try await services.secondFactors.reset(context.parameter("name"), by: context.origin)
                return .noContent
            },
        ]
    }
}
