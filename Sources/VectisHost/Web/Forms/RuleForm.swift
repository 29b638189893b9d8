import PSACore
import PSAEngine

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
    /// Groups of lines as the form shows them; lines without a value count for nothing.
    var groups: [[Line]] = []
    var connection = ""
    var summary = ""
    var details = ""
    var overrides = TicketDefaultsSubmission()
    var appendMinutes = "0"
    var limitCount = String(RuleRateLimit.usual.count)
    var limitMinutes = String(RuleRateLimit.usual.minutes)

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

    /// What was sent, with the group or the lines that were asked for; nothing that was left empty remains once it is to be saved.
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
        for group in 0..<RuleDefinition.maxGroups {
            let lines = (0..<RuleDefinition.maxTests).compactMap { Self.line(form, group, $0) }
            if !lines.isEmpty { groups.append(lines) }
        }
        switch form.text("action") {
        case "add-group": groups.append([Line()])
        case "add-line": groups = groups.map { $0 + [Line()] }
        default: groups = groups.map { $0.filter { $0.condition != nil } }.filter { !$0.isEmpty }
        }
    }

    /// A line as it was sent; nil if the form had none there.
    private static func line(_ form: SubmittedForm, _ group: Int, _ test: Int) -> Line? {
        guard let field = Condition.Field(rawValue: form.text(Self.name(group, test, "field"))),
            let comparison = Condition.Comparison(rawValue: form.text(Self.name(group, test, "comparison")))
        else { return nil }
        return Line(field: field, comparison: comparison, value: form.text(Self.name(group, test, "value")))
    }

    /// The name of an input of a condition.
    static func name(_ group: Int, _ test: Int, _ part: String) -> String { "group\(group).test\(test).\(part)" }

    /// The definition, with what is wrong with the numbers; the rest is checked by the definition itself.
    ///
    /// Without a choice, its connection is one that does not exist, so that this is told together with everything else.
    func definition() -> (definition: RuleDefinition, problems: [(field: String, message: String)]) {
        var problems: [(field: String, message: String)] = []
        func number(_ text: String, _ field: String) -> Int {
            if let number = Int(text) { return number }
            problems.append((field, "“\(text.prefix(20))” is not a whole number."))
            return 0
        }
        let types = eventTypes.split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
        let appendMinutes = number(appendMinutes, "appendMinutes")
        let limit = RuleRateLimit(count: number(limitCount, "limit"), minutes: number(limitMinutes, "limit"))
        let definition = RuleDefinition(
            eventTypes: types, groups: groups.map { $0.compactMap(\.condition) }.filter { !$0.isEmpty }.map(ConditionGroup.init(tests:)),
            action: TicketAction(
                connection: ConnectionID(connection) ?? ConnectionID(), summary: TextTemplate(summary), details: TextTemplate(details),
                overrides: overrides, appendMinutes: appendMinutes), limit: limit)
        return (definition, problems)
    }
}

extension RuleForm.Line {
    /// The condition it stands for; nil without a value.
    var condition: Condition? {
        value.trimmingSpaces.isEmpty ? nil : Condition(field: field, comparison: comparison, value: value)
    }
}
