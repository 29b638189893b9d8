extension Store {
    /// Stores one action and updates its ticket.
    ///
    /// - Returns: The serialized action for the reply.
    mutating func saveAction(_ sent: [String: JSONValue], _ call: APICall) throws -> [UInt8] {
        guard let ticketID = sent["ticket_id"]?.integer else { throw ErrorReply.text("Parameter ticket_id must be included") }
        guard var ticket = tickets[ticketID], !ticket.isDeleted else { throw ErrorReply.text("Invalid Ticket") }
        guard !ticket.isHidden else { throw ErrorReply(Reply(status: 404, json: "Ticket not found.")) }
        try rejectPoison(sent, call.plan)
        if let restriction = call.plan.fault(.notesRefused)?.argument.flatMap(NoteRestriction.init), restriction.applies(to: ticket) {
            throw ErrorReply.exception("Unable to save data. You do not have permission to update this Ticket.")
        }
        var all = actions.actions(of: ticket)
        let sentID = sent["id"]?.integer ?? 0
        var action: ActionRecord
        var outcome: [String: JSONValue] = [:]
        var checked = CheckedWrite()
        if sentID != 0 {
            guard let found = all.first(where: { $0.id == sentID }) else { throw ErrorReply.empty(404) }
            action = found
            checked.uploads = try attachments.uploads(in: sent, ticket: ticketID)
        } else {
            outcome = try self.outcome(sent, call.plan)
            checked = try checkAction(sent, outcome: outcome, ticket: ticket, call.plan)
            action = ActionRecord(
                id: (all.map(\.id).max() ?? 0) + 1, ticketID: ticketID, outcomeID: outcome["id"]?.integer ?? 0,
                outcome: outcome["outcome"]?.text ?? "", who: self[.agent].name(of: SeedID.apiAgent), agentID: SeedID.apiAgent,
                created: call.now, note: "",
                applicationID: call.applicationID)
        }
        fill(&action, with: sent, now: call.now)
        action.customFields.merge(checked.customFields) { _, new in new }
        action.note = call.plan.storedText(action.note, .details)
        action.noteHTML = call.plan.storedText(action.noteHTML, .details)
        all.removeAll { $0.id == action.id }
        all.append(action)
        actions.replace(all.sorted { $0.id < $1.id }, of: ticketID)
        attachments.attach(checked.uploads, ticket: ticketID, action: action.id)
        if sentID == 0 {
            update(&ticket, from: sent, action, outcome: outcome, call)
            sendMail(of: action, sent, outcome: outcome, checked.uploads)
        }
        var json = JSONWriter()
        let shown = sent["_includeticketinresponse"]?.isTrue == true ? ticket : nil
        append(action, .detail(.saved), ticket: shown, origin: call.origin, to: &json)
        return json.bytes
    }

    /// HaloPSA fact: an outcome is mandatory, and must be one that the API agent may use.
    private func outcome(_ sent: [String: JSONValue], _ plan: FaultPlan) throws -> [String: JSONValue] {
        let name = sent["outcome"]?.text ?? ""
        let id = sent["outcome_id"]?.integer ?? 0
        guard id != 0 || !name.isEmpty else { throw ErrorReply.text("An Outcome must be entered for this Action") }
        let row = self[.outcome].rows.first {
            id != 0 ? $0.fields["id"]?.integer == id : $0.fields["outcome"]?.text?.lowercased() == name.lowercased()
        }
        guard let row, row.fields["~restricted"]?.isTrue != true, !plan.isOn(.forbiddenOutcome) else {
            throw ErrorReply.exception("You do not have access to this Action at the moment")
        }
        return row.fields
    }

    /// HaloPSA fact: a mail leaves if `sendemail` is true and `emailto` is set on an outcome that sends mail.
    private mutating func sendMail(
        of action: ActionRecord, _ sent: [String: JSONValue], outcome: [String: JSONValue], _ uploads: [AttachmentStore.File]
    ) {
        guard sent["sendemail"]?.isTrue == true, outcome["sendemail"]?.isTrue == true, let to = sent["emailto"]?.text, !to.isEmpty,
            sent["_prevent_outgoing"]?.isTrue != true
        else { return }
        mails.append(
            HaloSimulator.SentMail(
                ticketID: action.ticketID, actionID: action.id, to: to, subject: sent["emailsubject"]?.text ?? "",
                body: action.noteHTML.isEmpty ? action.note : action.noteHTML, attachments: uploads.map(\.name)))
    }

    private func fill(_ action: inout ActionRecord, with sent: [String: JSONValue], now: HaloTime) {
        action.note = sent["note"]?.text ?? action.note
        if let html = sent["note_html"]?.text {
            action.noteHTML = html
            // Real tenants have markup in plain notes too.
            if sent["note"] == nil { action.note = html }
        }
        if let hidden = sent["hiddenfromuser"] { action.isHidden = hidden.isTrue }
        action.timeTaken = sent["timetaken"]?.number ?? action.timeTaken
        let own: Set<String> = [
            "id", "ticket_id", "outcome", "outcome_id", "note", "note_html", "hiddenfromuser", "timetaken", "dont_do_rules",
            "actionby_application_id",
        ]
        for (name, value) in sent where !own.contains(name) && !name.hasPrefix("_") && FieldTypes.action[name] != nil {
            action.fields[name] = value
        }
        if sent["sendemail"]?.isTrue == true {
            action.fields["emaildirection"] = "O"
            action.fields["dateemailed"] = .string(now.text(.saved))
        }
    }

    private mutating func update(
        _ ticket: inout TicketRecord, from sent: [String: JSONValue], _ action: ActionRecord, outcome: [String: JSONValue],
        _ call: APICall
    ) {
        ticket.lastAction = call.now
        if !call.plan.isOn(.notesLeaveTicketUntouched) { ticket.updated = call.now }
        ticket.timeTaken += action.timeTaken
        if !action.isHidden, ticket.responded == .unset { ticket.responded = call.now }
        if let status = newStatus(sent, outcome: outcome), outcome["~type"] != nil || !hasWorkflow(ticket.typeID) {
            setStatus(status, of: &ticket, now: call.now)
        }
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

extension Store {
    /// HaloPSA fact: without a ticket the list is empty on some tenants and a 500 on others.
    func listActions(_ call: APICall) throws -> Reply {
        let ticketID = try call.query.integer("ticket_id") ?? 0
        if ticketID == 0, call.plan.isOn(.actionsWithoutTicketError) { throw ErrorReply.empty(500) }
        var before = JSONWriter()
        before.member("ticket_id", ticketID)
        var shown: [ActionRecord] = []
        if let ticket = tickets[ticketID], !ticket.isDeleted, !ticket.isHidden, !call.plan.isOn(.restrictedRows) || ticket.clientID == 1 {
            shown = actions.actions(of: ticket).reversed().filter { isShown($0, call.query) }
        }
        let count = try call.query.integer("count") ?? 50
        var json = JSONWriter()
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
        guard let ticketID = try call.query.integer("ticket_id"), let ticket = tickets[ticketID], !ticket.isDeleted, !ticket.isHidden,
            let action = actions.actions(of: ticket).first(where: { $0.id == id })
        else { throw ErrorReply.empty(404) }
        var json = JSONWriter()
        append(action, .detail(nil), to: &json)
        return Reply(status: 200, content: .json(json.bytes))
    }

    mutating func deleteAction(_ id: Int, _ call: APICall) throws -> Reply {
        guard let ticketID = try call.query.integer("ticket_id") else {
            throw ErrorReply.text("ticket_id must be included when deleting an Action")
        }
        guard let ticket = tickets[ticketID], !ticket.isDeleted else { throw ErrorReply.empty(404) }
        let before = actions.actions(of: ticket)
        let after = before.filter { $0.id != id }
        guard after.count < before.count else { throw ErrorReply.empty(404) }
        actions.replace(after, of: ticketID)
        return Reply(status: 200, content: .empty)
    }

    func append(_ action: ActionRecord, _ parts: ActionParts, ticket: TicketRecord? = nil, origin: String = "", to json: inout JSONWriter) {
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
        let files = attachments.rows(ofTicket: action.ticketID).filter { $0.actionID == action.id }
        if !files.isEmpty { json.member("attachment_count", files.count) }
        if !action.customFields.isEmpty {
            let known = action.customFields.keys.sorted().compactMap { fields[$0] }
            json.member("customfields", .array(known.map { $0.rendered(action.customFields[$0.id] ?? .null) }))
        }
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

/// One entry in the history of a ticket.
struct ActionRecord: Sendable {
    /// HaloPSA fact: ids are numbered per ticket from 1, so they are unique only together with the ticket's id.
    var id: Int
    var ticketID: Int
    var outcomeID: Int
    var outcome: String
    var who: String
    var agentID: Int
    var created: HaloTime
    var note: String
    var noteHTML = ""
    var isHidden = false
    var isSystem = false
    var timeTaken = 0.0
    /// The application that created the action through the API.
    var applicationID = ""
    /// Fields without a meaning in the simulator, as they were sent.
    var fields: [String: JSONValue] = [:]
    /// Values of custom fields by their id, in the form in which they are stored.
    var customFields: [Int: JSONValue] = [:]
}

/// The actions of all tickets.
///
/// The actions of a seeded ticket are generated on demand until they are changed.
struct ActionTable: Sendable {
    private var written: [Int: [ActionRecord]] = [:]
    let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    func actions(of ticket: TicketRecord) -> [ActionRecord] { written[ticket.id] ?? ActionSeeding.actions(of: ticket, seed: seed) }

    mutating func replace(_ actions: [ActionRecord], of ticket: Int) { written[ticket] = actions }

    var writtenTicketCount: Int { written.count }
}

/// The parts of an action to include in a reply.
struct ActionParts: Sendable {
    var includesHTML: Bool
    var includesEmail: Bool
    var dates: HaloTime.Style?

    static func row(_ query: QueryParameters) -> ActionParts {
        ActionParts(includesHTML: query.isTrue("includehtmlnote"), includesEmail: query.isTrue("includehtmlemail"), dates: nil)
    }

    static func detail(_ dates: HaloTime.Style?) -> ActionParts { ActionParts(includesHTML: true, includesEmail: true, dates: dates) }
}

/// The tickets that reject new notes.
///
/// HaloPSA fact: agents without permission to edit closed tickets are rejected; other agents are not.
enum NoteRestriction: String, Sendable, CaseIterable {
    case closed
    case merged
    case locked
    case all

    func applies(to ticket: TicketRecord) -> Bool {
        switch self {
        case .closed: ticket.isClosed
        case .merged: ticket.mergedInto != 0
        case .locked: ticket.isLocked
        case .all: ticket.isClosed || ticket.mergedInto != 0 || ticket.isLocked
        }
    }
}
