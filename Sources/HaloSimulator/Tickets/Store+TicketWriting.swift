extension Store {
    /// Creates or changes one ticket.
    ///
    /// - Returns: The ticket as the reply shows it.
    mutating func saveTicket(_ sent: [String: JSONValue], _ call: APICall) throws -> [UInt8] {
        let id = sent["id"]?.integer ?? 0
        var record: TicketRecord
        if id == 0 {
            if let refusal = forcedRefusal(call.plan) { throw refusal }
            try validate(sent, existing: nil, call.plan)
            record = TicketRecord(id: tickets.nextID, summary: "", created: sent["dateoccurred"].flatMap(\.moment) ?? call.now)
            record.updated = call.now
            record.lastAction = call.now
        } else {
            guard let existing = tickets[id] else { throw Refusal.empty(404) }
            guard !existing.isDeleted || sent["_recover"]?.isTrue == true else { throw Refusal.empty(404) }
            try validate(sent, existing: existing, call.plan)
            record = existing
            record.updated = call.now
            record.isDeleted = false
        }
        place(&record, by: sent, isNew: id == 0)
        classify(&record, by: sent, isNew: id == 0)
        if sent["summary"] != nil { record.summary = call.plan.stored(record.summary, .subject) }
        if sent["third_party_id_string"] != nil, call.plan.isOn(.thirdPartyDropped) { record.thirdParty = "" }
        if let status = sent["status_id"]?.integer { setStatus(status, of: &record, now: call.now) }
        keepRest(of: sent, for: record.id, call.plan)
        tickets.put(record)
        if id == 0 { actions.replace([ActionSeeding.opening(of: record, applicationID: call.applicationID)], of: record.id) }
        var json = JSONBytes()
        append(record, .saved, .saved, origin: call.origin, to: &json)
        return json.bytes
    }

    func setStatus(_ status: Int, of record: inout TicketRecord, now: HaloTime) {
        record.statusID = status
        let closes = self[.status].row(status)?.fields["~closed"]?.isTrue == true
        if closes != record.isClosed { record.closed = closes ? now : .unset }
        record.isClosed = closes
    }

    /// Customer, site, person and staff.
    private func place(_ record: inout TicketRecord, by sent: [String: JSONValue], isNew: Bool) {
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
        // HaloPSA fact: the team goes by name or by id.
        if let team = sent["team_id"]?.integer, self[.team].row(team) != nil { record.teamID = team }
        if let team = sent["team"]?.text, let id = teamID(named: team) { record.teamID = id }
    }

    /// Type, SLA, priority, category and the plain members.
    private func classify(_ record: inout TicketRecord, by sent: [String: JSONValue], isNew: Bool) {
        if let type = sent["tickettype_id"]?.integer { record.typeID = type }
        if isNew || sent["tickettype_id"] != nil {
            let type = self[.ticketType].row(record.typeID)?.fields
            record.slaID = type?["default_sla"]?.integer ?? record.slaID
            record.priorityID = type?["default_priority"]?.integer ?? record.priorityID
        }
        // HaloPSA fact: a priority of another SLA has no effect, and says nothing about it.
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

    /// Members with a declared type and no meaning here are given back as they came; unknown ones are dropped without a word.
    private mutating func keepRest(of sent: [String: JSONValue], for id: Int, _ plan: FaultPlan) {
        let own: Set<String> = [
            "id", "summary", "tickettype_id", "status_id", "priority_id", "sla_id", "impact", "urgency", "client_id", "client_name",
            "site_id",
            "site_name", "user_id", "user_name", "user_email", "agent_id", "agent_name", "team", "team_id", "category_1", "categoryid_1",
            "dateoccurred", "last_update", "lastactiondate", "respondbydate", "fixbydate", "deadlinedate", "responsedate", "dateclosed",
            "hasbeenclosed", "onhold", "deleted", "source", "third_party_id_string", "contract_id", "parent_id", "timetaken", "use",
            "status_name", "tickettype_name", "sla_name", "web_url", "api_url", "attachment_count", "donotapplytemplateintheapi",
            "dont_do_rules",
            "return_this", "sendack", "estimatedays", "ticket_tags",
        ]
        var extras = tickets.extras[id] ?? TicketExtras()
        let isEmpty = tickets.extras[id] == nil
        for (name, value) in sent where !own.contains(name) && !name.hasPrefix("_") && WireTypes.ticket[name] != nil {
            extras.fields[name] = name.hasPrefix("details") ? .string(plan.stored(value.text ?? "", .details)) : value
        }
        if case .array(let fields)? = sent["customfields"] {
            for field in fields {
                guard let definition = CustomFieldDefinition.meant(by: field), case .object(let members) = field else { continue }
                extras.customFields[definition.id] = members["value"] ?? nil
            }
        }
        if !isEmpty || !extras.fields.isEmpty || !extras.customFields.isEmpty { tickets.extras[id] = extras }
    }
}

extension TicketParts {
    /// A reply to POST is the whole ticket.
    static let saved = TicketParts(isRow: false, includesDetails: true, agentName: true, statusName: true, typeName: true)
}

extension JSONValue {
    /// The moment that a text stands for.
    var moment: HaloTime? { text.flatMap(HaloTime.init(text:)) }
}
