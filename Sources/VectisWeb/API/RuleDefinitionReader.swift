import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// Reads the definition of a rule out of a body, strictly: everything that is not understood is a problem with its path.
struct RuleDefinitionReader {
    /// What is wrong, in the order of the members.
    private(set) var problems: [BodyError] = []
    /// The values of fields whose form the ticket type decides, as a person would type them.
    private(set) var plainFields: [TicketField.ID: String] = [:]

    /// The members of a definition, as ``RuleDefinition/json`` writes them.
    static let members = [
        "eventTypes", "groups", "connection", "summary", "details", "type", "status", "priority", "appendMinutes", "limitCount",
        "limitMinutes", "fields",
    ]
    private static let conditionMembers = ["field", "comparison", "value", "timeZone"]

    /// Reads a definition; with problems it is not usable.
    mutating func definition(_ view: JSONView, at path: String) -> RuleDefinition? {
        guard view.isObject else { return note(path, .wrongType(.object)) }
        check(view, Self.members, path)
        let connection = text(view, "connection", path, isNeeded: true)
        let summary = text(view, "summary", path, isNeeded: true)
        var overrides = TicketDefaultValues()
        for choice in TicketDefault.allCases { overrides.values[choice] = text(view, choice.rawValue, path) }
        let id = ConnectionID(connection)
        if id == nil, !connection.isEmpty {
            _ = note("\(path).connection", .invalid("“\(path).connection” is no id of a connection.")) as Bool?
        }
        let definition = RuleDefinition(
            eventTypes: eventTypes(view, path), groups: groups(view, path),
            action: TicketAction(
                connection: id ?? ConnectionID(), summary: TextTemplate(summary),
                details: TextTemplate(text(view, "details", path, upTo: 4 * RuleDefinition.maxDetailsLength)),
                overrides: overrides, fields: fields(view, path), appendMinutes: number(view, "appendMinutes", path) ?? 0),
            limit: RuleRateLimit(
                count: number(view, "limitCount", path) ?? RuleRateLimit.default.count,
                minutes: number(view, "limitMinutes", path) ?? RuleRateLimit.default.minutes))
        return problems.isEmpty ? definition : nil
    }

    /// Adds a problem.
    private mutating func note<Value>(_ member: String, _ issue: BodyError.Issue) -> Value? {
        problems.append(BodyError(member, issue))
        return nil
    }

    /// A member, also one that is null, which no member of a definition may be; nil where it is missing.
    private static func member(_ view: JSONView, _ name: String) -> JSONView? { view.members.first { $0.name == name }?.value }

    /// Refuses members that are not known, or given twice.
    private mutating func check(_ view: JSONView, _ known: [String], _ path: String) {
        var seen: Set<String> = []
        for member in view.members.prefix(200) {
            if !known.contains(member.name) {
                problems.append(
                    BodyError("\(path).\(member.name)", .unknown(nearest: NearestName.of(member.name, in: known), known: known)))
            } else if !seen.insert(member.name).inserted {
                problems.append(BodyError("\(path).\(member.name)", .duplicate))
            }
        }
    }

    private mutating func text(
        _ view: JSONView, _ name: String, _ path: String, isNeeded: Bool = false, upTo limit: Int = APIBody.maxTextLength
    ) -> String {
        guard let member = Self.member(view, name) else {
            if isNeeded { problems.append(BodyError("\(path).\(name)", .missing)) }
            return ""
        }
        guard let text = member.string else { return note("\(path).\(name)", .wrongType(.text)) ?? "" }
        return text.utf8.count <= limit ? text : note("\(path).\(name)", .tooLong(limit: limit)) ?? ""
    }

    private mutating func number(_ view: JSONView, _ name: String, _ path: String) -> Int? {
        guard let member = Self.member(view, name) else { return nil }
        guard member.string == nil, let number = member.text.flatMap({ Int($0) }) else {
            return note("\(path).\(name)", .wrongType(.wholeNumber))
        }
        return number
    }

    private mutating func eventTypes(_ view: JSONView, _ path: String) -> [String] {
        guard let member = Self.member(view, "eventTypes") else { return [] }
        guard member.isArray else { return note("\(path).eventTypes", .wrongType(.array)) ?? [] }
        return member.elements.prefix(51).enumerated().map { index, element in
            element.string ?? note("\(path).eventTypes.\(index)", .wrongType(.text)) ?? ""
        }
    }

    private mutating func groups(_ view: JSONView, _ path: String) -> [ConditionGroup] {
        guard let member = Self.member(view, "groups") else { return [] }
        guard member.isArray else { return note("\(path).groups", .wrongType(.array)) ?? [] }
        var groups: [ConditionGroup] = []
        // One more than is possible, which the definition refuses with a sentence.
        for (index, group) in member.elements.prefix(RuleDefinition.maxGroups + 1).enumerated() {
            let place = "\(path).groups.\(index)"
            guard group.isArray else {
                problems.append(BodyError(place, .wrongType(.array)))
                continue
            }
            var tests: [Condition] = []
            for (number, test) in group.elements.prefix(RuleDefinition.maxTests + 1).enumerated() {
                if let condition = condition(test, "\(place).\(number)") { tests.append(condition) }
            }
            groups.append(ConditionGroup(tests: tests))
        }
        return groups
    }

    private mutating func condition(_ view: JSONView, _ path: String) -> Condition? {
        guard view.isObject else { return note(path, .wrongType(.object)) }
        check(view, Self.conditionMembers, path)
        let (field, comparison) = (text(view, "field", path, isNeeded: true), text(view, "comparison", path, isNeeded: true))
        let value = text(view, "value", path, isNeeded: true)
        let zone = text(view, "timeZone", path)
        guard let known = Condition.Field(rawValue: field) else {
            if field.isEmpty { return nil }
            return note("\(path).field", .noChoice(known: Condition.Field.allCases.map(\.rawValue).joined(separator: ", ")))
        }
        guard let compares = Condition.Comparison(rawValue: comparison), known.comparisons.contains(compares) else {
            if comparison.isEmpty { return nil }
            return note("\(path).comparison", .noChoice(known: known.comparisons.map(\.rawValue).joined(separator: ", ")))
        }
        return Condition(field: known, comparison: compares, value: value, timeZone: zone.isEmpty ? .utc : TimeZoneID(rawValue: zone))
    }

    private mutating func fields(_ view: JSONView, _ path: String) -> [TicketField.ID: RuleFieldValue] {
        guard let member = Self.member(view, "fields") else { return [:] }
        guard member.isObject else { return note("\(path).fields", .wrongType(.object)) ?? [:] }
        var fields: [TicketField.ID: RuleFieldValue] = [:]
        for field in member.members.prefix(TicketFieldLimits.maxFields + 1) {
            let place = "\(path).fields.\(field.name)"
            guard let id = TicketField.ID(field.name) else {
                problems.append(BodyError(place, .invalid("“\(place.prefix(80))” is no id of a field.")))
                continue
            }
            if fields[id] != nil || plainFields[id] != nil { problems.append(BodyError(place, .duplicate)) }
            if let value = RuleFieldValue(json: field.value) {
                fields[id] = value
            } else if let text = APIBody.fieldText(field.value) {
                plainFields[id] = text
            } else {
                let sentence = """
                    “\(place.prefix(80))” is no value of a field: a text, a number, a Boolean or an array of ids, or an object with one of \
                    template, text, number, date, dateTime, time, checkbox, choice, choices.
                    """
                problems.append(BodyError(place, .invalid(sentence)))
            }
        }
        return fields
    }
}
