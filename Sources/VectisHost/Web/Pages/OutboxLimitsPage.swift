import PSACore

/// The form of the outbox's limits.
struct OutboxLimitsPage: WebPage {
    let context: RequestContext
    /// What is shown, as it was typed.
    var maxAgeHours: String
    var maxWaitMinutes: String
    let revision: Int
    var problems: [(field: String, message: String)] = []
    /// Whether somebody else changed the limits while they were open here.
    var isStale = false
    var notice: Notice?

    init(context: RequestContext, _ stored: StoredOutboxLimits) {
        self.context = context
        maxAgeHours = String(stored.limits.maxAgeHours)
        maxWaitMinutes = String(stored.limits.maxWaitMinutes)
        revision = stored.revision
    }

    var document: HTML {
        Layout(context, .rules, title: "Limits of the outbox").document(
            """
            <p class="crumbs"><a href="/rules">Rules</a></p>
            <h1>Limits of the outbox</h1>
            <p class="lead">They hold for all rules and connections of this host, and for what waits already.</p>
            \(notice?.html)\(isStale ? staleNotice : .empty)
            <form method="post" action="/rules/limits" novalidate>\(FormToken(context.user).field)
            <input type="hidden" name="revision" value="\(revision)">
            \(row("maxAgeHours", "Hours until a job is too old", maxAgeHours, OutboxLimits.maxAgeHoursRange, "What is older is not sent by itself; it is held back until a person releases or drops it."))
            \(row("maxWaitMinutes", "Minutes between two tries, at most", maxWaitMinutes, OutboxLimits.maxWaitMinutesRange, "While the PSA can’t be reached, the wait doubles up to this. If the PSA itself asks for a longer wait, that counts."))
            <p class="help">A write of unknown outcome is looked for after 5, 30 and 120 seconds. That is no setting: searches of a PSA lag behind
            its writes, and a shorter wait could send a ticket twice.</p>
            <div class="buttons"><button class="primary">Save</button><a class="button quiet" href="/rules">Cancel</a></div>
            </form>
            """)
    }

    private var staleNotice: HTML {
        Notice(
            .problem,
            """
            Somebody else has changed the limits since you opened them, and nothing of yours is saved.
            <a href="/rules/limits">Open them again</a> and repeat your change.
            """
        ).html
    }

    private func row(_ name: String, _ label: String, _ value: String, _ range: ClosedRange<Int>, _ help: String) -> HTML {
        FieldRow(
            name: name, label: label, input: .number(value: value), help: "\(help) From \(range.lowerBound) to \(range.upperBound).",
            isRequired: true, problem: problems.first { $0.field == name }?.message, takesFocus: problems.first?.field == name
        ).html
    }
}
