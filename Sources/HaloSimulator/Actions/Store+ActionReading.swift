extension Store {
    /// HaloPSA fact: without a ticket the list is empty on some tenants and a 500 on others.
    func listActions(_ call: APICall) throws -> Reply {
        let ticketID = try call.query.integer("ticket_id") ?? 0
        if ticketID == 0, call.plan.isOn(.actionsWithoutTicketError) { throw Refusal.empty(500) }
        var before = JSONBytes()
        before.member("ticket_id", ticketID)
        var shown: [ActionRecord] = []
        if let ticket = tickets[ticketID], !ticket.isDeleted, !call.plan.isOn(.restrictedRows) || ticket.clientID == 1 {
            shown = actions.actions(of: ticket).reversed().filter { isShown($0, call.query) }
        }
        let count = try call.query.integer("count") ?? 50
        var json = JSONBytes()
        for action in shown.prefix(count > 0 ? count : 50) { append(action, .row(call.query), to: &json) }
        let sent = min(shown.count, count > 0 ? count : 50)
        return .list(ListReply(key: "actions", before: before.bytes, rows: json.bytes, rowCount: sent, total: sent))
    }

    private func isShown(_ action: ActionRecord, _ query: QueryParameters) -> Bool {
        if query.isTrue("excludesys"), action.isSystem { return false }
        if query.isTrue("excludeprivate"), action.isHidden { return false }
        if query.isTrue("agentonly"), action.agentID == 0 { return false }
        if query.isTrue("timeentriesonly"), action.timeTaken == 0 { return false }
        return true
    }

    func readAction(_ id: Int, _ call: APICall) throws -> Reply {
        guard let ticketID = try call.query.integer("ticket_id"), let ticket = tickets[ticketID], !ticket.isDeleted,
            let action = actions.actions(of: ticket).first(where: { $0.id == id })
        else { throw Refusal.empty(404) }
        var json = JSONBytes()
        append(action, .detail(nil), to: &json)
        return Reply(status: 200, content: .json(json.bytes))
    }

    mutating func deleteAction(_ id: Int, _ call: APICall) throws -> Reply {
        guard let ticketID = try call.query.integer("ticket_id") else {
            throw Refusal.text("ticket_id must be included when deleting an Action")
        }
        guard let ticket = tickets[ticketID], !ticket.isDeleted else { throw Refusal.empty(404) }
        let before = actions.actions(of: ticket)
        let after = before.filter { $0.id != id }
        guard after.count < before.count else { throw Refusal.empty(404) }
        actions.replace(after, of: ticketID)
        return Reply(status: 200, content: .empty)
    }

    func append(_ action: ActionRecord, _ parts: ActionParts, ticket: TicketRecord? = nil, origin: String = "", to json: inout JSONBytes) {
        let style = parts.dates ?? .varied(action.ticketID + action.id)
        json.separate()
        json.raw("{")
        json.member("id", action.id)
        json.member("ticket_id", action.ticketID)
        json.member("outcome", action.outcome)
        json.member("outcome_id", action.outcomeID)
        json.member("who", action.who)
        json.member("who_type", action.agentID == 0 ? 0 : 1)
        json.member("who_agentid", action.agentID)
        json.member("datetime", action.created, style)
        json.member("actiondatecreated", action.created, style)
        json.member("actioncompletiondate", .unset, .plain)
        json.member("last_updated", action.created, style)
        json.memberIfFilled("note", action.note)
        if parts.includesHTML { json.memberIfFilled("note_html", action.noteHTML) }
        json.memberIfTrue("hiddenfromuser", action.isHidden)
        if action.isSystem { json.member("action_systemid", 1) }
        json.member("timetaken", action.timeTaken)
        json.memberIfFilled("actionby_application_id", action.applicationID)
        for name in action.fields.keys.sorted() where parts.includesEmail || name != "emailbody_html" {
            guard let value = action.fields[name], !value.isOmitted else { continue }
            json.separate()
            json.string(name)
            json.raw(":")
            json.value(value)
        }
        if let ticket {
            json.name("ticket")
            append(ticket, TicketParts(isRow: false), .saved, origin: origin, to: &json)
        }
        json.raw("}")
    }
}
