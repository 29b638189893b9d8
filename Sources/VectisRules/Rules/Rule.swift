package import FoundationEssentials
package import PSACore
package import PSAEngine

/// What is to happen when an event arrives.
package struct Rule: Sendable, Equatable {
    /// Whether its jobs reach the PSA.
    package enum Mode: String, Sendable, CaseIterable {
        /// It is evaluated, and its history says what it would have done.
        case dryRun = "dry_run"
        /// It creates tickets.
        case active
        /// It is not evaluated.
        case off
    }

    package let id: RuleID
    package var name: String
    /// Counts changes, so that two people can't overwrite one another unawares.
    package var revision: Int
    package var mode: Mode
    /// Whether it exceeded its rate limit and waits for a decision on its jobs that are on hold; a change of the rule does not end that.
    package var isRateLimited: Bool
    /// The error with which the PSA rejects its tickets; nil if it does not.
    package var refusal: ErrorCode?
    /// What its tickets lack to be created; nil if nothing is known to be missing.
    ///
    /// A rule that lacks something is paused as well.
    package var fieldPause: TicketFieldsPause?
    /// The ``TicketForm/fingerprint`` with which a person saved it in spite of missing fields; nil if none did.
    package var acceptedForm: String?
    package var definition: RuleDefinition
    package var createdAt: Date
    package var changedAt: Date
    /// Whether its connection was removed, as far as the storage knew when the rule was read to be shown.
    ///
    /// Such a rule is paused as well. A decision does not ask for it.
    package var lacksConnection = false

    /// Creates a ``Rule``.
    package init(
        id: RuleID, name: String, revision: Int, mode: Mode, isRateLimited: Bool = false, refusal: ErrorCode? = nil,
        fieldPause: TicketFieldsPause? = nil, acceptedForm: String? = nil, definition: RuleDefinition, createdAt: Date, changedAt: Date
    ) {
        self.id = id
        self.name = name
        self.revision = revision
        self.mode = mode
        self.isRateLimited = isRateLimited
        self.refusal = refusal
        self.fieldPause = fieldPause
        self.acceptedForm = acceptedForm
        self.definition = definition
        self.createdAt = createdAt
        self.changedAt = changedAt
    }

    /// Why it is paused, apart from fields without a value; empty if it is not.
    package var pauses: [RulePause] { [refusal.map(RulePause.refused), isRateLimited ? .rateLimited : nil].compactMap(\.self) }
}

/// A rule's name in links.
package struct RuleID: Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    /// Draws a new one.
    package init() { rawValue = CorrelationID().rawValue }

    /// Takes one from a link or the storage.
    package init?(_ text: String) {
        guard let id = ConnectionID(text) else { return nil }
        rawValue = id.rawValue
    }

    package var description: String { rawValue }
}

/// Why a rule is paused.
package enum RulePause: Sendable, Hashable {
    /// It fired more often than its limit, or its connection's, allows.
    case rateLimited
    /// The PSA rejects its tickets until something is changed; the rule resumes by itself when the connection's next check passes.
    case refused(ErrorCode)

    /// The pause as one word, for the storage.
    package var text: String {
        switch self {
        case .rateLimited: "rate_limited"
        case .refused(let code): code.rawValue
        }
    }

    /// What happened, for a person.
    package var sentence: String {
        switch self {
        case .rateLimited: "It exceeded its limit. Release or discard the jobs that are on hold."
        case .refused(let code):
            "The PSA rejected a ticket: \(PSAError(code).guidance.title). Rejected tickets are retried from time to time; the rule resumes once one is created, or a connection test passes."
        }
    }
}

