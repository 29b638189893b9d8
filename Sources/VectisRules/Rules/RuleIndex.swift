import Glibc
import PSACore
import PSAEngine

/// Rules prepared for decisions on many events: sorted by event type, and with their conditions parsed once.
///
/// Rules that are off are left out. A rule that does not ask for the type of an event is in a list that is tested for every event.
package struct RuleIndex: Sendable {
    private let rules: [PreparedRule]
    /// The positions of the rules that can fire for a type in lower case only, ascending.
    private let byType: [String: [Int]]
    /// The positions of all other rules, ascending.
    private let general: [Int]

    /// Prepares rules.
    ///
    /// - Parameter rules: All rules, in the order of their decisions.
    package init(_ rules: [Rule]) {
        let prepared = rules.filter { $0.mode != .off }.map(PreparedRule.init)
        var byType: [String: [Int]] = [:]
        var general: [Int] = []
        for (position, rule) in prepared.enumerated() {
            guard let types = rule.types else {
                general.append(position)
                continue
            }
            for type in types { byType[type, default: []].append(position) }
        }
        self.rules = prepared
        self.byType = byType
        self.general = general
    }

    /// What each rule says that may fire for an event, in the order of the rules; a rule that is left out does not fire.
    package func verdicts(on event: HostEvent) -> [(rule: Rule, verdict: RuleDefinition.Verdict)] {
        var texts = EventTexts(event)
        let matching = texts.lowercased(.type).flatMap { byType[$0] } ?? []
        var verdicts: [(rule: Rule, verdict: RuleDefinition.Verdict)] = []
        var (first, second) = (matching[...], general[...])
        while let position = Self.removeSmallest(&first, &second) {
            let rule = rules[position]
            let verdict = rule.verdict(on: &texts)
            if verdict != .doesNotFire { verdicts.append((rule.rule, verdict)) }
        }
        return verdicts
    }

    private static func removeSmallest(_ first: inout ArraySlice<Int>, _ second: inout ArraySlice<Int>) -> Int? {
        guard let one = first.first else { return second.popFirst() }
        guard let other = second.first, other < one else { return first.popFirst() }
        return second.popFirst()
    }
}

/// A rule whose conditions are parsed.
private struct PreparedRule {
    let rule: Rule
    /// The event types in lower case without which it does not fire; nil if it may fire for any.
    let types: Set<String>?
    private let groups: [PreparedGroup]

    init(_ rule: Rule) {
        let definition = rule.definition
        self.rule = rule
        groups = definition.groups.map(PreparedGroup.init)
        if !definition.eventTypes.isEmpty {
            types = Set(definition.eventTypes.map { $0.lowercased() })
        } else if !groups.isEmpty, groups.allSatisfy({ $0.types != nil }) {
            types = groups.reduce(into: []) { $0.formUnion($1.types ?? []) }
        } else {
            types = nil
        }
    }

    /// As ``RuleDefinition/verdict(on:)`` for an event of one of its types.
    func verdict(on texts: inout EventTexts) -> RuleDefinition.Verdict {
        let event = texts.event
        guard event.connection == nil || event.connection == rule.definition.action.connection else { return .doesNotFire }
        if groups.isEmpty { return .fires }
        var open: [ConditionGroup] = []
        for group in groups where group.passes(&texts) {
            if group.openTests.isEmpty { return .fires }
            open.append(ConditionGroup(tests: group.openTests))
        }
        return open.isEmpty || event.company.trimmingSpaces.isEmpty && event.companyID.isEmpty ? .doesNotFire : .depends(open)
    }
}

/// A group of conditions, split into those on the event and those on the company in the PSA.
private struct PreparedGroup {
    let openTests: [Condition]
    private let tests: [PreparedCondition]

    init(_ group: ConditionGroup) {
        openTests = group.tests.filter(\.field.isInPSA)
        tests = group.tests.filter { !$0.field.isInPSA }.map(PreparedCondition.init)
    }

    /// The event types in lower case that one of its tests asks for; nil if none does.
    var types: [String]? { tests.lazy.compactMap(\.types).first }

