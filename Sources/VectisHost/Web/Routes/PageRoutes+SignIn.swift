import WebServer

extension PageRoutes {
    var signInRoutes: [Route] {
        [
            Route(.get, "/sign-in", .open) { exchange in
                .page(200, SignInPage(exchange: exchange, next: WebPath.safe(exchange.request.queryValue("next") ?? "")))
            },
            Route(.post, "/sign-in", .open) { try await signIn($0) },
            Route(.post, "/sign-out", .viewer) { try await signOut($0) },
        ]
    }

    private func signIn(_ exchange: Exchange) async throws -> WebResponse {
        let form = try exchange.form()
        let next = WebPath.safe(form.text("next"))
        do {
            let (token, _) = try await services.signIn.signIn(name: form.text("name"), password: form.text("password"), from: exchange)
            var response = WebResponse.redirect(to: next)
            response.headers.append("Set-Cookie", SessionCookie(isBehindTLS: services.surroundings.isBehindTLS).setting(token))
            return response
        } catch let refusal as SignInService.Refusal {
            let page = SignInPage(exchange: exchange, next: next, name: String(form.text("name").prefix(64)), refusal: refusal)
            return .page(refusal.status, page)
        }
    }

    private func signOut(_ exchange: Exchange) async throws -> WebResponse {
        if let visitor = exchange.visitor {
            try await services.storage.removeSession(
                tokenDigest: visitor.session.tokenDigest, audit: exchange.audit(.signedOut, visitor.account.name.rawValue))
        }
        var response = WebResponse.redirect(to: "/sign-in")
        response.headers.append("Set-Cookie", SessionCookie(isBehindTLS: services.surroundings.isBehindTLS).clearing)
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
