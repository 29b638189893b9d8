import FoundationEssentials
import Glibc
import PSACore
import PSAEngine

/// Rules prepared for decisions on many events: sorted by what they ask of an event, and with their conditions parsed once.
///
/// Rules that are off are left out. A rule that asks for a text as a whole, such as an event type, a source or a device, is found by that
/// text, and one that asks for a part of a text by four bytes of that part; the others are in a list that is tested for every event.
package struct RuleIndex: Sendable {
    private let rules: [PreparedRule]
    /// The positions of the rules that can fire for a text of a field, as it is compared.
    private let byText: [Condition.Field: [String: [Int]]]
    /// The positions of the rules that can fire for a text of a field with a part, as they are compared.
    private let byPart: [Condition.Field: PartIndex]
    /// The positions of all other rules, ascending.
    private let general: [Int]

    /// Prepares rules.
    ///
    /// - Parameter rules: All rules, in the order of their decisions.
    package init(_ rules: [Rule]) {
        let prepared = rules.filter { $0.mode != .off }.map { PreparedRule($0) }
        var byText: [Condition.Field: [String: [Int]]] = [:]
        var parts: [Condition.Field: [(part: IndexedPart, position: Int)]] = [:]
        var general: [Int] = []
        for (position, rule) in prepared.enumerated() {
            guard let keys = rule.keys else {
                general.append(position)
                continue
            }
            for key in keys {
                switch key {
                case .whole(let field, let texts):
                    for text in texts { byText[field, default: [:]][text, default: []].append(position) }
                case .part(let field, let part): parts[field, default: []].append((part, position))
                }
            }
        }
        self.rules = prepared
        self.byText = byText
        self.byPart = parts.mapValues { PartIndex($0) }
        self.general = general
    }

    /// What each rule says that may fire for an event, in the order of the rules; a rule that is left out does not fire.
    package func verdicts(on event: HostEvent) -> [(rule: Rule, verdict: RuleDefinition.Verdict)] {
        var texts = EventTexts(event)
        // A rule with several groups may be found by each of them.
        var found: Set<Int> = []
        for (field, positions) in byText {
            if let text = texts.compared(field), let matching = positions[text] { found.formUnion(matching) }
        }
        for (field, parts) in byPart {
            if let text = texts.compared(field) { parts.addPositions(in: text, to: &found) }
        }
        var verdicts: [(rule: Rule, verdict: RuleDefinition.Verdict)] = []
        let matching = found.sorted()
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
    /// Of which an event must have one; nil if the rule may fire for any event.
    let keys: [IndexKey]?
    private let connection: ConnectionID
    private let groups: [PreparedGroup]

    init(_ rule: Rule) {
        let definition = rule.definition
        self.rule = rule
        connection = definition.action.connection
        groups = definition.groups.map(PreparedGroup.init)
        if !definition.eventTypes.isEmpty {
            keys = [.whole(.type, Set(definition.eventTypes.map { $0.lowercased() }))]
        } else {
            // One of the groups has to pass; without any, the rule fires for all.
            let found = groups.compactMap(\.key)
            keys = groups.isEmpty || found.count < groups.count ? nil : found
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

/// What an event must have, so that a rule may fire.
private enum IndexKey {
    /// One of some texts, as they are compared, as a field.
    case whole(Condition.Field, Set<String>)
    /// A part, as it is compared, within the text of a field.
    case part(Condition.Field, IndexedPart)
}

/// A part of a text, by which an index finds rules.
private struct IndexedPart {
    /// The number of bytes that an index compares; a shorter part is not indexed.
    private static let width = 4

    let byteCount: Int
    /// Each four bytes in a row, as one number; there is at least one.
    let keys: [UInt32]

    /// Creates a part; nil if it is too short.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= Self.width else { return nil }
        byteCount = bytes.count
        var keys: [UInt32] = []
        Self.forEachKey(of: bytes) { keys.append($0) }
        self.keys = keys
    }

    /// The key that is counted least.
    func rarest(_ counts: [UInt32: Int]) -> UInt32 {
        keys.dropFirst().reduce(keys[0]) { counts[$1, default: 0] < counts[$0, default: 0] ? $1 : $0 }
    }

    /// Passes each four bytes in a row, as one number.
    static func forEachKey(of bytes: some Sequence<UInt8>, _ visit: (UInt32) -> Void) {
        var (key, count): (UInt32, Int) = (0, 0)
        for byte in bytes {
            key = key << 8 | UInt32(byte)
            count += 1
            if count >= width { visit(key) }
        }
    }
}

/// Positions of rules by parts of a text.
///
/// It finds each rule whose part is in a text, and few others: it compares four bytes of each part, those that the fewest other parts
/// have.
private struct PartIndex: Sendable {
    private let positions: [UInt32: [Int]]
    /// One bit for some of the high bits of a mixed key, because nearly no place of a text has a key.
    private let filter: [UInt64]

    init(_ parts: [(part: IndexedPart, position: Int)]) {
        var counts: [UInt32: Int] = [:]
        for (part, _) in parts { for key in Set(part.keys) { counts[key, default: 0] += 1 } }
        var positions: [UInt32: [Int]] = [:]
        for (part, position) in parts { positions[part.rarest(counts), default: []].append(position) }
        var filter = [UInt64](repeating: 0, count: 1 << 10)
        for key in positions.keys {
            let (word, bit) = Self.place(key)
            filter[word] |= bit
        }
        self.positions = positions
        self.filter = filter
    }

    /// Adds the positions of all rules whose part may be in a text.
    func addPositions(in text: String, to found: inout Set<Int>) {
        var seen: Set<UInt32> = []
        IndexedPart.forEachKey(of: text.utf8) { key in
            let (word, bit) = Self.place(key)
            // A text may repeat a part of many rules a thousand times.
            guard filter[word] & bit != 0, let matching = positions[key], seen.insert(key).inserted else { return }
            found.formUnion(matching)
        }
    }

    private static func place(_ key: UInt32) -> (word: Int, bit: UInt64) {
        let mixed = key &* 0x9E37_79B1
        return (Int(mixed >> 22), 1 << UInt64(mixed >> 16 & 63))
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

    /// What an event must have, so that the group passes; nil if it may pass for any event.
    var key: IndexKey? {
        // The rarest texts first: a device and a type tell more events apart than a severity does.
        for field in [Condition.Field.device, .type, .companyID, .company, .source, .text] {
            if let texts = wholeTexts(of: field) { return .whole(field, Set(texts)) }
        }
        let parts = tests.compactMap { test in test.part.map { (field: test.field, part: $0) } }
        if let longest = parts.max(by: { $0.part.byteCount < $1.part.byteCount }) { return .part(longest.field, longest.part) }
        return wholeTexts(of: .severity).map { .whole(.severity, Set($0)) }
    }

    private func wholeTexts(of field: Condition.Field) -> [String]? {
        tests.lazy.filter { $0.field == field }.compactMap(\.wholeTexts).first
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
        let wanted = field.compared(condition.value.trimmingSpaces)
        test =
            switch condition.comparison {
            case .equals: .equals(wanted)
            case .contains: .contains(SearchedText(wanted))
            case .oneOf: .oneOf(condition.choices)
            case .atLeast: HostEvent.Severity(rawValue: wanted).map { .atLeast($0) } ?? .never
            case .betweenHours: condition.times.map { .between($0, condition.timeZone.zone) } ?? .never
            }
    }

    /// The texts, as they are compared, of which the field must have one; nil if it is no such test.
    var wholeTexts: [String]? {
        switch test {
        case .equals(let text): [text]
        case .oneOf(let texts): texts
        case .contains, .atLeast, .between, .never: nil
        }
    }

    /// A part that is in each text of the field that passes; nil if the test has none that an index finds.
    var part: IndexedPart? {
        guard case .contains(let wanted) = test, let bytes = wanted.bytes else { return nil }
        // The only signs of ASCII that are canonically equivalent to others; the Kelvin sign becomes a “k” in lower case.
        return bytes.contains(UInt8(ascii: ";")) || bytes.contains(UInt8(ascii: "`")) ? nil : IndexedPart(bytes)
    }

    /// As ``Condition/holds(for:)-(HostEvent)``.
    func holds(_ texts: inout EventTexts) -> Bool {
        switch test {
        case .equals(let wanted): texts.compared(field) == wanted
        case .contains(let wanted): texts.contains(wanted, in: field)
        case .oneOf(let choices): texts.compared(field).map(choices.contains) ?? false
        case .atLeast(let severity): texts.event.severity >= severity
        case .between(let times, let zone): times.contains(texts.event.at, in: zone)
        case .never: false
        }
    }
}

/// An event and its texts in the form in which they are compared, each converted once.
private struct EventTexts {
    let event: HostEvent
    private var texts: [Condition.Field: String] = [:]
    /// By the place of the field, because a list of rules asks for one field again and again; empty until the first search.
    private var searchedTexts: [SearchedText?] = []

    init(_ event: HostEvent) { self.event = event }

    /// The text of a field as it is compared; nil for a field that is no text of the event.
    mutating func compared(_ field: Condition.Field) -> String? {
        if let text = texts[field] { return text }
        let text = Condition.text(field, of: event).map(field.compared)
        texts[field] = text
        return text
    }

    /// Whether the text of a field contains a text, both as they are compared.
    mutating func contains(_ wanted: SearchedText, in field: Condition.Field) -> Bool {
        if searchedTexts.isEmpty { searchedTexts = Condition.Field.allCases.map { compared($0).map { SearchedText($0) } } }
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
    let bytes: [UInt8]?

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
