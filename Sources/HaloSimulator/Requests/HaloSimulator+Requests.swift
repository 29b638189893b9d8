import FoundationEssentials
import WebServer

/// The way of an API request: route, token, limit, scope, fault, resource.
extension HaloSimulator {
    func api(_ request: WebRequest, _ route: Route) async throws -> Reply {
        switch route {
        case .unknownAPI: throw Refusal.empty(404)
        case .authInfo:
            try requireGet(request)
            return Reply(status: 200, json: authInfo(request.origin))
        case .instanceInfo:
            try requireGet(request)
            return Reply(status: 200, json: instanceInfo(request.origin))
        default: break
        }
        let granted = try authorise(request)
        try limit()
        let call = APICall(
            query: QueryParameters(request.query, zone: plan.shift(.dateFilterLocal)), plan: plan, now: vendorNow, origin: request.origin,
            applicationID: configuration.clientID)
        switch route {
        case .clientMe: throw Refusal.unauthorized("Bearer")
        case .agentMe:
            try requireGet(request)
            return try store.readRecord(.agent, .number(Tenant.apiAgent), call)
        case .resource(let resource, let id):
            let writes = request.method != "GET"
            guard resource.rules.permits(granted, writes: writes) else { throw Refusal.empty(resource.rules.deniedStatus) }
            if let denial = plan.denial(of: resource) { throw Refusal(denial) }
            return try await serve(request, resource, id, call)
        default: throw Refusal.empty(404)
        }
    }

    private func requireGet(_ request: WebRequest) throws {
        guard request.method == "GET" else { throw Refusal.empty(405) }
    }

