import PSACore

extension Ticket: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        let id = try object.id("id", of: Ticket.self)
        self.init(
            id: id, number: try object.optional("number", .text, \.text) ?? id.rawValue, summary: try object.text("summary"),
            phase: try object.optionalWord("phase", Phase.self) ?? .unknown, native: row.native)
        details = try object.optionalText("details")
        company = try object.reference("company", to: Company.self)
        contact = try object.reference("contact", to: Contact.self)
        type = try object.reference("type", to: TicketType.self)
        status = try object.reference("status", to: TicketStatus.self)
        priority = try object.reference("priority", to: TicketPriority.self)
        assignee = try object.reference("assignee", to: Agent.self)
        createdAt = try object.optionalTimestamp("createdAt")
        updatedAt = try object.optionalTimestamp("updatedAt")
        closedAt = try object.optionalTimestamp("closedAt")
        dueAt = try object.optionalTimestamp("dueAt")
        externalReference = try object.optionalText("externalReference")
        webAddress = try object.optionalText("webAddress")
        if object.view["customFields"] != nil {
            customFields = try object.objects("customFields").map { object throws(WireMismatch) in try CustomField(object) }
        }
        differences = try object.objects("differences").map { object throws(WireMismatch) in try TicketDifference(object) }
    }
}

extension CustomField {
    fileprivate init(_ object: WireObject) throws(WireMismatch) {
        self.init(
            id: try object.required("id", .identifier, \.text), name: try object.text("name"), label: try object.optionalText("label"),
            value: object.view["value"].map { JSONValue($0) } ?? .null, display: try object.optionalText("display"))
    }
}

extension TicketDifference {
    fileprivate init(_ object: WireObject) throws(WireMismatch) {
        self.init(
            try object.id("field", of: TicketField.self), label: try object.optionalText("label"),
            requested: try object.text("requested"), stored: try object.optionalText("stored"),
            storedLabel: try object.optionalText("storedLabel"))
    }
}

extension TicketNote: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        self.init(
            id: try object.id("id", of: TicketNote.self), ticket: try object.id("ticket", of: Ticket.self),
            kind: try object.optionalText("kind"), author: try Self.author(object), text: try object.text("text"),
            html: try object.optionalText("html"), visibility: try Self.visibility(object),
            createdAt: try object.optionalTimestamp("createdAt"),
            timeSpent: try Self.timeSpent(object), native: row.native)
    }

    /// The time spent; what is longer than a hundred years is no time that a person spent.
    private static func timeSpent(_ object: WireObject) throws(WireMismatch) -> Duration? {
        try object.optional("minutes", .number) { view in
            view.double.flatMap { (0...52_596_000).contains($0) ? .seconds(Int(($0 * 60).rounded())) : nil }
        }
    }

    private enum AuthorKind: String, CaseIterable {
        case agent, contact, system, unknown
    }

    private static func author(_ object: WireObject) throws(WireMismatch) -> Author {
        guard let author = try object.object("author") else { return .unknown(name: nil) }
        let name = try author.optionalText("name")
        switch try author.word("kind", AuthorKind.self) {
        case .agent: return .agent(Reference(try author.id("id", of: Agent.self), label: name))
        case .contact: return .contact(name: name ?? "")
        case .system: return .system(name: name ?? "")
        case .unknown: return .unknown(name: name)
        }
    }

    /// It is required: showing an internal note to a customer can't be undone.
    private static func visibility(_ object: WireObject) throws(WireMismatch) -> Visibility {
        switch try object.text("visibility") {
        case "staffOnly": .staffOnly
        case "contact": .contact
        case let other: .unknown(String(other.prefix(60)))
        }
    }
}
