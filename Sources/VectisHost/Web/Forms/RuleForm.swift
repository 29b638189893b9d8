import PSACore

/// What the form of a rule brings, and shows again.
struct RuleForm: Sendable {
    /// One line of a condition as it was typed; it may be unfinished.
    struct Line: Sendable {
        var field = Condition.Field.severity
        var comparison = Condition.Comparison.atLeast
        var value = ""
    }

    var name = ""
    var eventTypes = ""
    /// Groups of lines; the form shows an empty line at the end of each.
    var groups: [[Line]] = []
    var connection = ""
    var summary = ""
    var details = ""
    var overrides = TicketDefaultsSubmission()
    var appendMinutes = "0"
    var limitCount = String(FiringLimit.usual.count)
    var limitMinutes = String(FiringLimit.usual.minutes)

    init() {}

    /// The form for a definition.
    init(name: String, _ definition: RuleDefinition) {
        self.name = name
        eventTypes = definition.eventTypes.joined(separator: ", ")
        groups = definition.groups.map { $0.tests.map { Line(field: $0.field, comparison: $0.comparison, value: $0.value) } }
        connection = definition.action.connection.rawValue
        summary = definition.action.summary.pattern
        details = definition.action.details.pattern
        overrides = definition.action.overrides
        appendMinutes = String(definition.action.appendMinutes)
        limitCount = String(definition.limit.count)
        limitMinutes = String(definition.limit.minutes)
    }

    /// What was sent; lines without a value are left out.
    init(_ form: SubmittedForm) {
        name = form.text("name")
        eventTypes = form.text("eventTypes")
        connection = form.text("connection")
        summary = form.text("summary")
        details = form.text("details").replacing("\r\n", with: "\n")
        for choice in TicketDefault.allCases { overrides.values[choice] = form.text(choice.rawValue).trimmingSpaces }
        appendMinutes = form.text("appendMinutes").trimmingSpaces
        limitCount = form.text("limitCount").trimmingSpaces
        limitMinutes = form.text("limitMinutes").trimmingSpaces
        for group in 0..<RuleDefinition.mostGroups {
            let lines = (0..<RuleDefinition.mostTests).compactMap { Self.line(form, group, $0) }
            if !lines.isEmpty { groups.append(lines) }
        }
        switch form.text("action") {
        case "add-group": groups.append([])
        default: break
        }
    }

    private static func line(_ form: SubmittedForm, _ group: Int, _ test: Int) -> Line? {
        let value = form.text(Self.name(group, test, "value"))
        guard !value.trimmingSpaces.isEmpty else { return nil }
        return Line(
            field: Condition.Field(rawValue: form.text(Self.name(group, test, "field"))) ?? .text,
            comparison: Condition.Comparison(rawValue: form.text(Self.name(group, test, "comparison"))) ?? .contains, value: value)
    }

    /// The name of an input of a condition.
    static func name(_ group: Int, _ test: Int, _ part: String) -> String { "group\(group).test\(test).\(part)" }

    /// The definition, with what is wrong with the numbers; the rest is checked by the definition itself.
    func definition() -> (definition: RuleDefinition?, problems: [(field: String, message: String)]) {
        var problems: [(field: String, message: String)] = []
        func number(_ text: String, _ field: String) -> Int {
            if let number = Int(text) { return number }
            problems.append((field, "“\(text.prefix(20))” is not a whole number."))
            return 0
        }
        let types = eventTypes.split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
        let appendMinutes = number(appendMinutes, "appendMinutes")
        let limit = FiringLimit(count: number(limitCount, "limit"), minutes: number(limitMinutes, "limit"))
        guard let connection = ConnectionID(connection) else { return (nil, problems + [("connection", "Choose a connection.")]) }
        let groups = groups.filter { !$0.isEmpty }.map { lines in
            ConditionGroup(tests: lines.map { Condition(field: $0.field, comparison: $0.comparison, value: $0.value) })
        }
        let definition = RuleDefinition(
            eventTypes: types, groups: groups,
            action: TicketAction(
                connection: connection, summary: TextTemplate(summary), details: TextTemplate(details), overrides: overrides,
                appendMinutes: appendMinutes), limit: limit)
        return (definition, problems)
    }
}
