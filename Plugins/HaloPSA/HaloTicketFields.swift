#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif
import PSACore

/// The fields that HaloPSA asks for on new tickets of a type, as `GET /TicketType/{id}` describes them, and their choices.
///
/// Which fields are demanded follows from `technew`: 0 hidden, 1 optional, 2 optional with a warning, 3 mandatory, anything else read-only (a
/// report query and an Outlook add-in agree). What the vendor's document leaves open is decided so that HaloPSA's own check has the last
/// word: see the connector's README, “Fields of tickets”.
struct HaloTicketForm: Sendable {
    /// The list that holds the choices of a field.
    enum ChoiceList: Sendable, Hashable {
        /// `/FieldInfo/{id}` with its values.
        case fieldInfo(Int)
        /// `/Lookup?lookupid=`; the first of these that has rows.
        case lookup([Int])
        /// `/Category?type_id=`: the paths of one level.
        case categories(Int)
        /// `/Team`.
        case teams
        /// `/Agent`.
        case agents
        /// `/Asset`, which is only searched.
        case assets
        /// `/Site`, which is only searched.
        case sites

        /// Whether its rows are too many to be read as a whole.
        var isOnlySearched: Bool { self == .assets || self == .sites }
    }

    /// The fields without the choices that have to be read apart; those are ``TicketField/Choices/searched``.
    var form: TicketForm
    /// Where those choices are.
    var lists: [TicketField.ID: ChoiceList]
    /// The ids or names of the teams that the type allows; nil for all.
    var allowedTeams: Set<String>?
    /// Whether tickets are created although mandatory fields have no value.
    var ignoresMissing: Bool

    /// The most fields of a type that are read; a form of that size can't be filled in anyway.
    static let maxFields = 500
    /// The most choices of a field that are listed; of longer lists only a search is offered.
    static let maxListed = 1_000

    /// The fields that every ticket has, for a type whose description can't be read.
    static func standard(_ type: TicketType.ID?, requiresType: Bool) -> TicketForm {
        TicketForm(
            type: type,
            fields: [
                .standard(.summary, isRequired: true), .standard(.type, isRequired: requiresType), .standard(.details), .standard(.company),
                .standard(.contact), .standard(.status, dependsOn: [.type]), .standard(.priority, dependsOn: [.type]),
                .standard(.externalReference), .standard(.attachments),
            ])
    }

    /// Reads the detail of a ticket type.
    init(_ detail: JSONView, type: TicketType.ID, ignoresMissing: Bool) {
        var reader = HaloFieldReader(detail)
        reader.read()
        let standard = Self.standard(type, requiresType: false).fields.map { field in
            var field = field
            if let stated = reader.standard[field.id] {
                field.label = stated.label
                if field.id != .summary { field.requirement = stated.requirement }
                if field.isRequired, Self.isFilledIn(field.id, by: detail) { field.requirement = .recommended }
            }
            if field.id == .attachments, let fewest = detail["minattachments"]?.integer, fewest > 0 {
                field.requirement = .required
                field.minAttachments = min(fewest, AttachmentFile.maxCount)
            }
            return field
        }
        form = TicketForm(type: type, fields: standard + reader.fields)
        lists = reader.lists
        self.ignoresMissing = ignoresMissing
        allowedTeams = detail["allowall_team"]?.bool == false ? HaloFieldReader.names(of: detail["allowed_teams"]) : nil
    }

    /// Whether HaloPSA has a value of its own for a standard field that is left out: the status and priority that the type starts with, and its
    /// built-in customer and user.
    private static func isFilledIn(_ id: TicketField.ID, by detail: JSONView) -> Bool {
        switch id {
        case .status: (detail["initial_status"]?.integer ?? 0) > 0
        case .priority: (detail["default_priority"]?.integer ?? 0) > 0
        case .company, .contact: true
        default: false
        }
    }

    /// Reads what an action demands, from the detail of its outcome: `techaction` has the codes of `technew`.
    static func action(_ outcome: JSONView) -> TicketForm {
        var reader = HaloFieldReader(outcome, visibility: "techaction")
        reader.read()
        return TicketForm(fields: reader.fields)
    }

