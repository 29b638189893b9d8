import PSACore

extension Company {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(id: id, name: row.text("name") ?? "", isActive: row.flag("active"), native: row.native)
    }
}

extension Contact {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("name") ?? "", emails: [row.text("mail")].compactMap { $0 },
            company: row.reference("company"), native: row.native)
    }
}

extension Agent {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("name") ?? "", email: row.text("mail"), native: row.native)
    }
}

extension Ticket {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, number: id.rawValue, summary: row.text("subject") ?? "", phase: Self.phase(row["status"]?.integer),
            native: row.native)
        details = row.text("text")
        company = row.reference("company")
        contact = row.reference("contact")
        type = row.reference("type")
        status = row.reference("status")
        priority = row.reference("priority")
        externalReference = row.text("reference")
        customFields = row.rows("fields")?.compactMap(CustomField.init(sample:))
        createdAt = row.date("created")
        updatedAt = row.date("changed")
    }

    private static func phase(_ status: Int?) -> Phase {
        switch status {
        case 1, 2: .open
        case 3: .closed
        default: .unknown
        }
    }
}

extension TicketField {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id(), let name = row.text("name") else { return nil }
        let kind: Kind =
            switch row.text("kind") {
            case "text": .text
            case "number": .number
            case "date": .date
            case "list": .choice
            case "lists": .choices
            default: .unsupported
            }
        let choices = row.rows("values")?.compactMap(Choice.init(sample:))
        self.init(
            id, label: name, kind: kind, requirement: row.flag("required") == true ? .required : .optional,
            choices: choices.map(Choices.listed) ?? .none, maxLength: row["max"]?.integer)
    }
}

extension TicketField.Choice {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(id, label: row.text("name") ?? id.rawValue)
    }
}

extension CustomField {
    init?(sample row: VendorRow) {
        guard let id = row.text("id"), let name = row.text("name"), let value = row["value"] else { return nil }
        self.init(id: id, name: id, label: name, value: JSONValue(value), display: row.text("shown"))
    }
}

extension Attachment {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id(), let name = row.text("name") else { return nil }
        self.init(
            id: id, name: name, mediaType: row.text("type"), byteCount: row["size"]?.integer,
            note: row.id("note"), isVisibleToContact: row.flag("public"),
            native: row.native)
    }
}

extension TicketNote {
    init?(sample row: VendorRow, of ticket: Ticket.ID) {
        guard let id: ID = row.id(), let isPublic = row.flag("public") else { return nil }
        self.init(
            id: id, ticket: ticket, author: .unknown(name: row.text("by")), text: row.text("text") ?? "",
            visibility: isPublic ? .contact : .staffOnly,
            createdAt: row.date("at"), native: row.native)
    }
}

extension TicketType {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(id: id, name: row.text("name") ?? "", native: row.native)
    }
}

extension TicketStatus {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("name") ?? "", phase: row.flag("closed") == true ? .closed : .open,
            native: row.native)
    }
}

extension TicketPriority {
    init?(sample row: VendorRow) {
        guard let id: ID = row.id() else { return nil }
        self.init(id: id, name: row.text("name") ?? "", scope: .tenant, native: row.native)
    }
}
