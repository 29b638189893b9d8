/// A write of a ticket or an action after its custom fields, assets and attachments were checked.
struct CheckedWrite: Sendable {
    /// The values of the custom fields, in the form in which they are stored; null empties a field.
    var customFields: [Int: JSONValue] = [:]
    var assets: [Int]?
    var uploads: [AttachmentStore.File] = []
}

extension Store {
    /// Checks what a ticket type demands and allows, and returns the values to store.
    ///
    /// HaloPSA fact: the API reports one problem at a time. The order is not documented; here sent values come before missing ones.
    ///
    /// - Throws: ``ErrorReply`` for the first problem.
    func checkDemands(_ sent: [String: JSONValue], existing: TicketRecord?, _ plan: FaultPlan) throws -> CheckedWrite {
        let type = sent["tickettype_id"]?.integer ?? existing?.typeID ?? 1
        let rows = typeFields[type] ?? []
        if !rows.isEmpty {
            try checkAssignment(sent, type: type)
            try checkCategories(sent, rows, plan)
        }
        try checkStatus(sent["status_id"], of: type, existing, plan)
        if let status = sent["status_id"]?.integer, let existing {
            try checkClosing(existing, status: status, note: sent["closure_note"] ?? sent["closure_note_html"], sent, plan)
        }
        var checked = CheckedWrite()
        checked.customFields = try customFields(in: sent, plan)
        checked.assets = try assets(in: sent, plan)
        checked.uploads = try attachments.uploads(in: sent, ticket: existing?.id ?? 0)
        if existing == nil, sent["_novalidate"]?.isTrue != true {
            try checkMandatory(rows, sent, checked, plan)
            let minimum = self[.ticketType].row(type)?.fields["minattachments"]?.integer ?? 0
            if checked.uploads.count < minimum { throw missing("Attachment", plan) }
        }
        return checked
    }

    /// Checks the visible mandatory fields in their order.
    private func checkMandatory(_ rows: [TypeField], _ sent: [String: JSONValue], _ checked: CheckedWrite, _ plan: FaultPlan) throws {
        for row in rows where row.newTicket == TypeField.Requirement.mandatory {
            guard isVisible(row, sent, checked), !isFilled(row.fieldID, sent, checked) else { continue }
            throw missing(fields[row.fieldID]?.label ?? "", plan)
        }
    }

    /// Whether the conditions of a field are met; a mandatory field that is not visible is assumed not to be demanded.
    ///
    /// Only values are compared, so conditions that refer to each other end here as well.
    private func isVisible(_ row: TypeField, _ sent: [String: JSONValue], _ checked: CheckedWrite) -> Bool {
        row.conditions.allSatisfy { condition in
            switch checked.customFields[condition.field] ?? systemValue(condition.field, sent, checked) {
            case .array(let values): values.contains(.string(condition.value))
            case .bool(let flag): (flag ? ["1", "true"] : ["0", "false"]).contains(condition.value)
            case let value?: value.text == condition.value || value.integer.map(String.init) == condition.value
            case nil: false
            }
        }
    }

    private func isFilled(_ field: Int, _ sent: [String: JSONValue], _ checked: CheckedWrite) -> Bool {
        let value = fields[field]?.isCustom == true ? checked.customFields[field] : systemValue(field, sent, checked)
        return value.map { $0 != .null && $0 != .string("") && $0 != .array([]) } ?? false
    }

    /// Returns the member of a ticket that belongs to a system field.
    ///
    /// HaloPSA fact: the names of the members differ from those of the fields, and either form of the details is enough.
    private func systemValue(_ field: Int, _ sent: [String: JSONValue], _ checked: CheckedWrite) -> JSONValue? {
        func first(_ names: String...) -> JSONValue? {
            names.lazy.compactMap { sent[$0] }.first { $0 != .null && $0 != .string("") }
        }
        return switch field {
        case 2: first("summary")
        case 3: first("details", "details_html")
        case 4: checked.assets.map { .array($0.map(JSONValue.int)) }
        case 13: first("team", "team_id")
        case 14: first("agent_id")
        case 16: first("estimate")
        case 27: first("impact")
        case 28: first("urgency")
        case 41: first("category_1", "categoryid_1")
        case 42: first("category_2", "categoryid_2")
        default: nil
        }
    }

