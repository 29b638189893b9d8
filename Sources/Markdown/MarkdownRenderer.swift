/// Renders documents of this project, such as those in `Docs`, as HTML for its own pages.
///
/// It speaks CommonMark with GitHub's tables, and none of GitHub's other additions. Raw HTML is left out, a link whose scheme is not http,
/// https or mailto keeps only its text, and every heading has the anchor that GitHub gives it. Damaged UTF-8 is replaced, not refused.
/// Size is bounded, but the time for a text written to be slow is not: don't render what strangers send.
public struct MarkdownRenderer: Sendable {
    /// Says where a link or image of the source leads on the page; nil keeps its text alone.
    public typealias Destination = @Sendable (_ written: String) -> String?

    /// The words that name the areas scrolling on their own, for people who don't see them.
    public struct RegionNames: Sendable {
        /// What a table is called.
        public var table: String
        /// What a code block is called.
        public var code: String

        /// Names both.
        public init(table: String = "table", code: String = "code") {
            self.table = table
            self.code = code
        }
    }

    /// Bytes a document may have.
    public static let maximumBytes = 512 << 10
    /// Cells that the tables of a document may have, counted as if its widest line were the head of one long table.
    ///
    /// The library fills short rows up to the head's width, so that few bytes can become gigabytes.
    public static let maximumCells = 200_000

    /// Where links lead.
    public var link: Destination
    /// Where images are loaded from.
    public var image: Destination
    /// How much deeper headings become; none gets deeper than level 6.
    public var headingShift: Int
    /// Whether the title stays in the body, or is left to the page.
    public var keepsTitle: Bool
    /// What tables and code blocks are called.
    public var regionNames: RegionNames

    /// Sets up a renderer; as it stands links stay as they are written, and images become their alternative text.
    ///
    /// - Parameters:
    ///   - link: Where links lead.
    ///   - image: Where images are loaded from.
    ///   - headingShift: How much deeper headings become.
    ///   - keepsTitle: Whether the title stays in the body.
    ///   - regionNames: What tables and code blocks are called.
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

    /// Renders a text.
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
        // Blocks are called by the headings above them, so before the title may go.
        tree.wrapScrollingBlocks(regionNames)
        let outline = tree.nameHeadings(shift: headingShift, keepingTitle: keepsTitle)
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

/// A document as HTML, with what a page around it needs.
public struct RenderedMarkdown: Sendable {
    /// The body, safe to put into a page as it is.
    public let html: String
    /// The first heading of level 1 in the source, at the level it is rendered with.
    public let title: MarkdownHeading?
    /// All other headings in their order.
    public let headings: [MarkdownHeading]
}

/// A heading of a document, as a table of contents needs it.
public struct MarkdownHeading: Sendable, Hashable {
    /// Its level as rendered, from 1 to 6.
    public let level: Int
    /// Its words without any markup.
    public let text: String
    /// The anchor GitHub gives it, without `#`; empty if its words have no letter, digit, hyphen or blank.
    public let id: String

    /// Names a heading.
    public init(level: Int, text: String, id: String) {
        self.level = level
        self.text = text
        self.id = id
    }
}

/// Why a document is not rendered.
public enum MarkdownError: Error, Sendable, Equatable, CustomStringConvertible {
    /// It has more bytes than the renderer takes.
    case tooLarge(bytes: Int, limit: Int)
    /// Its tables could have more cells than the renderer takes.
    case tooManyCells(limit: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .tooLarge(let bytes, let limit): "The document has \(bytes) bytes; at most \(limit) are rendered. Split it."
        case .tooManyCells(let limit): "The document's tables could have more than \(limit) cells. Split it, or give a table fewer columns."
        }
    }
}