    /// The form with the choices of some fields.
    func with(_ choices: [TicketField.ID: [TicketField.Choice]], listing limit: Int = .max) -> TicketForm {
        TicketForm(
            type: form.type,
            fields: form.fields.map { field in
                var field = field
                if let known = choices[field.id] {
                    field.choices = .listed(known)
                    if let value = field.defaultValue, !value.isOne(of: known) { field.defaultValue = nil }
                }
                if case .listed(let listed) = field.choices, listed.count > limit { field.choices = .searched }
                return field
            })
    }
}

extension TicketFieldValue {
    /// Whether each chosen id is one of the choices.
    fileprivate func isOne(of choices: [TicketField.Choice]) -> Bool {
        switch self {
        case .choice(let id): choices.contains { $0.id == id }
        case .choices(let ids): ids.allSatisfy { id in choices.contains { $0.id == id } }
        default: true
        }
    }
}

/// Walks through the rows of a type's `fields[]`, groups included.
private struct HaloFieldReader {
    private let detail: JSONView
    /// The member that says whether a field is filled in: `technew` for new tickets, `techaction` for actions.
    private let visibility: String
    /// The fields that this connector's drafts have a property for, with what the type says about them.
    var standard: [TicketField.ID: (label: String, requirement: TicketField.Requirement)] = [:]
    var fields: [TicketField] = []
    var lists: [TicketField.ID: HaloTicketForm.ChoiceList] = [:]
    /// The field of each id that conditions refer to.
    private var byNumber: [Int: TicketField.ID] = [:]
    private var conditions: [(field: TicketField.ID, rows: [JSONView])] = []
    private var rowCount = 0

    init(_ detail: JSONView, visibility: String = "technew") {
        self.detail = detail
        self.visibility = visibility
    }

    mutating func read() {
        walk(detail["fields"], depth: 0)
        for (id, rows) in conditions {
            guard let index = fields.firstIndex(where: { $0.id == id }) else { continue }
            if let known = resolved(rows) {
                fields[index].conditions = known
            } else if fields[index].isRequired {
                // A condition that can't be judged here is HaloPSA's to judge.
                fields[index].requirement = .recommended
            }
        }
    }

    /// The names and ids in a list of records.
    static func names(of list: JSONView?) -> Set<String> {
        Set(
            (list?.elements ?? []).flatMap { row in
                ["section_name", "section_id", "name", "id"].compactMap { row[$0]?.text }
            })
    }

    /// Groups nest; more than five levels are none that a person made.
    private mutating func walk(_ rows: JSONView?, depth: Int) {
        guard let rows, rows.isArray, depth <= 5 else { return }
        for row in rows.elements {
            rowCount += 1
            guard rowCount <= HaloTicketForm.maxFields else { return }
            walk(row["group"]?["fields"], depth: depth + 1)
            add(row)
        }
    }

    private mutating func add(_ row: JSONView) {
        let info = row["fieldinfo"]
        guard let visibility = row[visibility]?.integer, visibility != 0,
            let number = row["fieldid"]?.integer ?? info?["id"]?.integer, number > 0
        else { return }
        var requirement: TicketField.Requirement =
            switch visibility {
            case 1: .optional
            case 2: .recommended
            case 3: .required
            default: .readOnly
            }
        if info?["readonly"]?.bool == true || info?["inputtype"]?.integer == 7 { requirement = .readOnly }
        let name = (info?["name"]?.string ?? row["fieldname"]?.string ?? "").lowercased()
        let label =
            [row["override_fieldname"]?.string, info?["label"]?.string, row["fieldname"]?.string, info?["name"]?.string]
            .compactMap { $0?.trimmingSpaces }.first { !$0.isEmpty } ?? "Field \(number)"
        // Ids of built-in fields and of custom fields overlap: only `custom` tells them apart.
        if info?["custom"]?.integer == 1 || info?["custom"]?.bool == true || name.hasPrefix("cf") {
            addCustom(number, label, requirement, info, row)
        } else {
            addBuiltIn(number, name, label, requirement, row)
        }
    }

