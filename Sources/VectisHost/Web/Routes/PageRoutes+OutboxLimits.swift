import PSACore
import PSAEngine
import WebServer

extension PageRoutes {
    /// The form of the outbox's limits.
    var outboxLimitRoutes: [Route] {
        [
            Route(.get, "/rules/limits", .admin) { context in
                var page = OutboxLimitsPage(context: context, try await services.storage.outboxLimits())
                page.notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, page)
            },
            Route(.post, "/rules/limits", .admin) { try await saveOutboxLimits($0) },
        ]
    }

    private func saveOutboxLimits(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        var page = OutboxLimitsPage(context: context, try await services.storage.outboxLimits())
        page.maxAgeHours = form.text("maxAgeHours").trimmingSpaces
        page.maxWaitMinutes = form.text("maxWaitMinutes").trimmingSpaces
        // What is no number is outside of every range.
        let limits = OutboxLimits(maxAgeHours: Int(page.maxAgeHours) ?? 0, maxWaitMinutes: Int(page.maxWaitMinutes) ?? 0)
        page.problems = limits.problems.map { problem in
            (problem.field, "Enter a whole number from \(problem.range.lowerBound) to \(problem.range.upperBound).")
        }
        guard page.problems.isEmpty else { return .page(422, page) }
        do {
            let audit = context.audit(.outboxLimitsChanged, "", .done, limits.sentence)
            _ = try await services.storage.setOutboxLimits(limits, revision: Int(form.text("revision")) ?? -1, audit: audit)
        } catch StoreError.stale {
            page.isStale = true
            return .page(409, page)
        }
        return .redirect(to: "/rules/limits?notice=limits")
    }
}
