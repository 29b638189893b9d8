import PSACore
import PSAEngine
import VectisCore
import VectisRules
import WebServer

/// The submitted values of a rule form, to be shown again.
struct RuleForm: Sendable {
    /// A condition as it was given; its value may be unfinished.
    typealias Line = Condition

    /// What has the focus after a condition or a group was added or removed.
    enum Focus: Sendable, Hashable {
        case line(group: Int, test: Int)
        /// The choice of a condition to add.
        case adding(group: Int)
    }

    var name = ""
    /// The event types that are typed.
    var eventTypes = ""
    /// The detectors whose events are ticked.
    var detectors: Set<DetectorKind> = []
    var groups: [[Line]] = []
    var connection = ""
    var summary = ""
    var details = ""
    var overrides = TicketDefaultValues()
    /// Durations as they were typed.
    var appendMinutes = "0"
    var limitCount = String(RuleRateLimit.default.count)
    var limitMinutes = DurationText.text(RuleRateLimit.default.minutes)
    /// With which event the preview shows the ticket: empty for the latest match, `sample`, or the id of one.
    var event = ""
    var focus: Focus?

    init() {}

    /// The form for a definition.
    init(name: String, _ definition: RuleDefinition) {
        self.name = name
        take(eventTypes: definition.eventTypes)
        groups = definition.groups.map(\.tests)
        connection = definition.action.connection.rawValue
        summary = definition.action.summary.pattern
        details = definition.action.details.pattern
        overrides = definition.action.overrides
        appendMinutes = definition.action.appendMinutes == 0 ? "0" : DurationText.text(definition.action.appendMinutes)
        limitCount = String(definition.limit.count)
        limitMinutes = DurationText.text(definition.limit.minutes)
    }

    /// What was sent, with the condition or the group that was added or removed; groups that were left empty don't count once it is to be
    /// saved.
    init(_ form: SubmittedForm) {
        name = form.text("name")
        take(eventTypes: CommaSeparated.values(form.text("eventTypes")))
        detectors.formUnion(form.texts("detector").compactMap(DetectorKind.init(rawValue:)))
        connection = form.text("connection")
        summary = form.text("summary")
        details = form.text("details").replacing("\r\n", with: "\n")
        for choice in TicketDefault.allCases { overrides.values[choice] = form.text(choice.rawValue).trimmingSpaces }
        appendMinutes = form.text("appendMinutes").trimmingSpaces
        limitCount = form.text("limitCount").trimmingSpaces
        limitMinutes = form.text("limitMinutes").trimmingSpaces
        event = form.text("event")
        let shown = Int(form.text("groups")) ?? 0
        for group in 0..<RuleDefinition.maxGroups {
            let lines = (0..<RuleDefinition.maxTests).compactMap { Self.line(form, group, $0) }
            if !lines.isEmpty || group < shown { groups.append(lines) }
        }
        apply(form.text("action"), form)
    }

    /// Adds or removes what a button says.
    private mutating func apply(_ action: String, _ form: SubmittedForm) {
        let parts = action.split(separator: ":", maxSplits: 1).map(String.init)
        let numbers = parts.dropFirst().flatMap { $0.split(separator: ".").map { Int($0) ?? -1 } }
        switch (parts.first, numbers.count) {
        case ("add-group", 0):
            if groups.isEmpty { groups.append([]) }
            guard groups.count < RuleDefinition.maxGroups else { return }
            groups.append([])
            focus = .adding(group: groups.count - 1)
        case ("remove-group", 1):
            guard groups.indices.contains(numbers[0]) else { return }
            groups.remove(at: numbers[0])
            focus = .adding(group: max(0, numbers[0] - 1))
        case ("add", 1):
            if groups.isEmpty { groups.append([]) }
            let group = numbers[0]
            guard groups.indices.contains(group), groups[group].count < RuleDefinition.maxTests,
                let kind = Condition.Kind(name: form.text("group\(group).add"))
            else { return }
            // Clocks of the same place are meant more often than not.
            let zone = groups.joined().last { $0.field == .hour }?.timeZone ?? .utc
            groups[group].append(kind.condition(in: zone))
            focus = .line(group: group, test: groups[group].count - 1)
        case ("remove", 2):
            guard groups.indices.contains(numbers[0]), groups[numbers[0]].indices.contains(numbers[1]) else { return }
            groups[numbers[0]].remove(at: numbers[1])
            focus = .adding(group: numbers[0])
        case (let first?, _) where first.hasPrefix("save"): groups = groups.filter { !$0.isEmpty }
        default: break
        }
    }

