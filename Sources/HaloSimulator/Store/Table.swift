/// The rows of a resource other than tickets and actions, stored as JSON fields.
///
/// Fields whose name starts with `~` are internal: filters use them, and replies omit them.
struct Table: Sendable {
    struct Row: Sendable {
        var fields: [String: JSONValue]
        var updated: HaloTime
        /// What is wrong with the row in replies, or nil.
        var defect: RowDefect?
    }

    enum RowID: Sendable, Hashable {
        case number(Int)
        case guid(String)
    }

    let resource: Resource
    private(set) var rows: [Row] = []
    private var index: [RowID: Int] = [:]
    private var highest = 0

    init(_ resource: Resource) { self.resource = resource }

    subscript(id: RowID) -> Row? { index[id].map { rows[$0] } }

    func row(_ number: Int) -> Row? { self[.number(number)] }

    /// Returns the `name` of a row, or an empty string, because records may refer to deleted rows.
    func name(of number: Int, field: String = "name") -> String { row(number)?.fields[field]?.text ?? "" }

    var nextNumber: Int { highest + 1 }

    /// Inserts a row, or replaces the row with the same id.
    mutating func put(_ fields: [String: JSONValue], updated: HaloTime) {
        var row = Row(fields: fields, updated: updated)
        let id = Self.identifier(of: fields, at: rows.count)
        if let position = index[id] {
            row.defect = rows[position].defect
            rows[position] = row
        } else {
            index[id] = rows.count
            rows.append(row)
        }
        if case .number(let number) = id { highest = max(highest, number) }
    }

    /// Changes fields of a row as a consequence of a change of another record, which moves no date.
    mutating func change(_ id: RowID, _ change: (inout Row) -> Void) {
        guard let position = index[id] else { return }
        change(&rows[position])
    }

    mutating func remove(_ id: RowID) -> Row? {
        guard let position = index[id] else { return nil }
        let row = rows.remove(at: position)
        index = [:]
        for (position, row) in rows.enumerated() { index[Self.identifier(of: row.fields, at: position)] = position }
        return row
    }

    /// Serializes the whole record, without the fields that need `includedetails=true` unless they are requested.
    func detail(_ row: Row, includingDetails: Bool) -> [UInt8] {
        var json = JSONWriter()
        json.object(
            row.defect?.applied(to: row.fields) ?? row.fields, omitting: includingDetails ? [] : resource.rules.includedDetails,
            omittingEmpty: true)
        return json.bytes
    }

    /// Lookup rows have no unique id, so their position is used.
    private static func identifier(of fields: [String: JSONValue], at position: Int) -> RowID {
        switch fields["~key"] ?? fields["id"] {
        case .int(let number)?: .number(number)
        case .string(let text)?: .guid(text.lowercased())
        default: .number(-1_000_000 - position)
        }
    }
}

extension Table {
    /// Returns the list for a query; like the API, it ignores parameters that the resource does not have.
    func list(_ call: APICall) throws -> ListReply {
        var matching = try rows.filter { try isVisible($0, call) }
        sort(&matching, call.query)
        guard let envelope = resource.rules.envelope else { return try bareList(matching, call) }
        let paging = try Paging(call.query, plan: call.plan)
        let range = paging.range(of: matching.count)
        return ListReply(
            key: envelope, after: paging.trailer, rows: joined(matching[range]), rowCount: range.count,
            total: paging.total(of: matching.count, sent: range.count))
    }

    /// HaloPSA fact: bare arrays ignore paging, except that `/Agent` with `pageinate=true` returns all rows in `results`.
    private func bareList(_ matching: [Row], _ call: APICall) throws -> ListReply {
        let wrapped = resource == .agent && call.query.isTrue("pageinate")
        return ListReply(
            key: wrapped ? "results" : nil, after: wrapped ? try Paging(call.query, plan: call.plan).trailer : [],
            rows: joined(matching[...]), rowCount: matching.count, total: matching.count)
    }

    func isVisible(_ row: Row, _ call: APICall) throws -> Bool {
        if call.plan.isOn(.restrictedRows), isForeign(row) { return false }
        for (name, filter) in resource.rules.filters where try !passes(row, name, filter, call.query, call.plan) { return false }
        return true
    }

    /// Whether a row belongs to a customer that a restricted agent cannot see.
    func isForeign(_ row: Row) -> Bool {
        let client = resource == .client ? row.fields["id"] : row.fields["client_id"]
        return client?.integer.map { $0 != 1 } ?? false
    }

    private func passes(
        _ row: Row, _ name: String, _ filter: ResourceRules.Filter, _ query: QueryParameters, _ plan: FaultPlan
    ) throws -> Bool {
        switch filter {
        case .equals(let field):
            guard let text = query.text(name) else { return true }
            if case .string(let value)? = row.fields[field] { return value.lowercased() == text.lowercased() }
            guard let number = try query.integer(name) else { return true }
            return row.fields[field]?.integer == number
        case .unlessOther(let field):
            guard let value = row.fields[field]?.integer, let wanted = try query.integer(name) else { return true }
            return value == wanted
        case .anyOf(let field):
            guard let numbers = try query.integers(name) else { return true }
            return row.fields[field]?.integer.map(numbers.contains) ?? false
        case .contains(let fields):
            guard let needle = query.text(name)?.lowercased() else { return true }
            return fields.contains { row.fields[$0]?.text?.lowercased().contains(needle) ?? false }
        case .since:
            guard let time = try query.time(name), !plan.ignoresDateFilter(of: resource) else { return true }
            return row.updated >= time
        case .until:
            guard let time = try query.time(name), !plan.ignoresDateFilter(of: resource) else { return true }
            return row.updated <= time
        case .onlyWhere(let field, let wanted):
            return !query.isTrue(name) || (row.fields[field]?.isTrue ?? false) == wanted
        case .includesHidden(let field):
            return query.isTrue(name) || !(row.fields[field]?.isTrue ?? false)
        }
    }

