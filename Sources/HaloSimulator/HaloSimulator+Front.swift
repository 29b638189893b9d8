import WebServer

/// What is answered outside the API, and without a token.
extension HaloSimulator {
    func front(_ request: WebRequest, _ route: Route) -> Reply {
        switch route {
        case .token:
            return TokenEndpoint(configuration: configuration).reply(to: request, ledger: &tokens, plan: plan, now: now)
        case .openIDConfiguration where request.method == "GET": return Reply(status: 200, json: openIDConfiguration(request.origin))
        case .loginPage where request.method == "GET": return Reply(status: 200, content: .html(Array(Pages.login.utf8)))
        default: return Reply(status: 404, content: .empty)
        }
    }

    var now: HaloTime { HaloTime(configuration.clock()) }

    /// The time by which the vendor dates what it stores.
    var vendorNow: HaloTime { now.adding(seconds: plan.shift(.clock, .clockStored)) }

    private func openIDConfiguration(_ origin: String) -> JSONValue {
        [
            "issuer": .string("\(origin)/auth/"), "authorization_endpoint": .string("\(origin)/auth/authorize"),
            "token_endpoint": .string("\(origin)/auth/token"), "jwks_uri": .string("\(origin)/auth/.well-known/jwks"),
            "grant_types_supported": ["authorization_code", "client_credentials", "password", "refresh_token"],
            "scopes_supported": .array((HaloScope.identity + ["all"]).map(JSONValue.string)),
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        ]
    }

    func authInfo(_ origin: String) -> JSONValue {
        ["auth_url": .string("\(origin)/auth"), "tenant_id": .string(configuration.tenant)]
    }

    func instanceInfo(_ origin: String) -> JSONValue {
        let agents = store[.agent].rows.count
        return [
            "dbid": 4711, "app_version": "2.188.7", "database_version": "2.188.7", "agent_count": .int(agents), "licensed_agent_count": 10,
            "online_agent_count": 1, "app_name": "HaloPSA", "agent_url": .string(origin), "portal_url": .string("\(origin)/portal"),
            "auth_url": .string("\(origin)/auth"), "is_demo": true,
        ]
    }
}

extension WebRequest {
    /// Scheme and host as the client addressed them.
    var origin: String { "http://" + (headers["Host"] ?? "127.0.0.1") }
}
