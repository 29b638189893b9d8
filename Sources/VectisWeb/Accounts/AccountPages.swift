import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// All accounts, and the form for a new one.
struct AccountsPage: WebPage {
    let context: RequestContext
    let accounts: [Account]
    /// The accounts with a second factor.
    var secured: Set<AccountName> = []
    var notice: Notice?
    var typedName = ""
    var typedRole = Role.viewer
    var problems: [AccountService.Field: String] = [:]

    var document: HTML {
        Layout(context, .accounts, title: "Accounts").document(
            """
            <h1>Accounts</h1>
            \(notice?.html)
            <section aria-labelledby="all-accounts"><h2 id="all-accounts" class="hidden">All accounts</h2>
            <ul class="connections">\(each: accounts, row)</ul></section>
            <section aria-labelledby="new-account"><h2 id="new-account">New account</h2>
            \(FormProblems(accounts: problems).html)
            <form method="post" action="/accounts" novalidate>\(FormToken(context.user).field)
            \(FieldRow(name: "name", label: "Name", input: .text(value: typedName), help: "Letters, digits and . _ - @, such as an e-mail address.",
                isRequired: true, problem: problems[.name]).html)
            \(FieldRow(name: "password", label: "First password" as HTML, input: .password(autocomplete: "new-password"),
                help: "At least \(PasswordPolicy.minLength) characters. Its owner can change it.", isRequired: true, problem: problems[.password]).html)
            \(FieldRow(name: "role", label: "Role", input: .choice(value: typedRole.rawValue, options: roles, empty: "Choose a role"),
                help: "A viewer only looks. An operator also works with rules, jobs and company mappings. An admin changes everything.", isRequired: true, problem: problems[.role]).html)
            <div class="buttons"><button class="primary">Create</button></div></form></section>
            """)
    }

    private var roles: [(value: String, label: HTML)] { Role.allCases.map { ($0.rawValue, HTML(term: $0.rawValue)) } }

    private func row(_ account: Account) -> HTML {
        let isOwn = account.name == context.user?.account.name
        let name = account.name.rawValue
        return """
            <li><h3>\(name)</h3><p class="status"><span class="role">\(HTML(term: account.role.rawValue))</span>\(secured.contains(account.name) ? " Second factor." : .empty as HTML)\(isOwn ? " This is you." : .empty as HTML)</p>
            \(isOwn ? .empty : """
                <div class="actions">
                <form method="post" action="/accounts/\(name)/role">\(FormToken(context.user).field)
                \(each: Role.allCases.filter { $0 != account.role }, { "<button name=\"role\" value=\"\($0.rawValue)\">Make \(HTML(term: $0.rawValue))<span class=\"hidden\">: \(name)</span></button> " })</form>

                \(secured.contains(account.name) ? "<a class=\"button\" href=\"/accounts/\(name)/second-factor\">Reset the second factor<span class=\"hidden\"> of \(name)</span></a>" : .empty)
                <a class="button danger" href="/accounts/\(name)/remove">Remove<span class="hidden"> \(name)</span></a></div>
                """ as HTML)
            </li>
            """
    }
}

/// One's own account: the password, the second factor and the sessions.
struct OwnAccountPage: WebPage {
    let context: RequestContext
    let secondFactor: SecondFactorStatus
    let sessions: [SignInSession]
    var notice: Notice?
    var problems: [AccountService.Field: String] = [:]
    /// Language and time zone that were sent, if they are not valid.
    var typedPreferences: (language: String, timeZone: String)?

    var document: HTML {
        Layout(context, .none, title: "Your account").document(
            """
            <div class="narrow"><h1>Your account</h1>
            \(notice?.html)
            <p>You are signed in as <strong>\(context.user?.account.name.rawValue ?? "")</strong>.</p>
            <h2>Change the password</h2>
            \(FormProblems(accounts: problems.filter { [.current, .new].contains($0.key) }).html)
            <form method="post" action="/account" novalidate>\(FormToken(context.user).field)
            \(FieldRow(name: "current", label: "Current password", input: .password(autocomplete: "current-password"), isRequired: true,
                problem: problems[.current]).html)
            \(FieldRow(name: "new", label: "New password" as HTML, input: .password(autocomplete: "new-password"),
                help: "At least \(PasswordPolicy.minLength) characters.", isRequired: true, problem: problems[.new]).html)
            <div class="buttons"><button class="primary">Change</button></div></form>
            \(PreferencesForm(context: context, typed: typedPreferences, problems: problems).html)
            \(SecondFactorSection(status: secondFactor).html)
            \(SessionList(context: context, sessions: sessions).html)</div>
            """)
    }
}

extension FormProblems {
    /// What is wrong with values of an account.
    init(accounts problems: [AccountService.Field: String]) {
        self.init(
            AccountService.Field.allCases.compactMap { field in
                problems[field].map { Item(field: field.input, field.title, HTML(term: $0)) }
            })
    }
}

extension AccountService.Field {
    /// The name of its input.
    fileprivate var input: String { self == .timeZone ? "time-zone" : rawValue }

    /// What forms call it.
    fileprivate var title: HTML {
        switch self {
        case .name: "Name"
        case .password: "First password"
        case .role: "Role"
        case .current: "Current password"
        case .new: "New password"
        case .language: "Language"
        case .timeZone: "Time zone"
        }
    }
}

