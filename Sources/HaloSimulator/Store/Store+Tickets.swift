extension Store {
    /// Creates or changes one ticket.
    ///
    /// - Returns: The serialized ticket for the reply.
    mutating func saveTicket(_ sent: [String: JSONValue], _ call: APICall) throws -> [UInt8] {
        let id = sent["id"]?.integer ?? 0
        let sent = id == 0 && call.plan.isOn(.typeDefaultsApplied) ? withDefaults(sent) : sent
        var record: TicketRecord
        let checked: CheckedWrite
        if id == 0 {
            if let error = forcedError(call.plan) { throw error }
            try validate(sent, existing: nil, call.plan)
            checked = try checkDemands(sent, existing: nil, call.plan)
            record = TicketRecord(id: tickets.nextID, summary: "", created: sent["dateoccurred"].flatMap(\.time) ?? call.now)
            record.updated = call.now
            record.lastAction = call.now
        } else {
            guard let existing = tickets[id] else { throw ErrorReply.empty(404) }
            guard !existing.isDeleted || sent["_recover"]?.isTrue == true else { throw ErrorReply.empty(404) }
            try validate(sent, existing: existing, call.plan)
            checked = try checkDemands(sent, existing: existing, call.plan)
            record = existing
            record.updated = call.now
            record.isDeleted = false
        }
        assign(&record, from: sent, isNew: id == 0)
        classify(&record, from: sent, isNew: id == 0)
        if sent["summary"] != nil { record.summary = call.plan.storedText(record.summary, .subject) }
        if sent["third_party_id_string"] != nil, call.plan.isOn(.thirdPartyDropped) { record.thirdParty = "" }
        if let status = sent["status_id"]?.integer, id == 0 || !hasWorkflow(record.typeID) {
            setStatus(status, of: &record, now: call.now)
        }
        storeRemainingFields(of: sent, checked, for: record.id, isNew: id == 0, call.plan)
        attachments.attach(checked.uploads, ticket: record.id, action: 0)
        tickets.put(record)
        if id == 0 { actions.replace([ActionSeeding.opening(of: record, applicationID: call.applicationID)], of: record.id) }
        var json = JSONWriter()
        append(record, .saved, .saved, origin: call.origin, to: &json)
        return json.bytes
    }

    /// Adds the defaults of the type; whether the API does so is not documented.
    private func withDefaults(_ sent: [String: JSONValue]) -> [String: JSONValue] {
        let type = self[.ticketType].row(sent["tickettype_id"]?.integer ?? 1)?.fields
        let names = sent["team_id"] == nil ? ["team", "agent_id", "impact"] : ["agent_id", "impact"]
        var sent = sent
        for name in names where sent[name] == nil {
            sent[name] = type?["default_" + (name == "agent_id" ? "agent" : name)]
        }
        return sent
    }

    func setStatus(_ status: Int, of record: inout TicketRecord, now: HaloTime) {
        record.statusID = status
        let closes = self[.status].row(status)?.fields["~closed"]?.isTrue == true
        if closes != record.isClosed { record.closed = closes ? now : .unset }
        record.isClosed = closes
    }

    /// Sets customer, site, user, agent and team.
    private func assign(_ record: inout TicketRecord, from sent: [String: JSONValue], isNew: Bool) {
        if let client = sent["client_id"]?.integer {
            record.clientID = client
            if sent["site_id"] == nil, isNew || self[.site].row(record.siteID)?.fields["client_id"]?.integer != client {
                record.siteID = mainSite(of: client)
                record.userID = -1
            }
        }
        if let site = sent["site_id"]?.integer {
            record.siteID = site
            record.clientID = self[.site].row(site)?.fields["client_id"]?.integer ?? record.clientID
        }
        if let user = sent["user_id"]?.integer { record.userID = user }
        if case .object(let lookup)? = sent["userlookup"], let user = lookup["id"]?.integer { record.userID = user }
        if let agent = sent["agent_id"]?.integer { record.agentID = agent }
        // HaloPSA fact: the team is set by name or by id.
        if let team = sent["team_id"]?.integer, self[.team].row(team) != nil { record.teamID = team }
        if let team = sent["team"]?.text, let id = teamID(named: team) { record.teamID = id }
    }

    /// Sets type, SLA, priority, category and the simple fields.
    private func classify(_ record: inout TicketRecord, from sent: [String: JSONValue], isNew: Bool) {
        if let type = sent["tickettype_id"]?.integer { record.typeID = type }
        if isNew || sent["tickettype_id"] != nil {
            let type = self[.ticketType].row(record.typeID)?.fields
            record.slaID = type?["default_sla"]?.integer ?? record.slaID
            record.priorityID = type?["default_priority"]?.integer ?? record.priorityID
        }
        // HaloPSA fact: a priority of another SLA is silently ignored.
        if let priority = sent["priority_id"]?.integer, priorityRow(sla: record.slaID, priority: priority) != nil {
            record.priorityID = priority
        }
        if let path = sent["category_1"]?.text?.lowercased() {
            let row = self[.category].rows.first { $0.fields["value"]?.text?.lowercased() == path }
            record.categoryID = row?.fields["id"]?.integer ?? record.categoryID
        }
        record.summary = sent["summary"]?.text ?? record.summary
        record.thirdParty = sent["third_party_id_string"]?.text ?? record.thirdParty
        record.impact = sent["impact"]?.integer ?? record.impact
        record.urgency = sent["urgency"]?.integer ?? record.urgency
        record.source = sent["source"]?.integer ?? record.source
        record.contractID = sent["contract_id"]?.integer ?? record.contractID
        record.parentID = sent["parent_id"]?.integer ?? record.parentID
    }

    /// Stores declared fields without a meaning in the simulator as they were sent; unknown fields are silently dropped.
    private mutating func storeRemainingFields(
        of sent: [String: JSONValue], _ checked: CheckedWrite, for id: Int, isNew: Bool, _ plan: FaultPlan
    ) {
        let own: Set<String> = [
            "id", "summary", "tickettype_id", "status_id", "priority_id", "sla_id", "impact", "urgency", "client_id", "client_name",
            "site_id", "site_name", "user_id", "user_name", "user_email", "agent_id", "agent_name", "team", "team_id", "category_1",
            "categoryid_1", "dateoccurred", "last_update", "lastactiondate", "respondbydate", "fixbydate", "deadlinedate", "responsedate",
            "dateclosed", "hasbeenclosed", "onhold", "deleted", "source", "third_party_id_string", "contract_id", "parent_id", "timetaken",
            "use", "status_name", "tickettype_name", "sla_name", "web_url", "api_url", "attachment_count", "donotapplytemplateintheapi",
            "dont_do_rules", "return_this", "sendack", "estimatedays", "ticket_tags",
        ]
        var extras = tickets.extras[id] ?? TicketExtras()
        for (name, value) in sent where !own.contains(name) && !name.hasPrefix("_") && FieldTypes.ticket[name] != nil {
            extras.fields[name] = name.hasPrefix("details") ? .string(plan.storedText(value.text ?? "", .details)) : value
        }
        if plan.isOn(.unknownCategoryDropped) {
            for level in 2...4 where categoryID(extras.fields["category_\(level)"]?.text ?? "", level: level) == nil {
                extras.fields["category_\(level)"] = nil
            }
        }
        if !plan.isOn(.customFieldsDropped) { extras.customFields.merge(checked.customFields) { _, new in new } }
        extras.assets = checked.assets ?? extras.assets
        if isNew {
            if case .bool(let skips)? = sent["dont_do_rules"] { extras.skipsRules = skips }
            extras.skipsValidation = sent["_novalidate"]?.isTrue == true
        }
        if extras != TicketExtras() || tickets.extras[id] != nil { tickets.extras[id] = extras }
    }
}

