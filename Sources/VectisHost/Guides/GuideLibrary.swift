import Markdown
import PSACore

/// The guides of the host's connectors and the error reference as pages, rendered once.
///
/// A document is known by its path from the repository's root; what is in it travels inside the binary.
struct GuideLibrary: Sendable {
    /// One guide for each connector, in the registry's order.
    let guides: [GuidePage]
    /// Every error code with its causes and steps, as the host's own connectors tell them.
    let errorReference: GuidePage

    private let pages: [String: GuidePage]

    /// Renders everything.
    ///
    /// A connector whose guide is not among the files has no page.
    ///
    /// - Parameters:
    ///   - registry: The connectors.
    ///   - files: The host's own documents.
    ///   - found: Guides of connectors that were found in a folder; one that can't be rendered has no page.
    ///   - errors: The connectors whose texts stand in the error reference; nil for all.
    /// - Throws: `MarkdownError` if a document of the host is too large.
    init(
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
        errorReference = GuidePage(
            document: GuidePlaces.errorDocument, path: GuidePlaces.errorPath, slug: "errors", displayName: nil,
            rendered: try renderer.render(ErrorReference(registry: errors ?? registry).markdown))
        pages = Dictionary((guides + [errorReference]).map { ($0.document, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The guide of a slug such as `connect-halopsa`.
    func guide(_ slug: String) -> GuidePage? { guides.first { $0.slug == slug } }

    /// Where the host shows a place in a document: `/guides/connect-halopsa#5-find-the-tenant-url`; nil for a document it doesn't show.
    ///
    /// A heading the document doesn't have leads to its beginning.
    func path(of anchor: GuideAnchor) -> String? {
        pages[anchor.document].map { $0.has(anchor.heading) ? $0.path + "#" + anchor.heading : $0.path }
    }

    /// The anchors of a document's headings; nil for a document that the host doesn't have.
    func headings(of document: String) -> Set<String>? { pages[document].map { Set([$0.title.id] + $0.headings.map(\.id)) } }

    /// Where the error reference explains a code.
    func path(of code: ErrorCode) -> String { errorReference.path + "#" + code.anchor }
}

extension GuidePage {
    fileprivate init(document: String, path: String, slug: String, displayName: String?, rendered: RenderedMarkdown) {
        self.init(
            document: document, path: path, slug: slug, displayName: displayName,
            title: rendered.title ?? MarkdownHeading(level: 1, text: displayName ?? slug, id: slug), html: rendered.html,
            headings: rendered.headings)
    }
}
