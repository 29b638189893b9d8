import FoundationEssentials
import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The conditions of a rule, each with whether it holds for an event.
struct RuleExplanationView: Sendable {
    let explanation: RuleExplanation
    /// What it was tried with; nil for a sample, of which only the answers are shown.
    let event: HostEvent?

    var html: HTML {
        """
        \(explanation.seesConnection ? .empty : "<p>The event was found in the copy of another connection, which this rule does not see.</p>" as HTML)
        \(explanation.listensToType ? .empty : "<p>The rule does not listen to events of this type.</p>" as HTML)
        \(groups)
        """
    }

    /// Whether the rule matches, in a badge.
    static func badge(_ answer: RuleExplanation.Answer) -> Badge {
        switch answer {
        case .holds: Badge(.good, "Matches")
        case .fails: Badge(.neutral, "Does not match")
        case .open: Badge(.warning, "Depends on the company")
        }
    }

    private var groups: HTML {
        guard !explanation.groups.isEmpty else { return "<p>It has no conditions: it matches each event that it listens to.</p>" }
        return "<ul class=\"conditions\">\(each: Array(explanation.groups.enumerated()), { group($0.offset, $0.element) })</ul>"
    }

    private func group(_ index: Int, _ group: RuleExplanation.Group) -> HTML {
        """
        <li><p>\(index == 0 ? "All of these:" : "or all of these:" as HTML)</p><ul>\(each: group.tests, test)</ul></li>
        """
    }

    private func test(_ test: RuleExplanation.Test) -> HTML {
        "<li>\(Self.word(test.answer).html) \(test.condition.sentence)\(actual(test.condition))</li>"
    }

    private func actual(_ condition: Condition) -> HTML {
        guard let event else { return .empty }
        if condition.field.isInPSA {
            return explanation.namesCompany ? .empty : " <span class=\"help\">The event names no company.</span>"
        }
        guard let text = Condition.text(condition.field, of: event) else {
            return " <span class=\"help\">The event happened \(TimestampView(event.at).html).</span>"
        }
        guard condition.field != .text else { return .empty }
        guard !text.isEmpty else { return " <span class=\"help\">The event has none.</span>" }
        return " <span class=\"help\">The event has “\(condition.field.shown(String(text.prefix(200))))”.</span>"
    }

    private static func word(_ answer: RuleExplanation.Answer) -> Badge {
        switch answer {
        case .holds: Badge(.good, "Holds")
        case .fails: Badge(.bad, "Does not hold")
        case .open: Badge(.neutral, "Read in the PSA")
        }
    }
}
