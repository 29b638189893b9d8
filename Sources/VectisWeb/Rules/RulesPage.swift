import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// All rules, the templates to start from, and the state of the outbox.
struct RulesPage: WebPage {
    let context: RequestContext
    let rules: [Rule]
    let connections: [StoredConnection]
    /// How many jobs there are in each state.
    let counts: TicketJob.Counts
    /// For operators, who can end them.
    var rateLimitTrips: [RateLimitTrip] = []
    /// For operators, who can say which ones are meant.
    var unmatched: [UnmatchedCompany] = []
    var notice: Notice?

    private var isOperator: Bool { context.user?.isOperator ?? false }
    private var isAdmin: Bool { context.user?.isAdmin ?? false }

    /// How often the rules have fired.
    var activity: [RuleID: RuleActivity] = [:]
    /// The number of the page of rules, from 1.
    var number = 1
    /// How many rules there are.
    var total = 0

    /// How many rules a page shows.
    static let pageSize = 100

    var document: HTML {
        Layout(context, .rules, title: "Rules").document(
            """
            <h1>Rules</h1>
            \(RuleTabs(context: context, current: "/rules").html)
            <p class="lead">A rule creates a ticket, or adds a note, when a program sends an event. A new or changed rule only says what it would do,
            until an operator promotes it.</p>
            \(notice?.html)\(isOperator ? RateLimitNotices(rateLimitTrips: rateLimitTrips).html + UnmatchedNotices(unmatched: unmatched, connections: connections).html + DecisionNotice(failed: counts[.failed], outcomeUnknown: counts.outcomeUnknown).html : .empty)
            \(rules.isEmpty ? none : "<p class=\"help\">\(summary)</p><ul class=\"rules\">\(each: rules, row)</ul>" as HTML)
            \(paging)
            \(detectors)
            \(isOperator ? templates : .empty)
            """)
    }

    private var none: HTML {
        EmptyState(
            title: "There is no rule yet.", text: "A rule creates a ticket when an event matches its conditions.",
            action: isOperator && !connections.isEmpty
                ? "<a class=\"button primary\" href=\"#new-rule\">Choose how to begin</a>" : .empty
        ).html
    }

    private var summary: HTML {
        let parts: [HTML] = [
            TicketJob.State.Name.checking, .waiting, .unknown, .needsReview, .failed, .created, .appended, .wouldCreate,
        ].filter { counts[$0] > 0 }.map { "\(TicketJobRow.word($0)): \(counts[$0])" }
        return parts.isEmpty ? "No rule has fired yet." : "<a href=\"/jobs\">Jobs so far</a> – \(HTML.joined(parts))."
    }

    private func row(_ rule: Rule) -> HTML {
        let connection = connections.first { $0.id == rule.definition.action.connection }
        let types = rule.definition.eventTypes
        return """
            <li><h2><a href="/rules/\(rule.id.rawValue)">\(rule.name)</a></h2>
            \(RuleStateLine(rule: rule).html)
            <p class="help">\(types.isEmpty ? "All events" : "\(types.joined(separator: ", "))" as HTML) → \
            \(connection.map { "\($0.name)" as HTML } ?? "a connection that was removed") · Limit: \(rule.definition.limit.words)</p>
            <p>\(sparkline(rule))</p></li>
            """
    }

    private func sparkline(_ rule: Rule) -> HTML {
        let values = (activity[rule.id] ?? RuleActivity()).hours(24, until: context.now)
        let total = values.reduce(0, +)
        return Sparkline(
            values: values,
            sentence: total == 1 ? "Fired once in the last 24 hours" : "Fired \(total) times in the last 24 hours"
        ).html
    }

    private var paging: HTML {
        let pages = (total + Self.pageSize - 1) / Self.pageSize
        guard pages > 1 else { return .empty }
        let earlier: HTML = number > 1 ? "<a class=\"button\" href=\"/rules?page=\(number - 1)\">Previous rules</a>" : .empty
        let later: HTML = number < pages ? "<a class=\"button\" href=\"/rules?page=\(number + 1)\">Next rules</a>" : .empty
        return "<p class=\"actions\">\(earlier)\(later)<span>Page \(number) of \(pages), \(total) rules</span></p>"
    }