    private mutating func addCustom(
        _ number: Int, _ label: String, _ requirement: TicketField.Requirement, _ info: JSONView?, _ row: JSONView
    ) {
        guard let id = TicketField.ID("cf:\(number)") else { return }
        let input = info?["inputtype"]?.integer ?? 0
        let kind: TicketField.Kind =
            switch info?["type"]?.integer {
            case 0:
                switch input {
                case 1: .integer
                case 2: .money
                case 4: .number
                case 5: .url
                // A password does not belong in a ticket that a rule creates, because the host would store it.
                case 6: .unsupported
                default: .text
                }
            case 1, 8: .longText
            case 2: .choice
            case 3: .choices
            case 4: input == 1 ? .dateTime : .date
            case 5: .time
            case 6: .checkbox
            case 10: .richText
            default: .unsupported
            }
        var field = TicketField(
            id, label: label, kind: kind, requirement: requirement,
            maxLength: info?["characterlimit"]?.integer.flatMap {
                $0 > 0 && [.text, .longText, .richText, .url].contains(kind) ? $0 : nil
            },
            maxSelections: info?["max_selection"]?.integer.flatMap { $0 > 0 && kind == .choices ? $0 : nil },
            mustBeChecked: kind == .checkbox && row["agentcheckboxmandatory"]?.bool == true)
        if kind == .choice || kind == .choices {
            let listed = HaloChoices.rows(info?["values"])
            field.choices = listed.isEmpty ? .searched : .listed(listed)
            if listed.isEmpty { lists[id] = .fieldInfo(info?["id"]?.integer ?? number) }
        }
        if let text = info?["defaultvalue"]?.text, let value = try? TicketFieldValue(text, for: field) { field.defaultValue = value }
        if case .listed(let choices) = field.choices, let value = field.defaultValue, !value.isOne(of: choices) { field.defaultValue = nil }
        append(field, number, row)
    }

    private mutating func addBuiltIn(
        _ number: Int, _ name: String, _ label: String, _ requirement: TicketField.Requirement, _ row: JSONView
    ) {
        guard let known = HaloBuiltInField(number: number, name: name, label: label.lowercased()) else {
            // HaloPSA has many more of its own fields, and their form is not documented; whether one is missing, it says itself.
            if let id = TicketField.ID("field:\(number)") {
                append(
                    TicketField(id, label: label, kind: .unsupported, requirement: requirement == .required ? .recommended : requirement),
                    number, row)
            }
            return
        }
        if let id = known.standard {
            standard[id] = (label, requirement)
            byNumber[number] = id
            return
        }
        guard let kind = known.kind, let id = known.id else { return }
        var field = TicketField(id, label: label, kind: kind, requirement: requirement, choices: known.list == nil ? .none : .searched)
        // HaloPSA takes the customer's own site where none is given.
        if known == .site, field.isRequired { field.requirement = .recommended }
        field.defaultValue = known.defaultMember.flatMap { detail[$0]?.text }.flatMap { text in
            // 0 and -1 stand for none.
            ["0", "-1", ""].contains(text) ? nil : try? TicketFieldValue(text, for: field)
        }
        lists[id] = known.list
        append(field, number, row)
    }

    private mutating func append(_ field: TicketField, _ number: Int, _ row: JSONView) {
        guard !fields.contains(where: { $0.id == field.id }) else { return }
        fields.append(field)
        byNumber[number] = field.id
        let own = [row["visibility_conditions"], row["fieldinfo"]?["visibility_conditions"]].flatMap { $0?.elements ?? [] }
        let grouped = [row["group_visibility_conditions"], row["fieldinfo"]?["group_visibility_conditions"]].flatMap { $0?.elements ?? [] }
        if !own.isEmpty || !grouped.isEmpty { conditions.append((field.id, grouped.isEmpty ? own : own + grouped)) }
    }

    /// The conditions in the neutral form; nil if one can't be judged.
    ///
    /// `lookup_field_id` names the other field and `lookup_value_id` or `lookup_value` its value (names of the vendor's document, which says
    /// no more). Rows on one field are alternatives, because a field has one value; rows on several fields must all hold.
    private func resolved(_ rows: [JSONView]) -> [TicketField.Condition]? {
        var conditions: [TicketField.Condition] = []
        for row in rows {
            guard row["dynamic_SQL_field"]?.bool != true, (row["conditiontype"]?.integer ?? 0) == 0,
                let number = row["lookup_field_id"]?.integer, let other = byNumber[number]
            else { return nil }
            let kind = fields.first { $0.id == other }?.kind
            let value: String? =
                if let id = row["lookup_value_id"]?.integer, id > 0 || kind == .checkbox {
                    kind == .checkbox ? (id == 0 ? "false" : "true") : String(id)
                } else {
                    row["lookup_value"]?.text
                }
            guard let value else { return nil }
            if let index = conditions.firstIndex(where: { $0.field == other }) {
                conditions[index].values.insert(value)
            } else {
                conditions.append(TicketField.Condition(other, isOneOf: [value]))
            }
        }
        return conditions
    }
}

