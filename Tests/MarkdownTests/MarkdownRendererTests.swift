import Markdown
import PSATesting
import Testing

@Suite("Markdown renderer")
struct MarkdownRendererTests {
    private func html(_ text: String, _ renderer: MarkdownRenderer = MarkdownRenderer()) throws -> String { try renderer.render(text).html }

    // MARK: Omitted content

    @Test(arguments: [
        "<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b", "<div onclick=\"x\">\n\nhello\n\n</div>", "- <iframe src=x>",
        "| a |\n| --- |\n| <b onmouseover=x> |", "# <u>x</u>",
    ])
    func rawHTMLIsOmitted(source: String) throws {
        let html = try html(source)
        for tag in ["<script", "<img", "<div o", "<iframe", "<b ", "<u>"] { #expect(!html.contains(tag)) }
    }

    @Test func htmlCharactersInTextAndCodeAreEscaped() throws {
        #expect(try html("`<b>` & 1 < 2 \"q\"") == "<p><code>&lt;b&gt;</code> &amp; 1 &lt; 2 &quot;q&quot;</p>\n")
    }

    @Test(arguments: [
        "javascript:alert(1)", "JavaScript:alert(1)", "vbscript:x", "file:///etc/passwd", "data:text/html,x", "&#106;avascript:x", "tel:1",
        "<java\tscript:alert(1)>", "< javascript:alert(1)>", "&#1;javascript:alert(1)",
    ])
    func aLinkWithADangerousSchemeKeepsOnlyItsText(target: String) throws {
        #expect(try html("[read *this*](\(target))") == "<p>read <em>this</em></p>\n")
    }

    @Test func aDangerousTargetFromTheCallerIsRemovedToo() throws {
        #expect(try html("[x](y)", MarkdownRenderer(link: { _ in "javascript:alert(1)" })) == "<p>x</p>\n")
    }

    // MARK: Links

    @Test(arguments: [
        ("Errors.md#auth-invalid-client", "<a href=\"/errors#auth-invalid-client\">x</a>"), ("#own", "<a href=\"#own\">x</a>"),
        ("Unknown.md", "x"), ("https://a.example/?b=1&c=2", "<a rel=\"noreferrer noopener\" href=\"https://a.example/?b=1&amp;c=2\">x</a>"),
        ("HTTP://a.example/", "<a rel=\"noreferrer noopener\" href=\"http://a.example/\">x</a>"),
        ("http:a.example", "<a rel=\"noreferrer noopener\" href=\"http:a.example\">x</a>"),
        ("//a.example/", "<a rel=\"noreferrer noopener\" href=\"//a.example/\">x</a>"),
        ("mailto:a@b.example", "<a href=\"mailto:a@b.example\">x</a>"),
        ("<a\"onclick=\"b>", "<a href=\"a%22onclick=%22b\">x</a>"),
    ])
    func linksAreRewrittenByTheCaller(target: String, expected: String) throws {
        let renderer = MarkdownRenderer(link: {
            $0 == "Unknown.md" ? nil : $0.hasPrefix("Errors.md") ? "/errors" + $0.dropFirst("Errors.md".count) : $0
        })
        #expect(try html("[x](\(target))", renderer) == "<p>\(expected)</p>\n")
        #expect(try html("| [x](\(target)) |\n| --- |", renderer).contains("<th>\(expected)</th>"))
    }

    @Test func referencesAndAutolinksAreLinksToo() throws {
        let renderer = MarkdownRenderer(link: { "/seen?" + $0.dropFirst("https://".count) })
        #expect(
            try html("[a][r] <https://b.example>\n\n[r]: https://c.example", renderer)
                == "<p><a href=\"/seen?c.example\">a</a> <a href=\"/seen?b.example\">https://b.example</a></p>\n")
    }

    @Test func aURLInCodeIsNotALink() throws {
        #expect(try html("`<a href=\"https://x\">`") == "<p><code>&lt;a href=&quot;https://x&quot;&gt;</code></p>\n")
    }

    @Test func aPrependedFormatCharacterHidesNoLink() throws {
        #expect(try html("\u{600}[x](https://a.example)").contains("rel=\"noreferrer noopener\""))
    }