    private var detectors: HTML {
        guard !connections.isEmpty else { return .empty }
        return """
            <section aria-labelledby="detectors"><h2 id="detectors">Detectors</h2>
            <p class="help">They raise events by themselves, from the local copy of a connection: agreements that end, tickets that wait, companies without an
            agreement, data that has gone stale. Each is off until an administrator turns it on.</p>
            <ul class="links">\(each: connections, { "<li><a href=\"/connections/\($0.id.rawValue)/detectors\">Detectors of “\($0.name)”</a></li>" })</ul></section>
            """
    }

    private var templates: HTML {
        guard !connections.isEmpty else {
            return "<p class=\"empty\">A rule needs a connection. <a href=\"/integrations\">Connect a PSA first.</a></p>"
        }
        return """
            <section aria-labelledby="new-rule"><h2 id="new-rule">New rule</h2>
            <ul class="links">\(each: RuleTemplate.all, { "<li><a href=\"/rules/new?template=\($0.id)\">\(HTML(term: $0.name))</a>: \(HTML(term: $0.purpose))</li>" })
            <li><a href="/rules/new">An empty rule</a></li></ul></section>
            """
    }
}

/// The pages about rules and what they work with.
struct RuleTabs: Sendable {
    let context: RequestContext
    /// The path of the present page.
    let current: String

    var html: HTML {
        var tabs = [Tabs.Tab("Rules", "/rules"), Tabs.Tab("Which rules match an event?", "/rules/match")]
        if context.user?.isOperator ?? false { tabs.append(Tabs.Tab("Companies not found", "/rules/companies")) }
        if context.user?.isAdmin ?? false {
            tabs += [Tabs.Tab("Limits of the sending queue", "/rules/limits"), Tabs.Tab("API keys", "/api-keys")]
        }
        return Tabs(label: "Pages about rules", tabs: tabs, current: current).html
    }
}

/// One notice for each rule that exceeded its rate limit, on pages that an administrator opens anyway: its jobs wait for a decision.
struct RateLimitNotices: Sendable {
    let rateLimitTrips: [RateLimitTrip]

    var html: HTML { .all(rateLimitTrips.map { notice($0).html }) }

    private func notice(_ trip: RateLimitTrip) -> Notice {
        let path = "/rules/\(trip.rule)"
        return Notice(
            .warning,
            """
            The rule <a href="\(path)">\(trip.name)</a> exceeded its limit.
            \(trip.count == 1 ? "One job has" : "\(trip.count) jobs have" as HTML) been on hold \(TimestampView(trip.since).since).
            <a href="\(path)#needs-review">\(trip.count == 1 ? "Release or discard it" : "Release or discard them" as HTML)</a>
            """)
    }
}

/// One notice for all other jobs that need a decision, on pages that an operator opens anyway.
struct DecisionNotice: Sendable {
    /// How many jobs failed.
    let failed: Int
    /// How many jobs need review because their outcome is unknown.
    let outcomeUnknown: Int

    var html: HTML {
        let all: [(query: String, count: Int, one: HTML, several: HTML)] = [
            ("state=failed", failed, "failed", "failed"),
            ("state=needs_review&reason=outcome_unknown", outcomeUnknown, "has an unknown outcome", "have an unknown outcome"),
        ]
        let parts: [HTML] = all.filter { $0.count > 0 }.map { part in
            let items: HTML = part.count == 1 ? "One item" : "\(part.count) items"
            return "<a href=\"/jobs?\(part.query)\">\(items)</a> \(part.count == 1 ? part.one : part.several)"
        }
        guard !parts.isEmpty else { return .empty }
        return Notice(.warning, "\(parts[0])\(parts.count > 1 ? " and \(parts[1])" as HTML : .empty), and a person has to decide.").html
    }
}

