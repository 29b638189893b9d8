import PSACore
import PSAEngine

extension RuleDefinition {
    /// The definition as JSON, for the storage and the API.
    var json: JSONValue {
        .init(present: [
            ("eventTypes", .array(eventTypes.map(JSONValue.string))),
            ("groups", .array(groups.map(\.json))),
            ("connection", .string(action.connection.rawValue)), ("summary", .string(action.summary.pattern)),
            ("details", .string(action.details.pattern)), ("type", .string(action.overrides[.type])),
            ("status", .string(action.overrides[.status])), ("priority", .string(action.overrides[.priority])),
            ("appendMinutes", .integer(action.appendMinutes)), ("limitCount", .integer(limit.count)),
            ("limitMinutes", .integer(limit.minutes)),
        ])
    }

    /// Reads what ``json`` wrote; nil if anything in it is not understood.
    init?(json view: JSONView) {
        guard let connection = view["connection"]?.string.flatMap(ConnectionID.init), let summary = view["summary"]?.string else {
            return nil
        }
        guard let groups = [ConditionGroup](json: view["groups"]) else { return nil }
        var overrides = TicketDefaultsSubmission()
        for choice in TicketDefault.allCases { overrides.values[choice] = view[choice.rawValue]?.string ?? "" }
        self.init(
            eventTypes: view["eventTypes"]?.elements.compactMap(\.string) ?? [], groups: groups,
            action: TicketAction(
                connection: connection, summary: TextTemplate(summary), details: TextTemplate(view["details"]?.string ?? ""),
                overrides: overrides, appendMinutes: view["appendMinutes"]?.integer ?? 0),
            limit: RuleRateLimit(
                count: view["limitCount"]?.integer ?? RuleRateLimit.usual.count,
                minutes: view["limitMinutes"]?.integer ?? RuleRateLimit.usual.minutes))
    }
}

extension CompanyCheck {
    /// The check as the precondition of a job.
    var precondition: JobPrecondition { JobPrecondition(rawValue: json.encodedText) }

    /// Reads the precondition of a job; nil if anything in it is not understood.
    init?(_ precondition: JobPrecondition) {
        guard let root = try? JSONDocument(Array(precondition.rawValue.utf8)).root else { return nil }
        self.init(json: root)
    }

    /// The check as JSON, for the storage.
    var json: JSONValue { ["isDryRun": .bool(isDryRun), "groups": .array(groups.map(\.json))] }

    /// Reads what ``json`` wrote; nil if anything in it is not understood.
    init?(json view: JSONView) {
        guard let isDryRun = view["isDryRun"]?.bool, let groups = [ConditionGroup](json: view["groups"]) else { return nil }
        self.init(groups: groups, isDryRun: isDryRun)
    }
}

extension ConditionGroup {
    fileprivate var json: JSONValue {
        .array(
            tests.map { test in
                [
                    "field": .string(test.field.rawValue), "comparison": .string(test.comparison.rawValue), "value": .string(test.value),
                ]
            })
    }
}

extension [ConditionGroup] {
    fileprivate init?(json view: JSONView?) {
        self = []
        for group in view?.elements ?? [] {
            var tests: [Condition] = []
            for test in group.elements {
                guard let field = test["field"]?.string.flatMap(Condition.Field.init(rawValue:)), let value = test["value"]?.string,
                    let comparison = test["comparison"]?.string.flatMap(Condition.Comparison.init(rawValue:))
                else { return nil }
                tests.append(Condition(field: field, comparison: comparison, value: value))
            }
            append(ConditionGroup(tests: tests))
        }
    }
}
