extension Store {
    /// Appends one ticket as an object.
    func append(_ record: TicketRecord, _ parts: TicketParts, _ names: TicketFieldNames, origin: String, to json: inout JSONWriter) {
        let extras = tickets.extras[record.id]
        json.separate()
        json.raw("{")
        switch record.defect {
        case .missingID?: break
        case .textID?: json.member("id", RowDefect.text(of: record.id))
        case .farDates?, nil: json.member("id", record.id)
        }
        json.member("summary", record.summary)
        if !parts.hidesDetails { appendText(record, extras, parts, to: &json) }
        json.member("tickettype_id", record.typeID)
        json.member("status_id", record.statusID)
        json.member("priority_id", record.priorityID)
        json.member("sla_id", record.slaID)
        json.member("impact", record.impact)
        json.member("urgency", record.urgency)
        appendPeople(record, parts, names, to: &json)
        appendTimestamps(record, names, to: &json)
        json.memberIfTrue("hasbeenclosed", record.isClosed)
        json.memberIfTrue("onhold", record.statusID == TicketRecord.onHoldStatus)
        json.memberIfTrue("deleted", record.isDeleted)
        json.memberIfTrue("locked", record.isLocked)
        json.member("merged_into_id", record.mergedInto)
        json.member("source", record.source)
        if !parts.hidesThirdParty { json.memberIfFilled("third_party_id_string", record.thirdParty) }
        if record.contractID != 0 { json.member("contract_id", record.contractID) }
        if record.parentID != 0 { json.member("parent_id", record.parentID) }
        json.member("timetaken", record.timeTaken)
        json.member("use", "ticket")
        appendExtras(record, extras, parts, to: &json)
        if !parts.isRow { appendDetail(record, extras, parts, names, origin, to: &json) }
        if parts.isRow {
            json.separate()
            json.raw(rowSuffix)
        }
        json.raw("}")
    }

    private func appendText(_ record: TicketRecord, _ extras: TicketExtras?, _ parts: TicketParts, to json: inout JSONWriter) {
        let details = extras?.fields["details"]?.text
        let html = extras?.fields["details_html"]?.text
        json.member("details", details ?? html ?? "\(record.summary). Reported to the service desk.")
        if !parts.isRow { json.member("details_html", html ?? "<p>\(details ?? record.summary)</p>") }
    }

    private func appendPeople(_ record: TicketRecord, _ parts: TicketParts, _ names: TicketFieldNames, to json: inout JSONWriter) {
        json.member("client_id", record.clientID)
        json.member("client_name", self[.client].name(of: record.clientID))
        json.member("site_id", record.siteID)
        json.member("site_name", self[.site].name(of: record.siteID))
        json.member("user_id", record.userID)
        let user = self[.users].row(record.userID)?.fields
        json.member("user_name", user?["name"]?.text ?? "General User")
        json.memberIfFilled(names.userEmail, user?["emailaddress"]?.text)
        json.member("agent_id", record.agentID)
        if parts.agentName { json.member("agent_name", self[.agent].name(of: record.agentID)) }
        json.member("team", self[.team].name(of: record.teamID))
        json.member("team_id", record.teamID)
        if parts.statusName { json.member("status_name", self[.status].name(of: record.statusID)) }
        if parts.typeName { json.member("tickettype_name", self[.ticketType].name(of: record.typeID)) }
        if record.categoryID != 0 {
            json.member(names.category, self[.category].name(of: record.categoryID, field: "value"))
            json.member("categoryid_1", record.categoryID)
        }
    }

    private func appendTimestamps(_ record: TicketRecord, _ names: TicketFieldNames, to json: inout JSONWriter) {
        let style = names.dates ?? .varied(record.id)
        guard record.defect != .farDates else {
            json.member("dateoccurred", record.created, style)
            for name in [names.lastUpdate, "lastactiondate", "respondbydate", "fixbydate", "deadlinedate"] {
                json.member(name, RowDefect.farDate)
            }
            return
        }
        json.member("dateoccurred", record.created, style)
        json.member(names.lastUpdate, record.updated, style)
        json.member("lastactiondate", record.lastAction, style)
        json.member("respondbydate", record.respondBy, style)
        json.member("fixbydate", record.fixBy, style)
        // HaloPSA fact: deadlinedate is usually the "not set" value; some other dates are omitted instead.
        json.member("deadlinedate", .unset, .plain)
        if record.responded != .unset || record.id.isMultiple(of: 2) {
            json.member("responsedate", record.responded, record.responded == .unset ? .plain : style)
        }
        if record.isClosed || record.id.isMultiple(of: 3) {
            json.member("dateclosed", record.closed, record.closed == .unset ? .plain : style)
        }
    }

