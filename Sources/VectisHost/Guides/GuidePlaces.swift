import Markdown
import PSACore

/// Where the host shows which document, and so where the links between documents lead.
struct GuidePlaces: Sendable {
    static let guideFolder = "/guides/"
    static let errorPath = "/errors"
    static let errorDocument = "Docs/Errors.md"

    private let slugs: [String: String]

    /// Places the guides of a registry that are among the documents.
    init(registry: ConnectorRegistry, documents: Set<String>) {
        let guides = registry.descriptors.filter { documents.contains($0.guide) }
        slugs = Dictionary(guides.map { ($0.guide, "connect-" + $0.id.rawValue) }, uniquingKeysWith: { first, _ in first })
    }

    func slug(of document: String) -> String? { slugs[document] }

    /// A renderer for the documents in `Docs`; the page around them shows their title.
    var renderer: MarkdownRenderer { MarkdownRenderer(link: destination, keepsTitle: false) }

    /// Where a link written in a document of `Docs` leads; nil for a document that the host doesn't show.
    func destination(_ written: String) -> String? {
        if written.hasPrefix("#") || written.contains("://") || written.hasPrefix("mailto:") { return written }
        let parts = written.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let document = "Docs/" + parts[0]
        guard let path = document == Self.errorDocument ? Self.errorPath : slugs[document].map({ Self.guideFolder + $0 }) else {
            return nil
        }
        return parts.count == 2 ? path + "#" + parts[1] : path
    }
}
