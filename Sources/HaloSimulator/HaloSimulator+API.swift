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