    /// Shares event types between the boxes for detectors and the text.
    private mutating func take(eventTypes types: [String]) {
        detectors = Set(types.compactMap { DetectorKind(rawValue: $0.lowercased()) })
        eventTypes = CommaSeparated.text(types.filter { DetectorKind(rawValue: $0.lowercased()) == nil })
    }

    /// A condition as it was sent; nil if the form had none there.
    private static func line(_ form: SubmittedForm, _ group: Int, _ test: Int) -> Line? {
        guard let field = Condition.Field(rawValue: form.text(name(group, test, "field"))),
            let comparison = Condition.Comparison(rawValue: form.text(name(group, test, "comparison")))
        else { return nil }
        var line = Condition(field: field, comparison: comparison, value: form.text(name(group, test, "value")))
        switch Condition.Editor(field, comparison) {
        case .severities: line.value = form.texts(name(group, test, "value")).joined(separator: ", ")
        case .times:
            if form.has(name(group, test, "from")) {
                let (from, to) = (form.text(name(group, test, "from")), form.text(name(group, test, "to")))
                // The day ends with 24:00, which a field for times of day does not know.
                line.value = "\(from)-\(to == "00:00" ? "24:00" : to)"
            }
            let zone = form.text(name(group, test, "zone")).trimmingSpaces
            if !zone.isEmpty { line.timeZone = TimeZoneID(rawValue: zone) }
        case .text, .company, .severity, .yesOrNo, nil: break
        }
        return line
    }

    /// The name of an input of a condition.
    static func name(_ group: Int, _ test: Int, _ part: String) -> String { "group\(group).test\(test).\(part)" }

    /// The definition, with what is wrong with numbers and durations; the rest is checked by the definition itself.
    ///
    /// Without a choice, its connection is one that does not exist, so that this is reported together with all other issues.
    func definition() -> (definition: RuleDefinition, problems: [(field: String, problem: RuleProblem)]) {
        var problems: [(field: String, problem: RuleProblem)] = []
        func number(_ text: String, _ field: String) -> Int {
            if let number = Int(text) { return number }
            problems.append((field, .number(text)))
            return 0
        }
        func duration(_ text: String, _ field: String) -> Int {
            if let minutes = DurationText.minutes(text) { return minutes }
            problems.append((field, .duration(text)))
            return 0
        }
        let types = DetectorKind.allCases.filter(detectors.contains).map(\.rawValue) + CommaSeparated.values(eventTypes)
        let appendMinutes = appendMinutes.isEmpty ? 0 : duration(appendMinutes, "appendMinutes")
        let limit = RuleRateLimit(count: number(limitCount, "limitCount"), minutes: duration(limitMinutes, "limitMinutes"))
        let definition = RuleDefinition(
            eventTypes: types, groups: groups.filter { !$0.isEmpty }.map(ConditionGroup.init(tests:)),
            action: TicketAction(
                connection: ConnectionID(connection) ?? ConnectionID(), summary: TextTemplate(summary), details: TextTemplate(details),
                overrides: overrides, appendMinutes: appendMinutes), limit: limit)
        return (definition, problems)
    }

    /// With which event the preview shows the ticket.
    var choice: RulePreview.Choice {
        if event == "sample" { return .sample }
        return Int64(event).map { .event(HostEvent.ID(rawValue: $0)) } ?? .latestMatch
    }
}
