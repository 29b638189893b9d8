extension Store {
    mutating func listTickets(_ call: APICall) throws -> Reply {
        if let problem = AdvancedSearch.problem(call.query.text("advanced_search")) { throw Refusal.text(problem) }
        let paging = try Paging(call.query, countCap: 1000, plan: call.plan)
        let filter = try TicketFilter(call.query, plan: call.plan, apiAgent: Tenant.apiAgent) { needle in
            Set(
                self[.users].rows.compactMap {
                    $0.fields["name"]?.text?.lowercased().contains(needle) == true ? $0.fields["id"]?.integer : nil
                })
        }
        let selection = tickets.select(filter, order: TicketShelf.Order(call.query))
        let range = paging.range(of: selection.count)
        var json = JSONBytes()
        json.reserve(range.count * (rowTail.count + 1200))
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
        var after = JSONBytes()
        after.raw(paging.trailer)
        after.name("include_children")
        after.raw("false")
        return .list(
            ListReply(
                key: "tickets", after: after.bytes, rows: json.bytes, rowCount: range.count,
                total: paging.total(of: selection.count, sent: range.count)))
    }

    private func appendIDs(_ record: TicketRecord, to json: inout JSONBytes) {
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
        guard let record = tickets[id], !record.isHidden else { throw Refusal.empty(404) }
        guard !record.isDeleted || call.plan.isOn(.deletedStaysReadable) else { throw Refusal.empty(404) }
        guard !call.plan.isOn(.restrictedRows) || record.clientID == 1 else { throw Refusal.empty(404) }
        var json = JSONBytes()
        append(record, .detail(call.query), .read, origin: call.origin, to: &json)
        return Reply(status: 200, content: .json(json.bytes))
    }

    /// Deletion only hides: `deleted=true` lists the ticket, `_recover` brings it back.
    mutating func deleteTicket(_ id: Int, _ call: APICall) throws -> Reply {
        guard var record = tickets[id], !record.isDeleted else { throw Refusal.empty(404) }
        record.isDeleted = true
        record.updated = call.now
        tickets.put(record)
        return Reply(status: 200, content: .empty)
    }
}