    /// Checks the custom fields of a write; fields that do not exist and fields that are read-only are assumed to be ignored.
    func customFields(in sent: [String: JSONValue], _ plan: FaultPlan) throws -> [Int: JSONValue] {
        guard case .array(let elements)? = sent["customfields"] else { return [:] }
        var values: [Int: JSONValue] = [:]
        for element in elements {
            guard let field = customField(for: element), !field.isReadOnly, case .object(let members) = element else { continue }
            do {
                values[field.id] = try field.stored(members["value"] ?? .null) ?? .null
            } catch let error as FieldDefinition.ValueError {
                throw rejection(error.message, plan)
            }
        }
        return values
    }

    /// HaloPSA fact: assets are linked as objects with an id; the answer to an unknown id is assumed.
    private func assets(in sent: [String: JSONValue], _ plan: FaultPlan) throws -> [Int]? {
        guard case .array(let elements)? = sent["assets"] else { return nil }
        return try elements.map { element in
            guard case .object(let members) = element, let id = members["id"]?.integer, self[.asset].row(id) != nil else {
                throw rejection("The Asset could not be found", plan)
            }
            return id
        }
    }
}

extension Store {
    /// HaloPSA fact: the text for an agent or team without access, with its placeholder unexpanded.
    private static let reassignment =
        "Unable to re-assign. The Agent or Team was not found or did not have access to the $#request Type or Client."

    private func checkAssignment(_ sent: [String: JSONValue], type: Int) throws {
        let name = sent["team"]?.text ?? ""
        let team = name.isEmpty ? sent["team_id"]?.integer : teamID(named: name) ?? -1
        if let team {
            guard let row = self[.team].row(team), row.fields["inactive"]?.isTrue != true,
                isAllowed(team, "allowed_teams", "section_id", type)
            else { throw ErrorReply.exception(Self.reassignment) }
        }
        if let agent = sent["agent_id"]?.integer, self[.agent].row(agent)?.fields["isdisabled"]?.isTrue == true {
            throw ErrorReply.exception(Self.reassignment)
        }
    }

    /// Whether a list of a ticket type allows an id; an empty list allows every id.
    private func isAllowed(_ id: Int, _ list: String, _ member: String, _ type: Int) -> Bool {
        guard case .array(let rows)? = self[.ticketType].row(type)?.fields[list], !rows.isEmpty else { return true }
        return rows.contains { row in
            if case .object(let members) = row { members[member] == .int(id) } else { false }
        }
    }

    /// Checks a status that is written directly.
    ///
    /// HaloPSA fact: in a workflow only the actions of the step change the status for agents. Whether the API rejects a direct write is
    /// not documented; it is assumed, and the fault `workflow-status` selects another behaviour.
    func checkStatus(_ status: JSONValue?, of type: Int, _ existing: TicketRecord?, _ plan: FaultPlan) throws {
        guard let status = status?.integer, status > 0 else { return }
        guard isAllowed(status, "allowed_status", "status_id", type) else {
            throw rejection("The Status is not allowed for this Ticket Type", plan)
        }
        guard hasWorkflow(type), let existing, existing.statusID != status else { return }
        switch plan.fault(.workflowStatus)?.argument {
        case "kept": break
        case "permission": throw rejection("Unable to save data. You do not have permission to update this Ticket.", plan)
        default: throw rejection("The Status can only be changed by an Action of the current Workflow step", plan)
        }
    }

    /// Whether the tickets of a type follow a workflow with steps.
    func hasWorkflow(_ type: Int) -> Bool { self[.ticketType].row(type)?.fields["workflow_id"] == .int(2) }

    /// Checks the text paths of the categories.
    ///
    /// HaloPSA fact: categories are written as text paths; the answer to an unknown path is assumed to be a 400.
    private func checkCategories(_ sent: [String: JSONValue], _ rows: [TypeField], _ plan: FaultPlan) throws {
        guard rows.contains(where: { $0.fieldID == 41 }), !plan.isOn(.unknownCategoryDropped) else { return }
        for level in 1...4 {
            guard let path = sent["category_\(level)"]?.text, !path.isEmpty, categoryID(path, level: level) == nil else { continue }
            throw rejection("The Category '\(path)' does not exist", plan)
        }
    }

