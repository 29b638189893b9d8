import FoundationEssentials
import WebServer

/// API requests, in the order of processing: route, token, rate limit, scope, fault, resource.
extension HaloSimulator {
    func api(_ request: WebRequest, _ route: Route) async throws -> Reply {
        switch route {
        case .unknownAPI: throw ErrorReply.empty(404)
        case .authInfo:
            try requireGet(request)
            return Reply(status: 200, json: authInfo(request.origin))
        case .instanceInfo:
            try requireGet(request)
            return Reply(status: 200, json: instanceInfo(request.origin))
        default: break
        }
        let granted = try authorize(request)
        try enforceRateLimit()
        let call = APICall(
            query: QueryParameters(request.query, timeZoneOffset: plan.clockOffset(.dateFilterLocal)), plan: plan, now: vendorNow,
            origin: request.origin,
            applicationID: configuration.clientID)
        switch route {
        case .clientMe: throw ErrorReply.unauthorized("Bearer")
        case .agentMe:
            try requireGet(request)
            return try store.readRecord(.agent, .number(SeedID.apiAgent), call)
        case .resource(let resource, let id):
            let writes = request.method != "GET"
            guard resource.rules.permits(granted, writes: writes) else { throw ErrorReply.empty(resource.rules.deniedStatus) }
            if let denial = plan.denial(of: resource) { throw ErrorReply(denial) }
            return try await serve(request, resource, id, call)
        default: throw ErrorReply.empty(404)
        }
    }

    private func requireGet(_ request: WebRequest) throws {
        guard request.method == "GET" else { throw ErrorReply.empty(405) }
    }

