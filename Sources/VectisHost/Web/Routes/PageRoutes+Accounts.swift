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
            Route(.post, "/accounts/{name}/role", .admin) { try await changeRole($0) },
            Route(.post, "/accounts/{name}/remove", .admin) { exchange in
                let account = try await account(exchange)
                try await services.storage.removeAccount(account.name, audit: exchange.audit(.accountRemoved, account.name.rawValue))
                return .redirect(to: "/accounts?notice=account-removed")
            },
        ]
    }

    private func account(_ exchange: Exchange) async throws -> Account {
        guard let name = AccountName(exchange.parameter("name")), let account = try await services.storage.account(name) else {
            throw WebFailure(.notFound, "There is no account of this name.")
        }
        guard name != exchange.visitor?.account.name else {
            throw WebFailure(.conflict, "You can’t change your own role or remove your own account. Another administrator can.")
        }
        return account
    }

    private func createAccount(_ exchange: Exchange) async throws -> WebResponse {
        let form = try exchange.form()
        let name = AccountName(form.text("name"))
        let role = Role(rawValue: form.text("role"))
        var problems: [String: String] = [:]
        if name == nil { problems["name"] = "A name has 1 to 64 letters, digits or . _ - @." }
        if role == nil { problems["role"] = "Choose a role." }
        if let problem = name.flatMap({ services.signIn.passwords.problem(with: form.text("password"), for: $0) }) {
            problems["password"] = problem
        }
        if let name, try await services.storage.account(name) != nil { problems["name"] = "An account of this name exists already." }
        guard let name, let role, problems.isEmpty else {
            let page = AccountsPage(
                exchange: exchange, accounts: try await services.storage.accounts(), typedName: String(form.text("name").prefix(64)),
                typedRole: role ?? .viewer, problems: problems)
            return .page(422, page)
        }
        let account = Account(
            name: name, role: role, passwordHash: try await services.signIn.hash(form.text("password")), createdAt: exchange.now)
        try await services.storage.add(account, audit: exchange.audit(.accountCreated, name.rawValue, .done, "Role: \(role.rawValue)."))
        return .redirect(to: "/accounts?notice=account")
    }

    private func changeRole(_ exchange: Exchange) async throws -> WebResponse {
        var account = try await account(exchange)
        guard let role = Role(rawValue: try exchange.form().text("role")) else {
            throw WebFailure(.invalid, "A role is “admin” or “viewer”.")
        }
        account.role = role
        let audit = exchange.audit(.accountChanged, account.name.rawValue, .done, "Role: \(role.rawValue).")
        try await services.storage.replace(account, keeping: nil, audit: audit)
        return .redirect(to: "/accounts?notice=account")
    }

    private func changePassword(_ exchange: Exchange) async throws -> WebResponse {
        guard let visitor = exchange.visitor else { throw WebFailure(.signInNeeded, "Sign in first.") }
        let form = try exchange.form()
        var page = OwnAccountPage(exchange: exchange)
        if !(try await services.signIn.isPassword(form.text("current"), of: visitor.account, from: exchange)) {
            page.problems["current"] = "This is not your current password."
        }
        page.problems["new"] = services.signIn.passwords.problem(with: form.text("new"), for: visitor.account.name)
        guard page.problems.isEmpty else { return .page(422, page) }
        var account = visitor.account
        account.passwordHash = try await services.signIn.hash(form.text("new"))
        try await services.storage.replace(
            account, keeping: visitor.session, audit: exchange.audit(.passwordChanged, account.name.rawValue))
        return .redirect(to: "/account?notice=password")
    }
}
