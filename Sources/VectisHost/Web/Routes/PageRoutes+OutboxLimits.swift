import PSACore
import WebServer

extension PageRoutes {
    /// The form of the outbox's limits.
    var outboxLimitRoutes: [Route] {
        [
            Route(.get, "/rules/limits", .admin) { exchange in
                var page = OutboxLimitsPage(exchange: exchange, try await services.storage.outboxLimits())
                page.notice = exchange.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/rules/limits", .admin) { try await saveOutboxLimits($0) },
        ]
    }

    private func saveOutboxLimits(_ exchange: Exchange) async throws -> WebResponse {
        let form = try exchange.form()
        var page = OutboxLimitsPage(exchange: exchange, try await services.storage.outboxLimits())
        page.oldestHours = form.text("oldestHours").trimmingSpaces
        page.longestWaitMinutes = form.text("longestWaitMinutes").trimmingSpaces
        // What is no number is outside of every range.
        let limits = OutboxLimits(oldestHours: Int(page.oldestHours) ?? 0, longestWaitMinutes: Int(page.longestWaitMinutes) ?? 0)
        page.problems = limits.problems.map { problem in
            (problem.field, "Enter a whole number from \(problem.range.lowerBound) to \(problem.range.upperBound).")
        }
        guard page.problems.isEmpty else { return .page(422, page) }
        do {
            let audit = exchange.audit(.outboxLimitsChanged, "", .done, limits.sentence)
            _ = try await services.storage.setOutboxLimits(limits, revision: Int(form.text("revision")) ?? -1, audit: audit)
        } catch StorageError.stale {
            page.isStale = true
            return .page(409, page)
        }
        return .redirect(to: "/rules/limits?notice=limits")
    }
}
