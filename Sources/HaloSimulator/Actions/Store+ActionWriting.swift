extension Store {
    /// Stores one action and moves its ticket along.
    ///
    /// - Returns: The action as the reply shows it.
    mutating func saveAction(_ sent: [String: JSONValue], _ call: APICall) throws -> [UInt8] {
        guard let ticketID = sent["ticket_id"]?.integer else { throw Refusal.text("Parameter ticket_id must be included") }
        guard var ticket = tickets[ticketID], !ticket.isDeleted else { throw Refusal.text("Invalid Ticket") }
        guard !ticket.isHidden else { throw Refusal(Reply(status: 404, json: "Ticket not found.")) }
        try refusePoison(sent, call.plan)
        if let refused = call.plan.fault(.notesRefused)?.argument.flatMap(RefusedNotes.init), refused.concerns(ticket) {
            throw Refusal.exception("Unable to save data. You do not have permission to update this Ticket.")
        }
        var all = actions.actions(of: ticket)
        let known = sent["id"]?.integer ?? 0
        var action: ActionRecord
        if known != 0 {
            guard let found = all.first(where: { $0.id == known }) else { throw Refusal.empty(404) }
            action = found
        } else {
            let outcome = try outcome(sent, call.plan)
            action = ActionRecord(
                id: (all.map(\.id).max() ?? 0) + 1, ticketID: ticketID, outcomeID: outcome.id, outcome: outcome.name,
                who: self[.agent].name(of: Tenant.apiAgent), agentID: Tenant.apiAgent, created: call.now, note: "",
                applicationID: call.applicationID)
        }
        fill(&action, with: sent, now: call.now)
        action.note = call.plan.stored(action.note, .details)
        action.noteHTML = call.plan.stored(action.noteHTML, .details)
        all.removeAll { $0.id == action.id }
        all.append(action)
        actions.replace(all.sorted { $0.id < $1.id }, of: ticketID)
        if known == 0 { move(&ticket, by: sent, action, call) }
        var json = JSONBytes()
        let shown = sent["_includeticketinresponse"]?.isTrue == true ? ticket : nil
        append(action, .detail(.saved), ticket: shown, origin: call.origin, to: &json)
        return json.bytes
    }

    /// HaloPSA fact: an outcome is mandatory, and must be one that the API agent may run.
    private func outcome(_ sent: [String: JSONValue], _ plan: FaultPlan) throws -> (id: Int, name: String) {
        let name = sent["outcome"]?.text ?? ""
        let id = sent["outcome_id"]?.integer ?? 0
        guard id != 0 || !name.isEmpty else { throw Refusal.text("An Outcome must be entered for this Action") }
        let row = self[.outcome].rows.first {
            id != 0 ? $0.fields["id"]?.integer == id : $0.fields["outcome"]?.text?.lowercased() == name.lowercased()
        }
        guard let row, row.fields["~restricted"]?.isTrue != true, !plan.isOn(.forbiddenOutcome) else {
            throw Refusal.exception("You do not have access to this Action at the moment")
        }
        return (row.fields["id"]?.integer ?? 0, row.fields["outcome"]?.text ?? "")
    }

    private func fill(_ action: inout ActionRecord, with sent: [String: JSONValue], now: HaloTime) {
        action.note = sent["note"]?.text ?? action.note
        if let html = sent["note_html"]?.text {
            action.noteHTML = html
            // Markup reaches the plain note on real tenants too.
            if sent["note"] == nil { action.note = html }
        }
        if let hidden = sent["hiddenfromuser"] { action.isHidden = hidden.isTrue }
        action.timeTaken = sent["timetaken"]?.number ?? action.timeTaken
        let own: Set<String> = [
            "id", "ticket_id", "outcome", "outcome_id", "note", "note_html", "hiddenfromuser", "timetaken", "dont_do_rules",
            "actionby_application_id",
        ]
        for (name, value) in sent where !own.contains(name) && !name.hasPrefix("_") && WireTypes.action[name] != nil {
            action.fields[name] = value
        }
        if sent["sendemail"]?.isTrue == true {
            action.fields["emaildirection"] = "O"
            action.fields["dateemailed"] = .string(now.text(.saved))
        }
    }

    private mutating func move(_ ticket: inout TicketRecord, by sent: [String: JSONValue], _ action: ActionRecord, _ call: APICall) {
        ticket.lastAction = call.now
        if !call.plan.isOn(.notesLeaveTicketUntouched) { ticket.updated = call.now }
        ticket.timeTaken += action.timeTaken
        if !action.isHidden, ticket.responded == .unset { ticket.responded = call.now }
        if let status = sent["new_status"]?.integer, self[.status].row(status) != nil { setStatus(status, of: &ticket, now: call.now) }
        if let agent = sent["new_agent"]?.integer, self[.agent].row(agent) != nil { ticket.agentID = agent }
        if let priority = sent["new_priority"]?.integer, priorityRow(sla: ticket.slaID, priority: priority) != nil {
            ticket.priorityID = priority
        }
        if let impact = sent["new_impact"]?.integer { ticket.impact = impact }
        if let urgency = sent["new_urgency"]?.integer { ticket.urgency = urgency }
        if let team = sent["new_team"]?.text, let id = teamID(named: team) { ticket.teamID = id }
        tickets.put(ticket)
    }
}
