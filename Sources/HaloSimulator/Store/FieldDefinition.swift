/// A field of tickets or actions (schema `FieldInfo`), either a system field or a custom field of this tenant.
struct FieldDefinition: Sendable {
    struct Option: Sendable, Hashable {
        var id: String
        var name: String

        var fields: JSONValue { ["id": Int(id).map(JSONValue.int) ?? .string(id), "name": .string(name)] }
    }

    enum Kind: Sendable, Hashable {
        case text
        case integer
        case money
        case alphanumeric
        case decimal
        case url
        case password
        case memo
        case single
        case multiple
        case date
        case dateTime
        case time
        case checkbox
        case table
        case richText
        case system
    }

    let id: Int
    let name: String
    var label: String
    let type: Int
    var inputType = 0
    /// HaloPSA fact: `custom` is 0 for system fields, whose ids are no ids of custom fields.
    var isCustom = true
    /// The number under which `GET /Lookup?lookupid=` returns the options, or 0.
    var lookup = 0
    var options: [Option] = []
    /// Whether `fieldinfo.values` has the options; otherwise only the requests for them return them.
    var includesOptions = true
    var characterLimit = 0
    var maxSelection = 0
    var isReadOnly = false

    /// HaloPSA fact: type 0 is text, 1 memo, 2 single select, 3 multi select, 4 date, 5 time, 6 checkbox, 10 rich text; 7 is a table.
    var kind: Kind {
        switch (isCustom, type, inputType) {
        case (false, _, _): .system
        case (_, 0, 1): .integer
        case (_, 0, 2): .money
        case (_, 0, 3): .alphanumeric
        case (_, 0, 4): .decimal
        case (_, 0, 5): .url
        case (_, 0, 6): .password
        case (_, 1, _): .memo
        case (_, 2, _): .single
        case (_, 3, _): .multiple
        case (_, 4, 1): .dateTime
        case (_, 4, _): .date
        case (_, 5, _): .time
        case (_, 6, _): .checkbox
        case (_, 7, _): .table
        case (_, 10, _): .richText
        default: .text
        }
    }

    /// Returns the object that describes the field, with its options where the API includes them.
    func info(includingOptions: Bool) -> JSONValue {
        let shows = includingOptions || (includesOptions && isCustom)
        return [
            "id": .int(id), "guid": .string(SeedID.guid(0x5000 + id)), "name": .string(name), "label": .string(label), "type": .int(type),
            "inputtype": .int(inputType), "custom": .int(isCustom ? 1 : 0), "lookup": .int(lookup),
            "values": shows && !options.isEmpty ? .array(options.map(\.fields)) : .null, "characterlimit": .int(characterLimit),
            "characterlimittype": 0, "regex": .null, "validation_data": .null, "defaultvalue": .null, "max_selection": .int(maxSelection),
            "readonly": .bool(isReadOnly), "calculation": .null, "onlyshowforagents": false, "mandatory": false, "usage": 1,
            "visibility_conditions": .null,
        ]
    }

    /// Returns the member of `customfields` for a stored value.
    func rendered(_ value: JSONValue) -> JSONValue {
        [
            "id": .int(id), "name": .string(name), "label": .string(label), "summary": "", "type": .int(type),
            "inputtype": .int(inputType), "value": read(value), "display": .string(display(value)),
        ]
    }

    func optionName(_ id: String) -> String { options.first { $0.id == id }?.name ?? id }
}

extension FieldDefinition {
    /// The reason why a sent value cannot be stored.
    struct ValueError: Error {
        var message: String
    }

    /// Converts a sent value to the form in which it is stored; nil if the value is empty.
    ///
    /// HaloPSA fact: the forms of values by kind, and that a choice is its id as a number or as text. What the vendor answers to another
    /// form is not documented; it is assumed to be a 400 that names the field.
    ///
    /// - Throws: ``ValueError`` if the value does not have the form of the field's kind.
    func stored(_ sent: JSONValue) throws -> JSONValue? {
        if sent == .null || sent.text?.isEmpty == true || sent == .array([]) { return nil }
        switch kind {
        case .text, .memo, .richText, .password, .system: return .string(try limited(text(of: sent)))
        case .alphanumeric:
            let text = try limited(text(of: sent))
            guard text.allSatisfy({ $0.isLetter || $0.isNumber }) else { throw invalid }
            return .string(text)
        case .url:
            let text = try limited(text(of: sent))
            guard ["http://", "https://"].contains(where: text.lowercased().hasPrefix) else { throw invalid }
            return .string(text)
        case .integer:
            guard let number = sent.integer else { throw invalid }
            return .int(number)
        case .money, .decimal:
            guard let number = sent.number, number.isFinite else { throw invalid }
            return .double(number)
        case .single: return .string(try optionID(sent))
        case .multiple: return try selection(sent)
        case .date, .dateTime:
            guard let text = sent.text, HaloTime(text: text) != nil else { throw invalid }
            return sent
        case .time:
            guard let text = sent.text, let time = Self.timeText(text) else { throw invalid }
            return .string(time)
        case .checkbox:
            guard case .bool = sent else { throw invalid }
            return sent
        case .table:
            guard case .array = sent else { throw invalid }
            return sent
        }
    }

