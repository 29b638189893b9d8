import PSACore

/// What a rule does, in words: for those who may not open its form, and at a glance for those who may.
struct RuleFacts: Sendable {
    let definition: RuleDefinition
    /// What its connection is called; nil if it was removed.
    let connectionName: String?

    var html: HTML {
        let action = definition.action
        return """
            <dl class="facts">
            <dt>When</dt><dd>\(eventTypes)\(each: Array(definition.groups.enumerated()), { group($0.offset, $0.element) })</dd>
            <dt>Then</dt><dd>A ticket “\(action.summary.pattern)” through \(connectionName ?? "a connection that was removed")</dd>
            <dt>Further ones</dt><dd>\(notes(action.appendMinutes))</dd>
            <dt>At most</dt><dd>\(definition.limit.count) in \(definition.limit.minutes) minutes</dd>
            </dl>
            """
    }

    private var eventTypes: HTML {
        definition.eventTypes.isEmpty ? "Any event" : .all(["Event "] + codes)
    }

    private var codes: [HTML] {
        definition.eventTypes.enumerated().map { index, type in "\(index == 0 ? "" : ", ")<code>\(type)</code>" }
    }

    private func group(_ index: Int, _ group: ConditionGroup) -> HTML {
        let tests = group.tests.map { "\($0.field.title) \($0.comparison.words) “\($0.value)”" }
        return "<br>\(index == 0 ? "if" : "or if") \(tests.joined(separator: " and "))"
    }

    private func notes(_ minutes: Int) -> String {
        minutes == 0 ? "Each becomes a ticket of its own" : "Within \(minutes) minutes they become notes on the open ticket"
    }
}

extension Condition.Comparison {
    /// The comparison in a sentence, without the advice for typing.
    fileprivate var words: String {
        switch self {
        case .equals: "is"
        case .contains: "contains"
        case .oneOf: "is one of"
        case .atLeast: "is at least"
        case .betweenHours: "is between"
        }
    }
}