extension TicketParts {
    /// The parts in a reply to POST: the whole ticket.
    static let saved = TicketParts(isRow: false, includesDetails: true, agentName: true, statusName: true, typeName: true)
}

extension JSONValue {
    /// The timestamp in a string, or nil.
    var time: HaloTime? { text.flatMap(HaloTime.init(text:)) }
}

extension Store {
    /// Rejects the values that the API rejects.
    ///
    /// Where the vendor's message is not documented, it follows the style of the documented ones.
    func validate(_ sent: [String: JSONValue], existing: TicketRecord?, _ plan: FaultPlan) throws {
        try validateType(sent, isNew: existing == nil, plan)
        // The types with fields report a missing summary like any other field.
        let hasFields = typeFields[sent["tickettype_id"]?.integer ?? 0] != nil
        if existing == nil, !hasFields, (sent["summary"]?.text ?? "").isEmpty, sent["_novalidate"]?.isTrue != true {
            throw ErrorReply.text("Summary must be entered")
        }
        try rejectUnknown(sent, "status_id", .status, "Invalid Status")
        try rejectPoison(sent, plan)
        try validateClient(sent)
        try rejectUnknown(sent, "site_id", .site, "Invalid Site")
        try rejectUnknown(sent, "agent_id", .agent, "Invalid Agent")
        try validateUser(sent, existing)
    }

    /// HaloPSA fact: the messages for a customer that does not exist or is inactive.
    private func validateClient(_ sent: [String: JSONValue]) throws {
        guard let id = sent["client_id"]?.integer, id != 0 else { return }
        guard let client = self[.client].row(id) else { throw ErrorReply.text("The Client does not exist") }
        if client.fields["inactive"]?.isTrue == true { throw ErrorReply.text("The selected Customer is inactive") }
    }

