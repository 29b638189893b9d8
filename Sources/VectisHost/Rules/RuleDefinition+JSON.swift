import PSACore

extension RuleDefinition {
    /// The definition as JSON, for the storage and the API.
    var json: JSONValue {
        .init(present: [
            ("eventTypes", .array(eventTypes.map(JSONValue.string))),
            (
                "groups",
                .array(
                    groups.map { group in
                        .array(
                            group.tests.map { test in
                                [
                                    "field": .string(test.field.rawValue), "comparison": .string(test.comparison.rawValue),
                                    "value": .string(test.value),
                                ]
                            })
                    })
            ),
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
        var groups: [ConditionGroup] = []
        for group in view["groups"]?.elements ?? [] {
            var tests: [Condition] = []
            for test in group.elements {
                guard let field = test["field"]?.string.flatMap(Condition.Field.init(rawValue:)), let value = test["value"]?.string,
                    let comparison = test["comparison"]?.string.flatMap(Condition.Comparison.init(rawValue:))
                else { return nil }
                tests.append(Condition(field: field, comparison: comparison, value: value))
            }
            groups.append(ConditionGroup(tests: tests))
        }
        var overrides = TicketDefaultsSubmission()
        for choice in TicketDefault.allCases { overrides.values[choice] = view[choice.rawValue]?.string ?? "" }
        self.init(
            eventTypes: view["eventTypes"]?.elements.compactMap(\.string) ?? [], groups: groups,
            action: TicketAction(
                connection: connection, summary: TextTemplate(summary), details: TextTemplate(view["details"]?.string ?? ""),
                overrides: overrides, appendMinutes: view["appendMinutes"]?.integer ?? 0),
            limit: FiringLimit(
                count: view["limitCount"]?.integer ?? FiringLimit.usual.count,
                minutes: view["limitMinutes"]?.integer ?? FiringLimit.usual.minutes))
    }
}
