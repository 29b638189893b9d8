import Markdown
package import PSACore
import PSAEngine
import VectisCore
import VectisRules

/// The guides of the host's connectors as pages, rendered once, and where the pages of error codes are.
///
/// A document is identified by its path from the repository's root; its content is embedded in the binary.
package struct GuideLibrary: Sendable {
    /// One guide for each connector, in the registry's order.
    let guides: [GuidePage]
    /// The guides to the host's own pages.
    let topics: [GuidePage]
    /// The connectors whose texts are part of the error reference.
    let errors: ConnectorRegistry

    private let pages: [String: GuidePage]

    /// The codes by their anchors in the reference, by which documents refer to them.
    private let codes: [String: ErrorCode]

    /// Renders everything.
    ///
    /// A connector whose guide is not among the files has no page.
    ///
    /// - Parameters:
    ///   - registry: The connectors.
    ///   - files: The host's own documents.
    ///   - found: Guides of connectors that were found in a folder; one that can't be rendered has no page.
    ///   - errors: The connectors whose texts are part of the error reference; nil for all.
    /// - Throws: `MarkdownError` if a document of the host is too large.
    package init(
        registry: ConnectorRegistry, files: [EmbeddedFile] = EmbeddedFile.all, found: [EmbeddedFile] = [],
        errorsOf errors: ConnectorRegistry? = nil
    ) throws {
        let found = found.filter { (try? MarkdownRenderer(link: { _ in nil }, keepsTitle: false).render($0.text)) != nil }
        let files = files + found
        let places = GuidePlaces(registry: registry, documents: Set(files.map(\.path)))
        let renderer = places.renderer
        guides = try registry.descriptors.compactMap { descriptor in
            guard let slug = places.slug(of: descriptor.guide), let file = files.first(where: { $0.path == descriptor.guide }) else {
                return nil
            }
            return GuidePage(
                document: descriptor.guide, path: GuidePlaces.guideFolder + slug, slug: slug, displayName: descriptor.displayName,
                rendered: try renderer.render(file.text))
        }
        topics = try GuidePlaces.topics.compactMap { topic in
            guard let file = files.first(where: { $0.path == topic.document }) else { return nil }
            return GuidePage(
                document: topic.document, path: GuidePlaces.guideFolder + topic.slug, slug: topic.slug, displayName: nil,
                rendered: try renderer.render(file.text))
        }
        self.errors = errors ?? registry
        codes = GuidePlaces.codes
        pages = Dictionary((guides + topics).map { ($0.document, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The guide of a slug such as `connect-halopsa` or `data`.
    func guide(_ slug: String) -> GuidePage? { (guides + topics).first { $0.slug == slug } }

    /// Where the host shows a place in a document: `/guides/connect-halopsa#5-find-the-tenant-url`; nil for a document it doesn't show.
    ///
    /// A heading the document doesn't have leads to its beginning.
    package func path(of anchor: GuideAnchor) -> String? {
        guard anchor.document != GuidePlaces.errorDocument else { return codes[anchor.heading]?.page ?? GuidePlaces.errorPath }
        return pages[anchor.document].map { $0.has(anchor.heading) ? $0.path + "#" + anchor.heading : $0.path }
    }

    /// The anchors of a document's headings; nil for a document that the host doesn't have.
    package func headings(of document: String) -> Set<String>? {
        guard document != GuidePlaces.errorDocument else { return Set(codes.keys) }
        return pages[document].map { Set([$0.title.id] + $0.headings.map(\.id)) }
    }

    /// Where the error reference explains a code.
    package func path(of code: ErrorCode) -> String { code.page }
}

extension GuidePage {
    fileprivate init(document: String, path: String, slug: String, displayName: String?, rendered: RenderedMarkdown) {
        self.init(
            document: document, path: path, slug: slug, displayName: displayName,
            title: rendered.title ?? MarkdownHeading(level: 1, text: displayName ?? slug, id: slug), html: rendered.html,
            headings: rendered.headings)
    }
}

extension ErrorCode {
    /// Where the host explains the code.
    var page: String { "\(GuidePlaces.errorPath)/\(rawValue)" }
}

/// A document of the project, ready to be shown in a page of the host.
struct GuidePage: Sendable {
    /// The document's path from the repository's root.
    let document: String
    /// Where the host shows it.
    let path: String
    /// The last part of its path, such as `connect-halopsa`.
    let slug: String
    /// The product the document is about, as people know it; nil for a page of the host.
    let displayName: String?
    /// The document's title; the page around it shows it, and the body does not.
    let title: MarkdownHeading
    /// The body as HTML, starting with what follows the title.
    let html: String
    /// The headings below the title, for a table of contents.
    let headings: [MarkdownHeading]

    /// Whether the page has this anchor.
    func has(_ anchor: String) -> Bool { anchor == title.id || headings.contains { $0.id == anchor } }
}

/// Where the host shows which document, and so where the links between documents lead.
struct GuidePlaces: Sendable {
    static let guideFolder = "/guides/"
    static let errorPath = "/errors"
    static let errorDocument = "Docs/Errors.md"
    /// The guides to the host's own pages.
    static let topics = [
        (document: "Docs/Data.md", slug: "data"), (document: "Docs/Notifications.md", slug: "notifications"),
    ]

    /// Every code by its anchor in the error reference.
    static var codes: [String: ErrorCode] {
        Dictionary(ErrorReference.codes.map { ($0.anchor, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private let slugs: [String: String]
    private let codes = Self.codes

    /// Places the guides of a registry that are among the documents.
    init(registry: ConnectorRegistry, documents: Set<String>) {
        let guides = registry.descriptors.filter { documents.contains($0.guide) }
        let topics = Self.topics.filter { documents.contains($0.document) }
        slugs = Dictionary(
            guides.map { ($0.guide, "connect-" + $0.id.rawValue) } + topics.map { ($0.document, $0.slug) },
            uniquingKeysWith: { first, _ in first })
    }

    func slug(of document: String) -> String? { slugs[document] }

    /// A renderer for the documents in `Docs`; the page around them shows their title.
    var renderer: MarkdownRenderer { MarkdownRenderer(link: destination, keepsTitle: false) }

    /// Where a link written in a document of `Docs` leads; nil for a document that the host doesn't show.
    func destination(_ written: String) -> String? {
        if written.hasPrefix("#") || written.contains("://") || written.hasPrefix("mailto:") { return written }
        let parts = written.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let document = "Docs/" + parts[0]
        if document == Self.errorDocument { return parts.count == 2 ? codes[String(parts[1])]?.page ?? Self.errorPath : Self.errorPath }
        guard let path = slugs[document].map({ Self.guideFolder + $0 }) else { return nil }
        return parts.count == 2 ? path + "#" + parts[1] : path
    }
}
