import PSACore
import WebServer

extension PageRoutes {
    /// The list of rules, a rule's page, and what its buttons do.
    var ruleRoutes: [Route] {
        [
            Route(.get, "/rules", .viewer) { try await rules($0) },
            Route(.get, "/rules/{id}", .viewer) { exchange in
                let rule = try await rule(exchange)
                return .page(200, try await history(exchange, of: rule))
            },
            Route(.post, "/rules/{id}/mode", .admin) { try await setMode($0) },
            Route(.post, "/rules/{id}/held", .admin) { try await decideHeld($0) },
            Route(.post, "/rules/{id}/replay", .admin) { exchange in
                let rule = try await rule(exchange)
                let count = try await services.rules.replay(rule, latest: 500, audit: exchange.audit(.ruleReplayed, rule.name))
                var page = try await history(exchange, of: rule)
                let events = count.events == 1 ? "One event was" : "\(count.events) events were"
                let checks = count.checks == 0 ? "" : " \(count.checks) more depend on the company; reload the page in a moment."
                page.notice = Notice(.done, "\(events) replayed; \(count.firings) would have fired.\(checks) Nothing was sent.")
                return .page(200, page)
            },
            Route(.post, "/rules/{id}/remove", .admin) { exchange in
                let rule = try await rule(exchange)
                try await services.storage.removeRule(rule.id, audit: exchange.audit(.ruleRemoved, rule.name))
                return .redirect(to: "/rules?notice=rule-removed")
            },
        ]
    }

    private func rules(_ exchange: Exchange) async throws -> WebResponse {
        let page = RulesPage(
            exchange: exchange, rules: try await services.storage.rules(), connections: try await services.storage.connections(),
            counts: try await services.storage.firingCounts(FiringFilter()), storms: try await services.storage.storms(),
            unmatched: try await services.storage.unmatchedCompanies(of: nil),
            notice: exchange.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
        return .page(200, page)
    }

    /// The rule that the path names.
    ///
    /// - Throws: ``WebFailure`` if there is none.
    func rule(_ exchange: Exchange) async throws -> Rule {
        guard let id = RuleID(exchange.parameter("id")), let rule = try await services.storage.rule(id) else {
            throw WebFailure(.notFound, "There is no rule of this id. Perhaps somebody has removed it.")
        }
        return rule
    }

    /// The history of a rule, or of all.
    func history(_ exchange: Exchange, of rule: Rule?) async throws -> FiringsPage {
        let state = exchange.request.queryValue("state").flatMap { FiringState.names.contains($0) ? $0 : nil }
        let place = exchange.request.queryValue("before").flatMap { Int64($0) }.map(Firing.ID.init(rawValue:))
        let filter = FiringFilter(rule: rule?.id, state: state)
        let found = try await services.storage.firings(filter, before: place, limit: FiringsPage.pageSize + 1)
        let rules = try await services.storage.rules().map { ($0.id, $0) }
        var connection: StoredConnection?
        if let rule { connection = try await services.storage.connection(rule.definition.action.connection) }
        let locked = try await services.storage.issues(of: nil).filter { $0.code == .configSecretUnreadable && $0.resolvedAt == nil }
        return FiringsPage(
            exchange: exchange, rule: rule, rules: Dictionary(rules, uniquingKeysWith: { $1 }), connectionName: connection?.name,
            firings: Array(found.prefix(FiringsPage.pageSize)), hasMore: found.count > FiringsPage.pageSize,
            counts: try await services.storage.firingCounts(FiringFilter(rule: rule?.id)), state: state,
            locked: Set(locked.map(\.connection)), notice: exchange.request.queryValue("notice").flatMap(Notice.init(afterwards:)))
    }

    private func setMode(_ exchange: Exchange) async throws -> WebResponse {
        let rule = try await rule(exchange)
        let form = try exchange.form()
        guard let mode = Rule.Mode(rawValue: form.text("mode")) else { throw WebFailure(.invalid, "There is no such mode.") }
        do {
            let audit = exchange.audit(.ruleChanged, rule.name, .done, "Mode: \(mode.rawValue).")
            _ = try await services.rules.setMode(mode, of: rule, revision: Int(form.text("revision")) ?? 0, audit: audit)
        } catch RuleService.Refusal.stale {
            throw StorageError.stale
        }
        return .redirect(to: "/rules/\(rule.id)?notice=rule")
    }

    private func decideHeld(_ exchange: Exchange) async throws -> WebResponse {
        let rule = try await rule(exchange)
        let choice = try exchange.form().text("choice")
        guard ["release", "drop"].contains(choice) else { throw WebFailure(.invalid, "What is held back can be released or dropped.") }
        let audit = exchange.audit(
            .firingDecided, rule.name, .done,
            choice == "release" ? "All that was held back is released." : "All that was held back is dropped.")
        _ = try await services.rules.decideHeld(of: rule, release: choice == "release", audit: audit)
        return .redirect(to: "/rules/\(rule.id)?notice=\(choice == "release" ? "released" : "dropped")")
    }
}