    /// Simulates a text that the vendor's database cannot store.
    func rejectPoison(_ sent: [String: JSONValue], _ plan: FaultPlan) throws {
        guard let fault = plan.fault(.poison), HaloSimulator.text(of: sent).contains(fault.argument ?? "poison") else { return }
        throw ErrorReply.exception("String or binary data would be truncated.")
    }

    /// Returns the error of the fault `error-shape`, whatever the ticket contains.
    func forcedError(_ plan: FaultPlan) -> ErrorReply? {
        plan.fault(.errorShape).flatMap { ErrorShape(rawValue: $0.argument ?? "") }.map { ErrorReply($0.reply("Details must be entered")) }
    }

    private func validateType(_ sent: [String: JSONValue], isNew: Bool, _ plan: FaultPlan) throws {
        guard let type = sent["tickettype_id"]?.integer, type != 0 else {
            if isNew, ticketTypeRequired || plan.isOn(.ticketTypeRequired) { throw ErrorReply.text("A Ticket Type must be selected") }
            return
        }
        guard let row = self[.ticketType].row(type) else { throw ErrorReply.text("Invalid Ticket Type") }
        if isNew, row.fields["cancreate"]?.isTrue != true {
            throw ErrorReply.text("You do not have permission to create Tickets of this Ticket Type")
        }
    }

    private func rejectUnknown(_ sent: [String: JSONValue], _ member: String, _ resource: Resource, _ message: String) throws {
        guard let id = sent[member]?.integer, id != 0 else { return }
        if self[resource].row(id) == nil { throw ErrorReply.text(message) }
    }

    /// HaloPSA fact: a user needs a site as well; -1 means no user and needs none.
    private func validateUser(_ sent: [String: JSONValue], _ existing: TicketRecord?) throws {
        guard let user = sent["user_id"]?.integer, user > 0 else { return }
        guard self[.users].row(user) != nil else { throw ErrorReply.text("Invalid User") }
        guard let site = sent["site_id"]?.integer ?? existing?.siteID, site > 0 else {
            throw ErrorReply.exception("A Site must be selected")
        }
    }
}

extension Store {
    mutating func listTickets(_ call: APICall) throws -> Reply {
        if let problem = AdvancedSearch.validationError(call.query.text("advanced_search")) { throw ErrorReply.text(problem) }
        let paging = try Paging(call.query, maxCount: 1000, plan: call.plan)
        let filter = try TicketFilter(call.query, plan: call.plan, apiAgent: SeedID.apiAgent) { needle in
            Set(
                self[.users].rows.compactMap {
                    $0.fields["name"]?.text?.lowercased().contains(needle) == true ? $0.fields["id"]?.integer : nil
                })
        }
        let selection = tickets.select(filter, order: TicketTable.Order(call.query))
        let range = paging.range(of: selection.count)
        var json = JSONWriter()
        json.reserve(range.count * (rowSuffix.count + 1200))
        let parts = TicketParts.row(call.query, call.plan)
        let idsOnly = call.query.isTrue("ticketidonly") && !paging.isNumbered
        for row in range {
            let record = tickets.records[selection.position(row)]
            if idsOnly {
                appendIDs(record, to: &json)
            } else {
                append(record, parts, .read, origin: call.origin, to: &json)
            }
        }
        var after = JSONWriter()
        after.raw(paging.trailer)
        after.name("include_children")
        after.raw("false")
        return .list(
            ListReply(
                key: "tickets", after: after.bytes, rows: json.bytes, rowCount: range.count,
                total: paging.total(of: selection.count, sent: range.count)))
    }

    private func appendIDs(_ record: TicketRecord, to json: inout JSONWriter) {
        json.separate()
        json.raw("{")
        json.member("id", record.id)
        json.member("sla_id", record.slaID)
        json.member("status_id", record.statusID)
        json.member("client_id", record.clientID)
        json.member("client_name", self[.client].name(of: record.clientID))
        json.raw("}")
    }

    func readTicket(_ id: Int, _ call: APICall) throws -> Reply {
        guard let record = tickets[id], !record.isHidden else { throw ErrorReply.empty(404) }
        guard !record.isDeleted || call.plan.isOn(.deletedStaysReadable) else { throw ErrorReply.empty(404) }
        guard !call.plan.isOn(.restrictedRows) || record.clientID == 1 else { throw ErrorReply.empty(404) }
        var json = JSONWriter()
        append(record, .detail(call.query), .read, origin: call.origin, to: &json)
        return Reply(status: 200, content: .json(json.bytes))
    }

    /// Marks a ticket as deleted: `deleted=true` lists it, `_recover` restores it.
    mutating func deleteTicket(_ id: Int, _ call: APICall) throws -> Reply {
        guard var record = tickets[id], !record.isDeleted else { throw ErrorReply.empty(404) }
        record.isDeleted = true
        record.updated = call.now
        tickets.put(record)
        return Reply(status: 200, content: .empty)
    }
}