/// A field of HaloPSA's own, by the ids and names that clients have seen (2, 3, 4, 13, 14, 16, 27 and 28); categories, status and priority
/// have names or labels only.
enum HaloBuiltInField: Sendable, Hashable {
    case summary, details, assets, team, agent, estimate, impact, urgency, status, priority, company, contact, site
    case category(Int)

    init?(number: Int, name: String, label: String) {
        switch (number, name) {
        case (2, _), (_, "symptom"), (_, "summary"): self = .summary
        case (3, _), (_, "symptom2"), (_, "details"): self = .details
        case (13, _), (_, "sectio_"), (_, "team"): self = .team
        case (14, _), (_, "assignedtoint"), (_, "agent"): self = .agent
        case (16, _), (_, "estimate"): self = .estimate
        case (27, _), (_, "impact"): self = .impact
        case (28, _), (_, "urgency"): self = .urgency
        case (4, _), (_, "asset"), (_, "assets"): self = .assets
        case (_, "status"): self = .status
        case (_, "seriousness"), (_, "priority"): self = .priority
        // The columns of the database count from 2: `category2` is the first level.
        case (_, "category2"), (_, "category_1"): self = .category(1)
        case (_, "category3"), (_, "category_2"): self = .category(2)
        case (_, "category4"), (_, "category_3"): self = .category(3)
        case (_, "category5"), (_, "category_4"): self = .category(4)
        default:
            switch label {
            case "category", "category 1": self = .category(1)
            case "category 2": self = .category(2)
            case "category 3": self = .category(3)
            case "category 4": self = .category(4)
            case "status": self = .status
            case "priority": self = .priority
            case "client", "customer", "company": self = .company
            case "site": self = .site
            case "user", "end user", "end-user", "contact": self = .contact
            default: return nil
            }
        }
    }

    /// The property of a draft that holds it.
    var standard: TicketField.ID? {
        switch self {
        case .summary: .summary
        case .details: .details
        case .status: .status
        case .priority: .priority
        case .company: .company
        case .contact: .contact
        default: nil
        }
    }

    /// Its id among the fields of a draft.
    var id: TicketField.ID? {
        switch self {
        case .assets: TicketField.ID("assets")
        case .team: TicketField.ID("team")
        case .agent: TicketField.ID("agent")
        case .estimate: TicketField.ID("estimate")
        case .impact: TicketField.ID("impact")
        case .urgency: TicketField.ID("urgency")
        case .site: TicketField.ID("site")
        case .category(let level): TicketField.ID("category_\(level)")
        default: nil
        }
    }

    /// The field behind an id of a draft.
    init?(_ id: TicketField.ID) {
        let all: [HaloBuiltInField] = [.assets, .team, .agent, .estimate, .impact, .urgency, .site] + (1...4).map { .category($0) }
        guard let found = all.first(where: { $0.id == id }) else { return nil }
        self = found
    }

    var kind: TicketField.Kind? {
        switch self {
        case .assets: .references
        case .team, .agent, .site: .reference
        case .estimate: .number
        case .impact, .urgency: .choice
        case .category: .categoryPath
        default: nil
        }
    }

    /// List 12 is impact and 27 urgency; one client reads impact from 27 too.
    var list: HaloTicketForm.ChoiceList? {
        switch self {
        case .assets: .assets
        case .site: .sites
        case .team: .teams
        case .agent: .agents
        case .impact: .lookup([12, 27])
        case .urgency: .lookup([27])
        case .category(let level): .categories(level)
        default: nil
        }
    }

    /// The member of the type that holds its default.
    var defaultMember: String? {
        switch self {
        case .team: "default_team"
        case .agent: "default_agent"
        case .estimate: "default_estimate"
        case .impact: "default_impact"
        case .urgency: "default_urgency"
        case .category(let level): "default_category_\(level)"
        default: nil
        }
    }
}
