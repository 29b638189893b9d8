import FoundationEssentials
import PSACore
import PSATesting
import Testing
@testable import PSAEngine
@testable import VectisCore
@testable import VectisRules

@Suite("Filling templates without putting together what is cut")
struct TemplateFillingTests {
    /// The plain way: the whole text is put together, and then cut.
    private static func plain(_ pattern: String, _ event: HostEvent, limit: Int, keepsLines: Bool) -> String {
        func filled(_ text: String) -> String {
            var (filled, rest) = ("", pattern[...])
            while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
                filled += rest[..<open]
                let name = String(rest[rest.index(after: open)..<close])
                filled += TextTemplate.Name(rawValue: name).map { value($0, event, text: text) } ?? "{\(name)}"
                rest = rest[rest.index(after: close)...]
            }
            return filled + rest
        }
        func mark(_ count: Int) -> String {
            keepsLines ? "… [cut here: \(count) more \(count == 1 ? "character" : "characters")]" : "… (+\(count))"
        }
        let text = clean(filled(event.text), keepsLines)
        guard text.utf16.count > limit else { return text }
        let places = pattern.ranges(of: "{text}").count
        if keepsLines, places > 0, case let room = (limit - filled("").utf16.count) / places, room >= limit / 8 {
            let shorter = clean(filled(CutText.cut(clean(event.text, true), to: room, mark: mark)), true)
            if shorter.utf16.count <= limit { return shorter }
        }
        return CutText.cut(text, to: limit, mark: mark)
    }

    private static func value(_ name: TextTemplate.Name, _ event: HostEvent, text: String) -> String {
        switch name {
        case .source: event.source
        case .type: event.type
        case .severity: event.severity.rawValue
        case .company: event.company
        case .device: event.device
        case .text: text
        case .time: event.at.utcText
        }
    }

    private static func clean(_ text: String, _ keepsLines: Bool) -> String {
        let clean = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            if scalar == "\n" { return keepsLines ? scalar : " " }
            return scalar.properties.generalCategory == .control ? " " : scalar
        }
        return String(String.UnicodeScalarView(clean)).trimmingSpaces
    }

    /// Texts whose ends join with others: accents, joiners, halves of flags, syllables, prefixes, spaces and controls.
    private static let fragments = [
        "a", "Disk full", " ", "\n", "\r\n", "\t", "\u{0}", "é", "e\u{301}", "\u{301}", "\u{200D}", "👩‍👩‍👧‍👦", "👩", "👍🏽", "🏽", "🇩🇪", "🇩", "각",
        "\u{1100}", "\u{1161}", "\u{11A8}", "क्षि", "क", "\u{94D}", "\u{600}", "漢", "\u{FE0F}", "}", "\u{200B}", "\u{E0067}",
    ]

    private static func text(_ random: inout SeededGenerator, upTo count: Int) -> String {
        var kinds = (0..<Int.random(in: 1...4, using: &random)).map { _ in fragments[Int.random(in: 0..<fragments.count, using: &random)] }
        // Where one of hundreds of flags ends is known only from the first of them.
        if kinds.allSatisfy({ ["🇩", "🇩🇪"].contains($0) }) { kinds.append("a") }
        return (0..<Int.random(in: 0...count, using: &random)).map { _ in kinds[Int.random(in: 0..<kinds.count, using: &random)] }.joined()
    }

    private static func pattern(_ random: inout SeededGenerator) -> String {
        let names = TextTemplate.Name.allCases.map { "{\($0.rawValue)}" } + ["{text}", "{text}", "{nope}", "{", "}"]
        return (0..<Int.random(in: 0...12, using: &random)).map { _ in
            Bool.random(using: &random) ? names[Int.random(in: 0..<names.count, using: &random)] : text(&random, upTo: 6)
        }.joined()
    }

    @Test(arguments: 0..<40)
    func theResultIsThatOfFillingTheWholeText(round: Int) {
        var random = SeededGenerator(seed: UInt64(round) &* 0x9E37_79B9_7F4A_7C15 &+ 1)
        for _ in 0..<50 {
            let pattern = Self.pattern(&random)
            let event = HostEvent.sample(
                type: Self.text(&random, upTo: 3), company: Self.text(&random, upTo: 30), device: Self.text(&random, upTo: 5),
                text: Self.text(&random, upTo: Bool.random(using: &random) ? 400 : 20))
            let values = EventValues(event)
            for (limit, keepsLines) in [(30, false), (60, true), (200, false), (200, true), (900, true)] {
                let filled = TextTemplate(pattern).text(for: values, limit: limit, keepsLines: keepsLines)
                let plain = Self.plain(pattern, event, limit: limit, keepsLines: keepsLines)
                #expect(Array(filled.utf8) == Array(plain.utf8), "\(pattern.debugDescription) \(event.text.debugDescription) \(limit)")
                let beginning = TextTemplate(pattern).beginning(for: values, limit: limit, keepsLines: keepsLines)
                let whole = Self.plain(pattern, event, limit: .max, keepsLines: keepsLines)
                #expect(Array(beginning.utf8) == Array(String(whole.prefix(limit)).trimmingSpaces.utf8), "\(pattern.debugDescription)")
            }
        }
    }

    @Test func aTextThatIsRepeatedMuchIsNotPutTogether() {
        let text = String(repeating: "é", count: EventLimits.text / 2)
        let places = RuleDefinition.maxDetailsLength / "{text}".count
        let template = TextTemplate(String(repeating: "{text}", count: places))
        let clock = ContinuousClock()
        let start = clock.now
        let values = EventValues(.sample(text: text))
        let details = template.text(for: values, limit: RuleDefinition.maxTicketDetailsLength, keepsLines: true)
        let field = template.beginning(for: values, limit: 50, keepsLines: false)
        // Put together it has 175 million characters, which take minutes here.
        #expect(clock.now - start < .seconds(30))
        let shown = details.prefix { $0 == "é" }.count
        #expect(details.dropFirst(shown) == "… [cut here: \(places * text.count - shown) more characters]")
        #expect(details.utf16.count <= RuleDefinition.maxTicketDetailsLength && shown > 6_800)
        #expect(field == String(repeating: "é", count: 50))
    }
}