    private var invalid: ValueError { ValueError(message: "The value for \(label) is not valid") }

    private func text(of sent: JSONValue) throws -> String {
        switch sent {
        case .string(let text): return text
        case .int, .double, .bool: return String(decoding: JSONWriter.bytes(of: sent), as: UTF8.self)
        default: throw invalid
        }
    }

    private func limited(_ text: String) throws -> String {
        guard characterLimit == 0 || text.count <= characterLimit else {
            throw ValueError(message: "\(label) must not be longer than \(characterLimit) characters")
        }
        return text
    }

    private func optionID(_ sent: JSONValue) throws -> String {
        let id = sent.text ?? sent.integer.map(String.init)
        guard let id, options.contains(where: { $0.id == id }) else { throw invalid }
        return id
    }

    /// HaloPSA fact: several choices are sent as objects with an id.
    private func selection(_ sent: JSONValue) throws -> JSONValue {
        guard case .array(let elements) = sent else { throw invalid }
        let ids = try elements.map { element in
            guard case .object(let members) = element, let id = members["id"] else { throw invalid }
            return try optionID(id)
        }
        guard maxSelection == 0 || ids.count <= maxSelection else {
            throw ValueError(message: "No more than \(maxSelection) values can be selected for \(label)")
        }
        return .array(ids.map(JSONValue.string))
    }

    /// Returns a time with seconds, or nil if the text is not `HH:MM` or `HH:MM:SS`.
    private static func timeText(_ text: String) -> String? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.count == 2 && Int($0) != nil }) else { return nil }
        let numbers = parts.compactMap { Int($0) }
        guard numbers[0] < 24, numbers.dropFirst().allSatisfy({ (0..<60).contains($0) }), numbers[0] >= 0 else { return nil }
        return parts.count == 3 ? text : text + ":00"
    }
}

extension FieldDefinition {
    /// The value as the API returns it.
    ///
    /// HaloPSA fact: money is text with thousands separators, a choice the text of its id, and a date has seven fraction digits and `Z`.
    private func read(_ value: JSONValue) -> JSONValue {
        switch (kind, value) {
        case (.money, _): value.number.map { .string(Self.money($0)) } ?? value
        case (.multiple, .array(let ids)): .array(ids.map { ["id": $0, "name": .string(optionName($0.text ?? ""))] })
        case (.date, .string(let text)), (.dateTime, .string(let text)):
            HaloTime(text: text).map { .string($0.text(.saved)) } ?? value
        default: value
        }
    }

    private func display(_ value: JSONValue) -> String {
        switch (kind, value) {
        case (_, .null): return ""
        case (.single, _): return optionName(value.text ?? "")
        case (.multiple, .array(let ids)): return ids.map { optionName($0.text ?? "") }.joined(separator: ", ")
        case (.date, .string(let text)), (.dateTime, .string(let text)):
            guard let time = HaloTime(text: text)?.text() else { return text }
            let date = time.prefix(10).split(separator: "-").reversed().joined(separator: "/")
            return kind == .date ? date : date + " " + time.dropFirst(11).prefix(5)
        case (.money, _): return value.number.map(Self.money) ?? ""
        case (.checkbox, _): return value.isTrue ? "Yes" : "No"
        case (.password, _): return "••••••"
        case (_, .string(let text)): return text
        case (_, .array), (_, .object): return ""
        default: return String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)
        }
    }

    /// Formats an amount, such as `20,000` or `1,234.50`.
    static func money(_ amount: Double) -> String {
        let cents = Int(min((abs(amount) * 100).rounded(), 1e18))
        var digits = Array(String(cents / 100))
        for position in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: position) }
        let rest = cents % 100
        return (amount < 0 ? "-" : "") + String(digits) + (rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)")
    }
}

/// A field of a ticket type or of an outcome (schema `RequestTypeField`).
struct TypeField: Sendable {
    /// A condition for a field to be visible (schema `CustomFieldVisibility`).
    ///
    /// The vendor documents only the names of the members. It is assumed that `lookup_field_id` is the field that is compared,
    /// `lookup_value_id` and `lookup_value` the id and the name of the value it must have, and that all conditions must be met.
    struct Condition: Sendable, Hashable {
        var field: Int
        var value: String
    }

