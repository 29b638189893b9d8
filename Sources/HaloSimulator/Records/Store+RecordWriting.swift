extension Store {
    /// Creates or changes one record of a small resource.
    ///
    /// - Returns: The record as the reply shows it.
    mutating func saveRecord(_ resource: Resource, _ sent: [String: JSONValue], _ call: APICall) throws -> [UInt8] {
        let table = self[resource]
        var fields: [String: JSONValue] = [:]
        if let id = sent["id"], id != .null, id != .int(0) {
            let key: Table.RowID = resource.rules.identifier == .guid ? .guid(id.text?.lowercased() ?? "") : .number(id.integer ?? 0)
            guard let row = table[key] else { throw Refusal.empty(404) }
            fields = row.fields
        } else {
            try validateNew(resource, sent)
            fields = defaults(resource, sent, table, call)
        }
        let hidden = fields.filter { $0.key.hasPrefix("~") }
        fields.merge(sent.filter { !$0.key.hasPrefix("_") && !$0.key.hasPrefix("~") && $0.key != "id" }) { _, new in new }
        fields.merge(hidden) { _, old in old }
        if resource == .webhook {
            // HaloPSA fact: events sent with a webhook are dropped; they are bound through notifications.
            fields["events"] = []
        }
        self[resource].put(fields, updated: call.now)
        var json = JSONBytes()
        json.object(fields, omittingEmpty: true)
        return json.bytes
    }

    /// HaloPSA fact: one problem at a time, a missing name before a missing site.
    private func validateNew(_ resource: Resource, _ sent: [String: JSONValue]) throws {
        let name = sent["name"]?.text ?? ""
        switch resource {
        case .users:
            if name.isEmpty { throw Refusal.text("Username must be entered") }
            guard let site = sent["site_id"]?.integer, self[.site].row(site) != nil else {
                throw Refusal.exception("A Site must be selected")
            }
        case .client, .team, .status, .category, .sla, .ticketType:
            let field = resource == .category ? "category_name" : "name"
            let wanted = sent[field]?.text ?? name
            if wanted.isEmpty { throw Refusal.text("Invalid Name") }
            let taken = self[resource].rows.contains { $0.fields[field]?.text?.lowercased() == wanted.lowercased() }
            if taken { throw Refusal.text("Name must be unique") }
        case .site:
            guard let client = sent["client_id"]?.integer, self[.client].row(client) != nil else {
                throw Refusal.text("Parameter client_id must be included")
            }
            if name.isEmpty { throw Refusal.text("Invalid Name") }
        case .agent:
            if name.isEmpty { throw Refusal.text("Username must be entered") }
        case .clientContract, .invoice, .recurringInvoice:
            guard let client = sent["client_id"]?.integer, self[.client].row(client) != nil else {
                throw Refusal.text("Parameter client_id must be included")
            }
        case .webhook:
            let url = sent["url"]?.text?.lowercased() ?? ""
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else { throw Refusal.text("Please enter a valid URL") }
        case .priority:
            if name.isEmpty { throw Refusal.text("Priority Description must not be blank") }
        default: break
        }
    }

    private func defaults(_ resource: Resource, _ sent: [String: JSONValue], _ table: Table, _ call: APICall) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        let number = table.nextNumber
        if resource.rules.identifier == .guid {
            fields["id"] = .string(Tenant.guid(0xF0_0000 + table.rows.count))
        } else if resource.rules.hasDetail {
            fields["id"] = .int(number)
        }
        switch resource {
        case .site:
            let client = sent["client_id"]?.integer ?? 1
            fields["client_name"] = .string(self[.client].name(of: client))
        case .users:
            let site = sent["site_id"]?.integer ?? 0
            let client = self[.site].row(site)?.fields["client_id"]?.integer ?? 1
            fields["site_id_int"] = .int(site)
            fields["site_name"] = .string(self[.site].name(of: site))
            fields["client_id"] = .int(client)
            fields["client_name"] = .string(self[.client].name(of: client))
        case .client:
            fields["toplevel_id"] = 1
            fields["datecreated"] = .string(call.now.text(.saved))
        case .clientContract, .invoice, .recurringInvoice:
            fields["client_name"] = .string(self[.client].name(of: sent["client_id"]?.integer ?? 1))
        case .lookup:
            fields["id"] = .int(number)
            fields["~key"] = .string("new-\(table.rows.count)")
        default: break
        }
        return fields
    }

    func readRecord(_ resource: Resource, _ id: Table.RowID, _ call: APICall) throws -> Reply {
        let table = self[resource]
        guard let row = table[id] else { throw Refusal.empty(404) }
        guard !call.plan.isOn(.restrictedRows) || !table.isForeign(row) else { throw Refusal.empty(404) }
        return Reply(status: 200, content: .json(table.detail(row, includingDetails: call.query.isTrue("includedetails"))))
    }

    mutating func deleteRecord(_ resource: Resource, _ id: Table.RowID) throws -> Reply {
        guard self[resource].remove(id) != nil else { throw Refusal.empty(404) }
        return Reply(status: 200, content: .empty)
    }
}
