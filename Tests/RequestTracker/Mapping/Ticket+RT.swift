import PSACore

extension Ticket {
    /// A ticket from a list row or a record; they differ in the type of the id only.
    init?(rt row: RTRow, settings: RTSettings) {
        guard let id: Ticket.ID = row.id() else { return nil }
        self.init(id: id, number: id.rawValue, summary: row.text("Subject") ?? "", native: row.native)
        company = row.customField(settings.customerField).flatMap { name in Company.ID(name).map { Reference($0, label: name) } }
        contact = row.firstReference("Requestor", label: "RealName", "Name")
        type = row.reference("Queue", label: "Name")
        status = row.text("Status").flatMap { name in TicketStatus.ID(name).map { Reference($0, label: name) } }
        priority = row.text("Priority").flatMap { number in TicketPriority.ID(number).map { Reference($0, label: number) } }
        let owner: Reference<Agent>? = row.reference("Owner", label: "RealName", "Name")
        assignee = owner?.id.rawValue == "Nobody" ? nil : owner
        createdAt = row.date("Created")
        updatedAt = row.date("LastUpdated")
        closedAt = row.date("Resolved")
        dueAt = row.date("Due")
        externalReference = row.customField(settings.referenceField)
        webAddress = settings.page(ofTicket: id.rawValue)
        customFields = row.view["CustomFields"]?.elements.compactMap(CustomField.init(rt:))
    }
}

extension CustomField {
    /// A custom field; a field with one value is that value, and one with several is all of them.
    fileprivate init?(rt view: JSONView) {
        guard let id = view["id"]?.text, let name = view["name"]?.string else { return nil }
        let values = view["values"]?.elements.map(JSONValue.init) ?? []
        self.init(
            id: id, name: name, label: name, value: values.count > 1 ? .array(values) : values.first ?? .null,
            display: values.isEmpty ? nil : values.map { $0.string ?? $0.encodedText }.joined(separator: ", "))
    }
}
