import Markdown
import Testing

@Suite("Markdown headings")
struct MarkdownHeadingTests {
    /// Headings and the anchors that GitHub shows for them.
    @Test(arguments: [
        ("5. Find the tenant URL", "5-find-the-tenant-url"), ("404 on /auth/token", "404-on-authtoken"), ("A  b", "a--b"),
        ("`auth.invalid_client`: *what* [now](x)?", "authinvalid_client-what-now"), ("Über-Größe ÄÖ", "über-größe-äö"),
        ("It's “so” – isn’t it", "its-so--isnt-it"), ("e\u{301}té", "e\u{301}té"), ("½ of x²", "-of-x"), ("Ⅷ ٣", "ⅷ-٣"),
        ("🎉 Party", "-party"),
        ("日本語 見出し", "日本語-見出し"), ("a\\*b & c < d", "ab--c--d"), ("![logo](x.png) Title", "-title"), ("C++ / C#", "c--c"),
        ("a‿b", "a‿b"), ("<b>x</b> y", "x-y"),
    ])
    func anAnchorIsTheSameAsOnGitHub(heading: String, id: String) throws {
        let rendered = try MarkdownRenderer().render("## \(heading) ##")
        #expect(rendered.headings.map(\.id) == [id])
        #expect(rendered.html.contains("<h2 id=\"\(id)\">"))
    }

    @Test func aHeadingOverTwoLinesLosesTheLineBreakOnlyInItsAnchor() throws {
        let rendered = try MarkdownRenderer().render("one\ntwo\n===")
        #expect(rendered.title == MarkdownHeading(level: 1, text: "one two", id: "onetwo"))
    }

    @Test(arguments: [
        ("# A\n\n## A\n\n> ### a!\n\n## A 1\n\n## A-1\n\n## A", ["a", "a-1", "a-2", "a-1-1", "a-1-2", "a-3"]),
        ("# A 1\n\n## A\n\n## A", ["a-1", "a", "a-2"]),
    ])
    func equalHeadingsAreNumbered(source: String, ids: [String]) throws {
        let rendered = try MarkdownRenderer().render(source)
        #expect([rendered.title?.id] + rendered.headings.map(\.id) == ids)
    }

    @Test func aHeadingWithoutALetterHasNoAnchor() throws {
        let rendered = try MarkdownRenderer().render("## !!!\n\n#")
        #expect(rendered.html == "<h2>!!!</h2>\n<h1 id=\"-1\"></h1>\n")
    }

    @Test func aHeadingMayContainLinksAndImages() throws {
        let rendered = try MarkdownRenderer().render("## a [b *c*](https://d.example) ![e *f*](g) `h` <i>x</i>\n\n# z")
        let link = "<a rel=\"noreferrer noopener\" href=\"https://d.example\">b <em>c</em></a>"
        let raw = "<!-- raw HTML omitted -->"
        #expect(
            rendered.html
                == "<h2 id=\"a-b-c--h-x\">a \(link) e f <code>h</code> \(raw)x\(raw)</h2>\n<h1 id=\"z\">z</h1>\n")
    }

    @Test func titleAndHeadingsAreReturnedAsValues() throws {
        let rendered = try MarkdownRenderer().render(
            "## Before\n\n# The *title*\n\n- ### In a `list`\n\n# Second\n\n```\n# no heading\n```")
        #expect(rendered.title == MarkdownHeading(level: 1, text: "The title", id: "the-title"))
        #expect(
            rendered.headings == [
                MarkdownHeading(level: 2, text: "Before", id: "before"), MarkdownHeading(level: 3, text: "In a list", id: "in-a-list"),
                MarkdownHeading(level: 1, text: "Second", id: "second"),
            ])
        #expect(rendered.html.contains("<h1 id=\"the-title\">The <em>title</em></h1>"))
    }

    @Test(arguments: [
        (0, [1, 2, 6]), (1, [2, 3, 6]), (-1, [1, 1, 5]), (9, [6, 6, 6]), (-9, [1, 1, 1]), (Int.max, [6, 6, 6]), (Int.min, [1, 1, 1]),
    ])
    func levelsAreShiftedWithinTheirRange(shift: Int, levels: [Int]) throws {
        let rendered = try MarkdownRenderer(headingShift: shift).render("# a\n\n## b\n\n###### c")
        #expect([rendered.title?.level] + rendered.headings.map(\.level) == levels)
        for (level, id) in zip(levels, ["a", "b", "c"]) {
            #expect(rendered.html.contains("<h\(level) id=\"\(id)\">\(id)</h\(level)>"))
        }
    }

    @Test func theTitleCanBeOmitted() throws {
        let rendered = try MarkdownRenderer(keepsTitle: false).render("# [A](b) ![c](d)\n\n## A")
        #expect(rendered.title == MarkdownHeading(level: 1, text: "A", id: "a-"))
        #expect(rendered.html == "<h2 id=\"a\">A</h2>\n")
    }
}
