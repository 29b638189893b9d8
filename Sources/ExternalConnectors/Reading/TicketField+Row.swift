import PSACore

extension TicketField: RowReadable {
    /// The standard fields bring a label, a kind and where their choices are; a program may state others.
    init(_ row: Row) throws(WireMismatch) {
        let object = row.object
        let id = try object.id("id", of: TicketField.self)
        let isStandard = ID.standard.contains(id)
        self = .standard(id)
        if let label = try isStandard ? object.optionalText("label") : object.text("label") { self.label = label }
        if let kind = try isStandard ? object.optionalWord("kind", Kind.self) : object.word("kind", Kind.self) { self.kind = kind }
        requirement = try object.optionalWord("requirement", Requirement.self) ?? .optional
        if object.view["choices"] != nil {
            choices = .listed(
                try object.objects("choices").map { object throws(WireMismatch) in try Choice(Row(object, fetchedAt: row.fetchedAt)) })
        } else if try object.optionalFlag("searched") == true {
            choices = .searched
        }
        conditions = try object.objects("conditions").map { object throws(WireMismatch) in
            Condition(try object.id("field", of: TicketField.self), isOneOf: Set(try object.texts("values")))
        }
        maxLength = try Self.count("maxLength", object)
        maxSelections = try Self.count("maxSelections", object)
        minAttachments = try Self.count("minAttachments", object)
        mustBeChecked = try object.optionalFlag("mustBeChecked") ?? false
        dependsOn = try object.texts("dependsOn").map { text throws(WireMismatch) in
            guard let field = ID(text) else { throw object.mismatch("dependsOn", .identifier) }
            return field
        }
        if let value = object.view["default"] {
            do {
                defaultValue = try TicketFieldValue(json: JSONValue(value), for: self)
            } catch {
                throw object.mismatch("default", .form(.valueOfKind))
            }
        }
    }

    private static func count(_ name: String, _ object: WireObject) throws(WireMismatch) -> Int? {
        try object.optional(name, .wholeNumber) { $0.integer.flatMap { (0...1_000_000).contains($0) ? $0 : nil } }
    }
}

extension TicketField.Choice: RowReadable {
    init(_ row: Row) throws(WireMismatch) {
        let id = try row.object.id("id", of: TicketField.Choice.self)
        self.init(id, label: try row.object.optionalText("label") ?? id.rawValue)
    }
}