    /// HaloPSA fact: 0 is hidden, 1 optional, 2 optional with a warning, 3 mandatory; other values are read-only.
    enum Requirement {
        static let hidden = 0
        static let optional = 1
        static let mandatory = 3
        static let readOnly = 4
    }

    var fieldID: Int
    /// The requirement for agents and the API when a ticket is created.
    var newTicket = Requirement.optional
    /// The requirement for agents and the API on the form of an action.
    var action = 0
    var conditions: [Condition] = []
    /// The header of the group that contains the field, or nil if it is in no group.
    var group: String?
}

extension Store {
    /// Returns the `fields` of a ticket type or outcome, with groups nested as the API nests them.
    func rendered(_ rows: [TypeField], of owner: Int) -> JSONValue {
        var elements: [JSONValue] = []
        var groups: [String] = []
        for (position, row) in rows.enumerated() {
            guard let group = row.group else {
                elements.append(rendered(row, of: owner, position: position))
                continue
            }
            guard !groups.contains(group) else { continue }
            groups.append(group)
            let members = rows.enumerated().filter { $0.element.group == group }.map { rendered($1, of: owner, position: $0) }
            let number = 900 + groups.count
            elements.append([
                "id": .int(owner * 1000 + number), "rtid": .int(owner), "fieldid": 0, "seq": .int(position + 1), "groupid": .int(number),
                "technew": 1, "group": ["id": .int(number), "header": .string(group), "fields": .array(members)],
            ])
        }
        return .array(elements)
    }

    private func rendered(_ row: TypeField, of owner: Int, position: Int) -> JSONValue {
        let field = fields[row.fieldID]
        return [
            "id": .int(owner * 1000 + position + 1), "rtid": .int(owner), "fieldid": .int(row.fieldID), "seq": .int(position + 1),
            "tableid": 0, "groupid": 0, "technew": .int(row.newTicket), "techdetail": .int(min(row.newTicket, 1)),
            "techaction": .int(row.action), "endusernew": .int(min(row.newTicket, 1)), "enduserdetail": 0, "enduseraction": 0,
            "fieldname": .string(field?.name ?? ""), "override_fieldname": "", "fieldinfo": field?.info(includingOptions: false) ?? .null,
            "visibility_conditions": .array(row.conditions.enumerated().map { rendered($1, of: row.fieldID, in: owner, number: $0 + 1) }),
            "visibility_conditions_value": [], "value_restrictions": [], "restrictupdate": 0, "endusercheckboxmandatory": false,
            "canupdate": .bool(row.newTicket <= TypeField.Requirement.mandatory),
        ]
    }

    private func rendered(_ condition: TypeField.Condition, of field: Int, in owner: Int, number: Int) -> JSONValue {
        [
            "id": .int(field * 100 + number), "tickettype_id": .int(owner), "field_id": .int(field),
            "lookup_field_id": .int(condition.field),
            "lookup_value_id": Int(condition.value).map(JSONValue.int) ?? .null,
            "lookup_value": .string(fields[condition.field]?.optionName(condition.value) ?? condition.value),
        ]
    }

    /// Lists the custom fields; the system fields are part of the details of ticket types only.
    func listFields(_ call: APICall) -> Reply {
        let shown = fields.values.filter(\.isCustom).sorted { $0.id < $1.id }
        return Reply(status: 200, json: .array(shown.map { $0.info(includingOptions: call.query.isTrue("includevalues")) }))
    }

    /// HaloPSA fact: `getlookupvalues=true` returns the options of a field whose description in a ticket type has none.
    func readField(_ id: Int, _ call: APICall) throws -> Reply {
        guard let field = fields[id], field.isCustom else { throw ErrorReply.empty(404) }
        return Reply(
            status: 200,
            json: field.info(includingOptions: call.query.isTrue("includedetails") && call.query.isTrue("getlookupvalues")))
    }

    /// Finds the custom field that a write refers to, by id or by name.
    func customField(for sent: JSONValue) -> FieldDefinition? {
        guard case .object(let members) = sent else { return nil }
        if let id = members["id"]?.integer { return fields[id].flatMap { $0.isCustom ? $0 : nil } }
        let name = members["name"]?.text?.lowercased()
        return fields.values.first { $0.isCustom && $0.name.lowercased() == name }
    }

    /// The options of the field whose lookup has this number, in the form of `GET /Lookup`; nil if no field has it.
    func lookupRows(_ lookup: Int) -> [JSONValue]? {
        guard let field = fields.values.first(where: { $0.isCustom && $0.lookup == lookup && lookup != 0 }) else { return nil }
        return field.options.enumerated().map { position, option in
            [
                "id": Int(option.id).map(JSONValue.int) ?? .string(option.id), "lookupid": .int(lookup), "name": .string(option.name),
                "sequence": .int(position + 1),
            ]
        }
    }
}