    /// HaloPSA fact: 401 has an empty body; a token can be revoked before it expires.
    private func authorize(_ request: WebRequest) throws -> Set<String> {
        if plan.isOn(.tokenRevokedAlways) { throw ErrorReply.unauthorized(#"Bearer error="invalid_token""#) }
        if plan.triggersOnce(.tokenRevokedOnce) { tokens.revokeAll() }
        let parts = (request.headers["Authorization"] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { throw ErrorReply.unauthorized("Bearer") }
        guard let scopes = tokens.scopes(of: String(parts[1]), now: now) else {
            throw ErrorReply.unauthorized(#"Bearer error="invalid_token", error_description="The specified token is invalid.""#)
        }
        return scopes
    }

    private func enforceRateLimit() throws {
        guard let limit = configuration.rateLimit, let seconds = limiter.retryAfter(now: now, limit: limit) else { return }
        var reply = Reply(status: 429, content: .empty)
        if limit.sendsRetryAfter { reply.headers["Retry-After"] = String(seconds) }
        throw ErrorReply(reply)
    }

    private func serve(_ request: WebRequest, _ resource: Resource, _ id: String?, _ call: APICall) async throws -> Reply {
        switch (request.method, id) {
        case ("GET", nil): return try list(resource, call)
        case ("GET", let id?):
            guard resource.rules.hasDetail else { throw ErrorReply.empty(404) }
            if resource == .attachment, isAttachmentID(id, call.plan) {
                return try store.readAttachment(.string(id), call)
            }
            return try read(resource, try identifier(id, resource), call)
        case ("POST", nil): return try await save(request, resource, call)
        case ("DELETE", let id?):
            guard resource.rules.isDeletable else { throw ErrorReply.empty(405) }
            if resource == .attachment, isAttachmentID(id, call.plan) {
                return try store.deleteAttachment(.string(id))
            }
            return try delete(resource, try identifier(id, resource), call)
        default: throw ErrorReply.empty(405)
        }
    }

    /// Whether a path names an attachment by number, or by text where ids are texts; other texts are malformed.
    private func isAttachmentID(_ text: String, _ plan: FaultPlan) -> Bool {
        Int32(text) != nil || plan.isOn(.uploadTokens) || store.attachments.file(token: text) != nil
    }

    /// HaloPSA fact: a malformed integer id is a 400 that names it, a malformed GUID is a 404.
    private func identifier(_ text: String, _ resource: Resource) throws -> Table.RowID {
        switch resource.rules.identifier {
        case .guid: return .guid(text.lowercased())
        case .integer:
            guard let number = Int32(text) else { throw ErrorReply.invalidValue("id", text) }
            return .number(Int(number))
        }
    }

    private func list(_ resource: Resource, _ call: APICall) throws -> Reply {
        switch resource {
        case .tickets: return try store.listTickets(call)
        case .actions: return try store.listActions(call)
        case .attachment: return try store.listAttachments(call)
        case .fieldInfo: return store.listFields(call)
        case .lookup:
            if let rows = try call.query.integer("lookupid").flatMap(store.lookupRows) { return Reply(status: 200, json: .array(rows)) }
            return .list(try store[resource].list(call))
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
        case .fieldInfo: return try store.readField(number, call)
        case .ticketType where call.plan.isOn(.typeDetailArray):
            let bytes = try store.readRecord(resource, id, call).bytes ?? []
            return Reply(status: 200, content: .json([UInt8(ascii: "[")] + bytes + [UInt8(ascii: "]")]))
        default: return try store.readRecord(resource, id, call)
        }
    }

    private func delete(_ resource: Resource, _ id: Table.RowID, _ call: APICall) throws -> Reply {
        guard case .number(let number) = id else { return try store.deleteRecord(resource, id) }
        switch resource {
        case .tickets: return try store.deleteTicket(number, call)
        case .actions: return try store.deleteAction(number, call)
        default: return try store.deleteRecord(resource, id)
        }
    }
}

/// POST requests: an array of objects, each created or changed.
extension HaloSimulator {
    func save(_ request: WebRequest, _ resource: Resource, _ call: APICall) async throws -> Reply {
        let elements = try elements(of: request)
        let creates = elements.contains { ($0["id"]?.integer ?? 0) == 0 && ($0["id"]?.text ?? "").isEmpty }
        let filtered = plan.filtered(forContent: elements.map(Self.text).joined(separator: "\n"))
        if creates, let reply = filtered.replyBeforeCreating(resource) { throw ErrorReply(reply) }
        if creates, resource == .tickets, plan.isOn(.createRace) { try await rejectConcurrentCreation() }
        let types = types(of: resource)
        var checked: [[String: JSONValue]] = []
        for (index, element) in elements.enumerated() {
            checked.append(try types.converted(element, element: index, body: request.body))
        }
        let saved = try saveAll(checked, resource, call)
        if creates, let reply = filtered.replyAfterCreating(resource, record: saved.last) { throw ErrorReply(reply) }
        // HaloPSA fact: the reply is a bare object; for several elements only the last, unless `returnall=true`.
        guard call.query.isTrue("returnall") else { return Reply(status: 201, content: .saved(saved.last ?? [])) }
        return Reply(status: 201, content: .json([UInt8(ascii: "[")] + saved.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]))
    }

    /// Saves all elements or none: how the vendor handles the first elements of a rejected array is not documented.
    private func saveAll(_ elements: [[String: JSONValue]], _ resource: Resource, _ call: APICall) throws -> [[UInt8]] {
        // Keeping a copy for the rollback makes the next write copy all tickets; a single element needs no rollback.
        let before = elements.count > 1 ? (store, writes) : nil
        do {
            return try elements.map { element in
                var call = call
                call.plan = call.plan.filtered(forContent: Self.text(of: element))
                let saved = try saveOne(element, resource, call)
                record(element, resource, saved: saved)
                reportEvent(of: element, resource)
                return saved
            }
        } catch {
            if let before { (store, writes) = before }
            throw error
        }
    }

    /// Reports the change of a ticket to the webhook.
    private func reportEvent(of element: [String: JSONValue], _ resource: Resource) {
        let id = element["id"]?.integer ?? 0
        switch resource {
        case .tickets where id == 0: store.tickets.records.last.map { ticketEvent(.created, $0.id) }
        case .tickets: ticketEvent(.updated, id)
        case .actions: element["ticket_id"]?.integer.map { ticketEvent(id == 0 ? .actionAdded : .updated, $0) }
        default: break
        }
    }

    private func saveOne(_ element: [String: JSONValue], _ resource: Resource, _ call: APICall) throws -> [UInt8] {
        switch resource {
        case .tickets: return try store.saveTicket(element, call)
        case .actions: return try store.saveAction(element, call)
        case .attachment:
            let file = try store.attachments.save(
                element, ticket: try call.query.integer("ticket_id"), limit: call.plan.fault(.uploadLimit)?.number, now: call.now)
            return JSONWriter.bytes(of: file.uploadReply(usingTokens: call.plan.isOn(.uploadTokens)))
        default: return try store.saveRecord(resource, element, call)
        }
    }

    private func types(of resource: Resource) -> FieldTypes {
        switch resource {
        case .tickets: .ticket
        case .actions: .action
        default: FieldTypes(of: store[resource].rows.prefix(50).lazy.map(\.fields))
        }
    }

    /// HaloPSA fact: number assignment has a race; of two tickets created at the same time the later one fails.
    private func rejectConcurrentCreation() async throws {
        guard creationsInProgress == 0 else { throw ErrorReply.empty(500) }
        creationsInProgress += 1
        defer { creationsInProgress -= 1 }
        try? await Task.sleep(for: .milliseconds(150))
    }

    private func elements(of request: WebRequest) throws -> [[String: JSONValue]] {
        guard Self.isJSON(request.headers["Content-Type"]) else { throw ErrorReply.empty(415) }
        let body: JSONValue
        do {
            body = try JSONDecoder().decode(JSONValue.self, from: Data(request.body))
        } catch {
            throw ErrorReply.modelState("", "Unexpected character encountered while parsing value. Path '', line 1, position 1.")
        }
        guard case .array(let elements) = body else {
            throw ErrorReply.modelState(
                "",
                "Cannot deserialize the current JSON object into type 'System.Collections.Generic.List`1' because the type requires a JSON "
                    + "array (e.g. [1,2,3]) to deserialize correctly. Path '', line 1, position 1.")
        }
        guard !elements.isEmpty else { throw ErrorReply.text("Invalid Data Type") }
        return try elements.enumerated().map { index, element in
            guard case .object(let fields) = element else {
                throw ErrorReply.modelState("[\(index)]", "Error converting value to an object. Path '[\(index)]', line 1, position 1.")
            }
            return fields
        }
    }

    /// HaloPSA fact: these content types are accepted, anything else is 415.
    private static func isJSON(_ contentType: String?) -> Bool {
        let type = (contentType ?? "").lowercased().prefix { $0 != ";" }.filter { $0 != " " }
        return ["application/json", "text/json", "application/json-patch+json"].contains(type)
            || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }
}

/// Requests outside the API, which need no token.
extension HaloSimulator {
    func publicReply(to request: WebRequest, _ route: Route) -> Reply {
        switch route {
        case .token:
            return TokenEndpoint(configuration: configuration).reply(to: request, tokens: &tokens, plan: plan, now: now)
        case .openIDConfiguration where request.method == "GET": return Reply(status: 200, json: openIDConfiguration(request.origin))
        case .file(let token) where request.method == "GET":
            return store.attachments.file(token: token)?.reply ?? Reply(status: 404, content: .empty)
        case .loginPage where request.method == "GET": return Reply(status: 200, content: .html(Array(Pages.login.utf8)))
        default: return Reply(status: 404, content: .empty)
        }
    }

    var now: HaloTime { HaloTime(configuration.clock()) }

    /// The time the vendor stores in records, which a fault may shift.
    var vendorNow: HaloTime { now.adding(seconds: plan.clockOffset(.clock, .clockStored)) }

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
    /// Scheme and host as in the client's request.
    var origin: String { "http://" + (headers["Host"] ?? "127.0.0.1") }
}

/// One authorized call, with everything a handler depends on.
struct APICall: Sendable {
    var query: QueryParameters
    var plan: FaultPlan
    var now: HaloTime
    /// Scheme and host as in the client's request.
    var origin: String
    var applicationID: String
}

/// Counts requests in a rolling window.
struct RateLimiter: Sendable {
    private var timestamps: [HaloTime] = []

    /// Counts a request and returns nil, or returns the seconds to wait if the window is full.
    mutating func retryAfter(now: HaloTime, limit: HaloSimulator.Configuration.RateLimit) -> Int? {
        let start = now.adding(seconds: -limit.windowSeconds)
        timestamps.removeAll { $0 <= start }
        guard timestamps.count >= limit.requests else {
            timestamps.append(now)
            return nil
        }
        guard let oldest = timestamps.first else { return limit.windowSeconds }
        let ticks = oldest.ticks - start.ticks
        return max(1, Int((ticks + HaloTime.ticksPerSecond - 1) / HaloTime.ticksPerSecond))
    }
}
