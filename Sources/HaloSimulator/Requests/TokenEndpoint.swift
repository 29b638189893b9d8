import WebServer

/// `POST /auth/token`.
struct TokenEndpoint: Sendable {
    let configuration: HaloSimulator.Configuration

    func reply(to request: WebRequest, tokens: inout TokenStore, plan: FaultPlan, now: HaloTime) -> Reply {
        guard request.method == "POST" else {
            return TokenErrorReply.reply(400, "invalid_request", "The specified HTTP method is not valid.", "ID2084")
        }
        let type = request.headers["Content-Type"]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") else {
            return TokenErrorReply.reply(400, "invalid_request", "The specified 'Content-Type' header is not valid.", "ID2082")
        }
        // Clients report a 500 with a web page for a tenant the server does not know.
        if let tenant = request.queryValue("tenant"), !tenant.isEmpty, tenant.lowercased() != configuration.tenant.lowercased() {
            return Reply(status: 500, content: .html(Array(Pages.serverError.utf8)))
        }
        let form = [String: String](FormBody.fields(request.body).map { ($0.name, $0.value) }) { first, _ in first }
        switch form["grant_type"] ?? "" {
        case "": return TokenErrorReply.reply(400, "invalid_request", "The mandatory 'grant_type' parameter is missing.", "ID2077")
        case "client_credentials": return clientCredentials(form, &tokens, plan, now)
        case "password": return password(form, &tokens, plan, now)
        case "refresh_token": return refresh(form, &tokens, plan, now)
        default:
            return TokenErrorReply.reply(400, "unsupported_grant_type", "The specified 'grant_type' parameter is not supported.", "ID2032")
        }
    }

    private func clientCredentials(_ form: [String: String], _ tokens: inout TokenStore, _ plan: FaultPlan, _ now: HaloTime) -> Reply {
        guard let id = form["client_id"], !id.isEmpty, let secret = form["client_secret"], !secret.isEmpty else {
            return TokenErrorReply.reply(
                400, "invalid_request",
                "The 'client_id' and 'client_secret' parameters are required when using the client credentials grant.", "ID2057")
        }
        guard id.lowercased() == configuration.clientID.lowercased() else {
            return TokenErrorReply.reply(401, "invalid_client", "The specified 'client_id' parameter is invalid.", "ID2052")
        }
        guard secret == configuration.clientSecret else {
            return TokenErrorReply.reply(401, "invalid_client", "The specified client credentials are invalid.", "ID2055")
        }
        return issue(form, nil, &tokens, plan, now)
    }

    private func password(_ form: [String: String], _ tokens: inout TokenStore, _ plan: FaultPlan, _ now: HaloTime) -> Reply {
        guard form["client_id"]?.lowercased() == configuration.clientID.lowercased() else {
            return TokenErrorReply.reply(401, "invalid_client", "The specified 'client_id' parameter is invalid.", "ID2052")
        }
        guard form["username"] == configuration.username, form["password"] == configuration.password else {
            return TokenErrorReply.reply(400, "invalid_grant", "The username/password couple is invalid.", "ID2024")
        }
        return issue(form, configuration.username, &tokens, plan, now)
    }

    private func refresh(_ form: [String: String], _ tokens: inout TokenStore, _ plan: FaultPlan, _ now: HaloTime) -> Reply {
        guard let grant = tokens.redeem(refreshToken: form["refresh_token"] ?? "") else {
            return TokenErrorReply.reply(400, "invalid_grant", "The specified refresh token is invalid.", "ID2003")
        }
        return answer(scopes: grant.scopes, grant.username, &tokens, plan, now)
    }

    private func issue(
        _ form: [String: String], _ username: String?, _ tokens: inout TokenStore, _ plan: FaultPlan, _ now: HaloTime
    ) -> Reply {
        let requested = (form["scope"] ?? "").split(separator: " ").map(String.init)
        guard requested.allSatisfy(HaloScope.isKnown) else {
            return TokenErrorReply.reply(400, "invalid_scope", "The specified 'scope' parameter is invalid.", "ID2052")
        }
        // HaloPSA fact: a known scope that the application lacks is not an error; it is missing from the granted scopes.
        let granted = HaloScope.granted(requested: requested, application: configuration.applicationScopes)
        return answer(scopes: granted, username, &tokens, plan, now)
    }

    private func answer(
        scopes: [String], _ username: String?, _ tokens: inout TokenStore, _ plan: FaultPlan, _ now: HaloTime
    ) -> Reply {
        let tokens = tokens.issue(scopes: scopes, lifetime: configuration.tokenLifetime, username: username, now: now)
        return Reply(
            status: 200,
            json: [
                "scope": .string(scopes.joined(separator: " ")), "token_type": "Bearer", "access_token": .string(tokens.access),
                "expires_in": .int(plan.isOn(.tokenExpiresNow) ? 0 : configuration.tokenLifetime), "refresh_token": .string(tokens.refresh),
                "id_token": "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJkZW1vIn0.c2lnbmF0dXJl",
            ])
    }
}