/// A summary of a rule: for users who may not open its form, and at a glance for those who may.
struct RuleFacts: Sendable {
    let definition: RuleDefinition
    /// What its connection is called; nil if it was removed.
    let connectionName: String?

    var html: HTML {
        let action = definition.action
        return """
            <dl class="facts">
            <dt>When</dt><dd>\(eventTypes)\(each: Array(definition.groups.enumerated()), { group($0.offset, $0.element) })</dd>
            <dt>Then</dt><dd>A ticket “\(action.summary.pattern)” through \(connectionName.map { "\($0)" as HTML } ?? "a connection that was removed")</dd>
            \(action.fields.isEmpty ? .empty : "<dt>Fields</dt><dd>\(fields)</dd>" as HTML)
            <dt>Further ones</dt><dd>\(notes(action.appendMinutes))</dd>
            <dt>Limit</dt><dd>\(definition.limit.words)</dd>
            </dl>
            """
    }

    private var fields: HTML {
        let values = definition.action.fields.sorted { $0.key.rawValue < $1.key.rawValue }
        return .all(values.map { "<code>\($0.key.rawValue)</code> “\(String($0.value.text.prefix(200)))”<br>" })
    }

    private var eventTypes: HTML {
        definition.eventTypes.isEmpty ? "Any event" : .all(["Event "] + codes)
    }

    private var codes: [HTML] {
        definition.eventTypes.enumerated().map { index, type in "\(index == 0 ? "" : ", ")<code>\(type)</code>" }
    }

    private func group(_ index: Int, _ group: ConditionGroup) -> HTML {
        let tests: [HTML] = group.tests.enumerated().map { $0.offset == 0 ? $0.element.sentence : " and \($0.element.sentence)" }
        return "<br>\(index == 0 ? "if" : "or if" as HTML) \(HTML.all(tests))"
    }

    private func notes(_ minutes: Int) -> HTML {
        minutes == 0 ? "Each becomes a ticket of its own" : "Within \(DurationText.words(minutes)) they become notes on the open ticket"
    }
}

extension PageRoutes {
    /// The list of rules, a rule's page, and its actions.
    var ruleRoutes: [Route] {
        [
            Route(.get, "/rules", .viewer) { try await rules($0) },
            Route(.get, "/rules/{id}", .viewer) { context in
                let rule = try await rule(context)
                return .page(200, try await history(context, of: rule))
            },
            Route(.post, "/rules/{id}/mode", .operator) { try await setMode($0) },
            Route(.post, "/rules/{id}/held", .operator) { try await decideReviews($0) },
            Route(.post, "/rules/{id}/replay", .operator) { context in
                let rule = try await rule(context)
                let count = try await services.rules.replay(rule, latest: 500, audit: context.audit(.ruleReplayed, rule.name))
                var page = try await history(context, of: rule)
                let events: HTML = count.events == 1 ? "One event was" : "\(count.events) events were"
                let checks: HTML =
                    count.checks == 0
                    ? .empty
                    : count.checks == 1
                        ? " 1 more depends on the company; reload the page in a few seconds."
                        : " \(count.checks) more depend on the company; reload the page in a few seconds."
                page.notice = Notice(.done, "\(events) replayed; \(count.jobs) would have fired.\(checks) Nothing was sent.")
                return .page(200, page)
            },
            Route(.post, "/rules/{id}/remove", .operator) { context in
                let rule = try await rule(context)
                guard try context.form().text("revision") == String(rule.revision) else { throw StoreError.stale }
                try await services.storage.removeRule(rule.id, audit: context.audit(.ruleRemoved, rule.name))
                return .redirect(to: "/rules?notice=rule-removed")
            },
            Route(.get, "/rules/{id}/confirm", .operator) { try await confirmRuleAction($0) },
        ]
    }

