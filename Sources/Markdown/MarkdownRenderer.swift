/// Renders Markdown documents of this project, such as those in `Docs`, as HTML.
///
/// It supports CommonMark and GitHub's tables, but no other GitHub extensions. Raw HTML is omitted, a link whose scheme is not http,
/// https or mailto keeps only its text, and every heading has the same anchor as on GitHub. Invalid UTF-8 is replaced.
/// The size of a document is limited, but not the time for a document designed to be slow: do not render untrusted documents.
public struct MarkdownRenderer: Sendable {
    /// Maps the target of a link or the source of an image to the one on the page; nil keeps only the text.
    public typealias Destination = @Sendable (_ source: String) -> String?

    /// The accessible names of the blocks that scroll separately.
    public struct RegionNames: Sendable {
        /// The name of a table.
        public var table: String
        /// The name of a code block.
        public var code: String

        /// Creates names.
        public init(table: String = "table", code: String = "code") {
            self.table = table
            self.code = code
        }
    }

    /// The maximum size of a document in bytes.
    public static let maximumBytes = 512 << 10
    /// The maximum number of table cells of a document, counted as if its widest line were the head of one long table.
    ///
    /// The library pads short rows to the width of the head, so that a small document could expand to gigabytes.
    public static let maximumCells = 200_000

    /// Maps the targets of links.
    public var link: Destination
    /// Maps the sources of images.
    public var image: Destination
    /// The number added to the level of each heading; the result is limited to 1 to 6.
    public var headingShift: Int
    /// Whether the title stays in the body; if not, the page shows it.
    public var keepsTitle: Bool
    /// The accessible names of tables and code blocks.
    public var regionNames: RegionNames

    /// Creates a renderer, which by default keeps the targets of links and replaces images by their alternative text.
    ///
    /// - Parameters:
    ///   - link: Maps the targets of links.
    ///   - image: Maps the sources of images.
    ///   - headingShift: The number added to the level of each heading.
    ///   - keepsTitle: Whether the title stays in the body.
    ///   - regionNames: The accessible names of tables and code blocks.
    public init(
        link: @escaping Destination = { $0 }, image: @escaping Destination = { _ in nil }, headingShift: Int = 0, keepsTitle: Bool = true,
        regionNames: RegionNames = RegionNames()
    ) {
        self.link = link
        self.image = image
        self.headingShift = headingShift
        self.keepsTitle = keepsTitle
        self.regionNames = regionNames
    }

    /// Renders a string.
    ///
    /// - Parameter text: The document.
    /// - Returns: The document as HTML, with its headings.
    /// - Throws: ``MarkdownError`` if the document is too large.
    public func render(_ text: String) throws(MarkdownError) -> RenderedMarkdown { try render(utf8: Array(text.utf8)) }

    /// Renders the bytes of a file.
    ///
    /// - Parameter bytes: The document, as UTF-8.
    /// - Returns: The document as HTML, with its headings.
    /// - Throws: ``MarkdownError`` if the document is too large.
    public func render(utf8 bytes: [UInt8]) throws(MarkdownError) -> RenderedMarkdown {
        guard bytes.count <= Self.maximumBytes else { throw .tooLarge(bytes: bytes.count, limit: Self.maximumBytes) }
        guard Self.cells(in: bytes) <= Self.maximumCells else { throw .tooManyCells(limit: Self.maximumCells) }
        let tree = MarkdownTree(bytes)
        // Blocks are labelled with the headings above them, so this comes before the title is removed.
        tree.wrapScrollingBlocks(regionNames)
        let outline = tree.assignAnchors(shift: headingShift, keepingTitle: keepsTitle)
        tree.rewriteImages(image)
        tree.rewriteLinks(link)
        return RenderedMarkdown(html: tree.html(anchors: outline.anchors), title: outline.title, headings: outline.others)
    }

    private static func cells(in bytes: [UInt8]) -> Int {
        var lines = 1
        var widest = 0
        var bars = 0
        for byte in bytes {
            if byte == UInt8(ascii: "|") { bars += 1 }
            guard byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") else { continue }
            lines += 1
            widest = max(widest, bars)
            bars = 0
        }
        return max(widest, bars) == 0 ? 0 : lines * (max(widest, bars) + 1)
    }
}

/// A document as HTML, with its headings.
public struct RenderedMarkdown: Sendable {
    /// The HTML of the document, which is safe to insert into a page.
    public let html: String
    /// The first heading of level 1 in the source, with its rendered level.
    public let title: MarkdownHeading?
    /// All other headings in order.
    public let headings: [MarkdownHeading]
}

/// A heading of a document, for a table of contents.
public struct MarkdownHeading: Sendable, Hashable {
    /// The rendered level, from 1 to 6.
    public let level: Int
    /// The text without markup.
    public let text: String
    /// The same anchor as on GitHub, without `#`; empty if the text has no letter, digit, hyphen or space.
    public let id: String

    /// Creates a heading.
    public init(level: Int, text: String, id: String) {
        self.level = level
        self.text = text
        self.id = id
    }
}

/// An error of rendering a document.
public enum MarkdownError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The document has more than ``MarkdownRenderer/maximumBytes``.
    case tooLarge(bytes: Int, limit: Int)
    /// The tables of the document could have more than ``MarkdownRenderer/maximumCells``.
    case tooManyCells(limit: Int)

    /// The error and a recommendation.
    public var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "The document has \(bytes) bytes; at most \(limit) are rendered. Split it."
        case .tooManyCells(let limit): "The document's tables could have more than \(limit) cells. Split it, or give a table fewer columns."
        }
    }
}