    private func appendExtras(_ record: TicketRecord, _ extras: TicketExtras?, _ parts: TicketParts, to json: inout JSONWriter) {
        guard let fields = extras?.fields else { return }
        // Every row ends with the same estimate.
        let omitted = parts.isRow ? ["details", "details_html", "estimate"] : ["details", "details_html"]
        for name in fields.keys.sorted() where !omitted.contains(name) {
            guard let value = fields[name], !value.isOmitted else { continue }
            json.separate()
            json.string(name)
            json.raw(":")
            json.value(value)
        }
    }

    private func appendDetail(
        _ record: TicketRecord, _ extras: TicketExtras?, _ parts: TicketParts, _ names: TicketFieldNames, _ origin: String,
        to json: inout JSONWriter
    ) {
        json.name("priority")
        json.object(priorityObject(sla: record.slaID, priority: record.priorityID))
        json.member("sla_name", self[.sla].name(of: record.slaID))
        json.member("attachment_count", attachments.rows(ofTicket: record.id).count)
        json.member(names.tags, "")
        json.member(names.estimateDays, 0.0)
        json.member("web_url", "\(origin)/ticket?id=\(record.id)")
        json.member("api_url", "\(origin)/api/Tickets/\(record.id)")
        if parts.lastAction, let last = actions.actions(of: record).last {
            json.name("lastaction")
            append(last, .detail(.plain), to: &json)
        }
        if hasWorkflow(record.typeID) {
            json.member("workflow_id", 2)
            json.member("workflow_step", record.isClosed ? 3 : record.statusID == TicketRecord.newStatus ? 1 : 2)
        }
        guard parts.includesDetails else { return }
        json.member("assets", .array((extras?.assets ?? []).map(assetRow)))
        json.member("customfields", customFields(of: record, extras))
        json.member("tags", [])
    }

    private func assetRow(_ id: Int) -> JSONValue {
        let row = self[.asset].row(id)?.fields
        return ["id": .int(id), "inventory_number": row?["inventory_number"] ?? "", "key_field": row?["key_field"] ?? ""]
    }

    private func priorityObject(sla: Int, priority: Int) -> [String: JSONValue] {
        let fields = priorityRow(sla: sla, priority: priority) ?? [:]
        return fields.filter { ["id", "priorityid", "slaid", "name", "colour"].contains($0.key) }
    }

    /// The custom fields of the ticket's type, and those that were written in spite of it.
    private func customFields(of record: TicketRecord, _ extras: TicketExtras?) -> JSONValue {
        let own = typeFields[record.typeID]?.map(\.fieldID).filter { fields[$0]?.isCustom == true } ?? FieldSeeding.commonFieldIDs
        let stored = extras?.customFields ?? [:]
        let all = own + stored.keys.sorted().filter { !own.contains($0) }
        return .array(all.compactMap { id in fields[id].map { $0.rendered(stored[id] ?? seededValue(of: id, in: record)) } })
    }

    private func seededValue(of field: Int, in record: TicketRecord) -> JSONValue {
        switch field {
        case 213: .string("AT-\(10_000 + record.id)")
        case 214: record.id.isMultiple(of: 2) ? "9" : "10"
        default: .null
        }
    }
}

/// The field names and the date format of a ticket.
///
/// HaloPSA fact: replies to POST name some fields differently from replies to GET.
struct TicketFieldNames: Sendable {
    var lastUpdate: StaticString
    var category: StaticString
    var userEmail: StaticString
    var tags: StaticString
    var estimateDays: StaticString
    /// The style of all dates, or nil for a style that differs between rows.
    var dates: HaloTime.Style?

    static let read = TicketFieldNames(
        lastUpdate: "last_update", category: "category_1", userEmail: "user_email", tags: "ticket_tags", estimateDays: "estimatedays",
        dates: nil)
    static let saved = TicketFieldNames(
        lastUpdate: "lastupdate", category: "category1", userEmail: "useremail", tags: "tickettags", estimateDays: "estimateddays",
        dates: .saved)
}

/// The parts of a ticket to include in a reply.
struct TicketParts: Sendable {
    var isRow: Bool
    var includesDetails = false
    var agentName = false
    var statusName = false
    var typeName = false
    var hidesThirdParty = false
    var hidesDetails = false
    var lastAction = false

    /// HaloPSA fact: list rows have no names for type, status, priority and agent unless they are requested.
    static func row(_ query: QueryParameters, _ plan: FaultPlan) -> TicketParts {
        TicketParts(
            isRow: true, agentName: query.isTrue("includeagent"), statusName: query.isTrue("includestatus"),
            typeName: query.isTrue("includetickettype"),
            hidesThirdParty: plan.isOn(.thirdPartyHiddenOnRows) || plan.isOn(.rowsThin), hidesDetails: plan.isOn(.rowsThin))
    }

    static func detail(_ query: QueryParameters) -> TicketParts {
        TicketParts(
            isRow: false, includesDetails: query.isTrue("includedetails"), agentName: true, statusName: true, typeName: true,
            lastAction: query.isTrue("includelastaction"))
    }
}
