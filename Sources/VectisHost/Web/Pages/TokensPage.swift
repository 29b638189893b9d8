import PSACore

/// The tokens of programs that send events; a new one is shown once.
struct TokensPage: WebPage {
    let context: RequestContext
    let tokens: [APIToken]
    /// The text of the token that was just made.
    var made: Secret?
    /// What was typed for a new one.
    var name = ""
    var namespace = ""
    var problem: String?
    var namespaceProblem: String?
    var notice: Notice?

    private static let namespaceHelp =
        "Within a namespace, source and id name one event. Left empty, the token has its own. Tokens that replace one another, or take turns, share a name."

    var document: HTML {
        Layout(context, .rules, title: "Tokens for programs").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>Tokens for programs</h1>
            <p class="lead">A program sends events to <code>POST /api/v1/events</code> with <code>Authorization: Bearer …</code>. A token opens nothing else.</p>
            \(notice?.html)
            \(made.map { Notice(.done, "Copy the token now; it is not shown again: <code id=\"token\">\($0.reveal())</code>").html })
            \(tokens.isEmpty ? "<p class=\"empty\">There is no token yet.</p>" : "<ul class=\"rules\">\(each: tokens, row)</ul>")
            <form method="post" action="/tokens" novalidate>\(FormToken(context.user).field)
            \(FieldRow(name: "name", label: "Name of the program", input: .text(value: name), isRequired: true, problem: problem, takesFocus: problem != nil).html)
            \(FieldRow(name: "namespace", label: "Shared namespace", input: .text(value: namespace), help: Self.namespaceHelp, example: "backup", problem: namespaceProblem, takesFocus: problem == nil && namespaceProblem != nil).html)
            <div class="buttons"><button class="primary">Make a token</button></div></form>
            """)
    }

    private func row(_ token: APIToken) -> HTML {
        let used: HTML = token.lastUsedAt.map { "last used \(TimestampView($0).html)" } ?? "never used"
        let state: HTML =
            token.revokedAt.map { "<p class=\"status\"><span class=\"state\">Revoked</span> \(TimestampView($0).html)</p>" }
                ?? """
                \(namespaceForm(token))
                <form method="post" action="/tokens/\(token.id)/revoke">\(FormToken(context.user).field)
                <button class="danger">Revoke<span class="hidden"> \(token.name)</span></button></form>
                """
        let space: HTML = token.sharedNamespace.map { "shares the namespace <code>\($0.rawValue)</code>" } ?? "has its own namespace"
        return "<li><h2>\(token.name)</h2><p class=\"help\">Made \(TimestampView(token.createdAt).html), \(used), \(space)</p>\(state)</li>"
    }

    private func namespaceForm(_ token: APIToken) -> HTML {
        let id = "namespace-\(token.id)"
        return """
            <details><summary>Change the namespace<span class="hidden"> of \(token.name)</span></summary>
            <form method="post" action="/tokens/\(token.id)/namespace" novalidate>\(FormToken(context.user).field)
            <div class="field"><label for="\(id)">Shared namespace <span class="optional">optional</span></label>
            <input type="text" id="\(id)" name="namespace" value="\(token.sharedNamespace?.rawValue ?? "")" autocomplete="off" spellcheck="false" autocapitalize="off"></div>
            <div class="buttons"><button>Save<span class="hidden"> the namespace of \(token.name)</span></button></div></form></details>
            """
    }
}