/// The fields for whose sake a rule is paused: its ticket type demands them, and its tickets have no value that is accepted.
package struct TicketFieldsPause: Sendable, Hashable {
    /// The ticket type as people know it; empty where none was chosen.
    package let type: String
    /// The fields as the tenant calls them.
    package let fields: [String]

    /// Creates a ``TicketFieldsPause``.
    package init(type: String, fields: [String]) {
        self.type = type
        self.fields = fields
    }

    /// What happened, for a person.
    package var sentence: String {
        let type = type.isEmpty ? "the PSA" : "the ticket type “\(type)”"
        return
            "Its tickets have no value for \(fields.quotedList) that \(type) accepts. Give one here or in the ticket defaults; the rule resumes once a check finds it accepted."
    }

    /// The pause as one text, for the storage.
    package var stored: String {
        JSONValue(present: [("type", .string(type)), ("fields", .array(fields.map(JSONValue.string)))]).encodedText
    }

    /// Reads what ``stored`` wrote; nil for anything else.
    package init?(stored text: String) {
        guard let root = try? JSONDocument(Array(text.utf8)).root, let type = root["type"]?.string else { return nil }
        self.init(type: type, fields: root["fields"]?.elements.compactMap(\.string) ?? [])
    }
}

/// The part of a rule that people edit.
package struct RuleDefinition: Sendable, Equatable {
    /// The event types it listens to; empty means all.
    package var eventTypes: [String] = []
    /// When it fires: if all tests of any of the groups hold; without groups always.
    package var groups: [ConditionGroup] = []
    package var action: TicketAction
    /// How often it may fire.
    package var limit = RuleRateLimit.default

    /// Creates a ``RuleDefinition``.
    package init(
        eventTypes: [String] = [], groups: [ConditionGroup] = [], action: TicketAction, limit: RuleRateLimit = RuleRateLimit.default
    ) {
        self.eventTypes = eventTypes
        self.groups = groups
        self.action = action
        self.limit = limit
    }

}

/// Tests of which all have to hold.
package struct ConditionGroup: Sendable, Equatable {
    package var tests: [Condition]

    /// Creates a ``ConditionGroup``.
    package init(tests: [Condition]) {
        self.tests = tests
    }

}

/// How many jobs a rule may create within a time window.
package struct RuleRateLimit: Sendable, Hashable {
    package var count: Int
    package var minutes: Int

    /// Creates a ``RuleRateLimit``.
    package init(count: Int, minutes: Int) {
        self.count = count
        self.minutes = minutes
    }

    /// 30 in 10 minutes: more than a person can work off.
    package static let `default` = RuleRateLimit(count: 30, minutes: 10)
    /// The limit of one connection for all rules together.
    package static let perConnection = RuleRateLimit(count: 120, minutes: 10)
}

/// The ticket that a rule creates, or the note that it adds.
package struct TicketAction: Sendable, Equatable {
    /// The connection it goes through.
    package var connection: ConnectionID
    package var summary: TextTemplate
    package var details: TextTemplate
    /// What differs from the connection's ticket defaults; empty means as there.
    package var overrides = TicketDefaultValues()
    /// The values of further fields; each takes the place of the connection's ticket default.
    package var fields: [TicketField.ID: RuleFieldValue] = [:]
    /// For how many minutes a further event of the same company and device becomes a note on the same ticket; 0 for never.
    package var appendMinutes = 0

    /// Creates a ``TicketAction``.
    package init(
        connection: ConnectionID, summary: TextTemplate, details: TextTemplate, overrides: TicketDefaultValues = TicketDefaultValues(),
        fields: [TicketField.ID: RuleFieldValue] = [:], appendMinutes: Int = 0
    ) {
        self.connection = connection
        self.summary = summary
        self.details = details
        self.overrides = overrides
        self.fields = fields
        self.appendMinutes = appendMinutes
    }

}

extension RuleDefinition {
    package static let maxGroups = 20
    package static let maxTests = 20
    package static let maxSummaryLength = 200
    package static let maxDetailsLength = 8_000
    /// The maximum length of a ticket's details: 8,000 is what the strictest PSA takes, and company and reference are added to them.
    package static let maxTicketDetailsLength = 6_900

