/// A document as HTML, with what a page around it needs.
public struct RenderedMarkdown: Sendable {
    /// The body, safe to put into a page as it is.
    public let html: String
    /// The first heading of level 1 in the source, at the level it is rendered with.
    public let title: MarkdownHeading?
    /// All other headings in their order.
    public let headings: [MarkdownHeading]
}