/// An error of the token endpoint.
enum TokenErrorReply {
    /// The body in the format of OpenIddict, the vendor's OAuth server.
    static func body(_ error: String, _ description: String, _ reference: String) -> JSONValue {
        [
            "error": .string(error), "error_description": .string(description),
            "error_uri": .string("https://documentation.openiddict.com/errors/\(reference)"),
        ]
    }

    static func reply(_ status: Int, _ error: String, _ description: String, _ reference: String) -> Reply {
        Reply(status: status, json: body(error, description, reference))
    }
}

/// An `application/x-www-form-urlencoded` body.
enum FormBody {
    static func fields(_ body: [UInt8]) -> [(name: String, value: String)] {
        body.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (name: decoded(parts[0]), value: parts.count > 1 ? decoded(parts[1]) : "")
        }
    }

    /// Returns the body with the values of secret fields replaced, for the request log.
    static func redacted(_ body: [UInt8]) -> [UInt8] {
        let pairs = body.split(separator: UInt8(ascii: "&")).map { pair -> [UInt8] in
            let name = pair.prefix { $0 != UInt8(ascii: "=") }
            let isSecret = ["client_secret", "password", "refresh_token"].contains(decoded(name))
            return isSecret ? Array(name) + Array("=[redacted]".utf8) : Array(pair)
        }
        return Array(pairs.joined(separator: [UInt8(ascii: "&")]))
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                let value = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                index += 3
            } else {
                bytes.append(text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The issued tokens.
///
/// Whether the vendor revokes older tokens when it issues a new one is not documented; here they stay valid.
struct TokenStore: Sendable {
    struct Grant: Sendable {
        var scopes: [String]
        var expires: HaloTime
        /// The user of a password grant, or nil for an application.
        var username: String?
    }

    private var grants: [String: Grant] = [:]
    private var refreshable: [String: Grant] = [:]
    private(set) var issued = 0

    mutating func issue(scopes: [String], lifetime: Int, username: String?, now: HaloTime) -> (access: String, refresh: String) {
        if grants.count > 10_000 { grants = grants.filter { $0.value.expires > now } }
        if refreshable.count > 10_000 { refreshable = [:] }
        let grant = Grant(scopes: scopes, expires: now.adding(seconds: lifetime), username: username)
        let tokens = (access: Self.random(length: 640), refresh: Self.random(length: 96))
        grants[tokens.access] = grant
        refreshable[tokens.refresh] = grant
        issued += 1
        return tokens
    }

    /// Returns the scopes of a valid token, or nil if it is unknown or expired.
    func scopes(of token: String, now: HaloTime) -> Set<String>? {
        guard let grant = grants[token], grant.expires > now else { return nil }
        return Set(grant.scopes)
    }

    mutating func redeem(refreshToken: String) -> Grant? { refreshable.removeValue(forKey: refreshToken) }

    mutating func revokeAll() { grants = [:] }

    private static func random(length: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        let characters = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        return "eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9." + String(decoding: characters, as: UTF8.self)
    }
}

/// The scopes of the token endpoint.
enum HaloScope {
    private static let areas = [
        "tickets", "calendar", "customers", "crm", "contracts", "suppliers", "items", "projects", "sales", "quotes", "sos", "pos",
        "invoices", "reporting", "timesheets", "softwarelicensing", "software", "kb", "assets", "distributionlists",
    ]

    private static let special = [
        "admin", "admin:webhooks", "editMine:timesheets", "access:chat", "access:adpasswordreset", "read:mailcampaign", "read:events",
    ]

    private static let bundles: Set<String> = ["all", "all:standard", "all:teams"]

    /// HaloPSA fact: every token is granted these, whatever was requested.
    static let identity = ["openid", "email", "profile", "offline_access", "roles"]

    private static let standard = areas.flatMap { ["read:\($0)", "edit:\($0)"] }

    /// HaloPSA fact: there is no `read:users`, `read:agents` or `read:attachments`.
    static func isKnown(_ scope: String) -> Bool {
        bundles.contains(scope) || standard.contains(scope) || special.contains(scope) || identity.contains(scope)
    }

    /// Replaces the bundles in a list of scopes with the scopes they contain.
    static func expanded(_ scopes: [String]) -> Set<String> {
        Set(
            scopes.flatMap { scope -> [String] in
                switch scope {
                case "all": standard + special
                case "all:standard": standard
                case "all:teams": ["access:chat"]
                default: [scope]
                }
            })
    }

    /// Returns the granted scopes in the order of the reply: identity first, then those that the request and the application share.
    static func granted(requested: [String], application: [String]) -> [String] {
        let shared = expanded(requested).intersection(expanded(application))
        return identity + (standard + special).filter(shared.contains)
    }
}
