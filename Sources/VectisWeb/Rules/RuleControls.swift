import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// What a rule's page shows above its history: its state, what it does, how often it fires, and for administrators its actions.
struct RuleControls: Sendable {
    let context: RequestContext
    let rule: Rule
    /// What its connection is called; nil if it was removed.
    let connectionName: String?
    let counts: TicketJob.Counts
    let activity: RuleActivity

    private var path: String { "/rules/\(rule.id)" }
    private var isOperator: Bool { context.user?.isOperator ?? false }

    var html: HTML {
        """
        \(isOperator ? undo : .empty)
        \(RuleStateLine(rule: rule).html)
        \(isOperator ? held : .empty)
        \(isOperator ? buttons : .empty)
        \(RuleFacts(definition: rule.definition, connectionName: connectionName).html)
        \(chart)
        """
    }

    /// The way back after the mode was changed, as long as the rule is as that change left it.
    private var undo: HTML {
        let parts = (context.request.queryValue("undo") ?? "").split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, let mode = Rule.Mode(rawValue: parts[0]), mode != rule.mode, parts[1] == String(rule.revision)
        else { return .empty }
        return """
            <form method="post" action="\(path)/mode" class="actions undo">\(seen)<input type="hidden" name="mode" value="\(mode.rawValue)">
            <input type="hidden" name="undo" value="1">
            <button>Undo: back to “\(RuleState(mode, [], nil).name.words)”</button></form>
            """
    }

    private var held: HTML {
        let count = counts.releasable
        guard count > 0 else { return .empty }
        return """
            <div class="notice warning" role="alert" id="needs-review"><strong>Warning:</strong> \(count == 1 ? "One job is" : "\(count) jobs are" as HTML) on hold, and nothing of it was sent.
            <p class="actions"><a class="button" href="\(path)/confirm?action=release">Release all</a>
            <a class="button danger" href="\(path)/confirm?action=drop">Discard all</a></p></div>
            """
    }

    private var buttons: HTML {
        func mode(_ mode: Rule.Mode, _ words: HTML) -> HTML {
            guard rule.mode != mode else { return .empty }
            return """
                <form method="post" action="\(path)/mode">\(seen)<input type="hidden" name="mode" value="\(mode.rawValue)">
                <button>\(words)</button></form>
                """
        }
        let promote: HTML =
            rule.mode == .active ? .empty : "<a class=\"button primary\" href=\"\(path)/confirm?action=active\">Promote: create tickets</a>"
        return """
            <div class="actions">\(promote)\(mode(.dryRun, "Back to dry run"))\(mode(.off, "Turn off"))
            <a class="button" href="\(path)/edit">Change</a>
            <form method="post" action="\(path)/replay">\(FormToken(context.user).field)<button>Replay the latest 500 events in dry run</button></form>
            <a class="button quiet" href="\(path)/confirm?action=remove">Remove</a></div>
            """
    }

    private var seen: HTML {
        "\(FormToken(context.user).field)<input type=\"hidden\" name=\"revision\" value=\"\(rule.revision)\">"
    }

    /// The last 7 days in steps of 6 hours.
    private var chart: HTML {
        let (hours, step) = (168, 6)
        let values = activity.hours(hours, until: context.now)
        let beginnings = RuleActivity.beginnings(hours, until: context.now)
        let starts = stride(from: 0, to: hours, by: step)
        return BarChart(
            id: "activity", title: "How often it fired in the last 7 days", intervals: starts.map { beginnings[$0] },
            series: [.init("Fired", values: starts.map { values[$0..<($0 + step)].reduce(0, +) })]
        ).html
    }
}

extension PageRoutes {
    /// Says in numbers what an action on a rule will do, before it is done.
    func confirmRuleAction(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        let path = "/rules/\(rule.id)"
        let counts = try await services.storage.jobCounts(TicketJob.Filter(source: rule.id.source))
        func page(
            _ question: HTML, _ consequences: [HTML], to action: String, _ fields: [(name: String, value: String)] = [], _ verb: HTML,
            isDestructive: Bool
        ) -> WebResponse {
            .page(
                200,
                Confirmation(
                    context: context, section: .rules, origin: ("\(rule.name)", path), question: question, consequences: consequences,
                    action: path + action, fields: [("revision", String(rule.revision))] + fields, verb: verb, isDestructive: isDestructive)
            )
        }
        switch context.request.queryValue("action") {
        case nil, "active":
            let day = try await services.rules.lastDay(of: rule.definition)
            return page(
                "Promote “\(rule.name)”?", Self.promotion(day, counts), to: "/mode", [("mode", Rule.Mode.active.rawValue)],
                "Promote: create tickets", isDestructive: false)
        case "release":
            let count = counts.releasable
            let held = JobSelection.matching(TicketJob.Filter(source: rule.id.source, state: .needsReview), upTo: nil)
            let moved = try await services.jobs.preview(held).ofFormerTenant
            return page(
                "Release all jobs of “\(rule.name)” that are on hold?",
                [
                    count == 1 ? "One job is sent to the PSA." : "\(count) jobs are sent to the PSA, one after the other."
                ] + JobBulkWords.otherTenants(moved, try await services.storage.connections()) + [
                    rule.isRateLimited
                        ? "The rule is not paused any more." : "Jobs that come to be on hold later are not released."
                ], to: "/held", [("choice", "release")], "Release all", isDestructive: false)
        case "drop":
            let count = counts.releasable
            return page(
                "Discard all jobs of “\(rule.name)” that are on hold?",
                [
                    count == 1
                        ? "One job is discarded; its event becomes no ticket."
                        : "\(count) jobs are discarded; their events become no tickets.",
                    "This can’t be undone. The jobs stay in the history.",
                ], to: "/held", [("choice", "drop")], "Discard all", isDestructive: true)
        case "remove":
            let count = counts[.waiting] + counts[.checking] + counts.releasable
            return page(
                "Remove “\(rule.name)”?",
                [
                    count == 1 ? "One waiting job is discarded." : "\(count) waiting jobs are discarded.",
                    "Its history and the tickets in the PSA stay.", "This can’t be undone.",
                ], to: "/remove", [], "Remove", isDestructive: true)
        default: throw WebError(.invalid, "There is no such action.")
        }
    }

    /// What promoting a rule means, by the events of the last 24 hours.
    static func promotion(_ day: RulePreview, _ counts: TicketJob.Counts) -> [HTML] {
        let events: HTML = day.events == 1 ? "the only event" : "\(day.events) events"
        var sentences: [HTML] = [
            day.events == 0
                ? "No event came in the last 24 hours, so it would have created no ticket."
                : day.matched == 1
                    ? "It would have created 1 ticket or note out of \(events) of the last 24 hours."
                    : "It would have created \(day.matched) tickets or notes out of \(events) of the last 24 hours."
        ]
        if day.held > 0 {
            sentences.append(
                day.held == 1
                    ? "1 of them would have been on hold, because the rule would have exceeded its limit."
                    : "\(day.held) of them would have been on hold, because the rule would have exceeded its limit.")
        }
        if day.events == RulePreview.maxEvents { sentences.append("Only the latest \(RulePreview.maxEvents) events were counted.") }
        if day.open > 0 {
            sentences.append(
                day.open == 1
                    ? "Whether 1 more matches depends on the company in the PSA."
                    : "Whether \(day.open) more match depends on the company in the PSA.")
        }
        sentences.append("Events that come from now on become tickets; earlier ones do not.")
        if counts[.waiting] > 0 { sentences.append("\(counts[.waiting]) waiting jobs of the rule are sent.") }
        return sentences
    }
}
