import WebServer

extension PageRoutes {
    var accountRoutes: [Route] {
        [
            Route(.get, "/account", .viewer) { exchange in
                .page(
                    200, OwnAccountPage(exchange: exchange, notice: exchange.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
                )
            },
            Route(.post, "/account", .viewer) { try await changePassword($0) },
            Route(.get, "/accounts", .admin) { exchange in
                let notice = exchange.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, AccountsPage(exchange: exchange, accounts: try await services.storage.accounts(), notice: notice))
            },
            Route(.post, "/accounts", .admin) { try await createAccount($0) },
            Route(.post, "/accounts/{name}/role", .admin) { exchange in
                let role = try exchange.form().text("role")
                _ = try await services.accounts.changeRole(of: exchange.parameter("name"), to: role, in: exchange)
                return .redirect(to: "/accounts?notice=account")
            },
            Route(.post, "/accounts/{name}/remove", .admin) { exchange in
                try await services.accounts.remove(exchange.parameter("name"), in: exchange)
                return .redirect(to: "/accounts?notice=account-removed")
            },
        ]
    }

    private func createAccount(_ exchange: Exchange) async throws -> WebResponse {
        let form = try exchange.form()
        func refused(_ problems: [AccountService.Field: String]) async throws -> WebResponse {
            let page = AccountsPage(
                exchange: exchange, accounts: try await services.storage.accounts(), typedName: String(form.text("name").prefix(64)),
                typedRole: Role(rawValue: form.text("role")) ?? .viewer, problems: problems)
            return .page(422, page)
        }
        do {
            _ = try await services.accounts.create(
                name: form.text("name"), password: form.text("password"), role: form.text("role"), in: exchange)
            return .redirect(to: "/accounts?notice=account")
        } catch AccountService.Refusal.invalid(let problems) {
            return try await refused(problems)
        } catch AccountService.Refusal.taken(let sentence) {
            return try await refused([.name: sentence])
        }
    }

    private func changePassword(_ exchange: Exchange) async throws -> WebResponse {
        guard let visitor = exchange.visitor else { throw WebFailure(.signInNeeded, "Sign in first.") }
        let form = try exchange.form()
        do {
            try await services.accounts.changePassword(of: visitor, from: form.text("current"), to: form.text("new"), in: exchange)
            return .redirect(to: "/account?notice=password")
        } catch AccountService.Refusal.invalid(let problems) {
            return .page(422, OwnAccountPage(exchange: exchange, problems: problems))
        }
    }
}
