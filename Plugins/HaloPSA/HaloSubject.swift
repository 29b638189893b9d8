import PSACore

/// What a sentence of HaloPSA's is about: the kind of record or field, and which one of them.
///
/// The name of the record often follows its kind: “Customer Acme Ltd is inactive” is about the customer, and no field is called “Customer Acme
/// Ltd”. But “Priority Description” and “Status Reason” are fields of their own.
struct HaloSubject {
    enum Kind: Equatable {
        case company
        case ticketDefault(SettingKey)
        case outcome
        /// Another record that a ticket names.
        case record
    }

    /// The subject as it came.
    let text: String
    /// Nil if it is of no known kind.
    let kind: Kind?
    /// The name of the field, without that of the record.
    let field: String

    init(_ text: String) {
        self.text = text
        let words = text.split(separator: " ")
        for count in stride(from: min(3, words.count), through: 1, by: -1) {
            let name = words.prefix(count).joined(separator: " ")
            guard let kind = Self.kind(of: name.lowercased()) else { continue }
            let rest = words.dropFirst(count)
            // An outcome may be called “Internal Note”; of everything else a noun such as “reason” makes another field.
            guard rest.isEmpty || kind == .outcome || rest.allSatisfy({ !Self.nouns.contains($0.lowercased()) }) else { continue }
            (self.kind, field) = (kind, name)
            return
        }
        (kind, field) = (nil, text)
    }

    var ticketDefault: SettingKey? { if case .ticketDefault(let key)? = kind { key } else { nil } }

    /// Whether its values are of a certain form, and not chosen from a list.
    var hasForm: Bool { text.lowercased().split(separator: " ").contains { Self.formed.contains(String($0)) } }

    private static func kind(of name: String) -> Kind? {
        if companies.contains(name) { return .company }
        if let key = ticketDefault(name) { return .ticketDefault(key) }
        if ["outcome", "action", "action outcome"].contains(name) { return .outcome }
        return records.contains(name) ? .record : nil
    }

    /// The setting behind a field's name, as HaloPSA's sentences and its body spell it.
    static func ticketDefault(_ name: String) -> SettingKey? {
        switch name.lowercased() {
        case "ticket type", "tickettype", "request type", "tickettype_id": .ticketTypeID
        case "status", "ticket status", "status_id": .ticketStatusID
        case "priority", "ticket priority", "priority_id": .ticketPriorityID
        default: nil
        }
    }

    private static let companies: Set<String> = ["client", "customer", "company", "account", "organisation", "organization"]
    private static let records: Set<String> = [
        "agent", "agent or team", "team", "user", "end user", "contact", "site", "asset", "device", "category", "category 1", "category 2",
        "category 3", "category 4", "contract", "agreement", "sla", "supplier", "project", "item", "product", "department", "budget",
        "budget type", "parent ticket", "lookup value", "lookup", "charge type", "resolution code", "closure code", "impact", "urgency",
        "opportunity", "release", "custom field",
    ]
    private static let nouns: Set<String> = [
        "reason", "note", "notes", "description", "date", "time", "code", "name", "comment", "comments", "type", "field", "group", "level",
        "category", "id", "reference", "number", "text", "details", "summary", "address", "email", "value", "list", "history", "status",
        "priority", "licence", "license", "portal", "leader", "manager", "owner", "of", "for", "in", "on", "and", "or", "to", "with",
    ]
    private static let formed: Set<String> = [
        "email", "e-mail", "address", "date", "time", "phone", "telephone", "url", "number", "postcode",
    ]
}
