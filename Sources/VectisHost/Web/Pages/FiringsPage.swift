import PSACore

/// The history: every firing, the newest first, and for one rule what can be done with it.
struct FiringsPage: WebPage {
    static let pageSize = 50

    let exchange: Exchange
    /// The rule whose page this is; nil for the history of all.
    let rule: Rule?
    let ruleNames: [RuleID: String]
    let firings: [Firing]
    let hasMore: Bool
    let counts: [String: Int]
    let state: String?
    var notice: Notice?

    private var path: String { rule.map { "/rules/\($0.id)" } ?? "/firings" }
    private var isAdmin: Bool { exchange.visitor?.isAdmin ?? false }

    var document: HTML {
        let title = rule?.name ?? "History and outbox"
        return Layout(exchange, .rules, title: title).document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>\(title)</h1>
            \(notice?.html)
            \(rule.map(controls))
            <h2>History</h2>
            \(filter)
            \(firings.isEmpty ? "<p class=\"empty\">Nothing has fired here.</p>" : list)
            \(more)
            """)
    }

    private var list: HTML {
        "<ul class=\"firings\">\(each: firings, { FiringRow(firing: $0, ruleName: ruleNames[$0.rule] ?? "a removed rule", exchange: exchange).html })</ul>"
    }

    private func controls(_ rule: Rule) -> HTML {
        """
        \(RuleStateLine(rule: rule).html)
        \(isAdmin ? buttons(rule) : .empty)
        """
    }

    private func buttons(_ rule: Rule) -> HTML {
        let held = counts["held"] ?? 0
        let token = FormToken(exchange.visitor).field
        let seen: HTML = "\(token)<input type=\"hidden\" name=\"revision\" value=\"\(rule.revision)\">"
        func mode(_ mode: Rule.Mode, _ words: String, isPrimary: Bool = false) -> HTML {
            guard rule.mode != mode else { return .empty }
            return """
                <form method="post" action="\(path)/mode">\(seen)<input type="hidden" name="mode" value="\(mode.rawValue)">
                <button\(attribute: "class", isPrimary ? "primary" : nil)>\(words)</button></form>
                """
        }
        let release: HTML =
            held == 0
            ? .empty
            : """
            <div class="notice warning" role="alert"><strong>Warning:</strong> \(held) firings are held back.
            <div class="actions"><form method="post" action="\(path)/held">\(token)<button name="choice" value="release">Release all</button>
            <button class="danger" name="choice" value="drop">Drop all</button></form></div></div>
            """
        return """
            \(release)
            <div class="actions">\(mode(.active, "Promote: create tickets", isPrimary: true))\(mode(.dryRun, "Back to dry run"))\(mode(.off, "Turn off"))
            <a class="button" href="\(path)/edit">Change</a>
            <form method="post" action="\(path)/replay">\(token)<button>Replay the latest 500 events in dry run</button></form>
            <form method="post" action="\(path)/remove">\(seen)<button class="danger">Remove</button></form></div>
            """
    }

    private var filter: HTML {
        let states = FiringState.names.filter { counts[$0] != nil }
        guard !states.isEmpty else { return .empty }
        return """
            <nav aria-label="States"><p class="actions">
            <a class="button quiet" href="\(path)"\(attribute: "aria-current", state == nil ? "true" : nil)>All</a>
            \(each: states, { name in
                "<a class=\"button quiet\" href=\"\(path)?state=\(name)\"\(attribute: "aria-current", state == name ? "true" : nil)>\(FiringRow.word(name)) (\(counts[name] ?? 0))</a>"
            })</p></nav>
            """
    }

    private var more: HTML {
        guard hasMore, let last = firings.last else { return .empty }
        let state = state.map { "&state=\($0)" } ?? ""
        return "<p><a class=\"button\" href=\"\(path)?before=\(String(last.id.rawValue))\(state)\">Older firings</a></p>"
    }
}