    /// HaloPSA fact: 401 has an empty body; a token can die early.
    private func authorise(_ request: WebRequest) throws -> Set<String> {
        if plan.isOn(.tokenRevokedAlways) { throw Refusal.unauthorized(#"Bearer error="invalid_token""#) }
        if plan.strikesOnce(.tokenRevokedOnce) { tokens.revokeAll() }
        let parts = (request.headers["Authorization"] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw Refusal.unauthorized("Bearer") }
        guard let scopes = tokens.scopes(of: String(parts[1]), now: now) else {
            throw Refusal.unauthorized(#"Bearer error="invalid_token", error_description="The specified token is invalid.""#)
        }
        return scopes
    }

    private func limit() throws {
        guard let rule = configuration.rateLimit, let wait = limiter.wait(now: now, rule: rule) else { return }
        var reply = Reply(status: 429, content: .empty)
        if rule.sendsRetryAfter { reply.headers["Retry-After"] = String(wait) }
        throw Refusal(reply)
    }

    private func serve(_ request: WebRequest, _ resource: Resource, _ id: String?, _ call: APICall) async throws -> Reply {
        switch (request.method, id) {
        case ("GET", nil): return try list(resource, call)
        case ("GET", let id?):
            guard resource.rules.hasDetail else { throw Refusal.empty(404) }
            return try read(resource, try identifier(id, resource), call)
        case ("POST", nil): return try await save(request, resource, call)
        case ("DELETE", let id?):
            guard resource.rules.isDeletable else { throw Refusal.empty(405) }
            return try delete(resource, try identifier(id, resource), call)
        default: throw Refusal.empty(405)
        }
    }

    /// HaloPSA fact: a malformed whole number is a 400 that names it, a malformed GUID a 404.
    private func identifier(_ text: String, _ resource: Resource) throws -> Table.RowID {
        switch resource.rules.identifier {
        case .guid: return .guid(text.lowercased())
        case .integer:
            guard let number = Int32(text) else { throw Refusal.invalidValue("id", text) }
            return .number(Int(number))
        }
    }

    private func list(_ resource: Resource, _ call: APICall) throws -> Reply {
        switch resource {
        case .tickets: return try store.listTickets(call)
        case .actions: return try store.listActions(call)
        case .attachment: return try store.listAttachments(call)
        case .sla where call.query.isTrue("showpriorities"):
            let rows = store[.sla].rows.map { JSONValue.object($0.fields) }
            return Reply(status: 200, json: .array(rows))
        default: return .list(try store[resource].list(call))
        }
    }

    private func read(_ resource: Resource, _ id: Table.RowID, _ call: APICall) throws -> Reply {
        guard case .number(let number) = id else { return try store.readRecord(resource, id, call) }
        switch resource {
        case .tickets: return try store.readTicket(number, call)
        case .actions: return try store.readAction(number, call)
        case .attachment: return try store.readAttachment(number)
        default: return try store.readRecord(resource, id, call)
        }
    }

    private func delete(_ resource: Resource, _ id: Table.RowID, _ call: APICall) throws -> Reply {
        guard case .number(let number) = id else { return try store.deleteRecord(resource, id) }
        switch resource {
        case .tickets: return try store.deleteTicket(number, call)
        case .actions: return try store.deleteAction(number, call)
        case .attachment:
            guard store.attachments.remove(number) != nil else { throw Refusal.empty(404) }
            return Reply(status: 200, content: .empty)
        default: return try store.deleteRecord(resource, id)
        }
    }
}

/// POST: an array of objects, each created or changed.
extension HaloSimulator {
    func save(_ request: WebRequest, _ resource: Resource, _ call: APICall) async throws -> Reply {
        let elements = try elements(of: request)
        let creates = elements.contains { ($0["id"]?.integer ?? 0) == 0 && ($0["id"]?.text ?? "").isEmpty }
        let focused = plan.focused(on: elements.map(Self.text).joined(separator: "\n"))
        if creates, let lost = focused.answerBeforeCreating(resource) { throw Refusal(lost) }
        if creates, resource == .tickets, plan.isOn(.createRace) { try await race() }
        let types = types(of: resource)
        var checked: [[String: JSONValue]] = []
        for (index, element) in elements.enumerated() {
            checked.append(try types.normalised(element, element: index, body: request.body))
        }
        let saved = try saveAll(checked, resource, call)
        if creates, let answer = focused.answerAfterCreating(resource, record: saved.last) { throw Refusal(answer) }
        // HaloPSA fact: a bare object for one element; for several only the last, unless `returnall=true`.
        guard call.query.isTrue("returnall") else { return Reply(status: 201, content: .saved(saved.last ?? [])) }
        return Reply(status: 201, content: .json([UInt8(ascii: "[")] + saved.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]))
    }

    /// All or nothing: what the vendor does with the first half of a refused array is not on record.
    private func saveAll(_ elements: [[String: JSONValue]], _ resource: Resource, _ call: APICall) throws -> [[UInt8]] {
        // A copy to go back to makes the next write copy all tickets; a single element needs none.
        let before = elements.count > 1 ? (store, writes) : nil
        do {
            return try elements.map { element in
                var call = call
                call.plan = call.plan.focused(on: Self.text(of: element))
                let saved = try saveOne(element, resource, call)
                record(element, resource, saved: saved)
                return saved
            }
        } catch {
            if let before { (store, writes) = before }
            throw error
        }
    }

    private func saveOne(_ element: [String: JSONValue], _ resource: Resource, _ call: APICall) throws -> [UInt8] {
        switch resource {
        case .tickets: return try store.saveTicket(element, call)
        case .actions: return try store.saveAction(element, call)
        case .attachment: return JSONBytes.of(.object(try store.attachments.save(element, now: call.now).fields))
        default: return try store.saveRecord(resource, element, call)
        }
    }

    private func types(of resource: Resource) -> WireTypes {
        switch resource {
        case .tickets: .ticket
        case .actions: .action
        default: WireTypes(of: store[resource].rows.prefix(50).lazy.map(\.fields))
        }
    }

    /// HaloPSA fact: number assignment races; of two tickets created at once the later fails.
    private func race() async throws {
        guard creationsUnderWay == 0 else { throw Refusal.empty(500) }
        creationsUnderWay += 1
        defer { creationsUnderWay -= 1 }
        try? await Task.sleep(for: .milliseconds(150))
    }

    private func elements(of request: WebRequest) throws -> [[String: JSONValue]] {
        guard Self.isJSON(request.headers["Content-Type"]) else { throw Refusal.empty(415) }
        let body: JSONValue
        do {
            body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body))
        } catch {
            throw Refusal.modelState("", "Unexpected character encountered while parsing value. Path '', line 1, position 1.")
        }
        guard case .array(let elements) = body else {
            throw Refusal.modelState(
                "",
                "Cannot deserialize the current JSON object into type 'System.Collections.Generic.List`1' because the type requires a JSON "
                    + "array (e.g. [1,2,3]) to deserialize correctly. Path '', line 1, position 1.")
        }
        guard !elements.isEmpty else { throw Refusal.text("Invalid Data Type") }
        return try elements.enumerated().map { index, element in
            guard case .object(let fields) = element else {
                throw Refusal.modelState("[\(index)]", "Error converting value to an object. Path '[\(index)]', line 1, position 1.")
            }
            return fields
        }
    }

    /// HaloPSA fact: these four content types are accepted, anything else is 415.
    private static func isJSON(_ contentType: String?) -> Bool {
        let type = (contentType ?? "").lowercased().prefix { $0 != ";" }.filter { $0 != " " }
        return ["application/json", "text/json", "application/json-patch+json"].contains(type)
            || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }
}

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

/// One authorised call, with everything a handler may depend on.
struct APICall: Sendable {
    var query: QueryParameters
    var plan: FaultPlan
    var now: HaloTime
    /// Scheme and host as the client addressed them.
    var origin: String
    var applicationID: String
}

/// Counts requests in a rolling window.
struct RateLimiter: Sendable {
    private var moments: [HaloTime] = []

    /// Counts a request, or tells how many seconds to wait when the window is full.
    mutating func wait(now: HaloTime, rule: HaloSimulator.Configuration.RateLimit) -> Int? {
        let start = now.adding(seconds: -rule.windowSeconds)
        moments.removeAll { $0 <= start }
        guard moments.count >= rule.requests else {
            moments.append(now)
            return nil
        }
        guard let oldest = moments.first else { return rule.windowSeconds }
        let ticks = oldest.ticks - start.ticks
        return max(1, Int((ticks + HaloTime.ticksPerSecond - 1) / HaloTime.ticksPerSecond))
    }
}
