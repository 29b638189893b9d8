import PSACore
package import PSAEngine

/// Why a rule fires for an event, or does not: each of its conditions with what became of it.
///
/// It says the same as ``RuleDefinition/verdict(on:)``, and is for people: it looks at every condition where the verdict stops early.
package struct RuleExplanation: Sendable, Equatable {
    /// Whether one condition holds.
    package enum Answer: String, Sendable, CaseIterable {
        case holds
        case fails
        /// It is about the company in the PSA, and was not compared with it here.
        case open
    }

    /// One condition with its answer.
    package struct Test: Sendable, Equatable {
        package let condition: Condition
        package let answer: Answer
    }

    /// A group of conditions of which all have to hold.
    package struct Group: Sendable, Equatable {
        package let tests: [Test]

        /// Whether all of them hold; open if that depends on the company alone.
        package var answer: Answer {
            if tests.contains(where: { $0.answer == .fails }) { return .fails }
            return tests.contains { $0.answer == .open } ? .open : .holds
        }
    }

    /// Whether the event is of a connection whose findings the rule sees; true for an event that a program sent.
    package let seesConnection: Bool
    /// Whether the rule listens to the type of the event.
    package let listensToType: Bool
    /// Whether the event names a company; without one, no condition on the company in the PSA holds.
    package let namesCompany: Bool
    /// The groups of which one has to hold; a rule without groups fires for each event that it listens to.
    package let groups: [Group]

    /// Explains what a rule makes of an event.
    ///
    /// - Parameters:
    ///   - definition: The rule.
    ///   - event: The event.
    ///   - company: What the PSA says about the company; nil where that is not known, which leaves conditions on it open.
    package init(_ definition: RuleDefinition, _ event: HostEvent, company: CompanyFacts? = nil) {
        let isNamed = !event.company.trimmingSpaces.isEmpty || !event.companyID.isEmpty
        seesConnection = event.connection == nil || event.connection == definition.action.connection
        listensToType =
            definition.eventTypes.isEmpty || definition.eventTypes.contains { $0.lowercased() == event.type.lowercased() }
        namesCompany = isNamed
        groups = definition.groups.map { group in
            Group(
                tests: group.tests.map { test in
                    guard test.field.isInPSA else { return Test(condition: test, answer: test.holds(for: event) ? .holds : .fails) }
                    guard isNamed else { return Test(condition: test, answer: .fails) }
                    let isHeld = company.flatMap { test.holds(for: $0) }
                    return Test(condition: test, answer: isHeld.map { $0 ? .holds : .fails } ?? .open)
                })
        }
    }

    /// Whether the rule fires; open if that depends on the company in the PSA.
    package var answer: Answer {
        guard seesConnection, listensToType else { return .fails }
        if groups.isEmpty || groups.contains(where: { $0.answer == .holds }) { return .holds }
        return groups.contains { $0.answer == .open } ? .open : .fails
    }
}
