import PSACore

/// The tokens of programs that send events; a new one is shown once.
struct TokensPage: WebPage {
    let exchange: Exchange
    let tokens: [APIToken]
    /// The text of the token that was just made.
    var made: Secret?
    var problem: String?
    var notice: Notice?

    var document: HTML {
        Layout(exchange, .rules, title: "Tokens for programs").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>Tokens for programs</h1>
            <p class="lead">A program sends events to <code>POST /api/v1/events</code> with <code>Authorization: Bearer …</code>. A token opens nothing else.</p>
            \(notice?.html)
            \(made.map { Notice(.done, "Copy the token now; it is not shown again: <code id=\"token\">\($0.reveal())</code>").html })
            \(tokens.isEmpty ? "<p class=\"empty\">There is no token yet.</p>" : "<ul class=\"rules\">\(each: tokens, row)</ul>")
            <form method="post" action="/tokens" novalidate>\(FormToken(exchange.visitor).field)
            \(FieldRow(name: "name", label: "Name of the program", input: .text(value: ""), isRequired: true, problem: problem, takesFocus: problem != nil).html)
            <div class="buttons"><button class="primary">Make a token</button></div></form>
            """)
    }

    private func row(_ token: APIToken) -> HTML {
        let used: HTML = token.lastUsedAt.map { "last used \(Moment($0).html)" } ?? "never used"
        let state: HTML =
            token.revokedAt.map { "<p class=\"status\"><span class=\"state\">Revoked</span> \(Moment($0).html)</p>" }
                ?? """
                <form method="post" action="/tokens/\(token.id)/revoke">\(FormToken(exchange.visitor).field)
                <button class="danger">Revoke<span class="hidden"> \(token.name)</span></button></form>
                """
        return "<li><h2>\(token.name)</h2><p class=\"help\">Made \(Moment(token.createdAt).html), \(used)</p>\(state)</li>"
    }
}
