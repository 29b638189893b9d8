#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

extension TicketForm {
    /// The members of a ticket's body for the values of its fields.
    ///
    /// The forms are those that integrators use in production: options by id, several as objects, days and moments as ISO text, numbers as
    /// numbers, categories as text paths, teams by name.
    func haloMembers(of fields: [TicketField.ID: TicketFieldValue]) -> [(String, JSONValue?)] {
        var members: [(String, JSONValue?)] = []
        var custom: [JSONValue] = []
        for field in self.fields {
            guard let value = fields[field.id] else { continue }
            if let number = field.id.customFieldNumber {
                custom.append(["id": .integer(number), "value": value.haloValue(field.kind)])
            } else if let builtIn = HaloBuiltInField(field.id), let member = builtIn.member(value) {
                members.append(member)
            }
        }
        if !custom.isEmpty { members.append(("customfields", .array(custom))) }
        return members
    }

    /// What a stored ticket states otherwise than asked; a field the answer leaves out says nothing.
    func haloDifferences(_ asked: [TicketField.ID: TicketFieldValue], in ticket: Ticket, row: HaloRow) -> [TicketDifference] {
        fields.compactMap { field in
            guard let value = asked[field.id] else { return nil }
            let stored: (JSONView, String?)?
            if let number = field.id.customFieldNumber {
                let view = (row.view["customfields"]?.elements ?? []).first { $0["id"]?.integer == number }
                stored = view.flatMap { view in view["value"].map { ($0, view["display"]?.string) } }
            } else {
                stored = HaloBuiltInField(field.id)?.storedMember.flatMap { row.view[$0] }.map { ($0, nil) }
            }
            guard let (view, display) = stored, !value.isStored(as: view, kind: field.kind) else { return nil }
            return TicketDifference(
                field.id, label: field.label, requested: value.texts.joined(separator: ", "),
                stored: view.text ?? (view.isArray ? view.elements.compactMap { $0["id"]?.text ?? $0.text }.joined(separator: ", ") : nil),
                storedLabel: display)
        }
    }
}

extension RecordID<TicketField> {
    /// The number of a custom field, whose id is `cf:` and the number.
    var customFieldNumber: Int? { rawValue.hasPrefix("cf:") ? Int(rawValue.dropFirst(3)) : nil }
}

extension HaloBuiltInField {
    /// The member of a ticket's body that holds a value.
    fileprivate func member(_ value: TicketFieldValue) -> (String, JSONValue)? {
        switch self {
        case .category(let level): ("category_\(level)", .string(value.text))
        case .team: ("team", .string(value.text))
        case .agent: ("agent_id", TicketFieldValue.option(value.text))
        case .site: ("site_id", TicketFieldValue.option(value.text))
        case .impact: ("impact", TicketFieldValue.option(value.text))
        case .urgency: ("urgency", TicketFieldValue.option(value.text))
        case .estimate: ("estimate", value.json)
        case .assets: ("assets", .array(value.texts.map { ["id": TicketFieldValue.option($0)] }))
        default: nil
        }
    }

    /// The member of an answer that states it.
    fileprivate var storedMember: String? {
        switch self {
        case .category(let level): "category_\(level)"
        case .team: "team"
        case .agent: "agent_id"
        case .site: "site_id"
        case .impact: "impact"
        case .urgency: "urgency"
        case .assets: "assets"
        default: nil
        }
    }
}

extension TicketFieldValue {
    /// An option's id: a number where it looks like one, since both forms are in use and ids that are texts exist.
    fileprivate static func option(_ id: String) -> JSONValue { Int(id).map(JSONValue.integer) ?? .string(id) }

    /// The value of a custom field as HaloPSA takes it.
    fileprivate func haloValue(_ kind: TicketField.Kind) -> JSONValue {
        switch self {
        case .choice(let id): Self.option(id.rawValue)
        case .choices(let ids): .array(ids.map { ["id": .string($0.rawValue)] })
        default: json
        }
    }

    /// Whether a stored value is this one, in the forms in which HaloPSA gives values back.
    fileprivate func isStored(as view: JSONView, kind: TicketField.Kind) -> Bool {
        let text = view.text
        switch self {
        case .text(let asked):
            guard kind != .richText else { return true }
            return text.map { $0.trimmingSpaces == asked.trimmingSpaces } ?? false
        case .number(let asked):
            // Amounts come back as text with separators: “20,000”.
            return (view.double ?? text.flatMap { Double($0.filter { $0 != "," }) }) == asked
        case .date(let asked): return text.map { $0.hasPrefix(asked.description) } ?? false
        case .dateTime(let asked):
            guard let stored = HaloDate.parse(text) else { return false }
            return abs(stored.timeIntervalSince(asked)) < 1
        case .time(let asked): return text.flatMap { TimeOfDay(String($0.prefix(8))) ?? TimeOfDay(String($0.prefix(5))) } == asked
        case .checkbox(let asked): return (view.bool ?? text.map { ["true", "1"].contains($0.lowercased()) }) == asked
        case .choice(let id): return text == id.rawValue
        case .choices(let ids):
            let stored = view.isArray ? view.elements.compactMap { $0["id"]?.text ?? $0.text } : text.map { [$0] } ?? []
            return Set(stored) == Set(ids.map(\.rawValue))
        }
    }
}
