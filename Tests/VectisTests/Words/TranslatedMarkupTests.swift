import FoundationEssentials
import PSACore
import Testing
@testable import VectisWeb

/// Makes HTML for a viewer whose language marks each message, and notes the messages that were asked for.
private func marked(_ make: () -> HTML) -> String {
    let translation = Translation { english in Message("⟦\(english)⟧") }
    return Viewer.$current.withValue(Viewer(language: .german, timeZone: nil, now: nil, translation: translation)) { make().description }
}

/// Makes HTML for a viewer with these messages.
private func translated(_ messages: [String: String], _ make: () -> HTML) -> String {
    let translation = Translation { english in messages[english].map { Message($0) } }
    return Viewer.$current.withValue(Viewer(language: .german, timeZone: nil, now: nil, translation: translation)) { make().description }
}

@Suite("The words of literals in another language")
struct TranslatedMarkupTests {
    @Test func anEnglishLiteralStaysAsItIs() {
        let html: HTML = "<p title=\"A\">Words \("<b>")</p>"
        #expect(html.description == "<p title=\"A\">Words &lt;b&gt;</p>")
    }

    @Test func eachBlockIsAMessageAndSpaceAroundItStays() {
        #expect(marked { "<h1>One</h1>\n<p>  Two\n  words </p>" } == "<h1>⟦One⟧</h1>\n<p>  ⟦Two words⟧ </p>")
        #expect(marked { "Sign out" } == "⟦Sign out⟧")
    }

    @Test func valuesAreNumberedAndNeverTranslated() {
        let name = "<i>Sign out</i>"
        #expect(marked { "<p>\(name) of \(3) in \(HTML(text: "x"))</p>" } == "<p>⟦&lt;i&gt;Sign out&lt;/i&gt; of 3 in x⟧</p>")
        #expect(translated(["{0} of {1}": "{1} von {0}"]) { "<p>\("a") of \("b")</p>" } == "<p>b von a</p>")
        #expect(marked { "<td>\("Sign out")</td><td>\(3)</td>" } == "<td>Sign out</td><td>3</td>", "Nothing but data.")
    }

    @Test func inlineTagsBelongToTheSentenceAroundThem() {
        let messages = ["Use <code>{0}</code> as {1}": "<code>{0}</code> als {1} verwenden"]
        #expect(translated(messages) { "Use <code>\("x")</code> as \("URL")" } == "<code>x</code> als URL verwenden")
        let links = ["Read <a>one</a> or <a2>two</a2>.": "<a2>Zwei</a2> oder <a>eins</a> lesen."]
        #expect(
            translated(links) { "<p>Read <a href=\"/1\">one</a> or <a href=\"/2\" rel=\"x\">two</a>.</p>" }
                == "<p><a href=\"/2\" rel=\"x\">Zwei</a> oder <a href=\"/1\">eins</a> lesen.</p>")
    }

    @Test func anInlineElementWithoutWordsBesideItIsAMessageByItself() {
        #expect(
            marked { "<p><a href=\"/x\">To the log</a> <strong>\("Acme")</strong></p>" }
                == "<p><a href=\"/x\">⟦To the log⟧</a> <strong>Acme</strong></p>")
        #expect(
            marked { "<a href=\"/\">Remove<span class=\"hidden\"> \("Acme")</span></a>" }
                == "<a href=\"/\">⟦Remove<span class=\"hidden\"> Acme</span>⟧</a>")
    }

    @Test func codeIsNoWords() {
        #expect(marked { "<td><code>vectis serve</code></td><pre>make it</pre>" } == "<td><code>vectis serve</code></td><pre>make it</pre>")
    }

    @Test func attributesForPeopleAreMessagesAndOthersAreNot() {
        #expect(
            marked {
                "<nav class=\"main part\" aria-label=\"Main \(1)\"><input placeholder=\"Name\" value=\"Words\" data-word-done=\"Done\"></nav>"
            }
                == "<nav class=\"main part\" aria-label=\"⟦Main 1⟧\"><input placeholder=\"⟦Name⟧\" value=\"Words\" data-word-done=\"⟦Done⟧\"></nav>"
        )
    }

    @Test func piecesOfTagsAreNoWords() {
        #expect(marked { "id=\"\("a")\" name=\"\("b")\"\(flag: "required", true)" } == "id=\"a\" name=\"b\" required")
        let attributes: HTML = "id=\"x\""
        #expect(marked { "<input type=\"text\" \(attributes)>Words" } == "<input type=\"text\" id=\"x\">⟦Words⟧")
        #expect(marked { "<h\(1) class=\"a\">Title</h\(1)>" } == "<h1 class=\"a\">⟦Title⟧</h1>")
    }

    @Test func entitiesAndSignsAreNoWords() {
        #expect(marked { "<p>&nbsp;·&amp;… \(3) %</p>" } == "<p>&nbsp;·&amp;… 3 %</p>")
    }

    @Test func bracesThatAreNoPlaceholderStay() {
        let help = "Use {{device}}."
        #expect(translated([help: "{{device}} verwenden."]) { "Use {{device}}." } == "{{device}} verwenden.")
    }

    @Test func aTermIsTranslatedByItsTextAndEscaped() {
        #expect(translated(["A & B": "C & D"]) { HTML(term: "A & B") } == "C &amp; D")
        #expect(translated([:]) { HTML(term: "<b>") } == "&lt;b&gt;")
    }

    @Test func aNestedLiteralIsTranslatedByItself() {
        let count = 2
        let jobs: () -> HTML = { "<p>There are \(count == 1 ? "1 job" : "\(count) jobs" as HTML) here</p>" }
        let messages = ["{0} jobs": "{0} Aufträge", "There are {0} here": "Hier sind {0}"]
        #expect(translated(messages, jobs) == "<p>Hier sind 2 Aufträge</p>")
    }

    @Test func aMissingMessageStaysEnglishAndIsNoted() {
        let missing = MissingMessages()
        let html = MissingMessages.$current.withValue(missing) {
            Viewer.$current.withValue(Viewer(language: .german)) { "<p>A message that no catalogue has.</p>" as HTML }
        }
        #expect(html.description == "<p>A message that no catalogue has.</p>")
        #expect(missing.all == ["A message that no catalogue has."])
    }
}

@Suite("The German catalogue")
struct CatalogueTests {
    private var lines: [String] {
        EmbeddedFile.germanTXT.text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
    }

    @Test func eachLineIsAMessageAndItsTranslation() {
        for line in lines {
            let parts = line.components(separatedBy: " | ")
            #expect(parts.count == 2 && parts.allSatisfy { !$0.isEmpty && $0 == $0.trimmed }, "\(line)")
        }
    }

    @Test func eachMessageIsThereOnceAndInOrder() {
        let keys = lines.compactMap { $0.components(separatedBy: " | ").first }
        #expect(Set(keys).count == keys.count, "\(Dictionary(grouping: keys) { $0 }.filter { $1.count > 1 }.keys)")
        #expect(keys == keys.sorted(), "Sort the lines; `LC_ALL=C sort` does.")
    }

    @Test func aTranslationHasTheValuesAndTagsOfItsMessage() {
        for line in lines {
            let parts = line.components(separatedBy: " | ").map { text in
                Message(text).parts.filter { if case .text = $0 { false } else { true } }.map(\.text).sorted()
            }
            #expect(parts.first == parts.last, "\(line)")
        }
    }

    @Test func aTranslationFitsIntoAnAttribute() { #expect(lines.allSatisfy { !$0.contains("\"") }) }
}

extension String {
    fileprivate var trimmed: String { split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ") }

    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
