import FoundationEssentials
import PSACore
import PSAEngine
import WebServer

extension APIRoutes {
    /// The tokens with which programs send events.
    var tokenRoutes: [Route] {
        [
            Route(.get, "\(Self.root)/tokens", .admin) { context in
                try context.allowQuery([])
                return .json(["tokens": .array(try await services.storage.tokens().map(\.json))])
            },
            Route(.post, "\(Self.root)/tokens", .admin) { try await makeToken($0) },
            Route(.put, "\(Self.root)/tokens/{id}", .admin) { context in
                var body = try APIBody(context.request)
                let namespace = body.namespace("namespace")
                // Left out by mistake, it would give the token its own.
                if !body.has("namespace") { body.note("namespace", .missing) }
                try body.finish()
                let name = try await token(context).name
                try await services.storage.setNamespace(
                    namespace, ofToken: context.parameter("id"), audit: context.audit(.tokenChanged, name, .done, namespace.sentence))
                return .json(try await token(context).json)
            },
            Route(.delete, "\(Self.root)/tokens/{id}", .admin) { context in
                let name = try await token(context).name
                try await services.storage.revokeToken(
                    context.parameter("id"), at: context.now, audit: context.audit(.tokenRevoked, name))
                return .noContent
            },
        ]
    }

    private func makeToken(_ context: RequestContext) async throws -> WebResponse {
        var body = try APIBody(context.request)
        let name = body.text("name").trimmingSpaces
        if !body.hasProblem("name"), !APIToken.isUsable(name: name) { body.note("name", .invalid(APIToken.nameRule)) }
        let namespace = body.namespace("namespace")
        try body.finish()
        let (text, token) = try APIToken.make(name: name, namespace: namespace, at: context.now)
        try await services.storage.add(token, audit: context.audit(.tokenCreated, name, .done, namespace.sentence))
        return .json(token.json.adding(("token", .string(text.reveal()))), status: 201)
    }

    private func token(_ context: RequestContext) async throws -> APIToken {
        guard let token = try await services.storage.tokens().first(where: { $0.id == context.parameter("id") }) else {
            throw StoreError.notFound
        }
        return token
    }
}

extension APIBody {
    /// The name of a shared namespace; nil where it is missing, null or empty.
    fileprivate mutating func namespace(_ name: String) -> EventNamespace.Name? {
        guard let text = optionalText(name), !text.trimmingSpaces.isEmpty else { return nil }
        if let namespace = EventNamespace.Name(text) { return namespace }
        note(name, .invalid(EventNamespace.Name.rule))
        return nil
    }
}

extension EventNamespace.Name? {
    /// What the audit log says of it.
    var sentence: String { map { "Namespace “\($0.rawValue)”." } ?? "A namespace of its own." }
}

extension APIToken {
    static let nameRule = "A name has 1 to \(maxNameLength) characters."

    /// Whether people may call a token so.
    static func isUsable(name: String) -> Bool {
        (1...maxNameLength).contains(name.count) && !name.unicodeScalars.contains(where: HostEvent.isControl)
    }

    /// The token for programs, without itself.
    fileprivate var json: JSONValue {
        .init(present: [
            ("id", .string(id)), ("name", .string(name)), ("namespace", sharedNamespace.map { .string($0.rawValue) } ?? .null),
            ("createdAt", .string(createdAt.formatted(.iso8601))), ("lastUsedAt", lastUsedAt.map { .string($0.formatted(.iso8601)) }),
            ("revokedAt", revokedAt.map { .string($0.formatted(.iso8601)) }),
        ])
    }
}
