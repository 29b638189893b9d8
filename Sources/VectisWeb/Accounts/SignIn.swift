import FoundationEssentials
import PSACore
import PSAEngine
package import VectisCore
import VectisRules
import WebServer

/// Where a person signs in.
struct SignInPage: WebPage {
    let context: RequestContext
    /// Where to go afterwards.
    let next: String
    /// The name that was typed before.
    var name = ""
    var refusal: SignInError?

    /// Its address, with the page to come back to afterwards.
    static func path(leadingTo next: String) -> String { "/sign-in?next=" + WebPath.encoded(next) }

    private var notice: HTML {
        switch refusal {
        case nil: .empty
        case .wrong, .wrongCode, .codeNeeded, .expired: Notice(.problem, "The name or the password is wrong.").refusing(id: "refusal").html
        case .blocked(let minutes):
            Notice(
                .problem,
                """
                There were too many failed tries. Wait \(minutes) minutes, or use a browser in which you have signed in before; until then no
                other password is accepted.
                """
            ).refusing(id: "refusal").html
        case .secretUnreadable: Notice(.problem, HTML(term: SignInError.secretUnreadableSentence)).refusing(id: "refusal").html
        case .busy(let seconds):
            Notice(.problem, "Many sign-ins wait to be checked. Try again in \(seconds) seconds.").refusing(id: "refusal").html
        }
    }

    /// What the inputs of a refused sign-in refer to; which of them is wrong is not said.
    private var refused: HTML {
        switch refusal {
        case nil: .empty
        case .wrong, .wrongCode, .codeNeeded, .expired: " aria-describedby=\"refusal\" aria-invalid=\"true\""
        case .blocked, .busy, .secretUnreadable: " aria-describedby=\"refusal\""
        }
    }

    var document: HTML {
        Layout(context, .none, title: "Sign in").document(
            """
            <div class="narrow">
            <h1>Sign in</h1>
            \(notice)
            <form method="post" action="/sign-in">
            <input type="hidden" name="next" value="\(next)">
            <div class="field"><label for="name">Name</label>
            <input id="name" name="name" type="text" value="\(name)" autocomplete="username" autocapitalize="off" spellcheck="false" required\(flag: "autofocus", refusal == nil)\(refused)></div>
            <div class="field"><label for="password">Password</label>
            <input id="password" name="password" type="password" autocomplete="current-password" required\(refused)></div>
            <button class="primary">Sign in</button>
            </form>
            <p class="help">The first password was printed when Vectis was started for the first time.</p>
            </div>
            """)
    }
}

extension PageRoutes {
    var signInRoutes: [Route] {
        [
            Route(.get, "/sign-in", .open) { context in
                .page(200, SignInPage(context: context, next: WebPath.safe(context.request.queryValue("next") ?? "")))
            },
            Route(.post, "/sign-in", .open) { try await signIn($0) },
            Route(.post, "/sign-out", .viewer) { try await signOut($0) },
        ]
    }

    private func signIn(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        let next = WebPath.safe(form.text("next"))
        do {
            let devices = DeviceCookie(isBehindTLS: services.environment.isBehindTLS)
            let step = try await services.signIn.begin(
                name: form.text("name"), password: form.text("password"), device: devices.token(in: context.request),
                userAgent: context.request.headers["User-Agent"] ?? "", from: context.origin)
            switch step {
            case .signedIn(let signedIn):
                var response = WebResponse.redirect(to: next)
                response.headers.append(
                    "Set-Cookie", SessionCookie(isBehindTLS: services.environment.isBehindTLS).setting(signedIn.token))
                response.headers.append("Set-Cookie", devices.setting(signedIn.device))
                return response
            case .codeNeeded(let token):
                var response = WebResponse.redirect(to: SignInCodePage.path(leadingTo: next))
                response.headers.append("Set-Cookie", pendingCookie.setting(token))
                return response
            }
        } catch let refusal as SignInError {
            let page = SignInPage(context: context, next: next, name: String(form.text("name").prefix(64)), refusal: refusal)
            var response = WebResponse.page(refusal.status, page)
            if let seconds = refusal.retryAfter { response.headers["Retry-After"] = String(seconds) }
            return response
        }
    }

    private func signOut(_ context: RequestContext) async throws -> WebResponse {
        if let user = context.user {
            try await services.storage.removeSession(
                tokenDigest: user.session.tokenDigest, audit: context.audit(.signedOut, user.account.name.rawValue))
        }
        var response = WebResponse.redirect(to: "/sign-in")
        response.headers.append("Set-Cookie", SessionCookie(isBehindTLS: services.environment.isBehindTLS).clearing)
        return response
    }
}

extension SignInError {
    /// The HTTP status of the error.
    package var status: Int {
        switch self {
        case .wrong, .wrongCode, .codeNeeded, .expired: 401
        case .blocked: 429
        case .busy, .secretUnreadable: 503
        }
    }

    /// The seconds until another try is useful; nil if it is at once.
    package var retryAfter: Int? {
        switch self {
        case .wrong, .wrongCode, .codeNeeded, .expired, .secretUnreadable: nil
        case .blocked(let minutes): minutes * 60
        case .busy(let seconds): seconds
        }
    }
}

extension APIRoutes {
    var sessionRoutes: [Route] {
        [
            Route(.post, "\(Self.root)/session", .open) { try await signIn($0) },
            Route(.get, "\(Self.root)/session", .viewer) { context in
                let user = try context.requireSignedInUser()
                return .json(session(user.account, formToken: user.formToken))
            },
            Route(.delete, "\(Self.root)/session", .viewer) { context in
                let user = try context.requireSignedInUser()
                try await services.storage.removeSession(
                    tokenDigest: user.session.tokenDigest, audit: context.audit(.signedOut, user.account.name.rawValue))
                var response = WebResponse.noContent
                response.headers.append("Set-Cookie", cookie.clearing)
                return response
            },
        ]
    }

    private var cookie: SessionCookie { SessionCookie(isBehindTLS: services.environment.isBehindTLS) }

    private func signIn(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request, nullable: ["code"])
        let (name, password, code) = (body.text("name"), body.text("password"), body.optionalText("code", upTo: 64))
        try body.finish()
        let devices = DeviceCookie(isBehindTLS: services.environment.isBehindTLS)
        let signedIn = try await services.signIn.signIn(
            name: name, password: password, code: code, device: devices.token(in: context.request),
            userAgent: context.request.headers["User-Agent"] ?? "", from: context.origin)
        guard let account = try await services.storage.account(signedIn.session.account) else { throw SignInError.wrong }
        var response = WebResponse.json(self.session(account, formToken: services.vault.formToken(for: signedIn.token)))
        response.headers.append("Set-Cookie", cookie.setting(signedIn.token))
        response.headers.append("Set-Cookie", devices.setting(signedIn.device))
        return response
    }

    private func session(_ account: Account, formToken: String) -> JSONValue {
        ["account": .string(account.name.rawValue), "role": .string(account.role.rawValue), "formToken": .string(formToken)]
    }
}