    // MARK: Images

    @Test func imagesAreReplacedByTheirAlternativeText() throws {
        let source = "![a *b* `c` ![inner](i.png) [d](e)](https://a.example/f.png) g"
        #expect(try html(source) == "<p>a b c inner d g</p>\n")
    }

    @Test func anImageAllowedByTheCallerIsRendered() throws {
        let renderer = MarkdownRenderer(image: { $0 == "ok.png" ? "/assets/ok.png" : nil })
        #expect(try html("![p\nq](ok.png) ![r](no.png)", renderer) == "<p><img src=\"/assets/ok.png\" alt=\"p q\" /> r</p>\n")
    }

    @Test func anImageWithADangerousSourceIsReplacedByText() throws {
        #expect(try html("![p](x)", MarkdownRenderer(image: { _ in "data:image/svg+xml,x" })) == "<p>p</p>\n")
    }

    // MARK: Blocks

    @Test func aTableScrollsSeparatelyAndIsLabelledByItsHeading() throws {
        let html = try html("## A \"b\" & `c`\n\n| x | y |\n| --- | ---: |\n| 1 | 2 |\n\n| z |\n| --- |\n\n## D\n\n| w |\n| --- |")
        let opening = "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label="
        for label in ["\"A &quot;b&quot; &amp; c: table\"", "\"A &quot;b&quot; &amp; c: table 2\"", "\"D: table\""] {
            #expect(html.contains(opening + label + ">\n<table>"))
        }
        #expect(html.contains("<th align=\"right\">y</th>") && html.contains("<td>1</td>"))
        #expect(html.matches(of: #/<\/table>\n<\/div>/#).count == 3)
    }

    @Test func aCodeBlockScrollsSeparately() throws {
        let renderer = MarkdownRenderer(regionNames: .init(table: "Tabelle", code: "Quelltext"))
        let expected = """
            <div class="code-scroll" tabindex="0" role="group" aria-label="Quelltext">
            <pre><code class="language-sh">a &lt; b
            </code></pre>
            </div>

            """
        #expect(try html("```sh\na < b\n```", renderer) == expected)
        #expect(try html("    indented", renderer).contains("aria-label=\"Quelltext\""))
    }

    // MARK: Limits

    @Test func aDocumentOverTheLimitIsRejectedWithItsSize() throws {
        let limit = MarkdownRenderer.maximumBytes
        #expect(try html(String(repeating: "a", count: limit)).utf8.count == limit + "<p></p>\n".utf8.count)
        let error = #expect(throws: MarkdownError.self) { try html(String(repeating: "a", count: limit + 1)) }
        #expect(error == .tooLarge(bytes: limit + 1, limit: limit))
        #expect(error?.description.contains("\(limit)") == true)
    }

    @Test(arguments: ["\n", "\r", "\r\n"])
    func aTableThatWouldExpandTooMuchIsRejected(lineEnd: String) throws {
        let bars = String(repeating: "|", count: 2_000)
        let text = bars + lineEnd + String(repeating: "|-", count: 2_000) + lineEnd + String(repeating: "|" + lineEnd, count: 2_000)
        let error = #expect(throws: MarkdownError.self) { try html(text) }
        #expect(error == .tooManyCells(limit: MarkdownRenderer.maximumCells))
        #expect(error?.description.contains("cells") == true)
    }

    @Test func invalidUTF8IsReplaced() throws {
        let bytes: [UInt8] =
            Array("# a".utf8) + [0xFF, 0xC3] + Array("(b) ".utf8) + [0] + Array("\n\n[x](".utf8) + [0xED, 0xA0, 0x80, 0x29]
        let rendered = try MarkdownRenderer().render(utf8: bytes)
        #expect(rendered.html.contains("a\u{FFFD}\u{FFFD}(b) \u{FFFD}") && rendered.html.contains("<a href=\"%EF%BF%BD\">"))
        #expect(rendered.title?.id == "ab-")
    }

