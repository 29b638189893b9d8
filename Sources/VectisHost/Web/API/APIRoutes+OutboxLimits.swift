import PSACore
import WebServer

extension APIRoutes {
    /// The outbox's limits.
    var outboxLimitRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/outbox-limits", .viewer) { exchange in
                try exchange.allowQuery([])
                return .json(try await services.storage.outboxLimits().json)
            },
            Route(.put, "\(Self.root)/outbox-limits", .admin) { try await saveOutboxLimits($0) },
        ]
    }

    private func saveOutboxLimits(_ exchange: Exchange) async throws -> WebResponse {
        var body = try APIBody(exchange.request)
        let limits = OutboxLimits(oldestHours: body.integer("oldestHours"), longestWaitMinutes: body.integer("longestWaitMinutes"))
        let revision = body.integer("revision")
        for problem in limits.problems where !body.hasProblem(problem.field) { body.note(problem.field, .outOfRange(problem.range)) }
        try body.finish()
        let audit = exchange.audit(.outboxLimitsChanged, "", .done, limits.sentence)
        return .json(try await services.storage.setOutboxLimits(limits, revision: revision, audit: audit).json)
    }
}

extension StoredOutboxLimits {
    /// The limits for programs.
    fileprivate var json: JSONValue {
        [
            "revision": .integer(revision), "oldestHours": .integer(limits.oldestHours),
            "longestWaitMinutes": .integer(limits.longestWaitMinutes),
        ]
    }
}