    private func rules(_ context: RequestContext) async throws -> WebResponse {
        let number = context.request.queryValue("page").flatMap { Int($0) }.map { min(max($0, 1), 10_000) } ?? 1
        let (shown, total) = try await services.storage.rules(from: (number - 1) * RulesPage.pageSize, limit: RulesPage.pageSize)
        let start = context.now.addingTimeInterval(-86_400)
        var page = RulesPage(
            context: context, rules: shown, connections: try await services.storage.connections(),
            counts: try await services.storage.jobCounts(TicketJob.Filter()), rateLimitTrips: try await services.storage.rateLimitTrips(),
            unmatched: try await services.storage.unmatchedCompanies(of: nil),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        page.activity = try await services.storage.activity(of: shown.map(\.id), since: start)
        (page.number, page.total) = (number, total)
        return .page(200, page)
    }

    /// The rule that the path names.
    ///
    /// - Throws: ``WebError`` if there is none.
    func rule(_ context: RequestContext) async throws -> Rule {
        guard let id = RuleID(context.parameter("id")), let rule = try await services.storage.rule(id) else {
            throw WebError(.notFound, "There is no rule with this id. It may have been removed.")
        }
        return rule
    }

    /// The page of a rule.
    func history(_ context: RequestContext, of rule: Rule) async throws -> TicketJobsPage {
        let state = context.request.queryValue("state").flatMap(TicketJob.State.Name.init(rawValue:))
        let place = context.request.queryValue("before").flatMap { Int64($0) }.map(TicketJob.ID.init(rawValue:))
        let reason = context.request.queryValue("reason").map { ReviewReason(rawValue: $0) }
        let filter = TicketJob.Filter(source: rule.id.source, state: state, reason: reason)
        let found = try await services.storage.jobs(filter, before: place, limit: TicketJobsPage.pageSize + 1)
        let connection = try await services.storage.connection(rule.definition.action.connection)
        let activity =
            try await services.storage.activity(of: [rule.id], since: context.now.addingTimeInterval(-7 * 86_400))[rule.id]
            ?? RuleActivity()
        let locked = try await services.storage.issues(of: nil).filter { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        let jobs = Array(found.prefix(TicketJobsPage.pageSize))
        let connections = try await services.storage.connections()
        let attaching = connections.filter(services.connections.attachesFiles).map(\.id)
        return TicketJobsPage(
            context: context, rule: rule, connectionName: connection?.name, jobs: jobs, hasMore: found.count > TicketJobsPage.pageSize,
            counts: try await services.storage.jobCounts(TicketJob.Filter(source: rule.id.source)), state: state,
            locked: Set(locked.map(\.connection)), files: try await services.storage.files(of: Set(jobs.compactMap(\.event))),
            attaching: Set(attaching), connections: connections, activity: activity,
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }

    private func setMode(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        let form = try context.form()
        guard let mode = Rule.Mode(rawValue: form.text("mode")) else { throw WebError(.invalid, "There is no such mode.") }
        let changed: Rule
        do {
            let audit = context.audit(.ruleChanged, rule.name, .done, "Mode: \(mode.rawValue).")
            changed = try await services.rules.setMode(mode, of: rule, revision: Int(form.text("revision")) ?? 0, audit: audit)
        } catch RuleError.stale {
            throw StoreError.stale
        }
        // The page offers the former mode again, unless this was what brought it back, and as long as nothing else was changed.
        let undo = form.has("undo") || mode == rule.mode ? "" : "&undo=\(rule.mode.rawValue).\(changed.revision)"
        return .redirect(to: "/rules/\(rule.id)?notice=rule-mode\(undo)")
    }

    private func decideReviews(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        let choice = try context.form().text("choice")
        guard ["release", "drop"].contains(choice) else { throw WebError(.invalid, "Jobs that are on hold can be released or discarded.") }
        let audit = context.audit(
            .jobDecided, rule.name, .done,
            choice == "release" ? "All jobs on hold are released." : "All jobs on hold are discarded.")
        _ = try await services.rules.decideReviews(of: rule, release: choice == "release", audit: audit)
        return .redirect(to: "/rules/\(rule.id)?notice=\(choice == "release" ? "released" : "dropped")")
    }
}
