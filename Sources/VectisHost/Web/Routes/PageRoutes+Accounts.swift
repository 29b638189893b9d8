import WebServer

extension PageRoutes {
    var accountRoutes: [Route] {
        [
            Route(.get, "/account", .viewer) { context in
                .page(
                    200, OwnAccountPage(context: context, notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
                )
            },
            Route(.post, "/account", .viewer) { try await changePassword($0) },
            Route(.get, "/accounts", .admin) { context in
                let notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, AccountsPage(context: context, accounts: try await services.storage.accounts(), notice: notice))
            },
            Route(.post, "/accounts", .admin) { try await createAccount($0) },
            Route(.post, "/accounts/{name}/role", .admin) { context in
                let role = try context.form().text("role")
                _ = try await services.accounts.changeRole(of: context.parameter("name"), to: role, in: context)
                return .redirect(to: "/accounts?notice=account")
            },
            Route(.post, "/accounts/{name}/remove", .admin) { context in
                try await services.accounts.remove(context.parameter("name"), in: context)
                return .redirect(to: "/accounts?notice=account-removed")
            },
        ]
    }

    private func createAccount(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        func refused(_ problems: [AccountService.Field: String]) async throws -> WebResponse {
            let page = AccountsPage(
                context: context, accounts: try await services.storage.accounts(), typedName: String(form.text("name").prefix(64)),
                typedRole: Role(rawValue: form.text("role")) ?? .viewer, problems: problems)
            return .page(422, page)
        }
        do {
            _ = try await services.accounts.create(
                name: form.text("name"), password: form.text("password"), role: form.text("role"), in: context)
            return .redirect(to: "/accounts?notice=account")
        } catch AccountService.Refusal.invalid(let problems) {
            return try await refused(problems)
        } catch AccountService.Refusal.taken(let sentence) {
            return try await refused([.name: sentence])
        }
    }

    private func changePassword(_ context: RequestContext) async throws -> WebResponse {
        guard let user = context.user else { throw WebError(.signInNeeded, "Sign in first.") }
        let form = try context.form()
        do {
            try await services.accounts.changePassword(of: user, from: form.text("current"), to: form.text("new"), in: context)
            return .redirect(to: "/account?notice=password")
        } catch AccountService.Refusal.invalid(let problems) {
            return .page(422, OwnAccountPage(context: context, problems: problems))
        }
    }
}