extension PageRoutes {
    var accountRoutes: [Route] {
        [
            Route(.get, "/account", .viewer) { context in
                var page = try await ownAccountPage(context)
                page.notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/account", .viewer) { try await changePassword($0) },
            Route(.get, "/accounts", .admin) { context in
                let notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(
                    200,
                    AccountsPage(
                        context: context, accounts: try await services.storage.accounts(),
                        secured: try await services.storage.accountsWithSecondFactor(), notice: notice))
            },
            Route(.post, "/accounts", .admin) { try await createAccount($0) },
            Route(.post, "/accounts/{name}/role", .admin) { context in
                let form = try context.form()
                let role = form.text("role")
                if role == Role.admin.rawValue, !form.has("confirmed") { return try await confirmAdministrator(context) }
                _ = try await services.accounts.changeRole(of: context.parameter("name"), to: role, by: context.origin)
                return .redirect(to: "/accounts?notice=account")
            },
            Route(.get, "/accounts/{name}/remove", .admin) { try await confirmRemoval($0) },
            Route(.post, "/accounts/{name}/remove", .admin) { context in
                try await services.accounts.remove(context.parameter("name"), by: context.origin)
                return .redirect(to: "/accounts?notice=account-removed")
            },
        ]
    }

    func ownAccountPage(_ context: RequestContext) async throws -> OwnAccountPage {
        let name = try context.requireSignedInUser().account.name
        return OwnAccountPage(
            context: context, secondFactor: try await services.secondFactors.status(of: name),
            sessions: try await services.signIn.sessions(of: name, now: context.now))
    }

    private func confirmAdministrator(_ context: RequestContext) async throws -> WebResponse {
        guard let name = AccountName(context.parameter("name")), try await services.storage.account(name) != nil else {
            throw AccountChangeError.notFound
        }
        return .page(
            200,
            Confirmation(
                context: context, section: .accounts, origin: ("Accounts", "/accounts"),
                question: "Make “\(name.rawValue)” an administrator?",
                consequences: ["An administrator changes everything: connections with their secrets, API keys, and other accounts."],
                action: "/accounts/\(name.rawValue)/role", fields: [("role", Role.admin.rawValue), ("confirmed", "yes")],
                verb: "Make administrator", isDestructive: false))
    }

    private func confirmRemoval(_ context: RequestContext) async throws -> WebResponse {
        guard let name = AccountName(context.parameter("name")), let account = try await services.storage.account(name) else {
            throw AccountChangeError.notFound
        }
        guard name != context.origin.account else { throw AccountChangeError.own }
        let sessions = try await services.signIn.sessions(of: name, now: context.now).count
        return .page(
            200,
            Confirmation(
                context: context, section: .accounts, origin: ("Accounts", "/accounts"),
                question: "Remove the account “\(name.rawValue)”?",
                consequences: [
                    "Its role is \(HTML(term: account.role.rawValue)). It can’t sign in any more.",
                    sessions == 0
                        ? "It is not signed in." : sessions == 1 ? "Its session ends." : "Its \(sessions) sessions end.",
                    "What it did stays in the audit log.",
                ], action: "/accounts/\(name.rawValue)/remove", verb: "Remove"))
    }

    private func createAccount(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        func refused(_ problems: [AccountService.Field: String]) async throws -> WebResponse {
            let page = AccountsPage(
                context: context, accounts: try await services.storage.accounts(),
                secured: try await services.storage.accountsWithSecondFactor(), typedName: String(form.text("name").prefix(64)),
                typedRole: Role(rawValue: form.text("role")) ?? .viewer, problems: problems)
            return .page(422, page)
        }
        do {
            _ = try await services.accounts.create(
                name: form.text("name"), password: form.text("password"), role: form.text("role"), by: context.origin)
            return .redirect(to: "/accounts?notice=account")
        } catch AccountChangeError.invalid(let problems) {
            return try await refused(problems)
        } catch AccountChangeError.taken(let sentence) {
            return try await refused([.name: sentence])
        }
    }

    private func changePassword(_ context: RequestContext) async throws -> WebResponse {
        let user = try context.requireSignedInUser()
        let form = try context.form()
        do {
            try await services.accounts.changePassword(
                of: user.account, keeping: user.session, from: form.text("current"), to: form.text("new"), by: context.origin)
            return .redirect(to: "/account?notice=password")
        } catch AccountChangeError.invalid(let problems) {
            var page = try await ownAccountPage(context)
            page.problems = problems
            return .page(422, page)
        }
    }
}

extension APIRoutes {
    var accountRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/accounts", .admin) { context in
                try context.allowQuery([])
                return .json(["accounts": .array(try await services.storage.accounts().map(\.json))])
            },
            Route(.post, "\(Self.root)/accounts", .admin) { context in
                var body = try APIBody(context.request)
                let (name, password, role) = (body.text("name"), body.text("password"), body.text("role"))
                try body.finish()
                let account = try await services.accounts.create(name: name, password: password, role: role, by: context.origin)
                return .json(account.json, status: 201)
            },
            Route(.put, "\(Self.root)/accounts/{name}", .admin) { context in
                var body = try APIBody(context.request)
                let role = body.text("role")
                try body.finish()
                return .json(try await services.accounts.changeRole(of: context.parameter("name"), to: role, by: context.origin).json)
            },
            Route(.delete, "\(Self.root)/accounts/{name}", .admin) { context in
                try await services.accounts.remove(context.parameter("name"), by: context.origin)
                return .noContent
            },
            Route(.put, "\(Self.root)/account/password", .viewer) { context in
                let user = try context.requireSignedInUser()
                var body = try APIBody(context.request)
                let (current, new) = (body.text("current"), body.text("new"))
                try body.finish()
                try await services.accounts.changePassword(
                    of: user.account, keeping: user.session, from: current, to: new, by: context.origin)
                return .noContent
            },
        ]
    }
}

extension Account {
    /// The account for programs; never its password.
    fileprivate var json: JSONValue {
        ["name": .string(name.rawValue), "role": .string(role.rawValue), "createdAt": .string(createdAt.formatted(.iso8601))]
    }
}
