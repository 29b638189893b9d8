/// The custom fields that tickets of this tenant have.
///
/// HaloPSA fact: type 0 is text, 2 a single choice with value and display, 4 a date whose display is dd/mm/yyyy.
struct CustomFieldDefinition: Sendable {
    let id: Int
    let name: String
    let label: String
    let type: Int
    let options: [String: String]

    static let all = [
        CustomFieldDefinition(id: 213, name: "CFAssetTag", label: "Asset tag", type: 0, options: [:]),
        CustomFieldDefinition(
            id: 214, name: "CFImpactArea", label: "Impact area", type: 2, options: ["9": "Whole site", "10": "One desk"]),
        CustomFieldDefinition(id: 215, name: "CFGoLive", label: "Go live", type: 4, options: [:]),
    ]

    /// Finds the field that a write means: by id, or by name.
    static func meant(by field: JSONValue) -> CustomFieldDefinition? {
        guard case .object(let members) = field else { return nil }
        if let id = members["id"]?.integer { return all.first { $0.id == id } }
        return all.first { $0.name.lowercased() == members["name"]?.text?.lowercased() }
    }

    func seededValue(of ticket: Int) -> JSONValue {
        switch type {
        case 0: .string("AT-\(10_000 + ticket)")
        case 2: ticket.isMultiple(of: 2) ? "9" : "10"
        default: nil
        }
    }

    func rendered(_ value: JSONValue) -> JSONValue {
        [
            "id": .int(id), "name": .string(name), "label": .string(label), "summary": "", "type": .int(type), "value": value,
            "display": .string(display(value)),
        ]
    }

    private func display(_ value: JSONValue) -> String {
        let text = value.text ?? ""
        switch type {
        case 2: return options[text] ?? text
        case 4:
            let parts = text.prefix(10).split(separator: "-")
            return parts.count == 3 ? parts.reversed().joined(separator: "/") : text
        default: return text
        }
    }
}
