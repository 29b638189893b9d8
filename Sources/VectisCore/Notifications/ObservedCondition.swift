package import FoundationEssentials
package import PSACore
package import PSAEngine
import VectisRules

/// What a condition is about, as it was last seen.
package struct ConditionFacts: Sendable, Equatable {
    package var kind: ConditionKind
    /// Which one it is among those of its kind; the same while it lasts, and when it comes again.
    package var key: String
    package var connection: ConnectionID?
    /// The name of the connection, the rule, the machine or the contact point.
    package var name: String
    /// The rule, the list of the local copy or the contact point; empty if there is none.
    package var subject: String
    /// The error behind it.
    package var code: ErrorCode?
    /// How many items it is about; 0 if it is about none.
    package var count: Int

    /// Creates ``ConditionFacts``.
    package init(
        kind: ConditionKind, key: String, connection: ConnectionID? = nil, name: String, subject: String = "", code: ErrorCode? = nil,
        count: Int = 0
    ) {
        self.kind = kind
        self.key = key
        self.connection = connection
        self.name = name
        self.subject = subject
        self.code = code
        self.count = count
    }
}

/// A condition that is there now, or that was there since the last look.
package struct FoundCondition: Sendable, Equatable {
    package var facts: ConditionFacts
    /// When it began, if that is known; otherwise it began now.
    package var openedAt: Date?
    /// When it ended; nil while it lasts.
    package var endedAt: Date?

    /// Creates a ``FoundCondition``.
    package init(_ facts: ConditionFacts, openedAt: Date? = nil, endedAt: Date? = nil) {
        self.facts = facts
        self.openedAt = openedAt
        self.endedAt = endedAt
    }
}

/// Whose look at the conditions it is: what is in it and not found has ended.
package enum ObservationScope: Sendable, Hashable {
    /// Everything in the stores that all processes share.
    case shared
    /// The disk of one machine.
    case machine(String)

    /// The scope as text, for the storage.
    package var text: String {
        switch self {
        case .shared: "shared"
        case .machine(let name): "machine/\(name)"
        }
    }

    /// The beginning of the keys of conditions of machines.
    package static let machinePrefix = "disk/"

    /// Whether a condition with a key belongs to it.
    package func contains(_ key: String) -> Bool {
        switch self {
        case .shared: !key.hasPrefix(Self.machinePrefix)
        case .machine(let name): key == Self.machinePrefix + name
        }
    }
}

/// A condition from its beginning to its end, as it is stored.
package struct ObservedCondition: Sendable, Equatable {
    package let id: Int64
    package var facts: ConditionFacts
    package var openedAt: Date
    package var endedAt: Date?
    /// Whether it ended because what it was about was removed or turned off: nothing has recovered.
    package var isWithdrawn: Bool

    /// Creates an ``ObservedCondition``.
    package init(id: Int64, facts: ConditionFacts, openedAt: Date, endedAt: Date? = nil, isWithdrawn: Bool = false) {
        self.id = id
        self.facts = facts
        self.openedAt = openedAt
        self.endedAt = endedAt
        self.isWithdrawn = isWithdrawn
    }
}

/// What was reported to a contact point about a condition.
package struct ConditionReport: Sendable, Equatable {
    /// What the latest message said.
    package enum State: String, Sendable {
        /// Nothing, or nothing that is known to have arrived.
        case none
        case open
        case ended
    }

    package var state = State.none
    /// When that message was made.
    package var reportedAt: Date?
    /// Whether a message that may have arrived said more.
    package var isUncertain = false

    /// Creates a ``ConditionReport``.
    package init(state: State = .none, reportedAt: Date? = nil, isUncertain: Bool = false) {
        self.state = state
        self.reportedAt = reportedAt
        self.isUncertain = isUncertain
    }
}

/// A condition, and what was reported about it to a contact point.
package struct ReportedCondition: Sendable, Equatable {
    package var condition: ObservedCondition
    package var report: ConditionReport

    /// Creates a ``ReportedCondition``.
    package init(condition: ObservedCondition, report: ConditionReport) {
        self.condition = condition
        self.report = report
    }
}

/// Decides what the next message of a contact point says.
package struct NotificationPlan: Sendable, Equatable {
    /// What a message says about a condition.
    package enum Change: String, Sendable, CaseIterable {
        /// It began.
        case opened
        /// It lasts, and was reported before.
        case lasting
        /// It was reported, and has ended.
        case ended
        /// It began and ended before it could be reported.
        case passed
    }

    /// One condition of the message.
    package struct Entry: Sendable, Equatable {
        package var condition: ObservedCondition
        package var change: Change
        /// Whether an earlier message with it may have arrived.
        package var isUncertain: Bool
    }

    /// What the message says, the most urgent first.
    package private(set) var entries: [Entry] = []
    /// How many conditions last and are not in the message.
    package private(set) var others = 0

    /// Plans a message.
    ///
    /// - Parameters:
    ///   - conditions: All conditions that last, and those that have ended lately.
    ///   - point: The contact point.
    ///   - now: The time of the message.
    package init(_ conditions: [ReportedCondition], for point: ContactPoint, now: Date) {
        for reported in conditions where point.subscription.includes(reported.condition) {
            // A contact point is not told about itself.
            guard reported.condition.facts.key != Self.key(of: point.id) else { continue }
            if let change = Self.change(reported, point, now) {
                entries.append(Entry(condition: reported.condition, change: change, isUncertain: reported.report.isUncertain))
            } else if reported.condition.endedAt == nil {
                others += 1
            }
        }
        let order = Change.allCases
        entries.sort { left, right in
            (order.firstIndex(of: left.change) ?? 0, left.condition.id) < (order.firstIndex(of: right.change) ?? 0, right.condition.id)
        }
    }

    /// The key of the condition that a contact point is broken.
    package static func key(of point: ContactPointID) -> String { "contact-point/\(point)" }

    private static func change(_ reported: ReportedCondition, _ point: ContactPoint, _ now: Date) -> Change? {
        let (condition, report) = (reported.condition, reported.report)
        guard condition.endedAt != nil else {
            guard report.state == .open else { return .opened }
            guard let hours = point.subscription.repeatHours, let last = report.reportedAt else { return nil }
            return now.timeIntervalSince(last) >= Double(hours) * 3_600 ? .lasting : nil
        }
        guard !condition.isWithdrawn else { return nil }
        switch report.state {
        case .ended: return nil
        case .open: return .ended
        // What was over before the contact point subscribed to it is no news.
        case .none: return condition.openedAt >= point.subscribedAt || report.isUncertain ? .passed : nil
        }
    }
}
