import WebServer

/// `POST /auth/token`.
struct TokenEndpoint: Sendable {
    let configuration: HaloSimulator.Configuration

    func reply(to request: WebRequest, ledger: inout TokenLedger, plan: FaultPlan, now: HaloTime) -> Reply {
        guard request.method == "POST" else {
            return TokenRefusal.reply(400, "invalid_request", "The specified HTTP method is not valid.", "ID2084")
        }
        let type = request.headers["Content-Type"]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") else {
            return TokenRefusal.reply(400, "invalid_request", "The specified 'Content-Type' header is not valid.", "ID2082")
        }
        // Clients have seen a 500 with a web page for a tenant the server does not know.
        if let tenant = request.queryValue("tenant"), !tenant.isEmpty, tenant.lowercased() != configuration.tenant.lowercased() {
            return Reply(status: 500, content: .html(Array(Pages.serverError.utf8)))
        }
        let form = [String: String](FormBody.fields(request.body).map { ($0.name, $0.value) }) { first, _ in first }
        switch form["grant_type"] ?? "" {
        case "": return TokenRefusal.reply(400, "invalid_request", "The mandatory 'grant_type' parameter is missing.", "ID2077")
        case "client_credentials": return clientCredentials(form, &ledger, plan, now)
        case "password": return password(form, &ledger, plan, now)
        case "refresh_token": return refresh(form, &ledger, plan, now)
        default:
            return TokenRefusal.reply(400, "unsupported_grant_type", "The specified 'grant_type' parameter is not supported.", "ID2032")
        }
    }

    private func clientCredentials(_ form: [String: String], _ ledger: inout TokenLedger, _ plan: FaultPlan, _ now: HaloTime) -> Reply {
        guard let id = form["client_id"], !id.isEmpty, let secret = form["client_secret"], !secret.isEmpty else {
            return TokenRefusal.reply(
                400, "invalid_request",
                "The 'client_id' and 'client_secret' parameters are required when using the client credentials grant.", "ID2057")
        }
        guard id.lowercased() == configuration.clientID.lowercased() else {
            return TokenRefusal.reply(401, "invalid_client", "The specified 'client_id' parameter is invalid.", "ID2052")
        }
        guard secret == configuration.clientSecret else {
            return TokenRefusal.reply(401, "invalid_client", "The specified client credentials are invalid.", "ID2055")
        }
        return issue(form, nil, &ledger, plan, now)
    }

    private func password(_ form: [String: String], _ ledger: inout TokenLedger, _ plan: FaultPlan, _ now: HaloTime) -> Reply {
        guard form["client_id"]?.lowercased() == configuration.clientID.lowercased() else {
            return TokenRefusal.reply(401, "invalid_client", "The specified 'client_id' parameter is invalid.", "ID2052")
        }
        guard form["username"] == configuration.username, form["password"] == configuration.password else {
            return TokenRefusal.reply(400, "invalid_grant", "The username/password couple is invalid.", "ID2024")
        }
        return issue(form, configuration.username, &ledger, plan, now)
    }

    private func refresh(_ form: [String: String], _ ledger: inout TokenLedger, _ plan: FaultPlan, _ now: HaloTime) -> Reply {
        guard let grant = ledger.redeem(refreshToken: form["refresh_token"] ?? "") else {
            return TokenRefusal.reply(400, "invalid_grant", "The specified refresh token is invalid.", "ID2003")
        }
        return answer(scopes: grant.scopes, grant.username, &ledger, plan, now)
    }

    private func issue(
        _ form: [String: String], _ username: String?, _ ledger: inout TokenLedger, _ plan: FaultPlan, _ now: HaloTime
    ) -> Reply {
        let requested = (form["scope"] ?? "").split(separator: " ").map(String.init)
        guard requested.allSatisfy(HaloScope.isKnown) else {
            return TokenRefusal.reply(400, "invalid_scope", "The specified 'scope' parameter is invalid.", "ID2052")
        }
        // HaloPSA fact: a known scope that the application lacks is no error, the grant is narrower.
        let granted = HaloScope.granted(requested: requested, application: configuration.applicationScopes)
        return answer(scopes: granted, username, &ledger, plan, now)
    }

    private func answer(
        scopes: [String], _ username: String?, _ ledger: inout TokenLedger, _ plan: FaultPlan, _ now: HaloTime
    ) -> Reply {
        let tokens = ledger.issue(scopes: scopes, lifetime: configuration.tokenLifetime, username: username, now: now)
        return Reply(
            status: 200,
            json: [
                "scope": .string(scopes.joined(separator: " ")), "token_type": "Bearer", "access_token": .string(tokens.access),
                "expires_in": .int(plan.isOn(.tokenExpiresNow) ? 0 : configuration.tokenLifetime), "refresh_token": .string(tokens.refresh),
                "id_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl",
            ])
    }
}
