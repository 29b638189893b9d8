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
            Route(.post, "/tokens/{id}/revoke", .admin) { exchange in
                let id = exchange.parameter("id")
                let name = try await services.storage.tokens().first { $0.id == id }?.name ?? ""
                try await services.storage.revokeToken(id, at: exchange.now, audit: exchange.audit(.tokenRevoked, name))
                return .redirect(to: "/tokens?notice=token-revoked")
            },
        ]
    }

    private func createToken(_ exchange: Exchange) async throws -> WebResponse {
        let name = try exchange.form().text("name").trimmingSpaces
        var page = TokensPage(exchange: exchange, tokens: try await services.storage.tokens())
        guard (1...APIToken.longestName).contains(name.count) else {
            page.problem = "A name has 1 to \(APIToken.longestName) characters."
            return .page(422, page)
        }
        let (text, token) = try APIToken.make(name: name, at: exchange.now)
        try await services.storage.add(token, audit: exchange.audit(.tokenCreated, name))
        page = TokensPage(exchange: exchange, tokens: try await services.storage.tokens(), made: text)
        return .page(201, page)
    }
}
