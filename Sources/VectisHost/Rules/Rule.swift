import FoundationEssentials
import PSACore
import PSAEngine

/// What is to happen when an event arrives.
struct Rule: Sendable, Equatable {
    /// Whether its jobs reach the PSA.
    enum Mode: String, Sendable, CaseIterable {
        /// It is evaluated, and its history says what it would have done.
        case dryRun = "dry_run"
        /// It creates tickets.
        case active
        /// It is not evaluated.
        case off
    }

    let id: RuleID
    var name: String
    /// Counts changes, so that two people can't overwrite one another unawares.
    var revision: Int
    var mode: Mode
    /// Why it holds back what it decides; nil if it does not.
    var pause: RulePause?
    var definition: RuleDefinition
    var createdAt: Date
    var changedAt: Date
}

/// A rule's name in links.
struct RuleID: Sendable, Hashable, CustomStringConvertible {
    let rawValue: String

    /// Draws a new one.
    init() { rawValue = CorrelationID().rawValue }

    /// Takes one from a link or the storage.
    init?(_ text: String) {
        guard let id = ConnectionID(text) else { return nil }
        rawValue = id.rawValue
    }

    var description: String { rawValue }
}

/// Why a rule holds back what it decides.
enum RulePause: Sendable, Hashable {
    /// It fired more often than its limit, or its connection's, allows.
    case rateLimited
    /// The PSA refuses its tickets, and will until somebody changes something; it goes on by itself when the connection's next check passes.
    case refused(ErrorCode)

    /// The pause as one word, for the storage.
    var text: String {
        switch self {
        case .rateLimited: "rate_limited"
        case .refused(let code): code.rawValue
        }
    }

    /// What happened, for a person.
    var sentence: String {
        switch self {
        case .rateLimited: "It exceeded its rate limit. Release or drop the jobs that need review."
        case .refused(let code):
            "The PSA refused a ticket: \(PSAError(code).guidance.title). Refused tickets are tried again from time to time; the rule goes on once one goes through, or a connection test passes."
        }
    }

    /// The code of the refusal; nil for a storm.
    var code: ErrorCode? {
        if case .refused(let code) = self { code } else { nil }
    }

    init?(text: String) {
        if text == "rate_limited" {
            self = .rateLimited
        } else if let code = ErrorCode(rawValue: text) {
            self = .refused(code)
        } else {
            return nil
        }
    }
}

/// The part of a rule that people edit.
struct RuleDefinition: Sendable, Equatable {
    /// The event types it listens to; empty means all.
    var eventTypes: [String] = []
    /// When it fires: if all tests of any of the groups hold; without groups always.
    var groups: [ConditionGroup] = []
    var action: TicketAction
    /// How often it may fire.
    var limit = RuleRateLimit.usual
}

/// Tests of which all have to hold.
struct ConditionGroup: Sendable, Equatable {
    var tests: [Condition]
}

/// How often something may happen before it is a storm.
struct RuleRateLimit: Sendable, Hashable {
    var count: Int
    var minutes: Int

    /// 30 in 10 minutes: more than a person can work off.
    static let usual = RuleRateLimit(count: 30, minutes: 10)
    /// What one connection takes from all rules together.
    static let perConnection = RuleRateLimit(count: 120, minutes: 10)
}

/// The ticket that a rule creates, or the note that it adds.
struct TicketAction: Sendable, Equatable {
    /// The connection it goes through.
    var connection: ConnectionID
    var summary: TextTemplate
    var details: TextTemplate
    /// What differs from the connection's ticket defaults; empty means as there.
    var overrides = TicketDefaultsSubmission()
    /// For how many minutes a further event of the same company and device becomes a note on the same ticket; 0 for never.
    var appendMinutes = 0
}
