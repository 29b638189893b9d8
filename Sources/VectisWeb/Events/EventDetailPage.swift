import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// One event: what it says, its jobs, and what each rule makes of it.
struct EventDetailPage: WebPage {
    /// The rules whose conditions are shown; of further ones only the answer is.
    private static let explainedRules = 40
    /// The most rules that are listed.
    private static let listedRules = 200
    /// The most characters of a text that are shown.
    static let shownText = 10_000

    let context: RequestContext
    let stored: StoredEvent
    let files: [EventFile]
    let jobs: [TicketJob]
    let rules: [Rule]
    let connections: [StoredConnection]

    private var event: HostEvent { stored.event }
    private var isOperator: Bool { context.user?.isOperator ?? false }

    var document: HTML {
        Layout(context, .events, title: "\(event.shortText)").document(
            """
            <p class="crumbs"><a href="/events">Events</a></p>
            <h1>\(event.shortText)</h1>
            <p class="status">\(event.severity.badge.html) <code>\(event.type)</code></p>
            \(facts)
            \(text)
            <section aria-labelledby="became"><h2 id="became">What became of it</h2>\(outcome)</section>
            <section aria-labelledby="rules"><h2 id="rules">What each rule makes of it</h2>
            <p class="help">By the rules as they are now. A rule that matches later creates nothing from an event that has arrived already.</p>
            \(ruleList)</section>
            """)
    }

    private var facts: HTML {
        let company = [event.company, event.companyID.isEmpty ? "" : "id \(event.companyID)"].filter { !$0.isEmpty }.joined(separator: ", ")
        let connection = event.connection.flatMap { id in connections.first { $0.id == id } }
        return """
            <dl class="facts">
            <dt>Arrived</dt><dd>\(TimestampView(event.receivedAt).html)</dd>
            <dt>Happened</dt><dd>\(TimestampView(event.at).html)</dd>
            <dt>Source</dt><dd>\(event.source)</dd>
            <dt>The sender’s id</dt><dd><code>\(event.senderID)</code></dd>
            <dt>Company</dt><dd>\(company.isEmpty ? "None" as HTML : "\(company)")</dd>
            <dt>Device</dt><dd>\(event.device.isEmpty ? "None" as HTML : "\(event.device)")</dd>
            \(event.connection == nil ? .empty : "<dt>Found in the copy of</dt><dd>\(connection.map { HTML(text: $0.name) } ?? "a connection that was removed")</dd>" as HTML)
            \(files.isEmpty ? .empty : "<dt>Files</dt><dd>\(each: files, { "\($0.name) (\(TicketJobRow.size($0.byteCount)))<br>" })</dd>" as HTML)
            <dt>Its number here</dt><dd>\(String(stored.id.rawValue))</dd>
            </dl>
            """
    }

    private var text: HTML {
        let shown = String(event.text.prefix(Self.shownText))
        let cut: HTML = shown.utf8.count < event.text.utf8.count ? "<p class=\"help\">The text goes on; this is its beginning.</p>" : .empty
        return "<h2>Text</h2><pre class=\"long-text\" tabindex=\"0\">\(shown)</pre>\(cut)"
    }

    private var outcome: HTML {
        guard !jobs.isEmpty else {
            return "<p>\(EventOutcome(stored: stored, jobs: [], isOperator: isOperator).html)</p>"
        }
        return "<ul class=\"jobs\">\(each: jobs, job)</ul>"
    }

    private func job(_ job: TicketJob) -> HTML {
        let rule = rules.first { $0.id == job.rule }
        let connection = connections.first { $0.id == job.connection }
        return """
            <li class="\(job.state.name.rawValue)"><p class="status">\(TicketJobRow.badge(job.state.name).html)
            <a href="/jobs/\(String(job.id.rawValue))">\(job.payload.summary)</a></p>
            <p class="help">\(rule.map { "<a href=\"/rules/\($0.id.rawValue)\">\($0.name)</a>" as HTML } ?? "a removed rule") · \(connection.map { HTML(text: $0.name) } ?? "a connection that was removed")\(ticket(job))</p></li>
            """
    }

    private func ticket(_ job: TicketJob) -> HTML {
        guard let ticket = job.state.ticket else { return .empty }
        return " · Ticket \(TicketJobRow(job: job, rule: nil, isOnRulePage: false, context: context).link(ticket))"
    }

    private var ruleList: HTML {
        guard !rules.isEmpty else {
            return EmptyState(
                title: "There is no rule yet.", text: "A rule creates a ticket when an event matches its conditions.",
                action: isOperator
                    ? "<a class=\"button\" href=\"/rules/new?event=\(String(stored.id.rawValue))\">Make a rule from this</a>" : .empty
            ).html
        }
        let order: [RuleExplanation.Answer] = [.holds, .open, .fails]
        let explained = rules.map { (rule: $0, explanation: RuleExplanation($0.definition, event)) }
        let sorted = order.flatMap { answer in explained.filter { $0.explanation.answer == answer } }
        let rest = sorted.count - Self.listedRules
        return """
            <ul class="jobs">\(each: Array(sorted.prefix(Self.listedRules).enumerated()), { entry($0.element.rule, $0.element.explanation, isExplained: $0.offset < Self.explainedRules) })</ul>
            \(rest > 0 ? "<p class=\"help\">\(rest) more rules are not shown.</p>" as HTML : .empty)
            """
    }

    private func entry(_ rule: Rule, _ explanation: RuleExplanation, isExplained: Bool) -> HTML {
        let conditions: HTML =
            isExplained
            ? "<details\(flag: "open", rules.count <= 3)><summary>Conditions<span class=\"hidden\"> of \(rule.name)</span></summary>\(RuleExplanationView(explanation: explanation, event: event).html)</details>"
            : .empty
        let changed: HTML = rule.changedAt > event.receivedAt ? " · changed since the event arrived" : .empty
        let mode: HTML = rule.mode == .off ? "Off: it is not evaluated" : RuleState(rule).name.words
        return """
            <li><p class="status">\(RuleExplanationView.badge(explanation.answer).html) <a href="/rules/\(rule.id.rawValue)">\(rule.name)</a></p>
            <p class="help">\(mode)\(changed)</p>\(conditions)</li>
            """
    }
}
