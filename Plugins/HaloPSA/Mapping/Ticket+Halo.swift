import PSACore

extension Ticket {
    /// A ticket from a list row, a detail or the answer to a POST, which spell some members differently.
    init?(halo row: HaloRow, origin: ServiceURL) {
        guard let number = row.integer("id") else { return nil }
        self.init(
            id: ID(number), number: String(number), summary: row.text("summary") ?? "",
            phase: row.flag("hasbeenclosed") ? .closed : row.flag("onhold") ? .waiting : .open, native: row.native)
        details = row.text("details")
        company = row.reference("client_id", label: "client_name")
        contact = row.reference("user_id", label: "user_name")
        type = row.reference("tickettype_id", label: "tickettype_name")
        status = row.reference("status_id", label: "status_name")
        priority = row.reference("priority_id", label: "priority_name")
        // Agent 1 is “Unassigned” on every installation (three clients).
        assignee = row.integer("agent_id") == 1 ? nil : row.reference("agent_id", label: "agent_name")
        // `datecreated` was null on all rows of a live sample; `dateoccurred` is the creation time.
        createdAt = row.date(anyOf: "dateoccurred", "datecreated")
        updatedAt = row.date(anyOf: "last_update", "lastupdate")
        closedAt = row.date("dateclosed")
        // `deadlinedate` is usually the 1900 sentinel; `fixbydate` holds the SLA's target.
        dueAt = row.date(anyOf: "deadlinedate", "fixbydate")
        externalReference = row.text("third_party_id_string")
        mergedInto = row.integer("merged_into_id").flatMap { $0 > 0 && $0 != number ? ID($0) : nil }
        isDeleted = row.flag("deleted")
        webAddress = "\(origin.text)/ticket?id=\(number)"
        // On lists `customfields` is null; an empty array is an answer.
        customFields = row.view.member("customfields").flatMap { $0.isArray ? $0.elements.compactMap(CustomField.init(halo:)) : nil }
    }
}

extension CustomField {
    fileprivate init?(halo view: JSONView) {
        guard let id = view["id"]?.text, let name = view["name"]?.string else { return nil }
        self.init(
            id: id, name: name, label: view["label"]?.string, value: view.member("value").map(JSONValue.init) ?? .null,
            display: view["display"]?.string)
    }
}
