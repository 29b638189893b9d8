import PSACore
import WebServer

extension PageRoutes {
    /// The tokens with which programs send events.
    var tokenRoutes: [Route] {
        [
            Route(.get, "/tokens", .admin) { exchange in
                let notice = exchange.request.queryValue("notice").flatMap(Notice.init(afterwards:))
                return .page(200, TokensPage(exchange: exchange, tokens: try await services.storage.tokens(), notice: notice))
            },
            Route(.post, "/tokens", .admin) { try await createToken($0) },
            Route(.post, "/tokens/{id}/namespace", .admin) { try await changeNamespace($0) },
            Route(.post, "/tokens/{id}/revoke", .admin) { exchange in
                let id = exchange.parameter("id")
                let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
                try await services.storage.revokeToken(id, at: exchange.now, audit: exchange.audit(.tokenRevoked, name))
                return .redirect(to: "/tokens?notice=token-revoked")
            },
        ]
    }

    private func createToken(_ exchange: Exchange) async throws -> WebResponse {
        let form = try exchange.form()
        let (name, typed) = (form.text("name").trimmingSpaces, form.text("namespace").trimmingSpaces)
        let namespace = EventNamespace.Name(typed)
        var page = TokensPage(exchange: exchange, tokens: try await services.storage.tokens(), name: name, namespace: typed)
        if !APIToken.isUsable(name: name) { page.problem = APIToken.nameRule }
        if namespace == nil, !typed.isEmpty { page.namespaceProblem = EventNamespace.Name.rule }
        guard page.problem == nil, page.namespaceProblem == nil else { return .page(422, page) }
        let (text, token) = try APIToken.make(name: name, namespace: namespace, at: exchange.now)
        try await services.storage.add(token, audit: exchange.audit(.tokenCreated, name, .done, namespace.sentence))
        page = TokensPage(exchange: exchange, tokens: try await services.storage.tokens(), made: text)
        return .page(201, page)
    }

    private func changeNamespace(_ exchange: Exchange) async throws -> WebResponse {
        let typed = try exchange.form().text("namespace").trimmingSpaces
        let namespace = EventNamespace.Name(typed)
        guard namespace != nil || typed.isEmpty else { throw WebFailure(.invalid, EventNamespace.Name.rule) }
        let id = exchange.parameter("id")
        let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
        try await services.storage.setNamespace(
            namespace, ofToken: id, audit: exchange.audit(.tokenChanged, name, .done, namespace.sentence))
        return .redirect(to: "/tokens?notice=token-changed")
    }
}
