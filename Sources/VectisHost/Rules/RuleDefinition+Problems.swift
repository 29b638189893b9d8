import PSACore

extension RuleDefinition {
    static let maxGroups = 20
    static let maxTests = 20
    static let maxSummaryLength = 200
    static let maxDetailsLength = 8_000
    /// How long the details of a ticket get: 8,000 is what the strictest PSA takes, and company and reference are added to them.
    static let maxTicketDetailsLength = 6_900

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    var problems: [(field: String, message: String)] {
        var problems: [(field: String, message: String)] = []
        if eventTypes.count > 50 || eventTypes.contains(where: { $0.count > 100 }) {
            problems.append(("eventTypes", "At most 50 event types of 100 characters are possible."))
        }
        if groups.count > Self.maxGroups || groups.contains(where: { $0.tests.count > Self.maxTests }) {
            problems.append(("groups", "At most \(Self.maxGroups) groups of \(Self.maxTests) conditions are possible."))
        }
        for (index, group) in groups.enumerated() {
            if group.tests.isEmpty { problems.append(("groups", "Group \(index + 1) has no condition.")) }
            problems += group.tests.compactMap(\.problem).map { ("groups", "Group \(index + 1): \($0)") }
        }
        problems += action.summary.problems("summary", longest: Self.maxSummaryLength, isNeeded: true)
        problems += action.details.problems("details", longest: Self.maxDetailsLength, isNeeded: false)
        if !(0...10_080).contains(action.appendMinutes) {
            problems.append(("appendMinutes", "The time for notes is 0 to 10,080 minutes, a week."))
        }
        if !(1...10_000).contains(limit.count) || !(1...1_440).contains(limit.minutes) {
            problems.append(("limit", "The limit is 1 to 10,000 jobs in 1 to 1,440 minutes."))
        }
        return problems
    }
}

extension TextTemplate {
    fileprivate func problems(_ field: String, longest: Int, isNeeded: Bool) -> [(field: String, message: String)] {
        if isNeeded, pattern.trimmingSpaces.isEmpty { return [(field, "A text is needed.")] }
        if pattern.count > longest { return [(field, "The text has more than \(longest) characters.")] }
        let known = Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
        return unknownNames.map { (field, "There is no value “{\($0.prefix(40))}”. Known: \(known).") }
    }
}
