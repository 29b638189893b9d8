import WebServer

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
            let (token, _) = try await services.signIn.signIn(name: form.text("name"), password: form.text("password"), from: context)
            var response = WebResponse.redirect(to: next)
            response.headers.append("Set-Cookie", SessionCookie(isBehindTLS: services.environment.isBehindTLS).setting(token))
            return response
        } catch let refusal as SignInService.Refusal {
            let page = SignInPage(context: context, next: next, name: String(form.text("name").prefix(64)), refusal: refusal)
            return .page(refusal.status, page)
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

extension SignInService.Refusal {
    /// The status that stands for the refusal.
    var status: Int {
        switch self {
        case .wrong: 401
        case .blocked: 429
        }
    }
}
