import PSACore
import PSAEngine
import WebServer

extension APIRoutes {
    var ticketDefaultsRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connections/{id}/ticket-choices", .viewer) { context in
                try context.allowQuery(["type"])
                let (connection, _) = try await connection(context)
                let type = context.request.queryValue("type").flatMap { TicketType.ID($0) }
                return .json(try await services.connections.choices(of: connection, for: type).json)
            },
            Route(.put, "\(Self.root)/connections/{id}/ticket-defaults", .admin) { try await saveTicketDefaults($0) },
            Route(.post, "\(Self.root)/connections/{id}/test-ticket", .admin) { context in
                let (connection, _) = try await connection(context)
                let check = try await services.connections.createTestTicket(
                    with: connection, audit: context.audit(.testTicketCreated, connection.name))
                let json = check.json(in: context.renderer)
                return .json(check.error.map { json.adding(("problem", $0.problem(in: context.renderer))) } ?? json)
            },
        ]
    }

    private func saveTicketDefaults(_ context: RequestContext) async throws -> WebResponse {
        let (connection, descriptor) = try await connection(context)
        var body = try APIBody(context.request)
        var submission = TicketDefaultsSubmission()
        for choice in TicketDefault.allCases { submission.values[choice] = body.id(choice.rawValue).trimmingSpaces }
        let acceptsUnverified = body.flag("acceptUnverified")
        let revision = body.integer("revision")
        try body.finish()
        guard revision == connection.revision else { throw TicketDefaultsError.stale }
        let audit = context.audit(.ticketDefaultsChanged, connection.name, .done, submission.sentence)
        let saved = try await services.connections.saveTicketDefaults(
            submission, of: connection, acceptsUnverified: acceptsUnverified, audit: audit)
        return .json(saved.json(descriptor))
    }
}

extension TicketChoices {
    /// The lists for programs.
    fileprivate var json: JSONValue {
        [
            "types": .array(types.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }),
            "statuses": .array(
                statuses.map { ["id": .string($0.id.rawValue), "name": .string($0.name), "phase": .string($0.phase.rawValue)] }),
            "priorities": .array(priorities.map { ["id": .string($0.id.rawValue), "name": .string($0.name)] }),
        ]
    }
}