    func categoryID(_ path: String, level: Int) -> Int? {
        let row = self[.category].rows.first {
            $0.fields["type_id"] == .int(level) && $0.fields["value"]?.text?.lowercased() == path.lowercased()
        }
        return row?.fields["id"]?.integer
    }

    /// HaloPSA fact: what may be demanded before a ticket is closed; the texts are not documented.
    func checkClosing(
        _ ticket: TicketRecord, status: Int, note: JSONValue?, _ sent: [String: JSONValue], _ plan: FaultPlan
    ) throws {
        guard self[.status].row(status)?.fields["~closed"]?.isTrue == true, !ticket.isClosed else { return }
        for fault in plan.all(.closingDemand) {
            switch fault.argument {
            case "open-children": throw rejection("All child Tickets must be closed before this Ticket can be closed", plan)
            case "closure-note" where (note?.text ?? "").isEmpty: throw missing("Closure Note", for: "Ticket", plan)
            case "open-appointments" where sent["_appointment01_ok"]?.isTrue != true:
                throw rejection("This Ticket has open Appointments. They must be completed before the Ticket is closed", plan)
            default: break
            }
        }
    }

    /// The error for a missing mandatory field.
    ///
    /// HaloPSA fact: the texts for some fields, such as "Details must be entered". The text for other fields is not documented, so
    /// several are offered.
    func missing(_ label: String, for demander: String = "Ticket Type", _ plan: FaultPlan) -> ErrorReply {
        switch plan.fault(.requirementWording)?.argument {
        case "entered": rejection("\(label) must be entered", plan)
        case "mandatory": rejection("Please complete the mandatory field: \(label)", plan)
        default: rejection("\(label) must be set for this \(demander)", plan)
        }
    }

    /// HaloPSA fact: a 400 is a serialized .NET exception or another shape; which one a message has is not documented.
    func rejection(_ message: String, _ plan: FaultPlan) -> ErrorReply {
        let shape = plan.fault(.requirementShape)?.argument.flatMap(ErrorShape.init) ?? .exception
        return ErrorReply(shape.reply(message, member: "[0]"))
    }
}

extension Store {
    /// Checks what an outcome demands of an action.
    ///
    /// HaloPSA fact: `mustaddnote` and fields with `techaction` 3 are demanded on the form; that the API demands them is assumed.
    func checkAction(
        _ sent: [String: JSONValue], outcome: [String: JSONValue], ticket: TicketRecord, _ plan: FaultPlan
    ) throws -> CheckedWrite {
        if let type = outcome["~type"]?.integer, type != ticket.typeID || outcome["~status"]?.integer != ticket.statusID {
            throw ErrorReply.exception("You do not have access to this Action at the moment")
        }
        let note = [sent["note"], sent["note_html"]].compactMap { $0?.text }.first { !$0.isEmpty }
        if outcome["mustaddnote"]?.isTrue == true, note == nil { throw rejection("A Note must be entered for this Action", plan) }
        var checked = CheckedWrite()
        checked.customFields = try customFields(in: sent, plan)
        checked.uploads = try attachments.uploads(in: sent, ticket: ticket.id)
        for row in outcomeFields[outcome["id"]?.integer ?? 0] ?? [] where row.action == TypeField.Requirement.mandatory {
            guard isVisible(row, sent, checked), !isFilled(row.fieldID, sent, checked) else { continue }
            throw missing(fields[row.fieldID]?.label ?? "", for: "Action", plan)
        }
        if let status = newStatus(sent, outcome: outcome) {
            if outcome["~type"] == nil { try checkStatus(.int(status), of: ticket.typeID, ticket, plan) }
            try checkClosing(ticket, status: status, note: note.map(JSONValue.string), sent, plan)
        }
        return checked
    }

    /// The status that an action leads to, or nil if it keeps the status.
    ///
    /// HaloPSA fact: the outcome of a workflow step decides the status; other outcomes are overruled by the sent one.
    func newStatus(_ sent: [String: JSONValue], outcome: [String: JSONValue]) -> Int? {
        let fixed = outcome["newstatus"]?.integer.flatMap { $0 > 0 ? $0 : nil }
        if outcome["~type"] != nil { return fixed }
        return sent["new_status"]?.integer.flatMap { self[.status].row($0) == nil ? nil : $0 } ?? fixed
    }
}
