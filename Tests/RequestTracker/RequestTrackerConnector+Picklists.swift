public import PSACore

extension RequestTrackerConnector: PicklistReading {
    /// The queues, which decide lifecycle, rights and mail as ticket types do elsewhere; RT's own queues are left out.
    public func ticketTypes() async throws -> [TicketType] {
        let now = client.time.now()
        return try await queues().compactMap { TicketType(rt: RTRow(view: $0, fetchedAt: now)) }
    }

    /// The statuses of a queue's lifecycle, or of all, as far as tickets show them.
    ///
    /// No resource of REST 2.0 lists a lifecycle. What there is are the statuses of tickets, and the steps RT offers on each ticket; a status
    /// that no ticket has and no step leads to is missing here, and can be used all the same.
    public func ticketStatuses(for type: TicketType.ID?) async throws -> [TicketStatus] {
        let lifecycles: [String]
        if let type {
            let object = RTLocalizedMessage.queue(type.rawValue)
            let queue = try await client.read("/queue/{id}", [try number(type, object)], about: object)
            lifecycles = [queue["Lifecycle"]?.string].compactMap { $0 }
        } else {
            lifecycles = Set(try await queues().compactMap { $0["Lifecycle"]?.string }).sorted()
        }
        var statuses: [TicketStatus] = []
        for lifecycle in lifecycles {
            for status in try await statusesSeen(in: lifecycle, scope: type.map(PicklistScope.ticketType) ?? .tenant) {
                if let index = statuses.firstIndex(where: { $0.id == status.id }) {
                    // Another lifecycle has one of the same name; they need not mean the same.
                    if statuses[index].phase != status.phase { statuses[index].phase = .unknown }
                } else {
                    statuses.append(status)
                }
            }
        }
        return statuses
    }

    /// The numbers 0 to 100, for every queue alike; names that a site shows in their place are not told by REST 2.0.
    public func ticketPriorities(for type: TicketType.ID?) async throws -> [TicketPriority] {
        let now = client.time.now()
        return (0...100).map { number in
            TicketPriority(
                id: TicketPriority.ID(number), name: String(number), scope: .tenant, order: number,
                native: NativeRecord(bytes: JSONValue.integer(number).encoded, fetchedAt: now))
        }
    }

    private func queues() async throws -> [JSONView] {
        var rows: [JSONView] = []
        for page in 1...100 {
            let list = try await client.list(
                "/queues/all", [],
                [
                    QueryItem("find_disabled_rows", "1"), QueryItem("fields", "Name,Lifecycle,Disabled,_hyperlinks"),
                    QueryItem("page", String(page)), QueryItem("per_page", String(RTPagePosition.pageSize)), QueryItem("orderby", "id"),
                ], about: .queues)
            rows += list.rows
            if list.rows.isEmpty || list.pages.map({ page >= $0 }) ?? false { break }
        }
        // 2 marks what RT keeps for itself, such as the queue of approvals.
        return rows.filter { $0["Disabled"]?.integer != 2 }
    }

    private func statusesSeen(in lifecycle: String, scope: PicklistScope) async throws -> [TicketStatus] {
        let tickets = try await client.list(
            "/tickets", [],
            [
                QueryItem("query", TicketQuery.field("Lifecycle", is: lifecycle).text), QueryItem("fields", "Status,_hyperlinks"),
                QueryItem("per_page", String(RTPagePosition.pageSize)), QueryItem("orderby", "LastUpdated"), QueryItem("order", "DESC"),
            ], about: .statuses)
        var names: [String] = []
        for ticket in tickets.rows {
            let steps = ticket["_hyperlinks"]?.elements.filter { $0["ref"]?.string == "lifecycle" } ?? []
            for name in [ticket["Status"]?.string] + steps.map({ $0["to"]?.string }) {
                if let name, !names.contains(name) { names.append(name) }
            }
        }
        let now = client.time.now()
        var statuses: [TicketStatus] = []
        for name in names.sorted() {
            guard let id = TicketStatus.ID(name) else { continue }
            statuses.append(
                TicketStatus(
                    id: id, name: name, scope: scope, phase: try await phases.phase(of: name, in: lifecycle),
                    native: NativeRecord(bytes: JSONValue.string(name).encoded, fetchedAt: now)))
        }
        return statuses
    }
}
