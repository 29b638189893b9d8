import FoundationEssentials
import Glibc
import PSACore
import PSAEngine

/// Rules prepared for decisions on many events: sorted by what they ask of an event, and with their conditions parsed once.
///
/// Rules that are off are left out. A rule that asks for a text as a whole, such as an event type, a source or a device, is found by that
/// text; the others are in a list that is tested for every event.
package struct RuleIndex: Sendable {
    private let rules: [PreparedRule]
    /// The positions of the rules that can fire for a text of a field in lower case only, ascending.
    private let byText: [Condition.Field: [String: [Int]]]
    /// The positions of all other rules, ascending.
    private let general: [Int]

    /// Prepares rules.
    ///
    /// - Parameter rules: All rules, in the order of their decisions.
    package init(_ rules: [Rule]) {
        let prepared = rules.filter { $0.mode != .off }.map { PreparedRule($0) }
        var byText: [Condition.Field: [String: [Int]]] = [:]
        var general: [Int] = []
        for (position, rule) in prepared.enumerated() {
            guard let key = rule.key else {
                general.append(position)
                continue
            }
            for text in key.texts { byText[key.field, default: [:]][text, default: []].append(position) }
        }
        self.rules = prepared
        self.byText = byText
        self.general = general
    }

    /// What each rule says that may fire for an event, in the order of the rules; a rule that is left out does not fire.
    package func verdicts(on event: HostEvent) -> [(rule: Rule, verdict: RuleDefinition.Verdict)] {
        var texts = EventTexts(event)
        // Each rule is in one list.
        let matching = byText.flatMap { field, positions in texts.lowercased(field).flatMap { positions[$0] } ?? [] }.sorted()
        var verdicts: [(rule: Rule, verdict: RuleDefinition.Verdict)] = []
        var (first, second) = (matching[...], general[...])
        while let position = Self.removeSmallest(&first, &second) {
            let verdict = rules[position].verdict(on: &texts)
            if verdict != .doesNotFire { verdicts.append((rules[position].rule, verdict)) }
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
///
/// It is a class, so that a test of many rules does not copy what each of them holds.
private final class PreparedRule: Sendable {
    let rule: Rule
    /// A field, and the texts in lower case without which it does not fire; nil if it may fire for any.
    let key: IndexKey?
    private let connection: ConnectionID
    private let groups: [PreparedGroup]

    init(_ rule: Rule) {
        let definition = rule.definition
        self.rule = rule
        connection = definition.action.connection
        groups = definition.groups.map(PreparedGroup.init)
        if !definition.eventTypes.isEmpty {
            key = IndexKey(field: .type, texts: Set(definition.eventTypes.map { $0.lowercased() }))
        } else {
            key = IndexKey(all: groups.map(\.keys))
        }
    }

    /// As ``RuleDefinition/verdict(on:)`` for an event with one of its texts.
    func verdict(on texts: inout EventTexts) -> RuleDefinition.Verdict {
        if let found = texts.event.connection, found != connection { return .doesNotFire }
        if groups.isEmpty { return .fires }
        var open: [ConditionGroup] = []
        for place in groups.indices where groups[place].passes(&texts) {
            if groups[place].openTests.isEmpty { return .fires }
            open.append(ConditionGroup(tests: groups[place].openTests))
        }
        let event = texts.event
        return open.isEmpty || event.company.trimmingSpaces.isEmpty && event.companyID.isEmpty ? .doesNotFire : .depends(open)
    }
}

/// A field, and the texts in lower case of which an event must have one.
private struct IndexKey {
    let field: Condition.Field
    let texts: Set<String>

    init(field: Condition.Field, texts: Set<String>) {
        self.field = field
        self.texts = texts
    }

    /// A field that each of some groups asks for, of which one has to pass; nil if there is none.
    init?(all groups: [[Condition.Field: [String]]]) {
        guard let first = groups.first else { return nil }
        // The rarest texts first: a device and a type tell more events apart than a severity does.
        let fields: [Condition.Field] = [.device, .type, .companyID, .company, .source, .text, .severity]
        guard let field = fields.first(where: { field in first[field] != nil && groups.allSatisfy { $0[field] != nil } }) else {
            return nil
        }
        self.init(field: field, texts: groups.reduce(into: []) { $0.formUnion($1[field] ?? []) })
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

    /// The texts in lower case that its tests ask for as a whole, by field.
    var keys: [Condition.Field: [String]] {
        tests.reduce(into: [:]) { keys, test in
            if let texts = test.wholeTexts, keys[test.field] == nil { keys[test.field] = texts }
        }
    }

    func passes(_ texts: inout EventTexts) -> Bool {
        for place in tests.indices where !tests[place].holds(&texts) { return false }
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
        case between(DayTimes, TimeZone?)
        case never
    }

    let field: Condition.Field
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
            case .betweenHours: condition.times.map { .between($0, condition.timeZone.zone) } ?? .never
            }
    }

    /// The texts in lower case of which the field must have one; nil if it is no such test.
    var wholeTexts: [String]? {
        switch test {
        case .equals(let text): [text]
        case .oneOf(let texts): texts
        case .contains, .atLeast, .between, .never: nil
        }
    }

    /// As ``Condition/holds(for:)-(HostEvent)``.
    func holds(_ texts: inout EventTexts) -> Bool {
        switch test {
        case .equals(let wanted): texts.lowercased(field) == wanted
        case .contains(let wanted): texts.contains(wanted, in: field)
        case .oneOf(let choices): texts.lowercased(field).map(choices.contains) ?? false
        case .atLeast(let severity): texts.event.severity >= severity
        case .between(let times, let zone): times.contains(texts.event.at, in: zone)
        case .never: false
        }
    }
}

/// An event and its texts in lower case, each converted once.
private struct EventTexts {
    let event: HostEvent
    private var texts: [Condition.Field: String] = [:]
    /// By the place of the field, because a list of rules asks for one field again and again; empty until the first search.
    private var searchedTexts: [SearchedText?] = []

    init(_ event: HostEvent) { self.event = event }

    /// The text of a field in lower case; nil for a field that is no text of the event.
    mutating func lowercased(_ field: Condition.Field) -> String? {
        if let text = texts[field] { return text }
        let text = Condition.text(field, of: event)?.lowercased()
        texts[field] = text
        return text
    }

    /// Whether the text of a field in lower case contains a text.
    mutating func contains(_ wanted: SearchedText, in field: Condition.Field) -> Bool {
        if searchedTexts.isEmpty { searchedTexts = Condition.Field.allCases.map { lowercased($0).map { SearchedText($0) } } }
        return searchedTexts[field.place]?.contains(wanted) ?? false
    }
}

extension Condition.Field {
    /// Its place among all fields.
    fileprivate var place: Int {
        switch self {
        case .source: 0
        case .type: 1
        case .severity: 2
        case .company: 3
        case .companyID: 4
        case .device: 5
        case .text: 6
        case .hour: 7
        case .psaCompanyName: 8
        case .psaCompanyActive: 9
        }
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
