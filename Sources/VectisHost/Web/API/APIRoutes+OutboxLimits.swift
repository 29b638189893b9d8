import PSACore
import WebServer

extension APIRoutes {
    /// The outbox's limits.
    var outboxLimitRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/outbox-limits", .viewer) { context in
                try context.allowQuery([])
                return .json(try await services.storage.outboxLimits().json)
            },
            Route(.put, "\(Self.root)/outbox-limits", .admin) { try await saveOutboxLimits($0) },
        ]
    }

    private func saveOutboxLimits(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let limits = OutboxLimits(maxAgeHours: body.integer("maxAgeHours"), maxWaitMinutes: body.integer("maxWaitMinutes"))
        let revision = body.integer("revision")
        for problem in limits.problems where !body.hasProblem(problem.field) { body.note(problem.field, .outOfRange(problem.range)) }
        try body.finish()
        let audit = context.audit(.outboxLimitsChanged, "", .done, limits.sentence)
        return .json(try await services.storage.setOutboxLimits(limits, revision: revision, audit: audit).json)
    }
}

extension StoredOutboxLimits {
    /// The limits for programs.
    fileprivate var json: JSONValue {
        [
            "revision": .integer(revision), "maxAgeHours": .integer(limits.maxAgeHours),
            "maxWaitMinutes": .integer(limits.maxWaitMinutes),
        ]
    }
}