    @Test(arguments: [">", "- ", "[", "![", "*", "**a ", "_", "`", "<", "(", "\\", "&", "1. ", "#", "~", "[a](", "a_ *", "\t", "\r"])
    func deepNestingDoesNotCrash(opening: String) throws {
        let text = String(repeating: opening, count: 5_000) + "end"
        let html = try html(text + "\n\n# after")
        #expect(html.contains("end") && html.contains("after"))
    }

    @Test func anEmptyDocumentIsRenderedAsNothing() throws {
        let rendered = try MarkdownRenderer().render("")
        #expect(rendered.html.isEmpty && rendered.title == nil && rendered.headings.isEmpty)
    }

    @Test func manyTasksCanRenderConcurrently() async throws {
        let first = try html("| a |\n| - |\n\n~~b~~")
        await withTaskGroup(of: String?.self) { group in
            for _ in 0..<64 { group.addTask { try? MarkdownRenderer().render("| a |\n| - |\n\n~~b~~").html } }
            for await other in group { #expect(other == first) }
        }
    }
}

/// Documents with random damage from a seeded generator.
@Suite("Damaged documents")
struct DamagedDocumentTests {
    private static let intact = Array(
        """
        # T ![a![b](c)](d) [l](e) <i>

        | [x](http://a) | ![i](j) |
        | - | - |
        | <b onclick=x> | [q](javascript:x) |

        ```a
        <script>
        ```
        - [m](data:text/html,x) <http://y>

        > # T

        [r] <div style="x">

        [r]: <x"onclick="y> "t\\"onclick=\\"z"
        """.utf8)
    private static let damage = Array("#|-[]()!*_`<>&\\ \n\n\t:\"'~=1.aé".utf8) + [0, 0xFF, 0xC3, 0x0D]

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func onlyKnownTagsAndAttributesAreRendered(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var tags: Set<String> = []
        for round in 0..<200 {
            var bytes = Self.intact
            if round.isMultiple(of: 2) {
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    bytes[bytes.indices.randomElement(using: &random) ?? 0] = Self.damage.randomElement(using: &random) ?? 0
                }
            } else {
                bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in Self.damage.randomElement(using: &random) ?? 0 }
            }
            let renderer = MarkdownRenderer(
                link: { $0.hasPrefix("e") ? nil : $0 }, image: { $0.hasPrefix("d") ? $0 : nil },
                headingShift: Int.random(in: -2...2, using: &random), keepsTitle: Bool.random(using: &random))
            var rest = Substring(try renderer.render(utf8: bytes).html).utf8
            while let start = rest.firstIndex(of: UInt8(ascii: "<")) {
                let tag = rest[start...].prefix { $0 != UInt8(ascii: ">") }
                rest = rest[tag.endIndex...]
                tags.insert(String(Substring(tag)) + ">")
            }
        }
        #expect(tags.count > 50)
        for tag in tags { #expect(Self.isKnown(tag)) }
    }

    private static func isKnown(_ tag: String) -> Bool {
        tag == "<!-- raw HTML omitted -->" || tag.wholeMatch(of: #/</?(p|h[1-6]|ul|ol|li|em|strong|code|pre|div|a)>/#) != nil
            || tag.wholeMatch(of: #/</?(table|thead|tbody|tr|th|td|blockquote)>|<(hr|br) />/#) != nil
            || tag.wholeMatch(of: #/<h[1-6] id="[^"<>& ]*">|<ol start="[0-9]+">|<t[hd] align="(left|right|center)">/#) != nil
            || tag.wholeMatch(of: #/<div class="(table|code)-scroll" tabindex="0" role="(region|group)" aria-label="[^"]*">/#) != nil
            || tag.wholeMatch(of: #/<code class="language-[^"]*">|<img src="[^":]*" alt="[^"]*"( title="[^"]*")? />/#) != nil
            || tag.wholeMatch(of: #/<a rel="noreferrer noopener" href="(https?:|\/\/)[^"]*"( title="[^"]*")?>/#) != nil
            || tag.wholeMatch(of: #/<a href="(mailto:[^"]*|[^":\/?#]*([\/?#][^"]*)?)"( title="[^"]*")?>/#) != nil
    }
}
