import PSACore

extension VendorRow {
    /// The first value of a custom field.
    fileprivate func customField(_ name: String) -> String? {
        rows("CustomFields")?.first { $0.text("name") == name }?["values"]?.elements.first?.text
    }
}

/// The text of a transaction, out of the parts of its mail.
struct RTMessage: Sendable {
    private(set) var plain: String?
    private(set) var html: String?

    /// Takes one part; files are no text of the message, and of several texts the first counts.
    mutating func add(_ part: VendorRow) {
        guard part.text("Filename") == nil, let content = part["Content"]?.string else { return }
        switch part.text("ContentType") {
        case "text/html": html = html ?? content
        case "text/plain": plain = plain ?? content
        default: break
        }
    }
}

extension Ticket {
    /// A ticket from a list row or a record; they differ in the type of the id only.
    init?(rt row: VendorRow, settings: RTSettings) {
        guard let id: Ticket.ID = row.id() else { return nil }
        self.init(id: id, number: id.rawValue, summary: row.text("Subject") ?? "", native: row.native)
        company = row.customField(settings.customerField).flatMap { name in Company.ID(name).map { Reference($0, label: name) } }
        contact = row.reference("Requestor", label: "RealName", "Name")
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
        customFields = row.rows("CustomFields")?.compactMap(CustomField.init(rt:))
    }
}

extension CustomField {
    /// A custom field; a field with one value is that value, and one with several is all of them.
    fileprivate init?(rt row: VendorRow) {
        guard let id = row.text("id"), let name = row.text("name") else { return nil }
        let values = row["values"]?.elements.map(JSONValue.init) ?? []
        self.init(
            id: id, name: name, label: name, value: values.count > 1 ? .array(values) : values.first ?? .null,
            display: values.isEmpty ? nil : values.map { $0.string ?? $0.encodedText }.joined(separator: ", "))
    }
}

extension TicketNote {
    /// A note from a transaction and its text; without the names of staff the kind of its author is unknown.
    init?(rt row: VendorRow, ticket: Ticket.ID, message: RTMessage, staff: Set<String>?) {
        guard let id: TicketNote.ID = row.id() else { return nil }
        let kind = row.text("Type")
        self.init(
            id: id, ticket: ticket, kind: kind, author: Author(rt: row, staff: staff), text: message.plain ?? message.html ?? "",
            html: message.html, visibility: Visibility(transactionType: kind), createdAt: row.date("Created"),
            timeSpent: row["TimeTaken"]?.integer.flatMap { (1...1_000_000).contains($0) ? .seconds($0 * 60) : nil },
            native: row.native)
    }
}

extension TicketNote.Visibility {
    /// RT decides by the type alone who reads a transaction.
    fileprivate init(transactionType: String?) {
        switch transactionType {
        case "Comment": self = .staffOnly
        case "Correspond", "Create": self = .contact
        default: self = .unknown(transactionType ?? "")
        }
    }
}

extension TicketNote.Author {
    fileprivate init(rt row: VendorRow, staff: Set<String>?) {
        let creator: Reference<Agent>? = row.reference("Creator", label: "RealName", "Name")
        guard let creator else {
            self = .unknown(name: nil)
            return
        }
        let name = creator.label ?? creator.id.rawValue
        if creator.id.rawValue == "RT_System" {
            self = .system(name: name)
        } else if let staff {
            self = staff.contains(creator.id.rawValue) ? .agent(creator) : .contact(name: name)
        } else {
            self = .unknown(name: name)
        }
    }
}

extension Company {
    /// A value of the customer field; disabled values are not in the list.
    init?(rt row: VendorRow) {
        guard let name = row.text("name"), let id = ID(name) else { return nil }
        self.init(id: id, name: name, isActive: true, native: row.native)
    }
}

extension Contact {
    /// A user; RT refers to users by their names, which need not be addresses.
    init?(rt row: VendorRow) {
        guard let id: Contact.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("RealName") ?? row.text("Name") ?? id.rawValue,
            emails: [row.text("EmailAddress")].compactMap { $0 },
            phones: ["WorkPhone", "MobilePhone", "HomePhone"].compactMap { row.text($0) },
            // No company: `Organization` is free text, and stays in the native row.
            native: row.native)
    }
}

extension Agent {
    init?(rt row: VendorRow) {
        guard let id: Agent.ID = row.id() else { return nil }
        self.init(
            id: id, name: row.text("RealName") ?? row.text("Name") ?? id.rawValue, email: row.text("EmailAddress"), native: row.native)
    }
}

extension TicketType {
    /// A queue; RT offers the link to create a ticket only to those who may.
    init?(rt row: VendorRow) {
        guard let id: TicketType.ID = row.id() else { return nil }
        let links = row["_hyperlinks"]?.elements
        let isOffered = links.map { $0.contains { $0["ref"]?.string == "create" } }
        self.init(
            id: id, name: row.text("Name") ?? "", canCreate: row.flag("Disabled") == true ? false : isOffered, native: row.native)
    }
}