    func passes(_ texts: inout EventTexts) -> Bool {
        for test in tests where !test.holds(&texts) { return false }
        return true
    }
}

/// A condition on an event, whose value is parsed.
private struct PreparedCondition {
    private enum Test {
        case equals(String)
        case contains(SearchedText)
        case oneOf([String])
        case atLeast(HostEvent.Severity)
        case betweenHours(from: Int, to: Int)
        case never
    }

    private let field: Condition.Field
    private let test: Test

    init(_ condition: Condition) {
        field = condition.field
        let wanted = condition.value.trimmingSpaces.lowercased()
        test =
            switch condition.comparison {
            case .equals: .equals(wanted)
            case .contains: .contains(SearchedText(wanted))
            case .oneOf: .oneOf(condition.choices)
            case .atLeast: HostEvent.Severity(rawValue: wanted).map { .atLeast($0) } ?? .never
            case .betweenHours: condition.hours.map { .betweenHours(from: $0.from, to: $0.to) } ?? .never
            }
    }

    /// The event types in lower case without which it does not hold; nil if it is no such test.
    var types: [String]? {
        guard field == .type else { return nil }
        return switch test {
        case .equals(let type): [type]
        case .oneOf(let types): types
        case .contains, .atLeast, .betweenHours, .never: nil
        }
    }

    /// As ``Condition/holds(for:)-(HostEvent)``.
    func holds(_ texts: inout EventTexts) -> Bool {
        switch test {
        case .equals(let wanted): texts.lowercased(field) == wanted
        case .contains(let wanted): texts.searched(field)?.contains(wanted) ?? false
        case .oneOf(let choices): texts.lowercased(field).map(choices.contains) ?? false
        case .atLeast(let severity): texts.event.severity >= severity
        case .betweenHours(let from, let to): Condition.isHour(of: texts.event.at, in: (from, to))
        case .never: false
        }
    }
}

/// An event and its texts in lower case, each converted once.
private struct EventTexts {
    let event: HostEvent
    private var texts: [Condition.Field: String] = [:]
    private var searchedTexts: [Condition.Field: SearchedText] = [:]

    init(_ event: HostEvent) { self.event = event }

    /// The text of a field in lower case; nil for a field that is no text of the event.
    mutating func lowercased(_ field: Condition.Field) -> String? {
        if let text = texts[field] { return text }
        let text = Condition.text(field, of: event)?.lowercased()
        texts[field] = text
        return text
    }

    /// The same, prepared for searches.
    mutating func searched(_ field: Condition.Field) -> SearchedText? {
        if let text = searchedTexts[field] { return text }
        let text = lowercased(field).map { SearchedText($0) }
        searchedTexts[field] = text
        return text
    }
}

/// A text that is searched, or searched for, many times.
private struct SearchedText {
    private let text: String
    /// The bytes of a text in which each byte is a character; nil for another one.
    private let bytes: [UInt8]?

    init(_ text: String) {
        self.text = text
        // A carriage return and the line feed after it are one character.
        bytes = text.utf8.allSatisfy { $0 < 0x80 && $0 != 0x0D } ? Array(text.utf8) : nil
    }

    /// Whether a text contains another one, as `String.contains(_:)`.
    func contains(_ other: SearchedText) -> Bool {
        guard let bytes, let wanted = other.bytes, let first = wanted.first else { return text.contains(other.text) }
        return bytes.withUnsafeBytes { bytes in
            wanted.withUnsafeBytes { wanted in
                var start = 0
                // Each comparison ends within the bytes.
                while start + wanted.count <= bytes.count {
                    guard let from = bytes.baseAddress, let wantedStart = wanted.baseAddress,
                        let found = memchr(from + start, Int32(first), bytes.count - wanted.count - start + 1)
                    else { return false }
                    if memcmp(found, wantedStart, wanted.count) == 0 { return true }
                    start = UnsafeRawPointer(found) - from + 1
                }
                return false
            }
        }
    }
}
