/// All accounts, and the form for a new one.
struct AccountsPage: WebPage {
    let context: RequestContext
    let accounts: [Account]
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
            <form method="post" action="/accounts" novalidate>\(FormToken(context.user).field)
            \(FieldRow(name: "name", label: "Name", input: .text(value: typedName), help: "Letters, digits and . _ - @, such as an e-mail address.",
                isRequired: true, problem: problems[.name], takesFocus: problems[.name] != nil).html)
            \(FieldRow(name: "password", label: "First password", input: .password(autocomplete: "new-password"),
                help: "At least \(PasswordPolicy.shortest) characters. Its owner can change it.", isRequired: true, problem: problems[.password],
                takesFocus: problems[.name] == nil && problems[.password] != nil).html)
            \(FieldRow(name: "role", label: "Role", input: .choice(value: typedRole.rawValue, options: roles, empty: "Choose a role"),
                help: "A viewer sees connections, guides and the audit log. An admin changes them.", isRequired: true, problem: problems[.role]).html)
            <div class="buttons"><button class="primary">Create</button></div></form></section>
            """)
    }

    private var roles: [(value: String, label: String)] { Role.allCases.map { ($0.rawValue, $0.rawValue) } }

    private func row(_ account: Account) -> HTML {
        let isOwn = account.name == context.user?.account.name
        let other: Role = account.role == .admin ? .viewer : .admin
        let name = account.name.rawValue
        return """
            <li><h3>\(name)</h3><p class="status"><span class="role">\(account.role.rawValue)</span>\(isOwn ? " This is you." : "")</p>
            \(isOwn ? .empty : """
                <div class="actions">
                <form method="post" action="/accounts/\(name)/role">\(FormToken(context.user).field)<input type="hidden" name="role" value="\(other.rawValue)">
                <button>Make \(other.rawValue)<span class="hidden">: \(name)</span></button></form>
                <form method="post" action="/accounts/\(name)/remove">\(FormToken(context.user).field)
                <button class="danger">Remove<span class="hidden"> \(name)</span></button></form></div>
                """ as HTML)
            </li>
            """
    }
}

/// One's own account: changing the password.
struct OwnAccountPage: WebPage {
    let context: RequestContext
    var notice: Notice?
    var problems: [AccountService.Field: String] = [:]

    var document: HTML {
        Layout(context, .none, title: "Your account").document(
            """
            <div class="narrow"><h1>Your account</h1>
            \(notice?.html)
            <p>You are signed in as <strong>\(context.user?.account.name.rawValue ?? "")</strong>.</p>
            <h2>Change the password</h2>
            <form method="post" action="/account" novalidate>\(FormToken(context.user).field)
            \(FieldRow(name: "current", label: "Current password", input: .password(autocomplete: "current-password"), isRequired: true,
                problem: problems[.current], takesFocus: problems[.current] != nil).html)
            \(FieldRow(name: "new", label: "New password", input: .password(autocomplete: "new-password"),
                help: "At least \(PasswordPolicy.shortest) characters.", isRequired: true, problem: problems[.new],
                takesFocus: problems[.current] == nil && problems[.new] != nil).html)
            <div class="buttons"><button class="primary">Change</button></div></form></div>
            """)
    }
}
