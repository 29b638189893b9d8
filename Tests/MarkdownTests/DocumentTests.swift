import Markdown
import TestSupport
import Testing

/// The actual documents of this repository.
@Suite("Documents as pages")
struct DocumentTests {
    static let paths = RepositoryFile.paths(under: "Docs", endingIn: ".md") + RepositoryFile.paths(under: "Plugins", endingIn: ".md")

    @Test func theDocumentsAreFound() {
        #expect(Set(Self.paths).isSuperset(of: ["Docs/Errors.md", "Docs/ConnectHaloPSA.md", "Docs/Decisions/README.md"]))
    }

    /// The anchors are computed twice without shared code: by the renderer, and by the tests from the lines of the file.
    @Test(arguments: paths)
    func everyHeadingHasItsAnchor(path: String) throws {
        let file = try RepositoryFile(path)
        let rendered = try MarkdownRenderer().render(file.text)
        let headings = rendered.headings + [try #require(rendered.title)]
        #expect(Set(headings.map(\.id)) == file.anchors)
        for heading in headings { #expect(rendered.html.contains("<h\(heading.level) id=\"\(heading.id)\">"), "\(heading.text)") }
        #expect(rendered.html.matches(of: #/<h[1-6]/#).count == headings.count)
    }

    @Test(arguments: paths)
    func noTableCodeBlockOrHTMLIsLost(path: String) throws {
        let file = try RepositoryFile(path)
        let html = try MarkdownRenderer().render(file.text).html
        #expect(!html.contains("raw HTML omitted"))
        let heads = file.lines.count { $0.contains(#/^ *\|( *:?-+:? *\|)+ *$/#) }
        #expect(html.occurrences(of: "<div class=\"table-scroll\"") == heads && html.occurrences(of: "<table>") == heads)
        let fences = file.lines.count { $0.contains(#/^ *```/#) }
        #expect(html.occurrences(of: "<pre>") * 2 == fences)
    }

    @Test(arguments: paths)
    func everyLinkIntoTheSameDocumentHasATarget(path: String) throws {
        let html = try MarkdownRenderer().render(RepositoryFile(path).text).html
        for link in html.matches(of: #/<a href="#([^"]*)"/#) { #expect(html.contains(" id=\"\(link.1)\""), "\(link.1)") }
    }
}

extension String {
    fileprivate func occurrences(of part: String) -> Int { ranges(of: part).count }
}
