extension Table {
    /// A list as the query asks for it; a parameter that the resource does not know is ignored, as the API ignores it.
    func list(_ call: APICall) throws -> ListReply {
        var kept = try rows.filter { try isVisible($0, call) }
        sort(&kept, call.query)
        guard let envelope = resource.rules.envelope else { return try bareList(kept, call) }
        let paging = try Paging(call.query, plan: call.plan)
        let range = paging.range(of: kept.count)
        return ListReply(
            key: envelope, after: paging.trailer, rows: joined(kept[range]), rowCount: range.count,
            total: paging.total(of: kept.count, sent: range.count))
    }

    /// HaloPSA fact: bare arrays ignore paging, except that `/Agent` with `pageinate=true` wraps all its rows in `results`.
    private func bareList(_ kept: [Row], _ call: APICall) throws -> ListReply {
        let wrapped = resource == .agent && call.query.isTrue("pageinate")
        return ListReply(
            key: wrapped ? "results" : nil, after: wrapped ? try Paging(call.query, plan: call.plan).trailer : [],
            rows: joined(kept[...]), rowCount: kept.count, total: kept.count)
    }

    func isVisible(_ row: Row, _ call: APICall) throws -> Bool {
        if call.plan.isOn(.restrictedRows), isForeign(row) { return false }
        for (name, filter) in resource.rules.filters where try !passes(row, name, filter, call.query) { return false }
        return true
    }

    /// True for a row of another customer than the one a restricted agent sees.
    func isForeign(_ row: Row) -> Bool {
        let client = resource == .client ? row.fields["id"] : row.fields["client_id"]
        return client?.integer.map { $0 != 1 } ?? false
    }

    private func passes(_ row: Row, _ name: String, _ filter: ResourceRules.Filter, _ query: QueryParameters) throws -> Bool {
        switch filter {
        case .equals(let field):
            guard let text = query.text(name) else { return true }
            if case .string(let value)? = row.fields[field] { return value.lowercased() == text.lowercased() }
            guard let number = try query.integer(name) else { return true }
            return row.fields[field]?.integer == number
        case .anyOf(let field):
            guard let numbers = try query.integers(name) else { return true }
            return row.fields[field]?.integer.map(numbers.contains) ?? false
        case .contains(let fields):
            guard let needle = query.text(name)?.lowercased() else { return true }
            return fields.contains { row.fields[$0]?.text?.lowercased().contains(needle) ?? false }
        case .since:
            guard let moment = try query.time(name) else { return true }
            return row.updated >= moment
        case .until:
            guard let moment = try query.time(name) else { return true }
            return row.updated <= moment
        case .onlyWhere(let field, let wanted):
            return !query.isTrue(name) || (row.fields[field]?.isTrue ?? false) == wanted
        case .revealing(let field):
            return query.isTrue(name) || !(row.fields[field]?.isTrue ?? false)
        }
    }

    private func sort(_ kept: inout [Row], _ query: QueryParameters) {
        if query.text("order")?.lowercased() == "name" {
            kept.sort { ($0.fields["name"]?.text ?? "").lowercased() < ($1.fields["name"]?.text ?? "").lowercased() }
        }
        if query.isTrue("orderdesc") { kept.reverse() }
    }

    private func joined(_ rows: ArraySlice<Row>) -> [UInt8] {
        let omitted = resource.rules.detailOnly.union(resource.rules.includedDetails)
        var json = JSONBytes()
        for row in rows {
            json.separate()
            json.object(row.fields, leavingOut: omitted, omittingEmpty: true)
        }
        return json.bytes
    }
}
