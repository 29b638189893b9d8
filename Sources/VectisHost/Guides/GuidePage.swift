import Markdown

/// A document of the project, ready to stand in a page of the host.
struct GuidePage: Sendable {
    /// The document's path from the repository's root.
    let document: String
    /// Where the host shows it.
    let path: String
    /// The last part of its path, such as `connect-halopsa`.
    let slug: String
    /// The product the document is about, as people know it; nil for the error reference.
    let displayName: String?
    /// The document's title; the page around it shows it, and the body does not.
    let title: MarkdownHeading
    /// The body as HTML, starting with what follows the title.
    let html: String
    /// The headings below the title, for a table of contents.
    let headings: [MarkdownHeading]

    /// Whether a link with this anchor arrives at a place in the page.
    func has(_ anchor: String) -> Bool { anchor == title.id || headings.contains { $0.id == anchor } }
}
