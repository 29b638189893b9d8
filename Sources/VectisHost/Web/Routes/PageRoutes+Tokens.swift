import PSACore
import WebServer

extension PageRoutes {
    /// The tokens with which programs send events.
    var tokenRoutes: [Route] {
        [
            Route(.get, "/tokens", .admin) { context in
                let notice = context.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, TokensPage(context: context, tokens: try await services.storage.tokens(), notice: notice))
            },
            Route(.post, "/tokens", .admin) { try await createToken($0) },
            Route(.post, "/tokens/{id}/namespace", .admin) { try await changeNamespace($0) },
            Route(.post, "/tokens/{id}/revoke", .admin) { context in
                let id = context.parameter("id")
                let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
                try await services.storage.revokeToken(id, at: context.now, audit: context.audit(.tokenRevoked, name))
                return .redirect(to: "/tokens?notice=token-revoked")
            },
        ]
    }

    private func createToken(_ context: RequestContext) async throws -> WebResponse {
        let form = try context.form()
        let (name, typed) = (form.text("name").trimmingSpaces, form.text("namespace").trimmingSpaces)
        let namespace = EventNamespace.Name(typed)
        var page = TokensPage(context: context, tokens: try await services.storage.tokens(), name: name, namespace: typed)
        if !APIToken.isUsable(name: name) { page.problem = APIToken.nameRule }
        if namespace == nil, !typed.isEmpty { page.namespaceProblem = EventNamespace.Name.rule }
        guard page.problem == nil, page.namespaceProblem == nil else { return .page(422, page) }
        let (text, token) = try APIToken.make(name: name, namespace: namespace, at: context.now)
        try await services.storage.add(token, audit: context.audit(.tokenCreated, name, .done, namespace.sentence))
        page = TokensPage(context: context, tokens: try await services.storage.tokens(), made: text)
        return .page(201, page)
    }

    private func changeNamespace(_ context: RequestContext) async throws -> WebResponse {
        let typed = try context.form().text("namespace").trimmingSpaces
        let namespace = EventNamespace.Name(typed)
        guard namespace != nil || typed.isEmpty else { throw WebError(.invalid, EventNamespace.Name.rule) }
        let id = context.parameter("id")
        let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
        try await services.storage.setNamespace(
            namespace, ofToken: id, audit: context.audit(.tokenChanged, name, .done, namespace.sentence))
        return .redirect(to: "/tokens?notice=token-changed")
    }
}
