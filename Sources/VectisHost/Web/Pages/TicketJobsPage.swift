import PSACore
import PSAEngine

/// The history: every job, the newest first, and for one rule what can be done with it.
struct TicketJobsPage: WebPage {
    static let pageSize = 50

    let context: RequestContext
    /// The rule whose page this is; nil for the history of all.
    let rule: Rule?
    /// All rules there are, for names and pauses.
    let rules: [RuleID: Rule]
    /// What the connection of the rule is called; nil if it was removed, or for the history of all.
    let connectionName: String?
    let jobs: [TicketJob]
    let hasMore: Bool
    let counts: TicketJob.Counts
    let state: TicketJob.State.Name?
    /// Connections whose secrets none of the keys opens.
    var locked: Set<ConnectionID> = []
    var notice: Notice?

    private var path: String { rule.map { "/rules/\($0.id)" } ?? "/jobs" }
    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        let title = rule?.name ?? "History and outbox"
        return Layout(context, .rules, title: title).document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>\(title)</h1>
            \(notice?.html)
            \(rule.map(controls))
            \(rule == nil ? .empty : "<h2>History</h2>")
            \(filter)
            \(jobs.isEmpty ? "<p class=\"empty\">Nothing has fired here.</p>" : list)
            \(more)
            """)
    }

    private var list: HTML {
        "<ul class=\"jobs\">\(each: jobs, { TicketJobRow(job: $0, rule: $0.rule.flatMap { rules[$0] }, isOnRulePage: rule != nil, context: context, isLocked: locked.contains($0.connection)).html })</ul>"
    }

    private func controls(_ rule: Rule) -> HTML {
        """
        \(RuleStateLine(rule: rule).html)
        \(isAdmin ? held(rule) : .empty)
        \(isAdmin ? buttons(rule) : .empty)
        \(RuleFacts(definition: rule.definition, connectionName: connectionName).html)
        \(isAdmin ? removal(rule) : .empty)
        """
    }

    private func held(_ rule: Rule) -> HTML {
        let count = counts.releasable
        guard count > 0 else { return .empty }
        return """
            <div class="notice warning" role="alert" id="needs-review"><strong>Warning:</strong> \(count == 1 ? "One job needs" : "\(count) jobs need") review, and nothing of it was sent.
            Releasing sends \(count == 1 ? "it" : "all of them, one after the other")\(rule.pause == .rateLimited ? ", and lets the rule go on" : "").
            <form method="post" action="\(path)/held" class="actions">\(FormToken(context.user).field)<button name="choice" value="release">Release all</button>
            <button class="danger" name="choice" value="drop">Drop all</button></form></div>
            """
    }

    private func buttons(_ rule: Rule) -> HTML {
        func mode(_ mode: Rule.Mode, _ words: String, isPrimary: Bool = false) -> HTML {
            guard rule.mode != mode else { return .empty }
            return """
                <form method="post" action="\(path)/mode">\(seen(rule))<input type="hidden" name="mode" value="\(mode.rawValue)">
                <button\(attribute: "class", isPrimary ? "primary" : nil)>\(words)</button></form>
                """
        }
        return """
            <div class="actions">\(mode(.active, "Promote: create tickets", isPrimary: true))\(mode(.dryRun, "Back to dry run"))\(mode(.off, "Turn off"))
            <a class="button" href="\(path)/edit">Change</a>
            <form method="post" action="\(path)/replay">\(FormToken(context.user).field)<button>Replay the latest 500 events in dry run</button></form></div>
            """
    }

    /// One more step before what can't be undone.
    private func removal(_ rule: Rule) -> HTML {
        """
        <details><summary>Remove this rule</summary>
        <p class="help">What waits for it is dropped. Its history and the tickets in the PSA stay.</p>
        <form method="post" action="\(path)/remove" class="actions">\(seen(rule))<button class="danger">Remove</button></form></details>
        """
    }

    private func seen(_ rule: Rule) -> HTML {
        "\(FormToken(context.user).field)<input type=\"hidden\" name=\"revision\" value=\"\(rule.revision)\">"
    }

    private var filter: HTML {
        let states = TicketJob.State.Name.allCases.filter { counts[$0] > 0 }
        guard !states.isEmpty else { return .empty }
        return """
            <nav aria-label="States"><p class="actions states">
            <a class="button quiet" href="\(path)"\(attribute: "aria-current", state == nil ? "true" : nil)>All</a>
            \(each: states, { name in
                "<a class=\"button quiet\" href=\"\(path)?state=\(name.rawValue)\"\(attribute: "aria-current", state == name ? "true" : nil)>\(TicketJobRow.word(name)) (\(counts[name]))</a>"
            })</p></nav>
            """
    }

    private var more: HTML {
        guard hasMore, let last = jobs.last else { return .empty }
        let state = state.map { "&state=\($0.rawValue)" } ?? ""
        return "<p><a class=\"button\" href=\"\(path)?before=\(String(last.id.rawValue))\(state)\">Older jobs</a></p>"
    }
}