    /// What is wrong with it, by the field it concerns; empty if nothing is.
    ///
    /// Event types are named by their positions, and conditions by the positions of group and condition: `eventTypes.0`, `groups.0.1`.
    package var issues: [(field: String, problem: RuleProblem)] {
        var issues: [(field: String, problem: RuleProblem)] = []
        if eventTypes.count > 50 || eventTypes.contains(where: { $0.count > 100 }) { issues.append(("eventTypes", .eventTypes)) }
        issues += eventTypes.enumerated().filter { !HostEvent.canHave(type: $1) }.map { index, _ in ("eventTypes.\(index)", .eventType) }
        if groups.count > Self.maxGroups || groups.contains(where: { $0.tests.count > Self.maxTests }) {
            issues.append(("groups", .tooManyConditions(groups: Self.maxGroups, tests: Self.maxTests)))
        }
        for (index, group) in groups.enumerated() {
            if group.tests.isEmpty { issues.append(("groups.\(index)", .emptyGroup(index + 1))) }
            issues += group.tests.enumerated().compactMap { place, test in test.issue.map { ("groups.\(index).\(place)", $0) } }
        }
        issues += action.summary.issues("summary", maxLength: Self.maxSummaryLength, isNeeded: true)
        issues += action.details.issues("details", maxLength: Self.maxDetailsLength, isNeeded: false)
        for choice in TicketDefault.allCases where !action.overrides[choice].isEmpty && TicketType.ID(action.overrides[choice]) == nil {
            issues.append((choice.rawValue, .id))
        }
        issues += action.fieldIssues
        if !(0...10_080).contains(action.appendMinutes) { issues.append(("appendMinutes", .appendTime)) }
        if !(1...10_000).contains(limit.count) { issues.append(("limitCount", .limitCount)) }
        if !(1...1_440).contains(limit.minutes) { issues.append(("limitMinutes", .limitTime)) }
        return issues
    }
}

extension TextTemplate {
    fileprivate func issues(_ field: String, maxLength: Int, isNeeded: Bool) -> [(field: String, problem: RuleProblem)] {
        if isNeeded, pattern.trimmingSpaces.isEmpty { return [(field, .textMissing)] }
        if pattern.count > maxLength { return [(field, .textTooLong(limit: maxLength))] }
        return problems.map { (field, $0) }
    }
}

extension RuleDefinition {
    /// The definition as JSON, for the storage and the API.
    package var json: JSONValue {
        .init(present: [
            ("eventTypes", .array(eventTypes.map(JSONValue.string))),
            ("groups", .array(groups.map(\.json))),
            ("connection", .string(action.connection.rawValue)), ("summary", .string(action.summary.pattern)),
            ("details", .string(action.details.pattern)), ("type", .string(action.overrides[.type])),
            ("status", .string(action.overrides[.status])), ("priority", .string(action.overrides[.priority])),
            ("appendMinutes", .integer(action.appendMinutes)), ("limitCount", .integer(limit.count)),
            ("limitMinutes", .integer(limit.minutes)),
            (
                "fields",
                action.fields.isEmpty
                    ? nil
                    : .init(present: action.fields.sorted { $0.key.rawValue < $1.key.rawValue }.map { ($0.key.rawValue, $0.value.json) })
            ),
        ])
    }

