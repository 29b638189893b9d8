import FoundationEssentials
import Testing

@testable import PSAEngine
@testable import PSAEngineSQLite
@testable import VectisCLI
@testable import VectisCore
@testable import VectisRules
@testable import VectisStorage
@testable import VectisWeb

@Suite("Text templates") struct TextTemplateTests {
    @Test func everyValueIsFilledIn() {
        let names = TextTemplate.Name.allCases.map { "{\($0.rawValue)}" }.joined(separator: "|")
        let text = TextTemplate(names).text(for: .sample(), limit: 500, keepsLines: true)
        #expect(text == "monitor|backup.failed|error|Acme|SRV-1|The disk is full.|2026-11-24 09:30 UTC")
    }

    @Test func bracesInAValueAreNotExpandedAgain() {
        let event = HostEvent.sample(device: "{text}", text: "secret {device}")
        #expect(TextTemplate("{device}: {text}").text(for: event, limit: 100, keepsLines: false) == "{text}: secret {device}")
    }

    @Test func unknownNamesAreNamedAndStayAsTheyAre() {
        let template = TextTemplate("{device} {divice} {} {a{b}")
        #expect(template.unknownNames == ["divice", "", "a{b"])
        #expect(template.text(for: .sample(), limit: 100, keepsLines: false) == "SRV-1 {divice} {} {a{b}")
    }

    @Test func controlCharactersAreLeftOutAndASummaryStaysOnOneLine() {
        let event = HostEvent.sample(text: "one\ntwo\u{1B}[31m\u{0}three\ttabs")
        #expect(TextTemplate("{text}").text(for: event, limit: 100, keepsLines: false) == "one two [31m three tabs")
        #expect(TextTemplate("{text}").text(for: event, limit: 100, keepsLines: true) == "one\ntwo [31m three tabs")
    }

    @Test func aLongTextIsCutAtItsLimit() {
        let event = HostEvent.sample(text: String(repeating: "ä", count: 300))
        let text = TextTemplate("{text}").text(for: event, limit: 200, keepsLines: false)
        #expect(text.count == 200)
        #expect(text.hasSuffix("ä… (+108)"))
    }

    @Test func anOpenBraceAtTheEndIsText() {
        #expect(TextTemplate("50 % {").text(for: .sample(), limit: 100, keepsLines: false) == "50 % {")
    }
}
