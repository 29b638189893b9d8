import FoundationEssentials
import Testing
@testable import PSAEngine
@testable import PSAEngineSQL
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Text templates") struct TextTemplateTests {
    @Test func everyValueIsFilledIn() {
        let names = TextTemplate.Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: "|")
        let text = TextTemplate(names).text(for: EventValues(.sample()), limit: 500, keepsLines: true)
        #expect(text == "monitor|backup.failed|error|Acme|SRV-1|The disk is full.|2026-11-24 09:30 UTC")
    }

    @Test func bracesInAValueAreNotExpandedAgain() {
        let event = HostEvent.sample(device: "{text}", text: "secret {device}")
        #expect(TextTemplate("{device}: {text}").text(for: EventValues(event), limit: 100, keepsLines: false) == "{text}: secret {device}")
    }

    @Test func unknownNamesAreNamedAndStayAsTheyAre() {
        let template = TextTemplate("{device} {divice} {} {a{b}")
        #expect(template.problems == [.unknownValue("divice"), .unknownValue(""), .unknownValue("a{b")])
        #expect(template.text(for: EventValues(.sample()), limit: 100, keepsLines: false) == "SRV-1 {divice} {} {a{b}")
    }

    @Test func controlCharactersAreLeftOutAndASummaryStaysOnOneLine() {
        let event = HostEvent.sample(text: "one\ntwo\u{1B}[31m\u{0}three\ttabs")
        #expect(TextTemplate("{text}").text(for: EventValues(event), limit: 100, keepsLines: false) == "one two [31m three tabs")
        #expect(TextTemplate("{text}").text(for: EventValues(event), limit: 100, keepsLines: true) == "one\ntwo [31m three tabs")
    }

    @Test func aLongTextIsCutAtItsLimit() {
        let event = HostEvent.sample(text: String(repeating: "ä", count: 300))
        let text = TextTemplate("{text}").text(for: EventValues(event), limit: 200, keepsLines: false)
        #expect(text.count == 200)
        #expect(text.hasSuffix("ä… (+108)"))
    }

    @Test func bracesThatDoNotBelongTogetherAreNamed() {
        #expect(TextTemplate("Backup of {device").problems == [.openBrace("{device")])
        #expect(TextTemplate("Backup of device} failed").problems == [.closingBrace("Backup of device}")])
        #expect(TextTemplate("} {device} {").problems == [.closingBrace("}"), .openBrace("{")])
        #expect(TextTemplate("Backup of {device}").problems.isEmpty)
    }

    @Test func anOpenBraceAtTheEndIsText() {
        #expect(TextTemplate("50 % {").text(for: EventValues(.sample()), limit: 100, keepsLines: false) == "50 % {")
    }
}

@Suite("Texts that exceed a PSA's limit")
struct CutTextTests {
    private func cut(_ text: String, to limit: Int) -> String { CutText.cut(text, to: limit) { "… (+\($0))" } }

    @Test func aTextWithinTheLimitIsUnchanged() {
        #expect(cut("exactly 10", to: 10) == "exactly 10")
        #expect(cut("", to: 10) == "")
    }

    @Test func theMarkCountsTheOmittedCharacters() {
        #expect(cut("0123456789abcdefghij", to: 15) == "01234567… (+12)")
        #expect(cut("one two three four five", to: 15) == "one two… (+15)")
    }

    @Test(
        "characters are cut only between grapheme clusters",
        arguments: ["👩‍👩‍👧‍👦", "🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}", "e\u{301}", "🇩🇪", "각", "\r\n", "क्षि"])
    func whole(character: String) {
        let text = String(repeating: character, count: 500)
        for limit in 200...240 {
            let short = cut(text, to: limit)
            #expect(short.utf16.count <= limit)
            let shown = short.prefix { $0 != "…" }
            #expect(shown.allSatisfy { String($0) == character || character == "\r\n" }, "\(limit)")
            #expect(character == "\r\n" || short.hasSuffix("… (+\(500 - shown.count))"))
        }
    }

    @Test func aVeryLongCharacterIsCutBetweenScalars() {
        let text = "a" + String(repeating: "\u{301}", count: 100_000)
        let short = cut(text, to: 200)
        #expect(short.utf16.count <= 200 && short.utf16.count > 150)
    }

    @Test func textAfterThePlaceholderIsKept() {
        let event = HostEvent.sample(text: String(repeating: "line of a log\n", count: 20_000))
        let details = TextTemplate("{text}\n\nDevice: {device}").text(for: EventValues(event), limit: 6_900, keepsLines: true)
        #expect(details.utf16.count <= 6_900 && details.utf16.count > 6_800)
        #expect(details.hasSuffix("more characters]\n\nDevice: SRV-1"))
        let gone = details.firstMatch(of: /cut here: ([0-9]+) more/).flatMap { Int($0.1) }
        let shown = details.firstRange(of: "… [cut").map { details[..<$0.lowerBound].count }
        #expect((gone ?? 0) + (shown ?? 0) == event.text.count - 1)
    }

    @Test func aPatternLongerThanTheLimitIsCutAtItsEnd() {
        let event = HostEvent.sample(text: String(repeating: "x", count: 5_000))
        let text = TextTemplate(String(repeating: "y", count: 990) + "{text}").text(for: EventValues(event), limit: 1_000, keepsLines: true)
        #expect(text.utf16.count <= 1_000 && text.contains("… [cut here: ") && text.hasPrefix("yyy"))
    }

    @Test func aTicketIsCreatedFromTheLongestAcceptedText() throws {
        let rule = Rule.sample(.sample())
        for text in ["x", "ä", "👩‍👩‍👧‍👦", "\u{0}", "e\u{301}"] {
            let event = HostEvent.sample(text: "start " + String(repeating: text, count: EventLimits.text / text.utf8.count - 10) + "!")
            let order = RuleEngine.payload(event, rule)
            #expect(order.details.utf16.count <= RuleDefinition.maxTicketDetailsLength && order.details.hasPrefix("start"))
        }
    }
}
