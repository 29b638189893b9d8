import PSACore
import PSAEngine
import WebServer

extension APIRoutes {
    var connectionTestRoutes: [Route] {
        [
            Route(.post, "\(Self.root)/connection-tests", .admin) { try await testSettings($0) },
            Route(.post, "\(Self.root)/connections/{id}/test", .admin) { context in
                let (connection, _) = try await connection(context)
                return try await test(try services.connections.draft(of: connection), context)
            },
        ]
    }

    private func testSettings(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let connector = body.text("connector")
        let id = body.optionalText("connection")
        let submission = body.submission()
        try body.finish()
        var base: StoredConnection?
        if let id { base = try await connection(id).connection }
        if let base, base.connector != (try services.registry.descriptor(named: connector).id) {
            throw APIError([BodyError("connector", .invalid("The connection belongs to the connector “\(base.connector)”."))])
        }
        let draft = try services.connections.draft(connector, submission, over: base)
        guard draft.validation.problems.isEmpty else {
            throw PSAError(settings: draft.validation.problems, descriptor: draft.descriptor)
        }
        return try await test(draft, context)
    }

    /// A connection that does not work is an answer, not a failure of the request.
    private func test(_ draft: ConnectionDraft, _ context: RequestContext) async throws -> WebResponse {
        let outcome = try await services.connections.test(draft, audit: context.audit(.connectionTested, draft.effectiveName))
        let report = outcome.report.json(in: context.renderer)
        return .json(outcome.receipt.map { report.adding(("receipt", .string($0.rawValue))) } ?? report)
    }
}