    private func sort(_ matching: inout [Row], _ query: QueryParameters) {
        if query.text("order")?.lowercased() == "name" {
            matching.sort { ($0.fields["name"]?.text ?? "").lowercased() < ($1.fields["name"]?.text ?? "").lowercased() }
        }
        if query.text("order")?.lowercased() == "id", resource.rules.identifier == .integer {
            matching.sort { ($0.fields["id"]?.integer ?? 0) < ($1.fields["id"]?.integer ?? 0) }
        }
        if query.isTrue("orderdesc") { matching.reverse() }
    }

    private func joined(_ rows: ArraySlice<Row>) -> [UInt8] {
        let omitted = resource.rules.detailOnly.union(resource.rules.includedDetails)
        var json = JSONWriter()
        for row in rows {
            json.separate()
            json.object(row.defect?.applied(to: row.fields) ?? row.fields, omitting: omitted, omittingEmpty: true)
        }
        return json.bytes
    }
}

extension Store {
    /// Creates or changes one record of a resource other than tickets and actions.
    ///
    /// - Returns: The serialized record for the reply.
    mutating func saveRecord(_ resource: Resource, _ sent: [String: JSONValue], _ call: APICall) throws -> [UInt8] {
        let table = self[resource]
        var fields: [String: JSONValue] = [:]
        if let id = sent["id"], id != .null, id != .int(0) {
            let key: Table.RowID = resource.rules.identifier == .guid ? .guid(id.text?.lowercased() ?? "") : .number(id.integer ?? 0)
            guard let row = table[key] else { throw ErrorReply.empty(404) }
            fields = row.fields
        } else {
            try validateNew(resource, sent)
            fields = defaults(resource, sent, table, call)
        }
        let hidden = fields.filter { $0.key.hasPrefix("~") }
        fields.merge(sent.filter { !$0.key.hasPrefix("_") && !$0.key.hasPrefix("~") && $0.key != "id" }) { _, new in new }
        fields.merge(hidden) { _, old in old }
        if resource == .webhook {
            // HaloPSA fact: events sent with a webhook are ignored; they are configured through notifications.
            fields["events"] = []
        }
        self[resource].put(fields, updated: call.now)
        var json = JSONWriter()
        json.object(fields, omittingEmpty: true)
        return json.bytes
    }

    /// HaloPSA fact: the API reports one error at a time, a missing name before a missing site.
    private func validateNew(_ resource: Resource, _ sent: [String: JSONValue]) throws {
        let name = sent["name"]?.text ?? ""
        switch resource {
        case .users:
            if name.isEmpty { throw ErrorReply.text("Username must be entered") }
            guard let site = sent["site_id"]?.integer, self[.site].row(site) != nil else {
                throw ErrorReply.exception("A Site must be selected")
            }
        case .client, .team, .status, .category, .sla, .ticketType:
            let field = resource == .category ? "category_name" : "name"
            let wanted = sent[field]?.text ?? name
            if wanted.isEmpty { throw ErrorReply.text("Invalid Name") }
            let taken = self[resource].rows.contains { $0.fields[field]?.text?.lowercased() == wanted.lowercased() }
            if taken { throw ErrorReply.text("Name must be unique") }
        case .site:
            guard let client = sent["client_id"]?.integer, self[.client].row(client) != nil else {
                throw ErrorReply.text("Parameter client_id must be included")
            }
            if name.isEmpty { throw ErrorReply.text("Invalid Name") }
        case .agent:
            if name.isEmpty { throw ErrorReply.text("Username must be entered") }
        case .clientContract, .invoice, .recurringInvoice:
            guard let client = sent["client_id"]?.integer, self[.client].row(client) != nil else {
                throw ErrorReply.text("Parameter client_id must be included")
            }
        case .webhook:
            let url = sent["url"]?.text?.lowercased() ?? ""
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else { throw ErrorReply.text("Please enter a valid URL") }
        case .priority:
            if name.isEmpty { throw ErrorReply.text("Priority Description must not be blank") }
        default: break
        }
    }

    private func defaults(_ resource: Resource, _ sent: [String: JSONValue], _ table: Table, _ call: APICall) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        let number = table.nextNumber
        if resource.rules.identifier == .guid {
            fields["id"] = .string(SeedID.guid(0xF0_0000 + table.rows.count))
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
        guard let row = table[id] else { throw ErrorReply.empty(404) }
        guard !call.plan.isOn(.restrictedRows) || !table.isForeign(row) else { throw ErrorReply.empty(404) }
        return Reply(
            status: 200, content: .json(table.detail(withFields(row, resource), includingDetails: call.query.isTrue("includedetails"))))
    }

    /// Adds the `fields` of a ticket type or outcome that has a list of them.
    private func withFields(_ row: Table.Row, _ resource: Resource) -> Table.Row {
        let lists = resource == .ticketType ? typeFields : resource == .outcome ? outcomeFields : [:]
        guard let id = row.fields["id"]?.integer, let rows = lists[id] else { return row }
        var row = row
        row.fields["fields"] = rendered(rows, of: id)
        return row
    }

    mutating func deleteRecord(_ resource: Resource, _ id: Table.RowID) throws -> Reply {
        guard self[resource].remove(id) != nil else { throw ErrorReply.empty(404) }
        return Reply(status: 200, content: .empty)
    }
}