    /// Reads what ``json`` wrote; nil if anything in it is not understood.
    package init?(json view: JSONView) {
        guard let connection = view["connection"]?.string.flatMap(ConnectionID.init(_:)), let summary = view["summary"]?.string else {
            return nil
        }
        guard let groups = [ConditionGroup](json: view["groups"]) else { return nil }
        var overrides = TicketDefaultValues()
        for choice in TicketDefault.allCases { overrides.values[choice] = view[choice.rawValue]?.string ?? "" }
        var fields: [TicketField.ID: RuleFieldValue] = [:]
        for member in view["fields"]?.members ?? [] {
            guard let id = TicketField.ID(member.name), let value = RuleFieldValue(json: member.value) else { return nil }
            fields[id] = value
        }
        self.init(
            eventTypes: view["eventTypes"]?.elements.compactMap(\.string) ?? [], groups: groups,
            action: TicketAction(
                connection: connection, summary: TextTemplate(summary), details: TextTemplate(view["details"]?.string ?? ""),
                overrides: overrides, fields: fields, appendMinutes: view["appendMinutes"]?.integer ?? 0),
            limit: RuleRateLimit(
                count: view["limitCount"]?.integer ?? RuleRateLimit.default.count,
                minutes: view["limitMinutes"]?.integer ?? RuleRateLimit.default.minutes))
    }
}

extension CompanyCheck {
    /// The check as the precondition of a job.
    package var precondition: JobPrecondition { JobPrecondition(rawValue: json.encodedText) }

    /// Reads the precondition of a job; nil if anything in it is not understood.
    package init?(_ precondition: JobPrecondition) {
        guard let root = try? JSONDocument(Array(precondition.rawValue.utf8)).root else { return nil }
        self.init(json: root)
    }

    /// The check as JSON, for the storage.
    package var json: JSONValue { ["isDryRun": .bool(isDryRun), "groups": .array(groups.map(\.json))] }

    /// Reads what ``json`` wrote; nil if anything in it is not understood.
    package init?(json view: JSONView) {
        guard let isDryRun = view["isDryRun"]?.bool, let groups = [ConditionGroup](json: view["groups"]) else { return nil }
        self.init(groups: groups, isDryRun: isDryRun)
    }
}

extension ConditionGroup {
    fileprivate var json: JSONValue {
        .array(
            tests.map { test in
                .init(present: [
                    ("field", .string(test.field.rawValue)), ("comparison", .string(test.comparison.rawValue)),
                    ("value", .string(test.value)), ("timeZone", test.timeZone == .utc ? nil : .string(test.timeZone.rawValue)),
                ])
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
                // Older rules have no zone, and mean UTC.
                let zone = test["timeZone"]?.string.map(TimeZoneID.init(rawValue:)) ?? .utc
                tests.append(Condition(field: field, comparison: comparison, value: value, timeZone: zone))
            }
            append(ConditionGroup(tests: tests))
        }
    }
}

/// A rule that exceeded its rate limit, as long as jobs of it need review.
package struct RateLimitTrip: Sendable, Equatable {
    package let rule: RuleID
    /// What the rule is called.
    package let name: String
    /// How many jobs need review because of it.
    package let count: Int
    /// When the first of them was created.
    package let since: Date

    /// Creates a ``RateLimitTrip``.
    package init(rule: RuleID, name: String, count: Int, since: Date) {
        self.rule = rule
        self.name = name
        self.count = count
        self.since = since
    }

}

/// The ids that new tickets start with; empty means none.
package struct TicketDefaultValues: Sendable, Equatable {
    package var values: [TicketDefault: String] = [:]

    /// Creates a ``TicketDefaultValues``.
    package init(values: [TicketDefault: String] = [:]) {
        self.values = values
    }

    package subscript(choice: TicketDefault) -> String { values[choice] ?? "" }

    /// The ids in a sentence for the audit log.
    package var sentence: String {
        TicketDefault.allCases.map { "\($0.rawValue) \(self[$0].isEmpty ? "none" : self[$0])" }.joined(separator: ", ") + "."
    }
}

extension [String] {
    /// Names in quotation marks, in a row: the first ten, and how many more there are.
    package var quotedList: String {
        let shown = prefix(10).map { "“\($0)”" }
        let rest = count - shown.count
        guard rest > 0 else {
            return shown.count < 2 ? shown.joined() : shown.dropLast().joined(separator: ", ") + " and " + (shown.last ?? "")
        }
        return shown.joined(separator: ", ") + " and \(rest) more"
    }
}
