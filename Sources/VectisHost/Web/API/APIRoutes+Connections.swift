import PSACore
import PSAEngine
import WebServer

extension APIRoutes {
    var connectionRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/connections", .viewer) { try await listConnections($0) },
            Route(.post, "\(Self.root)/connections", .admin) { try await create($0) },
            Route(.get, "\(Self.root)/connections/{id}", .admin) { context in
                try context.allowQuery([])
                let (connection, descriptor) = try await connection(context)
                return .json(connection.json(descriptor))
            },
            Route(.put, "\(Self.root)/connections/{id}", .admin) { try await change($0) },
            Route(.delete, "\(Self.root)/connections/{id}", .admin) { context in
                // A connection whose connector is gone can still be removed.
                let connection = try await stored(context.parameter("id"))
                try await services.connections.remove(
                    connection, audit: context.audit(.connectionRemoved, connection.name, .done, connection.tenant.rawValue))
                return .noContent
            },
        ]
    }

    private func listConnections(_ context: RequestContext) async throws -> WebResponse {
        try context.allowQuery([])
        let connections = try await services.storage.connections().map { connection in
            connection.summaryJSON(try? services.registry.descriptor(named: connection.connector.rawValue))
        }
        return .json(["connections": .array(connections)])
    }

    private func create(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let connector = body.text("connector")
        let submission = body.submission()
        let consent = body.consent()
        try body.finish()
        let draft = try services.connections.draft(connector, submission)
        let saved = try await save(draft, submission, consent, context, .connectionCreated)
        var response = WebResponse.json(saved.json(draft.descriptor), status: 201)
        response.headers["Location"] = "\(Self.root)/connections/\(saved.id)"
        return response
    }

    private func change(_ context: RequestContext) async throws -> WebResponse {
        let (base, descriptor) = try await connection(context)
        var body = try APIBody(context.request)
        let revision = body.integer("revision")
        let submission = body.submission(over: base)
        let consent = body.consent(isChange: true)
        try body.finish()
        guard revision == base.revision else { throw SaveError.stale }
        let draft = try services.connections.draft(descriptor.id.rawValue, submission, over: base)
        return .json(try await save(draft, submission, consent, context, .connectionChanged).json(descriptor))
    }

    private func save(
        _ draft: ConnectionDraft, _ submission: SettingsSubmission, _ consent: SaveConfirmation, _ context: RequestContext,
        _ action: AuditAction
    ) async throws -> StoredConnection {
        let audit = context.audit(action, draft.effectiveName, .done, draft.sentence(about: submission, consent))
        return try await services.connections.save(draft, consent, audit: audit)
    }
}

extension APIBody {
    /// Name and settings; what does not come is kept.
    mutating func submission(over base: StoredConnection? = nil) -> SettingsSubmission {
        let name = optionalText("name") ?? base?.name ?? ""
        let settings = texts("settings").map { (SettingKey($0.key), Secret($0.value)) }
        return SettingsSubmission(name: name, values: Dictionary(settings, uniquingKeysWith: { first, _ in first }))
    }

    fileprivate mutating func consent(isChange: Bool = false) -> SaveConfirmation {
        SaveConfirmation(
            receipt: optionalText("receipt").map(TestProof.init(rawValue:)), acceptsUntested: flag("acceptUntested"),
            acceptsOtherTenant: isChange && flag("acceptOtherTenant"))
    }
}
