import FoundationEssentials
import PSACore
import WebServer

extension APIRoutes {
    var sessionRoutes: [Route] {
        [
            Route(.post, "\(Self.root)/session", .open) { try await signIn($0) },
            Route(.get, "\(Self.root)/session", .viewer) { context in
                let user = try context.requireVisitor()
                return .json(session(user.account, formToken: user.formToken))
            },
            Route(.delete, "\(Self.root)/session", .viewer) { context in
                let user = try context.requireVisitor()
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
        var body = try APIBody(context.request)
        let (name, password) = (body.text("name"), body.text("password"))
        try body.finish()
        let (token, session) = try await services.signIn.signIn(name: name, password: password, from: context)
        guard let account = try await services.storage.account(session.account) else { throw SignInService.Refusal.wrong }
        var response = WebResponse.json(self.session(account, formToken: services.vault.formToken(for: token)))
        response.headers.append("Set-Cookie", cookie.setting(token))
        return response
    }

    private func session(_ account: Account, formToken: String) -> JSONValue {
        ["account": .string(account.name.rawValue), "role": .string(account.role.rawValue), "formToken": .string(formToken)]
    }
}
