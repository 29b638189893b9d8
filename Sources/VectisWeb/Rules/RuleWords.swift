import PSACore
import PSAEngine
import VectisCore
import VectisRules

extension Condition.Field {
    /// The field for display.
    var words: HTML { HTML(self) }
}

extension Condition.Field {
    /// A value of the field for display: severities by their names.
    func shown(_ value: String) -> HTML {
        guard self == .severity else { return "\(value)" }
        return .joined(
            value.split(separator: ",").map { part in
                let word = String(part).trimmingSpaces
                return HostEvent.Severity(rawValue: word)?.words ?? "\(word)"
            })
    }
}

extension Condition.Comparison {
    /// The comparison in a sentence.
    var words: HTML { HTML(self) }
}

extension HostEvent.Severity {
    /// The severity for display.
    var words: HTML {
        switch self {
        case .info: "Info"
        case .warning: "Warning"
        case .error: "Error"
        case .critical: "Critical"
        }
    }
}

extension Condition {
    /// The condition in a sentence.
    var sentence: HTML {
        if field == .hour, let times {
            return
                "\(field.words) \(comparison.words) \(DayTimes.clock(times.from)) and \(DayTimes.clock(times.to)) (\(timeZone.rawValue))"
        }
        return "\(field.words) \(comparison.words) \(HTML.quoted(field.shown(value)))"
    }
}

extension DurationText {
    /// The duration for display.
    static func words(_ minutes: Int) -> HTML {
        let (count, unit) = parts(minutes)
        switch unit {
        case .minute: return count == 1 ? "1 minute" : "\(count) minutes"
        case .hour: return count == 1 ? "1 hour" : "\(count) hours"
        case .day, .week: return count == 1 ? "1 day" : "\(count) days"
        }
    }
}

extension ReviewReason {
    /// Why a job needs review; a reason of a later version is shown as it is stored.
    var words: HTML { sentence.map { HTML(term: $0) } ?? HTML(text: rawValue) }
}

extension JobRemark {
    /// The remark, a sentence after the other.
    var words: HTML { .all(sentences.enumerated().map { $0 == 0 ? HTML($1) : " " + HTML($1) }) }
}

extension SkipReason {
    /// Why a job was skipped.
    var words: HTML {
        switch self {
        case .connectionRemoved: "The connection was removed."
        case .companyConditions(let name): "The rule’s conditions on the company don’t hold for “\(name)”."
        case .wouldNeedReview(let reason): "Dry run: it would need review. \(reason.words)"
        case .other(let sentence): "\(sentence)"
        }
    }
}

extension UnresolvedReason {
    /// Why a company was not found.
    var words: HTML { HTML(term: sentence) }
}

extension DetectorObstacle {
    /// Why a detector finds nothing at present.
    var words: HTML {
        switch self {
        case .noCopy: "There is no local copy of this connection yet."
        case .notOffered(let resource): "The connector can’t read \(HTML(term: resource.title))."
        case .notRead(let resource): "The list of \(HTML(term: resource.title)) was not read to its end yet."
        case .stale(let resource): "The local copy of \(HTML(term: resource.title)) is stale."
        case .incomplete(let resource):
            """
            The list of \(HTML(term: resource.title)) is not complete: it came with gaps or unreadable rows, or misses many records. What is missing in
            it proves nothing.
            """
        case .changing(let resource):
            "The local copy of \(HTML(term: resource.title)) changed while it was looked at. The next run looks again."
        }
    }
}

extension RuleRateLimit {
    /// The limit for display.
    var words: HTML { "\(count) in \(DurationText.words(minutes))" }
}

extension RuleState.Name {
    /// The state for display.
    var words: HTML { HTML(term: title) }

    /// How the state is marked.
    var badge: Badge.Kind {
        switch self {
        case .dryRun, .off: .neutral
        case .active: .good
        case .paused: .warning
        }
    }
}

/// The one state of a rule, and why it is paused.
struct RuleStateLine: Sendable {
    let rule: Rule

    var html: HTML {
        let state = RuleState(rule)
        let style =
            switch state.name {
            case .dryRun: "limited"
            case .active: "connected"
            case .paused: "needs_attention"
            case .off: "none"
            }
        let because: HTML =
            switch state.name {
            case .dryRun: ": nothing is sent"
            case .active, .off: .empty
            case .paused: .empty
            }
        let reasons: HTML = .all(
            state.reasons.enumerated().map { index, reason in "\(index == 0 ? .empty : " " as HTML)\(words(reason))" })
        let own: HTML = state.name == .paused ? "because \(reasons)" : .empty
        let later: HTML =
            state.name == .dryRun && !state.reasons.isEmpty
            ? "<p class=\"help needs_attention\">It will be paused once it is active, because \(reasons)</p>" : .empty
        return "<p class=\"status \(style)\"><span class=\"state\">\(state.name.words)\(because)</span> \(own)</p>\(later)"
    }

    /// Why a rule is paused, as the end of a sentence that says “because”, and what to do.
    private func words(_ reason: RuleState.Reason) -> HTML {
        switch reason {
        case .rateLimited: "it exceeded its limit. Release or discard the jobs that are on hold."
        case .refused(let code):
            """
            the PSA rejected a ticket: \(PSAError(code).guidance(in: Viewer.current.renderer).title). Rejected tickets are tried again from time to time; the rule continues once one
            is created, or a connection test passes. <a href="/errors#\(code.anchor)">What that means</a> ·
            <a href="/integrations/\(rule.definition.action.connection.rawValue)">To the connection</a>
            """
        case .fields(let pause):
            """
            its tickets have no value for \(HTML.quoted(pause.fields)) that \(pause.type.isEmpty ? "the PSA" : "the ticket type “\(pause.type)”" as HTML) accepts.
            Give one here or in the ticket defaults; the rule continues once a check finds it accepted.
            """
        case .connectionRemoved: "its connection was removed. Choose another one, or turn the rule off."
        }
    }
}
