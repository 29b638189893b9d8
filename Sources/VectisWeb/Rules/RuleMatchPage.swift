import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// Shows which rules would fire for an event, and which of their conditions hold.
struct RuleMatchPage: WebPage {
    let context: RequestContext
    /// What is in the form.
    let draft: EventDraft
    /// The events that can be chosen, the latest first.
    let recent: [StoredEvent]
    /// The stored event that was chosen; nil for one that was typed, or for none.
    let chosen: StoredEvent?
    /// What each rule makes of the event, those that fire first; empty until an event is given.
    let rules: [(rule: Rule, explanation: RuleExplanation)]
    /// How many rules there are beyond those that were looked at.
    var left = 0

    /// How many rules are explained at most; the others are counted.
    static let maxRules = 100

    /// An event as it was typed.
    struct EventDraft: Sendable {
        var type = ""
        var source = ""
        var severity = HostEvent.Severity.error
        var company = ""
        var device = ""
        var text = ""

        /// Whether nothing was typed.
        var isEmpty: Bool { type.isEmpty && source.isEmpty && company.isEmpty && device.isEmpty && text.isEmpty }

        /// Reads a query; each text is cut to what an event may have.
        init(_ request: WebRequest) {
            func text(_ name: String) -> String { String((request.queryValue(name) ?? "").trimmingSpaces.prefix(500)) }
            type = text("type")
            source = text("source")
            severity = HostEvent.Severity(rawValue: text("severity")) ?? .error
            company = text("company")
            device = text("device")
            self.text = text("text")
        }

        func event(at time: Date) -> HostEvent {
            HostEvent(
                source: source, senderID: "", type: type, severity: severity, company: company, companyID: "", device: device, text: text,
                at: time, receivedAt: time)
        }
    }

    var document: HTML {
        Layout(context, .rules, title: "Which rules match an event?").document(
            """
            <h1>Which rules match an event?</h1>
            \(RuleTabs(context: context, current: "/rules/match").html)
            <p class="lead">Choose an event that came, or type one. Nothing is stored and nothing is sent.</p>
            \(results)
            <div class="split-forms">
            <section aria-labelledby="recent-events"><h2 id="recent-events">An event that came</h2>\(events)</section>
            <section aria-labelledby="typed-event"><h2 id="typed-event">An event that you type</h2>\(form)</section>
            </div>
            """)
    }

    private var events: HTML {
        guard !recent.isEmpty else { return "<p class=\"empty\">No event came yet.</p>" }
        return """
            <ul class="links">\(each: recent, { event in
                "<li><a href=\"/rules/match?event=\(String(event.id.rawValue))\"\(attribute: "aria-current", event.id == chosen?.id ? "true" : nil)>\(event.event.type) · \(event.event.device.isEmpty ? event.event.source : event.event.device)</a> <span class=\"help\">\(event.event.severity.words), \(TimestampView(event.event.receivedAt).html)</span></li>"
            })</ul>
            """
    }

    private var form: HTML {
        func row(_ name: String, _ label: String, _ value: String) -> HTML {
            FieldRow(name: name, label: label, input: .text(value: value)).html
        }
        return """
            <form method="get" action="/rules/match" role="search">
            \(row("type", "Event type", draft.type))\(row("source", "Source", draft.source))
            <div class="field"><label for="field-severity">Severity</label><select id="field-severity" name="severity">
            \(each: HostEvent.Severity.allCases, { "<option value=\"\($0.rawValue)\"\(flag: "selected", $0 == draft.severity)>\($0.words)</option>" })</select></div>
            \(row("company", "Company", draft.company))\(row("device", "Device", draft.device))\(row("text", "Text", draft.text))
            <div class="buttons"><button class="primary">Show the rules</button></div></form>
            """
    }

    private var results: HTML {
        guard chosen != nil || !draft.isEmpty else { return .empty }
        let matching = rules.count { $0.explanation.answer == .holds && $0.rule.mode != .off }
        let heading: HTML = matching == 1 ? "1 rule matches" : "\(matching) rules match"
        let make: HTML =
            chosen.map {
                context.user?.isOperator ?? false
                    ? "<p><a class=\"button\" href=\"/rules/new?event=\(String($0.id.rawValue))\">Make a rule from this event</a></p>"
                    : .empty
            }
            ?? .empty
        return """
            <section aria-labelledby="matches"><h2 id="matches">\(heading)</h2>
            \(chosen.map { "<p class=\"help\">The event “\($0.event.type)” from \($0.event.source), \(TimestampView($0.event.receivedAt).html)</p>" as HTML })
            <ul class="rules">\(each: rules, row)</ul>
            \(left > 0 ? "<p class=\"help\">\(left) more rules are not shown.</p>" as HTML : .empty)\(make)</section>
            """
    }

    private func row(_ entry: (rule: Rule, explanation: RuleExplanation)) -> HTML {
        """
        <li><h3><a href="/rules/\(entry.rule.id.rawValue)">\(entry.rule.name)</a> \(RuleExplanationView.badge(entry.explanation.answer).html)</h3>
        <p class="help">\(RuleState(entry.rule).name.words)</p>
        <details\(flag: "open", entry.explanation.answer != .fails)><summary>Conditions<span class="hidden"> of \(entry.rule.name)</span></summary>
        \(RuleExplanationView(explanation: entry.explanation, event: chosen?.event).html)</details></li>
        """
    }
}

extension PageRoutes {
    /// The page that says which rules match an event.
    var ruleMatchRoutes: [Route] { [Route(.get, "/rules/match", .viewer) { try await matchingRules($0) }] }

    private func matchingRules(_ context: RequestContext) async throws -> WebResponse {
        let draft = RuleMatchPage.EventDraft(context.request)
        var chosen: StoredEvent?
        if let text = context.request.queryValue("event") {
            guard let id = Int64(text), let event = try await services.storage.event(HostEvent.ID(rawValue: id)) else {
                throw WebError(.notFound, "This event is not stored any more.")
            }
            chosen = event
        }
        let recent = try await services.storage.events(before: nil, limit: 20)
        guard let event = chosen?.event ?? (draft.isEmpty ? nil : draft.event(at: context.now)) else {
            return .page(200, RuleMatchPage(context: context, draft: draft, recent: recent, chosen: nil, rules: []))
        }
        func order(_ answer: RuleExplanation.Answer) -> Int { [.holds: 0, .open: 1, .fails: 2][answer] ?? 3 }
        let all = try await services.storage.rules().map { (rule: $0, explanation: RuleExplanation($0.definition, event)) }
        let sorted = all.sorted { order($0.explanation.answer) < order($1.explanation.answer) }
        return .page(
            200,
            RuleMatchPage(
                context: context, draft: draft, recent: recent, chosen: chosen, rules: Array(sorted.prefix(RuleMatchPage.maxRules)),
                left: max(0, sorted.count - RuleMatchPage.maxRules)))
    }
}
