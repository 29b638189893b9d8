import PSACore
import PSAEngine

/// All rules, the templates to start from, and how the outbox stands.
struct RulesPage: WebPage {
    let context: RequestContext
    let rules: [Rule]
    let connections: [StoredConnection]
    /// How many jobs there are in each state.
    let counts: TicketJob.Counts
    /// For administrators, who can end them.
    var rateLimitTrips: [RateLimitTrip] = []
    /// For administrators, who can say which ones are meant.
    var unmatched: [UnmatchedCompany] = []
    var notice: Notice?

    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    var document: HTML {
        Layout(context, .rules, title: "Rules").document(
            """
            <h1>Rules</h1>
            <p class="lead">A rule creates a ticket, or adds a note, when a program sends an event. A new or changed rule only says what it would do,
            until an administrator promotes it.</p>
            \(notice?.html)\(isAdmin ? RateLimitNotices(rateLimitTrips: rateLimitTrips).html + UnmatchedNotices(unmatched: unmatched, connections: connections).html + DecisionNotice(failed: counts[.failed], outcomeUnknown: counts.outcomeUnknown).html : .empty)
            <p class="actions tools"><a class="button" href="/jobs">History and outbox</a>\(isAdmin ? "<a class=\"button\" href=\"/tokens\">Tokens for programs</a><a class=\"button\" href=\"/rules/limits\">Limits of the outbox</a><a class=\"button\" href=\"/rules/companies\">Companies not found</a>" : .empty)</p>
            <p class="help">\(summary)</p>
            \(rules.isEmpty ? "<p class=\"empty\">There is no rule yet.</p>" : "<ul class=\"rules\">\(each: rules, row)</ul>")
            \(isAdmin ? templates : .empty)
            """)
    }

    private var summary: String {
        let parts = [TicketJob.State.Name.checking, .waiting, .unknown, .needsReview, .failed, .created, .appended].filter {
            counts[$0] > 0
        }.map { state in
            "\(counts[state]) \(TicketJobRow.word(state).lowercased())"
        }
        return parts.isEmpty ? "No rule has fired yet." : "So far: " + parts.joined(separator: ", ") + "."
    }

    private func row(_ rule: Rule) -> HTML {
        let connection = connections.first { $0.id == rule.definition.action.connection }
        return """
            <li><h2><a href="/rules/\(rule.id.rawValue)">\(rule.name)</a></h2>
            \(RuleStateLine(rule: rule).html)
            <p class="help">\(rule.definition.eventTypes.isEmpty ? "All events" : rule.definition.eventTypes.joined(separator: ", ")) → \
            \(connection?.name ?? "a connection that was removed")</p></li>
            """
    }

    private var templates: HTML {
        guard !connections.isEmpty else {
            return "<p class=\"empty\">A rule needs a connection. <a href=\"/integrations\">Connect a PSA first.</a></p>"
        }
        return """
            <section aria-labelledby="new-rule"><h2 id="new-rule">New rule</h2>
            <ul class="links">\(each: RuleTemplate.all, { "<li><a href=\"/rules/new?template=\($0.id)\">\($0.name)</a>: \($0.purpose)</li>" })
            <li><a href="/rules/new">An empty rule</a></li></ul></section>
            """
    }
}

/// How a rule stands: mode and pause, in words.
struct RuleStateLine: Sendable {
    let rule: Rule

    var html: HTML {
        let (style, word) = Self.words(rule.mode)
        let pause: HTML =
            rule.pause.map { pause in
                let more: HTML =
                    pause.code.map {
                        " <a href=\"/errors#\($0.anchor)\">What that means</a> · <a href=\"/integrations\">To the connection</a>"
                    }
                    ?? .empty
                return "<p class=\"status needs_attention\"><span class=\"state\">Paused</span> \(pause.sentence)\(more)</p>"
            } ?? .empty
        return "<p class=\"status \(style)\"><span class=\"state\">\(word)</span></p>\(pause)"
    }

    private static func words(_ mode: Rule.Mode) -> (style: String, word: String) {
        switch mode {
        case .dryRun: ("limited", "Dry run: nothing is sent")
        case .active: ("connected", "Active")
        case .off: ("none", "Off")
        }
    }
}
