import PSACore
import PSAEngine
import WebServer

extension PageRoutes {
    /// The list of rules, a rule's page, and what its buttons do.
    var ruleRoutes: [Route] {
        [
            Route(.get, "/rules", .viewer) { try await rules($0) },
            Route(.get, "/rules/{id}", .viewer) { context in
                let rule = try await rule(context)
                return .page(200, try await history(context, of: rule))
            },
            Route(.post, "/rules/{id}/mode", .admin) { try await setMode($0) },
            Route(.post, "/rules/{id}/held", .admin) { try await decideReviews($0) },
            Route(.post, "/rules/{id}/replay", .admin) { context in
                let rule = try await rule(context)
                let count = try await services.rules.replay(rule, latest: 500, audit: context.audit(.ruleReplayed, rule.name))
                var page = try await history(context, of: rule)
                let events = count.events == 1 ? "One event was" : "\(count.events) events were"
                let checks = count.checks == 0 ? "" : " \(count.checks) more depend on the company; reload the page in a moment."
                page.notice = Notice(.done, "\(events) replayed; \(count.jobs) would have fired.\(checks) Nothing was sent.")
                return .page(200, page)
            },
            Route(.post, "/rules/{id}/remove", .admin) { context in
                let rule = try await rule(context)
                try await services.storage.removeRule(rule.id, audit: context.audit(.ruleRemoved, rule.name))
                return .redirect(to: "/rules?notice=rule-removed")
            },
        ]
    }

    private func rules(_ context: RequestContext) async throws -> WebResponse {
        let page = RulesPage(
            context: context, rules: try await services.storage.rules(), connections: try await services.storage.connections(),
            counts: try await services.storage.jobCounts(TicketJob.Filter()), rateLimitTrips: try await services.storage.rateLimitTrips(),
            unmatched: try await services.storage.unmatchedCompanies(of: nil),
            notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    /// The rule that the path names.
    ///
    /// - Throws: ``WebError`` if there is none.
    func rule(_ context: RequestContext) async throws -> Rule {
        guard let id = RuleID(context.parameter("id")), let rule = try await services.storage.rule(id) else {
            throw WebError(.notFound, "There is no rule of this id. Perhaps somebody has removed it.")
        }
        return rule
    }

    /// The history of a rule, or of all.
    func history(_ context: RequestContext, of rule: Rule?) async throws -> TicketJobsPage {
        let state = context.request.queryValue("state").flatMap(TicketJob.State.Name.init(rawValue:))
        let place = context.request.queryValue("before").flatMap { Int64($0) }.map(TicketJob.ID.init(rawValue:))
        let reason = context.request.queryValue("reason").map { ReviewReason(rawValue: $0) }
        let filter = TicketJob.Filter(source: rule?.id.source, state: state, reason: reason)
        let found = try await services.storage.jobs(filter, before: place, limit: TicketJobsPage.pageSize + 1)
        let rules = try await services.storage.rules().map { ($0.id, $0) }
        var connection: StoredConnection?
        if let rule { connection = try await services.storage.connection(rule.definition.action.connection) }
        let locked = try await services.storage.issues(of: nil).filter { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        return TicketJobsPage(
            context: context, rule: rule, rules: Dictionary(rules, uniquingKeysWith: { $1 }), connectionName: connection?.name,
            jobs: Array(found.prefix(TicketJobsPage.pageSize)), hasMore: found.count > TicketJobsPage.pageSize,
            counts: try await services.storage.jobCounts(TicketJob.Filter(source: rule?.id.source)), state: state,
            locked: Set(locked.map(\.connection)), notice: context.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }

    private func setMode(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        let form = try context.form()
        guard let mode = Rule.Mode(rawValue: form.text("mode")) else { throw WebError(.invalid, "There is no such mode.") }
        do {
            let audit = context.audit(.ruleChanged, rule.name, .done, "Mode: \(mode.rawValue).")
            _ = try await services.rules.setMode(mode, of: rule, revision: Int(form.text("revision")) ?? 0, audit: audit)
        } catch RuleService.Refusal.stale {
            throw StoreError.stale
        }
        return .redirect(to: "/rules/\(rule.id)?notice=rule")
    }

    private func decideReviews(_ context: RequestContext) async throws -> WebResponse {
        let rule = try await rule(context)
        let choice = try context.form().text("choice")
        guard ["release", "drop"].contains(choice) else { throw WebError(.invalid, "What is held back can be released or dropped.") }
        let audit = context.audit(
            .jobDecided, rule.name, .done,
            choice == "release" ? "All that was held back is released." : "All that was held back is dropped.")
        _ = try await services.rules.decideReviews(of: rule, release: choice == "release", audit: audit)
        return .redirect(to: "/rules/\(rule.id)?notice=\(choice == "release" ? "released" : "dropped")")
    }
}
